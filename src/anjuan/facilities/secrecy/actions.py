"""Marking records, asking for leave to read them, giving and ending it (定密、申请、授权、收回)."""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction

from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Occasion, Secrecy
from anjuan.facilities.secrecy import queries, rules
from anjuan.facilities.secrecy.models import LeaveRequest, Marking
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.accounts.queries import actor_for, permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.records.actions import secrecy as records


def mark(*, occasion: Occasion, item_urn: str, secrecy: Secrecy, reason: str) -> None:
    """Put an item under a grade of secrecy, or out of it (标注密级). It takes effect with this deed.

    Args:
        occasion: the security officer; or, to make an open one sensitive, whoever works with records of that agency.
        item_urn: which item.
        secrecy: the grade it shall have.
        reason: why, for the record.

    Raises:
        A-001: the actor neither is the officer nor works with records there.
        L-001: somebody was quicker.
        R-009: there is none, or he may not see it.
        R-082: no reason is given.
        R-084: it has this grade.
        R-087: only the security officer sets this one.
    """
    row = queries.get_marked_for(occasion.actor, item_urn)
    is_officer = occasion.actor.covers(row.agency_path, rules.OFFICER)
    rules.check_mark(before=row.secrecy, after=secrecy, is_officer=is_officer, reference=row.reference)
    if not is_officer:  # the auditor sees the register, and changes nothing
        permit(occasion.actor, row.agency_path, *RECORD_POSTS)
    words = rules.said(reason)

    with journal.writing(occasion=occasion, act="secrecy.mark", unit=item_urn) as line:
        records.set_secrecy(urn=item_urn, before=row.secrecy, after=secrecy)
        Marking.objects.create(
            unit=item_urn,
            before=row.secrecy,
            after=secrecy,
            reason=words,
            marked_by=occasion.actor.staff_code,
            marked_at=occasion.at,
        )
        line.say(before=row.secrecy, after=secrecy, reason=words)


def ask_leave(*, occasion: Occasion, item_urn: str, reason: str, days: int) -> str:
    """Ask to read a restricted item (申请查阅). Returns the request's uid.

    Raises:
        A-001: the actor works with no records.
        R-009: there is none, or he may not see it.
        R-082, R-083: no reason, or not a number of days that can be given.
        R-085: a request of his is waiting.
        R-089: its pages are open to him.
    """
    row = queries.get_seen_for(occasion.actor, item_urn)
    permit(occasion.actor, row.agency_path, *RECORD_POSTS)
    if queries.reads(occasion.actor, item_urn):
        raise Refusal("R-089", reference=row.reference)
    words = rules.said(reason)
    rules.check_days(days, most=settings.ANJUAN_LEAVE_DAYS)
    uid = occasion.fresh(8).hex()

    with journal.writing(occasion=occasion, act="secrecy.ask_leave", unit=item_urn) as line:
        try:
            with transaction.atomic():
                LeaveRequest.objects.create(
                    uid=uid,
                    unit=item_urn,
                    agency_path=row.agency_path,
                    staff_code=occasion.actor.staff_code,
                    reason=words,
                    days=days,
                    asked_at=occasion.at,
                )
        except IntegrityError:  # one of his waits
            raise Refusal("R-085", reference=row.reference) from None
        line.say(request=uid, reason=words, days=days)
    return uid


def give_leave(*, occasion: Occasion, uid: str, days: int) -> dt.datetime:
    """Let somebody read what he asked for, for so many days from now (批准查阅). Returns when it ends.

    Raises:
        A-001: the actor is no security officer over that agency.
        L-001: it was decided already.
        R-009: no such request.
        R-083: not a number of days that can be given.
        R-086: it is his own.
        R-088: who asked has no post there any more.
    """
    row = queries.get_request_for(occasion.actor, uid)
    rules.check_decider(asked_by=row.staff_code, decider=occasion.actor.staff_code)
    rules.check_days(days, most=settings.ANJUAN_LEAVE_DAYS)
    until = occasion.at + dt.timedelta(days=days)
    _check_reader(occasion, row.staff_code, row.agency_path, row.reference)

    with journal.writing(occasion=occasion, act="secrecy.give_leave", unit=row.unit) as line:
        _decide(line, uid, is_given=True, days=days, reference=row.reference)
        accounts.authorise(line=line, uid=uid, staff_code=row.staff_code, unit=row.unit, reason=row.reason, until=until)
        line.say(request=uid, days=days)
    return until


def decline_leave(*, occasion: Occasion, uid: str, answer: str) -> None:
    """Tell somebody that he may not read what he asked for, and why (驳回查阅申请).

    Raises:
        A-001: the actor is no security officer over that agency.
        L-001: it was decided already.
        R-009: no such request.
        R-082: no reason is given.
        R-086: it is his own.
    """
    row = queries.get_request_for(occasion.actor, uid)
    rules.check_decider(asked_by=row.staff_code, decider=occasion.actor.staff_code)
    words = rules.said(answer)

    with journal.writing(occasion=occasion, act="secrecy.decline_leave", unit=row.unit) as line:
        _decide(line, uid, is_given=False, answer=words, reference=row.reference)
        line.say(request=uid, answer=words)


def grant_leave(*, occasion: Occasion, item_urn: str, staff_code: str, reason: str, days: int) -> str:
    """Let a named person read a restricted item without having asked (直接授权): of secret ones nobody can ask.

    Returns the authorisation's uid.

    Raises:
        A-001: the actor is no security officer over that agency.
        A-004: no such active person.
        R-009: there is no such item.
        R-082, R-083: no reason, or not a number of days that can be given.
        R-086: it would be for himself.
        R-088: the person has no post there.
        R-089: it is not restricted.
    """
    row = queries.get_marked_for(occasion.actor, item_urn)
    permit(occasion.actor, row.agency_path, rules.OFFICER)
    rules.check_decider(asked_by=staff_code, decider=occasion.actor.staff_code)
    words = rules.said(reason)
    rules.check_days(days, most=settings.ANJUAN_LEAVE_DAYS)
    if row.secrecy is Secrecy.OPEN:
        raise Refusal("R-089", reference=row.reference)
    _check_reader(occasion, staff_code, row.agency_path, row.reference)
    uid, until = occasion.fresh(8).hex(), occasion.at + dt.timedelta(days=days)

    with journal.writing(occasion=occasion, act="secrecy.grant_leave", unit=item_urn) as line:
        accounts.authorise(line=line, uid=uid, staff_code=staff_code, unit=item_urn, reason=words, until=until)
        line.say(days=days)
    return uid


def end_leave(*, occasion: Occasion, uid: str, reason: str) -> None:
    """Take a leave back before it runs out (收回授权). It ends with this deed.

    Raises:
        A-001: the actor is neither the security officer over that agency nor the person himself.
        L-001: it has ended already.
        R-009: no such leave.
        R-082: no reason is given.
    """
    row = queries.get_leave_for(occasion.actor, uid)
    if row.staff_code != occasion.actor.staff_code:
        permit(occasion.actor, row.agency_path, rules.OFFICER)
    words = rules.said(reason)

    with journal.writing(occasion=occasion, act="secrecy.end_leave", unit=row.unit) as line:
        accounts.end_authorisation(line=line, uid=uid)
        line.say(leave=uid, staff=row.staff_code, reason=words)


def _decide(line: Line, uid: str, *, is_given: bool, reference: str, days: int | None = None, answer: str = "") -> None:
    swapped = LeaveRequest.objects.filter(uid=uid, is_given=None).update(
        is_given=is_given,
        days_given=days,
        answer=answer,
        decided_by=line.occasion.actor.staff_code,
        decided_at=line.occasion.at,
    )
    if swapped != 1:
        raise Refusal("L-001", reference=reference)


def _check_reader(occasion: Occasion, staff_code: str, agency_path: str, reference: str) -> None:
    reader: Actor = actor_for(staff_code, on=queries.day_of(occasion.at))
    if not reader.covers(agency_path, *RECORD_POSTS):
        raise Refusal("R-088", staff=staff_code, reference=reference)
