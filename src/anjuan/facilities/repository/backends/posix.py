"""The store on a local folder (本地存储库): OCFL objects, written so that a kill at any point leaves a whole version.

How a version is written, and why a kill −9 or a power loss at any step is safe

Everything is made ready in ``staging/ocfl/<digest of the URN>/`` on the same file system and synced there: contents,
root inventory, digest file. Nothing in the store has been touched; ``recover`` throws the staged folder away.

*A new object* then enters the store by **one rename** of its folder. Before it there is no object (at most empty
folders above its place, which recovery removes); after it the object is whole.

*A new version* enters in three renames, in this order:

1. ``vN/`` moves into the object. The inventory does not know it yet.
2. ``inventory.json`` is replaced.
3. ``inventory.json.sha512`` is replaced.

- Killed before 1: the old version is whole; staging is thrown away.
- Killed between 1 and 2: the old inventory and its digest file still agree and do not name ``vN``. Recovery moves
  ``vN`` back out: **rolled back**. Forward would do as well, but nobody was told that the version exists, and a
  caller who tries again must find the version he started from.
- Killed between 2 and 3: the new inventory stands beside the old digest file; the old inventory is gone, so there is
  no way back. The staged digest file is still there and fits: recovery renames it, **completed**. A power loss may
  keep 3 and lose 2, since renames reach the medium in no promised order before the folder is synced: then the digest
  file in place fits the staged inventory, which recovery renames in turn.
- Killed after 3: the new version is whole; only staging is left to clear.

The staged files are removed last, so what recovery needs is there as long as it is needed. Recovery itself consists
of renames that can be repeated; killed in the middle, it is simply run again.

*Bytes first, then rows* (decision 6): before the first rename a marker ``staging/unrecorded/<digest>.<version>`` is
made; the transaction that writes the rows removes it after its commit. A marker that is left names a version that is
whole on disk and unknown to the rows; no walk over the store is needed to find it.

*Concurrency*: one lock a 256th of all objects (``flock``, which the kernel releases when its holder dies) holds
writers of one object apart, threads and processes alike. Readers take no lock: contents never change once written,
and the inventory is read with its digest file and re-read when the pair does not agree, since a writer may stand
between renames 2 and 3. Several new objects may be written at once: each keeps the whole order of steps and syncs
above for itself, and only the waiting for the medium overlaps; no sync is left out or shared.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anjuan.core.fixity import Digests, agrees
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.inventory import INVENTORY_NAME, SIDECAR_NAME, Inventory
from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.backends.disk import DigestingReader, Disk, FolderTree, chunks_of, digest_stream
from anjuan.facilities.repository.backends.read_me import READ_ME, READ_ME_NAME
from anjuan.facilities.repository.rules import Inline, Source

FULL = (errno.ENOSPC, errno.EDQUOT)
FOLDERS_PER_OBJECT_BYTES = 16 * 4096  # what an object costs beside its content, generously

Plan = Callable[[Inventory | None, Mapping[str, Digests]], Inventory | None]


@dataclass(frozen=True)
class Settled:
    """What became of a write that had been cut off."""

    is_rolled_back: bool = False
    is_completed: bool = False


class PosixStore:
    """An OCFL storage root on a local folder.

    Args:
        root: the store; made when the first object comes.
        staging: folder for work, on the same file system.
        disk: what does the steps.
        reserve_bytes: room that must be left free after a write.
    """

    def __init__(self, root: Path, staging: Path, disk: Disk | None = None, *, reserve_bytes: int = 0) -> None:
        self.root = root
        self.work = staging / "ocfl"
        self.unrecorded = staging / "unrecorded"
        self.locks = staging / "locks"
        self.disk = disk or Disk()
        self.reserve_bytes = reserve_bytes

    # --- reading ---

    def tree(self) -> FolderTree:
        """The store as the independent verifier reads it."""
        return FolderTree(self.root)

    def folder(self, urn: str) -> Path:
        """Folder of an object, whether it exists or not."""
        return self.root / layout.object_path(urn)

    def holds(self, urn: str) -> bool:
        """Whether the object is in the store."""
        return self.folder(urn).is_dir()

    def inventory(self, urn: str) -> Inventory:
        """The inventory of an object, proven by its digest file (读取对象清单).

        Raises: B-005 no such object; B-006 the inventory does not agree with its digest.
        Concurrency: a pair that does not agree is read again, since a writer may stand between its two renames.
        """
        folder = self.folder(urn)
        if not folder.is_dir():
            raise Refusal("B-005", urn=urn)
        text = self._inventory_text(folder)
        if text is None:
            with self._lock(folder.name):  # whoever was writing has finished, or died, when we have the lock
                text = self._inventory_text(folder)
        return self._parsed(urn, text)

    @staticmethod
    def _parsed(urn: str, text: bytes | None) -> Inventory:
        if text is None:
            raise Refusal("B-006", urn=urn)
        try:
            found = inventories.parse(text)
        except inventories.MalformedInventory as error:
            raise Refusal("B-006", urn=urn) from error
        if found.urn != urn:
            raise Refusal("B-006", urn=urn)
        return found

    @staticmethod
    def _inventory_text(folder: Path) -> bytes | None:
        """The root inventory, if it agrees with its digest file."""
        try:
            text = (folder / INVENTORY_NAME).read_bytes()
            stated = (folder / SIDECAR_NAME).read_bytes()
        except FileNotFoundError:
            return None
        return text if stated == inventories.sidecar(text) else None

    # --- writing ---

    def write(self, urn: str, *, files: Sequence[Source | Inline], plan: Plan) -> tuple[Inventory, dict[str, Digests]]:
        """Write the version that ``plan`` draws up (写入版本).

        Args:
            urn: identifier of the object.
            files: what comes in.
            plan: given the object's inventory (None for a new object) and the digests of the files by logical name,
                draws up the next inventory, or returns None when the object already is as it should be. It may refuse.

        Returns:
            The inventory that now stands, and the digests of the files that came in.

        Raises: B-001 disk full; B-004 bytes differ after writing.
        Concurrency: writers of one object wait for one another.
        """
        self._prepare(files)
        digest = self.folder(urn).name
        with self._lock(digest):
            self._settle(digest)
            folder = self.folder(urn)
            before = self._parsed(urn, self._inventory_text(folder)) if folder.is_dir() else None
            staged = self.work / digest
            try:
                self.disk.make_folder(staged)
                digests = self._take_in(staged, files)
                after = plan(before, digests)
                if after is None:
                    if before is None:
                        raise ValueError("a plan for a new object draws up an inventory")
                    self._clear_up(digest)
                    return before, digests
                self._stage(staged, after, digests, is_new=before is None)
                self._mark(digest, after.head)
                self._enter(staged, after, is_new=before is None)
            except (OSError, Refusal) as error:
                self._clear_up(digest)
                if isinstance(error, OSError) and error.errno in FULL:
                    raise self._full(files) from error
                raise
            self._clear_up(digest)  # clears staging; what it cannot clear, recovery will
            return after, digests

    def _clear_up(self, digest: str) -> None:
        """Settle what is left in staging; what cannot be done now is left to recovery."""
        with contextlib.suppress(OSError):
            self._settle(digest)

    def _prepare(self, files: Sequence[Source | Inline]) -> None:
        """Room enough, and the folders that the work needs."""
        try:
            for folder in (self.root, self.work, self.unrecorded, self.locks):
                folder.mkdir(parents=True, exist_ok=True)
            if self._free_bytes() - self._needed_bytes(files) < self.reserve_bytes:
                raise self._full(files)
            self.make_root()
        except OSError as error:
            if error.errno in FULL:
                raise self._full(files) from error
            raise

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self.root).free

    @staticmethod
    def _needed_bytes(files: Sequence[Source | Inline]) -> int:
        sizes = [len(file.octets) if isinstance(file, Inline) else Path(file.path).stat().st_size for file in files]
        return sum(sizes) + FOLDERS_PER_OBJECT_BYTES

    def _full(self, files: Sequence[Source | Inline]) -> Refusal:
        return Refusal("B-001", needed_bytes=self._needed_bytes(files), free_bytes=self._free_bytes())

    def make_root(self) -> None:
        """Make the store, if it is not made: its layout, the words to whoever opens it, its declaration last."""
        self.work.mkdir(parents=True, exist_ok=True)
        if (self.root / layout.ROOT_DECLARATION).exists():
            return
        with self._lock("00root"):
            for path, octets in ({READ_ME_NAME: READ_ME.encode()} | dict(layout.root_documents())).items():
                target = self.root / path
                if target.exists():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = self.work / "root-document"
                partial.unlink(missing_ok=True)
                self.disk.write(partial, [octets])
                self.disk.rename(partial, target)
                self.disk.sync_folder(target.parent)
            self.disk.sync_folder(self.root)
            self.disk.sync_folder(self.root.parent)

    def _take_in(self, staged: Path, files: Sequence[Source | Inline]) -> dict[str, Digests]:
        """Copy what comes in to staging, then read the copy again: it must have the digests of what came in.

        Those were taken when the file was looked at, or are taken in the same read as the copy.
        """
        digests: dict[str, Digests] = {}
        for number, file in enumerate(files):
            chunks = chunks_of(file.octets if isinstance(file, Inline) else Path(file.path))
            copy = staged / f"in-{number}"
            if isinstance(file, Source) and file.digests is not None:
                self.disk.write(copy, chunks)
                taken = file.digests
            else:
                reader = DigestingReader(chunks)
                self.disk.write(copy, reader)
                taken = reader.digests()
            if not agrees(taken, digest_stream(copy)):
                raise Refusal("B-004", name=file.logical_name)
            if file.logical_name in digests:
                raise Refusal("B-009", reason=f"{file.logical_name} × 2")
            digests[file.logical_name] = taken
        return digests

    def _stage(self, staged: Path, after: Inventory, digests: Mapping[str, Digests], *, is_new: bool) -> None:
        """Arrange the copies as the version's folder, write the documents, sync every name."""
        by_sha512 = {taken.sha512: number for number, taken in reversed(list(enumerate(digests.values())))}
        folders: set[Path] = {staged, staged / f"v{after.head}"}
        text = inventories.serialise(after)
        documents = dict(inventories.version_documents(after))
        documents |= {INVENTORY_NAME: text, SIDECAR_NAME: inventories.sidecar(text)}
        if is_new:
            documents[layout.OBJECT_DECLARATION] = layout.OBJECT_DECLARATION_BYTES
        for path in (*(content.path for content in after.added()), *documents):
            folders.update(staged / parent for parent in Path(path).parents)
        for folder in sorted(folders):
            self.disk.make_folder(folder)
        for content in after.added():
            self.disk.rename(staged / f"in-{by_sha512[content.sha512]}", staged / content.path)
        for spare in sorted(staged.glob("in-*")):
            self.disk.remove(spare)  # the object keeps these bytes already
        for path, octets in documents.items():
            self.disk.write(staged / path, [octets])
        for folder in sorted(folders, reverse=True):
            self.disk.sync_folder(folder)
        self.disk.sync_folder(self.work)

    def _mark(self, digest: str, version: int) -> None:
        marker = self.unrecorded / f"{digest}.{version}"
        if not marker.exists():
            self.disk.write(marker, [])
            self.disk.sync_folder(self.unrecorded)

    def _enter(self, staged: Path, after: Inventory, *, is_new: bool) -> None:
        """The renames that make the version part of the store; see the top of this file for their order."""
        target = self.folder(after.urn)
        if is_new:
            for _ in range(100):
                try:
                    for folder in (target.parent.parent, target.parent):
                        self.disk.make_folder(folder)
                        self.disk.sync_folder(folder.parent)
                    self.disk.rename(staged, target)
                    break
                except FileNotFoundError:  # a recovery beside us has removed the folders while they were empty
                    continue
            self.disk.sync_folder(target.parent)
            return
        self.disk.rename(staged / f"v{after.head}", target / f"v{after.head}")
        self.disk.rename(staged / INVENTORY_NAME, target / INVENTORY_NAME)
        self.disk.rename(staged / SIDECAR_NAME, target / SIDECAR_NAME)
        self.disk.sync_folder(target)

    # --- after a kill ---

    def recover(self) -> tuple[dict[str, Settled], list[str]]:
        """Finish or roll back every write that was cut off (崩溃恢复).

        Returns:
            What became of each, by the digest of its object; and the digests of the objects that have a marker: rows
            may not know their newest version.
        Concurrency: objects that are being written now are left alone.
        """
        if self.root.is_dir():
            self.make_root()
        settled: dict[str, Settled] = {}
        for staged in sorted(self.work.iterdir()) if self.work.is_dir() else []:
            if not staged.is_dir():
                continue
            with contextlib.suppress(BlockingIOError), self._lock(staged.name, wait=False):
                settled[staged.name] = self._settle(staged.name)
        marked: list[str] = []
        for digest in sorted({marker.name.partition(".")[0] for marker in self._markers("*")}):
            if self._by_digest(digest).is_dir():
                marked.append(digest)
                continue
            with self._lock(digest):  # nobody is about to bring it in now
                if not self._by_digest(digest).is_dir():
                    self._unmark(digest)
        return settled, marked

    def _markers(self, digest: str) -> list[Path]:
        return sorted(self.unrecorded.glob(f"{digest}.*")) if self.unrecorded.is_dir() else []

    def urn_at(self, digest: str) -> str | None:
        """The identifier of the object whose URN has this digest, if the store holds it undamaged."""
        folder = self._by_digest(digest)
        text = self._inventory_text(folder) if folder.is_dir() else None
        return inventories.parse(text).urn if text is not None else None

    def recorded(self, urn: str, version: int) -> None:
        """The rows know this version: take away the markers up to it.

        By name, without looking through the folder: it may hold the markers of many others.
        """
        digest = self.folder(urn).name
        for number in range(1, version + 1):
            (self.unrecorded / f"{digest}.{number}").unlink(missing_ok=True)

    def _unmark(self, digest: str) -> None:
        for marker in self._markers(digest):
            marker.unlink(missing_ok=True)

    def _by_digest(self, digest: str) -> Path:
        size = layout.TUPLE_SIZE
        tuples = [digest[at * size : (at + 1) * size] for at in range(layout.TUPLES)]
        return self.root.joinpath(*tuples, digest)

    def _settle(self, digest: str) -> Settled:
        """Finish or roll back what a write of this object left in staging; the caller holds the lock."""
        staged, target = self.work / digest, self._by_digest(digest)
        if not staged.is_dir():
            return Settled()
        if not target.is_dir():
            self._prune(target.parent)
            self.disk.remove_tree(staged)  # last: as long as it stands, recovery knows where to look
            return Settled(is_rolled_back=True)
        is_completed = self._complete(staged, target)
        text = self._inventory_text(target)
        if text is None:  # damage that no kill of ours explains: keep everything for whoever looks into it
            return Settled()
        stray = target / f"v{inventories.parse(text).head + 1}"
        is_rolled_back = stray.is_dir()
        if is_rolled_back:
            out = staged / "rolled-back"
            self.disk.remove_tree(out)
            self.disk.rename(stray, out)
            self.disk.sync_folder(target)
        self.disk.remove_tree(staged)
        return Settled(is_rolled_back=is_rolled_back, is_completed=is_completed)

    def _complete(self, staged: Path, target: Path) -> bool:
        """Bring the pair of inventory and digest file together when a kill has parted it."""
        if self._inventory_text(target) is not None:
            return False
        text = (target / INVENTORY_NAME).read_bytes()
        stated = (target / SIDECAR_NAME).read_bytes()
        staged_text, staged_sidecar = staged / INVENTORY_NAME, staged / SIDECAR_NAME
        if staged_sidecar.is_file() and staged_sidecar.read_bytes() == inventories.sidecar(text):
            self.disk.rename(staged_sidecar, target / SIDECAR_NAME)
        elif staged_text.is_file() and inventories.sidecar(staged_text.read_bytes()) == stated:
            self.disk.rename(staged_text, target / INVENTORY_NAME)
        else:
            return False
        self.disk.sync_folder(target)
        return True

    def _prune(self, folder: Path) -> None:
        """Remove the folders above an object's place that a cut-off write has left empty."""
        while folder != self.root:
            try:
                if folder.is_dir():
                    self.disk.remove(folder)
            except OSError as error:
                if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                    return
                raise
            folder = folder.parent

    @contextlib.contextmanager
    def _lock(self, digest: str, *, wait: bool = True) -> Iterator[None]:
        self.locks.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(digest.encode()).hexdigest()[:2]
        descriptor = os.open(self.locks / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(descriptor)
