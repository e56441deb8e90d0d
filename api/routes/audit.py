"""Who did what and who saw what: the trail of facts, and the reads that the gate recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from psycopg import Cursor
from pydantic import BaseModel, Field

from aggregates.values import Id, Instant
from api.asking import Ask, AsOf, Page, TheAsk, ThePage
from api.filters import must_run_forwards
from api.permissions import ORGANIZATION_WIDE
from api.problems import declared
from projections.audit import queries
from projections.audit.phrases import Kind
from projections.audit.queries import DAY_IN_SECONDS, Filter
from projections.audit.views import Count, CountedBy, Entry

router = APIRouter(prefix="/v1", tags=["audit"], responses=declared(401, 403, 404, 422, 503))
LateAfter = Annotated[int, Query(ge=0, le=31_536_000, description="Seconds from true to known that count as late.")]


class ReadView(BaseModel):
    """One time that somebody asked for a patient's record."""

    id: int = Field(description="Number of the entry; also the cursor of the list.")
    at: Instant = Field(description="When.")
    actor: str = Field(description="Who.")
    role: str = Field(description="In which role.")
    purpose: str = Field(description="treatment, payment or operations.")
    resource: str = Field(description="The query's name.")
    request: str | None = Field(description="The request.")
    outcome: str = Field(description="What came of it: answered, answered as of, none, out of reach or not permitted.")


def narrowing(
    actor: Annotated[Id | None, Query(description="Done by this person, or on this person's behalf.")] = None,
    patient_id: Annotated[Id | None, Query(description="About this patient.")] = None,
    program_id: Annotated[Id | None, Query(description="In this program.")] = None,
    stream: Annotated[Id | None, Query(description="Of this thing.")] = None,
    kind: Annotated[list[Kind] | None, Query(description="Of these sorts.")] = None,
    name: Annotated[list[str] | None, Query(max_length=50, description="Facts of these stored names.")] = None,
    recorded_from: Instant | None = None,
    recorded_before: Instant | None = None,
    occurred_from: Instant | None = None,
    occurred_before: Instant | None = None,
    late_only: bool = False,
) -> Filter:
    """Which entries are asked for."""
    must_run_forwards(recorded_from=recorded_from, recorded_before=recorded_before)
    must_run_forwards(occurred_from=occurred_from, occurred_before=occurred_before)
    return Filter(
        actor=actor, patient_id=patient_id, program_id=program_id, stream=stream, kinds=kind, names=name,
        recorded_from=recorded_from, recorded_before=recorded_before, occurred_from=occurred_from,
        occurred_before=occurred_before, late_only=late_only,
    )


Wanted = Annotated[Filter, Depends(narrowing)]


@router.get("/audit/entries", operation_id="audit.entries")
def entries(
    ask: TheAsk, page: ThePage, wanted: Wanted, as_of: AsOf = None, late_after_seconds: LateAfter = DAY_IN_SECONDS
) -> Page[Entry]:
    """The trail, newest first: one entry a fact, in words."""
    return ask.page(
        queries.trail, page, lambda entry: str(entry.position), program=wanted.program_id, patient=wanted.patient_id,
        thing=wanted.stream,
        wanted=replace(wanted, upto=ask.upto(as_of)), organization_wide=_wide(ask),
        late_after_seconds=late_after_seconds,
    )


@router.get("/audit/counts", operation_id="audit.counts")
def counts(
    ask: TheAsk, wanted: Wanted, by: CountedBy = "kind", as_of: AsOf = None,
    late_after_seconds: LateAfter = DAY_IN_SECONDS,
) -> Page[Count]:
    """How many entries there are by kind, actor, role, name, UTC day of recording or program."""
    return ask.all(
        queries.counts, program=wanted.program_id, patient=wanted.patient_id, thing=wanted.stream, by=by,
        wanted=replace(wanted, upto=ask.upto(as_of)), organization_wide=_wide(ask),
        late_after_seconds=late_after_seconds,
    )


@router.get("/audit/streams/{stream_id}", operation_id="audit.stream")
def stream(
    ask: TheAsk, stream_id: Annotated[Id, Path()], as_of: AsOf = None, late_after_seconds: LateAfter = DAY_IN_SECONDS
) -> Page[Entry]:
    """Everything that happened to one thing, oldest first; now or as known then."""
    return ask.all(
        _history, thing=stream_id, stream=stream_id, upto=ask.upto(as_of), organization_wide=_wide(ask),
        late_after_seconds=late_after_seconds,
    )


@router.get("/patients/{patient_id}/reads", operation_id="audit.reads")
def reads(ask: TheAsk, page: ThePage, patient_id: Annotated[Id, Path()]) -> Page[ReadView]:
    """Who asked for this patient's record, latest first."""
    def found(cursor: Cursor[Any], **given: Any) -> list[ReadView]:
        return [ReadView.model_validate(read._asdict()) for read in ask.gate.reads(cursor, **given)]

    return ask.page(found, page, lambda read: str(read.id), patient=patient_id, patient_id=patient_id)


def _history(cursor: Cursor[Any], **given: Any) -> list[Entry] | None:
    return queries.history(cursor, **given) or None


def _wide(ask: Ask) -> bool:
    return ask.caller.role in ORGANIZATION_WIDE
