"""Dossiers sent on (转递): what is being prepared, what is on its way, whose receipt is overdue."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.desks.filing import rules
from anjuan.desks.filing.models import Forwarding
from anjuan.foundation.accounts import queries as accounts
from anjuan.records import queries as records
from anjuan.records.rows import VolumeRow

SEEING_POSTS = (Post.FILER, Post.ARCHIVIST, Post.KEEPER, Post.SUPERVISOR)
LISTED = 200
ENDED = (Forwarding.Stage.RECEIPTED, Forwarding.Stage.CANCELLED)


@dataclass(frozen=True)
class ForwardingRow:
    """A forwarding as lists and pages see it."""

    notice_no: str
    volume_urn: str
    agency_code: str
    agency_path: str
    to_name: str
    to_address: str
    reason: str
    stage: str
    prepared_by: str
    prepared_at: dt.datetime
    means: str
    sent_at: dt.datetime | None
    due_date: dt.date | None
    receiver_name: str
    receipt_date: dt.date | None
    cancel_reason: str
    cancelled_at: dt.datetime | None

    def is_overdue(self, today: dt.date) -> bool:
        """Whether its receipt ought to be back by now (回执逾期)."""
        return self.stage == Forwarding.Stage.SENT and self.due_date is not None and self.due_date < today


def forwardings(actor: Actor) -> list[tuple[ForwardingRow, VolumeRow]]:
    """What the actor's posts reach: those that wait first, the most urgent of them on top; then those that ended.

    Raises:
        A-001: none of his posts has to do with it.
    """
    if not actor.holds(*SEEING_POSTS):
        raise Refusal("A-001", posts=SEEING_POSTS)
    rows = Forwarding.objects.filter(_scope(actor))
    under_way = rows.exclude(stage__in=ENDED).order_by("due_date", "id")
    done = rows.filter(stage__in=ENDED).order_by(Coalesce("recorded_at", "cancelled_at").desc(), "-id")
    found = [_row(row) for row in (*under_way[:LISTED], *done[:LISTED])]
    volumes = records.volumes_by_urn([row.volume_urn for row in found])
    return [(row, volumes[row.volume_urn]) for row in found]


def count_overdue(actor: Actor, today: dt.date) -> int:
    """How many receipts are overdue."""
    return Forwarding.objects.filter(_scope(actor), stage=Forwarding.Stage.SENT, due_date__lt=today).count()


def get_forwarding_for(actor: Actor, notice_no: str) -> ForwardingRow:
    """One forwarding.

    Raises:
        R-009: there is none, or it is not the actor's to see.
    """
    row = Forwarding.objects.filter(_scope(actor), notice_no=notice_no).first()
    if row is None:
        raise Refusal("R-009", what=f"通知单 {notice_no[:40]}")
    return _row(row)


def forwardings_of(volume_urn: str) -> list[ForwardingRow]:
    """The forwardings of a dossier, newest first; rights judged by whoever shows the dossier."""
    return [_row(row) for row in Forwarding.objects.filter(volume_urn=volume_urn).order_by("-id")]


def highest_notice(agency_code: str, year: int) -> int:
    """The highest number of an agency's notices in a year; 0 before the first. Only the floor of a claim."""
    head = rules.notice_no(agency_code, year, 0)[:-4]
    numbers = Forwarding.objects.filter(notice_no__startswith=head).order_by("-notice_no")
    last: str | None = numbers.values_list("notice_no", flat=True).first()
    return rules.notice_place(last)[1] if last else 0


def forwarding_facts(actor: Actor, notice_no: str) -> Mapping[str, object]:
    """What stands on a forwarding notice and its receipt (转递通知单及回执).

    Raises:
        A-001: the actor's post has nothing to do with it.
        R-009: there is no such notice, or the actor may not see it.
    """
    row = get_forwarding_for(actor, notice_no)
    volume = records.get_volume_for(actor, row.volume_urn)
    holder = records.subject_by_pk(volume.subject_pk) if volume.subject_pk else None
    names = accounts.staff_names({row.prepared_by})
    return {
        "notice_no": row.notice_no + ("（已撤回，号作废）" if row.stage == Forwarding.Stage.CANCELLED else ""),
        "to_name": row.to_name,
        "to_address": row.to_address,
        "title": volume.title,
        "reference_code": volume.reference_code,
        "holder": holder.name if holder else "",
        "holder_number": (holder.id_number or holder.credit_code) if holder else "",
        "item_count": str(volume.item_count),
        "page_count": str(volume.page_count),
        "reason": row.reason,
        "means": row.means,
        "sent_date": timezone.localdate(row.sent_at).isoformat() if row.sent_at else "",
        "due_date": row.due_date.isoformat() if row.due_date else "",
        "agency_name": accounts.agency(row.agency_code).name,
        "prepared_by": names.get(row.prepared_by, row.prepared_by),
        "prepared_date": timezone.localdate(row.prepared_at).isoformat(),
        "receiver_name": row.receiver_name,
        "receipt_date": row.receipt_date.isoformat() if row.receipt_date else "",
    }


def _scope(actor: Actor) -> Q:
    condition = Q(pk__in=[])
    for held in actor.appointments:
        if held.post in SEEING_POSTS:
            condition |= Q(agency_path__startswith=held.agency_path)
    return condition


def _row(row: Forwarding) -> ForwardingRow:
    return ForwardingRow(
        notice_no=row.notice_no,
        volume_urn=row.volume_urn,
        agency_code=row.agency_code,
        agency_path=row.agency_path,
        to_name=row.to_name,
        to_address=row.to_address,
        reason=row.reason,
        stage=row.stage,
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        means=row.means,
        sent_at=row.sent_at,
        due_date=row.due_date,
        receiver_name=row.receiver_name,
        receipt_date=row.receipt_date,
        cancel_reason=row.cancel_reason,
        cancelled_at=row.cancelled_at,
    )
