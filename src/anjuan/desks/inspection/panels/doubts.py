"""What the machine doubts in a volume, and what was found in it before, as the judge view draws them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from anjuan.core.detection import Grade
from anjuan.core.refusals import Obstacle
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.panels import Leaf
from anjuan.facilities.assurance.queries.findings import FoundRow, Verdict
from anjuan.facilities.corrections.panels import fault_name, remedy_of
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.foundation.web.shapes import Box, Choice, Doubt, Missing

MOST_DOUBTS = 30  # drawn at once: the next ones come up as these are answered
_CHOICES = (
    Choice(Verdict.CONFIRMED, gettext_lazy("A fault")),
    Choice(Verdict.DISMISSED, gettext_lazy("No fault")),
)


def spelled(row: FoundRow) -> str:
    """The place of a finding as one part of an address."""
    return "~".join(str(part) for part in row.finding.place)


def found_at(rows: Sequence[FoundRow], place: str) -> FoundRow | None:
    """The finding at a place as `spelled` writes it."""
    return next((row for row in rows if spelled(row) == place), None)


def doubts(
    rows: Sequence[FoundRow], leaves: Sequence[Leaf], answer_url: Callable[[str], str] | None = None
) -> list[Doubt]:
    """What the machine doubts, each with its evidence and the two answers a person has.

    Args:
        rows: the findings, in the order shown.
        leaves: the volume's pages.
        answer_url: where the answer to a place is posted; none for those who may only look.
    """
    numbers = _numbers(leaves)
    slight = Counter(_kin(row) for row in rows if _is_folded(row))
    shown: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, 1):
        if _is_folded(row):
            shown.setdefault(_kin(row), number)
    found = [(number, row) for number, row in enumerate(rows, 1) if not _is_folded(row) or shown[_kin(row)] == number]
    return [
        Doubt(
            number=number,
            title=fault_name(row.fault),
            code=row.fault.code,
            text=_sentence(row, slight[_kin(row)]),
            page=numbers.get(_page(row), ""),
            choices=_CHOICES if answer_url else (),
            answer_url=answer_url(spelled(row)) if answer_url else "",
            answered=row.verdict,
            tone=_tone(row),
        )
        for number, row in found[:MOST_DOUBTS]
    ]


def earlier(sheet: queries.VolumeSheet, leaves: Sequence[Leaf], after: int = 0) -> list[Doubt]:
    """What was found in this volume before, and how it was answered; numbered on after the doubts."""
    numbers = _numbers(leaves)
    lines = []
    for number, row in enumerate(sheet.corrections, after + 1):
        said = (row.note, _("Answer: %(answer)s") % {"answer": row.answer} if row.answer else _("not answered yet"))
        lines.append(
            Doubt(
                number=number,
                title=fault_name(row.fault),
                code=row.fault.code,
                text=" · ".join(part for part in said if part),
                page=numbers.get((row.component_pk or 0, row.page_no or 0), ""),
                tone="bad" if row.is_open else "wait",
            )
        )
    return lines


def boxes(sheet: queries.VolumeSheet, rows: Sequence[FoundRow]) -> Mapping[rules.Page, tuple[Box, ...]]:
    """The boxes on the pages: of what the machine doubts, then of what people found before."""
    found: dict[rules.Page, tuple[Box, ...]] = {}
    for number, row in enumerate(rows, 1):
        for box in row.finding.boxes:
            found[_page(row)] = (
                *found.get(_page(row), ()),
                Box(*box, number=number, tone=_tone(row), words=fault_name(row.fault)),
            )
    for number, fault in enumerate(sheet.corrections, len(rows) + 1):
        if fault.box:
            page = (fault.component_pk or 0, fault.page_no or 0)
            drawn = Box(*fault.box, number=number, tone="bad" if fault.is_open else "wait", words=fault.fault.code)
            found[page] = (*found.get(page, ()), drawn)
    return found


def obstacles(rows: Sequence[FoundRow], reference: str) -> list[Missing]:
    """What of the findings stands against passing the volume, as the action would refuse it."""
    waiting = [row.fault.code for row in rows if row.must_be_answered]
    stands = sorted({row.fault.code for row in rows if row.stands})
    missing = []
    if waiting:
        said = {"reference": reference, "count": len(waiting), "codes": "、".join(sorted(set(waiting)))}
        missing.append(Missing(Obstacle("Q-009", said), "#doubts"))
    if stands:
        missing.append(Missing(Obstacle("Q-010", {"reference": reference, "codes": "、".join(stands)}), "#return"))
    return missing


def to_return(rows: Sequence[FoundRow], whole: str) -> tuple[RaisedFault, ...]:
    """Confirmed findings as faults of a return: what a person confirmed is on the list already.

    Args:
        rows: the findings.
        whole: the item that stands for the whole record.
    """
    return tuple(
        RaisedFault(
            code=row.fault.code,
            item_urn=row.finding.item_urn or whole,
            component_pk=row.finding.component_pk,
            page_no=row.finding.page_no,
            box=row.finding.boxes[0] if row.finding.boxes else None,
            note=row.finding.zh[:300],
        )
        for row in rows
        if row.is_confirmed
    )


def merged(kept: Sequence[RaisedFault], rows: Sequence[FoundRow], whole: str) -> tuple[RaisedFault, ...]:
    """The list of faults after an answer: what was put on it by hand, and what is confirmed now."""
    places = {
        (row.fault.code, row.finding.item_urn or whole, row.finding.component_pk, row.finding.page_no) for row in rows
    }
    by_hand = [one for one in kept if (one.code, one.item_urn, one.component_pk, one.page_no) not in places]
    return (*by_hand, *to_return(rows, whole))


def _is_folded(row: FoundRow) -> bool:
    """Whether it is a slight fault of a page that nobody confirmed: those of one item are shown as one."""
    return row.fault.grade is Grade.C and bool(row.finding.page_no) and not row.is_confirmed


def _kin(row: FoundRow) -> tuple[str, str]:
    return row.fault.code, row.finding.item_urn


def _sentence(row: FoundRow, pages: int) -> str:
    """Where, what, and what to do, in one sentence of the reader's language."""
    said = row.finding.zh if (get_language() or "zh").startswith("zh") else row.finding.en
    parts = [f"{row.finding.reference}{_(': ')}{said}" if said else row.finding.reference, remedy_of(row.fault)]
    if row.finding.outcome == "UNSURE":
        parts.append(_("the machine is not sure"))
    if pages > 1:
        parts.append(ngettext("%(n)s page of this item", "%(n)s pages of this item", pages) % {"n": pages})
    return " · ".join(parts)


def _tone(row: FoundRow) -> Literal["good", "wait", "bad"]:
    if row.verdict == Verdict.DISMISSED:
        return "good"
    return "wait" if row.fault.grade is Grade.C and not row.is_confirmed else "bad"


def _page(row: FoundRow) -> rules.Page:
    return row.finding.component_pk or 0, row.finding.page_no or 0


def _numbers(leaves: Sequence[Leaf]) -> Mapping[rules.Page, str]:
    """Numbers in the strip by page; of a file without a page, that of its first."""
    found = {leaf.page: leaf.number for leaf in leaves}
    for leaf in leaves:
        found.setdefault((leaf.page[0], 0), leaf.number)
    return found
