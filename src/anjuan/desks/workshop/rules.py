"""What a station of the workshop asks for, and when a volume may leave (加工工序)."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.foundation.schedule.rules import RiskGrade


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


# Selection (遴选) --------------------------------------------------------------------------------------------------

MOST_SELECTED = 50  # volumes in one act: what one transaction may write (decision 22)
MOST_POWER = 3
RISK_POINTS: Mapping[RiskGrade, int] = {RiskGrade.LOW: 1, RiskGrade.MEDIUM: 2, RiskGrade.HIGH: 3}


@dataclass(frozen=True)
class Waiting:
    """A volume that waits for the workshop, as a selection weighs it.

    Attributes:
        steps: business steps of its items.
        risk: the highest grade among these steps.
        damage_grade: the worst state of its paper, 1 to 3; 0 where nothing bad was noted.
        uses: how often it, or another record of its people, was opened for use.
    """

    urn: str
    reference: str
    category: str
    steps: frozenset[str]
    year: int
    agency: str
    risk: RiskGrade
    damage_grade: int
    uses: int


@dataclass(frozen=True)
class Criteria:
    """By what volumes are selected; empty or 0 asks for nothing."""

    category: str = ""
    step: str = ""
    year: int = 0
    agency: str = ""
    risk: str = ""
    least_damage: int = 0
    least_uses: int = 0


@dataclass(frozen=True)
class Powers:
    """How heavily use, risk and age weigh (遴选公式, 待核实): each 0, which leaves it out, to 3."""

    use: int = 1
    risk: int = 1
    age: int = 1

    def __str__(self) -> str:
        return f"{self.use},{self.risk},{self.age}"


@dataclass(frozen=True)
class Ranked:
    """A volume with its place and why: score = use to its power x risk to its power x age to its power."""

    volume: Waiting
    place: int
    use: int
    risk: int
    age: int
    score: int


def powers_of(text: str) -> Powers:
    """The powers as the setting spells them: ``use,risk,age``.

    Raises:
        ValueError: there are not three numbers of 0 to 3.
    """
    parts = [int(part) for part in text.split(",")]
    if len(parts) != 3 or not all(0 <= part <= MOST_POWER for part in parts):
        raise ValueError(f"three numbers of 0 to {MOST_POWER} are needed, not {text!r}")
    return Powers(*parts)


def is_wanted(criteria: Criteria, volume: Waiting) -> bool:
    """Whether a volume answers all that is asked for."""
    return (
        criteria.category in ("", volume.category)
        and (not criteria.step or criteria.step in volume.steps)
        and criteria.year in (0, volume.year)
        and criteria.agency in ("", volume.agency)
        and criteria.risk in ("", volume.risk)
        and volume.damage_grade >= criteria.least_damage
        and volume.uses >= criteria.least_uses
    )


def ranked(waiting: Sequence[Waiting], criteria: Criteria, *, this_year: int, powers: Powers) -> tuple[Ranked, ...]:
    """The volumes that are wanted, what ought to be scanned first at the front (遴选排序).

    use = 1 + uses; risk = points of the grade + grade of the damage; age = 1 + years. Equal scores go by reference.
    """
    weighed = []
    for volume in waiting:
        if is_wanted(criteria, volume):
            use = 1 + volume.uses
            risk = RISK_POINTS[volume.risk] + volume.damage_grade
            age = 1 + max(0, this_year - volume.year)
            score = use**powers.use * risk**powers.risk * age**powers.age
            weighed.append((-score, volume.reference, volume.urn, volume, use, risk, age))
    return tuple(
        Ranked(volume, place, use, risk, age, -score)
        for place, (score, _, _, volume, use, risk, age) in enumerate(sorted(weighed, key=lambda one: one[:3]), 1)
    )


def chosen(offered: Sequence[Ranked], urns: Sequence[str]) -> tuple[Ranked, ...]:
    """What a person chose of a ranking, in its order.

    Raises:
        U-080: nothing is chosen.
        U-081: more than one act may take in.
        U-082: a volume stands in it no longer.
    """
    wanted = set(urns)
    if not wanted:
        raise Refusal("U-080")
    if len(wanted) > MOST_SELECTED:
        raise Refusal("U-081", volumes=len(wanted), most=MOST_SELECTED)
    found = tuple(one for one in offered if one.volume.urn in wanted)
    if len(found) != len(wanted):
        raise Refusal("U-082", missing=len(wanted) - len(found))
    return found
