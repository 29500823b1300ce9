"""What the machine sees on an item's pages while the paper is still in hand (前台即检)."""

from typing import Any

from django.urls import reverse

from anjuan.facilities.assurance.panels.seen import seen_on
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow


def seen(item: ItemRow, left: int) -> dict[str, Any]:
    """What is seen now, what is surest first, and how many pages are still to be looked at."""
    components = records.components_of([item.urn])[item.urn]
    home = reverse("intake:item", kwargs={"urn": item.urn})
    return {
        "item": item,
        "reads": True,
        "left": left,
        "looked": True,
        "seen": seen_on(item, components, home),
        "anchor": "#pages",
    }
