"""`iop-es bench`: what a checkout's benchmarks measure, as a table or as data."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from iop_es.cli.frame import Json, emit, leave, say, settings

NO_CHECKOUT = 1
Facts = Annotated[int, typer.Option(min=1_000, max=20_000_000, help="How many facts the store has.")]
Only = Annotated[str | None, typer.Option(help="One figure, by its name.")]


def bench(facts: Facts = 100_000, only: Only = None, as_json: Json = False) -> None:
    """Measure on a throw-away database, each figure against its comparison in the same run; takes minutes."""
    settings("error")
    suite = _suite()
    if only is not None and only not in suite.NAMES:
        raise typer.BadParameter(f"There is no figure {only!r}; there are {', '.join(suite.NAMES)}.")
    found = [one.as_data() for one in suite.figures(facts, only, say)]
    if as_json:
        emit({"machine": suite.machine(), "facts": facts, "figures": found})
        return
    table = Table("figure", "value", "compared with", "ratio", "reach", "met", "note")
    for one in found:
        value, ratio = f"{one['value']:,} {one['unit']}", "" if one["ratio"] is None else f"{one['ratio']:,}"
        met = "yes" if one["met"] else "no"
        table.add_row(one["name"], value, one["compared_with"] or "", ratio, f"{one['reach']:,}", met, one["note"])
    Console().print(table)


def _suite() -> ModuleType:
    try:
        return importlib.import_module("benchmarks.suite")
    except ModuleNotFoundError:
        leave(NO_CHECKOUT, "The benchmarks are not installed with the package: run this in a checkout of the project.")
