"""What holds for each category at every stage: collect, arrange, keep, hand over, store (分类规则一览)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from anjuan.core import arrangement
from anjuan.core.arrangement import Facet
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Classification
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import RuleRow, StepRow
from anjuan.records import numbering


@dataclass(frozen=True)
class Collecting:
    """A step of a category: what is collected, and within how many days it is filed."""

    step: StepRow
    required: tuple[str, ...]
    rule: RuleRow | None


@dataclass(frozen=True)
class Arranging:
    """How a fonds arranges a category: the kind, what a volume's items share, and the number that comes next."""

    fonds_code: str
    fonds_name: str
    kind: arrangement.Kind
    facets: tuple[Facet, ...]
    next_code: str


@dataclass(frozen=True)
class CategoryRules:
    """The rules of one category, stage by stage, as they hold on a day.

    Attributes:
        agency_days: days a volume may lie at the agency.
        legacy_days: days a paper-first volume is kept there before its transfer.
        transfer_due: month and day until which last year's volumes are handed over.
        rows: the rows of the table in force, each with its term.
    """

    code: str
    name: str
    collecting: tuple[Collecting, ...]
    arranging: tuple[Arranging, ...]
    agency_days: int
    legacy_days: int
    transfer_due: str
    rows: tuple[RuleRow, ...]

    @property
    def unconfirmed(self) -> int:
        """How many rows are not confirmed: what falls under them is kept for ever meanwhile."""
        return sum(not row.term.is_settled for row in self.rows)


def categories(*, on: dt.date, at: dt.datetime) -> list[CategoryRules]:
    """All categories of the table in force on a day; a handful of queries."""
    book = schedule.rulebook()
    steps = [row for row in schedule.steps(at) if not row.is_retired]
    in_force = next((code for since, code in book.versions if since <= on), "")
    rows = schedule.rules_of(in_force) if in_force else []
    names = {row.category_code: row.category_name for row in rows}
    fonds = numbering.fonds_rows()
    return [
        CategoryRules(
            code=code,
            name=name,
            collecting=tuple(_collecting(step, book, on) for step in steps if step.category_code == code),
            arranging=tuple(found for row in fonds for found in _arranging(row, code, on.year)),
            agency_days=settings.ANJUAN_AGENCY_DAYS,
            legacy_days=settings.ANJUAN_LEGACY_KEEP_DAYS,
            transfer_due=settings.ANJUAN_TRANSFER_DUE,
            rows=tuple(row for row in rows if row.category_code == code),
        )
        for code, name in sorted(names.items())
    ]


def _collecting(step: StepRow, book: schedule.Rulebook, on: dt.date) -> Collecting:
    try:
        rule = book.rule_for(step, on)
    except Refusal:
        rule = None  # the table in force has no row for it, which the rehearsal of that table named
    required = tuple(material.name for material in step.materials if material.is_required or material.is_main)
    return Collecting(step, required, rule)


def _arranging(row: numbering.FondsRow, category_code: str, year: int) -> Sequence[Arranging]:
    if not any(category.code == category_code for category in row.categories):
        return ()
    category = next(category for category in row.categories if category.code == category_code)
    kind = arrangement.kinds()[category.arrangement]
    coming = numbering.next_codes(row, template=row.template, agency_codes=[row.agency_code], year=year)
    shared = arrangement.shared(kind, Classification(row.classification))
    return (
        Arranging(
            fonds_code=row.code,
            fonds_name=row.name,
            kind=kind,
            facets=tuple(sorted(shared)),
            next_code=next((one.code for one in coming if one.category.code == category_code), ""),
        ),
    )
