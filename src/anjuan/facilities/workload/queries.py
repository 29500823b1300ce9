"""Seeing who worked how much, and which helpers were put to other work."""

import datetime as dt
import zoneinfo
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Duty, Post
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.workload import rules
from anjuan.facilities.workload.models import Diversion
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.queries import work

READERS = (Post.SUPERVISOR, Post.ARCHIVIST, Post.ACCEPTOR, Post.RECHECKER, Post.KEEPER)
EXPLAINERS = (Post.SUPERVISOR,)
MOST_ACTS = 50_000
SHOWN = 200


@dataclass(frozen=True)
class Ledger:
    """The work of a month.

    Attributes:
        lines: one a person.
        names: names of these persons.
        stations: agency where each helper is stationed.
        is_cut: whether the month held more acts than were read: the newest were.
    """

    first: dt.date
    lines: tuple[rules.Line, ...]
    names: Mapping[str, str]
    stations: Mapping[str, str]
    is_cut: bool


@dataclass(frozen=True)
class DiversionRow:
    """A day on which a helper worked elsewhere."""

    pk: int
    staff_code: str
    name: str
    agency_code: str
    agency_path: str
    date: dt.date
    acts: int
    explanation: str
    explained_by: str


def ledger(actor: Actor, first: dt.date, until: dt.date) -> Ledger:
    """The work ledger of a month (工作台账): of the people of one's agencies, or one's own line.

    Standard: S3-F16, S3-P6. Four queries a thousand records.
    """
    people = accounts.people_under(actor, *READERS) or [actor.staff_code]
    found, is_cut = acts(people, first, until)
    stations = accounts.stations_of(people, Post.ASSISTANT, first, until)
    lines = rules.ledger(found, stations, _faults(first, until))
    return Ledger(first, lines, accounts.staff_names({line.staff_code for line in lines}), stations, is_cut)


def acts(staff_codes: Collection[str], first: dt.date, until: dt.date) -> tuple[list[rules.Act], bool]:
    """What these people did in some days, each act with the agency of its record and the pages captured by it."""
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    since, before = (dt.datetime.combine(day, dt.time(), zone) for day in (first, until))
    told = journal.work_of(staff_codes, since, before, limit=MOST_ACTS)
    units = {unit for _, _, unit, _ in told}
    agencies = work.agencies_of(units)
    pages = work.pages_captured({(unit, at) for _, act, unit, at in told if act in rules.CAPTURING})
    found = [
        rules.Act(
            staff_code,
            act,
            timezone.localtime(at, zone).date(),
            agencies.get(unit, ""),
            pages.get((unit, at), 0) if act in rules.CAPTURING else 0,
        )
        for staff_code, act, unit, at in told
    ]
    return found, len(told) == MOST_ACTS


def _faults(first: dt.date, until: dt.date) -> Mapping[str, int]:
    """Faults raised in some days, by who handled the item; one fault of two handlers counts for each."""
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    since, before = (dt.datetime.combine(day, dt.time(), zone) for day in (first, until))
    raised = corrections.raised_between(since, before, limit=MOST_ACTS)
    duties = records.duties_of_each(sorted(set(raised)))
    counts: dict[str, int] = {}
    for urn in raised:
        for staff_code in duties.get(urn, {}).get(Duty.HANDLED, ()):
            counts[staff_code] = counts.get(staff_code, 0) + 1
    return counts


def diversions(actor: Actor) -> list[DiversionRow]:
    """Days on which helpers of one's agencies worked elsewhere: what waits for an explanation first, then newest."""
    rows = Diversion.objects.filter(_scope(actor)).order_by("explained_at", "-date", "pk")[:SHOWN]
    return _rows(sorted(rows, key=lambda row: row.explained_at is not None))


def open_diversions(actor: Actor) -> int:
    """How many of them wait for an explanation."""
    return Diversion.objects.filter(_scope(actor), explained_at=None).count() if actor.holds(*EXPLAINERS) else 0


def get_for(actor: Actor, pk: int) -> DiversionRow:
    """One of them.

    Raises:
        R-009: there is none, or it is not the actor's affair.
    """
    row = Diversion.objects.filter(_scope(actor), pk=pk).first()
    if row is None:
        raise Refusal("R-009", what=f"#{pk}")
    return _rows([row])[0]


def known_since(day: dt.date) -> frozenset[tuple[str, dt.date]]:
    """Helpers and days that are noted already."""
    return frozenset(Diversion.objects.filter(date__gte=day).values_list("staff_code", "date"))


def _scope(actor: Actor) -> Q:
    return accounts.scopes_on("agency_path", actor, *READERS)


def _rows(rows: Collection[Diversion]) -> list[DiversionRow]:
    names = accounts.staff_names({row.staff_code for row in rows} | {row.explained_by for row in rows})
    return [
        DiversionRow(
            row.pk,
            row.staff_code,
            names.get(row.staff_code, row.staff_code),
            row.agency_code,
            row.agency_path,
            row.date,
            row.acts,
            row.explanation,
            names.get(row.explained_by, row.explained_by),
        )
        for row in rows
    ]
