"""`iop-es today`: who needs someone today, why, for how long, and what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.markup import escape

from aggregates.codec import decode
from aggregates.values import instant, moment
from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.operator import Person, acting, an_id, catch_up, question
from iop_es.cli.worth import console, table_of
from iop_es.wiring import House
from projections.caseload import on_call
from projections.caseload.on_call import Gap
from projections.chart.words import clock
from projections.outcomes import MODEL
from projections.outcomes import today as alerts
from projections.outcomes.alert_views import AlertView
from projections.outcomes.alert_words import done, reason

ProgramId = Annotated[str | None, typer.Option("--program", help="One program's id; left out, all.", parser=an_id)]
Mine = Annotated[bool, typer.Option("--mine", help="Only what this person took or, where nobody did, attends.")]


def today(program: ProgramId = None, mine: Mine = False, person: Person = None, as_json: Json = False) -> None:
    """Show who needs someone today: urgent alerts first, then the oldest."""
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked, every = question(house, "today", acting(house, person, "clinician"))
        if program is not None and program not in every:
            raise typer.BadParameter(f"There is no program {program}; there are {', '.join(every) or 'none yet'}.")
        programs, owner = every if program is None else [program], asked.caller.person if mine else None
        answer = house.gate.read(
            replace(asked, program=program), MODEL.name,
            lambda cursor, now: alerts.alerts(cursor, programs=programs, now=now, owner=owner, limit=alerts.EVERY),
        )  # fmt: skip
        unreviewed = house.gate.standing().unreviewed
        gaps = on_call.gaps(house.log, programs, answer.now, instant(moment(answer.now) + on_call.AHEAD))
        uncovered = [_uncovered(house, one) for one in gaps]
    if as_json:
        items = [one.model_dump(mode="json") for one in answer.result]
        emit({"position": answer.position, "now": answer.now, "items": items, "unreviewed_break_glass": unreviewed,
              "on_call_gaps": [one._asdict() for one in gaps]})  # fmt: skip
    else:
        _show(answer.result, answer.position, unreviewed, uncovered)


def _uncovered(house: House, gap: Gap) -> str:
    """When nobody is on call for a program, in its own time."""
    [opening] = [one for one in house.log.by_topics(["program.opened"]) if one.stream == gap.program_id]
    program = decode(opening.topic, opening.state)
    start, end = (clock(at, program.time_zone) for at in (gap.from_at, gap.until))
    return f"Nobody is on call for {program.code} from {start} until {end}."


def _show(found: list[AlertView], position: int, unreviewed: int, uncovered: list[str]) -> None:
    page = console()
    page.print(f"[bold]Who needs someone today[/bold], as of fact {position:,}\n")
    if unreviewed:
        page.print(f"Broken glasses that wait for a privacy officer's review: {unreviewed:,}.\n")
    for sentence in uncovered:
        page.print(escape(sentence))
    if not found:
        page.print("Nobody.")
        return
    table = table_of("alert", "#days", "patient, why, owner, and what was done so far")
    for one in found:
        table.add_row(
            f"{one.kind.replace('_', ' ')}{' !' if one.urgent else ''}", str(one.age_days),
            f"{one.patient_id}\n{escape(reason(one))}\n{one.owner_id or 'nobody'}: {done(one)}",
        )  # fmt: skip
    page.print(table)
    urgent, people = sum(one.urgent for one in found), len({one.patient_id for one in found})
    page.print(f"Alerts: {len(found):,}, {urgent:,} of them urgent (!), about {people:,} patients.")
