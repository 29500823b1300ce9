"""Who has a place of his own on a form, and what stands in it (意见栏、盖章处)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core.reading.fields import Label
from anjuan.core.reading.pages import Box, Line
from anjuan.core.reading.words import bare, plain

_SEALED = re.compile(r"[(（](.?章|盖.?)[)）]$")  # a letter may be lost beneath the seal
_AGENCY = re.compile(r"社会保险|社保|经办|人力资源|劳动|医疗保障|中心$|局$")
_TALLEST = 0.45  # of the page: no place is taller
_LEFT = 0.03
_ABOVE = 0.08  # where the seal is set over the name, its middle lies so far above it at most
_ROW = 0.03


@dataclass(frozen=True)
class PartyPlace:
    """The place of one who signs or seals.

    Attributes:
        role: UNIT, AGENCY, HANDLER, REVIEWER, LEADER, APPLICANT.
        label: by which it was known.
        box: as far as it reaches, as a part of the upright page.
    """

    role: str
    label: str
    box: Box


def party_places(lines: Sequence[Line], found: Sequence[Label]) -> list[PartyPlace]:
    """The places of a form, each as far as the next one."""
    heads = [(one.name, one.words, one.box, False) for one in found if one.kind == "party"]
    labelled = {one.line for one in found if one.kind in ("party", "sign")}  # 经办人（签章） is no unit's place
    for number, line in enumerate(lines):
        text = plain(line.text).rstrip(":：")
        if number not in labelled and _SEALED.search(text):
            name = bare(_SEALED.sub("", text))
            if name:
                heads.append(("AGENCY" if _AGENCY.search(name) else "UNIT", name, line.box, True))
    return [PartyPlace(role, label, _reach(box, is_set_over, heads)) for role, label, box, is_set_over in heads]


def _reach(box: Box, is_set_over: bool, heads: Sequence[tuple[str, str, Box, bool]]) -> Box:
    x, y, _, height = box
    left, top = max(0.0, x - _LEFT), max(0.0, y - (_ABOVE if is_set_over else height / 5))
    right, bottom = 1.0, min(0.98, y + _TALLEST)
    for _, _, other, _ in heads:
        if other[0] > x + _LEFT and abs(other[1] - y) < _ROW:
            right = min(right, other[0] - _LEFT / 2)
    for _, _, other, _ in heads:
        if other[1] > y + _ROW and other[0] < right and other[0] + other[2] > left:
            bottom = min(bottom, other[1])
    return left, top, right - left, bottom - top
