"""`iop-es today`: who needs someone today, why, for how long, and what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.markup import escape

from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.operator import an_id, catch_up, question
from iop_es.cli.worth import console, table_of
from projections.outcomes import MODEL
from projections.outcomes import today as alerts
from projections.outcomes.alert_views import AlertView
from projections.outcomes.alert_words import done

ProgramId = Annotated[str | None, typer.Option("--program", help="One program's id; left out, all.", parser=an_id)]
Person = Annotated[str | None, typer.Option(help="Who asks; left out, one made from the user name.", parser=an_id)]
Mine = Annotated[bool, typer.Option("--mine", help="Only what this person took or, where nobody did, attends.")]


def today(program: ProgramId = None, mine: Mine = False, person: Person = None, as_json: Json = False) -> None:
    """Show who needs someone today: urgent alerts first, then the oldest."""
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked, every = question(house, "today", person, "clinician")
        if program is not None and program not in every:
            raise typer.BadParameter(f"There is no program {program}; there are {', '.join(every) or 'none yet'}.")
        programs, owner = every if program is None else [program], asked.caller.person if mine else None
        answer = house.gate.read(
            replace(asked, program=program), MODEL.name,
            lambda cursor, now: alerts.alerts(cursor, programs=programs, now=now, owner=owner, limit=alerts.EVERY),
        )  # fmt: skip
        unreviewed = house.gate.standing().unreviewed
    if as_json:
        items = [one.model_dump(mode="json") for one in answer.result]
        emit({"position": answer.position, "now": answer.now, "items": items, "unreviewed_break_glass": unreviewed})
    else:
        _show(answer.result, answer.position, unreviewed)


def _show(found: list[AlertView], position: int, unreviewed: int) -> None:
    page = console()
    page.print(f"[bold]Who needs someone today[/bold], as of fact {position:,}\n")
    if unreviewed:
        page.print(f"Broken glasses that wait for a privacy officer's review: {unreviewed:,}.\n")
    if not found:
        page.print("Nobody.")
        return
    table = table_of("alert", "#days", "patient, why, owner, and what was done so far")
    for one in found:
        table.add_row(
            f"{one.kind.replace('_', ' ')}{' !' if one.urgent else ''}", str(one.age_days),
            f"{one.patient_id}\n{escape(one.why)}\n{one.owner_id or 'nobody'}: {done(one)}",
        )  # fmt: skip
    page.print(table)
    urgent, people = sum(one.urgent for one in found), len({one.patient_id for one in found})
    page.print(f"Alerts: {len(found):,}, {urgent:,} of them urgent (!), about {people:,} patients.")
