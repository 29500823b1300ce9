"""The Merkle tree of the ledger (默克尔树): leaves and inner nodes can never be mistaken for one another.

Standard: RFC 6962 and RFC 9162, 2.1.1. The prefixes 0x00 and 0x01 are what makes a second preimage hard: without
them an inner node could be presented as an entry.
"""

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry of the log (叶节点).

    Args:
        data: the entry, as it is published.

    Standard: RFC 9162, 2.1.1.
    """
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours (内部节点).

    Standard: RFC 9162, 2.1.1.
    """
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over these leaves (树根); the empty tree has the hash of nothing.

    Args:
        leaf_hashes: what ``leaf_hash`` gave, in order.

    Standard: RFC 9162, 2.1.1.
    """
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        # Pairing neighbours and carrying an odd last one upward gives the same tree as splitting at the largest
        # power of two, without recursion.
        paired = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]
