"""What rooms hang on the shared pages: rail entries, desk queues, alarms, panels, today's numbers, the flow.

``config/panels.py`` registers everything once, at start; pages ask for what one actor may see. The kit never imports a
room. An empty ``posts`` means every post.
"""

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from anjuan.core.terms import Actor, Post, State
from anjuan.foundation.web.shapes import Alarm, First, QueueRow, Words

log = logging.getLogger(__name__)

Group = Literal["POSTS", "USE"]
EVERYONE: frozenset[Post] = frozenset()
OPEN = _("Open")


@dataclass(frozen=True)
class RailEntry:
    """One door in the rail.

    Attributes:
        posts: whom it is shown to; empty shows it to everyone.
        group: POSTS (my posts) or USE (find and use).
        count: how many wait behind it; must be cheap, it runs on every page.
        hot: how many of them are overdue or returned; painted red when above nothing.
        is_hung: whether it hangs there at all, for what a house may leave out; None always.
    """

    title: Words
    url_name: str
    icon: str
    posts: frozenset[Post] = EVERYONE
    group: Group = "POSTS"
    order: int = 50
    count: Callable[[Actor], int] | None = None
    hot: Callable[[Actor], int] | None = None
    is_hung: Callable[[], bool] | None = None


@dataclass(frozen=True)
class Panel:
    """A fragment that another page embeds by HTMX. ``slot`` names the place, such as ``record.aside``."""

    slot: str
    title: Words
    url_name: str
    posts: frozenset[Post] = EVERYONE
    order: int = 50


@dataclass(frozen=True)
class Way:
    """A link that another room hangs on a shared page, taking along what the page was asked (``?q=``).

    Attributes:
        is_open: whether it leads anywhere for this person; cheap, it runs whenever the page is drawn.
    """

    slot: str
    title: Words
    url_name: str
    icon: str
    is_open: Callable[[Actor], bool]
    order: int = 50


@dataclass(frozen=True)
class DeskQueue:
    """One queue of *my desk*.

    Attributes:
        rows: the first lines (up to about ten), the most pressing first.
        count: how many there are in all; cheap.
        oldest: since when the oldest waits; None takes the oldest of ``rows``.
        verb: the job done in this queue, as a button says it.
    """

    title: Words
    url_name: str
    posts: frozenset[Post]
    rows: Callable[[Actor], Sequence[QueueRow]]
    count: Callable[[Actor], int]
    oldest: Callable[[Actor], dt.datetime | None] | None = None
    icon: str = "list-check"
    order: int = 50
    verb: Words = OPEN


@dataclass(frozen=True)
class DeskNumber:
    """One of today's numbers. ``number`` is given the agency's calendar date.

    Attributes:
        is_bad: it ought to be nothing; painted red when it is not.
    """

    title: Words
    url_name: str
    posts: frozenset[Post]
    number: Callable[[Actor, dt.date], int | str]
    icon: str = ""
    order: int = 50
    is_bad: bool = False


AlarmSource = Callable[[Actor], Sequence[Alarm]]
FirstSource = Callable[[Actor], Sequence[First]]
FlowSource = Callable[[Actor], Sequence[tuple[State, int]]]


@dataclass(frozen=True)
class Doors:
    """The few pages the kit itself links to. A door that is not built yet is not drawn."""

    search: str = "search:find"
    log_in: str = "accounts:log_in"
    log_out: str = "accounts:log_out"
    account: str = ""
    help: str = ""


@dataclass
class _Board:
    rail: dict[str, RailEntry] = field(default_factory=dict)
    panels: list[Panel] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    queues: list[DeskQueue] = field(default_factory=list)
    numbers: list[DeskNumber] = field(default_factory=list)
    alarms: list[AlarmSource] = field(default_factory=list)
    firsts: list[FirstSource] = field(default_factory=list)
    flow: FlowSource | None = None
    flow_url_name: str = ""
    doors: Doors = field(default_factory=Doors)


_boards: list[_Board] = [_Board()]


def _board() -> _Board:
    return _boards[-1]


@contextlib.contextmanager
def clean_board() -> Iterator[None]:
    """An empty board for as long as the block runs: for tests."""
    _boards.append(_Board())
    try:
        yield
    finally:
        _boards.pop()


def register_rail(entry: RailEntry) -> None:
    """Hang a door in the rail. Raises ValueError when its address hangs there already."""
    if entry.url_name in _board().rail:
        raise ValueError(f"the rail already leads to {entry.url_name}")
    _board().rail[entry.url_name] = entry


def register_panel(panel: Panel) -> None:
    """Hang a panel into a slot."""
    _board().panels.append(panel)


def register_way(way: Way) -> None:
    """Hang a link on a shared page."""
    _board().ways.append(way)


def register_queue(queue: DeskQueue) -> None:
    """Hang a queue on *my desk*."""
    _board().queues.append(queue)


def register_number(number: DeskNumber) -> None:
    """Hang one of today's numbers on *my desk*."""
    _board().numbers.append(number)


def register_alarm(source: AlarmSource) -> None:
    """Name a source of alarms."""
    _board().alarms.append(source)


def register_first(source: FirstSource) -> None:
    """Name a source of things to do first."""
    _board().firsts.append(source)


def register_flow(source: FlowSource, url_name: str = "") -> None:
    """Name the source of the flow chart: how many volumes stand in each state.

    Args:
        source: counts the actor may see.
        url_name: page of the list behind a bar; it is given ``?state=``.
    """
    _board().flow = source
    _board().flow_url_name = url_name


def set_doors(**names: str) -> None:
    """Name the pages the kit links to: ``search``, ``log_in``, ``log_out``, ``account``, ``help``."""
    _board().doors = replace(_board().doors, **names)


def doors() -> Doors:
    """The pages the kit links to."""
    return _board().doors


def address(url_name: str, **kwargs: Any) -> str:
    """The address of a named page, or nothing where it is not built; said in the log, since a door is then missing."""
    if not url_name:
        return ""
    try:
        return reverse(url_name, kwargs=kwargs or None)
    except NoReverseMatch:
        log.warning("no page is named %s", url_name)
        return ""


def _open_to(posts: frozenset[Post], actor: Actor) -> bool:
    return not posts or bool(posts & actor.posts)


def rail_for(actor: Actor) -> list[RailEntry]:
    """The doors this actor may open, in order."""
    return sorted(
        (
            entry
            for entry in _board().rail.values()
            if _open_to(entry.posts, actor) and (entry.is_hung is None or entry.is_hung())
        ),
        key=lambda entry: (entry.group != "POSTS", entry.order, entry.url_name),
    )


def panels_for(slot: str, actor: Actor) -> list[Panel]:
    """The panels this actor sees in a slot, in order."""
    return sorted(
        (panel for panel in _board().panels if panel.slot == slot and _open_to(panel.posts, actor)),
        key=lambda panel: (panel.order, panel.url_name),
    )


def ways_for(slot: str, actor: Actor) -> list[Way]:
    """The links this actor sees in a slot, in order."""
    return sorted(
        (way for way in _board().ways if way.slot == slot and way.is_open(actor)),
        key=lambda way: (way.order, way.url_name),
    )


def queues_for(actor: Actor) -> list[DeskQueue]:
    """The queues of this actor's posts, in order."""
    return sorted(
        (queue for queue in _board().queues if _open_to(queue.posts, actor)),
        key=lambda queue: (queue.order, queue.url_name),
    )


def numbers_for(actor: Actor) -> list[DeskNumber]:
    """Today's numbers of this actor's posts, in order."""
    return sorted(
        (number for number in _board().numbers if _open_to(number.posts, actor)),
        key=lambda number: (number.order, number.url_name),
    )


def alarms_for(actor: Actor) -> list[Alarm]:
    """What is wrong and concerns this actor, in the order of the rooms."""
    return [alarm for source in _board().alarms for alarm in source(actor)]


def firsts_for(actor: Actor) -> list[First]:
    """What the rooms would have this actor do first, the most pressing first."""
    return sorted((first for source in _board().firsts for first in source(actor)), key=lambda first: first.rank)


def flow_for(actor: Actor) -> list[tuple[State, int, str]]:
    """State, count and address of the list behind it, in the order of the way; empty when no room counts them."""
    board = _board()
    if board.flow is None:
        return []
    counts = dict(board.flow(actor))
    base = address(board.flow_url_name)
    return [(state, counts[state], f"{base}?state={state}" if base else "") for state in State if state in counts]


def dead_ends() -> list[str]:
    """Registered names that lead nowhere: a test of the whole asks that there be none."""
    board = _board()
    names = {entry.url_name for entry in board.rail.values()} | {way.url_name for way in board.ways}
    names |= {queue.url_name for queue in board.queues} | {number.url_name for number in board.numbers}
    names |= {board.flow_url_name, *vars(board.doors).values()}
    return sorted(name for name in names if name and not address(name))
