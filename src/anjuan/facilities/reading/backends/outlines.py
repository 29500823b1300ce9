"""Outlines of seals fitted to ink (印章轮廓拟合): circles, ellipses and frames, and how much of each is there.

A seal is told from other red things by its geometry: a thin closed rim of a known size, bare paper outside, and
something within. All lengths are pixels of the copy unless a name says millimetres.
"""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_TRIES = 220
_MOST_POINTS = 600
_BINS = 120  # parts of a rim that are looked at: three degrees each
_LEAST_RUN = 5  # in bins: shorter pieces of a rim are chance
_RIM_MM = 0.55


@dataclass(frozen=True)
class Outline:
    """A rim as found.

    Attributes:
        kind: ROUND, OVAL or FRAME.
        x, y: its middle.
        half_x, half_y: half its width and height, before it was turned.
        turn: degrees clockwise.
        coverage: share of the rim that is inked.
        arcs: share of it that lies in runs too long for chance.
        outside: share of ink just outside.
        inside: share of ink within the rim.
        longest: share of the rim in its longest run.
        thin: share of the rim that lies on one line, not here a little in and there a little out.
        solid: share of ink behind the rim where there is least: 1 at the edge of something solid.
    """

    kind: str
    x: float
    y: float
    half_x: float
    half_y: float
    turn: float
    coverage: float
    arcs: float
    outside: float
    inside: float
    longest: float = 1.0
    thin: float = 1.0
    solid: float = 0.0


def circle(points: Array, ink: Array, per_mm: float, least_mm: float, most_mm: float) -> Outline | None:
    """The circle that most of these points lie on, by chance triples (the same each time), then by least squares.

    Args:
        points: of outer contours, n × 2 as x, y.
        ink: the mask of ink.
        per_mm: pixels a millimetre.
        least_mm: of the radius.
        most_mm: of the radius.
    """
    if len(points) < 20:
        return None
    places = points.astype(np.float64)
    if len(places) > _MOST_POINTS:
        places = places[:: len(places) // _MOST_POINTS + 1]
    dice = np.random.default_rng(7)
    middles, radii = _through(places[dice.integers(0, len(places), (_TRIES, 3))])
    fit = (radii >= least_mm * per_mm) & (radii <= most_mm * per_mm)
    middles, radii = middles[fit], radii[fit]
    if not len(radii):
        return None
    away = np.abs(np.hypot(*(places[None] - middles[:, None]).transpose(2, 0, 1)) - radii[:, None])
    near = away < _RIM_MM * per_mm
    best = int(near.sum(axis=1).argmax())
    x, y, radius = float(middles[best, 0]), float(middles[best, 1]), float(radii[best])
    for _ in range(2):
        on_rim = places[np.abs(np.hypot(places[:, 0] - x, places[:, 1] - y) - radius) < 2 * _RIM_MM * per_mm]
        if len(on_rim) < 12:
            return None
        x, y, radius = _least_squares(on_rim)
    if not least_mm * per_mm <= radius <= most_mm * per_mm:
        return None
    return rim_of("ROUND", x, y, radius, radius, 0.0, ink, per_mm)


def _through(triples: Array) -> tuple[Array, Array]:
    """The circles through three points each; what lies on a line gets a radius that no seal has."""
    a, b, c = triples[:, 0], triples[:, 1], triples[:, 2]
    twice = 2 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    flat = np.abs(twice) < 1e-6
    twice = np.where(flat, 1.0, twice)
    ab, ac = ((b - a) ** 2).sum(axis=1), ((c - a) ** 2).sum(axis=1)
    x = ((c[:, 1] - a[:, 1]) * ab - (b[:, 1] - a[:, 1]) * ac) / twice
    y = ((b[:, 0] - a[:, 0]) * ac - (c[:, 0] - a[:, 0]) * ab) / twice
    radii = np.where(flat, -1.0, np.hypot(x, y))
    return np.stack([x, y], axis=1) + a, radii


def _least_squares(points: Array) -> tuple[float, float, float]:
    ones = np.ones(len(points))
    (a, b, c), *_ = np.linalg.lstsq(np.stack([points[:, 0], points[:, 1], ones], 1), (points**2).sum(1), rcond=None)
    return a / 2, b / 2, math.sqrt(max(0.0, c + a * a / 4 + b * b / 4))


def ellipse(points: Array, ink: Array, per_mm: float, least_mm: float, most_mm: float) -> Outline | None:
    """The ellipse about a heap of ink, from the farthest ink in each direction; strays are left out in turns.

    Args:
        points: the ink, n × 2 as x, y.
        ink: the mask of ink.
        per_mm: pixels a millimetre.
        least_mm: of the longer half axis.
        most_mm: of the longer half axis.
    """
    if len(points) < 60:
        return None
    outer = outermost(points).astype(np.float32)
    for _ in range(4):
        if len(outer) < 30:
            return None
        (x, y), (wide, tall), turn = cv2.fitEllipseAMS(outer.reshape(-1, 1, 2))
        if not (math.isfinite(x + y + wide + tall) and wide > 4 and tall > 4):
            return None
        off = _off_ellipse(outer, x, y, wide / 2, tall / 2, turn)
        outer = outer[off < max(_RIM_MM * 2 * per_mm, 1.5 * float(np.median(off)))]
    if wide < tall:
        wide, tall, turn = tall, wide, turn - 90
    turn = (turn + 90) % 180 - 90
    if not least_mm * per_mm <= wide / 2 <= most_mm * per_mm or not 1.12 <= wide / max(tall, 1) <= 2.0:
        return None
    return rim_of("OVAL", x, y, wide / 2, tall / 2, turn, ink, per_mm)


def outermost(points: Array) -> Array:
    """Of points about their middle the farthest in each direction, three degrees each."""
    places = points.astype(np.float32)
    away = places - (places.min(axis=0) + places.max(axis=0)) / 2
    bins = ((np.arctan2(away[:, 1], away[:, 0]) + math.pi) * (_BINS / (2 * math.pi))).astype(int) % _BINS
    order = np.lexsort((np.hypot(away[:, 0], away[:, 1]), bins))
    last = np.flatnonzero(np.diff(bins[order], append=_BINS))
    found: Array = points[order[last]]
    return found


def _off_ellipse(points: Array, x: float, y: float, half_x: float, half_y: float, turn: float) -> Array:
    angle = math.radians(turn)
    along = (points[:, 0] - x) * math.cos(angle) + (points[:, 1] - y) * math.sin(angle)
    across = -(points[:, 0] - x) * math.sin(angle) + (points[:, 1] - y) * math.cos(angle)
    reach = np.hypot(along / half_x, across / half_y)
    off: Array = np.abs(reach - 1) * np.hypot(along, across) / np.maximum(reach, 1e-6)
    return off


def rim_of(
    kind: str, x: float, y: float, half_x: float, half_y: float, turn: float, ink: Array, per_mm: float
) -> Outline:
    """How much of a rim is inked, what stands just outside of it and what within."""
    # Ink is looked for on the rim and a little inside: what was fitted is the outer edge.
    beside = _ON_RIM + _OUTSIDE + _INSIDE
    reach = np.concatenate([np.array(beside) * per_mm, np.zeros(len(_WITHIN))])
    part = np.concatenate([np.ones(len(beside)), np.array(_WITHIN)])
    found = _on(ink, x, y, half_x * part + reach, half_y * part + reach, turn)
    rows, outer, inner, within = np.split(found, np.cumsum([len(_ON_RIM), len(_OUTSIDE), len(_INSIDE)]))
    rim: Array = np.any(rows, axis=0)
    outside = outer[:, rim].mean() if rim.any() else 0.0
    solid = inner[:, rim].mean(axis=1).min() if rim.any() else 0.0
    arcs, longest = _in_runs(rim)
    return Outline(
        kind, x, y, half_x, half_y, turn, float(rim.mean()), arcs, float(outside),
        float(within.mean()), longest, float(rows.mean(axis=1).max()), float(solid),
    )  # fmt: skip


_ON_RIM = (-1.1, -0.75, -0.4, 0.0, 0.35)  # mm about the rim
_OUTSIDE = (1.3, 1.9, 2.6)
_INSIDE = (-1.7, -2.3, -3.0, -3.8)
_WITHIN = (0.35, 0.45, 0.55, 0.62, 0.68, 0.74, 0.8, 0.86)  # of the rim
_ANGLES = np.arange(_BINS) * (2 * math.pi / _BINS)


def _on(ink: Array, x: float, y: float, half_x: Array, half_y: Array, turn: float) -> Array:
    """Where ink stands on ellipses about one middle: a row each, a column for each direction."""
    slant = math.radians(turn)
    along, across = half_x[:, None] * np.cos(_ANGLES), half_y[:, None] * np.sin(_ANGLES)
    places = np.stack(
        [
            x + along * math.cos(slant) - across * math.sin(slant),
            y + along * math.sin(slant) + across * math.cos(slant),
        ],
        -1,
    )
    return _at(ink, places.reshape(-1, 2)).reshape(along.shape)


def _in_runs(rim: Array) -> tuple[float, float]:
    """Shares of a closed rim: what lies in runs of some length, and the longest run; gaps of one bin are bridged."""
    whole = rim | (np.roll(rim, 1) & np.roll(rim, -1))
    if whole.all():
        return 1.0, 1.0
    if not whole.any():
        return 0.0, 0.0
    start = int(np.argmin(whole))
    turned = np.roll(whole, -start).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], turned, [0]])))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= _LEAST_RUN].sum()) / len(rim), float(runs.max()) / len(rim)


def frame(points: Array, ink: Array, per_mm: float) -> Outline | None:
    """The upright or turned frame about a heap of ink, if its four sides are inked.

    Args:
        points: the ink, n × 2 as x, y.
        ink: the mask of ink.
        per_mm: pixels a millimetre.
    """
    if len(points) < 20:
        return None
    (x, y), (wide, tall), turn = cv2.minAreaRect(points.astype(np.float32).reshape(-1, 1, 2))
    if turn > 45:
        wide, tall, turn = tall, wide, turn - 90
    if min(wide, tall) < 4:
        return None
    angle = math.radians(turn)
    ways = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    halves = (wide / 2, tall / 2)
    covered, lengths, runs, beyond = [], [], [], []
    for axis in (0, 1):
        for side in (-1, 1):
            length = halves[1 - axis] * 2
            steps = np.linspace(-0.96, 0.96, max(12, round(length)))[:, None] * halves[1 - axis] * ways[1 - axis]
            rows = [
                _at(ink, np.array([x, y]) + steps + side * (halves[axis] - off * per_mm) * ways[axis])
                for off in (-0.2, 0.1, 0.4, 0.7, 1.0)
            ]
            on_side = np.any(rows, axis=0)
            covered.append(float(on_side.mean()))
            runs.append(max(float(row.mean()) for row in rows))
            lengths.append(length)
            beyond.append(
                np.mean(
                    [
                        _at(ink, np.array([x, y]) + steps + side * (halves[axis] + off * per_mm) * ways[axis]).mean()
                        for off in (1.3, 2.0)
                    ]
                )
            )
    weights = np.array(lengths) / sum(lengths)
    inside = _filled(ink, x, y, halves, ways, per_mm)
    return Outline(
        "FRAME", x, y, halves[0], halves[1], turn, float((np.array(covered) * weights).sum()),
        min(runs), float(np.mean(beyond)), inside,
    )  # fmt: skip


def _at(ink: Array, places: Array) -> Array:
    left, down = np.round(places[:, 0]).astype(int), np.round(places[:, 1]).astype(int)
    height, width = ink.shape
    on_page = (left >= 0) & (left < width) & (down >= 0) & (down < height)
    found = np.zeros(len(places), bool)
    found[on_page] = ink[down[on_page], left[on_page]] > 0
    return found


def _filled(ink: Array, x: float, y: float, halves: tuple[float, float], ways: Array, per_mm: float) -> float:
    """Share of ink within a frame, its sides left out."""
    inner = [max(1.0, half - 1.6 * per_mm) for half in halves]
    across, down = np.meshgrid(np.linspace(-inner[0], inner[0], 40), np.linspace(-inner[1], inner[1], 40))
    places = np.array([x, y]) + across.reshape(-1, 1) * ways[0] + down.reshape(-1, 1) * ways[1]
    found = _at(ink, places).reshape(40, 40)
    if found.mean() < 0.5:  # lines from side to side are ruled: a small table is no seal
        found = found[found.mean(axis=1) < 0.85][:, found.mean(axis=0) < 0.85]
    return float(found.mean()) if found.size else 0.0
