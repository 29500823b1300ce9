"""Which days want a root, and how roots are spelled for eyes (每日根判断)."""

import datetime as dt
from dataclasses import dataclass

MOST_DAYS_AT_ONCE = 31
GROUP = 4
GROUPS_A_LINE = 4


@dataclass(frozen=True)
class DayFacts:
    """A day's root before it is written down."""

    day: dt.date
    no: int
    size: int
    root: str

    @property
    def name(self) -> str:
        """How its files are named, such as ``2026-11-21`` or ``2026-11-21-1``."""
        return stamp_name(self.day, self.no)

    def spelled(self) -> dict[str, object]:
        """What the journal commits to."""
        return {"day": self.day.isoformat(), "no": self.no, "size": self.size, "root": self.root}


def stamp_name(day: dt.date, no: int) -> str:
    """The name of a root's files (文件名)."""
    return day.isoformat() + (f"-{no}" if no else "")


def days_missing(*, first: dt.date | None, closed: dt.date | None, today: dt.date) -> list[dt.date]:
    """Days that are over and have no root yet, oldest first (待补每日根), at most a month of them at once.

    Args:
        first: the day of the first checkpoint; None while there is none.
        closed: the last day that has its root; None if none has.
        today: in the agency's zone; it is not over.
    """
    if first is None:
        return []
    begin = max(first, closed + dt.timedelta(days=1)) if closed else first
    count = min((today - begin).days, MOST_DAYS_AT_ONCE)
    return [begin + dt.timedelta(days=after) for after in range(max(0, count))]


def hex_lines(root: str) -> list[str]:
    """A root in groups of four digits, four groups a line, as two people read it to each other (分组抄录)."""
    groups = [root[at : at + GROUP] for at in range(0, len(root), GROUP)]
    return [" ".join(groups[at : at + GROUPS_A_LINE]) for at in range(0, len(groups), GROUPS_A_LINE)]


def growth_points(sizes: list[tuple[dt.datetime, int]], *, width: int, height: int) -> list[tuple[int, int]]:
    """Sizes over time as points of a picture, from the lower left (增长曲线); time and size begin at the first.

    Args:
        sizes: moments with sizes, in order.
        width: of the picture, in its units.
        height: of the picture; its lower edge is an empty log.
    """
    if len(sizes) < 2:
        return []
    start, end, most = sizes[0][0], sizes[-1][0], sizes[-1][1]
    span = (end - start).total_seconds() or 1.0
    return [
        (round(width * (at - start).total_seconds() / span), round(height - height * size / most)) for at, size in sizes
    ]
