"""Rebuilding read models with every core: this process and others share the shares of each build.

The engine knows one worker; here are the processes that run it, and the order of the whole: shares, indexes, catching
up, the comparison if one is wanted, the switch.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import NamedTuple

from aggregates.codec import decode
from iop_es.engine.connections import open_pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.rebuild import SHARE, Build, Progress
from iop_es.wiring import MODELS, PROJECTOR, House

Move = Callable[[str, Progress], None]


class Where(NamedTuple):
    """How a worker of another process reaches the store."""

    url: str
    schema: str
    role: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a rebuild: which read models, how many processes, and what to do with facts that fail."""

    names: tuple[str, ...]
    workers: int = 1
    parking: bool = False
    fresh: bool = False
    share: int = SHARE


def built(house: House, wanted: Wanted, move: Move = lambda _name, _progress: None) -> dict[str, str]:
    """Builds each read model up to close to the log's head, beside the one in use; answers the schemas by name.

    Raises FoldFailed at the first fact that cannot be folded, unless parking.
    """
    builds = {name: _build(house, name, wanted) for name in wanted.names}
    schemas = {name: build.open(wanted.share, fresh=wanted.fresh) for name, build in builds.items()}
    _shares(house, wanted, builds, schemas, move)
    with ThreadPoolExecutor(wanted.workers) as threads:
        list(threads.map(lambda name: _complete(builds[name], schemas[name]), builds))
    return schemas


def switched(house: House, wanted: Wanted, schemas: dict[str, str]) -> dict[str, int]:
    """Gives each built schema to its readers; answers the positions."""
    return {name: _build(house, name, wanted).switch(schema) for name, schema in schemas.items()}


def _complete(build: Build, schema: str) -> None:
    build.complete(schema)
    build.catch_up(schema)  # what was appended since it began, so that the switch stops the log for a moment only


def _build(house: House, name: str, wanted: Wanted) -> Build:
    return Build(MODELS[name], Log(house.projector_pool, house.log.schema), house.projector_pool, decode,
                 parking=wanted.parking)  # fmt: skip


def _shares(house: House, wanted: Wanted, builds: dict[str, Build], schemas: dict[str, str], move: Move) -> None:
    where = Where(house.url, house.log.schema, PROJECTOR if house.embedded else None)
    left = sum(build.progress(schemas[name]).shares_left for name, build in builds.items())
    others = min(wanted.workers, left) - 1
    if others < 1:
        _work(builds, schemas, move)
        return
    # Started anew rather than forked: this process has threads and open connections.
    with ProcessPoolExecutor(others, mp_context=get_context("spawn")) as processes:
        helping = [processes.submit(_help, where, schemas, wanted.parking) for _ in range(others)]
        _work(builds, schemas, move)
        for one in helping:
            one.result()


def _work(builds: dict[str, Build], schemas: dict[str, str], move: Move) -> None:
    for name, build in builds.items():
        build.work(schemas[name], lambda progress, name=name: move(name, progress))  # type: ignore[misc] # the name of now


def _help(where: Where, schemas: dict[str, str], parking: bool) -> None:
    """A worker process: the same shares, from the other end of the list of read models."""
    with open_pool(where.url, where.schema, where.role, 2) as pool:
        for name in reversed(schemas):
            Build(MODELS[name], Log(pool, where.schema), pool, decode, parking=parking).work(schemas[name])
