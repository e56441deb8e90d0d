"""Rebuilding read models with every core: this process and others share the shares of each build.

The engine knows one worker; here are the processes that run it, and the order of the whole: shares, indexes, catching
up, the comparison if one is wanted, the switch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, wait
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import AsyncResult, ThreadPool
from typing import TYPE_CHECKING, NamedTuple

from aggregates.codec import decode
from iop_es.engine.connections import open_pool, transaction
from iop_es.engine.log import Log
from iop_es.engine.processes import Where
from iop_es.engine.readmodel.catalog import Catalog, Unfinished
from iop_es.engine.readmodel.driver import WAIT_SECONDS
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.readmodel.rebuild import SHARE, Build, Progress, unheard
from iop_es.engine.readmodel.successor import (
    Both,
    TableDifference,
    at_one_position,
    differences,
    drop,
    predecessor,
    predecessors,
)
from projections import billing
from projections.billing.changes import ChangedDay, changed_days

if TYPE_CHECKING:  # a worker needs no API
    from iop_es.wiring import House

Move = Callable[[str, Progress], None]
Found = Callable[[Unfinished, bool], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a rebuild: which read models, by how many processes, and what to do with facts that fail."""

    models: tuple[ReadModel, ...]
    workers: int = 1
    parking: bool = False
    fresh: bool = False
    share: int = SHARE


class Difference(NamedTuple):
    """How a built read model differs from the one in use; `days` is for billing only."""

    both: Both
    tables: list[TableDifference]
    days: list[ChangedDay]


def built(
    house: House, wanted: Wanted, move: Move = lambda _name, _progress: None, others: Executor | None = None,
    found: Found = unheard,
) -> dict[str, str]:  # fmt: skip
    """Builds each read model up to close to the log's head, beside the one in use; answers the schemas by name.

    `others` are `helpers`; `found` is told of each build that was begun before, and whether it is gone on with. Raises
    FoldFailed at the first fact that cannot be folded, unless parking.
    """
    builds = {model.name: _build(house, model, wanted) for model in wanted.models}
    where = Where(house.url, house.log.schema, house.projector)
    schemas: dict[str, str] = {}
    helping: list[Future[None]] = []
    for name, build in reversed(builds.items()):  # the others begin at this end, while the rest is being opened
        schemas[name] = build.open(wanted.share, fresh=wanted.fresh, found=found)
        if others is not None:
            help_it = partial(_help, where, build.model, schemas[name], wanted.parking)
            helping += [others.submit(help_it) for _ in range(wanted.workers - 1)]
    with ThreadPool(wanted.workers) as threads:  # unlike an executor's they keep nobody who leaves from leaving
        _made(builds, schemas, move, helping, threads)
    return schemas


def compared(house: House, wanted: Wanted, schemas: dict[str, str]) -> dict[str, Difference]:
    """How each built read model differs from the one in use, both at one position; one that replaces none is left out.

    Raises NoCommonPosition.
    """
    found = {}
    for model in wanted.models:
        build, new = _build(house, model, wanted), schemas[model.name]
        build.catch_up(new)
        with transaction(house.projector_pool) as cursor:
            old = predecessor(cursor, build.catalog, model, new)
        if old is not None:
            with at_one_position(build, house.projector_pool, old, new) as (cursor, both):
                days = changed_days(cursor, old.schema, new) if model.name == billing.MODEL.name else []
                found[model.name] = Difference(both, differences(cursor, model, both), days)
    return found


def dropped(house: House, wanted: Wanted, schemas: dict[str, str], waiting: Callable[[str], None]) -> list[str]:
    """Throws away every other schema of these read models, of this version and earlier ones; answers their names."""
    gone = []
    catalog = Catalog(house.log.schema)
    for model in wanted.models:
        with transaction(house.projector_pool) as cursor:
            others = predecessors(cursor, catalog, model, schemas[model.name])
        for other in others:
            drop(house.projector_pool, catalog, other.schema, waiting)
            gone.append(other.schema)
    return gone


def switched(house: House, wanted: Wanted, schemas: dict[str, str]) -> dict[str, int]:
    """Gives each built schema to its readers; answers the positions."""
    return {
        model.name: _build(house, model, wanted).switch(schemas[model.name])
        for model in wanted.models
    }


def _complete(build: Build, schema: str) -> None:
    while build.progress(schema).shares_left:  # somebody else makes the last ones, or dies and leaves them to us
        build.work(schema)
        time.sleep(WAIT_SECONDS)
    build.complete(schema)
    build.catch_up(schema)  # what was appended since it began, so that the switch stops the log for a moment only


def _build(house: House, model: ReadModel, wanted: Wanted) -> Build:
    pool = house.projector_pool
    return Build(model, Log(pool, house.log.schema), pool, decode, parking=wanted.parking)


def _made(
    builds: dict[str, Build], schemas: dict[str, str], move: Move, helping: Sequence[Future[None]], threads: ThreadPool
) -> None:
    """Each read model's shares, and as soon as they are there, beside the next one's, what completes it."""
    completing: list[AsyncResult[None]] = []

    def moved(name: str, progress: Progress) -> None:
        _none_failed(helping)
        for one in completing:
            if one.ready():
                one.get()
        move(name, progress)

    for name, build in builds.items():
        build.work(schemas[name], partial(moved, name))
        completing.append(threads.apply_async(_complete, (build, schemas[name])))
    wait(helping, return_when=FIRST_EXCEPTION)
    _none_failed(helping)
    for one in completing:
        one.get()


def _none_failed(helping: Sequence[Future[None]]) -> None:
    """Raises what ended one of them: nobody goes on with shares when the build cannot be made."""
    for one in helping:
        if one.done():
            one.result()


def _help(where: Where, model: ReadModel, schema: str, parking: bool) -> None:
    """What a worker process does: shares of the same build."""
    with open_pool(where.url, where.schema, where.role, 2) as pool:
        Build(model, Log(pool, where.schema), pool, decode, parking=parking).work(schema)
