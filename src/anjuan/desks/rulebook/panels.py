"""The desk of rules on the shared pages, and its shapes (归档规则)."""

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from anjuan.core import retention
from anjuan.core.terms import Actor, Post
from anjuan.core.words import word
from anjuan.desks.rulebook import queries, rules
from anjuan.desks.rulebook.queries import departments as department_queries
from anjuan.desks.rulebook.queries.categories import CategoryRules
from anjuan.desks.rulebook.queries.departments import DepartmentRow, PartTimerRow, Standing
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule.rules import (
    Change,
    Confidence,
    MaterialRow,
    RiskGrade,
    RowChange,
    RuleFacts,
    StepRow,
)
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import DeskNumber, RailEntry
from anjuan.records.queries.work import InHand

POSTS = frozenset({Post.ARCHIVIST, Post.SUPERVISOR})
RAIL = (RailEntry(gettext_lazy("Filing rules"), "rulebook:home", "scale", POSTS, order=70),)

CHANGES: Mapping[Change, tuple[str | Promise, str, str]] = {
    Change.ADDED: (gettext_lazy("added"), "good", "circle-plus"),
    Change.REMOVED: (gettext_lazy("removed"), "bad", "circle-x"),
    Change.CHANGED: (pgettext_lazy("rules", "changed"), "wait", "pencil"),
    Change.SAME: (pgettext_lazy("rules", "unchanged"), "", "minus"),
}
RISKS: Mapping[RiskGrade, tuple[str | Promise, str]] = {
    RiskGrade.HIGH: (gettext_lazy("high risk"), "bad"),
    RiskGrade.MEDIUM: (gettext_lazy("medium risk"), "wait"),
    RiskGrade.LOW: (gettext_lazy("low risk"), ""),
}
CONFIDENCES: Mapping[Confidence, tuple[str | Promise, str]] = {
    Confidence.SEEN: (gettext_lazy("seen in a public text"), "good"),
    Confidence.PRACTICE: (gettext_lazy("practice of offices"), ""),
    Confidence.UNCONFIRMED: (gettext_lazy("not confirmed"), "wait"),
}
FIELDS: Mapping[str, str | Promise] = {
    "category_name": gettext_lazy("category"),
    "material_name": gettext_lazy("material"),
    "term": gettext_lazy("term"),
    "is_confirmed": gettext_lazy("confirmed"),
    "source": gettext_lazy("source"),
    "note": gettext_lazy("note"),
}


def chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh").startswith("zh")


@dataclass(frozen=True)
class RuleLine:
    """A row of a table as pages show it."""

    row: RuleFacts
    term: str
    is_settled: bool
    url: str = ""


@dataclass(frozen=True)
class CategoryBlock:
    """The rows of one category."""

    code: str
    name: str
    lines: Sequence[RuleLine]


def blocks(rows: Sequence[RuleFacts], draft: str = "") -> list[CategoryBlock]:
    """A table by category. Unconfirmed rows say so; where a draft is named, each row leads to its form."""
    found: dict[str, list[RuleLine]] = {}
    names: dict[str, str] = {}
    for row in rows:
        term = retention.parse(row.term)
        url = (
            f"{reverse('rulebook:draft', kwargs={'code': draft})}?row={row.category_code}.{row.item_no}#row"
            if draft
            else ""
        )
        found.setdefault(row.category_code, []).append(RuleLine(row, labels.term_words(term), row.is_confirmed, url))
        names[row.category_code] = row.category_name
    return [CategoryBlock(code, names[code], lines) for code, lines in found.items()]


@dataclass(frozen=True)
class ChangeLine:
    """One row of a comparison: what became of it, and each field that differs, before and after."""

    words: str | Promise
    tone: str
    icon: str
    row: RuleFacts
    pairs: Sequence[tuple[str | Promise, str, str]]


def change_lines(changes: Sequence[RowChange]) -> list[ChangeLine]:
    """What differs between two versions; rows that are the same are left out."""
    return [ChangeLine(*CHANGES[one.change], one.row, _pairs(one)) for one in changes if one.change is not Change.SAME]


def _pairs(one: RowChange) -> list[tuple[str | Promise, str, str]]:
    if one.before is None or one.after is None:
        row = one.row
        return [(FIELDS["term"], *(("", _said(row, "term")) if one.before is None else (_said(row, "term"), "")))]
    return [(FIELDS[name], _said(one.before, name), _said(one.after, name)) for name in one.fields]


def _said(row: RuleFacts, name: str) -> str:
    if name == "term":
        return labels.term_words(retention.parse(row.term))
    value = getattr(row, name)
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)


def counts(changes: Sequence[RowChange]) -> dict[str, int]:
    """How many rows were added, removed, changed."""
    return {
        "added": sum(one.change is Change.ADDED for one in changes),
        "removed": sum(one.change is Change.REMOVED for one in changes),
        "changed": sum(one.change is Change.CHANGED for one in changes),
    }


@dataclass(frozen=True)
class StepLine:
    """A step in a list."""

    step: StepRow
    name: str
    url: str
    risk: tuple[str | Promise, str]
    confidence: tuple[str | Promise, str]
    required: int
    conditional: int
    groups: int


def step_line(step: StepRow) -> StepLine:
    """A step as lists show it."""
    return StepLine(
        step=step,
        name=step.name if chinese() else step.name_en,
        url=reverse("rulebook:step", kwargs={"code": step.code}),
        risk=RISKS[step.risk],
        confidence=CONFIDENCES[step.confidence],
        required=sum(
            (material.is_required or material.is_main) and not material.one_of and not material.condition
            for material in step.materials
        ),
        conditional=sum(bool(material.condition) for material in step.materials),
        groups=len({material.one_of for material in step.materials if material.one_of}),
    )


@dataclass(frozen=True)
class StepChange:
    """What differs between two editions of a step, in words."""

    name: str
    url: str
    is_new: bool
    lines: Sequence[tuple[str, str, str]]


def step_changes(before: StepRow | None, after: StepRow) -> StepChange:
    """What a step would ask otherwise than now."""
    url = reverse("rulebook:step", kwargs={"code": after.code})
    lines: list[tuple[str, str, str]] = []
    for column in rules.STEP_COLUMNS[1:]:
        was = rules.cell(column, getattr(before, column.field)) if before else ""
        becomes = rules.cell(column, getattr(after, column.field))
        if was != becomes:
            lines.append((column.name, was, becomes))
    old = {material.code: material for material in before.materials} if before else {}
    new = {material.code: material for material in after.materials}
    for code in dict.fromkeys((*old, *new)):
        was_row, row = old.get(code), new.get(code)
        if was_row is None or row is None:
            named = row or was_row
            said = named.name if named else code
            lines.append((_("material"), "" if was_row is None else said, said if was_row is None else ""))
            continue
        lines += [
            (f"{row.name} · {column.name}", rules.cell(column, one), rules.cell(column, other))
            for column in rules.MATERIAL_COLUMNS[2:-1]
            for one, other in ((getattr(was_row, column.field), getattr(row, column.field)),)
            if one != other
        ]
    if before and [*old] != [*new] and set(old) == set(new):
        lines.append((_("order"), "、".join(old), "、".join(new)))
    return StepChange(after.name, url, before is None, lines)


@dataclass(frozen=True)
class EffectLine:
    """An item that would fall under another rule."""

    effect: queries.Effect
    url: str
    before: str
    after: str


def effect_lines(effects: Sequence[queries.Effect]) -> list[EffectLine]:
    """Items as the rehearsal lists them."""
    return [
        EffectLine(
            effect,
            reverse("search:item", kwargs={"urn": effect.urn}),
            labels.term_words(effect.before),
            labels.term_words(effect.after),
        )
        for effect in effects
    ]


def done_words(done: str) -> str:
    """One line on what was just done."""
    said = {
        "drafted": _("The draft is begun. Nothing falls under it yet."),
        "revised": _("Kept in the draft."),
        "dropped": _("The draft was given up."),
        "consent": _("The consent is on record."),
        "adopted": _("The new table is in force."),
        "steps": _("The new editions are on record; what was registered keeps its own."),
        "restored": _("The earlier edition holds again."),
        "numbered": _("The numbering is changed; numbers already given stay."),
        "category": _("The category is on record."),
        "opened": _("The fonds is set up."),
        "department": _("The department is on record; name who looks after its records."),
        "struck": _("The department is struck."),
        "named": _("The person is named."),
        "template": _("The template is begun: choose a sample page and draw."),
        "drawn": _("The drawing is saved. Try it on other pages before you put it into use."),
        "edition": _("The next edition is begun from this one."),
        "in_use": _("The edition is in use; pages that were read before are being laid now."),
        "withdrawn": _("The edition is used no more; what it said stays on record."),
        "relieved": _("The last day is on record; what is left in hand is listed below."),
    }
    return said.get(done, "")


def blank_facts(step: StepRow) -> dict[str, object]:
    """What the blank form of a step says: the form's name, and what to bring. In Chinese, as it is handed in."""
    main = next(material for material in step.materials if material.is_main)
    rows = [
        material for material in step.materials if not material.is_main and (material.is_required or material.one_of)
    ]
    return {
        "title": main.name,
        "step_name": step.name,
        "legal_basis": step.legal_basis,
        "foot": f"{step.code} 第 {step.edition} 版",
        "rows": [{"no": str(place), "name": row.name, "asked": _asked(row)} for place, row in enumerate(rows, 1)],
    }


def _asked(row: MaterialRow) -> str:
    parts = [
        f"多选一（{row.one_of}）" if row.one_of else "",
        f"{row.condition}的" if row.condition else "",
        "原件" if row.original_required else "",
    ]
    return "，".join(part for part in parts if part) or "必交"


@dataclass(frozen=True)
class DutyLine:
    """One step of the way in words: who, with what in hand, apart from whom."""

    letter: str
    verb: str
    source: str
    target: str
    posts: str
    evidence: str
    apart_from: str
    holders: str


def duty_lines(rows: Sequence[queries.DutyRow]) -> list[DutyLine]:
    """The duty matrix in the reader's words."""
    language = get_language() or "zh"
    comma = "、" if chinese() else ", "

    def said(terms: Iterable[enum.Enum]) -> str:
        return comma.join(sorted(word(term, language) for term in terms))

    return [
        DutyLine(
            letter=row.move.letter,
            verb=word(row.move.verb, language),
            source=word(row.move.source, language),
            target=word(row.move.target, language),
            posts=said(row.move.posts),
            evidence=said(row.move.evidence),
            apart_from=said(row.move.apart_from),
            holders=comma.join(row.holders),
        )
        for row in rows
    ]


STANDINGS: Mapping[Standing, tuple[str | Promise, str, str]] = {
    Standing.ONE: (gettext_lazy("one person"), "good", "check"),
    Standing.TWO: (gettext_lazy("two: handing over"), "wait", "clock"),
    Standing.NOBODY: (pgettext_lazy("department", "nobody"), "bad", "alert-triangle"),
}


@dataclass(frozen=True)
class LeftLine:
    """A record that somebody who was relieved still has in hand."""

    work: InHand
    state: str
    url: str


@dataclass(frozen=True)
class DepartmentLine:
    """A department as its page shows it."""

    row: DepartmentRow
    words: str | Promise
    tone: str
    icon: str
    candidates: Mapping[str, str]
    left: Sequence[tuple[PartTimerRow, Sequence[LeftLine]]]


def departments(actor: Actor, *, today: dt.date) -> dict[str, Any]:
    """Every department of the reader's agencies, who looks after its records, and what was left in hand."""
    language = get_language() or "zh"

    def left_line(work: InHand) -> LeftLine:
        kind = "volume" if work.is_volume else "item"
        return LeftLine(work, word(work.state, language), reverse(f"search:{kind}", kwargs={"urn": work.urn}))

    rows = department_queries.listed(actor, on=today)
    able = {row.agency_path: department_queries.candidates(row.agency_path, on=today) for row in rows}
    return {
        "lines": [
            DepartmentLine(
                row,
                *STANDINGS[row.standing],
                able[row.agency_path],
                [
                    (one, [left_line(work) for work in works])
                    for one, works in department_queries.left_behind(row, on=today)
                ],
            )
            for row in rows
        ],
        "standings": [
            (words, tone, icon, sum(row.standing is standing for row in rows))
            for standing, (words, tone, icon) in STANDINGS.items()
        ],
        "agencies": department_queries.readable(actor),
        "without": department_queries.agencies_without(actor),
    }


def _vacant(actor: Actor, today: dt.date | None = None) -> int:
    rows = department_queries.listed(actor, on=today or occasions.today())
    return sum(row.standing is Standing.NOBODY for row in rows)


NUMBERS = (
    DeskNumber(
        gettext_lazy("Departments without a part-timer"),
        "rulebook:departments",
        frozenset({Post.SUPERVISOR}),
        _vacant,
        icon="users",
        order=70,
        is_bad=True,
    ),
)


@dataclass(frozen=True)
class CategoryStep:
    """A step as the rules of its category show it."""

    name: str
    url: str
    required: str
    days: int
    term: str


@dataclass(frozen=True)
class CategoryFonds:
    """A fonds as the rules of a category show it."""

    code: str
    name: str
    kind: str
    shares: str
    is_confirmed: bool
    next_code: str


@dataclass(frozen=True)
class CategoryLines:
    """The rules of one category in the reader's words."""

    rules: CategoryRules
    steps: Sequence[CategoryStep]
    fonds: Sequence[CategoryFonds]
    terms: Sequence[tuple[str, str, str, bool]]


def category_lines(one: CategoryRules) -> CategoryLines:
    """The rules of one category in the reader's words."""
    language, comma = get_language() or "zh", "、" if chinese() else ", "
    return CategoryLines(
        rules=one,
        steps=[
            CategoryStep(
                name=row.step.name if chinese() else row.step.name_en,
                url=reverse("rulebook:step", kwargs={"code": row.step.code}),
                required=comma.join(row.required),
                days=row.step.filing_days,
                term=labels.term_words(row.rule.term) if row.rule else "—",
            )
            for row in one.collecting
        ],
        fonds=[
            CategoryFonds(
                code=row.fonds_code,
                name=row.fonds_name,
                kind=word(row.kind.code, language),
                shares=comma.join(word(facet, language) for facet in row.facets),
                is_confirmed=row.kind.is_confirmed,
                next_code=row.next_code,
            )
            for row in one.arranging
        ],
        terms=[(row.item_no, row.material_name, labels.term_words(row.term), row.is_confirmed) for row in one.rows],
    )
