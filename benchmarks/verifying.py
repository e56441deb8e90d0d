"""Verifying the whole log, with a process a core, against only reading and hashing it in one process.

Verifying reads the copies beside the facts and the index by patient as well, compares each with what the fact says,
builds the tree, and checks it against every checkpoint. The note tells how long sealing took and a proof takes.
"""

from __future__ import annotations

import gc
import os
import time
from concurrent.futures import Executor
from random import Random
from statistics import median

import psycopg
from psycopg import sql

from benchmarks.figures import Figure
from iop_es.engine.transparency.leaf import fact_leaf
from iop_es.engine.transparency.proofs import Proofs
from iop_es.engine.transparency.verifying import Verification
from iop_es.wiring import House

ROUNDS = 5
PAGE = 4_096
PROOFS = 200
_READ = sql.SQL(
    "SELECT position, uuid_send(stream), version, state, sealed, context, stamp FROM {}"
    " WHERE position > %s ORDER BY position LIMIT 4096"
)


def verify_vs_floor(house: House, others: Executor | None) -> Figure:
    """Facts a second that `iop-es verify` reads, hashes and compares, against reading and hashing alone; `others` are
    the processes that help it."""
    started = time.perf_counter()
    with house.sealer() as sealer:
        sealer.catch_up()
    sealed = time.perf_counter() - started
    facts, floors, ours = house.log.head().position, [], []
    for _ in range(ROUNDS):
        floors.append(_floor(house))
        ours.append(_verified(house, others))
    rate, floor = facts / median(ours), facts / median(floors)
    ratios = sorted(one / other for one, other in zip(floors, ours, strict=True))
    note = (
        f"{facts:,} facts; processes: {os.cpu_count() or 1}; ratio from {ratios[0]:.2f} to {ratios[-1]:.2f} in {ROUNDS}"
        f" rounds; sealed in {sealed:.1f} s;"
        f" a proof in {_proof_milliseconds(house, facts):.1f} ms (median)"
    )
    return Figure(
        "verify_vs_floor", rate, "facts/s", f"read + hash, one process, {floor:,.0f} facts/s", rate / floor, 0.5, note
    )


def _verified(house: House, others: Executor | None) -> float:
    verification = Verification(house.api_pool, house.log.schema, house.log_verifier(), None)
    gc.collect()
    started = time.perf_counter()
    report = verification.run(others=others, where=house.where)
    assert report.sound, report.counts
    return time.perf_counter() - started


def _floor(house: House) -> float:
    """Seconds to read every fact and hash it, in this process, at its best."""
    query, position = _READ.format(sql.Identifier(house.log.schema, "fact")), 0
    gc.disable()
    started = time.perf_counter()
    with psycopg.connect(house.url, autocommit=True) as connection, connection.cursor(binary=True) as cursor:
        while page := cursor.execute(query, (position,), prepare=True).fetchall():
            for row in page:
                fact_leaf(*row)
            position = page[-1][0]
    gc.enable()
    return time.perf_counter() - started


def _proof_milliseconds(house: House, facts: int) -> float:
    proofs, random, taken = Proofs(house.api_pool, house.log.schema), Random(7), []
    for _ in range(PROOFS):
        position = random.randint(1, facts)
        started = time.perf_counter()
        proofs.proof(position)
        taken.append((time.perf_counter() - started) * 1000)
    return median(taken)
