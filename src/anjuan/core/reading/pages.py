"""What was read on one page (页面识读), as it is kept: lines of words, seals, and ink where somebody signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

VERSION = 3  # of the way of reading: raised, every page is read anew

Box = tuple[float, float, float, float]  # x, y, width, height as parts of the upright page, 0 to 1
_LATIN = 0x2E7F


@dataclass(frozen=True)
class Line:
    """A run of words on one line of the page.

    Attributes:
        text: as it was read.
        box: where, on the upright page.
        sure: how surely, 0 to 1: the mean over its letters.
        spots: where the middle of each letter stands, as parts of the box's width; empty where that is not known.
    """

    text: str
    box: Box
    sure: float
    spots: tuple[float, ...] = ()

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.box[0] + self.box[2]

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.box[1] + self.box[3]

    @property
    def middle(self) -> float:
        """Half way between its upper and lower edge."""
        return self.box[1] + self.box[3] / 2


def turned(box: Box, degrees: int) -> Box:
    """A box of a page that is turned clockwise by so much."""
    x, y, width, height = box
    match degrees % 360:
        case 90:
            return 1 - y - height, x, height, width
        case 180:
            return 1 - x - width, 1 - y - height, width, height
        case 270:
            return y, 1 - x - width, height, width
        case _:
            return box


def around(boxes: Sequence[Box]) -> Box:
    """The box around some boxes, of which there is one at least."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    return left, top, max(box[0] + box[2] for box in boxes) - left, max(box[1] + box[3] for box in boxes) - top


def part_of(line: Line, start: int, end: int) -> Box:
    """Where the letters from ``start`` to before ``end`` of a line stand; blanks before and after them are left out."""
    x, y, width, height = line.box
    if len(line.spots) == len(line.text):
        steps = sorted(after - before for before, after in pairwise(line.spots))
        half = steps[len(steps) // 2] / 2 if steps else 0.5
        left, right = max(0.0, line.spots[start] - half), min(1.0, line.spots[end - 1] + half)
    else:  # Chinese letters are twice as wide as figures
        widths = [2 if ord(sign) > _LATIN else 1 for sign in line.text]
        left, right = sum(widths[:start]) / sum(widths), sum(widths[:end]) / sum(widths)
    return x + width * left, y, width * (right - left), height


def rounded(box: Sequence[float]) -> list[float]:
    """A box as it is kept."""
    return [round(float(value), 4) for value in box]


def lines_from(kept: Sequence[Sequence[Any]]) -> tuple[Line, ...]:
    """Lines as they are kept: text, box, sureness, and the middles of letters in thousandths."""
    return tuple(
        Line(str(text), box_from(box), float(sure), tuple(spot / 1000 for spot in spots))
        for text, box, sure, spots in kept
    )


def as_kept(lines: Sequence[Line]) -> list[list[Any]]:
    """Lines as their row keeps them."""
    return [
        [line.text, rounded(line.box), round(line.sure, 3), [round(spot * 1000) for spot in line.spots]]
        for line in lines
    ]


def box_from(kept: Sequence[float]) -> Box:
    """A box as it is kept."""
    x, y, width, height = kept
    return x, y, width, height
