"""What a bucket is called and what is known of the objects in it (对象存储): frozen values, no I/O."""

import datetime as dt
import urllib.parse
from dataclasses import dataclass

SCHEME = "s3"


@dataclass(frozen=True)
class Address:
    """Where a bucket is (存储桶地址), such as ``s3://bucket/prefix?endpoint=http://127.0.0.1:8333&region=cn-north-1``.

    Attributes:
        bucket: its name.
        prefix: what every key begins with; empty, or ending in ``/``.
        endpoint: address of the server; empty for the one that the region implies.
        region: as the server names it; empty for the one of the environment.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""

    def __str__(self) -> str:
        asked = {key: value for key, value in (("endpoint", self.endpoint), ("region", self.region)) if value}
        query = f"?{urllib.parse.urlencode(asked, safe=':/')}" if asked else ""
        return f"{SCHEME}://{self.bucket}/{urllib.parse.quote(self.prefix)}{query}"

    def under(self, folder: str) -> "Address":
        """The same bucket, deeper."""
        return Address(self.bucket, f"{self.prefix}{folder.strip('/')}/", self.endpoint, self.region)


def is_address(text: str) -> bool:
    """Whether a setting names a bucket rather than a folder."""
    return text.startswith(f"{SCHEME}://")


def parse_address(text: str) -> Address:
    """Read the address of a bucket (解析地址); credentials never stand in it.

    Raises:
        ValueError: it is none, or it holds what does not belong there.
    """
    parts = urllib.parse.urlsplit(text)
    if parts.scheme != SCHEME or not parts.netloc or parts.fragment:
        raise ValueError("not an address of a bucket: s3://bucket/prefix?endpoint=…&region=…")
    if "@" in parts.netloc or ":" in parts.netloc:
        raise ValueError("credentials do not belong in an address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    asked = dict(urllib.parse.parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    if set(asked) - {"endpoint", "region"}:
        raise ValueError(
            f"unknown in the address of a bucket: {', '.join(sorted(set(asked) - {'endpoint', 'region'}))}"
        )
    folders = urllib.parse.unquote(parts.path).strip("/")
    return Address(
        bucket=parts.netloc,
        prefix=f"{folders}/" if folders else "",
        endpoint=asked.get("endpoint", "").rstrip("/"),
        region=asked.get("region", ""),
    )


@dataclass(frozen=True)
class Stat:
    """What a bucket says of one object, without giving its bytes.

    Attributes:
        size_bytes: its length.
        etag: changes with its content; to be given back for a conditional write.
        sha256: lower-case hex, as stated and checked when it was put; empty if the server keeps none.
        version_id: of a bucket with versions; empty otherwise.
        retain_until: until when it is locked; None if it is not.
        is_held: whether a legal hold lies on it.
    """

    size_bytes: int
    etag: str
    sha256: str = ""
    version_id: str = ""
    retain_until: dt.datetime | None = None
    is_held: bool = False


@dataclass(frozen=True)
class Listed:
    """One line of a listing: an object, or (``is_folder``) all keys that go on behind the delimiter."""

    key: str
    size_bytes: int = 0
    etag: str = ""
    is_folder: bool = False


@dataclass(frozen=True)
class Version:
    """One version of an object, or the mark of its deletion, in a bucket with versions."""

    key: str
    version_id: str
    is_latest: bool
    is_deletion: bool = False
