import datetime as dt
from collections.abc import Callable

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.assurance import actions
from anjuan.facilities.assurance.actions import signatures as settling
from anjuan.facilities.assurance.queries import findings, signatures
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


class SignatureFaultOut(Schema):
    """An invalid signature in a file of a record, and what became of it."""

    pk: int
    item_urn: str
    reference: str
    agency_code: str
    file_name: str
    sha512: str
    number: int
    signer: str
    said_zh: str
    said_en: str
    step: str
    found_by: str
    found_at: dt.datetime
    state: str
    explanation: str
    explained_by: str
    explained_at: dt.datetime | None
    closing: str
    closed_by: str
    closed_at: dt.datetime | None


class SignatureWordsIn(Schema):
    """Why a signature is invalid, or what was done about it."""

    words: str


@router.get("/assurance/signatures", response=list[SignatureFaultOut], operation_id="assurance_signatures")
def invalid_signatures(request: HttpRequest, closed: bool = False) -> list[signatures.FaultRow]:
    """Invalid signatures of the records that I may see: open ones, or those that are closed; 500 at most."""
    return signatures.register_for(occasions.actor_of(request), closed=closed)


@router.post(
    "/assurance/signatures/{int:pk}/explain", response=SignatureFaultOut, operation_id="assurance_explain_signature"
)
def explain_signature(request: HttpRequest, pk: int, body: SignatureWordsIn) -> signatures.FaultRow:
    """Say for the agency how an invalid signature came about."""
    return _settled(request, pk, body, settling.explain_signature)


@router.post(
    "/assurance/signatures/{int:pk}/replaced", response=SignatureFaultOut, operation_id="assurance_note_replacement"
)
def note_replacement(request: HttpRequest, pk: int, body: SignatureWordsIn) -> signatures.FaultRow:
    """Say that the file was replaced by one with a good signature."""
    return _settled(request, pk, body, settling.note_replacement)


@router.post(
    "/assurance/signatures/{int:pk}/accept", response=SignatureFaultOut, operation_id="assurance_accept_signature"
)
def accept_signature(request: HttpRequest, pk: int, body: SignatureWordsIn) -> signatures.FaultRow:
    """Accept for the archive that a record is kept with an invalid signature."""
    return _settled(request, pk, body, settling.accept_signature)


def _settled(request: HttpRequest, pk: int, body: SignatureWordsIn, deed: Callable[..., None]) -> signatures.FaultRow:
    occasion = occasions.of(request)
    deed(occasion=occasion, pk=pk, words=body.words)
    return signatures.get_for(occasion.actor, pk)


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
