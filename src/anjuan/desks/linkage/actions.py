"""Showing the business system's users what lies on record: asked, linked, opened, refused — each is written down."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion
from anjuan.desks.linkage import queries, rules
from anjuan.desks.linkage.models import ViewLink
from anjuan.desks.linkage.queries import Case, Link
from anjuan.foundation.journal import actions as journal


@dataclass(frozen=True)
class Issued:
    """A fresh link: its token is told once and kept nowhere."""

    token: str
    expires_at: dt.datetime


def look_up(*, occasion: Occasion, person: Actor, agency_code: str, serial: str, purpose: str) -> Case:
    """Tell a business system what lies on record of a case (按业务流水号查询). The question is written down.

    Args:
        occasion: the business system's account.
        person: its user who asks, by his account here.
        agency_code: whose case it is.
        serial: the serial of the business.
        purpose: what for, in words.

    Raises:
        A-001, B-070, B-071, B-074: see `rules.may_show`.
        B-075: no purpose.
        R-009: there is no such agency.

    Standard: S4-W7.
    """
    said, urn = rules.purpose_of(purpose), _permitted(occasion.actor, person, agency_code, serial)

    with journal.writing(occasion=occasion, act="linkage.look_up", unit=urn) as line:
        found = queries.case_of(urn)
        line.say(asked_by=person.staff_code, serial=serial, purpose=said, pages=found.pages)
    return found


def issue_link(*, occasion: Occasion, person: Actor, agency_code: str, serial: str, purpose: str) -> Issued:
    """Give a business system a link to a record for one of its users (签发调阅链接): short-lived, for him alone.

    Raises:
        A-001, B-070, B-071, B-074, B-075, R-009: as for `look_up`.

    Concurrency: two links for one person are two links; each is opened once.
    """
    said, urn = rules.purpose_of(purpose), _permitted(occasion.actor, person, agency_code, serial)
    token = occasion.fresh(rules.TOKEN_BYTES).hex()
    expires_at = occasion.at + dt.timedelta(minutes=settings.ANJUAN_LINK_MINUTES)

    with journal.writing(occasion=occasion, act="linkage.issue_link", unit=urn) as line:
        ViewLink.objects.create(
            token_digest=rules.digest(token),
            item_urn=urn,
            agency_code=agency_code,
            serial=serial,
            staff_code=person.staff_code,
            system_code=occasion.actor.staff_code,
            purpose=said,
            issued_at=occasion.at,
            expires_at=expires_at,
        )
        line.say(asked_by=person.staff_code, serial=serial, purpose=said, expires_at=expires_at.isoformat())
    return Issued(token, expires_at)


def open_link(*, occasion: Occasion, link: Link, reader: str) -> None:
    """Open a link for the first time (打开调阅链接): from now on it is this browser's.

    Args:
        occasion: the person the link was made for.
        link: as it was found.
        reader: the mark that this browser is given.

    Raises:
        B-073: another browser opened it a moment ago.

    Concurrency: swapped on *not opened yet*; of two browsers one is refused.
    """
    with journal.writing(occasion=occasion, act="linkage.open_link", unit=link.item_urn) as line:
        swapped = ViewLink.objects.filter(pk=link.pk, opened_at=None).update(
            opened_at=occasion.at, reader_digest=rules.digest(reader)
        )
        if swapped != 1:
            raise Refusal("B-073")
        line.say(serial=link.serial, system=link.system_code, purpose=link.purpose)


def note_refusal(*, occasion: Occasion, staff_code: str, agency_code: str, serial: str, code: str) -> None:
    """Write down that a business system was refused a case (联查被拒): what was asked in vain is a question too."""
    with journal.writing(
        occasion=occasion, act="linkage.note_refusal", unit=f"staff:{occasion.actor.staff_code}"
    ) as line:
        line.say(asked_by=_readable(staff_code), agency=_readable(agency_code), serial=_readable(serial), refusal=code)


def _readable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:40])


def _permitted(system: Actor, person: Actor, agency_code: str, serial: str) -> str:
    facts, urn = queries.asked(system, person, agency_code, serial)
    rules.may_show(facts, settings.ANJUAN_LINK_CLOSED)
    return urn
