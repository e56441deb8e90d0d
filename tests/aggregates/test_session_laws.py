"""Laws of sessions and documents: whatever is asked in whatever order, nothing breaks and nothing happens twice."""

from __future__ import annotations

from typing import Any

from hypothesis import given as with_any
from hypothesis import strategies as st

from aggregates.kit import Elsewhere, Refusal
from aggregates.note import AGGREGATE as NOTES
from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    EnterNoteInError,
    ReturnNote,
    ReviseNote,
    SignNote,
)
from aggregates.note.facts import NoteContent, NoteDrafted, NoteSigned, Section
from aggregates.note.state import Signed
from aggregates.session import AGGREGATE as SESSIONS
from aggregates.session.commands import (
    CancelSession,
    CheckOut,
    CloseSession,
    CorrectAttendance,
    DoNotExpectPatient,
    MarkAbsent,
    StartSession,
    TakeBreak,
    TakeRoster,
)
from aggregates.session.facts import Interval
from aggregates.session.state import Closed
from tests.aggregates.clinic import (
    EVENING,
    FACILITATOR,
    MONDAY,
    PROGRAM,
    SESSION,
    a_clinician,
    a_plan,
    at,
    attendance,
    came,
    enrollment,
    episodes,
    expected,
    patient,
    that_evening,
    to_check_in,
    to_expect,
    to_move,
)
from tests.aggregates.documents import ABOUT, NOTE, told
from tests.aggregates.scenario import Given, an_id, every_prefix_folds, given, seen_as

CLOCKS = st.sampled_from([f"{hour:02d}:{minute:02d}" for hour in range(8, 12) for minute in (0, 17, 30, 45)])
PEOPLE = st.integers(1, 4)
SEEN = episodes(1, 2, 3, 4)


def session_acts(number: int, first: str, second: str) -> list[Any]:
    """One of each command of a session, about one patient and two times."""
    entry = {"session_id": SESSION, "attendance_id": attendance(number)}
    stay = Interval(start=at(first), stop=at(second))
    return [
        to_expect(number), to_move(), to_check_in(number, first),
        StartSession(session_id=SESSION, started_at=at(first)),
        DoNotExpectPatient(**entry, cause="moved"), MarkAbsent(**entry), CheckOut(**entry, left_at=at(second)),
        TakeBreak(session_id=SESSION, started_at=at(first), ended_at=at(second)),
        TakeRoster(session_id=SESSION, started_at=at(first)), CancelSession(session_id=SESSION, cause="weather"),
        CloseSession(session_id=SESSION, ended_at=at(second), everyone_else_stayed=True, rest_absent=True),
        CorrectAttendance(**entry, patient_id=patient(number), enrollment_id=enrollment(number), status="present",
                          intervals=(stay,), cause="entry_error", explanation="As it was."),
    ]


SESSION_ACTS = st.tuples(PEOPLE, CLOCKS, CLOCKS, st.integers(0, 11)).map(lambda one: session_acts(*one[:3])[one[3]])
CONSULTED = st.sampled_from(["nobody holds", "elsewhere"])


@with_any(st.lists(SESSION_ACTS, max_size=14), CONSULTED)
def test_a_session_never_breaks_and_never_does_a_thing_twice(commands: list[Any], consulted: str) -> None:
    """Each command decides, does nothing or is refused by name; repeated at once it has no second effect."""
    there = {f"present:{patient(1)}": seen_as(SESSIONS, an_id("session", 2), a_plan(), came(1, "08:15"))}
    seen = SEEN | (there if consulted == "elsewhere" else {})
    past = given(SESSIONS, a_plan(), expected(1), expected(2))
    for command in commands:
        decided = past.when(command, EVENING, seen)
        past = decided.after
        again = past.when(command, EVENING, seen)
        assert again.outcomes == ()
        assert again.refusal is None or isinstance(again.refusal, Refusal)
    every_prefix_folds(SESSIONS, *past.facts)
    obeys_its_counts(past)


def obeys_its_counts(past: Given) -> None:
    """A closed session's counts are those of its attendances, and no minutes exceed its length."""
    state = past.when(to_expect(1), EVENING, SEEN).state
    if not isinstance(state, Closed):
        return
    length = (int(state.actual.stop[11:13]) - int(state.actual.start[11:13])) * 60
    length += int(state.actual.stop[14:16]) - int(state.actual.start[14:16])
    assert all(0 <= one.minutes <= length for one in state.attendances.values())
    assert state.peak_count <= state.head_count <= len(state.attendances)
    assert sum(one.minutes > 0 for one in state.attendances.values()) <= state.head_count
    assert all(one.arrived_at is None for one in state.roster)


@with_any(st.lists(SESSION_ACTS, max_size=10))
def test_every_departure_elsewhere_is_named_by_what_was_consulted(commands: list[Any]) -> None:
    """A decision for another stream uses the name under which that stream was looked at."""
    there = {f"present:{patient(1)}": seen_as(SESSIONS, an_id("session", 2), a_plan(), came(1, "08:15"))}
    past = given(SESSIONS, a_plan(), expected(1))
    for command in commands:
        looks = SESSIONS.consult(past.when(to_expect(1), EVENING, SEEN).state, command)
        decided = past.when(command, EVENING, {name: one for name, one in (SEEN | there).items() if name in looks})
        assert all(one.name in looks for one in decided.outcomes if isinstance(one, Elsewhere))
        past = decided.after


SUPERVISOR = an_id("clinician", 2)
ACTS = [EVENING, that_evening(by=SUPERVISOR, role="supervisor"), that_evening(by=an_id("clinician", 3))]
WORDS = [NoteContent(sections=()), *(NoteContent(sections=(Section(name="response", words=one),)) for one in "ab")]


def note_acts(content: NoteContent) -> list[Any]:
    """One of each command of a document."""
    return [
        ReviseNote(note_id=NOTE, content=content), SignNote(note_id=NOTE), CosignNote(note_id=NOTE),
        SignNote(note_id=NOTE, content_digest="f" * 64), AttestSignature(note_id=NOTE),
        ReturnNote(note_id=NOTE, cause="goal_missing", words="Which goal?"),
        AmendNote(note_id=NOTE, amendment_id=an_id("amendment"), kind="addendum", cause="request", content=content),
        EnterNoteInError(note_id=NOTE, cause="duplicate", words="Twice."),
    ]


@with_any(st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 7), st.sampled_from(ACTS)), max_size=12))
def test_a_document_never_breaks_and_never_does_a_thing_twice(steps: list[Any]) -> None:
    """Whoever asks whatever: what is signed stays word for word, and nobody has signed for the author."""
    seen = {"clinician": a_clinician(associate=True, supervisor=2)}
    past = given(NOTES, told(NoteDrafted(
        kind="individual", program_id=PROGRAM, author_id=FACILITATOR, service_date=MONDAY, patient_id=patient(1),
        service_ended_at=at("10:30"), content_digest=ABOUT,
    ), WORDS[1]))
    for content, which, act in steps:
        command = note_acts(content)[which]
        decided = past.when(command, act, seen)
        assert not isinstance(decided.state, Signed) or decided.state.signer_id == FACILITATOR
        assert decided.after.when(command, act, seen).outcomes == ()
        past = decided.after
    assert all(one.signer_id == FACILITATOR for one in past.facts if isinstance(one, NoteSigned))
    every_prefix_folds(NOTES, *past.facts)
