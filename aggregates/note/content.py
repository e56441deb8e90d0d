"""What a signature covers, as bytes: a document's words with all that they are about, committed to with a salt.

    commitment = SHA-256("iop-note-content/v1\\n" || salt || RFC 8785 bytes of the content)

The salt is sealed with the words: few words cannot be guessed from a commitment, which is stored in clear. The content
names the document, its version and whom it is about, so that the same words in another chart are another content.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aggregates.canonical import canonical
from aggregates.values import Code, Digest, Id, NoteId, Salt, raw

if TYPE_CHECKING:
    from aggregates.note.facts import NoteContent, NoteDrafted

SCHEMA = "iop.note/v1"
PREFIX = b"iop-note-content/v1\n"


def commitment(content: Mapping[str, Any], salt: Salt) -> Digest:
    """The commitment to a content, in hex. Raises ValueError for a salt otherwise written."""
    return sha256(PREFIX + raw(salt) + canonical(dict(content))).hexdigest()


def document(
    about: NoteDrafted, note_id: NoteId, version: int, words: NoteContent, goals: tuple[Code, ...]
) -> dict[str, Any]:
    """A wording of a document as it is signed. `about` tells what the document is of; its own words do not matter."""
    return {
        "schema": SCHEMA, "note_id": note_id, "note_version": version, "kind": about.kind,
        "program_id": about.program_id, "author_id": about.author_id, "service_date": about.service_date,
        "service_ended_at": about.service_ended_at, "session_id": about.session_id,
        "service_kind": about.service_kind, "patient_ref": about.patient_id, "enrollment_id": about.enrollment_id,
        "attendance_id": about.attendance_id, "narrative_id": about.narrative_id,
        "body": {"sections": words.sections, "goals": goals},
    }  # fmt: skip


def amendment(
    note_id: NoteId, version: int, amendment_id: Id, kind: str, section: Code | None, words: NoteContent,
    goals: tuple[Code, ...] | None = None,
) -> dict[str, Any]:
    """An amendment as it is signed; `version` is that of the wording which it amends. Only a correction of goals says
    anything of them."""
    body: dict[str, Any] = {"sections": words.sections}
    return {
        "schema": SCHEMA, "note_id": note_id, "note_version": version, "kind": "amendment",
        "amendment_id": amendment_id, "amendment_kind": kind, "section": section,
        "body": body if goals is None else body | {"goals": goals},
    }  # fmt: skip


def error(note_id: NoteId, version: int, cause: Code, why: str) -> dict[str, Any]:
    """Why a document was struck through, as it is signed; `version` is that of the wording which is struck."""
    return {
        "schema": SCHEMA, "note_id": note_id, "note_version": version, "kind": "entered_in_error", "cause": cause,
        "body": {"words": why},
    }  # fmt: skip


def unsalted(words: NoteContent) -> Digest:
    """How the first shape of these facts told the words: SHA-256 of their own RFC 8785 bytes, without a salt."""
    return sha256(canonical({"sections": words.sections})).hexdigest()
