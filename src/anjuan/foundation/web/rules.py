"""What is shown of a value, decided without a framework: masking, breaking, waiting, stages."""

import datetime as dt
import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core.terms import CORRECTING, Route, State

_SEPARATORS = re.compile(r"(?<=[·・•.\-‐–—_/~:])")
MASK = "*"


def masked_id(value: str) -> str:
    """An identity number with its middle hidden (脱敏): 110101********1234.

    Args:
        value: an identity number, credit code, phone or account number; blanks are ignored.
    """
    text = "".join(value.split())
    if len(text) >= 15:
        return text[:6] + MASK * (len(text) - 10) + text[-4:]
    if len(text) >= 7:
        return text[:3] + MASK * (len(text) - 5) + text[-2:]
    return MASK * len(text)


def masked_name(value: str) -> str:
    """A person's name with only its first character (脱敏): 张*, 王**."""
    text = value.strip()
    return text[:1] + MASK * len("".join(text[1:].split()))


def pieces(code: str) -> list[str]:
    """A reference code (档号) cut after its separators: where a line may break."""
    return [piece for piece in _SEPARATORS.split(code) if piece]


class Unit(enum.StrEnum):
    """In what a wait is told."""

    MOMENT = "MOMENT"
    MINUTE = "MINUTE"
    HOUR = "HOUR"
    DAY = "DAY"


@dataclass(frozen=True)
class Wait:
    """How long something has waited, in the largest whole unit."""

    count: int
    unit: Unit


def waited(since: dt.datetime, now: dt.datetime) -> Wait:
    """How long a thing has waited (已等). A time to come counts as this moment.

    Args:
        since: aware time of the beginning.
        now: aware time of the looking.
    """
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in ((Unit.DAY, 86_400), (Unit.HOUR, 3_600), (Unit.MINUTE, 60)):
        if seconds >= length:
            return Wait(seconds // length, unit)
    return Wait(0, Unit.MOMENT)


def days_left(due: dt.date, today: dt.date) -> int:
    """Whole days until a due date (到期); negative when overdue.

    Args:
        due: calendar date in the agency's zone.
        today: calendar date in the agency's zone.
    """
    return (due - today).days


class Stage(enum.StrEnum):
    """A stretch of the way as people speak of it (环节); several states may lie in one."""

    COLLECT = "COLLECT"
    REVIEW = "REVIEW"
    FILE = "FILE"
    SELF_CHECK = "SELF_CHECK"
    APPLY = "APPLY"
    PRE_ACCEPT = "PRE_ACCEPT"
    WITNESS = "WITNESS"
    HAND_OVER = "HAND_OVER"
    ACCEPT = "ACCEPT"
    RECHECK = "RECHECK"
    PROCESS = "PROCESS"
    KEEP = "KEEP"


# A state says which desk acts next, so a volume that is FILED stands at the self-check. A returned volume goes back
# to pre-acceptance once it is mended, one that is mended in the archive house to what follows its receipt.
STAGE_OF: dict[State, Stage] = {
    State.COLLECTING: Stage.COLLECT,
    State.IN_REVIEW: Stage.REVIEW,
    State.REVIEWED: Stage.FILE,
    State.FILING: Stage.FILE,
    State.FILED: Stage.SELF_CHECK,
    State.SELF_CHECKED: Stage.APPLY,
    State.APPLIED: Stage.PRE_ACCEPT,
    State.RETURNED: Stage.PRE_ACCEPT,
    State.PRE_ACCEPTED: Stage.WITNESS,
    State.WITNESSED: Stage.HAND_OVER,
    State.IN_TRANSIT: Stage.HAND_OVER,
    State.RECEIVED: Stage.RECHECK,
    State.MENDING: Stage.RECHECK,
    State.ACCEPTED: Stage.RECHECK,
    State.RECHECKED: Stage.PROCESS,
    State.IN_WORKSHOP: Stage.PROCESS,
    State.HELD: Stage.KEEP,
}
# Paper first: no witness, acceptance only after the receipt.
_LEGACY_STAGE_OF = {
    **STAGE_OF,
    State.PRE_ACCEPTED: Stage.HAND_OVER,
    State.RECEIVED: Stage.ACCEPT,
    State.MENDING: Stage.ACCEPT,
}
_ABSENT: dict[Route, set[Stage]] = {
    Route.TARGET: {Stage.ACCEPT, Stage.PROCESS},
    Route.LEGACY: {Stage.WITNESS},
    Route.SINGLE_SET: {Stage.REVIEW, Stage.ACCEPT, Stage.PROCESS},
}


class Progress(enum.StrEnum):
    """Where a stage lies, seen from the record."""

    PAST = "PAST"
    HERE = "HERE"
    RETURNED = "RETURNED"
    AHEAD = "AHEAD"


def stages(route: Route, state: State) -> list[tuple[Stage, Progress]]:
    """The whole way of a route with the record's place on it. A returned volume stands, marked, where it goes again."""
    order = [stage for stage in Stage if stage not in _ABSENT[route]]
    here = order.index((_LEGACY_STAGE_OF if route is Route.LEGACY else STAGE_OF)[state])
    at = Progress.RETURNED if state in CORRECTING else Progress.HERE
    if state is State.HELD:
        at = Progress.PAST  # nothing is left to do
    return [
        (stage, Progress.PAST if place < here else at if place == here else Progress.AHEAD)
        for place, stage in enumerate(order)
    ]


def shares(counts: Sequence[int]) -> list[int]:
    """Bar lengths in per cent of the longest; anything above nothing is at least 2, so that it can be seen."""
    longest = max(counts, default=0)
    return [0 if not count else max(2, round(100 * count / longest)) for count in counts]


def agrees(counts: Sequence[int | None]) -> bool:
    """Whether a page ledger closes (账实相符): every count is known and all are equal."""
    return len(set(counts)) == 1 and None not in counts
