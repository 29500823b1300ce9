"""A bucket of an S3-compatible store (对象存储), as few calls as the archive needs, each in one place.

Every call passes through ``Bucket.call``, so that tests can fail any one of them before or after it took effect.

*Conditions.* ``put_new`` and ``put(if_match=…)`` are decided by the server in one step; they are the only atomic steps
a bucket has. They are never sent twice: a lost answer must not be mistaken for somebody else's write. Other calls can
be repeated and are, a few times, when the network or the server fails.

*Faults* are ``OSError``: ``Missing`` (ENOENT), ``Taken`` (EEXIST), ``Overtaken`` (ESTALE), ``EACCES`` denied or no
credentials, ``ENOSPC`` full, ``EIO`` everything else. ``code`` holds the server's own word.

*Credentials* come from the usual places (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the AWS files), never from
the address.
"""

import base64
import contextlib
import copy
import datetime as dt
import errno
import functools
import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from anjuan.foundation.buckets.rules import Address, Listed, Stat, Version, parse_address

CHUNK_BYTES = 1 << 20
ATTEMPTS = 3
PAUSE_SECONDS = 0.1
IN_MEMORY_BYTES = 8 << 20  # chunks without a known length are collected here, beyond it in a temporary file
CONNECTIONS = 32

FULL = ("InsufficientStorage", "QuotaExceeded", "QuotaExceededException", "XMinioStorageFull")
DENIED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed", "Forbidden")
MISSING = ("NoSuchKey", "NoSuchVersion", "404", "NotFound")
UNLOCKED = ("InvalidRequest", "ObjectLockConfigurationNotFoundError", "NotImplemented", "NoSuchObjectLockConfiguration")
NEVER_TWICE = ("IfMatch", "IfNoneMatch")

Body = bytes | Path | BinaryIO | Iterable[bytes]


class BucketFault(OSError):
    """A call that a bucket has not done (对象存储故障); whether it took effect may be unknown."""

    def __init__(self, number: int, key: str, code: str) -> None:
        super().__init__(number, f"{code}: {os.strerror(number)}", key)
        self.code = code


class Missing(BucketFault, FileNotFoundError):
    """There is no such object."""


class Taken(BucketFault, FileExistsError):
    """There is such an object already: ``put_new`` never replaces one."""


class Overtaken(BucketFault):
    """The object is no longer the one that the caller has read."""


class NoLock(BucketFault):
    """The bucket has no object lock."""


@functools.lru_cache(maxsize=16)
def _client(endpoint: str, region: str, key_id: str, process_id: int) -> Any:
    """One client for all threads of a process; keyed by process, since connections do not outlive a fork."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        config=Config(
            s3={"addressing_style": "path" if endpoint else "auto"},
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=CONNECTIONS,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


_making = threading.Lock()


def client_of(address: Address) -> Any:
    """The client for an address: the first thread makes it, the others share it."""
    with _making:
        return _client(address.endpoint, address.region, os.environ.get("AWS_ACCESS_KEY_ID", ""), os.getpid())


def _fault(error: Exception, key: str) -> BucketFault:
    """What the server or the client said, as a fault of ours; told by codes, never by sentences."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return BucketFault(errno.EACCES, key, type(error).__name__)
    if not isinstance(error, ClientError):
        return BucketFault(errno.EIO, key, type(error).__name__)
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in MISSING:
        return Missing(errno.ENOENT, key, code)
    if code in FULL or status == 507:
        return BucketFault(errno.ENOSPC, key, code)
    if code in DENIED or status in (401, 403):
        return BucketFault(errno.EACCES, key, code)
    return BucketFault(errno.EIO, key, code or str(status))


def _may_pass(error: Exception) -> bool:
    """Whether the same call may succeed when it is simply repeated."""
    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) in (429, 500, 502, 503, 504)
    return not isinstance(error, NoCredentialsError | PartialCredentialsError)


class Bucket:
    """A bucket, or the part of one behind a prefix; all keys are relative to it.

    Args:
        address: where it is.
    """

    def __init__(self, address: Address | str) -> None:
        self.address = parse_address(address) if isinstance(address, str) else address
        self._lock: bool | None = None
        self._versions: bool | None = None

    def under(self, folder: str) -> Self:
        """The same bucket, deeper."""
        deeper = copy.copy(self)
        deeper.address = self.address.under(folder)
        return deeper

    def call(self, verb: str, **asked: Any) -> dict[str, Any]:
        """One request to the server: every step of a bucket is one of these."""
        answer: dict[str, Any] = getattr(client_of(self.address), verb)(Bucket=self.address.bucket, **asked)
        return answer

    def _ask(self, verb: str, key: str, **asked: Any) -> dict[str, Any]:
        """A request, repeated while that is harmless and may help."""
        attempts = 1 if any(condition in asked for condition in NEVER_TWICE) else ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                return self.call(verb, **asked)
            except (ClientError, BotoCoreError) as error:
                if attempt == attempts or not _may_pass(error):
                    raise
                body = asked.get("Body")
                if body is not None and hasattr(body, "seek"):
                    body.seek(0)
                time.sleep(PAUSE_SECONDS * attempt)
        raise AssertionError("unreachable")

    def _do(self, verb: str, key: str, **asked: Any) -> dict[str, Any]:
        try:
            return self._ask(verb, key, **asked)
        except (ClientError, BotoCoreError) as error:
            raise _fault(error, key) from error

    def _key(self, key: str) -> str:
        return self.address.prefix + key

    # --- writing ---

    def put_new(self, key: str, body: Body, *, sha256: str = "") -> str:
        """Put an object where there is none (新建), in one step that the server decides.

        Args:
            key: where.
            body: its bytes, a file, an open file (from its beginning) or chunks.
            sha256: what its digest must be, lower-case hex; the server refuses other bytes. Taken
                from ``body`` if empty and in memory.

        Returns:
            Its etag.

        Raises:
            Taken: there is one already; after a lost answer it may be one's own.
        """
        try:
            return self._put(key, body, sha256, IfNoneMatch="*")
        except ClientError as error:
            if _status(error) in (409, 412):  # 409: another conditional write was under way
                raise Taken(errno.EEXIST, key, "PreconditionFailed") from error
            raise _fault(error, key) from error

    def put(self, key: str, body: Body, *, if_match: str | None = None, sha256: str = "") -> str:
        """Put an object, replacing what is there (写入).

        Args:
            key: where.
            body: as ``put_new``.
            if_match: the etag that the present one must have.
            sha256: as ``put_new``.

        Returns:
            Its etag.

        Raises:
            Overtaken: the present one has another etag, or there is none.
        """
        try:
            return self._put(key, body, sha256, **({} if if_match is None else {"IfMatch": if_match}))
        except ClientError as error:
            if if_match is not None and _status(error) in (404, 409, 412):
                raise Overtaken(errno.ESTALE, key, "PreconditionFailed") from error
            raise _fault(error, key) from error

    def _put(self, key: str, body: Body, sha256: str, **conditions: str) -> str:
        with contextlib.ExitStack() as closing:
            content: Any
            if isinstance(body, Path) and body.stat().st_size <= IN_MEMORY_BYTES:
                body = body.read_bytes()  # an open file would cost a question to the server before each put
            if isinstance(body, bytes):
                content, sha256 = body, sha256 or hashlib.sha256(body).hexdigest()
            elif isinstance(body, Path):
                content = closing.enter_context(body.open("rb"))
            elif hasattr(body, "read"):
                content = body
            else:
                content = closing.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))
                for chunk in body:
                    content.write(chunk)
                content.seek(0)
            if sha256:
                conditions["ChecksumSHA256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
            try:
                answer = self._ask("put_object", key, Key=self._key(key), Body=content, **conditions)
            except BotoCoreError as error:
                raise _fault(error, key) from error
            if sha256 and answer.get("ChecksumSHA256") != conditions["ChecksumSHA256"]:
                self._read_back(key, sha256)  # a server that does not say what it keeps is not believed
        return str(answer["ETag"])

    def _read_back(self, key: str, sha256: str) -> None:
        taking = hashlib.sha256()
        for chunk in self.open(key):
            taking.update(chunk)
        if taking.hexdigest() != sha256:
            raise BucketFault(errno.EIO, key, "BadDigest")

    def copy(self, source: str, target: str) -> str:
        """Copy an object within the bucket (复制), replacing what is there; the bytes do not travel.

        Returns:
            The etag of the copy.
        """
        origin = {"Bucket": self.address.bucket, "Key": self._key(source)}
        answer = self._do("copy_object", source, Key=self._key(target), CopySource=origin)
        return str(answer["CopyObjectResult"]["ETag"])

    def remove(self, key: str) -> None:
        """Take an object away (移除); one that is not there is no fault. A bucket with versions keeps its bytes."""
        with contextlib.suppress(Missing):
            self._do("delete_object", key, Key=self._key(key))

    def erase(self, key: str, *, bypass: bool = False) -> None:
        """Take away every version of an object, its bytes too (彻底删除); one that is not there is no fault.

        Args:
            key: which.
            bypass: also where it is locked in governance mode; a legal hold stands all the same.

        Raises:
            BucketFault: EACCES where a lock or a hold stands.
        """
        if not self.is_versioned():
            self.remove(key)
            return
        for version in reversed(list(self.versions(key))):  # oldest first: else a cut would bring an older one back
            if version.key == key:
                self._erase_version(version, bypass=bypass)

    def _erase_version(self, version: Version, *, bypass: bool) -> None:
        asked = {"BypassGovernanceRetention": True} if bypass else {}
        with contextlib.suppress(Missing):
            self._do("delete_object", version.key, Key=self._key(version.key), VersionId=version.version_id, **asked)

    # --- reading ---

    def stat(self, key: str) -> Stat:
        """What is known of an object.

        Raises:
            Missing: there is none.
        """
        answer = self._do("head_object", key, Key=self._key(key), ChecksumMode="ENABLED")
        stated = str(answer.get("ChecksumSHA256", ""))
        return Stat(
            size_bytes=int(answer["ContentLength"]),
            etag=str(answer["ETag"]),
            sha256=base64.b64decode(stated).hex() if stated and "-" not in stated else "",
            version_id=str(answer.get("VersionId", "")),
            retain_until=answer.get("ObjectLockRetainUntilDate"),
            is_held=answer.get("ObjectLockLegalHoldStatus") == "ON",
        )

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            self.stat(key)
        except Missing:
            return False
        return True

    def get(self, key: str) -> bytes:
        """An object whole.

        Raises:
            Missing: there is none.
        """
        return self.get_with_etag(key)[0]

    def get_with_etag(self, key: str) -> tuple[bytes, str]:
        """An object whole, and the etag that a conditional write after this reading must give.

        Raises:
            Missing: there is none.
        """
        answer = self._do("get_object", key, Key=self._key(key))
        with contextlib.closing(answer["Body"]) as body:
            try:
                return body.read(), str(answer["ETag"])
            except (BotoCoreError, OSError) as error:
                raise _fault(error, key) from error

    def open(self, key: str) -> Iterator[bytes]:
        """The bytes of an object, piece by piece; asked for at once, so that a missing one is known before reading.

        Raises:
            Missing: there is none.
        """
        return self._chunks(key, self._do("get_object", key, Key=self._key(key))["Body"])

    @staticmethod
    def _chunks(key: str, body: Any) -> Iterator[bytes]:
        with contextlib.closing(body):
            try:
                while chunk := body.read(CHUNK_BYTES):
                    yield chunk
            except BotoCoreError as error:
                raise _fault(error, key) from error

    def list(self, prefix: str = "", *, delimiter: str = "", after: str = "") -> Iterator[Listed]:
        """The objects whose keys begin so, in order of their keys, page by page (列出).

        Args:
            prefix: what the keys begin with.
            delimiter: ``/`` to see one folder only; what lies deeper is told as folders.
            after: begin behind this key.
        """
        asked: dict[str, Any] = {"Prefix": self._key(prefix)}
        if delimiter:
            asked["Delimiter"] = delimiter
        if after:
            asked["StartAfter"] = self._key(after)
        cut = len(self.address.prefix)
        while True:
            page = self._do("list_objects_v2", prefix, **asked)
            lines = [Listed(each["Key"][cut:], int(each["Size"]), each["ETag"]) for each in page.get("Contents", ())]
            lines += [Listed(each["Prefix"][cut:], is_folder=True) for each in page.get("CommonPrefixes", ())]
            yield from sorted(lines, key=lambda line: line.key.encode())
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def versions(self, prefix: str = "") -> Iterator[Version]:
        """All versions and marks of deletion of the objects whose keys begin so (历史版本), page by page."""
        asked: dict[str, Any] = {"Prefix": self._key(prefix)}
        cut = len(self.address.prefix)
        while True:
            page = self._do("list_object_versions", prefix, **asked)
            for kind, is_deletion in (("Versions", False), ("DeleteMarkers", True)):
                for each in page.get(kind, ()):
                    yield Version(each["Key"][cut:], each["VersionId"], bool(each["IsLatest"]), is_deletion)
            if not page.get("IsTruncated"):
                return
            asked |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    # --- locks ---

    def is_versioned(self) -> bool:
        """Whether the bucket keeps what is replaced or removed; asked once."""
        if self._versions is None:
            self._versions = self._do("get_bucket_versioning", "").get("Status") in ("Enabled", "Suspended")
        return self._versions

    def has_lock(self) -> bool:
        """Whether objects of the bucket can be locked (对象锁定); asked once."""
        if self._lock is None:
            try:
                answer = self._do("get_object_lock_configuration", "")
                self._lock = answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"
            except BucketFault as fault:
                if fault.code not in UNLOCKED:
                    raise
                self._lock = False
        return self._lock

    def retain_until(self, key: str, until: dt.datetime, *, bypass: bool = False) -> None:
        """Lock an object in governance mode until a time (治理模式锁定); a lock is never shortened without ``bypass``.

        Raises:
            NoLock: the bucket has none.
            Missing: there is no such object.
        """
        self._locking(key)
        retention = {"Mode": "GOVERNANCE", "RetainUntilDate": until}
        asked = {"BypassGovernanceRetention": True} if bypass else {}
        self._do("put_object_retention", key, Key=self._key(key), Retention=retention, **asked)

    def hold(self, key: str, *, is_on: bool) -> None:
        """Lay a legal hold on an object, or lift it (法律保留).

        Raises:
            NoLock: the bucket has none.
            Missing: there is no such object.
        """
        self._locking(key)
        self._do("put_object_legal_hold", key, Key=self._key(key), LegalHold={"Status": "ON" if is_on else "OFF"})

    def _locking(self, key: str) -> None:
        if not self.has_lock():
            raise NoLock(errno.ENOTSUP, key, "ObjectLockConfigurationNotFoundError")


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
