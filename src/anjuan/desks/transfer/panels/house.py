"""The archive house as it is drawn: rooms with their fill, what waits in its order, trips."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from anjuan.core.terms import Post
from anjuan.desks.transfer import rules
from anjuan.desks.transfer.panels import STAGE_LOOKS, STAGE_WORDS
from anjuan.desks.transfer.queries import Stage, house
from anjuan.foundation.accounts import queries as accounts


@dataclass(frozen=True)
class RoomLine:
    """One room: metres, how full, how it grows, and what of each category lies there."""

    name: str
    code: str
    percent: int
    tone: str
    free: str
    width: str
    month: str
    full: str
    categories: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class AgencyLine:
    """One agency: what it keeps of sealed paper, and how much it files."""

    name: str
    volumes: int
    metres: str
    filed: int


@dataclass(frozen=True)
class WaitingLine:
    """One batch in the order in which it ought to be received."""

    row: house.WaitingRow
    place: int
    agency_name: str
    stage: str
    tone: str
    icon: str
    fits: bool
    left: str
    metres: str
    ticked: bool
    hands_over: str


def metres(millimetres: int) -> str:
    """Shelf length in metres: of a few volumes in centimetres, of a room in decimetres."""
    return f"{millimetres / 1000:,.2f}" if millimetres < 10_000 else f"{millimetres / 1000:,.1f}"


def rooms(found: house.House) -> list[RoomLine]:
    """The rooms, in the order of their codes."""
    lines = []
    for room in found.rooms:
        days = rules.days_to_full(room.free_mm, room.grown_mm, house.LOOKED_BACK)
        full = _("does not grow") if days is None else ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        lines.append(
            RoomLine(
                name=room.name,
                code=room.code,
                percent=room.percent,
                tone="bad" if room.percent >= 95 else "wait" if room.percent >= 75 else "good",
                free=metres(room.free_mm),
                width=metres(room.width_mm),
                month=metres(room.grown_mm * 30 // house.LOOKED_BACK),
                full=full,
                categories=tuple((name, count, metres(used)) for name, count, used in room.categories),
            )
        )
    return lines


def agencies(found: house.House) -> list[AgencyLine]:
    """The agencies, the one with most paper first."""
    ordered = sorted(found.agencies, key=lambda one: (-one.thickness_mm, one.code))
    return [AgencyLine(one.name, one.volumes, metres(one.thickness_mm), one.filed) for one in ordered]


def waiting(found: house.House, typed: Mapping[str, str], ticked: list[str] | None, on: dt.date) -> list[WaitingLine]:
    """The batches in the order in which they ought to be received; ticked are those that can be fetched and fit.

    Who hands over is taken to be the agency's archivist until another is named.
    """
    names, archivists = accounts.agency_names(), accounts.posted_at(Post.ARCHIVIST, on=on)
    lines = []
    for place, row in enumerate(found.waiting, 1):
        one = found.proposed[row.batch_no]
        tone, icon = STAGE_LOOKS[row.stage]
        offered = row.is_ready and one.fits and not row.not_fetched
        lines.append(
            WaitingLine(
                row=row,
                place=place,
                agency_name=names.get(row.agency_code, row.agency_code),
                stage=str(STAGE_WORDS[row.stage]),
                tone=tone,
                icon=icon,
                fits=one.fits,
                left=metres(one.free_mm),
                metres=metres(row.thickness_mm),
                ticked=row.batch_no in ticked if ticked is not None else offered,
                hands_over=typed.get(f"hands_{row.batch_no}", archivists.get(row.agency_path, "")),
            )
        )
    return lines


@dataclass(frozen=True)
class TripLine:
    """One trip as drawn."""

    row: house.TripRow
    stops: tuple[tuple[house.StopRow, str, str, str], ...]
    words: str
    tone: str
    taken: str
    load: str
    planned_by: str


def trips(found: list[house.TripRow]) -> list[TripLine]:
    """The trips with what became of them."""
    names = accounts.agency_names()
    people = accounts.staff_names({row.planned_by for row in found})
    return [
        TripLine(
            row=row,
            stops=tuple(
                (
                    stop,
                    names.get(stop.agency_code, stop.agency_code),
                    str(STAGE_WORDS[stop.stage]),
                    STAGE_LOOKS[stop.stage][0],
                )
                for stop in row.stops
            ),
            words=_state(row)[0],
            tone=_state(row)[1],
            taken=metres(row.taken_mm),
            load=metres(row.load_mm),
            planned_by=people.get(row.planned_by, row.planned_by),
        )
        for row in found
    ]


def _state(row: house.TripRow) -> tuple[str, str]:
    if row.cancelled_at:
        return _("called off"), "bad"
    left = sum(stop.stage in (Stage.DISPATCHED, Stage.RECEIVED) for stop in row.stops)
    if left == len(row.stops):
        return _("fetched"), "good"
    return (_("under way"), "wait") if left else (pgettext("trip", "planned"), "wait")
