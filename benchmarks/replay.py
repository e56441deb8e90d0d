"""Rebuilding all read models: against the library's runner, against pure reading, and at ten times the size."""

from __future__ import annotations

import gc
import os
import time
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import psycopg
from psycopg import sql

from aggregates.codec import decode
from benchmarks import runner
from benchmarks.figures import Figure
from iop_es.engine.connections import transaction
from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.rebuild import Build
from iop_es.rebuilding import Wanted, built, switched
from iop_es.wiring import MODELS, House

ROUNDS = 5
PAGE = 5_000
RUNNER_FACTS = 20_000
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Measured:
    """Rebuilds of all read models of one store, with the pure reading of the same facts before and after each."""

    facts: int
    rebuild_seconds: list[float]
    floor_seconds: list[float]
    megabytes: int

    @property
    def rate(self) -> float:
        """Facts a second, rebuilt."""
        return self.facts / median(self.rebuild_seconds)

    @property
    def floor_rate(self) -> float:
        """Facts a second, read and decoded."""
        return self.facts / median(self.floor_seconds)

    @property
    def ratios(self) -> list[float]:
        """Of each rebuild the rate against that of the readings around it, from the least: a host that is slow for
        seconds slows both."""
        around = map(mean, pairwise(self.floor_seconds))
        return sorted(floor / rebuild for floor, rebuild in zip(around, self.rebuild_seconds, strict=True))


def measured(house: House, others: Executor | None, rounds: int = ROUNDS) -> Measured:
    """Rebuilds and pure readings in turn; `others` are the helping processes."""
    forget_peak()
    rebuilds, floors = [], [floor(house)]
    for _ in range(rounds):
        rebuilds.append(_seconds(house, others))
        floors.append(floor(house))
    return Measured(house.log.head().position, rebuilds, floors, megabytes())


def rebuild_vs_floor(one: Measured) -> Figure:
    """All read models, rows and indexes in the database, against reading and decoding the same facts in one process."""
    return Figure(
        "rebuild_vs_floor", one.rate, "facts/s", f"read + typed decode, {one.floor_rate:,.0f} facts/s",
        median(one.ratios), 0.08,
        f"{CORES} processes; at most {one.megabytes} MB in one process; rebuilds of"
        f" {', '.join(f'{seconds:.2f}' for seconds in one.rebuild_seconds)} s; ratios of"
        f" {', '.join(f'{ratio:.3f}' for ratio in one.ratios)}",
    )  # fmt: skip


def rebuild_vs_runner(house: House, one: Measured, facts: int = RUNNER_FACTS) -> Figure:
    """The same against the library's ProjectionRunner, which must come to the very same rows."""
    facts = min(facts, one.facts)
    with runner.prepared(house, facts) as environment:
        remembering = runner.facts_per_second(environment, facts, runner.RememberingView)
    with runner.prepared(house, facts) as environment:
        rate = runner.facts_per_second(environment, facts)
        with psycopg.connect(house.url) as connection:
            theirs = runner.row_hash(connection, {name: f"{runner.SCHEMA}_{name}" for name in MODELS})
    same = "the same rows" if theirs == _hash_at(house, facts) else "OTHER ROWS"
    return Figure(
        "rebuild_vs_runner", one.rate, "facts/s", f"library's ProjectionRunner, {rate:,.0f} facts/s",
        one.rate / rate, 100,
        f"the runner on the first {facts:,} facts, as documented: {same}; with its documents kept in memory it does"
        f" {remembering:,.0f} facts/s, ratio {one.rate / remembering:.0f}",
    )  # fmt: skip


def rebuild_growth(small: Measured, large: Measured) -> Figure:
    """Seconds a fact in a store some ten times as large, against the smaller one."""
    return Figure(
        "rebuild_growth", 1e6 / large.rate, "us/fact", f"{1e6 / small.rate:.1f} us/fact at {small.facts:,} facts",
        small.rate / large.rate, 1.15, f"{large.facts:,} facts, at most {large.megabytes} MB in one process", most=True,
    )  # fmt: skip


_READ = sql.SQL(
    "SELECT position, topic, state FROM {} WHERE position > %s ORDER BY position LIMIT 5000"
)


def floor(house: House) -> float:
    """Seconds to read every fact's name and state in pages and to decode them, in this process, at its best."""
    query = _READ.format(sql.Identifier(house.log.schema, "fact"))
    position = 0
    gc.disable()
    started = time.perf_counter()
    with psycopg.connect(house.url, autocommit=True) as connection, connection.cursor(binary=True) as cursor:
        while page := cursor.execute(query, (position,), prepare=True).fetchall():
            for _, topic, state in page:
                decode(topic, state)
            position = page[-1][0]
    gc.enable()
    return time.perf_counter() - started


def forget_peak() -> None:
    """From here on the peak is counted anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def megabytes() -> int:
    """The most memory that this process, which works like each of the others, has had since (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def _seconds(house: House, others: Executor | None) -> float:
    wanted = Wanted(tuple(MODELS.values()), CORES, fresh=True)
    started = time.perf_counter()
    switched(house, wanted, built(house, wanted, others=others))
    return time.perf_counter() - started


def _hash_at(house: House, position: int) -> str:
    """The hash of the rows that the house's own driver makes of the first facts."""
    pool, log = house.projector_pool, Log(house.projector_pool, house.log.schema)
    schemas = {}
    for name, model in MODELS.items():
        build = Build(model, log, pool, decode)
        schemas[name] = build.open(fresh=True)
        driver = Driver(model, log, pool, decode, schema=schemas[name])
        while (done := driver.step(PAGE, position)).position < position and done.taken:
            pass
        driver.release()
    with psycopg.connect(house.url) as connection:
        found = runner.row_hash(connection, schemas)
    for name, schema in schemas.items():
        with transaction(pool) as cursor:
            Build(MODELS[name], log, pool, decode).catalog.ask(cursor, "drop", schema=schema)
    return found
