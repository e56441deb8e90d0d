"""Signed notes, checkpoints and proofs: the texts of others are read, and nothing that is almost one."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from iop_es.engine.transparency.checkpoint import Checkpoint, Proof, checkpoint_of, parse_proof
from iop_es.engine.transparency.merkle import leaf_hash, node_hash
from iop_es.engine.transparency.notes import (
    COSIGNATURE,
    BadSignature,
    NotANote,
    Signer,
    Verifier,
    parse_note,
    parse_verifier,
    time_of,
)

FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
LOG_NOTE = """iop.example/log/1
3
MyQFYQ4hOE8jmPij1P4jmJuqirtAd3sr89LQDw7wo5s=

— iop.example/log/1 1d0/NMjTw4TDiXG7pc9kRX2BNe9p1IcpfX6sNJt8wqe/Kn6GFZ9+xnArUBbtS+NndagYb4vAkbXMDMjJVCJabll3bgw=
— witness.example/w1 IDJKvgAAAABlU/EALEIsw8B3IFy6tT35KNe6w01QSyETF7Yf\
jmH17OY5kRO8CPBC+Q6W5jJtvotxjrAcFi0bxPJEJAeLVjh9Ho0nAA==
"""
LOG = Signer("iop.example/log/1", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = Signer("witness.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))), COSIGNATURE)
TIME = 1_700_000_000


def test_the_example_of_the_specification_verifies() -> None:
    """Its key is read and written as it stands there, and its note is signed by that key."""
    key = parse_verifier(FOO)
    assert (key.name, key.key_id.hex(), str(key)) == ("example.com/foo", "530d903a", FOO)
    note = parse_note(FOO_NOTE)
    assert key.signed(note) == note.signatures[0]
    assert str(note) == FOO_NOTE


def test_a_checkpoint_with_a_cosignature_is_the_text_that_others_made() -> None:
    """From the seeds 00…1f and 20…3f, byte for byte; and it is read back, with the time that the witness stated."""
    root = bytes.fromhex("332405610e21384f2398f8a3d4fe23989baa8abb40777b2bf3d2d00f0ef0a39b")
    text = str(Checkpoint("iop.example/log/1", 3, root))
    assert f"{LOG.note(text)}{WITNESS.cosignature(text, TIME)}" == LOG_NOTE
    note = parse_note(LOG_NOTE)
    assert checkpoint_of(note) == Checkpoint("iop.example/log/1", 3, root)
    cosigned = WITNESS.verifier.signed(note)
    assert LOG.verifier.signed(note) and cosigned and time_of(cosigned.signature) == TIME


@pytest.mark.parametrize("key", [LOG.verifier, WITNESS.verifier])
def test_a_signature_that_is_not_the_keys_is_told_from_one_that_is_missing(key: Verifier) -> None:
    """Another text under a known key is an error; an unknown key's signature is passed over."""
    changed = parse_note(LOG_NOTE.replace("\n3\n", "\n4\n"))
    with pytest.raises(BadSignature, match=key.name):
        key.signed(changed)
    assert Verifier("other", key.public_key, key.kind).signed(parse_note(LOG_NOTE)) is None
    assert Verifier(key.name, bytes(32), key.kind).signed(parse_note(LOG_NOTE)) is None


def test_a_cosignatures_time_is_part_of_what_is_signed() -> None:
    """Another time under the same signature is not the witness's."""
    line = parse_note(LOG_NOTE).signatures[1]
    later = b64encode(line.key_id + (TIME + 1).to_bytes(8) + line.signature[8:]).decode()
    forged = LOG_NOTE.replace(LOG_NOTE.splitlines()[-1], f"— witness.example/w1 {later}")
    with pytest.raises(BadSignature):
        WITNESS.verifier.signed(parse_note(forged))


@given(st.integers(0, len(LOG_NOTE.encode()) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_checkpoint_is_noticed(at: int, change: int) -> None:
    """It is no note, no checkpoint, badly signed, or lacks one of the two signatures."""
    whole = bytearray(LOG_NOTE.encode())
    whole[at] ^= change
    try:
        note = parse_note(bytes(whole))
        checkpoint_of(note)
        assert not (LOG.verifier.signed(note) and WITNESS.verifier.signed(note))
    except (NotANote, BadSignature):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", "text\n", "text\n\n", "text\n\n\n", "text\n\n— a AAAAAAA=", "text\n\n- a AAAAAAA=\n",
        "text\n\n— a+b AAAAAAA=\n", "text\n\n— a AAAAAB==\n", "text\n\n— a AAAA\n", "text\r\n\n— a AAAAAAA=\n",
        "text\n\n—  AAAAAAA=\n", "text\n\n— a AAAAAAA=\nmore\n", "text\n\n— a b AAAAAAA=\n", "\n\n— a AAAAAAA=\n",
        "text\n\n— a\u00a0b AAAAAAA=\n", b"t\xff\n\n\xe2\x80\x94 a AAAAAAA=\n", "t\n\n" + "— a AAAAAAA=\n" * 101,
    ],
)  # fmt: skip
def test_what_is_almost_a_note_is_none(text: str | bytes) -> None:
    """Lines cut off, other dashes, names with spaces or a plus, base64 written otherwise, nothing signed."""
    with pytest.raises(NotANote):
        parse_note(text)


@pytest.mark.parametrize(
    "body", ["o\n3\n", "o\n03\nX\n", "o\n-1\nX\n", "\n3\nX\n", "o\n3\nAAAA\n", "o\n3\nX\n\nmore\n", "o\n1e3\nX\n"]
)
def test_what_is_almost_a_checkpoint_is_none(body: str) -> None:
    """A size with zeros before it, a root of another length, an empty line."""
    root = b64encode(bytes(32)).decode()
    with pytest.raises(NotANote):
        checkpoint_of(LOG.note(body.replace("X", root)))
    assert checkpoint_of(LOG.note(f"o\n3\n{root}\nan extension\n")) == Checkpoint("o", 3, bytes(32))


@pytest.mark.parametrize(
    "text", [FOO[:-1], FOO.replace("530d", "530e"), "a", "a+b+c", FOO.replace("+A", "+B"), "+" + FOO]
)
def test_a_verifier_key_that_lost_a_character_is_refused(text: str) -> None:
    """Its id is a checksum of the rest."""
    with pytest.raises(NotANote):
        parse_verifier(text)


def test_a_proof_is_written_and_read_as_text() -> None:
    """Title, index, hashes, and the checkpoint as it was signed; it shows its own leaf alone."""
    one, other = leaf_hash(b"1"), leaf_hash(b"2")
    note = LOG.note(str(Checkpoint(LOG.name, 2, node_hash(one, other))))
    proof = Proof(1, (one,), note)
    assert str(proof) == f"c2sp.org/tlog-proof@v1\nindex 1\n{b64encode(one).decode()}\n\n{note}"
    assert parse_proof(str(proof)) == proof
    assert proof.shows(other) and not proof.shows(one)
    for wrong in (str(proof)[1:], str(proof).replace("index 1", "index 01"), "c2sp.org/tlog-proof@v1", f"x\n\n{note}"):
        with pytest.raises(NotANote):
            parse_proof(wrong)


def test_a_signer_does_not_show_its_key() -> None:
    """Its representation is its name."""
    assert repr(LOG) == "Signer('iop.example/log/1')"
