"""Long work of this room: the index is held against the records, lists are made that are taken out (核对索引、导出)."""

import datetime as dt
import shutil
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from anjuan.core.terms import Actor, Post
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.facilities.search import actions
from anjuan.facilities.search.actions import exports, repairing
from anjuan.facilities.search.queries import exported, kept
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

WORKER = Actor("WORKER", "WORKER", "", "")  # no person holds an index against the records at night


def _places(params: Params) -> int:
    check = kept.check_by_uid(str(params["check"]))
    return check.total if check else 0


def _windows(params: Params, key: str, limit: int) -> Sequence[str]:
    first = int(key.partition(" ")[0]) + 1 if key else 0
    return [f"{place:08} {params['check']}" for place in range(first, min(_places(params), first + limit))]


def _check(key: str) -> None:
    place, uid = key.split(" ")
    actions.check_window(uid=uid, place=int(place), at=timezone.now())


def _parts(params: Params) -> int:
    row = kept.export_by_uid(str(params["export"]))
    return max(-(-row.wanted_rows // exported.PART_ROWS), 1) if row else 0


def _parts_after(params: Params, key: str, limit: int) -> Sequence[str]:
    first = int(key.partition(" ")[0]) + 1 if key else 0
    last = _parts(params)
    return [
        f"{place:06} {params['export']} {'LAST' if place + 1 == last else 'PART'}"
        for place in range(first, min(last, first + limit))
    ]


def _export(key: str) -> None:
    place, uid, which = key.split(" ")
    row = kept.export_by_uid(uid)
    actor = accounts.actor_for(row.staff_code, on=occasions.today()) if row else WORKER
    actions.make_part(occasion=occasions.now(WORKER), actor=actor, uid=uid, place=int(place), is_last=which == "LAST")


def _export_name(key: str) -> Named:
    place, uid, _ = key.split(" ")
    row = kept.export_by_uid(uid)
    return Named(f"{row.serial_no if row else uid[:8]} · {int(place) + 1}")


def keep_reconciled() -> None:
    """What the calendar asks for: at night the index is held against the records."""
    actions.keep_reconciled(occasion=occasions.now(WORKER))


def clear_exports() -> int:
    """Clear files of exports made some weeks ago, and what was typed for them. Returns how many.

    Who took what out, and what for, stays in the register and its line.
    """
    before = timezone.now() - dt.timedelta(days=settings.ANJUAN_SPOOL_DAYS)
    old = kept.stale_exports(before)
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
        actions.forget_question(uid=folder.name)
    return len(old)


JOBS = (
    Kind(
        code=repairing.RECONCILING,
        zh="核对检索索引",
        en="Hold the search index against the records",
        posts=frozenset(kept.TENDERS),
        within=dt.timedelta(hours=12),
        count=_places,
        after=_windows,
        do=_check,
        name=lambda key: Named(f"{int(key.partition(' ')[0]) + 1}"),
    ),
    Kind(
        code=exports.EXPORTING,
        zh="导出检索结果",
        en="Take a list of records out",
        posts=frozenset({Post.SYSTEM_ADMIN}),
        within=dt.timedelta(hours=2),
        count=_parts,
        after=_parts_after,
        do=_export,
        name=_export_name,
        at_once=5,
    ),
)
