"""What stands in the boxes of a template that lies on a page (框内识读), and the page as detectors then see it."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from anjuan.core.reading.fields import DayPlace, FieldRead, SignPlace, labels
from anjuan.core.reading.marks import InkMark, Presence
from anjuan.core.reading.numbers import DAY_SIGNS, DayRead, days
from anjuan.core.reading.pages import Box, Line, around, part_of
from anjuan.core.reading.registering import Registered, register
from anjuan.core.reading.said import PageSaid, Signed
from anjuan.core.reading.templates import LONGEST_WORDS, Anchor, BoxKind, FormShape, Laid, LaidBox
from anjuan.core.reading.words import bare

_EDGE = 0.004  # of the page: a letter's middle may lie so far beside its box
_LEAST_RUN, _OVER, _NO_GAP = 6, 4, 1.5  # a number of six figures and more may run over its box by four
_TRIMMED = " \t\u3000:：_()（）"
_AFTER = " \u3000:：_"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
Inks = Callable[[Sequence[tuple[Box, Sequence[Box]]]], Sequence[InkMark | None]]


@dataclass(frozen=True)
class _Run:
    """Letters of one line that stand in a box."""

    text: str
    box: Box
    sure: float
    middle: float


def is_this_form(shape: FormShape, text: str) -> bool:
    """Whether the words that tell this form and edition from others stand on a page (题名、表号、版次).

    Args:
        shape: the template; one without such words goes with every page.
        text: all letters of the page, as `PageSaid` has it.
    """
    flat = text.replace("\n", "")
    return all(bare(words) in flat for words in shape.telling)


def lay(shape: FormShape, *, name: str, edition: int, lines: Sequence[Line], aspect: float, inks: Inks) -> Laid | None:
    """Lay a template over a page and read what stands in its boxes (套版识读).

    Args:
        shape: the edition's.
        name: of the template.
        edition: its number.
        lines: words of the upright page.
        aspect: height of the upright page by its width.
        inks: looks for ink by hand: for each box, with the boxes of the form's own print in it, what is there; None
            where it could not be looked for.

    Returns:
        None where it does not fit: the page is then judged by its labels, as one without a template.
    """
    if not is_this_form(shape, "".join(bare(line.text) for line in lines)):
        return None
    found = register(shape, lines, aspect)
    if found is None:
        return None
    slope = _slope(found, aspect)
    printed = _printed(shape, found, lines)
    places = [found.fit.carried(one.box) for one in shape.boxes]
    runs = [_runs(place, lines, printed, slope) for place in places]
    wanted = [number for number, one in enumerate(shape.boxes) if not one.is_office_seal]
    asked = [(places[number], _print_near(places[number], lines, printed)) for number in wanted]
    seen: Mapping[int, InkMark | None] = dict(zip(wanted, inks(asked), strict=True)) if wanted else {}
    boxes = []
    for number, form in enumerate(shape.boxes):
        ink = seen.get(number)
        words = "".join(run.text for run in runs[number]).strip(_TRIMMED)
        sure = min((run.sure for run in runs[number]), default=0.0)
        at = around([run.box for run in runs[number]]) if runs[number] else places[number]
        day = None
        if form.kind is BoxKind.DAY:
            read = next(
                (one for run in runs[number] for one in days(Line(run.text, run.box, run.sure)) if one.day), None
            )
            day = read.day if read else None
        boxes.append(LaidBox(form, places[number], words, sure, at, ink, day))
    return Laid(name, edition, found.fit, tuple(boxes))


def lay_over(said: PageSaid, laid: Laid) -> PageSaid:
    """What a page says, with what the template knows in place of what labels let guess.

    Where the template draws places to sign, or days, its boxes stand for all; a field that it draws takes the place of
    every field of that name. Places of parties stay: they hold days beside the seal, and a seal's box does not.
    """
    drawn = {one.form.name for one in laid.of(BoxKind.FIELD)}
    fields = tuple(
        FieldRead(one.form.name, one.form.label or one.form.name, one.words, one.at, one.sure)
        for one in laid.of(BoxKind.FIELD)
    ) + tuple(one for one in said.fields if one.name not in drawn)
    signing = [one for one in laid.boxes if one.form.kind is BoxKind.SIGN or _is_name_seal(one)]
    signs = tuple(Signed(SignPlace(one.form.name, one.form.label, one.box, one.words), one.ink) for one in signing)
    dated = laid.of(BoxKind.DAY)
    days_ = tuple(
        DayPlace(
            one.form.name, one.form.label, DayRead(one.day, one.at, one.day is None and not is_empty_day(one), one.sure)
        )
        for one in dated
    )
    return replace(
        said,
        fields=fields,
        signs=signs if signing else said.signs,
        days=days_ if dated else said.days,
        laid=laid,
    )


def possible_anchors(lines: Sequence[Line]) -> list[Anchor]:
    """Words of a sample page that may serve as anchors (可选定位词): labels without their values, whole short lines.

    What was filled in is not told from print on a sample that bears it; whoever draws leaves that out.
    """
    found = labels(lines)
    labelled = {one.line for one in found}
    offered = []
    for one in found:
        line = lines[one.line]
        words = line.text[one.start : one.end].strip(_AFTER)
        if words:
            offered.append(Anchor(words, part_of(line, one.start, one.start + len(words))))
    offered += [
        Anchor(line.text.strip(), line.box)
        for number, line in enumerate(lines)
        if number not in labelled and len(bare(line.text)) >= 2 and len(line.text.strip()) <= LONGEST_WORDS
    ]
    return sorted((one for one in offered if bare(one.words)), key=lambda one: (round(one.box[1], 2), one.box[0]))


def is_empty_day(one: LaidBox) -> bool:
    """Whether nothing was written in a day's box, as far as was looked."""
    written = "".join(sign for sign in bare(one.words) if sign not in DAY_SIGNS)
    return not written and one.ink is not None and one.ink.presence is Presence.ABSENT


def holds_name(one: LaidBox) -> bool:
    """Whether a name was read in a box: two Chinese letters at least."""
    return len(_CHINESE.findall(bare(one.words))) >= 2


def _is_name_seal(one: LaidBox) -> bool:
    return one.form.kind is BoxKind.SEAL and not one.form.is_office_seal


def _slope(found: Registered, aspect: float) -> float:
    """How much lines fall, in parts of the page's height for each part of its width."""
    a, _, _, d, _, _ = found.fit.matrix
    return d / a if a else 0.0


def _printed(shape: FormShape, found: Registered, lines: Sequence[Line]) -> dict[int, set[int]]:
    """Letters that the form itself prints, by line: the anchors that were found."""
    printed: dict[int, set[int]] = {}
    for place in found.words.values():
        printed.setdefault(place.line, set()).update(range(place.start, place.end))
    return printed


def _runs(place: Box, lines: Sequence[Line], printed: Mapping[int, set[int]], slope: float) -> list[_Run]:
    """What was read within a box, line by line from top to bottom."""
    found = []
    x, y, width, height = place
    for number, line in enumerate(lines):
        if line.right < x - _EDGE or line.box[0] > x + width + _EDGE:
            continue
        centre = line.box[0] + line.box[2] / 2
        inside = []
        for letter in range(len(line.text)):
            if letter in printed.get(number, ()):
                continue
            box = part_of(line, letter, letter + 1)
            at = box[0] + box[2] / 2
            down = line.middle + (at - centre) * slope
            if x - _EDGE <= at <= x + width + _EDGE and y <= down <= y + height:
                inside.append(letter)
        for _, group in groupby(enumerate(inside), key=lambda pair: pair[1] - pair[0]):
            run = _whole([letter for _, letter in group], line, printed.get(number, set()))
            text = line.text[run[0] : run[-1] + 1]
            if bare(text):
                box = part_of(line, run[0], run[-1] + 1)
                down = line.middle + (box[0] + box[2] / 2 - centre) * slope
                found.append(_Run(text, (box[0], down - line.box[3] / 2, box[2], line.box[3]), line.sure, down))
    found.sort(key=lambda run: (round(run.middle / max(0.01, height / 4)), run.box[0]))
    return found


def _whole(run: list[int], line: Line, printed: Collection[int]) -> list[int]:
    """Letters in a box with those that run over its edge: as near to the last as the others are to one another."""
    if len(run) < _LEAST_RUN:
        return run
    spots = {
        letter: _spot(line, letter)
        for letter in range(max(0, run[0] - _OVER), min(len(line.text), run[-1] + _OVER + 1))
    }
    steps = sorted(spots[after] - spots[before] for before, after in pairwise(run))
    furthest = _NO_GAP * steps[len(steps) // 2]
    whole = list(run)
    for step in (1, -1):
        for _ in range(_OVER):
            last = whole[-1] if step > 0 else whole[0]
            following = last + step
            if following not in spots or following in printed or not bare(line.text[following]):
                break
            if abs(spots[following] - spots[last]) > furthest:
                break
            whole = [*whole, following] if step > 0 else [following, *whole]
    return whole


def _spot(line: Line, letter: int) -> float:
    box = part_of(line, letter, letter + 1)
    return box[0] + box[2] / 2


def _print_near(place: Box, lines: Sequence[Line], printed: Mapping[int, set[int]]) -> list[Box]:
    """Boxes of the form's own print in and about a box: anchors, labels, and 年月日 waiting for their figures."""
    found = []
    labelled: dict[int, set[int]] = {number: set(letters) for number, letters in printed.items()}
    for label in labels(lines):
        labelled.setdefault(label.line, set()).update(range(label.start, label.end))
    for number, line in enumerate(lines):
        if line.bottom < place[1] or line.box[1] > place[1] + place[3]:
            continue
        letters = labelled.get(number, set()) | {at for at, sign in enumerate(line.text) if sign in DAY_SIGNS}
        for _, group in groupby(enumerate(sorted(letters)), key=lambda pair: pair[1] - pair[0]):
            run = [letter for _, letter in group if letter < len(line.text)]
            if not run:
                continue
            box = part_of(line, run[0], run[-1] + 1)
            if box[0] < place[0] + place[2] and box[0] + box[2] > place[0]:
                found.append(box)
    return found
