import datetime as dt

from django.http import FileResponse, HttpRequest
from ninja import Router, Schema, Status

from anjuan.desks.certificates import actions, queries
from anjuan.desks.certificates.rules import Relation
from anjuan.foundation.accounts import occasions

router = Router(tags=["certificates"])


class AskIn(Schema):
    subject_urn: str
    item_urns: list[str]
    reader_name: str
    reader_id_number: str
    relation: Relation
    purpose: str
    basis: str = ""


class AskedOut(Schema):
    certificate_no: str
    check_code: str


class IssuedOut(Schema):
    certificate_no: str
    check_code: str
    pdf_sha256: str
    verify_address: str
    checkpoint_size: int


class PublicOut(Schema):
    certificate_no: str
    status: str
    masked_name: str
    masked_id: str
    references: list[str]
    issued_at: dt.datetime | None
    revoked_at: dt.datetime | None
    pdf_sha256: str


class CertificateOut(Schema):
    certificate_no: str
    status: str
    purpose: str
    requested_at: dt.datetime
    issued_at: dt.datetime | None
    pdf_sha256: str


class RevokeIn(Schema):
    reason: str


@router.get("/certificates", response=list[CertificateOut], operation_id="certificates_newest")
def newest_certificates(request: HttpRequest) -> object:
    """Certificates of the reading desk, newest first."""
    return queries.newest(occasions.actor_of(request))


@router.get("/certificates/{number}/file", operation_id="certificates_file")
def certificate_file(request: HttpRequest, number: str) -> FileResponse:
    """The signed PDF."""
    path = queries.issued_pdf(occasions.actor_of(request), number)
    return FileResponse(path.open("rb"), content_type="application/pdf", filename=path.name, as_attachment=True)


@router.post("/certificates", response=AskedOut, operation_id="certificates_request")
def request_certificate(request: HttpRequest, body: AskIn) -> object:
    """Take a reader's request for a certificate."""
    return actions.request(
        occasion=occasions.of(request),
        subject_urn=body.subject_urn,
        item_urns=body.item_urns,
        reader=actions.Reader(body.reader_name, body.reader_id_number, body.relation, body.purpose, body.basis),
    )


@router.post("/certificates/{number}/issue", response=IssuedOut, operation_id="certificates_issue")
def issue_certificate(request: HttpRequest, number: str) -> object:
    """Issue a requested certificate."""
    return actions.issue(occasion=occasions.of(request), certificate_no=number)


@router.post("/certificates/{number}/revoke", response={204: None}, operation_id="certificates_revoke")
def revoke_certificate(request: HttpRequest, number: str, body: RevokeIn) -> Status[None]:
    """Revoke an issued certificate."""
    actions.revoke(occasion=occasions.of(request), certificate_no=number, reason=body.reason)
    return Status(204, None)


class RatingIn(Schema):
    """GOOD, FAIR or BAD; a bad one names its reasons: WAITED, MANNER, NOT_FOUND, UNCLEAR, ERRANDS, OTHER."""

    mark: str
    reasons: list[str] = []
    words: str = ""


class RatingOut(Schema):
    certificate_no: str
    mark: str
    reasons: list[str]
    words: str
    taken_by: str
    given_at: dt.datetime
    follow_up: str
    followed_at: dt.datetime | None


class FollowUpIn(Schema):
    words: str


@router.post("/certificates/{number}/rating", response={204: None}, operation_id="certificates_take_rating")
def take_rating(request: HttpRequest, number: str, body: RatingIn) -> Status[None]:
    """Write down at the reading desk what the reader says of the service."""
    actions.take_rating(
        occasion=occasions.of(request),
        certificate_no=number,
        mark=body.mark,
        reasons=body.reasons,
        words=body.words,
    )
    return Status(204, None)


@router.get("/ratings", response=list[RatingOut], operation_id="certificates_ratings")
def ratings(request: HttpRequest, to_follow_up: bool = False) -> object:
    """Ratings of the service, the newest first; or bad ones that wait for a follow-up, the oldest first."""
    return queries.ratings(occasions.actor_of(request), to_follow_up=to_follow_up)


@router.post("/ratings/{number}/follow-up", response={204: None}, operation_id="certificates_follow_up")
def follow_up(request: HttpRequest, number: str, body: FollowUpIn) -> Status[None]:
    """Say what was done about a bad rating."""
    actions.follow_up(occasion=occasions.of(request), certificate_no=number, words=body.words)
    return Status(204, None)


@router.get("/verify/{code}", response=PublicOut, operation_id="certificates_verify", auth=None)
def verify_certificate(request: HttpRequest, code: str) -> object:
    """What anyone who holds the check code may know. Needs no account."""
    return queries.by_check_code(code)
