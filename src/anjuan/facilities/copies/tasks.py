"""The sweep and the replication as jobs, and what the worker's calendar asks for (固定性检查、复制)."""

import datetime as dt
from collections.abc import Generator, Sequence

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.copies import actions, queries
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.foundation.accounts import occasions

AT_ONCE = 300  # small objects are quick: the budget of a chunk ends it before
WORKER = Actor("WORKER", "WORKER", "", "")  # no person looks at every byte


def _begin(at: dt.datetime) -> Params:
    return {"before": at.isoformat(), "fresh": "", "place": ""}


def _times(params: Params) -> tuple[dt.datetime, dt.datetime | None]:
    fresh = str(params["fresh"])
    return dt.datetime.fromisoformat(str(params["before"])), dt.datetime.fromisoformat(fresh) if fresh else None


def _count_sweep(params: Params) -> int:
    before, fresh = _times(params)
    return queries.count_for_sweep(before, str(params["place"]), fresh=fresh)


def _next_of_sweep(params: Params, key: str, limit: int) -> Sequence[str]:
    before, fresh = _times(params)
    return queries.after_for_sweep(before, key, limit, str(params["place"]), fresh=fresh)


def _check(key: str) -> None:
    place_pk, urn = queries.parse_key(key)
    actions.check(occasion=occasions.now(WORKER), urn=urn, place_pk=place_pk)


def _check_many(keys: Sequence[str]) -> Generator[Refusal | None, None, None]:
    return actions.check_many(moment=lambda: occasions.now(WORKER), units=[queries.parse_key(key) for key in keys])


def _replicate(key: str) -> None:
    place_pk, urn = queries.parse_key(key)
    actions.replicate(occasion=occasions.now(WORKER), urn=urn, place_pk=place_pk)


def _name(key: str) -> Named:
    place_pk, urn = queries.parse_key(key)
    place = next((row.name for row in queries.places() if row.pk == place_pk), "")
    return Named(f"{queries.reference_by_urn([urn]).get(urn, urn)} @ {place}", urn)


FIXITY_SWEEP = Kind(
    code="FIXITY_SWEEP",
    zh="全库固定性检查",
    en="Fixity sweep of all copies",
    posts=frozenset(queries.ACTORS),
    within=dt.timedelta(days=7),
    count=_count_sweep,
    after=_next_of_sweep,
    do=_check,
    name=_name,
    at_once=AT_ONCE,
    is_standing=True,
    begin=_begin,
    batch=_check_many,
)
REPLICATE = Kind(
    code="REPLICATE",
    zh="复制副本",
    en="Replication",
    posts=frozenset(queries.ACTORS),
    within=dt.timedelta(days=7),
    count=lambda params: queries.count_for_replication(),
    after=lambda params, key, limit: queries.after_for_replication(key, limit),
    do=_replicate,
    name=_name,
    at_once=AT_ONCE,
    is_standing=True,
)
JOBS = (FIXITY_SWEEP, REPLICATE)


def keep_up() -> None:
    """What the calendar asks for: the store among the places, copies that are missing, looks that are due."""
    actions.ensure_primary(occasion=occasions.now(WORKER))
    actions.keep_up(occasion=occasions.now(WORKER))


def gauge() -> None:
    """How long the room lasts."""
    actions.gauge(occasion=occasions.now(WORKER), today=occasions.today())
