"""`iop-es downtime`: tomorrow's rosters, contacts and open risks on paper, and the lines to type the paper in with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from psycopg import Cursor

from api.access import QUESTIONS, may_ask
from api.alongside import Alongside
from iop_es import wiring
from iop_es.cli.frame import say, settings
from iop_es.cli.operator import Person, a_date, acting, an_id, catch_up, question
from iop_es.cli.printing import paper_of, written
from iop_es.wiring import House
from projections.caseload import MODEL
from projections.downtime.lines import lines as typed
from projections.downtime.paper import html, pdf
from projections.downtime.reading import Shown, expected, with_risks
from projections.downtime.views import Downtime
from projections.outcomes import MODEL as OUTCOMES

PAPER: dict[str, Callable[[Sequence[Downtime]], bytes]] = {".html": html, ".pdf": pdf}
ROLES = tuple(sorted(QUESTIONS["caseload.sessions"].roles & QUESTIONS["patient.identity"].roles))
"""Who sees rosters, and who the people on them are to the outside."""
On = Annotated[str | None, typer.Option(metavar="DATE", help="Left out, tomorrow in each program.", parser=a_date)]
Programs = Annotated[
    list[str] | None, typer.Option("--program", help="A program's id; may come again; left out, all.", parser=an_id)
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to: a name ending in .pdf or .html.")]
Lines = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also the commands, one a line, to type the filled-in sheets in with."),
]
RoleName = Annotated[str, typer.Option("--role", help=f"For whom: {', '.join(ROLES)}.")]


def downtime(
    out: Out, on: On = None, program: Programs = None, lines: Lines = None, role: RoleName = "clinician",
    person: Person = None,
) -> None:  # fmt: skip
    """Print a day's rosters, contacts and open risks, for when there is no system; who was shown goes on record."""
    paper = paper_of(out, PAPER)
    if role not in ROLES:
        raise typer.BadParameter(f"A {role!r} sees no rosters; there are {', '.join(ROLES)}.", param_hint="--role")
    with wiring.opened(settings("warning")) as house:
        found = _asked(house, on, program, role, person)
    written(out, paper(found))
    if lines is not None:
        written(lines, "".join(f"{one}\n" for day in found for one in typed(day, person)).encode())
    sheets, people = sum(len(one.sheets) for one in found), sum(len(one.contacts) for one in found)
    say(f"{sheets:,} groups and {people:,} people in {len(found):,} programs. The paper names patients: lock it away.")


def _asked(house: House, on: str | None, wanted: list[str] | None, role: Any, person: str | None) -> list[Downtime]:
    """Each program's day as the gate answers it, on record with everybody who is on its sheets."""
    catch_up(house)
    asked, every = question(house, f"downtime/{on or 'tomorrow'}", acting(house, person, role))
    for one in wanted or ():
        if one not in every:
            raise typer.BadParameter(f"There is no program {one}; there are {', '.join(every) or 'none yet'}.")
    day = None if on is None else date.fromisoformat(on)
    shown = Shown(numbers=may_ask(role, "patient.identity"), risks=may_ask(role, "outcomes.alerts"))

    def live(cursor: Cursor[Any], now: str, found: Downtime) -> Downtime:
        return with_risks(cursor, house.log, now, found, shown)

    def answered(program: str) -> Downtime:
        def gathered(cursor: Cursor[Any], now: str) -> Downtime | None:
            return expected(cursor, house.log, program, day, now, shown, lambda: str(uuid4()))

        asking = replace(asked, program=program, purpose="treatment")
        beside = Alongside(OUTCOMES.name, live, lambda _deltas, _now, found: found)
        answer = house.gate.read(asking, MODEL.name, gathered, beside)
        return replace(answer.result, position=answer.position)

    return [answered(each) for each in dict.fromkeys(wanted or every)]
