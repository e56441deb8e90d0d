"""Reading the whole log to verify it: every fact's leaf, and whether what stands beside the facts repeats them truly.

The tree covers a fact's state, sealed part, context and stamp. Its columns and the index by patient are copies, made so
that questions are quick; a changed copy would be believed, so each is held against what is covered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.processes import Where
from iop_es.engine.statements import blocks, composed
from iop_es.engine.stored import INSTANT_WIDTH, Row, name_of
from iop_es.engine.transparency.leaf import fact_leaf

PAGE = 4_096
"""Facts read at once: sixteen tiles."""

AHEAD = 4
MOST_AHEAD = 16
"""How many pages other processes have in hand, and how many may wait to be taken in order."""

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
    """The facts of the log in a schema, page by page, each read in a short transaction of its own."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._statements = composed(
            dict(blocks("iop_es.engine.transparency", "scan.sql")), schema=sql.Identifier(schema)
        )
        self._known: dict[Any, Any] = {}

    def page(self, connection: Connection[Any], position: int, upto: int) -> Page:
        """The facts after a position, up to and with another; positions without a fact are in it, too."""
        rows = self._ask(connection, "facts", position, upto)
        return self._page(position, upto, rows, self._ask(connection, "index", position, upto))

    def pages(self, upto: int, others: Executor | None = None, where: Where | None = None) -> Iterator[Page]:
        """The facts up to a position, in order. `others` are `helpers` that take their share of the pages; they reach
        the store as `where` says."""
        with self._pool.connection() as connection:
            latest = b""
            for page in self._shared(connection, upto, others, where):
                recorded = next(filter(None, page.recorded), latest)
                if recorded < latest:
                    page.findings.append(_earlier(page.first + page.recorded.index(recorded)))
                latest = next(filter(None, reversed(page.recorded)), latest)
                yield page

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

    def _shared(
        self, connection: Connection[Any], upto: int, others: Executor | None, where: Where | None
    ) -> Iterator[Page]:
        """The pages in order: the others have some in hand, and while the next one is not there yet, this process makes
        a later one itself."""
        starts = iter(range(0, upto, PAGE))
        made: deque[Future[Page] | Page] = deque()

        def given(start: int) -> Future[Page] | Page:
            if others is None or where is None:
                return self.page(connection, start, min(start + PAGE, upto))
            return others.submit(_page_of, where, start, min(start + PAGE, upto))

        while True:
            made.extend(given(start) for start in islice(starts, max(0, (AHEAD if others else 1) - len(made))))
            if not made:
                return
            first = made.popleft()
            while isinstance(first, Future) and not first.done() and len(made) < MOST_AHEAD:
                start = next(starts, None)
                if start is None:
                    break
                made.append(self.page(connection, start, min(start + PAGE, upto)))
            yield first.result() if isinstance(first, Future) else first

    def _ask(self, connection: Connection[Any], name: str, position: int, upto: int) -> list[Row]:
        with connection.cursor(binary=True) as cursor:
            given = {"position": position, "upto": upto}
            return cursor.execute(self._statements[name], given, prepare=True).fetchall()

    def _page(self, position: int, upto: int, rows: list[Row], index: list[Row]) -> Page:
        page, place, expected = Page(position + 1, [], [], []), 0, position + 1
        leaves, known, index, latest = page.leaves, self._known, [*index, (upto + 1, "", b"")], b""
        for at, stream, version, state, sealed, context, stamp, *copies in rows:
            while expected < at:
                self._missing(page)
                expected += 1
            expected += 1
            leaves.append(fact_leaf(at, stream, version, state, sealed, context, stamp))
            recorded = stamp[:INSTANT_WIDTH]
            page.recorded.append(recorded)
            if index[place][0] < at:
                place = self._passed(page, index, place, at)
            begun = place
            while index[place][0] == at:
                place += 1
            lines = index[begun][2] if place - begun == 1 else b"".join(row[2] for row in index[begun:place])
            try:
                told = _decode(context)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                page.findings.append(Finding(at, "context", f"The context of fact {at} cannot be read."))
                continue
            said = (told.name, told.schema_version), recorded, told.occurred_at, told.actor
            # Mostly each of them has been seen before with what it stands for.
            if [known.get(one) for one in said] != copies or lines != stamp[INSTANT_WIDTH + 1 :]:
                self._differ(page.findings, at, said, copies, lines, stamp)
            if begun < place and told.subject and told.subject.id != index[begun][1]:
                self._owned(page.findings, at, told.subject, index[begun:place])
            if recorded < latest:
                page.findings.append(_earlier(at))
            latest = recorded
        while len(leaves) < upto - position:
            self._missing(page)
        self._passed(page, index, place, upto + 1)
        return page

    def _owned(self, findings: list[Finding], at: int, subject: _Subject, index: list[Row]) -> None:
        """A fact whose subject is a patient must be among that patient's."""
        if subject.kind == "patient" and all(row[1] != subject.id for row in index):
            findings.append(Finding(at, "patients", f"The index by patient gives fact {at} to somebody else."))

    def _missing(self, page: Page) -> None:
        at = page.first + len(page.leaves)
        page.leaves.append(None)
        page.recorded.append(b"")
        page.findings.append(Finding(at, "missing", f"There is no fact at position {at}."))

    def _passed(self, page: Page, index: list[Row], place: int, at: int) -> int:
        """The place in the index by patient where a position begins; what stands before it is about no fact."""
        while index[place][0] < at:
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


def _page_of(where: Where, position: int, upto: int) -> Page:
    """A page made in another process, which keeps its connection and what it has seen for the next one."""
    scan, pool = _own(where)
    with pool.connection() as connection:
        return scan.page(connection, position, upto)


@cache
def _own(where: Where) -> tuple[Scan, Pool]:
    pool = open_pool(where.url, where.schema, where.role, 1)
    return Scan(pool, where.schema), pool


def _earlier(at: int) -> Finding:
    return Finding(at, "time", f"Fact {at} says that it was recorded before the one in front of it.")


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


def _topic(said: tuple[str | None, int | None], topic: str) -> str:
    """The topic that a context names; one without a schema version says the name alone."""
    name, version = said
    if version is not None:
        return f"{name}@{version}"
    return topic if name_of(topic) == name_of(name or "") else str(name)
