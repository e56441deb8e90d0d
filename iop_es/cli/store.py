"""The store's own commands: its shape, its state, and its read models."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from psycopg import sql
from rich.console import Console
from rich.table import Table

from iop_es import wiring
from iop_es.cli.frame import Json, emit, progress, say, settings
from iop_es.engine import embedded
from iop_es.engine.connections import connect
from iop_es.engine.errors import StoreUnavailable
from iop_es.projecting import Projecting
from iop_es.serving import on_stop, reviving
from iop_es.settings import Settings

Once = Annotated[bool, typer.Option("--once", help="Bring every read model to the log's head, then leave.")]
Simulation = Annotated[bool, typer.Option("--simulation", help="A new log keeps a simulated clock, for ever.")]
Name = Annotated[str | None, typer.Option(help="The name of a new log, for ever; left out, iop-es/SCHEMA.")]
LAG = (
    "SELECT r.name, r.version, c.position, h.position - c.position, coalesce(round(extract(epoch FROM ("
    "SELECT CASE WHEN h.simulation THEN h.recorded_at ELSE clock_timestamp() END - f.recorded_at"
    " FROM {0}.fact f WHERE f.position = c.position + 1)), 3), 0)::float"
    " FROM {0}.read_model r JOIN {0}.checkpoint c ON c.name = r.name AND c.version = r.version"
    " CROSS JOIN {0}.log_head h ORDER BY r.name"
)


def migrate(simulation: Simulation = False, name: Name = None, as_json: Json = False) -> None:
    """Bring the store's schema to this release: the only command that changes it."""
    done = wiring.migrated(settings("warning"), simulation, name)
    if as_json:
        emit({"done": done})
    else:
        typer.echo(f"Done: {', '.join(done)}." if done else "Nothing to do: the store has this release's shape.")


def project(once: Once = False) -> None:
    """Keep every read model at the log's head, until SIGTERM; any number of these may run at once."""
    with wiring.opened(settings("warning" if once else None)) as house:
        house.require_read_models()
        if once:
            typer.echo(f"Every read model is at position {house.project():,}.")
            return
        stopped = Event()
        loops = Projecting(house.drivers, house.url, house.log.schema, reviving(house))
        with on_stop(lambda _signal, _frame: stopped.set()), loops:
            say(f"Projecting {', '.join(sorted(wiring.MODELS))}; Ctrl-C stops it.")
            stopped.wait()


def rebuild(
    name: Annotated[str | None, typer.Argument(help="One read model; left out, with --all, every one.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every read model.")] = False,
    as_json: Json = False,
) -> None:
    """Fold the log from its first fact into emptied tables, each read model in one transaction."""
    if (name is None) != everything:
        raise typer.BadParameter(f"Name one of {', '.join(sorted(wiring.MODELS))}, or give --all.")
    if name is not None and name not in wiring.MODELS:
        raise typer.BadParameter(f"There is no read model {name!r}; there are {', '.join(sorted(wiring.MODELS))}.")
    reached: dict[str, int] = {}
    with wiring.opened(settings("warning")) as house:
        house.require_read_models()
        head = house.log.head().position
        for driver in house.drivers:
            if name in {None, driver.model.name}:
                with progress(driver.model.name, head) as move:
                    reached[driver.model.name] = driver.rebuild(progress=move)
    if as_json:
        emit(reached)
    else:
        typer.echo("\n".join(f"{model}: rebuilt up to position {position:,}." for model, position in reached.items()))


def status(as_json: Json = False) -> None:
    """Where the store is, how far its log has come, and how far each read model is behind."""
    found = _status(settings("warning"))
    if as_json:
        emit(found)
        return
    console = Console()
    for title, value in found.items():
        if title != "read_models":
            console.print(f"{title.replace('_', ' '):<14} {value}", highlight=False, soft_wrap=True)
    table = Table("read model", "version", "position", "facts behind", "seconds behind")
    for one in found["read_models"]:
        table.add_row(*(str(value) for value in one.values()))
    console.print(table)


def _status(found: Settings) -> dict[str, Any]:
    project_folder = Path(found.project)
    if not found.database_url and embedded.status(project_folder)["data"] is None:
        raise StoreUnavailable(
            f"There is none yet in {project_folder}: run `iop-es migrate`, or set IOP_ES_DATABASE_URL to a server."
        )
    with wiring.database(found) as (url, ours):
        place = embedded.status(project_folder) if ours else {}
        with wiring.opened(found, size=1) as house, connect(url) as connection:
            head = house.log.head()
            rows = connection.execute(sql.SQL(LAG).format(sql.Identifier(found.schema_name))).fetchall()
    names = ("name", "version", "position", "facts_behind", "seconds_behind")
    return {
        "database": "embedded" if ours else "server",
        "data": place.get("data"),
        "binaries": place.get("binaries"),
        "schema": found.schema_name,
        "log": head.name,
        "simulation": head.simulation,
        "position": head.position,
        "recorded_at": head.recorded_at if head.position else None,
        "read_models": [dict(zip(names, row, strict=True)) for row in rows],
    }
