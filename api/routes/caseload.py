"""The day's work: who is expected, what waits for a signature, what runs out, who is in care, how a program does."""

from __future__ import annotations

from datetime import date as calendar
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from psycopg import Cursor

from aggregates.values import Date, Id
from api.access import may_see
from api.asking import PAST, AsOf, One, OneProgram, Page, TheAsk, Then, ThePage
from api.attention import marks
from api.filters import must_run_forwards
from api.problems import CensusTooLong, declared
from projections.caseload import queries
from projections.caseload.group_views import GroupView
from projections.caseload.summary_views import PatientSummary
from projections.caseload.views import (
    CensusWeek,
    DocumentTask,
    Due,
    PatientView,
    SessionDocumentation,
    SessionView,
    Waiting,
)

LONGEST_CENSUS_DAYS = 1100
USUAL_CENSUS_DAYS = 77

router = APIRouter(prefix="/v1", tags=["caseload"], responses=declared(401, 403, 404, 422, 503))
Day = Annotated[Date | None, Query(description="The day; left out: today in the program's zone.")]
Mine = Annotated[bool, Query(description="Only what is the caller's own.")]


@router.get("/caseload/sessions", operation_id="caseload.sessions")
def sessions(
    ask: TheAsk, page: ThePage, date: Day = None, mine: Mine = False, program_id: OneProgram = None
) -> Page[SessionView]:
    """Sessions of a day with their rosters, in order of planned start; whom an alert is about is marked."""
    clinician = ask.caller.person if mine else None
    return ask.page(
        queries.sessions, page, _cursor, program=program_id, on=date, clinician=clinician,
        alongside=marks(ask.caller, ask.name), opening=ask.gate.opened_parts,
    )  # fmt: skip


@router.get("/sessions/{session_id}", operation_id="caseload.session", responses=PAST)
def session(ask: TheAsk, session_id: Id, as_of: AsOf = None) -> One[SessionView]:
    """One session with its roster, now or as known then; the ETag is what its commands want in If-Match.

    Whom an open alert is about is marked: to clinicians with what it is, to others as `attention` only.
    """
    then = Then(as_of, queries.session_from_rows)
    return ask.one(
        queries.session, then=then, stream=session_id, session_id=session_id, alongside=marks(ask.caller, ask.name),
        opening=ask.gate.opened_parts,
    )  # fmt: skip


@router.get("/caseload/documentation", operation_id="caseload.documentation")
def documentation(
    ask: TheAsk, page: ThePage, date: Day = None, mine: Mine = False, program_id: OneProgram = None
) -> Page[SessionDocumentation]:
    """Sessions of a day that are closed, or should be since their planned end is past, with what is missing of their
    documentation, in order of their end."""
    clinician = ask.caller.person if mine else None
    return ask.page(queries.documentation, page, _cursor, program=program_id, on=date, clinician=clinician)


@router.get("/sessions/{session_id}/documentation", operation_id="caseload.session_documentation")
def session_documentation(ask: TheAsk, session_id: Id) -> One[SessionDocumentation]:
    """One session that is closed, or should be: who has no part yet, what is not signed or cosigned, which sections are
    missing, until when."""
    return ask.one(queries.documentation_of, stream=session_id, session_id=session_id)


@router.get("/caseload/notes-to-sign", operation_id="caseload.notes_to_sign")
def notes_to_sign(
    ask: TheAsk, page: ThePage, mine: Mine = True, program_id: OneProgram = None
) -> Page[DocumentTask]:
    """Documents to be written, signed, changed, cosigned or brought to the patient, and sessions to be closed before
    that, oldest service first, each with its deadline."""
    person = ask.caller.person if mine else None
    return ask.page(queries.documents, page, _cursor, program=program_id, person=person)


@router.get("/caseload/due", operation_id="caseload.due")
def due(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None,
    within_days: Annotated[int, Query(ge=0, le=366, description="How far to look ahead.")] = 14,
) -> Page[Due]:
    """Plan reviews, certifications and authorizations that run out, overdue ones first."""
    return ask.page(queries.due, page, _cursor, program=program_id, within_days=within_days)


@router.get("/caseload/patients", operation_id="caseload.patients")
def patients(ask: TheAsk, page: ThePage, program_id: OneProgram = None) -> Page[PatientView]:
    """Patients in care, in order of admission."""
    return ask.page(queries.patients, page, _cursor, program=program_id, opening=ask.gate.opened_parts)


@router.get("/caseload/waiting-list", operation_id="caseload.waiting_list")
def waiting_list(ask: TheAsk, page: ThePage, program_id: OneProgram = None) -> Page[Waiting]:
    """Patients referred and not admitted, the longest waiting first."""
    return ask.page(queries.waiting_list, page, _cursor, program=program_id, opening=ask.gate.opened_parts)


@router.get("/programs/{program_id}/groups", operation_id="caseload.groups")
def groups(ask: TheAsk, page: ThePage, program_id: Annotated[Id, Path()], date: Day = None) -> Page[GroupView]:
    """A program's groups on a day, with rosters, seats, leaders and meetings."""
    return ask.page(
        queries.groups, page, _cursor, program=program_id, on=date, opening=ask.gate.opened_parts
    )


@router.get("/programs/{program_id}/census", operation_id="caseload.census")
def census(
    ask: TheAsk, page: ThePage, program_id: Annotated[Id, Path()],
    first: Annotated[Date | None, Query(description="A day of the first week; left out: 11 weeks before last.")] = None,
    last: Annotated[Date | None, Query(description="A day of the last week; left out: today.")] = None,
) -> Page[CensusWeek]:
    """A program by week: referrals, admissions, discharges, length of stay, attendance, hours planned and delivered."""
    return ask.page(_census, page, _cursor, program=program_id, first=first, last=last)


@router.get("/patients/{patient_id}/summary", operation_id="caseload.patient_summary", responses=PAST)
def patient_summary(ask: TheAsk, patient_id: Annotated[Id, Path()], as_of: AsOf = None) -> One[PatientSummary]:
    """One patient: episodes, plan, certification, authorizations, coverage, papers; now or as known then.

    Whom an open alert is about is marked as on a roster; of who left with one open the mark says since when.
    Diagnoses and goals are for reviewers and for those who treat the patient; a consent is for the programs that
    it names; where it names none, for those to which the patient was referred when it was signed.
    """
    then = Then(as_of, queries.summary_from_rows)
    found = ask.one(
        queries.patient_summary, then=then, patient=patient_id, patient_id=patient_id,
        alongside=marks(ask.caller, ask.name), opening=ask.gate.opened_parts,
    )  # fmt: skip
    known = ask.gate.consents_known_to(ask.caller, [patient_id], ask.upto(as_of))[patient_id]
    own = tuple(one for one in found.item.consents if one.consent_id in known)
    found = found.model_copy(update={"item": found.item.model_copy(update={"consents": own})})
    detailed = may_see(ask.caller.role, ask.name, "clinical_detail") and ask.treats(patient_id)
    return found if detailed else _without_clinical_detail(found)


def _without_clinical_detail(found: One[PatientSummary]) -> One[PatientSummary]:
    """The same without diagnoses and goals, which the front desk's work does not need."""
    episodes = tuple(
        one.model_copy(update={
            "diagnoses": None, "plan": one.plan.model_copy(update={"goals": None}) if one.plan else None,
        })
        for one in found.item.episodes
    )  # fmt: skip
    return found.model_copy(update={"item": found.item.model_copy(update={"episodes": episodes})})


def _census(
    cursor: Cursor[Any], *, programs: list[str], now: str, first: str | None, last: str | None, after: str | None,
    limit: int,
) -> list[CensusWeek]:
    end = calendar.fromisoformat(last or now[:10])
    begin = calendar.fromisoformat(first) if first else end - timedelta(USUAL_CENSUS_DAYS)
    must_run_forwards(first=begin.isoformat(), last=end.isoformat())
    if not 0 <= (end - begin).days <= LONGEST_CENSUS_DAYS:
        raise CensusTooLong
    return queries.census(
        cursor, programs=programs, now=now, first=begin.isoformat(), last=end.isoformat(), after=after, limit=limit
    )


def _cursor(view: Any) -> str:
    return str(view.cursor)
