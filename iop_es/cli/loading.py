"""`iop-es load`: commands from a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from aggregates.kit import COMMANDS
from api.access import roles_for
from iop_es import wiring
from iop_es.cli.frame import REFUSED, Json, emit, progress, say, settings
from iop_es.cli.operator import shell
from iop_es.load import Tally, load_lines
from iop_es.load.example import about, example_line

File = Annotated[
    str | None, typer.Argument(metavar="FILE|-", help="JSON lines, one command a line; - is standard input.")
]
Example = Annotated[str | None, typer.Option(metavar="COMMAND", help="Print a valid line for this command and leave.")]
Listing = Annotated[bool, typer.Option("--commands", help="List every command and leave.")]


def load(file: File = None, example: Example = None, commands: Listing = False, as_json: Json = False) -> None:
    """Record the commands of a file; what was loaded before is not loaded twice, and a bad line stops no other."""
    if commands:
        _list(as_json)
    elif example is not None:
        if example not in COMMANDS:
            raise typer.BadParameter(f"There is no command {example!r}; --commands lists them.")
        typer.echo(example_line(example))
    elif file is None:
        raise typer.BadParameter("Name a file of commands, or - for standard input.")
    else:
        _load(file, as_json)


def _load(file: str, as_json: bool) -> None:
    with _source(file) as source, wiring.opened(settings("warning"), first_use=True) as house:
        size = None if file == "-" else Path(file).stat().st_size
        with progress("bytes read", size) as move:
            tally = load_lines(
                source,
                house.log,
                lambda: house.commands(remember=True),
                refused=lambda one: say(f"Line {one.line}: {one.reason}"),
                advance=move,
                request=shell(),
            )
    if as_json:
        emit(tally.as_json())
    else:
        typer.echo(_told(tally))
    if tally.refused:
        raise typer.Exit(REFUSED)


@contextmanager
def _source(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        source = Path(file).open("rb")  # noqa: SIM115 - closed below; only opening it may be the user's mistake
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from error
    with source:
        yield source


def _told(tally: Tally) -> str:
    return (
        f"{tally.lines:,} lines: {tally.recorded:,} recorded ({tally.facts:,} facts), {tally.unchanged:,} already so, "
        f"{tally.loaded_before:,} loaded before, {len(tally.refused):,} refused. "
        f"The log is at position {tally.position:,}."
    )


def _list(as_json: bool) -> None:
    if as_json:
        emit([
            {"command": name, "about": about(name), "roles": sorted(roles_for(COMMANDS[name]))}
            for name in sorted(COMMANDS)
        ])
        return
    width = max(map(len, COMMANDS))
    typer.echo("\n".join(f"{name:<{width}}  {about(name)}" for name in sorted(COMMANDS)))
