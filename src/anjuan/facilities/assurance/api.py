import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.assurance import actions
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.assurance.queries.findings import FoundRow, Verdict
from anjuan.foundation.accounts import occasions

router = Router(tags=["assurance"])


class FindingOut(Schema):
    """What the machine finds at one place of a volume, and what a person said of it."""

    code: str
    grade: str
    name_zh: str
    name_en: str
    outcome: str
    score: float
    item_urn: str
    reference: str
    component_pk: int | None
    page_no: int | None
    boxes: list[tuple[float, float, float, float]]
    said_zh: str
    said_en: str
    remedy_zh: str
    remedy_en: str
    verdict: str
    answered_by: str
    answered_at: dt.datetime | None


class FindingAnswerIn(Schema):
    """What a person says of a finding: of which place, and whether it is a fault."""

    code: str
    item_urn: str = ""
    component_pk: int | None = None
    page_no: int | None = None
    verdict: Verdict


@router.get("/volumes/{urn}/findings", response=list[FindingOut], operation_id="assurance_findings")
def found(request: HttpRequest, urn: str) -> list[dict[str, object]]:
    """What the machine finds in a volume now."""
    return [_out(row) for row in findings.found_for(occasions.actor_of(request), urn)]


@router.post("/volumes/{urn}/findings", response=list[FindingOut], operation_id="assurance_answer_finding")
def answer(request: HttpRequest, urn: str, body: FindingAnswerIn) -> list[dict[str, object]]:
    """Say of a finding that it is a fault, or that it is none."""
    occasion = occasions.of(request)
    actions.answer_finding(
        occasion=occasion,
        volume_urn=urn,
        place=(body.code, body.item_urn, body.component_pk or 0, body.page_no or 0),
        verdict=body.verdict,
    )
    return [_out(row) for row in findings.found_for(occasion.actor, urn)]


def _out(row: FoundRow) -> dict[str, object]:
    one, fault = row.finding, row.fault
    return {
        "code": one.code,
        "grade": fault.grade,
        "name_zh": fault.zh,
        "name_en": fault.en,
        "outcome": one.outcome,
        "score": one.score,
        "item_urn": one.item_urn,
        "reference": one.reference,
        "component_pk": one.component_pk,
        "page_no": one.page_no,
        "boxes": list(one.boxes),
        "said_zh": one.zh,
        "said_en": one.en,
        "remedy_zh": fault.remedy_zh,
        "remedy_en": fault.remedy_en,
        "verdict": row.verdict,
        "answered_by": row.answered_by,
        "answered_at": row.answered_at,
    }
