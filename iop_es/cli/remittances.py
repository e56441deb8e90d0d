"""`iop-es claims import-835` and `import-ack`: what payers answer, from their files into claims and accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from iop_es import wiring
from iop_es.cli.claims import DryRun
from iop_es.cli.frame import REFUSED, Json, emit, progress, say, settings
from iop_es.cli.operator import Person, acting, an_id
from iop_es.remittance.acknowledging import import_acknowledgments
from iop_es.remittance.importing import import_file
from iop_es.remittance.keeping import Door
from iop_es.remittance.summary import Acknowledged, Imported

WIDTH = 140
"""Columns of the summary where it goes to no terminal, whose width it would take."""

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The payer's files.", show_default=False)]
Payer = Annotated[
    str | None, typer.Option("--payer", help="Whose files they are, by our id of the payer.", parser=an_id)
]


def import_835(
    files: Files, payer: Payer = None, person: Person = None, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Record what payers answered (835): claims adjudicated or reversed, accounts posted, the unmatched kept.

    The same file again changes nothing. Exit code 1 when something is unmatched.
    """
    read = [(file.name, _bytes(file)) for file in files]
    total = sum(data.count(b"CLP") for _, data in read)
    with wiring.opened(settings("warning")) as house, progress("claims", total) as move:
        by = acting(house, person, "biller")
        door = Door(house.log, house.commands(), by.person, payer, dry_run, move, request=by.request)
        found = [import_file(door, name, data) for name, data in read]
    if as_json:
        emit({"dry_run": dry_run, "files": [one.as_json() for one in found]})
    else:
        _tell(found, dry_run)
    if any(one.unmatched for one in found):
        raise typer.Exit(REFUSED)


def import_ack(files: Files, person: Person = None, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Record which claims were taken in or rejected (277CA, 999). Exit code 1 when something is unmatched.

    The same file again changes nothing.
    """
    read = [(file.name, _bytes(file)) for file in files]
    total = sum(data.count(b"STC") for _, data in read)
    with wiring.opened(settings("warning")) as house, progress("claims", total) as move:
        by = acting(house, person, "biller")
        door = Door(house.log, house.commands(), by.person, None, dry_run, move, request=by.request)
        found = [import_acknowledgments(door, name, data) for name, data in read]
    if as_json:
        emit({"dry_run": dry_run, "files": [one.as_json() for one in found]})
    else:
        for one in found:
            _say_unmatched(one)
            typer.echo(
                f"{one.file}: {one.accepted:,} claims {'would be ' if dry_run else ''}acknowledged, {one.rejected:,}"
                f" rejected, {one.before:,} known before, {len(one.unmatched):,} unmatched."
            )
    if any(one.unmatched for one in found):
        raise typer.Exit(REFUSED)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from error


def _tell(found: list[Imported], dry_run: bool) -> None:
    """One row a remittance, then each unmatched part with its sentence."""
    table = Table(box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("trace", overflow="fold")
    table.add_column("paid on", no_wrap=True)
    for name in ("payment", "claims", "posted", "reversed", "before", "adjusted", "unmatched"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        for row in one.remittances:
            table.add_row(
                one.file, row.trace_number or "none", row.paid_on or "none", f"{row.payment_cents / 100:,.2f}",
                *(f"{count:,}" for count in (
                    row.claims, row.posted, row.reversed, row.before, row.adjustments, row.unmatched,
                )),
            )  # fmt: skip
    terminal = Console().is_terminal
    Console(width=None if terminal else WIDTH).print(table)
    for one in found:
        _say_unmatched(one)
    posted = sum(row.posted + row.reversed for one in found for row in one.remittances)
    left_over = sum(len(one.unmatched) for one in found)
    would = "would be " if dry_run else ""
    typer.echo(f"{posted:,} answers {would}posted, {left_over:,} parts {'' if dry_run else 'are '}unmatched.")


def _say_unmatched(found: Imported | Acknowledged) -> None:
    for left in found.unmatched:
        what = " ".join(filter(None, (left.part.replace("_", " "), left.control_number)))
        say(f"{found.file}, {what}: {left.sentence}")
