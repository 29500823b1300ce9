"""Seeing faults and corrections."""

import datetime as dt
import functools
import importlib.resources
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.corrections.models import Correction
from anjuan.facilities.corrections.rules import ANSWERING_POSTS, Fault
from anjuan.foundation.accounts.queries import agency_names

QUALITY_POSTS = (Post.ACCEPTOR, Post.RECHECKER, Post.SUPERVISOR, Post.ARCHIVIST)


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

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.status == Correction.Status.OPEN


@functools.cache
def fault_catalogue() -> Mapping[str, Fault]:
    """All faults a person can raise, by code. Constant data of the package."""
    text = importlib.resources.files(__package__).joinpath("seed/faults.toml").read_text(encoding="utf-8")
    return {
        code: Fault(code, row["class"], row["zh"], row["en"], row["remedy_zh"], row["remedy_en"])
        for code, row in tomllib.loads(text).items()
    }


def of_units(urns: Sequence[str], *, with_closed: bool = False) -> list[CorrectionRow]:
    """Corrections of records, whether raised on the record or on one of its items; oldest first."""
    rows = Correction.objects.filter(Q(unit__in=urns) | Q(item_urn__in=urns))
    if not with_closed:
        rows = rows.exclude(status=Correction.Status.CLOSED)
    return [_row(row) for row in rows.order_by("raised_at", "id")]


def raised_between(since: dt.datetime, before: dt.datetime, *, limit: int) -> list[str]:
    """The items that faults were raised on in a time, one entry a fault, the newest first. Rights not judged."""
    rows = Correction.objects.filter(raised_at__gte=since, raised_at__lt=before).order_by("-id")
    return list(rows.values_list("item_urn", flat=True)[:limit])


def count_open(urns: Sequence[str]) -> int:
    """How many faults of these records still wait for an answer."""
    return Correction.objects.filter(Q(unit__in=urns) | Q(item_urn__in=urns), status=Correction.Status.OPEN).count()


def permit_answering(actor: Actor) -> None:
    """Whether the actor answers corrections at all.

    Raises:
        A-001: he holds none of the posts that mend.
    """
    if not actor.holds(*ANSWERING_POSTS):
        raise Refusal("A-001", posts=ANSWERING_POSTS)


def open_for(actor: Actor, limit: int = 200) -> list[CorrectionRow]:
    """Faults that wait for the actor's answer, the most urgent first."""
    return [_row(row) for row in Correction.objects.filter(_mine(actor)).order_by("due_date", "id")[:limit]]


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
    return _row(row)


def _mine(actor: Actor, *, only_open: bool = True) -> Q:
    condition = Q(pk__in=[])
    for held in actor.appointments:
        if held.post in ANSWERING_POSTS:
            condition |= Q(agency_path__startswith=held.agency_path)
    return condition & Q(status=Correction.Status.OPEN) if only_open else condition


@dataclass(frozen=True)
class AgencyQuality:
    """What was found in one agency's records over a time (案卷质量).

    Attributes:
        faults: kinds of fault with how often each was raised, the most frequent first.
        problems: records in which something was found: unit, how people call it, how many faults.
        open_count: faults that still wait for their answer.
    """

    agency_code: str
    agency_name: str
    faults: tuple[tuple[Fault, int], ...]
    problems: tuple[tuple[str, str, int], ...]
    open_count: int

    @property
    def total(self) -> int:
        """All faults raised."""
        return sum(count for _, count in self.faults)


def quality(actor: Actor, *, since: dt.datetime) -> list[AgencyQuality]:
    """What was found in each agency's records since then, as far as the actor's posts reach (档案质量分析): S3-W7.

    Raises:
        A-001: the actor neither accepts, re-checks nor leads.
    """
    if not actor.holds(*QUALITY_POSTS):
        raise Refusal("A-001", posts=QUALITY_POSTS)
    scope = Q(pk__in=[])
    for held in actor.appointments:
        if held.post in QUALITY_POSTS:
            scope |= Q(agency_path__startswith=held.agency_path)
    names = agency_names()
    by_agency: dict[str, list[Correction]] = {}
    for row in Correction.objects.filter(scope, raised_at__gte=since).order_by("reference", "id"):
        by_agency.setdefault(row.agency_path.rstrip("/").rsplit("/", 1)[-1], []).append(row)
    catalogue = fault_catalogue()
    found = []
    for code, rows in sorted(by_agency.items()):
        kinds = Counter(row.fault_code for row in rows)
        units = Counter((row.unit, row.reference) for row in rows)
        found.append(
            AgencyQuality(
                agency_code=code,
                agency_name=names.get(code, code),
                faults=tuple((catalogue[kind], count) for kind, count in kinds.most_common()),
                problems=tuple(
                    (unit, reference, count) for (unit, reference), count in sorted(units.items(), key=_by_reference)
                ),
                open_count=sum(row.status == Correction.Status.OPEN for row in rows),
            )
        )
    return found


def _by_reference(entry: tuple[tuple[str, str], int]) -> str:
    return entry[0][1]


def _row(row: Correction) -> CorrectionRow:
    return CorrectionRow(
        pk=row.pk,
        unit=row.unit,
        item_urn=row.item_urn,
        reference=row.reference,
        fault=fault_catalogue()[row.fault_code],
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
    )
