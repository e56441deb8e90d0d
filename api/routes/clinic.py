"""What the clinic consists of: programs, clinicians, payers, and which documents a patient or a session has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from aggregates.values import Id
from api.asking import PAST, AsOf, OneProgram, Page, TheAsk, Then, ThePage
from api.gate import Beside
from api.problems import declared
from projections.caseload import queries
from projections.caseload.directory import ClinicianView, NoteEntry, PayerView, ProgramView

DOCUMENTS = Beside(queries.note_ids_of_session, "note.drafted", "session_id")
router = APIRouter(prefix="/v1", tags=["clinic"], responses=declared(401, 403, 404, 422, 503))


@router.get("/programs", operation_id="caseload.programs")
def programs(ask: TheAsk) -> Page[ProgramView]:
    """The programs of your token, by code."""
    return ask.all(queries.programs_of)


@router.get("/clinicians", operation_id="caseload.clinicians")
def clinicians(ask: TheAsk, program_id: OneProgram = None) -> Page[ClinicianView]:
    """Who works or worked in your programs, by name, with credentials and today's supervisor."""
    return ask.all(queries.clinicians, program=program_id, opening=ask.gate.opened_parts)


@router.get("/payers", operation_id="caseload.payers")
def payers(ask: TheAsk) -> Page[PayerView]:
    """Every payer with a published policy; payers belong to the organization."""
    return ask.all(queries.payers)


@router.get("/patients/{patient_id}/notes", operation_id="caseload.patient_notes", responses=PAST)
def patient_notes(
    ask: TheAsk, page: ThePage, patient_id: Annotated[Id, Path()], as_of: AsOf = None
) -> Page[NoteEntry]:
    """The documents about a patient, without their words, the oldest service first; now or as known then."""
    return ask.page(
        queries.notes_of_patient, page, lambda note: note.cursor, then=Then(as_of, queries.notes_from_rows),
        patient=patient_id, patient_id=patient_id,
    )


@router.get("/sessions/{session_id}/notes", operation_id="caseload.session_notes", responses=PAST)
def session_notes(
    ask: TheAsk, page: ThePage, session_id: Annotated[Id, Path()], as_of: AsOf = None
) -> Page[NoteEntry]:
    """The documents of a session, without their words, the narrative that a group shares among them; now or as known
    then."""
    return ask.page(
        queries.notes_of_session, page, lambda note: note.cursor,
        then=Then(as_of, queries.session_notes_from_rows, DOCUMENTS), stream=session_id, session_id=session_id,
    )
