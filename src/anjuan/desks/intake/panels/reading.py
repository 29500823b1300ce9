"""What the machine sees on an item's pages while the paper is still in hand (前台即检)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language

from anjuan.core import detection
from anjuan.core.assurance import Outcome
from anjuan.core.detection import FaultFinding
from anjuan.facilities.assurance.queries import findings
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow


@dataclass(frozen=True)
class SeenLine:
    """One thing that the machine sees: the fault, the sentence, the remedy, and the page."""

    code: str
    name: str
    words: str
    remedy: str
    page: int
    url: str
    is_sure: bool


def seen(item: ItemRow, left: int) -> dict[str, Any]:
    """What is seen now, what is surest first, and how many pages are still to be looked at."""
    components = records.components_of([item.urn])[item.urn]
    numbers = {place: number for number, place in enumerate(records.pages_of(components), 1)}
    found = sorted(findings.found_at_counter(item), key=lambda one: (one.outcome is not Outcome.FAIL, one.code))
    return {
        "item": item,
        "reads": True,
        "left": left,
        "looked": True,
        "seen": [_line(one, item, numbers) for one in found],
    }


def _line(one: FaultFinding, item: ItemRow, numbers: dict[tuple[int, int], int]) -> SeenLine:
    is_chinese = (get_language() or "zh").startswith("zh")
    fault = detection.faults()[one.code]
    page = numbers.get((one.component_pk or 0, one.page_no or 0), 0)
    home = reverse("intake:item", kwargs={"urn": item.urn})
    return SeenLine(
        code=one.code,
        name=fault.zh if is_chinese else fault.en,
        words=one.zh if is_chinese else one.en,
        remedy=fault.remedy_zh if is_chinese else fault.remedy_en,
        page=page,
        url=f"{home}?{urlencode({'page': page})}#pages" if page else "",
        is_sure=one.outcome is Outcome.FAIL,
    )
