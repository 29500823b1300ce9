"""Sending a closed dossier on to another office (转递): the notice, the sending, the receipt; custody follows."""

import datetime as dt
import zoneinfo

from django.conf import settings
from django.db import IntegrityError

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Custody, Occasion, Post, RestraintKind
from anjuan.desks.filing import queries, rules
from anjuan.desks.filing.models import Forwarding
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.actions import volumes

FORWARDING_POSTS = (Post.FILER, Post.ARCHIVIST, Post.KEEPER)


def prepare_forwarding(*, occasion: Occasion, volume_urn: str, to_name: str, reason: str, to_address: str = "") -> str:
    """Draw up the forwarding notice of a closed dossier (开具转递通知单). Returns its number.

    From here on nothing else is done with the dossier: a hold lies on it.

    Args:
        occasion: who looks after the dossier.
        volume_urn: a sealed dossier.
        to_name: the office that takes it.
        reason: why it goes.
        to_address: where it goes.

    Raises:
        A-001: the actor neither files nor keeps that agency's records.
        F-023: it is no closed dossier, or not in this house's custody.
        F-024: a notice is under way for it.
        L-006: a restraint lies on it.
        R-009: no such volume.
        R-010: a field is empty or too long.

    Standard: S0-W17.
    """
    volume = record_queries.get_volume_for(occasion.actor, volume_urn)
    permit(occasion.actor, volume.agency_path, *FORWARDING_POSTS)
    rules.check_forwarding(volume.arrangement, volume.state, volume.custody, reference=volume.reference)
    office = record_rules.text("接收单位 office", to_name, limit=120)
    why = record_rules.text("事由 reason", reason, limit=200)
    where = record_rules.text("地址 address", to_address, limit=200) if to_address.strip() else ""
    items = [item.urn for item in record_queries.items_of(volume_urn)]
    if restrained := record_queries.restraints_of([volume_urn, *items]):
        raise Refusal("L-006", reference=volume.reference, kinds=restrained)
    year = _today(occasion).year
    notice_no = rules.notice_no(volume.agency_code, year, queries.count_notices(volume.agency_code, year) + 1)

    try:
        with journal.writing(occasion=occasion, act="filing.prepare_forwarding", unit=volume_urn) as line:
            records.hold_at(urn=volume_urn, states=(volume.state,))
            Forwarding.objects.create(
                notice_no=notice_no,
                volume_urn=volume_urn,
                agency_code=volume.agency_code,
                agency_path=volume.agency_path,
                to_name=office,
                to_address=where,
                reason=why,
                prepared_by=occasion.actor.staff_code,
                prepared_at=occasion.at,
            )
            records.post_restraint(line=line, urn=volume_urn, kind=RestraintKind.HOLD, reference=notice_no)
            line.say(notice_no=notice_no, to=office, reason=why)
    except IntegrityError as taken:
        raise Refusal("F-024", reference=volume.reference) from taken
    return notice_no


def send_forwarding(*, occasion: Occasion, notice_no: str, means: str) -> None:
    """Say that a dossier has left with its notice (转递寄出): custody is in transit, and a receipt is awaited.

    Raises:
        A-001, R-009: the notice is not the actor's.
        L-001: it has been sent already.
        R-010: the means are not named.
    """
    row = queries.get_forwarding_for(occasion.actor, notice_no)
    permit(occasion.actor, row.agency_path, *FORWARDING_POSTS)
    said = record_rules.text("转递方式 means", means, limit=60)

    with journal.writing(occasion=occasion, act="filing.send_forwarding", unit=row.volume_urn) as line:
        swapped = Forwarding.objects.filter(notice_no=notice_no, stage=Forwarding.Stage.PREPARED).update(
            stage=Forwarding.Stage.SENT,
            means=said,
            sent_by=occasion.actor.staff_code,
            sent_at=occasion.at,
            due_date=_today(occasion) + dt.timedelta(days=settings.ANJUAN_RECEIPT_DAYS),
        )
        if swapped != 1:
            raise Refusal("L-001", reference=notice_no)
        volumes.set_custody(volume_urn=row.volume_urn, custody=Custody.IN_TRANSIT)
        line.say(notice_no=notice_no, means=said)


def take_receipt(*, occasion: Occasion, notice_no: str, receiver_name: str, receipt_date: dt.date) -> None:
    """Enter the receipt that came back (登记回执): from that day the other office answers for the dossier.

    Raises:
        A-001, R-009: the notice is not the actor's.
        F-025: the receipt is dated before the sending, or after today.
        L-001: it was not sent, or has its receipt already.
        R-010: the receiver is not named.
    """
    row = queries.get_forwarding_for(occasion.actor, notice_no)
    permit(occasion.actor, row.agency_path, *FORWARDING_POSTS)
    who = record_rules.text("接收人 receiver", receiver_name, limit=60)
    if row.sent_at is not None:
        rules.check_receipt(receipt_date, sent=_day(row.sent_at), today=_today(occasion))

    with journal.writing(occasion=occasion, act="filing.take_receipt", unit=row.volume_urn) as line:
        swapped = Forwarding.objects.filter(notice_no=notice_no, stage=Forwarding.Stage.SENT).update(
            stage=Forwarding.Stage.RECEIPTED,
            receiver_name=who,
            receipt_date=receipt_date,
            recorded_by=occasion.actor.staff_code,
            recorded_at=occasion.at,
        )
        if swapped != 1:
            raise Refusal("L-001", reference=notice_no)
        volumes.set_custody(volume_urn=row.volume_urn, custody=Custody.FORWARDED)
        line.say(notice_no=notice_no, receiver=who, receipt_date=receipt_date.isoformat())


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()


def _today(occasion: Occasion) -> dt.date:
    return _day(occasion.at)
