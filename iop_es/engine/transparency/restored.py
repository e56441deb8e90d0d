"""The statement that a log goes on from an older backup: which history ended, which one begins, and why.

A backup that is older than what was sealed is never taken up silently. The log goes on under a name of its own (its
origin with the number of the restoration), its key signs what was given up, and the witness, whose administrator takes
the statement in, closes the old history and begins the new one where the backup ended. Both stay on record there.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from iop_es.engine.transparency.checkpoint import Checkpoint, number
from iop_es.engine.transparency.merkle import HASH_BYTES
from iop_es.engine.transparency.notes import NotANote, Note, Signer, Verifier, base64, parse_note, parse_verifier

TITLE = "iop-es/restored/v1"


@dataclass(frozen=True, slots=True)
class Restored:
    """`old` is the head that was sealed last, `new` the one from which the log goes on, signed by `key`; `at` is an
    instant, `because` one line in words."""

    old: Checkpoint
    new: Checkpoint
    key: Verifier
    at: str
    because: str

    def __str__(self) -> str:
        lines = TITLE, f"old {self.old.origin} {_head(self.old)}", f"new {self.key} {_head(self.new)}"
        return "\n".join((*lines, f"at {self.at}", f"because {self.because}", ""))

    def signed(self, signer: Signer) -> Note:
        """The statement as a note. Raises NotANote for a reason of several lines."""
        note = signer.note(str(self))
        parse_restored(note)
        return note


def parse_restored(text: str | Note) -> Restored:
    """The statement that a note is, signed by the key that it names. Raises NotANote, BadSignature."""
    note = text if isinstance(text, Note) else parse_note(text)
    lines = note.text.split("\n")[:-1]
    words = [line.partition(" ") for line in lines[1:]]
    named = [one[0] for one in words] == ["old", "new", "at", "because"] and all(one[2] for one in words)
    if lines[0] != TITLE or not named:
        raise NotANote("A statement of a restoration has a title, and old, new, at and because.")
    (origin, old), (name, new) = (_named(one[2]) for one in words[:2])
    key = parse_verifier(name)
    found = Restored(_checkpoint(origin, old), _checkpoint(key.name, new), key, words[2][2], words[3][2])
    if key.signed(note) is None or str(found) != note.text:
        raise NotANote("A statement of a restoration is signed by the key that it names.")
    return found


def _head(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.size} {b64encode(checkpoint.root).decode()}"


def _named(text: str) -> tuple[str, str]:
    name, _, rest = text.partition(" ")
    return name, rest


def _checkpoint(origin: str, text: str) -> Checkpoint:
    size, _, root = text.partition(" ")
    found = base64(root)
    if len(found) != HASH_BYTES or not origin:
        raise NotANote("A root has 32 bytes.")
    return Checkpoint(origin, number(size), found)
