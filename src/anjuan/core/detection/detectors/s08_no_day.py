"""S08 日期缺失: a place for a day was left empty.

Traps: a day may stand under a seal or beside the hand; a place that forms give no day to is not asked for one. On
a page whose template draws days, those boxes are looked at, and no label.
"""

from collections.abc import Iterator, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.drawn import missing_in, named
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import Told, Words, office_seals, scanned_form
from anjuan.core.reading.marks import is_at
from anjuan.core.reading.pages import Box
from anjuan.core.reading.templates import BoxKind, LaidBox

_NAMES = {"AGENCY": ("经办机构", "the agency"), "UNIT": ("单位", "the employer")}
_LOWER = 0.5  # of the page: days further up belong to what the form tells


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        yield from missing_in(item, lambda one: one.form.kind is BoxKind.DAY, _said)
        for page in scanned_form(item):
            if page.said.laid is None or not page.said.laid.of(BoxKind.DAY):
                yield from _of_page(page)


def _said(boxes: Sequence[LaidBox]) -> Words:
    zh, en = named(boxes)
    return f"{zh}处未填日期", f"no day is written at {en}"


def _of_page(page: Told) -> Iterator[Verdict]:
    blanks = [one for one in page.said.days if one.read.day is None and not one.read.is_unclear]
    for one in blanks:
        words = (f"“{one.label or '年月日'}”处未填日期", f"no day is written at {one.label or 'the place for one'}")
        is_place = bool(one.label) or one.read.box[1] > _LOWER
        yield page.says(Outcome.FAIL if is_place else Outcome.UNSURE, words, boxes=[one.read.box])
    for place in page.said.parties:
        if place.role not in _NAMES or any(is_at(one.read.box, place.box) for one in page.said.days):
            continue
        zh, en = _NAMES[place.role]
        is_used = any(is_at(mark.box, place.box, 0.02) for mark in office_seals(page))
        others = [one for one in page.said.days if one.read.day and one.read.box[1] > _LOWER]
        outcome = Outcome.FAIL if is_used and others and not _is_hidden(page, place.box) else Outcome.UNSURE
        if is_used or others:
            yield page.says(
                outcome, (f"{zh}意见栏未见日期", f"no day is to be seen at {en}'s place"), boxes=[place.box]
            )
    if not blanks and page.said.days:
        yield page.passes()


def _is_hidden(page: Told, place: Box) -> bool:
    """Whether a seal lies where the day would stand: where days stand in the other places, or over figures.

    Where another day was read beneath a seal, this one would have been read as well.
    """
    if any(is_at(one.read.box, mark.box) for one in page.said.days if one.read.day for mark in office_seals(page)):
        return False
    marks = [mark for mark in office_seals(page) if is_at(mark.box, place, 0.02)]
    spots = [
        (
            place[0] + place[2] - other.box[0] - other.box[2] + one.read.box[0],
            _low(place) - _low(other.box) + one.read.box[1],
        )
        for other in page.said.parties
        for one in page.said.days
        if one.read.day and is_at(one.read.box, other.box)
    ]
    return any(
        any(sign.isdigit() for sign in mark.words) or any(is_at((x, y, 0.08, 0.02), mark.box) for x, y in spots)
        for mark in marks
    )


def _low(box: Box) -> float:
    return box[1] + box[3]


DETECTOR = Detector("S08", Scope.PAGE, _judge)
