"""What the machine sees on an item's pages, in lines that the counter and the review show (机器看到的)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import get_language

from anjuan.core import detection
from anjuan.core.assurance import Outcome
from anjuan.core.detection import FaultFinding
from anjuan.facilities.assurance.queries import findings
from anjuan.foundation.web.shapes import Box
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow


@dataclass(frozen=True)
class SeenLine:
    """One thing that the machine sees: the fault, the sentence, the remedy, and the page.

    Attributes:
        page: its number in the item; 0 where it is about the whole item.
        number: by which its boxes on the page are known; 0 where it has none.
        boxes: where on the page.
    """

    code: str
    name: str
    words: str
    remedy: str
    page: int
    url: str
    is_sure: bool
    number: int = 0
    boxes: tuple[Box, ...] = ()


def seen_on(item: ItemRow, components: Sequence[ComponentRow], home: str, *, numbered_from: int = 1) -> list[SeenLine]:
    """What is seen on an item now, what is surest first; rights are judged by who asks.

    Args:
        item: which.
        components: its files, in order.
        home: the address that shows a page of it by ``?page=``.
        numbered_from: the number of the first line's boxes.
    """
    numbers = {place: number for number, place in enumerate(records.pages_of(components), 1)}
    found = sorted(findings.found_at_counter(item), key=lambda one: (one.outcome is not Outcome.FAIL, one.code))
    return [_line(one, home, numbers, number) for number, one in enumerate(found, numbered_from)]


def _line(one: FaultFinding, home: str, numbers: Mapping[tuple[int, int], int], number: int) -> SeenLine:
    is_chinese = (get_language() or "zh").startswith("zh")
    fault = detection.faults()[one.code]
    page = numbers.get((one.component_pk or 0, one.page_no or 0), 0)
    is_sure = one.outcome is Outcome.FAIL
    name = fault.zh if is_chinese else fault.en
    return SeenLine(
        code=one.code,
        name=name,
        words=one.zh if is_chinese else one.en,
        remedy=fault.remedy_zh if is_chinese else fault.remedy_en,
        page=page,
        url=f"{home}?{urlencode({'page': page})}" if page else "",
        is_sure=is_sure,
        number=number if one.boxes else 0,
        boxes=tuple(Box(*box, number=number, tone="bad" if is_sure else "wait", words=name) for box in one.boxes),
    )
