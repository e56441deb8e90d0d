"""Simulated mornings of the clinic with faults: `make simulate`.

    python -m tests.simulation [--seeds N] [--first N]

It leaves with 1 and names the seeds in which something was lost, doubled, skipped or told wrongly. Such a seed belongs
into the corpus of `test_simulation`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import sched_getaffinity

from iop_es import logs
from tests.chaos.outcome import Outcome, say, table
from tests.simulation.simulate import Morning, simulate


def main() -> int:
    """Runs many seeds with every core."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1_000, help="how many mornings")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    asked = parser.parse_args()
    logs.quiet_logs("error")
    begun, seeds = time.monotonic(), range(asked.first, asked.first + asked.seeds)
    with ProcessPoolExecutor(len(sched_getaffinity(0)), get_context("fork")) as workers:
        mornings = list(workers.map(simulate, seeds, chunksize=10))
    table("Simulated mornings", _outcome(mornings, time.monotonic() - begun))
    failed = [one.seed for one in mornings if one.violations]
    say(f"\nseeds that failed: {failed}" if failed else "\nnothing was lost")
    return int(bool(failed))


def _outcome(mornings: list[Morning], seconds: float) -> Outcome:
    faults: Counter[str] = sum((one.faults for one in mornings), Counter())
    return Outcome({
        "seeds": len(mornings), "seconds": round(seconds), "commands": sum(one.commands for one in mornings),
        "acknowledged": sum(one.acknowledged for one in mornings), "facts": sum(one.facts for one in mornings),
        **dict(sorted(faults.items())),
    }, [one._replace(told=f"seed {morning.seed}: {one.told}") for morning in mornings for one in morning.violations])


if __name__ == "__main__":
    sys.exit(main())
