"""Row-level security of the trail costs a look-up a query, not one an entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from aggregates.codec import decode
from iop_es.engine.connections import open_pool, transaction
from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.reading import enter, set_scope
from projections.audit import MODEL

ENTRIES, STREAMS, OWNED = 4_000, 1_000, 900
NOBODY = UUID(int=0)
FILLED = f"""
    INSERT INTO entry (position, version, stream, actor, kind, thing, delay_seconds, recorded_at, occurred_at, role,
        name, words)
    SELECT i, i, '{NOBODY}', 'somebody', 'write', i % {STREAMS}, 0, '', '', 'clinician', 'n', 'w'
    FROM generate_series(0, {ENTRIES - 1}) i;
    INSERT INTO entry_patient SELECT i, '{NOBODY}' FROM generate_series(0, {ENTRIES - 1}) i;
    INSERT INTO thing_program SELECT i, i % 3 FROM generate_series(0, {OWNED - 1}) i;
"""  # noqa: S608 - three numbers


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for one in plan.get("Plans", ()):
        yield from nodes(one)


@pytest.mark.parametrize(("wide", "seen"), [("off", 1_200), ("on", 1_600)])
@pytest.mark.parametrize("table", ["entry", "entry_patient"])
def test_the_wall_is_looked_up_once_and_not_for_each_entry(
    table: str, wide: str, seen: int, trail_of_one_day: Any
) -> None:
    """A third of the 900 streams is of the program asked for, and 100 are of none; each stream has four entries."""
    with transaction(trail_of_one_day) as cursor:
        set_scope(cursor, programs="1", person="somebody", role="auditor", unreferred="off", organization_wide=wide)
        enter(cursor, "iop", MODEL)
        query = f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT FROM {table}"
        (((explained,),),) = (cursor.execute(query.encode()).fetchall(),)
    every = list(nodes(explained[0]["Plan"]))
    assert every[0]["Actual Rows"] == seen
    assert max(one["Actual Loops"] for one in every if "Subplan Name" in one) == 1
    assert any("hashed" in one.get("Filter", "") for one in every)


@pytest.fixture(scope="module")
def trail_of_one_day(postgres_url: str, template: str) -> Iterator[Any]:
    """Connections for questions to a trail that was written by hand."""
    url = psycopg.conninfo.make_conninfo(postgres_url, dbname="walled")
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE walled TEMPLATE "{template}"'.encode())
        server.execute("GRANT CREATE ON DATABASE walled TO iop_owner")
    with open_pool(url, "iop", "iop_projector", 1) as pool, open_pool(url, "iop", "iop_query", 1) as asking:
        Driver(MODEL, Log(pool, "iop"), pool, decode).prepare()
        with transaction(pool) as cursor:
            enter(cursor, "iop", MODEL)
            cursor.execute(FILLED.encode())
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("ANALYZE")
        yield asking
