"""The other side of the append benchmark: the house's commands over the eventsourcing library's own recorder.

It stands where the log stands, so that the endpoint, its checks, the validation and the decision are the same code.
What it has: the library's default table and insert path (LOCK TABLE, INSERT, NOTIFY, COMMIT in one pipeline), its own
connection pool, `select_events` for each stream, as its repository does, and its refusal of a version that exists.

What it lacks, and so does not pay for: idempotency keys, reservations, the index of patients, context, actor and times,
a sealed part of its own (it travels in `state`, as it is), and facts without gaps. Nor does it pay for the library's
mapper: the bytes come ready made. Whether a clinician treats a patient, and whom a patient met that day, is asked, on
both sides, of the house's index over the facts that were there before: the library has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from aggregates.values import instant
from iop_es.engine.errors import StaleVersion
from iop_es.engine.log import Append, Appended, Head, Log, NewFact, StoredFact

LENGTH = 4


class LibraryLog:
    """The doors of a log that commands use, over the library's recorder."""

    def __init__(self, url: str, size: int, before: Log | None = None) -> None:
        self._before = before
        to = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        self.datastore = PostgresDatastore(
            to["dbname"], to["host"], to.get("port", "5432"), to["user"], "", pool_size=1, max_overflow=size - 1
        )
        self.recorder = PostgresApplicationRecorder(self.datastore)
        self.recorder.create_table()

    def head(self) -> Head:
        """A clock; the library keeps no head."""
        return Head(0, instant(datetime.now(UTC)), "library", simulation=False)

    def standing(self, _keys: Mapping[str, bytes]) -> tuple[Head, dict[str, Appended]]:
        """The clock and no replies: the library keeps no keys."""
        return self.head(), {}

    def seen(self, _keys: Mapping[str, bytes]) -> dict[str, Appended]:
        """Nothing: the library keeps no keys."""
        return {}

    def holders(self, _kind: str, _keys: Sequence[str]) -> dict[str, str]:
        """Nothing: the library keeps no reservations."""
        return {}

    def streams(self, ids: Sequence[str], *, with_patients: bool = True) -> dict[str, list[StoredFact]]:
        """The streams, one query each."""
        return {one: [_fact(event) for event in self.recorder.select_events(UUID(one))] for one in ids}

    def about(self, *asked: Any, **given: Any) -> list[StoredFact]:
        """Facts about patients that were there before, by the house's index."""
        assert self._before is not None
        return self._before.about(*asked, **given)

    def latest_of_patients(self, *asked: Any, **given: Any) -> list[StoredFact]:
        """The same of the latest ones, which say whom a patient met that day."""
        assert self._before is not None
        return self._before.latest_of_patients(*asked, **given)

    def append(self, append: Append) -> tuple[Appended, ...]:
        """Saves the facts. Raises StaleVersion for a version that exists."""
        try:
            ids = self.recorder.insert_events([_event(fact) for fact in append.facts])
        except IntegrityError as error:
            first = append.facts[0]
            raise StaleVersion(str(first.stream), first.version - 1, first.version) from error
        assert ids is not None
        replies, at = [], 0
        for keyed in append.keys:
            at += keyed.facts
            version = append.facts[at - 1].version
            moment = instant(datetime.now(UTC))
            replies.append(Appended(ids[at - keyed.facts], ids[at - 1], moment, str(keyed.stream), version, False))
        return tuple(replies)

    def fill(self, facts: Sequence[StoredFact]) -> None:
        """Saves facts that another log holds, some hundreds at most: more of them fill the library's pipeline for good.
        """
        self.recorder.insert_events([
            StoredEvent(UUID(fact.stream), fact.version, fact.topic, _framed(fact.state, fact.sealed)) for fact in facts
        ])  # fmt: skip


def _event(fact: NewFact) -> StoredEvent:
    return StoredEvent(fact.stream, fact.version, fact.topic, _framed(fact.state, fact.sealed))


def _framed(state: bytes, sealed: bytes | None) -> bytes:
    return len(state).to_bytes(LENGTH, "big") + state + (sealed or b"")


def _fact(event: Any) -> StoredFact:
    length = int.from_bytes(event.state[:LENGTH], "big")
    state, sealed = event.state[LENGTH : LENGTH + length], event.state[LENGTH + length :]
    return StoredFact(
        0, str(event.originator_id), event.originator_version, event.topic, state, sealed or None, b"", b"", ()
    )
