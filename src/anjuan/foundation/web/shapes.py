"""Frozen shapes that the kit's components draw (部件的数据形状). Views fill them; templates only read them."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise

from anjuan.core.refusals import Obstacle
from anjuan.core.terms import State

Words = str | Promise
Tone = Literal["", "good", "wait", "bad", "seal"]


@dataclass(frozen=True)
class Missing:
    """One line of *what is missing* (还缺什么): the obstacle and the page where it is mended."""

    obstacle: Obstacle
    url: str = ""


@dataclass(frozen=True)
class Fact:
    """One line of a fact list: term, value, and how sure we are of it.

    Attributes:
        was: an older value, struck through before the new one.
        tone: ``bad`` paints the line, ``good`` ticks it.
        code: the value is a 档号 or another structured code.
    """

    term: Words
    value: Words | int | None
    note: Words = ""
    was: str = ""
    tone: Tone = ""
    url: str = ""
    code: bool = False


@dataclass(frozen=True)
class Tile:
    """One number with its name; the number opens the list behind it."""

    title: Words
    number: int | str
    url: str = ""
    note: Words = ""
    tone: Tone = ""
    icon: str = ""


@dataclass(frozen=True)
class Count:
    """One count of a page ledger: paper, images or catalogue. None means not counted yet."""

    title: Words
    number: int | None
    url: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    title: Words
    kind: Literal["text", "number", "code", "state", "waited", "time", "day"] = "text"
    wrap: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell: a value and, where it opens something, an address."""

    value: object
    url: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Row:
    """One row; the first cell names it."""

    cells: Sequence[Cell]
    tone: Tone = ""
    selected: bool = False


@dataclass(frozen=True)
class Table:
    """A table, its caption (read aloud, and shown when ``caption_shown``) and what is said when it is empty."""

    caption: Words
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: Words
    empty_url: str = ""
    empty_verb: Words = ""
    empty_icon: str = "circle-check"

    def paired(self) -> list[tuple[Row, list[tuple[Column, Cell]]]]:
        """Rows with each cell beside its column."""
        return [(row, list(zip(self.columns, row.cells, strict=True))) for row in self.rows]


@dataclass(frozen=True)
class Work:
    """Long work that shows itself: done of total, speed, time left, failures.

    Attributes:
        rate: things per minute; None while unknown.
        left: time left; None while unknown.
        failures_url: the list of what failed, with its fix-and-go-on buttons.
    """

    title: Words
    done: int
    total: int
    rate: float | None = None
    left: dt.timedelta | None = None
    failed: int = 0
    failures_url: str = ""


# The judge view --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """Evidence on a page image. Coordinates are shares of the image, 0–1, from the top left corner.

    Attributes:
        missing: drawn dashed: something ought to be here.
        number: the finding it belongs to; 0 draws no number.
    """

    x: float
    y: float
    w: float
    h: float
    number: int = 0
    tone: Literal["good", "wait", "bad"] = "bad"
    missing: bool = False
    words: Words = ""

    @property
    def style(self) -> str:
        """Place over a plain image, for a browser without script."""
        return ";".join(
            f"{edge}:{100 * share:.3f}%"
            for edge, share in (("left", self.x), ("top", self.y), ("width", self.w), ("height", self.h))
        )


@dataclass(frozen=True)
class PageImage:
    """One page of the strip.

    Attributes:
        number: what stands on the page, such as ``007``.
        url: address of this same view opened at this page (works without script).
        image_url: the whole page as one image; always there.
        tiles_url: DZI descriptor; empty while tiles are not made.
        quarter_turns: how often the page must be turned clockwise by 90° to stand upright.
    """

    number: str
    url: str
    image_url: str
    thumb_url: str = ""
    tiles_url: str = ""
    tone: Tone = ""
    words: Words = ""
    boxes: Sequence[Box] = ()
    quarter_turns: int = 0
    component: str = ""

    @property
    def boxes_json(self) -> str:
        """The boxes for the viewer's script."""
        return json.dumps(
            [
                {
                    "x": box.x,
                    "y": box.y,
                    "w": box.w,
                    "h": box.h,
                    "number": box.number,
                    "tone": box.tone,
                    "missing": box.missing,
                    "words": str(box.words),
                }
                for box in self.boxes
            ],
            ensure_ascii=False,
        )


@dataclass(frozen=True)
class Choice:
    """One answer to a doubt; its key is its place, 1–9."""

    value: str
    title: Words


@dataclass(frozen=True)
class Doubt:
    """One thing the machine doubts and a person must judge (存疑).

    Attributes:
        number: the number in its evidence box.
        page: the page number it is seen on; empty where it concerns the whole record.
        answer_url: where the answer is posted, as ``choice``.
        answered: the value already chosen; empty while open.
    """

    number: int
    title: Words
    code: str = ""
    text: Words = ""
    page: str = ""
    choices: Sequence[Choice] = ()
    answer_url: str = ""
    answered: str = ""
    tone: Literal["good", "wait", "bad"] = "bad"


@dataclass(frozen=True)
class Fault:
    """One fault that a reviewer may name when returning a record (缺陷), under the heading it is looked for."""

    code: str
    title: Words
    group: Words = ""


@dataclass(frozen=True)
class Judging:
    """Everything the judge view draws: pages, doubts, catalogue, and where the two verdicts go.

    Attributes:
        pages: all pages in order; at least one.
        current: place of the open page in ``pages``, from 0.
        accept_url: where *accept* is posted; empty hides the button (a person who may only look).
        return_url: where *return* is posted: ``fault``, ``page``, ``component``, ``box_x box_y box_w box_h`` (shares,
            empty for the whole page) and ``note``; empty hides the panel.
        blocked: what still stands against accepting; a list makes the button say why instead of working.
    """

    pages: Sequence[PageImage]
    current: int = 0
    doubts: Sequence[Doubt] = ()
    facts: Sequence[Fact] = ()
    accept_url: str = ""
    accept_words: Words = ""
    return_url: str = ""
    return_words: Words = ""
    faults: Sequence[Fault] = ()
    blocked: Sequence[Missing] = ()
    next_url: str = ""

    @property
    def page(self) -> PageImage | None:
        """The open page."""
        return self.pages[self.current] if self.pages else None

    @property
    def open_doubts(self) -> int:
        """How many doubts wait for an answer."""
        return sum(1 for doubt in self.doubts if not doubt.answered)


# My desk ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QueueRow:
    """One line of a queue.

    Attributes:
        code: 档号 or batch number.
        stuck: why it does not move; empty when it may move now.
        since: aware time since which it waits here.
        due: calendar date in the agency's zone, if there is one.
        state: draws the stage tag; or else ``words`` and ``tone`` do.
    """

    code: str
    title: Words
    url: str
    state: State | None = None
    stuck: Words = ""
    since: dt.datetime | None = None
    due: dt.date | None = None
    words: Words = ""
    tone: Tone = ""


@dataclass(frozen=True)
class First:
    """One of the three things to do first.

    Attributes:
        rank: 0 what is overdue or due today, 1 what came back, 2 what may go on, 3 what is suggested.
    """

    kicker: Words
    title: Words
    text: Words
    url: str
    verb: Words
    tone: Literal["", "wait", "bad"] = ""
    rank: int = 3


@dataclass(frozen=True)
class Alarm:
    """Something is wrong that the reader can set right, or have set right: a band above everything on *my desk*.

    Attributes:
        url: where the one button leads.
        is_deed: the button posts there instead of opening a page.
    """

    title: Words
    text: Words
    url: str
    verb: Words
    is_deed: bool = False


@dataclass(frozen=True)
class Key:
    """One line of the key list."""

    keys: Sequence[str]
    title: Words


@dataclass(frozen=True)
class KeyGroup:
    """Keys of one place."""

    title: Words
    keys: Sequence[Key] = field(default_factory=tuple)
