"""What a step asks for, what is missing of it, and what a table or a step must look like to be put in force."""

import datetime as dt
import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from anjuan.core import retention
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.retention import Term, TermKind
from anjuan.core.terms import InsuranceLine

# The first edition of a step holds for every record that was registered under its code.
FIRST_DAY = dt.datetime(1949, 10, 1, tzinfo=dt.UTC)
CODE = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
VERSION_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff.-]{1,39}")
CATEGORY_CODE = re.compile(r"\d{2}")
MOST_FILING_DAYS = 3650
MOST_PAGES = 2000
MOST_ROWS = 2000


class RiskGrade(enum.StrEnum):
    """How much a wrong case of this kind may cost: what review is graded by (STD-24)."""

    HIGH = "HIGH"  # 高
    MEDIUM = "MEDIUM"  # 中
    LOW = "LOW"  # 低


class Confidence(enum.StrEnum):
    """How sure a step's basis is."""

    SEEN = "SEEN"  # 见于公开文本
    PRACTICE = "PRACTICE"  # 经办惯例
    UNCONFIRMED = "UNCONFIRMED"  # 待核实


class AccountingClass(enum.StrEnum):
    """Kinds of accounting record, whose term the accounting rule fixes (STD-15)."""

    VOUCHER = "VOUCHER"  # 会计凭证
    LEDGER = "LEDGER"  # 会计账簿
    PERIOD_REPORT = "PERIOD_REPORT"  # 月、季、半年度财务报告
    ANNUAL_REPORT = "ANNUAL_REPORT"  # 年度财务报告
    BANK_STATEMENT = "BANK_STATEMENT"  # 银行对账单、余额调节表
    HANDOVER_REGISTER = "HANDOVER_REGISTER"  # 会计档案移交清册
    CUSTODY_REGISTER = "CUSTODY_REGISTER"  # 保管清册、销毁清册、鉴定意见书


# 会计档案管理办法（财政部、国家档案局令第79号）附表; minimum terms, running from the day after the accounting year.
ACCOUNTING_TERMS: Mapping[AccountingClass, Term] = {
    AccountingClass.VOUCHER: Term(TermKind.YEARS, 30),
    AccountingClass.LEDGER: Term(TermKind.YEARS, 30),
    AccountingClass.PERIOD_REPORT: Term(TermKind.YEARS, 10),
    AccountingClass.ANNUAL_REPORT: retention.PERMANENT,
    AccountingClass.BANK_STATEMENT: Term(TermKind.YEARS, 10),
    AccountingClass.HANDOVER_REGISTER: Term(TermKind.YEARS, 30),
    AccountingClass.CUSTODY_REGISTER: retention.PERMANENT,
}


@dataclass(frozen=True)
class MaterialRow:
    """One line of a material list as pages and rules see it.

    Attributes:
        one_of: name of the group of which one suffices (多选一); empty for a line of its own.
        condition: what must be so for the line to be asked at all, in words (有代办人); empty for always.
        default_pages: pages it usually has; the counter's proposal.
    """

    code: str
    name: str
    name_en: str
    is_required: bool
    is_main: bool
    must_scan: bool
    original_required: bool
    required_seals: tuple[str, ...]
    legal_basis: str
    one_of: str = ""
    condition: str = ""
    condition_en: str = ""
    default_pages: int | None = None


@dataclass(frozen=True)
class StepRow:
    """A business step with its material list, in one of its editions."""

    code: str
    name: str
    name_en: str
    category_code: str
    rule_item_no: str
    insurance_line: str
    filing_days: int
    concerns_many: bool
    legal_basis: str
    materials: tuple[MaterialRow, ...]
    risk: RiskGrade = RiskGrade.MEDIUM
    accounting_class: AccountingClass | None = None
    source: str = ""
    confidence: Confidence = Confidence.UNCONFIRMED
    is_retired: bool = False
    edition: int = 1
    since_at: dt.datetime = FIRST_DAY

    def material(self, code: str) -> MaterialRow:
        """One material of the list.

        Raises:
            H-005: it is not on the list.
        """
        for material in self.materials:
            if material.code == code:
                return material
        raise Refusal("H-005", material=code, step=self.name)

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """What the counter must answer, in Chinese and English, each once, in the order of the list."""
        return tuple(dict.fromkeys((row.condition, row.condition_en) for row in self.materials if row.condition))

    def same_as(self, other: "StepRow") -> bool:
        """Whether two editions ask the same."""
        return all(
            getattr(self, field.name) == getattr(other, field.name)
            for field in fields(self)
            if field.name not in ("edition", "since_at")
        )


def is_asked(material: MaterialRow, answers: Mapping[str, bool]) -> bool:
    """Whether a line of the list counts in this case: always, or because its condition holds."""
    return not material.condition or answers.get(material.condition, False)


def missing_materials(
    materials: Sequence[MaterialRow], pages: Mapping[str, int], answers: Mapping[str, bool] | None = None
) -> tuple[Obstacle, ...]:
    """Required materials without a page (V03 缺件, V04 缺主表), and questions not answered yet.

    A line whose condition does not hold is not asked for. Of a group one line with a page suffices; lines of it whose
    condition does not hold do not count. A question that was not answered stands in the way itself.

    Args:
        materials: the step's list.
        pages: number of pages by material code.
        answers: whether each condition holds, by its words; what is not in it was not answered.
    """
    known = answers or {}
    found: list[Obstacle] = []
    open_questions = dict.fromkeys(
        material.condition for material in materials if material.condition and material.condition not in known
    )
    grouped: dict[str, list[MaterialRow]] = {}
    for material in materials:
        if not is_asked(material, known):
            continue
        if material.one_of:
            grouped.setdefault(material.one_of, []).append(material)
        elif (material.is_required or material.is_main) and material.must_scan and not pages.get(material.code):
            found.append(Obstacle("I-004" if material.is_main else "I-003", {"material": material.name}))
    for members in grouped.values():
        asked = [member for member in members if member.is_required and member.must_scan]
        if asked and not any(pages.get(member.code) for member in members):
            found.append(Obstacle("H-013", {"materials": "、".join(member.name for member in members)}))
    found += [Obstacle("H-014", {"condition": condition}) for condition in open_questions]
    return tuple(found)


# What stands against a complete list.
MATERIAL_CODES = frozenset({"I-003", "I-004", "H-013", "H-014"})


def lacking_names(found: Sequence[Obstacle]) -> tuple[str, ...]:
    """What is missing, as a list of names: materials, groups of materials, questions."""
    said = {"H-013": "materials", "H-014": "condition"}
    return tuple(str(obstacle.params[said.get(obstacle.code, "material")]) for obstacle in found)


def check_step(step: StepRow) -> None:
    """Whether a step may be put in force.

    Raises:
        H-008: a code, a name, a number or a choice is not as it must be.
        H-009: a material that must be collected cites no legal basis (STD-26).
        H-010: not exactly one main form; or the main form is conditional, or one of several.
        H-011: a group of one.
    """
    if not CODE.fullmatch(step.code):
        raise Refusal("H-008", what="环节代码 step code", value=step.code[:40])
    for what, value, most in (
        ("环节名称 name", step.name, 60),
        ("英文名称 English name", step.name_en, 80),
        ("法律依据 legal basis", step.legal_basis, 120),
    ):
        if not value.strip() or len(value) > most:
            raise Refusal("H-008", what=what, value=value[:40])
    if not CATEGORY_CODE.fullmatch(step.category_code):
        raise Refusal("H-008", what="类别代码 category", value=step.category_code[:40])
    if step.insurance_line not in {line.value for line in InsuranceLine}:
        raise Refusal("H-008", what="险种 insurance line", value=step.insurance_line[:40])
    if not 1 <= step.filing_days <= MOST_FILING_DAYS:
        raise Refusal("H-008", what="归档期限 filing days", value=str(step.filing_days))
    main = [material for material in step.materials if material.is_main]
    if len(main) != 1 or main[0].one_of or main[0].condition:
        raise Refusal("H-010", step=step.name, count=len(main))
    codes = [material.code for material in step.materials]
    groups: dict[str, int] = {}
    for material in step.materials:
        if not CODE.fullmatch(material.code) or codes.count(material.code) > 1:
            raise Refusal("H-008", what="材料代码 material code", value=material.code[:40])
        if not material.name.strip() or len(material.name) > 60:
            raise Refusal("H-008", what="材料名称 material name", value=material.name[:40])
        if material.default_pages is not None and not 1 <= material.default_pages <= MOST_PAGES:
            raise Refusal("H-008", what="默认页数 default pages", value=str(material.default_pages))
        if (material.is_required or material.is_main) and not material.legal_basis.strip():
            raise Refusal("H-009", material=material.name, step=step.name)
        if material.one_of:
            groups[material.one_of] = groups.get(material.one_of, 0) + 1
    for group, count in groups.items():
        if count < 2:
            raise Refusal("H-011", group=group, step=step.name)


# The table -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleFacts:
    """One row of a table as it is drafted: the term as it is spelled."""

    category_code: str
    category_name: str
    item_no: str
    material_name: str
    term: str
    is_confirmed: bool
    source: str = ""
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What a row is found by in every version: category and number."""
        return self.category_code, self.item_no

    @property
    def kept_as(self) -> Term:
        """What a record is kept by: an unconfirmed row blocks like a permanent one, whatever it suggests."""
        return retention.parse(self.term) if self.is_confirmed else retention.UNCONFIRMED


class Change(enum.StrEnum):
    """What became of a row between two versions."""

    ADDED = "ADDED"  # 新增
    REMOVED = "REMOVED"  # 删除
    CHANGED = "CHANGED"  # 变更
    SAME = "SAME"


@dataclass(frozen=True)
class RowChange:
    """A row of two versions side by side; ``fields`` names what differs."""

    change: Change
    before: RuleFacts | None
    after: RuleFacts | None
    fields: tuple[str, ...] = ()

    @property
    def row(self) -> RuleFacts:
        """The row as it will be, or as it was when it goes."""
        row = self.after or self.before
        assert row is not None  # noqa: S101 - a change has at least one side
        return row


def compare(before: Sequence[RuleFacts], after: Sequence[RuleFacts]) -> tuple[RowChange, ...]:
    """Two versions side by side (新增/删除/变更), in the order of the table (S3-F13)."""
    old, new = {row.key: row for row in before}, {row.key: row for row in after}
    found = []
    for key in sorted({*old, *new}, key=_place):
        was, becomes = old.get(key), new.get(key)
        if was is None or becomes is None:
            found.append(RowChange(Change.REMOVED if becomes is None else Change.ADDED, was, becomes))
            continue
        differing = tuple(
            field.name
            for field in fields(RuleFacts)
            if field.name != "term" and getattr(was, field.name) != getattr(becomes, field.name)
        )
        if retention.parse(was.term) != retention.parse(becomes.term):
            differing = ("term", *differing)
        found.append(RowChange(Change.CHANGED if differing else Change.SAME, was, becomes, differing))
    return tuple(found)


def _place(key: tuple[str, str]) -> tuple[str, int, str]:
    category, number = key
    return category, int(number) if number.isdecimal() else 0, number


def in_order(rows: Sequence[RuleFacts]) -> tuple[RuleFacts, ...]:
    """Rows in the order of the table."""
    return tuple(sorted(rows, key=lambda row: _place(row.key)))


def check_rows(rows: Sequence[RuleFacts]) -> None:
    """Whether rows make a table.

    Raises:
        H-001: a term cannot be read.
        H-008: a code or a name is not as it must be, or the table is empty or too long.
        H-015: two rows have one number, or one category two names.
    """
    if not 1 <= len(rows) <= MOST_ROWS:
        raise Refusal("H-008", what="表内行数 rows", value=str(len(rows)))
    seen: set[tuple[str, str]] = set()
    names: dict[str, str] = {}
    for row in rows:
        check_row(row)
        if row.key in seen or names.setdefault(row.category_code, row.category_name) != row.category_name:
            raise Refusal("H-015", row=f"{row.category_code}.{row.item_no}")
        seen.add(row.key)


def check_row(row: RuleFacts) -> None:
    """Whether one row can stand in a table.

    Raises:
        H-001: its term cannot be read.
        H-008: a code or a name is not as it must be.
    """
    if not CATEGORY_CODE.fullmatch(row.category_code):
        raise Refusal("H-008", what="类别代码 category", value=row.category_code[:40])
    if len(row.item_no) > 4 or (row.item_no and not row.item_no.isalnum()):
        raise Refusal("H-008", what="条目号 row number", value=row.item_no[:40])
    for what, value, most in (
        ("类别名称 category name", row.category_name, 40),
        ("材料名称 name", row.material_name, 120),
    ):
        if not value.strip() or len(value) > most:
            raise Refusal("H-008", what=what, value=value[:40])
    if len(row.source) > 200:
        raise Refusal("H-008", what="来源 source", value=row.source[:40])
    retention.parse(row.term)
