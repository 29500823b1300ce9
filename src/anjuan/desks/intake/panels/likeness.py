"""How pages that lie somewhere else as well are shown: beside the page at the counter, as a list in review."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from anjuan.desks.intake.queries import Collected
from anjuan.desks.intake.queries.likeness import Twin
from anjuan.foundation.web.panels import address
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow


@dataclass(frozen=True)
class TwinLine:
    """Another page that is the same, or may be."""

    row: Twin
    page: str
    other: str
    url: str
    is_here: bool
    apart_url: str


def lines(urn: str, components: Sequence[ComponentRow], twins: Sequence[Twin]) -> list[TwinLine]:
    """Pages with their likes, in the order of the item's pages."""
    numbers = {place: number for number, place in enumerate(records.pages_of(components), 1)}
    shown = [
        TwinLine(
            row=one,
            page=f"{numbers[one.component_pk, one.page_no]:03d}",
            other=f"{one.number:03d}",
            url=_url(one),
            is_here=one.other_urn == urn,
            apart_url="" if one.pk is None else reverse("intake:tell_apart", kwargs={"likeness": one.pk}),
        )
        for one in twins
    ]
    return sorted(shown, key=lambda line: line.page)


def beside_pages(collected: Collected, twins: Sequence[Twin], current: Any) -> dict[str, Any]:
    """What the page strip says of pages that lie elsewhere: which of them, and of the open page where."""
    found = lines(collected.item.urn, collected.components, twins)
    return {
        "alike_pages": {int(line.page) for line in found},
        "alike": [line for line in found if current is not None and int(line.page) == current.number],
    }


def _url(one: Twin) -> str:
    """The other page where he works with it; for everybody else its picture."""
    if one.is_handled:
        query = urlencode({"page": one.number})
        return f"{reverse('intake:item', kwargs={'urn': one.other_urn})}?{query}#pages"
    return address("formats:view", component=one.other_component_pk, page=one.other_page_no)
