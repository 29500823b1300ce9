"""Catalogues in spreadsheets as their owner and his colleagues see them (目录导入)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from anjuan.core import sheets
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Actor, Post
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import CatalogueSheet, ColumnMap, FieldChange, RowFault
from anjuan.desks.intake.rules import catalogue as rules
from anjuan.foundation.accounts.queries import scopes
from anjuan.foundation.schedule import queries as schedule
from anjuan.records.models import Item
from anjuan.records.rules import DESCRIBABLE

MOST_SHOWN = 100
EXPORT_AT_ONCE = 1000


@dataclass(frozen=True)
class SheetRow:
    """A sheet as lists and its page show it."""

    uid: str
    agency_code: str
    agency_path: str
    owner_code: str
    name: str
    purpose: rules.Purpose
    heads: tuple[str, ...]
    mapping: Mapping[str, int]
    row_count: int
    status: rules.SheetStatus
    taken: int
    laid_at: dt.datetime


@dataclass(frozen=True)
class ChangeRow:
    """A changed field in a diff."""

    row_no: int
    urn: str
    reference: str
    field: str
    before: str
    after: str
    is_made: bool
    is_undone: bool


@dataclass(frozen=True)
class Standing:
    """A sheet with what the dry run found (试运行)."""

    sheet: SheetRow
    first_rows: tuple[sheets.Row, ...]
    faulty_rows: int
    faults: tuple[rules.RowFault, ...]
    changes: tuple[ChangeRow, ...]
    change_count: int
    changed_items: int
    obstacle: Obstacle | None


def sheets_for(actor: Actor) -> list[SheetRow]:
    """Sheets of the agencies where the actor is a handler, newest first."""
    condition = Q(pk__in=[])
    for held in actor.appointments:
        if held.post is Post.HANDLER:
            condition |= Q(agency_path__startswith=held.agency_path)
    return [_sheet(row) for row in CatalogueSheet.objects.filter(condition).order_by("-id")[:MOST_SHOWN]]


def get_sheet_for(actor: Actor, uid: str) -> SheetRow:
    """One sheet.

    Raises:
        R-009: there is none, or it is not of an agency where the actor is a handler.
    """
    row = CatalogueSheet.objects.filter(uid=uid).first()
    if row is None or not actor.covers(row.agency_path, Post.HANDLER):
        raise Refusal("R-009", what=uid[:20])
    return _sheet(row)


def sheet_of(uid: str) -> SheetRow:
    """One sheet; rights not judged.

    Raises:
        R-009: there is none.
    """
    row = CatalogueSheet.objects.filter(uid=uid).first()
    if row is None:
        raise Refusal("R-009", what=uid[:20])
    return _sheet(row)


def standing(sheet: SheetRow) -> Standing:
    """A sheet with its first rows, the first of its faults and the first of its changes."""
    faults = RowFault.objects.filter(sheet__uid=sheet.uid).order_by("place", "id")
    planned = FieldChange.objects.filter(sheet__uid=sheet.uid).order_by("place", "id")
    first = tuple(cells for _, _, cells in slice_of(sheet.uid, 0, rules.SLICE))
    return Standing(
        sheet=sheet,
        first_rows=first[:5],
        faulty_rows=faults.values("place").distinct().count(),
        faults=tuple(
            rules.RowFault(row.row_no, row.field, Refusal(row.code, **row.params)) for row in faults[:MOST_SHOWN]
        ),
        changes=tuple(
            ChangeRow(row.row_no, row.urn, row.reference, row.field, row.before, row.after, row.is_made, row.is_undone)
            for row in planned[:MOST_SHOWN]
        ),
        change_count=planned.count(),
        changed_items=planned.values("urn").distinct().count(),
        obstacle=rules.swapped(sheet.mapping, first) if sheet.mapping else None,
    )


def slice_of(uid: str, first: int, count: int) -> list[tuple[int, int, sheets.Row]]:
    """Rows of a sheet from a place on: place, number in the sheet, cells."""
    return spool.read_rows(uid, first, count, slice_rows=rules.SLICE)


def faulty_places(uid: str, first: int, count: int) -> frozenset[int]:
    """Places among these rows that the dry run found wanting."""
    rows = RowFault.objects.filter(sheet__uid=uid, place__gte=first, place__lt=first + count)
    return frozenset(rows.values_list("place", flat=True))


def faulty_lines(sheet: SheetRow) -> Iterator[Sequence[str]]:
    """Headings and every faulty row with its reason: to be mended and sent again (改后重送)."""
    yield [*sheet.heads, "错误列", "原因", "怎么办"]
    faults = RowFault.objects.filter(sheet__uid=sheet.uid).order_by("place", "id")
    width = len(sheet.heads)
    for row in faults.iterator(chunk_size=rules.SLICE):
        base = row.place // rules.SLICE * rules.SLICE
        cells = next((cells for place, _, cells in slice_of(sheet.uid, base, rules.SLICE) if place == row.place), ())
        refusal = Refusal(row.code, **row.params)
        padded = [*cells, *([""] * (width - len(cells)))]
        yield [*padded, rules.FIELDS_ZH.get(row.field, ""), refusal.message("zh"), refusal.remedy("zh")]


def step_names(at: dt.datetime) -> dict[str, str]:
    """Codes of the business steps of a moment, by code and by name."""
    steps = schedule.steps(at)
    return {step.name: step.code for step in steps} | {step.code: step.code for step in steps}


def saved_map(agency_code: str, purpose: rules.Purpose) -> Mapping[str, str]:
    """Field by heading, as the agency mapped it last."""
    row = ColumnMap.objects.filter(agency_code=agency_code, purpose=purpose).first()
    return row.fields if row else {}


def present(agency_code: str, numbers: Iterable[str]) -> Mapping[str, tuple[str, dt.date, int, str]]:
    """Title, date, pages and step of the items that have these acceptance numbers; rights not judged."""
    rows = Item.objects.filter(agency__code=agency_code, acceptance_no__in=set(numbers)).order_by("id")
    return {
        number: (title, formed, pages, step)
        for number, title, formed, pages, step in rows.values_list(
            "acceptance_no", "title", "formed_date", "paper_pages", "step_code"
        )
    }


def describable(agency_path: str, urns: Iterable[str]) -> Mapping[str, tuple[str, rules.Described]]:
    """Reference and description of those of these items that may be changed by sheet; rights not judged."""
    rows = Item.objects.filter(urn__in=set(urns), agency__path__startswith=agency_path, state__in=DESCRIBABLE)
    return {
        urn: (reference or number, rules.Described(title, formed, pages))
        for urn, reference, number, title, formed, pages in rows.order_by("id").values_list(
            "urn", "reference_code", "acceptance_no", "title", "formed_date", "paper_pages"
        )
    }


def export(actor: Actor, purpose: rules.Purpose) -> Iterator[Sequence[str]]:
    """The catalogue as rows of a sheet (目录导出): for changing it what may be changed, else all that one sees.

    Read a thousand at a time by key, so that it never lies in memory whole.
    """
    is_edit = purpose is rules.Purpose.EDIT
    heads = ["档案标识", "受理号", "题名", "形成日期", "页数"]
    yield heads if is_edit else [*heads, "业务环节", "年度", "保管期限", "状态", "档号"]
    names = {step.code: step.name for step in schedule.steps()}
    seen = Item.objects.filter(scopes(actor, *((Post.HANDLER,) if is_edit else ())))
    if is_edit:
        seen = seen.filter(state__in=DESCRIBABLE)
    last = 0
    while True:
        rows = list(
            seen.filter(pk__gt=last).order_by("pk").values_list(
                "pk", "urn", "acceptance_no", "title", "formed_date", "paper_pages", "step_code", "year", "term",
                "state", "reference_code",
            )[:EXPORT_AT_ONCE]
        )  # fmt: skip
        for _, urn, number, title, formed, pages, step, year, term, state, reference in rows:
            line = [urn, number, title, formed.isoformat(), str(pages)]
            yield line if is_edit else [*line, names.get(step, step), str(year), term, state, reference or ""]
        if len(rows) < EXPORT_AT_ONCE:
            return
        last = rows[-1][0]


def change_places(uid: str, *, made: bool) -> list[int]:
    """Places of rows whose changes are still to be made, or to be undone."""
    rows = FieldChange.objects.filter(sheet__uid=uid, is_made=made, is_undone=False)
    return sorted(set(rows.values_list("place", flat=True)))


def _sheet(row: CatalogueSheet) -> SheetRow:
    return SheetRow(
        uid=row.uid,
        agency_code=row.agency_code,
        agency_path=row.agency_path,
        owner_code=row.owner_code,
        name=row.name,
        purpose=rules.Purpose(row.purpose),
        heads=tuple(row.heads),
        mapping=row.mapping,
        row_count=row.row_count,
        status=rules.SheetStatus(row.status),
        taken=row.taken,
        laid_at=row.laid_at,
    )
