"""What a station of the workshop asks for, and when a volume may leave (加工工序)."""

import datetime as dt
import enum
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle


class Need(enum.StrEnum):
    """What must be so before a station is signed (工序要求)."""

    PAGES = "PAGES"  # as many images as paper, item by item
    MATERIALS = "MATERIALS"  # every required material has a page
    LOOKED = "LOOKED"  # whoever signs has opened every page
    SEALED = "SEALED"  # the sealed version is written anew


@dataclass(frozen=True)
class Station:
    """One station, as the seed names it; ``apart_from`` is the station whose people may not sign this one."""

    code: str
    zh: str
    en: str
    needs: frozenset[Need]
    apart_from: str
    clause: str


@dataclass(frozen=True)
class Pass:
    """That a station was signed: by whom, when, and on which contents of the volume."""

    station: str
    done_by: str
    done_at: dt.datetime
    note: str
    contents: str


@dataclass(frozen=True)
class Scanned:
    """How far the scanning of one item is."""

    reference: str
    paper_pages: int
    image_pages: int
    missing: tuple[str, ...]  # names of required materials without a page

    @property
    def agrees(self) -> bool:
        """Whether there are as many images as paper."""
        return self.paper_pages == self.image_pages


@dataclass(frozen=True)
class Bench:
    """A volume on the workshop's bench, as the person who signs finds it.

    Attributes:
        reference: how people call it.
        items: its items in order.
        pages: pages imaged in all.
        seen: how many of them this person has opened.
        contents: digest of what the volume holds now.
        makers: who scanned any of its pages.
        passes: the stations signed, none undone.
    """

    reference: str
    items: tuple[Scanned, ...]
    pages: int
    seen: int
    contents: str
    makers: frozenset[str]
    passes: tuple[Pass, ...]

    @property
    def done(self) -> frozenset[str]:
        """Codes of the stations signed."""
        return frozenset(one.station for one in self.passes)


def next_station(stations: Sequence[Station], done: AbstractSet[str]) -> Station | None:
    """The first station that is not signed yet; none when all are."""
    return next((station for station in stations if station.code not in done), None)


def stale(stations: Sequence[Station], bench: Bench) -> Station | None:
    """The first signed station whose contents are no longer what the volume holds: pages changed after it."""
    judged = {station.code: station for station in stations if station.needs}
    return next((judged[one.station] for one in bench.passes if _is_stale(one, judged, bench)), None)


def _is_stale(one: Pass, judged: dict[str, Station], bench: Bench) -> bool:
    return one.station in judged and one.contents != bench.contents


def obstacles(stations: Sequence[Station], station: Station, bench: Bench, staff_code: str) -> tuple[Obstacle, ...]:
    """What stands between a person and a station's signature (为什么不能签).

    Args:
        stations: all stations in order.
        station: the one to be signed.
        bench: the volume as this person finds it.
        staff_code: who would sign.
    """
    found: list[Obstacle] = []
    before = next_station(stations, bench.done)
    if before is not None and stations.index(before) < stations.index(station):
        found.append(Obstacle("U-002", {"station": _name(station), "before": _name(before)}))
    if (changed := stale(stations, bench)) is not None:
        found.append(Obstacle("U-003", {"reference": bench.reference, "station": _name(changed)}))
    if Need.PAGES in station.needs:
        found += [
            Obstacle("U-004", {"reference": row.reference, "paper": row.paper_pages, "images": row.image_pages})
            for row in bench.items
            if not row.agrees
        ]
    if Need.MATERIALS in station.needs:
        found += [
            Obstacle("U-005", {"reference": row.reference, "material": material})
            for row in bench.items
            for material in row.missing
        ]
    if station.apart_from and staff_code in bench.makers:
        apart = next(one for one in stations if one.code == station.apart_from)
        found.append(Obstacle("U-007", {"reference": bench.reference, "station": _name(apart)}))
    elif Need.LOOKED in station.needs and bench.seen < bench.pages:
        found.append(Obstacle("U-006", {"seen": bench.seen, "pages": bench.pages}))
    return tuple(found)


def leaving(stations: Sequence[Station], bench: Bench) -> frozenset[Evidence]:
    """The evidence on which a volume leaves the workshop for its shelf (加工完成)."""
    still = stale(stations, bench) is None
    sealing = {station.code for station in stations if Need.SEALED in station.needs}
    table = {
        Evidence.STATIONS_DONE: still and next_station(stations, bench.done) is None,
        Evidence.PAGES_AGREE: bool(bench.items) and all(row.agrees for row in bench.items),
        Evidence.SEALED_VERSION: still and sealing <= bench.done,
    }
    return frozenset(piece for piece, is_there in table.items() if is_there)


def undone(stations: Sequence[Station], done: AbstractSet[str]) -> tuple[str, ...]:
    """The signed stations that fall when the image check finds a fault: all from the first on (退回重扫)."""
    return tuple(station.code for station in stations if station.code in done)


def _name(station: Station) -> str:
    return f"{station.zh} {station.en}"
