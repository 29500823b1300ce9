"""The files of the log in a folder: C2SP tlog-tiles, as any static web server could serve them.

Files are written aside, forced to the medium together, renamed into place, and then every folder up to the home is
forced once: a file whose name, or whose folder's name, was not forced can vanish with it. Only then does the caller
swap ``state``. So many files cost few waits, and what a power cut leaves is the old log or the new one.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from anjuan.foundation.ledger.backends import OvertakenError

STAGING = ".staging"


class Steps:
    """Each thing done to the disk, in one place, so that tests can fail any one of them."""

    def make_folder(self, folder: Path) -> None:
        """One new folder; its parent is there."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir()

    def write(self, path: Path, octets: bytes) -> None:
        """A file's bytes, not forced yet."""
        path.write_bytes(octets)

    def sync(self, path: Path) -> None:
        """Force a file, or the names in a folder, to the medium."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in its place in one step."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """One file, or one empty folder."""
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


class FolderStore:
    """Keeps the files of one log in a folder."""

    def __init__(self, folder: Path, steps: Steps | None = None) -> None:
        """Name the folder; it is made at the first write."""
        self.folder = folder
        self._steps = steps or Steps()

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Only one process grows the log at a time; the lock dies with its process."""
        self._make(self.folder)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def read(self, path: str) -> bytes | None:
        """A file's bytes; none if it is not there."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files durably; the caller holds the lock."""
        staging = self.folder / STAGING
        self._make(staging)
        self._sweep(staging)  # what an earlier writer left when it was cut off
        drafts = {path: staging / str(number) for number, path in enumerate(files)}
        try:
            for path, draft in drafts.items():
                self._steps.write(draft, files[path])
            for draft in drafts.values():  # the first wait carries most of what was written
                self._steps.sync(draft)
            folders: set[Path] = set()
            for path, draft in drafts.items():
                target = self.folder / path
                self._make(target.parent)
                self._steps.rename(draft, target)
                folders.update((target.parent, *target.parent.parents))
        except OSError:  # a full disk, say: its room is given back, and the log is as it was
            with contextlib.suppress(OSError):
                self._sweep(staging)
            raise
        for folder in self._in_order(folders):
            # Whoever may not read the folder above the home did not make the home in it either.
            with contextlib.suppress(*(() if folder.is_relative_to(self.folder) else (PermissionError,))):
                self._steps.sync(folder)

    def swap(self, path: str, expected: bytes | None, fresh: bytes) -> None:
        """Replace one file; the caller holds the lock.

        Raises:
            OvertakenError: it reads otherwise by now.
        """
        if self.read(path) != expected:
            raise OvertakenError(path)
        self.put({path: fresh})

    def drop(self, folder: str) -> None:
        """Remove a folder of files."""
        place = self.folder / folder
        if place.is_dir():
            with contextlib.suppress(OSError):  # it is only tidied
                self._sweep(place)
                self._steps.remove(place)

    def names(self, folder: str) -> Sequence[str]:
        """Names of the files in a folder."""
        place = self.folder / folder
        return sorted(entry.name for entry in place.iterdir() if entry.is_file()) if place.is_dir() else []

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            self._steps.make_folder(folder)

    def _sweep(self, folder: Path) -> None:
        for entry in sorted(folder.iterdir()):
            self._steps.remove(entry)

    def _in_order(self, folders: set[Path]) -> list[Path]:
        """Folders from the deepest up to the one the log's folder stands in.

        Those that no file came into are forced too: an earlier writer may have made one and been cut off before.
        """
        above = self.folder.parents[:2]  # the home may be as new as the log
        return sorted(
            (folder for folder in folders if folder.is_relative_to(self.folder) or folder in above),
            key=lambda folder: (-len(folder.parts), folder),
        )
