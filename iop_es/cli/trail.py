"""`iop-es trail`: the trail of facts, or of reads, as a file that only its owner can read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from aggregates.values import Instant
from api import exporting
from api.gate import NotFound, Question
from iop_es import wiring
from iop_es.cli.frame import settings
from iop_es.cli.operator import an_id, asked_here, catch_up
from iop_es.cli.printing import streamed
from iop_es.engine.readmodel.reading import ReadFilter
from iop_es.wiring import House
from projections.audit.exports import Format, Of
from projections.audit.queries import Filter

_INSTANT: TypeAdapter[Any] = TypeAdapter(Instant)


def an_instant(text: str) -> str:
    """The time that was typed. Raises typer.BadParameter."""
    try:
        return str(_INSTANT.validate_python(text))
    except (ValidationError, ValueError):
        raise typer.BadParameter(f"{text!r} is no time with its zone, such as 2026-03-02T09:00:00Z.") from None


Kind = Annotated[Format, typer.Option("--format", help="fhir: Provenance of writes, AuditEvent of reads.")]
What = Annotated[Of, typer.Option("--of", help="writes: the facts; reads: the access log.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to.")]
Patient = Annotated[str | None, typer.Option("--patient", help="About this patient.", parser=an_id)]
Person = Annotated[str | None, typer.Option("--person", help="Done by this person.", parser=an_id)]
From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="Recorded from then on.", parser=an_instant)]
Before = Annotated[str | None, typer.Option("--before", metavar="TIME", help="Recorded before.", parser=an_instant)]


def trail(
    out: Out, kind: Kind = "ndjson", of: What = "writes", patient: Patient = None, person: Person = None,
    first: From = None, before: Before = None,
) -> None:  # fmt: skip
    """Write the audit trail, or who read what, into a CSV, NDJSON or FHIR R4B file; on record as a read."""
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked, _ = asked_here(house, "audit.export", "auditor")
        wanted = Filter(patient_id=patient, actor=person, recorded_from=first, recorded_before=before)
        try:
            pieces = exporting.exported(_pages(house, replace(asked, patient=patient), wanted, of), kind, of)
        except NotFound:
            raise typer.BadParameter(f"There is no patient {patient}.", param_hint="--patient") from None
        streamed(out, pieces)


def _pages(house: House, asked: Question, wanted: Filter, of: Of) -> exporting.Pages:
    if of == "writes":
        return exporting.written(house.gate, house.log, asked, wanted, wide=True)
    narrowed = ReadFilter(
        actor=wanted.actor, patient=wanted.patient_id, recorded_from=wanted.recorded_from,
        recorded_before=wanted.recorded_before,
    )  # fmt: skip
    return exporting.read(house.gate, asked, narrowed)
