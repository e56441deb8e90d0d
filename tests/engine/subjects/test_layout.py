"""What a sealed part is made of, and that it opens at its own place, with its own key, as it was, and not otherwise."""

import hmac
import json
import struct
from hashlib import sha256
from itertools import permutations
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from iop_es.engine.sealer import Part
from iop_es.engine.subjects.layout import (
    BODY,
    HEADER_BYTES,
    Unopened,
    commitment,
    extract,
    fact_key,
    opened,
    opened_with,
    sealed,
)

VECTOR = json.loads((Path(__file__).parent / "vectors.json").read_text())["published"]
KEY, KEY_ID = bytes.fromhex(VECTOR["subject_key"]), bytes.fromhex(VECTOR["key_id"])
EXTRACTED = extract(KEY, KEY_ID)
PART = Part("patient:7", VECTOR["stream"], VECTOR["version"], VECTOR["name"], VECTOR["text"].encode())


def independently(part: Part, nonce: bytes) -> tuple[bytes, bytes, bytes]:
    """The key of the fact, its commitment and the sealed bytes, written down from the format's description alone."""
    place = UUID(part.stream).bytes + struct.pack(">Q", part.version)
    pseudorandom = hmac.new(KEY_ID, KEY, sha256).digest()
    key = hmac.new(pseudorandom, b"iop-ek/v1" + place + bytes([1]), sha256).digest()
    names_it = sha256(b"iop-kc/v1" + key).digest()
    header = b"IOP" + bytes([1]) + KEY_ID + names_it
    name = part.name.encode()
    bound = b"iop-aad/v1\n" + header + place + struct.pack(">I", len(name)) + name
    padded = part.data + b"\x80"
    while len(padded) % 256:
        padded += b"\0"
    return key, names_it, header + nonce + AESGCM(key).encrypt(nonce, padded, bound)


def with_data(part: Part, data: bytes) -> Part:
    """The same place with other bytes."""
    return part._replace(data=data)


def refused(extracted: bytes, part: Part) -> bool:
    """Whether the bytes do not open there."""
    try:
        opened(extracted, part)
    except Unopened:
        return True
    return False


def test_the_published_example_comes_out_to_the_byte() -> None:
    """Key, commitment, length and hash of the worked example are those that the format's description states."""
    nonce = bytes.fromhex(VECTOR["nonce"])
    key, found = fact_key(EXTRACTED, PART), sealed(KEY_ID, EXTRACTED, PART, nonce)
    assert (key, commitment(key), found) == independently(PART, nonce)
    for value, ends in ((key, "fact_key"), (commitment(key), "commitment"), (sha256(found).digest(), "sha256")):
        begins, ends_with = VECTOR[f"{ends}_ends"]
        assert value.hex().startswith(begins)
        assert value.hex().endswith(ends_with)
    assert len(found) == VECTOR["length"]
    assert opened(EXTRACTED, with_data(PART, found)) == PART.data


@given(st.binary(max_size=1100), st.integers(0, 2**63), st.uuids(), st.text(max_size=40))
def test_whatever_is_sealed_opens_again(data: bytes, version: int, stream: UUID, name: str) -> None:
    """Any bytes come back, at any place, and an independent writer of the format makes the same."""
    part = Part("patient:7", str(stream), version, name, data)
    found = sealed(KEY_ID, EXTRACTED, part)
    assert opened(EXTRACTED, with_data(part, found)) == data
    assert found == independently(part, found[HEADER_BYTES:BODY])[2]


def test_the_length_says_little() -> None:
    """One to 255 bytes make the same length, and each further 256 make it longer by 256."""
    sizes = (0, 1, 255, 256, 511, 512)
    lengths = {size: len(sealed(KEY_ID, EXTRACTED, with_data(PART, bytes(size)))) for size in sizes}
    assert lengths == {0: 336, 1: 336, 255: 336, 256: 592, 511: 592, 512: 848}


def test_the_same_words_sealed_twice_look_different() -> None:
    """An append that is tried again with other words never uses a nonce twice."""
    assert len({sealed(KEY_ID, EXTRACTED, PART) for _ in range(200)}) == 200


def test_no_sealed_part_opens_in_the_place_of_another() -> None:
    """Of 200 facts of one patient, each put in the place of each other: all 39,800 are refused."""
    parts = [Part("patient:7", str(uuid4()), number % 5 + 1, "note.signed", b"words") for number in range(200)]
    stored = [with_data(part, sealed(KEY_ID, EXTRACTED, part)) for part in parts]
    assert all(not refused(EXTRACTED, part) for part in stored)
    swapped = [with_data(into, other.data) for into, other in permutations(stored, 2)]
    assert len(swapped) == 39_800
    assert all(refused(EXTRACTED, part) for part in swapped)


@pytest.mark.parametrize("moved", [
    {"stream": "00000000-0000-4000-8000-000000000003"}, {"version": 3}, {"name": "iop.domain:Session.Closed"},
    {"name": ""},
])  # fmt: skip
def test_a_sealed_part_is_bound_to_stream_version_and_name(moved: dict[str, object]) -> None:
    """Another stream, version or name refuses it, also with the right key of the fact in hand for a name."""
    part = with_data(PART, sealed(KEY_ID, EXTRACTED, PART))
    elsewhere = part._replace(**moved)  # type: ignore[arg-type] # each is one field of its own type
    assert refused(EXTRACTED, elsewhere)
    with pytest.raises(Unopened):
        opened_with(fact_key(EXTRACTED, elsewhere), elsewhere)
    if "name" in moved:
        with pytest.raises(Unopened, match="changed"):
            opened_with(fact_key(EXTRACTED, part), elsewhere)


def test_another_subjects_key_opens_nothing() -> None:
    """Neither another key nor the same key under another id."""
    part = with_data(PART, sealed(KEY_ID, EXTRACTED, PART))
    assert refused(extract(bytes(32), KEY_ID), part)
    assert refused(extract(KEY, bytes(16)), part)


def test_every_bit_that_is_flipped_is_noticed() -> None:
    """Each of the 2,688 bits of an example, in the header, nonce, text and tag."""
    whole = sealed(KEY_ID, EXTRACTED, PART)
    for place in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        assert refused(EXTRACTED, with_data(PART, bytes(changed))), f"bit {place}"


@pytest.mark.parametrize("data", [b"", b'{"words":"open"}', b"IOP\x01", b"IOP\x02" + bytes(400)])
def test_bytes_in_another_layout_are_refused(data: bytes) -> None:
    """Such as those of a store that was kept unsealed: that must not pass for something that was sealed."""
    with pytest.raises(Unopened):
        opened(EXTRACTED, with_data(PART, data))
    long = sealed(KEY_ID, EXTRACTED, PART)
    for wrong in (long[:-1], long + b"\0", long[:-256], long + bytes(256)):
        assert refused(EXTRACTED, with_data(PART, wrong))


def _encrypted(key: bytes, block: bytes) -> int:
    made = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)  # noqa: S305 - one block, as GCM itself
    return int.from_bytes(made, "big")


def _times(one: int, other: int) -> int:
    """A product in the field of GHASH."""
    product = 0
    for bit in range(127, -1, -1):
        if other >> bit & 1:
            product ^= one
        one = (one >> 1) ^ (0xE1 << 120 if one & 1 else 0)
    return product


def _inverse(one: int) -> int:
    found, square = 1 << 127, one
    for _ in range(127):  # one ** (2**128 - 2)
        square = _times(square, square)
        found = _times(found, square)
    return found


def _hash_before(key: bytes, blocks: bytes, lengths: bytes) -> tuple[int, int, int]:
    """GHASH of blocks and lengths with an empty block between, the square of its key, and the mask of the tag."""
    h, total = _encrypted(key, bytes(16)), 0
    for start in range(0, len(blocks), 16):
        total = _times(total ^ int.from_bytes(blocks[start : start + 16], "big"), h)
    square = _times(h, h)
    mask = _encrypted(key, bytes(12) + struct.pack(">I", 1))
    return _times(total, square) ^ _times(int.from_bytes(lengths, "big"), h), square, mask


def _two_texts(one: bytes, other: bytes, bound: bytes) -> bytes:
    """A ciphertext with a tag that AES-GCM accepts under both keys and the nonce of zeros: its last block is solved
    for."""
    body = bytes(range(240))
    blocks, lengths = bound + bytes(-len(bound) % 16) + body, struct.pack(">QQ", 8 * len(bound), 8 * 256)
    (sum1, square1, mask1), (sum2, square2, mask2) = (_hash_before(key, blocks, lengths) for key in (one, other))
    last = _times(sum1 ^ sum2 ^ mask1 ^ mask2, _inverse(square1 ^ square2))
    tag = sum1 ^ _times(last, square1) ^ mask1
    return body + last.to_bytes(16, "big") + tag.to_bytes(16, "big")


def test_a_ciphertext_that_opens_to_two_texts_opens_with_one_key_at_most() -> None:
    """AES-GCM itself takes the crafted bytes under two keys; the commitment in the header names one, so that the other
    is refused, although its tag is right."""
    one, other, nonce = fact_key(EXTRACTED, PART), fact_key(extract(bytes(32), KEY_ID), PART), bytes(12)
    header = b"IOP\x01" + KEY_ID + commitment(one)
    place = UUID(PART.stream).bytes + struct.pack(">Q", PART.version)
    name = PART.name.encode()
    bound = b"iop-aad/v1\n" + header + place + struct.pack(">I", len(name)) + name
    crafted = _two_texts(one, other, bound)
    texts = [AESGCM(key).decrypt(nonce, crafted, bound) for key in (one, other)]
    assert texts[0] != texts[1]
    with pytest.raises(Unopened, match="another key"):
        opened_with(other, with_data(PART, header + nonce + crafted))
