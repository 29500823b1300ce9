"""Seeing departments: who looks after the records of each, where nobody does, and what was left in hand."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.desks.rulebook.models import Department, PartTimer
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.models import Appointment
from anjuan.foundation.accounts.queries import scopes
from anjuan.records.queries import work
from anjuan.records.queries.work import InHand

READERS = (Post.ARCHIVIST, Post.SUPERVISOR)
# Whoever looks after a department's records takes them in or files them; other posts could do neither.
WORKING = (Post.HANDLER, Post.FILER)
PAST_SHOWN = 5


class Standing(enum.StrEnum):
    """How a department stands on a day."""

    ONE = "ONE"  # 有一人
    TWO = "TWO"  # 交接期内两人
    NOBODY = "NOBODY"  # 无人


@dataclass(frozen=True)
class PartTimerRow:
    """Somebody who looks after a department's records, or did."""

    staff_code: str
    name: str
    since_date: dt.date
    until_date: dt.date | None
    open_count: int | None
    is_able: bool

    def stands(self, on: dt.date) -> bool:
        """Whether he does on a day, and still holds a post by which he can."""
        return self.is_able and self.since_date <= on and (self.until_date is None or self.until_date >= on)


@dataclass(frozen=True)
class DepartmentRow:
    """A department with its part-timers, newest first."""

    pk: int
    agency_code: str
    agency_name: str
    agency_path: str
    name: str
    opened_date: dt.date
    standing: Standing
    now: tuple[PartTimerRow, ...]
    to_come: tuple[PartTimerRow, ...]
    past: tuple[PartTimerRow, ...]

    @property
    def without_end(self) -> bool:
        """Whether somebody is named and not relieved."""
        return any(row.until_date is None for row in (*self.now, *self.to_come, *self.past))


def listed(actor: Actor, *, on: dt.date) -> list[DepartmentRow]:
    """The departments of the actor's agencies, those with nobody first; three queries however many there are."""
    rows = Department.objects.filter(scopes(actor, *READERS), closed_date=None).select_related("agency")
    found = list(rows.order_by("agency__code", "name", "id"))
    people = _people([row.pk for row in found], on)
    order = {Standing.NOBODY: 0, Standing.TWO: 1, Standing.ONE: 2}
    return sorted((_row(row, people.get(row.pk, ()), on) for row in found), key=lambda row: order[row.standing])


def agencies_without(actor: Actor) -> list[tuple[str, str]]:
    """Agencies in the actor's scope for which no department was entered: code and name."""
    known = set(Department.objects.filter(scopes(actor, *READERS), closed_date=None).values_list("agency__code"))
    return [(row.code, row.name) for row in readable(actor) if (row.code,) not in known]


def readable(actor: Actor) -> list[accounts.AgencyRow]:
    """The agencies whose departments the actor sees."""
    return [row for row in accounts.agencies().values() if actor.covers(row.path, *READERS)]


def one(actor: Actor, pk: int, *, on: dt.date | None = None) -> DepartmentRow:
    """An open department.

    Raises:
        R-009: there is none, or it is not the actor's to see.
    """
    row = Department.objects.filter(scopes(actor, *READERS), pk=pk, closed_date=None).select_related("agency").first()
    if row is None:
        raise Refusal("R-009", what=f"科室 #{pk}")
    day = on or row.opened_date
    return _row(row, _people([pk], day).get(pk, ()), day)


def candidates(agency_path: str, *, on: dt.date) -> Mapping[str, str]:
    """Who may be named at an agency on a day, by staff code: who takes in or files records there."""
    held = Appointment.objects.filter(
        Q(until_date=None) | Q(until_date__gte=on),
        agency__path=agency_path,
        post__in=WORKING,
        since_date__lte=on,
        staff__is_active=True,
    )
    return dict(held.order_by("staff__staff_code").values_list("staff__staff_code", "staff__name"))


def in_hand(staff_code: str, agency_path: str) -> Sequence[InHand]:
    """What somebody has in hand at an agency and has not passed on. Rights not judged."""
    return work.in_hand(staff_code, agency_path)


def left_behind(row: DepartmentRow, *, on: dt.date) -> list[tuple[PartTimerRow, Sequence[InHand]]]:
    """What those who were relieved, and do not stand any more, still have in hand in this department's agency."""
    standing = {one.staff_code for one in row.now if one.until_date is None}
    gone = {one.staff_code: one for one in reversed((*row.now, *row.past)) if one.until_date is not None}
    found = [(one, work.in_hand(code, row.agency_path)) for code, one in gone.items() if code not in standing]
    return [(one, works) for one, works in found if works]


def _people(pks: Sequence[int], on: dt.date) -> Mapping[int, Sequence[PartTimerRow]]:
    held = Appointment.objects.filter(
        Q(until_date=None) | Q(until_date__gte=on), post__in=WORKING, since_date__lte=on, staff__is_active=True
    )
    able = set(held.values_list("staff_id", "agency_id"))
    found: dict[int, list[PartTimerRow]] = {}
    rows = PartTimer.objects.filter(department_id__in=pks).select_related("staff", "department")
    for row in rows.order_by("-since_date", "-id"):
        found.setdefault(row.department_id, []).append(
            PartTimerRow(
                staff_code=row.staff.staff_code,
                name=row.staff.name,
                since_date=row.since_date,
                until_date=row.until_date,
                open_count=row.open_count,
                is_able=(row.staff_id, row.department.agency_id) in able,
            )
        )
    return found


def _row(row: Department, people: Sequence[PartTimerRow], on: dt.date) -> DepartmentRow:
    now = tuple(one for one in people if one.stands(on))
    to_come = tuple(one for one in people if one.since_date > on)
    counted = len({one.staff_code for one in now})
    return DepartmentRow(
        pk=row.pk,
        agency_code=row.agency.code,
        agency_name=row.agency.name,
        agency_path=row.agency.path,
        name=row.name,
        opened_date=row.opened_date,
        standing=Standing.NOBODY if not counted else Standing.ONE if counted == 1 else Standing.TWO,
        now=now,
        to_come=to_come,
        past=tuple(one for one in people if one not in now and one not in to_come)[:PAST_SHOWN],
    )
