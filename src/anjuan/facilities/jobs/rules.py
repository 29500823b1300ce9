"""What a job is, how fast it goes, and when something is wrong with the work behind the screens (任务)."""

import datetime as dt
import enum
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.core.words import spoken

Params = Mapping[str, object]

LEASE = dt.timedelta(minutes=2)  # a worker that says nothing for so long has lost its chunk
BUDGET = dt.timedelta(seconds=5)  # a chunk takes 1 to 10 s (decision 22): the last unit may overrun this
BEAT_EVERY = dt.timedelta(seconds=5)
MOST_TRIES = 5  # so often a chunk may kill its worker before the job is ended
WORKER_SILENT_AFTER = dt.timedelta(seconds=30)
STALLED_AFTER = dt.timedelta(minutes=10)
MOST_BEHIND = 1000  # journal entries
STOPPED = "Y-004"  # the reason of a job that a person stopped: nobody has to mend it
_LONGEST_GUESS = dt.timedelta(days=3650)


class JobStatus(enum.StrEnum):
    """How a job stands. It ends in one of the last three, and in no other way."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DONE = "DONE"
    DONE_WITH_LIST = "DONE_WITH_LIST"
    FAILED = "FAILED"


UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING, JobStatus.PAUSED)
AT_WORK = (JobStatus.WAITING, JobStatus.RUNNING)


@dataclass(frozen=True)
class Named:
    """What people call a unit of work, and the record it belongs to."""

    reference: str
    urn: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of job (任务种类): how its units are counted, found, named and done.

    Attributes:
        code: stable name; jobs of it may outlive this version of the program.
        posts: who may start it and look after it, over the agency it belongs to.
        within: how long it may take before it is late.
        count: how many units there are.
        after: keys of the next units after a key ('' is the beginning), at most so many, always in the same order.
        do: does one unit. Must be idempotent: a killed worker's chunk is done again. Refuses what cannot be done.
        name: what people call a unit; asked only when it failed.
        is_standing: needs no parameters, so the job centre itself starts it.
        begin: what a job of it keeps of the moment it began, where nobody said otherwise.
        batch: does the units of a chunk one after another, in order, where they are quicker together than alone: each
            one's refusal, or None, as it is done. What it has told is done when it is closed; it may be closed early.
    """

    code: str
    zh: str
    en: str
    posts: frozenset[Post]
    within: dt.timedelta
    count: Callable[[Params], int]
    after: Callable[[Params, str, int], Sequence[str]]
    do: Callable[[str], None]
    name: Callable[[str], Named]
    at_once: int = 20
    is_standing: bool = False
    begin: Callable[[dt.datetime], Params] | None = None
    batch: Callable[[Sequence[str]], Generator[Refusal | None, None, None]] | None = None


def per_minute(done: int, took: dt.timedelta) -> float | None:
    """Units a minute; None while nothing can be said."""
    seconds = took.total_seconds()
    return done * 60 / seconds if done > 0 and seconds > 0 else None


def time_left(remaining: int, rate: float | None) -> dt.timedelta | None:
    """How long the rest takes at this rate; None while nothing can be said."""
    if remaining <= 0:
        return dt.timedelta(0)
    if not rate or rate <= 0 or remaining / rate > _LONGEST_GUESS.total_seconds() / 60:
        return None
    return dt.timedelta(minutes=remaining / rate)


def kept(refusal: Refusal) -> dict[str, str | int]:
    """A refusal's particulars as a row keeps them: numbers and text, terms in words."""
    return {
        name: value if isinstance(value, int) and not isinstance(value, bool) else str(spoken(value))
        for name, value in refusal.params.items()
    }


class Trouble(enum.StrEnum):
    """What can be wrong with the work behind the screens, the root of the matter first."""

    WORKER_SILENT = "WORKER_SILENT"
    QUEUE_STALLED = "QUEUE_STALLED"
    FOLLOWERS_LATE = "FOLLOWERS_LATE"


@dataclass(frozen=True)
class Signs:
    """What can be seen of the work behind the screens.

    Attributes:
        pulse_at: the last sign of life of any worker; None if none has run, or it stopped as it should.
        stalled: jobs at work without a sign of life for `STALLED_AFTER`.
        stalled_since: the oldest of those signs.
        behind: entries the slowest follower of the journal has not read, unnumbered ones included.
    """

    pulse_at: dt.datetime | None
    stalled: int
    stalled_since: dt.datetime | None
    behind: int


def troubles(signs: Signs, at: dt.datetime) -> tuple[Trouble, ...]:
    """What is wrong. A worker that was stopped in order is none while nothing is wanted of it."""
    late = signs.behind > MOST_BEHIND
    died = signs.pulse_at is not None and at - signs.pulse_at > WORKER_SILENT_AFTER
    absent = signs.pulse_at is None and (signs.stalled > 0 or late)
    found = (
        (Trouble.WORKER_SILENT, died or absent),
        (Trouble.QUEUE_STALLED, signs.stalled > 0),
        (Trouble.FOLLOWERS_LATE, late),
    )
    return tuple(trouble for trouble, is_so in found if is_so)
