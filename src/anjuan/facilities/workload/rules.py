"""What somebody's acts of a month amount to, and which acts are no work of a helper (工作台账、辅助人员职责)."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal

# What an archive helper is sent for (S3-R6): scanning, helping to arrange volumes, mending pages. Nothing else.
HELPING = frozenset(
    {
        "intake.capture",
        "intake.replace_page",
        "intake.withdraw_page",
        "intake.order_pages",
        "intake.turn_page",
        "intake.reuse_material",
        "intake.pair_phone",
        "intake.unpair_phone",
        "intake.correct_page_count",
        "filing.open_volume",
        "filing.arrange",
        "filing.add_item",
        "filing.release",
        "corrections.answer_fault",
    }
)
# Coming and going, what a person does for himself, and exercises on copies, is work of nobody.
NO_WORK = (
    "accounts.",
    "journal.",
    "jobs.",
    "notices.",
    "inspection.open_probes",
    "inspection.prepare_probe",
    "inspection.answer_probe",
    "inspection.close_probes",
    "inspection.delete_probes",
)
CAPTURING = frozenset({"intake.capture", "intake.replace_page", "intake.take_in", "intake.reuse_material"})
MOST_SIGNS = 300


@dataclass(frozen=True)
class Act:
    """One act of one person.

    Attributes:
        day: calendar date in the agency's zone.
        agency_code: whose record it was about; empty where it was about none.
        pages: pages captured by it.
    """

    staff_code: str
    act: str
    day: dt.date
    agency_code: str = ""
    pages: int = 0


@dataclass(frozen=True)
class Line:
    """What one person did in the time (一人一行).

    Attributes:
        days: on how many days he did anything (出勤).
        rooms: acts by room, the busiest first.
        elsewhere: acts that are no work of a helper; always none for others.
        faults: faults that were raised in the time on items he handled (退回问题数).
    """

    staff_code: str
    days: int
    acts: int
    pages: int
    rooms: tuple[tuple[str, int], ...]
    elsewhere: int
    faults: int = 0


def is_work(act: str) -> bool:
    """Whether an act is work on records at all."""
    return not act.startswith(NO_WORK)


def is_elsewhere(act: Act, station: str | None) -> bool:
    """Whether a helper worked elsewhere by it (越岗): another's work, or another agency's record.

    Args:
        act: what was done.
        station: agency where he is stationed as a helper; None for everybody else, who may do what his posts allow.
    """
    if station is None or not is_work(act.act):
        return False
    return act.act not in HELPING or act.agency_code not in ("", station)


def ledger(
    acts: Iterable[Act], stations: Mapping[str, str], faults: Mapping[str, int] | None = None
) -> tuple[Line, ...]:
    """The work ledger of a time, one line a person, by staff code.

    Args:
        acts: what was done.
        stations: agency of each helper, by staff code.
        faults: how many faults were raised on items that each has handled, by staff code.
    """
    mine: dict[str, list[Act]] = {}
    for act in acts:
        if is_work(act.act):
            mine.setdefault(act.staff_code, []).append(act)
    found = faults or {}
    return tuple(_line(code, mine[code], stations.get(code), found.get(code, 0)) for code in sorted(mine))


def _line(staff_code: str, acts: Sequence[Act], station: str | None, faults: int) -> Line:
    rooms = Counter(act.act.partition(".")[0] for act in acts)
    return Line(
        staff_code=staff_code,
        days=len({act.day for act in acts}),
        acts=len(acts),
        pages=sum(act.pages for act in acts),
        rooms=tuple(sorted(rooms.items(), key=lambda pair: (-pair[1], pair[0]))),
        elsewhere=sum(is_elsewhere(act, station) for act in acts),
        faults=faults,
    )


def month(text: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of a month and that of the next; this month where the text names none (YYYY-MM)."""
    try:
        first = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today.replace(day=1)
    return first, (first + dt.timedelta(days=32)).replace(day=1)


def said(text: str) -> str:
    """An explanation as it is kept.

    Raises:
        O-101: it is empty or too long.
    """
    typed = " ".join(text.split())
    if not typed or len(typed) > MOST_SIGNS:
        raise Refusal("O-101", length=len(typed), most=MOST_SIGNS)
    return typed


def diversions(
    acts: Iterable[Act], stations: Mapping[str, str], known: Collection[tuple[str, dt.date]]
) -> dict[tuple[str, dt.date], int]:
    """Days on which helpers worked elsewhere and that are not noted yet, with how many acts."""
    found: Counter[tuple[str, dt.date]] = Counter()
    for act in acts:
        if is_elsewhere(act, stations.get(act.staff_code)) and (act.staff_code, act.day) not in known:
            found[act.staff_code, act.day] += 1
    return dict(found)
