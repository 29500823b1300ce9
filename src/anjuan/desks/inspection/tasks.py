"""Long work of this desk: the pages of a batch are drawn before the acceptor opens them (预生成浏览件)."""

import datetime as dt
from collections.abc import Sequence
from typing import cast

from anjuan.core.terms import Post, State
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.records import queries as records

PAGES_AT_ONCE = 10  # a unit opens and verifies its file once


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


JOBS = (
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
