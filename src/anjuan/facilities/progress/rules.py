"""Why a record is not moving (为什么不动): facts in, one reason out; and how long each step takes."""

import datetime as dt
import enum
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import lifecycle
from anjuan.core.terms import CORRECTING, Post, RestraintKind, Route, State, UnitKind, Verb

REMIND_AGAIN = dt.timedelta(days=1)
# Moves that send a record back or undo; the way on is the first of the others.
BACKWARD = frozenset({Verb.RETURN_ITEM, Verb.RELEASE, Verb.RETURN_VOLUME, Verb.REFUSE_WITNESS, Verb.INSERT})
# The acts that move a record, each with the verb it does.
MOVING: Mapping[str, Verb] = {
    "intake.submit": Verb.SUBMIT,
    "intake.close": Verb.CLOSE,
    "review.pass_item": Verb.PASS_ITEM,
    "review.return_item": Verb.RETURN_ITEM,
    "filing.open_volume": Verb.ARRANGE,
    "filing.open_volumes": Verb.ARRANGE,
    "filing.open_supplement": Verb.ARRANGE,
    "filing.add_item": Verb.ARRANGE,
    "filing.add_items": Verb.ARRANGE,
    "filing.insert_item": Verb.INSERT,
    "filing.seal": Verb.SEAL,
    "filing.resubmit": Verb.RESUBMIT,
    "inspection.sign_self_check": Verb.PASS_SELF_CHECK,
    "inspection.return_volume": Verb.RETURN_VOLUME,
    "inspection.pre_accept": Verb.PRE_ACCEPT,
    "inspection.pass_spot": Verb.PRE_ACCEPT,
    "inspection.accept": Verb.ACCEPT,
    "inspection.pass_recheck": Verb.PASS_RECHECK,
    "transfer.apply": Verb.APPLY,
    "transfer.witness": Verb.WITNESS,
    "transfer.refuse_witness": Verb.REFUSE_WITNESS,
    "transfer.dispatch": Verb.DISPATCH,
    "transfer.receive": Verb.RECEIVE,
    "workshop.take_in": Verb.TAKE_IN,
    "workshop.finish": Verb.FINISH,
}


class Cause(enum.StrEnum):
    """What a record waits for."""

    NOTHING = "NOTHING"  # it has arrived
    SHELF = "SHELF"  # held, but on no shelf
    RESTRAINT = "RESTRAINT"
    FAULTS = "FAULTS"  # somebody must mend
    TIME = "TIME"  # kept at the agency for its year
    BUSINESS = "BUSINESS"  # the business system has not completed the case
    GROWING = "GROWING"  # a dossier that takes loose material
    POST = "POST"  # the holder of a post must act


@dataclass(frozen=True)
class Facts:
    """What is known of a record that stands still.

    Attributes:
        open_faults: faults that wait for their answer.
        due_date: by when the first of them is due.
        kept_until: first day on which a paper-first volume may be applied for; None elsewhere.
        is_completed: whether the business system has completed it; always true off the single-set route.
        grows: whether it is a dossier that is still open.
        is_placed: whether its paper lies on a shelf, or it has none.
    """

    route: Route
    unit: UnitKind
    state: State
    restraints: frozenset[RestraintKind]
    open_faults: int
    due_date: dt.date | None
    kept_until: dt.date | None
    is_completed: bool
    grows: bool
    is_placed: bool


@dataclass(frozen=True)
class Why:
    """The one reason, and whose turn it is.

    Attributes:
        cause: what it waits for.
        verb: what must be done next; None where nothing is left or nobody can do anything.
        posts: who may do it.
        faults: how many faults wait.
        until: the day it waits for, or by which it is due.
    """

    cause: Cause
    verb: Verb | None
    posts: frozenset[Post]
    faults: int = 0
    until: dt.date | None = None


def why(facts: Facts, *, today: dt.date) -> Why:
    """The first thing that stands in the way (一句话).

    What no deed of the desk can change comes first, then what somebody must mend, then whose turn it is.
    """
    if facts.restraints:
        return Why(Cause.RESTRAINT, None, frozenset())
    if facts.state is State.HELD:
        if facts.is_placed:
            return Why(Cause.NOTHING, None, frozenset())
        return Why(Cause.SHELF, None, frozenset({Post.KEEPER}))
    step = next_step(facts.route, facts.unit, facts.state)
    if step is None:
        return Why(Cause.NOTHING, None, frozenset())
    if facts.open_faults or facts.state in CORRECTING:
        if facts.open_faults:
            posts = frozenset({Post.HANDLER, Post.FILER})
            return Why(Cause.FAULTS, step.verb, posts, facts.open_faults, facts.due_date)
        return Why(Cause.POST, step.verb, step.posts)
    if facts.kept_until is not None and facts.state is State.SELF_CHECKED and today < facts.kept_until:
        return Why(Cause.TIME, step.verb, step.posts, until=facts.kept_until)
    if facts.state is State.COLLECTING and not facts.is_completed:
        return Why(Cause.BUSINESS, step.verb, frozenset())
    if facts.grows and facts.state is State.FILING:
        return Why(Cause.GROWING, step.verb, step.posts)
    return Why(Cause.POST, step.verb, step.posts)


def next_step(route: Route, unit: UnitKind, state: State) -> lifecycle.Move | None:
    """The move that leads on from here; none at the end of the way."""
    kind = UnitKind.VOLUME if unit is UnitKind.VOLUME or state not in _ITEM_STATES else UnitKind.ITEM
    moves = [move for move in lifecycle.moves_from(route, kind, state) if move.verb not in BACKWARD]
    if not moves and state is State.FILING:
        moves = list(lifecycle.moves_from(route, UnitKind.VOLUME, state))
    return moves[0] if moves else None


_ITEM_STATES = frozenset({State.COLLECTING, State.IN_REVIEW, State.REVIEWED, State.FILING})


@dataclass(frozen=True)
class Step:
    """How one step went over a time (环节用时): S0-P10.

    Attributes:
        verb: what was done.
        count: how often.
        median: half of the records waited less than this for it.
        longest: the longest wait.
    """

    verb: Verb
    count: int
    median: dt.timedelta
    longest: dt.timedelta

    @property
    def is_backward(self) -> bool:
        """Whether it sent records back."""
        return self.verb in BACKWARD


def steps(told: Iterable[tuple[str, dt.datetime, str]]) -> tuple[Step, ...]:
    """Time and returns of each step, from what the journal tells of many records.

    Args:
        told: unit, time and act of each entry, each unit's in the order of time.
    """
    last: dict[str, dt.datetime] = {}
    waits: dict[Verb, list[dt.timedelta]] = {}
    for unit, at, act in told:
        verb = MOVING.get(act)
        if verb is not None and unit in last:
            waits.setdefault(verb, []).append(at - last[unit])
        last[unit] = at
    return tuple(Step(verb, len(waits[verb]), _median(waits[verb]), max(waits[verb])) for verb in Verb if verb in waits)


def _median(waits: Sequence[dt.timedelta]) -> dt.timedelta:
    return dt.timedelta(seconds=round(statistics.median(wait.total_seconds() for wait in waits)))


# Deadlines -----------------------------------------------------------------------------------------------------------


class Deadline(enum.StrEnum):
    """What a record may be late with (期限)."""

    FILING = "FILING"  # 归档: an item is to lie in a sealed volume
    TRANSFER = "TRANSFER"  # 移交: last year's volumes leave the agency
    AGE = "AGE"  # 一年期: a volume lies at the agency for too long


SOON_DAYS = 7
TELL_AGAIN_DAYS = 7


def transfer_due(year: int, month_day: str) -> dt.date:
    """Until when the volumes of a year are handed over: a day of the next year (S4-W3, S4-N1).

    Args:
        year: of the volume.
        month_day: such as 03-31.
    """
    month, _, day = month_day.partition("-")
    return dt.date(year + 1, int(month), int(day))


def newest_year_due(today: dt.date, month_day: str) -> int:
    """The newest year whose volumes ought to have left: its day is past."""
    return today.year - 1 if today > transfer_due(today.year - 1, month_day) else today.year - 2


def filing_due(start: dt.date, filing_days: int) -> dt.date:
    """The last day on which an item may be filed."""
    return start + dt.timedelta(days=filing_days)


def days_late(due: dt.date, today: dt.date) -> int:
    """How many days past its day; nothing while the day is not over."""
    return max((today - due).days, 0)


@dataclass(frozen=True)
class OnTime:
    """How much was filed on its day, of what ought to have been filed (S1-C3)."""

    agency_code: str
    on_time: int
    late: int
    still_open: int

    @property
    def percent(self) -> int:
        """Of what was filed and of what is overdue, the share that was filed in time; down to a whole per cent."""
        whole = self.on_time + self.late + self.still_open
        return 100 * self.on_time // whole if whole else 100
