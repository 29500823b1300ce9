"""S08 日期缺失: a place for a day was left empty.

Traps: a day may stand under a seal, be written by hand, or stand beside the hand; a place that forms give no day to is
not asked for one. On a page whose template draws days, those boxes are looked at, and no label.
"""

from collections.abc import Iterator, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.drawn import missing_in, named
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import Told, Words, office_seals, scanned_form
from anjuan.core.reading.blanks import place_of_day
from anjuan.core.reading.marks import Presence, is_at
from anjuan.core.reading.pages import Box
from anjuan.core.reading.templates import BoxKind, LaidBox

_NAMES = {"AGENCY": ("经办机构", "the agency"), "UNIT": ("单位", "the employer")}
_WRITTEN = 0.045  # of the page's width: what figures by hand take at least
_SIGN = 0.03  # of the page's width: ink no wider may be the sign of 年月日 that was not read
_FIGURES = 3  # in the words of a seal: what may be a day, or what is left of one; a single one is a slip of reading
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
    unread = [one for one in page.said.days if one.read.day is None and not one.read.is_unclear]
    blanks = [(one, _ink_at(page, place_of_day(one.read), _SIGN if one.read.is_part else 0.0)) for one in unread]
    blanks = [(one, ink) for one, ink in blanks if ink is not Presence.PRESENT]  # written by hand
    for one, ink in blanks:
        words = (f"“{one.label or '年月日'}”处未填日期", f"no day is written at {one.label or 'the place for one'}")
        is_sure = ink is Presence.ABSENT and (bool(one.label) or one.read.box[1] > _LOWER)
        yield page.says(Outcome.FAIL if is_sure else Outcome.UNSURE, words, boxes=[one.read.box])
    for place in page.said.parties:
        if place.role not in _NAMES or any(is_at(one.read.box, place.box) for one in page.said.days):
            continue
        zh, en = _NAMES[place.role]
        is_used = any(is_at(mark.box, place.box, 0.02) for mark in office_seals(page))
        others = [one for one in page.said.days if one.read.day and one.read.box[1] > _LOWER]
        outcome = Outcome.FAIL if is_used and page.is_legible and not _may_hide(page, place.box) else Outcome.UNSURE
        if is_used or others:
            yield page.says(
                outcome, (f"{zh}意见栏未见日期", f"no day is to be seen at {en}'s place"), boxes=[place.box]
            )
    if not blanks and page.said.days:
        yield page.passes()


def _ink_at(page: Told, place: Box, least: float = 0.0) -> Presence:
    """Whether ink that no word was read from stands in a place for a day; less than a day takes may be a sign."""
    marks = [mark for mark in page.said.traces if is_at(mark.box, place) and mark.box[2] > least]
    if any(mark.presence is Presence.PRESENT and mark.box[2] >= _WRITTEN for mark in marks):
        return Presence.PRESENT
    return Presence.UNSURE if marks else Presence.ABSENT


def _may_hide(page: Told, place: Box) -> bool:
    """Whether a day may stand there unread: as ink, in the words of a seal, or beneath one that cannot be lifted off.

    Red ink is lifted off before the words are read, and what stays dark there is kept as a trace.
    """
    marks = [mark for mark in office_seals(page) if is_at(mark.box, place, 0.02)]
    is_covered = any(not mark.is_red or sum(map(str.isdigit, mark.words)) >= _FIGURES for mark in marks)
    return is_covered or _ink_at(page, place) is not Presence.ABSENT


DETECTOR = Detector("S08", Scope.PAGE, _judge, version=2)
