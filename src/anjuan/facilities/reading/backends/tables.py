"""Finding ruled tables on a page: its straight rules, the lattice that they make, and cells where rules are left out.

A page that lies askew is set straight first. Print, seals and hands leave no run of ink that is long and thin enough
to be taken for a rule; a frame round a whole page with nothing in it is no table.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from anjuan.core.reading.pages import Box
from anjuan.core.reading.tables import Cell, Table

Array = npt.NDArray[Any]

_SIDE = 1754  # pixels of the longer side that are looked at: 150 dots an inch of an A4 page
_DARKER = 16  # of 255: than the paper around it; print and rules may be faint
_RUN = 0.012  # of the longer side: a shorter run of ink is no part of a rule
_RULE = 0.03  # of the longer side: no shorter rule
_THICK = 0.0045  # of the longer side: no thicker rule
_NEAR = 0.005  # of the longer side: rules nearer than that are one
_LEAST = 2  # rows or columns: a single box is no table
_THERE = 0.85  # of an edge: so much of it is inked where there is a rule
_MOST_TURN = 4.0  # degrees
_LONG = 0.15  # of the page's width: rules that tell how the page lies
_LONGEST = 40  # so many of them at most


def find_tables(rgb: Array) -> tuple[Table, ...]:
    """The ruled tables of an upright page, from above.

    Args:
        rgb: its pixels.
    """
    ink = _ink(rgb)
    turn = _askew(ink)
    if turn:
        height, width = ink.shape
        straight = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
        ink = cv2.warpAffine(ink, straight, (width, height), flags=cv2.INTER_NEAREST)
    else:
        straight = None
    across, down = _rules(ink)
    found = [
        table
        for left, top, right, bottom in _parts(across | down)
        if (table := _table(across, down, (left, top, right, bottom))) is not None
    ]
    height, width = ink.shape
    return tuple(
        sorted((_on_page(one, straight, width, height) for one in found), key=lambda one: (one.box[1], one.box[0]))
    )


def _ink(rgb: Array) -> Array:
    """255 where there is ink of any colour, 0 elsewhere, at the resolution that is looked at."""
    scale = _SIDE / max(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    darkest = small.min(axis=2)
    coarse = cv2.resize(darkest, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    light = cv2.medianBlur(cv2.dilate(coarse, np.ones((5, 5), np.uint8)), 9)
    paper = cv2.resize(light, darkest.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask: Array = np.where(cv2.subtract(paper, darkest) > _DARKER, 255, 0).astype(np.uint8)
    return mask


def _askew(ink: Array) -> float:
    """Degrees, counter-clockwise, by which the page's longest rules fall; 0 where there are none, or they are level."""
    run = max(3, round(_RUN * max(ink.shape)))
    rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    turns = []
    for number in np.argsort(-stats[1:, cv2.CC_STAT_WIDTH])[:_LONGEST] + 1:
        x, y, wide, tall = (int(value) for value in stats[number, :4])
        if wide < _LONG * ink.shape[1] or tall > wide * np.tan(np.radians(_MOST_TURN)) + 6:
            continue
        downs, rights = np.nonzero(labels[y : y + tall, x : x + wide] == number)
        turns.append(float(np.degrees(np.arctan(np.polyfit(rights, downs, 1)[0]))))
    level = float(np.median(turns)) if turns else 0.0
    return level if abs(level) > 0.1 else 0.0


def _rules(ink: Array) -> tuple[Array, Array]:
    """Level and upright rules apart, gaps of print and seals closed."""
    across, down = _runs(ink), _runs(ink.T).T
    # The flat of a seal's rim looks like a rule; but a rule of a table ends at another that crosses it.
    return _ending_at(across, down), _ending_at(down.T, across.T).T


def _runs(ink: Array) -> Array:
    """What is long, level and thin enough to be a rule."""
    side = max(ink.shape)
    run, gap, least = (max(3, round(part * side)) for part in (_RUN, 2 * _NEAR, _RULE))
    rules = cv2.morphologyEx(np.ascontiguousarray(ink), cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    rules = cv2.morphologyEx(rules, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    kept = np.zeros(count, np.uint8)
    for number in range(1, count):
        length, tall, inked = (int(stats[number, key]) for key in (2, 3, 4))
        is_thin = inked / max(1, length) <= _THICK * side + 2 and tall <= max(0.02 * length, 14)
        kept[number] = 255 * (length >= least and is_thin)
    mask: Array = kept[labels]
    return mask


def _ending_at(rules: Array, others: Array) -> Array:
    """Of level rules those that end at one of the upright others, at one end or at both."""
    near = max(3, round(_NEAR * max(rules.shape)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(rules), connectivity=8)
    kept = np.zeros(count, np.uint8)
    for number in range(1, count):
        x, y, wide, tall = (int(value) for value in stats[number, :4])
        rows = slice(max(0, y - near), y + tall + near)
        ends = (others[rows, max(0, at - near) : at + near + 1] for at in (x, x + wide - 1))
        kept[number] = 255 * any(bool(end.any()) for end in ends)
    mask: Array = kept[labels]
    return mask


def _parts(rules: Array) -> list[tuple[int, int, int, int]]:
    """Where rules hang together: left, top, right, bottom in pixels."""
    near = max(3, round(_NEAR * max(rules.shape)))
    joined = cv2.dilate(rules, np.ones((near, near), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for number in range(1, count):
        x, y, wide, tall = (int(value) for value in stats[number, :4])
        found.append((x, y, x + wide, y + tall))
    return found


def _table(across: Array, down: Array, part: tuple[int, int, int, int]) -> Table | None:
    """The table of one part of the page, in pixels; none where its rules make no lattice."""
    left, top, right, bottom = part
    level, upright = across[top:bottom, left:right], down[top:bottom, left:right]
    near = max(3, round(_NEAR * max(across.shape)))
    ys, xs = _places(level.sum(axis=1) / 255, near), _places(upright.sum(axis=0) / 255, near)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 1 or rows * columns < _LEAST:
        return None
    # A rule between two cells that is mostly not there makes them one.
    above = [[_is_ruled(level, ys[r], xs[c], xs[c + 1], near) for c in range(columns)] for r in range(rows + 1)]
    beside = [[_is_ruled(upright.T, xs[c], ys[r], ys[r + 1], near) for c in range(columns + 1)] for r in range(rows)]
    cells = []
    taken: set[tuple[int, int]] = set()
    for r in range(rows):
        for c in range(columns):
            if (r, c) in taken:
                continue
            wide = 1
            while c + wide < columns and not beside[r][c + wide] and (r, c + wide) not in taken:
                wide += 1
            tall = 1
            while r + tall < rows and not any(above[r + tall][c : c + wide]):
                tall += 1
            taken |= {(r + down_, c + over) for down_ in range(tall) for over in range(wide)}
            is_closed = all(above[r][c : c + wide]) and all(above[r + tall][c : c + wide])
            if is_closed and all(beside[r + one][c] and beside[r + one][c + wide] for one in range(tall)):
                x, y = left + xs[c], top + ys[r]
                box = (float(x), float(y), float(xs[c + wide] - xs[c]), float(ys[r + tall] - ys[r]))
                cells.append(Cell(box, r, c, tall, wide))
    if len(cells) < _LEAST:
        return None
    return Table((float(left), float(top), float(right - left), float(bottom - top)), _numbered(cells))


def _numbered(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Cells by the rows and columns that some cell begins or ends at: a stroke of a seal makes no column."""
    rows = sorted({edge for one in cells for edge in (one.row, one.row + one.rows)})
    columns = sorted({edge for one in cells for edge in (one.column, one.column + one.columns)})
    found = []
    for one in cells:
        row, column = rows.index(one.row), columns.index(one.column)
        below, beside = rows.index(one.row + one.rows), columns.index(one.column + one.columns)
        found.append(Cell(one.box, row, column, below - row, beside - column))
    return tuple(found)


def _places(profile: Array, near: int) -> list[int]:
    """Where rules run, by how much ink lies on each line of pixels; what lies near together is one."""
    places = np.flatnonzero(profile >= max(3 * near, 1))
    groups: list[list[int]] = []
    for place in places:
        if groups and place - groups[-1][-1] <= near:
            groups[-1].append(int(place))
        else:
            groups.append([int(place)])
    return [round(float(np.average(group, weights=profile[group]))) for group in groups]


def _is_ruled(rules: Array, place: int, start: int, end: int, near: int) -> bool:
    """Whether a rule runs along a place from start to end."""
    strip = rules[max(0, place - near) : place + near + 1, start:end]
    return bool(strip.size) and float(strip.max(axis=0).mean()) >= 255 * _THERE


def _on_page(table: Table, straight: Array | None, width: int, height: int) -> Table:
    """A table in parts of the page as it lies."""

    def placed(box: Box) -> Box:
        x, y, wide, tall = box
        middle = np.array([x + wide / 2, y + tall / 2, 1.0])
        if straight is not None:
            back = cv2.invertAffineTransform(straight)
            middle[:2] = back @ middle
        return (
            float((middle[0] - wide / 2) / width),
            float((middle[1] - tall / 2) / height),
            wide / width,
            tall / height,
        )

    cells: Sequence[Cell] = [Cell(placed(one.box), one.row, one.column, one.rows, one.columns) for one in table.cells]
    return Table(placed(table.box), tuple(cells))
