"""Who did what and who saw what: the trail of facts, and the reads that the gate recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from psycopg import Cursor
from pydantic import BaseModel, Field

from aggregates.values import Id, Instant
from api import exporting
from api.access import ORGANIZATION_WIDE, may_ask
from api.asking import PAST, Ask, AsOf, One, Page, TheAsk, ThePage
from api.filters import invalid, must_run_forwards
from api.problems import declared
from api.routes.printing import TheLog
from api.trail import counting, known_to, newest_first, of_one_thing
from iop_es.engine.log import StoredFact
from iop_es.engine.readmodel.reading import ReadFilter
from projections.audit.between import between
from projections.audit.break_glass import BreakGlassView
from projections.audit.changes import LATE_AFTER_DAYS, Changes
from projections.audit.corrections import with_values
from projections.audit.disclosures import SHARED, Accounted, Accounting, accounting
from projections.audit.exports import MEDIA, SUFFIX, Format, Of
from projections.audit.phrases import Kind
from projections.audit.queries import DAY_IN_SECONDS, Filter
from projections.audit.shreddings import ShreddingView
from projections.audit.views import Count, CountedBy, Entry

router = APIRouter(prefix="/v1", tags=["audit"], responses=declared(401, 403, 404, 422, 503))
LateAfter = Annotated[int, Query(ge=0, le=31_536_000, description="Seconds from true to known that count as late.")]


class ReadView(BaseModel):
    """One time that somebody asked for a patient's record."""

    id: int = Field(description="Number of the entry; also the cursor of the list.")
    at: Instant = Field(description="When.")
    actor: str = Field(description="Who.")
    role: str = Field(description="In which role.")
    purpose: str = Field(
        description="treatment, payment, operations, audit, privacy or break_glass, or what a print is for."
    )
    resource: str = Field(description="The query's name, or that of an order that was turned away.")
    request: str | None = Field(description="The request; at the command line, which operator sat there.")
    outcome: str = Field(description="What came of it: answered, answered as of, none, out of reach or not permitted.")
    grant_id: str | None = Field(description="The broken glass that it was read through.")


async def narrowing(
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
EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {one: {"schema": {"type": "string"}} for one in MEDIA.values()}}
}
BETRAYING = "Leave it out: how often something was recorded of one patient tells what was"
READS_TAKE = {"actor", "patient_id", "recorded_from", "recorded_before"}
Earlier = Annotated[AsOf, Query(alias="from", description="After this position or time; left out: from the start.")]
Later = Annotated[AsOf, Query(alias="to", description="Up to and with this position or time; left out: now.")]


@router.get("/audit/entries", operation_id="audit.entries")
def entries(
    ask: TheAsk, log: TheLog, page: ThePage, wanted: Wanted, as_of: AsOf = None,
    late_after_seconds: LateAfter = DAY_IN_SECONDS,
) -> Page[Entry]:  # fmt: skip
    """The trail, newest first: one entry a fact, in words; a correction with the old value beside the new."""
    found = ask.page(
        newest_first(ask.gate, log, ask.question()), page, lambda entry: str(entry.position), program=wanted.program_id,
        patient=wanted.patient_id, thing=wanted.stream, wanted=replace(wanted, upto=ask.upto(as_of)),
        organization_wide=_wide(ask), late_after_seconds=late_after_seconds,
    )
    return found.model_copy(update={"items": with_values(log, found.items)})


@router.get("/audit/counts", operation_id="audit.counts")
def counts(
    ask: TheAsk, log: TheLog, wanted: Wanted, by: CountedBy = "kind", as_of: AsOf = None,
    late_after_seconds: LateAfter = DAY_IN_SECONDS,
) -> Page[Count]:
    """How many entries there are by kind, actor, role, name, UTC day of recording or program, of those that
    `/audit/entries` lists for the same reach; of one patient or one thing only to who may read the entries themselves.
    """
    narrowed = [name for name in ("patient_id", "stream") if getattr(wanted, name) is not None]
    if narrowed and not may_ask(ask.caller.role, "audit.entries"):
        raise invalid(*((name, BETRAYING) for name in narrowed))
    return ask.all(
        counting(ask.gate, log, ask.question()), program=wanted.program_id, patient=wanted.patient_id,
        thing=wanted.stream, by=by, wanted=replace(wanted, upto=ask.upto(as_of)), organization_wide=_wide(ask),
        late_after_seconds=late_after_seconds,
    )


@router.get("/audit/streams/{stream_id}", operation_id="audit.stream")
def stream(
    ask: TheAsk, log: TheLog, stream_id: Annotated[Id, Path()], as_of: AsOf = None,
    late_after_seconds: LateAfter = DAY_IN_SECONDS,
) -> Page[Entry]:  # fmt: skip
    """Everything that happened to one thing, oldest first, old values beside new ones; now or as known then."""
    found = ask.all(
        of_one_thing(ask.gate, log, ask.question(thing=stream_id)), thing=stream_id, stream=stream_id,
        upto=ask.upto(as_of), organization_wide=_wide(ask), late_after_seconds=late_after_seconds,
    )
    return found.model_copy(update={"items": with_values(log, found.items)})


@router.get("/audit/patients/{patient_id}/changes", operation_id="audit.changes")
def what_changed(
    ask: TheAsk, log: TheLog, patient_id: Annotated[Id, Path()], earlier: Earlier = None, later: Later = None,
    late_after_days: Annotated[int, Query(ge=0, le=365, description="Days that count as late.")] = LATE_AFTER_DAYS,
    enrollment_id: Annotated[Id | None, Query(description="Of this episode of theirs alone.")] = None,
) -> One[Changes]:
    """What came to a record between two moments, counted and in words: corrections first, then what was late.

    Of an episode, what names it or is about something of it; the patient's own, such as a consent, is of none.
    """
    moments = tuple(None if one is None else ask.gate.moment(one)[0] for one in (earlier, later))
    if None not in moments and moments[0] > moments[1]:  # type: ignore[operator] # neither is None
        raise invalid(("to", "Comes before from; exchange the two"))
    above, upto = moments[0] or 0, moments[1]
    facts = log.of_patient(patient_id, upto, with_context=False)

    def query(cursor: Cursor[Any], **given: Any) -> Changes | None:
        return between(
            cursor, facts, patient_id, (above, upto), enrollment_id=enrollment_id, late_after_days=late_after_days,
            known=lambda came: known_to(ask.gate, log, ask.caller, came), **given,
        )  # fmt: skip

    return ask.one(query, patient=patient_id, organization_wide=_wide(ask))


@router.get("/audit/export", operation_id="audit.export", responses=EXPORTED, response_class=StreamingResponse)
def export(
    ask: TheAsk, log: TheLog, wanted: Wanted,
    of: Annotated[Of, Query(description="writes: the facts; reads: the access log.")] = "writes",
    format: Annotated[  # noqa: A002 - the parameter's name
        Format, Query(description="csv, ndjson, or fhir: Provenance for writes, AuditEvent for reads, one a line.")
    ] = "ndjson",
    as_of: AsOf = None, late_after_seconds: LateAfter = DAY_IN_SECONDS,
) -> StreamingResponse:  # fmt: skip
    """The trail as a file, oldest first, with the same filters; each page of it is on record before it leaves."""
    question = ask.question(wanted.program_id, wanted.patient_id, wanted.stream)
    upto = ask.upto(as_of)
    if of == "reads":
        must_fit_reads(wanted, upto)
        narrowed = ReadFilter(
            actor=wanted.actor, patient=wanted.patient_id, recorded_from=wanted.recorded_from,
            recorded_before=wanted.recorded_before,
        )  # fmt: skip
        pages = exporting.read(ask.gate, question, narrowed)
    else:
        pages = exporting.written(ask.gate, log, question, replace(wanted, upto=upto), _wide(ask), late_after_seconds)
    name = f'attachment; filename="{of}.{SUFFIX[format]}"'
    headers = {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(exporting.exported(pages, format, of), media_type=MEDIA[format], headers=headers)


@router.get("/audit/break-glass", operation_id="audit.break_glass")
def break_glass(
    ask: TheAsk, unreviewed: Annotated[bool, Query(description="Only what nobody has judged yet.")] = False
) -> Page[BreakGlassView]:
    """Who broke the glass of whom and why, what was read under it, and the reviews: those that wait for one first."""
    answer = ask.gate.oversight.emergencies(ask.question())
    items = [one for one in answer.result if one.reviewed_by is None or not unreviewed]
    return Page(position=answer.position, now=answer.now, items=items, next=None)


@router.get("/audit/shreddings", operation_id="audit.shreddings")
def shreddings(
    ask: TheAsk, request: Request,
    waiting: Annotated[bool, Query(description="Only what is neither withdrawn nor carried out.")] = False,
) -> Page[ShreddingView]:  # fmt: skip
    """Whose names, numbers and words are asked to be given up for ever, by whom, who approved it, from when on it can
    be carried out, and what it is held by now: those that wait first."""
    answer = ask.gate.oversight.shreddings(ask.question(), request.app.state.services.retention)
    items = [one for one in answer.result if one.ended is None or not waiting]
    return Page(position=answer.position, now=answer.now, items=items, next=None)


@router.get("/patients/{patient_id}/disclosures", operation_id="audit.disclosures", responses=PAST)
def disclosures(
    ask: TheAsk, log: TheLog, patient_id: Annotated[Id, Path()],
    kind: Annotated[Accounted, Query(description="hipaa: 45 CFR 164.528; part2: 42 CFR 2.25.")], as_of: AsOf = None,
) -> One[Accounting]:  # fmt: skip
    """The accounting of disclosures that the patient may ask for, what the system itself sent included; now or then.

    It holds what your programs disclosed. The patient's right is to that of the whole house: only to a privacy officer
    who is cleared for every program it is told whole, and nobody else is told whether anything is left out.
    """
    upto, now = (None, ask.gate.now()) if as_of is None else ask.gate.moment(as_of)

    def view(facts: Sequence[StoredFact]) -> Accounting | None:
        if not facts or not facts[0].topic.startswith("patient."):
            return None
        own = log.of_patient(patient_id, upto, with_sealed=True)
        return accounting(patient_id, own, log.by_topics(SHARED, upto), kind, now[:10], ask.caller.programs)

    return ask.stream(patient_id, view, as_of)


@router.get("/patients/{patient_id}/reads", operation_id="audit.reads")
def reads(ask: TheAsk, page: ThePage, patient_id: Annotated[Id, Path()]) -> Page[ReadView]:
    """Who asked for this patient's record, latest first, whichever of the patient's programs they asked in: the access
    log keeps of a read who, in which role, why and what, and not in which program."""
    def found(cursor: Cursor[Any], **given: Any) -> list[ReadView]:
        return [ReadView.model_validate(read._asdict()) for read in ask.gate.oversight.reads(cursor, **given)]

    return ask.page(found, page, lambda read: str(read.id), patient=patient_id, patient_id=patient_id)


def must_fit_reads(wanted: Filter, upto: int | None) -> None:
    """Refuses filters that only facts have. Raises a 422 problem."""
    names = {"kinds": "kind", "names": "name"}
    given = [name for name, _ in wanted.given() if name not in READS_TAKE] + ([] if upto is None else ["as_of"])
    if given:
        raise invalid(*((names.get(name, name), "Reads have no such thing; leave it out") for name in given))


def _wide(ask: Ask) -> bool:
    return ask.caller.role in ORGANIZATION_WIDE
