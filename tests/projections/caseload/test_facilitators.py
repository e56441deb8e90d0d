"""Whose signature beside the author's a group's payers want and lack: one task for each who led it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Cursor

from aggregates.note.facts import FacilitatorSigned, NoteEnteredInError, NoteReturned
from projections.caseload.queries import documentation_of, documents
from projections.caseload.views import DocumentTask
from tests.projections.caseload.clinic import MONDAY, NOON, Clinic, attendance, eastern
from tests.projections.caseload.test_documentation import PROGRAMS, TUESDAY_NOON, insured, paying
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
ALL: dict[str, Any] = {"signature_hours": 24, "every_facilitator_signs": "hold"}
FIRST, SECOND, THIRD = (an_id("clinician", number) for number in (1, 2, 3))
NARRATIVE = 9


def a_group(*terms: dict[str, Any], facilitators: tuple[int, ...] = (1, 2), kind: str = "group") -> Clinic:
    """Patient 1, 2 … of payers with these terms came to session 1 and the last one of all did not; the first leader
    wrote and signed what all share and everybody's part."""
    people = range(1, len(terms) + 1)
    away = len(terms) + 1
    clinic = Clinic().opens().takes_in(*people, away)
    for number, one in enumerate((*terms, ALL), 1):
        insured(paying(clinic, number, **one), number, number)
    led: dict[str, Any] = {"facilitators": facilitators}
    clinic.schedules(1, "09:00", "12:00", patients=(*people, away), kind=kind, **led).starts(1, "09:00", **led)
    came = dict.fromkeys(people, ("09:00", "12:00"))
    clinic.closes(1, "09:00", "12:00", came, absent=(away,), kind=kind, **led)
    clinic.drafts(NARRATIVE, None, 1, kind="group_narrative").signs(NARRATIVE, "12:30")
    for number in people:
        clinic.drafts(number, number, 1, narrative=NARRATIVE).signs(number, "12:30")
    return clinic


def beside(clinic: Clinic, *facilitators: int, note: int = NARRATIVE) -> Clinic:
    """These sign a document beside its author."""
    for one in facilitators:
        clinic.says("note", note, FacilitatorSigned(
            signer_id=an_id("clinician", one), content_digest="0" * 64, note_version=1, service_date=MONDAY,
            signed_at=eastern("13:00"), credential="LCSW", credential_active=True,
        ))  # fmt: skip
    return clinic


def tasks(cursor: Cursor[Any], person: str | None = None, now: str = NOON, **more: Any) -> list[DocumentTask]:
    """The signatures beside the author's that wait."""
    found = documents(cursor, programs=PROGRAMS, now=now, person=person, **more)
    return [one for one in found if one.task == "sign_as_facilitator"]


def owing(cursor: Cursor[Any]) -> tuple[str, ...]:
    """Who stands as owing a signature beside the session."""
    session = documentation_of(cursor, programs=PROGRAMS, now=NOON, session_id=an_id("session"))
    assert session is not None
    return session.unsigned_facilitators


def test_who_led_beside_the_author_has_one_task_a_session(ask: Ask) -> None:
    """However many patients' payers want it: the narrative, until the window of the first of them is over."""
    cursor = ask(a_group(ALL, ALL, {}))
    [task] = tasks(cursor, SECOND)
    assert (task.note_id, task.kind, task.patient_id) == (an_id("note", NARRATIVE), "group_narrative", None)
    assert (task.people, task.session_id, task.due_at, task.overdue) == (
        (SECOND,), an_id("session"), TUESDAY_NOON, False,
    )  # fmt: skip
    assert tasks(cursor, FIRST) == []
    assert tasks(cursor) == [task]
    assert tasks(cursor, SECOND, "2026-03-17T16:00:00.000001Z")[0].overdue
    session = documentation_of(cursor, programs=PROGRAMS, now=NOON, session_id=an_id("session"))
    assert session is not None
    assert (session.unsigned_facilitators, session.due_at, session.undone) == ((SECOND,), TUESDAY_NOON, 0)


def test_each_of_several_has_their_own_until_they_signed(ask: Ask) -> None:
    """Page by page, none is lost."""
    cursor, seen, after = ask(beside(a_group(ALL, facilitators=(1, 2, 3, 4)), 3)), [], None
    while page := documents(cursor, programs=PROGRAMS, now=NOON, after=after, limit=1):
        seen.append(page[0])
        after = page[0].cursor
    assert sorted(one.people for one in seen) == sorted([(SECOND,), (an_id("clinician", 4),)])
    assert owing(cursor) == (SECOND, an_id("clinician", 4))
    assert tasks(cursor, THIRD) == []


@pytest.mark.parametrize("done", [
    beside(a_group(ALL, ALL), 2),  # the narrative
    beside(beside(a_group(ALL, {}), 2, note=1), 3),  # the part of the one whose payer wants it
    a_group({"every_facilitator_signs": "none"}, {}),  # no payer of those who came wants it, only of who was away
    a_group(ALL, facilitators=(1,)),
    a_group(ALL, kind="education"),
])  # fmt: skip
def test_nobody_is_asked_for_what_no_payer_wants_or_what_is_signed(ask: Ask, done: Clinic) -> None:
    """Signed by all, led by one, no group, or no payer of those who came who wants it."""
    cursor = ask(done)
    assert (tasks(cursor), owing(cursor)) == ([], ())


def test_a_payer_who_only_warns_wants_it_too(ask: Ask) -> None:
    """What follows is the payer's; that it is wanted is the same."""
    assert owing(ask(a_group({"every_facilitator_signs": "warn"}))) == (SECOND,)


@pytest.mark.parametrize(("written", "owed"), [((1,), (SECOND,)), ((1, 2), ())])
def test_another_facilitators_own_part_is_a_signature(
    ask: Ask, written: tuple[int, ...], owed: tuple[str, ...]
) -> None:
    """Where one writes what all share and the other everybody's part, both signed for each patient."""
    clinic = a_group(ALL, ALL)
    for number in (1, 2):
        clinic.says("note", number, NoteEnteredInError(declared_by=FIRST, cause="duplicate"))
    for number in written:
        clinic.drafts(10 + number, number, 1, author=2, narrative=NARRATIVE).signs(10 + number, "13:00", author=2)
    cursor = ask(clinic)
    assert owing(cursor) == owed
    assert [(one.note_id, one.people) for one in tasks(cursor)] == [(an_id("note", NARRATIVE), owed)] * len(owed)


def test_the_author_comes_first(ask: Ask) -> None:
    """Before anything is signed there is nothing to sign beside, though the session owes both."""
    clinic = a_group(ALL)
    for note in (1, NARRATIVE):
        clinic.says("note", note, NoteReturned(returned_by=an_id("clinician", 7), cause="thin"))
    cursor = ask(clinic)
    assert (tasks(cursor), owing(cursor)) == ([], (FIRST, SECOND))


def test_what_came_back_is_signed_by_all_again(ask: Ask) -> None:
    """The earlier signature was of other words."""
    clinic = beside(a_group(ALL), 2)
    clinic.says("note", NARRATIVE, NoteReturned(returned_by=an_id("clinician", 7), cause="thin"))
    clinic.signs(NARRATIVE, "14:00")
    assert [one.people for one in tasks(ask(clinic))] == [(SECOND,)]


def test_without_a_narrative_a_part_that_lacks_it_is_asked_for(ask: Ask) -> None:
    """One at a time, of those whose payers want it."""
    clinic = a_group({}, ALL, ALL)
    clinic.says("note", NARRATIVE, NoteEnteredInError(declared_by=FIRST, cause="duplicate"))
    cursor = ask(beside(clinic, 2, note=2))
    [task] = tasks(cursor)
    assert (task.note_id, task.patient_id, task.attendance_id) == (
        an_id("note", 3), an_id("patient", 3), attendance(1, 3),
    )  # fmt: skip
    assert owing(cursor) == (SECOND,)
