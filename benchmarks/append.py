"""Appending over HTTP: the house, all guarantees on, against the library's `save()` behind the same endpoint.

    python -m benchmarks.append [--commands N] [--rounds N] [--sides SIDE ...]

A throw-away PostgreSQL with the settings of the embedded default, fsync on; each side a server process with a database
of its own, made of the same facts; 16 clients in this process on kept connections, every second command a check-in and
every other one a note's draft, none of which conflict. The sides take turns, the first of a round being the last of the
next; before that each has a round that does not count. No read models are kept: on neither side.

In both: the same HTTP server, token check, validation, loading and folding of the streams that a command looks at, the
same decision, the same facts and log lines, connections in a pool of the same size. What is different is written where
it is made: the sides in `append_server`, the library's in `append_library`. It is slower with many threads than with
one, so `library_single` shows what it does at its best; the bar is against `library`, as a server would run it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from benchmarks.append_client import drive
from benchmarks.append_library import LibraryLog
from benchmarks.append_server import AUDIENCE, SCHEMA, log_at
from benchmarks.append_world import CLINICIAN, DESK, PROGRAM, calls, open_clinic, requests
from benchmarks.figures import Figure
from iop_es.engine.connections import open_pool
from iop_es.engine.embedded import temporary_postgres
from iop_es.engine.migrate import migrate
from iop_es.issuer import DevelopmentIssuer
from iop_es.logs import quiet_logs

CLIENTS = 16
REACH = 3.0
SIDES = ("house", "library", "library_single")
PAGE = 200


@dataclass(slots=True)
class Measured:
    """What one side did: commands a second in each round, and the seconds of each command of all rounds."""

    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """Rates by round with their median, p50 and p99 in milliseconds."""
        cuts = quantiles(self.latencies, n=100)
        return {
            "median": round(median(self.rates)), "rounds": [round(rate) for rate in self.rates],
            "p50_ms": round(cuts[49] * 1000, 1), "p99_ms": round(cuts[98] * 1000, 1),
        }  # fmt: skip


def append_vs_library(commands: int = 1600, rounds: int = 5) -> Figure:
    """The figure, from `rounds` rounds of `commands` commands a side, on a durable server of its own.

    `ratio` is the median of the rounds' ratios; the p99 must not be worse than the library's.
    """
    with temporary_postgres(durable=True) as url:
        measured = _measured(url, commands, rounds, ("house", "library"))
    house, library = (measured[side].described() for side in ("house", "library"))
    ratios = [ours / theirs for ours, theirs in zip(house["rounds"], library["rounds"], strict=True)]
    told = f"the library's save() behind the same endpoint, {library['median']:,} commands/s"
    note = (
        f"{CLIENTS} clients, group commit; p99 {house['p99_ms']} ms against {library['p99_ms']}; rounds"
        f" {', '.join(f'{ratio:.2f}' for ratio in ratios)}"
    )
    kept = house["p99_ms"] <= library["p99_ms"]
    return Figure(
        "append_vs_library", house["median"], "commands/s", told, median(ratios), REACH, note, kept=kept
    )


def _measured(url: str, commands: int, rounds: int, sides: Sequence[str]) -> dict[str, Measured]:
    each = commands // 2
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tokens = _tokens(folder)
        _fill(url, folder, (rounds + 1) * each)
        ports = {side: stack.enter_context(server(side, _copied(url, side), folder)) for side in sides}
        measured = {side: Measured() for side in sides}
        for number in range(rounds + 1):
            wires = requests(calls(number * each, each), tokens)
            for side in sides if number % 2 else reversed(sides):
                driven = drive(ports[side], wires, CLIENTS)
                if number:
                    measured[side].rates.append(len(wires) / driven.seconds)
                    measured[side].latencies += driven.latencies
    return measured


def _tokens(folder: Path) -> dict[str, str]:
    issuer = DevelopmentIssuer(folder, allowed=True)
    people = {"front_desk": DESK, "clinician": CLINICIAN}
    return {role: issuer.token(person, role, [PROGRAM], AUDIENCE) for role, person in people.items()}


def _fill(url: str, folder: Path, patients: int) -> None:
    """The same facts in the house's log and in the library's table."""
    migrate(url, SCHEMA, simulation=False)
    with open_pool(url, SCHEMA, "iop_api", 1) as pool, log_at(url, pool, folder) as log:
        library, position = LibraryLog(url, 1), 0
        open_clinic(log, patients)
        while page := log.after(position, PAGE, with_sealed=True):
            library.fill(page)
            position = page[-1].position
        library.datastore.close()


def _copied(url: str, side: str) -> str:
    name = f"{conninfo_to_dict(url)['dbname']}_{side}"
    like = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), like))
    return make_conninfo(url, dbname=name)


@contextmanager
def server(side: str, url: str, folder: Path) -> Iterator[int]:
    """One side's server, by its port; it ends with the block, or when this process is gone."""
    command = [sys.executable, "-m", "benchmarks.append_server", side, url, str(folder)]
    pipe, here = subprocess.PIPE, Path(__file__).parents[1]
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, cwd=here
    ) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.communicate(timeout=30)


def main() -> None:
    """Measures every side on a server of its own and prints each side's rounds."""
    asked = argparse.ArgumentParser(description="Append over HTTP, against the library's save().")
    asked.add_argument("--commands", type=int, default=1600, help="commands a side in each round")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--sides", nargs="+", default=SIDES, choices=[*SIDES, "house_alone"])
    given = asked.parse_args()
    quiet_logs("error")
    with temporary_postgres(durable=True) as url:
        measured = _measured(url, given.commands, given.rounds, given.sides)
    for side, one in measured.items():
        told = one.described()
        print(
            f"{side:15} {told['median']:6,} commands/s   p50 {told['p50_ms']:6.1f} ms   p99 {told['p99_ms']:6.1f} ms"
            f"   rounds {told['rounds']}"
        )


if __name__ == "__main__":
    main()
