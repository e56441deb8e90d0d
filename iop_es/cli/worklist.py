"""`iop-es worklist`: what a biller has to do, all lists at a glance or one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer
from psycopg import Cursor
from rich.console import Console
from rich.markup import escape

from aggregates.codec import decode
from api.alike import pairs
from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.lists import WORKLISTS, Asked, Worklist
from iop_es.cli.operator import Person, acting, an_id, catch_up, question
from iop_es.cli.worth import console, table_of
from iop_es.wiring import House
from projections.billing import MODEL, worklists
from projections.billing.words import dollars

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help=f"One list: {', '.join(WORKLISTS)}.")]
ProgramId = Annotated[str | None, typer.Option("--program", help="One program's id; left out, all.", parser=an_id)]
Within = Annotated[
    int, typer.Option("--within-days", min=0, max=366, help="What runs out within so many days is on its list.")
]
Older = Annotated[
    int, typer.Option(
        "--older-than", metavar="DAYS", min=0,
        help="How old a check of eligibility, or a claim without an answer, may be; unverified.",
    ),
]


def worklist(
    name: Name = None, program: ProgramId = None, within_days: Within = worklists.SOON,
    older_than: Older = worklists.MONTH, person: Person = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Show the biller's lists with their counts and money, or one of them entry by entry."""
    if name is not None and name not in WORKLISTS:
        raise typer.BadParameter(f"There is no list {name!r}; there are {', '.join(WORKLISTS)}.", param_hint="NAME")
    chosen = {name: WORKLISTS[name]} if name else WORKLISTS
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        by = acting(house, person, "biller")
        asked, every = question(house, f"worklist/{name}" if name else "worklist", by)
        if program is not None and program not in every:
            raise typer.BadParameter(f"There is no program {program}; there are {', '.join(every) or 'none yet'}.")
        programs = every if program is None else [program]
        agreed = pairs(house.log).within(asked.caller, programs)
        given = Asked(programs, within_days, older_than, _names(house), agreed)

        def read(cursor: Cursor[Any], now: str) -> list[Any]:
            if name is not None:
                return list(WORKLISTS[name].ask(cursor, now, given))
            return [one.overview(cursor, now, given) for one in chosen.values()]

        answer = house.gate.read(replace(asked, program=program), MODEL.name, read)
    told = {"position": answer.position, "now": answer.now}
    if name is not None:
        if as_json:
            emit(told | {"name": name, "items": [one.model_dump() for one in answer.result]})
        else:
            _entries(WORKLISTS[name], answer.result, given, console())
    elif as_json:
        rows = zip(chosen.items(), answer.result, strict=True)
        emit(told | {"lists": [
            {"name": key, "title": one.title, "counts": one.counts, "count": count, "cents": cents}
            for (key, one), (count, cents) in rows
        ]})  # fmt: skip
    else:
        _overview(answer.result, answer.position, console())


def _names(house: House) -> dict[str, str]:
    """What payers and programs are called."""
    payers = [decode(one.topic, one.state) for one in house.log.by_topics(["payer_policy.published"])]
    opened = [(one.stream, decode(one.topic, one.state).code) for one in house.log.by_topics(["program.opened"])]
    return {fact.payer_id: fact.payer_name for fact in payers} | dict(opened)


def _overview(found: list[tuple[int, int | None]], position: int, page: Console) -> None:
    page.print(f"[bold]The biller's worklists[/bold], as of fact {position:,}\n")
    table = table_of("list", "#how many", "of", "#money", "which are")
    for (name, one), (count, cents) in zip(WORKLISTS.items(), found, strict=True):
        table.add_row(name, f"{count:,}", one.counts, "–" if cents is None else dollars(cents), one.title)
    page.print(table)
    page.print("\niop-es worklist NAME shows one of them. A day may be on several lists: their money does not add up.")


def _entries(listed: Worklist, found: list[Any], given: Asked, page: Console) -> None:
    page.print(f"[bold]{escape(listed.title)}[/bold]")
    if not found:
        page.print("Nothing.")
        return
    table = table_of(*listed.columns)
    for one in found:
        table.add_row(*(escape(cell(one, given)) for cell in listed.columns.values()))
    page.print(table)
    count, money = sum(listed.count(one) for one in found), ""
    if listed.cents is not None:
        money = f", {dollars(sum(listed.cents(one) for one in found))}"
    page.print(f"{listed.counts.capitalize()}: {count:,}{money}.")
