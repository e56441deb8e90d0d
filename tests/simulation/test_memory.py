"""The model of the store answers as PostgreSQL does."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iop_es.engine.errors import StoreError
from iop_es.engine.log import Append, Keyed, Log, NewFact, Reservation
from tests.simulation.memory import MemoryLog

SPACE = UUID("00000000-0000-4000-8000-000000000000")
NAMES = "abc"
_numbers = count()

facts = st.tuples(
    st.sampled_from(NAMES), st.sampled_from((0, 0, 0, 0, 1, -1)),
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True), st.booleans(),
)  # fmt: skip
reservations = st.lists(
    st.tuples(st.sampled_from(("seat", "unit")), st.sampled_from("12"), st.sampled_from(NAMES)), max_size=2
)
appends = st.tuples(
    st.lists(facts, min_size=1, max_size=3), st.one_of(st.none(), st.integers(1, 4)), st.booleans(),
    reservations, reservations,
)  # fmt: skip


def an_id(run: int, *parts: object) -> str:
    """The same in one run."""
    return str(uuid5(SPACE, f"{run}:{parts}"))


class Both:
    """The same appends to both, and what each answers."""

    def __init__(self, log: Log, run: int) -> None:
        self.run = run
        self.log, self.begun = log, log.head().position
        self.model = MemoryLog(lambda: "2026-03-02T12:00:00.000000Z")
        self.versions: dict[str, int] = {}

    def append(self, drawn: Any) -> None:
        """One append, and one look at everything that it could have changed."""
        append = self._made(*drawn)
        answers = [self._answer(log, append) for log in (self.log, self.model)]
        assert answers[0] == answers[1]
        if answers[0][0] == "saved" and not answers[0][1][0][-1]:
            for fact in append.facts:
                self.versions[str(fact.stream)] = fact.version
        stored, modelled = self._stored(self.log, self.begun), self._stored(self.model, 0)
        assert stored == modelled
        for kind in ("seat", "unit"):
            keys = [an_id(self.run, number) for number in "12"]
            assert self.log.holders(kind, keys) == self.model.holders(kind, keys)

    def _made(self, drawn: list[Any], key: int | None, other: bool, release: list[Any], claim: list[Any]) -> Append:
        made: list[NewFact] = []
        at = dict(self.versions)
        for name, off, about, sealed in drawn:
            stream = an_id(self.run, "stream", name)
            at[stream] = at.get(stream, 0) + 1
            version = max(0, at[stream] + off)
            pairs = tuple(
                (an_id(self.run, "patient", one), an_id(self.run, len(self.model.all.facts), len(made), one))
                for one in about
            )
            context = f'{{"subject":{{"kind":"thing","id":"{len(made)}"}}}}'.encode()
            made.append(NewFact(
                UUID(stream), version, f"thing.{name}@1", b"{}", b"words" if sealed else None, context,
                "2026-03-02T11:00:00.000000Z", str(SPACE), pairs,
            ))  # fmt: skip
        keys = ()
        if key is not None:
            body = sha256(f"{key}{other}".encode()).digest()
            keys = (Keyed(f"{self.run}:{key}", body, len(made), made[0].stream),)
        return Append(tuple(made), keys, self._reservations(release), self._reservations(claim))

    def _reservations(self, drawn: list[Any]) -> tuple[Reservation, ...]:
        made = {
            (kind, number): Reservation(kind, an_id(self.run, number), UUID(an_id(self.run, "stream", name)))
            for kind, number, name in drawn
        }
        return tuple(made.values())

    def _answer(self, log: Log, append: Append) -> tuple[str, Any]:
        begun = self.begun if log is self.log else 0
        try:
            replies = log.append(append)
        except StoreError as error:
            return type(error).__name__, None
        return "saved", [
            (one.first - begun, one.last - begun, one.stream, one.version, one.replayed) for one in replies
        ]

    def _stored(self, log: Log, begun: int) -> Any:
        return [
            (one.position - begun, *one[1:7], one.stamp.partition(b"\n")[2], one.patients)
            for one in log.after(begun, 1_000, with_sealed=True)
        ]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(appends, min_size=1, max_size=12))
def test_the_model_answers_as_the_database(log: Log, drawn: list[Any]) -> None:
    """Whatever is appended, in whatever order: the same replies, refusals, facts, stamps and reservations."""
    both = Both(log, next(_numbers))
    for one in drawn:
        both.append(one)
    position = both.begun + len(both.model.all.facts)
    assert log.head().position == position
    for name in NAMES:
        stream, patient = an_id(both.run, "stream", name), an_id(both.run, "patient", name)
        for stored, modelled in (
            (log.streams([stream])[stream], both.model.streams([stream])[stream]),
            (log.of_patient(patient), both.model.of_patient(patient)),
        ):
            assert [one[1:7] for one in stored] == [one[1:7] for one in modelled]


def test_time_in_the_model_never_goes_back(new_fact: Callable[..., NewFact]) -> None:
    """A clock that was set back records the latest time again, as PostgreSQL does."""
    times = iter(["2026-03-02T12:00:00.000000Z", "2026-03-02T11:00:00.000000Z", "2026-03-02T12:00:01.000000Z"])
    model = MemoryLog(lambda: next(times))
    told = [model.append(Append((new_fact(),)))[0].recorded_at[11:19] for _ in range(3)]
    assert told == ["12:00:00", "12:00:00", "12:00:01"]
