"""Reading the whole log to verify it: every fact's leaf, and whether what stands beside the facts repeats them truly.

The tree covers a fact's state, sealed part, context and stamp. Its columns and the index by patient are copies, made so
that questions are quick; a changed copy would be believed, so each is held against what is covered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from iop_es.engine.connections import Pool
from iop_es.engine.reader import INSTANT_WIDTH, Row, name_of
from iop_es.engine.statements import blocks, composed
from iop_es.engine.transparency.leaf import fact_leaf

PAGE = 4_096
"""Facts read at once: sixteen tiles."""

NO_FACT = "The index by patient names position {}, which has no fact."
MOST_KNOWN = 20_000
COPIES = ("topic", "recorded_at", "occurred_at", "actor")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL's
_MICROSECOND = timedelta(microseconds=1)


class Finding(NamedTuple):
    """Something that is not as it should be: at which position (None: nowhere in particular), its sort, a sentence."""

    position: int | None
    kind: str
    told: str


class Page(NamedTuple):
    """Facts in order from the first position on: each one's leaf (None: there is no such fact), when it was recorded,
    and what is wrong beside them."""

    first: int
    leaves: list[bytes | None]
    recorded: list[bytes]
    findings: list[Finding]


class _Subject(msgspec.Struct):
    kind: str = ""
    id: str = ""


class _Context(msgspec.Struct):
    name: str | None = None
    schema_version: int | None = None
    occurred_at: str | None = None
    actor: str | None = None
    subject: _Subject | None = None


_decode = msgspec.json.Decoder(_Context).decode


class Scan:
    """The facts of the log in a schema, page by page, each in a short transaction of its own; the next page is read
    while the caller is busy with one."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._statements = composed(
            dict(blocks("iop_es.engine.transparency", "scan.sql")), schema=sql.Identifier(schema)
        )
        self._known: dict[Any, Any] = {}
        self._latest = b""

    def pages(self, upto: int) -> Iterator[Page]:
        """The facts up to and with a position; positions without a fact are in them, too."""
        with self._pool.connection() as connection, ThreadPoolExecutor(1, "reading") as reader:
            starts = range(0, upto, PAGE)
            ahead = deque(reader.submit(self._read, connection, at, min(at + PAGE, upto)) for at in starts[:1])
            for at, following in zip_longest(starts, starts[1:]):
                rows, index = ahead.popleft().result()
                if following is not None:
                    ahead.append(reader.submit(self._read, connection, following, min(following + PAGE, upto)))
                yield self._page(at, min(at + PAGE, upto), rows, index)

    def whole(self) -> Iterator[Finding]:
        """What is wrong with streams' versions and patients' numbers, which must run from 1 on without a gap."""
        with self._pool.connection() as connection:
            for stream, count, last in self._ask(connection, "streams", 0, 0):
                told = f"Stream {stream} has {count} facts, and its last version is {last}: its versions have gaps."
                yield Finding(None, "versions", told)
            for patient, count, last in self._ask(connection, "patients", 0, 0):
                told = f"Patient {patient} has {count} facts in the index, and the last is number {last}."
                yield Finding(None, "patients", told)
            for (at,) in self._ask(connection, "beyond", 0, 0):
                yield Finding(at, "patients", NO_FACT.format(at))

    def _read(self, connection: Connection[Any], position: int, upto: int) -> tuple[list[Row], list[Row]]:
        return self._ask(connection, "facts", position, upto), self._ask(connection, "index", position, upto)

    def _ask(self, connection: Connection[Any], name: str, position: int, upto: int) -> list[Row]:
        with connection.cursor(binary=True) as cursor:
            given = {"position": position, "upto": upto}
            return cursor.execute(self._statements[name], given, prepare=True).fetchall()

    def _page(self, position: int, upto: int, rows: list[Row], index: list[Row]) -> Page:
        page = Page(position + 1, [], [], [])
        leaves, recorded, known, place = page.leaves, page.recorded, self._known, 0
        for at, stream, version, state, sealed, context, stamp, *copies in rows:
            while position + len(leaves) + 1 < at:
                self._missing(page)
            leaves.append(fact_leaf(at, stream, version, state, sealed, context, stamp))
            recorded.append(stamp[:INSTANT_WIDTH])
            begun = place = self._passed(page, index, place, at)
            while place < len(index) and index[place][0] == at:
                place += 1
            lines = index[begun][2] if place - begun == 1 else b"".join(row[2] for row in index[begun:place])
            try:
                told = _decode(context)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                page.findings.append(Finding(at, "context", f"The context of fact {at} cannot be read."))
                continue
            said = (told.name, told.schema_version), recorded[-1], told.occurred_at, told.actor
            # Mostly each of them has been seen before with what it stands for.
            if [known.get(one) for one in said] != copies or lines != stamp[INSTANT_WIDTH + 1 :]:
                self._differ(page.findings, at, said, copies, lines, stamp)
            if told.subject and begun < place and _somebody_elses(told.subject, index[begun:place]):
                page.findings.append(Finding(at, "patients", f"The index by patient gives fact {at} to somebody else."))
            if recorded[-1] < self._latest:
                before = f"Fact {at} says that it was recorded before the one in front of it."
                page.findings.append(Finding(at, "time", before))
            self._latest = recorded[-1]
        while position + len(leaves) < upto:
            self._missing(page)
        self._passed(page, index, place, upto + 1)
        return page

    def _missing(self, page: Page) -> None:
        at = page.first + len(page.leaves)
        page.leaves.append(None)
        page.recorded.append(b"")
        page.findings.append(Finding(at, "missing", f"There is no fact at position {at}."))

    def _passed(self, page: Page, index: list[Row], place: int, at: int) -> int:
        """The place in the index by patient where a position begins; what stands before it is about no fact."""
        while place < len(index) and index[place][0] < at:
            page.findings.append(Finding(index[place][0], "patients", NO_FACT.format(index[place][0])))
            place += 1
        return place

    def _differ(
        self, findings: list[Finding], at: int, said: tuple[Any, ...], copies: list[Any], lines: bytes, stamp: bytes
    ) -> None:
        """What of a fact's copies is not what it says, looked at closely."""
        meant = (_topic(said[0], copies[0]), _instant(said[1]), _instant(said[2]), _actor(said[3]))
        for name, one, means, copy in zip(COPIES, said, meant, copies, strict=True):
            if means == copy:
                if len(self._known) > MOST_KNOWN:
                    self._known.clear()
                self._known[one] = copy
            elif one not in {None, (None, None)}:
                findings.append(Finding(at, "column", f"Column {name} of fact {at} is not what the fact says."))
        if lines != stamp[INSTANT_WIDTH + 1 :]:
            told = f"The index by patient does not say of fact {at} what its stamp says."
            findings.append(Finding(at, "patients", told))


def _instant(text: bytes | str | None) -> bytes | None:
    """Microseconds since 2000 as PostgreSQL sends them; None for what is no instant."""
    try:
        since = datetime.fromisoformat(text.decode() if isinstance(text, bytes) else text or "") - _EPOCH
    except (ValueError, TypeError):
        return None
    return (since // _MICROSECOND).to_bytes(8, signed=True)


def _actor(text: str | None) -> bytes | None:
    try:
        return UUID(text).bytes
    except (ValueError, TypeError, AttributeError):
        return None


def _somebody_elses(subject: _Subject, index: list[Row]) -> bool:
    """Whether a fact whose subject is a patient is not among that patient's."""
    return subject.kind == "patient" and all(row[1] != subject.id for row in index)


def _topic(said: tuple[str | None, int | None], topic: str) -> str:
    """The topic that a context names; one without a schema version says the name alone."""
    name, version = said
    if version is not None:
        return f"{name}@{version}"
    return topic if name_of(topic) == name_of(name or "") else str(name)
