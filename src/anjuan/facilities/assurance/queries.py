"""Gathering what four-nature tests need, and reading their reports."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anjuan.core import assurance
from anjuan.core.assurance import FileFacts, Outcome, RecordFacts, Result, Stage
from anjuan.core.refusals import Refusal
from anjuan.facilities.assurance.models import Report
from anjuan.facilities.business import queries as business
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import lacking_names, missing_materials
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow

PDF = "application/pdf"


@dataclass(frozen=True)
class ReportRow:
    """A report as pages see it."""

    unit: str
    stage: Stage
    results: tuple[Result, ...]
    is_passed: bool
    tested_by: str
    tested_at: dt.datetime


@dataclass(frozen=True)
class Examined:
    """What the tests of a stage said of one record just now."""

    unit: str
    stage: Stage
    results: tuple[Result, ...]

    @property
    def passes(self) -> bool:
        """Whether nothing failed and nothing is left for a person."""
        return assurance.passes(self.results)

    def outcome(self, code: str) -> Outcome:
        """What one test said."""
        return next(result.outcome for result in self.results if result.code == code)

    @property
    def failing(self) -> str:
        """The tests that did not pass, in words, with what they name."""
        names = {test.code: test.zh for test in assurance.tests()}
        wrong = [result for result in self.results if result.outcome in (Outcome.FAIL, Outcome.UNSURE)]
        return "；".join(f"{row.code} {names[row.code]}{f'（{row.detail}）' if row.detail else ''}" for row in wrong)


def examine(items: Sequence[ItemRow], stage: Stage) -> list[Examined]:
    """Do the tests of a stage on electronic records (四性检测). Every byte of them is read.

    Args:
        items: records the caller may see.
        stage: which scheme.
    """
    urns = [item.urn for item in items]
    components = records.components_of(urns)
    subjects = records.subjects_of(urns)
    steps = schedule.stepbook(item.step_code for item in items)
    answers = schedule.circumstances_of(urns)
    found = []
    for item in items:
        completion = business.completion_of(item.agency_code, item.acceptance_no)
        step = steps.of(item.step_code, item.registered_at)
        pages: dict[str, int] = {}
        for row in components[item.urn]:
            pages[row.material_code] = pages.get(row.material_code, 0) + row.page_count
        main = {material.code for material in step.materials if material.is_main}
        facts = RecordFacts(
            files=tuple(_file(row, main) for row in components[item.urn]),
            completion_agrees=completion.step_code == item.step_code if completion else None,
            pages=sum(pages.values()),
            declared_pages=completion.declared_pages if completion else None,
            missing_materials=lacking_names(missing_materials(step.materials, pages, answers[item.urn])),
            missing_fields=tuple(
                name
                for name, value in (("题名 title", item.title), ("当事人 subject", subjects[item.urn]))
                if not value
            ),
        )
        found.append(Examined(item.urn, stage, assurance.judge(stage, facts)))
    return found


def latest_of(units: Sequence[str], stage: Stage) -> Mapping[str, ReportRow]:
    """The newest report of each record at a stage; one query."""
    rows = Report.objects.filter(unit__in=units, stage=stage).order_by("tested_at", "id")
    return {row.unit: _row(row) for row in rows}


def _file(row: ComponentRow, main: set[str]) -> FileFacts:
    is_pdf = row.mime == PDF
    try:
        with repository.open_verified(row.item_urn, row.sha512) as stream:
            formats.characterise(Path(stream.name), name=row.original_name)
            report = signing.verify_pdf(stream.read()) if is_pdf else None
    except Refusal as refusal:
        # B: the store cannot vouch for the bytes. M-007, M-008: encrypted, or something rides along.
        is_stored, is_unclean = not refusal.code.startswith("B-"), refusal.code in ("M-007", "M-008")
        return FileFacts(
            row.original_name, row.format_id, is_stored, is_stored and is_unclean, not is_unclean, None, None, False
        )
    return FileFacts(
        name=row.original_name,
        format_id=row.format_id,
        is_verified=True,
        is_readable=True,
        is_clean=True,
        signatures=report.signatures if report else None,
        is_signature_valid=report.is_valid if report and report.signatures else None,
        must_be_signed=is_pdf and row.material_code in main,
    )


def _row(row: Report) -> ReportRow:
    results = tuple(Result(code, Outcome(outcome), detail) for code, outcome, detail in row.results)
    return ReportRow(row.unit, Stage(row.stage), results, row.is_passed, row.tested_by, row.tested_at)
