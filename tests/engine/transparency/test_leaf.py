"""The bytes of a leaf, made by hand."""

from hashlib import sha256, sha512
from uuid import UUID

from iop_es.engine.transparency.leaf import fact_leaf, leaf_data, leaf_parts, salts_of
from iop_es.engine.transparency.merkle import leaf_hash

STREAM = UUID("01020304-0506-4708-890a-0b0c0d0e0f10")
AT, ANN, BEN = b"2026-03-02T14:00:00.000000Z\n", b"aaaa 3\n", b"bbbb 12\n"
FACT = (258, STREAM.bytes, 3, b'{"minutes":180}', b"sealed", b'{"actor":"x"}', AT + ANN + BEN)
SALTS = sha512(b"iop-salt/v2\n" + b'{"actor":"x"}').digest()
HEAD = b"iop-leaf/v4\n" + bytes.fromhex("0000000000000102")
PARTS = [
    sha256(SALTS[32:48] + bytes.fromhex("0102030405064708890a0b0c0d0e0f10" "0000000000000003")).digest(),
    sha256(SALTS[:32] + AT + b'{"minutes":180}').digest(),
    sha256(SALTS[:32] + b"sealed").digest(),
    sha256(b'{"actor":"x"}').digest(),
    sha256(sha256(SALTS[48:] + bytes.fromhex("00000000")).digest() + ANN).digest(),
    sha256(sha256(SALTS[48:] + bytes.fromhex("00000001")).digest() + BEN).digest(),
]


def test_a_leaf_is_what_the_design_says() -> None:
    """Label, position and the hashes; its hash has RFC 6962's zero byte before it (the hex is that of coreutils)."""
    assert leaf_data(*FACT) == HEAD + b"".join(PARTS)
    assert fact_leaf(*FACT) == leaf_hash(HEAD + b"".join(PARTS))
    assert fact_leaf(*FACT).hex() == "f42a4a313d6d7507a1d05e8f75454fc6bd07c91d9546fe4214567a2795d7c417"


def test_a_fact_without_a_sealed_part_has_the_hash_of_nothing_there() -> None:
    """SHA-256 of the salt alone; and about nobody there is no line."""
    without = (*FACT[:4], None, FACT[5], AT)
    nothing = sha256(SALTS[:32]).digest()
    assert leaf_data(*without) == HEAD + b"".join([*PARTS[:2], nothing, PARTS[3]])  # type: ignore[arg-type] # by place


def test_no_part_of_a_withheld_fact_can_be_guessed_without_its_context() -> None:
    """The same parts have other hashes under another context."""
    here, there = (leaf_parts(STREAM.bytes, 1, b"0", None, context, AT + ANN) for context in (b"1", b"3"))
    assert not {*here[:4], *here.patients} & {*there[:4], *there.patients}
    assert not {sha256(one).digest() for one in (b"0", ANN, AT + b"0")} & {*here[:4], *here.patients}


def test_a_part_that_is_told_gives_no_other_away() -> None:
    """What the place and a line are proven with are pieces of one hash, or follow from one, that no other needs."""
    salts = salts_of(FACT[5])
    assert salts.content + salts.place + salts.patients == SALTS
    assert len({salts.content, salts.place, salts.patients, salts.of_line(0), salts.of_line(1)}) == 5


def test_every_byte_of_a_stamp_is_in_the_leaf() -> None:
    """Also of one that was tampered with: no two stamps have the same leaf."""
    stamps = [
        AT, AT[:-1], AT + ANN, AT + ANN[:-1], AT + BEN + ANN, AT + ANN + BEN, b"", b"\n", AT + b"\r" + ANN, ANN + AT,
    ]  # fmt: skip
    leaves = {fact_leaf(*FACT[:6], stamp) for stamp in stamps}
    assert len(leaves) == len(stamps)
