"""Signatures: whose, over what, with which credential; and what may follow them."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kit import NO_SALT, Seen
from aggregates.note import AGGREGATE
from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    EnterNoteInError,
    ReturnNote,
    ReviseNote,
    SignNote,
)
from aggregates.note.content import commitment, error
from aggregates.note.facts import (
    ErrorWords,
    NoteAmended,
    NoteContent,
    NoteCosigned,
    NoteDrafted,
    NoteEnteredInError,
    NoteReturned,
    NoteSigned,
    ReturnWords,
    SignatureAttested,
)
from aggregates.note.refusals import (
    AmendmentIdTaken,
    AnothersSignature,
    AttestationForOrder,
    CosignerMissing,
    CredentialNotActive,
    EmptyDocument,
    NarrativeStruck,
    NoCosignatureNeeded,
    NoteAlreadyCosigned,
    NoteAlreadySigned,
    NoteNotSigned,
    NoteStruck,
    NotTheSigner,
    NotTheSupervisor,
    NotYoursToStrike,
    SignatureIsMadeNow,
    SignedOtherContent,
    SupervisorMissing,
    UnknownNote,
)
from tests.aggregates.clinic import (
    EVENING,
    FACILITATOR,
    MONDAY,
    PROGRAM,
    SESSION,
    a_clinician,
    at,
    attendance,
    enrollment,
    patient,
    that_evening,
)
from tests.aggregates.documents import ABOUT, NARRATIVE, NOTE, addition, revision, told, words
from tests.aggregates.scenario import an_act, an_id, every_prefix_folds, given, seen_as

SUPERVISOR, COLLEAGUE = an_id("clinician", 2), an_id("clinician", 3)
LATER = "2026-03-05T14:00:00.000000Z"
BY_SUPERVISOR = that_evening(by=SUPERVISOR, role="supervisor", occurred_at=LATER)
BY_COLLEAGUE = that_evening(by=COLLEAGUE, occurred_at=LATER)
LICENSED = {"clinician": a_clinician()}
ASSOCIATE = {"clinician": a_clinician(associate=True, supervisor=2)}
COSIGNER = {"clinician": a_clinician(2)}


def drafted(content: NoteContent = words(), note_id: str = NOTE, **changes: Any) -> NoteDrafted:  # noqa: B008 # a value
    """An individual note."""
    fields: dict[str, Any] = {
        "kind": "individual", "program_id": PROGRAM, "author_id": FACILITATOR, "service_date": MONDAY,
        "service_ended_at": at("10:30"), "session_id": SESSION, "service_kind": "individual",
        "patient_id": patient(1), "enrollment_id": enrollment(1), "attendance_id": attendance(1),
        "content_digest": ABOUT,
    }
    return told(NoteDrafted(**(fields | changes)), content, note_id=note_id)


FIRST = drafted().content_digest
UNREADY = ("focus", "interventions", "progress", "risk", "plan")
"""What an individual document of one section lacks."""
OF_A_PART = ("participation", "progress", "risk", "plan")


def signed(**changes: Any) -> NoteSigned:
    """The author's signature on Monday evening."""
    fields: dict[str, Any] = {
        "signer_id": FACILITATOR, "content_digest": FIRST, "note_version": 1, "service_date": MONDAY,
        "signed_at": at("23:00"), "credential": "LPC", "credential_active": True, "needs_cosignature": False,
        "unready": UNREADY,
    }
    return NoteSigned(**(fields | changes))


def cosigned(**changes: Any) -> NoteCosigned:
    """The supervisor's signature on Thursday."""
    fields: dict[str, Any] = {
        "signer_id": SUPERVISOR, "content_digest": FIRST, "note_version": 1, "service_date": MONDAY,
        "signed_at": LATER, "credential": "LPC", "credential_active": True,
    }
    return NoteCosigned(**(fields | changes))


NOTHING = NoteContent(sections=())
OTHER = "f" * 64
MORE = revision(drafted(), words("More."))
SIGN, COSIGN = SignNote(note_id=NOTE), CosignNote(note_id=NOTE)
BY_AN_ASSOCIATE = signed(needs_cosignature=True, supervisor_id=SUPERVISOR)
DRAFT = given(AGGREGATE, drafted())
SIGNED = given(AGGREGATE, drafted(), signed())
WAITING = given(AGGREGATE, drafted(), BY_AN_ASSOCIATE)


def test_the_author_signs_what_it_says() -> None:
    """Over the current words, with the credential of the day of service; signing twice is once."""
    DRAFT.when(SIGN, EVENING, LICENSED).then(signed()).never_twice()
    DRAFT.when(SignNote(note_id=NOTE, content_digest=FIRST), EVENING, LICENSED).then(signed())


def test_nobody_signs_for_another() -> None:
    """Not a colleague, not a supervisor, not even on the author's behalf."""
    scribe = that_evening(by=COLLEAGUE, on_behalf_of=FACILITATOR)
    for act in (BY_COLLEAGUE, BY_SUPERVISOR, scribe):
        DRAFT.when(SIGN, act, LICENSED).refuses(AnothersSignature)
        SIGNED.when(SIGN, act, LICENSED).refuses(AnothersSignature)


def test_a_signature_needs_words_and_the_ones_that_were_read() -> None:
    """An empty document says nothing; a digest of other words is refused, before and after signing."""
    given(AGGREGATE, drafted(NOTHING)).when(SIGN, EVENING, LICENSED).refuses(EmptyDocument)
    other = SignNote(note_id=NOTE, content_digest=OTHER)
    DRAFT.when(other, EVENING, LICENSED).refuses(SignedOtherContent)
    message = SIGNED.when(other, EVENING, LICENSED).refuses(NoteAlreadySigned)
    assert "amendment" in message


def test_a_signature_covers_the_latest_wording() -> None:
    """Its version counts the wordings."""
    given(AGGREGATE, drafted(), MORE).when(SIGN, EVENING, LICENSED).then(
        signed(content_digest=MORE.content_digest, note_version=2),
    )


def test_lateness_is_never_refused() -> None:
    """Ten weeks later, with or without a reason: recorded as it is."""
    late = that_evening(occurred_at="2026-05-11T09:00:00.000000Z")
    DRAFT.when(SIGN, late, LICENSED).then(signed(signed_at=late.occurred_at))
    reasoned = SignNote(note_id=NOTE, late_reason="system_down")
    DRAFT.when(reasoned, late, LICENSED).then(signed(signed_at=late.occurred_at, late_reason="system_down"))


@pytest.mark.parametrize("signer", [a_clinician(licensed=False), a_clinician(lapsed_on="2026-03-02")])
def test_nobody_signs_for_a_day_without_an_active_credential(signer: Seen) -> None:
    """Active on the day of service is what counts, and no cause takes its place."""
    for command in (SIGN, SignNote(note_id=NOTE, override_cause="renewal_pending")):
        DRAFT.when(command, EVENING, {"clinician": signer}).refuses(CredentialNotActive)


def test_a_credential_that_is_recorded_late_is_recorded_before_the_signature() -> None:
    """Then it is as if it had been known all along."""
    message = DRAFT.when(SIGN, EVENING, {"clinician": a_clinician(licensed=False)}).refuses(CredentialNotActive)
    assert "recorded first" in message
    DRAFT.when(SIGN, EVENING, {"clinician": a_clinician()}).then(signed())


def test_a_credential_that_lapsed_after_the_service_was_active() -> None:
    """Signed after the lapse, dated before it."""
    signer = {"clinician": a_clinician(lapsed_on="2026-03-03")}
    DRAFT.when(SIGN, that_evening(occurred_at=LATER), signer).then(signed(signed_at=LATER))


def test_an_associate_signs_under_supervision() -> None:
    """The supervisor of the day of service is on the signature; without one it takes a cause."""
    DRAFT.when(SIGN, EVENING, ASSOCIATE).then(BY_AN_ASSOCIATE)
    DRAFT.when(SIGN, EVENING, {"clinician": a_clinician(supervisor=2)}).then(signed())
    DRAFT.when(SignNote(note_id=NOTE, override_cause="on_vacation"), EVENING, ASSOCIATE).then(BY_AN_ASSOCIATE)
    alone = {"clinician": a_clinician(associate=True)}
    DRAFT.when(SIGN, EVENING, alone).refuses(SupervisorMissing)
    DRAFT.when(SignNote(note_id=NOTE, override_cause="on_vacation"), EVENING, alone).then(
        signed(needs_cosignature=True, override_cause="on_vacation"),
    )


def test_a_group_note_binds_the_narrative_as_it_stands() -> None:
    """Signed or not; on a narrative that was struck nothing is signed."""
    narrative = drafted(kind="group_narrative", patient_id=None, enrollment_id=None, attendance_id=None,
                        content=words("The group practised."), note_id=NARRATIVE)
    struck = NoteEnteredInError(declared_by=FACILITATOR, cause="duplicate")
    own_part = drafted(kind="group", narrative_id=NARRATIVE)
    part, own = given(AGGREGATE, own_part), own_part.content_digest
    part.when(SIGN, EVENING, LICENSED | {"narrative": seen_as(AGGREGATE, NARRATIVE, narrative)}).then(
        signed(content_digest=own, narrative_digest=narrative.content_digest, unready=OF_A_PART),
    )
    gone = LICENSED | {"narrative": seen_as(AGGREGATE, NARRATIVE, narrative, struck)}
    part.when(SIGN, EVENING, gone).refuses(NarrativeStruck)
    part.when(ATTEST, EVENING, gone).refuses(NarrativeStruck)


def test_what_is_signed_is_not_rewritten() -> None:
    """A revision is refused and says to amend."""
    SIGNED.when(ReviseNote(note_id=NOTE, content=words("More.")), EVENING).refuses(NoteAlreadySigned)


def test_the_supervisor_on_record_cosigns_the_same_words() -> None:
    """A second signature with its own time; cosigning twice is once."""
    done = WAITING.when(COSIGN, BY_SUPERVISOR, COSIGNER).then(cosigned()).never_twice()
    done.after.when(CosignNote(note_id=NOTE, content_digest=OTHER), BY_SUPERVISOR, COSIGNER).refuses(
        NoteAlreadyCosigned,
    )
    other = that_evening(by=COLLEAGUE, role="supervisor", occurred_at=LATER)
    done.after.when(COSIGN, other, COSIGNER).refuses(NoteAlreadyCosigned)
    WAITING.when(CosignNote(note_id=NOTE, content_digest=OTHER), BY_SUPERVISOR, COSIGNER).refuses(SignedOtherContent)


def test_another_supervisor_cosigns_under_their_own_id() -> None:
    """Named as the cosigner and in the role; somebody else's id is somebody else's signature."""
    other = that_evening(by=COLLEAGUE, role="supervisor", occurred_at=LATER)
    WAITING.when(COSIGN, other, COSIGNER).refuses(AnothersSignature)
    named = CosignNote(note_id=NOTE, cosigner_id=COLLEAGUE)
    WAITING.when(named, other, {"clinician": a_clinician(3)}).then(cosigned(signer_id=COLLEAGUE))
    SIGNED.when(named, other, {"clinician": a_clinician(3)}).then(cosigned(signer_id=COLLEAGUE))
    SIGNED.when(COSIGN, other, COSIGNER).refuses(CosignerMissing)


def test_a_cosigner_is_a_supervisor_and_never_the_author() -> None:
    """Not a colleague, not an associate, and not the author in a supervisor's role."""
    named = CosignNote(note_id=NOTE, cosigner_id=COLLEAGUE)
    WAITING.when(named, BY_COLLEAGUE, {"clinician": a_clinician(3)}).refuses(NotTheSupervisor)
    author = that_evening(role="supervisor")
    WAITING.when(CosignNote(note_id=NOTE, cosigner_id=FACILITATOR), author, LICENSED).refuses(NotTheSupervisor)
    associate = {"clinician": a_clinician(2, associate=True, supervisor=3)}
    WAITING.when(COSIGN, BY_SUPERVISOR, associate).refuses(NotTheSupervisor)


def test_a_cosigner_needs_a_credential_and_an_authors_signature() -> None:
    """Lapsed before the day of service: not at all; unsigned: the author first."""
    lapsed = {"clinician": a_clinician(2, lapsed_on="2026-01-01")}
    WAITING.when(COSIGN, BY_SUPERVISOR, lapsed).refuses(CredentialNotActive)
    DRAFT.when(CosignNote(note_id=NOTE, cosigner_id=SUPERVISOR), BY_SUPERVISOR, COSIGNER).refuses(NoteNotSigned)


def test_a_supervisor_sends_a_document_back() -> None:
    """It is a draft again, may be revised and signed again; after the cosignature it is too late."""
    back = ReturnNote(note_id=NOTE, cause="goal_missing", words="Say which goal.")
    fact = NoteReturned(returned_by=SUPERVISOR, cause="goal_missing", sealed=ReturnWords(words="Say which goal."))
    decided = WAITING.when(back, BY_SUPERVISOR).then(fact)
    decided.after.when(back, BY_SUPERVISOR).refuses(NoteNotSigned)
    revised = decided.after.when(ReviseNote(note_id=NOTE, content=words("More.")), EVENING)
    again = revised.after.when(SIGN, EVENING, ASSOCIATE)
    assert (again.facts[0].note_version, again.facts[0].content_digest) == (2, MORE.content_digest)
    WAITING.when(back, BY_COLLEAGUE).refuses(NotTheSupervisor)
    WAITING.when(back, that_evening(role="supervisor")).refuses(NotTheSupervisor)
    given(AGGREGATE, drafted(), BY_AN_ASSOCIATE, cosigned()).when(back, BY_SUPERVISOR).refuses(NoteAlreadyCosigned)


@pytest.mark.parametrize("finished", [signed(), signed(supervisor_id=SUPERVISOR)])
def test_what_needs_no_cosignature_is_not_sent_back(finished: NoteSigned) -> None:
    """A licensed author's signature finishes it, whoever supervises them: it is amended, and stays as it was."""
    back = ReturnNote(note_id=NOTE, cause="goal_missing", words="Say which goal.")
    message = given(AGGREGATE, drafted(), finished).when(back, BY_SUPERVISOR).refuses(NoCosignatureNeeded)
    assert "amendment" in message


def to_amend(text: str = "The exercise served goal 1.", number: int = 1) -> AmendNote:
    """The command for an addendum."""
    return AmendNote(note_id=NOTE, amendment_id=an_id("amendment", number), kind="addendum", section="response",
                     cause="payer_request", content=words(text))


def amended(signer_id: str, signed_at: str) -> NoteAmended:
    """The fact of that addendum."""
    content = words("The exercise served goal 1.")
    fact = NoteAmended(amendment_id=an_id("amendment"), kind="addendum", section="response", signer_id=signer_id,
                       signed_at=signed_at, cause="payer_request", content_digest=ABOUT)
    return addition(fact, content)


def test_who_signed_amends() -> None:
    """The author, or the cosigner; each amendment is signed in the same act, and told twice it is one."""
    decided = SIGNED.when(to_amend(), EVENING).then(amended(FACILITATOR, at("23:00"))).never_twice()
    decided.after.when(to_amend("Something else."), EVENING).refuses(AmendmentIdTaken)
    assert len(decided.after.when(to_amend("Something else.", 2), EVENING).state.amendments) == 2
    twice_signed = given(AGGREGATE, drafted(), BY_AN_ASSOCIATE, cosigned())
    twice_signed.when(to_amend(), BY_SUPERVISOR).then(amended(SUPERVISOR, LATER))
    twice_signed.when(to_amend(), BY_COLLEAGUE).refuses(NotTheSigner)
    WAITING.when(to_amend(), BY_SUPERVISOR).refuses(NotTheSigner)


def test_an_amendments_id_is_taken_for_good() -> None:
    """Also once the document was sent back: told again over the same wording it is still one, over another it is
    refused."""
    back = ReturnNote(note_id=NOTE, cause="goal_missing", words="Say which goal.")
    sent = WAITING.when(to_amend(), EVENING).after.when(back, BY_SUPERVISOR).after
    assert sent.when(SIGN, EVENING, ASSOCIATE).after.when(to_amend(), EVENING).facts == ()
    revised = sent.when(ReviseNote(note_id=NOTE, content=words("More.")), EVENING).after
    signed_again = revised.when(SIGN, EVENING, ASSOCIATE).after
    signed_again.when(to_amend(), EVENING).refuses(AmendmentIdTaken)
    assert len(signed_again.when(to_amend(number=2), EVENING).state.amendments) == 2


def test_an_amendment_adds_words_to_a_signed_document() -> None:
    """Before the signature the draft is revised instead; an empty addition adds nothing."""
    DRAFT.when(to_amend(), EVENING).refuses(NoteNotSigned)
    empty = AmendNote(note_id=NOTE, amendment_id=an_id("amendment"), kind="addendum", cause="payer_request",
                      content=NoteContent(sections=()))
    SIGNED.when(empty, EVENING).refuses(EmptyDocument)


ATTEST = AttestSignature(note_id=NOTE)


def attested(**changes: Any) -> SignatureAttested:
    """The author's attestation on Monday evening."""
    fields: dict[str, Any] = {
        "signer_id": FACILITATOR, "service_date": MONDAY, "attested_at": at("23:00"), "content_digest": FIRST,
        "note_version": 1, "credential": "LPC", "credential_active": True, "unready": UNREADY,
    }
    return SignatureAttested(**(fields | changes))


def test_the_author_attests_to_a_missing_signature() -> None:
    """Once, and then it is closed like a signed one: amended, not rewritten or signed again."""
    decided = DRAFT.when(ATTEST, EVENING, LICENSED).then(attested()).never_twice()
    decided.after.when(SIGN, EVENING, LICENSED).refuses(NoteAlreadySigned)
    decided.after.when(to_amend(), EVENING).then(amended(FACILITATOR, at("23:00")))
    decided.after.when(CosignNote(note_id=NOTE, cosigner_id=SUPERVISOR), BY_SUPERVISOR, COSIGNER).then(cosigned())


def test_an_attestation_is_the_authors_own() -> None:
    """Nobody attests for a colleague, for an order, or for nothing."""
    DRAFT.when(ATTEST, BY_COLLEAGUE).refuses(AnothersSignature)
    given(AGGREGATE, drafted(kind="order")).when(ATTEST, EVENING).refuses(AttestationForOrder)
    given(AGGREGATE, drafted(NOTHING)).when(ATTEST, EVENING).refuses(EmptyDocument)


STRIKE = EnterNoteInError(note_id=NOTE, cause="wrong_patient", words="Belongs to another chart.")


def struck(by: str) -> NoteEnteredInError:
    """The fact of striking a document."""
    why = commitment(error(NOTE, 1, "wrong_patient", "Belongs to another chart."), NO_SALT)
    return NoteEnteredInError(declared_by=by, cause="wrong_patient", words_digest=why,
                              sealed=ErrorWords(words="Belongs to another chart.", salt=NO_SALT))


@pytest.mark.parametrize("past", [DRAFT, SIGNED, WAITING])
def test_a_document_is_struck_by_its_author_or_a_supervisor(past: Any) -> None:
    """In every phase, by the author or somebody who supervises; not by a colleague."""
    past.when(STRIKE, EVENING).then(struck(FACILITATOR)).never_twice()
    past.when(STRIKE, BY_SUPERVISOR).then(struck(SUPERVISOR))
    past.when(STRIKE, BY_COLLEAGUE).refuses(NotYoursToStrike)


def test_the_supervisor_on_record_strikes_in_any_role() -> None:
    """The record of the signature says who supervises."""
    WAITING.when(STRIKE, that_evening(by=SUPERVISOR)).then(struck(SUPERVISOR))


@pytest.mark.parametrize(
    "command", [SIGN, COSIGN, ATTEST, to_amend(), ReviseNote(note_id=NOTE, content=words()), STRIKE],
)
def test_nothing_follows_a_struck_document(command: Any) -> None:
    """It stays readable and as it is."""
    past = given(AGGREGATE, drafted(), signed(), struck(SUPERVISOR))
    past.when(command, EVENING, LICENSED).refuses(NoteStruck)
    given(AGGREGATE).when(command, EVENING, LICENSED).refuses(UnknownNote)


def test_any_prefix_of_a_document_folds() -> None:
    """Wherever the stream is cut; facts that do not fit the phase change nothing."""
    returned = NoteReturned(returned_by=SUPERVISOR, cause="goal_missing")
    story = (drafted(), cosigned(), amended(FACILITATOR, LATER), BY_AN_ASSOCIATE, returned, MORE, BY_AN_ASSOCIATE,
             cosigned(), amended(SUPERVISOR, LATER), struck(FACILITATOR))
    every_prefix_folds(AGGREGATE, *story)
    every_prefix_folds(AGGREGATE, *story[::-1])


@pytest.mark.parametrize("command", [
    SignNote(note_id=NOTE), CosignNote(note_id=NOTE), AttestSignature(note_id=NOTE),
    AmendNote(note_id=NOTE, amendment_id=an_id("amendment"), kind="addendum", cause="more", content=words("More.")),
])  # fmt: skip
def test_a_signature_is_made_when_it_is_recorded(command: object) -> None:
    """Nobody signs for yesterday: an earlier time beside the command is refused, and a late one has a late reason."""
    act = an_act(by=FACILITATOR, occurred_at="2026-03-02T20:00:00.000000Z", now="2026-03-03T20:00:00.000000Z")
    given(AGGREGATE, drafted()).when(command, act).refuses(SignatureIsMadeNow)
