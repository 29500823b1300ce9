"""The fault catalogue (问题目录) and what a raised fault must say."""

from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.refusals import Refusal

DUE_DAYS = 5  # a setting later; how long the maker has to answer


@dataclass(frozen=True)
class Fault:
    """One kind of fault: id of the catalogue, class A (fatal) to C (slight), names, remedy."""

    code: str
    fault_class: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True)
class RaisedFault:
    """A fault as a person points at it.

    Attributes:
        code: id of the fault catalogue.
        item_urn: the item it lies in.
        component_pk: the component; none for a fault of the whole item.
        page_no: page in the component, from 1.
        box: x, y, width, height as parts of the page, 0 to 1.
        note: what the person adds.
    """

    code: str
    item_urn: str
    component_pk: int | None = None
    page_no: int | None = None
    box: tuple[float, float, float, float] | None = None
    note: str = ""


def check_fault(fault: RaisedFault, known: frozenset[str], places: Mapping[str, frozenset[int]]) -> None:
    """Whether a raised fault can be kept.

    Args:
        fault: what was raised.
        known: codes of the catalogue.
        places: components by item of the record under judgement.

    Raises:
        W-001: the code is not in the catalogue.
        W-006: the item or component is not part of this record.
        W-002: the box lies outside the page.
        W-003: the note is too long.
    """
    if fault.code not in known:
        raise Refusal("W-001", code=fault.code)
    if fault.item_urn not in places or (fault.component_pk and fault.component_pk not in places[fault.item_urn]):
        raise Refusal("W-006", place=f"{fault.item_urn} #{fault.component_pk or '-'}")
    if fault.box is not None:
        x, y, width, height = fault.box
        if not (
            0 <= x <= 1
            and 0 <= y <= 1
            and 0 < width <= 1
            and 0 < height <= 1
            and x + width <= 1.001
            and y + height <= 1.001
        ):
            raise Refusal("W-002")
    if len(fault.note) > 300:
        raise Refusal("W-003", length=len(fault.note))
