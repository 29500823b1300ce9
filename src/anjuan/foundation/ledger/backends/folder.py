"""The log in a folder: C2SP tlog-tiles files, as any static web server could serve them.

Life of a leaf: entry bundle and hash tiles are written whole (write, fsync, rename), then ``state`` says how far the
tree has grown, then a checkpoint may be signed over it. A crash between the steps leaves tiles nobody points to; they
are written again with the same bytes, because a leaf depends on nothing but its entry.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from anjuan.core.merkle import proof, tile, tree


class LogFolder:
    """Reads and grows a log in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open (and on first use make) the log."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Only one process grows the log at a time; the lock dies with its process."""
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @property
    def size(self) -> int:
        """How many leaves have been integrated."""
        try:
            return int((self.folder / "state").read_text())
        except FileNotFoundError:
            return 0

    def read_tile(self, path: str) -> bytes | None:
        """A tile's bytes; none if it is not there."""
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def append(self, leaves: Sequence[bytes]) -> int:
        """Integrate leaves after those already there; the caller holds the lock. Returns the new size."""
        old = self.size
        new = old + len(leaves)
        first_bundle = old // tile.WIDTH
        kept = old % tile.WIDTH
        pending: list[bytes] = []
        if kept:
            bundle = self.read_tile(tile.entries_path(first_bundle, kept))
            if bundle is None:
                raise OSError(f"log is damaged: {tile.entries_path(first_bundle, kept)} is missing")
            pending = tile.decode_bundle(bundle)
        pending.extend(leaves)
        for offset in range(0, len(pending), tile.WIDTH):
            chunk = pending[offset : offset + tile.WIDTH]
            path = tile.entries_path(first_bundle + offset // tile.WIDTH, len(chunk))
            self._write(path, tile.encode_bundle(chunk))
        for path, octets in tile.grow(old, [tree.leaf_hash(leaf) for leaf in leaves], self.read_tile).items():
            self._write(path, octets)
        self._write("state", str(new).encode())
        return new

    def leaf(self, index: int) -> bytes:
        """The bytes of a leaf that stands in the log.

        Raises:
            OSError: its bundle is missing.
        """
        bundle, place = divmod(index, tile.WIDTH)
        width = min(tile.WIDTH, self.size - bundle * tile.WIDTH)
        octets = self.read_tile(tile.entries_path(bundle, width))
        if octets is None:
            raise OSError(f"log is damaged: {tile.entries_path(bundle, width)} is missing")
        return tile.decode_bundle(octets)[place]

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` leaves."""
        return proof.root_at(size, tile.node_reader(self.size, self.read_tile))

    def inclusion_path(self, index: int, size: int) -> list[bytes]:
        """The path that proves a leaf under the root at a size."""
        return proof.inclusion_path(index, size, tile.node_reader(self.size, self.read_tile))

    def consistency_path(self, old: int, new: int) -> list[bytes]:
        """The path that proves that the log only grew between two sizes."""
        return proof.consistency_path(old, new, tile.node_reader(self.size, self.read_tile))

    def publish(self, size: int, note: str) -> None:
        """Put a signed checkpoint down: as the newest, and kept under its size."""
        self._write(f"checkpoints/{size:012d}", note.encode())
        self._write("checkpoint", note.encode())

    def _write(self, path: str, octets: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        with partial.open("wb") as handle:
            handle.write(octets)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the rename itself must survive a power cut
        finally:
            os.close(folder)
