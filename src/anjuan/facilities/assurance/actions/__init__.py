"""Keeping four-nature reports inside the deed that rests on them, and what people say of findings by machine."""

import datetime as dt
from collections.abc import Sequence

from anjuan.core import detection
from anjuan.core.assurance import Nature, Stage
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, State
from anjuan.facilities.assurance.actions import signatures
from anjuan.facilities.assurance.models import AddedTest, FindingAnswer, Report, Threshold
from anjuan.facilities.assurance.queries import Examined, examine, findings, schemes, storage
from anjuan.facilities.assurance.queries.findings import Place, Verdict
from anjuan.facilities.assurance.queries.signatures import FoundStep
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats import queries as format_queries
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.jobs.rules import Params
from anjuan.facilities.reading import actions as reading
from anjuan.facilities.reading import queries as reading_queries
from anjuan.facilities.reading.queries import PageToRead
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.records import queries as records
from anjuan.records import rules as record_rules
from anjuan.records.rows import VolumeRow

MEASURE_JOB = "MEASURE_PAGES"
STORED_JOB = "TEST_STORED"
PAGED_JOB = "LOOK_AT_PAGED"
MOST_ADDED = 40  # tests an office may add: each is done on every record
_AGAIN_AFTER = dt.timedelta(days=1)  # what failed or was stopped is not begun again at once
JUDGING_POSTS = (Post.CHECKER, Post.ACCEPTOR, Post.RECHECKER)


def must_pass(found: Sequence[Examined], *, reference: str) -> None:
    """Whether every record passed its tests.

    Raises:
        Z-001: one did not; the tests and what they name are said.
    """
    for one in found:
        if not one.passes:
            raise Refusal("Z-001", reference=reference, tests=one.failing)


def keep(*, line: Line, found: Sequence[Examined]) -> None:
    """Keep the reports of these tests with the deed under way, and enter invalid signatures in their register."""
    Report.objects.bulk_create(
        Report(
            unit=one.unit,
            stage=one.stage,
            results=[[result.code, result.outcome.value, result.detail] for result in one.results],
            is_passed=one.passes,
            tested_by=line.occasion.actor.staff_code,
            tested_at=line.occasion.at,
        )
        for one in found
    )
    checked = [file for one in found for file in one.files]
    signatures.keep_checks(checked=checked)
    if found:
        signatures.enter_faults(line=line, checked=checked, step=FoundStep(found[0].stage))


def answer_finding(*, occasion: Occasion, volume_urn: str, place: Place, verdict: Verdict) -> None:
    """Say of a finding by machine that it is a fault, or that it is none (人工判定). It may be said otherwise later.

    Args:
        occasion: the person whose turn it is to check the volume.
        volume_urn: the volume.
        place: detector, item, component and page of the finding.
        verdict: what the person says.

    Raises:
        A-001: the actor holds no checking post over the volume's agency.
        R-009: there is no such volume, or the actor may not see it.
        Z-002: the machine finds nothing there any more.

    Standard: S3-W14, S3-W16.
    """
    volume = records.get_volume_for(occasion.actor, volume_urn)
    permit(occasion.actor, volume.agency_path, *JUDGING_POSTS)
    found = next((row for row in findings.found_in([volume_urn])[volume_urn] if row.finding.place == place), None)
    if found is None:
        raise Refusal("Z-002", reference=volume.reference, code=place[0])
    finding = found.finding

    with journal.writing(occasion=occasion, act="assurance.answer_finding", unit=volume_urn) as line:
        FindingAnswer.objects.update_or_create(
            volume_urn=volume_urn,
            code=finding.code,
            item_urn=finding.item_urn,
            component_pk=finding.component_pk or 0,
            page_no=finding.page_no or 0,
            defaults={
                "said": finding.zh[:200],
                "outcome": finding.outcome,
                "version": finding.version,
                "agency_code": volume.agency_code,
                "verdict": verdict,
                "answered_by": occasion.actor.staff_code,
                "answered_at": occasion.at,
            },
        )
        line.say(finding=finding.code, of=finding.reference, outcome=finding.outcome, verdict=verdict, said=finding.zh)


def set_threshold(*, occasion: Occasion, code: str, name: str, value: float, reason: str) -> None:
    """Set a threshold of a detector for the whole house (调整检测阈值); setting the shipped value takes it back.

    Raises:
        A-001: the actor is no re-checker of the archive itself.
        R-010: the reason holds a character that cannot be kept.
        Z-003: there is no such threshold, or the value lies outside its range.
        Z-004: no reason is given.
    """
    permit(occasion.actor, archive_path(), *findings.THRESHOLD_POSTS)
    detector = detection.detectors().get(code)
    setting = next((one for one in detector.settings if one.name == name), None) if detector else None
    if setting is None or not setting.least <= value <= setting.most:
        allowed = f"{setting.least:g}–{setting.most:g}" if setting else "—"
        raise Refusal("Z-003", threshold=f"{code}.{name}"[:40], value=f"{value:g}", allowed=allowed)
    if not reason.strip():
        raise Refusal("Z-004")
    said = record_rules.text("理由 reason", reason.strip(), limit=200)

    with journal.writing(occasion=occasion, act="assurance.set_threshold", unit=f"detector:{code}") as line:
        before = findings.thresholds().get(code, {}).get(name, setting.default)
        Threshold.objects.update_or_create(
            code=code,
            name=name,
            defaults={"value": value, "reason": said, "set_by": occasion.actor.staff_code, "set_at": occasion.at},
        )
        line.say(threshold=f"{code}.{name}", before=f"{before:g}", after=f"{value:g}", reason=said)


def add_test(
    *,
    occasion: Occasion,
    zh: str,
    en: str,
    nature: Nature,
    stages: Sequence[Stage],
    detectors: Sequence[str],
    has_veto: bool,
    reason: str,
) -> str:
    """Add a test to the scheme of the whole house (增加检测项): it says the worst that these detectors say.

    Args:
        occasion: the re-checker of the archive itself.
        zh: what it tests, in Chinese.
        en: the same in English; empty for the Chinese.
        nature: which of the four it belongs to.
        stages: when it is done.
        detectors: whose word it takes.
        has_veto: whether a record that fails it is refused.
        reason: what it rests on.

    Returns:
        Its code.

    Raises:
        A-001: the actor is no re-checker of the archive itself.
        R-010: a text is empty, too long, or holds a character that cannot be kept.
        Z-004: no reason is given.
        Z-007: it names no stage or no detector, or one that is not there.
        Z-008: there are as many as may be.

    Standard: DA/T 70-2018 (the scheme is the office's own); concurrency: of two at once, one is refused by L-001.
    """
    permit(occasion.actor, archive_path(), *findings.THRESHOLD_POSTS)
    known = detection.detectors()
    if not stages or not detectors or any(code not in known for code in detectors):
        raise Refusal("Z-007", detectors=" ".join(detectors)[:80] or "—")
    if not reason.strip():
        raise Refusal("Z-004")
    named = record_rules.text("检测项 test", zh.strip(), limit=100)
    fields = {
        "zh": named,
        "en": record_rules.text("检测项 test", en.strip(), limit=100) if en.strip() else named,
        "reason": record_rules.text("理由 reason", reason.strip(), limit=200),
    }
    there = schemes.added(withdrawn=True)
    if sum(row.withdrawn_at is None for row in there) >= MOST_ADDED:
        raise Refusal("Z-008", most=MOST_ADDED)
    code = f"{schemes.PREFIX}{len(there) + 1}"

    with journal.writing(occasion=occasion, act="assurance.add_test", unit=f"test:{code}") as line:
        _row, is_mine = AddedTest.objects.get_or_create(
            code=code,
            defaults={
                **fields,
                "nature": nature,
                "stages": sorted(set(stages)),
                "detectors": list(dict.fromkeys(detectors)),
                "has_veto": has_veto,
                "set_by": occasion.actor.staff_code,
                "set_at": occasion.at,
            },
        )
        if not is_mine:
            raise Refusal("L-001", reference=code)
        line.say(test=code, zh=named, detectors=" ".join(detectors), veto=str(has_veto), reason=fields["reason"])
    return code


def withdraw_test(*, occasion: Occasion, code: str, reason: str) -> None:
    """Have an added test done no more (停用检测项). Reports that name it keep its name.

    Raises:
        A-001: the actor is no re-checker of the archive itself.
        R-009: no such test was added, or it is withdrawn already.
        R-010: the reason holds a character that cannot be kept.
        Z-004: no reason is given.
    """
    permit(occasion.actor, archive_path(), *findings.THRESHOLD_POSTS)
    if not reason.strip():
        raise Refusal("Z-004")
    said = record_rules.text("理由 reason", reason.strip(), limit=200)

    with journal.writing(occasion=occasion, act="assurance.withdraw_test", unit=f"test:{code[:6]}") as line:
        done = AddedTest.objects.filter(code=code, withdrawn_at=None).update(
            withdrawn_at=occasion.at, withdrawn_reason=said
        )
        if not done:
            raise Refusal("R-009", what=code[:20])
        line.say(test=code, reason=said)


def examine_volume(*, occasion: Occasion, volume_urn: str) -> list[Examined]:
    """Test a held volume's electronic records now, and keep the reports (长期保存检测).

    Raises:
        A-001: the actor holds no testing post over the volume's agency.
        R-009: there is no such volume, or the actor may not see it.
        Z-005: it is not held, or has no files to test.

    Standard: DA/T 70-2018 (long-term storage).
    """
    volume = records.get_volume_for(occasion.actor, volume_urn)
    permit(occasion.actor, volume.agency_path, *storage.TESTING_POSTS)
    return _examine_held(occasion, volume)


def examine_due(*, occasion: Occasion, volume_urn: str) -> None:
    """What the calendar asks for: test one held volume's electronic records, and keep the reports (到期检测).

    Args:
        occasion: the worker's own.
        volume_urn: which volume.

    Raises:
        Z-005: it is not held any more, or has no files to test.
        Z-006: a record did not pass; the reports are kept all the same.
    """
    volume = records.volumes_by_urn([volume_urn])[volume_urn]
    failing = [one for one in _examine_held(occasion, volume) if not one.passes]
    if failing:
        raise Refusal("Z-006", reference=volume.reference, count=len(failing), tests=failing[0].failing)


def _examine_held(occasion: Occasion, volume: VolumeRow) -> list[Examined]:
    members = records.items_of(volume.urn)
    files = records.components_of([item.urn for item in members])
    items = [item for item in members if files[item.urn]]
    if volume.state is not State.HELD or not items:
        raise Refusal("Z-005", reference=volume.reference)
    found = examine(items, Stage.STORAGE)

    with journal.writing(occasion=occasion, act="assurance.examine_volume", unit=volume.urn) as line:
        keep(line=line, found=found)
        line.say(records=len(found), passed=sum(one.passes for one in found))
    return found


def look_now(*, item_urn: str, at: dt.datetime) -> int:
    """Measure and read the next page of an item while its paper is in hand (前台即时识读). The record does not change.

    Args:
        item_urn: the item; rights are judged by who asks.
        at: the moment that is put down.

    Returns:
        How many pages are still to be looked at.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed.
    Concurrency: one page at a time in one process: where somebody else waits for his, nothing is done.
    """
    files = [row for row in records.components_of([item_urn])[item_urn] if row.mime in reading_queries.READ_MIMES]
    done = reading_queries.read_pages([row.sha512 for row in files])
    waiting = [
        PageToRead(row.pk, item_urn, row.sha512, page)
        for row in files
        for page in range(1, row.page_count + 1)
        if page not in done.get(row.sha512, set())
    ]
    if not waiting or not reading_queries.is_on():
        return 0
    page = waiting[0]
    if page.sha512 in {row.sha512 for row in files if row.mime in format_queries.MEASURED_MIMES}:
        formats.measure_pages(
            urn=item_urn,
            sha512=page.sha512,
            first=page.page_no,
            last=page.page_no,
            beside={row.sha512: row.page_count for row in files if row.mime in format_queries.MEASURED_MIMES},
        )
    return len(waiting) - reading.read_now(page=page, at=at)


def keep_tested(*, occasion: Occasion) -> str:
    """Have held records tested that are due (按期检测).

    Args:
        occasion: the worker's own.

    Returns:
        The job's uid; empty while one is under way, on the day of the last one, and while nothing is due.
    """
    last = job_queries.latest_of(STORED_JOB)
    if last is not None and (not last.is_finished or occasion.at - (last.finished_at or occasion.at) < _AGAIN_AFTER):
        return ""
    if next(storage.due(0, occasion.at), None) is None:
        return ""
    return _start(occasion, STORED_JOB, {"at": occasion.at.isoformat()})


def keep_measured(*, occasion: Occasion) -> str:
    """Have pages measured that were not yet (按期测量影像).

    Args:
        occasion: the worker's own.

    Returns:
        The job's uid; empty while one is under way, or has just ended badly.
    """
    last = job_queries.latest_of(MEASURE_JOB)
    if last is not None and not last.is_finished:
        return ""
    if (
        last is not None
        and (last.failed or last.reason)
        and occasion.at - (last.finished_at or occasion.at) < _AGAIN_AFTER
    ):
        return ""

    return _start(occasion, MEASURE_JOB, {})


def keep_looked_at(*, occasion: Occasion) -> str:
    """Have PDF and OFD files looked at that were not yet, or not since the house trusts whom it trusts (例行查验).

    Args:
        occasion: the worker's own.

    Returns:
        The job's uid; empty while one is under way, or has just ended badly.
    """
    last = job_queries.latest_of(PAGED_JOB)
    if last is not None and (
        not last.is_finished
        or ((last.failed or last.reason) and occasion.at - (last.finished_at or occasion.at) < _AGAIN_AFTER)
    ):
        return ""

    return _start(occasion, PAGED_JOB, {})


def _start(occasion: Occasion, kind: str, params: Params) -> str:
    with journal.writing(occasion=occasion, act="jobs.start", unit="job:new") as line:
        uid = jobs.open_job(line=line, kind=kind, reference="", agency_path=archive_path(), params=params)
        line.unit = f"job:{uid or 'new'}"
        line.say(kind=kind)
    return uid
