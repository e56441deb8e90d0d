"""Stores the digests of the read models' rows anew, and with --history another history before."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from iop_es import logs, wiring
from iop_es.engine.embedded import temporary_postgres
from iop_es.settings import Settings
from iop_es.wiring import House
from tests.projections.reference import history, rows
from tests.projections.reference.making import make


def main() -> int:
    """Does what the command line asks; 1 when it is refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.projections.reference", description=__doc__)
    parser.add_argument("--history", action="store_true", help="make another history first")
    asked = parser.parse_args()
    logs.quiet_logs("error")
    with temporary_postgres() as url:
        if asked.history:
            with simulation(url, "made") as house:
                history.write(make(house))
            rows.ROWS.unlink(missing_ok=True)  # of other facts, other rows
        with simulation(url, "kept") as house:
            return keep(house)


def keep(house: House) -> int:
    """Loads the history and stores what the read models make of it, unless rows changed under the same version."""
    history.load(house.log)
    house.project()
    made = {one.model.name: rows.Stored(one.model.version, rows.digests(one, house.projector_pool))
            for one in house.drivers}  # fmt: skip
    known = rows.stored()
    wrong = [
        rows.complaint(one.model, made[one.model.name].tables) for one in house.drivers
        if known.get(one.model.name, rows.Stored(0, {})).version >= one.model.version
    ]
    if any(wrong):
        sys.stderr.write("\n".join(filter(None, wrong)) + "\n")
        return 1
    rows.store(made)
    return 0


@contextmanager
def simulation(url: str, schema: str) -> Iterator[House]:
    """An empty simulation with its read models, in a schema of its own; unsealed, so that rows stay the same."""
    settings = Settings.model_validate({"database_url": url, "IOP_ES_SCHEMA": schema, "unsealed": True})
    wiring.migrated(settings, simulation=True, name="reference")
    with wiring.opened(settings) as house:
        yield house


if __name__ == "__main__":
    sys.exit(main())
