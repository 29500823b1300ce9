"""Long work of this desk: the codes of a pile are read, and a confirmed pile goes to its cases."""

import datetime as dt
from collections.abc import Sequence
from typing import cast

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion, Post
from anjuan.desks.intake.actions import piles
from anjuan.desks.intake.queries import piles as pile_queries
from anjuan.desks.intake.rules.piles import READ_AT_ONCE
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

WORKER = Actor("WORKER", "WORKER", "", "")


def _in_the_name_of(staff_code: str) -> Occasion:
    """The occasion of the person who asked for the work: his post counts today, not when he asked.

    Raises:
        A-004: he does not work here any more.
    """
    return occasions.now(accounts.actor_for(staff_code, on=occasions.today()))


# Reading codes -----------------------------------------------------------------------------------------------------


def _stretches(params: Params) -> list[str]:
    uid = cast(str, params["pile"])
    waiting = pile_queries.waiting_leaves(uid)
    return [f"{uid} {at:05}" for at in sorted({(one - 1) // READ_AT_ONCE for one in waiting})]


def _next_stretches(params: Params, key: str, limit: int) -> Sequence[str]:
    return [unit for unit in _stretches(params) if unit > key][:limit]


def _read(key: str) -> None:
    uid, at = key.split(" ")
    first = int(at) * READ_AT_ONCE + 1
    piles.read_pages(occasion=occasions.now(WORKER), uid=uid, ordinals=range(first, first + READ_AT_ONCE))


def _named_stretch(key: str) -> Named:
    uid, at = key.split(" ")
    return Named(f"{_pile_name(uid)} · p{int(at) * READ_AT_ONCE + 1}")


# Capturing segments ------------------------------------------------------------------------------------------------


def _segments(params: Params) -> list[str]:
    firsts = cast(list[int], params["firsts"])
    return sorted(f"{params['pile']} {first:05} {params['staff']}" for first in firsts)


def _next_segments(params: Params, key: str, limit: int) -> Sequence[str]:
    return [unit for unit in _segments(params) if unit > key][:limit]


def _capture(key: str) -> None:
    uid, first, staff = key.split(" ", 2)
    piles.capture_segment(occasion=_in_the_name_of(staff), uid=uid, first=int(first))


def _named_segment(key: str) -> Named:
    uid, first, _ = key.split(" ", 2)
    return Named(f"{_pile_name(uid)} · p{int(first)}")


def _pile_name(uid: str) -> str:
    try:
        return pile_queries.owner_of(uid)[1]
    except Refusal:
        return uid


JOBS = (
    Kind(
        code=piles.READ_JOB,
        zh="识读一叠的分隔页和条码",
        en="Read the separators and barcodes of a pile",
        posts=frozenset({Post.HANDLER}),
        within=dt.timedelta(hours=1),
        count=lambda params: len(_stretches(params)),
        after=_next_stretches,
        do=_read,
        name=_named_stretch,
        at_once=5,
    ),
    Kind(
        code=piles.CAPTURE_JOB,
        zh="把一叠分给各件",
        en="Bring a pile to its cases",
        posts=frozenset({Post.HANDLER}),
        within=dt.timedelta(hours=2),
        count=lambda params: len(_segments(params)),
        after=_next_segments,
        do=_capture,
        name=_named_segment,
        at_once=10,
    ),
)
