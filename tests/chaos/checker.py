"""Whether a drill's history and what its database holds in the end can both be true: invariants I1 to I10.

It reads nothing else, and knows nothing of how either came about.

    I1 every acknowledged fact is there once, as it was told    I6 no success on a stale version
    I2 nothing is there that nobody sent                        I7 each read model is what a replay makes
    I3 versions of a stream run from 1 without a gap            I8 the log is what was sealed
    I4 what was acknowledged before comes before                I9 each read of protected data is on record
    I5 a tailing reader saw every fact once, in order           I10 no position ever decreases
    and beside them: no false conflict, and the same key always has the first answer
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tests.chaos.history import Command, History


class Violation(NamedTuple):
    """An invariant that does not hold, and where."""

    invariant: str
    told: str


class Fact(NamedTuple):
    """A stored fact: `command` is the id of the decision that made it, `words` all its text, opened."""

    position: int
    stream: str
    version: int
    name: str
    recorded_at: str
    command: str
    digest: str
    words: str = ""


class Kept(NamedTuple):
    """The stored reply of a key: positions (`last` = `first` - 1: it made none), stream and version."""

    first: int
    last: int
    stream: str
    version: int


@dataclass(slots=True)
class Final:
    """What the database holds in the end; `differences` and `unsound` are sentences of the comparison with a replay and
    of the verification."""

    head: int
    facts: list[Fact]
    kept: dict[str, Kept]
    audited: set[str]
    differences: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)


def check(history: History, final: Final) -> list[Violation]:
    """Everything that does not hold."""
    return [Violation(name, told) for name, invariant in INVARIANTS.items() for told in invariant(history, final)]


def _acknowledged_once(history: History, final: Final) -> Iterator[str]:
    at = {fact.position: fact for fact in final.facts}
    covered = Counter(
        position for one in final.kept.values() for position in range(one.first, one.last + 1)
    )  # fmt: skip
    for position, times in covered.items():
        if times > 1:
            yield f"position {position} is the answer to {times} commands"
    owner: dict[str, tuple[int, int]] = {}
    for one in final.kept.values():
        for command in {at[position].command for position in range(one.first, one.last + 1) if position in at}:
            if owner.setdefault(command, (one.first, one.last)) != (one.first, one.last):
                yield f"the decision {command} stands in the log twice"
    told = dict(history.seen)
    for fact in final.facts:
        if told.get(fact.position, fact.digest) != fact.digest:
            yield f"the fact at {fact.position} is another than the one that a reader saw"
    for sent in history.commands:
        if (answer := sent.answer) is not None:
            yield from _as_told(sent, answer.body, final, at)


def _as_told(sent: Command, body: dict, final: Final, at: dict[int, Fact]) -> Iterator[str]:  # type: ignore[type-arg]
    kept, last = final.kept.get(sent.key), body["position"]
    if kept is None:
        yield f"{sent.key} was acknowledged at {last}, and is not there"
        return
    found = [at.get(position) for position in range(last - len(body["facts"]) + 1, last + 1)]
    if None in found or [one.name for one in found if one] != body["facts"]:
        yield f"{sent.key} was told {body['facts']} up to {last}; there is {[one and one.name for one in found]}"
    elif found and found[-1] is not None:
        if (kept.last, kept.stream, kept.version) != (last, body["id"], body["version"]):
            yield f"{sent.key} was told {body}, and {kept} is kept"
        if found[-1].recorded_at != body["recorded_at"]:
            yield f"{sent.key} was told another time than is recorded"
        if sent.meant and not any(one and sent.meant in one.words for one in found):
            yield f"{sent.key} said {sent.meant}, and its facts do not"


def _nothing_else(history: History, final: Final) -> Iterator[str]:
    sent = {one.key for one in history.commands}
    covered: set[int] = set()
    for key, one in final.kept.items():
        if one.last <= history.base:
            continue
        covered |= set(range(one.first, one.last + 1))
        if key not in sent:
            yield f"{key} is there, and nobody sent it"
    for fact in final.facts:
        if fact.position > history.base and fact.position not in covered:
            yield f"the fact at {fact.position} belongs to no command"


def _versions(_history: History, final: Final) -> Iterator[str]:
    if [fact.position for fact in final.facts] != list(range(1, final.head + 1)):
        yield f"{len(final.facts)} facts do not fill the positions up to the head, {final.head}"
    last: dict[str, int] = {}
    for fact in final.facts:
        if fact.version != last.get(fact.stream, 0) + 1:
            yield f"version {fact.version} of {fact.stream} at {fact.position} follows {last.get(fact.stream, 0)}"
        last[fact.stream] = fact.version


def _in_order(history: History, _final: Final) -> Iterator[str]:
    done = sorted(
        (answer.answered, answer.body["position"], one.key)
        for one in history.commands if (answer := one.answer) and answer.body["facts"]
    )  # fmt: skip
    begun = sorted(
        (one.tries[0].sent, answer.body["position"], one.key)
        for one in history.commands if (answer := one.answer) and answer.body["facts"]
    )  # fmt: skip
    place, highest, by = 0, 0, ""
    for sent, position, key in begun:
        while place < len(done) and done[place][0] < sent:
            if done[place][1] > highest:
                _, highest, by = done[place]
            place += 1
        if position <= highest:
            yield f"{key} began after {by} was acknowledged at {highest}, and stands at {position}"


def _never_skipped(history: History, final: Final) -> Iterator[str]:
    positions = [position for position, _ in history.seen]
    if positions == list(range(1, final.head + 1)):
        return
    times = Counter(positions)
    yield from (f"the reader never saw {one}" for one in range(1, final.head + 1) if not times[one])
    yield from (f"the reader saw {one} {number} times" for one, number in times.items() if number > 1)
    yield from (
        f"the reader saw {later} right after {earlier}"
        for earlier, later in pairwise(positions) if later < earlier
    )  # fmt: skip


def _no_stale_success(history: History, final: Final) -> Iterator[str]:
    at = {fact.position: fact for fact in final.facts}
    for one in history.commands:
        answer = one.answer
        if answer is None or one.expected is None or not answer.body["facts"]:
            continue
        first = at.get(answer.body["position"] - len(answer.body["facts"]) + 1)
        if first is not None and first.stream == answer.body["id"] and first.version != one.expected + 1:
            yield f"{one.key} expected version {one.expected}, and its first fact is version {first.version}"


def _replayed(_history: History, final: Final) -> Iterator[str]:
    yield from final.differences


def _as_sealed(_history: History, final: Final) -> Iterator[str]:
    yield from final.unsound


def _on_record(history: History, final: Final) -> Iterator[str]:
    for one in history.reads:
        if one.request not in final.audited:
            yield f"the read {one.request} of {one.model} is not in the access log"


def _never_back(history: History, _final: Final) -> Iterator[str]:
    highest: dict[str, int] = {}
    for sample in history.positions:
        for name, position in sample.items():
            if position < highest.get(name, 0):
                yield f"{name} went from {highest[name]} back to {position}"
            highest[name] = max(position, highest.get(name, 0))
    told: dict[tuple[int, str], int] = {}
    for one in history.reads:
        if one.position < told.get((one.client, one.model), 0):
            yield f"client {one.client} read {one.model} at {told[one.client, one.model]}, then at {one.position}"
        told[one.client, one.model] = one.position


def _no_false_conflict(history: History, final: Final) -> Iterator[str]:
    for one in history.commands:
        kept = final.kept.get(one.key)
        for refused in (each for each in one.tries if each.refused):
            if kept is not None and kept.last >= kept.first:
                yield f"{one.key} was refused ({refused.status}), and is there at {kept.last}"


def _first_answer(history: History, _final: Final) -> Iterator[str]:
    for one in history.commands:
        told = [
            {name: value for name, value in each.body.items() if name not in {"replayed", "projected", "receipt"}}
            for each in one.tries if each.acknowledged
        ]  # fmt: skip
        if any(each != told[0] for each in told):
            yield f"{one.key} was answered {told[0]}, then otherwise"


INVARIANTS: dict[str, Callable[[History, Final], Iterator[str]]] = {
    "I1": _acknowledged_once,
    "I2": _nothing_else,
    "I3": _versions,
    "I4": _in_order,
    "I5": _never_skipped,
    "I6": _no_stale_success,
    "I7": _replayed,
    "I8": _as_sealed,
    "I9": _on_record,
    "I10": _never_back,
    "false conflict": _no_false_conflict,
    "first answer": _first_answer,
}
