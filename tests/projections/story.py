"""A past to project: facts in the order of recording, with complete envelopes, told once and used in three ways.

    story = Story()
    story.tell(an_id("session"), SessionScheduled(...), at="2026-03-02T09:00:00-05:00", by=an_id("clinician"))
    story.recorded(MODEL)              the facts as a fold takes them: no database
    story.append(log)                  the same facts in a log; a simulation's clock is the story's
    project(MODEL, log, pool)          rows in PostgreSQL; `tables(driver, pool)` reads all, `asking(driver, pool)` asks

Whose a fact is follows from what was told before: a roster or check-in fact states whose an attendance id is, the
first fact of an episode, authorization, note or claim whose the stream is. `patients=` overrides it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from itertools import groupby
from typing import Any
from uuid import UUID

import rfc8785
from psycopg import Cursor, sql

from aggregates.codec import decode, encode
from aggregates.values import instant, moment
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.fold import Fold
from iop_es.engine.readmodel.model import Delta, ReadModel, Recorded
from iop_es.engine.readmodel.place import DOCUMENT, DOCUMENT_USE
from iop_es.engine.readmodel.rebuild import Build
from tests.aggregates.scenario import an_id

__all__ = ["Story", "Told", "an_id", "asking", "folded", "project", "rebuild", "tables"]

for _name in (
    "access", "account", "assessment", "authorization", "claim", "clinician", "dispute", "enrollment", "group", "note",
    "patient", "payer_policy", "program", "risk", "session",
):
    import_module(f"aggregates.{_name}.facts")

ORGANIZATION = an_id("organization")


@dataclass(frozen=True, slots=True)
class Told:
    """One fact with its envelope; `recorded_at` is the story's clock."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    sealed: bytes | None
    context: bytes
    occurred_at: str
    recorded_at: str
    actor: str
    patients: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The stored name without its schema version."""
        return self.topic.partition("@")[0]


@dataclass
class Story:
    """Facts in the order in which they are recorded; the clock starts on Monday 2 March 2026 at 13:00 UTC."""

    now: str = "2026-03-02T13:00:00.000000Z"
    facts: list[Told] = field(default_factory=list, repr=False)
    _versions: dict[str, int] = field(default_factory=dict, repr=False)
    _owners: dict[str, str] = field(default_factory=dict, repr=False)
    _rosters: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def tell(
        self,
        stream: str,
        fact: Any,
        *,
        at: str | None = None,
        recorded: str | None = None,
        by: str | None = None,
        role: str = "clinician",
        on_behalf_of: str | None = None,
        reason: str | None = None,
        patients: Sequence[tuple[str, str]] | None = None,
    ) -> int:
        """Records a fact at `recorded` (default: when it was true, or a second after the last); answers its position.

        `at` is when it was true (default: the time of recording); any offset from UTC is understood.
        """
        occurred = None if at is None else instant(moment(at))
        self.now = max(self.now, instant(moment(recorded)) if recorded else occurred or _later(self.now))
        stored, state, sealed = encode(fact)
        pairs = tuple(self._whose(stream, fact) if patients is None else patients)
        actor, number = by or an_id("clinician"), len(self.facts) + 1
        subject = {"kind": stored.subject, "id": self._subject(stored.subject, stream, pairs)} if sealed else None
        context = {
            "name": stored.name, "schema_version": stored.version, "occurred_at": occurred or self.now, "actor": actor,
            "role": role, "on_behalf_of": on_behalf_of, "request": None, "command_id": an_id("command", number),
            "subject": subject, "reason": reason,
        }
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        self.facts.append(
            Told(
                number, stream, version, stored.topic, state, sealed, rfc8785.dumps(context), occurred or self.now,
                self.now, actor, tuple(sorted(pairs, key=lambda pair: pair[1])),
            )
        )
        return number

    def append(self, log: Log, first: int = 1) -> None:
        """Appends the facts from position `first` on; in a simulation at the story's times."""
        simulation = log.head().simulation
        rest = self.facts[first - 1 :]
        for recorded_at, facts in groupby(rest, lambda told: told.recorded_at if simulation else None):
            told = list(facts)
            for start in range(0, len(told), 1_000):
                log.append(Append(tuple(_new(one) for one in told[start : start + 1_000]), recorded_at=recorded_at))

    def recorded(self, model: ReadModel, upto: int | None = None, patient: str | None = None) -> list[Recorded]:
        """What a fold of this model takes, up to and with a position; of one patient: own facts and references only."""
        facts = [
            told for told in self.facts
            if told.name in model.handles and (upto is None or told.position <= upto)
            and (patient is None or told.name in model.references or patient in dict(told.patients))
        ]
        return [
            Recorded(
                told.position, told.stream, told.version, told.name,
                decode(told.topic, told.state, None), told.context, told.recorded_at.encode(),
                tuple(owner for owner, _ in told.patients), told.sealed if told.name in model.sealed else None,
            )
            for told in facts
        ]

    def _whose(self, stream: str, fact: Any) -> list[tuple[str, str]]:
        alias = an_id("alias", len(self.facts) + 1)
        roster = self._rosters.setdefault(stream, {})
        attendance = getattr(fact, "attendance_id", None)
        owner = getattr(fact, "patient_id", None)
        if owner is not None and attendance is not None:
            roster[attendance] = owner
        if owner is not None:
            self._owners.setdefault(stream, owner)
            return [(owner, attendance or alias)]
        if attendance is not None:
            return [(roster[attendance], attendance)]
        if type(fact).__module__ == "aggregates.patient.facts":
            return [(stream, alias)]
        if type(fact).__module__ == "aggregates.session.facts":
            return [(patient, own) for own, patient in roster.items()]
        if getattr(fact, "kind", None) == "group_narrative":
            roster.update(self._rosters.get(fact.session_id, {}))
        if roster and stream not in self._owners:
            return [(patient, own) for own, patient in roster.items()]
        return [(self._owners[stream], alias)] if stream in self._owners else []

    def _subject(self, kind: str | None, stream: str, pairs: Sequence[tuple[str, str]]) -> str:
        if kind == "organization":
            return ORGANIZATION
        return pairs[0][0] if kind in {"patient", "chart"} and len(pairs) == 1 else stream


def folded(model: ReadModel, facts: Sequence[Recorded], batch: int | None = None) -> Delta:
    """All rows, documents and uses after folding in memory, in batches of so many facts (None: one batch)."""
    fold, whole = Fold(model), Delta()
    size = batch or max(1, len(facts))
    for start in range(0, len(facts), size):
        direct = fold.take(facts[start : start + size])
        delta = fold.settle()
        delta.add(direct)
        whole.add(delta.rows)
        whole.documents.update(delta.documents)
        whole.uses.update(delta.uses)
    return whole


def project(model: ReadModel, log: Log, pool: Any, batch: int = 5_000) -> Driver:
    """Brings the read model to the log's head in batches of so many facts, by a new driver; `pool`: the projector's."""
    driver = Driver(model, log, pool, decode)
    driver.prepare()
    driver.catch_up(batch)
    driver.release()
    return driver


def rebuild(model: ReadModel, log: Log, pool: Any, share: int = 20_000) -> None:
    """Builds the read model anew in shares of so many facts, and gives it to the readers; `pool`: the projector's."""
    build = Build(model, Log(pool, log.schema), pool, decode)
    schema = build.open(share)
    build.work(schema)
    build.complete(schema)
    build.switch(schema)


def tables(driver: Driver, pool: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a read model, its documents and their uses among them, in a fixed order."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with pool.connection() as connection:
        for table in (*driver.model.tables, DOCUMENT, DOCUMENT_USE):
            names = sql.SQL(", ").join(sql.Identifier(name) for name in table.columns)
            place = sql.Identifier(driver.place.schema, table.name)
            found[table.name] = sorted(connection.execute(sql.SQL("SELECT {} FROM {}").format(names, place)), key=repr)
    return found


@contextmanager
def asking(driver: Driver, pool: Any) -> Iterator[Cursor[Any]]:
    """A cursor in a transaction that looks into the read model's schema, as the queries expect it."""
    with pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
        driver.place.enter(cursor)
        yield cursor


def _new(told: Told) -> NewFact:
    return NewFact(
        UUID(told.stream), told.version, told.topic, told.state, told.sealed, told.context, told.occurred_at,
        told.actor, told.patients,
    )


def _later(now: str) -> str:
    return instant(moment(now) + timedelta(seconds=1))
