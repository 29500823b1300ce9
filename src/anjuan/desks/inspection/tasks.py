"""Long work of this desk: the pages of a batch are drawn before the acceptor opens them (预生成浏览件)."""

import datetime as dt
from collections.abc import Sequence
from typing import cast

from anjuan.core.terms import Post
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.records import queries as records

PAGES_AT_ONCE = 10  # a unit opens and verifies its file once


def _keys(params: Params) -> list[str]:
    """Every unit of these volumes in a fixed order: object, file, and the first page of its stretch."""
    items = [item.urn for urn in cast(list[str], params["volumes"]) for item in records.items_of(urn)]
    return sorted(
        f"{part.item_urn} {part.sha512} {first:05}"
        for parts in records.components_of(items).values()
        for part in parts
        for first in range(1, part.page_count + 1, PAGES_AT_ONCE)
    )


def _count(params: Params) -> int:
    return len(_keys(params))


def _after(params: Params, key: str, limit: int) -> Sequence[str]:
    return [found for found in _keys(params) if found > key][:limit]


def _draw(key: str) -> None:
    urn, sha512, first = key.split(" ")
    formats.draw_pages(urn, sha512, int(first), int(first) + PAGES_AT_ONCE - 1)


def _name(key: str) -> Named:
    urn, _, first = key.split(" ")
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
