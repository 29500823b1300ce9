"""The store on a local folder (本地存储库): OCFL objects, written so that a kill at any point leaves a whole version.

How a version is written, and why a kill −9 or a power loss at any step is safe

Everything is made ready in ``staging/ocfl/<digest of the URN>/`` on the same file system and synced there: contents,
root inventory, digest file. Nothing in the store has been touched; ``recover`` throws the staged folder away.

*A new object* then enters the store by **one rename** of its folder. Before it there is no object (at most empty
folders above its place, which recovery removes); after it the object is whole.

*A new version* enters in three renames, in this order:

1. ``vN/`` moves into the object, and is synced there. The inventory does not know it yet.
2. ``inventory.json`` is replaced.
3. ``inventory.json.sha512`` is replaced.

- Killed before 1: the old version is whole; staging is thrown away.
- Killed between 1 and 2: the old inventory and its digest file still agree and do not name ``vN``. Recovery moves
  ``vN`` back out: **rolled back**. Nobody was told that it exists; a caller who tries again starts from the old one.
- Killed between 2 and 3: the new inventory stands beside the old digest file; there is no way back. The staged digest
  file fits: recovery renames it, **completed**. A power loss may keep 3 and lose 2, since renames reach the medium in
  no promised order before the folder is synced: then recovery renames the staged inventory in turn.
- Killed after 3: the new version is whole; only staging is left to clear. It is cleared after the object's folder was
  synced, no sooner: until then it may be needed for the case before.

*Leaving.* An object leaves by **one rename** of its folder to ``staging/ocfl/<digest>.removed``, synced; before it the
object is whole, after it it is gone, and what is left is removed piece by piece, the empty folders above its old place
first. A marker ``staging/doomed/<digest>``, made durable before the rows go, says what is to leave; it is taken away
last. A destruction first puts its tombstone into ``extensions/anjuan-tombstones/`` of the store, by a rename: from then
on the URN is never written again, and recovery finishes the removal.

Recovery itself consists of renames that can be repeated; killed in the middle, it is simply run again.

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
import datetime as dt
import errno
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from anjuan.core.fixity import Digests, agrees
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.inventory import INVENTORY_NAME, SIDECAR_NAME, Inventory
from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.backends.disk import (
    DigestingReader,
    Disk,
    FolderTree,
    chunks_of,
    digest_stream,
    locked,
)
from anjuan.facilities.repository.backends.read_me import READ_ME, READ_ME_NAME
from anjuan.facilities.repository.backends.store import TOMBSTONES, Doomed, Plan, Settled, parsed
from anjuan.facilities.repository.rules import Inline, Source

FULL = (errno.ENOSPC, errno.EDQUOT)
FOLDERS_PER_OBJECT_BYTES = 16 * 4096  # what an object costs beside its content, generously


class PosixStore:
    """An OCFL storage root on a local folder.

    Args:
        root: the store; made when the first object comes.
        staging: folder for work, on the same file system.
        disk: does the steps.
        reserve_bytes: room that must be left free.
    """

    def __init__(self, root: Path, staging: Path, disk: Disk | None = None, *, reserve_bytes: int = 0) -> None:
        self.root = root
        self.work = staging / "ocfl"
        self.unrecorded, self.leaving = staging / "unrecorded", staging / "doomed"
        self.locks = staging / "locks"
        self.tombstones = root / TOMBSTONES
        self.disk = disk or Disk()
        self.reserve_bytes = reserve_bytes

    # --- reading ---

    def tree(self) -> FolderTree:
        """The store as the independent verifier reads it."""
        return FolderTree(self.root)

    def exists(self) -> bool:
        """Whether anything has ever been stored."""
        return self.root.is_dir()

    def free_bytes(self) -> int:
        """Room that is left on the file system."""
        there = self.root
        while not there.is_dir():
            there = there.parent
        return shutil.disk_usage(there).free

    def open(self, urn: str, path: str) -> BinaryIO:
        """A file of an object by its path in it."""
        return (self.folder(urn) / path).open("rb")

    def size_bytes(self, urn: str, path: str) -> int:
        """Length of a file of an object."""
        return (self.folder(urn) / path).stat().st_size

    def folder(self, urn: str) -> Path:
        """Folder of an object, whether it exists or not."""
        return self.root / layout.object_path(urn)

    def holds(self, urn: str) -> bool:
        """Whether the object is in the store."""
        return self.folder(urn).is_dir()

    def inventory(self, urn: str) -> Inventory:
        """The inventory of an object, proven by its digest file (读取对象清单).

        Concurrency: a pair that does not agree is read again: a writer may stand between its two renames.
        """
        folder = self.folder(urn)
        if not folder.is_dir():
            raise Refusal("B-005", urn=urn)
        text = self._inventory_text(folder)
        if text is None:
            with self._lock(folder.name):  # whoever was writing has finished, or died, when we have the lock
                text = self._inventory_text(folder)
        return parsed(urn, text)

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
        """Write the version that ``plan`` draws up (写入版本)."""
        self._prepare(files)
        folder = self.folder(urn)
        digest = folder.name
        with self._lock(digest):
            self._settle(digest)
            if self.tombstone(urn) is not None:
                raise Refusal("B-010", urn=urn)
            before = parsed(urn, self._inventory_text(folder)) if folder.is_dir() else None
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
            with contextlib.suppress(OSError):  # what cannot be cleared, recovery will clear
                self.disk.remove_tree(staged)
            return after, digests

    def _clear_up(self, digest: str) -> None:
        with contextlib.suppress(OSError):
            self._settle(digest)

    def _prepare(self, files: Sequence[Source | Inline]) -> None:
        """Room enough, and the folders that the work needs."""
        try:
            for folder in (self.root, self.work, self.unrecorded, self.locks):
                self.disk.make_folders(folder)
            if self.free_bytes() - self._needed_bytes(files) < self.reserve_bytes:
                raise self._full(files)
            self.make_root()
        except OSError as error:
            if error.errno in FULL:
                raise self._full(files) from error
            raise

    @staticmethod
    def _needed_bytes(files: Sequence[Source | Inline]) -> int:
        sizes = [len(file.octets) if isinstance(file, Inline) else Path(file.path).stat().st_size for file in files]
        return sum(sizes) + FOLDERS_PER_OBJECT_BYTES

    def _full(self, files: Sequence[Source | Inline]) -> Refusal:
        return Refusal("B-001", needed_bytes=self._needed_bytes(files), free_bytes=self.free_bytes())

    def make_root(self) -> None:
        """Make the store, if it is not made: its layout, the words to whoever opens it, its declaration last."""
        self.disk.make_folders(self.work)
        if (self.root / layout.ROOT_DECLARATION).exists():
            return
        with self._lock("00root"):
            for path, octets in ({READ_ME_NAME: READ_ME.encode()} | dict(layout.root_documents())).items():
                target = self.root / path
                if target.exists():
                    continue
                self.disk.make_folders(target.parent)
                partial = self.work / "root-document"
                self._drop(partial)
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
        by_sha512 = {taken.sha512: number for number, taken in reversed(list(enumerate(digests.values())))}
        folders = {f"v{after.head}"}
        text = inventories.serialise(after)
        documents = dict(inventories.version_documents(after))
        documents |= {INVENTORY_NAME: text, SIDECAR_NAME: inventories.sidecar(text)}
        if is_new:
            documents[layout.OBJECT_DECLARATION] = layout.OBJECT_DECLARATION_BYTES
        for path in (*(content.path for content in after.added()), *documents):
            while path := path.rpartition("/")[0]:
                folders.add(path)
        for folder in sorted(folders):
            self.disk.make_folder(staged / folder)
        spare = set(range(len(digests)))
        for content in after.added():
            spare.discard(by_sha512[content.sha512])
            self.disk.rename(staged / f"in-{by_sha512[content.sha512]}", staged / content.path)
        for number in sorted(spare):
            self.disk.remove(staged / f"in-{number}")  # the object keeps these bytes already
        for path, octets in documents.items():
            self.disk.write(staged / path, [octets])
        for folder in sorted(folders, reverse=True):
            self.disk.sync_folder(staged / folder)
        self.disk.sync_folder(staged)
        self.disk.sync_folder(self.work)

    def _mark(self, digest: str, version: int) -> None:
        marker = self.unrecorded / f"{digest}.{version}"
        if not marker.exists():
            self.disk.write(marker, [])
            self.disk.sync_folder(self.unrecorded)

    def _enter(self, staged: Path, after: Inventory, *, is_new: bool) -> None:
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
        self.disk.sync_folder(target)  # an inventory that outlived the folder it names could never be made whole
        self.disk.rename(staged / INVENTORY_NAME, target / INVENTORY_NAME)
        self.disk.rename(staged / SIDECAR_NAME, target / SIDECAR_NAME)
        self.disk.sync_folder(target)

    # --- after a kill ---

    def recover(self) -> tuple[dict[str, Settled], list[str]]:
        """Finish or roll back what was cut off (崩溃恢复)."""
        if self.root.is_dir():
            self.make_root()
        settled: dict[str, Settled] = {}
        for staged in sorted(path for path in self.work.glob("*") if path.is_dir()):
            digest = staged.name.partition(".")[0]
            with contextlib.suppress(BlockingIOError), self._lock(digest, wait=False):
                settled[digest] = self._settle(digest)
        for doomed in self.doomed():  # those without a tombstone wait for whoever knows the rows
            if doomed.tombstone is not None and self.tombstone(doomed.urn) is not None:
                self.destroy(doomed)
                settled[self.folder(doomed.urn).name] = Settled(is_completed=True)
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
            self._drop(self.unrecorded / f"{digest}.{number}")

    def _drop(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.disk.remove(path)

    def _unmark(self, digest: str) -> None:
        for marker in self._markers(digest):
            self._drop(marker)

    def _by_digest(self, digest: str) -> Path:
        size = layout.TUPLE_SIZE
        tuples = [digest[at * size : (at + 1) * size] for at in range(layout.TUPLES)]
        return self.root.joinpath(*tuples, digest)

    def _settle(self, digest: str) -> Settled:
        """Finish or roll back what a write of this object left in staging; the caller holds the lock."""
        staged, target = self.work / digest, self._by_digest(digest)
        if (removed := self._removed(digest)).is_dir():
            self._finish_removal(removed, target)
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
            self.disk.sync_folder(staged)
        self.disk.sync_folder(target)  # what is staged is what a failed sync could still be mended from
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
        return True

    def _prune(self, folder: Path) -> None:
        """Remove the folders above an object's place that are empty."""
        while folder != self.root:
            try:
                if folder.is_dir():
                    self.disk.remove(folder)
                    self.disk.sync_folder(folder.parent)
            except OSError as error:
                if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                    return
                raise
            folder = folder.parent

    # --- leaving the store ---

    def doom(self, doomed: Doomed) -> None:
        """Say, durably, that an object is about to leave the store."""
        self.disk.make_folders(self.leaving)
        marker = self.leaving / self.folder(doomed.urn).name
        self._drop(marker)
        self.disk.write(marker, [doomed.to_bytes()])
        self.disk.sync_folder(self.leaving)

    def spare(self, urn: str) -> None:
        """Take that back."""
        self._drop(self.leaving / self.folder(urn).name)

    def doomed(self) -> list[Doomed]:
        """The objects that are about to leave; a marker that was cut off stands for nothing."""
        markers = sorted(self.leaving.iterdir()) if self.leaving.is_dir() else []
        return [found for marker in markers if (found := Doomed.from_bytes(marker.read_bytes())) is not None]

    def purge(self, doomed: Doomed) -> None:
        """Remove a capture wholly (清除)."""
        with self._lock(self.folder(doomed.urn).name):
            self._remove(doomed)

    def destroy(self, doomed: Doomed) -> None:
        """Destroy an object (销毁): its tombstone first, then all its versions."""
        if doomed.tombstone is None:
            raise ValueError("a destruction leaves a tombstone")
        with self._lock(self.folder(doomed.urn).name):
            if self.tombstone(doomed.urn) is None:
                self.doom(doomed)
                self.disk.make_folders(self.work)
                self.disk.make_folders(self.tombstones)
                name = f"{self.folder(doomed.urn).name}.json"
                partial = self.work / name
                self._drop(partial)
                self.disk.write(partial, [doomed.tombstone])
                self.disk.rename(partial, self.tombstones / name)
                self.disk.sync_folder(self.tombstones)
            self._remove(doomed)

    def tombstone(self, urn: str) -> bytes | None:
        """What stays of a destroyed object."""
        try:
            return (self.tombstones / f"{self.folder(urn).name}.json").read_bytes()
        except FileNotFoundError:
            return None

    def _remove(self, doomed: Doomed) -> None:
        target, digest = self.folder(doomed.urn), self.folder(doomed.urn).name
        self._settle(digest)
        if target.is_dir() and (doomed.tombstone is not None or self._head(target) <= doomed.version):
            self.disk.make_folders(self.work)
            removed = self._removed(digest)
            self.disk.rename(target, removed)
            self.disk.sync_folder(target.parent)
            self.disk.sync_folder(self.work)
            self._unmark(digest)
            self._finish_removal(removed, target)
        self.spare(doomed.urn)

    def _head(self, folder: Path) -> int:
        """Number of the newest version of an object's folder; 0 where that cannot be told."""
        text = self._inventory_text(folder)
        return 0 if text is None else inventories.parse(text).head

    def _finish_removal(self, removed: Path, target: Path) -> None:
        self._prune(target.parent)
        self.disk.remove_tree(removed)  # last: as long as it stands, recovery knows where to look

    def _removed(self, digest: str) -> Path:
        return self.work / f"{digest}.removed"

    def can_lock(self) -> bool:
        """A folder has no locks but the permissions of its files."""
        return False

    def lock_until(self, urn: str, until: dt.datetime) -> bool:
        """It has none."""
        return False

    def hold(self, urn: str, *, is_on: bool) -> bool:
        """It has none."""
        return False

    def _lock(self, digest: str, *, wait: bool = True) -> contextlib.AbstractContextManager[None]:
        return locked(self.locks, digest, wait=wait)
