"""What an index of words walks through (检索取数): columns, and no object for each row; rights not judged."""

from collections.abc import Sequence

from anjuan.records.models import Item
from anjuan.records.rows import WordedRow


def worded_items(pks: Sequence[int]) -> list[WordedRow]:
    """Items by their keys, in order, as far as an index of words wants them."""
    rows = Item.objects.filter(pk__in=pks).order_by("id")
    own = ("pk", "urn", "reference_code", "acceptance_no", "title", "step_code")
    labels = ("category__code", "agency__code", "agency__path", "insurance_line", "year", "formed_date")
    found = rows.values_list(*own, *labels, "state", "secrecy")
    return [WordedRow(pk, urn, code or "", *rest) for pk, urn, code, *rest in found]
