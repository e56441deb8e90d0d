"""Commands from a file into the log: one line a command, resumable, idempotent, and no line stops another.

Lines are recorded in chunks that share one append. When an append as a whole is refused, the chunk is halved until
the line at fault stands alone; so every other line is recorded, and none is recorded in part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO

import psycopg
from psycopg_pool import PoolTimeout
from pydantic import ValidationError

from aggregates.kit import Refusal
from api.commands.handle import Commands
from api.commands.order import Answer, NotPermitted, Order, VersionChanged
from iop_es.engine.errors import KeyReusedForOtherBody, StoreError, StoreUnavailable
from iop_es.engine.log import Log
from iop_es.load.line import LONGEST, BadLine, Entry, Reading, fields_at_fault

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not recorded: its number in the file, the reason in words, and the rule if one refused it."""

    line: int
    reason: str
    rule: str | None = None


@dataclass(slots=True)
class Tally:
    """What came of a file; `unchanged` lines said what was already so, `position` is the log's head afterwards."""

    lines: int = 0
    recorded: int = 0
    facts: int = 0
    unchanged: int = 0
    loaded_before: int = 0
    position: int = 0
    refused: list[Refused] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)


def load_lines(
    source: BinaryIO,
    log: Log,
    commands: Callable[[], Commands],
    refused: Callable[[Refused], None] = lambda _refused: None,
    advance: Callable[[int], None] = lambda _read: None,
    request: str | None = None,
) -> Tally:
    """Records every line that can be; `refused` hears of the others at once, `advance` of the bytes read. `request` is
    what the log keeps beside whom the lines name, such as who sat at the shell.

    `commands` makes a door that remembers streams. Raises StoreUnavailable; loading the same file again then goes on.
    """
    loader = _Loader(log, commands, refused, request)
    for chunk in _chunks(loader.entries(source, advance)):
        loader.take(chunk)
    loader.tally.position = log.head().position
    return loader.tally


@dataclass(slots=True)
class _Loader:
    """The work in hand. `_position` is the head that the remembered streams rest on."""

    log: Log
    commands: Callable[[], Commands]
    refused: Callable[[Refused], None]
    request: str | None
    tally: Tally = field(default_factory=Tally)
    _door: Commands | None = None
    _position: int = -1

    def entries(self, source: BinaryIO, advance: Callable[[int], None]) -> Iterator[Entry]:
        """The well-formed lines; the others are refused as they are met."""
        reading, read = Reading(self.log.sealer, self.request), 0
        for number, raw in enumerate(_lines(source), 1):
            read += len(raw)
            advance(read)
            if not raw.strip():
                continue
            self.tally.lines += 1
            try:
                entry = reading.entry(number, raw)
            except BadLine as error:
                self._refuse(number, str(error))
            else:
                yield entry

    def take(self, chunk: Sequence[Entry]) -> None:
        """Records a chunk, or its halves where the whole is refused."""
        try:
            seen = self.log.seen({entry.order.key: entry.order.digest for entry in chunk})
            new = [entry for entry in chunk if entry.order.key not in seen]
            answers = self._handle([entry.order for entry in new], chunk[0].recorded_at)
        except (StoreUnavailable, psycopg.OperationalError, PoolTimeout):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a line brings about, it must not stop the others
            self._door = None
            if len(chunk) == 1:
                self._refuse(chunk[0].number, _reason(error), getattr(error, "rule", None))
                return
            middle = len(chunk) // 2
            self.take(chunk[:middle])
            self.take(chunk[middle:])
        else:
            self.tally.loaded_before += len(seen)
            for entry, answer in zip(new, answers, strict=True):
                self._count(entry, answer)

    def _handle(self, orders: Sequence[Order], recorded_at: str | None) -> list[Answer]:
        if not orders:
            return []
        # What is remembered holds only while nobody else writes.
        if self._door is None or self.log.head().position != self._position:
            self._door = self.commands()
        answers = self._door.handle_all(orders, recorded_at)
        self._position = max((answer.position for answer in answers if not isinstance(answer, Exception)), default=-1)
        return answers

    def _count(self, entry: Entry, answer: Answer) -> None:
        if isinstance(answer, Exception):
            self._refuse(entry.number, _reason(answer), getattr(answer, "rule", None))
        elif answer.replayed:
            self.tally.loaded_before += 1
        elif answer.facts:
            self.tally.recorded += 1
            self.tally.facts += len(answer.facts)
        else:
            self.tally.unchanged += 1

    def _refuse(self, number: int, reason: str, rule: str | None = None) -> None:
        one = Refused(number, reason, rule)
        self.tally.refused.append(one)
        self.refused(one)


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines of bounded length: of a longer one the beginning, which is then refused, and its rest is passed over."""
    while raw := source.readline(LONGEST + 1):
        yield raw
        while len(raw) > LONGEST and not raw.endswith(b"\n"):
            raw = source.readline(LONGEST + 1)
            if not raw:
                return


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Neighbors that are recorded at one time, and so can share one append."""
    chunk: list[Entry] = []
    for entry in entries:
        if chunk and entry.recorded_at != chunk[0].recorded_at:
            yield chunk
            chunk = []
        chunk.append(entry)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _reason(error: Exception) -> str:
    """Why, in words that say what to do and quote nothing of what was given."""
    match error:
        case KeyReusedForOtherBody():
            return "Its key was used for another command: give each new command a key of its own."
        case ValidationError():
            return fields_at_fault(error)
        case Refusal() | StoreError():
            return str(error)
        case NotPermitted() | VersionChanged():
            return " ".join((type(error).__doc__ or "").split())
    return f"It could not be decided ({type(error).__name__}); nothing of it was recorded. Please report this line."
