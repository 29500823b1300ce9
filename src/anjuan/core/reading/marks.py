"""What stands on a page beside its words (印迹): seals and ink by hand, where they stand, and what follows from that.

Boxes are parts of the page, 0 to 1; sizes that matter are in millimetres, because a personal seal of 12 mm is never
the seal of an office.

Standard: S3-C5, S3-C8; the defect catalogue, S01 to S08, V21.
"""

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]  # x, y, width, height as parts of the page


class SealShape(enum.StrEnum):
    """The outline of a seal (印章形状)."""

    ROUND = "ROUND"  # 圆形
    OVAL = "OVAL"  # 椭圆
    SQUARE = "SQUARE"  # 方形
    RECTANGLE = "RECTANGLE"  # 长方形


class SealSize(enum.StrEnum):
    """What a seal can be by its size: offices' seals are large, persons' small."""

    OFFICE = "OFFICE"  # 公章、专用章
    PERSON = "PERSON"  # 名章


class Presence(enum.StrEnum):
    """Whether a mark stands where a form wants it."""

    PRESENT = "PRESENT"
    ABSENT = "ABSENT"
    UNSURE = "UNSURE"


@dataclass(frozen=True)
class SealMark:
    """One seal as it is seen (印章).

    Attributes:
        box: of the whole outline, also of the part of it that took no ink.
        shape: of the outline.
        is_red: coloured; False where it is grey, as a photocopy leaves it.
        coverage: the share of the ring or frame that is inked, 0 to 1.
        sharpness: of the edges of the ink, 0 to 1.
        sure: how surely it is a seal, 0 to 1; below ``POSSIBLE`` nothing is told at all.
        strength: how much of the light the ink takes, 0 to 1.
        width_mm: of the outline, before it was turned.
        height_mm: the same.
        turn: degrees clockwise by which the outline is turned; of a round seal 0, its words tell how it stands.
        words: what its ring or frame says, where that was read.
    """

    box: Box
    shape: SealShape
    is_red: bool
    coverage: float
    sharpness: float
    sure: float
    strength: float = 1.0
    width_mm: float = 0.0
    height_mm: float = 0.0
    turn: float = 0.0
    words: str = ""

    @property
    def size(self) -> SealSize:
        """Office or person, by its longer side and its area."""
        is_large = max(self.width_mm, self.height_mm) >= OFFICE_MM and self.width_mm * self.height_mm >= OFFICE_MM2
        return SealSize.OFFICE if is_large else SealSize.PERSON


@dataclass(frozen=True)
class InkMark:
    """What was written in a box of a form (手写).

    Attributes:
        box: the ink itself; the box that was looked at where there is none.
        share: the share of the box that it covers, 0 to 1, without rules, print and seals.
        strokes: how many strokes' length of it, in widths of the box; a signature has one and more.
        sure: how surely the box is filled, 0 to 1.
    """

    box: Box
    share: float
    strokes: float
    sure: float = 0.0

    @property
    def presence(self) -> Presence:
        """Filled, empty, or left to a person."""
        if self.sure >= FILLED:
            return Presence.PRESENT
        return Presence.ABSENT if self.sure <= EMPTY else Presence.UNSURE


OFFICE_MM = 25.0  # no office's seal has a longer side below this
OFFICE_MM2 = 300.0
POSSIBLE = 0.2  # below this it is nothing
CERTAIN = 0.55  # from here on it is a seal
FILLED = 0.6
EMPTY = 0.35


def area(box: Box) -> float:
    """Share of the page that a box covers."""
    return max(0.0, box[2]) * max(0.0, box[3])


def shared(first: Box, second: Box) -> float:
    """Share of the smaller of two boxes that lies in the other, 0 to 1."""
    wide = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    tall = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    least = min(area(first), area(second))
    return max(0.0, wide) * max(0.0, tall) / least if least > 0 else 0.0


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    wide = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    tall = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    common = max(0.0, wide) * max(0.0, tall)
    whole = area(first) + area(second) - common
    return common / whole if whole > 0 else 0.0


def centre(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def apart_mm(first: Box, second: Box, width_mm: float, height_mm: float) -> float:
    """How far the middles of two boxes lie apart on a page of that size, in millimetres."""
    x0, y0 = centre(first)
    x1, y1 = centre(second)
    return math.hypot((x1 - x0) * width_mm, (y1 - y0) * height_mm)


def is_at(box: Box, place: Box, margin: float = 0.0) -> bool:
    """The middle of a box lies in a place, or by ``margin`` (a part of the page) beside it."""
    x, y = centre(box)
    return (
        place[0] - margin <= x <= place[0] + place[2] + margin
        and place[1] - margin <= y <= place[1] + place[3] + margin
    )


def placed(
    marks: Sequence[SealMark],
    places: Mapping[str, tuple[Box, SealSize]],
    *,
    width_mm: float = 210.0,
    height_mm: float = 297.0,
    reach_mm: float = 22.0,
) -> dict[str, SealMark]:
    """Which seal belongs to which place of a form: each to one place only, the nearest pair first.

    So the unit's seal that lies half in the next box never stands for the missing seal of the office.

    Args:
        marks: the seals of the page.
        places: by name: the box that the form gives, and which size of seal belongs there.
        width_mm: of the page.
        height_mm: of the page.
        reach_mm: how far beside its box a seal's middle may lie.
    """
    pairs = sorted(
        (apart_mm(mark.box, place, width_mm, height_mm), name, number)
        for name, (place, size) in places.items()
        for number, mark in enumerate(marks)
        if mark.size is size and _beside_mm(mark.box, place, width_mm, height_mm) <= reach_mm
    )
    found: dict[str, SealMark] = {}
    taken: set[int] = set()
    # What surely is a seal goes first, so that a stain nearer by does not push it out of its place.
    for wants_certain in (True, False):
        for _, name, number in pairs:
            if name not in found and number not in taken and (marks[number].sure >= CERTAIN) == wants_certain:
                found[name] = marks[number]
                taken.add(number)
    return found


def presence(mark: SealMark | None) -> Presence:
    """Whether a seal stands in a place, by what ``placed`` found for it."""
    if mark is None or mark.sure < POSSIBLE:
        return Presence.ABSENT
    return Presence.PRESENT if mark.sure >= CERTAIN else Presence.UNSURE


def _beside_mm(box: Box, place: Box, width_mm: float, height_mm: float) -> float:
    x, y = centre(box)
    across = max(place[0] - x, 0.0, x - place[0] - place[2]) * width_mm
    down = max(place[1] - y, 0.0, y - place[1] - place[3]) * height_mm
    return math.hypot(across, down)
