"""What a signature covers: a digest of exactly the bytes that are sealed."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import rfc8785

from aggregates.note.facts import NoteContent
from aggregates.values import Digest


def digest(content: NoteContent) -> Digest:
    """SHA-256, in hex, of the content's RFC 8785 bytes: the same bytes that the store seals."""
    return sha256(rfc8785.dumps(msgspec.to_builtins(content))).hexdigest()


EMPTY = digest(NoteContent(sections=()))
