"""The bytes of a leaf, made by hand."""

from hashlib import sha256
from uuid import UUID

from iop_es.engine.transparency.leaf import fact_leaf, leaf_data, leaf_parts
from iop_es.engine.transparency.merkle import leaf_hash

STREAM = UUID("01020304-0506-4708-890a-0b0c0d0e0f10")
FACT = (258, STREAM.bytes, 3, b'{"minutes":180}', b"sealed", b'{"actor":"x"}', b"2026-03-02T14:00:00.000000Z\n")
SALT = sha256(b"iop-salt/v1\n" + b'{"actor":"x"}').digest()
BY_HAND = (
    b"iop-leaf/v3\n"
    + bytes.fromhex("0000000000000102")
    + bytes.fromhex("0102030405064708890a0b0c0d0e0f10")
    + bytes.fromhex("0000000000000003")
    + sha256(SALT + b'{"minutes":180}').digest()
    + sha256(SALT + b"sealed").digest()
    + sha256(b'{"actor":"x"}').digest()
    + sha256(b"2026-03-02T14:00:00.000000Z\n").digest()
)


def test_a_leaf_is_what_the_design_says() -> None:
    """Label, place, and the four hashes; its hash has RFC 6962's zero byte before it (the hex is sha256sum's)."""
    assert leaf_data(*FACT) == BY_HAND
    assert fact_leaf(*FACT) == leaf_hash(BY_HAND) == sha256(b"\0" + BY_HAND).digest()
    assert fact_leaf(*FACT).hex() == "393b6892b0a38dd3e3bcb935f5ebda793bf5d8976f9c60ce9a35011c836b43fe"


def test_a_fact_without_a_sealed_part_has_the_hash_of_nothing_there() -> None:
    """SHA-256 of the salt alone."""
    nothing = sha256(SALT).digest()
    without = (*FACT[:4], None, *FACT[5:])
    assert leaf_data(*without) == BY_HAND[: 12 + 32 + 32] + nothing + BY_HAND[12 + 32 + 64 :]  # type: ignore[arg-type] # by place
    assert fact_leaf(*without) == leaf_hash(leaf_data(*without))  # type: ignore[arg-type] # by place


def test_no_part_of_a_withheld_fact_can_be_guessed_without_its_context() -> None:
    """The same state and the same sealed part have other hashes under another context."""
    here, there = leaf_parts(b"0", None, b"1", b"2"), leaf_parts(b"0", None, b"3", b"2")
    assert here[3] == there[3] and not {*here[:3]} & {*there[:3]}
    assert sha256(b"0").digest() not in here
