"""What was signed of a log: its checkpoints, statements of restorations, and the head that the witness holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.notes import BadSignature, NotANote, Note, Verifier, parse_note, time_of
from iop_es.engine.transparency.restored import Restored, parse_restored
from iop_es.engine.transparency.scan import Finding
from iop_es.engine.transparency.store import Sealed


class Promise(NamedTuple):
    """That the tree of a size has this root; `by` says who signed it, `at` when (seconds since 1970) if a witness
    did."""

    size: int
    root: bytes
    by: str
    at: int | None = None


@dataclass(slots=True)
class Signatures:
    """Collects the promises of one log, and what is wrong with their signatures. `log` is its key under the name that
    it has now, `witness` the key of its witness."""

    log: Verifier
    witness: Verifier | None
    promises: list[Promise] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    restorations: list[Restored] = field(default_factory=list)
    checkpoints: int = 0
    stored_size: int = 0
    cosigned: int | None = None

    def restored(self, stated: Iterable[Sealed]) -> None:
        """Takes in the statements that the log was restored, oldest first."""
        for one in stated:
            try:
                told = parse_restored(one.note)
                if told.key.public_key != self.log.public_key:
                    raise NotANote("Another key than the log's has signed it.")
            except (NotANote, BadSignature) as error:
                self._wrong(one.size, "restoration", f"A statement that the log was restored does not hold: {error}")
            else:
                self.restorations.append(told)
                self.promises.append(Promise(told.new.size, told.new.root, "the statement of the restoration"))

    def stored(self, kept: Iterable[Sealed]) -> None:
        """Takes in the stored checkpoints, in order."""
        names = self._names()
        for one in kept:
            self.checkpoints += 1
            self.stored_size = max(self.stored_size, one.size)
            try:
                note = parse_note(one.note)
                head = checkpoint_of(note)
                if head.origin not in names or head.size != one.size:
                    raise NotANote("It is of another log, or of another size.")
                if Verifier(head.origin, self.log.public_key).signed(note) is None:
                    raise NotANote("The log's signature is missing.")
                at = self._cosigned(note)
            except (NotANote, BadSignature) as error:
                self._wrong(one.size, "checkpoint", f"The checkpoint over {one.size:,} facts does not hold: {error}")
            else:
                self.promises.append(Promise(head.size, head.root, f"the checkpoint over {head.size:,} facts", at))
                self.cosigned = head.size if at is not None else self.cosigned

    def seen(self, note: Note | None) -> None:
        """Takes in the newest head that the witness holds."""
        if note is None:
            self._wrong(None, "witness", f"The witness holds no head of {self.log.name}.")
            return
        try:
            head, at = checkpoint_of(note), self._cosigned(note)
            if at is None or self.log.signed(note) is None:
                raise NotANote("A signature is missing.")
            if head.origin != self.log.name:
                raise NotANote("It is of another log.")
        except (NotANote, BadSignature) as error:
            self._wrong(None, "witness", f"What the witness answers does not hold: {error}")
        else:
            self.promises.append(Promise(head.size, head.root, "the head that the witness holds", at))

    def _cosigned(self, note: Note) -> int | None:
        signed = self.witness.signed(note) if self.witness else None
        return time_of(signed.signature) if signed else None

    def _names(self) -> frozenset[str]:
        """Every name that the log has had: with each restoration another one."""
        names = {name for one in self.restorations for name in (one.old.origin, one.key.name)}
        return frozenset({self.log.name, *names})

    def _wrong(self, position: int | None, kind: str, told: str) -> None:
        self.findings.append(Finding(position, kind, told))


def ordered(promises: Iterable[Promise]) -> list[Promise]:
    """The promises by size, of one size those that a witness did not sign before those that it did."""
    return sorted(promises, key=lambda one: (one.size, one.at is not None, one.at or 0))
