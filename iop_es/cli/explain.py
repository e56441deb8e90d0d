"""`iop-es explain`: a decided day told in words."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Annotated

import typer
from rich.console import Console

from api.beside import traces
from iop_es import wiring
from iop_es.cli.frame import Json, emit, say, settings
from iop_es.cli.operator import a_date, an_id, asked_here, catch_up, position_of
from projections.billing import MODEL, queries

Patient = Annotated[str, typer.Argument(metavar="PATIENT", help="The patient's id.", parser=an_id)]
Day = Annotated[str, typer.Argument(metavar="DATE", help="The day of service, such as 2026-03-02.", parser=a_date)]
AsOf = Annotated[str | None, typer.Option(metavar="POSITION|TIME", help="As it was known then.")]

INDENT = " " * 6
"""Where the words of a rule begin, after its yes or no."""


def explain(patient: Patient, day: Day, as_of: AsOf = None, as_json: Json = False) -> None:
    """Tell how one day of a patient was decided, rule by rule, with its money and its facts."""
    with wiring.opened(settings("warning")) as house:
        asked, programs = asked_here(house, f"explain/{patient}/{day}", "system")
        if as_of is None:
            catch_up(house)
            answer = house.gate.read(
                asked, MODEL.name,
                lambda cursor, now: queries.decided(
                    cursor, programs=programs, now=now, patient_id=patient, service_date=day
                ),
            )  # fmt: skip
        else:
            answer = house.gate.as_of(
                asked, MODEL.name, patient, position_of(house, as_of),
                lambda delta, now: queries.decided_from_rows(
                    delta, patient_id=patient, programs=programs, now=now, service_date=day
                ),
            )  # fmt: skip
        told = traces(
            house.log, house.gate, asked.caller.role, answer.result, answer.position, answer.now,
            past=as_of is not None,
        )  # fmt: skip
        if not told and not house.log.of_patient(patient):
            raise typer.BadParameter(f"There is no patient {patient}.", param_hint="PATIENT")
    if as_json:
        emit({"position": answer.position, "now": answer.now, "items": [one.model_dump() for one in told]})
    elif told:
        typer.echo("\n\n".join("\n".join(_fitted(trace.told, Console())) for trace in told))
    else:
        say("Nothing is recorded of this patient on that day.")


def _fitted(lines: Sequence[str], page: Console) -> list[str]:
    """The lines as they fit a terminal's width, their further parts under the words of the first; else as they are."""
    if not page.is_terminal:
        return list(lines)
    return [
        part for line in lines
        for part in wrap(
            line, page.width, subsequent_indent=INDENT if line.startswith(" ") else "", break_long_words=False,
            break_on_hyphens=False,
        )
    ]  # fmt: skip
