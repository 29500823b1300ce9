"""Files by the material they are: what an item has of its list, and what a form's template is laid over."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.db.models import F, Sum

from anjuan.core.terms import Actor
from anjuan.records.models import Component
from anjuan.records.queries import items_visible_to
from anjuan.records.rows import ComponentRow, component_row


def files_of_material(
    step_code: str, material_code: str, mimes: Collection[str], after: int, limit: int
) -> list[tuple[int, str, str]]:
    """The next present files of a step's material after one: key, item and SHA-512; one query, rights not judged."""
    rows = Component.objects.filter(
        pk__gt=after, superseded_at=None, material_code=material_code, mime__in=mimes, item__step_code=step_code
    )
    return list(rows.order_by("pk").values_list("pk", "item__urn", "sha512")[:limit])


def count_pages_of_material(step_code: str, material_code: str, mimes: Collection[str]) -> int:
    """How many pages the present files of a step's material have; one query. Rights are not judged."""
    rows = Component.objects.filter(
        superseded_at=None, material_code=material_code, mime__in=mimes, item__step_code=step_code
    )
    return rows.aggregate(count=Sum("page_count"))["count"] or 0


def newest_files_of(
    actor: Actor, step_code: str, material_code: str, mimes: Collection[str], limit: int
) -> list[ComponentRow]:
    """The newest files of a step's material that the actor may see; one query."""
    rows = Component.objects.filter(
        superseded_at=None,
        material_code=material_code,
        mime__in=mimes,
        item__in=items_visible_to(actor).filter(step_code=step_code),
    ).annotate(item_urn=F("item__urn"))
    return [component_row(row, row.item_urn) for row in rows.order_by("-pk")[:limit]]


def material_codes_of(item_urns: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Which materials of their lists items have pages of, by item URN; one query."""
    found: dict[str, set[str]] = {urn: set() for urn in item_urns}
    rows = Component.objects.filter(item__urn__in=item_urns, superseded_at=None)
    for urn, code in rows.values_list("item__urn", "material_code").distinct():
        found[urn].add(code)
    return {urn: frozenset(codes) for urn, codes in found.items()}


def captured_at(component_pk: int) -> dt.datetime:
    """When a component was captured; rights not judged."""
    return Component.objects.values_list("captured_at", flat=True).get(pk=component_pk)
