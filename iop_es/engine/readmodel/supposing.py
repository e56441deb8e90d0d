"""One patient's rows now, and as they would be if some more reference facts were recorded: in memory, nothing stored.

It is the as-of fold gone on by one step: after the patient's own facts and the references up to a position, the
supposed facts are taken like any facts that come next, and whatever rests on them is decided again.
"""

from __future__ import annotations

from collections.abc import Sequence

from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Decode, recorded
from iop_es.engine.readmodel.fold import Delta, Fold, ReadModel, Recorded


def references(model: ReadModel, log: Log, decode: Decode, upto: int | None) -> list[Recorded]:
    """What all patients share, up to and with a position (None: today); read once, it serves every patient."""
    return recorded(log.by_topics(sorted(model.references), upto), model, decode)


def now_and_then(
    model: ReadModel, log: Log, decode: Decode, patient: str, upto: int, shared: Sequence[Recorded],
    supposed: Sequence[Recorded],
) -> tuple[Delta, Delta]:  # fmt: skip
    """All rows of one patient as of a position, and all of them with the supposed facts after `shared`."""
    own = recorded(log.of_patient(patient, upto, with_sealed=bool(model.sealed)), model, decode)
    return folded(model, [*own, *shared], supposed)


def folded(model: ReadModel, facts: Sequence[Recorded], supposed: Sequence[Recorded]) -> tuple[Delta, Delta]:
    """The same of facts that are already at hand, in any order, each perhaps more than once."""
    fold = Fold(model)
    now = _settled(fold, sorted({fact.position: fact for fact in facts}.values(), key=lambda fact: fact.position))
    then = Delta()
    then.add(now.rows)
    then.add(_settled(fold, supposed).rows)
    return now, then


def _settled(fold: Fold, facts: Sequence[Recorded]) -> Delta:
    rows = fold.take(facts)
    delta = fold.settle()
    delta.add(rows)
    return delta
