"""What a catalogue in a spreadsheet must be (目录导入): which column is which, what stands in a row, what is wrong."""

import datetime as dt
import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import identifiers, sheets
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Route
from anjuan.desks.intake.rules import Registration
from anjuan.records.rules import Employer, Person

SLICE = 50  # rows of one act
CHECK_SLICE = 500  # rows that are looked at in one act
MOST_ROWS = 200_000
MOST_FAULTS = 2000  # kept of one sheet: who has more mends the column first
_SEEN_ROWS = 200  # rows that the guess of columns looks at
_FITS = 0.8  # share of cells that must look like a field
_FEWEST_CELLS = 3
_ROUTES = {"边办边扫": Route.TARGET, "先纸后扫": Route.LEGACY, "单套制": Route.SINGLE_SET} | {
    route.value: route for route in Route
}


class Purpose(enum.StrEnum):
    """What a sheet is for: new cases, or changed descriptions of items that are there."""

    NEW = "NEW"
    EDIT = "EDIT"


class SheetStatus(enum.StrEnum):
    """How a sheet stands."""

    LAID = "LAID"
    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    TAKING = "TAKING"
    TAKEN = "TAKEN"
    UNDOING = "UNDOING"
    UNDONE = "UNDONE"


# Fields in the order of the columns that we print, each with what offices call it.
NEW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "acceptance_no": ("受理号", "受理编号", "业务流水号", "流水号", "acceptance no", "acceptance_no"),
    "step": ("业务环节", "业务环节代码", "业务类型", "事项", "business step", "step"),
    "title": ("题名", "案卷题名", "文件题名", "标题", "title"),
    "formed_date": ("形成日期", "形成时间", "日期", "成文日期", "formed date", "formed_date", "date"),
    "paper_pages": ("页数", "纸质页数", "张数", "pages", "paper pages", "paper_pages"),
    "person_name": ("姓名", "参保人", "参保人姓名", "name", "person", "person_name"),
    "person_id": ("身份证号", "身份证号码", "证件号码", "公民身份号码", "社会保障号码", "id number", "person_id"),
    "employer_name": ("单位名称", "参保单位", "单位", "employer", "employer_name"),
    "credit_code": ("统一社会信用代码", "信用代码", "credit code", "credit_code"),
    "route": ("路线", "归档方式", "route"),
    "answers": ("情形", "材料情形", "conditions", "answers"),
}
EDIT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "urn": ("档案标识", "标识", "urn"),
    "acceptance_no": NEW_FIELDS["acceptance_no"],
    "title": NEW_FIELDS["title"],
    "formed_date": NEW_FIELDS["formed_date"],
    "paper_pages": NEW_FIELDS["paper_pages"],
}
FIELDS: Mapping[Purpose, Mapping[str, tuple[str, ...]]] = {Purpose.NEW: NEW_FIELDS, Purpose.EDIT: EDIT_FIELDS}
NEEDED: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.NEW: ("acceptance_no", "step", "formed_date", "paper_pages"),
    Purpose.EDIT: ("urn",),
}
CHANGEABLE = ("title", "formed_date", "paper_pages")
Mapped = Mapping[str, int]  # field to column, from 0


@dataclass(frozen=True)
class Described:
    """What may be changed of an item's description."""

    title: str
    formed_date: dt.date
    paper_pages: int

    def text(self, field: str) -> str:
        """A field as a sheet shows it."""
        value = getattr(self, field)
        return value.isoformat() if isinstance(value, dt.date) else str(value)


@dataclass(frozen=True)
class RowFault:
    """Why a row cannot be taken in (行错误): which row, which field, the refusal's code and particulars."""

    row_no: int
    field: str
    refusal: Refusal


def guess(heads: Sequence[str], purpose: Purpose, saved: Mapping[str, str]) -> dict[str, int]:
    """Which column is which, by its heading: as it was mapped before, else by what offices call it.

    Args:
        heads: the first row.
        purpose: what the sheet is for.
        saved: field by heading, as the agency mapped it last.
    """
    found: dict[str, int] = {}
    named = {name.lower(): field for field, names in FIELDS[purpose].items() for name in names}
    for at, head in enumerate(heads):
        tidy = re.sub(r"[\s*＊：:（(].*$|\s", "", head.strip()) or head.strip()
        field = saved.get(head) or named.get(head.strip().lower()) or named.get(tidy.lower())
        if field and field in FIELDS[purpose] and field not in found:
            found[field] = at
    return found


def check_mapping(mapped: Mapped, purpose: Purpose, *, columns: int) -> None:
    """Whether a sheet can be read so.

    Raises:
        I-061: a needed field has no column, or two fields share one.
    """
    for field in NEEDED[purpose]:
        if field not in mapped:
            raise Refusal("I-061", field=NEW_FIELDS.get(field, EDIT_FIELDS.get(field, (field,)))[0])
    seen: set[int] = set()
    for field, at in mapped.items():
        if field not in FIELDS[purpose] or at in seen or not 0 <= at < columns:
            raise Refusal("I-061", field=FIELDS[purpose].get(field, (field,))[0])
        seen.add(at)


def swapped(mapped: Mapped, rows: Sequence[sheets.Row]) -> Obstacle | None:
    """Whether columns stand in each other's place (列放反): what should be numbers, codes or dates is none.

    Only said where another column holds what this one should, so that plain bad data is told row by row.
    """
    for field, fits in _LOOKS.items():
        at = mapped.get(field)
        if at is None or (share := _share(rows, at, fits)) is None or share > 1 - _FITS:
            continue
        for other, place in mapped.items():
            theirs = _share(rows, place, fits)
            own = _share(rows, place, _LOOKS[other]) if other in _LOOKS else 0.0
            if other != field and theirs is not None and theirs >= _FITS and (own is None or own <= 1 - _FITS):
                return Obstacle("I-062", {"one": NEW_FIELDS[field][0], "other": FIELDS_ZH[other]})
    return None


FIELDS_ZH = {field: names[0] for purpose in Purpose for field, names in FIELDS[purpose].items()}


def _share(rows: Sequence[sheets.Row], at: int, fits: "re.Pattern[str]") -> float | None:
    """The share of a column's cells that look so; None when there are too few to say."""
    cells = [row[at] for row in rows[:_SEEN_ROWS] if at < len(row) and row[at]]
    return sum(bool(fits.fullmatch(cell)) for cell in cells) / len(cells) if len(cells) >= _FEWEST_CELLS else None


_LOOKS: Mapping[str, "re.Pattern[str]"] = {
    "person_id": re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}"),
    "credit_code": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}"),
    "formed_date": re.compile(r"(?:19|20)[0-9]{2}(?:[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{4}).*|[2-5][0-9]{4}"),
    "paper_pages": re.compile(r"[0-9]{1,4}"),
}


def cell(row: sheets.Row, mapped: Mapped, field: str) -> str:
    """What stands in a row for a field; empty where the column is absent or blank."""
    at = mapped.get(field, -1)
    return row[at] if 0 <= at < len(row) else ""


def registration(row: sheets.Row, mapped: Mapped, steps: Mapping[str, str]) -> Registration:
    """A row as the counter would type it.

    Args:
        row: the cells.
        mapped: which column is which.
        steps: codes of business steps, by code and by name.

    Raises:
        I-063: a cell cannot be read; the field and why.
        R-001 to R-005: a number is wrong.
    """
    typed = {field: cell(row, mapped, field) for field in NEW_FIELDS}
    step = steps.get(typed["step"])
    if step is None:
        raise _unread("step", typed["step"])
    formed = sheets.date(typed["formed_date"])
    if formed is None:
        raise _unread("formed_date", typed["formed_date"])
    pages = typed["paper_pages"]
    if not (pages.isascii() and pages.isdigit() and len(pages) < 6):
        raise _unread("paper_pages", pages)
    route = _ROUTES.get(typed["route"] or Route.TARGET.value)
    if route is None:
        raise _unread("route", typed["route"])
    if not typed["acceptance_no"]:
        raise _unread("acceptance_no", "")
    named = typed["person_name"] or typed["person_id"]
    person = (Person(typed["person_name"], identifiers.citizen_id(typed["person_id"])),) if named else ()
    given = typed["employer_name"] or typed["credit_code"]
    return Registration(
        acceptance_no=typed["acceptance_no"],
        step_code=step,
        title=typed["title"],
        formed_date=formed,
        paper_pages=int(pages),
        persons=person,
        employer=Employer(typed["employer_name"], typed["credit_code"]) if given else None,
        route=route,
        answers=_answers(typed["answers"]),
    )


def _answers(text: str) -> dict[str, bool]:
    """Answers to the conditions of the material list, as a cell says them: ``有代理人=是；工伤=否``."""
    found: dict[str, bool] = {}
    for part in filter(None, (one.strip() for one in re.split("[;；\n]", text))):
        words, sign, said = re.sub("[：:＝]", "=", part).rpartition("=")
        holds = _SAID.get(said.strip().lower())
        if not sign or holds is None or words.strip() in found:
            raise _unread("answers", part)
        found[words.strip()] = holds
    return found


_SAID = {
    "是": True,
    "有": True,
    "yes": True,
    "y": True,
    "1": True,
    "否": False,
    "无": False,
    "no": False,
    "n": False,
} | {"0": False}


def described(row: sheets.Row, mapped: Mapped, now: Described) -> Described:
    """What a row would make of an item's description; a blank cell leaves the field alone (空白不改).

    Raises:
        I-063: a cell cannot be read.
        I-064: the year would change, which is where the record is classed.
    """
    title = cell(row, mapped, "title") or now.title
    date, pages = cell(row, mapped, "formed_date"), cell(row, mapped, "paper_pages")
    formed = sheets.date(date) if date else now.formed_date
    if formed is None:
        raise _unread("formed_date", date)
    if formed.year != now.formed_date.year:
        raise Refusal("I-064", before=now.formed_date.year, after=formed.year)
    if pages and not (pages.isascii() and pages.isdigit() and len(pages) < 6):
        raise _unread("paper_pages", pages)
    return Described(title, formed, int(pages) if pages else now.paper_pages)


def changes(before: Described, after: Described) -> tuple[tuple[str, str, str], ...]:
    """Field, before and after, of what differs."""
    return tuple(
        (field, before.text(field), after.text(field))
        for field in CHANGEABLE
        if before.text(field) != after.text(field)
    )


def field_of(refusal: Refusal) -> str:
    """The field that a refusal of a row speaks of."""
    if refusal.code == "I-063":
        return next((field for field, words in FIELDS_ZH.items() if words == refusal.params["field"]), "")
    return {
        "I-001": "acceptance_no",
        "I-002": "formed_date",
        "I-005": "paper_pages",
        "I-006": "person_name",
        "I-013": "acceptance_no",
        "I-064": "formed_date",
        "R-001": "person_id",
        "R-002": "person_id",
        "R-003": "person_id",
        "R-004": "credit_code",
        "R-005": "credit_code",
        "R-008": "person_name",
        "R-009": "urn",
        "H-007": "formed_date",
        "I-075": "answers",
        "H-019": "step",
    }.get(refusal.code, "")


def _unread(field: str, value: str) -> Refusal:
    return Refusal("I-063", field=FIELDS_ZH[field], value=value[:40] or "空白 / blank")
