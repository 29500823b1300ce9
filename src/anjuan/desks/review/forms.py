from collections.abc import Sequence

from django import forms

from anjuan.desks.review.rules import Page
from anjuan.facilities.corrections.rules import RaisedFault

NOWHERE = -1  # no component: the page is not one of this record
EDGES = ("box_x", "box_y", "box_w", "box_h")


class ReturnForm(forms.Form):
    """What the judge view posts when a record is returned; what may be kept is judged by the action."""

    fault = forms.CharField(required=False, max_length=12)
    page = forms.IntegerField(required=False, min_value=1)
    note = forms.CharField(required=False, max_length=2000)
    box_x = forms.FloatField(required=False)
    box_y = forms.FloatField(required=False)
    box_w = forms.FloatField(required=False)
    box_h = forms.FloatField(required=False)

    def fault_on(self, urn: str, pages: Sequence[Page]) -> RaisedFault:
        """The fault with its place: the number of the page in the strip says component and page."""
        typed = self.cleaned_data
        number: int | None = typed.get("page")
        component_pk: int | None = None
        page_no: int | None = None
        if number:
            component_pk, page_no = pages[number - 1] if number <= len(pages) else (NOWHERE, number)
        edges = [typed.get(edge) for edge in EDGES]
        box = None
        if number and all(edge is not None for edge in edges):
            box = (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))  # type: ignore[arg-type]
        return RaisedFault(
            code=typed.get("fault", ""),
            item_urn=urn,
            component_pk=component_pk,
            page_no=page_no,
            box=box,
            note=typed.get("note", "").strip(),
        )


def read_count(typed: str) -> int | None:
    """A number of pages as typed; none where nothing readable stands there."""
    digits = typed.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None
