"""Growing and reading the log over whatever keeps its files.

Life of a leaf: entry bundles and hash tiles are put down whole, then ``state`` says how far the tree has grown and what
its root is, then a checkpoint may be signed over it. A crash between the steps leaves tiles that nobody points to; they
are written again with the same bytes, because a leaf depends on nothing but its entry.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.merkle import proof, tile, tree
from anjuan.foundation.ledger.backends import LogStore

STATE, NEWEST, KEPT = "state", "checkpoint", "checkpoints"


@dataclass(frozen=True)
class _State:
    """How far the tree has grown, and its root (none in a log of an earlier version)."""

    octets: bytes | None
    size: int = 0
    root: str = ""


class Log:
    """One log in a store."""

    def __init__(self, store: LogStore) -> None:
        """Read and grow the log that lies in a store."""
        self.store = store

    def lock(self) -> AbstractContextManager[None]:
        """Keep other writers out."""
        return self.store.lock()

    @property
    def size(self) -> int:
        """How many leaves have been integrated."""
        return self._state().size

    def append(self, leaves: Sequence[bytes]) -> int:
        """Integrate leaves after those already there; the caller holds the lock. Returns the new size.

        Raises:
            OSError: the log is damaged where it would be grown, or the disk is full; nothing has changed then.
            OvertakenError: another writer grew it meanwhile.
        """
        state = self._state()
        old, new = state.size, state.size + len(leaves)
        self._must_stand(state)
        files = self._bundles(old, leaves)
        files |= tile.grow(old, [tree.leaf_hash(leaf) for leaf in leaves], self.store.read)
        self.store.put(files)
        root = proof.root_at(new, tile.node_reader(new, lambda path: files.get(path) or self.store.read(path)))
        self.store.swap(STATE, state.octets, f"{new} {root.hex()}\n".encode())
        self._tidy(old, files)
        return new

    def leaf(self, index: int) -> bytes:
        """The bytes of a leaf that stands in the log.

        Raises:
            OSError: its bundle is missing or cut.
        """
        return self.leaves(index, index + 1)[0]

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The bytes of the leaves from one to before another; each bundle is read once.

        Raises:
            OSError: a bundle is missing or cut.
        """
        size = self.size
        found: list[bytes] = []
        for bundle in range(start // tile.WIDTH, -(-end // tile.WIDTH)):
            found += self._bundle(bundle, min(tile.WIDTH, size - bundle * tile.WIDTH))
        skipped = start // tile.WIDTH * tile.WIDTH
        return found[start - skipped : end - skipped]

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` leaves."""
        return proof.root_at(size, self._nodes(size))

    def inclusion_path(self, index: int, size: int) -> list[bytes]:
        """The path that proves a leaf under the root at a size."""
        return proof.inclusion_path(index, size, self._nodes(size))

    def consistency_path(self, old: int, new: int) -> list[bytes]:
        """The path that proves that the log only grew between two sizes."""
        return proof.consistency_path(old, new, self._nodes(new))

    def publish(self, size: int, note: str) -> None:
        """Put a signed checkpoint down: kept under its size, and as the newest; the caller holds the lock.

        Raises:
            OSError: the log is not that long, or a longer one was published already: what was said is never unsaid.
        """
        newest = self.store.read(NEWEST)
        if size > self.size or size < _size_said(newest):
            raise OSError(f"log is damaged: a checkpoint of {size} does not follow what was published")
        self.store.put({f"{KEPT}/{size:012d}": note.encode()})
        self.store.swap(NEWEST, newest, note.encode())

    def _state(self) -> _State:
        octets = self.store.read(STATE)
        if octets is None:
            return _State(None)
        try:
            size, _, root = octets.decode("ascii").strip().partition(" ")
            return _State(octets, int(size), root)
        except ValueError as fault:
            raise OSError("log is damaged: its state cannot be read") from fault

    def _must_stand(self, state: _State) -> None:
        """Refuse to grow a log that is shorter than was published, or whose last tiles are not those it had."""
        if state.size < _size_said(self.store.read(NEWEST)):
            raise OSError(f"log is damaged: it ends at {state.size}, before its own checkpoint")
        if state.root and self.root(state.size).hex() != state.root:
            raise OSError(f"log is damaged: its tiles at {state.size} are not those that were written")

    def _nodes(self, size: int) -> proof.Node:
        """The tree over its tiles. Read at the log's own size: a smaller one's partial tiles may be tidied away."""
        here = self.size
        if size > here:
            raise OSError(f"log is damaged: it ends at {here}, before {size}")
        nodes = tile.node_reader(here, self.store.read)

        def node(level: int, index: int) -> bytes:
            try:
                return nodes(level, index)
            except ValueError as fault:
                raise OSError(f"log is damaged: {fault}") from fault

        return node

    def _bundles(self, old: int, leaves: Sequence[bytes]) -> dict[str, bytes]:
        first, kept = divmod(old, tile.WIDTH)
        pending = [*(self._bundle(first, kept) if kept else []), *leaves]
        files = {}
        for offset in range(0, len(pending), tile.WIDTH):
            chunk = pending[offset : offset + tile.WIDTH]
            files[tile.entries_path(first + offset // tile.WIDTH, len(chunk))] = tile.encode_bundle(chunk)
        return files

    def _bundle(self, index: int, width: int) -> list[bytes]:
        for path in dict.fromkeys((tile.entries_path(index, width), tile.entries_path(index))):
            octets = self.store.read(path)
            if octets is None:
                continue
            try:
                entries = tile.decode_bundle(octets)
            except ValueError as fault:
                raise OSError(f"log is damaged: {path}: {fault}") from fault
            if len(entries) >= width:
                return entries[:width]
        raise OSError(f"log is damaged: {tile.entries_path(index, width)} is missing")

    def _tidy(self, old: int, files: dict[str, bytes]) -> None:
        """Drop partial tiles whose full one stands now, as tlog-tiles allows: else a small log drowns in files."""
        size, level = old, 0
        paths = [tile.entries_path(old // tile.WIDTH)]
        while size:
            paths.append(tile.tile_path(level, size // tile.WIDTH))
            size, level = size // tile.WIDTH, level + 1
        for path in paths:
            if path in files:
                self.store.drop(f"{path}.p")


def _size_said(note: bytes | None) -> int:
    """The size that a published checkpoint speaks of; nothing published, none."""
    if note is None:
        return 0
    try:
        return note_format.parse_checkpoint(note_format.parse_note(note.decode())[0]).size
    except ValueError as fault:
        raise OSError(f"log is damaged: its checkpoint cannot be read: {fault}") from fault
