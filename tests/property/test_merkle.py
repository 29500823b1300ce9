"""Proofs hold for every tree and for no tampered one; tiles are the tree however they grew."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from anjuan.core.merkle import proof, tile, tree

LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(1100)]
SIZES = st.integers(1, 1000)


def reading(tiles: dict[str, bytes]) -> tile.ReadTile:
    return lambda path: tiles.get(path)


def node(level: int, index: int) -> bytes:
    return tree.root(LEAVES[index << level : (index + 1) << level])


def flip(octets: bytes, bit: int) -> bytes:
    bit %= len(octets) * 8
    return octets[: bit // 8] + bytes([octets[bit // 8] ^ (1 << bit % 8)]) + octets[bit // 8 + 1 :]


@settings(max_examples=150, deadline=None)
@given(st.data(), SIZES)
def test_an_inclusion_proof_holds_and_a_tampered_one_does_not(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, 255))
    root = tree.root(LEAVES[:size])

    path = proof.inclusion_path(index, size, node)

    def holds(leaf: bytes, at: int, of: int, steps: list[bytes], against: bytes) -> bool:
        return proof.verify_inclusion(leaf=leaf, index=at, size=of, path=steps, root=against)

    assert proof.root_at(size, node) == root
    assert holds(LEAVES[index], index, size, path, root)
    assert not holds(flip(LEAVES[index], bit), index, size, path, root)
    assert not holds(LEAVES[index], index, size, path, flip(root, bit))
    assert not holds(LEAVES[index], index, size, [*path, root], root)
    for step in range(len(path)):
        assert not holds(LEAVES[index], index, size, [*path[:step], flip(path[step], bit), *path[step + 1 :]], root)
        assert not holds(LEAVES[index], index, size, path[:step] + path[step + 1 :], root)
    other = data.draw(st.integers(0, size))
    if other != index:
        assert not holds(LEAVES[index], other, size, path, root)


@settings(max_examples=150, deadline=None)
@given(st.data(), SIZES)
def test_a_consistency_proof_holds_and_a_tampered_one_does_not(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(0, new))
    bit = data.draw(st.integers(0, 255))
    old_root, new_root = tree.root(LEAVES[:old]), tree.root(LEAVES[:new])

    path = proof.consistency_path(old, new, node)

    def holds(older: bytes, newer: bytes, steps: list[bytes]) -> bool:
        return proof.verify_consistency(old_size=old, new_size=new, old_root=older, new_root=newer, path=steps)

    assert holds(old_root, new_root, path)
    assert not holds(flip(old_root, bit), new_root, path)
    assert not holds(old_root, new_root, [*path, new_root])
    if old:  # to the empty tree every later tree is consistent, so a false later root is not its affair
        assert not holds(old_root, flip(new_root, bit), path)
    for step in range(len(path)):
        assert not holds(old_root, new_root, [*path[:step], flip(path[step], bit), *path[step + 1 :]])
        assert not holds(old_root, new_root, path[:step] + path[step + 1 :])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6), st.data())
def test_tiles_grown_in_random_steps_are_the_tree(steps: list[int], data: st.DataObject) -> None:
    tiles: dict[str, bytes] = {}
    size = 0
    for step in steps:
        added = LEAVES[size : min(size + step, len(LEAVES))]
        grown = tile.grow(size, added, reading(tiles))
        assert not tiles.keys() & grown.keys()  # a published tile is never written again
        tiles |= grown
        size += len(added)

    reader = tile.node_reader(size, reading(tiles))
    assert proof.root_at(size, reader) == tree.root(LEAVES[:size])
    expected = tile.grow(0, LEAVES[:size], reading({}))
    assert {path: tiles[path] for path in expected} == expected
    if size:
        index = data.draw(st.integers(0, size - 1))
        assert proof.inclusion_path(index, size, reader) == proof.inclusion_path(index, size, node)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_back_what_it_was_given(entries: list[bytes]) -> None:
    assert tile.decode_bundle(tile.encode_bundle(entries)) == entries
