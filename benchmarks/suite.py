"""All figures, each with its comparison in the same run; `iop-es bench` prints them.

Each figure is measured on a throw-away embedded database with fsync on, filled with a simulated clinic scaled up.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor

from benchmarks import facts as clinic
from benchmarks.append import append_vs_library
from benchmarks.asof import asof_load
from benchmarks.documenting import documenting
from benchmarks.figures import Figure
from benchmarks.lag import lag
from benchmarks.outcomes import outcomes
from benchmarks.packet import packet
from benchmarks.replay import measured, rebuild_growth, rebuild_vs_floor, rebuild_vs_runner
from benchmarks.verifying import verify_vs_floor
from iop_es.engine.processes import helpers
from iop_es.settings import Settings
from iop_es.wiring import House

EVERYDAY = 100_000
GROWN = 1_000_000
NAMES = (
    "rebuild_vs_floor", "rebuild_vs_runner", "rebuild_growth", "append_vs_library", "lag", "asof_load",
    "verify_vs_floor", "documenting", "outcomes_patient", "outcomes_program", "packet",
)
OF_OUTCOMES = {"outcomes_patient", "outcomes_program"}
BY_THEMSELVES = {"append_vs_library", "documenting"} | OF_OUTCOMES
"""Figures that fill a store of their own."""
Say = Callable[[str], None]


def machine() -> str:
    """The machine, as the figures name it, and how quick it is at this moment: others may share its host."""
    quickest = min(_yardstick() for _ in range(5))
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, yardstick {quickest * 1000:.0f} ms"


def _yardstick() -> float:
    """Seconds that counting to a million takes this interpreter."""
    started = time.perf_counter()
    for _ in range(1_000_000):
        pass
    return time.perf_counter() - started


def figures(count: int, only: str | None, say: Say) -> Iterator[Figure]:
    """Each figure as soon as it is there; growth only from a million facts on, against the everyday size."""
    wanted = NAMES if only is None else (only,)
    with helpers(os.cpu_count() or 1) as others, clinic.bench_settings() as settings:
        if set(wanted) - BY_THEMSELVES:
            say("Simulating the clinic ...")
            with clinic.simulated(settings):
                say(f"Filling a store with {count:,} facts ...")
            with clinic.scaled(settings, count) as house:
                yield from _of_store(settings, house, wanted, count, say, others)
        if "append_vs_library" in wanted:
            say("Appending over HTTP ...")
            yield append_vs_library()
        if "documenting" in wanted:
            say("Documenting groups over HTTP ...")
            yield documenting()
    if OF_OUTCOMES & set(wanted):
        say("Asking for outcomes ...")
        yield from outcomes(wanted)


def _of_store(
    settings: Settings, house: House, wanted: tuple[str, ...], count: int, say: Say, others: Executor | None
) -> Iterator[Figure]:
    if "asof_load" in wanted:
        say("Loading histories ...")
        yield asof_load(house)
    if "verify_vs_floor" in wanted:
        say("Verifying the log ...")
        yield verify_vs_floor(house, others)
    if "packet" in wanted:
        say("Building packets ...")
        yield packet(house)
    if "lag" in wanted:
        say("Waiting for read models under load ...")
        yield lag(house.settings, house)
    if set(wanted) & {"rebuild_vs_floor", "rebuild_vs_runner", "rebuild_growth"}:
        say("Rebuilding ...")
        yield from _rebuilt(settings, house, wanted, count, say, others)


def _rebuilt(
    settings: Settings, house: House, wanted: tuple[str, ...], count: int, say: Say, others: Executor | None
) -> Iterator[Figure]:
    one = measured(house, others)
    if "rebuild_vs_floor" in wanted:
        yield rebuild_vs_floor(one)
    if "rebuild_growth" in wanted and count >= GROWN:
        say(f"Rebuilding {EVERYDAY:,} facts, to compare ...")
        with clinic.scaled(settings, EVERYDAY) as smaller:
            yield rebuild_growth(measured(smaller, others), one)
    if "rebuild_vs_runner" in wanted:
        say("Running the library's runner over 20,000 facts ...")
        yield rebuild_vs_runner(house, one)
