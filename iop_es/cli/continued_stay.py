"""`iop-es continued-stay`: the summary for utilization review, on the terminal, as data, or on one page in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api.gate import NotFound, Question
from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.operator import asked_by, catch_up, position_of
from iop_es.cli.printing import AsOf, By, Disclosed, For, In, Patient, paper_of, released, written
from iop_es.wiring import House
from projections.chart.notice import Notice
from projections.continued_stay.paper import Page, html, page, pdf
from projections.continued_stay.reading import Reviewed, reviewed

Told = tuple[Reviewed, Notice | None]
PAPER: dict[str, Callable[[Told], bytes]] = {".html": lambda told: html(*told), ".pdf": lambda told: pdf(*told)}
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Into a file ending in .pdf or .html.")]


def continued_stay(
    patient: Patient, person: By, role: In, purpose: For = "payment", disclosure: Disclosed = None,
    as_of: AsOf = None, as_json: Json = False, out: Out = None,
) -> None:  # fmt: skip
    """Summarize a patient's stay for utilization review: hours, measures, plan, risk, units, what the payer asks.

    Whoever asks may see it by the policy of the API, and stands in the access log by name.
    """
    paper = None if out is None else paper_of(out, PAPER)
    name = "patient.continued_stay" if out is None else "patient.continued_stay_print"
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked = asked_by(house, name, person, role, purpose)
        found = _asked(house, asked, patient, as_of)
        notice = None
        if found is not None and out is not None:
            notice = released(house, [patient], [found.summary.program_id], purpose, disclosure)
    if found is None:
        raise typer.BadParameter(f"There is no episode of patient {patient} in any program.", param_hint="PATIENT")
    if paper is not None and out is not None:
        written(out, paper((found, notice)))
    elif as_json:
        item = found.summary.model_dump(mode="json")
        emit({"position": found.through_position, "now": found.through_at, "item": item})
    else:
        typer.echo("\n".join(_lines(page(found))))


def _asked(house: House, asked: Question, patient: str, as_of: str | None) -> Reviewed | None:
    """What the gate answers, on record; None where it finds nothing."""
    gate, log, programs = house.gate, house.log, sorted(asked.caller.programs)
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
