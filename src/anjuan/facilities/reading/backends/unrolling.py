"""The words of a seal made straight for reading (印文展开): the ring as a strip, the line in the middle as a line.

What is given back is grey, dark words on white, with the black print beneath a red seal taken away.
"""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from anjuan.core.reading.marks import SealMark, SealShape

Array = npt.NDArray[Any]

_MARGIN = 0.04  # of the seal, about it
_BAND = (0.52, 0.95)  # of the radius: where the letters of a ring stand
_LETTERS = (0.68, 0.9)
_STRIP_PX = 64
_MOST_PX = 1400
_LEAST_PX = 6


@dataclass(frozen=True)
class _Face:
    """A seal cut out: its ink, 0 to 1; in pixels of the cutting its middle and half its size; its turn in radians."""

    ink: Array
    x: float
    y: float
    half_x: float
    half_y: float
    turn: float

    def seen(self, across: Array, down: Array) -> Array:
        """Dark on white what stands at places counted from the middle, along the seal's own ways, in half sizes."""
        along, below = across * self.half_x, down * self.half_y
        left = self.x + along * math.cos(self.turn) - below * math.sin(self.turn)
        low = self.y + along * math.sin(self.turn) + below * math.cos(self.turn)
        found = cv2.remap(self.ink, left.astype(np.float32), low.astype(np.float32), cv2.INTER_LINEAR, borderValue=0)
        return np.clip(255 - 255 * found, 0, 255).astype(np.uint8)


def unroll(page: Array, mark: SealMark) -> Array:
    """The words of a seal in one strip.

    Of a ring, what stands along it, from the widest gap clockwise, tops of letters up; of a frame, the whole of it
    upright. An array of one pixel where there is nothing to be seen.

    Args:
        page: RGB or grey, as the mark was found on, at any resolution.
        mark: the seal.
    """
    face = _cut_out(page, mark)
    if face is None:
        return np.full((1, 1), 255, np.uint8)
    if mark.shape in (SealShape.SQUARE, SealShape.RECTANGLE):
        return _upright(face.ink)
    around = 2 * math.pi * 0.8 * max(face.half_x, face.half_y)
    width = min(_MOST_PX, round(around * _STRIP_PX / ((_BAND[1] - _BAND[0]) * face.half_y)))
    angles = _gap_of(face) + np.linspace(0, 2 * math.pi, width, endpoint=False)[None, :]
    reach = np.linspace(_BAND[1], _BAND[0], _STRIP_PX)[:, None]
    strip = face.seen(reach * np.cos(angles), reach * np.sin(angles))
    top = strip[: _STRIP_PX // 6]
    top[(top < 128).mean(axis=1) > 0.4] = 255  # what is left of the rim
    return strip


def middle_line(page: Array, mark: SealMark) -> Array:
    """The words across the middle of a ring, below its star (业务专用章), turned upright by the gap of the ring."""
    face = _cut_out(page, mark)
    if face is None or mark.shape in (SealShape.SQUARE, SealShape.RECTANGLE):
        return np.full((1, 1), 255, np.uint8)
    lean = _gap_of(face) - math.pi / 2  # the gap of a seal that stands upright is below
    if mark.shape is SealShape.OVAL:  # it lies along its longer axis, one way or the other
        lean = 0.0 if math.cos(lean) > 0 else math.pi
    across, down = np.meshgrid(np.linspace(-0.68, 0.68, 420), np.linspace(0.12, 0.78, 150))
    cos, sin = math.cos(lean), math.sin(lean)
    return face.seen(across * cos - down * sin, across * sin + down * cos)


def _cut_out(page: Array, mark: SealMark) -> _Face | None:
    height, width = page.shape[:2]
    left, top, wide, tall = mark.box[0] * width, mark.box[1] * height, mark.box[2] * width, mark.box[3] * height
    x0, y0 = max(0, round(left - _MARGIN * wide)), max(0, round(top - _MARGIN * tall))
    x1, y1 = min(width, round(left + wide * (1 + _MARGIN))), min(height, round(top + tall * (1 + _MARGIN)))
    part = np.ascontiguousarray(page[y0:y1, x0:x1])
    if min(part.shape[:2]) < _LEAST_PX:
        return None
    if part.ndim == 2 or not mark.is_red:
        grey = part if part.ndim == 2 else cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
        ink = 1 - grey.astype(np.float32) / max(1.0, float(np.percentile(grey, 95)))
    else:
        light = part.astype(np.float32) / np.maximum(np.percentile(part, 95, axis=(0, 1)), 1.0)
        ink = light[..., 0] - light[..., 1]
    strong = max(0.02, float(np.percentile(ink, 97)))
    half_x, half_y, turn = wide / 2, tall / 2, math.radians(mark.turn)
    if mark.shape is SealShape.OVAL and mark.width_mm > 0:
        scale = wide / math.hypot(mark.width_mm * math.cos(turn), mark.height_mm * math.sin(turn))
        half_x, half_y = mark.width_mm * scale / 2, mark.height_mm * scale / 2
    ink = np.clip(ink / strong, 0, 1).astype(np.float32)
    return _Face(ink, left + wide / 2 - x0, top + tall / 2 - y0, half_x, half_y, turn)


def _gap_of(face: _Face) -> float:
    """Where the ring of letters is open: the angle, clockwise from the right, of the middle of its widest gap."""
    count = 180
    angles = np.arange(count)[None, :] * (2 * math.pi / count)
    reach = np.linspace(*_LETTERS, 12)[:, None]
    told = (face.seen(reach * np.cos(angles), reach * np.sin(angles)) < 150).mean(axis=0)
    spread = 5  # ten degrees: wider than the gaps between letters
    smooth = np.convolve(np.concatenate([told[-spread:], told, told[:spread]]), np.ones(2 * spread + 1), "valid")
    is_open = smooth < 0.35 * smooth.max()
    if not is_open.any() or is_open.all():
        return float(angles[0, int(smooth.argmin())])
    start = int(np.argmin(is_open))
    turned = np.roll(is_open, -start).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], turned, [0]])))
    begins, ends = edges[::2], edges[1::2]
    widest = int((ends - begins).argmax())
    return float(((begins[widest] + ends[widest]) / 2 + start) % count * (2 * math.pi / count))


def _upright(ink: Array) -> Array:
    points = np.argwhere(ink > 0.35)[:, ::-1].astype(np.float32)
    turn = 0.0
    if len(points) >= 20:
        _, _, turn = cv2.minAreaRect(points.reshape(-1, 1, 2))
        turn = turn - 90 if turn > 45 else turn
        turn = turn + 90 if turn < -45 else turn
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1)
    level = cv2.warpAffine(ink, matrix, (width, height))
    return np.clip(255 - 255 * level, 0, 255).astype(np.uint8)
