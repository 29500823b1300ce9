"""Gathering what four-nature tests need, and reading their reports."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anjuan.core import assurance, detection
from anjuan.core.assurance import FileFacts, Outcome, RecordFacts, Result, Stage, Test
from anjuan.core.detection.facts import Reading
from anjuan.core.packages import readings
from anjuan.core.refusals import Refusal, Severity
from anjuan.core.signatures import is_valid
from anjuan.facilities.assurance.models import Report
from anjuan.facilities.assurance.queries import findings, schemes, signatures
from anjuan.facilities.assurance.queries.facts import facts_of, facts_of_loose
from anjuan.facilities.business import queries as business
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.rules import RECORD_NAME
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import lacking_names, missing_materials
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow

# What the tests of DA/T 70 ask detectors for; which test asks which stands in `core.assurance`.
_DETECTORS = ("L01", "L03", "L04", "L05", "L11", "D02", "D04", "D05", "D06", "D07", "D08", "D09", "D13", "D14", "V11")


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
    added: tuple[Test, ...] = ()
    files: tuple[signatures.SignedFile, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether no test with a veto failed or is left for a person."""
        return assurance.passes(self.results, self.added)

    def outcome(self, code: str) -> Outcome:
        """What one test said."""
        return next(result.outcome for result in self.results if result.code == code)

    @property
    def failing(self) -> str:
        """The tests that did not pass, in words, with what they name."""
        names = {test.code: test.zh for test in (*assurance.tests(), *self.added)}
        wrong = assurance.standing_against(self.results, self.added)
        return "；".join(f"{row.code} {names[row.code]}{f'（{row.detail}）' if row.detail else ''}" for row in wrong)


def examine(items: Sequence[ItemRow], stage: Stage) -> list[Examined]:
    """Do the tests of a stage on electronic records (四性检测). Every byte of them is read, once.

    Args:
        items: records the caller may see.
        stage: which scheme.

    Standard: DA/T 70-2018.
    """
    urns = [item.urn for item in items]
    components = records.components_of(urns)
    subjects = records.subjects_of(urns)
    steps = schedule.stepbook(item.step_code for item in items)
    answers = schedule.circumstances_of(urns)
    deeds = journal.uids_of(urns)
    mains = {
        item.urn: {row.code for row in steps.of(item.step_code, item.registered_at).materials if row.is_main}
        for item in items
    }
    read = {row.pk: _read(row, mains[item.urn]) for item in items for row in components[item.urn]}
    added = schemes.added_tests()
    wanted = tuple(dict.fromkeys((*_DETECTORS, *(code for test in added for code in test.detectors))))
    judged = _judged(items, {pk: reading for pk, (_, reading) in read.items()}, wanted)
    found = []
    for item in items:
        completion = business.completion_of(item.agency_code, item.acceptance_no)
        step = steps.of(item.step_code, item.registered_at)
        pages: dict[str, int] = {}
        for row in components[item.urn]:
            pages[row.material_code] = pages.get(row.material_code, 0) + row.page_count
        package = _package(item, len(components[item.urn]))
        facts = RecordFacts(
            files=tuple(read[row.pk][0] for row in components[item.urn]),
            completion_agrees=completion.step_code == item.step_code if completion else None,
            pages=sum(pages.values()),
            declared_pages=completion.declared_pages if completion else None,
            missing_materials=lacking_names(missing_materials(step.materials, pages, answers[item.urn])),
            missing_fields=tuple(
                name
                for name, value in (("题名 title", item.title), ("当事人 subject", subjects[item.urn]))
                if not value
            ),
            judged=judged.get(item.urn, {}),
            is_package_sound=package.is_sound,
            package_files=package.files,
            registered_files=len(components[item.urn]),
            has_own_record=package.has_own_record,
            has_scanner=bool(settings.ANJUAN_CLAMD),
            deeds=len(deeds.get(item.urn, ())),
        )
        signed = tuple(
            signatures.SignedFile(item.urn, item.reference, item.agency_path, row.sha512, row.original_name, shown)
            for row in components[item.urn]
            if (shown := read[row.pk][1].signatures) is not None
        )
        found.append(Examined(item.urn, stage, assurance.judge(stage, facts, added), added, signed))
    return found


@dataclass(frozen=True)
class _Package:
    """What is known of the object that a record is."""

    is_sound: bool | None
    files: int | None
    has_own_record: bool | None


def _package(item: ItemRow, captured: int) -> _Package:
    """The object of a record: whether it is built as prescribed, and what its newest version holds.

    Before sealing it holds captures only, superseded ones among them: then its files are not counted.
    """
    if not captured:
        return _Package(None, None, None)
    try:
        is_sound = not any(
            finding.severity is Severity.ERROR for finding in repository.findings_of(item.urn, content=False)
        )
        if not item.reference_code:
            return _Package(is_sound, None, None)
        inventory = repository.inventory_of(item.urn)
        names = inventory.versions[-1].state
        json.loads(repository.read_document(item.urn, RECORD_NAME))
    except Refusal:
        return _Package(False, None, False if item.reference_code else None)
    except ValueError:
        return _Package(is_sound, None, False)
    layers = sum(readings.version_of(name) is not None for name in names)  # derived: no file of the record
    return _Package(is_sound, len(names) - layers - 1, True)


def _judged(
    items: Sequence[ItemRow], readings: Mapping[int, Reading], wanted: Sequence[str]
) -> Mapping[str, Mapping[str, Outcome]]:
    """What detectors say of each item, those in volumes judged with their volume."""
    volumes = {urn for urn in records.volume_urns_of(items).values()}
    found: dict[str, Mapping[str, Outcome]] = {}
    changed = findings.thresholds()
    loose = facts_of_loose([item for item in items if item.volume_pk is None], readings=readings)
    for facts in (*facts_of(volumes, readings=readings), *loose):
        found.update(detection.outcomes(facts, wanted, settings=changed))
    return found


def latest_of(units: Sequence[str], stage: Stage) -> Mapping[str, ReportRow]:
    """The newest report of each record at a stage; one query."""
    rows = Report.objects.filter(unit__in=units, stage=stage).order_by("tested_at", "id")
    return {row.unit: _row(row) for row in rows}


def _read(row: ComponentRow, main: set[str]) -> tuple[FileFacts, Reading]:
    """One file, read from the store whole: what the tests and the detectors want to know of it."""
    is_pdf = row.mime == signatures.PDF
    try:
        with repository.open_verified(row.item_urn, row.sha512) as stream:
            shape = formats.characterise(Path(stream.name), name=row.original_name)
            found = signatures.verify_file(Path(stream.name), shape.mime, name=row.original_name)
    except Refusal as refusal:
        # B: the store cannot vouch for the bytes. M-007, M-008: encrypted, or something rides along.
        is_stored, is_unclean = not refusal.code.startswith("B-"), refusal.code in ("M-007", "M-008")
        is_readable = is_stored and is_unclean
        return (
            FileFacts(row.original_name, row.format_id, is_stored, is_readable, not is_unclean, None, None, False),
            Reading(is_stored, is_readable, not is_unclean, row.format_id, row.size_bytes),
        )
    return (
        FileFacts(
            name=row.original_name,
            format_id=row.format_id,
            is_verified=True,
            is_readable=True,
            is_clean=True,
            signatures=None if found is None else len(found),
            is_signature_valid=is_valid(found or ()),
            must_be_signed=is_pdf and row.material_code in main,
        ),
        Reading(True, True, True, shape.format_id, shape.size_bytes, found),
    )


def _row(row: Report) -> ReportRow:
    results = tuple(Result(code, Outcome(outcome), detail) for code, outcome, detail in row.results)
    return ReportRow(row.unit, Stage(row.stage), results, row.is_passed, row.tested_by, row.tested_at)
