"""Looking at a file before anything else does, and the list of what was kept aside (查毒、隔离清单)."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.screening import rules
from anjuan.facilities.screening.backends import clamd, ward
from anjuan.facilities.screening.models import Quarantined

MOST_SHOWN = 200


@dataclass(frozen=True)
class AsideRow:
    """A file that was kept aside."""

    uid: str
    status: rules.AsideStatus
    door: rules.Door
    name: str
    sha256: str
    size_bytes: int
    refusal: Refusal
    sender_code: str
    agency_code: str
    unit: str
    material: str
    kept_at: dt.datetime
    judged_by: str
    judged_at: dt.datetime | None
    note: str


def scan(path: Path, name: str) -> None:
    """Have a file looked at by the scanner, if one is set up; it asks no database (查毒).

    Raises:
        M-020: it is malicious, and nobody has declared these bytes harmless.
        M-021: the scanner is away: the file must wait.
    """
    if not settings.ANJUAN_CLAMD:
        return
    try:
        clamd.scan(settings.ANJUAN_CLAMD, path, name)
    except Refusal as refusal:
        if refusal.code == rules.VIRUS and ward.is_declared(sha256_of(path)):
            return
        raise


def has_scanner() -> bool:
    """Whether a scanner is set up at all."""
    return bool(settings.ANJUAN_CLAMD)


def is_scanner_there() -> bool:
    """Whether the scanner answers now; so it does where none is set up."""
    return not settings.ANJUAN_CLAMD or clamd.answers(settings.ANJUAN_CLAMD)


def sha256_of(path: Path) -> str:
    """The digest by which a file is known here."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def permit(actor: Actor) -> None:
    """Whether the actor may look at the list.

    Raises:
        A-001: he is neither a handler nor the security officer.
    """
    if not actor.holds(*rules.POSTS):
        raise Refusal("A-001", posts=rules.POSTS)


def aside(actor: Actor, *, judged: bool = False) -> list[AsideRow]:
    """What was kept aside in the agencies of the actor's posts, newest first: what waits, or what was judged."""
    waits = Q(status__in=(rules.AsideStatus.HELD, rules.AsideStatus.QUARANTINED))
    rows = _visible_to(actor).filter(~waits if judged else waits).order_by("-id")[:MOST_SHOWN]
    return [_row(row) for row in rows]


def get_aside_for(actor: Actor, uid: str) -> AsideRow:
    """One of them.

    Raises:
        R-009: there is none, or it is not in the actor's agencies.
    """
    row = _visible_to(actor).filter(uid=uid).first()
    if row is None:
        raise Refusal("R-009", what=uid[:20])
    return _row(row)


def held(limit: int = 20, *, after: str = "") -> Sequence[AsideRow]:
    """Files that wait for the scanner, oldest first, beginning behind one of them and then from the front again.

    Whoever goes on behind the last one he has tried keeps none waiting for those that cannot be had.

    Args:
        limit: how many at most.
        after: uid of the last one that was tried; it may be gone on itself by now.
    """
    waiting = Quarantined.objects.filter(status=rules.AsideStatus.HELD).order_by("id")
    tried = Quarantined.objects.filter(uid=after).values_list("pk", flat=True).first() or 0
    rows = list(waiting.filter(pk__gt=tried)[:limit])
    rows += waiting.filter(pk__lte=tried)[: limit - len(rows)]
    return [_row(row) for row in rows]


def place_of(uid: str) -> Path:
    """Where the bytes of one lie."""
    return ward.place(uid)


def _visible_to(actor: Actor) -> QuerySet[Quarantined]:
    condition = Q(pk__in=[])
    for appointment in actor.appointments:
        if appointment.post in rules.POSTS:
            condition |= Q(agency_path__startswith=appointment.agency_path)
    if actor.holds(Post.SECURITY_OFFICER):
        condition |= Q(agency_path__startswith="/")
    return Quarantined.objects.filter(condition)


def _row(row: Quarantined) -> AsideRow:
    return AsideRow(
        uid=row.uid,
        status=rules.AsideStatus(row.status),
        door=rules.Door(row.door),
        name=row.name,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        refusal=Refusal(row.code, **row.params),
        sender_code=row.sender_code,
        agency_code=row.agency_code,
        unit=row.unit,
        material=row.material,
        kept_at=row.kept_at,
        judged_by=row.judged_by,
        judged_at=row.judged_at,
        note=row.note,
    )
