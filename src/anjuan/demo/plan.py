"""What happens in the practice city (演示城市的剧本): groups of cases, each stopping somewhere on its way.

Data only: nothing here touches the archive. Every desk finds something at every stage of every route.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from anjuan.core.terms import Route, State
from anjuan.demo.people import Citizen, Firm

VOLUME_ITEMS = 12


@dataclass(frozen=True)
class Group:
    """Cases of one agency and business step that go the same way and stop at the same place.

    Attributes:
        sheets: material and pages of each file of a case; the first is the main form.
        turn: what happens to them besides: a code the loader knows.
    """

    agency: str
    step: str
    route: Route
    stop: State
    count: int
    sheets: tuple[tuple[str, int], ...] = (("MAIN_FORM", 1),)
    turn: str = ""


@dataclass(frozen=True)
class Case:
    """One case before it is taken in."""

    group: Group
    serial: int
    acceptance_no: str
    formed: dt.date
    persons: tuple[Citizen, ...]
    firm: Firm | None
    faults: frozenset[str] = field(default=frozenset())

    @property
    def pages(self) -> int:
        """Pages of paper, or declared."""
        return sum(pages for _, pages in self.group.sheets)


_ADJUST, _RETIRE, _REGISTER = "PENSION_ADJUSTMENT", "PENSION_RETIREMENT", "PERSON_REGISTRATION"
_FULL = (("MAIN_FORM", 2), ("ID_CARD", 1), ("WORK_HISTORY", 1))
_TWO = {
    _REGISTER: (("MAIN_FORM", 1), ("ID_CARD", 1)),
    "UNEMPLOYMENT_BENEFIT": (("MAIN_FORM", 1), ("ID_CARD", 1)),
    "WORK_INJURY_RECOGNITION": (("MAIN_FORM", 1), ("DIAGNOSIS", 1)),
    "MATERNITY_BENEFIT": (("MAIN_FORM", 1), ("BIRTH_CERTIFICATE", 1)),
    "OUTPATIENT_MEDICAL": (("MAIN_FORM", 1), ("RECEIPTS", 1)),
    "CONTRIBUTION_DECLARATION": (("MAIN_FORM", 1), ("PERSON_LIST", 1)),
    "AUDIT_CASE": (("MAIN_FORM", 1), ("EVIDENCE", 1)),
    "EMPLOYER_REGISTRATION": (("MAIN_FORM", 1), ("LICENCE", 1)),
}


_CENTRES = ("BH", "NK")


def _target() -> Iterator[Group]:
    # What is held comes first: a re-check draws from all that was received from an agency.
    for agency in _CENTRES:
        yield Group(agency, _ADJUST, Route.TARGET, State.HELD, 60, turn="mended")
        yield Group(agency, _RETIRE, Route.TARGET, State.HELD, 24, _FULL)
    for step in ("UNEMPLOYMENT_BENEFIT", "WORK_INJURY_RECOGNITION", "MATERNITY_BENEFIT", "OUTPATIENT_MEDICAL"):
        for agency in _CENTRES:
            yield Group(agency, step, Route.TARGET, State.HELD, 12, _TWO[step])
    for agency in _CENTRES:
        yield Group(agency, "CONTRIBUTION_DECLARATION", Route.TARGET, State.HELD, 8, _TWO["CONTRIBUTION_DECLARATION"])
    for stop, count, turn in (
        (State.MENDING, 12, ""),
        (State.RECEIVED, 36, ""),
        (State.IN_TRANSIT, 24, ""),
        (State.WITNESSED, 24, ""),
        (State.PRE_ACCEPTED, 24, ""),
        (State.RETURNED, 24, ""),
        (State.APPLIED, 36, ""),
    ):
        for agency in _CENTRES:
            yield Group(agency, _ADJUST, Route.TARGET, stop, count, turn=turn)
    for agency in _CENTRES:
        yield Group(agency, _RETIRE, Route.TARGET, State.APPLIED, 8, _FULL, turn="tiff")
        yield Group(agency, "AUDIT_CASE", Route.TARGET, State.SELF_CHECKED, 4, _TWO["AUDIT_CASE"])
    for stop, count, turn in (
        (State.SELF_CHECKED, 24, ""),
        (State.FILED, 24, ""),
        (State.FILING, 12, ""),
        (State.REVIEWED, 20, ""),
        (State.COLLECTING, 10, "returned"),
        (State.IN_REVIEW, 6, "resubmitted"),
        (State.IN_REVIEW, 18, ""),
        (State.COLLECTING, 12, "unscanned"),
    ):
        for agency in _CENTRES:
            yield Group(agency, _ADJUST, Route.TARGET, stop, count, turn=turn)
    yield Group("BH", _ADJUST, Route.TARGET, State.IN_REVIEW, 4, (("MAIN_FORM", 1), ("OTHER", 1)), turn="formats")


def _others() -> Iterator[Group]:
    # Person dossiers grow; some are closed. Employer dossiers let years mix.
    yield Group("HX", _ADJUST, Route.TARGET, State.HELD, 10, turn="closed")
    yield Group("HX", "EMPLOYER_REGISTRATION", Route.TARGET, State.HELD, 10, _TWO["EMPLOYER_REGISTRATION"])
    yield Group("HX", _ADJUST, Route.TARGET, State.FILING, 110, turn="dossier")
    yield Group("HX", _REGISTER, Route.TARGET, State.FILING, 24, _TWO[_REGISTER])
    yield Group("HX", _ADJUST, Route.TARGET, State.REVIEWED, 8)
    yield Group("YX", _ADJUST, Route.TARGET, State.HELD, 36)
    yield Group("YX", _ADJUST, Route.TARGET, State.FILED, 12)
    yield Group("YX", _ADJUST, Route.TARGET, State.IN_REVIEW, 8)
    yield Group("LQ", _ADJUST, Route.TARGET, State.COLLECTING, 4)
    yield Group("LQ", _ADJUST, Route.TARGET, State.FILED, 8)


def _legacy() -> Iterator[Group]:
    for agency in _CENTRES:
        for stop in (
            State.HELD,
            State.IN_WORKSHOP,
            State.RECHECKED,
            State.ACCEPTED,
            State.MENDING,
            State.RECEIVED,
            State.IN_TRANSIT,
            State.PRE_ACCEPTED,
            State.APPLIED,
            State.RETURNED,
            State.SELF_CHECKED,
        ):
            yield Group(agency, _ADJUST, Route.LEGACY, stop, 24 if stop is State.HELD else 9)
        # Sealed this spring: their year at the agency is not over.
        yield Group(agency, _ADJUST, Route.LEGACY, State.SELF_CHECKED, 9, turn="young")
        yield Group(agency, _ADJUST, Route.LEGACY, State.IN_REVIEW, 6, turn="young")


def _single() -> Iterator[Group]:
    for stop, count, turn in (
        (State.COLLECTING, 6, "open"),
        (State.COLLECTING, 4, "short"),
        (State.REVIEWED, 10, ""),
        (State.FILED, 20, ""),
        (State.APPLIED, 20, ""),
        (State.WITNESSED, 10, ""),
        (State.HELD, 50, ""),
    ):
        yield Group("BH", _ADJUST, Route.SINGLE_SET, stop, count, turn=turn)


LEGACY, TARGET, OTHERS, SINGLE = tuple(_legacy()), tuple(_target()), tuple(_others()), tuple(_single())
GROUPS = (*LEGACY, *TARGET, *OTHERS, *SINGLE)
_PREFIX = {Route.TARGET: "SL", Route.LEGACY: "JZ", Route.SINGLE_SET: "DZ"}


def _fits(step: str, person: Citizen) -> bool:
    """Whether a case of this step could be this person's in the year of the story."""
    match step:
        case "PENSION_ADJUSTMENT":
            return (
                person.retired is not None and person.retired.year < 2024 and not person.died and not person.moved_out
            )
        case "PENSION_RETIREMENT":
            return person.retired is not None and person.retired.year in (2024, 2025, 2026)
        case "MATERNITY_BENEFIT":
            return person.sex == "女" and person.retired is None and 1984 < person.birth.year < 2005
        case _:
            return person.retired is None and person.died is None


def cases(citizens: Sequence[Citizen]) -> dict[Group, list[Case]]:
    """Every case of the city by group, each with its persons, its number and its day."""
    pools = {
        step: itertools.cycle([one for one in citizens if _fits(step, one)] or list(citizens))
        for step in {group.step for group in GROUPS}
    }
    gone = iter([one for one in citizens if one.died or one.moved_out])
    pensioners = [one for one in citizens if _fits(_ADJUST, one)]
    numbers: dict[str, Iterator[int]] = {}
    found: dict[Group, list[Case]] = {}
    serials = itertools.count(1)
    for group in GROUPS:
        listed = found.setdefault(group, [])
        for place in range(group.count):
            if group.turn == "closed":
                person = next(gone)
            elif group.turn == "dossier":  # two papers a person: the second goes into the dossier that is open
                person = pensioners[place % (group.count // 2) % len(pensioners)]
            else:
                person = next(pools[group.step])
            year = 2026 if group.route is not Route.LEGACY or group.turn == "young" else 2024
            if group.step == "EMPLOYER_REGISTRATION":
                year = 2022 + place % 5
            formed = dt.date(year, 1 + (place * 7) % 3, 1 + (place * 5) % 28)
            number = next(numbers.setdefault(f"{group.agency}{group.route}{year}", itertools.count(1)))
            persons: tuple[Citizen, ...] = (person,)
            if group.step in ("CONTRIBUTION_DECLARATION", "AUDIT_CASE"):
                persons = tuple(one for one in citizens if one.employer == person.employer)[:12]
            elif group.step == "EMPLOYER_REGISTRATION":
                persons = ()
            listed.append(
                Case(
                    group=group,
                    serial=next(serials),
                    acceptance_no=f"{_PREFIX[group.route]}{group.agency}{year}{number:05}",
                    formed=formed,
                    persons=persons,
                    firm=person.employer,
                    faults=frozenset({"NO_SEAL"}) if group.turn == "returned" and place % 2 else frozenset(),
                )
            )
    return found
