"""A second verifier, written after FORMAT.txt, comes to the same verdict: what is told there is what is checked."""

from __future__ import annotations

from collections.abc import Callable
from json import JSONDecoder
from pathlib import Path
from random import Random
from re import findall
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.packet import verify_packet
from iop_es.engine.packet.verify_packet import archive, unpacked, verify
from iop_es.engine.transparency.leaf import fact_leaf
from iop_es.engine.transparency.notes import COSIGNATURE, Signer
from tests.engine.packet.record import DORA, KEYS, ORIGIN, SHOWN, Record
from tests.engine.packet.stranger import SHOWN as ALL_SHOWN
from tests.engine.packet.stranger import faults, leaf_of
from tests.engine.packet.test_sealed_parts import changes as sealed_changes
from tests.engine.packet.test_signed_notes import Document, forged, written
from tests.engine.packet.test_verify_packet import changed, changes
from tests.engine.transparency.test_leaf import FACT, PARTS

FORMAT = Path(verify_packet.__file__).with_name("FORMAT.txt")


def agree(data: bytes, keys: tuple[str, ...] = KEYS) -> bool:
    """Whether it holds, for both."""
    ours, theirs = verify(data, keys).failures, faults(data, keys)
    assert bool(ours) == bool(theirs), (ours, theirs)
    return not ours


def test_the_fact_to_try_with_has_the_hashes_that_are_told() -> None:
    """By the stranger's leaf and by ours, and by coreutils, with which the text was written."""
    _, _, told = FORMAT.read_text().partition("Shown as\n")
    fact, end = JSONDecoder().raw_decode(told.lstrip())
    place, state, sealed, context, leaf = findall("[0-9a-f]{64}", told.lstrip()[end:])
    assert leaf_of({**dict.fromkeys(ALL_SHOWN | {"sealed", "key"}), **fact}, shown=True).hex() == leaf
    assert fact_leaf(*FACT).hex() == leaf and [one.hex() for one in PARTS[:4]] == [place, state, sealed, context]
    assert [one.hex() for one in PARTS[4:]] == fact["patients_sha256"]


def test_both_hold_the_same_packets_to_be_true(record: Record) -> None:
    """Whatever is shown of the patient, and whichever keys are trusted of those that signed."""
    for shown in (SHOWN, {**SHOWN, 1: True}, {8: False}, {7: True, 8: True}):
        assert agree(record.packet(shown)) and agree(record.packet(shown), KEYS[:1])
    assert not agree(record.packet({**SHOWN, 4: True}))


@pytest.mark.parametrize("change", changes())
def test_both_refuse_what_the_log_does_not_prove(record: Record, change: str) -> None:
    """Though signed by who holds the log's key."""
    assert not agree(record.packet(SHOWN, alter=changes()[change]))


@pytest.mark.parametrize("change", sealed_changes())
def test_both_refuse_words_that_are_not_the_facts_own(record: Record, change: str) -> None:
    """Or a key that is another one's."""

    def alter(made: dict[str, Any]) -> None:
        sealed_changes()[change]({one["position"]: one for one in made["facts"]})

    assert not agree(record.packet({**SHOWN, 1: True}, alter=alter))


def test_both_refuse_a_file_that_is_changed_taken_or_put_in(record: Record) -> None:
    """And one byte anywhere."""
    data = record.packet(SHOWN)
    files, chance = unpacked(data), Random(11)
    for name, held in files.items():
        others = {one: other for one, other in files.items() if one != name}
        assert not agree(archive(others)) and not agree(archive({**files, name: held[:-1]}))
    assert not agree(archive({**files, "more.txt": b"more"}))
    for _ in range(100):
        assert not agree(changed(data, chance))


def test_both_refuse_another_key_origin_and_patient(record: Record) -> None:
    """Of the log, of the witness, of the list of files."""
    for key in (Signer(ORIGIN, Ed25519PrivateKey.generate()), Signer("w2", Ed25519PrivateKey.generate(), COSIGNATURE)):
        assert not agree(record.packet(SHOWN), (KEYS[1], str(key.verifier)))
    assert not agree(record.packet(SHOWN, about={"patient_id": DORA}))
    assert not agree(record.packet(SHOWN, about={"known_to": 7}))


def test_both_read_a_document_alike(record: Record) -> None:
    """Every wording and signature of one that has them all; and what of it is withheld."""
    document = written(record)
    assert agree(record.packet({**SHOWN, **document.shown}))
    for withheld in document.shown:
        agree(record.packet({**SHOWN, **document.shown, withheld: False}))
        shown = {position: whole for position, whole in document.shown.items() if position != withheld}
        agree(record.packet({**SHOWN, **shown}))


@pytest.mark.parametrize("case", forged())
def test_both_refuse_a_signature_for_something_else(record: Record, case: str) -> None:
    """Than its envelope says."""
    forge: Callable[[Document], None] = forged()[case][1]
    document = written(record)
    forge(document)
    assert not agree(record.packet({**SHOWN, **document.shown}))
