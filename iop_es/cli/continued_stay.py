"""`iop-es continued-stay`: the summary for utilization review, on the terminal, as data, or on one page in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api.gate import NotFound
from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.operator import catch_up, position_of, question
from iop_es.cli.printing import AsOf, Patient, paper_of, written
from iop_es.wiring import House
from projections.continued_stay.paper import Page, html, page, pdf
from projections.continued_stay.reading import Reviewed, reviewed

PAPER: dict[str, Callable[[Reviewed], bytes]] = {".html": html, ".pdf": pdf}
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Into a file ending in .pdf or .html.")]


def continued_stay(patient: Patient, as_of: AsOf = None, as_json: Json = False, out: Out = None) -> None:
    """Summarize a patient's stay for utilization review: hours, measures, plan, risk, units, what the payer asks."""
    paper = None if out is None else paper_of(out, PAPER)
    with wiring.opened(settings("warning")) as house:
        found = _asked(house, patient, as_of)
    if found is None:
        raise typer.BadParameter(f"There is no episode of patient {patient} in any program.", param_hint="PATIENT")
    if paper is not None and out is not None:
        written(out, paper(found))
    elif as_json:
        item = found.summary.model_dump(mode="json")
        emit({"position": found.through_position, "now": found.through_at, "item": item})
    else:
        typer.echo("\n".join(_lines(page(found))))


def _asked(house: House, patient: str, as_of: str | None) -> Reviewed | None:
    """What the gate answers, on record; None where it finds nothing."""
    catch_up(house)
    gate, log = house.gate, house.log
    asked, programs = question(house, f"continued-stay/{patient}", None, "system")
    moment = None if as_of is None else gate.moment(position_of(house, as_of))
    upto, now = moment or (log.head().position, gate.now())
    try:
        return gate.stream(
            asked, patient,
            lambda _facts: reviewed(log, patient, programs, upto, now, lambda name: gate.folded(name, patient, upto)),
            moment,
        ).result  # fmt: skip
    except NotFound:
        return None


def _lines(shown: Page) -> list[str]:
    parts = (shown.facts, (shown.weekly, *shown.weeks), shown.asked, (shown.measured, *shown.results), shown.care)
    told = [line for rows in parts if rows for line in (*("  ".join(row).rstrip() for row in rows), "")]
    return [*told, *(f"Missing: {one}" for one in shown.missing), shown.foot]
