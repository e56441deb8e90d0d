"""The store's own commands: its shape and its state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from iop_es import wiring
from iop_es.cli import backing_up, verifying
from iop_es.cli.frame import Json, emit, settings
from iop_es.engine import embedded
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.readmodel.catalog import Unfinished
from iop_es.settings import Settings

Simulation = Annotated[bool, typer.Option("--simulation", help="A new log keeps a simulated clock, for ever.")]
Name = Annotated[str | None, typer.Option(help="The name of a new log, for ever; left out, iop-es/SCHEMA.")]

SHOWN = ("name", "version", "position", "facts_behind", "seconds_behind", "parked")


def migrate(simulation: Simulation = False, name: Name = None, as_json: Json = False) -> None:
    """Bring the store's schema to this release: the only command that changes it."""
    done = wiring.migrated(settings("warning"), simulation, name)
    if as_json:
        emit({"done": done})
    else:
        typer.echo(f"Done: {', '.join(done)}." if done else "Nothing to do: the store has this release's shape.")


def status(as_json: Json = False) -> None:
    """Where the store is, how far its log has come, and how far each read model is behind."""
    found, unfinished = _status(settings("warning"))
    if as_json:
        emit(found)
        return
    console = Console(highlight=False, soft_wrap=True)
    for title, value in found.items():
        if not isinstance(value, list):
            console.print(f"{title.replace('_', ' '):<14} {value}")
    _read_models(found["read_models"], console)
    for one in found["findings"]:
        console.print(f"{'Refused' if one['refused'] else 'Beware'}: {one['sentence']}")
    for one in unfinished:
        console.print(f"A build of {one.name} {one.version}, begun {one.begun_at}, is not in use yet: {one.told}.")
    if found["not_built"]:
        console.print(f"Not built in this release's version: {', '.join(found['not_built'])}; run `iop-es rebuild`.")


def _read_models(found: list[dict[str, Any]], console: Console) -> None:
    table = Table("read model", "version", "position", "facts behind", "seconds behind", "patients parked", "held")
    for one in found:
        table.add_row(*(str(one[name]) for name in SHOWN), "yes" if one["held"] else "no")
    console.print(table)
    for one in found:
        if one["held"]:
            console.print(f"{one['name']} is held by {one['holder']} until {one['lease_ends']}.")


def _status(found: Settings) -> tuple[dict[str, Any], list[Unfinished]]:
    project_folder = Path(found.project)
    if not found.database_url and embedded.status(project_folder)["data"] is None:
        raise StoreUnavailable(
            f"There is none yet in {project_folder}: run `iop-es migrate`, or set IOP_ES_DATABASE_URL to a server."
        )
    with wiring.database(found) as (_, ours):
        place = embedded.status(project_folder) if ours else {}
        with wiring.opened(found, size=1) as house:
            head, standing, unfinished = house.log.head(), house.gate.standing(), house.unfinished()
            sealing, checked, archived = verifying.standing(house), house.findings(), backing_up.archiving(house)
    return {
        "database": "embedded" if ours else "server",
        "data": place.get("data"),
        "archived": archived,
        "binaries": place.get("binaries"),
        "root_key": str(root) if os.path.exists(root := wiring.root_key(found)) else None,  # noqa: PTH110 # False for what cannot be seen
        "schema": found.schema_name,
        "log": head.name,
        "simulation": head.simulation,
        "position": head.position,
        "recorded_at": head.recorded_at if head.position else None,
        **sealing,
        "broken_glasses_unreviewed": standing.unreviewed,
        "read_models": [
            {
                "name": name, "version": one.version, "position": one.position, "facts_behind": one.facts_behind,
                "seconds_behind": round(one.seconds_behind, 3), "parked": one.parked, "held": one.held,
                "holder": one.holder, "lease_ends": one.lease_ends,
            }
            for name, one in standing.read_models.items()
        ],
        "not_built": standing.missing,
        "findings": [one._asdict() | {"sentence": one.sentence} for one in checked],
        "unfinished_builds": [
            {
                "name": one.name, "version": one.version, "schema": one.schema, "begun_at": one.begun_at,
                "shares_done": one.done, "shares": one.shares,
            }
            for one in unfinished
        ],
    }, unfinished
