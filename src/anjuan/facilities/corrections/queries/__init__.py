"""Seeing faults and corrections."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from anjuan.core.detection.catalogue import faults
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.corrections.models import Correction
from anjuan.facilities.corrections.rules import ANSWERING_POSTS, Cause, Fault
from anjuan.foundation.accounts.queries import scopes_on

MOST_COUNTED = 5000  # of an agency's newest faults


@dataclass(frozen=True)
class CorrectionRow:
    """A correction as lists and pages see it."""

    pk: int
    unit: str
    item_urn: str
    reference: str
    fault: Fault
    component_pk: int | None
    page_no: int | None
    box: tuple[float, float, float, float] | None
    note: str
    raised_by: str
    raised_at: dt.datetime
    due_date: dt.date
    status: str
    answer: str
    answered_by: str
    cause: Cause | None = None
    responsible: tuple[str, ...] = ()
    answered_at: dt.datetime | None = None
    closed_by: str = ""
    closed_at: dt.datetime | None = None
    agency_path: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.status == Correction.Status.OPEN


def fault_catalogue() -> Mapping[str, Fault]:
    """All faults a person can raise, by code (问题目录)."""
    return {code: fault for code, fault in faults().items() if fault.by_person}


def of_units(urns: Sequence[str], *, with_closed: bool = False) -> list[CorrectionRow]:
    """Corrections of records, whether raised on the record or on one of its items; oldest first."""
    rows = Correction.objects.filter(Q(unit__in=urns) | Q(item_urn__in=urns))
    if not with_closed:
        rows = rows.exclude(status=Correction.Status.CLOSED)
    return [row_of(row) for row in rows.order_by("raised_at", "id")]


def raised_between(since: dt.datetime, before: dt.datetime, *, limit: int) -> list[str]:
    """The items that faults were raised on in a time, one entry a fault, the newest first. Rights not judged."""
    rows = Correction.objects.filter(raised_at__gte=since, raised_at__lt=before).order_by("-id")
    return list(rows.values_list("item_urn", flat=True)[:limit])


def count_open(urns: Sequence[str]) -> int:
    """How many faults of these records still wait for an answer."""
    return Correction.objects.filter(Q(unit__in=urns) | Q(item_urn__in=urns), status=Correction.Status.OPEN).count()


def raised_for(actor: Actor, pk: int, *posts: Post) -> CorrectionRow:
    """A fault as those see it who check or answer for records.

    Raises:
        R-009: there is none, or it lies outside what these posts of the actor cover.
    """
    row = Correction.objects.filter(scopes_on("agency_path", actor, *posts), pk=pk).first()
    if row is None:
        raise Refusal("R-009", what=f"整改 #{pk}")
    return row_of(row)


def newest_raised(actor: Actor, *posts: Post, limit: int) -> list[CorrectionRow]:
    """The newest faults that these posts of the actor cover, and of which it is known whose work they were."""
    rows = Correction.objects.filter(scopes_on("agency_path", actor, *posts)).exclude(responsible=[])
    return [row_of(row) for row in rows.order_by("-id")[:limit]]


def places_of(code: str) -> list[tuple[str, str]]:
    """Where a fault was ever raised: the record that was returned, and the item in it. Rights not judged."""
    return list(Correction.objects.filter(fault_code=code).order_by("id").values_list("unit", "item_urn"))


def count_by_person(agency_path: str, people: Collection[str]) -> Mapping[str, int]:
    """How many faults of an agency's records were each of these people's work; one query. Rights not judged."""
    counted = dict.fromkeys(people, 0)
    rows = Correction.objects.filter(agency_path=agency_path).order_by("-id")
    for named in rows.values_list("responsible", flat=True)[:MOST_COUNTED]:
        for code in counted.keys() & set(named):
            counted[code] += 1
    return counted


def permit_answering(actor: Actor) -> None:
    """Whether the actor answers corrections at all.

    Raises:
        A-001: he holds none of the posts that mend.
    """
    if not actor.holds(*ANSWERING_POSTS):
        raise Refusal("A-001", posts=ANSWERING_POSTS)


def open_for(actor: Actor, limit: int = 200) -> list[CorrectionRow]:
    """Faults that wait for the actor's answer, the most urgent first."""
    return [row_of(row) for row in Correction.objects.filter(_mine(actor)).order_by("due_date", "id")[:limit]]


def count_open_for(actor: Actor) -> int:
    """How many faults wait for the actor's answer."""
    return Correction.objects.filter(_mine(actor)).count()


def get_for(actor: Actor, pk: int) -> CorrectionRow:
    """A correction the actor may answer.

    Raises:
        R-009: there is none, or it is not his to answer.
    """
    row = Correction.objects.filter(_mine(actor, only_open=False), pk=pk).first()
    if row is None:
        raise Refusal("R-009", what=f"整改 #{pk}")
    return row_of(row)


def _mine(actor: Actor, *, only_open: bool = True) -> Q:
    condition = Q(pk__in=[])
    for held in actor.appointments:
        if held.post in ANSWERING_POSTS:
            condition |= Q(agency_path__startswith=held.agency_path)
    return condition & Q(status=Correction.Status.OPEN) if only_open else condition


def row_of(row: Correction) -> CorrectionRow:
    """Frozen view of a correction."""
    return CorrectionRow(
        pk=row.pk,
        unit=row.unit,
        item_urn=row.item_urn,
        reference=row.reference,
        fault=faults()[row.fault_code],
        component_pk=row.component_pk,
        page_no=row.page_no,
        box=tuple(row.box) if row.box else None,
        note=row.note,
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        due_date=row.due_date,
        status=row.status,
        answer=row.answer,
        answered_by=row.answered_by,
        cause=Cause(row.cause) if row.cause else None,
        responsible=tuple(row.responsible),
        answered_at=row.answered_at,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        agency_path=row.agency_path,
    )
