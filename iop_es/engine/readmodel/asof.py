"""Rows as of any position, in memory: the same fold over one patient's or one thing's own facts and the references."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from iop_es.engine.reader import Reader
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.fold import Decode, Fold, fold_whole
from iop_es.engine.readmodel.model import Delta, ReadModel, Recorded
from iop_es.engine.stored import StoredFact


class References:
    """The reference facts of one read model, read once and kept: facts never change, so only later ones are added."""

    def __init__(self, model: ReadModel, log: Reader, decode: Decode) -> None:
        self.model = model
        self._log = log.as_stored()
        self._decode = decode
        self._known: tuple[int, list[Recorded], list[StoredFact]] = (0, [], [])

    def facts(self, upto: int) -> list[Recorded]:
        """Those up to a position, in order. Raises FoldFailed when one of them cannot be read."""
        facts, unread = self.read(upto)
        fold = Fold(self.model)
        fold.open(unread, self._decode)
        fold.strictly()
        return facts

    def read(self, upto: int) -> tuple[list[Recorded], list[StoredFact]]:
        """The same, and beside them those that cannot be read."""
        known, facts, unread = self._known
        if upto > known and self.model.references:
            fold = Fold(self.model)
            later = references_of(self.model, self._log, upto, known)
            facts = [*facts, *fold.open(later, self._decode)]
            failed = {failure.position for failure in fold.failures}
            unread = [*unread, *(fact for fact in later if fact.position in failed)]
            self._known = (upto, facts, unread)  # one assignment: several threads ask
        return (
            facts[: bisect_right(facts, upto, key=_position)], unread[: bisect_right(unread, upto, key=_position)]
        )  # fmt: skip


def references_of(model: ReadModel, log: Reader, upto: int | None = None, after: int = 0) -> list[StoredFact]:
    """The reference facts of a read model, with what is sealed in them as it is, if the model keeps that."""
    return log.as_stored().by_topics(
        sorted(model.references), upto, after, with_sealed=bool(model.sealed & model.references)
    )  # fmt: skip


def as_of(
    model: ReadModel, log: Reader, decode: Decode, patient: str, upto: int | None, references: References | None = None
) -> Delta:
    """What the read model would say of this patient, had the log ended at position `upto` (None: today).

    `references` keeps the reference facts from one call to the next. Raises FoldFailed when a fact of the patient
    cannot be folded, or a reference fact that the patient rests on.
    """
    limit = log.head().position if upto is None else upto
    shared, unread = (references or References(model, log, decode)).read(limit)
    own = log.as_stored().of_patient(patient, limit, with_sealed=bool(model.sealed), with_context=model.context)
    return whole_of(model, [*unread, *own], shared, decode)


def now_and_then(
    model: ReadModel, log: Reader, decode: Decode, patient: str, upto: int, shared: Sequence[Recorded],
    supposed: Sequence[Recorded],
) -> tuple[Delta, Delta]:  # fmt: skip
    """What the read model says of this patient as of a position, and what it would say if the supposed reference facts
    came after `shared`. Raises FoldFailed when a fact cannot be folded."""
    own = log.as_stored().of_patient(patient, upto, with_sealed=bool(model.sealed), with_context=model.context)
    return whole_of(model, own, shared, decode), whole_of(model, own, [*shared, *supposed], decode)


def facts_about(model: ReadModel, log: Reader, stream: str, patients: Sequence[str], upto: int) -> list[StoredFact]:
    """What the rows of one thing, which is about these patients, rest on: in a model of patients everything of theirs,
    in a model of streams its own stream and theirs."""
    stored = log.as_stored()
    if model.grain != "patient":
        return stored.facts_of_streams([stream, *patients], upto)
    sealed = bool(model.sealed)
    return sorted(fact for one in patients for fact in stored.of_patient(one, upto, with_sealed=sealed))


def whole_of(model: ReadModel, own: Sequence[StoredFact], shared: Sequence[Recorded], decode: Decode) -> Delta:
    """The rows that a patient's own facts and the references make. Raises FoldFailed when what cannot be folded stops
    the patient."""
    known = {fact.position for fact in shared}
    folded = fold_whole(model, [fact for fact in own if fact.position not in known], decode, before=shared)
    stopping = [failure for failure in folded.failures if failure.patients]
    if stopping:
        raise FoldFailed(model.name, min(stopping))
    return folded.delta


def _position(fact: Recorded | StoredFact) -> int:
    return fact.position
