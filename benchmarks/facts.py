"""Facts to measure with: the demo's simulated clinic, as many times over as it takes.

Every further copy has patients, episodes, groups, sessions, notes and claims of its own, and shares the programs, the
clinicians and the payers; at each of the clinic's moments the copies stand beside each other, as in a larger clinic.
The copies are written by COPY as the owner, position by position as the append function would have numbered them, and
each copy's personal parts are sealed under the keys of its own patients.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import Connection, sql

from iop_es import wiring
from iop_es.demo import clinic
from iop_es.engine.sealer import CannotBeOpened, Part, Sealer
from iop_es.engine.stored import name_of, subject_of
from iop_es.settings import Settings
from iop_es.wiring import House

UUID = re.compile(rb"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
SHARED = ("program.", "clinician.", "payer_policy.")
SPREAD = 0x9E3779B1
PAGE = 2_000
FACT = "position, stream, version, topic, state, sealed, context, stamp, recorded_at, occurred_at, actor"
BASE = "iop"


@contextmanager
def bench_settings() -> Iterator[Settings]:
    """An embedded database of its own in a folder that is gone afterwards; durable like any other."""
    with TemporaryDirectory(prefix="iop-es-bench-") as folder, ExitStack() as stack:
        settings = Settings(project=Path(folder), log_level="error")
        stack.enter_context(wiring.database(settings))
        yield settings


@contextmanager
def simulated(settings: Settings) -> Iterator[House]:
    """The clinic's thirteen weeks, some 30,000 facts, in the store's own schema."""
    wiring.migrated(settings, simulation=True)
    with wiring.opened(settings) as house:
        if house.log.head().position == 0:
            clinic.simulate(house, 7, 13, 60, lambda _day, _facts: None)
        yield house


@contextmanager
def scaled(
    settings: Settings, facts: int, told: Callable[[int], None] = lambda _position: None
) -> Iterator[House]:
    """A store with at least so many facts, in a schema of its own beside the simulated one."""
    schema = f"bench_{facts}"
    larger = settings.model_copy(update={"schema_name": schema})
    wiring.migrated(larger, simulation=True)
    with wiring.opened(larger) as house:
        if house.log.head().position == 0:
            with (
                wiring.opened(settings) as simulated_one, psycopg.connect(house.url, autocommit=True) as source,
                psycopg.connect(house.url) as target,
            ):
                sealers = simulated_one.log.sealer, house.log.sealer
                _fill(source, target, sealers, schema, facts, told)
        yield house


def _fill(
    source: Connection[Any], target: Connection[Any], sealers: tuple[Sealer, Sealer], schema: str, facts: int,
    told: Callable[[int], None],
) -> None:
    source.execute(f"SET search_path = {BASE}")
    target.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
    head = _one(source, "SELECT position FROM log_head")
    kept = {name.encode()[:8] for (name,) in source.execute(_SHARED_IDS)}
    copies = -(-facts // head)
    scale = _Scale(kept, copies)
    for start in range(0, head, PAGE):
        rows = _opened(source.execute(_PAGE, (start, start + PAGE)).fetchall(), sealers[0])
        page = _sealed([one for row in rows for one in scale.copies(row)], sealers[1])
        with target.cursor().copy(f"COPY fact ({FACT}) FROM STDIN") as copy:
            for one in page:
                copy.write_row(one)
        with target.cursor().copy("COPY fact_patient (patient_id, n, position, alias) FROM STDIN") as copy:
            for pair in scale.pairs:
                copy.write_row(pair)
        scale.pairs.clear()
        told(scale.position)
    target.execute(
        "UPDATE log_head SET (position, recorded_at) = (SELECT position, recorded_at FROM fact ORDER BY 1 DESC LIMIT 1)"
    )
    target.commit()
    target.autocommit = True
    target.execute("VACUUM ANALYZE fact, fact_patient")


_SHARED_IDS = """
SELECT DISTINCT stream::text FROM fact WHERE split_part(topic, '.', 1) IN ('program', 'clinician', 'payer_policy')
UNION SELECT convert_from(state, 'UTF8')::jsonb ->> 'payer_id' FROM fact WHERE topic LIKE 'payer_policy.published%'
"""


_PAGE = """
SELECT stream::text, version, topic, state, sealed, context, stamp, recorded_at, occurred_at, actor::text,
       ARRAY(SELECT patient_id || ' ' || n || ' ' || alias FROM fact_patient a WHERE a.position = f.position)
FROM fact f WHERE position > %s AND position <= %s ORDER BY position
"""


Fact = tuple[Any, ...]
"""A row of the log, its columns as the COPY takes them or as they were read."""


def _opened(rows: list[Fact], sealer: Sealer) -> list[Fact]:
    """Rows as they were read, their personal parts open."""
    parts = [Part(subject_of(row[5]), row[0], row[1], name_of(row[2]), row[4]) for row in rows if row[4] is not None]
    texts = iter(sealer.open(parts))
    return [row if row[4] is None else (*row[:4], _readable(next(texts)), *row[5:]) for row in rows]


def _readable(text: bytes | CannotBeOpened | None) -> bytes:
    if isinstance(text, bytes):
        return text
    raise text or RuntimeError("The key of a simulated patient was destroyed.")


def _sealed(rows: list[Fact], sealer: Sealer) -> list[Fact]:
    """Rows as they are written, their personal parts sealed at their place."""
    parts = [Part(subject_of(row[6]), row[1], row[2], name_of(row[3]), row[5]) for row in rows if row[5] is not None]
    made = iter(sealer.seal(parts))
    return [row if row[5] is None else (*row[:5], next(made), *row[6:]) for row in rows]


class _Scale:
    """Gives each fact its copies, and counts positions."""

    def __init__(self, kept: set[bytes], copies: int) -> None:
        self.position = 0
        self.pairs: list[tuple[str, int, int, str]] = []
        self._kept = kept
        self._copies = copies

    def copies(self, row: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """The fact as each copy of the clinic has it; what is shared has one."""
        stream, version, topic, state, sealed, context, stamp, recorded_at, occurred_at, actor, pairs = row
        for copy in range(1 if topic.startswith(SHARED) else self._copies):
            self.position += 1
            for pair in pairs:
                patient, n, alias = self._moved(pair.encode(), copy).decode().split(" ")
                self.pairs.append((patient, int(n), self.position, alias))
            yield (
                self.position, self._moved(stream.encode(), copy).decode(), version, topic, self._moved(state, copy),
                sealed, self._moved(context, copy), self._stamp(stamp, copy), recorded_at, occurred_at,
                self._moved(actor.encode(), copy).decode(),
            )  # fmt: skip

    def _moved(self, text: bytes, copy: int) -> bytes:
        if not copy:
            return text
        spread = copy * SPREAD & 0xFFFFFFFF
        return UUID.sub(
            lambda found: found[0] if found[0] in self._kept else b"%08x" % (int(found[0], 16) ^ spread), text
        )

    def _stamp(self, stamp: bytes, copy: int) -> bytes:
        moment, *lines = self._moved(stamp, copy).splitlines(keepends=True)
        return moment + b"".join(sorted(lines))


def _one(connection: Connection[Any], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
