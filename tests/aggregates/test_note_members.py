"""Nobody's identity in another's chart: decided where words are brought, whichever door they come through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.kit import Seen, Stream
from aggregates.note import AGGREGATE
from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    DraftNote,
    EnterNoteInError,
    ReturnNote,
    ReviseNote,
    SignNote,
)
from aggregates.note.refusals import IdentityOfAnother, NotInTheGroup
from aggregates.patient import AGGREGATE as PATIENTS
from aggregates.patient.facts import Identity, PatientRegistered
from aggregates.session import AGGREGATE as SESSIONS
from aggregates.session.facts import Attendance, Interval, SessionClosed
from tests.aggregates.clinic import (
    EVENING,
    MONDAY,
    PROGRAM,
    SESSION,
    a_plan,
    absent,
    at,
    attendance,
    expected,
    patient,
)
from tests.aggregates.documents import NARRATIVE, NOTE, words
from tests.aggregates.scenario import an_id, folded, given, seen_as
from tests.aggregates.test_note import a_narrative, drafted, seen, the_session, to_draft
from tests.aggregates.test_note_signing import BY_SUPERVISOR, FACILITATOR, LICENSED, SUPERVISOR, signed

NAMES = {1: ("Okafor", "Grace"), 2: ("Lindqvist", "Arvid")}


def member(number: int) -> Seen:
    """A patient of the roster, with name and record number."""
    family, first = NAMES[number]
    identity = Identity(
        family_name=family, given_name=first, birth_date="1990-04-01", sex="unknown",
        medical_record_number=f"MRN-4471{number}",
    )
    fact = PatientRegistered(year_of_birth=1990, has_medical_record_number=True, has_address=False, sealed=identity)
    return seen_as(PATIENTS, patient(number), fact)


MEMBERS = {f"member:{patient(number)}": member(number) for number in NAMES}


def test_the_roster_is_looked_at_where_words_are_brought() -> None:
    """For a draft, a revision, an amendment and a signature of a session's document."""
    people = {f"member:{patient(number)}": Stream("patient", patient(number)) for number in NAMES}
    session = {"session": the_session()}
    assert AGGREGATE.further(AGGREGATE.initial, to_draft(), session) == people
    state = given(AGGREGATE).when(to_draft(), EVENING, seen()).state
    revise = ReviseNote(note_id=NOTE, content=words())
    assert set(AGGREGATE.consult(state, revise)) == {"session"}
    assert AGGREGATE.further(state, revise, session) == people
    assert AGGREGATE.further(state, SignNote(note_id=NOTE), session) == people
    assert AGGREGATE.further(AGGREGATE.initial, to_draft(session_id=None), {}) == {}


@pytest.mark.parametrize("text", ["Answered Arvid Lindqvist.", "As lindqvist, arvid said.", "Chart 44712 was open."])
def test_another_members_name_or_number_is_refused(text: str) -> None:
    """In a part and in what all share, unless a cause speaks for it, which is kept."""
    part = to_draft(content=words(text))
    told = given(AGGREGATE).when(part, EVENING, seen() | MEMBERS).refuses(IdentityOfAnother)
    assert "Lindqvist" not in told and "4471" not in told
    shared = to_draft(
        note_id=NARRATIVE, kind="group_narrative", patient_id=None, enrollment_id=None, narrative_id=None, goals=(),
        content=words(text),
    )
    given(AGGREGATE).when(shared, EVENING, {"session": the_session()} | MEMBERS).refuses(IdentityOfAnother)
    forced = to_draft(content=words(text), identity_override="sibling")
    [fact] = given(AGGREGATE).when(forced, EVENING, seen() | MEMBERS).facts
    assert fact.identity_override == "sibling"


def test_ones_own_name_and_a_name_alone_may_stand() -> None:
    """The patient's own full name in their own part; another's given name alone only warns."""
    for text in ("Grace Okafor spoke first.", "Arvid listened."):
        assert given(AGGREGATE).when(to_draft(content=words(text)), EVENING, seen() | MEMBERS).refusal is None
    shared = {"note_id": NARRATIVE, "kind": "group_narrative", "patient_id": None, "enrollment_id": None,
              "narrative_id": None, "goals": ()}  # fmt: skip
    named = to_draft(**shared, content=words("Grace Okafor spoke first."))
    given(AGGREGATE).when(named, EVENING, {"session": the_session()} | MEMBERS).refuses(IdentityOfAnother)


def test_revisions_and_amendments_bring_words_too() -> None:
    """What is refused in a draft is refused when it is rewritten and when it is added to."""
    text = words("Answered Arvid Lindqvist.")
    beside = {"session": the_session()} | MEMBERS
    revise = ReviseNote(note_id=NOTE, content=text)
    given(AGGREGATE, drafted()).when(revise, EVENING, beside).refuses(IdentityOfAnother)
    amend = AmendNote(
        note_id=NOTE, amendment_id=an_id("amendment"), kind="addendum", cause="left-out", content=text,
    )
    signature = signed(signer_id=FACILITATOR, content_digest=drafted().content_digest)
    past = given(AGGREGATE, drafted(), signature)
    past.when(amend, EVENING, beside | LICENSED).refuses(IdentityOfAnother)


@pytest.mark.parametrize("command", [SignNote(note_id=NOTE), AttestSignature(note_id=NOTE)])
def test_who_came_onto_the_roster_since_it_was_written_is_not_named_under_a_signature(command: Any) -> None:
    """Refused until it is written otherwise, or a cause stands beside the same words; a single name is no matter."""
    beside = LICENSED | SHARED | {"session": the_session()} | MEMBERS
    past = given(AGGREGATE).when(to_draft(content=words("Answered Arvid Lindqvist.")), EVENING, seen()).after
    told = past.when(command, EVENING, beside).refuses(IdentityOfAnother)
    assert "Lindqvist" not in told
    explained = ReviseNote(note_id=NOTE, content=words("Answered Arvid Lindqvist."), identity_override="sibling")
    past.when(replace(explained, identity_override=None), EVENING).nothing_happened()
    mended = past.when(explained, EVENING, beside).never_twice()
    assert mended.facts[0].identity_override == "sibling"
    assert mended.after.when(command, EVENING, beside).facts
    single = given(AGGREGATE).when(to_draft(content=words("Arvid listened.")), EVENING, seen()).after
    assert single.when(command, EVENING, beside).facts


@pytest.mark.parametrize(
    "command",
    [
        ReturnNote(note_id=NOTE, cause="incomplete", words="Reads like that of Arvid Lindqvist."),
        EnterNoteInError(note_id=NOTE, cause="wrong_patient", words="Of 44712.", declared_by=SUPERVISOR),
    ],
)
def test_the_words_of_a_return_and_of_a_strike_are_read_too(command: Any) -> None:
    """They stand in the patient's chart like every other; a cause speaks for them, and is kept."""
    signature = signed(signer_id=FACILITATOR, content_digest=drafted().content_digest, needs_cosignature=True,
                       supervisor_id=SUPERVISOR)
    past, state = given(AGGREGATE, drafted(), signature), folded(AGGREGATE, drafted(), signature)
    assert AGGREGATE.further(state, command, {"session": the_session()}) == {
        f"member:{patient(number)}": Stream("patient", patient(number)) for number in NAMES
    }
    assert "session" in AGGREGATE.consult(state, command)
    beside = {"session": the_session()} | MEMBERS | LICENSED
    told = past.when(command, BY_SUPERVISOR, beside).refuses(IdentityOfAnother)
    assert "Lindqvist" not in told
    [fact] = past.when(replace(command, identity_override="mistaken_chart"), BY_SUPERVISOR, beside).facts
    assert fact.identity_override == "mistaken_chart"


def attended(*absent: int) -> Seen:
    """The session, closed, with two on its roster."""
    stay = (Interval(start=at("09:00"), stop=at("10:00")),)
    entries = tuple(
        Attendance(
            attendance_id=attendance(number), status="absent" if number in absent else "present",
            intervals=() if number in absent else stay, minutes=0 if number in absent else 60,
            modality="in_person", place_of_service="53",
        )
        for number in NAMES
    )
    plan = a_plan()
    closed = SessionClosed(
        program_id=PROGRAM, service_kind="group", level_of_care=plan.level_of_care, service_date=MONDAY,
        scheduled=Interval(start=plan.starts_at, stop=plan.ends_at), actual=stay[0], facilitators=(FACILITATOR,),
        topic=plan.topic, breaks=(), attendances=entries, head_count=2 - len(absent), peak_count=2 - len(absent),
    )
    return seen_as(SESSIONS, SESSION, plan, expected(1), expected(2), closed)


SHARED = {"narrative": seen_as(AGGREGATE, NARRATIVE, a_narrative())}


def test_who_was_absent_has_no_part() -> None:
    """Once the session is closed, its attendance says who was there."""
    given(AGGREGATE).when(to_draft(), EVENING, seen(session=attended(1)) | SHARED).refuses(NotInTheGroup)
    other = DraftNote(note_id=NOTE, kind="case_management", program_id=PROGRAM, service_date=MONDAY,
                      service_ended_at=at("10:30"), patient_id=patient(1), content=words("Called."))
    assert given(AGGREGATE).when(other, EVENING, seen()).refusal is None


@pytest.mark.parametrize(
    "command",
    [
        ReviseNote(note_id=NOTE, content=words()), ReviseNote(note_id=NOTE, content=words("More.")),
        SignNote(note_id=NOTE), AttestSignature(note_id=NOTE),
    ],
)
@pytest.mark.parametrize("told", [attended(1), seen_as(SESSIONS, SESSION, a_plan(), expected(1), absent(1))])
def test_a_part_begun_before_its_patient_was_known_to_be_absent_goes_no_further(command: Any, told: Seen) -> None:
    """Not rewritten, not even with the same words, not signed, not attested; who came is documented as ever."""
    beside = LICENSED | SHARED
    given(AGGREGATE, drafted()).when(command, EVENING, beside | {"session": told}).refuses(NotInTheGroup)
    assert given(AGGREGATE, drafted()).when(command, EVENING, beside | {"session": attended(2)}).refusal is None


def test_a_document_of_no_session_is_held_against_those_of_the_day() -> None:
    """The patient's sessions of that day are looked at, and of them those of the program that are still on that day."""
    alone = to_draft(kind="daily", session_id=None, narrative_id=None)
    assert AGGREGATE.consult(AGGREGATE.initial, alone)["day"] == Stream("session", of_day=(patient(1), MONDAY))
    people = {f"member:{patient(number)}": Stream("patient", patient(number)) for number in NAMES}
    for changes, found in (
        ({}, people), ({"program_id": an_id("program", 9)}, {}), ({"service_date": "2026-03-03"}, {}),
    ):  # fmt: skip
        day = {f"day:{SESSION}": the_session(**changes)}
        assert AGGREGATE.further(AGGREGATE.initial, alone, day) == found
    state = given(AGGREGATE).when(alone, EVENING, seen()).state
    revise = ReviseNote(note_id=NOTE, content=words("Answered Arvid Lindqvist."))
    assert AGGREGATE.consult(state, revise)["day"].of_day == (patient(1), MONDAY)
    assert AGGREGATE.further(state, revise, {f"day:{SESSION}": the_session()}) == people
    assert "day" not in AGGREGATE.consult(AGGREGATE.initial, to_draft())
