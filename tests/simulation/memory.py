"""A model of the store in memory, for the simulation alone: what `append` and the reads of it answer.

It answers the statements that the log's own client sends, so that everything above them is the product's. That it
answers as PostgreSQL does is held by one property test (test_memory).
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import psycopg

from iop_es.engine.log import Log
from iop_es.engine.stored import Row, name_of

EPOCH = "1970-01-01T00:00:00.000000Z"


class Stored(NamedTuple):
    """A fact as it is kept; `patients` in byte order of their aliases."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    sealed: bytes | None
    context: bytes
    stamp: bytes
    patients: tuple[str, ...]
    recorded_at: str


class Kept(NamedTuple):
    """The first reply of a key."""

    body: bytes
    first: int
    last: int
    stream: str
    version: int


class Refused(psycopg.DatabaseError):
    """A refusal of `append`, as the driver raises it."""

    def __init__(self, code: str, **particulars: Any) -> None:
        super().__init__(code)
        self.sqlstate = code
        self._detail = json.dumps(particulars)

    @property
    def diag(self) -> Any:
        """Where its particulars are."""
        return _Diagnostics(self._detail)


@dataclass(frozen=True, slots=True)
class _Diagnostics:
    message_detail: str
    message_primary: str = "refused"


@dataclass(slots=True)
class Connection:
    """All that is asked of one here."""

    closed: bool = False


class Pool:
    """Gives out connections."""

    @contextmanager
    def connection(self, _seconds: float | None = None) -> Iterator[Connection]:
        """A new one."""
        yield Connection()

    def check(self) -> None:
        """Nothing: there are always new ones."""


@dataclass(slots=True)
class Everything:
    """What is stored."""

    facts: list[Stored] = field(default_factory=list)
    streams: dict[str, list[int]] = field(default_factory=dict)
    patients: dict[str, list[int]] = field(default_factory=dict)
    keys: dict[str, Kept] = field(default_factory=dict)
    reservations: dict[tuple[str, str], str] = field(default_factory=dict)
    recorded_at: str = EPOCH
    refusal: str | None = None


class MemoryLog(Log):
    """The log over the model. `clock` is the store's own; `fault(statement)` may raise before and after each."""

    def __init__(
        self, clock: Callable[[], str], fault: Callable[[str, Connection, bool], None] = lambda *_: None,
        name: str = "simulated",
    ) -> None:  # fmt: skip
        super().__init__(Pool(), "memory")  # type: ignore[arg-type]
        self.all = Everything()
        self._clock = clock
        self._fault = fault
        self._name = name

    def _execute(
        self, connection: Any, statement: str, parameters: Mapping[str, Any], keep: bool = True
    ) -> list[Row]:
        self._fault(statement, connection, False)
        found = list(getattr(self, f"_do_{statement}")({"with_context": True, **parameters}))
        self._fault(statement, connection, True)
        return found

    def _do_head(self, _given: Mapping[str, Any]) -> Iterable[Row]:
        return [(len(self.all.facts), self.all.recorded_at, self._name, False)]

    def _do_standing(self, given: Mapping[str, Any]) -> Iterable[Row]:
        (head,) = self._do_head(given)
        known = [(key, kept) for key in given["keys"] if (kept := self.all.keys.get(key))]
        rows = [
            (*head, key, kept.first, kept.last, self._at(kept.last), kept.stream, kept.version, kept.body)
            for key, kept in known
        ]
        return rows or [(*head, *(None,) * 7)]

    def _do_holders(self, given: Mapping[str, Any]) -> Iterable[Row]:
        held = self.all.reservations
        return [(key, held[given["kind"], key]) for key in given["keys"] if (given["kind"], key) in held]

    def _do_position_at(self, given: Mapping[str, Any]) -> Iterable[Row]:
        return [(bisect_right([fact.recorded_at for fact in self.all.facts], given["moment"]),)]

    def _do_streams(self, given: Mapping[str, Any]) -> Iterable[Row]:
        for stream in sorted(given["ids"]):
            for at in self.all.streams.get(stream, []):
                yield self._row(self.all.facts[at - 1], given, with_patients=given["with_patients"])

    def _do_after(self, given: Mapping[str, Any]) -> Iterable[Row]:
        first, upto = given["position"], given["upto"]
        last = min(len(self.all.facts) if upto is None else upto, first + given["limit"])
        return [self._row(fact, given) for fact in self.all.facts[first:last]]

    def _do_at(self, given: Mapping[str, Any]) -> Iterable[Row]:
        return [self._row(self.all.facts[at - 1], given) for at in sorted(given["positions"])]

    def _do_of_patient(self, given: Mapping[str, Any]) -> Iterable[Row]:
        for at in self.all.patients.get(given["patient"], []):
            if given["upto"] is None or at <= given["upto"]:
                yield (*self._row(self.all.facts[at - 1], given)[:-1], [given["patient"]])

    def _do_of_patients(self, given: Mapping[str, Any]) -> Iterable[Row]:
        return self._about((one for one in self.all.patients if given["first"] <= one <= given["last"]), given)

    def _do_about(self, given: Mapping[str, Any]) -> Iterable[Row]:
        return self._about((one for one in self.all.patients if one in given["patients"]), given)

    def _about(self, patients: Iterable[str], given: Mapping[str, Any]) -> Iterable[Row]:
        names = given.get("names")
        for patient in sorted(patients):
            for at in self.all.patients[patient]:
                fact = self.all.facts[at - 1]
                told = names is None or fact.topic.partition("@")[0] in names
                if told and (given["upto"] is None or at <= given["upto"]):
                    yield (*self._row(fact, given)[:-1], patient)

    def _do_latest_of_patients(self, given: Mapping[str, Any]) -> Iterable[Row]:
        rows = []
        for patient in given["patients"]:
            own = [self.all.facts[at - 1] for at in self.all.patients.get(patient, [])]
            told = [
                fact for fact in own
                if fact.topic.partition("@")[0] in given["names"] and str(fact.stream) not in given["apart"]
                and any(mark in fact.state for mark in given["said"])
            ]
            rows += [(*self._row(fact, given)[:-1], [patient]) for fact in told[-given["limit"] :]]
        return sorted(rows, key=itemgetter(0))

    def _do_first_of_streams(self, given: Mapping[str, Any]) -> Iterable[Row]:
        return [
            self._row(self.all.facts[found[0] - 1], given)
            for stream in given["ids"] if (found := self.all.streams.get(stream))
        ]  # fmt: skip

    def _do_append(self, given: Mapping[str, Any]) -> Iterable[Row]:
        """The function of the schema, statement by statement."""
        everything, keys = self.all, _lists(given, "key_names", "key_bodies", "key_facts", "key_streams")
        seen = [(name, body, kept) for name, body, *_ in keys if (kept := everything.keys.get(name))]
        if seen:
            for name, body, kept in seen:
                if kept.body != body:
                    raise Refused("IOP02", key=name)
            return [
                (name, kept.first, kept.last, self._at(kept.last), kept.stream, kept.version, True)
                for name, _, kept in seen
            ]
        facts = _lists(given, "streams", "versions", "topics", "states", "contexts")
        self._must_follow(facts)
        if everything.refusal is not None:
            raise Refused("IOP06", reason=everything.refusal)
        if given["given_at"] is not None:
            raise Refused("IOP05")
        self._must_be_free(given)
        moment = max(self._clock(), everything.recorded_at) if facts else everything.recorded_at
        begun = len(everything.facts)
        self._write(facts, given, moment)
        self._reserve(given)
        return self._replies(keys, begun, moment)

    def _must_follow(self, facts: list[tuple[Any, ...]]) -> None:
        at: dict[str, int] = {}
        for stream, version, *_ in facts:
            name = str(stream)
            if name not in at:
                known = len(self.all.streams.get(name, []))
                at[name] = known or (-1 if version == 0 else 0)
                if known:
                    at[name] = self.all.facts[self.all.streams[name][-1] - 1].version
            if version - 1 != at[name]:
                raise Refused("IOP01", stream=name, expected=version - 1, actual=max(at[name], 0))
            at[name] += 1

    def _must_be_free(self, given: Mapping[str, Any]) -> None:
        held = dict(self.all.reservations)
        for kind, key, stream in _lists(given, "release_kinds", "release_keys", "release_streams"):
            if held.get((kind, key)) == str(stream):
                del held[kind, key]
        for kind, key, _ in _lists(given, "claim_kinds", "claim_keys", "claim_streams"):
            if (kind, key) in held:
                raise Refused("IOP03", kind=kind, key=key)

    def _write(self, facts: list[tuple[Any, ...]], given: Mapping[str, Any], moment: str) -> None:
        everything, pairs = self.all, _lists(given, "pair_facts", "pair_patients", "pair_aliases")
        sealed = given["sealeds"] or [None] * len(facts)
        for number, (stream, version, topic, state, context) in enumerate(facts, 1):
            position, about = len(everything.facts) + 1, []
            for patient, alias in ((str(one), str(alias)) for fact, one, alias in pairs if fact == number):
                of = everything.patients.setdefault(patient, [])
                of.append(position)
                about.append((alias, len(of), patient))
            about.sort()
            stamp = "".join([f"{moment}\n", *(f"{alias} {n}\n" for alias, n, _ in about)]).encode()
            everything.facts.append(Stored(
                position, str(stream), version, topic, state, sealed[number - 1], context, stamp,
                tuple(patient for *_, patient in about), moment,
            ))  # fmt: skip
            everything.streams.setdefault(str(stream), []).append(position)
            everything.recorded_at = moment

    def _reserve(self, given: Mapping[str, Any]) -> None:
        held = self.all.reservations
        for kind, key, stream in _lists(given, "release_kinds", "release_keys", "release_streams"):
            if held.get((kind, key)) == str(stream):
                del held[kind, key]
        for kind, key, stream in _lists(given, "claim_kinds", "claim_keys", "claim_streams"):
            held[kind, key] = str(stream)

    def _replies(self, keys: list[tuple[Any, ...]], begun: int, moment: str) -> Iterable[Row]:
        last = begun
        for name, body, number, stream in keys:
            first, last = last + 1, last + number
            own = [at for at in self.all.streams.get(str(stream), []) if at <= last]
            version = self.all.facts[own[-1] - 1].version if own else 0
            self.all.keys[name] = Kept(body, first, last, str(stream), version)
            yield name, first, last, moment, str(stream), version, False

    def _at(self, position: int) -> str:
        return self.all.facts[position - 1].recorded_at if position else EPOCH

    def _row(self, fact: Stored, given: Mapping[str, Any], with_patients: bool = True) -> Row:
        opened = fact.sealed if given["with_sealed"] else None
        shown = given["with_context"] or (given["with_sealed"] and fact.sealed is not None)
        return (
            *fact[:5], opened, fact.context if shown else b"", fact.stamp, list(fact.patients) if with_patients else [],
        )  # fmt: skip


def _lists(given: Mapping[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(given[name] or [] for name in names), strict=True))


def topics(log: MemoryLog) -> list[str]:
    """The names of all facts, in order."""
    return [name_of(fact.topic) for fact in log.all.facts]
