"""One patient's rows as of any position, in memory: the same fold over the patient's own facts and the references."""

from __future__ import annotations

from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Decode, recorded
from iop_es.engine.readmodel.fold import Delta, Fold, ReadModel


def as_of(model: ReadModel, log: Log, decode: Decode, patient: str, upto: int | None) -> Delta:
    """What the read model would say of this patient, had the log ended at position `upto` (None: today)."""
    sealed = bool(model.sealed)
    own = log.of_patient(patient, upto, with_sealed=sealed)
    shared = log.by_topics(sorted(model.references), upto)
    page = sorted({fact.position: fact for fact in (*own, *shared)}.values(), key=lambda fact: fact.position)
    fold = Fold(model)
    rows = fold.take(recorded(page, model, decode))
    delta = fold.settle()
    delta.add(rows)
    return delta
