"""How the table, the steps and their lists stand in a spreadsheet, and what is wrong with one (表格往返)."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.retention import TermKind
from anjuan.core.terms import InsuranceLine
from anjuan.core.workbooks import Sheet, column_letter
from anjuan.foundation.schedule.rules import (
    AccountingClass,
    Confidence,
    MaterialRow,
    RiskGrade,
    RuleFacts,
    StepRow,
    check_row,
    check_step,
)

NOTHING = "无"  # a blank cell leaves alone what stands there; this word empties it
YES, NO = "是", "否"
_FLAGS = {YES: True, NO: False, "Y": True, "N": False, "YES": True, "NO": False, "1": True, "0": False}

LINES: Mapping[str, str] = {
    "养老": InsuranceLine.PENSION,
    "医疗": InsuranceLine.MEDICAL,
    "失业": InsuranceLine.UNEMPLOYMENT,
    "工伤": InsuranceLine.WORK_INJURY,
    "生育": InsuranceLine.MATERNITY,
    "综合": InsuranceLine.ALL,
}
RISKS: Mapping[str, str] = {"高": RiskGrade.HIGH, "中": RiskGrade.MEDIUM, "低": RiskGrade.LOW}
CONFIDENCES: Mapping[str, str] = {
    "见于公开文本": Confidence.SEEN,
    "经办惯例": Confidence.PRACTICE,
    "待核实": Confidence.UNCONFIRMED,
}
ACCOUNTING: Mapping[str, str] = {
    "会计凭证": AccountingClass.VOUCHER,
    "会计账簿": AccountingClass.LEDGER,
    "月季半年报告": AccountingClass.PERIOD_REPORT,
    "年度报告": AccountingClass.ANNUAL_REPORT,
    "银行对账单": AccountingClass.BANK_STATEMENT,
    "移交清册": AccountingClass.HANDOVER_REGISTER,
    "保管销毁清册": AccountingClass.CUSTODY_REGISTER,
}
SEALS: Mapping[str, str] = {"经办机构章": "AGENCY", "经办人章": "HANDLER", "单位公章": "EMPLOYER"}


class Kind(enum.StrEnum):
    """What a column may hold."""

    CODE = "CODE"
    DIGITS = "DIGITS"
    WORDS = "WORDS"
    TERM = "TERM"
    FLAG = "FLAG"
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    SEALS = "SEALS"


@dataclass(frozen=True)
class Column:
    """One column: the field it fills, what it is called, what it may hold, whether a new row needs it."""

    field: str
    name: str
    kind: Kind
    needed: bool = False
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def fits(self, cell: str) -> bool:
        """Whether a cell could stand in this column. Words that look like a term, a flag or a number could not."""
        match self.kind:
            case Kind.WORDS:
                return not (_is_term(cell) and cell != "待核实") and cell not in (YES, NO) and not cell.isdecimal()
            case Kind.TERM:
                return _is_term(cell)
            case Kind.FLAG:
                return cell.upper() in _FLAGS
            case Kind.NUMBER:
                return cell.isdecimal() and len(cell) < 6
            case Kind.CHOICE:
                return cell in self.choices or cell in self.choices.values()
            case Kind.SEALS:
                return all(part in SEALS or part in SEALS.values() for part in _parts(cell))
            case Kind.DIGITS:
                return cell.isdecimal() and len(cell) <= 4
            case Kind.CODE:
                return cell.isascii() and not cell.isdecimal() and " " not in cell
        return True


def _is_term(cell: str) -> bool:
    try:
        retention.parse(cell)
    except Refusal:
        return False
    return not cell.isdecimal()


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.replace("，", "、").replace(",", "、").split("、") if part.strip()]


REMOVE = Column("remove", "删除", Kind.FLAG)
RULE_COLUMNS = (
    Column("category_code", "类别代码", Kind.DIGITS, needed=True),
    Column("category_name", "类别名称", Kind.WORDS),
    Column("item_no", "条目号", Kind.DIGITS, needed=True),
    Column("material_name", "材料名称", Kind.WORDS, needed=True),
    Column("term", "保管期限", Kind.TERM, needed=True),
    Column("is_confirmed", "已核实", Kind.FLAG),
    Column("source", "依据", Kind.WORDS),
    Column("note", "备注", Kind.WORDS),
    REMOVE,
)
STEP_COLUMNS = (
    Column("code", "环节代码", Kind.CODE, needed=True),
    Column("name", "环节名称", Kind.WORDS, needed=True),
    Column("name_en", "英文名称", Kind.WORDS),
    Column("category_code", "类别代码", Kind.DIGITS, needed=True),
    Column("rule_item_no", "条目号", Kind.DIGITS, needed=True),
    Column("insurance_line", "险种", Kind.CHOICE, needed=True, choices=LINES),
    Column("filing_days", "归档期限（天）", Kind.NUMBER),
    Column("concerns_many", "一表多人", Kind.FLAG),
    Column("risk", "风险等级", Kind.CHOICE, choices=RISKS),
    Column("accounting_class", "会计档案种类", Kind.CHOICE, choices=ACCOUNTING),
    Column("legal_basis", "法律依据", Kind.WORDS, needed=True),
    Column("source", "来源", Kind.WORDS),
    Column("confidence", "可信度", Kind.CHOICE, choices=CONFIDENCES),
    Column("is_retired", "停用", Kind.FLAG),
)
MATERIAL_COLUMNS = (
    Column("step", "环节代码", Kind.CODE, needed=True),
    Column("code", "材料代码", Kind.CODE, needed=True),
    Column("name", "材料名称", Kind.WORDS, needed=True),
    Column("name_en", "英文名称", Kind.WORDS),
    Column("is_required", "必收", Kind.FLAG),
    Column("is_main", "主表", Kind.FLAG),
    Column("must_scan", "必扫", Kind.FLAG),
    Column("original_required", "原件", Kind.FLAG),
    Column("one_of", "多选一组", Kind.WORDS),
    Column("condition", "条件", Kind.WORDS),
    Column("condition_en", "条件（英文）", Kind.WORDS),
    Column("default_pages", "默认页数", Kind.NUMBER),
    Column("required_seals", "应盖印章", Kind.SEALS),
    Column("legal_basis", "法律依据", Kind.WORDS),
    REMOVE,
)


@dataclass(frozen=True)
class CellError:
    """A cell that is wrong: its row as the spreadsheet numbers it, its column, what stands there, and why."""

    row: int
    column: str
    cell: str
    reason: str
    place: str = ""  # such as D7


@dataclass(frozen=True)
class Line:
    """One row as it was read: its number and its cells by field; a blank cell is not among them."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """What a sheet says, and what is wrong with it."""

    lines: tuple[Line, ...]
    errors: tuple[CellError, ...]


def read(sheet: Sheet, columns: Sequence[Column], key: Sequence[str]) -> Reading:
    """The rows of a sheet by the names of their columns; their order does not matter, unknown ones are left out.

    Args:
        sheet: as it was uploaded.
        columns: what it may have.
        key: fields that say which row it is; a row without them is an error.

    Raises:
        H-022: the columns of the key are not there.
        H-023: two columns hold what belongs into each other.
    """
    places = {name.strip(): place for place, name in enumerate(sheet.heading) if name.strip()}
    known = {column.field: places[column.name] for column in columns if column.name in places}
    by_field = {column.field: column for column in columns}
    lacking = [by_field[field].name for field in key if field not in known]
    if lacking:
        raise Refusal("H-022", columns="、".join(lacking))
    lines = []
    for number, row in enumerate(sheet.rows[1:], 2):
        cells = {field: row[place] for field, place in known.items() if place < len(row) and row[place]}
        if cells:
            lines.append(Line(number, cells))
    _refuse_swapped(lines, [by_field[field] for field in known])
    errors = [
        CellError(line.row, by_field[field].name, "", "必须填写", f"{column_letter(known[field] + 1)}{line.row}")
        for line in lines
        for field in key
        if field not in line.cells
    ]
    errors += [
        CellError(line.row, column.name, cell, _why(column), f"{column_letter(known[field] + 1)}{line.row}")
        for line in lines
        for field, cell in line.cells.items()
        for column in (by_field[field],)
        if cell != NOTHING and not column.fits(cell)
    ]
    return Reading(tuple(lines), tuple(sorted(errors, key=lambda error: (error.row, error.column))))


def _why(column: Column) -> str:
    said = {
        Kind.TERM: "不是保管期限",
        Kind.FLAG: "只填「是」或「否」",
        Kind.NUMBER: "只填数字",
        Kind.DIGITS: "只填数字编号",
        Kind.CODE: "只填大写字母、数字和下划线",
        Kind.WORDS: "应填文字",
        Kind.SEALS: f"可填：{'、'.join(SEALS)}",
        Kind.CHOICE: f"可填：{'、'.join(column.choices)}",
    }
    return said[column.kind]


def _refuse_swapped(lines: Sequence[Line], columns: Sequence[Column]) -> None:
    def misfits(column: Column, field: str) -> bool:
        cells = [line.cells[field] for line in lines if field in line.cells and line.cells[field] != NOTHING]
        return bool(cells) and 2 * sum(not column.fits(cell) for cell in cells) > len(cells)

    wrong = [column for column in columns if misfits(column, column.field)]
    for first in wrong:
        for second in wrong:
            if first.name < second.name and not misfits(first, second.field) and not misfits(second, first.field):
                raise Refusal("H-023", first=first.name, second=second.name)


def must_be_right(errors: Sequence[CellError]) -> None:
    """Whether a reading may be applied.

    Raises:
        H-024: a cell is wrong.
    """
    if errors:
        raise Refusal("H-024", count=len(errors), row=errors[0].row, column=errors[0].column)


# The table -----------------------------------------------------------------------------------------------------------


def merge_rules(current: Sequence[RuleFacts], reading: Reading) -> tuple[tuple[RuleFacts, ...], tuple[CellError, ...]]:
    """The table as it would be after a sheet: a blank cell leaves alone, a row that is not named stays as it is."""
    rows = {row.key: row for row in current}
    names = {row.category_code: row.category_name for row in current}
    errors = list(reading.errors)
    bad = {error.row for error in errors}
    for line in reading.lines:
        if line.row in bad:
            continue
        category = line.cells["category_code"].zfill(2)
        key = (category, line.cells["item_no"])
        if _flag(line.cells.get("remove", NO)):
            rows.pop(key, None)
            continue
        before = rows.get(key) or RuleFacts(category, names.get(category, ""), key[1], "", "待核实", False)
        texts = ("category_name", "material_name", "term", "source", "note")
        changed = {field: _words(line.cells[field]) for field in texts if field in line.cells}
        flags = {"is_confirmed": _flag(line.cells["is_confirmed"])} if "is_confirmed" in line.cells else {}
        row = dataclasses.replace(before, **changed, **flags)  # type: ignore[arg-type]
        if retention.parse(row.term).kind is TermKind.UNCONFIRMED:
            row = dataclasses.replace(row, is_confirmed=False)
        names.setdefault(category, row.category_name)
        try:
            check_row(row)
        except Refusal as refusal:
            errors.append(CellError(line.row, "材料名称", row.material_name, refusal.message("zh")))
            continue
        rows[key] = row
    return tuple(rows.values()), tuple(errors)


# Steps and materials -------------------------------------------------------------------------------------------------


def merge_steps(
    current: Sequence[StepRow], steps: Reading, materials: Reading
) -> tuple[tuple[StepRow, ...], tuple[CellError, ...]]:
    """The steps as they would be after two sheets, those that are named alone; and what is wrong with them."""
    known = {step.code: step for step in current}
    named: dict[str, StepRow] = {}
    rows: dict[str, int] = {}
    errors = [*steps.errors, *materials.errors]
    bad = {error.row for error in steps.errors}
    for line in steps.lines:
        if line.row in bad:
            continue
        code = line.cells["code"].upper()
        named[code], rows[code] = _step(known.get(code), code, line), line.row
    bad = {error.row for error in materials.errors}
    for line in materials.lines:
        if line.row in bad:
            continue
        code = line.cells["step"].upper()
        step = named.get(code) or known.get(code)
        if step is None:
            errors.append(CellError(line.row, "环节代码", code, "没有这个环节"))
            continue
        named[code] = dataclasses.replace(step, materials=_materials(step, line))
        rows.setdefault(code, line.row)
    for code, step in named.items():
        try:
            check_step(step)
        except Refusal as refusal:
            errors.append(CellError(rows[code], "环节代码", code, refusal.message("zh")))
    return tuple(named.values()), tuple(errors)


def _step(before: StepRow | None, code: str, line: Line) -> StepRow:
    step = before or StepRow(code, "", "", "", "", InsuranceLine.ALL, 30, False, "", ())
    changed: dict[str, object] = {}
    for column in STEP_COLUMNS[1:]:
        if column.field not in line.cells:
            continue
        changed[column.field] = _value(column, line.cells[column.field])
    if "category_code" in changed:
        changed["category_code"] = str(changed["category_code"]).zfill(2)
    kinds: Mapping[str, Callable[[str], object]] = {
        "risk": RiskGrade,
        "confidence": Confidence,
        "accounting_class": lambda value: AccountingClass(value) if value else None,
    }
    for field, make in kinds.items():
        if field in changed:
            changed[field] = make(str(changed[field]))
    step = dataclasses.replace(step, **changed)  # type: ignore[arg-type]
    return step if step.name_en else dataclasses.replace(step, name_en=step.name)


def _materials(step: StepRow, line: Line) -> tuple[MaterialRow, ...]:
    code = line.cells["code"].upper()
    if _flag(line.cells.get("remove", NO)):
        return tuple(material for material in step.materials if material.code != code)
    before = next((material for material in step.materials if material.code == code), None)
    material = before or MaterialRow(code, "", "", True, False, True, False, (), step.legal_basis)
    changed = {
        column.field: _value(column, line.cells[column.field])
        for column in MATERIAL_COLUMNS[2:-1]
        if column.field in line.cells
    }
    material = dataclasses.replace(material, **changed)  # type: ignore[arg-type]
    if not material.name_en:
        material = dataclasses.replace(material, name_en=material.name)
    if before is None:
        return (*step.materials, material)
    return tuple(material if one.code == code else one for one in step.materials)


def _value(column: Column, cell: str) -> object:
    if column.kind is Kind.FLAG:
        return _flag(cell)
    if column.kind is Kind.NUMBER:
        return None if cell == NOTHING else int(cell)
    if column.kind is Kind.CHOICE:
        return "" if cell == NOTHING else str(column.choices.get(cell, cell))
    if column.kind is Kind.SEALS:
        return () if cell == NOTHING else tuple(SEALS.get(part, part) for part in _parts(cell))
    return _words(cell)


def _flag(cell: str) -> bool:
    return _FLAGS.get(cell.upper(), False)


def _words(cell: str) -> str:
    return "" if cell == NOTHING else cell


def is_handed_in(step: StepRow) -> bool:
    """Whether a step's main form is one that people or employers hand in: what the agency alone seals is its own."""
    seals = {seal for material in step.materials if material.is_main for seal in material.required_seals}
    return not step.is_retired and bool(seals & {"HANDLER", "EMPLOYER"})


# Out -----------------------------------------------------------------------------------------------------------------


def rule_sheet(rows: Sequence[RuleFacts]) -> Sheet:
    """The table as a sheet, ready to be edited and uploaded again."""
    heading = tuple(column.name for column in RULE_COLUMNS)
    return Sheet(
        "期限表",
        (heading, *(tuple(cell(column, getattr(row, column.field, "")) for column in RULE_COLUMNS) for row in rows)),
    )


def step_sheets(steps: Sequence[StepRow]) -> tuple[Sheet, Sheet]:
    """The steps and their material lists as two sheets."""
    return (
        Sheet(
            "业务环节",
            (
                tuple(column.name for column in STEP_COLUMNS),
                *(tuple(cell(column, getattr(step, column.field)) for column in STEP_COLUMNS) for step in steps),
            ),
        ),
        Sheet(
            "材料清单",
            (
                tuple(column.name for column in MATERIAL_COLUMNS),
                *(
                    tuple(
                        step.code if column.field == "step" else cell(column, getattr(material, column.field, ""))
                        for column in MATERIAL_COLUMNS
                    )
                    for step in steps
                    for material in step.materials
                ),
            ),
        ),
    )


def cell(column: Column, value: object) -> str:
    """A value as its cell says it; nothing for what is not there."""
    if column is REMOVE or value is None or value == "":
        return ""
    if column.kind is Kind.FLAG:
        return YES if value else NO
    if column.kind is Kind.CHOICE:
        return next((name for name, one in column.choices.items() if one == value), str(value))
    if column.kind is Kind.SEALS and isinstance(value, tuple):
        return "、".join(next((name for name, one in SEALS.items() if one == seal), seal) for seal in value)
    if column.kind is Kind.TERM:
        return retention.parse(str(value)).words("zh")
    return str(value)


# Departments ---------------------------------------------------------------------------------------------------------


def department_name(name: str) -> str:
    """A department's name as it is kept.

    Raises:
        A-074: it is empty, or longer than 60 signs.
    """
    named = " ".join(name.split())
    if not named or len(named) > 60:
        raise Refusal("A-074", most=60)
    return named


def may_name_part_timer(
    *,
    department: str,
    standing: str,
    staff_code: str,
    able: frozenset[str],
    since_date: dt.date,
    opened_date: dt.date,
) -> None:
    """Whether a person may look after a department's records from a day on: one a department (S4-N2).

    Raises:
        A-071: somebody does and has not been relieved.
        A-072: the person neither takes in nor files records of the agency.
        A-073: the day is before the department was set up.
    """
    if standing:
        raise Refusal("A-071", department=department, staff=standing)
    if since_date < opened_date:
        raise Refusal("A-073", first=opened_date, day=since_date)
    if staff_code not in able:
        raise Refusal("A-072", staff=staff_code[:40])


def may_relieve(since_date: dt.date, until_date: dt.date) -> None:
    """Whether a last day may be set.

    Raises:
        A-073: it is before the first.
    """
    if until_date < since_date:
        raise Refusal("A-073", first=since_date, day=until_date)
