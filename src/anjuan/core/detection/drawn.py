"""Pages on which a form template lies: what stands in its boxes, and what is required there and missing.

What detectors of seals, hands, days and fields have in common where an office has drawn the form.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import ItemFacts
from anjuan.core.detection.frame import Verdict
from anjuan.core.detection.told import Told, Words, told_of
from anjuan.core.reading.laying import holds_name, is_empty_day
from anjuan.core.reading.marks import Presence, SealMark, SealSize, placed, presence
from anjuan.core.reading.templates import BoxKind, Laid, LaidBox
from anjuan.core.reading.words import bare

_OFFICE_REACH_MM = 12.0  # 待核实: so far beside its box the middle of an office's seal may lie
_NAME_REACH_MM = 8.0  # 待核实: and of a person's


def drawn_pages(item: ItemFacts) -> list[tuple[Told, Laid]]:
    """The item's scanned pages on which a template lies, of whatever material."""
    return [(page, page.said.laid) for page in told_of(item) if page.said.laid is not None and page.file.is_scan]


def seals_in_boxes(page: Told, laid: Laid) -> dict[int, SealMark]:
    """Which seal stands in which box, by the box's number; each seal in one box only.

    Boxes to sign take part, so that the reviewer's name seal never stands for the handler's.
    """
    places = {
        str(number): (one.box, SealSize.OFFICE if one.form.is_office_seal else SealSize.PERSON)
        for number, one in enumerate(laid.boxes)
        if one.form.kind in (BoxKind.SEAL, BoxKind.SIGN)
    }
    width, height = page.size_mm()
    found: dict[int, SealMark] = {}
    for size, reach in ((SealSize.OFFICE, _OFFICE_REACH_MM), (SealSize.PERSON, _NAME_REACH_MM)):
        some = {name: place for name, place in places.items() if place[1] is size}
        marks = placed(page.said.seals, some, width_mm=width, height_mm=height, reach_mm=reach)
        found |= {int(name): mark for name, mark in marks.items()}
    return found


def standing(page: Told, laid: Laid) -> list[tuple[LaidBox, Presence]]:
    """For each box of the template whether what belongs there is there.

    A box that could not be looked at for ink, or in which something stands that was not made out, is unsure.
    """
    sealed = seals_in_boxes(page, laid)
    return [(one, _state(one, presence(sealed.get(number)))) for number, one in enumerate(laid.boxes)]


def missing_in(
    item: ItemFacts,
    concerns: Callable[[LaidBox], bool],
    words: Callable[[Sequence[LaidBox]], Words],
    *,
    spared: Callable[[Told, LaidBox], bool] = lambda _page, _one: False,
) -> Iterator[Verdict]:
    """For each drawn page with required boxes of some sort: whether one of them is empty.

    Args:
        item: its facts.
        concerns: which boxes.
        words: what is said of those that are empty.
        spared: whether an empty box is left to a person, for what belongs there may stand elsewhere.
    """
    for page, laid in drawn_pages(item):
        asked = [(one, state) for one, state in standing(page, laid) if one.form.is_required and concerns(one)]
        if not asked:
            continue
        absent = [one for one, state in asked if state is Presence.ABSENT and not spared(page, one)]
        unsure = [one for one, state in asked if state is not Presence.PRESENT and one not in absent]
        if absent:
            yield page.says(Outcome.FAIL, words(absent), boxes=[one.box for one in absent])
        elif unsure:
            yield page.says(Outcome.UNSURE, words(unsure), score=0.5, boxes=[one.box for one in unsure])
        else:
            yield page.passes()


def is_drawn(pages: Iterable[Told], concerns: Callable[[LaidBox], bool]) -> bool:
    """Whether a template of one of these pages requires such a box: then no label is asked any more."""
    return any(
        one.form.is_required and concerns(one)
        for page in pages
        if page.said.laid is not None
        for one in page.said.laid.boxes
    )


def named(boxes: Sequence[LaidBox]) -> tuple[str, str]:
    """What empty boxes are called, in Chinese and English."""
    names: Mapping[str, None] = dict.fromkeys(f"“{one.form.label or one.form.name}”" for one in boxes)
    return "、".join(names), ", ".join(name.strip("“”") for name in names)


def field_boxes(page: Told, *names: str) -> list[LaidBox]:
    """Boxes of fields that a template draws on this page."""
    return page.said.laid.of(BoxKind.FIELD, *names) if page.said.laid is not None else []


def _state(one: LaidBox, sealed: Presence) -> Presence:
    if one.form.is_office_seal:
        return sealed
    ink = one.ink.presence if one.ink is not None else Presence.UNSURE
    match one.form.kind:
        case BoxKind.SEAL | BoxKind.SIGN:
            if sealed is Presence.PRESENT or holds_name(one) or ink is Presence.PRESENT:
                return Presence.PRESENT
            return Presence.UNSURE if Presence.UNSURE in (sealed, ink) else Presence.ABSENT
        case BoxKind.DAY:
            if one.day is not None:
                return Presence.PRESENT
            return Presence.ABSENT if is_empty_day(one) else Presence.UNSURE
        case BoxKind.FIELD:
            if bare(one.words):
                return Presence.PRESENT
            return Presence.ABSENT if ink is Presence.ABSENT else Presence.UNSURE  # written, and not made out
    raise AssertionError(one.form.kind)
