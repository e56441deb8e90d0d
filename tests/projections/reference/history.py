"""The history on disk and in a store: read, written, appended as it was."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from uuid import UUID

from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.stored import StoredFact

HISTORY = Path(__file__).parent / "history.jsonl.gz"
TEXTS = ("state", "sealed", "context", "stamp")


@cache
def history() -> tuple[StoredFact, ...]:
    """Every fact, `sealed` opened, in order of position."""
    lines = gzip.decompress(HISTORY.read_bytes()).splitlines()
    return tuple(_read(line) for line in lines)


def write(facts: Sequence[StoredFact]) -> None:
    """Keeps these facts as the history; the same facts make the same bytes."""
    lines = (json.dumps(_told(fact), ensure_ascii=False, separators=(",", ":")) for fact in facts)
    HISTORY.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), 9, mtime=0))


def load(log: Log) -> None:
    """Appends the history to an empty simulation, at the times at which it was recorded."""
    for recorded_at, facts in groupby(history(), lambda fact: fact.recorded_at):
        log.append(Append(tuple(_new(fact) for fact in facts), recorded_at=recorded_at))


def pairs(fact: StoredFact) -> Iterator[tuple[str, str]]:
    """Whom a fact is about, each with the alias that the stamp gives, both in byte order of alias."""
    aliases = [line.split(" ")[0] for line in fact.stamp.decode().splitlines()[1:]]
    return zip(fact.patients, aliases, strict=True)


def _told(fact: StoredFact) -> dict[str, object]:
    return fact._asdict() | {name: None if (text := getattr(fact, name)) is None else text.decode() for name in TEXTS}


def _read(line: bytes) -> StoredFact:
    told = json.loads(line)
    texts = {name: None if told[name] is None else told[name].encode() for name in TEXTS}
    return StoredFact(**told | texts | {"patients": tuple(told["patients"])})


def _new(fact: StoredFact) -> NewFact:
    return NewFact(
        UUID(fact.stream), fact.version, fact.topic, fact.state, fact.sealed, fact.context, fact.occurred_at,
        fact.actor, tuple(pairs(fact)),
    )  # fmt: skip
