"""What one page says, gathered once when it is read (页面内容): all that detectors need, so judging reads nothing."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anjuan.core.reading import blanks
from anjuan.core.reading.fields import (
    DayPlace,
    FieldRead,
    SignPlace,
    day_places,
    fields,
    joined,
    labels,
    sign_places,
)
from anjuan.core.reading.marks import InkMark, Presence, SealMark, SealShape, is_at
from anjuan.core.reading.numbers import DayRead, NumberRead, PageMark, citizen_numbers, credit_codes, page_mark
from anjuan.core.reading.pages import Box, Line, box_from, part_of
from anjuan.core.reading.parties import PartyPlace, party_places
from anjuan.core.reading.tables import Cell, Table
from anjuan.core.reading.templates import Laid
from anjuan.core.reading.titles import Title, titles
from anjuan.core.reading.words import bare, plain

_MOST_TEXT = 6000  # letters of a page that are kept to look names up in
_CORNER = (0.16, 0.10)  # parts of the page's width and height: a number that is stamped stands in a corner
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_DATED = frozenset(("AGENCY", "UNIT"))  # whose places bear a day
_NO_NAME = re.compile(r"[年月日]|盖章|签字|签名|日期|电话|意见")
_STAMPED = re.compile(r"^\d{1,4}$")


@dataclass(frozen=True)
class Signed:
    """A place to sign, what was read there, and the ink that is there beside print."""

    place: SignPlace
    ink: InkMark | None

    @property
    def is_filled(self) -> bool:
        """Whether a name was read there: Chinese letters, and not those of a day or of another label."""
        words = bare(self.place.words)
        return len(_CHINESE.findall(words)) >= 2 and not _NO_NAME.search(words)


@dataclass(frozen=True)
class Stamp:
    """A number that stands alone in the upper outer corner: the page number of a volume (页码章)."""

    number: int
    box: Box
    sure: float


@dataclass(frozen=True)
class PageSaid:
    """What a page says. Boxes are parts of the upright page.

    Attributes:
        version: of the way of reading.
        unread: why it was not read: BLANK, TOO_LARGE, UNREADABLE, FAILED; empty where it was.
        turn: degrees clockwise that set the stored image upright, as its words show.
        turn_sure: how surely.
        letters: how many were read.
        sure: how surely, on average.
        titles: lines that may be its title.
        fields: what stands beside labels.
        signs: places to sign.
        days: days, and places for them left empty.
        parties: places of those who sign or seal, as far as each reaches.
        mark: 第x页共y页.
        stamp: the stamped page number.
        citizens: citizen numbers.
        credits: unified social credit codes.
        seals: seals.
        tables: ruled tables with their cells.
        traces: ink that no word was read from, where a day is wanted and none was read.
        text: all letters and figures, to look names up in.
        laid: the form template that fits the page, and what stands in its boxes; never kept with the reading.
    """

    version: int
    unread: str = ""
    turn: int = 0
    turn_sure: float = 0.0
    letters: int = 0
    sure: float = 0.0
    titles: tuple[Title, ...] = ()
    fields: tuple[FieldRead, ...] = ()
    signs: tuple[Signed, ...] = ()
    days: tuple[DayPlace, ...] = ()
    parties: tuple[PartyPlace, ...] = ()
    mark: PageMark | None = None
    stamp: Stamp | None = None
    citizens: tuple[NumberRead, ...] = ()
    credits: tuple[NumberRead, ...] = ()
    seals: tuple[SealMark, ...] = ()
    tables: tuple[Table, ...] = ()
    traces: tuple[InkMark, ...] = ()
    text: str = ""
    laid: Laid | None = None

    @property
    def is_read(self) -> bool:
        """Whether there are words to go by."""
        return not self.unread


def said(
    lines: Sequence[Line],
    *,
    version: int,
    turn: int,
    turn_sure: float,
    seals: Sequence[SealMark],
    inks: Mapping[Box, InkMark],
    tables: Sequence[Table] = (),
    traces: Sequence[InkMark] = (),
) -> PageSaid:
    """What a page says, from its words, its seals, and the ink at its places to sign.

    Args:
        lines: its words.
        version: of the way of reading.
        turn: degrees clockwise that set the stored image upright.
        turn_sure: how surely.
        seals: what seals are on it.
        inks: ink by the box of the place to sign.
        tables: ruled tables on it.
        traces: ink in the places of `days_to_look`; what is surely none is dropped.
    """
    lines = joined(lines)
    found = labels(lines)
    letters = sum(len(bare(line.text)) for line in lines)
    return PageSaid(
        version=version,
        turn=turn,
        turn_sure=turn_sure,
        letters=letters,
        sure=sum(line.sure * len(line.text) for line in lines) / max(1, sum(len(line.text) for line in lines)),
        titles=titles(lines),
        fields=tuple(fields(lines, found, tables)),
        signs=tuple(Signed(place, inks.get(place.box)) for place in sign_places(lines, found)),
        days=tuple(day_places(lines, found)),
        parties=tuple(party_places(lines, found)),
        mark=page_mark(lines),
        stamp=_stamp(lines),
        citizens=tuple(citizen_numbers(lines)),
        credits=tuple(credit_codes(lines)),
        seals=tuple(seals),
        tables=tuple(tables),
        traces=tuple(mark for mark in traces if mark.presence is not Presence.ABSENT),
        text="\n".join(bare(line.text) for line in lines)[:_MOST_TEXT],
    )


def places_to_look(lines: Sequence[Line]) -> list[Box]:
    """Where ink is to be looked for: the places to sign."""
    lines = joined(lines)
    found = labels(lines)
    return [place.box for place in sign_places(lines, found)]


def days_to_look(lines: Sequence[Line]) -> tuple[list[Box], list[Box]]:
    """Where ink may be a day that was not read: unfilled places for days, and places of offices without any day.

    Returns:
        Those places; and what stands there that is no day: words that were read, places to sign.
    """
    lines = joined(lines)
    found = labels(lines)
    known = [one.read for one in day_places(lines, found)]
    empty = [blanks.place_of_day(one) for one in known if one.day is None and not one.is_unclear]
    offices = [one.box for one in party_places(lines, found) if one.role in _DATED]
    empty += [box for box in offices if not any(is_at(one.box, box) for one in known)]
    return empty, [*blanks.print_of(lines), *(place.box for place in sign_places(lines, found))]


def printed(lines: Sequence[Line]) -> list[Box]:
    """Where the form's own labels stand, colons included: their print is nobody's hand."""
    lines = joined(lines)
    return [part_of(lines[one.line], one.start, max(one.end, one.start + 1)) for one in labels(lines)]


def as_kept(page: PageSaid) -> dict[str, Any]:
    """What a page says, as its row keeps it; what is at its default is left out."""
    plain = asdict(PageSaid(0))
    return {name: _simple(value) for name, value in asdict(page).items() if value != plain[name] or name == "version"}


def said_from(kept: Mapping[str, Any]) -> PageSaid:
    """What a page says, from its row."""
    mark, stamp = kept.get("mark"), kept.get("stamp")
    return PageSaid(
        version=int(kept["version"]),
        unread=kept.get("unread", ""),
        turn=kept.get("turn", 0),
        turn_sure=kept.get("turn_sure", 0.0),
        letters=kept.get("letters", 0),
        sure=kept.get("sure", 0.0),
        titles=tuple(Title(**one) for one in kept.get("titles", ())),
        fields=tuple(FieldRead(**_boxed(one)) for one in kept.get("fields", ())),
        signs=tuple(
            Signed(SignPlace(**_boxed(one["place"])), InkMark(**_boxed(one["ink"])) if one["ink"] else None)
            for one in kept.get("signs", ())
        ),
        days=tuple(DayPlace(one["role"], one["label"], _day(one["read"])) for one in kept.get("days", ())),
        parties=tuple(PartyPlace(**_boxed(one)) for one in kept.get("parties", ())),
        mark=PageMark(**_boxed(mark)) if mark else None,
        stamp=Stamp(**_boxed(stamp)) if stamp else None,
        citizens=tuple(NumberRead(**_boxed(one)) for one in kept.get("citizens", ())),
        credits=tuple(NumberRead(**_boxed(one)) for one in kept.get("credits", ())),
        seals=tuple(SealMark(**_boxed(one) | {"shape": SealShape(one["shape"])}) for one in kept.get("seals", ())),
        traces=tuple(InkMark(**_boxed(one)) for one in kept.get("traces", ())),
        tables=tuple(
            Table(box_from(one["box"]), tuple(Cell(**_boxed(cell)) for cell in one["cells"]))
            for one in kept.get("tables", ())
        ),
        text=kept.get("text", ""),
    )


def _stamp(lines: Sequence[Line]) -> Stamp | None:
    """The number in an outer corner: of fronts the right one, of backs the left, above or below."""
    across, down = _CORNER
    for is_above in (True, False):
        near = [
            line
            for line in lines
            if _STAMPED.match(plain(line.text))
            and (line.middle < down if is_above else line.middle > 1 - down)
            and (line.box[0] > 1 - across - line.box[2] or line.right < across + line.box[2])
        ]
        if len(near) == 1:  # of more than one nobody can tell which is meant
            return Stamp(int(plain(near[0].text)), near[0].box, near[0].sure)
    return None


def _boxed(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "box": box_from(one["box"])}


def _day(kept: Mapping[str, Any]) -> DayRead:
    day = dt.date.fromisoformat(kept["day"]) if kept["day"] else None
    return DayRead(
        day,
        box_from(kept["box"]),
        bool(kept.get("is_unclear")),
        float(kept.get("sure", 1.0)),
        bool(kept.get("is_part")),
    )


def _simple(value: Any) -> Any:
    """Plain JSON: days as text, parts of the page to a ten-thousandth."""
    if isinstance(value, dict):
        return {name: _simple(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(one) for one in value]
    if isinstance(value, float):
        return round(value, 4)
    return value.isoformat() if isinstance(value, dt.date) else value
