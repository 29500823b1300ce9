"""Laying a template over a page by its anchors (套版定位): printed words that stand on both, at known places.

A scan is shifted, a little larger or smaller, and turned by a degree or two. Which of the words that were read are the
anchors is not known beforehand: a word may stand on the form more than once, may be misread or cut off. So pairs of
anchors, the widest first, propose how the form lies, and the proposal by which most anchors find their word stands.

Thresholds are unconfirmed (待核实): they were set on the practice city's forms, not on an office's scans.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

from anjuan.core.reading.pages import Line, part_of
from anjuan.core.reading.templates import Anchor, Fit, FormShape
from anjuan.core.reading.words import bare, likeness

LEAST_FOUND = 3  # 待核实: anchors, wherever a template is said to fit
LEAST_SHARE = 0.6  # 待核实: of a template's anchors
NEAR_MM = 5.0  # 待核实: so far beside its place a word may stand and still be the anchor
MOST_TURN = 5.0  # degrees
LEAST_SCALE, MOST_SCALE = 0.6, 1.7  # against the page's width: a form copied smaller, a scan with wide margins
_LIKE = 0.75  # of a whole line that was read a little wrong
_PAIRS = 80  # that propose; the widest
_PLACES = 12  # of one anchor on a page that are tried
_LEAST_WIDE_MM = 40.0  # between two anchors that propose
_MOST_SHEAR = 0.05
Point = tuple[float, float]


@dataclass(frozen=True)
class WordPlace:
    """Where words of an anchor stand on a page, in millimetres of a page as wide as the sample.

    Attributes:
        x: the middle of these words.
        middle: of the whole line, down.
        beside: how far these words' middle stands beside the line's: where the page is turned, so much higher or lower.
        line: number of the line.
        start: first letter.
        end: the letter after the last.
    """

    x: float
    middle: float
    beside: float
    line: int
    start: int
    end: int

    def point(self, slope: float) -> Point:
        """Their middle, when lines run with this slope."""
        return self.x, self.middle + self.beside * slope


@dataclass(frozen=True)
class Registered:
    """How a template lies, and which words of the page are which anchors, by the anchors' numbers."""

    fit: Fit
    words: dict[int, WordPlace]


def register(shape: FormShape, lines: Sequence[Line], aspect: float) -> Registered | None:
    """How a template lies on a page (定位); none where it does not fit.

    Args:
        shape: the template.
        lines: words of the upright page.
        aspect: height of the page by its width.
    """
    scale = shape.width_mm, shape.width_mm * aspect
    known = [_middle(anchor, shape) for anchor in shape.anchors]
    places = [_places(anchor.words, lines, scale) for anchor in shape.anchors]
    wanted = len(known)
    least = max(LEAST_FOUND, math.ceil(LEAST_SHARE * wanted))
    if sum(bool(found) for found in places) < least:
        return None
    chosen = _proposed(known, places)
    if len(chosen) < least:
        return None
    moved = _fitted(known, chosen, 0.0)
    for _ in range(2):  # once lines are known to slope, words at their ends are taken for a little higher or lower
        if moved is None:
            return None
        slope = _slope(moved)
        chosen = _matched(known, places, moved, slope)
        if len(chosen) < least:
            return None
        moved = _fitted(known, chosen, slope)
    if moved is None or not _is_likely(moved):
        return None
    slope = _slope(moved)
    rest = [math.dist(_moved(moved, known[number]), place.point(slope)) for number, place in chosen.items()]
    a, b, c, d, e, f = moved
    width, height = shape.width_mm, shape.height_mm
    fit = Fit(
        matrix=(
            a * width / scale[0], b * height / scale[0], c / scale[0],
            d * width / scale[1], e * height / scale[1], f / scale[1],
        ),
        found=len(chosen),
        wanted=wanted,
        rest_mm=sum(rest) / len(rest),
        turn=math.degrees(math.atan2(d, a)),
        scale=math.hypot(a, d),
    )  # fmt: skip
    return Registered(fit, chosen)


Matrix = tuple[float, float, float, float, float, float]  # x' = a·x + b·y + c, y' = d·x + e·y + f, in millimetres


def _middle(anchor: Anchor, shape: FormShape) -> Point:
    x, y, width, height = anchor.box
    return (x + width / 2) * shape.width_mm, (y + height / 2) * shape.height_mm


def _places(words: str, lines: Sequence[Line], scale: Point) -> list[WordPlace]:
    """Everywhere these words stand; blanks and marks between their letters do not count."""
    wanted = bare(words)
    marks = [not bare(sign) for sign in words.strip()]
    before, after = _run_of(marks), _run_of(marks[::-1])  # marks about the anchor's letters, such as the last bracket
    found = []
    for number, line in enumerate(lines):
        kept = [(place, sign) for place, letter in enumerate(line.text) for sign in bare(letter)]
        text = "".join(sign for _, sign in kept)
        start = text.find(wanted)
        if start < 0 and len(wanted) >= 4 and abs(len(text) - len(wanted)) <= 2 and likeness(text, wanted) >= _LIKE:
            found.append(_place(line, number, 0, len(line.text), scale))
        while start >= 0:
            first, end = kept[start][0], kept[start + len(wanted) - 1][0] + 1
            first -= min(before, _run_of([not bare(sign) for sign in line.text[:first][::-1]]))
            end += min(after, _run_of([not bare(sign) for sign in line.text[end:]]))
            found.append(_place(line, number, first, end, scale))
            start = text.find(wanted, start + 1)
    return found[:_PLACES]


def _run_of(marks: Sequence[bool]) -> int:
    """How many stand at the beginning before the first that is none."""
    return next((number for number, is_mark in enumerate(marks) if not is_mark), len(marks))


def _place(line: Line, number: int, start: int, end: int, scale: Point) -> WordPlace:
    box = part_of(line, start, end)
    x = (box[0] + box[2] / 2) * scale[0]
    middle = (line.box[0] + line.box[2] / 2) * scale[0]
    return WordPlace(x, line.middle * scale[1], x - middle, number, start, end)


def _proposed(known: Sequence[Point], places: Sequence[Sequence[WordPlace]]) -> dict[int, WordPlace]:
    """The words that are the anchors, by the pair whose proposal most of them follow."""
    pairs = [
        (math.dist(known[one], known[other]), one, other)
        for one, other in combinations(range(len(known)), 2)
        if places[one] and places[other]
    ]
    widest = sorted((pair for pair in pairs if pair[0] >= _LEAST_WIDE_MM), key=lambda pair: -pair[0])[:_PAIRS]
    best: dict[int, WordPlace] = {}
    best_rest = math.inf
    findable = sum(bool(found) for found in places)
    for _, one, other in widest:
        for here, there in product(places[one], places[other]):
            moved = _by_two(known[one], known[other], here, there)
            if moved is None or not _is_likely(moved):
                continue
            slope = _slope(moved)
            chosen = _matched(known, places, moved, slope)
            rest = sum(math.dist(_moved(moved, known[number]), at.point(slope)) for number, at in chosen.items())
            if (len(chosen), -rest) > (len(best), -best_rest):
                best, best_rest = chosen, rest
        if len(best) == findable and best_rest < findable:  # all of them, within a millimetre each
            break
    return best


def _by_two(one: Point, other: Point, here: WordPlace, there: WordPlace) -> Matrix | None:
    """Shift, size and turn by two points; the turn once more with what it says of words within lines."""
    slope = 0.0
    moved: Matrix | None = None
    for _ in range(2):
        first, second = here.point(slope), there.point(slope)
        from_, to = complex(*other) - complex(*one), complex(*second) - complex(*first)
        if abs(from_) < 1e-9:
            return None
        turn = to / from_
        shift = complex(*first) - turn * complex(*one)
        moved = (turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag)
        if abs(turn) < 1e-9 or abs(turn.real) < 1e-9:
            return None
        slope = turn.imag / turn.real
    return moved


def _matched(
    known: Sequence[Point], places: Sequence[Sequence[WordPlace]], moved: Matrix, slope: float
) -> dict[int, WordPlace]:
    """For each anchor the word that stands where it should; a word stands for one anchor only, the nearest."""
    near = sorted(
        (distance, number, at)
        for number, point in enumerate(known)
        for at, place in enumerate(places[number])
        if (distance := math.dist(_moved(moved, point), place.point(slope))) <= NEAR_MM
    )
    chosen: dict[int, WordPlace] = {}
    taken: set[tuple[int, int]] = set()
    for _, number, at in near:
        place = places[number][at]
        if number not in chosen and (place.line, place.start) not in taken:
            chosen[number] = place
            taken.add((place.line, place.start))
    return chosen


def _fitted(known: Sequence[Point], chosen: dict[int, WordPlace], slope: float) -> Matrix | None:
    """The best fit: with its own size across and down where the anchors lie far enough apart, else with one."""
    here = [known[number] for number in chosen]
    there = [place.point(slope) for place in chosen.values()]
    if len(here) >= 4 and (moved := _affine(here, there)) is not None and _is_likely(moved):
        return moved
    return _similar(here, there)


def _similar(here: Sequence[Point], there: Sequence[Point]) -> Matrix | None:
    ones, others = [complex(*one) for one in here], [complex(*one) for one in there]
    middle, other = sum(ones) / len(ones), sum(others) / len(others)
    below = sum(abs(one - middle) ** 2 for one in ones)
    if below < 1e-6:
        return None
    turn = sum((to - other) * (one - middle).conjugate() for one, to in zip(ones, others, strict=True)) / below
    shift = other - turn * middle
    return turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag


def _affine(here: Sequence[Point], there: Sequence[Point]) -> Matrix | None:
    """Least squares; none where the points lie too near to one line to say how the form lies across it."""
    count = len(here)
    mx, my = sum(x for x, _ in here) / count, sum(y for _, y in here) / count
    xx = sum((x - mx) ** 2 for x, _ in here)
    yy = sum((y - my) ** 2 for _, y in here)
    xy = sum((x - mx) * (y - my) for x, y in here)
    half, apart = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    if math.sqrt(max(0.0, half - apart) / count) < 15.0:  # millimetres beside the line they lie along
        return None
    below = xx * yy - xy * xy
    rows = []
    for axis in (0, 1):
        mean = sum(point[axis] for point in there) / count
        ux = sum((x - mx) * (point[axis] - mean) for (x, _), point in zip(here, there, strict=True))
        uy = sum((y - my) * (point[axis] - mean) for (_, y), point in zip(here, there, strict=True))
        along, down = (ux * yy - uy * xy) / below, (uy * xx - ux * xy) / below
        rows += [along, down, mean - along * mx - down * my]
    a, b, c, d, e, f = rows
    return a, b, c, d, e, f


def _moved(moved: Matrix, point: Point) -> Point:
    a, b, c, d, e, f = moved
    return a * point[0] + b * point[1] + c, d * point[0] + e * point[1] + f


def _slope(moved: Matrix) -> float:
    return moved[3] / moved[0]


def _is_likely(moved: Matrix) -> bool:
    """Whether a scanner could have laid the page so: hardly turned, not mirrored, not drawn out of shape."""
    a, b, _, d, e, _ = moved
    if a <= 0 or e <= 0:
        return False
    across, down = math.hypot(a, d), math.hypot(b, e)
    turn, other = math.degrees(math.atan2(d, a)), math.degrees(math.atan2(-b, e))
    return (
        LEAST_SCALE <= across <= MOST_SCALE
        and abs(across / down - 1) <= 2 * _MOST_SHEAR
        and abs(turn) <= MOST_TURN
        and abs(turn - other) <= math.degrees(_MOST_SHEAR)
    )
