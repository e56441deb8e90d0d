"""The tree in tiles against the tree of the definition."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iop_es.engine.transparency.merkle import consistent, includes, leaf_hash, root_of
from iop_es.engine.transparency.tiles import Grown, Growth, Tile, Tree, split

LEAVES = [leaf_hash(b"%d" % number) for number in range(256 * 256 + 600)]
SOME = st.one_of(st.integers(0, 1100), st.sampled_from([255, 256, 257, 65_535, 65_536, 65_792]))


@cache
def whole(level: int, number: int) -> bytes:
    """The root of the how-manieth subtree of 256^level leaves."""
    return root_of(LEAVES[number * 256**level : (number + 1) * 256**level])


@cache
def root_at(size: int) -> bytes:
    """The root over the first leaves."""
    return root_of(LEAVES[:size])


class Kept:
    """Hashes that are all in memory."""

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """As a tile would have them."""
        assert start // 256 == (end - 1) // 256
        return [whole(level, at) for at in range(start, end)]


class Nothing:
    """No hashes at all."""

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """There are none."""
        raise AssertionError((level, start, end))


@given(st.lists(SOME, max_size=3))
@settings(max_examples=8, deadline=None)
def test_a_tree_grows_by_tiles(steps: list[int]) -> None:
    """After each step the root is right, and every tile that is full, and no other, has been made."""
    growth = Growth(0, [])
    for step in steps:
        growth.extend(LEAVES[growth.size : growth.size + step])
        assert growth.root() == root_at(growth.size)
    full = {(level, number) for level in range(3) for number in range(growth.size // 256 ** (level + 1))}
    assert growth.full.keys() == full
    for tile in growth.full.values():
        assert tile == Tile(*tile[:2], b"".join(Kept().hashes(tile.level, tile.number * 256, (tile.number + 1) * 256)),
                            root_of(split(tile.hashes, 0, 256)))  # fmt: skip


@given(SOME, SOME)
@settings(max_examples=15, deadline=None)
def test_a_tree_goes_on_growing_from_its_right_edge(first: int, more: int) -> None:
    """What is stored and what came since are one tree."""
    growth = Growth.of(Kept(), min(first, len(LEAVES)))
    begun = growth.size
    assert growth.root() == root_at(begun)
    growth.extend(LEAVES[begun : begun + more])
    tree = Tree(Grown(Kept(), growth))
    assert growth.root() == tree.root(growth.size) == root_at(growth.size)
    assert tree.root(begun) == root_at(begun)
    if begun:
        assert consistent(begun, growth.size, tree.consistency(begun, growth.size), tree.root(begun), growth.root())


@given(SOME.filter(bool), st.data())
@settings(max_examples=20, deadline=None)
def test_proofs_come_out_of_tiles(size: int, data: st.DataObject) -> None:
    """Inclusion and consistency, of any size, whatever came after it."""
    size = min(size, len(LEAVES))
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    tree, root = Tree(Kept()), root_at(size)
    assert tree.root(size) == root
    assert includes(LEAVES[index], index, size, tree.inclusions([index], size)[0], root)
    assert consistent(first, size, tree.consistency(first, size), root_at(first), root)


@given(SOME.filter(bool), st.data())
@settings(max_examples=20, deadline=None)
def test_proofs_of_many_leaves_are_those_of_each(size: int, data: st.DataObject) -> None:
    """In order, a leaf that is asked for twice twice; one that the tree does not have is refused."""
    size = min(size, len(LEAVES))
    indexes = sorted(data.draw(st.lists(st.integers(0, size - 1), max_size=40)))
    assert Tree(Kept()).inclusions(indexes, size) == [Tree(Kept()).inclusions([one], size)[0] for one in indexes]
    with pytest.raises(ValueError, match="has no leaf"):
        Tree(Kept()).inclusions([*indexes, size], size)
    with pytest.raises(ValueError, match="has no leaf"):
        Tree(Kept()).inclusions([-1, *indexes], size)


def test_an_empty_tree_needs_nothing() -> None:
    """Its root is that of no leaves, and nothing is in it."""
    tree = Tree(Nothing())
    assert tree.root(0) == Growth(0, []).root() == root_of([])
    with pytest.raises(ValueError, match="has no leaf"):
        tree.inclusions([0], 0)
