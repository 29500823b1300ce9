"""Ink by hand in a known place of a form (手写笔迹): whether a box for a signature or a day was filled.

Pens are told from seals by colour: a red pad gives back red light, blue and black ink do not. What is thin, straight
and long is ruled; what is pale is the other side shining through; what is smaller than a stroke is dust.

Standard: S3-C5; the defect catalogue, S02, S07, S08.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from anjuan.core.reading.marks import Box, InkMark
from anjuan.facilities.reading.backends.inks import copy_of

Array = npt.NDArray[Any]

_WORK_DPI = 150
_ABOUT_MM = 4.0  # looked at beside the box: what mostly stands outside of it belongs to its neighbour
_LEAST_DARK = 0.2  # of the paper's light: a back that shines through takes less
_OF_DARKEST = 0.3
_SPECK_MM = 1.1
_RULE_MM = 9.0
_RULE_THICK_MM = 0.75
_SHORT_MM = 3.0  # of strokes in all: a tick of dirt
_LONG_MM = 11.0  # a name is at least that
_LOW_MM = 1.2
_HIGH_MM = 2.6


def handwriting(page: Array, dpi: float, box: Box, printed: Sequence[Box] = ()) -> InkMark:
    """What was written in a box, beyond what the form has there.

    Args:
        page: RGB or grey, 8 bits. In grey a seal across the box is taken for ink of the same darkness.
        dpi: of the page.
        box: as parts of the page.
        printed: boxes of the form's own print (labels, 年月日), which does not count.

    Returns:
        An empty mark, with nothing sure, where the box lies outside of the page.
    """
    cut = _cut(page, dpi, box)
    if cut is None:
        return InkMark(box, 0.0, 0.0, 0.0)
    dark = _pen(cut.part)
    strongest = float(np.percentile(dark, 99.5))
    ink = (dark > max(_LEAST_DARK, _OF_DARKEST * strongest)).astype(np.uint8)
    ink = _without_rules(ink, cut.per_mm)
    for words in printed:
        left, top, right, low = cut.at(words, round(0.3 * cut.per_mm))
        ink[top:low, left:right] = 0
    inner = cut.at(box)
    return _mark(_of_box(ink, inner, cut.per_mm), inner, box, cut.per_mm)


@dataclass(frozen=True)
class _Cut:
    """The part of the page about a box: pixels, pixels a millimetre, and where it lies on the page."""

    part: Array
    per_mm: float
    place: Box

    def at(self, box: Box, edge: int = 0) -> tuple[int, int, int, int]:
        """Left, top, right and foot of a box of the page, in pixels of this part, and within it."""
        height, width = self.part.shape[:2]
        left, right = ((x - self.place[0]) / self.place[2] * width for x in (box[0], box[0] + box[2]))
        top, low = ((y - self.place[1]) / self.place[3] * height for y in (box[1], box[1] + box[3]))
        return (
            min(width, max(0, round(left) - edge)),
            min(height, max(0, round(top) - edge)),
            min(width, max(0, round(right) + edge)),
            min(height, max(0, round(low) + edge)),
        )


def _cut(page: Array, dpi: float, box: Box) -> _Cut | None:
    height, width = page.shape[:2]
    about = _ABOUT_MM * dpi / 25.4
    left, top = max(0, round(box[0] * width - about)), max(0, round(box[1] * height - about))
    right = min(width, round((box[0] + box[2]) * width + about))
    low = min(height, round((box[1] + box[3]) * height + about))
    if right - left < 8 or low - top < 8 or box[2] <= 0 or box[3] <= 0:
        return None
    part, per_mm = copy_of(np.ascontiguousarray(page[top:low, left:right]), dpi, _WORK_DPI)
    if min(part.shape[:2]) < 4:
        return None
    return _Cut(part, per_mm, (left / width, top / height, (right - left) / width, (low - top) / height))


def _pen(part: Array) -> Array:
    """How dark pens and print are, 0 to 1; red ink is taken away, also where it lies over them."""
    paper = np.maximum(np.percentile(part.reshape(-1, 3), 85, axis=0), 24.0)
    light = part.astype(np.float32) / paper.astype(np.float32)
    red = np.clip(light[..., 0] - light[..., 1], 0, 1)
    dark: Array = np.clip(1 - light[..., 0] - red, 0, 1)
    return dark


def _without_rules(ink: Array, per_mm: float) -> Array:
    run, thick = max(5, round(_RULE_MM * per_mm)), max(2, round(_RULE_THICK_MM * per_mm))
    rules = np.zeros_like(ink)
    for is_across in (True, False):
        along = np.ones((1, run) if is_across else (run, 1), np.uint8)
        across = np.ones((3, 1) if is_across else (1, 3), np.uint8)
        straight = cv2.morphologyEx(cv2.dilate(ink, across), cv2.MORPH_OPEN, along)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(straight, connectivity=8)
        length = np.maximum(stats[:, cv2.CC_STAT_WIDTH if is_across else cv2.CC_STAT_HEIGHT], 1)
        is_thin = stats[:, cv2.CC_STAT_AREA] / length <= thick + 2
        is_thin[0] = False
        rules |= is_thin[labels].astype(np.uint8)
    return np.where(cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0, 0, ink).astype(np.uint8)


def _of_box(ink: Array, inner: tuple[int, int, int, int], per_mm: float) -> Array:
    """The strokes that stand mostly in the box and are no specks."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x0, y0, x1, y1 = inner
    in_box = np.bincount(labels[y0:y1, x0:x1].ravel(), minlength=count)
    size = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    reach = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    is_kept = (in_box / size >= 0.5) & (reach >= _SPECK_MM * per_mm)
    is_kept[0] = False
    kept: Array = is_kept[labels].astype(np.uint8)
    return kept


def _mark(ink: Array, inner: tuple[int, int, int, int], box: Box, per_mm: float) -> InkMark:
    found = np.argwhere(ink)
    if not len(found):
        return InkMark(box, 0.0, 0.0, 0.0)
    x0, y0, x1, y1 = inner
    (top, left), (low, right) = found.min(axis=0), found.max(axis=0)
    wide, tall = max(1, x1 - x0), max(1, y1 - y0)
    contours, _ = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length_mm = sum(cv2.arcLength(one, True) for one in contours) / 2 / per_mm  # both sides of a stroke are edge
    height_mm = (low - top + 1) / per_mm
    sure = _between(length_mm, _SHORT_MM, _LONG_MM) * _between(height_mm, _LOW_MM, _HIGH_MM)
    share = float(ink[y0:y1, x0:x1].mean()) if x1 > x0 and y1 > y0 else 0.0
    found_box = (
        box[0] + (left - x0) / wide * box[2],
        box[1] + (top - y0) / tall * box[3],
        (right - left + 1) / wide * box[2],
        (low - top + 1) / tall * box[3],
    )
    return InkMark(found_box, round(share, 4), round(length_mm * per_mm / wide, 3), round(sure, 3))


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
