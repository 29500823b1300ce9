"""What a form says beside its labels (栏目读取): names, numbers, days, and where somebody is to sign.

No template is needed for it: a label announces what follows it on its line, or what stands to its right, or below it
where a list has its labels on top. Templates (`templates`) say more where an office has drawn them.
"""

import functools
import importlib.resources
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.reading.blanks import blank_days
from anjuan.core.reading.numbers import DayRead, days
from anjuan.core.reading.pages import Box, Line, around, part_of
from anjuan.core.reading.tables import Table, holds_line, words_in

_ENDS = frozenset(":：")
_NOTES = re.compile(r"^[(（\[【][^)）\]】]{0,8}[)）\]】]")
_REACH = 0.34  # of the page's width: how far to the right of its label a value may begin
_SPREAD = 0.12  # of the page's width: so far the two letters of a label may stand apart
_GAP = 0.003  # of the page's width, behind a colon
_SIGN_WIDTH = 0.17  # of the page's width: as much as a signature takes
_PROSE = 18  # letters: a longer line is a sentence
_SHORT = 12  # letters of a value that may follow a bare word without a mark
_NAME = 4  # letters of a person's name, but of those with a dot
_TELLING = 4  # letters of a label that is known for one without a mark
_STOPS = re.compile(r"[，。；;]|,(?!\d{3})")
_CLAUSES = frozenset("，,、。；;")
_ARE = ("为", "系", "是")
_IS = re.compile(r"^[为系是]")
_WRAPS = 0.72  # of the page's width: a line of text that reaches so far may go on in the next
_BELOW = 2.6  # heights of the label: how far under it a value of a list may stand
_BARE = frozenset(  # words that sentences use too
    ("PERSON", "UNIT_CLERK", "HANDLER", "REVIEWER", "LEADER", "DAY", "AMOUNT")
)


@dataclass(frozen=True)
class Label:
    """A label that was found on a page.

    Attributes:
        kind: field, day, sign or party.
        name: which, as `labels.toml` has it.
        words: as it is written there.
        box: where it stands.
        line: number of its line.
        start: its first letter on the line.
        end: the letter after its last one, marks after it included.
    """

    kind: str
    name: str
    words: str
    box: Box
    line: int
    start: int
    end: int


@dataclass(frozen=True)
class FieldRead:
    """What stands beside a label; ``value`` is empty where nothing does."""

    name: str
    label: str
    value: str
    box: Box
    sure: float


@dataclass(frozen=True)
class SignPlace:
    """Where somebody is to sign, and what was read there."""

    role: str
    label: str
    box: Box
    words: str


@dataclass(frozen=True)
class DayPlace:
    """Where a day is to be written."""

    role: str
    label: str
    read: DayRead


@functools.cache
def _names() -> Mapping[str, tuple[str, str]]:
    """Every label's kind and name by its words. Constant data of the package."""
    text = importlib.resources.files("anjuan.core.reading").joinpath("labels.toml").read_text(encoding="utf-8")
    return {
        words: (kind, name)
        for kind, names in tomllib.loads(text).items()
        for name, all_ in names.items()
        for words in all_
    }


@functools.cache
def _pattern() -> re.Pattern[str]:
    """All labels, the longest first; letters of a label may stand apart (姓　名)."""
    words = sorted(_names(), key=lambda one: (-len(one), one))
    return re.compile("|".join(r"\s*".join(re.escape(sign) for sign in one) for one in words))


def joined(lines: Sequence[Line]) -> list[Line]:
    """Lines in which a label whose two letters were set far apart (姓　　名) is one again, with what follows it."""
    found = list(lines)
    for first in [line for line in lines if len(line.text.strip()) == 1]:
        beside = [
            line
            for line in found
            if first.right - 0.005 <= line.box[0] <= first.right + _SPREAD
            and abs(line.middle - first.middle) < 0.6 * max(line.box[3], first.box[3])
        ]
        if not beside:
            continue
        second = min(beside, key=lambda line: line.box[0])
        rest = second.text.lstrip()
        noise = 0 if not rest or rest[0].isalpha() else 1  # a rule of the form may be read before the letter
        if first.text.strip() + rest[noise : noise + 1] not in _names():
            continue
        left, top = first.box[0], min(first.box[1], second.box[1])
        box = (left, top, second.right - left, max(first.bottom, second.bottom) - top)
        text = first.text.strip() + rest[noise:]
        found[found.index(first)] = Line(text, box, min(first.sure, second.sure), _spots(box, first, second, len(text)))
        found.remove(second)
    return found


def _spots(box: Box, first: Line, second: Line, length: int) -> tuple[float, ...]:
    """Middles of the letters of two lines made one, as parts of the whole; empty where those of one are not known."""
    if len(second.spots) != len(second.text) or not box[2]:
        return ()
    kept = second.spots[len(second.spots) - (length - 1) :]
    places = [first.box[0] + first.box[2] / 2, *(second.box[0] + spot * second.box[2] for spot in kept)]
    return tuple((place - box[0]) / box[2] for place in places)


def labels(lines: Sequence[Line]) -> list[Label]:
    """The labels on a page, line by line."""
    found = []
    for number, line in enumerate(lines):
        text = _half(line.text)
        for match in _pattern().finditer(text):
            words = re.sub(r"\s", "", match[0])
            kind, name = _names()[words]
            rest = text[match.end() :]
            note = _NOTES.match(rest.lstrip())
            end = match.end() + (len(rest) - len(rest.lstrip()) + note.end() if note else 0)
            if not _announces(text, match, words, kind, name, text[end:]):
                continue
            while end < len(text) and (text[end].isspace() or text[end] in _ENDS):
                end += 1
            box = part_of(line, match.start(), max(match.end(), match.start() + 1))
            found.append(Label(kind, name, words, box, number, match.start(), end))
    return found


def _announces(text: str, match: re.Match[str], words: str, kind: str, name: str, after: str) -> bool:
    """Whether a label stands there as one, and is no word of a sentence."""
    follows = after.lstrip()
    is_first = not match.start()
    begins = is_first or not text[match.start() - 1].isalnum()
    if follows[:1] and (follows[0] in _ENDS or _IS.match(follows)):
        # 经审核：… is a sentence; a field may follow the value of another without a blank.
        return kind != "sign" or begins
    if begins and (not follows or after[0].isspace()):
        # …，经办 and …按月发放日期 end a sentence that goes on in the next line.
        is_loose = is_first or (match.start() <= _PROSE and text[match.start() - 1] not in _CLAUSES)
        return kind not in ("sign", "day") or is_loose
    if kind == "sign":  # 申报人数, 经办人员职责: a name would stand apart
        return False
    if kind == "day" and not is_first:  # …共壹份并注明填表时间 is told; in 张建国填表时间2024年… a blank was lost
        return follows[:1].isdigit()
    if name == "PERSON" and len(words) < _TELLING:  # 姓名张建国 is told, 申请人应当如实填写 is not
        return is_first and (len(follows) <= _NAME or "·" in follows)
    if name in _BARE:
        return is_first and len(follows) <= _SHORT
    return is_first or len(words) >= _TELLING


def fields(lines: Sequence[Line], found: Sequence[Label], tables: Sequence[Table] = ()) -> list[FieldRead]:
    """What stands beside the labels of fields; of a ruled table all lines of the value's cell."""
    cells = [cell.box for table in tables for cell in table.cells]
    labelled = {lines[label.line] for label in found}
    read = []
    for label in found:
        if label.kind == "field":
            value, box, sure = _beside(lines, found, label)
            whole = [line for line in _cell_of(box, label.box, cells, lines) if line not in labelled] if value else []
            if len(whole) > 1 and any(value in line.text for line in whole):
                value, box, sure = (
                    "".join(line.text for line in whole),
                    around([line.box for line in whole]),
                    min(one.sure for one in whole),
                )
            read.append(FieldRead(label.name, label.words, _clause(value), box, sure))
    return read


def _cell_of(box: Box, label: Box, cells: Sequence[Box], lines: Sequence[Line]) -> list[Line]:
    """The lines of the cell in which a value stands alone; none where its label stands in the same cell."""
    value, head = Line("", box, 0.0), Line("", label, 0.0)
    for cell in cells:
        if holds_line(cell, value) and not holds_line(cell, head):
            return words_in(cell, lines)
    return []


def sign_places(lines: Sequence[Line], found: Sequence[Label]) -> list[SignPlace]:
    """Where somebody is to sign, and what was read there; a page of a list of labels has none."""
    places = []
    for label in found:
        if label.kind == "sign":
            words, room = _on_line(lines, found, label), _room(lines, found, label)
            other = None if words else _right_of(lines, found, label)
            if other is not None and lines[other].box[0] < room[0] + _SIGN_WIDTH:
                words = lines[other].text.strip(" :：_")
                room = (room[0], room[1], max(room[2], lines[other].right - room[0]), room[3])
            places.append(SignPlace(label.name, label.words, room, words))
    return places


def day_places(lines: Sequence[Line], found: Sequence[Label]) -> list[DayPlace]:
    """Where days are written or to be written: beside a label, or an unlabelled 年 月 日."""
    places = []
    of_line: dict[int, list[Label]] = {}
    for label in found:
        if label.kind == "day":
            of_line.setdefault(label.line, []).append(label)
    used: set[int] = set()
    for label in (one for one in found if one.kind == "day"):
        line = lines[label.line]
        read = days(_rest(line, label))
        if not read and not _on_line(lines, found, label):
            other = _right_of(lines, found, label)
            if other is not None and (read := days(lines[other])):
                used.add(other)
            elif other is None:
                read = [DayRead(None, _room(lines, found, label))]
        used.add(label.line)
        places += [DayPlace(label.name, label.words, one) for one in read[:1]]
    read_in = {number: days(line) for number, line in enumerate(lines) if number not in used}
    places += [DayPlace("DAY", "", one) for read in read_in.values() for one in read]
    pieces = blank_days(lines, [number for number, read in read_in.items() if not read])
    return places + [DayPlace("DAY", "", one) for one in pieces]


def _clause(value: str) -> str:
    """A value without what a sentence puts around it: 为张三，…"""
    return _STOPS.split(_IS.sub("", value.strip(" :：_")), maxsplit=1)[0].strip(" :：_")


def _half(text: str) -> str:
    """Half-width brackets and colons, letter by letter, so that places stay."""
    return text.translate(_HALF)


_HALF = str.maketrans("（）：［］　／", "():[] /")


def _rest(line: Line, label: Label) -> Line:
    """What of a line follows a label, as a line of its own."""
    text = line.text[label.end :]
    if not text.strip():
        return Line("", line.box, line.sure)
    return Line(text, part_of(line, label.end, len(line.text)), line.sure)


def _on_line(lines: Sequence[Line], found: Sequence[Label], label: Label) -> str:
    """What follows a label on its own line, up to the next label."""
    after = [one.start for one in found if one.line == label.line and one.start >= label.end]
    return lines[label.line].text[label.end : min(after, default=None)].strip(" :：_()（）")


def _beside(lines: Sequence[Line], found: Sequence[Label], label: Label) -> tuple[str, Box, float]:
    line = lines[label.line]
    value = _on_line(lines, found, label)
    is_open = value in _ARE or (not value and line.right > _WRAPS)
    if is_open and len(line.text) > _PROSE:
        under = _next_line(lines, label.line)
        return ("", label.box, 0.0) if under is None else (lines[under].text, lines[under].box, lines[under].sure)
    if value:
        after = [one.start for one in found if one.line == label.line and one.start >= label.end]
        return value, part_of(line, label.end, min(after, default=len(line.text))), line.sure
    if any(one.line == label.line and one.start >= label.end for one in found):
        return "", _room(lines, found, label), 0.0
    other = _right_of(lines, found, label)
    if other is None:
        other = _under(lines, found, label)
    if other is None:
        return "", _room(lines, found, label), 0.0
    return lines[other].text.strip(), lines[other].box, lines[other].sure


def _next_line(lines: Sequence[Line], number: int) -> int | None:
    """The line of text that goes on where this one ends: the next below that begins at the left."""
    line = lines[number]
    near = [
        (other.box[1], place)
        for place, other in enumerate(lines)
        if line.middle < other.middle < line.middle + 2.2 * line.box[3] and other.box[0] < max(0.25, line.box[0])
    ]
    return min(near)[1] if near else None


def _right_of(lines: Sequence[Line], found: Sequence[Label], label: Label) -> int | None:
    """The line that begins next to the right of a label on its row; none where a label stands there, or nothing."""
    right = label.box[0] + label.box[2]
    middle = label.box[1] + label.box[3] / 2
    near = [
        (line.box[0], number)
        for number, line in enumerate(lines)
        if number != label.line
        and right - 0.01 <= line.box[0] <= right + _REACH
        and abs(line.middle - middle) < 0.6 * max(line.box[3], label.box[3])
    ]
    if not near:
        return None
    _, number = min(near)
    return None if any(one.line == number and not one.start for one in found) else number


def _under(lines: Sequence[Line], found: Sequence[Label], label: Label) -> int | None:
    """The line right under a label, where a list has its labels on top: only if another label stands beside it."""
    row = label.box[1] + label.box[3] / 2
    is_head = any(
        one is not label and abs(one.box[1] + one.box[3] / 2 - row) < label.box[3] and one.line != label.line
        for one in found
    )
    if not is_head:
        return None
    left, right, bottom = label.box[0], label.box[0] + label.box[2], label.box[1] + label.box[3]
    near = [
        (line.box[1], number)
        for number, line in enumerate(lines)
        if bottom - 0.002 <= line.box[1] <= bottom + _BELOW * label.box[3]
        and min(line.right, right) - max(line.box[0], left) > 0.3 * min(line.box[2], label.box[2])
    ]
    if not near:
        return None
    _, number = min(near)
    return None if any(one.line == number and not one.start for one in found) else number


def _end(line: Line, label: Label) -> float:
    """Where a label ends with all its marks, so that none of its print counts as what stands beside it."""
    box = part_of(line, label.start, max(label.end, label.start + 1))
    return box[0] + box[2]


def _room(lines: Sequence[Line], found: Sequence[Label], label: Label) -> Box:
    """The empty room to the right of a label, up to what stands there next, one and a half lines high each way."""
    _, y, _, height = label.box
    left = _end(lines[label.line], label) + _GAP
    right = min(1.0, left + _SIGN_WIDTH)
    for number, line in enumerate(lines):
        starts = [one.box[0] for one in found if one.line == number] if number == label.line else [line.box[0]]
        for start in starts:
            if left + 0.005 < start < right and abs(line.middle - (y + height / 2)) < height:
                right = start
    top = max(0.0, y - 0.6 * height)
    return left, top, max(0.0, right - left), min(1.0, y + 1.6 * height) - top
