"""The fault catalogue (问题目录) and what a raised fault must say."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.detection.catalogue import Fault as Fault
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post
from anjuan.records import rules as record_rules

ANSWERING_POSTS = (Post.HANDLER, Post.FILER, Post.ARCHIVIST)

MOST_SIGNS = 300  # of a note or an answer
DUE_DAYS = 5  # a setting later; how long the maker has to answer


class Cause(enum.StrEnum):
    """Where a fault came from (问题原因), for the analysis of quality and for training."""

    HANDLING = "HANDLING"  # 经办漏做
    SCANNING = "SCANNING"  # 扫描漏做
    DESCRIBING = "DESCRIBING"  # 著录错
    RULES = "RULES"  # 制度版本错
    DEVICE = "DEVICE"  # 设备
    HISTORY = "HISTORY"  # 历史遗留


# Whose work a fault is, by the first letter of its id: volumes are their filer's, the rest the handler's.
RESPONSIBLE = {"V": Duty.FILED}


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


def check_fault(fault: RaisedFault, known: frozenset[str], places: Mapping[str, Mapping[int, int]]) -> None:
    """Whether a raised fault can be kept.

    Args:
        fault: what was raised.
        known: codes of the catalogue.
        places: by item of the record under judgement, how many pages each of its components has.

    Raises:
        W-001: the code is not in the catalogue.
        W-006: the item or component is not part of this record.
        W-002: the box lies outside the page.
        W-003: the note is too long.
        W-007: the component has no such page, or a page is named without its component.
    """
    if fault.code not in known:
        raise Refusal("W-001", code=fault.code)
    if fault.item_urn not in places or (fault.component_pk and fault.component_pk not in places[fault.item_urn]):
        raise Refusal("W-006", place=f"{fault.item_urn} #{fault.component_pk or '-'}")
    if fault.page_no is not None:
        pages = places[fault.item_urn][fault.component_pk] if fault.component_pk else 0
        if not 1 <= fault.page_no <= pages:
            raise Refusal("W-007", page=fault.page_no, pages=pages)
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
    if len(fault.note) > MOST_SIGNS:
        raise Refusal("W-003", length=len(fault.note))


def said(field: str, text: str) -> str:
    """A note or an answer as it is kept: one line, since the box it is typed in takes several (说明、答复).

    Raises:
        R-010: it holds a character that cannot be kept, or became too long.
    """
    line = re.sub(r"[ \t]*[\r\n\t]+[ \t]*", " ", text.strip())
    return record_rules.text(field, line, limit=MOST_SIGNS) if line else ""
