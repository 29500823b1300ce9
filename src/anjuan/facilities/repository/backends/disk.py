"""The few things done to a disk, each in one place: writing, syncing, renaming, removing, hashing.

Every step that can fail or be cut off by a power loss is a method of ``Disk``, so that tests can fail any one of them.
"""

import contextlib
import fcntl
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.hazmat.primitives import hashes

from anjuan.core.fixity import Digests
from anjuan.core.ocfl.validate import Entry, Kind

CHUNK_BYTES = 1 << 20


class _Digester(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


class _Sm3:
    """SM3 where hashlib lacks it: OpenSSL may be built without it."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def hexdigest(self) -> str:
        return self._hash.finalize().hex()


def _sm3() -> _Digester:
    try:
        return hashlib.new("sm3")
    except ValueError:
        return _Sm3()


class DigestingReader:
    """The chunks of a stream, with its three digests taken as they pass (边读边算)."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._takers: dict[str, _Digester] = {"sha512": hashlib.sha512(), "sha256": hashlib.sha256(), "sm3": _sm3()}
        self._size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            for taker in self._takers.values():
                taker.update(chunk)
            self._size_bytes += len(chunk)
            yield chunk

    def digests(self) -> Digests:
        """The digests of what has been read."""
        return Digests(**{name: taker.hexdigest() for name, taker in self._takers.items()}, size_bytes=self._size_bytes)


def chunks_of(source: Path | BinaryIO | bytes) -> Iterator[bytes]:
    """The bytes of a file, piece by piece; an open file is read from where it stands."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield from chunks_of(stream)
        return
    whole: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    while chunk := whole.read(CHUNK_BYTES):
        yield chunk


def digest_stream(source: Path | BinaryIO | bytes) -> Digests:
    """All three digests of a file in one read (一次读取计算摘要).

    Args:
        source: a path, an open binary file (read from where it stands, to its end), or bytes.

    Standard: FIPS 180-4; GB/T 32905-2016.
    """
    reader = DigestingReader(chunks_of(source))
    for _ in reader:
        pass
    return reader.digests()


class Disk:
    """Durable steps on a POSIX file system."""

    def write(self, path: Path, chunks: Iterable[bytes]) -> None:
        """A new file, synced and then read-only; refuses to replace one."""
        with path.open("xb") as stream:
            for chunk in chunks:
                self.write_chunk(stream, chunk)
            stream.flush()
            self.sync(stream.fileno())
        path.chmod(0o444)

    def write_chunk(self, stream: BinaryIO, chunk: bytes) -> None:
        """One piece of a file."""
        stream.write(chunk)

    def sync(self, descriptor: int) -> None:
        """Force a file or folder to the medium."""
        os.fsync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable: a synced file in an unsynced folder can vanish with its name."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def make_folder(self, folder: Path) -> None:
        """A folder, if it is not there."""
        folder.mkdir(exist_ok=True)

    def make_folders(self, folder: Path) -> None:
        """A folder and those above it that are missing, with their names made durable."""
        if folder.is_dir():
            return
        self.make_folders(folder.parent)
        self.make_folder(folder)
        self.sync_folder(folder.parent)

    def rename(self, source: Path, target: Path) -> None:
        """Move within the file system; a file in the target's place is replaced in one step."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """One file or one empty folder."""
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()

    def remove_tree(self, top: Path) -> None:
        """A folder and all in it, if it is there."""
        if not top.is_dir():
            return
        for entry in sorted(top.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                self.remove_tree(entry)
            else:
                self.remove(entry)
        self.remove(top)


class FolderTree:
    """A folder as the independent verifier reads it."""

    def __init__(self, top: Path, chunked: Callable[[Path], Iterator[bytes]] = chunks_of) -> None:
        self._top = top
        self._chunked = chunked

    def entries(self, folder: str) -> Iterator[Entry]:
        """What stands in a folder; links are not followed."""
        with os.scandir(self._top / folder) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    yield Entry(entry.name, Kind.FOLDER)
                elif entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_nlink == 1:
                    yield Entry(entry.name, Kind.FILE)
                else:
                    yield Entry(entry.name, Kind.OTHER)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file."""
        return self._chunked(self._top / path)


@contextlib.contextmanager
def locked(folder: Path, name: str, *, wait: bool = True) -> Iterator[None]:
    """Hold one lock a 256th of all names; the kernel releases it when its holder dies.

    Raises:
        BlockingIOError: somebody holds it, and ``wait`` is false.
    """
    path = folder / hashlib.sha256(name.encode()).hexdigest()[:2]
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
