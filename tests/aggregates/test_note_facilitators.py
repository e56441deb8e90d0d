"""A signature of each of the others who led a session, over the words that the author signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.kit import Seen
from aggregates.note import AGGREGATE
from aggregates.note.commands import AmendNote, CosignNote, ReturnNote, ReviseNote, SignAsFacilitator, SignNote
from aggregates.note.facts import FacilitatorSigned, NoteEnteredInError
from aggregates.note.refusals import (
    AnothersSignature,
    CredentialNotActive,
    DocumentOfNoSession,
    FacilitatorHasSigned,
    FacilitatorUnnamed,
    NotAFacilitator,
    NotEmployed,
    NoteNotSigned,
    NoteStruck,
    NotInTheGroup,
    NotTheSigner,
    SignatureIsMadeNow,
    SignedOtherContent,
    SignsAsAuthor,
    UnknownNote,
)
from aggregates.session import AGGREGATE as SESSIONS
from aggregates.session.facts import Attendance, Interval, SessionClosed
from tests.aggregates.clinic import (
    FACILITATOR,
    MONDAY,
    SESSION,
    a_clinician,
    a_plan,
    at,
    attendance,
    began,
    expected,
    that_evening,
)
from tests.aggregates.documents import ABOUT, NARRATIVE, NOTE, revision, words
from tests.aggregates.scenario import an_id, every_prefix_folds, given, seen_as
from tests.aggregates.test_note_signing import BY_AN_ASSOCIATE, BY_SUPERVISOR, COSIGNER, cosigned, drafted, signed

SECOND, THIRD, OUTSIDER = (an_id("clinician", number) for number in (4, 5, 6))
ALL = (FACILITATOR, SECOND, THIRD)
PLANNED = (a_plan(facilitators=ALL), expected(1))
OF_ALL = drafted(kind="group_narrative", patient_id=None, enrollment_id=None, attendance_id=None)
AUTHORS = signed(content_digest=OF_ALL.content_digest)
WRITTEN, AUTHORED = given(AGGREGATE, OF_ALL), given(AGGREGATE, OF_ALL, AUTHORS)


def closed(facilitators: tuple[str, ...], status: Any = "present") -> SessionClosed:
    """The session's end, led by these in the end."""
    whole = Interval(start=at("09:00"), stop=at("10:30"))
    here = status == "present"
    return SessionClosed(
        program_id=a_plan().program_id, service_kind="group", level_of_care="intensive_outpatient", topic="coping",
        service_date=MONDAY, scheduled=whole, actual=whole, facilitators=facilitators, breaks=(), head_count=int(here),
        peak_count=int(here), attendances=(Attendance(
            attendance_id=attendance(1), status=status, intervals=(whole,) if here else (), minutes=90 if here else 0,
            modality="in_person", place_of_service="53",
        ),),
    )  # fmt: skip


def seen(number: int = 4, *more: Any, plan: tuple[Any, ...] = PLANNED, **changes: Any) -> dict[str, Seen]:
    """What is looked at when this clinician signs: who they are, and the session with what followed its plan."""
    return {"clinician": a_clinician(number, **changes), "session": seen_as(SESSIONS, SESSION, *plan, *more)}


def to_sign(signer_id: str | None = SECOND, **changes: Any) -> SignAsFacilitator:
    """The command of a facilitator who is not the author."""
    return SignAsFacilitator(note_id=NOTE, signer_id=signer_id, **changes)


def also_signed(signer_id: str = SECOND, **changes: Any) -> FacilitatorSigned:
    """The fact of that on Monday evening."""
    fields: dict[str, Any] = {
        "signer_id": signer_id, "content_digest": OF_ALL.content_digest, "note_version": 1, "service_date": MONDAY,
        "signed_at": at("23:00"), "credential": "LPC", "credential_active": True,
    }
    return FacilitatorSigned(**(fields | changes))


def by(person: str) -> Any:
    """That person's act on Monday evening."""
    return that_evening(by=person)


def test_each_of_the_others_who_led_signs_the_same_words() -> None:
    """One after the other, in any order and as many as led; told again it is still one."""
    second = AUTHORED.when(to_sign(), by(SECOND), seen()).then(also_signed()).never_twice()
    third = second.after.when(to_sign(THIRD), by(THIRD), seen(5)).then(also_signed(THIRD))
    assert third.state.facilitators == (SECOND, THIRD)
    AUTHORED.when(to_sign(THIRD, late_reason="holiday"), by(THIRD), seen(5)).then(
        also_signed(THIRD, late_reason="holiday")
    )


def test_a_part_is_signed_like_the_narrative() -> None:
    """By who led its session."""
    part = drafted(kind="group", narrative_id=NARRATIVE)
    given(AGGREGATE, part, signed(content_digest=part.content_digest)).when(to_sign(), by(SECOND), seen()).then(
        also_signed(content_digest=part.content_digest)
    )


def test_the_author_signs_first() -> None:
    """A draft has nothing yet to sign beside; nor has what was never written, or was struck."""
    WRITTEN.when(to_sign(), by(SECOND), seen()).refuses(NoteNotSigned)
    given(AGGREGATE).when(to_sign(), by(SECOND), seen()).refuses(UnknownNote)
    struck = NoteEnteredInError(declared_by=FACILITATOR, cause="duplicate")
    given(AGGREGATE, OF_ALL, AUTHORS, struck).when(to_sign(), by(SECOND), seen()).refuses(NoteStruck)


def test_the_author_does_not_sign_beside_themselves() -> None:
    """Though they led the session too."""
    AUTHORED.when(to_sign(FACILITATOR), by(FACILITATOR), seen(1)).refuses(SignsAsAuthor)


def test_who_did_not_lead_the_session_does_not_sign() -> None:
    """Those who are to lead it until it began; then those who did, whoever was planned."""
    message = AUTHORED.when(to_sign(OUTSIDER), by(OUTSIDER), seen(6)).refuses(NotAFacilitator)
    assert all(one in message for one in ALL)
    came_instead = (replace(began(), facilitators=(FACILITATOR, OUTSIDER)), closed((FACILITATOR, OUTSIDER)))
    for led in (came_instead[:1], came_instead):
        AUTHORED.when(to_sign(), by(SECOND), seen(4, *led)).refuses(NotAFacilitator)
        AUTHORED.when(to_sign(OUTSIDER), by(OUTSIDER), seen(6, *led)).then(also_signed(OUTSIDER))


def test_a_document_of_no_session_has_no_facilitators() -> None:
    """Whatever the signer led that day; not even before its author signed."""
    alone = drafted(kind="plan_of_care", session_id=None, attendance_id=None)
    for past in ((alone,), (alone, signed(content_digest=alone.content_digest))):
        given(AGGREGATE, *past).when(to_sign(), by(SECOND), seen()).refuses(DocumentOfNoSession)


def test_each_signs_once() -> None:
    """Meaning other words, or with another signature, it is refused by who signed."""
    done = given(AGGREGATE, OF_ALL, AUTHORS, also_signed())
    message = done.when(to_sign(content_digest=ABOUT), by(SECOND), seen()).refuses(FacilitatorHasSigned)
    assert SECOND in message


def test_nobody_signs_for_another_who_led() -> None:
    """The id that is given is the signer's own, and it is given."""
    AUTHORED.when(to_sign(THIRD), by(SECOND), seen(5)).refuses(AnothersSignature)
    AUTHORED.when(to_sign(None), by(SECOND), seen()).refuses(FacilitatorUnnamed)
    for_them = that_evening(by=OUTSIDER, on_behalf_of=SECOND)
    AUTHORED.when(to_sign(), for_them, seen()).refuses(NotAFacilitator)


def test_it_is_of_the_words_that_were_read() -> None:
    """Not of others, and not of a time that is past."""
    AUTHORED.when(to_sign(content_digest=ABOUT), by(SECOND), seen()).refuses(SignedOtherContent)
    right = to_sign(content_digest=OF_ALL.content_digest)
    AUTHORED.when(right, by(SECOND), seen()).then(also_signed())
    earlier = that_evening(by=SECOND, occurred_at=at("22:00"), now=at("23:00"))
    AUTHORED.when(to_sign(), earlier, seen()).refuses(SignatureIsMadeNow)


@pytest.mark.parametrize("without", [{"licensed": False}, {"lapsed_on": MONDAY}])
def test_the_credential_was_active_on_the_day_of_service(without: dict[str, Any]) -> None:
    """Nobody signs for a day without one."""
    AUTHORED.when(to_sign(), by(SECOND), seen(4, **without)).refuses(CredentialNotActive)


def test_the_facilitator_worked_here_on_the_day_of_service() -> None:
    """As its author did."""
    AUTHORED.when(to_sign(), by(SECOND), seen(4, left_on="2026-03-01")).refuses(NotEmployed)


def test_an_associates_signature_beside_the_author_stands() -> None:
    """And asks nobody for a cosignature: no source says that it does."""
    associate = seen(4, associate=True, supervisor=2)
    assert not AUTHORED.when(to_sign(), by(SECOND), associate).then(also_signed()).state.needs_cosignature


def test_there_is_no_part_of_who_did_not_come() -> None:
    """As for its author."""
    part = drafted(kind="group", narrative_id=NARRATIVE)
    away = seen(4, began(), closed(ALL, status="absent"))
    given(AGGREGATE, part, signed(content_digest=part.content_digest)).when(to_sign(), by(SECOND), away).refuses(
        NotInTheGroup
    )


def test_it_and_a_cosignature_come_in_either_order() -> None:
    """Neither takes the other's place."""
    past = (drafted(), BY_AN_ASSOCIATE)
    beside = also_signed(content_digest=drafted().content_digest)
    cosign = CosignNote(note_id=NOTE)
    first = given(AGGREGATE, *past, beside).when(cosign, BY_SUPERVISOR, COSIGNER).then(cosigned())
    then = given(AGGREGATE, *past, cosigned()).when(to_sign(), by(SECOND), seen()).then(beside)
    for one in (first.state, then.state):
        assert (one.facilitators, one.cosigner_id) == ((SECOND,), cosigned().signer_id)


def test_what_is_sent_back_is_signed_again_by_all() -> None:
    """The earlier signatures stay in the history and cover no other words."""
    back = ReturnNote(note_id=NOTE, cause="goal_missing", words="Say which goal.")
    past = given(AGGREGATE, drafted(), BY_AN_ASSOCIATE, also_signed(content_digest=drafted().content_digest))
    returned = past.when(back, BY_SUPERVISOR).after
    returned.when(to_sign(), by(SECOND), seen()).refuses(NoteNotSigned)
    again = returned.when(ReviseNote(note_id=NOTE, content=words("More.")), by(FACILITATOR)).after
    author = {"clinician": a_clinician(associate=True, supervisor=2)}
    again = again.when(SignNote(note_id=NOTE), by(FACILITATOR), author).after
    new = revision(drafted(), words("More.")).content_digest
    again.when(to_sign(), by(SECOND), seen()).then(also_signed(content_digest=new, note_version=2))


def test_who_signed_beside_the_author_amends() -> None:
    """Nobody does who led and has not signed."""
    more = AmendNote(
        note_id=NOTE, amendment_id=an_id("amendment"), kind="addendum", cause="left_out", content=words("More."),
        signer_id=SECOND,
    )  # fmt: skip
    AUTHORED.when(more, by(SECOND), seen()).refuses(NotTheSigner)
    done = given(AGGREGATE, OF_ALL, AUTHORS, also_signed()).when(more, by(SECOND), seen())
    assert [one.signer_id for one in done.facts] == [SECOND]


def test_what_it_looks_at() -> None:
    """The session and the signer; no patient, no payer, and nothing of a document that there is not."""
    state = given(AGGREGATE, OF_ALL, AUTHORS).when(to_sign(), by(SECOND), seen()).state
    assert set(AGGREGATE.consult(state, to_sign())) == {"session", "clinician", "program"}
    assert AGGREGATE.further(state, to_sign(), seen()) == {}
    assert AGGREGATE.consult(AGGREGATE.initial, to_sign()) == {}


def test_its_every_prefix_folds() -> None:
    """Wherever the facts end."""
    every_prefix_folds(AGGREGATE, OF_ALL, AUTHORS, also_signed(), also_signed(THIRD))
