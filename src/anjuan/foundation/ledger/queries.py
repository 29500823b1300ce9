"""What the log can prove (存证)."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.refusals import Refusal
from anjuan.foundation.ledger.backends import notekey
from anjuan.foundation.ledger.backends.folder import LogFolder
from anjuan.foundation.ledger.models import Checkpoint


@dataclass(frozen=True)
class CheckpointRow:
    """A signed checkpoint."""

    size: int
    root: str
    note: str
    published_at: dt.datetime


@dataclass(frozen=True)
class InclusionProof:
    """Proof that a leaf stands in the log under a checkpoint (包含证明)."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: CheckpointRow


def log() -> LogFolder:
    """The log of this archive."""
    return LogFolder(settings.ANJUAN_HOME / "log")


def key() -> notekey.NoteKey:
    """The key that signs this archive's checkpoints."""
    return notekey.load(settings.ANJUAN_HOME / "keys")


def vkey() -> str:
    """The verifier key strangers need."""
    return key().vkey


def latest_checkpoint() -> CheckpointRow | None:
    """The newest checkpoint, if any."""
    row = Checkpoint.objects.order_by("-size").first()
    return CheckpointRow(row.size, row.root, row.note, row.published_at) if row else None


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
    try:
        note_format.verify_note(note, vkey(), notekey.verify)
    except ValueError:
        return False
    return True
