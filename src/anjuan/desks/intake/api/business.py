import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.refusals import Refusal
from anjuan.desks.intake import queries as counter
from anjuan.desks.intake.actions import conflicts as actions
from anjuan.desks.intake.panels import business as panels
from anjuan.desks.intake.queries import business_cases as queries
from anjuan.desks.intake.rules.describing import Origin
from anjuan.facilities.business.queries import reconciliation
from anjuan.facilities.business.queries.reconciliation import Gap
from anjuan.foundation.accounts import occasions

router = Router(tags=["business"])


class GapCountOut(Schema):
    """How many cases of one agency and step do not agree, and since when the oldest."""

    gap: Gap
    agency_code: str
    step_code: str
    count: int
    oldest: dt.datetime


class GapOut(Schema):
    """A case that does not agree; ``key`` is where the next list goes on."""

    key: int
    agency_code: str
    step_code: str
    number: str
    since: dt.datetime
    urn: str
    state: str


class SentFileOut(Schema):
    """A file of a conflicting sending."""

    place: int
    material: str
    name: str
    sha256: str
    size_bytes: int
    is_known: bool


class ConflictOut(Schema):
    """A case that was sent again as another one."""

    uid: str
    acceptance_no: str
    urn: str
    sender_code: str
    sent_at: dt.datetime
    settled_by: str
    settled_at: dt.datetime | None
    note: str
    differs: tuple[str, ...]
    files: list[SentFileOut]


class UnfiledOut(Schema):
    """Why a completed case did not file itself."""

    urn: str
    acceptance_no: str
    code: str
    zh: str
    en: str
    tried_at: dt.datetime


class SettledIn(Schema):
    """What was found right about a conflict."""

    note: str


@router.get("/intake/gaps", response=list[GapCountOut], operation_id="intake_gap_counts")
def gap_counts(request: HttpRequest) -> list[reconciliation.GapCount]:
    """Completed business without a filed record, and records without business, by agency and step."""
    actor = occasions.actor_of(request)
    panels.permit(actor)
    return reconciliation.counts(actor)


@router.get("/intake/gaps/{gap}", response=list[GapOut], operation_id="intake_gaps")
def gaps(
    request: HttpRequest, gap: str, agency: str = "", step: str = "", after: int = 0
) -> list[reconciliation.GapRow]:
    """The cases behind a count; a hundred from ``after`` on."""
    actor = occasions.actor_of(request)
    panels.permit(actor)
    if gap not in set(Gap):
        raise Refusal("R-009", what=gap[:20])
    return list(reconciliation.listed(actor, Gap(gap), agency_code=agency, step_code=step, after=after))


@router.get("/intake/conflicts", response=list[ConflictOut], operation_id="intake_conflicts")
def conflicts(request: HttpRequest, settled: bool = False) -> list[queries.ConflictRow]:
    """Cases that were sent again as other ones; 100 at most."""
    actor = occasions.actor_of(request)
    counter.permit_registering(actor)
    return queries.conflicts(actor, settled=settled)


@router.post("/intake/conflicts/{uid}/settle", response={204: None}, operation_id="intake_settle_conflict")
def settle(request: HttpRequest, uid: str, body: SettledIn) -> Status[None]:
    """Say what is right about a conflict."""
    actions.settle_conflict(occasion=occasions.of(request), uid=uid, note=body.note)
    return Status(204, None)


@router.get("/intake/unfiled", response=list[UnfiledOut], operation_id="intake_unfiled")
def unfiled(request: HttpRequest) -> list[dict[str, object]]:
    """Completed single-set cases that did not file themselves, with the reason."""
    actor = occasions.actor_of(request)
    counter.permit_registering(actor)
    return [
        {
            "urn": row.urn,
            "acceptance_no": row.acceptance_no,
            "code": row.refusal.code,
            "zh": row.refusal.message("zh"),
            "en": row.refusal.message("en"),
            "tried_at": row.tried_at,
        }
        for row in queries.unfiled(actor)
    ]


@router.get("/intake/descriptions", response=dict[str, str], operation_id="intake_described")
def described(request: HttpRequest, agency_code: str, acceptance_no: str, step_code: str) -> dict[str, str]:
    """What the business system holds of a case, in our fields."""
    return queries.described(occasions.actor_of(request), agency_code, acceptance_no, step_code)


@router.get("/intake/retyping", response=dict[str, dict[str, int]], operation_id="intake_retyping")
def retyping(request: HttpRequest, days: int = 365) -> dict[str, dict[Origin, int]]:
    """How many fields of registrations at the counter were taken over, changed and typed, by field."""
    actor = occasions.actor_of(request)
    panels.permit(actor)
    held = [one.agency_code for one in actor.appointments if one.post in reconciliation.POSTS]
    since = occasions.of(request).at - dt.timedelta(days=max(0, min(days, 3660)))
    return queries.origins_by_field(held, since=since)
