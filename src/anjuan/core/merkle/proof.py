"""Proofs on the ledger's tree (包含证明与一致性证明): made from any store of nodes, checked from bytes alone.

A *node* is the callable ``node(level, index)``: the hash of the complete subtree of ``2**level`` leaves that starts at
leaf ``index * 2**level``. Nothing else is needed to make a proof, so a proof costs a logarithm of the log.

Standard: RFC 9162, 2.1.3 and 2.1.4.
"""

from collections.abc import Callable, Sequence

from anjuan.core.merkle.tree import EMPTY_ROOT, HASH_BYTES, node_hash

Node = Callable[[int, int], bytes]


def _split(size: int) -> int:
    """The largest power of two smaller than ``size`` (two or more)."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_hash(start: int, end: int, node: Node) -> bytes:
    """The hash over leaves ``start`` to ``end`` (not included); ``start`` is aligned as RFC 9162 splits."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range_hash(start, middle, node), _range_hash(middle, end, node))


def root_at(size: int, node: Node) -> bytes:
    """The root of the tree of the first ``size`` leaves (某一规模时的树根).

    Args:
        size: number of leaves.
        node: gives the hash of a complete subtree.
    """
    if size < 0:
        raise ValueError("a tree has no negative size")
    return _range_hash(0, size, node) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """The path that proves that a leaf stands in the tree (包含证明), lowest first.

    Args:
        index: number of the leaf, from 0.
        size: number of leaves of the tree.
        node: gives the hash of a complete subtree.

    Standard: RFC 9162, 2.1.3.1.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int, node: Node) -> list[bytes]:
    """The path that proves that the new tree only added to the old one (一致性证明).

    Empty when there is nothing to prove: the sizes are equal, or the old tree is empty.

    Args:
        old: number of leaves of the earlier tree.
        new: number of leaves of the later tree.
        node: gives the hash of a complete subtree of the later tree.

    Standard: RFC 9162, 2.1.4.1.
    """
    if not 0 <= old <= new:
        raise ValueError("the earlier tree is not smaller")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, known = 0, new, True
    while end > old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start, known = middle, False
    # `known` means that what is left is the earlier tree itself: its root is in the reader's hands already.
    if not known:
        path.append(_range_hash(start, end, node))
    return path[::-1]


def _well_formed(*hashes: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in hashes)


def verify_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that this leaf stands at this place of this tree (核对包含证明).

    Args:
        leaf: hash of the leaf, from ``leaf_hash``.
        index: number of the leaf, from 0.
        size: number of leaves of the tree.
        path: the proof.
        root: root of the tree, from a checkpoint the reader trusts.

    Standard: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size or not _well_formed(leaf, root, *path):
        return False
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and found == root


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path proves that the later tree contains the earlier one unchanged (核对一致性证明).

    Args:
        old_size: number of leaves of the earlier tree.
        new_size: number of leaves of the later tree.
        old_root: root of the earlier tree.
        new_root: root of the later tree.
        path: the proof.

    Standard: RFC 9162, 2.1.4.2. The empty tree is consistent with every tree; RFC 9162 leaves it undefined.
    """
    if not 0 <= old_size <= new_size or not _well_formed(old_root, new_root, *path):
        return False
    if old_size == new_size:
        return not path and old_root == new_root and (old_size > 0 or old_root == EMPTY_ROOT)
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    if not path:
        return False
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place >>= 1
        last >>= 1
    older = newer = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older = node_hash(sibling, older)
            newer = node_hash(sibling, newer)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            newer = node_hash(newer, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and older == old_root and newer == new_root
