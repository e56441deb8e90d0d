"""A receipt for an append: signed by the log at once, so that facts cannot be lost unnoticed before they are sealed.

Whoever keeps it can show later which leaves the log promised to hold, and at which positions.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from iop_es.engine.transparency.checkpoint import number
from iop_es.engine.transparency.merkle import HASH_BYTES
from iop_es.engine.transparency.notes import NotANote, Note, Signer, Verifier, base64, parse_note

TITLE = "iop-es/receipt/v1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a log holds these leaves from a position on, recorded at an instant."""

    origin: str
    first: int
    recorded_at: str
    leaves: tuple[bytes, ...]

    def __str__(self) -> str:
        lines = TITLE, self.origin, str(self.first), self.recorded_at, *(b64encode(one).decode() for one in self.leaves)
        return "\n".join((*lines, ""))


def receipt(signer: Signer, first: int, recorded_at: str, leaves: Sequence[bytes]) -> Note:
    """A signed receipt; the signer is named by the log's origin."""
    return signer.note(str(Receipt(signer.name, first, recorded_at, tuple(leaves))))


def parse_receipt(text: str, log: Verifier) -> Receipt:
    """The receipt that a text is, signed by this log's key under whichever name it had. Raises NotANote,
    BadSignature."""
    note = parse_note(text)
    title, *lines = note.text.split("\n")[:-1]
    if title != TITLE or len(lines) < 4:
        raise NotANote("A receipt has a title, an origin, a position, a time and leaves.")
    found = Receipt(lines[0], number(lines[1]), lines[2], tuple(map(base64, lines[3:])))
    if any(len(one) != HASH_BYTES for one in found.leaves) or not found.first:
        raise NotANote("A leaf's hash has 32 bytes, and positions begin at 1.")
    if Verifier(found.origin, log.public_key).signed(note) is None:
        raise NotANote("The receipt is not signed by this log's key.")
    return found
