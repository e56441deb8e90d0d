"""What a packet proves of a document: its words as they were committed to, and what each signature of it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aggregates.note.content import amendment, commitment, document, error
from aggregates.note.facts import NoteContent, NoteDrafted, Section
from iop_es.engine.packet.verify_packet import verify
from tests.engine.packet.record import AT, CARL, EMIL, KEYS, SHOWN, Record, as_json

AUTHOR, PROGRAM = UUID("00000000-0000-4000-8000-0000000000b1"), "00000000-0000-4000-8000-0000000000c1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
SALT, LATER = "5a" * 32, "2026-03-09" + AT[10:]


@dataclass
class Document:
    """A document of Carl's, fact by fact as the house tells it; `shown` are its facts and its author's key."""

    record: Record
    note: str = field(default_factory=lambda: str(uuid4()))
    shown: dict[int, bool] = field(default_factory=dict)
    wording: int = 0
    narrative: str | None = None
    digest: str = ""
    before: str | None = None

    def __post_init__(self) -> None:
        state = {"key_id": "k1", "public_key": KEY.public_key().public_bytes_raw().hex()}
        self.shown[self.record.tells(AUTHOR, "clinician.signing_key_created", state)] = True

    def is_worded(self, name: str, narrative: str | None = None) -> None:
        """A draft, the first or another one."""
        self.wording, self.narrative = self.wording + 1, narrative or self.narrative
        about: dict[str, Any] = {
            "kind": "group", "program_id": PROGRAM, "author_id": str(AUTHOR), "service_date": "2026-03-02",
            "service_ended_at": AT, "patient_id": CARL, "narrative_id": self.narrative,
        }  # fmt: skip
        of = NoteDrafted(**about, content_digest="0" * 64)
        words = NoteContent(sections=(Section(name="plan", words=f"wording {self.wording}"),))
        self.digest = commitment(document(of, self.note, self.wording, words, ("goal-1",)), SALT)
        told = about if name == "note.drafted" else {"narrative_id": narrative}
        sealed = {"salt": SALT, "sections": [{"name": "plan", "words": f"wording {self.wording}"}]}
        self.tells(name, told | {"content_digest": self.digest, "goals": ["goal-1"]}, sealed)

    def is_signed(
        self, name: str, meaning: str, state: dict[str, Any] | None = None, sealed: dict[str, Any] | None = None,
        **says: Any,
    ) -> None:  # fmt: skip
        """A signature by the author; `says` is what the envelope says otherwise than the fact does."""
        told = {"signer_id": str(AUTHOR), "signed_at": AT, "content_digest": self.digest} | (state or {})
        envelope = {
            "v": 3, "note_id": self.note, "content_sha256": told["content_digest"], "meaning": meaning,
            "prev_sig": self.before, "signer_id": str(AUTHOR), "signed_at": AT, "rests_on": told.get("words_digest"),
        } | says  # fmt: skip
        text = as_json(envelope)
        self.marked(name, told, text, sealed or {})

    def marked(self, name: str, told: dict[str, Any], envelope: bytes, sealed: dict[str, Any]) -> None:
        """A fact with this envelope's signature."""
        said = b"iop-esign/v1\n" + envelope
        self.before = sha256(said).hexdigest()
        mark = {"key_id": "k1", "signature": KEY.sign(said).hex(), "signed_digest": self.before}
        self.tells(name, told | {"mark": mark}, sealed | {"envelope": envelope.decode()})

    def tells(self, name: str, state: dict[str, Any], sealed: dict[str, Any]) -> None:
        """One more fact of it."""
        position = self.record.tells(UUID(self.note), name, state, (CARL, str(uuid4())), sealed=as_json(sealed))
        self.shown[position] = True

    def is_amended(self, goals: tuple[str, ...] | None = None) -> None:
        """A correction of its goals, or an addendum."""
        words = NoteContent(sections=() if goals is not None else (Section(name="plan", words="more"),))
        sections = [{"name": one.name, "words": one.words} for one in words.sections]
        about = {"amendment_id": str(uuid4()), "kind": "correction", "section": None, "goals": goals}
        content = amendment(self.note, self.wording, about["amendment_id"], "correction", None, words, goals)
        digest = commitment(content, SALT)
        self.is_signed(
            "note.amended", "amend", about | {"content_digest": digest}, {"salt": SALT, "sections": sections}
        )

    def is_struck(self, why: str, said: str | None = None) -> None:
        """Entered in error, for a reason; `said` is another one than was committed to."""
        digest = commitment(error(self.note, self.wording, "wrong-patient", why), SALT)
        told = {"declared_by": str(AUTHOR), "cause": "wrong-patient", "words_digest": digest}
        envelope = {
            "v": 3, "note_id": self.note, "content_sha256": self.digest, "meaning": "void", "prev_sig": self.before,
            "signer_id": str(AUTHOR), "signed_at": AT, "rests_on": digest, "reason": "wrong-patient",
        }  # fmt: skip
        self.marked("note.entered_in_error", told, as_json(envelope), {"salt": SALT, "words": said or why})


@pytest.fixture
def note(record: Record) -> Document:
    """A document that was drafted and signed."""
    made = Document(record)
    made.is_worded("note.drafted")
    made.is_signed("note.signed", "author")
    return made


def written(record: Record) -> Document:
    """One with every kind of wording and of signature but the striking."""
    made = Document(record)
    made.is_worded("note.drafted")
    made.is_signed("note.signed", "author")
    made.is_amended()
    made.is_amended(goals=("goal-2",))
    made.is_signed("note.facilitator_signed", "co-facilitator")
    made.narrative = str(uuid4())
    told = {"narrative_id": made.narrative}
    made.is_signed("note.narrative_replaced", "amend", told, **told)
    made.tells("note.returned", {"returned_by": EMIL, "cause": "shorter"}, {"words": "shorter"})
    made.is_worded("note.revised")
    made.is_signed("note.signature_attested", "attest-late")
    made.is_signed("note.cosigned", "co-sign")
    return made


def verdict(note: Document) -> Any:
    """Of a packet that shows the document."""
    return verify(note.record.packet({**SHOWN, **note.shown}), KEYS)


def test_every_way_to_sign_and_to_word_a_document_holds(record: Record) -> None:
    """Other wordings on another narrative, corrections of words and goals, the striking: all over words shown."""
    note = written(record)
    note.is_struck("of somebody else")
    found = verdict(note)
    assert found.failures == []
    assert "8 electronic signatures hold; 8 of them over words that are shown here." in found.told


def forged() -> dict[str, tuple[str, Callable[[Document], None]]]:
    """What the fault is called, and what is recorded."""
    return {
        "an author's signature is no cosignature": (
            "(meaning)", lambda note: note.is_signed("note.cosigned", "author"),
        ),
        "signed for nothing that it says": (
            "(meaning)", lambda note: note.marked("note.cosigned", {"signer_id": str(AUTHOR)}, as_json({
                "note_id": note.note, "content_sha256": note.digest, "prev_sig": note.before, "signer_id": str(AUTHOR),
            }), {}),
        ),
        "signed at another time": (
            "says otherwise", lambda note: note.is_signed("note.cosigned", "co-sign", signed_at=LATER),
        ),
        "attested at another time": (
            "(signed_at)",
            lambda note: note.is_signed("note.signature_attested", "attest-late", {"attested_at": LATER}, signed_at=AT),
        ),
        "late for another reason": (
            "(reason)",
            lambda note: note.is_signed("note.signed", "author", {"late_reason": "ill"}, reason=None),
        ),
        "resting on another narrative": (
            "(rests_on)",
            lambda note: note.is_signed("note.signed", "author", {"narrative_digest": "1" * 64}, rests_on="2" * 64),
        ),
        "under another credential": (
            "says otherwise",
            lambda note: note.is_signed("note.cosigned", "co-sign", {"credential": "LCSW"}, credential="LMSW"),
        ),
        "over other words than its fact says": (
            "covers other words", lambda note: note.is_signed("note.cosigned", "co-sign", content_sha256="0" * 64),
        ),
        "out of its chain": (
            "does not follow", lambda note: note.is_signed("note.cosigned", "co-sign", prev_sig=None),
        ),
        "struck for another reason": (
            "covers other words", lambda note: note.is_struck("of somebody else", said="not ours"),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("case", forged())
def test_a_signature_is_for_nothing_but_what_its_envelope_says(note: Document, case: str) -> None:
    """Though its key made it, its fact stands in the tree, and the log's key signed the packet."""
    assert verdict(note).failures == []
    wrong, forge = forged()[case]
    forge(note)
    (failure,) = verdict(note).failures
    assert wrong in failure


def test_a_signature_that_cannot_be_checked_is_told(note: Document) -> None:
    """Its envelope is not shown, or it was made elsewhere: neither fails, and neither is counted as one that holds."""
    note.is_signed("note.cosigned", "co-sign")
    note.shown[max(note.shown)] = False
    note.tells("note.facilitator_signed", {"signer_id": EMIL, "content_digest": note.digest}, {})
    found = verdict(note)
    assert found.failures == []
    assert "1 electronic signatures hold; 1 of them over words that are shown here." in found.told
    assert "2 more cannot be checked by what is shown." in found.told


def test_what_a_document_withholds_breaks_nothing_of_what_it_shows(note: Document) -> None:
    """A wording that is not shown is counted in no later one, and the chain runs through what cannot be seen."""
    note.is_worded("note.revised")
    note.is_signed("note.signed", "author")
    first, *_ = [position for position in note.shown if note.shown[position]][1:]
    for withheld in (first, first + 1, first + 2):
        shown = {position: whole for position, whole in note.shown.items() if position != withheld}
        assert verify(note.record.packet({**SHOWN, **shown}), KEYS).failures == []
        assert verify(note.record.packet({**SHOWN, **note.shown, withheld: False}), KEYS).failures == []
