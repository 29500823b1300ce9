"""Seeing what is due and what is late (期限): by agency and step, each number with its list; how much was on time."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum

from anjuan.core import arrangement
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Custody, Post, Route, State, UnitKind
from anjuan.facilities.progress import rules
from anjuan.facilities.progress.rules import Deadline, OnTime
from anjuan.foundation.accounts.queries import scopes
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.records.models import Component, Item, Volume
from anjuan.records.rows import ItemRow, VolumeRow

READERS = (Post.HANDLER, Post.REVIEWER, Post.FILER, Post.CHECKER, Post.ARCHIVIST, Post.SUPERVISOR)
OPEN_STATES = (State.COLLECTING, State.IN_REVIEW, State.REVIEWED, State.FILING)
LISTED = 100
ON_TIME_DAYS = 90
MOST_ENTRIES = 50_000
FORMED = "formed"
# A paper-first volume is kept for a year before it leaves (S3-N1): the clock of its age watches it, not the new year.
LEAVING_ROUTES = (Route.TARGET, Route.SINGLE_SET)


@dataclass(frozen=True)
class BoardRow:
    """How many records of one agency and step (or category) wait, are late, or are due within the week.

    Attributes:
        key: code of the step; of the category, for volumes.
        oldest_date: the day since which the oldest waits.
    """

    deadline: Deadline
    agency_code: str
    key: str
    waiting: int
    late: int
    soon: int
    oldest_date: dt.date


@dataclass(frozen=True)
class DueRow:
    """One record that is due: until when, how late it is, and whose turn it is."""

    pk: int
    urn: str
    reference: str
    title: str
    agency_code: str
    key: str
    state: State
    since_date: dt.date
    due_date: dt.date
    days_late: int
    posts: frozenset[Post]
    is_volume: bool
    mark: str  # where the next page of the list begins


@dataclass(frozen=True)
class Imaging:
    """How much of the paper of one agency, category and year is imaged (S4-P3)."""

    agency_code: str
    category_code: str
    year: int
    items: int
    paper_pages: int
    image_pages: int

    @property
    def percent(self) -> int:
        """Imaged pages of a hundred of paper, down to a whole one, a hundred at most."""
        return min(100 * self.image_pages // self.paper_pages, 100) if self.paper_pages else 100


def permit_deadlines(actor: Actor) -> None:
    """Whether the actor works with records that can be late.

    Raises:
        A-001: no such post.
    """
    if not actor.holds(*READERS):
        raise Refusal("A-001", posts=READERS)


def board(actor: Actor, today: dt.date) -> list[BoardRow]:
    """What waits, what is late and what is due soon, by agency and step (催归档一览); a dozen queries."""
    permit_deadlines(actor)
    found = []
    for deadline in Deadline:
        rows, start, key = _rows(actor, deadline, today)
        counted = (
            rows.values_list("agency__code", key)
            .annotate(
                waiting=Count("id"),
                late=Count("id", filter=_late(deadline, today)),
                soon=Count("id", filter=_late(deadline, today + dt.timedelta(days=rules.SOON_DAYS))),
                oldest=Min(start),
            )
            .order_by("agency__code", key)
        )
        found += [
            BoardRow(deadline, agency, of, waiting, late, soon - late, _day(oldest))
            for agency, of, waiting, late, soon, oldest in counted
        ]
    return found


def late_counts(actor: Actor, today: dt.date) -> Mapping[Deadline, int]:
    """How many of the actor's records are late, by what they are late with."""
    return {deadline: _rows(actor, deadline, today)[0].filter(_late(deadline, today)).count() for deadline in Deadline}


def count_late(actor: Actor, today: dt.date) -> int:
    """How many of the actor's records are late with anything: for *my desk*."""
    return sum(late_counts(actor, today).values())


def count_soon(actor: Actor, today: dt.date) -> int:
    """How many are due within the week."""
    end = today + dt.timedelta(days=rules.SOON_DAYS)
    return sum(
        _rows(actor, deadline, today)[0].filter(_late(deadline, end)).exclude(_late(deadline, today)).count()
        for deadline in Deadline
    )


def due_list(
    actor: Actor,
    deadline: Deadline,
    today: dt.date,
    *,
    agency_code: str = "",
    key: str = "",
    soon: bool = False,
    after: str = "",
    limit: int = LISTED,
) -> list[DueRow]:
    """The records behind a number, the oldest first, from a mark on (逾期清单).

    Args:
        actor: who looks.
        deadline: which.
        today: the agency's date.
        agency_code: of one agency alone.
        key: of one step, or category, alone.
        soon: those due within the week instead of the late ones.
        after: mark of the last row of the page before.
        limit: how many.
    """
    permit_deadlines(actor)
    rows, start, field = _rows(actor, deadline, today)
    if soon:
        rows = rows.filter(_late(deadline, today + dt.timedelta(days=rules.SOON_DAYS)))
        rows = rows.exclude(_late(deadline, today))
    else:
        rows = rows.filter(_late(deadline, today))
    if agency_code:
        rows = rows.filter(agency__code=agency_code)
    if key:
        rows = rows.filter(**{field: key})
    moment, _, pk = after.rpartition("|")
    if moment and pk.isdecimal():
        try:
            since: dt.date = dt.datetime.fromisoformat(moment) if "T" in moment else dt.date.fromisoformat(moment)
        except ValueError:
            raise Refusal("R-009", what=after[:40]) from None
        rows = rows.filter(Q(**{f"{start}__gt": since}) | Q(**{start: since}, pk__gt=int(pk)))
    steps = schedule.stepbook()
    found = rows.select_related("agency", *(() if deadline is Deadline.FILING else ("category",)))
    return [_due(row, deadline, start, steps, today) for row in found.order_by(start, "pk")[:limit]]


def due_date_of(item: Item | Volume, deadline: Deadline, steps: schedule.Stepbook) -> dt.date:
    """The day until which a record is to be filed, handed over, or may lie at its agency."""
    if isinstance(item, Item):
        start = _day(item.formed_date if settings.ANJUAN_FILING_FROM == FORMED else item.registered_at)
        return rules.filing_due(start, steps.of(item.step_code, item.registered_at).filing_days)
    if deadline is Deadline.TRANSFER:
        return rules.transfer_due(item.year, settings.ANJUAN_TRANSFER_DUE)
    return _day(item.opened_at) + dt.timedelta(days=settings.ANJUAN_AGENCY_DAYS)


def due_of(record: ItemRow | VolumeRow) -> tuple[Deadline, dt.date] | None:
    """What a record is due for next, and until when; nothing once it has left the agency, or while a dossier grows."""
    if record.custody is not Custody.AGENCY:
        return None
    if isinstance(record, ItemRow):
        if record.state not in OPEN_STATES or record.reference_code or record.clock_date is None:
            return None
        start = record.formed_date if settings.ANJUAN_FILING_FROM == FORMED else _day(record.registered_at)
        step = schedule.step(record.step_code, record.registered_at)
        return Deadline.FILING, rules.filing_due(start, step.filing_days)
    if arrangement.kinds()[record.arrangement].closes and not record.reference_code:
        return None
    due = {Deadline.AGE: _day(record.opened_at) + dt.timedelta(days=settings.ANJUAN_AGENCY_DAYS)}
    if record.route in LEAVING_ROUTES:
        due[Deadline.TRANSFER] = rules.transfer_due(record.year, settings.ANJUAN_TRANSFER_DUE)
    return min(due.items(), key=lambda one: one[1])


def on_time(actor: Actor, now: dt.datetime, *, days: int = ON_TIME_DAYS) -> list[OnTime]:
    """How much was filed on its day, by agency, of what was sealed in these days and of what is late now (S1-C3)."""
    permit_deadlines(actor)
    sealed = {
        unit: at for unit, at, _ in journal.acts_since(now - dt.timedelta(days=days), SEALING, limit=MOST_ENTRIES)
    }
    steps = schedule.stepbook()
    counted: dict[str, list[int]] = {}
    urns = sorted(sealed)
    for first in range(0, len(urns), 500):
        items = Item.objects.filter(scopes(actor, *READERS), volume__urn__in=urns[first : first + 500])
        for item in items.select_related("agency", "volume").exclude(volume__arrangement__in=_growing()):
            due = due_date_of(item, Deadline.FILING, steps)
            assert item.volume is not None  # noqa: S101 - it was asked for by its volume
            in_time = _day(sealed[item.volume.urn]) <= due
            counted.setdefault(item.agency.code, [0, 0, 0])[0 if in_time else 1] += 1
    today = _day(now)
    rows, _, _ = _rows(actor, Deadline.FILING, today)
    late = rows.filter(_late(Deadline.FILING, today)).values_list("agency__code").annotate(count=Count("id"))
    for agency, count in late.order_by("agency__code"):
        counted.setdefault(agency, [0, 0, 0])[2] = count
    return [OnTime(agency, *numbers) for agency, numbers in sorted(counted.items())]


SEALING = ("filing.seal",)


def imaging(actor: Actor) -> list[Imaging]:
    """How much of the paper is imaged, by agency, category and year (影像化率); two queries."""
    permit_deadlines(actor)
    items = Item.objects.filter(scopes(actor, *READERS))
    by = ("agency__code", "category__code", "year")
    counted = {
        key: (count, paper)
        for *key_parts, count, paper in items.values_list(*by)
        .annotate(count=Count("id"), paper=Sum("paper_pages"))
        .order_by(*by)
        for key in (tuple(key_parts),)
    }
    own = Component.objects.filter(superseded_at=None, item__in=items.values("pk"))
    of_item = tuple(f"item__{name}" for name in by)
    images = {
        tuple(key): pages
        for *key, pages in own.values_list(*of_item).annotate(pages=Sum("page_count")).order_by(*of_item)
    }
    return [
        Imaging(str(agency), str(category), int(year), count, paper or 0, images.get((agency, category, year), 0) or 0)
        for (agency, category, year), (count, paper) in counted.items()
    ]


@dataclass(frozen=True)
class Lateness:
    """How many records of one agency are late with one thing: what its people are told."""

    agency_code: str
    agency_path: str
    deadline: Deadline
    late: int
    oldest_days: int


def lateness(today: dt.date) -> list[Lateness]:
    """Every agency with late records; rights not judged: for the calendar."""
    found = []
    for deadline in Deadline:
        rows, start, _ = _rows(None, deadline, today)
        counted = rows.filter(_late(deadline, today)).values_list("agency__code", "agency__path")
        for code, path, late, oldest in counted.annotate(late=Count("id"), oldest=Min(start)).order_by("agency__code"):
            found.append(Lateness(code, path, deadline, late, (today - _day(oldest)).days))
    return found


def _rows(actor: Actor | None, deadline: Deadline, today: dt.date) -> tuple[QuerySet[Any], str, str]:
    """The records that a deadline watches, the field its clock starts from, and the field they are grouped by."""
    scope = scopes(actor, *READERS) if actor is not None else Q()
    if deadline is Deadline.FILING:
        start = "formed_date" if settings.ANJUAN_FILING_FROM == FORMED else "registered_at"
        lying = Q(volume=None) | ~Q(volume__arrangement__in=_growing())
        return Item.objects.filter(scope, lying, state__in=OPEN_STATES, reference_code=None), start, "step_code"
    grows = Q(arrangement__in=_growing(), reference_code=None)
    rows = Volume.objects.filter(scope, ~grows, custody=Custody.AGENCY)
    if deadline is Deadline.TRANSFER:
        rows = rows.filter(route__in=LEAVING_ROUTES, year__lt=today.year)
    return rows, "opened_at", "category__code"


def _late(deadline: Deadline, today: dt.date) -> Q:
    """What is late on a day."""
    if deadline is Deadline.TRANSFER:
        return Q(year__lte=rules.newest_year_due(today, settings.ANJUAN_TRANSFER_DUE))
    if deadline is Deadline.AGE:
        return Q(opened_at__lt=_midnight(today - dt.timedelta(days=settings.ANJUAN_AGENCY_DAYS)))
    return _late_filing(today)


def _late_filing(today: dt.date) -> Q:
    """Items past the days of their step, each by the edition it was registered under."""
    plain: dict[int, list[str]] = {}
    late = Q(pk__in=[])
    for code, editions in schedule.stepbook().editions.items():
        if len({row.filing_days for row in editions}) == 1:
            plain.setdefault(editions[0].filing_days, []).append(code)
            continue
        until: dt.datetime | None = None
        for row in editions:
            window = Q(step_code=code, registered_at__gte=row.since_at)
            late |= (window & Q(registered_at__lt=until) if until else window) & _past(today, row.filing_days)
            until = row.since_at
    for days, codes in plain.items():
        late |= Q(step_code__in=codes) & _past(today, days)
    return late


def _past(today: dt.date, days: int) -> Q:
    start = today - dt.timedelta(days=days)
    if settings.ANJUAN_FILING_FROM == FORMED:
        return Q(formed_date__lt=start)
    return Q(registered_at__lt=_midnight(start))


def _due(row: Item | Volume, deadline: Deadline, start: str, steps: schedule.Stepbook, today: dt.date) -> DueRow:
    is_volume = isinstance(row, Volume)
    due = due_date_of(row, deadline, steps)
    move = rules.next_step(Route(row.route), UnitKind.VOLUME if is_volume else UnitKind.ITEM, State(row.state))
    since = getattr(row, start)
    return DueRow(
        pk=row.pk,
        urn=row.urn,
        reference=str(row),
        title=row.title,
        agency_code=row.agency.code,
        key=row.category.code if isinstance(row, Volume) else row.step_code,
        state=State(row.state),
        since_date=_day(since),
        due_date=due,
        days_late=rules.days_late(due, today),
        posts=move.posts if move else frozenset(),
        is_volume=is_volume,
        mark=f"{since.isoformat()}|{row.pk}",
    )


def _growing() -> Sequence[str]:
    return [code.value for code, kind in arrangement.kinds().items() if kind.closes]


def _zone() -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), _zone())


def _day(moment: dt.date | dt.datetime) -> dt.date:
    return moment.astimezone(_zone()).date() if isinstance(moment, dt.datetime) else moment
