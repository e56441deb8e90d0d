"""What is asked at the same moment is worked on together, and each one hears its own answer."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from iop_es.engine import grouping
from iop_es.engine.grouping import Grouping


class Worker:
    """Doubles numbers; waits at the first group until it is let go, so that the next one fills up."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.go = threading.Event()

    def __call__(self, asked: Sequence[int]) -> list[int | Exception]:
        """Twice each number; an odd one is refused, and 13 ends the whole group's work."""
        self.groups.append(list(asked))
        self.go.wait(10)
        if 13 in asked:
            raise RuntimeError("all of it")
        return [ValueError(one) if one % 2 else 2 * one for one in asked]


async def ask(worker: Worker, first: int, *others: int) -> list[int | BaseException]:
    """The answers, when all others came while the first was worked on."""
    together: Grouping[int, int] = Grouping(worker)
    tasks = [asyncio.create_task(together.ask(first))]
    while not worker.groups:
        await asyncio.sleep(0.001)
    tasks += [asyncio.create_task(together.ask(one)) for one in others]
    await asyncio.sleep(0.01)
    worker.go.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_who_comes_meanwhile_is_the_next_group() -> None:
    """Nobody waits for company, and all who came during a group's work are worked on together, in their order."""
    worker = Worker()
    assert asyncio.run(ask(worker, 2, 4, 6, 8)) == [4, 8, 12, 16]
    assert worker.groups == [[2], [4, 6, 8]]


def test_a_refusal_is_raised_to_its_own_task() -> None:
    """One answer that is an exception reaches one task; the neighbors have their answers."""
    answers = asyncio.run(ask(Worker(), 2, 4, 5, 6))
    assert [answers[0], answers[1], answers[3]] == [4, 8, 12]
    assert isinstance(answers[2], ValueError)


def test_a_failure_of_the_work_reaches_its_group_and_not_the_next() -> None:
    """Everyone of the group hears of it, and who comes later is worked on as before."""
    worker = Worker()

    async def twice() -> list[int | BaseException]:
        together: Grouping[int, int] = Grouping(worker)
        worker.go.set()
        failed = await asyncio.gather(together.ask(13), together.ask(2), return_exceptions=True)
        return [*failed, await together.ask(2)]

    answers = asyncio.run(twice())
    assert [type(one) for one in answers] == [RuntimeError, RuntimeError, int]


def test_a_group_is_no_larger_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not fit is in the group after."""
    monkeypatch.setattr(grouping, "LARGEST", 2)
    worker = Worker()
    assert asyncio.run(ask(worker, 2, 4, 6, 8)) == [4, 8, 12, 16]
    assert worker.groups == [[2], [4, 6], [8]]


def test_those_behind_a_group_wait_for_who_was_just_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks again when answered comes along with who came meanwhile."""
    monkeypatch.setattr(grouping, "QUIET_SECONDS", 10)
    assert asyncio.run(asked_again(8, 10)) == [[2, 4], [6, 8, 10]]


def test_those_behind_a_group_wait_for_a_moment_only() -> None:
    """Where nobody asks again, who came meanwhile is worked on all the same."""
    assert asyncio.run(asked_again()) == [[2, 4], [6]]


async def asked_again(*again: int) -> list[list[int]]:
    """The groups, when 2 and 4 came together, 6 meanwhile, and the others once these two were answered."""
    worker = Worker()
    together: Grouping[int, int] = Grouping(worker)
    first = [asyncio.create_task(together.ask(one)) for one in (2, 4)]
    while not worker.groups:
        await asyncio.sleep(0.001)
    behind = asyncio.create_task(together.ask(6))
    await asyncio.sleep(0)
    worker.go.set()
    await asyncio.gather(*first)
    await asyncio.wait_for(asyncio.gather(behind, *(together.ask(one) for one in again)), 5)
    return worker.groups


def test_a_task_that_no_longer_waits_disturbs_nobody() -> None:
    """A canceled task's part is worked on all the same, and its neighbors are answered."""
    worker = Worker()

    async def cancel_one() -> int:
        together: Grouping[int, int] = Grouping(worker)
        first, second = (asyncio.create_task(together.ask(one)) for one in (2, 4))
        while not worker.groups:
            await asyncio.sleep(0.001)
        first.cancel()
        await asyncio.sleep(0)
        worker.go.set()
        return await second

    assert asyncio.run(cancel_one()) == 8
    assert worker.groups == [[2, 4]]
