"""The analysis of quality (档案质量分析): what was found, in whose records, why, and how it went over the months."""

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q

from anjuan.core.detection.catalogue import Grade, faults
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post
from anjuan.facilities.corrections.models import Correction
from anjuan.facilities.corrections.queries import CorrectionRow, row_of
from anjuan.facilities.corrections.rules import Cause, Fault
from anjuan.foundation.accounts import queries as accounts
from anjuan.records.queries import judged

QUALITY_POSTS = (Post.ACCEPTOR, Post.RECHECKER, Post.SUPERVISOR, Post.ARCHIVIST)
REPEATED = 3  # times one fault of one person counts as repeated; a setting of ours, unconfirmed


@dataclass(frozen=True)
class Repeat:
    """One fault that one person's work had again and again."""

    staff_code: str
    staff_name: str
    fault: Fault
    count: int


@dataclass(frozen=True)
class AgencyQuality:
    """What was found in one agency's records over a time (案卷质量).

    Attributes:
        faults: kinds of fault with how often each was raised, the most frequent first.
        problems: records in which something was found: unit, how people call it, how many faults.
        open_count: faults that still wait for their answer.
        overdue_count: of those, past their day.
        causes: where the faults came from, the most frequent first; none for those of which nobody said.
        categories: faults by category of business: code, name, how many.
        people: whose work they were: code, name, how many.
        repeated: one fault of one person, three times and more.
        months: faults of each class by month, oldest first.
    """

    agency_code: str
    agency_name: str
    faults: tuple[tuple[Fault, int], ...]
    problems: tuple[tuple[str, str, int], ...]
    open_count: int
    overdue_count: int
    causes: tuple[tuple[Cause | None, int], ...]
    categories: tuple[tuple[str, str, int], ...]
    people: tuple[tuple[str, str, int], ...]
    repeated: tuple[Repeat, ...]
    months: tuple[tuple[str, Mapping[Grade, int]], ...]

    @property
    def total(self) -> int:
        """All faults raised."""
        return sum(count for _, count in self.faults)


def quality(actor: Actor, *, since: dt.datetime, now: dt.datetime, agency_code: str = "") -> list[AgencyQuality]:
    """What was found in each agency's records since then, as far as the actor's posts reach (档案质量分析): S3-W7.

    Args:
        actor: who looks.
        since: from this moment on.
        now: the moment it is asked: what is open past its day is overdue.
        agency_code: of one agency alone.

    Raises:
        A-001: the actor neither accepts, re-checks nor leads.
    """
    rows = list(Correction.objects.filter(_reach(actor), raised_at__gte=since).order_by("reference", "id"))
    by_agency: dict[str, list[Correction]] = {}
    for row in rows:
        code = _agency_of(row)
        if not agency_code or code == agency_code:
            by_agency.setdefault(code, []).append(row)
    shown = [row for some in by_agency.values() for row in some]
    names = accounts.agency_names()
    people = accounts.staff_names({code for row in shown for code in row.responsible})
    categories = judged.categories_of({row.item_urn for row in shown})
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    newest = max((row.raised_at.astimezone(zone).date() for row in shown), default=today)
    months = _months(since.astimezone(zone).date(), max(today, newest))
    return [
        AgencyQuality(
            agency_code=code,
            agency_name=names.get(code, code),
            faults=tuple((faults()[kind], n) for kind, n in Counter(row.fault_code for row in some).most_common()),
            problems=_problems(some),
            open_count=sum(row.status == Correction.Status.OPEN for row in some),
            overdue_count=sum(row.status == Correction.Status.OPEN and row.due_date < today for row in some),
            causes=tuple(
                (Cause(cause) if cause else None, n) for cause, n in Counter(row.cause for row in some).most_common()
            ),
            categories=tuple(
                (*category, n)
                for category, n in Counter(categories.get(row.item_urn, ("", "")) for row in some).most_common()
            ),
            people=tuple(
                (person, people.get(person, person), n)
                for person, n in Counter(person for row in some for person in row.responsible).most_common()
            ),
            repeated=_repeated(some, people),
            months=tuple((month, _grades(some, month, zone)) for month in months),
        )
        for code, some in sorted(by_agency.items())
    ]


@dataclass(frozen=True)
class Root:
    """Faults of one agency that came from one root cause.

    Attributes:
        faults: kinds of fault with how often each was raised, the most frequent first.
        people: staff codes of those whose work they were, with how many; the most first.
    """

    agency_code: str
    agency_path: str
    cause: Cause
    count: int
    faults: tuple[tuple[Fault, int], ...]
    people: tuple[tuple[str, int], ...]


def roots(actor: Actor, since: dt.datetime, trained: Mapping[tuple[str, str], dt.datetime]) -> list[Root]:
    """Where the faults raised since then came from, by agency and root cause, as far as whoever mended them said so.

    Args:
        actor: who looks.
        since: from this moment on.
        trained: by agency and cause, a later moment that is counted from instead.

    Raises:
        A-001: the actor neither accepts, re-checks nor leads.

    Standard: S3-R11, S3-P7.
    """
    rows = Correction.objects.filter(_reach(actor), raised_at__gte=since).exclude(cause="")
    found: dict[tuple[str, str], list[Correction]] = {}
    for row in rows.order_by("agency_path", "cause", "id"):
        key = (_agency_of(row), row.cause)
        if row.raised_at >= trained.get(key, since):
            found.setdefault(key, []).append(row)
    return [
        Root(
            agency_code=agency,
            agency_path=some[0].agency_path,
            cause=Cause(cause),
            count=len(some),
            faults=tuple((faults()[kind], n) for kind, n in Counter(row.fault_code for row in some).most_common()),
            people=tuple(Counter(person for row in some for person in row.responsible).most_common()),
        )
        for (agency, cause), some in found.items()
    ]


def of_agency(actor: Actor, agency_code: str, *, since: dt.datetime) -> list[CorrectionRow]:
    """Every fault raised in one agency's records since then, oldest first (问题案卷明细): S3-F5.

    Raises:
        A-001: the actor neither accepts, re-checks nor leads.
        R-009: there is no such agency, or the actor's posts do not reach it.
    """
    if not any(
        accounts.agency(agency_code).path.startswith(held.agency_path)
        for held in actor.appointments
        if held.post in QUALITY_POSTS
    ):
        _reach(actor)
        raise Refusal("R-009", what=agency_code)
    rows = Correction.objects.filter(agency_path=accounts.agency(agency_code).path, raised_at__gte=since)
    return [row_of(row) for row in rows.order_by("reference", "raised_at", "id")]


def how_often(actor: Actor, *, since: dt.datetime) -> Mapping[str, Mapping[str, int]]:
    """How often each fault was raised since then in the agencies that the actor's posts cover, by code and cause.

    A fault whose cause nobody has told yet counts under the empty word. One query.

    Standard: S3-P7.
    """
    rows = Correction.objects.filter(accounts.scopes_on("agency_path", actor, *RECORD_POSTS), raised_at__gte=since)
    found: dict[str, dict[str, int]] = {}
    counted = rows.values_list("fault_code", "cause").annotate(count=Count("id")).order_by("fault_code", "cause")
    for code, cause, count in counted:
        found.setdefault(code, {})[cause] = count
    return found


def _reach(actor: Actor) -> Q:
    if not actor.holds(*QUALITY_POSTS):
        raise Refusal("A-001", posts=QUALITY_POSTS)
    scope = Q(pk__in=[])
    for held in actor.appointments:
        if held.post in QUALITY_POSTS:
            scope |= Q(agency_path__startswith=held.agency_path)
    return scope


def _agency_of(row: Correction) -> str:
    return row.agency_path.rstrip("/").rsplit("/", 1)[-1]


def _problems(rows: Iterable[Correction]) -> tuple[tuple[str, str, int], ...]:
    units = Counter((row.unit, row.reference) for row in rows)
    return tuple((unit, reference, n) for (unit, reference), n in sorted(units.items(), key=lambda entry: entry[0][1]))


def _repeated(rows: Iterable[Correction], people: Mapping[str, str]) -> tuple[Repeat, ...]:
    counted = Counter((person, row.fault_code) for row in rows for person in row.responsible)
    return tuple(
        Repeat(person, people.get(person, person), faults()[code], n)
        for (person, code), n in counted.most_common()
        if n >= REPEATED
    )


def _months(first: dt.date, last: dt.date) -> Sequence[str]:
    """The months of a time, at most thirteen of the newest."""
    found: list[str] = []
    year, month = last.year, last.month
    while (year, month) >= (first.year, first.month) and len(found) < 13:
        found.append(f"{year}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def _grades(rows: Iterable[Correction], month: str, zone: zoneinfo.ZoneInfo) -> Mapping[Grade, int]:
    counted = Counter(
        faults()[row.fault_code].grade for row in rows if f"{row.raised_at.astimezone(zone):%Y-%m}" == month
    )
    return {grade: counted[grade] for grade in Grade}
