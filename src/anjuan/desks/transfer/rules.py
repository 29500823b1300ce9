"""Judgement in transfer: what the witness must have looked at, and whether the count is right."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from anjuan.core import sampling
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term
from anjuan.core.terms import Route

LOOKED_AT = ("paper", "images", "contents")  # 实物、影像、卷内目录


def looked_at(route: Route) -> tuple[str, ...]:
    """What the supervisor looks at of a drawn volume: a single set has no paper."""
    return tuple(what for what in LOOKED_AT if what != "paper" or route is not Route.SINGLE_SET)


def stage_before_dispatch(route: Route) -> str:
    """The batch's stage that the paper leaves from: paper first, it is fetched as soon as the spot check has passed."""
    return "APPLIED" if route is Route.LEGACY else "WITNESSED"


def stage_before_receipt(route: Route) -> str:
    """The batch's stage that the archive receives from: a single set needs no vehicle."""
    return "WITNESSED" if route is Route.SINGLE_SET else "DISPATCHED"


def kept_until(sealed_date: dt.date, days: int) -> dt.date:
    """The first day on which a paper-first volume may be applied for (在分中心保管一年).

    Args:
        sealed_date: the day it was sealed, in the agency's zone.
        days: how long it is kept there; a setting, unconfirmed.
    """
    return sealed_date + dt.timedelta(days=days)


def check_kept(reference: str, until: dt.date, *, today: dt.date) -> None:
    """Whether a paper-first volume has been kept at the agency for its time (S3-W2).

    Raises:
        T-009: it has not.
    """
    if today < until:
        raise Refusal("T-009", reference=reference, until=until.isoformat())


@dataclass(frozen=True)
class Counted:
    """What the receiving clerk counted of one volume: pages of paper."""

    reference: str
    pages: int


class Stratified(Protocol):
    """What of a volume says which stratum it belongs to."""

    @property
    def urn(self) -> str:
        """Its URN."""

    @property
    def category_code(self) -> str:
        """Its category."""

    @property
    def term(self) -> Term:
        """Its retention."""


def strata(volumes: Iterable[Stratified]) -> Mapping[str, str]:
    """The stratum of each volume by URN: its category and its term (按类目、期限分层)."""
    return {volume.urn: f"{volume.category_code} {volume.term.words()}" for volume in volumes}


def sample(volumes: Mapping[str, str], seed: str) -> tuple[str, ...]:
    """The volumes the supervisor looks at: 5 %, at least three, from each stratum its share (S3-N3).

    Args:
        volumes: the stratum of each volume of the batch.
        seed: hex seed of the batch.
    """
    size = sampling.sample_size(len(volumes), sampling.WITNESS_PERCENT, sampling.WITNESS_AT_LEAST)
    return sampling.draw_stratified(volumes, size, seed)


def check_witnessed(
    drawn: Sequence[str], looks: Mapping[str, Mapping[str, bool]], wanted: Sequence[str] = LOOKED_AT
) -> None:
    """Whether each drawn volume was looked at on paper, on the images and in its contents list (监交 5%).

    Args:
        drawn: references of the drawn volumes.
        looks: by reference, which of the three was found right.
        wanted: which of the three there are.

    Raises:
        T-003: a drawn volume was not looked at, or something in it was not right.
    """
    for reference in drawn:
        for what in wanted:
            if looks.get(reference, {}).get(what) is not True:
                raise Refusal("T-003", reference=reference, what=what)


def check_witness_count(drawn: Mapping[str, int], counted: Mapping[str, int]) -> None:
    """Whether the pages that the witness counted on paper are the register's (监交清点).

    Args:
        drawn: pages on the register, by reference of each drawn volume.
        counted: pages counted, by reference.

    Raises:
        T-040: a drawn volume was not counted.
        T-041: its count differs; it is sent back, or counted again.
    """
    for reference, pages in drawn.items():
        if reference not in counted:
            raise Refusal("T-040", reference=reference)
        if counted[reference] != pages:
            raise Refusal("T-041", reference=reference, expected=pages, counted=counted[reference])


def check_count(expected: Mapping[str, int], counted: Sequence[Counted]) -> None:
    """Whether what arrived is what was handed over: the same volumes, each with its pages (清点).

    Raises:
        T-004: a volume is missing, unknown or counted twice.
        T-005: the pages of a volume differ.
    """
    references = [volume.reference for volume in counted]
    missing = sorted(set(expected) - set(references))
    unknown = sorted(set(references) - set(expected))
    doubled = sorted({reference for reference in references if references.count(reference) > 1})
    if missing or unknown or doubled:
        raise Refusal(
            "T-004",
            missing=", ".join(missing) or "—",
            unknown=", ".join(unknown) or "—",
            doubled=", ".join(doubled) or "—",
        )
    for volume in counted:
        if volume.pages != expected[volume.reference]:
            raise Refusal(
                "T-005", reference=volume.reference, expected=expected[volume.reference], counted=volume.pages
            )


# Scheduling (调度) --------------------------------------------------------------------------------------------------

MOST_STOPS = 12
MOST_SEATS = 60
MOST_LOAD_MM = 100_000


@dataclass(frozen=True)
class Waiting:
    """A batch that the archive has not received yet, as its order is proposed.

    Attributes:
        is_ready: whether it can be fetched now: witnessed, or paper first and spot-checked, or on its way already.
        waited_days: since its application.
        thickness_mm: estimated shelf length that it takes.
    """

    batch_no: str
    is_ready: bool
    waited_days: int
    thickness_mm: int


@dataclass(frozen=True)
class Proposed:
    """A batch in the order in which it ought to be received, and what is free on the shelves after it.

    Attributes:
        fits: whether it still finds room, those before it counted.
        free_mm: shelf length left after it; where it does not fit, what there was.
    """

    batch_no: str
    fits: bool
    free_mm: int


def propose(waiting: Iterable[Waiting], free_mm: int) -> list[Proposed]:
    """In which order to receive (接收顺序): ready ones first, then those that wait longest, then the thinner.

    One that no longer fits takes no room from those after it.

    Args:
        waiting: batches not received yet.
        free_mm: shelf length that is free.

    Standard: S3-R11, S3-P9.
    """
    found = []
    ordered = sorted(waiting, key=lambda one: (not one.is_ready, -one.waited_days, one.thickness_mm, one.batch_no))
    for one in ordered:
        fits = one.thickness_mm <= free_mm
        free_mm -= one.thickness_mm if fits else 0
        found.append(Proposed(one.batch_no, fits, free_mm))
    return found


def days_to_full(free_mm: int, grown_mm: int, days: int) -> int | None:
    """In how many days a room is full if it goes on growing as in the last days; none where nothing was added.

    Args:
        free_mm: shelf length left.
        grown_mm: shelf length taken in those days.
        days: how many days those were.
    """
    return free_mm * days // grown_mm if grown_mm > 0 else None


def check_trip(
    *, on_date: dt.date, today: dt.date, seats: int, load_mm: int, thickness: Sequence[int], hands_over: Sequence[str]
) -> None:
    """Whether a trip can be ordered so (派车).

    Args:
        on_date: the day of the trip.
        today: in the archive's zone.
        seats: of the vehicle.
        load_mm: shelf length that it takes.
        thickness: estimated shelf length of each batch.
        hands_over: who hands over each batch.

    Raises:
        T-020: no batch is named, or too many.
        T-021: the batches are thicker than the load.
        T-022: the day is past, or a number cannot be right.
        T-023: it is not said who hands a batch over.

    Standard: S3-F2, S3-R11.
    """
    if not 1 <= len(thickness) <= MOST_STOPS:
        raise Refusal("T-020", count=len(thickness), most=MOST_STOPS)
    if on_date < today or not 1 <= seats <= MOST_SEATS or not 1 <= load_mm <= MOST_LOAD_MM:
        raise Refusal("T-022", date=on_date.isoformat(), seats=seats, load=load_mm)
    if sum(thickness) > load_mm:
        raise Refusal("T-021", needed=sum(thickness), load=load_mm)
    if not all(name.strip() for name in hands_over):
        raise Refusal("T-023")
