from collections.abc import Sequence

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.desks.intake.actions import likeness as deeds
from anjuan.desks.intake.queries import likeness
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

router = Router(tags=["intake"])


class TwinOut(Schema):
    """A page of an item and where it lies besides; ``pk`` is what may be told apart, none where the bytes agree."""

    pk: int | None
    is_exact: bool
    component_pk: int
    page_no: int
    other_urn: str
    reference: str
    number: int
    other_component_pk: int
    other_page_no: int


@router.get("/intake/items/{urn}/twins", response=list[TwinOut], operation_id="intake_twins")
def twins(request: HttpRequest, urn: str) -> Sequence[likeness.Twin]:
    """Pages of an item that lie elsewhere as well: the same bytes, or what looks like the same sheet."""
    actor = occasions.of(request).actor
    records.get_item_for(actor, urn)
    return likeness.twins(actor, urn, records.components_of([urn])[urn])


@router.post("/intake/likenesses/{int:likeness_pk}/apart", response={204: None}, operation_id="intake_tell_apart")
def tell_apart(request: HttpRequest, likeness_pk: int) -> Status[None]:
    """Say that two pages that look alike are not the same sheet."""
    deeds.tell_apart(occasion=occasions.of(request), likeness_pk=likeness_pk)
    return Status(204, None)
