"""Holding the business system's completions against the records (应归未归、有档无业务)."""

import datetime as dt
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from anjuan.core.terms import Actor, Post, Route, State
from anjuan.facilities.business.models import Completion
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import scopes
from anjuan.records.models import Item

POSTS = (Post.HANDLER, Post.ARCHIVIST, Post.SUPERVISOR)
UNFILED = (State.COLLECTING, State.IN_REVIEW, State.REVIEWED, State.FILING)
ROWS = 100


class Gap(enum.StrEnum):
    """What does not agree."""

    NO_RECORD = "NO_RECORD"  # completed, and no record at all
    NOT_FILED = "NOT_FILED"  # completed, and its record is not filed yet
    NO_BUSINESS = "NO_BUSINESS"  # a record whose case the business system does not know as completed


@dataclass(frozen=True)
class GapCount:
    """How many of one kind in one agency and business step, and since when the oldest."""

    gap: Gap
    agency_code: str
    step_code: str
    count: int
    oldest: dt.datetime


@dataclass(frozen=True)
class GapRow:
    """One case that does not agree."""

    key: int
    agency_code: str
    step_code: str
    number: str
    since: dt.datetime
    urn: str
    state: str


def counts(actor: Actor) -> list[GapCount]:
    """All gaps of the actor's agencies, by agency and step; three queries however many cases there are."""
    found = []
    for gap in Gap:
        since = "registered_at" if gap is Gap.NO_BUSINESS else "completed_at"
        agency = "agency__code" if gap is Gap.NO_BUSINESS else "agency_code"
        rows: Any = _rows(actor, gap)
        rows = rows.values(agency, "step_code").annotate(number=Count("pk"), oldest=Min(since))
        found += [
            GapCount(gap, row[agency], row["step_code"], row["number"], row["oldest"])
            for row in rows.order_by(agency, "step_code")
        ]
    return found


def listed(
    actor: Actor, gap: Gap, *, agency_code: str = "", step_code: str = "", after: int = 0, limit: int = ROWS
) -> Sequence[GapRow]:
    """Cases of one kind by key, from one key on."""
    rows: Any = _rows(actor, gap).filter(pk__gt=after).order_by("pk")
    is_record = gap is Gap.NO_BUSINESS
    if agency_code:
        rows = rows.filter(**{"agency__code" if is_record else "agency_code": agency_code})
    if step_code:
        rows = rows.filter(step_code=step_code)
    if is_record:
        found = rows.values_list("pk", "agency__code", "step_code", "acceptance_no", "registered_at", "urn", "state")
    else:
        found = rows.values_list("pk", "agency_code", "step_code", "serial", "completed_at", "item_urn", "item_state")
    return [
        GapRow(pk, agency, step, number, since, urn or "", state or "")
        for pk, agency, step, number, since, urn, state in found[:limit]
    ]


def every(actor: Actor, gap: Gap, *, agency_code: str = "", step_code: str = "") -> Iterator[GapRow]:
    """All of them, a thousand at a time."""
    last = 0
    while rows := listed(actor, gap, agency_code=agency_code, step_code=step_code, after=last, limit=1000):
        yield from rows
        last = rows[-1].key


def _rows(actor: Actor, gap: Gap) -> "QuerySet[Completion] | QuerySet[Item]":
    known = Completion.objects.filter(agency_code=OuterRef("agency__code"), serial=OuterRef("acceptance_no"))
    if gap is Gap.NO_BUSINESS:
        # Only where the business system does tell of such cases: elsewhere nothing is amiss.
        told = Completion.objects.filter(agency_code=OuterRef("agency__code"), step_code=OuterRef("step_code"))
        seen = Item.objects.filter(scopes(actor, *POSTS)).filter(Q(route=Route.SINGLE_SET) | Exists(told))
        return seen.filter(~Exists(known))
    records = Item.objects.filter(agency__code=OuterRef("agency_code"), acceptance_no=OuterRef("serial"))
    newer = Completion.objects.filter(
        agency_code=OuterRef("agency_code"), serial=OuterRef("serial"), as_of__gt=OuterRef("as_of")
    )
    rows = Completion.objects.filter(~Exists(newer), agency_code__in=_agencies(actor)).annotate(
        item_state=Subquery(records.values("state")[:1]),
        item_route=Subquery(records.values("route")[:1]),
        item_urn=Subquery(records.values("urn")[:1]),
    )
    if gap is Gap.NO_RECORD:
        return rows.filter(item_state=None)
    waits = Q(item_route=Route.SINGLE_SET, item_state=State.COLLECTING)
    return rows.filter(waits | (~Q(item_route=Route.SINGLE_SET) & Q(item_state__in=UNFILED)))


def _agencies(actor: Actor) -> list[str]:
    held = [one.agency_path for one in actor.appointments if one.post in POSTS]
    return [code for code, row in accounts.agencies().items() if any(row.path.startswith(path) for path in held)]
