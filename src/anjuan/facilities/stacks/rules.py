"""How much room paper takes, whether it fits, and what a room may be."""

import re
from collections.abc import Mapping

from anjuan.core.refusals import Refusal

COVER_MM = 2
SHEETS_PER_MM = 10  # office paper, about 0.1 mm a sheet; a setting once a room is measured


# What a room may measure; ours, so that a slip of the hand does not make a million cells.
MEASURES: Mapping[str, tuple[int, int]] = {
    "racks": (1, 200),
    "bays": (1, 40),
    "shelves": (1, 9),
    "width_mm": (100, 3000),
}
_ROOM_CODE = re.compile(r"[A-Z0-9]{1,8}")


def check_room(code: str, name: str, *, is_taken: bool, **measures: int) -> None:
    """Whether a room may be entered so.

    Raises:
        S-070: the code is taken or cannot stand in a barcode.
        S-071: a measure cannot be right, or the name is empty or longer than 60 signs.
    """
    if is_taken or not _ROOM_CODE.fullmatch(code):
        raise Refusal("S-070", code=code[:12])
    if not 1 <= len(name) <= 60:
        raise Refusal("S-071", what="name", least=1, most=60)
    for what, (least, most) in MEASURES.items():
        if not least <= measures[what] <= most:
            raise Refusal("S-071", what=what, least=least, most=most)


def thickness_mm(pages: int) -> int:
    """Estimated thickness of a volume in its cover, in millimetres; pages count as single-sided sheets."""
    return COVER_MM + -(-pages // SHEETS_PER_MM)


def estimated_mm(volumes: int, pages: int) -> int:
    """Estimated thickness of so many volumes with so many pages in all, in millimetres."""
    return volumes * COVER_MM + -(-pages // SHEETS_PER_MM)


def fits(*, cell: str, width_mm: int, used_mm: int, needed_mm: int) -> None:
    """Whether a volume fits a cell.

    Raises:
        S-003: it does not.
    """
    if used_mm + needed_mm > width_mm:
        raise Refusal("S-003", cell=cell, free=width_mm - used_mm, needed=needed_mm)
