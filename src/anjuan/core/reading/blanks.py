"""An unfilled 年 月 日 that was read in pieces (空白日期), and where to look for ink in places for days.

A seal across it hides a sign, or its three signs come as three lines. Two of them in a row with no figure between are a
place for a day that nobody filled.
"""

from collections.abc import Sequence

from anjuan.core.reading.numbers import DAY_SIGNS, DayRead
from anjuan.core.reading.pages import Box, Line, around, part_of
from anjuan.core.reading.words import bare

_LEAST, _MOST = 2, 4  # signs of one place; one may be read as another, none as two
_APART = 0.11  # of the page's width: between two signs of one place
_YEAR = 0.07  # of the page's width: room for the figures of a year before 年
_SQUARE = 1.6  # of a letter's height as a part of the page: its width, on upright A4 and wider
_OVER = 0.6  # of the height of the signs: how far figures by hand reach beyond them


def blank_days(lines: Sequence[Line], numbers: Sequence[int]) -> list[DayRead]:
    """Unfilled places for days among some lines of a page that consist of 年, 月 and 日 alone.

    Args:
        lines: of the page.
        numbers: which of them may be such.
    """
    waiting = sorted(
        (number for number in numbers if lines[number].text.strip() and set(bare(lines[number].text)) <= DAY_SIGNS),
        key=lambda number: lines[number].box[0],
    )
    found = []
    while waiting:
        row = [waiting.pop(0)]
        for number in list(waiting):
            last, next_ = lines[row[-1]], lines[number]
            is_level = abs(next_.middle - last.middle) < 0.6 * max(next_.box[3], last.box[3])
            if is_level and -0.01 < next_.box[0] - last.right < _APART:
                row.append(number)
                waiting.remove(number)
        box = around([lines[number].box for number in row])
        signs = sum(len(bare(lines[number].text)) for number in row)
        if _LEAST <= signs <= _MOST:
            other = [line for number, line in enumerate(lines) if number not in row and _is_between(line, box)]
            found.append(DayRead(None, box, is_unclear=bool(other), is_part=signs < len(DAY_SIGNS)))
    return found


def place_of_day(read: DayRead) -> Box:
    """Where somebody would write into an unfilled place: before 年 as well, and a little over and under it."""
    x, y, width, height = read.box
    left, top = max(0.0, x - _YEAR), max(0.0, y - _OVER * height)
    return left, top, x + width - left, min(1.0, y + (1 + _OVER) * height) - top


def print_of(lines: Sequence[Line]) -> list[Box]:
    """Where words were read: whole lines; where 年, 月 or 日 stand letter by letter, for figures go between them."""
    found = []
    for line in lines:
        if DAY_SIGNS.isdisjoint(line.text):
            found.append(line.box)
            continue
        for place, sign in enumerate(line.text):
            if not sign.isspace():
                x, y, width, height = part_of(line, place, place + 1)
                own = min(width, _SQUARE * height)
                found.append((x + (width - own) / 2, y, own, height))
    return found


def _is_between(line: Line, box: Box) -> bool:
    """Whether figures stand within the box of a place: then it is filled, however it was read."""
    is_there = box[1] <= line.middle <= box[1] + box[3] and box[0] < line.box[0] + line.box[2] / 2 < box[0] + box[2]
    return is_there and any(sign.isdigit() for sign in line.text)
