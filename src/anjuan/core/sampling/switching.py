"""Switching rules (转移规则): which severity the next lot is inspected with, from the lots before it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from anjuan.core.sampling.plans import Severity

WINDOW = 5  # lots that are looked back at
REJECTED_IN_WINDOW = 2  # not accepted of them: tightened
ACCEPTED_IN_A_ROW = 5  # under tightened: back to normal
REJECTED_IN_ALL = 5  # under tightened: stop
SCORE_WANTED = 30  # for reduced inspection


class Why(enum.StrEnum):
    """What brought the severity about."""

    START = "START"
    REJECTED = "REJECTED"  # normal to tightened
    ACCEPTED = "ACCEPTED"  # tightened to normal
    STOPPED = "STOPPED"  # tightened to stop
    RESUMED = "RESUMED"  # stop to tightened
    SCORE = "SCORE"  # normal to reduced
    LOST = "LOST"  # reduced to normal


@dataclass(frozen=True)
class Judged:
    """A lot that was decided at its first inspection.

    Attributes:
        number: of the lot within its agency and category, from 1.
        severity: it was inspected with.
        score: what it adds to the switching score; none resets it.
    """

    number: int
    severity: Severity
    is_accepted: bool
    score: int | None = None


@dataclass(frozen=True)
class Resumed:
    """A person ordered that inspection goes on after a stop (恢复检验), once the cause is mended.

    Attributes:
        after: number of the last lot before it.
    """

    after: int


@dataclass(frozen=True)
class Standing:
    """The severity of the next lot, and why.

    Attributes:
        since: number of the first lot it holds for.
        why: what brought it about.
        looked_at: lots that were looked at when it changed.
        rejected: not accepted of them.
    """

    severity: Severity = Severity.NORMAL
    since: int = 1
    why: Why = Why.START
    looked_at: int = 0
    rejected: int = 0
    _recent: tuple[bool, ...] = field(default=(), repr=False)
    _refused: int = field(default=0, repr=False)
    _score: int = field(default=0, repr=False)


def standing(events: Iterable[Judged | Resumed], *, may_reduce: bool = False) -> Standing:
    """Follow the lots in the order in which they were decided (转移规则).

    A lot that was inspected with another severity than the one that holds when it is decided does not count: it was
    drawn before the change.

    Args:
        events: lots at their first inspection, and resumptions.
        may_reduce: whether reduced inspection is open at all.

    Standard: GB/T 2828.1-2012 9.3, 9.4.
    """
    now = Standing()
    for event in events:
        if isinstance(event, Resumed):
            if now.severity is Severity.STOPPED:
                now = Standing(Severity.TIGHTENED, event.after + 1, Why.RESUMED)
        elif event.severity is now.severity:
            now = _after(now, event, may_reduce=may_reduce)
    return now


def _after(now: Standing, lot: Judged, *, may_reduce: bool) -> Standing:
    following = lot.number + 1
    match now.severity:
        case Severity.NORMAL:
            recent = (*now._recent, lot.is_accepted)[-WINDOW:]
            rejected = recent.count(False)
            if rejected >= REJECTED_IN_WINDOW:
                return Standing(Severity.TIGHTENED, following, Why.REJECTED, len(recent), rejected)
            score = now._score + lot.score if lot.is_accepted and lot.score else 0
            if may_reduce and score >= SCORE_WANTED:
                return Standing(Severity.REDUCED, following, Why.SCORE)
            return replace(now, _recent=recent, _score=score)
        case Severity.TIGHTENED:
            recent = (*now._recent, True) if lot.is_accepted else ()
            refused = now._refused + (not lot.is_accepted)
            if refused >= REJECTED_IN_ALL:
                return Standing(Severity.STOPPED, following, Why.STOPPED, refused, refused)
            if len(recent) >= ACCEPTED_IN_A_ROW:
                return Standing(Severity.NORMAL, following, Why.ACCEPTED, len(recent))
            return replace(now, _recent=recent, _refused=refused)
        case Severity.REDUCED if not lot.is_accepted:
            return Standing(Severity.NORMAL, following, Why.LOST, 1, 1)
        case _:
            return now
