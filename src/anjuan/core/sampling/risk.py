"""A sample in proportion to the problem rate (问题案卷率), and what a rate is worth."""

import math
from dataclasses import asdict, dataclass
from fractions import Fraction

Z_95 = 1.959963984540054  # two-sided 95 % of the normal distribution


@dataclass(frozen=True)
class Past:
    """What inspection has found so far: units looked at, and problem units among them."""

    inspected: int = 0
    found: int = 0


def shrunken(own: Past, house: Past, *, prior: int, first: Fraction) -> Fraction:
    """The problem rate of one agency and category, drawn towards the house's (收缩估计) by ``prior`` units' weight.

    p̂ = (found + prior · house rate) ÷ (inspected + prior); the house's rate is drawn towards ``first`` in the same way,
    so that there is a rate before the first lot.

    Args:
        own: the past of the agency and category.
        house: the past of all.
        prior: the weight of what is not known, in units; at least 1.
        first: the rate before anything is known, 0 to 1.
    """
    everywhere = (house.found + prior * first) / (house.inspected + prior)
    return (own.found + prior * everywhere) / (own.inspected + prior)


def risk_size(lot: int, rate: Fraction, factor: Fraction) -> int:
    """⌈N·k·p̂⌉, at most the lot: directly proportional to the problem rate.

    Standard: S3-N5.
    """
    return min(lot, math.ceil(lot * factor * rate))


def risk_percent(rate: Fraction, factor: Fraction, *, least: int, most: int) -> int:
    """⌈100·k·p̂⌉ percent: directly proportional to the problem rate between two published ends.

    Args:
        rate: p̂, 0 to 1.
        factor: k.
        least: the floor, in percent.
        most: the ceiling, in percent.

    Standard: S3-N5, S3-N2.
    """
    return min(most, max(least, math.ceil(100 * factor * rate)))


@dataclass(frozen=True)
class Ratio:
    """How much of an agency's volumes of one category is looked at again, and why: kept with the lot (复核比例).

    Attributes:
        own, house: units looked at and problem units among them, before this lot.
        rate: p̂, as a decimal fraction.
        factor: k.
        prior: units that the house's rate weighs.
        first: rate before anything is known.
        asked: percent that the rate asks for, between the two ends.
    """

    own: tuple[int, int]
    house: tuple[int, int]
    rate: str
    factor: str
    prior: int
    first: str
    asked: int

    def spell(self) -> dict[str, object]:
        """As the row keeps it."""
        return asdict(self)


def ratio(own: Past, house: Past, *, factor: Fraction, prior: int, first: Fraction, least: int, most: int) -> Ratio:
    """The ratio that a problem rate asks for, with every number that led to it; see `shrunken` and `risk_percent`."""
    rate = shrunken(own, house, prior=prior, first=first)
    return Ratio(
        own=(own.inspected, own.found),
        house=(house.inspected, house.found),
        rate=f"{float(rate):.6f}",
        factor=str(factor),
        prior=prior,
        first=str(first),
        asked=risk_percent(rate, factor, least=least, most=most),
    )


def wilson(found: int, inspected: int, z: float = Z_95) -> tuple[float, float]:
    """Between which rates the true one lies with 95 % certainty (Wilson interval); 0 to 1 where nothing was seen."""
    if inspected == 0:
        return 0.0, 1.0
    share = found / inspected
    below = 1 + z * z / inspected
    middle = (share + z * z / (2 * inspected)) / below
    half = z * math.sqrt(share * (1 - share) / inspected + z * z / (4 * inspected * inspected)) / below
    return max(0.0, middle - half), min(1.0, middle + half)
