"""The bytes of a leaf, made by hand."""

from hashlib import sha256, sha512
from uuid import UUID

from iop_es.engine.transparency.leaf import fact_leaf, leaf_data, leaf_parts, told_apart
from iop_es.engine.transparency.merkle import leaf_hash

STREAM = UUID("01020304-0506-4708-890a-0b0c0d0e0f10")
AT, ANN, BEN = b"2026-03-02T14:00:00.000000Z\n", b"aaaa 3\n", b"bbbb 12\n"
CONTEXT = b'{"actor":"x","nonce":"00112233445566778899aabbccddeeff","role":"y"}'
FACT = (258, STREAM.bytes, 3, b'{"minutes":180}', b"sealed", CONTEXT, AT + ANN + BEN)
SALTS = sha512(b"iop-salt/v2\n" b"00112233445566778899aabbccddeeff").digest()
LINES = [sha512(SALTS[48:] + bytes.fromhex(place)).digest() for place in ("00000000", "00000001")]
HEAD = b"iop-leaf/v4\n" + bytes.fromhex("0000000000000102")
PARTS = [
    sha256(SALTS[32:48] + bytes.fromhex("0102030405064708890a0b0c0d0e0f10" "0000000000000003")).digest(),
    sha256(SALTS[:32] + AT + b'{"minutes":180}').digest(),
    sha256(SALTS[:32] + b"sealed").digest(),
    sha256(SALTS[:32] + b'{"actor":"x","nonce":"","role":"y"}').digest(),
    sha256(LINES[0][32:] + sha256(LINES[0][:32] + b"aaaa").digest() + b" 3\n").digest(),
    sha256(LINES[1][32:] + sha256(LINES[1][:32] + b"bbbb").digest() + b" 12\n").digest(),
]


def test_a_leaf_is_what_the_design_says() -> None:
    """Label, position and the hashes; its hash has RFC 6962's zero byte before it (the hex is that of coreutils)."""
    assert leaf_data(*FACT) == HEAD + b"".join(PARTS)
    assert fact_leaf(*FACT) == leaf_hash(HEAD + b"".join(PARTS))
    assert fact_leaf(*FACT).hex() == "1cc267f5c78f05553f02dac747837c0418b150c06bba0a3e6b6193c22ba88703"


def test_a_fact_without_a_sealed_part_has_the_hash_of_nothing_there() -> None:
    """SHA-256 of the salt alone; and about nobody there is no line."""
    without = (*FACT[:4], None, CONTEXT, AT)
    nothing = sha256(SALTS[:32]).digest()
    assert leaf_data(*without) == HEAD + b"".join([*PARTS[:2], nothing, PARTS[3]])  # type: ignore[arg-type] # by place


def test_no_part_of_a_withheld_fact_can_be_guessed_without_its_nonce() -> None:
    """The same parts have other hashes beside another nonce, the context too: its siblings of one command are known."""
    contexts = CONTEXT, CONTEXT.replace(b"ff", b"fe")
    here, there = (leaf_parts(STREAM.bytes, 1, b"0", None, context, AT + ANN) for context in contexts)
    assert not {*here[:4], *here.patients} & {*there[:4], *there.patients}
    assert not {sha256(one).digest() for one in (b"0", ANN, AT + b"0", CONTEXT)} & {*here[:4], *here.patients}


def test_a_part_that_is_told_gives_no_other_away() -> None:
    """What each part is proven with are pieces of one hash, or of one that follows from a piece that is never told."""
    salts, told = told_apart(CONTEXT)
    assert salts.content + salts.place + salts.patients == SALTS and b"0011" not in told
    assert (salts.of_line(0), salts.of_line(1)) == tuple((one[:32], one[32:]) for one in LINES)


def test_a_context_without_a_nonce_has_a_leaf_all_the_same() -> None:
    """One that was tampered with; no two contexts have the same leaf."""
    contexts = [CONTEXT, b"", b"{}", b'{"nonce":"', b'{"nonce":"00', CONTEXT[:-1], CONTEXT.replace(b"nonce", b"once")]
    assert len({fact_leaf(*FACT[:5], one, AT) for one in contexts}) == len(contexts)


def test_every_byte_of_a_stamp_is_in_the_leaf() -> None:
    """Also of one that was tampered with: no two stamps have the same leaf."""
    stamps = [
        AT, AT[:-1], AT + ANN, AT + ANN[:-1], AT + BEN + ANN, AT + ANN + BEN, b"", b"\n", AT + b"\r" + ANN, ANN + AT,
        AT + b"aaaa\n", AT + b"aaaa \n",
    ]  # fmt: skip
    leaves = {fact_leaf(*FACT[:6], stamp) for stamp in stamps}
    assert len(leaves) == len(stamps)
