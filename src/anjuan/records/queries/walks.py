"""Going over all items in the order of their keys (遍历): for whoever keeps an index of them; rights not judged."""

from anjuan.records.models import Item


def items_between(after: int, upto: int) -> list[int]:
    """Items of a stretch of keys, in order: how the index is held against the records."""
    return list(Item.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk").values_list("pk", flat=True))


def newest_item() -> int:
    """The key of the item that was registered last; nought where there is none."""
    return Item.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
