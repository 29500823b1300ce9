import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from anjuan.core.refusals import Refusal
from anjuan.desks.inspection.rules import Page, Selection
from anjuan.facilities.corrections.rules import RaisedFault

MOST_FAULTS = 100


@dataclass(frozen=True)
class ReturnForm:
    """What was pointed at: faults kept on the list, and the one being described."""

    kept: tuple[RaisedFault, ...]
    current: RaisedFault | None
    typed: Mapping[str, str]

    @property
    def faults(self) -> tuple[RaisedFault, ...]:
        return (*self.kept, self.current) if self.current else self.kept


def read_answers(data: QueryDict) -> dict[str, str]:
    """The checklist as ticked: ``answer_<code>``."""
    return {name.removeprefix("answer_"): data.get(name, "") for name in data if name.startswith("answer_")}


def read_return(data: QueryDict, strip: Sequence[tuple[str, str, Page]], whole: str) -> ReturnForm:
    """The faults of a return.

    Args:
        data: as the judge view posts it; ``kept`` holds the faults put on the list before.
        strip: every page: its number in the strip, its item, and component with page number.
        whole: the item that stands for the whole record.
    """
    kept = [fault for text in data.getlist("kept")[:MOST_FAULTS] if (fault := _unfold(str(text)))]
    dropped = data.get("drop", "")
    if dropped.isdigit() and int(dropped) < len(kept):
        kept.pop(int(dropped))
    typed = {name: data.get(name, "") for name in ("fault", "page", "note", "box_x", "box_y", "box_w", "box_h")}
    current = None
    if typed["fault"]:
        place = next(((item, page) for number, item, page in strip if number == typed["page"]), None)
        current = RaisedFault(
            code=typed["fault"],
            item_urn=place[0] if place else whole,
            component_pk=place[1][0] if place else None,
            page_no=place[1][1] if place else None,
            box=_box(typed) if place else None,
            note=typed["note"].strip(),
        )
    return ReturnForm(tuple(kept), current, typed)


def fold(fault: RaisedFault) -> str:
    """A fault as one hidden field carries it until the record is returned."""
    return json.dumps(
        [fault.code, fault.item_urn, fault.component_pk, fault.page_no, fault.box, fault.note], ensure_ascii=False
    )


def _unfold(text: str) -> RaisedFault | None:
    try:
        code, item_urn, component_pk, page_no, box, note = json.loads(text)
        return RaisedFault(
            str(code),
            str(item_urn),
            int(component_pk) if component_pk else None,
            int(page_no) if page_no else None,
            (float(box[0]), float(box[1]), float(box[2]), float(box[3])) if box else None,
            str(note),
        )
    except (ValueError, TypeError, KeyError, IndexError):
        return None  # not written by our own page: as if it were not there


def _box(typed: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    try:
        return (float(typed["box_x"]), float(typed["box_y"]), float(typed["box_w"]), float(typed["box_h"]))
    except ValueError:
        return None


def read_percent(data: QueryDict) -> int:
    """The ratio of a draw; what is no number is no ratio, and is refused like one out of bounds."""
    text = data.get("percent", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def read_count(data: QueryDict) -> int:
    """How many samples a set is to have; what is no number is none, and is refused like one out of bounds."""
    text = data.get("count", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


@dataclass(frozen=True)
class PaperForm:
    """What was counted of a volume and what is wrong with it, as typed: kept whole when the deed is refused."""

    typed: Mapping[str, str] = field(default_factory=dict)
    fault_codes: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    has_main_forms: bool = False
    has_seals: bool = False

    @property
    def counted(self) -> dict[str, int]:
        """Pages by item; what is no number was not counted."""
        return {urn: int(text) for urn, text in self.typed.items() if text.isascii() and text.isdigit()}

    @property
    def faults(self) -> tuple[RaisedFault, ...]:
        """A fault for every item that one was chosen for."""
        return tuple(
            RaisedFault(code, urn, note=self.notes.get(urn, "")) for urn, code in self.fault_codes.items() if code
        )


def read_paper(data: QueryDict, items: Sequence[str]) -> PaperForm:
    """The paper page: ``count_<item>``, ``fault_<item>``, ``note_<item>``, and two ticks."""
    return PaperForm(
        {urn: data.get(f"count_{urn}", "").strip()[:6] for urn in items},
        {urn: data.get(f"fault_{urn}", "") for urn in items},
        {urn: data.get(f"note_{urn}", "").strip() for urn in items},
        "main_forms" in data,
        "seals" in data,
    )


SELECTED_BY = ("agency", "category", "year", "state", "fault", "filed_from", "filed_to")


def read_selection(data: QueryDict) -> Selection:
    """Which volumes a campaign goes over, as chosen.

    Raises:
        Q-030: a year or a day that was typed is none.
    """
    typed = {name: data.get(name, "").strip() for name in SELECTED_BY}
    return Selection(
        agency_code=typed["agency"],
        category_code=typed["category"],
        year=_year(typed["year"]),
        state=typed["state"],
        fault_code=typed["fault"],
        filed_from=_day(typed["filed_from"]),
        filed_to=_day(typed["filed_to"]),
    )


def read_expected(data: QueryDict) -> int:
    """How many volumes were counted; what is no number counted none."""
    text = data.get("expected", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _year(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise Refusal("Q-030", what=f"年度 year {text[:10]}")
    return int(text)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal("Q-030", what=f"立卷日期 filed {text[:12]}") from None
