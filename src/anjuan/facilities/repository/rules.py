"""What the store is given and what it gives back (存储库): frozen values, no I/O."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from anjuan.core.fixity import Digests
from anjuan.core.ocfl.inventory import Inventory
from anjuan.core.refusals import Refusal

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
class Wanted:
    """What a version of an object shall hold: bytes that it keeps under these names, and documents that come in."""

    state: Mapping[str, str]
    documents: tuple[Inline, ...]
    message: str


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


@dataclass(frozen=True)
class LockReport:
    """What renewing the locks did (续锁报告).

    Attributes:
        can_lock: whether the store has locks at all.
        locked: how many objects are locked.
        damaged: objects whose record could not be read.
    """

    can_lock: bool
    locked: int = 0
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class CustodyFacts:
    """What must be known before an object leaves the store (去留依据); gathered by whoever asks for it.

    Attributes:
        is_sealed: whether its newest version is that of a sealed item.
        is_accepted: whether it has an acceptance number (decision 3).
        is_permanent: whether its retention never ends.
        retention_ends_date: the last day of its retention; None where that is not known.
        is_held: whether it is frozen: a legal hold, a loan, any restraint.
    """

    is_sealed: bool
    is_accepted: bool = False
    is_permanent: bool = False
    retention_ends_date: dt.date | None = None
    is_held: bool = False


def may_purge(urn: str, facts: CustodyFacts) -> None:
    """Whether a capture may be removed wholly (可否清除): never what was accepted or sealed.

    Raises: B-011 it was.
    """
    if facts.is_held:
        raise Refusal("B-011", urn=urn, reason="冻结 on hold")
    if facts.is_accepted or facts.is_sealed:
        raise Refusal("B-011", urn=urn, reason="已接收 accepted")


def may_destroy(urn: str, facts: CustodyFacts, *, today: dt.date) -> None:
    """Whether an object may be destroyed (可否销毁): sealed, its retention ended, nothing holding it.

    Args:
        urn: identifier of the object.
        facts: about it.
        today: in the agency's zone; the last day of retention still counts as retained.

    Raises: B-011 with what stands against it.
    Standard: GB/T 18894-2016; where the end is not known, it has not ended.
    """
    if facts.is_held:
        raise Refusal("B-011", urn=urn, reason="冻结 on hold")
    if not facts.is_sealed:
        raise Refusal("B-011", urn=urn, reason="未封存 not sealed")
    if facts.is_permanent:
        raise Refusal("B-011", urn=urn, reason="永久保管 permanent")
    if facts.retention_ends_date is None or today <= facts.retention_ends_date:
        ends = facts.retention_ends_date.isoformat() if facts.retention_ends_date else "?"
        raise Refusal("B-011", urn=urn, reason=f"保管期限未满 retention ends {ends}")


def tombstone(inventory: Inventory, *, at: dt.datetime, by: str, authority: str) -> bytes:
    """What stays of a destroyed object (销毁凭据), as canonical JSON: one destruction, one spelling.

    It proves which bytes there were and why they are gone. No name of a file, person or page stands in it.

    Args:
        inventory: the object as it was.
        at: aware time of the destruction.
        by: a URI that names who, such as ``urn:anjuan:staff:0101``; never a person's name.
        authority: number or URN of the approved destruction register.
    """
    said = {
        "type": "anjuan-tombstone/1",
        "urn": inventory.urn,
        "destroyed": at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "by": by,
        "authority": authority,
        "versions": [
            {
                "version": f"v{number}",
                "created": version.created_at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
                "sha512": sorted(set(version.state.values())),
            }
            for number, version in enumerate(inventory.versions, start=1)
        ],
        "contents": [{"sha512": content.sha512, **content.fixity} for content in inventory.contents],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def lock_ends(record: bytes, *, at: dt.datetime, longest: dt.timedelta) -> dt.datetime | None:
    """Until when the files of a sealed object are locked (锁定至): its retention end at most, never beyond ``longest``.

    A permanent record is locked for ``longest`` and renewed; so is one whose end is not known yet.

    Args:
        record: the sealed ``record.json``.
        at: aware time.
        longest: how far ahead a lock may reach.

    Returns:
        None where the retention has ended already, or the record cannot be read.
    """
    try:
        ends = json.loads(record)["retention"]["ends"]
        last = None if ends is None else dt.date.fromisoformat(ends)
    except (ValueError, LookupError, TypeError):
        return None
    until = at + longest
    if last is not None:
        until = min(until, dt.datetime.combine(last, dt.time.min, dt.UTC))
    return until.replace(microsecond=0) if until > at else None
