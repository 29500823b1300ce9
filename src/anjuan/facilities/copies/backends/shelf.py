"""A place as copies are laid on it (存放架): a local folder or a bucket, behind one small set of steps.

What comes in is first laid down in a waiting room beside the objects, made durable and read again; only then is it
admitted. A new object enters a folder by one rename; what is added to an object enters file by file, contents first,
the root inventory and then its digest file last, so that whoever is cut off leaves no inventory of what is missing. A
bucket knows no renames: there everything enters in that order. Running the same again finishes what was cut off.

A damaged file is set aside, never deleted: it is moved out of the store into ``quarantine`` of the same place.
"""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from anjuan.core.ocfl import layout
from anjuan.facilities.copies import rules
from anjuan.facilities.repository.backends.disk import Disk, chunks_of
from anjuan.facilities.repository.backends.read_me import READ_ME, READ_ME_NAME
from anjuan.foundation.buckets.backends.s3 import Bucket, Missing

MARK_NAME = "anjuan-place"
NOT_A_FILE = -1  # a link, a pipe: something stands there that no store of ours would hold
_NO_LIMIT_INODES = 10**9  # what file systems without inodes report as none


class Unreachable(OSError):
    """The place is not there: not mounted, not answering, or another place under its name."""


@dataclass(frozen=True)
class Room:
    """What is left at a place; None where it cannot be asked."""

    free_bytes: int | None
    free_inodes: int | None


class Pace:
    """Holds the bytes that pass back to a limit, for all threads of this process together (限速)."""

    def __init__(self, bytes_a_second: int = 0) -> None:
        self.bytes_a_second = bytes_a_second
        self._free_at = 0.0
        self._lock = threading.Lock()

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, not faster than the limit."""
        for chunk in chunks:
            if self.bytes_a_second:
                with self._lock:
                    self._free_at, wait = rules.paced(self._free_at, time.monotonic(), len(chunk), self.bytes_a_second)
                time.sleep(wait)
            yield chunk


class Shelf(Protocol):
    """What can be done at a place. Paths are relative to the root of its store, joined by ``/``."""

    def prepare(self) -> None:
        """Make it a store of its own, readable without this program, if it is not one yet."""

    def stands(self) -> bool:
        """Whether it is there, and is the place it should be."""

    def listing(self, folder: str) -> Mapping[str, int]:
        """Every file under an object's folder with its size, by its path there; nothing where there is no folder."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file. Raises OSError."""

    def receive(self, path: str, chunks: Iterable[bytes]) -> None:
        """Lay a file down in the waiting room, durably, in place of what may wait there from an earlier try."""

    def waiting(self, path: str) -> Iterator[bytes]:
        """The bytes of a file that waits. Raises FileNotFoundError at once if none does."""

    def admit(self, folder: str, paths: Sequence[str]) -> None:
        """Put what waits into its place in the store, in this order, durably."""

    def set_aside(self, path: str, evidence: str) -> None:
        """Move a file out of the store to the quarantine; one that is not there is no fault."""

    def note(self, evidence: str, octets: bytes) -> None:
        """Write a document of our own into the quarantine, durably."""

    def evidence(self, evidence: str) -> Iterator[bytes]:
        """The bytes of what lies in the quarantine. Raises FileNotFoundError at once if nothing does."""

    def lay_proof(self, path: str, chunks: Iterable[bytes]) -> None:
        """Lay a file of log or journal down beside the store, durably, in place of what stood there."""

    def proof(self, path: str) -> Iterator[bytes]:
        """The bytes of such a file. Raises FileNotFoundError at once if there is none."""

    def drop_proof(self, path: str) -> None:
        """Remove such a file; one that is not there is no fault."""

    def room(self) -> Room:
        """What is left."""


class FolderShelf:
    """A place on a local or mounted folder.

    Args:
        root: the OCFL root.
        work: folder of the waiting room and the quarantine, on the same file system.
        mark: what the mark of the place must say; empty where the root's own declaration is mark enough.
        disk: what does the steps.
    """

    def __init__(self, root: Path, work: Path, *, mark: str = "", disk: Disk | None = None) -> None:
        self.root = root
        self.work = work
        self.mark = mark
        self.disk = disk or Disk()

    def prepare(self) -> None:
        """As ``Shelf.prepare``."""
        self._make(self.root)
        self._make(self.work)
        documents = {READ_ME_NAME: READ_ME.encode()} | dict(layout.root_documents())
        for path, octets in documents.items():
            if not (self.root / path).exists():
                self._lay(self.root / path, [octets])
        if self.mark and not (self.work / MARK_NAME).exists():
            self._lay(self.work / MARK_NAME, [self.mark.encode()])

    def stands(self) -> bool:
        """As ``Shelf.stands``."""
        try:
            if self.mark and (self.work / MARK_NAME).read_text() != self.mark:
                return False
            return (self.root / layout.ROOT_DECLARATION).is_file()
        except OSError:
            return False

    def listing(self, folder: str) -> Mapping[str, int]:
        """As ``Shelf.listing``; links are not followed."""
        found: dict[str, int] = {}
        self._list(self.root / folder, "", found)
        return found

    def _list(self, folder: Path, prefix: str, found: dict[str, int]) -> None:
        try:
            entries = os.scandir(folder)
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    self._list(folder / entry.name, f"{prefix}{entry.name}/", found)
                elif entry.is_file(follow_symlinks=False):
                    found[prefix + entry.name] = entry.stat(follow_symlinks=False).st_size
                else:
                    found[prefix + entry.name] = NOT_A_FILE

    def chunks(self, path: str) -> Iterator[bytes]:
        """As ``Shelf.chunks``."""
        return chunks_of(self.root / path)

    def receive(self, path: str, chunks: Iterable[bytes]) -> None:
        """As ``Shelf.receive``."""
        target = self._waits(path)
        if target.exists():
            self.disk.remove(target)
        self._make(target.parent, is_durable=False)  # the names of what waits are synced when it is admitted
        self.disk.write(target, chunks)

    def waiting(self, path: str) -> Iterator[bytes]:
        """As ``Shelf.waiting``."""
        if not self._waits(path).is_file():
            raise FileNotFoundError(path)
        return chunks_of(self._waits(path))

    def admit(self, folder: str, paths: Sequence[str]) -> None:
        """As ``Shelf.admit``: a whole new object by one rename, else file by file."""
        staged, target = self._waits(folder), self.root / folder
        if not target.exists():
            self._make(target.parent)
            for each in sorted({staged / parent for path in paths for parent in Path(path).parents}, reverse=True):
                self.disk.sync_folder(each)
            self.disk.rename(staged, target)
            self.disk.sync_folder(target.parent)
            return
        for path in paths:
            within = f"{folder}/{path}"
            if self._waits(within).is_file():  # else an earlier try has put it in its place
                self._make((self.root / within).parent)
                self.disk.rename(self._waits(within), self.root / within)
                self.disk.sync_folder((self.root / within).parent)
        self.disk.remove_tree(staged)

    def set_aside(self, path: str, evidence: str) -> None:
        """As ``Shelf.set_aside``."""
        source, target = self.root / path, self.work / "quarantine" / evidence
        if not os.path.lexists(source):
            return
        self._make(target.parent)
        self.disk.rename(source, target)
        self.disk.sync_folder(target.parent)
        self.disk.sync_folder(source.parent)

    def note(self, evidence: str, octets: bytes) -> None:
        """As ``Shelf.note``."""
        self._lay(self.work / "quarantine" / evidence, [octets])

    def evidence(self, evidence: str) -> Iterator[bytes]:
        """As ``Shelf.evidence``."""
        path = self.work / "quarantine" / evidence
        if not path.is_file():
            raise FileNotFoundError(evidence)
        return chunks_of(path)

    def lay_proof(self, path: str, chunks: Iterable[bytes]) -> None:
        """As ``Shelf.lay_proof``."""
        self._lay(self.root.parent / "proof" / path, chunks)

    def proof(self, path: str) -> Iterator[bytes]:
        """As ``Shelf.proof``."""
        place = self.root.parent / "proof" / path
        if not place.is_file():
            raise FileNotFoundError(path)
        return chunks_of(place)

    def drop_proof(self, path: str) -> None:
        """As ``Shelf.drop_proof``."""
        place = self.root.parent / "proof" / path
        if place.is_file():
            self.disk.remove(place)

    def room(self) -> Room:
        """As ``Shelf.room``."""
        top = next(folder for folder in (self.root, *self.root.parents) if folder.exists())
        told = os.statvfs(top)
        return Room(told.f_bavail * told.f_frsize, told.f_favail if 0 < told.f_favail < _NO_LIMIT_INODES else None)

    def _waits(self, path: str) -> Path:
        """Where a path of the store waits: a folder an object, so that a new one can be moved whole."""
        parts = PurePosixPath(path).parts
        return self.work.joinpath("incoming", *parts[layout.TUPLES :])

    def _lay(self, target: Path, chunks: Iterable[bytes]) -> None:
        """A small document in its place: written beside it, then renamed, so that a torn one never stands there."""
        self._make(target.parent)
        partial = target.with_name(f".{target.name}.partial")
        if partial.exists():
            self.disk.remove(partial)
        self.disk.write(partial, chunks)
        self.disk.rename(partial, target)
        self.disk.sync_folder(target.parent)

    def _make(self, folder: Path, *, is_durable: bool = True) -> None:
        missing = [folder, *folder.parents]
        missing = missing[: next(place for place, each in enumerate(missing) if each.is_dir())]
        for each in reversed(missing):
            self.disk.make_folder(each)
            if is_durable:
                self.disk.sync_folder(each.parent)


class BucketShelf:
    """A place in a bucket of an S3-compatible store.

    Args:
        bucket: its bucket, at the place's prefix.
        mark: as ``FolderShelf``.
        root: prefix of the OCFL root, relative to the bucket's prefix.
        work: prefix of the waiting room and the quarantine.
    """

    def __init__(self, bucket: Bucket, *, mark: str = "", root: str = "store/", work: str = "work/") -> None:
        self.bucket = bucket
        self.mark = mark
        self.root = root
        self.work = work

    def prepare(self) -> None:
        """As ``Shelf.prepare``."""
        for path, octets in ({READ_ME_NAME: READ_ME.encode()} | dict(layout.root_documents())).items():
            if not self.bucket.exists(self.root + path):
                self.bucket.put(self.root + path, octets)
        if self.mark and not self.bucket.exists(self.work + MARK_NAME):
            self.bucket.put(self.work + MARK_NAME, self.mark.encode())

    def stands(self) -> bool:
        """As ``Shelf.stands``."""
        try:
            if self.mark and self.bucket.get(self.work + MARK_NAME) != self.mark.encode():
                return False
            return self.bucket.exists(self.root + layout.ROOT_DECLARATION)
        except OSError:
            return False

    def listing(self, folder: str) -> Mapping[str, int]:
        """As ``Shelf.listing``."""
        prefix = f"{self.root}{folder}/"
        return {line.key.removeprefix(prefix): line.size_bytes for line in self.bucket.list(prefix)}

    def chunks(self, path: str) -> Iterator[bytes]:
        """As ``Shelf.chunks``."""
        return self.bucket.open(self.root + path)

    def receive(self, path: str, chunks: Iterable[bytes]) -> None:
        """As ``Shelf.receive``."""
        self.bucket.put(f"{self.work}incoming/{path}", chunks)

    def waiting(self, path: str) -> Iterator[bytes]:
        """As ``Shelf.waiting``."""
        return self.bucket.open(f"{self.work}incoming/{path}")

    def admit(self, folder: str, paths: Sequence[str]) -> None:
        """As ``Shelf.admit``: each file by a copy within the bucket, then the waiting room is cleared."""
        for path in paths:
            waits = f"{self.work}incoming/{folder}/{path}"
            try:
                self.bucket.copy(waits, f"{self.root}{folder}/{path}")
            except Missing:
                continue  # an earlier try has put it in its place and cleared up
        for path in paths:
            self.bucket.remove(f"{self.work}incoming/{folder}/{path}")

    def set_aside(self, path: str, evidence: str) -> None:
        """As ``Shelf.set_aside``."""
        try:
            self.bucket.copy(self.root + path, f"{self.work}quarantine/{evidence}")
        except Missing:
            return
        self.bucket.remove(self.root + path)

    def note(self, evidence: str, octets: bytes) -> None:
        """As ``Shelf.note``."""
        self.bucket.put(f"{self.work}quarantine/{evidence}", octets)

    def evidence(self, evidence: str) -> Iterator[bytes]:
        """As ``Shelf.evidence``."""
        return self.bucket.open(f"{self.work}quarantine/{evidence}")

    def lay_proof(self, path: str, chunks: Iterable[bytes]) -> None:
        """As ``Shelf.lay_proof``."""
        self.bucket.put(f"proof/{path}", chunks)

    def proof(self, path: str) -> Iterator[bytes]:
        """As ``Shelf.proof``."""
        return self.bucket.open(f"proof/{path}")

    def drop_proof(self, path: str) -> None:
        """As ``Shelf.drop_proof``."""
        self.bucket.remove(f"proof/{path}")

    def room(self) -> Room:
        """A bucket does not say what is left; the place's stated capacity does."""
        return Room(None, None)
