"""`iop-es self-audit`: a reviewer's questions put to our own bills of a period, as they stood at any moment."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from api.self_audit import audited
from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.operator import a_date, an_id, asked_here, catch_up, position_of
from iop_es.cli.worth import console, table_of
from projections.billing.self_audit import SelfAuditView, Window
from projections.billing.words import dollars

From = Annotated[str, typer.Option("--from", metavar="DATE", help="The first day of service.", parser=a_date)]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="The last day of service.", parser=a_date)]
AsOf = Annotated[str | None, typer.Option(metavar="POSITION|TIME", help="As it was known then; left out, now.")]
ProgramId = Annotated[
    str | None, typer.Option("--program", metavar="ID", help="One program's id; left out, every one.", parser=an_id)
]
Payer = Annotated[
    str | None, typer.Option("--payer", metavar="ID", help="One payer's id; left out, every one.", parser=an_id)
]
Sample = Annotated[int | None, typer.Option("--sample", metavar="N", min=1, help="Draw so many days; left out, all.")]
Seed = Annotated[str, typer.Option("--seed", metavar="S", help="By which they are drawn, the same days again.")]


def self_audit(
    first: From, last: To, as_of: AsOf = None, program: ProgramId = None, payer: Payer = None, sample: Sample = None,
    seed: Seed = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Ask of billed days what a payer's reviewer would ask, as they stood then, and say what that exposes."""
    if first > last:
        raise typer.BadParameter(f"--from {first} lies after --to {last}.")
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked, every = asked_here(house, f"self-audit/{first}/{last}", "system")
        if program is not None and program not in every:
            raise typer.BadParameter(f"There is no program {program}; there are {', '.join(every) or 'none yet'}.")
        moment = None if as_of is None else position_of(house, as_of)
        window = Window(first, last, program, payer, sample, seed)
        programs = every if program is None else [program]
        found = audited(house.gate, asked, window, programs=programs, as_of=moment).result
    if as_json:
        emit(found.model_dump())
    else:
        _show(found, console())


def _show(found: SelfAuditView, page: Console) -> None:
    page.print(f"[bold]Self-audit of services from {found.from_date} through {found.to_date}[/bold]")
    page.print(
        f"As known at fact {found.as_of:,} ({found.at[:16].replace('T', ' ')} UTC): {found.billed_days:,} billed days,"
        f" {dollars(found.billed_cents)} billed, {dollars(found.paid_cents)} paid."
    )
    if found.sample is not None:
        page.print(f"Drawn: {found.asked_days:,} days by seed {escape(repr(found.seed))} ({found.algorithm}).")
    table = table_of("question", "#met", "#failed", "#unanswered", "#billed", "#paid", "which asks")
    for one in found.questions:
        table.add_row(one.code.replace("_", " "), f"{one.met:,}", f"{one.failed:,}", f"{one.unanswered:,}",
                      dollars(one.billed_cents), dollars(one.paid_cents), one.words)  # fmt: skip
    page.print(table)
    page.print(
        f"{found.failing_days:,} of {found.asked_days:,} days fail a question: {dollars(found.exposure_billed_cents)}"
        f" billed, {dollars(found.exposure_paid_cents)} paid."
    )
    if found.unfollowed:
        page.print(f"Not asked, because the record cannot be followed: {', '.join(found.unfollowed)}.")
    if not found.days:
        return
    listed = table_of("patient", "day", "#billed", "#paid", "what stands against it")
    for day in found.days:
        listed.add_row(day.patient_id, day.service_date, dollars(day.billed_cents), dollars(day.paid_cents),
                       escape(" ".join(day.found)) or "–")  # fmt: skip
    page.print(listed)
