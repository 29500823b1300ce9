"""Files by the material they are: what a form's template is laid over and tried on."""

from collections.abc import Collection

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
