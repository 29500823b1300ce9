"""Where the files of the log lie: one seam, two stores (a folder, S3), one suite of tests for both."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol


class OvertakenError(Exception):
    """Another writer has replaced the file meanwhile: what was prepared is thrown away and may be tried again."""


class LogStore(Protocol):
    """The few things a log asks of what keeps its files. Paths are relative, with slashes."""

    def lock(self) -> AbstractContextManager[None]:
        """Keep other writers of this log out, as far as the store can; `swap` is what decides."""
        ...

    def read(self, path: str) -> bytes | None:
        """A file's bytes; none if it is not there."""
        ...

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files that never change once they are pointed to; all are durable when this returns."""
        ...

    def swap(self, path: str, expected: bytes | None, fresh: bytes) -> None:
        """Replace one small file whole and durably, if it still reads as expected (none: is not there).

        Raises:
            OvertakenError: it reads otherwise by now.
        """
        ...

    def drop(self, folder: str) -> None:
        """Remove the files of a folder, if there are any; nothing waits for it to be durable."""
        ...

    def names(self, folder: str) -> Sequence[str]:
        """Names of the files in a folder, in order."""
        ...
