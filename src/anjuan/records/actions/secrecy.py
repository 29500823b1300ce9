"""How closely an item's pages are kept (密级标识): a fact of the catalogue, which its sealed record does not repeat."""

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Secrecy
from anjuan.records.models import Item


def set_secrecy(*, urn: str, before: Secrecy, after: Secrecy) -> None:
    """Put an item under another grade, inside the deed that says why (标注密级).

    Raises:
        L-001: it has not the grade any more that was read before.
    """
    if Item.objects.filter(urn=urn, secrecy=before).update(secrecy=after) != 1:
        raise Refusal("L-001", reference=urn)
