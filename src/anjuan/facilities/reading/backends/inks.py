"""Inks told apart by colour (墨色分离): how much a page is redder than its own paper, and how much darker.

All is relative to the paper of the page: what scanners and old sheets do to colours falls out. Red, orange, purple-red
and dark red pads all take green light and leave red; black takes both alike, blue takes red first.
"""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

WORK_DPI = 100
_MOST_PIXELS = 3_000_000  # of the copy that is looked at: a plan of two metres is seen coarsely, in bounded time
_PAPER_MM = 64.0  # wider than any seal, so that a seal of solid ink is never taken for paper
_COARSE = 8
_MOST_TINT = 0.35  # no paper is as red as that: on a red page red ink is not told
_SOFT_MM = 0.22  # fringes of a scanner's colours, red on one side of a stroke and green on the other, cancel out


@dataclass(frozen=True)
class Inks:
    """A page as inks on paper; arrays are of the copy, 0 to 1.

    Attributes:
        red: how much more green than red light is taken: ink of seals.
        dark: how much light of every colour is taken: print, black pens, photocopies.
        per_mm: pixels of the copy a millimetre.
        grain: how far ``red`` strays on bare paper.
    """

    red: Array
    dark: Array
    per_mm: float
    grain: float


def copy_of(page: Array, dpi: float, work_dpi: float = WORK_DPI) -> tuple[Array, float]:
    """A smaller copy in RGB, and its pixels a millimetre. Grey pages and pages with a mask are taken too."""
    if page.ndim == 2:
        page = cv2.cvtColor(page, cv2.COLOR_GRAY2RGB)
    elif page.shape[2] == 4:
        page = cv2.cvtColor(page, cv2.COLOR_RGBA2RGB)
    height, width = page.shape[:2]
    scale = min(1.0, work_dpi / max(dpi, 1.0), math.sqrt(_MOST_PIXELS / max(1, height * width)))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        page = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    return page, max(dpi, 1.0) * scale / 25.4


def separated(page: Array, dpi: float, work_dpi: float = WORK_DPI) -> Inks:
    """Tell inks apart.

    Args:
        page: RGB or grey, 8 bits.
        dpi: of the page.
        work_dpi: of the copy that is looked at.
    """
    copy, per_mm = copy_of(page, dpi, work_dpi)
    soft = cv2.GaussianBlur(copy, (0, 0), max(0.3, _SOFT_MM * per_mm)).astype(np.float32)
    paper = np.maximum(_paper(copy, per_mm), 24.0)
    light = soft / paper
    first, second, third = cv2.split(light)
    red = first - second
    # The commonest colour is paper's, whatever the light: its own leaning is taken off.
    bare = red[:: max(1, red.shape[0] // 300), :: max(1, red.shape[1] // 300)]
    middle = float(np.median(bare))
    grain = float(np.median(np.abs(bare - middle))) * 1.48
    tint = np.median(paper[::8, ::8].reshape(-1, 3), axis=0)
    if tint[0] - tint[1] > _MOST_TINT * tint[0]:
        red = np.zeros_like(red)
        middle = grain = 0.0
    dark = 1.0 - cv2.max(cv2.max(first, second), third)
    return Inks(np.clip(red - middle, -1, 1), np.clip(dark, 0, 1), per_mm, grain)


def _paper(copy: Array, per_mm: float) -> Array:
    """The light that bare paper gives at each place: the brightest about it, smoothed."""
    height, width = copy.shape[:2]
    size = (max(1, width // _COARSE), max(1, height // _COARSE))
    small = cv2.resize(copy, size, interpolation=cv2.INTER_AREA)
    side = max(3, round(_PAPER_MM * per_mm / _COARSE) | 1)
    small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8), borderType=cv2.BORDER_REPLICATE)
    small = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 3)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
