"""Measuring a page image once (影像测量): figures that detectors hold against thresholds later, never a verdict.

Everything is reckoned on a copy of 150 dots an inch, so that a page costs the same whatever the scanner gave, and a
page of noise or a plan of two metres is bounded. Nothing is read: letters count as marks of the size of letters.
"""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from anjuan.core.detection.measures import VERSION, Box, PageMeasures
from anjuan.facilities.formats.backends import lines, turning
from anjuan.facilities.formats.backends.page_copy import PageCopy, open_copy

Array = npt.NDArray[Any]

_SPECK_MM = 0.55  # dust, and the dots of a bad copy
_LETTER_MM = (1.1, 9.0)
_DARK = 40  # so much darker than its paper is a mark
_FAINT = 9  # so much darker is a mark that a pencil or the back may have left
_BORDER = 110  # darker than this, and much darker than the page, is no paper where it fills a strip of the edge
_COLOURED = 38  # of 255 between the strongest and the weakest channel
_MOST_MARKS = 20_000  # beyond this it is a page of noise
_CELL_MM = 6.0
NO_PAGE: tuple[PageMeasures, Array | None] = (PageMeasures(version=VERSION, unmeasured="NO_PAGE"), None)


def measure(path: Path, family: str, page: int) -> tuple[PageMeasures, Array | None]:
    """Measure one page of an image file, and give its grey copy for whoever compares it with others.

    Args:
        path: the file.
        family: JPEG, PNG or TIFF, as its content says.
        page: from 1.

    Raises:
        M-009: there is no such page.
    """
    try:
        copy = open_copy(path, family, page)
    except Image.DecompressionBombError:  # the header alone says so
        return PageMeasures(version=VERSION, unmeasured="TOO_LARGE"), None
    except (OSError, ValueError, SyntaxError, cv2.error):  # what the decoders raise for bad content
        return PageMeasures(version=VERSION, unmeasured="UNREADABLE"), None
    known = PageMeasures(
        version=VERSION,
        mode=copy.mode,
        bits=copy.bits,
        is_size_known=copy.is_size_known,
        width_mm=round(copy.width_mm, 1),
        height_mm=round(copy.height_mm, 1),
    )
    if copy.bgr is None:
        return replace(known, unmeasured="TOO_LARGE"), None
    if min(copy.bgr.shape[:2]) < 40:
        return replace(known, unmeasured="TOO_SMALL"), None
    return _figures(known, copy, copy.bgr), cv2.cvtColor(copy.bgr, cv2.COLOR_BGR2GRAY)


def as_kept(figures: PageMeasures) -> dict[str, Any]:
    """Measures as their row keeps them; what is at its default is left out."""
    plain = PageMeasures(version=0)
    return {
        field.name: value
        for field in fields(figures)
        if field.name != "twins" and (value := getattr(figures, field.name)) != getattr(plain, field.name)
    }


def letters_of(path: Path, family: str, page: int) -> tuple[Array, Array]:
    """The grey copy of a page within its borders, and the rectangles of its letters; for fitting `turning`."""
    copy = open_copy(path, family, page)
    if copy.bgr is None:
        raise ValueError("the page is too large")
    grey = cv2.cvtColor(copy.bgr, cv2.COLOR_BGR2GRAY)
    marks, _ = _marks(cv2.subtract(_ground(grey, copy.per_mm), grey), _DARK, copy.per_mm)
    return grey, _of_letter_size(marks, copy.per_mm)


def _figures(known: PageMeasures, copy: PageCopy, bgr: Array) -> PageMeasures:
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    per_mm = copy.per_mm
    edges = borders(grey)
    top, right, bottom, left = edges
    inner = grey[top : grey.shape[0] - bottom, left : grey.shape[1] - right]
    if min(inner.shape) < 40:
        return replace(known, unmeasured="ALL_DARK", borders_mm=_in_mm(edges, per_mm))
    colours = bgr[top : grey.shape[0] - bottom, left : grey.shape[1] - right]
    origin = (left, top, grey.shape[1], grey.shape[0])
    ground = _ground(inner, per_mm)
    drop = cv2.subtract(ground, inner)
    coloured = _coloured(colours)
    paper, light_range, light_fit, picture = _light(inner, ground, per_mm)
    marks, kept = _marks(drop, _DARK, per_mm)
    if len(marks) >= _MOST_MARKS:
        return replace(known, unmeasured="NOISE", borders_mm=_in_mm(edges, per_mm))
    letters = _of_letter_size(marks, per_mm)
    # What is too pale to be a mark is looked at apart: a faint page must not count as an empty one.
    faint = (drop > max(_FAINT, 4 * _grain(inner, drop))).astype(np.uint8)
    faint[cv2.dilate(kept, np.ones((5, 5), np.uint8)) > 0] = 0
    faint_marks, faint = _cleaned(faint, per_mm)
    ink = kept if len(marks) >= len(faint_marks) * 0.2 or kept.mean() > 0.002 else cv2.bitwise_or(kept, faint)
    if len(letters) < 12:
        letters = _of_letter_size(faint_marks, per_mm)
    cut, cut_boxes = _cut(drop > _DARK, coloured, origin, per_mm)
    skew, skew_sure = lines.skew(ink)
    turn, turn_sure = turning.turn_of(inner, letters)
    return replace(
        known,
        colour=round(float(coloured.mean()), 5),
        tint=round(_tint(colours), 2),
        ink=round(float(kept.mean()), 6),
        faint_ink=round(float(faint.mean()), 6),
        faint_sharpness=round(lines.sharpness(inner, drop, 12, faint), 3),
        letters=len(letters),
        skew=round(skew, 2),
        skew_sure=round(skew_sure, 3),
        turn=turn,
        turn_sure=round(turn_sure, 3),
        borders_mm=_in_mm(edges, per_mm),
        sharpness=round(lines.sharpness(inner, drop, 30, None), 3),
        contrast=round(_contrast(drop, letters if len(letters) else marks), 1),
        paper=round(paper, 1),
        light_range=round(light_range, 1),
        light_fit=round(light_fit, 3),
        glare=round(_glare(grey, paper), 4),
        stripes=lines.stripes(grey),
        cut=cut,
        cut_boxes=cut_boxes,
        picture=round(picture, 3),
        hash64=_hash64(inner) if kept.mean() > 0.0005 else "",
        letter_px=round(float(np.median(letters[:, cv2.CC_STAT_HEIGHT])) * copy.scale, 1) if len(letters) else 0.0,
        ink_box=_ink_box(ink, origin),
    )


def borders(grey: Array) -> tuple[int, int, int, int]:
    """How many pixels of each side are no paper but the dark ground behind it: top, right, bottom, left."""
    dark = grey < min(_BORDER, 0.6 * float(np.median(grey[::7, ::7])))
    found = []
    for side in (dark, dark.T[::-1], dark[::-1], dark.T):
        share = side[: max(4, side.shape[0] // 3)].mean(axis=1)
        deep = int(np.argmax(share < 0.6)) if (share < 0.6).any() else len(share)
        found.append(deep + 2 if deep else 0)  # the shadow of the border's own edge
    top, right, bottom, left = found
    return top, right, bottom, left


def _in_mm(edges: tuple[int, int, int, int], per_mm: float) -> tuple[float, float, float, float]:
    top, right, bottom, left = (round(edge / per_mm, 1) for edge in edges)
    return top, right, bottom, left


def _ground(grey: Array, per_mm: float) -> Array:
    """The paper under the writing: the lightest of the neighbourhood, smoothed."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    reach = max(3, round(_CELL_MM * per_mm / 4) | 1)
    light = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.blur(light, (reach, reach), borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(smooth, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _light(grey: Array, ground: Array, per_mm: float) -> tuple[float, float, float, float]:
    """Grey of the paper, range and fit of a smooth slope of light over it, and the share that is picture."""
    step = max(4, round(_CELL_MM * per_mm))
    cells = ground[step // 2 :: step, step // 2 :: step].astype(np.float64)
    paper = float(np.median(cells))
    y, x = np.mgrid[-1 : 1 : complex(cells.shape[0]), -1 : 1 : complex(cells.shape[1])]
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1).reshape(-1, 6)
    values = cells.ravel()
    weights = np.ones_like(values)
    for _ in range(3):  # cells that are no paper are let go
        root = np.sqrt(weights)
        factors = np.linalg.lstsq(terms * root[:, None], values * root, rcond=None)[0]
        off = np.abs(terms @ factors - values)
        weights = (off < max(6.0, 2.5 * float(np.median(off)))).astype(np.float64)
    slope = terms @ factors
    spread = float(((values - values.mean()) ** 2).sum())
    fit = 1 - float(((values - slope) ** 2).sum()) / spread if spread > 1 else 1.0
    picture = float((values < slope - 30).mean())
    return paper, float(np.ptp(np.clip(slope, 0, 255))), max(0.0, fit), picture


def _coloured(bgr: Array) -> Array:
    # At half size, for JPEG keeps colour no finer; a fringe of colour round black print is none.
    small = cv2.resize(bgr, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    tint = np.median(small.reshape(-1, 3)[::97], axis=0)
    blue, green, red = (
        cv2.convertScaleAbs(channel, alpha=1, beta=float(tint.max() - own))
        for channel, own in zip(cv2.split(small), tint, strict=True)
    )
    found: Array = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)) > _COLOURED
    return found


def _tint(bgr: Array) -> float:
    """How far the channels are apart: a scan in colour never has them equal, not even on white paper."""
    some = bgr[::5, ::5].astype(np.int16)
    return float((some.max(axis=2) - some.min(axis=2)).mean())


def _grain(grey: Array, drop: Array) -> float:
    """Standard deviation of the empty paper's greys."""
    fine = cv2.absdiff(grey, cv2.medianBlur(grey, 3))[drop < _FAINT]
    return float(fine.std()) if fine.size else 0.0


def _marks(drop: Array, least: int, per_mm: float) -> tuple[Array, Array]:
    return _cleaned((drop > least).astype(np.uint8), per_mm)


def _cleaned(mask: Array, per_mm: float) -> tuple[Array, Array]:
    """Connected marks without specks: their rectangles, and the mask of them."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count > 8 * _MOST_MARKS:
        return stats[1 : _MOST_MARKS + 1], mask
    large = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) > _SPECK_MM * per_mm
    large[0] = False
    kept: Array = large[labels].astype(np.uint8)
    return stats[large], kept


def _of_letter_size(marks: Array, per_mm: float) -> Array:
    high, wide = marks[:, cv2.CC_STAT_HEIGHT] / per_mm, marks[:, cv2.CC_STAT_WIDTH] / per_mm
    least, most = _LETTER_MM
    large = np.maximum(high, wide)
    found: Array = marks[(large > least) & (large < most) & (np.minimum(high, wide) > 0.4)]
    return found


def _contrast(drop: Array, marks: Array) -> float:
    """The median over marks of how dark their darkest part is."""
    if not len(marks):
        return 0.0
    step = max(1, len(marks) // 400)
    depths = []
    for x, y, width, height, _ in marks[::step]:
        piece = drop[y : y + height, x : x + width]
        depths.append(float(np.percentile(piece, 92)) if piece.size > 20 else float(piece.max()))
    return float(np.median(depths))


def _cut(
    dark: Array, coloured: Array, origin: tuple[int, int, int, int], per_mm: float
) -> tuple[tuple[int, int, int, int], tuple[Box, ...]]:
    """How many marks each edge runs through; half a seal at the edge is meant to be cut, and so is not counted."""
    deep = max(1, round(0.3 * per_mm))
    height, width = dark.shape
    tinted = cv2.resize(coloured.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    plain = dark & (cv2.dilate(tinted, np.ones((7, 7), np.uint8)) == 0)
    counts, boxes = [], []
    for number, strip in enumerate((plain[:deep], plain[:, -deep:].T, plain[-deep:], plain[:, :deep].T)):
        runs = [(a, b) for a, b in _runs(strip.all(axis=0)) if 0.12 * per_mm <= b - a <= _LETTER_MM[1] * per_mm]
        counts.append(len(runs))
        side = round(3 * per_mm)
        for a, b in runs[:20]:
            at = ((a, 0), (width - side, a), (a, height - side), (0, a))[number]
            size = (b - a, side) if number in (0, 2) else (side, b - a)
            boxes.append(_box((*at, *size), origin))
    top, right, bottom, left = counts
    return (top, right, bottom, left), tuple(boxes[:40])


def _runs(row: Array) -> list[tuple[int, int]]:
    """Where a row of yes and no says yes: from and to."""
    steps = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(steps[::2], steps[1::2], strict=True)]


def _glare(grey: Array, paper: float) -> float:
    if paper > 228:
        return 0.0
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    dazzled = cv2.morphologyEx((small > 251).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    return float(dazzled.mean())


def _hash64(grey: Array) -> str:
    small = cv2.resize(cv2.GaussianBlur(grey, (0, 0), 3), (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _ink_box(ink: Array, origin: tuple[int, int, int, int]) -> Box | None:
    if not ink.any():
        return None
    x, y, width, height = cv2.boundingRect(ink)
    return _box((x, y, width, height), origin)


def _box(rectangle: tuple[int, int, int, int], origin: tuple[int, int, int, int]) -> Box:
    x, y, width, height = rectangle
    left, top, whole_width, whole_height = origin
    return (
        round((x + left) / whole_width, 4),
        round((y + top) / whole_height, 4),
        round(width / whole_width, 4),
        round(height / whole_height, 4),
    )
