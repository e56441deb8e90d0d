"""The checker finds each planted violation, and nothing in a history that is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.checker import Fact, Final, Kept, check
from tests.chaos.history import Command, History, Read, Try

A, B, SETUP = (f"00000000-0000-4000-8000-00000000000{digit}" for digit in "abc")


def fact(position: int, stream: str, version: int, words: str = "") -> Fact:
    """A fact that is as its neighbors are."""
    return Fact(position, stream, version, "thing.happened", f"at {position}", f"command {position}",
                f"digest {position}", words)  # fmt: skip


def told(position: int, stream: str, version: int, **more: Any) -> dict[str, Any]:
    """The API's answer to a command of one fact."""
    return {"id": stream, "version": version, "position": position, "recorded_at": f"at {position}",
            "facts": ["thing.happened"], "replayed": False} | more  # fmt: skip


def true() -> tuple[History, Final]:
    """One fact from before, and three commands, the second of which was sent twice; a fourth was refused."""
    commands = [
        Command("one", 0, [Try(1.0, 2.0, 201, told(2, A, 1))], meant="blue"),
        Command("two", 1, [Try(3.0), Try(4.0, 5.0, 200, told(3, A, 2, replayed=True))]),
        Command("three", None, [Try(4.5, 6.0, 201, told(4, B, 1)), Try(7.0, 7.5, 201, told(4, B, 1, replayed=True))]),
        Command("four", 1, [Try(8.0, 9.0, 412, {"code": "version-changed"})]),
    ]
    facts = [fact(1, SETUP, 1), fact(2, A, 1, "so blue"), fact(3, A, 2), fact(4, B, 1)]
    history = History(
        1, commands, [Read(1, 1.0, "r1", "caseload", 2), Read(1, 2.0, "r2", "caseload", 4)],
        [(one.position, one.digest) for one in facts],
        [{"head": 1, "caseload": 1}, {"head": 3, "caseload": 2}, {"head": 4, "caseload": 4}],
    )  # fmt: skip
    kept = {"zero": Kept(1, 1, SETUP, 1), "one": Kept(2, 2, A, 1), "two": Kept(3, 3, A, 2), "three": Kept(4, 4, B, 1)}
    return history, Final(4, facts, kept, {"r1", "r2"})


def lost(_history: History, final: Final) -> None:
    """The last acknowledged fact is gone, and its key with it."""
    final.facts.pop()
    del final.kept["three"]


def lost_quietly(history: History, final: Final) -> None:
    """So that even the head and the reader agree."""
    lost(history, final)
    history.seen.pop()
    final.head = 3


def doubled(_history: History, final: Final) -> None:
    """A command had its effect twice."""
    final.facts.append(fact(5, B, 2)._replace(command="command 4"))
    final.kept["three again"] = Kept(5, 5, B, 2)
    final.head = 5


def changed(_history: History, final: Final) -> None:
    """The stored bytes are others than the reader's."""
    final.facts[2] = final.facts[2]._replace(digest="another")


def misunderstood(_history: History, final: Final) -> None:
    """The fact says something else than its command."""
    final.facts[1] = final.facts[1]._replace(words="so red")


def moved_time(_history: History, final: Final) -> None:
    """The fact has another time than was answered."""
    final.facts[2] = final.facts[2]._replace(recorded_at="later")


def phantom(_history: History, final: Final) -> None:
    """A fact that nobody sent."""
    final.facts.append(fact(5, B, 2))
    final.kept["somebody"] = Kept(5, 5, B, 2)
    final.head = 5


def unowned(_history: History, final: Final) -> None:
    """A fact that belongs to no command."""
    final.facts.append(fact(5, B, 2))
    final.head = 5


def gap_in_stream(_history: History, final: Final) -> None:
    """A stream goes from 1 to 3."""
    final.facts[2] = final.facts[2]._replace(version=3)


def gap_in_log(history: History, final: Final) -> None:
    """A position without a fact."""
    del final.facts[0]
    del history.seen[0]


def reordered(history: History, _final: Final) -> None:
    """A command that was answered before another began stands behind it."""
    history.commands[2].tries[0] = Try(0.1, 0.5, 201, told(4, B, 1))


def skipped(history: History, _final: Final) -> None:
    """The reader missed one."""
    del history.seen[2]


def seen_twice(history: History, _final: Final) -> None:
    """The reader was given one twice."""
    history.seen.append(history.seen[-1])


def seen_late(history: History, _final: Final) -> None:
    """The reader saw two in the wrong order."""
    history.seen[1], history.seen[2] = history.seen[2], history.seen[1]


def stale(history: History, _final: Final) -> None:
    """A command was done on a version that its sender had not read."""
    history.commands[1].expected = 0


def drifted(_history: History, final: Final) -> None:
    """A read model is not what a replay makes."""
    final.differences.append("billing.service_day: 1 rows only live, 0 only in a replay")


def another_root(_history: History, final: Final) -> None:
    """The log is not what was sealed."""
    final.unsound.append("Fact 3 is not the one that was sealed.")


def unaudited(_history: History, final: Final) -> None:
    """A read is not on record."""
    final.audited.discard("r2")


def head_back(history: History, _final: Final) -> None:
    """The head went back between two looks."""
    history.positions.append({"head": 3, "caseload": 4})


def model_back(history: History, _final: Final) -> None:
    """A read model went back between two looks."""
    history.positions.append({"head": 4, "caseload": 2})


def read_back(history: History, _final: Final) -> None:
    """One client read an older state after a newer one."""
    history.reads.append(Read(1, 3.0, "r1", "caseload", 3))


def refused_though_done(history: History, _final: Final) -> None:
    """A retry was told that somebody else had been first, when it was itself."""
    history.commands[1].tries[1] = Try(4.0, 5.0, 412, {"code": "version-changed"})


def told_otherwise(history: History, _final: Final) -> None:
    """The same key had two answers."""
    history.commands[2].tries[1].body = told(4, B, 1, recorded_at="later")


PLANTED: dict[Callable[[History, Final], None], str] = {
    lost: "I1", lost_quietly: "I1", doubled: "I1", changed: "I1", misunderstood: "I1", moved_time: "I1",
    phantom: "I2", unowned: "I2", gap_in_stream: "I3", gap_in_log: "I3", reordered: "I4",
    skipped: "I5", seen_twice: "I5", seen_late: "I5", stale: "I6", drifted: "I7", another_root: "I8",
    unaudited: "I9", head_back: "I10", model_back: "I10", read_back: "I10",
    refused_though_done: "false conflict", told_otherwise: "first answer",
}  # fmt: skip


def test_nothing_is_found_in_what_is_true() -> None:
    """A history that its database bears out has no violation."""
    assert check(*true()) == []


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_what_is_planted_is_found(plant: Callable[[History, Final], None]) -> None:
    """Each violation is found, by the invariant that it breaks."""
    history, final = true()
    plant(history, final)
    assert PLANTED[plant] in {one.invariant for one in check(history, final)}
