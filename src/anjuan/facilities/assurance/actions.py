"""Keeping four-nature reports inside the deed that rests on them, and what people say of findings by machine."""

import datetime as dt
from collections.abc import Sequence

from anjuan.core import detection
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.assurance.models import FindingAnswer, Report, Threshold
from anjuan.facilities.assurance.queries import Examined, findings
from anjuan.facilities.assurance.queries.findings import Place, Verdict
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.records import queries as records
from anjuan.records import rules as record_rules

MEASURE_JOB = "MEASURE_PAGES"
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
    """Keep the reports of these tests with the deed under way."""
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

    with journal.writing(occasion=occasion, act="jobs.start", unit="job:new") as line:
        uid = jobs.open_job(line=line, kind=MEASURE_JOB, reference="", agency_path=archive_path(), params={})
        line.unit = f"job:{uid or 'new'}"
        line.say(kind=MEASURE_JOB)
    return uid
