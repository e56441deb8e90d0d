"""How a rebuilt read model differs from the one before it, for people and as data."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from iop_es.rebuilding import Difference
from projections.billing import MODEL
from projections.billing.changes import ChangedDay
from projections.billing.words import dollars

BILLING = MODEL.name
SHOWN = 40
"""So many days are shown to a person; the data have all."""


def as_data(found: Difference | None) -> dict[str, Any]:
    """The difference for scripts; `compared_with` is null when there was nothing to compare with."""
    if found is None:
        return {"compared_with": None}
    days = [day.model_dump() | {"difference_cents": day.difference_cents} for day in found.days]
    return {
        "compared_with": found.both.old, "compared_at": found.both.position,
        "tables": [one._asdict() for one in found.tables], "days": days,
        "difference_cents": sum(day.difference_cents for day in found.days),
    }


def show_difference(model: str, found: Difference | None) -> None:
    """The difference as tables."""
    if found is None:
        typer.echo(f"{model}: there was nothing to compare it with.")
        return
    where = f"{found.both.old} at position {found.both.position:,}"
    if not found.tables:
        typer.echo(f"{model}: row for row the same as {where}.")
        return
    typer.echo(f"{model}: compared with {where},")
    for one in found.tables:
        columns = f"; columns of one only: {', '.join(one.columns)}" if one.columns else ""
        typer.echo(f"  {one.table}: {one.only_old:,} rows of the old one only, {one.only_new:,} of the new{columns}.")
    if found.days:
        _days(found.days)
    elif model == BILLING:
        typer.echo("No patient-day changed in state, reason, minutes or money.")


def _days(days: list[ChangedDay]) -> None:
    table = Table("date", "patient", "was", "is", "difference")
    for day in days[:SHOWN]:
        was = _said(day.old_state, day.old_reason, day.old_cents)
        now = _said(day.new_state, day.new_reason, day.new_cents)
        table.add_row(day.service_date, day.patient_id, was, now, dollars(day.difference_cents))
    Console().print(table)
    more = f"; {len(days) - SHOWN:,} more are in --json" if len(days) > SHOWN else ""
    total = sum(day.difference_cents for day in days)
    typer.echo(f"{len(days):,} patient-days changed, by {dollars(total)} in all{more}.")


def _said(state: str | None, reason: str | None, cents: int | None) -> str:
    if state is None:
        return "no such day"
    why = f", {reason.replace('_', ' ')}" if reason else ""
    return f"{state.replace('_', ' ')}{why}: {'rate unknown' if cents is None else dollars(cents)}"
