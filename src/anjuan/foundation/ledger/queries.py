"""What the log can prove (存证)."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Max, Min

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.refusals import Refusal
from anjuan.foundation.buckets.backends.s3 import Bucket
from anjuan.foundation.buckets.rules import is_address
from anjuan.foundation.ledger.backends import notekey
from anjuan.foundation.ledger.backends.bucket import BucketStore
from anjuan.foundation.ledger.backends.folder import FolderStore
from anjuan.foundation.ledger.backends.growth import KEPT, Log
from anjuan.foundation.ledger.models import Checkpoint, LogKey


@dataclass(frozen=True)
class CheckpointRow:
    """A signed checkpoint."""

    size: int
    root: str
    note: str
    published_at: dt.datetime


@dataclass(frozen=True)
class LogKeyRow:
    """One generation of the key that signs checkpoints, and where in the log its word counts.

    Attributes:
        generation: from 1.
        vkey: the verifier key, C2SP.
        from_size: the smallest checkpoint that it may have signed.
        until_size: the longest one at which it is believed; None while it has no end.
        begun_at: when it was begun; None for the first.
        revoked_at: when it was revoked, if it was.
        reason: why.
        is_current: whether it signs now.
    """

    generation: int
    vkey: str
    from_size: int = 0
    until_size: int | None = None
    begun_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    reason: str = ""
    is_current: bool = True


@dataclass(frozen=True)
class InclusionProof:
    """Proof that a leaf stands in the log under a checkpoint (包含证明)."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: CheckpointRow


def log() -> Log:
    """The log of this archive."""
    place = settings.ANJUAN_LOG or str(Path(settings.ANJUAN_HOME) / "log")
    return Log(BucketStore(Bucket(place)) if is_address(place) else FolderStore(Path(place)))


def keys_folder() -> Path:
    """Where this archive's keys lie."""
    return Path(settings.ANJUAN_HOME) / "keys"


def generation() -> int:
    """Which generation of the key signs now."""
    return LogKey.objects.order_by("-generation").values_list("generation", flat=True).first() or 1


def key() -> notekey.NoteKey:
    """The key that signs this archive's checkpoints."""
    return notekey.load(keys_folder(), generation=generation())


def outgoing_key(size: int) -> notekey.NoteKey | None:
    """The key before the present one, while it still has to vouch for it: in the first checkpoint that the new signs.

    Args:
        size: of the newest checkpoint so far.
    """
    newest = LogKey.objects.order_by("-generation").first()
    if newest is None or newest.generation == 1 or size > newest.since_size:
        return None
    before = LogKey.objects.get(generation=newest.generation - 1)
    return None if before.revoked_at else notekey.load(keys_folder(), generation=before.generation)


def vkey() -> str:
    """The verifier key of today, which strangers need."""
    return key().vkey


def all_keys() -> list[LogKeyRow]:
    """All generations of the key, oldest first (历代日志密钥)."""
    rows = list(LogKey.objects.order_by("generation"))
    if not rows:
        return [LogKeyRow(1, key().vkey)]
    found = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        until = row.believed_until
        if following is not None and until is None:  # it vouched for the next one, and is done
            first = Checkpoint.objects.filter(size__gt=following.since_size).order_by("size").first()
            until = first.size if first else None
        found.append(
            LogKeyRow(
                generation=row.generation,
                vkey=row.vkey,
                from_size=row.since_size + 1 if row.since_size else 0,
                until_size=until,
                begun_at=row.begun_at,
                revoked_at=row.revoked_at,
                reason=row.revocation_reason,
                is_current=following is None,
            )
        )
    return found


def latest_checkpoint() -> CheckpointRow | None:
    """The newest checkpoint, if any."""
    row = Checkpoint.objects.order_by("-size").first()
    return CheckpointRow(row.size, row.root, row.note, row.published_at) if row else None


def first_checkpoint() -> CheckpointRow | None:
    """The oldest checkpoint, if any."""
    row = Checkpoint.objects.order_by("size").first()
    return CheckpointRow(row.size, row.root, row.note, row.published_at) if row else None


def checkpoint_until(moment: dt.datetime) -> CheckpointRow | None:
    """The newest checkpoint published before a moment, if any."""
    row = Checkpoint.objects.filter(published_at__lt=moment).order_by("-size").first()
    return CheckpointRow(row.size, row.root, row.note, row.published_at) if row else None


def checkpoint_of(size: int) -> CheckpointRow:
    """The checkpoint of a size.

    Raises:
        G-006: none of that size was published.
    """
    row = Checkpoint.objects.filter(size=size).first()
    if row is None:
        raise Refusal("G-006", size=size)
    return CheckpointRow(row.size, row.root, row.note, row.published_at)


def checkpoints(*, before: int | None, limit: int) -> list[CheckpointRow]:
    """Checkpoints, newest first.

    Args:
        before: only shorter ones.
        limit: at most so many.
    """
    rows = Checkpoint.objects.order_by("-size")
    if before is not None:
        rows = rows.filter(size__lt=before)
    return [CheckpointRow(row.size, row.root, row.note, row.published_at) for row in rows[:limit]]


def count_checkpoints() -> int:
    """How many checkpoints were published."""
    return Checkpoint.objects.count()


def growth(points: int) -> list[tuple[dt.datetime, int]]:
    """Moments with sizes of the log, oldest first: the first and last checkpoint and some between, evenly."""
    ends = Checkpoint.objects.aggregate(first=Min("id"), last=Max("id"))
    if ends["first"] is None:
        return []
    # Rows are numbered as they are published: a number that is lacking is a point that is lacking, no more.
    step = max(1, (ends["last"] - ends["first"]) // points)
    chosen = [*range(ends["first"], ends["last"], step), ends["last"]]
    rows = Checkpoint.objects.filter(id__in=chosen).order_by("size")
    return list(rows.values_list("published_at", "size"))


def stamp(name: str) -> bytes | None:
    """The time stamp that lies beside the log under a name; none if there is none."""
    return log().store.read(f"timestamps/{name}.tsr")


def kept_checkpoints() -> Iterator[tuple[int, str]]:
    """Every checkpoint that the log itself keeps, by size, with its note."""
    store = log().store
    for name in store.names(KEPT):
        octets = store.read(f"{KEPT}/{name}")
        if octets is not None:
            yield int(name), octets.decode("utf-8", "replace")


def first_checkpoint_past(position: int) -> CheckpointRow:
    """The first checkpoint that covers the entry at a position.

    Raises:
        G-001: none does yet.
    """
    row = Checkpoint.objects.filter(size__gt=position).order_by("size").first()
    if row is None:
        raise Refusal("G-001", position=position, size=0)
    return CheckpointRow(row.size, row.root, row.note, row.published_at)


def inclusion_proof(position: int, checkpoint: CheckpointRow | None = None) -> InclusionProof:
    """Prove that the entry at a position stands under a checkpoint, by default the newest.

    Raises:
        G-001: no checkpoint covers that position yet.
    """
    under = checkpoint or latest_checkpoint()
    if under is None or position >= under.size:
        raise Refusal("G-001", position=position, size=under.size if under else 0)
    return InclusionProof(position, tuple(log().inclusion_path(position, under.size)), under)


def note_is_genuine(note: str) -> bool:
    """Whether a checkpoint note carries this archive's signature."""
    for each in all_keys():
        try:
            size = note_format.verify_note(note, each.vkey, notekey.verify).size
        except ValueError:
            continue
        if each.from_size <= size and (each.until_size is None or size <= each.until_size):
            return True
    return False
