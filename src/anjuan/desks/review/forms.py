from collections.abc import Sequence

from django import forms

from anjuan.desks.review.rules import Page
from anjuan.facilities.corrections.rules import RaisedFault

EDGES = ("box_x", "box_y", "box_w", "box_h")


class ReturnForm(forms.Form):
    """What the judge view posts when a record is returned; what may be kept is judged by the action."""

    fault = forms.CharField(required=False, max_length=12)
    page = forms.IntegerField(required=False, min_value=1)
    component = forms.IntegerField(required=False, min_value=1)
    note = forms.CharField(required=False, max_length=2000)
    box_x = forms.FloatField(required=False)
    box_y = forms.FloatField(required=False)
    box_w = forms.FloatField(required=False)
    box_h = forms.FloatField(required=False)

    def fault_on(self, urn: str, pages: Sequence[Page]) -> RaisedFault:
        """The fault with its place: the number of the page in the strip says component and page."""
        typed = self.cleaned_data
        number, component_pk, page_no = typed.get("page"), typed.get("component"), None
        if number:
            component_pk, page_no = pages[number - 1] if number <= len(pages) else (component_pk or 0, number)
        edges = [typed.get(edge) for edge in EDGES]
        box = None
        if number and all(edge is not None for edge in edges):
            box = (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))  # type: ignore[arg-type]
        return RaisedFault(
            code=typed.get("fault", ""),
            item_urn=urn,
            component_pk=component_pk if number else None,
            page_no=page_no,
            box=box,
            note=typed.get("note", "").strip(),
        )
