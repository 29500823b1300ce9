"""Judgement in training: what calls for a session, and whether one can be planned and recorded so."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from anjuan.core.refusals import Refusal

LEAST_FAULTS = 3  # of one cause call for a session; a setting of ours, unconfirmed


@dataclass(frozen=True)
class Need:
    """The faults of one agency and root cause, as far as a session is concerned.

    Attributes:
        count: faults since the last session on this cause, or since the day that is looked back to.
        is_planned: whether a session on it is planned already.
    """

    agency_code: str
    cause: str
    count: int
    is_planned: bool


def calls_for(needs: Iterable[Need]) -> list[Need]:
    """Which needs call for a session, the most faults first (培训建议).

    Standard: S3-R11, S3-P7.
    """
    called = [need for need in needs if need.count >= LEAST_FAULTS and not need.is_planned]
    return sorted(called, key=lambda need: (-need.count, need.agency_code, need.cause))


def check_cause(cause: str, known: Collection[str]) -> None:
    """Whether the root cause is one of those that faults are given.

    Raises:
        W-023: it is not.
    """
    if cause and cause not in known:
        raise Refusal("W-023", cause=cause[:20])


def check_planned(on_date: dt.date, *, today: dt.date) -> None:
    """Whether a session can be planned for a day.

    Raises:
        W-020: the day is past.
    """
    if on_date < today:
        raise Refusal("W-020", date=on_date.isoformat())


def check_held(held_date: dt.date, *, today: dt.date, attended: Collection[str], known: Collection[str]) -> None:
    """Whether a session can be recorded as held.

    Args:
        held_date: the day on which it was held.
        today: in the archive's zone.
        attended: staff codes of those who came.
        known: staff codes of the agency's people.

    Raises:
        W-020: the day has not come yet.
        W-021: nobody came.
        W-022: somebody does not work at the agency.
    """
    if held_date > today or held_date == dt.date.min:
        raise Refusal("W-020", date=held_date.isoformat())
    if not attended:
        raise Refusal("W-021")
    for code in attended:
        if code not in known:
            raise Refusal("W-022", staff=code[:40])
