"""Starting sweeps and replications, by hand and by the calendar; both are jobs of the job centre."""

import datetime as dt

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.copies import queries
from anjuan.facilities.copies.models import Place
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.jobs.rules import Params
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal

SWEEP, REPLICATION = "FIXITY_SWEEP", "REPLICATE"
AGAIN_AFTER = dt.timedelta(hours=1)  # the calendar does not try at once what has just failed
AGAIN_AFTER_STOP = dt.timedelta(days=1)  # nor what a person has stopped


def start_sweep(*, occasion: Occasion, place_code: str = "") -> str:
    """Look at every copy of every attached place, or of one place, oldest first (开始校验). Returns the job's uid.

    Raises:
        A-001: the actor runs no store.
        R-009: there is no such place, or he may not see it.
        Y-002: the same sweep is under way.
        Y-007: there is nothing to look at.
    """
    agency_path = _permitted(occasion, place_code)
    params = {"before": occasion.at.isoformat(), "fresh": "", "place": place_code}
    return _start(occasion, SWEEP, place_code, agency_path, params)


def start_replication(*, occasion: Occasion) -> str:
    """Make every copy that is missing or behind (开始复制). Returns the job's uid.

    Raises:
        A-001: the actor runs no store.
        Y-002: it is under way.
        Y-007: nothing is missing.
    """
    return _start(occasion, REPLICATION, "", _permitted(occasion, ""), {})


def _permitted(occasion: Occasion, place_code: str) -> str:
    queries.permit_reader(occasion.actor)
    path = queries.get_place_for(occasion.actor, place_code).agency_path if place_code else occasion.actor.agency_path
    permit(occasion.actor, path, *queries.ACTORS)
    return path


def _start(occasion: Occasion, kind: str, reference: str, agency_path: str, params: Params) -> str:
    with journal.writing(occasion=occasion, act="jobs.start", unit="job:new") as line:
        uid = jobs.open_job(line=line, kind=kind, reference=reference, agency_path=agency_path, params=params)
        if not uid:
            raise Refusal("Y-007", kind=job_queries.kinds()[kind].zh)
        line.unit = f"job:{uid}"
        line.say(kind=kind, reference=reference)
    return uid


def keep_up(*, occasion: Occasion) -> list[str]:
    """Start what the calendar asks for: copies that are missing or behind, and looks that are due (按期运行).

    Args:
        occasion: the worker's own.

    Returns:
        The jobs that were started; none while one of the kind is under way, or has just ended badly.
    """
    first = queries.primary()
    if first is None:
        return []
    started: list[str] = []
    if settings.ANJUAN_REPLICATE_AUTO and queries.after_for_replication("", 1) and _may_begin(REPLICATION, occasion.at):
        started.append(_start(occasion, REPLICATION, "", first.agency_path, {}))
    if started or job_queries.latest_of(REPLICATION, unfinished=True):
        return started  # what is copied is read on the way: it need not be read twice
    before, fresh = queries.due_before(occasion.at), queries.fresh_before(occasion.at)
    due = queries.after_for_sweep(before, "", 1, fresh=fresh)
    if settings.ANJUAN_FIXITY_DAYS and due and _may_begin(SWEEP, occasion.at):
        params = {"before": before.isoformat(), "fresh": fresh.isoformat(), "place": ""}
        started.append(_start(occasion, SWEEP, "", first.agency_path, params))
    return started


def _may_begin(kind: str, at: dt.datetime) -> bool:
    last = job_queries.latest_of(kind)
    if last is None:
        return True
    if not last.is_finished:
        return False
    if last.failed == 0 and last.reason is None:
        return True
    was_stopped = last.reason is not None and last.reason.code == "Y-004"
    return at - (last.finished_at or at) > (AGAIN_AFTER_STOP if was_stopped else AGAIN_AFTER)


def gauge(*, occasion: Occasion, today: dt.date) -> dict[str, float | None]:
    """Note how many months the room at each place lasts, and tell who runs it when that is few (容量检查).

    Args:
        occasion: the worker's own.
        today: calendar date in the agency's zone.

    Returns:
        Months left by place code.
    """
    rows = [row for row in queries.places() if row.is_attached]
    left = queries.forecast(rows, today).months_left
    short = []
    for row in rows:
        months = left[row.code]
        Place.objects.filter(pk=row.pk).update(months_left=months)
        was = row.months_left
        if months is not None and months < settings.ANJUAN_CAPACITY_MONTHS:
            if was is None or was >= settings.ANJUAN_CAPACITY_MONTHS:
                short.append(row)
        elif was is not None and was < settings.ANJUAN_CAPACITY_MONTHS:
            notices.settle(act="copies.open_place", unit=f"place:{row.code}", at=occasion.at)
    if not short:
        return dict(left)

    with journal.writing(occasion=occasion, act="copies.warn_capacity", unit=f"place:{short[0].code}") as line:
        for post in queries.ACTORS:
            notices.notify(
                line=line,
                kind=NoticeKind.CAPACITY_SHORT,
                unit=f"place:{short[0].code}",
                reference="、".join(row.name for row in short),
                agency_path=short[0].agency_path,
                post=post,
                subjects=[f"place:{row.code}" for row in short],
                months=int(min(left[row.code] or 0 for row in short)),
            )
        line.say(places=", ".join(row.code for row in short))
    return dict(left)
