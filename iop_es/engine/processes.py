"""Other processes of this program that share a long work, and how each of them reaches the store."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import NamedTuple

SET_PARENT_DEATH_SIGNAL = 1  # of prctl(2)


class Where(NamedTuple):
    """How a worker of another process reaches the store."""

    url: str
    schema: str
    role: str | None


@contextmanager
def helpers(workers: int) -> Iterator[Executor | None]:
    """The other processes of so many workers; None for a single one.

    Begin with it, while this process has no thread and no connection: they are forked, so that none of them has to
    import everything again, which takes longer than a small rebuild.
    """
    if workers < 2:
        yield None
        return
    with ProcessPoolExecutor(workers - 1, get_context("fork"), initializer=_leave_with_parent) as executor:
        list(executor.map(abs, range(workers - 1)))
        try:
            yield executor
        except BaseException:
            for child in active_children():
                child.terminate()  # what it was at is simply not done
            raise


def _leave_with_parent() -> None:
    """A helper ends when its parent does, however that ends, and says nothing of Ctrl-C (Linux)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
