"""Sending a closed dossier on to another office (转递): notice, sending, receipt or calling back; custody follows."""

import datetime as dt
import zoneinfo

from django.conf import settings
from django.db import IntegrityError

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Custody, Occasion, Post, RestraintKind
from anjuan.desks.filing import queries, rules
from anjuan.desks.filing.models import Forwarding
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.numbering import actions as numbering
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.actions import volumes

FORWARDING_POSTS = (Post.FILER, Post.ARCHIVIST, Post.KEEPER)
MOST_NOTICES = 9999  # of an agency in a year: the number has four places


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
        F-004: the agency has used up the numbers of the year.
        F-023: it is no closed dossier, or not in this house's custody.
        F-024: a notice is under way for it.
        L-006: a restraint lies on it.
        R-009: no such volume.
        R-010: a field is empty or too long.

    Standard: S0-W17.
    Concurrency: the number is taken inside the deed, under the lock of its run: a deed that is undone leaves no gap.
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

    try:
        with journal.writing(occasion=occasion, act="filing.prepare_forwarding", unit=volume_urn) as line:
            records.hold_at(urn=volume_urn, states=(volume.state,))
            notice_no = _next_notice_no(occasion, volume_urn, volume.agency_code, year)
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
        notices.notify(
            line=line,
            kind=NoticeKind.RECEIPT_DUE,
            unit=row.volume_urn,
            reference=notice_no,
            agency_path=row.agency_path,
            post=Post.FILER,
            staff=(occasion.actor.staff_code,),
            within_days=settings.ANJUAN_RECEIPT_DAYS,
            office=row.to_name,
        )
        line.say(notice_no=notice_no, means=said)


def take_receipt(*, occasion: Occasion, notice_no: str, receiver_name: str, receipt_date: dt.date) -> None:
    """Enter the receipt that came back (登记回执): from that day the other office answers for the dossier.

    The hold is lifted: what is done with a dossier that has gone is refused by its custody (R-080).

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
        records.lift_restraint(line=line, urn=row.volume_urn, kind=RestraintKind.HOLD, reference=notice_no)
        volumes.set_custody(volume_urn=row.volume_urn, custody=Custody.FORWARDED)
        line.say(notice_no=notice_no, receiver=who, receipt_date=receipt_date.isoformat())


def cancel_forwarding(*, occasion: Occasion, notice_no: str, reason: str) -> None:
    """Call a forwarding back before its receipt (撤回转递): the hold is lifted, the number stays visible as voided.

    A dossier that was on its way is answered for again by who held it before.

    Raises:
        A-001, R-009: the notice is not the actor's.
        F-070: its receipt is entered.
        L-001: it was called back, or went a step further, meanwhile.
        R-010: no reason is given.

    Standard: S0-W17.
    Concurrency: compare-and-swap on the stage that was judged.
    """
    row = queries.get_forwarding_for(occasion.actor, notice_no)
    permit(occasion.actor, row.agency_path, *FORWARDING_POSTS)
    rules.check_cancelling(row.stage, reference=notice_no)
    said = record_rules.text("事由 reason", reason, limit=200)
    state = record_queries.volumes_by_urn([row.volume_urn])[row.volume_urn].state
    run, number = rules.notice_place(notice_no)

    with journal.writing(occasion=occasion, act="filing.cancel_forwarding", unit=row.volume_urn) as line:
        swapped = Forwarding.objects.filter(notice_no=notice_no, stage=row.stage).update(
            stage=Forwarding.Stage.CANCELLED,
            cancel_reason=said,
            cancelled_by=occasion.actor.staff_code,
            cancelled_at=occasion.at,
        )
        if swapped != 1:
            raise Refusal("L-001", reference=notice_no)
        records.lift_restraint(line=line, urn=row.volume_urn, kind=RestraintKind.HOLD, reference=notice_no)
        if row.stage == Forwarding.Stage.SENT:
            volumes.set_custody(volume_urn=row.volume_urn, custody=rules.custody_back(state))
        numbering.void(line=line, run_key=run, number=number, code=notice_no, reason=said)
        line.say(notice_no=notice_no, reason=said, stage_before=row.stage)


def _next_notice_no(occasion: Occasion, volume_urn: str, agency_code: str, year: int) -> str:
    """The next number of the agency's notices, inside the deed that bears it: claim and settlement are one step."""
    run = rules.notice_run(agency_code, year)
    (serial,) = numbering.claim(
        run_key=run,
        unit=volume_urn,
        count=1,
        floor=queries.highest_notice(agency_code, year),
        most=MOST_NOTICES,
        at=occasion.at,
    )
    numbering.settle(run_key=run, unit=volume_urn, numbers=(serial,))
    return rules.notice_no(agency_code, year, serial)


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()


def _today(occasion: Occasion) -> dt.date:
    return _day(occasion.at)
