"""The order of an item's files, and how their pages are turned: what the screen shows, never what the store holds."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import F

from anjuan.core.refusals import Refusal
from anjuan.records.models import Component


def order_components(*, item_urn: str, component_pks: Sequence[int]) -> None:
    """Put an item's present files in this order (页序调整); their places run from 1.

    Raises:
        L-001: they are not exactly the files that lie there: somebody captured or took one out meanwhile.
    """
    present = Component.objects.filter(item__urn=item_urn, superseded_at=None)
    if sorted(present.values_list("pk", flat=True)) != sorted(component_pks):
        raise Refusal("L-001", reference=item_urn)
    # Two files may never share a place, not even between two statements: first they all step aside.
    present.update(ordinal=-F("ordinal"))
    places = {pk: place for place, pk in enumerate(component_pks, 1)}
    rows = list(present)
    for row in rows:
        row.ordinal = places[row.pk]
    Component.objects.bulk_update(rows, ["ordinal"], batch_size=200)


def turn_page(*, pk: int, page_no: int, degrees: int, at: dt.datetime) -> int:
    """Show a page turned from now on (旋转显示). Returns the key of the file's new row.

    The row is superseded as if the page had been scanned anew: pages never change under one address, and who looked at
    it lying on its side must look again.

    Raises:
        L-001: somebody replaced it already.
    """
    row = Component.objects.get(pk=pk)
    if Component.objects.filter(pk=pk, superseded_at=None).update(superseded_at=at) != 1:
        raise Refusal("L-001", reference=f"#{pk}")
    turns = {**row.turns, str(page_no): degrees}
    row.pk = None
    row._state.adding = True
    row.superseded_at = None
    row.turns = {page: angle for page, angle in turns.items() if angle}
    row.save(force_insert=True)
    return int(row.pk)
