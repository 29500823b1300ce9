"""What the reading desk sees of certificates, and what a stranger sees of one."""

import datetime as dt
import functools
import json
import tempfile
import zoneinfo
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from anjuan.core import identifiers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post
from anjuan.desks.certificates import rules
from anjuan.desks.certificates.models import Certificate, Rating
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.accounts.queries import scopes_on
from anjuan.foundation.ledger import queries as ledger
from anjuan.records import queries as records
from anjuan.records.models import Subject
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import ItemRow, SubjectRow, subject_row
from anjuan_verify import build

FOLLOWING_POSTS = (Post.SUPERVISOR, Post.ARCHIVIST)
RATING_POSTS = (*FOLLOWING_POSTS, Post.READING_DESK)


@dataclass(frozen=True)
class CertificateRow:
    """A certificate as the desk sees it."""

    certificate_no: str
    check_code: str
    status: str
    subject: SubjectRow
    item_urns: tuple[str, ...]
    reader_name: str
    relation: str
    purpose: str
    requested_at: dt.datetime
    issued_at: dt.datetime | None
    issued_by: str
    pdf_sha256: str
    revoke_reason: str


@dataclass(frozen=True)
class PublicRow:
    """What anyone who holds the check code may know: enough to compare, no more."""

    certificate_no: str
    status: str
    masked_name: str
    masked_id: str
    references: tuple[str, ...]
    issued_at: dt.datetime | None
    revoked_at: dt.datetime | None
    pdf_sha256: str
    may_be_rated: bool = False


@dataclass(frozen=True)
class RatingRow:
    """What a reader said of the service, and what was done about it."""

    certificate_no: str
    agency_path: str
    mark: rules.Mark
    reasons: tuple[rules.Complaint, ...]
    words: str
    taken_by: str
    given_at: dt.datetime
    follow_up: str
    followed_by: str
    followed_at: dt.datetime | None


@dataclass(frozen=True)
class MonthOfRatings:
    """How one office was rated in one month."""

    agency_code: str
    month: str
    issued: int
    good: int
    fair: int
    bad: int

    @property
    def rated(self) -> int:
        """All ratings."""
        return self.good + self.fair + self.bad


@dataclass(frozen=True)
class Attestable:
    """A person with the records that can be attested."""

    subject: SubjectRow
    items: tuple[ItemRow, ...]


def pdf_path(certificate_no: str) -> Path:
    """Where the PDF of a certificate lies."""
    return Path(settings.ANJUAN_HOME) / "certificates" / f"{certificate_no}.pdf"


def issued_pdf(actor: Actor, certificate_no: str) -> Path:
    """The PDF of an issued certificate.

    Raises:
        C-007: it was not issued yet.
        R-009: there is none, or it is not the actor's desk.
    """
    row = get_for(actor, certificate_no)
    if not row.issued_at:
        raise Refusal("C-007", certificate_no=certificate_no, status=row.status)
    return pdf_path(row.certificate_no)


def verify_address(check_code: str) -> str:
    """The address that a certificate prints."""
    return f"{settings.PUBLIC_URL}/verify/{check_code}"


def attestable(actor: Actor, subject_urn: str) -> Attestable:
    """A person's or unit's records, as far as the actor may see them.

    Raises:
        R-009: no such subject, or none of its records is visible.
    """
    subject = Subject.objects.filter(urn=subject_urn).first()
    items = record_subjects.items_concerning(actor, [subject.pk]) if subject else []
    if subject is None or not items:
        raise Refusal("R-009", what=subject_urn)
    return Attestable(subject_row(subject), tuple(items))


def newest(actor: Actor, limit: int = 50) -> list[CertificateRow]:
    """Certificates of the actor's desk, newest first."""
    rows = list(Certificate.objects.filter(_scope(actor)).order_by("-requested_at", "-id")[:limit])
    subjects = {row.urn: row for row in Subject.objects.filter(urn__in={row.subject_urn for row in rows})}
    return [_row(row, subjects[row.subject_urn]) for row in rows]


def count_requested(actor: Actor) -> int:
    """How many certificates were asked for and not issued yet."""
    return Certificate.objects.filter(_scope(actor), status=Certificate.Status.REQUESTED).count()


def get_for(actor: Actor, certificate_no: str) -> CertificateRow:
    """One certificate.

    Raises:
        R-009: there is none, or it is not the actor's desk.
    """
    row = Certificate.objects.filter(_scope(actor), certificate_no=certificate_no).first()
    if row is None:
        raise Refusal("R-009", what=certificate_no)
    return _row(row, Subject.objects.get(urn=row.subject_urn))


def by_check_code(typed: str) -> PublicRow:
    """What a stranger may know of a certificate by its check code (核验).

    Raises:
        C-005: no certificate was issued under this code.
    """
    row = Certificate.objects.filter(check_code=rules.read_check_code(typed)).first()
    if row is None or row.issued_at is None:
        raise Refusal("C-005")
    subject = Subject.objects.get(urn=row.subject_urn)
    return PublicRow(
        row.certificate_no,
        row.status,
        identifiers.mask_name(subject.name),
        identifiers.mask_id(subject.id_number or subject.credit_code),
        tuple(records.references_of(row.item_urns)),
        row.issued_at,
        row.revoked_at,
        row.pdf_sha256,
        row.status == Certificate.Status.ISSUED and not Rating.objects.filter(certificate=row).exists(),
    )


def permit(actor: Actor) -> None:
    """Whether the reading desk is the actor's desk at all.

    Raises:
        A-001: he is no reading-desk officer.
    """
    if not actor.holds(Post.READING_DESK):
        raise Refusal("A-001", posts=Post.READING_DESK)


def references(row: CertificateRow) -> list[str]:
    """档号 of the attested items."""
    return records.references_of(row.item_urns)


def by_digest(pdf_sha256: str) -> PublicRow | None:
    """What a stranger may know of a certificate whose file he holds, byte for byte."""
    row = Certificate.objects.filter(pdf_sha256=pdf_sha256).exclude(issued_at=None).first()
    return by_check_code(row.check_code) if row else None


def verifier_program() -> bytes:
    """The off-line verifier as one file, with this archive's trust file inside."""
    return _packed(json.dumps(signing.trust_file(ledger.vkey()), ensure_ascii=False, sort_keys=True))


@functools.lru_cache(maxsize=2)
def _packed(trust_json: str) -> bytes:
    """The verifier with one trust file; packed once, since anybody may ask for it and packing takes a while."""
    with tempfile.TemporaryDirectory() as folder:
        out, trust = Path(folder) / "anjuan-verify.pyz", Path(folder) / "trust.json"
        trust.write_text(trust_json, encoding="utf-8")
        build.build(out, trust=trust)
        return out.read_bytes()


def enter_ratings(actor: Actor) -> None:
    """Whether the page of ratings is the actor's.

    Raises:
        A-001: he works with records, but neither leads nor serves readers.
        R-009: he does not work with records; the page does not exist for him.
    """
    if actor.holds(*RATING_POSTS):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=RATING_POSTS)
    raise Refusal("R-009", what="评价 ratings")


def rating_of(certificate_no: str) -> RatingRow | None:
    """What was said of one certificate, if anything was. Rights not judged."""
    row = Rating.objects.filter(certificate__certificate_no=certificate_no).select_related("certificate").first()
    return _rating(row) if row else None


def rating_for(actor: Actor, certificate_no: str) -> RatingRow:
    """One rating.

    Raises:
        A-001, R-009: see `enter_ratings`; there is none, or it lies outside what the actor's posts cover.
    """
    enter_ratings(actor)
    rows = Rating.objects.filter(scopes_on("agency_path", actor, *RATING_POSTS))
    row = rows.filter(certificate__certificate_no=certificate_no).select_related("certificate").first()
    if row is None:
        raise Refusal("R-009", what=certificate_no[:40])
    return _rating(row)


def months_of_ratings(actor: Actor, *, since: dt.datetime) -> list[MonthOfRatings]:
    """How each office was rated by month, the newest month first; two queries.

    Raises:
        A-001, R-009: see `enter_ratings`.

    Standard: S0-P4.
    """
    enter_ratings(actor)
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    scope = scopes_on("agency_path", actor, *RATING_POSTS)
    issued: Counter[tuple[str, str]] = Counter()
    for path, at in Certificate.objects.filter(scope, issued_at__gte=since).values_list("agency_path", "issued_at"):
        if at is not None:
            issued[_agency_of(path), f"{at.astimezone(zone):%Y-%m}"] += 1
    marks: dict[tuple[str, str], Counter[str]] = {}
    for path, at, mark in Rating.objects.filter(scope, given_at__gte=since).values_list(
        "agency_path", "given_at", "mark"
    ):
        marks.setdefault((_agency_of(path), f"{at.astimezone(zone):%Y-%m}"), Counter())[mark] += 1
    return [
        MonthOfRatings(
            agency_code=agency,
            month=month,
            issued=issued[agency, month],
            good=marks.get((agency, month), Counter())[rules.Mark.GOOD],
            fair=marks.get((agency, month), Counter())[rules.Mark.FAIR],
            bad=marks.get((agency, month), Counter())[rules.Mark.BAD],
        )
        for month, agency in sorted(
            ((month, agency) for agency, month in issued.keys() | marks.keys()),
            key=lambda key: (key[0], key[1]),
            reverse=True,
        )
    ]


def ratings(actor: Actor, *, to_follow_up: bool = False, limit: int = 60) -> list[RatingRow]:
    """Ratings that the actor sees, the newest first; bad ones that wait for a follow-up, the oldest first.

    Raises:
        A-001, R-009: see `enter_ratings`.
    """
    enter_ratings(actor)
    rows = Rating.objects.filter(scopes_on("agency_path", actor, *RATING_POSTS)).select_related("certificate")
    if to_follow_up:
        waiting = rows.filter(mark=rules.Mark.BAD, followed_at=None).order_by("given_at", "id")
        return [_rating(row) for row in waiting[:limit]]
    return [_rating(row) for row in rows.order_by("-given_at", "-id")[:limit]]


def count_to_follow_up(actor: Actor) -> int:
    """How many bad ratings wait for the leader."""
    rows = Rating.objects.filter(scopes_on("agency_path", actor, *FOLLOWING_POSTS))
    return rows.filter(mark=rules.Mark.BAD, followed_at=None).count()


def _agency_of(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _rating(row: Rating) -> RatingRow:
    return RatingRow(
        certificate_no=row.certificate.certificate_no,
        agency_path=row.agency_path,
        mark=rules.Mark(row.mark),
        reasons=tuple(rules.Complaint(reason) for reason in row.reasons),
        words=row.words,
        taken_by=row.taken_by,
        given_at=row.given_at,
        follow_up=row.follow_up,
        followed_by=row.followed_by,
        followed_at=row.followed_at,
    )


def _scope(actor: Actor) -> Q:
    condition = Q(pk__in=[])
    for held in actor.appointments:
        if held.post is Post.READING_DESK:
            condition |= Q(agency_path__startswith=held.agency_path)
    return condition


def _row(row: Certificate, subject: Subject) -> CertificateRow:
    return CertificateRow(
        row.certificate_no,
        row.check_code,
        row.status,
        subject_row(subject),
        tuple(row.item_urns),
        row.reader_name,
        row.relation,
        row.purpose,
        row.requested_at,
        row.issued_at,
        row.issued_by,
        row.pdf_sha256,
        row.revoke_reason,
    )


def chosen(attestable_: Attestable, item_urns: Sequence[str]) -> tuple[ItemRow, ...]:
    """The chosen items of a person; an item that does not concern him is not there.

    Raises:
        R-009: one does not concern this subject, or may not be seen.
    """
    known = {item.urn: item for item in attestable_.items}
    for urn in item_urns:
        if urn not in known:
            raise Refusal("R-009", what=urn)
    return tuple(known[urn] for urn in dict.fromkeys(item_urns))
