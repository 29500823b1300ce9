import base64
import binascii
import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from anjuan.core import workbooks
from anjuan.core.refusals import Refusal
from anjuan.core.retention import UNCONFIRMED, parse
from anjuan.desks.rulebook import queries, rules
from anjuan.foundation.schedule.actions import Heading
from anjuan.foundation.schedule.queries import VersionRow
from anjuan.foundation.schedule.rules import (
    AccountingClass,
    Confidence,
    MaterialRow,
    RiskGrade,
    RuleFacts,
    StepRow,
)

MOST_CARRIED = 1_500_000  # a sheet that is looked at first travels with the page


def date_of(text: str, what: str) -> dt.date:
    """A day as a date field sends it.

    Raises:
        H-008: it is none.
    """
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal("H-008", what=what, value=text[:20] or "—") from None


def moment_of(text: str, reference: str) -> dt.datetime:
    """When what was looked at had been changed last.

    Raises:
        L-001: it does not say.
    """
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("L-001", reference=reference) from None


def heading(data: QueryDict, code: str = "") -> Heading:
    consent = data.get("consent_date", "").strip()
    return Heading(
        code=code or data.get("code", "").strip(),
        title=data.get("title", "").strip(),
        effective_date=date_of(data.get("effective_date", ""), "施行日期 effective date"),
        approval_document=data.get("approval_document", "").strip(),
        consent_of=data.get("consent_of", "").strip(),
        consent_date=date_of(consent, "同意日期 consent date") if consent else None,
    )


def heading_texts(known: QueryDict | VersionRow) -> dict[str, str]:
    """What the fields of a heading show: what was typed, or what stands."""
    names = ("code", "title", "effective_date", "approval_document", "consent_of", "consent_date")
    if isinstance(known, VersionRow):
        return {name: str(getattr(known, name) or "") for name in names}
    return {name: known.get(name, "") for name in names}


def rule_row(data: QueryDict) -> RuleFacts:
    term = data.get("term", "").strip()
    return RuleFacts(
        category_code=data.get("category_code", "").strip().zfill(2),
        category_name=data.get("category_name", "").strip(),
        item_no=data.get("item_no", "").strip(),
        material_name=data.get("material_name", "").strip(),
        term=term,
        is_confirmed=data.get("is_confirmed") == "on" and parse(term) != UNCONFIRMED,
        source=data.get("source", "").strip(),
        note=data.get("note", "").strip(),
    )


def step_of(data: QueryDict, before: StepRow) -> StepRow:
    """The step as it was typed; each line of materials by its place, an emptied code takes it off the list."""
    cells = {column.field: data.get(column.field, "").strip() for column in rules.STEP_COLUMNS}
    typed = dataclasses.replace(
        before,
        name=cells["name"],
        name_en=cells["name_en"] or cells["name"],
        category_code=cells["category_code"],
        rule_item_no=cells["rule_item_no"],
        insurance_line=cells["insurance_line"],
        filing_days=_number(cells["filing_days"]) or 0,
        concerns_many=data.get("concerns_many") == "on",
        risk=RiskGrade(cells["risk"]) if cells["risk"] in set(rules.RISKS.values()) else before.risk,
        accounting_class=AccountingClass(cells["accounting_class"])
        if cells["accounting_class"] in set(rules.ACCOUNTING.values())
        else None,
        legal_basis=cells["legal_basis"],
        source=cells["source"],
        confidence=Confidence(cells["confidence"])
        if cells["confidence"] in set(rules.CONFIDENCES.values())
        else before.confidence,
        is_retired=data.get("is_retired") == "on",
    )
    known = {material.code: material for material in before.materials}
    materials = []
    for place in range(min(len(data.getlist("m_code")), 60)):
        own = {name: data.get(f"m{place}_{name}", "").strip() for name in _MATERIAL_TEXTS}
        code = data.getlist("m_code")[place].strip().upper()
        if not code:
            continue
        materials.append(
            MaterialRow(
                code=code,
                name=own["name"],
                name_en=own["name_en"] or (known[code].name_en if code in known else own["name"]),
                is_required=f"m{place}_is_required" in data,
                is_main=f"m{place}_is_main" in data,
                must_scan=f"m{place}_must_scan" in data,
                original_required=f"m{place}_original_required" in data,
                required_seals=tuple(data.getlist(f"m{place}_required_seals")),
                legal_basis=own["legal_basis"],
                one_of=own["one_of"],
                condition=own["condition"],
                condition_en=known[code].condition_en
                if code in known and known[code].condition == own["condition"]
                else "",
                default_pages=_number(own["default_pages"]),
            )
        )
    return dataclasses.replace(typed, materials=tuple(materials))


_MATERIAL_TEXTS = ("name", "name_en", "legal_basis", "one_of", "condition", "default_pages")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None


@dataclass(frozen=True)
class Carried:
    """A sheet on its way: what was uploaded, and the same as the page carries it to the next click."""

    content: bytes

    @property
    def text(self) -> str:
        return base64.b64encode(self.content).decode()


def carried(data: QueryDict, files: Mapping[str, object]) -> Carried:
    """The uploaded sheet, fresh or carried.

    Raises:
        H-020: none was chosen, or what was carried is damaged.
        H-021: it is too large.
    """
    upload = files.get("sheet")
    if upload is not None:
        size = getattr(upload, "size", 0)
        if size > MOST_CARRIED:
            raise Refusal("H-021", most=f"{MOST_CARRIED // 1000} KB")
        return Carried(upload.read())  # type: ignore[attr-defined]
    try:
        content = base64.b64decode(data.get("carried", ""), validate=True)
    except binascii.Error:
        content = b""
    if not content:
        raise Refusal("H-020", reason="0")
    return Carried(content)


def rules_after(
    content: bytes, current: tuple[RuleFacts, ...]
) -> tuple[tuple[RuleFacts, ...], tuple[rules.CellError, ...]]:
    """The table as it would be after a sheet, and what is wrong with the sheet.

    Raises:
        H-020 to H-023: the file cannot be read, or its columns not told.
    """
    sheet = _sheet_with(workbooks.read(content), "保管期限")
    return rules.merge_rules(current, rules.read(sheet, rules.RULE_COLUMNS, ("category_code", "item_no")))


def steps_after(content: bytes) -> tuple[tuple[StepRow, ...], tuple[rules.CellError, ...]]:
    """The steps as they would be after a workbook of two sheets, or after a CSV of either.

    Raises:
        H-020 to H-023: the file cannot be read, or its columns not told.
    """
    found = workbooks.read(content)
    listed = [sheet for sheet in found if "材料代码" in sheet.heading]
    named = [sheet for sheet in found if "环节代码" in sheet.heading and sheet not in listed]
    if not listed and not named:
        raise Refusal("H-022", columns="环节代码")
    empty = rules.Reading((), ())
    steps = rules.read(named[0], rules.STEP_COLUMNS, ("code",)) if named else empty
    materials = rules.read(listed[0], rules.MATERIAL_COLUMNS, ("step", "code")) if listed else empty
    return rules.merge_steps(queries.newest_steps(), steps, materials)


def _sheet_with(found: tuple[workbooks.Sheet, ...], column: str) -> workbooks.Sheet:
    for sheet in found:
        if column in sheet.heading:
            return sheet
    return found[0] if found else workbooks.Sheet("", ())
