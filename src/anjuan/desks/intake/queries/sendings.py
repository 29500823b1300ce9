"""Files that are on their way in, as their owner sees them (断点续传)."""

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import Sending

SPOOL = "sendings"
MOST_SHOWN = 200


@dataclass(frozen=True)
class SendingRow:
    """A file on its way in, and how much of it is here."""

    uid: str
    name: str
    size_bytes: int
    received: int
    begun_at: dt.datetime
    is_whole: bool

    @property
    def share(self) -> int:
        """How much is here, of a hundred."""
        return 100 * self.received // self.size_bytes if self.size_bytes else 100


def sendings_of(actor: Actor) -> list[SendingRow]:
    """What one has begun to send and not used yet, newest first."""
    return [_row(row) for row in Sending.objects.filter(owner_code=actor.staff_code).order_by("-id")[:MOST_SHOWN]]


def get_sending_for(actor: Actor, uid: str) -> SendingRow:
    """One of them.

    Raises:
        R-009: there is none, or somebody else began it.
    """
    row = Sending.objects.filter(uid=uid, owner_code=actor.staff_code).first()
    if row is None:
        raise Refusal("R-009", what=uid[:20])
    return _row(row)


def begun(actor: Actor, name: str, size_bytes: int) -> SendingRow | None:
    """The same file, begun before and broken off."""
    row = Sending.objects.filter(owner_code=actor.staff_code, name=name, size_bytes=size_bytes, sha256="").first()
    return _row(row) if row else None


def stale(before: dt.datetime) -> list[tuple[str, str]]:
    """Uid and owner of what was begun before a moment and never used."""
    rows = Sending.objects.filter(begun_at__lt=before).order_by("id")[:MOST_SHOWN]
    return list(rows.values_list("uid", "owner_code"))


def free_bytes() -> int:
    """Room on the disk where files wait."""
    home = Path(settings.ANJUAN_HOME)
    return shutil.disk_usage(home).free


def path_of(uid: str) -> Path:
    """Where the bytes of one lie."""
    return spool.folder(SPOOL, uid) / "whole"


def _row(row: Sending) -> SendingRow:
    path = path_of(row.uid)
    received = path.stat().st_size if path.exists() else 0
    return SendingRow(row.uid, row.name, row.size_bytes, received, row.begun_at, bool(row.sha256))
