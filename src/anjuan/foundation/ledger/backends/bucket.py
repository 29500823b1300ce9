"""The files of the log in an S3-compatible bucket: the same paths, so that the bucket can be handed out as it is.

Nothing can be locked here. Tiles may be written by two writers at once, since both write the same bytes; which of them
has grown the log is decided by the conditional write of ``state``, and the other's tiles are pointed to by nobody.
"""

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

from anjuan.foundation.buckets.backends.s3 import Bucket, Missing, Overtaken, Taken
from anjuan.foundation.ledger.backends import OvertakenError

AT_ONCE = 8


class BucketStore:
    """Keeps the files of one log in a bucket."""

    def __init__(self, bucket: Bucket) -> None:
        """Name the bucket, or the part of one behind a prefix."""
        self._bucket = bucket

    def lock(self) -> AbstractContextManager[None]:
        """No other writer is kept out: `swap` decides."""
        return contextlib.nullcontext()

    def read(self, path: str) -> bytes | None:
        """A file's bytes; none if it is not there."""
        try:
            return self._bucket.get(path)
        except Missing:
            return None

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files; the server has them when this returns."""
        if len(files) == 1:
            for path, octets in files.items():
                self._bucket.put(path, octets)
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._bucket.put, files.keys(), files.values()))  # a fault comes out here

    def swap(self, path: str, expected: bytes | None, fresh: bytes) -> None:
        """Replace one file if nobody has done so meanwhile.

        Raises:
            OvertakenError: somebody has.
        """
        try:
            if expected is None:
                self._bucket.put_new(path, fresh)
                return
            octets, etag = self._bucket.get_with_etag(path)
            if octets != expected:
                raise OvertakenError(path)
            self._bucket.put(path, fresh, if_match=etag)
        except (Taken, Overtaken, Missing) as fault:
            raise OvertakenError(path) from fault

    def drop(self, folder: str) -> None:
        """Remove the files of a folder."""
        with contextlib.suppress(OSError):  # it is only tidied
            for name in self.names(folder):
                self._bucket.remove(f"{folder}/{name}")

    def names(self, folder: str) -> Sequence[str]:
        """Names of the files in a folder."""
        prefix = f"{folder}/"
        found = self._bucket.list(prefix, delimiter="/")
        names = (each.key.removeprefix(prefix) for each in found if not each.is_folder)
        return sorted(name for name in names if name)  # some servers list the folder itself, once it was there
