"""What lines and edges of a page say: how far it is turned askew, how sharp it is, whether the scanner drew on it."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_MOST_SKEW = 8.0
_COARSE, _FINE = 0.5, 0.1
_ROUGH_PX, _PROFILE_PX = 560, 880  # the longer side of what is turned to and fro, first and last
_STRIPE = 10  # of 255: fainter lines nobody sees
_STRIPE_PIECES = 24
_EDGES = 400  # pixels of one direction, else it says nothing


def skew(ink: Array) -> tuple[float, float]:
    """Degrees by which lines fall to the right, and how surely: the turn at which rows are fullest and emptiest.

    Lines of writing, and ruled lines either way, all count; a page without any has no sure skew.
    """
    small = _shrunk(ink, _ROUGH_PX)
    if (small > 40).mean() < 0.0008:
        return 0.0, 0.0
    coarse = np.arange(-_MOST_SKEW, _MOST_SKEW + 0.01, _COARSE)
    found = []
    for is_upright, picture in ((True, small), (False, np.ascontiguousarray(small.T))):
        scores = np.array([_peaks(picture, angle) for angle in coarse])
        found.append(
            (float(scores.max() / max(1e-9, float(np.median(scores)))), float(coarse[scores.argmax()]), is_upright)
        )
    strength, best, is_upright = max(found)
    large = _shrunk(ink, _PROFILE_PX)
    picture = large if is_upright else np.ascontiguousarray(large.T)
    fine = np.arange(best - _COARSE, best + _COARSE + 0.001, _FINE)
    angle = float(fine[int(np.argmax([_peaks(picture, one) for one in fine]))])
    return angle if is_upright else -angle, float(np.clip(strength - 1.15, 0.0, 1.0))


def _shrunk(ink: Array, longest: int) -> Array:
    factor = min(1.0, longest / max(ink.shape))
    return cv2.resize(ink * 255, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _peaks(picture: Array, angle: float) -> float:
    """How unlike neighbouring rows are once the picture is sheared by an angle: a shear is a small turn, and cheap."""
    height, width = picture.shape
    rise = np.tan(np.radians(angle))
    matrix = np.array([[1, 0, 0], [-rise, 1, rise * width / 2]], np.float64)
    sheared = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_NEAREST)
    rows = cv2.reduce(sheared, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel().astype(np.float64)
    return float((np.diff(rows) ** 2).sum())


def sharpness(grey: Array, drop: Array, least: int, within: Array | None) -> float:
    """Steepness of edges against the contrast that they cross: the 85th percentile, in the direction that is softer.

    A crisp edge rises within a pixel or two, whatever its contrast; much or little writing does not matter. A page that
    moved is blurred one way only: rules along that way stay crisp.

    Args:
        grey: the page.
        drop: how much darker than its paper each pixel is.
        least: contrast below which there is no edge.
        within: where to look; everywhere if none.
    """
    near = drop >= least
    if within is not None:
        near &= within > 0
    if near.sum() < 60:
        return 0.0
    window = np.ones((9, 9), np.uint8)
    span = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window))
    across = cv2.Sobel(grey, cv2.CV_16S, 1, 0, ksize=3, scale=1)
    down = cv2.Sobel(grey, cv2.CV_16S, 0, 1, ksize=3, scale=1)
    edges = near & (span >= least)
    if edges.sum() < 60:
        return 0.0
    rise, fall = np.abs(across[edges]).astype(np.float32), np.abs(down[edges]).astype(np.float32)
    steep = np.hypot(rise, fall) / 8 / span[edges]
    ways = [steep[rise > 2 * fall], steep[fall > 2 * rise]]
    enough = [way for way in ways if len(way) > _EDGES]
    return min(float(np.percentile(way, 85)) for way in enough or [steep])


def stripes(grey: Array) -> tuple[float, ...]:
    """Lines of one to three pixels from the upper edge to the lower, as a dirty scanner draws them (扫描条纹).

    The frame of a form ends before the edge; a speck on the glass draws through all of it.
    """
    flat = grey.astype(np.int16)
    left, right = np.roll(flat, 4, axis=1), np.roll(flat, -4, axis=1)
    # Against both sides, else the paper beside a dark line would count as a light one.
    darker = np.maximum(np.minimum(left, right) - flat, 0) - np.maximum(flat - np.maximum(left, right), 0)
    height = grey.shape[0]
    pieces = np.stack(
        [
            np.median(darker[height * n // _STRIPE_PIECES : height * (n + 1) // _STRIPE_PIECES : 3], axis=0)
            for n in range(_STRIPE_PIECES)
        ]
    )
    through = (np.abs(pieces) >= _STRIPE) & (np.sign(pieces) == np.sign(np.median(pieces, axis=0)))
    ends = through[0] & through[-1]
    columns = np.flatnonzero((through.mean(axis=0) >= 0.9) & ends)
    columns = columns[(columns > 8) & (columns < grey.shape[1] - 8)]
    found: list[int] = []
    for column in columns:
        if not found or column - found[-1] > 6:
            found.append(int(column))
    return tuple(round(column / grey.shape[1], 4) for column in found[:8])
