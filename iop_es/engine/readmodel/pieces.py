"""A page folded and written as a whole, and in pieces when something of it fails.

Halved until a fact is left that fails alone, a page shows exactly which fact it is, and everything before it is in
place by then: whatever is known of whom it stops is the same however the facts were cut. Only what a fault outlasts is
seen: one that a later fact of the same piece makes good is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from psycopg import Cursor

from iop_es.engine.failpoints import reach
from iop_es.engine.readmodel.failure import FactsFailed, Failure
from iop_es.engine.readmodel.fold import Decode, Fold, Stored
from iop_es.engine.readmodel.model import Delta
from iop_es.engine.readmodel.place import UNWRITABLE, Place
from iop_es.engine.stored import StoredFact

Write = Callable[[Cursor[Any], Delta], int]
"""How rows get to their place: `Place.merge` or `Place.fill`."""


def project(
    cursor: Cursor[Any], place: Place, fold: Fold, page: Sequence[StoredFact], decode: Decode, stored: Stored,
    pause: Callable[[str], None] = reach,
) -> int:  # fmt: skip
    """Folds a page and merges what it makes; answers how many rows were written. Raises FactsFailed; what was written
    and what the fold remembers is then of no use."""
    rows = fold.take(fold.open(page, decode), stored)
    delta = fold.settle()
    if fold.failures:
        raise FactsFailed(place.schema, page[0].position, len(page))
    delta.add(rows)
    pause("folded")
    try:
        return place.merge(cursor, delta)
    except UNWRITABLE as error:
        raise FactsFailed(place.schema, page[0].position, len(page)) from error


def in_pieces(facts: int, piece: Callable[[int], int], alone: Callable[[FactsFailed], None]) -> int:
    """Does `piece(size)` for up to so many facts, in smaller pieces around what fails, and `alone` for a fact that
    fails by itself, which then comes again; answers how many facts were taken. Ends where a piece finds fewer."""
    size, taken, failed = facts, 0, None
    while taken < facts:
        if failed is not None and failed.facts == 1:
            alone(failed)
        wanted = min(size, facts - taken)
        try:
            done, failed = piece(wanted), None
        except FactsFailed as error:
            failed, size = error, max(1, error.facts // 2)
            continue
        taken += done
        if done < wanted:
            break
        size *= 2
    return taken


def failing(
    cursor: Cursor[Any], write: Write, fold: Fold, page: Iterable[StoredFact], decode: Decode, stored: Stored
) -> tuple[Failure, ...]:
    """What fails of a page, each fact's own rows and each document tried by itself; nothing stays written."""
    with cursor.connection.transaction(force_rollback=True):
        facts = fold.open(page, decode)
        fold.take((), stored)  # so that it is known what a reference fact concerns that cannot be read
        for recorded in facts:
            if error := _refused(cursor, write, Delta(rows=fold.take([recorded], stored))):
                fold.fail(error, recorded)
        for delta, fail in fold.settle_each():
            if error := _refused(cursor, write, delta):
                fail(error)
    return tuple(sorted(fold.failures))


def _refused(cursor: Cursor[Any], write: Write, delta: Delta) -> Exception | None:
    """Why rows cannot be written; they stay if they can."""
    try:
        with cursor.connection.transaction():
            write(cursor, delta)
    except UNWRITABLE as error:
        return error
    return None
