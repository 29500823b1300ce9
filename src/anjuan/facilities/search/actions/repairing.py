"""Holding the index against the records, and putting right what differs (索引核对与修复).

A check goes over the archive window by window. A window may be done twice, by two workers or after a kill: what was put
right is right, and a fault is written down before it is mended, once.
"""

import datetime as dt
import zoneinfo

from django.conf import settings
from django.db.models import F

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.search import queries
from anjuan.facilities.search.actions.keeping import described, standing_of
from anjuan.facilities.search.backends import Faults
from anjuan.facilities.search.models import IndexCheck, IndexFault
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.records import queries as records
from anjuan.records.queries import walks

RECONCILING = "RECONCILE_INDEX"
WINDOW = 500  # keys of items
WORDS_WINDOW = 20_000  # rows of words
MOST_TRIES = 20  # of one window, while the follower writes at the same time
MOST_UNFOLLOWED = 5_000
_AGAIN_AFTER = dt.timedelta(hours=20)


def reconcile(*, occasion: Occasion) -> str:
    """Have the whole index held against the records, as a job (核对索引). Returns the job's uid.

    Raises:
        A-001: the actor looks after neither the system nor the whole archive.
        X-010: the index is being made, or is missing: there is nothing to hold against anything.
        Y-002: a check is under way.
    """
    permit(occasion.actor, archive_path(), *queries.TENDERS)
    return _start(occasion)


def keep_reconciled(*, occasion: Occasion) -> str:
    """Have it done at night, at the hour that the settings name (夜间核对).

    Args:
        occasion: the worker's own.

    Returns:
        The job's uid; empty by day, while one is under way, after one in this night, and while the index is being made.
    """
    hour = settings.ANJUAN_RECONCILE_HOUR
    if hour < 0 or occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).hour != hour:
        return ""
    last = IndexCheck.objects.order_by("-begun_at", "-id").first()
    if last is not None and occasion.at - last.begun_at < _AGAIN_AFTER:
        return ""
    running = job_queries.latest_of(RECONCILING, unfinished=True)
    standing = standing_of(queries.index())
    if running is not None or standing is None or standing.rebuilt_to is not None:
        return ""
    return _start(occasion)


def _start(occasion: Occasion) -> str:
    with journal.writing(occasion=occasion, act="search.reconcile", unit="search:index") as line:
        uid = open_check(occasion=occasion)
        line.say(check=uid)
        return jobs.open_job(
            line=line, kind=RECONCILING, reference="", agency_path=archive_path(), params={"check": uid}
        )


def open_check(*, occasion: Occasion, is_anew: bool = False) -> str:
    """Begin a check: how far it has to go is fixed now; what comes later is the follower's. Returns its uid.

    Args:
        occasion: who, and when.
        is_anew: take every record and every file in again, whether it differs or not, while questions are answered
            (在线重建).

    Raises:
        X-010: the index is being made, or is missing.
    """
    index = queries.index()
    standing = standing_of(index)
    if standing is None or standing.rebuilt_to is not None:
        raise Refusal("X-010")
    item, words = index.ends()
    newest = walks.newest_item()
    check = IndexCheck.objects.create(
        uid=occasion.fresh(16).hex(),
        begun_at=occasion.at,
        begun_by=occasion.actor.staff_code,
        is_anew=is_anew,
        windows=-(-max(item, newest) // WINDOW),
        word_windows=-(-words // WORDS_WINDOW),
    )
    return str(check.uid)


def check_window(*, uid: str, place: int, at: dt.datetime) -> None:
    """Do one window of a check; the last one ends it.

    Args:
        uid: the check.
        place: which window, from 0: those of items first, then those of words.
        at: aware time now, of an end.

    Raises:
        R-009: there is no such check.
        X-010: the index was begun anew meanwhile, or is written so often that no window can be compared.
    """
    check = IndexCheck.objects.filter(uid=uid).first()
    if check is None:
        raise Refusal("R-009", what=f"核对 check {uid[:8]}")
    if place < check.windows:
        _items(check, place * WINDOW, (place + 1) * WINDOW)
    elif place < check.places:
        words = (place - check.windows) * WORDS_WINDOW
        strays = queries.index().sweep_strays(after=words, upto=words + WORDS_WINDOW)
        IndexCheck.objects.filter(pk=check.pk).update(strays=F("strays") + strays)
    IndexCheck.objects.filter(pk=check.pk, next_place__lte=place).update(next_place=place + 1)
    if place + 1 >= check.places:
        IndexCheck.objects.filter(pk=check.pk, finished_at=None).update(finished_at=at)


def _items(check: IndexCheck, after: int, upto: int) -> None:
    index = queries.index()
    for _ in range(MOST_TRIES):
        standing = standing_of(index)
        if standing is None or standing.rebuilt_to is not None:
            raise Refusal("X-010")
        wanted = described(walks.items_between(after, upto))
        if check.is_anew:
            if index.keep(wanted, expected=standing.position):
                index.wait_again([file for one in wanted for file in one.files])
                return
            continue
        faults = index.compare(wanted, after=after, upto=upto)
        if not faults.total:
            return
        changed = {*faults.missing, *faults.stale}
        late = _unfollowed(standing.position)  # what the follower has not told yet is no fault
        _write_down(check, faults, late)
        if index.mend(
            [one for one in wanted if one.item in changed],
            surplus=faults.surplus,
            pages=[component for component, _ in faults.pages],
            expected=standing.position,
        ):
            return
    raise Refusal("X-010")


def _write_down(check: IndexCheck, faults: Faults, late: frozenset[int]) -> None:
    found = [("MISSING", item, 0) for item in faults.missing]
    found += [("STALE", item, 0) for item in faults.stale]
    found += [("SURPLUS", item, 0) for item in faults.surplus]
    found += [("PAGES", item, component) for component, item in faults.pages]
    IndexFault.objects.bulk_create(
        [
            IndexFault(check_run=check, kind=kind, item=item, component=component)
            for kind, item, component in found
            if item not in late
        ],
        ignore_conflicts=True,
    )


def _unfollowed(position: int) -> frozenset[int]:
    units = journal_queries.units_from(position, MOST_UNFOLLOWED)
    return frozenset(records.items_touched_by(units)) if units else frozenset()
