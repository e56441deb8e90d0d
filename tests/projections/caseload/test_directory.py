"""What the clinic consists of: programs, clinicians, payers, documents, and what a patient's papers say."""

from collections.abc import Callable
from typing import Any

from psycopg import Cursor

from projections.caseload import MODEL
from projections.caseload.queries import (
    clinicians,
    notes_of_patient,
    notes_of_session,
    patient_summary,
    payers,
    programs_of,
    reached,
    summary_from_rows,
)
from tests.projections.caseload.clinic import MONDAY, NOON, UNSEALED, Clinic, attendance
from tests.projections.caseload.whole import whole_story
from tests.projections.story import an_id, folded

Ask = Callable[[Clinic], Cursor[Any]]
PROGRAMS = [an_id("program")]
WHOLE = Clinic(whole_story())


def test_programs_are_the_callers_own(ask: Ask) -> None:
    """A program says its code, level, focus, population and zone; one outside the token is not listed."""
    cursor = ask(WHOLE)
    (one,) = programs_of(cursor, programs=PROGRAMS, now=NOON)
    assert (one.program_id, one.code, one.level_of_care) == (an_id("program"), "iop-1", "intensive_outpatient")
    assert (one.focus, one.population, one.time_zone) == ("mental_health", "adult", "America/New_York")
    assert (one.opened_on, one.closed_on) == ("2026-01-02", None)
    both = programs_of(cursor, programs=[*PROGRAMS, an_id("program", 2)], now=NOON)
    assert [(two.code, two.closed_on) for two in both] == [("iop-1", None), ("iop-2", "2026-12-31")]


def test_clinicians_have_names_supervisors_and_credentials(ask: Ask) -> None:
    """A lapsed credential ends on the day before it lapsed; the supervisor is the one of today."""
    cursor = ask(WHOLE)
    (one,) = clinicians(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON)
    assert one.name is not None
    assert (one.clinician_id, one.name.family_name, one.name.given_name) == (an_id("clinician"), "Hale", "Miriam")
    assert (one.discipline, one.associate, one.supervisor_id) == ("counselor", True, an_id("clinician", 7))
    assert [(had.title, had.active_from, had.active_through) for had in one.credentials] == [
        ("LCSW", "2024-01-01", "2026-03-09")
    ]
    january = "2026-01-15T12:00:00.000000Z"
    assert clinicians(cursor, programs=PROGRAMS, opening=UNSEALED, now=january)[0].supervisor_id is None
    assert clinicians(cursor, programs=[an_id("program", 2)], opening=UNSEALED, now=NOON) == []


def test_payers_are_those_with_a_policy(ask: Ask) -> None:
    """A payer has its name, kind and policies; a retired policy has its last day."""
    (one,) = payers(ask(WHOLE), programs=[], now=NOON)
    assert (one.payer_id, one.name, one.kind) == (an_id("payer"), "Acme Health", "commercial")
    assert [(had.policy_id, had.code, had.effective_through, had.version) for had in one.policies] == [
        (an_id("payer_policy"), "acme-1", "2026-06-30", 4)
    ]


def test_documents_of_a_patient_and_of_a_session(ask: Ask) -> None:
    """A patient has the own documents only, a session also the narrative that all share."""
    cursor = ask(WHOLE)
    mine, plan = notes_of_patient(cursor, programs=PROGRAMS, now=NOON, patient_id=an_id("patient"))
    assert (mine.patient_answer, plan.kind, plan.patient_answer) == (None, "plan_of_care", "signed")
    assert (mine.note_id, mine.kind, mine.state, mine.author_id) == (
        an_id("note", 2), "group", "signed", an_id("clinician")
    )
    assert (mine.attendance_id, mine.service_date) == (attendance(1, 1), MONDAY)
    assert (mine.signed_at, mine.cosigned_at) == ("2026-03-16T18:00:00.000000Z", "2026-03-16T19:00:00.000000Z")
    found = notes_of_session(cursor, programs=PROGRAMS, now=NOON, session_id=an_id("session"))
    assert found is not None
    assert {(one.note_id, one.patient_id, one.state) for one in found} == {
        (an_id("note", 1), None, "draft"), (an_id("note", 2), an_id("patient", 1), "signed"),
        (an_id("note", 3), an_id("patient", 2), "signed"), (an_id("note", 4), an_id("patient", 3), "entered_in_error"),
    }
    assert next(one for one in found if one.note_id == an_id("note", 2)).narrative_id == an_id("note", 1)
    assert notes_of_session(cursor, programs=PROGRAMS, now=NOON, session_id=an_id("session", 9)) is None


def test_documents_of_other_programs_stay_unseen(ask: Ask) -> None:
    """Neither by patient nor by session does a document of another program appear."""
    cursor, elsewhere = ask(WHOLE), [an_id("program", 2)]
    assert notes_of_patient(cursor, programs=elsewhere, now=NOON, patient_id=an_id("patient")) == []
    assert notes_of_session(cursor, programs=elsewhere, now=NOON, session_id=an_id("session")) is None


def test_documents_are_read_page_by_page(ask: Ask) -> None:
    """The cursor of the last document leads to the next one, nothing twice and nothing missed."""
    cursor, seen, after = ask(WHOLE), [], None
    while page := notes_of_session(
        cursor, programs=PROGRAMS, now=NOON, session_id=an_id("session"), after=after, limit=1
    ):
        seen.append(page[0].note_id)
        after = page[0].cursor
    assert sorted(seen) == sorted(an_id("note", number) for number in (1, 2, 3, 4))


def test_the_summary_holds_goals_diagnoses_consents_and_guardians(ask: Ask) -> None:
    """Kinds, codes and days, the same from stored rows as from one patient's history in memory."""
    asked: dict[str, Any] = {"programs": PROGRAMS, "opening": UNSEALED, "now": NOON, "patient_id": an_id("patient")}
    summary = patient_summary(ask(WHOLE), **asked)
    assert summary is not None
    (episode,) = summary.episodes
    assert episode.plan is not None
    assert episode.plan.goals == ("mood",)
    assert episode.diagnoses is not None
    assert [(one.code, one.rank, one.effective_from) for one in episode.diagnoses] == [("F33.1", 1, "2026-03-11")]
    assert [(one.kind, one.signed_on, one.revoked_at, one.guardian_id) for one in summary.consents] == [
        ("treatment", "2026-03-09", eastern_utc("13:00"), an_id("guardian"))
    ]
    assert [(one.relationship, one.effective_from, one.ended_on) for one in summary.guardians] == [
        ("parent", "2026-01-01", "2026-03-15")
    ]
    own = folded(MODEL, WHOLE.story.recorded(MODEL, patient=an_id("patient")))
    again = summary_from_rows(own, **asked)
    assert again is not None
    assert (again.consents, again.guardians) == (summary.consents, summary.guardians)
    assert again.episodes[0].diagnoses == episode.diagnoses


def test_who_reaches_a_patient(ask: Ask) -> None:
    """The programs of a referral do; one referred nowhere is reached on request; an unknown id by nobody."""
    cursor = ask(Clinic().opens(1, 2).takes_in(1).takes_in(2, program=2).registers(3))

    patients = {an_id("patient", number): number for number in (1, 2, 3, 4)}
    for unreferred, near in ((True, {1, 3}), (False, {1})):
        found = reached(cursor, programs=PROGRAMS, patients=patients, unreferred=unreferred)
        assert {patients[one] for one in found} == near


def eastern_utc(clock: str) -> str:
    """The stored text of that time of UTC on the story's Monday."""
    return f"{MONDAY}T{clock}:00.000000Z"
