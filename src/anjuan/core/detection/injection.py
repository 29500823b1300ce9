"""Known faults put into copies of pages (已知问题样本): which, where and how strongly, and what of them was found.

A seed decides, so that a sample can be made again to the byte; nothing is drawn here. The truth is what detectors and
people are measured against: a fault counts as found where it is named on its page. What is named otherwise on that page
is neither found nor a false alarm, for it was seen.

Standard: S3-P7, S3-R8.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import sampling

WHOLE = 0  # the page of what concerns the whole record
BLANK, REPEATED, LEFT_OUT, DISORDERED = "I17", "I22", "I21", "V07"
ON_A_PAGE = ("I01", "I02", "I04", "I06", "I08")
INJECTED = (*ON_A_PAGE, BLANK, LEFT_OUT, REPEATED, DISORDERED)
OF_THE_WHOLE = (LEFT_OUT, DISORDERED)
# What says the same of the same record in other words of the catalogue.
SAME: Mapping[str, frozenset[str]] = {
    LEFT_OUT: frozenset({LEFT_OUT, "V05", "V02", "D13"}),
    DISORDERED: frozenset({DISORDERED, "V06"}),
}
_COUNTS = SAME[LEFT_OUT]
_CLEAN_OF = 3  # one record of so many has no fault
_TWO_FROM = 4  # pages a record must have to bear two faults
_SHARE_WITH_TWO = 0.35


@dataclass(frozen=True)
class Sheet:
    """A page of a record, as far as the choice of faults needs to know it."""

    material: str
    is_main: bool


@dataclass(frozen=True)
class Copy:
    """One page of a sample: a copy of a source page, with a fault or without.

    Attributes:
        source: place of the source page in its record, from 0.
        fault: what is done to the copy; empty for nothing.
        strength: how strongly, 0 to 1.
    """

    source: int
    fault: str = ""
    strength: float = 0.0


@dataclass(frozen=True)
class Truth:
    """A fault that is in a sample: its page from 1, or `WHOLE`, and its code."""

    page: int
    code: str


@dataclass(frozen=True)
class Mark:
    """A fault that somebody, or a detector, names: the page from 1, or `WHOLE`, and the code."""

    page: int
    code: str


@dataclass(frozen=True)
class Plan:
    """How one sample is made of a record."""

    copies: tuple[Copy, ...]
    truth: tuple[Truth, ...]


@dataclass(frozen=True)
class Score:
    """What became of the faults of a sample, and what was named without cause."""

    found: tuple[Truth, ...]
    misnamed: tuple[Truth, ...]
    missed: tuple[Truth, ...]
    alarms: tuple[Mark, ...]


def possible(sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """Which faults a record of these pages can be given."""
    codes: tuple[str, ...] = (*ON_A_PAGE, BLANK, REPEATED)
    if len(sheets) > 1:
        codes += (LEFT_OUT,)
    if _swap(sheets) is not None:
        codes += (DISORDERED,)
    return codes


def plan_set(records: Sequence[Sequence[Sheet]], seed: str) -> tuple[Plan, ...]:
    """Which faults a set of records is given (测评样本方案): a third has none, the others share the kinds evenly.

    Args:
        records: the pages of each record; at least one page each.
        seed: as `sampling.seed_of` makes it.
    """
    names = [str(place) for place in range(len(records))]
    clean = set(sampling.draw(names, max(1, len(records) // _CLEAN_OF), sampling.seed_of(seed, "clean")))
    used = dict.fromkeys(INJECTED, 0)
    plans = []
    for name, sheets in zip(names, records, strict=True):
        own = sampling.seed_of(seed, name)
        faults: list[str] = []
        if name not in clean:
            faults = [_least_used(possible(sheets), used, own)]
            is_alone = faults[0] in OF_THE_WHOLE or len(sheets) < _TWO_FROM
            if not is_alone and _share(own, "two") < _SHARE_WITH_TWO:
                faults.append(_least_used([code for code in ON_A_PAGE if code not in faults], used, own))
        plans.append(plan_record(sheets, faults, own))
    return tuple(plans)


def plan_record(sheets: Sequence[Sheet], faults: Sequence[str], seed: str) -> Plan:
    """How one record gets these faults, each on a page of its own.

    Args:
        sheets: its pages.
        faults: codes of `possible`; none for a clean record. A fault of the whole record stands alone.
        seed: as `sampling.seed_of` makes it.
    """
    places = [int(name) for name in sampling.draw([str(place) for place in range(len(sheets))], len(sheets), seed)]
    copies = [Copy(place) for place in range(len(sheets))]
    for fault, place in zip(faults, places, strict=False):
        at = next(at for at, copy in enumerate(copies) if copy.source == place)
        made = Copy(place, fault, round(_share(seed, fault), 4))
        if fault in ON_A_PAGE:
            copies[at] = made
        elif fault in (BLANK, REPEATED):
            copies.insert(at + 1, made)
        elif fault == LEFT_OUT:
            del copies[at]
        elif (swap := _swap(sheets)) is not None:
            first, second = swap
            copies[first], copies[second] = copies[second], copies[first]
    truth = [Truth(page, copy.fault) for page, copy in enumerate(copies, 1) if copy.fault]
    truth += [Truth(WHOLE, fault) for fault in faults if fault in OF_THE_WHOLE]
    return Plan(tuple(copies), tuple(truth))


def score(truth: Sequence[Truth], marks: Iterable[Mark], *, does_count_differ: bool) -> Score:
    """What of the truth was found (判分).

    Args:
        truth: the faults that are in the sample.
        marks: what was named.
        does_count_differ: whether the sample has another number of pages than its catalogue says; then saying so of
            the record is no false alarm, whatever the cause.
    """
    said = set(marks)
    found = [one for one in truth if any(_names(mark, one) for mark in said)]
    left = [one for one in truth if one not in found]
    misnamed = [one for one in left if one.page != WHOLE and any(mark.page == one.page for mark in said)]
    alarms = [
        mark
        for mark in said
        if not any(_names(mark, one) or mark.page == one.page != WHOLE for one in truth)
        and not (does_count_differ and mark.code in _COUNTS)
    ]
    return Score(
        tuple(found),
        tuple(misnamed),
        tuple(one for one in left if one not in misnamed),
        tuple(sorted(alarms, key=lambda mark: (mark.page, mark.code))),
    )


def _names(mark: Mark, one: Truth) -> bool:
    if mark.code not in SAME.get(one.code, frozenset({one.code})):
        return False
    if one.code == REPEATED:  # of two equal pages either may be pointed at
        return mark.page in (one.page - 1, one.page)
    return one.page in (WHOLE, mark.page)


def _swap(sheets: Sequence[Sheet]) -> tuple[int, int] | None:
    """The main form's first page and the first page of another material after it, which change places."""
    main = next((place for place, sheet in enumerate(sheets) if sheet.is_main), None)
    if main is None:
        return None
    other = next((at for at in range(main + 1, len(sheets)) if not sheets[at].is_main), None)
    return (main, other) if other is not None else None


def _least_used(codes: Sequence[str], used: dict[str, int], seed: str) -> str:
    code = min(codes, key=lambda one: (used[one], _share(seed, one), one))
    used[code] += 1
    return code


def _share(*parts: str) -> float:
    """A number from 0 to 1 that these words alone decide."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:6], "big") / 2**48
