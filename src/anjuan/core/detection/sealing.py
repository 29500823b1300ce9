"""Whether an office's seal stands on a main form: what the detectors of missing seals have in common."""

import re
from collections.abc import Iterator, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.drawn import is_drawn, missing_in
from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.detection.frame import Verdict
from anjuan.core.detection.told import Told, Words, office_seals, required_seals, scanned_form, seals_by_party
from anjuan.core.reading.marks import CERTAIN, OFFICE_MM, Presence, SealMark, SealSize, is_at, presence
from anjuan.core.reading.pages import Box
from anjuan.core.reading.templates import BoxKind, LaidBox
from anjuan.core.reading.words import bare, holds

_SERVICE = re.compile(r"收件|收文|受理(?!.*专用章)|录入|归档|复印|核对|作废|现金|付讫")  # stamps that no form asks for
_LARGEST_MM = 60.0  # of any seal: pieces further apart are not of one
_OFFICES = frozenset({"AGENCY", "EMPLOYER"})


def office_seal_missing(volume: VolumeFacts, party: str, role: str, words: Words) -> Iterator[Verdict]:
    """For each item whose main form must bear this party's seal and was read whole: whether it does.

    Where a template requires the seal in a box, it must stand there, on whatever material; no label is asked then.

    Args:
        volume: its facts.
        party: as material lists call it.
        role: as places of forms call it.
        words: what is said where it is missing.
    """
    for item in volume.items:
        yield from _drawn(item, role, words)
        pages = scanned_form(item)
        if is_drawn(pages, lambda one: one.form.is_office_seal and one.form.name == role):
            continue
        wanted = required_seals(item)
        if party not in wanted or not pages:
            continue
        outcome, page, boxes = _seal_of(pages, role, len(wanted & _OFFICES))
        yield (
            page.passes()
            if outcome is Outcome.PASS
            else page.says(outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.5, boxes=boxes)
        )


def _drawn(item: ItemFacts, role: str, words: Words) -> Iterator[Verdict]:
    """The same by the boxes of templates; a seal elsewhere whose words say that it is the one is left to people."""

    def said(boxes: Sequence[LaidBox]) -> Words:
        labels = "、".join(dict.fromkeys(one.form.label for one in boxes if one.form.label))
        return (f"{words[0]}（{labels}）", f"{words[1]} ({labels})") if labels else words

    yield from missing_in(
        item,
        lambda one: one.form.kind is BoxKind.SEAL and one.form.name == role,
        said,
        spared=lambda page, _one: any(_is_told(mark, role, page) for mark in office_seals(page)),
    )


def _seal_of(pages: Sequence[Told], role: str, wanted: int) -> tuple[Outcome, Told, Sequence[Box]]:
    """Whether this role's seal stands on one of the pages, the page that shows it, and the place it should stand."""
    unsure: Told | None = None
    for page in pages:
        by_party = seals_by_party(page)
        mark = by_party.get(role)
        state = presence(mark)
        if state is Presence.PRESENT or any(_is_told(one, role, page) for one in office_seals(page)):
            return Outcome.PASS, page, ()
        if state is Presence.UNSURE:
            unsure = page
    places = [(page, place.box) for page in pages for place in page.said.parties if place.role == role]
    if unsure is not None:
        return Outcome.UNSURE, unsure, [box for page, box in places if page is unsure]
    page, boxes = (places[-1][0], [places[-1][1]]) if places else (pages[-1], [])
    # A seal that stands in nobody's place may be the one that is looked for.
    marks = [(one, mark) for one in pages for mark in office_seals(one) if not _SERVICE.search(mark.words)]
    loose = [
        mark
        for one, mark in marks
        if mark not in seals_by_party(one).values()
        and mark.sure >= CERTAIN
        and not any(_is_told(mark, other, one) for other in ("AGENCY", "UNIT"))
    ]
    sealed = len(marks)
    if not places and sealed >= wanted:
        return Outcome.PASS, page, ()
    if loose:
        return Outcome.UNSURE, page, [mark.box for mark in loose]
    for one, box in places:
        if pieces := _pieces(one, box):
            return Outcome.UNSURE, one, pieces
    return Outcome.FAIL, page, boxes


def _pieces(page: Told, place: Box) -> list[Box]:
    """Red pieces in a place that may be of one office's seal, which red rules broke up; none where they are too few."""
    own = [mark for mark in page.said.seals if mark.is_red and is_at(mark.box, place, 0.02)]
    boxes = [mark.box for mark in own if mark.size is not SealSize.OFFICE]
    if len(boxes) < 2:
        return []
    width, height = page.size_mm()
    across = max(x + wide for x, _, wide, _ in boxes) - min(x for x, _, _, _ in boxes)
    down = max(y + tall for _, y, _, tall in boxes) - min(y for _, y, _, _ in boxes)
    is_large = max(across * width, down * height) >= OFFICE_MM and min(across * width, down * height) >= OFFICE_MM / 2
    return boxes if is_large and across * width <= _LARGEST_MM and down * height <= _LARGEST_MM else []


def is_agencys(mark: SealMark) -> bool:
    """Whether the words of a seal are those of an office of social insurance."""
    words = bare(mark.words)
    return any(name in words for name in ("社会保险", "社保", "经办专用", "业务专用", "审核专用"))


def _is_told(mark: SealMark, role: str, page: Told) -> bool:
    """Whether the words of a seal say that it is this role's, wherever it stands."""
    words = bare(mark.words)
    if len(words) < 4 or mark.sure < CERTAIN:
        return False
    if role == "AGENCY":
        return is_agencys(mark)
    units = [subject.name for subject in page.item.subjects if not subject.is_person]
    return not is_agencys(mark) and any(holds(words, bare(name)) > 0.7 for name in units)
