"""Seals found on a page image (印章识别): red ones of any outline, and the grey rings that photocopies leave of them.

Ink is told from paper and print by colour (``inks``), outlines by geometry (``outlines``); no model is asked and
nothing is read, so that a page costs the same whatever stands on it. A grey frame is not told from a cell of a table:
of grey seals only rings are found.

Standard: S3-C5; the defect catalogue, S01 to S06, V21.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from anjuan.core.reading.marks import CERTAIN, POSSIBLE, SealMark, SealShape, overlap, shared
from anjuan.facilities.reading.backends import outlines
from anjuan.facilities.reading.backends.inks import Inks, separated
from anjuan.facilities.reading.backends.outlines import Outline

Array = npt.NDArray[Any]

_LEAST_RED = 0.024
_LEAST_DARK = 0.12
_SHINE = 0.025  # so pale is what shines through from the other side; up to twice that it may be either
_OF_REDDEST = 0.4  # less than this share of the ink near by is a soft edge, or paper between two strokes
_NEAR_MM = 6.0
_MOST_RED = 0.2  # of the page: beyond this it is no page with seals on it
_ROUND_MM = (12.0, 27.0)  # radius
_OVAL_MM = (13.0, 29.0)  # longer half axis
_FRAME_MM = (7.0, 52.0)  # longer side
_LEAST_SIDE_MM = 5.8
_WHOLE_RIM = 0.85  # of a rim that took ink all around, but for what letters and lines hide
_HALF_MM = 14.0  # radius: a smaller ring is told from chance only where it is whole
_LINE_MM = 58.0  # a straight line longer than any side of a seal is ruled
_RULE_GAP_MM = 1.6  # as wide as a ruled line is cut out
_OUTER_ARCS = 0.65
_RUN_MM = 6.0
_SIGN_LINE_MM = 27.0
_MOST_DARK = 0.35  # of the light of the page: a picture, or noise
_GREY_DPI = 50
_SHAPE_DPI = 70
_NO_OUTLINE = 0.3
_GREY_FRAME = 0.5  # a grey frame may be a cell of a table: never surer than this
_GREY_MM = 26.0
_MOST_HEAPS = 60
_MOST_RINGS = 10


def find_seals(page: Array, dpi: float) -> list[SealMark]:
    """All that looks like a seal, the surest first.

    Args:
        page: RGB or grey, 8 bits a channel, upright or not.
        dpi: of the page; sizes in millimetres rest on it.

    Returns:
        Marks surer than ``POSSIBLE``. From ``CERTAIN`` on one may be counted; between is for a person.
    """
    if min(page.shape[:2]) < 8 or page.size == 0:
        return []
    inks = separated(page, dpi)
    if min(inks.red.shape) < 8:
        return []
    found = _red_seals(inks) if page.ndim == 3 else []
    if inks.dark[::4, ::4].mean() > _MOST_DARK:
        return found
    grey = _once_each(_grey_rings(inks) + _grey_shapes(inks))
    found += [mark for mark in grey if all(shared(mark.box, red.box) < 0.5 for red in found)]
    return sorted(found, key=lambda mark: -mark.sure)


# -- red ---------------------------------------------------------------------------------------------------------------


def _red_seals(inks: Inks) -> list[SealMark]:
    ink = _inked(inks)
    if ink.mean() > _MOST_RED:
        return []
    across, down = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    if not len(across):
        return []
    y0, y1, x0, x1 = down[0], down[-1] + 1, across[0], across[-1] + 1
    inked = ink[y0:y1, x0:x1]  # a view: what is done to it is done to the page
    inked[:] = _without_specks(_without_rules(inked, inks.per_mm), inks.per_mm)
    found: list[SealMark] = []
    left = ink.copy()
    for reach_mm in (4.0, 2.0):
        for heap in list(_heaps(left, reach_mm, inks.per_mm)):
            for _ in range(4):  # seals that touch are taken off one by one
                outline = _best_ring(left, heap, inks.per_mm)
                if outline is None:
                    break
                mark = _ring_mark(outline, inks, _ring_sure(outline, inks.per_mm))
                if mark.sure < POSSIBLE or _is_framed(left, heap, mark.sure, inks.per_mm):
                    break
                found.append(mark)
                _take_off(left, outline, inks.per_mm)
    found += _frames(left, inks)
    level = _level(left, inks.per_mm)
    # A name seal often stands on the red line to sign on, which makes one heap of both.
    return _once_each(found + (_frames(cv2.subtract(left, level), inks) if level.any() else []))


def _inked(inks: Inks) -> Array:
    """Where there is ink of seals: red enough beside bare paper, and beside the reddest near by."""
    height, width = inks.red.shape
    small = cv2.resize(inks.red, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    side = max(3, round(_NEAR_MM * inks.per_mm / 4) | 1)
    reddest = cv2.resize(cv2.dilate(small, np.ones((side, side), np.uint8)), (width, height))
    least = np.maximum(_OF_REDDEST * reddest, max(_LEAST_RED, 6 * inks.grain))
    inked: Array = (inks.red > least).astype(np.uint8)
    return inked


def _without_rules(ink: Array, per_mm: float) -> Array:
    """The ink without ruled lines (红线): long, thin and straight, and what is ruled between two of them."""
    run, thick = max(3, round(9 * per_mm)), max(2, round(1.5 * per_mm))
    rules = np.zeros_like(ink)
    for is_across in (True, False):
        kernel = np.ones((1, run) if is_across else (run, 1), np.uint8)
        along = np.ones((3, 1) if is_across else (1, 3), np.uint8)
        # A line that slants a little is kept whole by thickening it across before it is looked for.
        straight = cv2.morphologyEx(cv2.dilate(ink, along), cv2.MORPH_OPEN, kernel)
        if np.count_nonzero(straight.any(axis=0 if is_across else 1)) < _LINE_MM * per_mm:
            continue
        # Beside the strong ink of a seal a pale line is lost for a little way.
        bridge = np.ones((1, round(4 * per_mm)) if is_across else (round(4 * per_mm), 1), np.uint8)
        straight = cv2.morphologyEx(straight, cv2.MORPH_CLOSE, bridge)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(straight, connectivity=8)
        length = stats[:, cv2.CC_STAT_WIDTH if is_across else cv2.CC_STAT_HEIGHT]
        mean = stats[:, cv2.CC_STAT_AREA] / np.maximum(length, 1)
        is_rule = (length >= _LINE_MM * per_mm) & (mean <= thick + 3)
        is_rule[0] = False
        if count > 1 and is_rule.any():
            rules |= is_rule[labels].astype(np.uint8)
    if not rules.any():
        return ink
    near = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    left = _without_rungs(cv2.bitwise_and(ink, 1 - near), near, per_mm)
    return cv2.bitwise_or(left, cv2.bitwise_and(_across(left, per_mm), cv2.bitwise_and(near, ink)))


def _level(ink: Array, per_mm: float) -> Array:
    """Thin level lines longer than any side of a name seal, which are too short to count as a table's."""
    over = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # a line that slants a little is kept whole
    runs = cv2.morphologyEx(over, cv2.MORPH_OPEN, np.ones((1, round(_SIGN_LINE_MM * per_mm)), np.uint8))
    runs = cv2.bitwise_and(cv2.dilate(runs, np.ones((3, 1), np.uint8)), ink)
    thick = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((max(2, round(1.5 * per_mm)), 1), np.uint8))
    level: Array = cv2.subtract(runs, thick)
    return level


def _across(ink: Array, per_mm: float) -> Array:
    """The ink with gaps closed that are no wider than a ruled line: what crossed one goes on behind it."""
    gap = max(3, round(_RULE_GAP_MM * per_mm) | 1)
    down = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8))
    closed: Array = cv2.bitwise_or(down, cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8)))
    return closed


def _without_rungs(ink: Array, rules: Array, per_mm: float) -> Array:
    """Thin straight pieces whose ends lie on ruled lines are ruled too, however short."""
    touch = cv2.dilate(rules, np.ones((round(2.4 * per_mm) | 1,) * 2, np.uint8))
    left = ink
    for is_across in (True, False):
        run = max(3, round(4 * per_mm))
        straight = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, run) if is_across else (run, 1), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(straight, connectivity=8)
        for number in range(1, min(count, 400)):
            x, y, wide, tall, size = (int(value) for value in stats[number])
            length = wide if is_across else tall
            if size / max(1, length) > 1.5 * per_mm:
                continue
            ends = ((y, x), (y + tall - 1, x + wide - 1))
            if all(touch[end] for end in ends):
                left = left.copy() if left is ink else left
                part = left[max(0, y - 1) : y + tall + 1, max(0, x - 1) : x + wide + 1]
                part[labels[max(0, y - 1) : y + tall + 1, max(0, x - 1) : x + wide + 1] == number] = 0
    return left


def _without_specks(ink: Array, per_mm: float) -> Array:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    is_kept = stats[:, cv2.CC_STAT_AREA] >= max(4, round(0.35 * per_mm * per_mm))
    is_kept[0] = False
    kept: Array = is_kept[labels].astype(np.uint8)
    return kept


def _heaps(ink: Array, reach_mm: float, per_mm: float) -> Iterator[tuple[int, int, int, int]]:
    """Rectangles (x, y, width, height) of ink that stands close together, the largest first."""
    side = max(3, round(reach_mm * per_mm) | 1)
    joined = np.ascontiguousarray(cv2.dilate(ink, np.ones((side, side), np.uint8))[::2, ::2])
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    half = side // 2
    boxes = [
        (max(0, 2 * x + half - 3), max(0, 2 * y + half - 3), 2 * (wide - half) + 6, 2 * (tall - half) + 6)
        for x, y, wide, tall, _ in stats[1:].tolist()
    ]
    large = [box for box in boxes if max(box[2], box[3]) >= _LEAST_SIDE_MM * per_mm]
    yield from sorted(large, key=lambda box: -box[2] * box[3])[:_MOST_HEAPS]


def _best_ring(ink: Array, heap: tuple[int, int, int, int], per_mm: float) -> Outline | None:
    x, y, wide, tall = heap
    if max(wide, tall) < 1.2 * _ROUND_MM[0] * per_mm:
        return None
    part = ink[y : y + tall, x : x + wide]
    contours, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    edge = np.concatenate(contours)[:, 0] + (x, y)
    found = [outlines.circle(edge, ink, per_mm, *_ROUND_MM)]
    # Of two rims one within the other, or where a ruled line broke the outer one, the outermost ink is the seal's.
    outer = outlines.circle(outlines.outermost(edge), ink, per_mm, *_ROUND_MM)
    if outer is not None and outer.arcs >= _OUTER_ARCS:  # so few places fit some circle through letters as well
        found.append(outer)
    # A round seal across the edge of two sheets (骑缝章) would pass for an oval.
    if min(x, y, ink.shape[1] - x - wide, ink.shape[0] - y - tall) > 3 * per_mm:
        for inked in (part, _without_runs(part, per_mm)):
            points = np.argwhere(inked)[:, ::-1] + (x, y)
            found.append(outlines.ellipse(points, ink, per_mm, *_OVAL_MM))
    rings = [one for one in found if one is not None]
    # A circle fits an arc of an oval as well as half a seal: an oval that is nearly whole is the better of the two.
    return max(rings, key=lambda one: (_ring_sure(one, per_mm), one.coverage >= _WHOLE_RIM), default=None)


def _without_runs(part: Array, per_mm: float) -> Array:
    """Ink without what is straight and level for a while: what is left of a ruled line hangs on a seal like a tail."""
    return cv2.subtract(part, cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((1, round(_RUN_MM * per_mm)), np.uint8)))


def _is_framed(ink: Array, heap: tuple[int, int, int, int], sure: float, per_mm: float) -> bool:
    """The ink makes a better frame than a ring."""
    x, y, wide, tall = heap
    one = outlines.frame(np.argwhere(ink[y : y + tall, x : x + wide])[:, ::-1] + (x, y), ink, per_mm)
    return one is not None and _frame_sure(one) >= sure


def _ring_sure(one: Outline, per_mm: float) -> float:
    """How surely a ring is a seal's: unbroken arcs, bare paper outside, something but no solid ink within."""
    # Half a seal is one long arc; the sides of a frame touch a circle in four short ones.
    half = _between(one.longest, 0.2, 0.38) if one.half_x >= _HALF_MM * per_mm else 0.0
    arcs = max(half, _between(one.arcs, 0.45, 0.65))
    arcs *= _between(one.thin / max(one.coverage, 0.01), 0.5, 0.75)  # of letters, some lie further in than others
    bare = _between(1 - one.outside, 0.45, 0.75) * _between(1 - one.solid, 0.12, 0.3)
    within = _between(one.inside, 0.015, 0.05) * _between(1 - one.inside, 0.22, 0.4)
    return arcs * bare * within


def _ring_mark(one: Outline, inks: Inks, sure: float, *, is_red: bool = True) -> SealMark:
    shape = SealShape.ROUND if one.kind == "ROUND" else SealShape.OVAL
    turn = math.radians(one.turn)
    reach_x = math.hypot(one.half_x * math.cos(turn), one.half_y * math.sin(turn))
    reach_y = math.hypot(one.half_x * math.sin(turn), one.half_y * math.cos(turn))
    return _mark(one, inks, shape, reach_x, reach_y, sure, is_red)


def _mark(
    one: Outline, inks: Inks, shape: SealShape, reach_x: float, reach_y: float, sure: float, is_red: bool
) -> SealMark:
    layer = inks.red if is_red else inks.dark
    height, width = layer.shape
    x0, y0 = max(0, int(one.x - reach_x)), max(0, int(one.y - reach_y))
    x1, y1 = min(width, int(one.x + reach_x) + 2), min(height, int(one.y + reach_y) + 2)
    part = layer[y0:y1, x0:x1]
    least = _LEAST_RED if is_red else _LEAST_DARK
    inked = part[part > least]
    strength = float(np.percentile(inked, 85)) if inked.size else 0.0
    slope = np.hypot(cv2.Sobel(part, cv2.CV_32F, 1, 0), cv2.Sobel(part, cv2.CV_32F, 0, 1)) / 8 * inks.per_mm
    # Of an edge that is as sharp as paper and scanner let it be, the ink comes within a quarter of a millimetre.
    steep = float(np.percentile(slope[part > least], 90)) if inked.size else 0.0
    return SealMark(
        box=(x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height),
        shape=shape,
        is_red=is_red,
        coverage=round(one.coverage, 3),
        sharpness=round(min(1.0, steep / max(strength, 0.02) / 3.0), 3),
        sure=round(min(sure, _between(strength, _SHINE, 2 * _SHINE)) if is_red else sure, 3),
        strength=round(strength, 3),
        width_mm=round(2 * one.half_x / inks.per_mm, 1),
        height_mm=round(2 * one.half_y / inks.per_mm, 1),
        turn=round(one.turn, 1),
    )


def _take_off(ink: Array, one: Outline, per_mm: float) -> None:
    """Clear what a seal covers."""
    axes = (round(one.half_x + 0.9 * per_mm), round(one.half_y + 0.9 * per_mm))
    cv2.ellipse(ink, (round(one.x), round(one.y)), axes, one.turn, 0, 360, 0, -1)


# -- frames ------------------------------------------------------------------------------------------------------------


def _frames(ink: Array, inks: Inks) -> list[SealMark]:
    per_mm = inks.per_mm
    heaps = list(dict.fromkeys(heap for reach_mm in (1.6, 3.0) for heap in _heaps(ink, reach_mm, per_mm)))
    found = []
    for heap in heaps:
        x, y, wide, tall = heap
        if max(wide, tall) > _FRAME_MM[1] * 1.3 * per_mm:
            continue
        points = np.argwhere(ink[y : y + tall, x : x + wide])[:, ::-1] + (x, y)
        one = outlines.frame(points, ink, per_mm)
        if one is None or not _has_size(one, per_mm) or _is_among_letters(heap, heaps):
            continue
        sure = _frame_sure(one)
        # Ink of a seal's colour and size that has no outline is shown to a person: half a seal, or one badly inked.
        if sure < _NO_OUTLINE and _is_like_seal(one):
            sure = _NO_OUTLINE
        if sure >= POSSIBLE:
            found.append(_frame_mark(one, inks, sure, is_red=True))
    return found


def _has_size(one: Outline, per_mm: float) -> bool:
    long_mm, short_mm = 2 * max(one.half_x, one.half_y) / per_mm, 2 * min(one.half_x, one.half_y) / per_mm
    return _FRAME_MM[0] <= long_mm <= _FRAME_MM[1] and short_mm >= _LEAST_SIDE_MM and long_mm <= 4.5 * short_mm


def _is_like_seal(one: Outline) -> bool:
    return 0.1 <= one.inside <= 0.75 and one.outside < 0.3


def _frame_mark(one: Outline, inks: Inks, sure: float, *, is_red: bool) -> SealMark:
    shape = (
        SealShape.SQUARE if max(one.half_x, one.half_y) < 1.25 * min(one.half_x, one.half_y) else SealShape.RECTANGLE
    )
    turn = math.radians(one.turn)
    reach_x = abs(one.half_x * math.cos(turn)) + abs(one.half_y * math.sin(turn))
    reach_y = abs(one.half_x * math.sin(turn)) + abs(one.half_y * math.cos(turn))
    return _mark(one, inks, shape, reach_x, reach_y, sure, is_red)


def _frame_sure(one: Outline) -> float:
    """How surely a frame is a seal's: four inked sides, bare paper outside, something but no solid ink within."""
    sides = _between(one.coverage, 0.6, 0.85) * _between(one.arcs, 0.42, 0.72)
    bare = _between(1 - one.outside, 0.5, 0.75)
    within = _between(one.inside, 0.03, 0.1) * _between(1 - one.inside, 0.03, 0.07)
    return sides * bare * within


def _is_among_letters(heap: tuple[int, int, int, int], heaps: list[tuple[int, int, int, int]]) -> bool:
    """Three heaps of one height in one line are letters of a head (红头), not seals."""
    x, y, wide, tall = heap
    alike = {
        other
        for other in heaps
        if abs(other[1] + other[3] / 2 - y - tall / 2) < 0.25 * tall
        and 0.7 * tall <= other[3] <= 1.35 * tall
        and 0.5 * wide < abs(other[0] + other[2] / 2 - x - wide / 2) < 6 * tall
    }
    return len(alike) >= 3


def _once_each(found: list[SealMark]) -> list[SealMark]:
    """Of marks in one place, the surest."""
    kept: list[SealMark] = []
    for mark in sorted(found, key=lambda mark: -mark.sure):
        if all(overlap(mark.box, other.box) < 0.4 and not _is_within(mark, other) for other in kept):
            kept.append(mark)
    return kept


def _is_within(mark: SealMark, other: SealMark) -> bool:
    is_smaller = mark.width_mm * mark.height_mm < other.width_mm * other.height_mm
    return is_smaller and shared(mark.box, other.box) > 0.85 and mark.size is not other.size and other.sure > CERTAIN


# -- grey --------------------------------------------------------------------------------------------------------------


def _grey_rings(inks: Inks) -> list[SealMark]:
    """Grey rings: circles that the edges of a coarse copy vote for, then looked at like red ones."""
    scale = min(1.0, _GREY_DPI / 25.4 / inks.per_mm)
    dark = cv2.resize(inks.dark, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if min(dark.shape) < 2 * _ROUND_MM[0] * inks.per_mm * scale:
        return []
    per_mm = inks.per_mm * scale
    grey = np.clip(255 - dark * 255 * 1.5, 0, 255).astype(np.uint8)
    circles = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT, dp=2, minDist=10 * per_mm, param1=90, param2=36,
        minRadius=round(15 * per_mm), maxRadius=round(28 * per_mm),
    )  # fmt: skip
    if circles is None:
        return []
    ink = (inks.dark > _LEAST_DARK).astype(np.uint8)
    found = []
    for x, y, radius in circles[0][:_MOST_RINGS]:
        one = _sharper(float(x) / scale, float(y) / scale, float(radius) / scale, ink, inks.per_mm)
        sure = _grey_sure(one)
        if sure >= POSSIBLE:
            found.append(_ring_mark(one, inks, sure, is_red=False))
    return found


def _grey_shapes(inks: Inks) -> list[SealMark]:
    """Grey ovals and frames: closed lines of a seal's size that hang together once ruled lines are taken away."""
    scale = min(1.0, _SHAPE_DPI / 25.4 / inks.per_mm)
    if min(inks.dark.shape) * scale < 8:
        return []
    dark = cv2.resize(inks.dark, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    inks = replace(inks, dark=dark, per_mm=inks.per_mm * scale)
    per_mm = inks.per_mm
    ink = _without_rules((inks.dark > _LEAST_DARK).astype(np.uint8), per_mm)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = []
    for number in np.flatnonzero(stats[:, cv2.CC_STAT_WIDTH] >= _GREY_MM * per_mm).tolist():
        x, y, wide, tall, size = (int(value) for value in stats[number])
        if not number or tall < 9 * per_mm or max(wide, tall) > 60 * per_mm or size > 0.4 * wide * tall:
            continue
        points = np.argwhere(labels[y : y + tall, x : x + wide] == number)[:, ::-1] + (x, y)
        oval = outlines.ellipse(points, ink, per_mm, *_OVAL_MM)
        if oval is not None and _grey_sure(oval) >= POSSIBLE:
            found.append(_ring_mark(oval, inks, _grey_sure(oval), is_red=False))
            continue
        one = outlines.frame(points, ink, per_mm)
        if one is not None and _has_size(one, per_mm) and (sure := min(_GREY_FRAME, _frame_sure(one))) >= POSSIBLE:
            found.append(_frame_mark(one, inks, sure, is_red=False))
    return found


def _grey_sure(one: Outline) -> float:
    """As ``_ring_sure``, but stricter: print and rules are grey too, and a page of them has circles everywhere."""
    rim = _between(one.arcs, 0.45, 0.75) * _between(one.thin, 0.5, 0.75)
    bare = _between(1 - one.outside, 0.5, 0.8) * _between(1 - one.solid, 0.25, 0.45)
    return rim * bare * _between(one.inside, 0.03, 0.08) * _between(1 - one.inside, 0.35, 0.5)


def _sharper(x: float, y: float, radius: float, ink: Array, per_mm: float) -> Outline:
    """The best ring near one that was found coarsely: shifted and widened by turns while that helps."""
    best = outlines.rim_of("ROUND", x, y, radius, radius, 0.0, ink, per_mm)
    for step_mm in (0.9, 0.45, 0.25):
        for _ in range(4):
            tried = [
                outlines.rim_of(
                    "ROUND", best.x + dx * step_mm * per_mm, best.y + dy * step_mm * per_mm,
                    best.half_x + dr * step_mm * per_mm, best.half_x + dr * step_mm * per_mm, 0.0, ink, per_mm,
                )
                for dx, dy, dr in _SHIFTS
            ]  # fmt: skip
            better = max(tried, key=_rim_gain)
            if _rim_gain(better) <= _rim_gain(best):
                break
            best = better
        if best.thin < 0.3:  # nothing like a ring
            break
    return best


_SHIFTS = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))


def _rim_gain(one: Outline) -> float:
    return one.thin + 0.5 * one.arcs - one.outside


def _between(value: float, low: float, high: float) -> float:
    """0 below ``low``, 1 above ``high``, evenly between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
