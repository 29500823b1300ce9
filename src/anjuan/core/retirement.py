"""When the law lets a person retire (法定退休时间), reckoned in calendar months.

Until the end of 2024 men retired at 60, women at 55 or 50; since 2025-01-01 the ages rise step by step, and a person
may go up to three years earlier or later, never before the former age (弹性退休).

Standard: 国务院关于渐进式延迟法定退休年龄的办法 (2024-09-13), articles 1 and 3. Early retirement for heavy work,
illness and the like is not reckoned: a month that this module calls odd may be right all the same. The rule was not
checked against the office's own tables (待核实).
"""

import datetime as dt
from dataclasses import dataclass

_REFORM = dt.date(2025, 1, 1)
_ELECTIVE = 36  # months earlier or later


@dataclass(frozen=True)
class Ladder:
    """How one former age rises.

    Attributes:
        age: former age in years.
        every: one month is added for each so many months of birth.
        most: months added at most.
    """

    age: int
    every: int
    most: int


MEN = (Ladder(60, 4, 36),)
WOMEN = (Ladder(55, 4, 36), Ladder(50, 2, 60))


def ladders(is_male: bool) -> tuple[Ladder, ...]:
    """The ages that may hold for a person: of women the post decides, which no number tells."""
    return MEN if is_male else WOMEN


def statutory_month(birth: dt.date, ladder: Ladder) -> dt.date:
    """The first day of the month in which a person born then reaches the age of the law."""
    former = later(birth, ladder.age * 12)
    # Who is born in the first month that reaches the former age under the new rule waits one month.
    late = _months(_REFORM, former) + 1
    return former if late <= 0 else later(former, min(ladder.most, -(-late // ladder.every)))


def is_lawful(birth: dt.date, is_male: bool, month: dt.date) -> bool:
    """Whether somebody born then may retire in a month by age alone: statutory, or chosen earlier or later.

    Args:
        birth: day of birth.
        is_male: as the 17th figure of the citizen number tells.
        month: any day of the month of retirement.
    """
    when = month.replace(day=1)
    for ladder in ladders(is_male):
        due, former = statutory_month(birth, ladder), later(birth, ladder.age * 12)
        # Pension begins the month after; forms name the one or the other.
        if when in (due, later(due, 1)):
            return True
        if when >= _REFORM and max(former, later(due, -_ELECTIVE)) <= when <= later(due, _ELECTIVE):
            return True
    return False


def later(day: dt.date, months: int) -> dt.date:
    """The first day of the month so many months on."""
    whole = day.year * 12 + day.month - 1 + months
    return dt.date(whole // 12, whole % 12 + 1, 1)


def _months(since: dt.date, until: dt.date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month
