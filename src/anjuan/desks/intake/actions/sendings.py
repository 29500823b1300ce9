"""Files that come in pieces: begun, whole, dropped. The pieces themselves leave no line (断点续传)."""

import hashlib

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import rules
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import Sending
from anjuan.desks.intake.queries import sendings as queries
from anjuan.foundation.journal import actions as journal

_ROOM_LEFT = 1 << 30  # bytes that stay free beside what is sent, which is copied once


def begin_sending(*, occasion: Occasion, name: str, size_bytes: int) -> queries.SendingRow:
    """Begin to send a large file, or find the one that was broken off (开始或继续传送).

    Raises:
        A-001: the actor neither works at a counter nor in the workshop.
        I-011: it is empty.
        I-081: it is too large, or the disk has no room for it.
    """
    if not occasion.actor.holds(*rules.SENDERS):
        raise Refusal("A-001", posts=rules.SENDERS)
    if (before := queries.begun(occasion.actor, name[:255], size_bytes)) is not None:
        return before
    if size_bytes < 1:
        raise Refusal("I-011")
    most = min(settings.ANJUAN_SENDING_BYTES, (queries.free_bytes() - _ROOM_LEFT) // 2)
    if size_bytes > most:
        raise Refusal("I-081", name=name[:60], size_mb=size_bytes >> 20, most_mb=max(0, most >> 20))
    uid = occasion.fresh(8).hex()
    spool.lay_whole(queries.SPOOL, uid, [])

    with journal.writing(occasion=occasion, act="intake.begin_sending", unit=f"sending:{uid}") as line:
        Sending.objects.create(
            uid=uid,
            owner_code=occasion.actor.staff_code,
            name=name[:255],
            size_bytes=size_bytes,
            begun_at=occasion.at,
        )
        line.say(name=name[:120], size_bytes=size_bytes)
    return queries.get_sending_for(occasion.actor, uid)


def finish_sending(*, occasion: Occasion, uid: str, sha256: str = "") -> str:
    """Say that a file is whole; its bytes are flushed and its digest is reckoned (传送完成). Returns its SHA-256.

    Args:
        occasion: who, and when.
        uid: the sending.
        sha256: what the sender reckoned; empty where a browser cannot.

    Raises:
        I-082: it is not as long as was said, or the digest differs; what came stays, to be gone on with or dropped.
        R-009: no such sending of one's own.
    """
    row = queries.get_sending_for(occasion.actor, uid)
    path = queries.path_of(uid)
    if row.received != row.size_bytes:
        raise Refusal("I-082", name=row.name[:60], received=row.received, size_bytes=row.size_bytes)
    spool.sync(path)
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if sha256 and sha256.lower() != found:
        raise Refusal("I-083", name=row.name[:60])

    with journal.writing(occasion=occasion, act="intake.finish_sending", unit=f"sending:{uid}") as line:
        Sending.objects.filter(uid=uid).update(sha256=found)
        line.say(name=row.name[:120], sha256=found)
    return found


def drop_sending(*, occasion: Occasion, uid: str, because: str = "") -> None:
    """Take a file that was sent, or broken off, out of the spool (取消传送).

    Raises:
        R-009: no such sending of one's own.
    """
    row = queries.get_sending_for(occasion.actor, uid)

    with journal.writing(occasion=occasion, act="intake.drop_sending", unit=f"sending:{uid}") as line:
        Sending.objects.filter(uid=uid).delete()
        line.say(name=row.name[:120], received=row.received, because=because or "owner")
    spool.clear(queries.SPOOL, uid)
