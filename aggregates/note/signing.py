"""The signature and what follows it: a facilitator's, cosignature, return, amendment, attestation, striking out.

Lateness is never refused: a signature carries its time and, when given, the signer's reason, and the payer's policy
decides. Nobody signs for a service of a day on which no credential of theirs is known to have been active; where one is
recorded late, it is recorded before the signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kit import Act, Release, Seen
from aggregates.note.certifying import must_certify
from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    EnterNoteInError,
    RestOnNarrative,
    ReturnNote,
    SignAsFacilitator,
    SignNote,
)
from aggregates.note.content import amendment, commitment, error, unsalted
from aggregates.note.drafting import must_have_come, must_rest_on, place_of, readable
from aggregates.note.facts import (
    GOALS,
    UNNAMED,
    ErrorWords,
    FacilitatorSigned,
    NarrativeReplaced,
    NoteAmended,
    NoteCosigned,
    NoteEnteredInError,
    NoteReturned,
    NoteSigned,
    ReturnWords,
    SealedAmendment,
    SignatureAttested,
)
from aggregates.note.members import must_name_nobody_else, words_must_name_nobody_else
from aggregates.note.refusals import (
    AlreadyAttested,
    AmendmentIdTaken,
    AnothersSignature,
    AttestationForOrder,
    CorrectionHoldsOther,
    CorrectionOfNothing,
    CosignerMissing,
    DocumentOfNoSession,
    EmptyDocument,
    FacilitatorHasSigned,
    FacilitatorUnnamed,
    GoalsAreCorrected,
    NarrativeStands,
    NoCosignatureNeeded,
    NotAFacilitator,
    NoteAlreadyCosigned,
    NoteAlreadySigned,
    NoteNotSigned,
    NotTheSigner,
    NotTheSupervisor,
    NotYoursToStrike,
    SectionMissing,
    SignsAsAuthor,
)
from aggregates.note.standing import (
    credential_of,
    credential_of_giver,
    led_by,
    must_be_author,
    must_say,
    narrative_digest,
    standing,
)
from aggregates.note.state import Cosigned, Document, Signed, State, Struck
from aggregates.values import Digest, PersonId

Outcomes = tuple[Any, ...]


def sign(state: State, command: SignNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The author's signature; told a second time over the same words it is the first."""
    document = readable(state, command.note_id)
    must_be_author(document, act)
    if isinstance(document, Signed):
        told_again = command.signature is None and command.content_digest in (None, document.content_digest)
        if told_again and not document.attested:
            return ()
        raise NoteAlreadySigned(by=document.signer_id, at=document.signed_at)
    must_say(document, command.content_digest)
    must_certify(document.drafted, act, seen)
    fact = NoteSigned(
        signer_id=act.by, content_digest=document.content_digest, narrative_digest=narrative_digest(document, seen),
        note_version=document.version, service_date=document.drafted.service_date, signed_at=act.now,
        late_reason=command.late_reason, **standing(document, command, act, seen),
    )
    return (fact,)


def cosign(state: State, command: CosignNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The supervisor's own signature over the words that the author signed."""
    document = _signed(state, command.note_id)
    if isinstance(document, Cosigned):
        told_again = command.signature is None and command.content_digest in (None, document.content_digest)
        if told_again and document.cosigner_id == act.by:
            return ()
        raise NoteAlreadyCosigned(by=document.cosigner_id, at=document.cosigned_at)
    cosigner_id = command.cosigner_id or document.supervisor_id
    if cosigner_id is None:
        raise CosignerMissing()
    _must_supervise(document, act)
    if cosigner_id != act.by:
        raise AnothersSignature(signer_id=cosigner_id)
    must_say(document, command.content_digest)
    service_date, cosigner = document.drafted.service_date, seen["clinician"].state
    if cosigner.is_associate_on(service_date):
        raise NotTheSupervisor(supervisor_id=document.supervisor_id or "nobody")
    fact = NoteCosigned(
        signer_id=act.by, content_digest=document.content_digest, note_version=document.version,
        service_date=service_date, signed_at=act.now, credential=credential_of(cosigner, act.by, service_date),
        credential_active=True,
    )
    return (fact,)


def sign_as_facilitator(
    state: State, command: SignAsFacilitator, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    """The signature of each of the others who led the session over the words that the author signed, once each."""
    about = readable(state, command.note_id)
    if about.session_id is None:
        raise DocumentOfNoSession(note_id=command.note_id)
    document = _signed(state, command.note_id)
    if act.by == document.author_id:
        raise SignsAsAuthor(by=act.by)
    if act.by in document.facilitators:
        if command.signature is None and command.content_digest in (None, document.content_digest):
            return ()
        raise FacilitatorHasSigned(by=act.by)
    leaders = led_by(seen["session"].state)
    if act.by not in leaders:
        raise NotAFacilitator(facilitators=", ".join(leaders) or "nobody")
    if command.signer_id is None:
        raise FacilitatorUnnamed
    if command.signer_id != act.by:
        raise AnothersSignature(signer_id=command.signer_id)
    must_say(document, command.content_digest)
    must_have_come(document.drafted, seen["session"])
    day = document.drafted.service_date
    fact = FacilitatorSigned(
        signer_id=act.by, content_digest=document.content_digest, note_version=document.version, service_date=day,
        signed_at=act.now, credential=credential_of_giver(seen["clinician"].state, act.by, day), credential_active=True,
        late_reason=command.late_reason,
    )
    return (fact,)


def send_back(state: State, command: ReturnNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Back to the author, while a cosignature is still needed; the signature stays in the history."""
    document = _signed(state, command.note_id)
    if isinstance(document, Cosigned):
        raise NoteAlreadyCosigned(by=document.cosigner_id, at=document.cosigned_at)
    _must_supervise(document, act)
    if not document.needs_cosignature:
        raise NoCosignatureNeeded(by=document.signer_id, at=document.signed_at)
    words_must_name_nobody_else(command.words, document.patient_id, seen, command.identity_override)
    return (
        NoteReturned(
            returned_by=act.by, cause=command.cause, identity_override=command.identity_override,
            sealed=ReturnWords(words=command.words),
        ),
    )


def amend(state: State, command: AmendNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A signed addition by one who signed; told twice it is one. A correction is of a section that there is."""
    document = _signed(state, command.note_id)
    known = next((one for one in document.amendments if one.amendment_id == command.amendment_id), None)
    if known is not None:
        if _told(command, document, known.salt) == known.content_digest:
            return ()
        raise AmendmentIdTaken(amendment_id=command.amendment_id)
    cosigner = (document.cosigner_id,) if isinstance(document, Cosigned) else ()
    signers = dict.fromkeys((document.signer_id, *cosigner, *document.facilitators))
    if act.by not in signers:
        raise NotTheSigner(signers=", ".join(signers))
    _must_be_looked_up(command.signer_id, command, document, act)
    _must_correct(command, document)
    must_name_nobody_else(command.content, document.patient_id, seen, command.identity_override)
    fact = NoteAmended(
        amendment_id=command.amendment_id, kind=command.kind, section=command.section, goals=command.goals,
        signer_id=act.by, signed_at=act.now, cause=command.cause, identity_override=command.identity_override,
        content_digest=_told(command, document, act.salt),
        sealed=SealedAmendment(sections=command.content.sections, salt=act.salt),
    )
    return (fact,)


def attest(state: State, command: AttestSignature, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The author's word for a signature that is missing or was late, once and under the same rules; not for orders."""
    document = readable(state, command.note_id)
    must_be_author(document, act)
    if isinstance(document, Signed) and document.attested:
        if command.signature is None:
            return ()
        raise AlreadyAttested(by=document.signer_id)
    if document.drafted.kind == "order":
        raise AttestationForOrder()
    must_say(document, None)
    must_certify(document.drafted, act, seen)
    rests_on = document.rests_on if isinstance(document, Signed) else narrative_digest(document, seen)
    fact = SignatureAttested(
        signer_id=act.by, service_date=document.drafted.service_date, attested_at=act.now,
        content_digest=document.content_digest, narrative_digest=rests_on, note_version=document.version,
        **standing(document, command, act, seen),
    )
    return (fact,)


def rest_on(state: State, command: RestOnNarrative, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A signed part rests on another narrative of its session, because its own was struck; its signer signs that."""
    document = _signed(state, command.note_id)
    if command.signature is None and document.drafted.narrative_id == command.narrative_id:
        return ()
    if act.by != document.signer_id:
        raise NotTheSigner(signers=document.signer_id)
    now = seen["narrative"].state if "narrative" in seen else None
    if not isinstance(now, Struck):
        raise NarrativeStands(narrative_id=document.drafted.narrative_id or "none")
    following = seen["replacement"].state
    must_rest_on(command.narrative_id, document.drafted.session_id, following)
    fact = NarrativeReplaced(
        narrative_id=command.narrative_id, narrative_digest=following.content_digest, signer_id=act.by,
        signed_at=act.now, cause=command.cause, note_version=document.version, content_digest=document.content_digest,
    )
    return (fact,)


def strike(state: State, command: EnterNoteInError, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Entered in error, by the author or a supervisor; nothing follows, but another may take its place."""
    if isinstance(state, Struck) and state.declared_by == act.by and command.signature is None:
        return ()
    document = readable(state, command.note_id)
    supervisor_id = document.supervisor_id if isinstance(document, Signed) else None
    if act.by not in (document.author_id, supervisor_id) and act.role != "supervisor":
        raise NotYoursToStrike(author_id=document.author_id)
    _must_be_looked_up(command.declared_by, command, document, act)
    words_must_name_nobody_else(command.words, document.patient_id, seen, command.identity_override)
    why = error(command.note_id, document.version, command.cause, command.words)
    fact = NoteEnteredInError(
        declared_by=act.by, cause=command.cause, identity_override=command.identity_override,
        words_digest=commitment(why, act.salt), sealed=ErrorWords(words=command.words, salt=act.salt),
    )
    place = place_of(document.drafted)
    released = () if place is None else (Release(*place),)
    return fact, *released


def _told(command: AmendNote, document: Document, salt: str | None) -> Digest:
    if salt is None:
        return unsalted(command.content)
    added = amendment(
        command.note_id, document.version, command.amendment_id, command.kind, command.section, command.content,
        command.goals,
    )
    return commitment(added, salt)


def _must_correct(command: AmendNote, document: Document) -> None:
    """There are words, and a correction is of one section that the document has, and of nothing else; or it is of the
    goals that a patient's document names."""
    if command.goals is not None:
        if (command.kind, command.section) != ("correction", GOALS) or command.content.sections:
            raise GoalsAreCorrected
        if document.patient_id is None:
            raise CorrectionOfNothing(section=GOALS)
        return
    if not command.content.sections:
        raise EmptyDocument()
    if command.kind != "correction":
        return
    if command.section is None:
        raise SectionMissing
    if command.section not in document.wording.sections and UNNAMED not in document.wording.sections:
        raise CorrectionOfNothing(section=command.section)
    given = [one.name for one in command.content.sections]
    if given != [command.section]:
        raise CorrectionHoldsOther(section=command.section, given=", ".join(given))


def _must_be_looked_up(
    stated: PersonId | None, command: AmendNote | EnterNoteInError, document: Document, act: Act
) -> None:
    """Whose name and credential were looked up, which is the author unless stated otherwise, is who acts."""
    if (stated or command.signature is not None) and (stated or document.author_id) != act.by:
        raise AnothersSignature(signer_id=stated or document.author_id)


def _signed(state: State, note_id: str) -> Signed:
    document = readable(state, note_id)
    if not isinstance(document, Signed):
        raise NoteNotSigned(note_id=note_id)
    return document


def _must_supervise(document: Signed, act: Act) -> None:
    if act.by == document.author_id or (act.by != document.supervisor_id and act.role != "supervisor"):
        raise NotTheSupervisor(supervisor_id=document.supervisor_id or "nobody")
