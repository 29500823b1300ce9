import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.core.refusals import Refusal
from anjuan.facilities.jobs import actions, queries
from anjuan.facilities.jobs.queries import JobRow
from anjuan.foundation.accounts import occasions

router = Router(tags=["jobs"])


class ReasonOut(Schema):
    """Why a job stopped, or a unit failed: code, sentence and next step in both languages."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class JobOut(Schema):
    """A piece of long work: how far it is, how fast it goes, and how it ended."""

    uid: str
    kind: str
    reference: str
    owner_code: str
    status: str
    total: int
    done: int
    failed: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    heartbeat_at: dt.datetime
    deadline_at: dt.datetime
    finished_at: dt.datetime | None
    per_minute: float | None
    seconds_left: int | None
    reason: ReasonOut | None


class FailedUnitOut(Schema):
    """A unit that failed: what it is, why, and how often it was tried."""

    key: str
    reference: str
    urn: str
    tries: int
    failed_at: dt.datetime
    reason: ReasonOut


class JobSheetOut(JobOut):
    """A job with what failed in it."""

    failures: list[FailedUnitOut]


class JobIn(Schema):
    """A job to start from the job centre."""

    kind: str


class RetryIn(Schema):
    """Which of the failed units to do again; all of them when none is named."""

    keys: list[str] = []


@router.get("/jobs", response=list[JobOut], operation_id="jobs_listing")
def listing(request: HttpRequest) -> list[dict[str, object]]:
    """My jobs, those at work first; 200 at most."""
    actor = occasions.actor_of(request)
    queries.permit(actor)
    return [_job(row) for row in queries.list_for(actor)]


@router.post("/jobs", response=JobSheetOut, operation_id="jobs_start")
def start(request: HttpRequest, body: JobIn) -> dict[str, object]:
    """Start a job that needs nothing but its name."""
    occasion = occasions.of(request)
    return _sheet(request, actions.start(occasion=occasion, kind=body.kind))


@router.get("/jobs/{uid}", response=JobSheetOut, operation_id="jobs_one")
def one(request: HttpRequest, uid: str) -> dict[str, object]:
    """One job with what failed in it."""
    return _sheet(request, uid)


@router.post("/jobs/{uid}/pause", response=JobSheetOut, operation_id="jobs_pause")
def pause(request: HttpRequest, uid: str) -> dict[str, object]:
    """Let a job rest."""
    actions.pause(occasion=occasions.of(request), uid=uid)
    return _sheet(request, uid)


@router.post("/jobs/{uid}/go-on", response=JobSheetOut, operation_id="jobs_go_on")
def go_on(request: HttpRequest, uid: str) -> dict[str, object]:
    """Let a paused, failed or stalled job go on where it stood."""
    actions.go_on(occasion=occasions.of(request), uid=uid)
    return _sheet(request, uid)


@router.post("/jobs/{uid}/retry", response=JobSheetOut, operation_id="jobs_retry")
def retry(request: HttpRequest, uid: str, body: RetryIn) -> dict[str, object]:
    """Do what failed again, and nothing else."""
    actions.retry(occasion=occasions.of(request), uid=uid, keys=body.keys)
    return _sheet(request, uid)


@router.post("/jobs/{uid}/cancel", response=JobSheetOut, operation_id="jobs_cancel")
def cancel(request: HttpRequest, uid: str) -> dict[str, object]:
    """Stop a job; it can go on later."""
    actions.cancel(occasion=occasions.of(request), uid=uid)
    return _sheet(request, uid)


def _sheet(request: HttpRequest, uid: str) -> dict[str, object]:
    row = queries.get_for(occasions.actor_of(request), uid)
    failures = [vars(found) | {"reason": _reason(found.refusal)} for found in queries.failed_of(uid)]
    return _job(row) | {"failures": failures}


def _job(row: JobRow) -> dict[str, object]:
    left = row.time_left
    return vars(row) | {"seconds_left": round(left.total_seconds()) if left else None, "reason": _reason(row.reason)}


def _reason(refusal: Refusal | None) -> dict[str, str] | None:
    if refusal is None:
        return None
    return {
        "code": refusal.code,
        "zh": refusal.message("zh"),
        "en": refusal.message("en"),
        "remedy_zh": refusal.remedy("zh"),
        "remedy_en": refusal.remedy("en"),
    }
