"""Setting up departments, naming and relieving who looks after the records of each (科室兼职人员)."""

import datetime as dt
import zoneinfo

from django.conf import settings

from anjuan.core import canonical
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.desks.rulebook import rules
from anjuan.desks.rulebook.models import Department, PartTimer
from anjuan.desks.rulebook.queries import departments as queries
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.models import Agency, Staff
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line


def open_department(*, occasion: Occasion, agency_code: str, name: str) -> int:
    """Enter a department of an agency (设科室). Its leader is told that it has nobody for its records yet.

    Raises:
        A-001: only the agency's supervisor does this.
        A-070: it has a department of this name.
        A-074: the name is empty or too long.
        R-009: there is no such agency.
    """
    agency = accounts.agency(agency_code)
    accounts.permit(occasion.actor, agency.path, Post.SUPERVISOR)
    named = rules.department_name(name)

    with journal.writing(occasion=occasion, act="rulebook.open_department", unit=f"agency:{agency_code}") as line:
        row = Agency.objects.select_for_update().get(code=agency_code)
        if Department.objects.filter(agency=row, name=named, closed_date=None).exists():
            raise Refusal("A-070", name=named, agency=agency.name)
        department = Department.objects.create(agency=row, name=named, opened_date=_day(occasion))
        _tell_vacant(line, department.pk, named, agency.path, within_days=None)
        line.say(department=department.pk, name=named)
    return department.pk


def close_department(*, occasion: Occasion, pk: int) -> None:
    """Strike a department that is no more (撤科室); its past stays on record.

    Raises:
        A-001: only the agency's supervisor does this.
        A-071: somebody still looks after its records.
        R-009: there is none, or it is another agency's.
    """
    queries.one(occasion.actor, pk)

    with journal.writing(occasion=occasion, act="rulebook.close_department", unit=f"department:{pk}") as line:
        row = _held(occasion, pk)
        standing = _without_end(row)
        if standing is not None:
            raise Refusal("A-071", department=row.name, staff=standing.staff.name)
        row.closed_date = _day(occasion)
        row.save(update_fields=["closed_date"])
        line.say(name=row.name, agency=row.agency.code)


def name_part_timer(*, occasion: Occasion, pk: int, staff_code: str, since_date: dt.date) -> None:
    """Name who collects, arranges and hands over a department's records (指定科室兼职人员).

    Args:
        occasion: the agency's supervisor.
        pk: which department.
        staff_code: somebody who takes in or files records of that agency.
        since_date: the first day, which may be before the predecessor's last.

    Raises:
        A-001: only the agency's supervisor does this.
        A-071: the department has somebody who has not been relieved: it has one, not two.
        A-072: the person neither takes in nor files records of this agency on that day.
        A-073: the day is before the department was set up.
        R-009: there is no such department, or it is another agency's.

    Standard: S4-N2, S4-R1: one part-timer a department.
    Concurrency: the department's row is held; of two leaders who name at once the second is refused.
    """
    found = queries.one(occasion.actor, pk)
    accounts.permit(occasion.actor, found.agency_path, Post.SUPERVISOR)
    able = queries.candidates(found.agency_path, on=since_date)

    with journal.writing(occasion=occasion, act="rulebook.name_part_timer", unit=f"department:{pk}") as line:
        row = _held(occasion, pk)
        standing = _without_end(row)
        rules.may_name_part_timer(
            department=row.name,
            standing=standing.staff.name if standing else "",
            staff_code=staff_code,
            able=frozenset(able),
            since_date=since_date,
            opened_date=row.opened_date,
        )
        PartTimer.objects.create(department=row, staff=Staff.objects.get(staff_code=staff_code), since_date=since_date)
        line.say(department=row.name, agency=row.agency.code, staff=staff_code, since=since_date)


def relieve_part_timer(*, occasion: Occasion, pk: int, until_date: dt.date) -> int:
    """Relieve a department's part-timer as of a day (免去). Returns how many records he has in hand.

    What he has in hand is named in the journal, one by one, and shown until it has moved on. The leader is told that
    the department needs somebody from the next day on.

    Raises:
        A-001: only the agency's supervisor does this.
        A-073: the last day is before the first.
        A-075: nobody looks after its records, or he is relieved already.
        R-009: there is no such department, or it is another agency's.
    """
    found = queries.one(occasion.actor, pk)
    accounts.permit(occasion.actor, found.agency_path, Post.SUPERVISOR)

    with journal.writing(occasion=occasion, act="rulebook.relieve_part_timer", unit=f"department:{pk}") as line:
        row = _held(occasion, pk)
        standing = _without_end(row)
        if standing is None:
            raise Refusal("A-075", department=row.name)
        rules.may_relieve(standing.since_date, until_date)
        left = queries.in_hand(standing.staff.staff_code, found.agency_path)
        standing.until_date = until_date
        standing.open_count = len(left)
        standing.save(update_fields=["until_date", "open_count"])
        line.include([(work.urn, canonical.digest([work.urn, work.state])) for work in left])
        line.say(department=row.name, staff=standing.staff.staff_code, until=until_date, open=len(left))
        _tell_vacant(line, pk, row.name, found.agency_path, within_days=max((until_date - _day(occasion)).days, 0))
    return len(left)


def _held(occasion: Occasion, pk: int) -> Department:
    row = Department.objects.select_for_update(of=("self",)).select_related("agency").get(pk=pk, closed_date=None)
    accounts.permit(occasion.actor, row.agency.path, Post.SUPERVISOR)
    return row


def _without_end(row: Department) -> PartTimer | None:
    return PartTimer.objects.select_related("staff").filter(department=row, until_date=None).first()


def _tell_vacant(line: Line, pk: int, name: str, agency_path: str, *, within_days: int | None) -> None:
    notices.notify(
        line=line,
        kind=NoticeKind.DEPARTMENT_VACANT,
        unit=f"department:{pk}",
        reference=name,
        agency_path=agency_path,
        post=Post.SUPERVISOR,
        within_days=within_days,
    )


def _day(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
