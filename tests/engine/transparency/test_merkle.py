"""The tree of RFC 6962 against outside vectors and against its definition, word for word."""

import json
import os
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iop_es.engine.transparency.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    consistent,
    includes,
    leaf_hash,
    root_of,
)

SHARED = Path(os.environ.get("IOP_ES_SHARED", Path(__file__).parents[4] / "shared"))
VECTORS = SHARED / "data" / "merkle_vectors.json"
LEAVES = [leaf_hash(b"%d" % number) for number in range(70)]
SIZES = st.integers(1, len(LEAVES))


def mth(leaves: list[bytes]) -> bytes:
    """Section 2.1 of RFC 6962, over hashes of leaves."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = max(2**n for n in range(7) if 2**n < len(leaves))
    return sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """Section 2.1.1 of RFC 6962: the way of a leaf to the root."""
    if len(leaves) < 2:
        return []
    k = max(2**n for n in range(7) if 2**n < len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def proof(ranges: list[tuple[int, int]]) -> list[bytes]:
    """The hashes of ranges of the leaves."""
    return [mth(LEAVES[start:end]) for start, end in ranges]


@pytest.mark.skipif(not VECTORS.exists(), reason="The vectors lie beside the checkout, or where IOP_ES_SHARED says.")
def test_the_outside_vectors_pass_or_fail_as_they_say() -> None:
    """All 122 proofs of another implementation, most of which are wrong in one thing."""
    vectors = json.loads(VECTORS.read_text())
    assert len(vectors) == 122
    assert [one["name"] for one in vectors if holds(one) == one["wantErr"]] == []


def holds(vector: dict[str, Any]) -> bool:
    """Whether we take a vector's proof for a good one."""
    proof = [b64decode(one) for one in vector["proof"] or []]
    if vector["kind"] == "inclusion":
        leaf, root = b64decode(vector["leafHash"] or ""), b64decode(vector["root"] or "")
        return includes(leaf, vector["leafIdx"], vector["treeSize"], proof, root)
    roots = b64decode(vector["root1"] or ""), b64decode(vector["root2"] or "")
    return consistent(vector["size1"], vector["size2"], proof, *roots)


def test_the_reference_tree_of_eight_leaves() -> None:
    """The known answer of RFC 6962's reference implementation."""
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    root = root_of([leaf_hash(bytes.fromhex(one)) for one in data])
    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.lists(st.integers(0, 70), max_size=8))
def test_a_tree_that_grows_has_the_roots_of_the_definition(steps: list[int]) -> None:
    """However it is grown; and a list of hashes has the same root at once."""
    frontier, size = Frontier(), 0
    for step in steps:
        new = LEAVES[size : size + step]
        frontier.extend(new)
        size += len(new)
        assert (frontier.size, frontier.root()) == (size, mth(LEAVES[:size]))
        assert root_of(LEAVES[:size]) == mth(LEAVES[:size])


@given(SIZES, st.integers(0, 3))
def test_whole_subtrees_may_be_added_at_once(size: int, height: int) -> None:
    """The root is that of their leaves."""
    whole = size >> height << height
    frontier, step = Frontier(), 1 << height
    frontier.extend([mth(LEAVES[at : at + step]) for at in range(0, whole, step)], height)
    frontier.extend(LEAVES[whole:size])
    assert frontier.root() == mth(LEAVES[:size])


@given(SIZES, st.data())
def test_an_inclusion_proof_shows_its_leaf_and_nothing_else(size: int, data: st.DataObject) -> None:
    """It holds for its index, size, leaf and root, and for no other of them, nor with a hash more, less or changed."""
    index = data.draw(st.integers(0, size - 1))
    way, root = path(index, LEAVES[:size]), mth(LEAVES[:size])
    assert includes(LEAVES[index], index, size, way, root)
    other = data.draw(st.integers(0, len(LEAVES) - 1).filter(lambda one: one != index))
    assert not includes(LEAVES[other], index, size, way, root)
    assert not includes(LEAVES[index], other, size, way, root)
    assert not includes(LEAVES[index], index, size, [*way, root], root)
    assert not includes(LEAVES[index], index, size, way, LEAVES[index] if size > 1 else LEAVES[other])
    for at in range(len(way)):
        assert not includes(LEAVES[index], index, size, way[:at] + way[at + 1 :], root)
        assert not includes(LEAVES[index], index, size, [*way[:at], bytes(32), *way[at + 1 :]], root)


@given(SIZES, st.data())
def test_a_consistency_proof_shows_growth_and_nothing_else(second: int, data: st.DataObject) -> None:
    """It holds between the roots of its two sizes; a first tree with one other leaf has none."""
    first = data.draw(st.integers(1, second))
    way, roots = proof(consistency_ranges(first, second)), (mth(LEAVES[:first]), mth(LEAVES[:second]))
    assert consistent(first, second, way, *roots)
    changed = data.draw(st.integers(0, first - 1))
    forged = mth([bytes(32) if at == changed else one for at, one in enumerate(LEAVES[:first])])
    assert not consistent(first, second, way, forged, roots[1])
    assert not consistent(first, second, [*way, roots[0]], *roots)
    for at in range(len(way)):
        assert not consistent(first, second, way[:at] + way[at + 1 :], *roots)


def test_there_is_no_proof_of_what_cannot_be() -> None:
    """A tree that shrinks is the asker's mistake."""
    with pytest.raises(ValueError, match="has not grown"):
        consistency_ranges(4, 3)
    assert consistency_ranges(0, 9) == consistency_ranges(9, 9) == []
    assert not consistent(0, 9, [], EMPTY_ROOT, mth(LEAVES[:9]))
