"""The store in a bucket (对象存储库): OCFL objects where there is no rename and no folder.

How a version is written, and why a cut at any call is safe

A bucket puts one object at a time; several are never put together. So one put decides: that of the **root inventory**,
on the condition that it is still the one that the writer has read (or that there is none). Before it the version does
not exist, whatever lies beside; after it the version is whole. The order, for version N:

1. A marker ``staging/unrecorded/<digest of the URN>.<N>`` names what is about to be written.
2. The contents, each under its final name ``vN/content/…`` (there is nothing to move it with later), each only if
   there is none, with its SHA-256, which the server checks and keeps; one that does not is read back.
3. ``vN/inventory.json`` and its digest file: the version's own copies. For version 1 the object's declaration.
4. **The commit**: ``inventory.json`` of the object, if absent (version 1) or if unchanged since it was read.
5. ``inventory.json.sha512``. Until it is there the pair does not agree; the copy of step 3 does, and is believed.

The marker stays until the rows are committed, as on a disk: what has one is looked at by ``recover``; no walk over the
store is needed. Recovery judges by what it finds:

- the root inventory knows version N: written; a digest file that is behind is put (**completed**);
- it does not, and the copies of step 3 stand: all that comes before them was answered for, so only the commit is
  missing, and perhaps still on its way. It is put (**completed**): a late commit then writes the same bytes. Rolling
  back here would race with it.
- else the contents are erased, the copies first (**rolled back**).

A *lost answer* is a call that took effect and was reported as failed. Step 4 is read again: what stands is the same
bytes, or somebody else's. Every other step is settled as above.

*Leaving.* The root inventory is erased first, then everything else; the marker ``staging/doomed/<digest>`` last.
Tombstones lie in ``extensions/anjuan-tombstones/`` of the store, as on a disk. Beside, an empty marker of version 1
stays for ever: it is in the way of whoever would write the first version again, so that no deposit need ask first.

*Locks.* Where the bucket has object lock, every file of a sealed object is locked in governance mode; the store never
bypasses it. A replaced root inventory stays as an older version of its key.

*Concurrency*: writers on one machine wait for one another at a lock file, as on a disk. One installation writes to a
store; a second one is noticed at step 4 and refused, though it may erase what the first has not committed (ADR 0011).
"""

import contextlib
import datetime as dt
import errno
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.inventory import INVENTORY_NAME, SIDECAR_NAME, Inventory
from anjuan.core.ocfl.validate import Entry, Kind
from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.backends.disk import digest_stream, locked
from anjuan.facilities.repository.backends.read_me import READ_ME, READ_ME_NAME
from anjuan.facilities.repository.backends.store import TOMBSTONES, Doomed, Plan, Settled, parsed
from anjuan.facilities.repository.rules import Inline, Source
from anjuan.foundation.buckets.backends.s3 import Bucket, BucketFault, Missing, Overtaken, Taken

IN_MEMORY_BYTES = 8 << 20
_made: set[str] = set()  # stores that this process has seen declared
_making = threading.Lock()


class BucketTree:
    """A store in a bucket as the independent verifier reads it.

    Folders are what keys have in common. Some servers go on listing a folder that has lost its last key: only keys
    count here. One part of the store is listed at a time, flat, and kept while the walk is in it.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._part: str | None = None
        self._folders: dict[str, dict[str, Kind]] = {}

    def entries(self, folder: str) -> Iterator[Entry]:
        """What stands in a folder."""
        if not folder:
            for line in self._bucket.list(delimiter="/"):
                if not line.is_folder:
                    yield Entry(line.key, Kind.FILE)
                elif next(self._bucket.list(line.key), None) is not None:
                    yield Entry(line.key.rstrip("/"), Kind.FOLDER)
            return
        if self._part is None or not f"{folder}/".startswith(self._part):
            elements = folder.split("/")
            depth = layout.TUPLES + 1
            self._take("/".join(elements[:depth] if len(elements) >= depth else elements[:1]) + "/")
        for name, kind in self._folders.get(folder, {}).items():
            yield Entry(name, kind)

    def _take(self, part: str) -> None:
        self._part, self._folders = part, {}
        for line in self._bucket.list(part):
            path, kind = line.key, Kind.FILE
            while "/" in path and not path.endswith("/"):
                path, _, name = path.rpartition("/")
                self._folders.setdefault(path, {})[name] = kind
                kind = Kind.FOLDER

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file."""
        return self._bucket.open(path)


class BucketStore:
    """An OCFL storage root in a bucket.

    Args:
        bucket: holds ``store/``, the root, and ``staging/``, the markers.
        locks: a folder of this machine.
    """

    def __init__(self, bucket: Bucket, locks: Path) -> None:
        self.bucket = bucket
        self.root = bucket.under("store")
        self.locks = locks

    # --- reading ---

    def tree(self) -> BucketTree:
        """The store as the independent verifier reads it."""
        return BucketTree(self.root)

    def exists(self) -> bool:
        """Whether anything has ever been stored."""
        return self.root.exists(layout.ROOT_DECLARATION)

    def free_bytes(self) -> int | None:
        """A bucket does not tell."""
        return None

    def holds(self, urn: str) -> bool:
        """Whether the object is in the store: it is once its inventory is there."""
        return self.root.exists(_at(urn, INVENTORY_NAME))

    def inventory(self, urn: str) -> Inventory:
        """The inventory of an object, proven by its digest file (读取对象清单).

        Concurrency: a pair that does not agree is read again, since a writer may stand between its two puts.
        """
        text, _ = self._root_inventory(layout.object_path(urn))
        if text is None:
            raise Refusal("B-005", urn=urn)
        return parsed(urn, self._proven(layout.object_path(urn), text))

    def open(self, urn: str, path: str) -> BinaryIO:
        """A file of an object by its path in it, brought here whole."""
        arriving = self.root.open(_at(urn, path))
        with contextlib.ExitStack() as closing:
            spool = closing.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))
            for chunk in arriving:
                spool.write(chunk)
            spool.seek(0)
            closing.pop_all()
            return cast(BinaryIO, spool)

    def size_bytes(self, urn: str, path: str) -> int:
        """Length of a file of an object."""
        return self.root.stat(_at(urn, path)).size_bytes

    def _root_inventory(self, base: str) -> tuple[bytes | None, str]:
        """The root inventory as it stands, and its etag; nothing where there is none."""
        try:
            return self.root.get_with_etag(f"{base}/{INVENTORY_NAME}")
        except Missing:
            return None, ""

    def _get(self, key: str) -> bytes | None:
        try:
            return self.root.get(key)
        except Missing:
            return None

    def _proven(self, base: str, text: bytes) -> bytes | None:
        """An inventory that agrees with the digest file beside it, or with that of its own version."""
        stated = inventories.sidecar(text)
        if self._get(f"{base}/{SIDECAR_NAME}") == stated:
            return text
        try:
            head = inventories.parse(text).head
        except inventories.MalformedInventory:
            return None
        return text if self._get(f"{base}/v{head}/{SIDECAR_NAME}") == stated else None

    # --- writing ---

    def write(self, urn: str, *, files: Sequence[Source | Inline], plan: Plan) -> tuple[Inventory, dict[str, Digests]]:
        """Write the version that ``plan`` draws up (写入版本)."""
        digests = self._look_at(files)
        base, digest = layout.object_path(urn), _digest(urn)
        number = 0
        with self._lock(digest):
            try:
                self.make_root()
                text, etag = self._root_inventory(base)
                if text is not None and self.tombstone(urn) is not None:
                    raise Refusal("B-010", urn=urn)
                before = None if text is None else parsed(urn, self._proven(base, text))
                after = plan(before, digests)
                if after is None:
                    if before is None:
                        raise ValueError("a plan for a new object draws up an inventory")
                    return before, digests
                self._mark(digest, after.head, urn)
                number = after.head
                self._put_contents(base, after, files, digests)
                self._put_documents(base, after)
                self._commit(base, after, etag)
            except (OSError, Refusal) as error:
                if number:
                    with contextlib.suppress(OSError):
                        self._settle(digest, number)
                if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                    raise Refusal("B-001", needed_bytes=_needed_bytes(digests), free_bytes=0) from error
                raise
        return after, digests

    @staticmethod
    def _look_at(files: Sequence[Source | Inline]) -> dict[str, Digests]:
        """The digests of what comes in: those that the caller knows already, or taken now."""
        found: dict[str, Digests] = {}
        for file in files:
            if file.logical_name in found:
                raise Refusal("B-009", reason=f"{file.logical_name} × 2")
            if isinstance(file, Inline):
                found[file.logical_name] = digest_stream(file.octets)
            else:
                found[file.logical_name] = file.digests or digest_stream(Path(file.path))
        return found

    def make_root(self) -> None:
        """Make the store, if it is not made: its layout, the words to whoever opens it, its declaration last."""
        with _making:
            name = str(self.root.address)
            if name in _made:
                return
            if not self.exists():
                for path, octets in ({READ_ME_NAME: READ_ME.encode()} | dict(layout.root_documents())).items():
                    with contextlib.suppress(Taken):
                        self.root.put_new(path, octets)
            _made.add(name)

    def _mark(self, digest: str, number: int, urn: str) -> None:
        key = _marker(digest, number)
        try:
            self.bucket.put_new(key, urn.encode())
        except Taken as error:
            if self.bucket.stat(key).size_bytes == 0:
                raise Refusal("B-010", urn=urn) from error
            self._settle(digest, number)
            self.bucket.put(key, urn.encode())  # that of an earlier write of this version, which was cut off

    def _put_contents(
        self, base: str, after: Inventory, files: Sequence[Source | Inline], digests: Mapping[str, Digests]
    ) -> None:
        """Every content under its final name; the server proves that what it keeps has the digest of what came in."""
        by_sha512 = {digests[file.logical_name].sha512: file for file in reversed(files)}
        for content in after.added():
            file = by_sha512[content.sha512]
            body = file.octets if isinstance(file, Inline) else Path(file.path)
            try:
                self._put_own(f"{base}/{content.path}", body, content.fixity["sha256"])
            except BucketFault as fault:
                if fault.code in ("BadDigest", "XAmzContentChecksumMismatch", "InvalidDigest"):
                    raise Refusal("B-004", name=file.logical_name) from fault
                raise

    def _put_own(self, key: str, body: bytes | Path, sha256: str = "") -> None:
        """Put what no inventory knows yet; what an earlier attempt has left there late is replaced."""
        try:
            self.root.put_new(key, body, sha256=sha256)
        except Taken:
            self.root.erase(key)
            self.root.put_new(key, body, sha256=sha256)

    def _put_documents(self, base: str, after: Inventory) -> None:
        text = inventories.serialise(after)
        if after.head == 1:
            self._put_own(f"{base}/{layout.OBJECT_DECLARATION}", layout.OBJECT_DECLARATION_BYTES)
        self._put_own(f"{base}/v{after.head}/{INVENTORY_NAME}", text)
        self._put_own(f"{base}/v{after.head}/{SIDECAR_NAME}", inventories.sidecar(text))

    def _commit(self, base: str, after: Inventory, etag: str) -> None:
        """The one put that makes the version part of the store, then the digest file."""
        text, key = inventories.serialise(after), f"{base}/{INVENTORY_NAME}"
        try:
            if etag:
                self.root.put(key, text, if_match=etag)
            else:
                self.root.put_new(key, text)
        except (Taken, Overtaken) as error:
            stands = self._get(key)
            if stands != text:
                head = 0 if stands is None else inventories.parse(stands).head
                raise Refusal("B-003", urn=after.urn, head=head, expected=after.head - 1) from error
        self.root.put(f"{base}/{SIDECAR_NAME}", inventories.sidecar(text))

    # --- after a cut ---

    def recover(self) -> tuple[dict[str, Settled], list[str]]:
        """Finish or roll back every write and removal that was cut off (崩溃恢复)."""
        settled: dict[str, Settled] = {}
        marked: set[str] = set()
        for line in list(self.bucket.list("staging/unrecorded/")):
            if not line.size_bytes:
                continue  # the barrier of a destroyed object
            digest, _, number = line.key.rpartition("/")[2].partition(".")
            with contextlib.suppress(BlockingIOError), self._lock(digest, wait=False):
                outcome = self._settle(digest, int(number))
                if outcome != Settled():
                    settled[digest] = outcome
                if not outcome.is_rolled_back:
                    marked.add(digest)
        for doomed in self.doomed():  # those without a tombstone wait for whoever knows the rows
            if doomed.tombstone is not None and self.tombstone(doomed.urn) is not None:
                self.destroy(doomed)
                settled[_digest(doomed.urn)] = Settled(is_completed=True)
                marked.discard(_digest(doomed.urn))
        return settled, sorted(marked)

    def _settle(self, digest: str, number: int) -> Settled:
        """Finish or roll back what a write of this version left; the caller holds the lock."""
        base = _place(digest)
        text, etag = self._root_inventory(base)
        try:
            head = 0 if text is None else inventories.parse(text).head
        except inventories.MalformedInventory:  # damage that no cut of ours explains: keep everything
            return Settled()
        if text is not None and head >= number:
            return Settled(is_completed=self._complete(base, text, head))
        ready = self._ready(base, head, number)
        if ready is not None:
            self._commit(base, ready, etag)
            return Settled(is_completed=True)
        self._roll_back(base, number)
        self.bucket.erase(_marker(digest, number))
        return Settled(is_rolled_back=True)

    def _complete(self, base: str, text: bytes, head: int) -> bool:
        """Put the digest file that the commit was cut off from."""
        stated = inventories.sidecar(text)
        if self._get(f"{base}/{SIDECAR_NAME}") == stated or self._get(f"{base}/v{head}/{SIDECAR_NAME}") != stated:
            return False
        self.root.put(f"{base}/{SIDECAR_NAME}", stated)
        return True

    def _ready(self, base: str, head: int, number: int) -> Inventory | None:
        """The version that only wants its commit: its copies stand, and so all that was put before them."""
        text = self._get(f"{base}/v{number}/{INVENTORY_NAME}")
        if text is None or self._get(f"{base}/v{number}/{SIDECAR_NAME}") != inventories.sidecar(text):
            return None
        try:
            found = inventories.parse(text)
        except inventories.MalformedInventory:
            return None
        there = {line.key for line in self.root.list(f"{base}/v{number}/")}
        is_whole = all(f"{base}/{content.path}" in there for content in found.added())
        return found if is_whole and found.head == number == head + 1 else None

    def _roll_back(self, base: str, number: int) -> None:
        """Erase what no inventory knows, the version's own digest file first: without it nothing is taken for ready."""
        folder = f"{base}/v{number}/"
        self.root.erase(f"{folder}{SIDECAR_NAME}")
        for line in list(self.root.list(folder if number > 1 else f"{base}/")):
            self.root.erase(line.key)

    def urn_at(self, digest: str) -> str | None:
        """The identifier of the object whose URN has this digest, if the store holds it undamaged."""
        text, _ = self._root_inventory(_place(digest))
        proven = None if text is None else self._proven(_place(digest), text)
        return None if proven is None else inventories.parse(proven).urn

    def recorded(self, urn: str, version: int) -> None:
        """The rows know this version: take away the markers up to it."""
        for number in range(1, version + 1):
            self.bucket.erase(_marker(_digest(urn), number))

    # --- leaving the store ---

    def doom(self, doomed: Doomed) -> None:
        """Say, durably, that an object is about to leave the store."""
        self.bucket.put(_leaving(doomed.urn), doomed.to_bytes())

    def spare(self, urn: str) -> None:
        """Take that back."""
        self.bucket.erase(_leaving(urn))

    def doomed(self) -> list[Doomed]:
        """The objects that are about to leave."""
        lines = list(self.bucket.list("staging/doomed/"))
        return [found for line in lines if (found := Doomed.from_bytes(self.bucket.get(line.key))) is not None]

    def purge(self, doomed: Doomed) -> None:
        """Remove a capture wholly (清除)."""
        with self._lock(_digest(doomed.urn)):
            self._refuse_locked(doomed.urn)
            self._remove(doomed)

    def destroy(self, doomed: Doomed) -> None:
        """Destroy an object (销毁): its tombstone first, then all its versions."""
        if doomed.tombstone is None:
            raise ValueError("a destruction leaves a tombstone")
        with self._lock(_digest(doomed.urn)):
            if self.tombstone(doomed.urn) is None:
                self._refuse_locked(doomed.urn)
                self.doom(doomed)
                with contextlib.suppress(Taken):
                    self.root.put_new(_stone(doomed.urn), doomed.tombstone)
            self.bucket.put(_marker(_digest(doomed.urn), 1), b"")
            self._remove(doomed)

    def tombstone(self, urn: str) -> bytes | None:
        """What stays of a destroyed object."""
        return self._get(_stone(urn))

    def _refuse_locked(self, urn: str) -> None:
        """The bucket's own locks are asked before anything is touched."""
        if not self.bucket.has_lock():
            return
        now = dt.datetime.now(dt.UTC)
        for line in self.root.list(f"{layout.object_path(urn)}/"):
            known = self.root.stat(line.key)
            if known.is_held:
                raise Refusal("B-011", urn=urn, reason="legal hold 法律保留")
            if known.retain_until is not None and known.retain_until > now:
                raise Refusal("B-011", urn=urn, reason=f"object lock 对象锁定 → {known.retain_until:%Y-%m-%d}")

    def _remove(self, doomed: Doomed) -> None:
        base = layout.object_path(doomed.urn)
        text, _ = self._root_inventory(base)
        has_gone_on = text is not None and inventories.parse(text).head > doomed.version
        if doomed.tombstone is not None or not has_gone_on:
            self.root.erase(f"{base}/{INVENTORY_NAME}")  # from here on the object is not there
            for line in list(self.root.list(f"{base}/")):
                self.root.erase(line.key)
            for line in list(self.bucket.list(f"staging/unrecorded/{_digest(doomed.urn)}.")):
                if line.size_bytes:
                    self.bucket.erase(line.key)
        self.spare(doomed.urn)

    # --- locks of the bucket ---

    def can_lock(self) -> bool:
        """Whether the bucket has object lock."""
        return self.bucket.has_lock()

    def lock_until(self, urn: str, until: dt.datetime) -> bool:
        """Lock every file of an object in governance mode until a time, where the bucket has locks; never shortened."""
        if not self.bucket.has_lock():
            return False
        for line in list(self.root.list(f"{layout.object_path(urn)}/")):
            known = self.root.stat(line.key).retain_until
            if known is None or known < until:
                self.root.retain_until(line.key, until)
        return True

    def hold(self, urn: str, *, is_on: bool) -> bool:
        """Lay a legal hold on every file of an object or lift it, where the bucket has locks."""
        if not self.bucket.has_lock():
            return False
        for line in list(self.root.list(f"{layout.object_path(urn)}/")):
            self.root.hold(line.key, is_on=is_on)
        return True

    def _lock(self, digest: str, *, wait: bool = True) -> contextlib.AbstractContextManager[None]:
        return locked(self.locks, digest, wait=wait)


def _digest(urn: str) -> str:
    return layout.object_path(urn).rpartition("/")[2]


def _place(digest: str) -> str:
    size = layout.TUPLE_SIZE
    return "/".join([*(digest[at * size : (at + 1) * size] for at in range(layout.TUPLES)), digest])


def _at(urn: str, path: str) -> str:
    return f"{layout.object_path(urn)}/{path}"


def _marker(digest: str, number: int) -> str:
    return f"staging/unrecorded/{digest}.{number}"


def _leaving(urn: str) -> str:
    return f"staging/doomed/{_digest(urn)}"


def _stone(urn: str) -> str:
    return f"{TOMBSTONES}/{_digest(urn)}.json"


def _needed_bytes(digests: Mapping[str, Digests]) -> int:
    return sum(taken.size_bytes for taken in digests.values())
