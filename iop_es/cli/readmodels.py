"""The read models' commands: kept up, built anew, and whoever is parked in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from iop_es import wiring
from iop_es.cli.difference import as_data, show_difference
from iop_es.cli.frame import REFUSED, STOPPED, Json, emit, leave, say, settings
from iop_es.engine.processes import helpers
from iop_es.engine.readmodel import rebuild as building
from iop_es.engine.readmodel.catalog import Unfinished
from iop_es.projecting import Projecting
from iop_es.rebuilding import Move, Wanted, built, compared, dropped, switched
from iop_es.sealing import Sealing
from iop_es.serving import metrics_served, on_stop, reviving
from iop_es.wiring import House

MOST_WORKERS = 16
"""Each takes two connections of the server's hundred."""
Once = Annotated[bool, typer.Option("--once", help="Bring every read model to the log's head, then leave.")]
Name = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]", help="One read model; left out, with --all, every one.")
]
Everything = Annotated[bool, typer.Option("--all", help="Every read model.")]
Workers = Annotated[int | None, typer.Option(min=1, max=64, help="Processes; left out, one for each core.")]
Park = Annotated[bool, typer.Option("--park", help="Park whom a failing fact concerns instead of stopping at it.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw an unfinished build away instead of going on with it.")]
Diff = Annotated[bool, typer.Option("--diff", help="Tell what differs from the one in use, at one position.")]
DropOld = Annotated[
    bool,
    typer.Option("--drop-old", help="Throw away other builds and earlier versions when their reads have ended."),
]
Retry = Annotated[bool, typer.Option("--retry", help="Fold everyone who is parked from their first fact again.")]


def project(once: Once = False) -> None:
    """Keep every read model at the log's head, and the log sealed, until SIGTERM; any number of these may run."""
    with wiring.opened(settings("warning" if once else None)) as house:
        passed = house.require_safe()
        house.require_read_models()
        if once:
            typer.echo(f"Every read model is at position {house.project():,}.")
            return
        stopped = Event()
        loops = Projecting(house.drivers, house.url, house.log.schema, reviving(house))
        with on_stop(lambda _signal, _frame: stopped.set()), metrics_served(house), loops, Sealing(house):
            wiring.beware(passed)
            say(f"Projecting {', '.join(sorted(wiring.MODELS))}, and sealing the log; Ctrl-C stops it.")
            stopped.wait()


def rebuild(
    name: Name = None, everything: Everything = False, workers: Workers = None, park: Park = False,
    fresh: Fresh = False, diff: Diff = False, drop_old: DropOld = False, as_json: Json = False,
) -> None:  # fmt: skip
    """Build a read model from the log's first fact beside the one in use, then switch its readers over.

    One that was cut off goes on where it was.
    """
    models = tuple(wiring.MODELS[one] for one in _names(name or [], everything))
    wanted = Wanted(models, workers or min(len(os.sched_getaffinity(0)), MOST_WORKERS), parking=park, fresh=fresh)
    found_settings = settings("warning")
    with helpers(wanted.workers) as others, wiring.opened(found_settings) as house, _stoppable(house, wanted):
        with _bars() as move:
            schemas = built(house, wanted, move, others, _begun_before)
        found = compared(house, wanted, schemas) if diff else {}
        reached = switched(house, wanted, schemas)
        gone = dropped(house, wanted, schemas, _waiting) if drop_old else []
    if as_json:
        emit({
            model: {"position": position, "schema": schemas[model]} | (as_data(found.get(model)) if diff else {})
            for model, position in reached.items()
        } | ({"dropped": gone} if drop_old else {}))
        return
    for model, position in reached.items():
        typer.echo(f"{model}: rebuilt up to position {position:,}.")
        if diff:
            show_difference(model, found.get(model))
    if drop_old:
        typer.echo(f"Thrown away: {', '.join(gone) or 'nothing'}.")


def parked(retry: Retry = False, as_json: Json = False) -> None:
    """Whose facts are passed over, since which fact and why; with --retry, try them again."""
    with wiring.opened(settings("warning")) as house:
        flowing = {name: one.flowing for name, one in house.retry_parked().items()} if retry else {}
        found = house.parked()
    if as_json:
        emit({"flowing_again": flowing, "parked": found} if retry else {"parked": found})
    else:
        _tell(found, flowing)
    if retry and found:
        raise typer.Exit(REFUSED)


def _names(given: list[str], everything: bool) -> tuple[str, ...]:
    there = ", ".join(sorted(wiring.MODELS))
    if len(given) > 1:
        surplus = " ".join(given[1:])
        raise typer.BadParameter(f"One read model is built at a time, or with --all every one; surplus is: {surplus}.")
    if bool(given) == everything:
        raise typer.BadParameter(f"Name one of {there}, or give --all.")
    if given and given[0] not in wiring.MODELS:
        raise typer.BadParameter(f"There is no read model {given[0]!r}; there are {there}.")
    return tuple(given or wiring.MODELS)


def _tell(found: list[dict[str, Any]], flowing: dict[str, int]) -> None:
    if flowing:
        again = ", ".join(f"{number} in {model}" for model, number in flowing.items())
        typer.echo(f"Patients whose facts flow again: {again}.")
    if not found:
        typer.echo("Nobody is parked.")
        return
    table = Table("read model", "who", "id", "since position", "fact", "cause")
    for one in found:
        table.add_row(one["model"], one["kind"], one["id"], f"{one['position']:,}", one["fact"], one["cause"])
    Console().print(table)


def _waiting(schema: str) -> None:
    say(f"Waiting for the readers of {schema} to leave ...")


def _begun_before(build: Unfinished, goes_on: bool) -> None:
    if goes_on:
        say(f"{build.name}: goes on with a build begun {build.begun_at}: {build.told}; --fresh begins anew.")
    else:
        say(f"{build.name}: begins anew, because the build begun {build.begun_at} was made by other code.")


@contextmanager
def _stoppable(house: House, wanted: Wanted) -> Iterator[None]:
    """Ctrl-C leaves with a line that says what is kept. Raises typer.Exit then."""
    try:
        yield
    except KeyboardInterrupt:
        versions = {(model.name, model.version) for model in wanted.models}
        kept = [f"of {one.name} {one.told}" for one in house.unfinished() if one[:2] in versions]
        how = "the same command goes on with it, --fresh begins anew" if kept else "nothing of it is left unfinished"
        leave(STOPPED, f"Stopped: {'; '.join([*kept, how])}.")


@contextmanager
def _bars() -> Iterator[Move]:
    """A bar for each read model on standard error when that is a terminal: position of the head, facts/s, time left."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<9}"), BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TextColumn("{task.fields[speed]}"), TimeRemainingColumn(),
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:

        def move(name: str, progress: building.Progress) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=progress.upto, speed="")
            done = progress.upto * progress.done / max(1, progress.total)
            speed = next(task.speed for task in bar.tasks if task.id == tasks[name])
            bar.update(tasks[name], completed=done, speed=f"{speed:,.0f} facts/s" if speed else "")

        yield move
