"""Seeing notices: mine, my posts', and what has been escalated to me."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.notices.models import Notice
from anjuan.facilities.notices.rules import NoticeKind

LISTED = 200


class Shown(enum.StrEnum):
    """Which notices a list shows."""

    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True)
class NoticeRow:
    """A notice as lists see it."""

    pk: int
    kind: NoticeKind
    recipient_code: str
    post: str
    unit: str
    reference: str
    params: Mapping[str, object]
    due_date: dt.date
    created_at: dt.datetime
    read_at: dt.datetime | None
    done_at: dt.datetime | None
    escalated_at: dt.datetime | None

    def is_overdue(self, today: dt.date) -> bool:
        """Whether it ought to have been done before today."""
        return self.done_at is None and self.due_date < today


def list_for(actor: Actor, shown: Shown, *, today: dt.date, limit: int = LISTED) -> list[NoticeRow]:
    """The actor's notices: what is to be done, the most urgent first; or what is done, the newest first."""
    rows = _visible_to(actor).filter(_shown(shown, today))
    order = ("-done_at", "-id") if shown is Shown.DONE else ("due_date", "id")
    return [_row(row) for row in rows.order_by(*order)[:limit]]


def counts_for(actor: Actor, *, today: dt.date) -> Mapping[Shown, int]:
    """How many of the actor's notices each list shows."""
    rows = _visible_to(actor)
    return {shown: rows.filter(_shown(shown, today)).count() for shown in Shown}


def count(actor: Actor, shown: Shown, *, today: dt.date) -> int:
    """How many of the actor's notices one list shows."""
    return _visible_to(actor).filter(_shown(shown, today)).count()


def get_for(actor: Actor, pk: int) -> NoticeRow:
    """A notice to the actor.

    Raises:
        R-009: there is none, or it tells somebody else.
    """
    row = _visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Refusal("R-009", what=f"通知 #{pk}")
    return _row(row)


def told_since(unit: str, kind: NoticeKind, since: dt.datetime) -> bool:
    """Whether somebody was told of this since then."""
    return Notice.objects.filter(unit=unit, kind=kind, created_at__gt=since).exists()


def open_units(kind: NoticeKind) -> frozenset[str]:
    """Units of which somebody is told that and that are not done."""
    return frozenset(Notice.objects.filter(kind=kind, done_at=None).values_list("unit", flat=True))


def to_escalate(*, due_until: dt.date, limit: int = LISTED) -> list[int]:
    """Notices due on that day or before that no supervisor has been told of yet."""
    rows = Notice.objects.filter(done_at=None, escalated_at=None, due_date__lte=due_until)
    return list(rows.order_by("due_date", "id").values_list("pk", flat=True)[:limit])


def _shown(shown: Shown, today: dt.date) -> Q:
    if shown is Shown.DONE:
        return Q(done_at__isnull=False)
    return Q(done_at=None, due_date__lt=today) if shown is Shown.OVERDUE else Q(done_at=None)


def _visible_to(actor: Actor) -> QuerySet[Notice]:
    condition = Q(recipient_code=actor.staff_code)
    for held in actor.appointments:
        condition |= Q(recipient_code="", post=held.post, agency_path__startswith=held.agency_path)
        if held.post is Post.SUPERVISOR:
            condition |= Q(escalated_to=Post.SUPERVISOR, agency_path__startswith=held.agency_path)
    return Notice.objects.filter(condition)


def _row(row: Notice) -> NoticeRow:
    return NoticeRow(
        pk=row.pk,
        kind=NoticeKind(row.kind),
        recipient_code=row.recipient_code,
        post=row.post,
        unit=row.unit,
        reference=row.reference,
        params=row.params,
        due_date=row.due_date,
        created_at=row.created_at,
        read_at=row.read_at,
        done_at=row.done_at,
        escalated_at=row.escalated_at,
    )
