"""What lies in a volume, as one person sees it (卷内可见)."""

from anjuan.core.terms import Actor
from anjuan.records.queries import items_visible_to
from anjuan.records.rows import ItemRow, item_row


def items_seen_in(actor: Actor, volume_urn: str) -> list[ItemRow]:
    """The items of a volume that an actor sees, in order; a secret one leaves a gap in the numbers, nothing else."""
    rows = items_visible_to(actor).filter(volume__urn=volume_urn).select_related("category", "agency", "volume")
    return [item_row(row) for row in rows.order_by("item_no", "id")]
