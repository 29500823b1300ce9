"""Tiles of the ledger (日志瓦片): the tree cut into files of 256 hashes that any web server can hand out.

A full tile never changes again; the last tile of each level may be partial and stands beside its later, wider
forms under another name. So a published tile is immutable and publishing is only ever adding files.

Standard: C2SP tlog-tiles.
"""

import struct
from collections.abc import Callable, Sequence

from anjuan.core.merkle.proof import Node
from anjuan.core.merkle.tree import HASH_BYTES, root

WIDTH = 256
HEIGHT = 8
MAXIMUM_LEVEL = 63
MAXIMUM_ENTRY_BYTES = 0xFFFF

ReadTile = Callable[[str], bytes | None]


def _number(index: int) -> str:
    """An index as groups of three digits, all but the last marked with x: no file is ever also a folder."""
    if index < 0:
        raise ValueError("a tile has no negative index")
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def _suffix(width: int) -> str:
    if not 1 <= width <= WIDTH:
        raise ValueError("a tile is 1 to 256 wide")
    return "" if width == WIDTH else f".p/{width}"


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Where a tile of hashes is published (哈希瓦片路径), such as ``tile/0/x001/067`` or ``tile/1/000.p/5``.

    Args:
        level: 0 for leaf hashes; each level up stands for 256 times as many leaves.
        index: number of the tile on its level, from 0.
        width: number of hashes, 1 to 256; fewer than 256 is a partial tile.
    """
    if not 0 <= level <= MAXIMUM_LEVEL:
        raise ValueError("a tile stands on level 0 to 63")
    return f"tile/{level}/{_number(index)}{_suffix(width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """Where a bundle of entries is published (条目包路径), such as ``tile/entries/x001/067``.

    Args:
        index: number of the bundle, from 0.
        width: number of entries, 1 to 256.
    """
    return f"tile/entries/{_number(index)}{_suffix(width)}"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as one bundle: each with its length in two bytes before it.

    Args:
        entries: at most 256, each at most 65,535 bytes.
    """
    if not 1 <= len(entries) <= WIDTH:
        raise ValueError("a bundle holds 1 to 256 entries")
    if any(len(entry) > MAXIMUM_ENTRY_BYTES for entry in entries):
        raise ValueError("an entry is longer than 65535 bytes")
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; raises ValueError when a length does not fit the bytes."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        if at + 2 > len(bundle):
            raise ValueError("the bundle ends inside a length")
        (length,) = struct.unpack_from(">H", bundle, at)
        at += 2
        if at + length > len(bundle):
            raise ValueError("the bundle ends inside an entry")
        entries.append(bundle[at : at + length])
        at += length
    if not 1 <= len(entries) <= WIDTH:
        raise ValueError("a bundle holds 1 to 256 entries")
    return entries


def _read(path: str, width: int, read_tile: ReadTile) -> bytes:
    """The first ``width`` hashes of a tile, or ValueError when the tile is absent or cut."""
    tile = read_tile(path)
    if tile is None:
        raise ValueError(f"{path} is missing")
    if len(tile) % HASH_BYTES or len(tile) < width * HASH_BYTES:
        raise ValueError(f"{path} has the wrong length")
    return tile[: width * HASH_BYTES]


def _read_wide_enough(level: int, index: int, width: int, read_tile: ReadTile) -> bytes:
    """A tile, or the full one that has replaced it: a log may drop partial tiles once the full tile exists."""
    path = tile_path(level, index, width)
    if width < WIDTH:
        try:
            tile = read_tile(path)
        except (LookupError, FileNotFoundError):
            tile = None
        if tile is None:
            path = tile_path(level, index)
    return _read(path, width, read_tile)


def grow(old_size: int, new_leaf_hashes: Sequence[bytes], read_tile: ReadTile) -> dict[str, bytes]:
    """The tiles to write when leaves are added (日志增长), full and partial, by path.

    Tiles that do not change are not among them.

    Args:
        old_size: number of leaves already published.
        new_leaf_hashes: what is added, in order.
        read_tile: gives a published tile; asked only for the partial tiles of the old size.
    """
    if old_size < 0:
        raise ValueError("a tree has no negative size")
    tiles: dict[str, bytes] = {}
    level, before, added = 0, old_size, list(new_leaf_hashes)
    if any(len(value) != HASH_BYTES for value in added):
        raise ValueError("a leaf hash has 32 bytes")
    while added:
        index, width = divmod(before, WIDTH)
        begun = _read_wide_enough(level, index, width, read_tile) if width else b""
        hashes = [begun[at : at + HASH_BYTES] for at in range(0, len(begun), HASH_BYTES)] + added
        above: list[bytes] = []
        for at in range(0, len(hashes), WIDTH):
            group = hashes[at : at + WIDTH]
            tiles[tile_path(level, index + at // WIDTH, len(group))] = b"".join(group)
            if len(group) == WIDTH:
                above.append(root(group))
        level, before, added = level + 1, before // WIDTH, above
    return tiles


def node_reader(size: int, read_tile: ReadTile) -> Node:
    """The tree of this size as a callable over its tiles, for making proofs (由瓦片取节点).

    Args:
        size: number of leaves of the tree.
        read_tile: gives a published tile. When a partial tile is absent (None, KeyError or FileNotFoundError) the
            full tile in its place is asked for.

    Returns:
        A callable to be used for one proof or a few: it keeps the tiles that it has read. It raises ValueError for a
        tile that is missing or cut, and for a subtree that is not complete at this size.
    """
    kept: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        if level < 0 or index < 0 or (index + 1) << level > size:
            raise ValueError("the subtree is not complete in this tree")
        tile_level, height = divmod(level, HEIGHT)
        tile_index, place = divmod(index << height, WIDTH)
        if (tile_level, tile_index) not in kept:
            width = min(WIDTH, (size >> (HEIGHT * tile_level)) - tile_index * WIDTH)
            kept[tile_level, tile_index] = _read_wide_enough(tile_level, tile_index, width, read_tile)
        tile = kept[tile_level, tile_index]
        hashes = tile[place * HASH_BYTES : (place + (1 << height)) * HASH_BYTES]
        return root([hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)])

    return node
