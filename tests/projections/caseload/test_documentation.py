"""Until when documents are to be signed by the payer of each patient, and what is missing session by session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Cursor

from aggregates.note.facts import NoteEnteredInError, NoteReturned, NoteRevised, NoteSigned, SignatureAttested
from aggregates.patient.facts import CoverageEnded, CoverageRecorded
from aggregates.payer_policy.facts import PolicyPublished, PolicyRetired, PolicyRevised, PolicyVerified
from aggregates.program.facts import ClosureDeclared
from aggregates.session.facts import SessionCancelled
from iop_es.demo.policies import load_policy
from projections.caseload.queries import documentation, documentation_of, documents
from projections.caseload.views import DocumentTask, PartView, SessionDocumentation
from tests.projections.caseload.clinic import MONDAY, NOON, Clinic, eastern
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
PROGRAMS = [an_id("program")]
ONE, TWO, THREE = (an_id("patient", number) for number in (1, 2, 3))
READY = ("participation", "response", "progress", "risk", "plan")
# The session ends on Monday at 12:00 EDT. 24 hours later it is Tuesday noon; the third business day is Thursday, which
# is over at Friday 00:00 EDT.
TUESDAY_NOON, END_OF_THURSDAY, END_OF_FRIDAY = (
    "2026-03-17T16:00:00.000000Z", "2026-03-20T04:00:00.000000Z", "2026-03-21T04:00:00.000000Z",
)  # fmt: skip
HOURS: dict[str, Any] = {"signature_hours": 24}
BUSINESS: dict[str, Any] = {"signature_hours": None, "signature_business_days": 3}


def insured(clinic: Clinic, patient: int, payer: int, rank: int = 1, since: str = "2026-01-01") -> Clinic:
    """A coverage of the patient's; its number is the payer's."""
    return clinic.says("patient", patient, CoverageRecorded(
        coverage_id=an_id("coverage", patient * 10 + payer), payer_id=an_id("payer", payer), plan="gold", rank=rank,
        relationship="self", effective_from=since, has_member_number=False, has_group_number=False,
        has_subscriber=False,
    ))


def paying(clinic: Clinic, payer: int, **terms: Any) -> Clinic:
    """A payer's policy."""
    plain = replace(load_policy("commercial_mental_health").terms, signature_hours=None, unverified=())
    return clinic.says("payer_policy", payer, PolicyPublished(
        payer_id=an_id("payer", payer), payer_kind="commercial", payer_name=f"Payer {payer}", code=f"payer-{payer}",
        effective_from="2026-01-01", terms=replace(plain, **terms),
    ))


def a_group(**facilitators: Any) -> Clinic:
    """Patients 1 to 3 came to session 1: the first two are covered by payers with and without business days, the third
    by one that sets no window."""
    clinic = Clinic().opens().takes_in(1, 2, 3)
    paying(paying(paying(clinic, 1, **HOURS), 2, **BUSINESS), 3)
    for number in (1, 2, 3):
        insured(clinic, number, number)
    clinic.schedules(1, "09:00", "12:00", patients=(1, 2, 3), **facilitators).starts(1, "09:00", **facilitators)
    return clinic.closes(1, "09:00", "12:00", dict.fromkeys((1, 2, 3), ("09:00", "12:00")), **facilitators)


def found(cursor: Cursor[Any], now: str = NOON) -> dict[str | None, DocumentTask]:
    """What waits, by patient; None is the narrative."""
    return {one.patient_id: one for one in documents(cursor, programs=PROGRAMS, now=now)}


def worded(
    clinic: Clinic, note: int, *sections: str, goals: tuple[str, ...] = ("mood",), untouched: tuple[str, ...] = ()
) -> Clinic:
    """The draft has these sections now."""
    return clinic.says("note", note, NoteRevised(
        content_digest="1" * 64, sections=sections, goals=goals, untouched=untouched,
    ))


def of(cursor: Cursor[Any], now: str = NOON) -> SessionDocumentation:
    """What session 1 misses."""
    session = documentation_of(cursor, programs=PROGRAMS, now=now, session_id=an_id("session"))
    assert session is not None
    return session


def parts(session: SessionDocumentation) -> dict[str | None, PartView]:
    """Its parts by patient."""
    return {one.patient_id: one for one in session.parts}


def test_a_deadline_is_the_patients_payers(ask: Ask) -> None:
    """Also of what nobody has begun to write; a payer without a window leaves none, and nothing is overdue yet."""
    cursor = ask(a_group().drafts(1, 2, 1))
    tasks = found(cursor)
    assert {patient: (one.task, one.due_at, one.overdue) for patient, one in tasks.items()} == {
        ONE: ("write", TUESDAY_NOON, False), TWO: ("sign", END_OF_THURSDAY, False), THREE: ("write", None, False),
    }
    assert tasks[TWO].people == (an_id("clinician"),)
    assert not found(cursor, TUESDAY_NOON)[ONE].overdue
    late = found(cursor, "2026-03-17T16:00:00.000001Z")
    assert [late[one].overdue for one in (ONE, TWO, THREE)] == [True, False, False]


def verifies(clinic: Clinic, payer: int, *fields: str, since: str | None = None) -> Clinic:
    """A named person compared these fields with the payer's manual."""
    return clinic.says("payer_policy", payer, PolicyVerified(
        verified_by=an_id("clinician", 9), verified_on=MONDAY, source="manual", fields=fields, effective_from=since,
    ))


def test_a_deadline_says_whether_nobody_verified_it(ask: Ask) -> None:
    """By the field that makes it; also where the payer is said to set no time, and the earliest of a group is marked if
    it is that payer's."""
    clinic = Clinic().opens().takes_in(1, 2, 3)
    paying(clinic, 1, **HOURS, unverified=("signature_hours",))
    paying(clinic, 2, **BUSINESS, unverified=("signature_hours", "group_maximum"))
    paying(clinic, 3, unverified=("signature_business_days",))
    for number in (1, 2, 3):
        insured(clinic, number, number)
    clinic.schedules(1, "09:00", "12:00", patients=(1, 2, 3)).starts(1, "09:00")
    clinic.closes(1, "09:00", "12:00", dict.fromkeys((1, 2, 3), ("09:00", "12:00"))).drafts(
        1, None, 1, kind="group_narrative"
    )
    cursor = ask(clinic)
    assert {one: task.due_unverified for one, task in found(cursor).items()} == {
        ONE: True, TWO: False, THREE: True, None: True,
    }
    session = of(cursor)
    assert {one: part.due_unverified for one, part in parts(session).items()} == {ONE: True, TWO: False, THREE: True}
    assert (session.due_at, session.due_unverified) == (TUESDAY_NOON, True)


def test_a_verified_time_has_no_mark_and_a_revised_one_may_have(ask: Ask) -> None:
    """A verification is of the terms that begin on its day, or of the last ones before it."""
    clinic = a_group()
    plain = replace(load_policy("commercial_mental_health").terms, **HOURS)
    unverified = replace(plain, unverified=("signature_hours",))
    for payer, since in ((1, "2026-02-01"), (2, "2026-02-01")):
        clinic.says("payer_policy", payer, PolicyRevised(effective_from=since, terms=unverified, cause="renewal"))
    verifies(verifies(clinic, 1, "signature_hours"), 2, "signature_hours", since="2026-01-01")
    tasks = found(ask(clinic))
    assert (tasks[ONE].due_unverified, tasks[TWO].due_unverified) == (False, True)


def test_business_days_leave_out_the_programs_closures(ask: Ask) -> None:
    """A day on which it is closed moves the end by one."""
    clinic = a_group()
    clinic.says("program", 1, ClosureDeclared(closed_from="2026-03-18", closed_through="2026-03-18", cause="weather"))
    tasks = found(ask(clinic))
    assert (tasks[ONE].due_at, tasks[TWO].due_at) == (TUESDAY_NOON, END_OF_FRIDAY)


def test_what_a_group_shares_is_due_with_the_first_of_its_patients(ask: Ask) -> None:
    """The narrative has no payer of its own."""
    assert found(ask(a_group().drafts(1, None, 1, kind="group_narrative")))[None].due_at == TUESDAY_NOON


def test_coverage_and_terms_are_those_of_the_day_of_service(ask: Ask) -> None:
    """Terms revised from Tuesday on, a coverage that ended on Sunday and a second rank do not count on Monday; nor do
    terms that were retired before."""
    later = replace(load_policy("commercial_mental_health").terms, signature_hours=1)
    clinic = a_group().registers(4)
    insured(paying(clinic, 4, **HOURS), 4, 4).drafts(4, 4, None)
    clinic.says("payer_policy", 4, PolicyRevised(effective_from="2026-02-01", terms=later, cause="renewal"))
    clinic.says("payer_policy", 4, PolicyRetired(effective_through="2026-03-15", cause="contract_ended"))
    clinic.says("payer_policy", 1, PolicyRevised(effective_from="2026-03-17", terms=later, cause="renewal"))
    clinic.says("patient", 2, CoverageEnded(
        coverage_id=an_id("coverage", 22), ended_on="2026-03-15", cause="terminated"
    ))
    insured(insured(clinic, 2, 1, rank=2), 3, 1, rank=2)
    tasks = found(ask(clinic))
    assert [tasks[one].due_at for one in (ONE, TWO, THREE, an_id("patient", 4))] == [
        TUESDAY_NOON, TUESDAY_NOON, None, None,
    ]


def test_the_patients_own_answer_has_no_deadline(ask: Ask) -> None:
    """Windows are for signatures of the staff."""
    clinic = insured(paying(Clinic().opens().takes_in(1), 1, **HOURS), 1, 1)
    one = found(ask(clinic.drafts(1, 1, None, kind="plan_of_care").signs(1, "13:00")))[ONE]
    assert (one.task, one.due_at, one.overdue, one.missing) == ("patient_sign", None, False, ())


def test_a_draft_says_which_sections_it_lacks(ask: Ask) -> None:
    """The template's and the payer's, by name; with all of them and a goal it lacks none."""
    clinic = insured(paying(Clinic().opens().takes_in(1, 2), 1, note_sections=("medical_necessity",)), 1, 1)
    worded(clinic.drafts(1, 1, None), 1, *READY[:4], goals=())
    worded(clinic.drafts(2, 2, None), 2, *READY)
    tasks = found(ask(clinic))
    assert tasks[ONE].missing == ("progress", "plan", "medical_necessity")
    assert tasks[TWO].missing == ()


def test_a_section_that_still_says_what_its_template_does_is_missing_by_name(ask: Ask) -> None:
    """Until it is written; in the list of what waits and in the session's documentation."""
    clinic = worded(a_group().drafts(1, 1, 1), 1, *READY, untouched=("risk",))
    worded(worded(clinic.drafts(2, 2, 1), 2, *READY, untouched=("risk", "plan")), 2, *READY)
    cursor = ask(clinic)
    assert [found(cursor)[one].missing for one in (ONE, TWO)] == [("risk",), ()]
    assert [parts(of(cursor))[one].missing for one in (ONE, TWO)] == [("risk",), ()]


def test_a_session_that_nobody_closed_is_to_be_closed_by_who_leads_it(ask: Ask) -> None:
    """From its planned end on, be it begun or only planned; due with the first of those who are to have come, as if it
    had ended then. One that was cancelled is nobody's task."""
    clinic = Clinic().opens().takes_in(1, 2)
    for number in (1, 2):
        insured(paying(clinic, number, **(HOURS if number == 1 else BUSINESS)), number, number)
    clinic.schedules(1, "09:00", "12:00", patients=(1, 2)).starts(1, "09:00")
    clinic.schedules(2, "09:00", "12:00", patients=(2,), facilitators=(2,))
    clinic.schedules(3, "09:00", "12:00", patients=(2,))
    clinic.says("session", 3, SessionCancelled(service_date=MONDAY, cause="weather"))
    cursor, after = ask(clinic), "2026-03-16T16:00:00.000001Z"
    assert documents(cursor, programs=PROGRAMS, now=NOON) == []
    assert documentation_of(cursor, programs=PROGRAMS, now=NOON, session_id=an_id("session")) is None
    waiting = documents(cursor, programs=PROGRAMS, now=after)
    assert sorted((one.task, one.session_id, one.people, one.due_at) for one in waiting) == sorted([
        ("close", an_id("session", 1), (an_id("clinician"),), TUESDAY_NOON),
        ("close", an_id("session", 2), (an_id("clinician", 2),), END_OF_THURSDAY),
    ])
    [mine] = documents(cursor, programs=PROGRAMS, now=after, person=an_id("clinician"))
    assert (mine.session_id, mine.note_id, mine.patient_id) == (an_id("session", 1), None, None)
    assert documents(cursor, programs=PROGRAMS, now=after, after=waiting[0].cursor) == waiting[1:]
    session = of(cursor, now=after)
    assert (session.closed, session.ended_at, session.due_at) == (False, NOON, TUESDAY_NOON)
    assert {who: (one.state, one.due_at) for who, one in parts(session).items()} == {
        ONE: ("none", TUESDAY_NOON), TWO: ("none", END_OF_THURSDAY),
    }


def test_a_session_says_of_everybody_what_is_missing(ask: Ask) -> None:
    """No part, a draft, one that waits for the supervisor, and the narrative that nobody has begun; by whom, until
    when."""
    clinic = worded(a_group().drafts(1, 1, 1), 1, *READY[:4])
    clinic.drafts(2, 2, 1).signs(2, "13:00", cosign=True, supervisor=7)
    session = of(ask(clinic))
    told = {who: (one.state, one.missing, one.people, one.due_at) for who, one in parts(session).items()}
    author = (an_id("clinician"),)
    assert told == {
        ONE: ("draft", ("plan",), author, TUESDAY_NOON),
        TWO: ("awaiting_cosignature", (), (an_id("clinician", 7),), END_OF_THURSDAY),
        THREE: ("none", (), author, None),
    }
    assert session.narrative is not None
    assert (session.narrative.state, session.narrative.people) == ("none", author)
    assert (session.undone, session.due_at) == (4, TUESDAY_NOON)


def test_a_documented_session_misses_nothing(ask: Ask) -> None:
    """Signed by all who have to: nothing is undone, due or overdue, whenever one looks."""
    clinic = a_group().drafts(4, None, 1, kind="group_narrative").signs(4, "13:00")
    for number in (1, 2, 3):
        clinic.drafts(number, number, 1, narrative=4).signs(number, "13:00")
    session = of(ask(clinic), now="2026-04-16T16:00:00.000000Z")
    assert (session.undone, session.due_at) == (0, None)
    assert [(one.state, one.people, one.overdue) for one in session.parts] == [("signed", (), False)] * 3


def test_a_note_of_the_day_documents_and_a_struck_one_does_not(ask: Ask) -> None:
    """As in the list of what waits; a returned one is its author's again."""
    clinic = a_group().drafts(1, 1, None, kind="daily").signs(1, "13:00").drafts(2, 2, 1).signs(2, "13:00")
    clinic.says("note", 2, NoteEnteredInError(declared_by=an_id("clinician"), cause="wrong_patient"))
    clinic.drafts(3, 3, 1).signs(3, "13:00", cosign=True, supervisor=7)
    clinic.says("note", 3, NoteReturned(returned_by=an_id("clinician", 7), cause="goal_missing"))
    session = of(ask(clinic))
    assert [parts(session)[one].state for one in (ONE, TWO, THREE)] == ["signed", "none", "returned"]
    assert parts(session)[THREE].people == (an_id("clinician"),)


def test_where_two_lead_the_narrative_lacks_what_each_of_them_did(ask: Ask) -> None:
    """Their interventions, by facilitator."""
    clinic = worded(a_group(facilitators=(1, 2)).drafts(4, None, 1, kind="group_narrative"), 4, "topic")
    session = of(ask(clinic))
    assert session.narrative is not None
    both = {f"interventions:{an_id('clinician', number)}" for number in (1, 2)}
    assert both <= set(session.narrative.missing)


def test_the_sessions_of_a_day_are_read_page_by_page(ask: Ask) -> None:
    """Those that are closed or should be, of the programs and the clinician asked about."""
    clinic = a_group().schedules(2, "13:00", "14:00", patients=(1,), facilitators=(2,)).starts(2, "13:00")
    clinic.closes(2, "13:00", "14:00", {1: ("13:00", "14:00")}, facilitators=(2,))
    clinic.schedules(3, "15:00", "16:00", patients=(1,))
    cursor, seen, after = ask(clinic), [], None
    while page := documentation(cursor, programs=PROGRAMS, now=NOON, on=MONDAY, after=after, limit=1):
        seen.append(page[0].session_id)
        after = page[0].cursor
    assert seen == [an_id("session", 1), an_id("session", 2)]
    mine = documentation(cursor, programs=PROGRAMS, now=NOON, clinician=an_id("clinician", 2))
    assert [one.session_id for one in mine] == [an_id("session", 2)]
    assert documentation(cursor, programs=[an_id("program", 2)], now=NOON, on=MONDAY) == []
    assert documentation_of(cursor, programs=PROGRAMS, now=NOON, session_id=an_id("session", 3)) is None


def signs_on(clinic: Clinic, note: int, patient: int, day: str, clock: str) -> Clinic:
    """A document of Monday at noon that its author signs then."""
    return clinic.drafts(note, patient, None, kind="individual").says("note", note, NoteSigned(
        signer_id=an_id("clinician"), content_digest="0" * 64, note_version=1, service_date=MONDAY,
        signed_at=eastern(clock, day), credential_active=True, needs_cosignature=False,
    ))


def test_a_late_signature_waits_for_its_attestation_where_the_payer_wants_one(ask: Ask) -> None:
    """From the payer's last moment on, by hours and by business days, until it is attested; found page by page.

    Payer 1 gives an hour, payer 2 one business day, payer 3 takes a late signature without.
    """
    clinic, tuesday, wednesday = Clinic().opens().takes_in(1, 2, 3), "2026-03-17", "2026-03-18"
    for number, terms in (
        (1, {"signature_hours": 1, "late_signature": "attestation"}),
        (2, {"signature_business_days": 1, "late_signature": "attestation"}),
        (3, {"signature_hours": 1, "late_signature": "warn"}),
    ):  # fmt: skip
        insured(paying(clinic, number, **terms), number, number)
    signs_on(signs_on(signs_on(clinic, 1, 1, MONDAY, "13:00"), 2, 1, MONDAY, "13:01"), 3, 1, MONDAY, "13:02")
    signs_on(signs_on(clinic, 4, 2, tuesday, "23:59"), 5, 2, wednesday, "00:01")
    signs_on(clinic, 6, 3, wednesday, "09:00").says("note", 3, SignatureAttested(
        signer_id=an_id("clinician"), service_date=MONDAY, attested_at=eastern("15:00"), content_digest="0" * 64
    ))
    cursor, seen, after = ask(clinic), [], None
    while page := documents(cursor, programs=PROGRAMS, now=NOON, person=an_id("clinician"), after=after, limit=1):
        seen.append((page[0].task, page[0].note_id))
        after = page[0].cursor
    assert sorted(seen) == sorted([("attest", an_id("note", 2)), ("attest", an_id("note", 5))])
    assert documents(cursor, programs=PROGRAMS, now=NOON, person=an_id("clinician", 2)) == []


@pytest.mark.parametrize("wanted", [True, False])
def test_a_late_narrative_waits_for_its_attestation_where_one_of_those_who_came_wants_it(
    ask: Ask, wanted: bool
) -> None:
    """An hour after the group's end; payer 1 wants it attested, payer 2 does not, and patient 3 was away."""
    clinic = paying(Clinic().opens().takes_in(1, 2, 3), 1, signature_hours=1, late_signature="attestation")
    paying(clinic, 2, signature_hours=1, late_signature="warn")
    clinic.schedules(1, "09:00", "12:00", patients=(1, 2, 3)).starts(1, "09:00")
    clinic.closes(1, "09:00", "12:00", dict.fromkeys((1, 2), ("09:00", "12:00")), absent=(3,))
    for patient, payer in ((1, 1 if wanted else 2), (2, 2), (3, 1)):
        insured(clinic, patient, payer)
    clinic.drafts(4, None, 1, kind="group_narrative").says("note", 4, NoteSigned(
        signer_id=an_id("clinician"), content_digest="0" * 64, note_version=1, service_date=MONDAY,
        signed_at=eastern("13:01"), credential_active=True, needs_cosignature=False,
    ))
    found = documents(ask(clinic), programs=PROGRAMS, now=NOON, person=an_id("clinician"))
    assert [one.note_id for one in found if one.task == "attest"] == ([an_id("note", 4)] if wanted else [])
