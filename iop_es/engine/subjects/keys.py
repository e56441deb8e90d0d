"""The keys of subjects: made when first needed, remembered for a short while, looked up many at once.

A key is made in a transaction of its own before the first append that needs it; if that fails, a key without a fact
does no harm. What is remembered is what HKDF extracts of a key, for LIFE_SECONDS at most. Whoever destroys a key
forgets it at once; every other process asks each second in which it uses one how many were destroyed by now, and
forgets all where that is another number: so long may it go on with a key that is gone. A number can be trusted where a
time cannot: of two who destroy at once the later one to commit may have the earlier time.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import tuple_row

from iop_es.engine.connections import Pool, persist
from iop_es.engine.statements import blocks, composed
from iop_es.engine.subjects.layout import KEY_ID_BYTES, extract
from iop_es.engine.subjects.master import KEY_BYTES, KeyProvider, MasterFile, Wrapped

LIFE_SECONDS = 60.0
LOOK_SECONDS = 1.0
REMEMBERED = 20_000
TRIES = 5
Row = tuple[Any, ...]


class SubjectKey(NamedTuple):
    """A subject's key as it is used: its id, and what HKDF extracted of it; None: it was destroyed."""

    subject: str
    number: int
    key_id: bytes
    extracted: bytes | None


Memory = OrderedDict[Any, tuple[float, SubjectKey]]
"""Keys by id or by subject, each until a moment, the oldest first."""


class KeyTable:
    """The table of keys of one log, and the statements over it."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._statements = composed(
            dict(blocks("iop_es.engine.subjects", "statements.sql")), log=sql.Identifier(schema),
            keys=sql.Identifier(f"{schema}_keys"),
        )  # fmt: skip

    def rows(self, statement: str, **given: Any) -> list[Row]:
        """The rows of a statement. Raises StoreUnavailable."""
        return persist(self._pool, lambda connection: self._run(connection, statement, given))

    def _run(self, connection: Connection[Any], statement: str, given: Mapping[str, Any]) -> list[Row]:
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            cursor.execute(self._statements[statement], given)
            return cursor.fetchall() if cursor.description else []

    def count(self, statement: str, **given: Any) -> int:
        """How many rows a statement wrote."""

        def run(connection: Connection[Any]) -> int:
            return connection.execute(self._statements[statement], given).rowcount

        return persist(self._pool, run)


class SubjectKeys:
    """The keys as those need them who seal and open. The pool is the keys' own: whoever asks for a key may hold a
    connection to the log meanwhile."""

    def __init__(
        self, pool: Pool, schema: str, provider: KeyProvider, clock: Callable[[], float] = monotonic
    ) -> None:
        self._table = KeyTable(pool, schema)
        self._provider = provider
        self._clock = clock
        self._lock = Lock()
        self._by_id: Memory = OrderedDict()
        self._first: Memory = OrderedDict()
        self._current: Memory = OrderedDict()
        self._destroyed: int | None = None
        self._looked = clock()
        self._forgotten = 0

    def current(self, subjects: Iterable[str]) -> dict[str, SubjectKey]:
        """The key that seals for each of these subjects: one query for those that are not remembered, and one more for
        those that have none yet. Raises StoreUnavailable, MasterKeysUnusable."""
        wanted = set(subjects)
        found = self._remembered(self._current, wanted)
        for _ in range(TRIES):
            lacking = sorted(wanted - found.keys())
            if not lacking:
                return found
            since, rows = self._forgotten, self._table.rows("current", subjects=lacking)
            numbers = {row[0]: row[1] for row in rows}
            keys = self._used([row for row in rows if row[3] is not None], since)
            having = {key.subject for key in keys}
            if missing := {subject: numbers.get(subject, 0) + 1 for subject in lacking if subject not in having}:
                keys += self.add(missing)
            for key in keys:
                found[key.subject] = key
                self._remember(self._current, key.subject, key, since)
        raise RuntimeError("A key was destroyed as often as one was made.")

    def first(self, subject: str) -> SubjectKey:
        """A subject's first key, which rotation leaves as it is. Raises StoreUnavailable, MasterKeysUnusable."""
        held = self._remembered(self._first, {subject})
        if subject not in held:
            self.current([subject])
            since, rows = self._forgotten, self._table.rows("of_subjects", subjects=[subject])
            held = {subject: self._used(rows[:1], since)[0]}
            self._remember(self._first, subject, held[subject], since)
        return held[subject]

    def by_id(self, ids: Collection[bytes]) -> dict[bytes, SubjectKey]:
        """The keys with these ids, by one query for those that are not remembered; one that there never was is left
        out. Those that seal for their subjects are remembered as such: who opens what is known of a patient mostly
        writes of the same next. Raises StoreUnavailable, MasterKeysUnusable."""
        wanted = set(ids)
        found = self._remembered(self._by_id, wanted)
        if lacking := sorted(wanted - found.keys()):
            since, rows = self._forgotten, self._table.rows("by_id", ids=lacking)
            for key, row in zip(self._used([row[:5] for row in rows], since), rows, strict=True):
                found[key.key_id] = key
                if row[5]:
                    self._remember(self._current, key.subject, key, since)
        return found

    def add(self, numbers: Mapping[str, int]) -> list[SubjectKey]:
        """Makes a key of each of these subjects, with its number, unless somebody else made that one first: those that
        were made."""
        self._begin()
        made, wrapped = [], []
        for subject, number in numbers.items():
            key, key_id = os.urandom(KEY_BYTES), os.urandom(KEY_ID_BYTES)
            made.append(SubjectKey(subject, number, key_id, extract(key, key_id)))
            wrapped.append(self._provider.wrap(key, context_of(subject, key_id)))
        since, added = self._forgotten, self._table.rows(
            "add", subjects=[one.subject for one in made], numbers=[one.number for one in made],
            ids=[one.key_id for one in made], wrapped=[one.data for one in wrapped], by=[one.by for one in wrapped],
        )  # fmt: skip
        ours = {key_id for (key_id,) in added}
        keys = [one for one in made if one.key_id in ours]
        for one in keys:
            self._remember(self._by_id, one.key_id, one, since)
        return keys

    def lost(self) -> int:
        """How many facts were sealed with a key of which there is no row; all of them are looked at."""
        return int(self._table.rows("lost")[0][0])

    def forget(self) -> None:
        """Remembers nothing any more."""
        with self._lock:
            self._forgotten += 1
            self._by_id.clear()
            self._first.clear()
            self._current.clear()

    def _begin(self) -> None:
        """The file of master keys of a store that has no key yet is made; beside keys it is not."""
        file = self._provider
        if isinstance(file, MasterFile) and not file.path.exists() and self._table.rows("empty")[0][0]:
            file.begin()

    def _used(self, rows: Sequence[Row], since: int) -> list[SubjectKey]:
        """The keys of these rows, remembered by their ids; only what is not is unwrapped. `since`: as `_remember`."""
        known = self._remembered(self._by_id, {row[2] for row in rows})
        found = []
        for subject, number, key_id, wrapped, by in rows:
            key = known.get(key_id)
            if wrapped is None or key is None or key.extracted is None:
                key = SubjectKey(subject, number, key_id, self._extracted(subject, key_id, wrapped, by))
                self._remember(self._by_id, key_id, key, since)
            found.append(key)
        return found

    def _extracted(self, subject: str, key_id: bytes, wrapped: bytes | None, by: str) -> bytes | None:
        if wrapped is None:
            return None
        return extract(self._provider.unwrap(Wrapped(by, wrapped), context_of(subject, key_id)), key_id)

    def _look(self) -> None:
        """Forgets everything where keys were destroyed since the last look, once a second at most."""
        with self._lock:
            last, now = self._looked, self._clock()
            if now - last < LOOK_SECONDS:
                return
            self._looked = now  # others go on meanwhile with what they have
        try:
            destroyed = int(self._table.rows("destroyed")[0][0])
        except BaseException:
            self._looked = last  # nobody knows, so that the next one has to ask again
            raise
        if destroyed != self._destroyed:
            self._destroyed = destroyed
            self.forget()

    def _remembered(self, memory: Memory, wanted: set[Any]) -> dict[Any, SubjectKey]:
        self._look()
        now = self._clock()
        with self._lock:
            held = {one: memory[one] for one in wanted if one in memory}
        return {one: key for one, (until, key) in held.items() if now < until}

    def _remember(self, memory: Memory, one: Any, key: SubjectKey, since: int) -> None:
        """Keeps a key that was looked up when so often all had been forgotten; not one from before the last time."""
        with self._lock:
            if since != self._forgotten:
                return
            memory[one] = (self._clock() + LIFE_SECONDS, key)
            memory.move_to_end(one)
            if len(memory) > REMEMBERED:
                memory.popitem(last=False)


def context_of(subject: str, key_id: bytes) -> dict[str, str]:
    """What a wrapped key is bound to."""
    return {"key_id": key_id.hex(), "subject": subject}
