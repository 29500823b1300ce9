"""Months paid, and the months between them that were not (缴费月数与断保)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """Months in a row, both included, as ``yyyy-mm``."""

    first: str
    last: str

    @property
    def count(self) -> int:
        """How many months."""
        return number_of(self.last) - number_of(self.first) + 1


def number_of(month: str) -> int:
    """A month as months since year 0: what arithmetic is done in."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_of(number: int) -> str:
    """The month of such a number, ``yyyy-mm``."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


def stretches(months: Iterable[str]) -> tuple[Stretch, ...]:
    """Months in rows, oldest first; a month counts once however often it is stated."""
    found: list[list[int]] = []
    for number in sorted({number_of(month) for month in months}):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return tuple(Stretch(month_of(first), month_of(last)) for first, last in found)


def gaps(paid: Iterable[str], *, covered: Iterable[str] = ()) -> tuple[Stretch, ...]:
    """Months without payment between the first and the last that was paid (断保).

    Args:
        paid: months of contribution.
        covered: months in which a benefit was paid instead; nothing is missing in them.

    Before the first and after the last paid month nothing is called a gap: who did not pay yet, or no more, need not
    have missed anything.
    """
    rows = stretches(paid)
    if not rows:
        return ()
    present = {number_of(month) for month in covered}
    for row in rows:
        present.update(range(number_of(row.first), number_of(row.last) + 1))
    missing = [
        month_of(number)
        for number in range(number_of(rows[0].first), number_of(rows[-1].last))
        if number not in present
    ]
    return stretches(missing)
