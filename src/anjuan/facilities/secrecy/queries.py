"""What is restricted, who asked to read it, and who may for how long (受控清单、申请、授权)."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Secrecy
from anjuan.facilities.secrecy import rules
from anjuan.facilities.secrecy.models import LeaveRequest, Marking
from anjuan.foundation.accounts.models import Authorisation
from anjuan.foundation.accounts.queries import scopes, scopes_on
from anjuan.records import queries as records
from anjuan.records.models import Item
from anjuan.records.queries import restricted

MOST_SHOWN = 200


@dataclass(frozen=True)
class MarkedItem:
    """An item as the register of secrecy shows it: its place in the catalogue, never its pages."""

    urn: str
    reference: str
    title: str
    agency_path: str
    secrecy: Secrecy


@dataclass(frozen=True)
class MarkRow:
    """The last word on an item's grade."""

    reason: str
    marked_by: str
    marked_at: dt.datetime


@dataclass(frozen=True)
class RequestRow:
    """A request to read, and what became of it."""

    uid: str
    unit: str
    reference: str
    title: str
    agency_path: str
    staff_code: str
    reason: str
    days: int
    asked_at: dt.datetime
    is_given: bool | None
    answer: str
    decided_by: str
    decided_at: dt.datetime | None


@dataclass(frozen=True)
class LeaveRow:
    """An authorisation: whose, for what, until when; ``is_running`` by the database's clock when it was read."""

    uid: str
    unit: str
    reference: str
    title: str
    agency_path: str
    staff_code: str
    reason: str
    since: dt.datetime
    until: dt.datetime
    given_by: str
    ended_at: dt.datetime | None
    ended_by: str
    is_running: bool


@dataclass(frozen=True)
class Standing:
    """How an item stands to one person (受控状态): its grade, whether he reads it, and what he asked or was given."""

    item: MarkedItem
    mark: MarkRow | None
    reads: bool
    request: RequestRow | None
    leave: LeaveRow | None


def day_of(at: dt.datetime) -> dt.date:
    """The calendar date of a moment, in the agency's zone."""
    return at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()


def get_seen_for(actor: Actor, item_urn: str) -> MarkedItem:
    """An item that the actor may see in the catalogue.

    Raises:
        R-009: there is none, or he may not see it.
    """
    row = records.items_visible_to(actor).filter(urn=item_urn).select_related("agency").first()
    return _marked(row, item_urn)


def get_marked_for(actor: Actor, item_urn: str) -> MarkedItem:
    """An item whose grade the actor may judge: the officer's by his agencies, anybody else's as he sees them.

    Raises:
        R-009: there is none, or it is not his to see.
    """
    return _marked(_known_to(actor).filter(urn=item_urn).select_related("agency").first(), item_urn)


def get_named_for(actor: Actor, name: str) -> MarkedItem:
    """The same by 档号, acceptance number or URN, as it is typed.

    Raises:
        R-009: there is none, or it is not his to see.
    """
    asked = name.strip()[:120]
    rows = Item.objects.filter(Q(urn=asked) | Q(reference_code=asked) | Q(acceptance_no=asked)).values_list("urn")
    for (urn,) in rows.order_by("id")[:5] if asked else ():
        try:
            return get_marked_for(actor, urn)
        except Refusal:
            continue
    raise Refusal("R-009", what=asked)


def reads(actor: Actor, item_urn: str) -> bool:
    """Whether the pages of an item are open to the actor, as far as secrecy goes."""
    return not restricted.closed_to(actor, [item_urn])


def restricted_items(actor: Actor) -> list[tuple[MarkedItem, MarkRow | None]]:
    """Restricted items, the last marked first: all of the officer's and the auditor's agencies, or those one sees."""
    rows = _known_to(actor).exclude(secrecy=Secrecy.OPEN).select_related("agency").order_by("-id")[:MOST_SHOWN]
    marks = _marks([row.urn for row in rows])
    found = [(_marked(row, row.urn), marks.get(row.urn)) for row in rows]
    return sorted(found, key=lambda one: one[1].marked_at if one[1] else dt.datetime.min.replace(tzinfo=dt.UTC))[::-1]


def waiting(actor: Actor) -> list[RequestRow]:
    """Requests that the officer has to decide on, the longest waiting first."""
    return _requests(_to_decide(actor).order_by("id")[:MOST_SHOWN])


def count_waiting(actor: Actor) -> int:
    """How many; no query for whoever decides on none."""
    return _to_decide(actor).count() if actor.holds(rules.OFFICER) else 0


def own_requests(actor: Actor) -> list[RequestRow]:
    """What the actor asked for, newest first."""
    return _requests(LeaveRequest.objects.filter(staff_code=actor.staff_code).order_by("-id")[:MOST_SHOWN])


def get_request_for(actor: Actor, uid: str) -> RequestRow:
    """A request in the officer's agencies.

    Raises:
        R-009: there is none, or it is not his to decide on.
    """
    rows = LeaveRequest.objects.filter(scopes_on("agency_path", actor, rules.OFFICER), uid=uid)
    found = _requests(rows)
    if not found:
        raise Refusal("R-009", what=uid[:20])
    return found[0]


def leaves(actor: Actor) -> list[LeaveRow]:
    """Authorisations, newest first: of the officer's and the auditor's agencies, or one's own."""
    return _leaves(_leaves_known_to(actor).order_by("-id")[:MOST_SHOWN])


def get_leave_for(actor: Actor, uid: str) -> LeaveRow:
    """One of them.

    Raises:
        R-009: there is none, or it is not his to see.
    """
    found = _leaves(_leaves_known_to(actor).filter(uid=uid))
    if not found:
        raise Refusal("R-009", what=uid[:20])
    return found[0]


def standing_of(actor: Actor, item_urn: str) -> Standing:
    """How an item stands to the actor.

    Raises:
        R-009: there is none, or it is not his to see.
    """
    item = get_marked_for(actor, item_urn)
    if item.secrecy is Secrecy.OPEN:
        return Standing(item, None, True, None, None)
    mine = {"staff_code": actor.staff_code, "unit": item_urn}
    asked = _requests(LeaveRequest.objects.filter(**mine).order_by("-id")[:1])
    held = _leaves(Authorisation.objects.filter(staff__staff_code=actor.staff_code, unit=item_urn).order_by("-id")[:1])
    return Standing(
        item,
        _marks([item_urn]).get(item_urn),
        records.items_visible_to(actor).filter(urn=item_urn).exists() and reads(actor, item_urn),
        asked[0] if asked else None,
        held[0] if held and held[0].is_running else None,
    )


def _registered(actor: Actor) -> QuerySet[Item]:
    return Item.objects.filter(scopes(actor, *rules.REGISTER_READERS))


def _known_to(actor: Actor) -> QuerySet[Item]:
    return _registered(actor) | records.items_visible_to(actor)


def _leaves_known_to(actor: Actor) -> QuerySet[Authorisation]:
    own = Q(staff__staff_code=actor.staff_code)
    return Authorisation.objects.filter(own | Q(unit__in=_registered(actor).values("urn")))


def _to_decide(actor: Actor) -> QuerySet[LeaveRequest]:
    return LeaveRequest.objects.filter(scopes_on("agency_path", actor, rules.OFFICER), is_given=None)


def _marked(row: Item | None, asked: str) -> MarkedItem:
    if row is None:
        raise Refusal("R-009", what=asked)
    return MarkedItem(row.urn, str(row), row.title, row.agency.path, Secrecy(row.secrecy))


def _marks(urns: Sequence[str]) -> dict[str, MarkRow]:
    rows = Marking.objects.filter(unit__in=urns).order_by("id")
    return {row.unit: MarkRow(row.reason, row.marked_by, row.marked_at) for row in rows}


def _names(urns: Sequence[str]) -> dict[str, MarkedItem]:
    rows = Item.objects.filter(urn__in=urns).select_related("agency")
    return {row.urn: _marked(row, row.urn) for row in rows}


def _requests(rows: QuerySet[LeaveRequest]) -> list[RequestRow]:
    found = list(rows)
    items = _names([row.unit for row in found])
    return [
        RequestRow(
            uid=row.uid,
            unit=row.unit,
            reference=items[row.unit].reference,
            title=items[row.unit].title,
            agency_path=row.agency_path,
            staff_code=row.staff_code,
            reason=row.reason,
            days=row.days,
            asked_at=row.asked_at,
            is_given=row.is_given,
            answer=row.answer,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in found
    ]


def _leaves(rows: QuerySet[Authorisation]) -> list[LeaveRow]:
    found = list(rows.select_related("staff"))
    pks = [row.pk for row in found]
    running = set(Authorisation.objects.filter(pk__in=pks, ended_at=None, until__gt=Now()).values_list("pk", flat=True))
    items = _names([row.unit for row in found])
    return [
        LeaveRow(
            uid=row.uid,
            unit=row.unit,
            reference=items[row.unit].reference,
            title=items[row.unit].title,
            agency_path=items[row.unit].agency_path,
            staff_code=row.staff.staff_code,
            reason=row.reason,
            since=row.since,
            until=row.until,
            given_by=row.given_by,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
            is_running=row.pk in running,
        )
        for row in found
    ]
