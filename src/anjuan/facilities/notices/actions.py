"""Telling people, and what becomes of it. Desks tell inside their own deed; only the escalation is its own deed."""

import datetime as dt
import zoneinfo
from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion, Post
from anjuan.facilities.notices import queries, rules
from anjuan.facilities.notices.models import Notice, NoticeSubject
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line


def notify(
    *,
    line: Line,
    kind: NoticeKind,
    unit: str,
    reference: str,
    agency_path: str,
    post: Post,
    staff: Collection[str] = (),
    subjects: Sequence[str] = (),
    within_days: int | None = None,
    **params: str | int,
) -> None:
    """Tell somebody what is to be done, and by when (通知).

    Args:
        line: the open line of the desk's deed; a deed that is undone tells nobody.
        kind: what it is about.
        unit: the record or paper it leads to.
        reference: how people call that.
        agency_path: whose affair it is; its supervisor is told when nothing happens.
        post: who holds it is told, where no person is named.
        staff: the persons told, one notice each.
        subjects: what must move on before the notice is done; the unit itself if none is named.
        within_days: days until it is due; the kind's own if none are given.
        **params: what the sentence names.
    """
    occasion = line.occasion
    today = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
    days = rules.WITHIN_DAYS[kind] if within_days is None else within_days
    for recipient in sorted(staff) or [""]:
        notice = Notice.objects.create(
            key=f"{line.uid}:{kind}:{recipient or post}",
            kind=kind,
            recipient_code=recipient,
            post="" if recipient else post,
            agency_path=agency_path,
            unit=unit,
            reference=reference,
            params=params,
            due_date=today + dt.timedelta(days=days),
            created_at=occasion.at,
        )
        NoticeSubject.objects.bulk_create(
            NoticeSubject(notice=notice, unit=subject) for subject in dict.fromkeys(subjects or [unit])
        )


def settle(*, act: str, unit: str, at: dt.datetime) -> int:
    """A subject has moved on: tick it off, and end the notices that wait for nothing else. Returns how many ended.

    Idempotent; a notice that is younger than the act is another round's, and stays.
    """
    kinds = rules.kinds_ended_by(act)
    with transaction.atomic():
        ticked = NoticeSubject.objects.filter(
            unit=unit, done_at=None, notice__kind__in=kinds, notice__created_at__lt=at
        )
        touched = list(ticked.values_list("notice_id", flat=True))
        NoticeSubject.objects.filter(notice_id__in=touched, unit=unit).update(done_at=at)
        still = NoticeSubject.objects.filter(notice=OuterRef("pk"), done_at=None)
        return Notice.objects.filter(~Exists(still), pk__in=touched, done_at=None).update(done_at=at)


def read(*, actor: Actor, pk: int, at: dt.datetime) -> None:
    """Note that a notice was read (已读). Like a look at a page, it is no deed and leaves no line.

    Raises:
        R-009: there is no such notice, or it tells somebody else.
    """
    queries.get_for(actor, pk)
    Notice.objects.filter(pk=pk, read_at=None).update(read_at=at, read_by=actor.staff_code)


def escalate(*, occasion: Occasion, pk: int) -> None:
    """Tell the agency's supervisor that something is overdue (超期上报), once.

    Raises:
        L-001: it was told, or the thing was done, a moment ago.
    """
    notice = Notice.objects.get(pk=pk)

    with journal.writing(occasion=occasion, act="notices.escalate", unit=notice.unit) as line:
        swapped = Notice.objects.filter(pk=pk, done_at=None, escalated_at=None).update(
            escalated_to=Post.SUPERVISOR, escalated_at=occasion.at
        )
        if swapped != 1:
            raise Refusal("L-001", reference=notice.reference)
        line.say(
            kind=notice.kind,
            told=notice.recipient_code or notice.post,
            due=notice.due_date,
            escalated_to=Post.SUPERVISOR,
        )
