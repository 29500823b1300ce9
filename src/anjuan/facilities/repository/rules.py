"""What the store is given and what it gives back (存储库): frozen values, no I/O."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from anjuan.core.fixity import Digests

RECORD_NAME = "record.json"


def is_sealed_state(names: Iterable[str]) -> bool:
    """Whether a version with these names is that of a sealed item: it carries the record (decision 3)."""
    return any(name.rpartition("/")[2] == RECORD_NAME for name in names)


@dataclass(frozen=True)
class Source:
    """A file to be stored (来源文件).

    Attributes:
        logical_name: its name in the object; may have folders, joined by ``/``.
        path: where its bytes lie now.
        digests: what its digests must be, if the caller knows them from an earlier look; then the copy alone is hashed.
    """

    logical_name: str
    path: PurePath
    digests: Digests | None = None


@dataclass(frozen=True)
class Inline:
    """A small document to be stored that lies in memory, such as ``record.json``."""

    logical_name: str
    octets: bytes


@dataclass(frozen=True)
class StoredContent:
    """One byte stream that an object keeps (存储内容).

    Attributes:
        digests: of its bytes.
        content_path: where it lies, relative to the object's folder.
        first_version: number of the version that brought it.
    """

    digests: Digests
    content_path: str
    first_version: int


@dataclass(frozen=True)
class DepositReceipt:
    """What was stored (存储回执): bytes are safe on disk; rows are not written yet (decision 6).

    Attributes:
        urn: identifier of the object.
        version: number of the version that was written.
        base_version: version that the rows had when it was written; None for a new object.
        digests: of the files that came in, by logical name.
        contents: byte streams that the object now keeps for the first time.
        state: SHA-512 by logical name of the whole version.
        at: time of the version.
        is_sealed: whether this version holds a record of the sealed item.
    """

    urn: str
    version: int
    base_version: int | None
    digests: Mapping[str, Digests]
    contents: tuple[StoredContent, ...]
    state: Mapping[str, str]
    at: dt.datetime
    is_sealed: bool


@dataclass(frozen=True)
class FilePlace:
    """Where one file of the version that stands lies."""

    logical_name: str
    sha512: str
    content_path: str


@dataclass(frozen=True)
class Whereabouts:
    """Where an object lies (存放位置).

    Attributes:
        urn: identifier.
        folder: the object's folder, relative to the store.
        head_version: number of the version that stands: what the rows know.
        files: of that version, in order of their names.
    """

    urn: str
    folder: str
    head_version: int
    files: tuple[FilePlace, ...]


@dataclass(frozen=True)
class ObjectState:
    """What the rows say of an object (对象状态)."""

    urn: str
    head_version: int
    is_sealed: bool
    contents: tuple[StoredContent, ...] = ()


@dataclass(frozen=True)
class RecoveryReport:
    """What recovery found (恢复报告).

    Attributes:
        rolled_back: objects whose half-written version was taken away.
        completed: objects whose nearly written version was finished.
        unrecorded: objects whose newest version is whole on disk and not in the rows: the process died between bytes
            and rows, or the deed was refused after its bytes were written. Nothing need be done: the next write of the
            object starts from what the rows say.
    """

    rolled_back: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = field(default=())
