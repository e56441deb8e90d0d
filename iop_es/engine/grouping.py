"""Group commit: what is asked at the same moment is worked on together.

Who comes alone waits for no company: whoever comes when nobody is worked on is the next group, with all who are ready
in the same turn of the event loop; all who come meanwhile are the group after. So one who comes alone waits no longer
than before, and under load a whole group shares one look at the log, one lock and one fsync.

Under load those behind a group of several wait a moment for those who were just answered, who mostly ask again: until
as many are there as were, or nobody has come for a millisecond. Else two halves of a crowd take turns and never meet:
each pays for a look at the log of its own, and while the one is worked on the other's answers and questions want the
interpreter too. Sixteen clients who ask again at once have a third more done, and callers who come by chance, 200 to
800 a second, are answered no later than without; a wait of five milliseconds in any case held these up by half.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

LARGEST = 64
"""How many are worked on together at most: it bounds how long the last of a group waits for the first."""

QUIET_SECONDS = 0.001
"""When nobody has come for so long, those behind a group of several wait for no others."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Grouping(Generic[Asked, Answer]):
    """Passes what many tasks of one event loop ask to `work`, one group after the other, in a thread of its own.

    `work` gives one answer for each of its group, in order; an answer that is an exception is raised to the one who
    asked. An exception that `work` itself raises reaches everyone of that group.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer | Exception]]) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(1, "grouping")
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._busy = False
        self._enough = 1

    async def ask(self, asked: Asked) -> Answer:
        """The answer to one; raises its exception. It is worked on even if its task no longer waits."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        self._next()
        return await future

    def _next(self) -> None:
        """Starts on all who wait, if they are enough. Only the event loop's thread is ever here, so nothing needs a
        lock."""
        if self._busy or len(self._waiting) < self._enough:
            return
        self._busy = True
        # Not at once: whoever else is ready in this turn of the loop comes along.
        asyncio.get_running_loop().call_soon(self._start)

    def _expect(self, seen: int | None = None) -> None:
        """Waits for others as long as some come: more than were `seen` waiting before."""
        if self._busy:
            return
        if len(self._waiting) == seen:
            self._enough = 1
            self._next()
        else:
            asyncio.get_running_loop().call_later(QUIET_SECONDS, self._expect, len(self._waiting))

    def _start(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST))]
        self._thread.submit(self._lead, asyncio.get_running_loop(), group)

    def _lead(self, loop: asyncio.AbstractEventLoop, group: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = self._work([asked for asked, _ in group])
            if len(answers) != len(group):
                raise ValueError("The work must give one answer for each of its group.")
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who asked must hear of it
            answers = [error if isinstance(error, Exception) else RuntimeError(type(error).__name__)] * len(group)
        loop.call_soon_threadsafe(self._tell, group, answers)

    def _tell(
        self, group: list[tuple[Asked, asyncio.Future[Answer]]], answers: Sequence[Answer | Exception]
    ) -> None:
        for (_, future), answer in zip(group, answers, strict=True):
            if future.cancelled():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        self._busy = False
        if len(group) > 1:
            self._enough = min(len(group) + len(self._waiting), LARGEST)
            asyncio.get_running_loop().call_soon(self._expect)  # after those who were answered have had their turn
        self._next()
