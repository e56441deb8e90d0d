"""`iop-es demo`: a simulated clinic, and a report of what its read models say."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from iop_es.cli.frame import Json, settings
from iop_es.cli.serving import Port

Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same facts.")]
Weeks = Annotated[int, typer.Option(min=1, max=104, help="How many weeks to simulate.")]
Patients = Annotated[int, typer.Option(min=1, max=500, help="How many patients there are.")]
Serving = Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the API after the report.")]


def demo(
    seed: Seed = 7, weeks: Weeks = 13, patients: Patients = 60, serve: Serving = True, port: Port = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Simulate a clinic once, report what can be billed, who gets better and who changed what, then serve."""
    # Loaded when asked for: the simulation is large, and no other command needs it.
    run = importlib.import_module("iop_es.demo.run").run
    found = settings("warning")
    found = found if port is None else found.model_copy(update={"port": port})
    raise typer.Exit(run(found, seed=seed, weeks=weeks, patients=patients, serve=serve, as_json=as_json))
