"""The journal on disk (业务日志副本): what a rebuild of an empty database is made from.

One line an entry, one file for every 256 of them, named as the bundles of the public log are, but private: here stand
the values and salts behind the commitments, and the rows as they were written. A line is the entry's position, a space
and canonical JSON. It is appended and synced before the follower moves on; one that was cut off by a kill, or that
would be written twice, is cut away before the next is put down. So the files are the entries 0 to n, in order.

Lawful erasure rewrites the one file that holds the value; what it committed to stays.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from anjuan.core import canonical
from anjuan.core.merkle.tile import WIDTH, entries_path

_SUFFIX = ".jsonl"


class Segments:
    """The lines in a folder.

    Args:
        folder: made on first use, readable by its user only.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[int, list[int]] = {}  # where the lines of the file written last end

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Only one process writes at a time; the lock dies with its process."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def path(self, bundle: int) -> Path:
        """Where the lines of entries ``256 * bundle`` and on stand."""
        return self.folder / (entries_path(bundle).removeprefix("tile/entries/") + _SUFFIX)

    def end(self) -> int:
        """How many entries are here whole, from the first."""
        bundle = 0
        while self.path(bundle).exists() and self.path(bundle + 1).exists():
            bundle += 1
        return bundle * WIDTH + len(self._ends(bundle))

    def entries(self, first: int = 0) -> Iterator[dict[str, Any]]:
        """The entries from a position on, in order, one in memory at a time; a line that was cut off ends them."""
        bundle, place = divmod(first, WIDTH)
        while (path := self.path(bundle)).exists():
            found = 0
            with path.open("rb") as stream:
                for line in stream:
                    if found == WIDTH or not _is_line_of(line, bundle * WIDTH + found):
                        return
                    if found >= place:
                        yield _read(line, bundle * WIDTH + found)
                    found += 1
            if found < WIDTH:
                return
            bundle, place = bundle + 1, 0

    def entry(self, position: int) -> dict[str, Any] | None:
        """The entry at a position; none if it is not here."""
        bundle, place = divmod(position, WIDTH)
        ends = self._ends(bundle)
        if place >= len(ends):
            return None
        with self.path(bundle).open("rb") as stream:
            stream.seek(ends[place - 1] if place else 0)
            return _read(stream.readline(), position)

    def append(self, first: int, entries: Sequence[dict[str, Any]]) -> None:
        """Put entries down after those before ``first``, durably.

        Raises:
            ValueError: entries before ``first`` are missing.
        Concurrency: one process at a time, as the follower's; a second one would write the same lines.
        """
        at = 0
        while at < len(entries):
            bundle, place = divmod(first + at, WIDTH)
            count = min(WIDTH - place, len(entries) - at)
            self._put(bundle, place, [_line(first + at + n, entries[at + n]) for n in range(count)])
            at += count

    def change(self, position: int, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
        """Write one entry anew, its file replaced in one step; whether it was here and is other now."""
        before = self.entry(position)
        if before is None:
            return False
        after = changed(before)
        if after == before:
            return False
        path = self.path(position // WIDTH)
        partial = path.with_name(f".{path.name}.partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as written, path.open("rb") as stream:
            for line in stream:
                written.write(_line(position, after) if _is_line_of(line, position) else line)
            written.flush()
            os.fsync(written.fileno())
        partial.replace(path)
        _sync(path.parent)
        self._known.clear()
        return True

    def _put(self, bundle: int, place: int, lines: Sequence[bytes]) -> None:
        ends = self._ends(bundle)
        if len(ends) < place or (place == 0 and bundle and len(self._ends(bundle - 1)) < WIDTH):
            raise ValueError(f"the journal on disk ends before entry {bundle * WIDTH + place}")
        path = self.path(bundle)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        start = ends[place - 1] if place else 0
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as stream:
            stream.seek(start)
            stream.truncate()
            stream.write(b"".join(lines))
            stream.flush()
            os.fsync(stream.fileno())
        if bundle not in self._known:
            # Once a file and process: a name that was not forced can vanish with all that is in it, and whoever made
            # the file may have been cut off before.
            for folder in (path.parent, *path.parent.parents):
                _sync(folder)
                if folder == self.folder.parent:
                    break
        ends = ends[:place]
        for line in lines:
            start += len(line)
            ends.append(start)
        self._known = {bundle: ends}

    def _ends(self, bundle: int) -> list[int]:
        """Where the lines of a file end that are whole and stand at their place."""
        path = self.path(bundle)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return []
        known = self._known.get(bundle)
        if known and known[-1] == size:
            return known
        ends: list[int] = []
        start = 0
        with path.open("rb") as stream:
            for line in stream:
                if len(ends) == WIDTH or not _is_line_of(line, bundle * WIDTH + len(ends)):
                    break
                start += len(line)
                ends.append(start)
        return ends


def _line(position: int, entry: dict[str, Any]) -> bytes:
    return b"%d " % position + canonical.spell(entry) + b"\n"


def _is_line_of(line: bytes, position: int) -> bool:
    return line.startswith(b"%d " % position) and line.endswith(b"\n")


def _read(line: bytes, position: int) -> dict[str, Any]:
    """A line's entry; of one that cannot be read any more, its position alone."""
    try:
        found = json.loads(line.partition(b" ")[2])
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"position": position}


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
