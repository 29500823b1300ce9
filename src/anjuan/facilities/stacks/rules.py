"""How much room paper takes, and whether it fits."""

from anjuan.core.refusals import Refusal

COVER_MM = 2
SHEETS_PER_MM = 10  # office paper, about 0.1 mm a sheet; a setting once a room is measured


def thickness_mm(pages: int) -> int:
    """Estimated thickness of a volume in its cover, in millimetres; pages count as single-sided sheets."""
    return COVER_MM + -(-pages // SHEETS_PER_MM)


def fits(*, cell: str, width_mm: int, used_mm: int, needed_mm: int) -> None:
    """Whether a volume fits a cell.

    Raises:
        S-003: it does not.
    """
    if used_mm + needed_mm > width_mm:
        raise Refusal("S-003", cell=cell, free=width_mm - used_mm, needed=needed_mm)
