"""Long work of this desk: pages of a batch are drawn before they are opened (预生成浏览件), samples are prepared."""

import datetime as dt
from collections.abc import Sequence
from typing import cast

from anjuan.core.terms import Actor, Post, State
from anjuan.desks.inspection import actions
from anjuan.desks.inspection.actions.probes import PREPARE_JOB
from anjuan.desks.inspection.queries import probes
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

PAGES_AT_ONCE = 10  # a unit opens and verifies its file once
WORKER = Actor("WORKER", "WORKER", "", "")


def _keys(place: int, volume_urn: str) -> list[str]:
    """The units of one volume in a fixed order: its place in the batch, object, file, first page of a stretch."""
    items = [item.urn for item in records.items_of(volume_urn)]
    return sorted(
        f"{place:05} {part.item_urn} {part.sha512} {first:05}"
        for parts in records.components_of(items).values()
        for part in parts
        for first in range(1, part.page_count + 1, PAGES_AT_ONCE)
    )


def _volumes(params: Params) -> list[tuple[int, str]]:
    return list(enumerate(cast(list[str], params["volumes"])))


def _count(params: Params) -> int:
    return sum(len(_keys(place, urn)) for place, urn in _volumes(params))


def _after(params: Params, key: str, limit: int) -> Sequence[str]:
    found: list[str] = []
    for place, urn in _volumes(params)[int(key.partition(" ")[0] or 0) :]:
        found += [unit for unit in _keys(place, urn) if unit > key]
        if len(found) >= limit:
            break
    return found[:limit]


def _draw(key: str) -> None:
    _, urn, sha512, first = key.split(" ")
    if records.states_of([urn]).get(urn) is not State.APPLIED:
        return  # the acceptor has looked already, or it went back: nobody waits for these pages now
    formats.draw_pages(urn, sha512, int(first), int(first) + PAGES_AT_ONCE - 1)


def _name(key: str) -> Named:
    _, urn, _, first = key.split(" ")
    code = "".join(records.references_of([urn]))
    return Named(f"{code or urn} · p{int(first)}", urn)


# Samples -----------------------------------------------------------------------------------------------------------


def _samples(params: Params) -> list[str]:
    set_no = cast(str, params["set"])
    return [f"{set_no} {place:03}" for place in probes.places_to_prepare(set_no)]


def _next_samples(params: Params, key: str, limit: int) -> Sequence[str]:
    return [unit for unit in _samples(params) if unit > key][:limit]


def _prepare(key: str) -> None:
    set_no, place = key.split(" ")
    actions.prepare_probe(occasion=occasions.now(WORKER), set_no=set_no, place=int(place))


JOBS = (
    Kind(
        code=PREPARE_JOB,
        zh="制作测评样本",
        en="Prepare samples with known faults",
        posts=frozenset({Post.RECHECKER, Post.SUPERVISOR}),
        within=dt.timedelta(hours=2),
        count=lambda params: len(_samples(params)),
        after=_next_samples,
        do=_prepare,
        name=lambda key: Named(key),
    ),
    Kind(
        code="DRAW_PAGES",
        zh="预先生成批次的浏览影像",
        en="Draw the pages of a batch ahead",
        posts=frozenset({Post.ARCHIVIST, Post.ACCEPTOR}),
        within=dt.timedelta(hours=4),
        count=_count,
        after=_after,
        do=_draw,
        name=_name,
    ),
)
