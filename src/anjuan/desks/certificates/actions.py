"""Asking for, issuing and revoking certificates (出证)."""

import datetime as dt
import hashlib
import json
import os
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from anjuan.core import identifiers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion, Post
from anjuan.desks.certificates import evidence, queries, rules
from anjuan.desks.certificates.models import Certificate, Rating
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.facilities.signing import actions as signing
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.ledger import actions as ledger
from anjuan.records import queries as records
from anjuan.records import rules as record_rules
from anjuan.records.rows import ItemRow

Status = Certificate.Status
# In whose name a reader without an account rates.
READER = Actor("READER", "利用人", "", "", ())
TITLE = "社会保险业务档案查档证明"


@dataclass(frozen=True)
class Reader:
    """Who asks, in what capacity, on what basis, for what (利用人)."""

    name: str
    id_number: str
    relation: rules.Relation
    purpose: str
    basis: str = ""


@dataclass(frozen=True)
class Requested:
    """The receipt of a request."""

    certificate_no: str
    check_code: str


@dataclass(frozen=True)
class Issued:
    """The receipt of an issued certificate."""

    certificate_no: str
    check_code: str
    pdf_sha256: str
    verify_address: str
    checkpoint_size: int


def request(*, occasion: Occasion, subject_urn: str, item_urns: Sequence[str], reader: Reader) -> Requested:
    """Take a reader's request for a certificate (申请出证): identity, capacity and purpose are noted.

    Raises:
        A-001: the actor is no reading-desk officer.
        C-001, C-002: the reader is not entitled.
        C-003, C-004: a record cannot be attested yet, or none is chosen.
        P-001: the font cannot draw a character of what will be printed.
        R-001 to R-003, R-009, R-010: identity, subject or purpose cannot be taken.

    Standard: 社会保险个人权益记录管理办法; S0-W9.
    """
    found = queries.attestable(occasion.actor, subject_urn)
    items = queries.chosen(found, item_urns)
    for item in items:
        accounts.permit(occasion.actor, item.agency_path, Post.READING_DESK)
    rules.may_attest([(item.reference, item.state) for item in items])
    reader_id = identifiers.citizen_id(reader.id_number)
    name = record_rules.text("利用人姓名 reader", reader.name, limit=60)
    purpose = record_rules.text("利用目的 purpose", reader.purpose, limit=120)
    basis = record_rules.text("依据 basis", reader.basis, limit=120) if reader.basis.strip() else ""
    _refuse_undrawable(name, purpose, found.subject.name, *(item.title for item in items))
    rules.entitled(
        relation=reader.relation,
        reader_id=reader_id,
        subject_numbers=[found.subject.id_number] if found.subject.id_number else [],
        basis=basis,
    )
    code = rules.check_code(occasion.fresh(9))

    with journal.writing(occasion=occasion, act="certificates.request", unit=found.subject.urn) as line:
        certificate_no = _next_no(_day(occasion).year)
        Certificate.objects.create(
            certificate_no=certificate_no,
            check_code=code,
            subject_urn=subject_urn,
            item_urns=[item.urn for item in items],
            reader_name=name,
            reader_id_number=reader_id,
            relation=reader.relation,
            basis=basis,
            purpose=purpose,
            agency_path=occasion.actor.agency_path,
            requested_by=occasion.actor.staff_code,
            requested_at=occasion.at,
        )
        line.say(
            certificate_no=certificate_no,
            reader=name,
            reader_id=reader_id,
            relation=reader.relation,
            basis=basis,
            purpose=purpose,
            items=",".join(item.urn for item in items),
        )
        notices.notify(
            line=line,
            kind=NoticeKind.CERTIFICATE_REQUESTED,
            unit=f"certificate:{certificate_no}",
            reference=certificate_no,
            agency_path=occasion.actor.agency_path,
            post=Post.READING_DESK,
        )
    return Requested(certificate_no, code)


def issue(*, occasion: Occasion, certificate_no: str) -> Issued:
    """Issue a requested certificate (出具证明): pages re-read and verified, proof attached, signed.

    Everything slow happens before the transaction; the PDF is on disk before the row says so, and of two who issue at
    once only one puts his file in its place.

    Raises:
        C-006: a sealed page or its record no longer agrees with the journal.
        C-007: it was issued or revoked already.
        D-…: a byte in the store is not what it was.
        P-001: the font cannot draw a character of a name.
        R-009: no such request.

    Standard: 档案法实施条例 article 32 (copies bearing the holder's mark); ETSI EN 319 142-1; RFC 9162.
    """
    row = queries.get_for(occasion.actor, certificate_no)
    if row.status != Status.REQUESTED:
        raise Refusal("C-007", certificate_no=certificate_no, status=row.status)
    found = queries.attestable(occasion.actor, row.subject.urn)
    items = queries.chosen(found, row.item_urns)
    files, digests = _verified_files(items)
    checkpoint = ledger.catch_up(at=occasion.at)
    day = _day(occasion)
    agency = accounts.agency(occasion.actor.agency_code)
    facts = {
        "certificate_no": certificate_no,
        "check_code": row.check_code,
        "person_name": row.subject.name,
        "person_id": row.subject.id_number or row.subject.credit_code,
        "subject": f"{row.subject.name} {row.subject.id_number or row.subject.credit_code}",
        "reader_name": row.reader_name,
        "purpose": row.purpose,
        "agency_name": agency.name,
        "issue_date": _spoken_date(day),
        "as_of_date": _spoken_date(day),
        "verify_url": queries.verify_address(row.check_code),
    }
    proof = evidence.bundle(
        certificate_no=certificate_no,
        facts=facts,
        units=[(item.urn, records.volume_urn_of(item)) for item in items],
        files=files,
        checkpoint=checkpoint,
    )
    pdf = signing.sign_pdf(
        pdf=printing.print_form(
            form=FormName.CERTIFICATE,
            facts={
                **facts,
                "title": TITLE,
                "statement": _statement(row, items),
                "source": f"{agency.name}馆藏档案（电子原件逐页核对，存证日志检查点 {checkpoint.size}）",
                "rows": [
                    {
                        "no": str(place),
                        "reference_code": item.reference_code,
                        "title": item.title,
                        "date": item.formed_date.isoformat(),
                        "pages": str(item.paper_pages),
                        "sha256": digests[item.urn],
                    }
                    for place, item in enumerate(items, 1)
                ],
            },
            at=occasion.at,
            practice=settings.PRACTICE,
            attachments={"evidence.json": proof},
        ),
        at=occasion.at,
        reason=f"出具查档证明 {certificate_no}",
        location=agency.name,
        name=agency.name,
    )
    pdf_sha256 = hashlib.sha256(pdf).hexdigest()
    staged = _stage(certificate_no, pdf)

    try:
        with journal.writing(occasion=occasion, act="certificates.issue", unit=row.subject.urn) as line:
            swapped = Certificate.objects.filter(certificate_no=certificate_no, status=Status.REQUESTED).update(
                status=Status.ISSUED,
                issued_by=occasion.actor.staff_code,
                issued_at=occasion.at,
                pdf_sha256=pdf_sha256,
            )
            if swapped != 1:
                raise Refusal("C-007", certificate_no=certificate_no, status=Status.ISSUED.value)
            line.say(certificate_no=certificate_no, pdf_sha256=pdf_sha256, checkpoint=checkpoint.size)
            # Only the one whose row was swapped puts his file in place, and before the row can be seen.
            staged.replace(queries.pdf_path(certificate_no))
    finally:
        staged.unlink(missing_ok=True)
    _clear_staged(certificate_no)
    return Issued(certificate_no, row.check_code, pdf_sha256, facts["verify_url"], checkpoint.size)


def revoke(*, occasion: Occasion, certificate_no: str, reason: str) -> None:
    """Revoke an issued certificate, or call off one that was only asked for (撤销证明、撤回申请).

    The verify page says of an issued one that it is revoked from now on.

    Raises:
        C-007: it is revoked already.
        R-009: no such certificate.
        R-010: no reason is given.
    """
    row = queries.get_for(occasion.actor, certificate_no)
    said = record_rules.text("撤销原因 reason", reason, limit=200)

    with journal.writing(occasion=occasion, act="certificates.revoke", unit=row.subject.urn) as line:
        open_ones = Certificate.objects.filter(certificate_no=certificate_no).exclude(status=Status.REVOKED)
        swapped = open_ones.update(
            status=Status.REVOKED, revoked_by=occasion.actor.staff_code, revoked_at=occasion.at, revoke_reason=said
        )
        if swapped != 1:
            raise Refusal("C-007", certificate_no=certificate_no, status=row.status)
        line.say(certificate_no=certificate_no, reason=said)
    _clear_staged(certificate_no)


def rate(*, occasion: Occasion, check_code: str, mark: str, reasons: Sequence[str], words: str = "") -> None:
    """Take what a reader says of the service, by the check code of his certificate (满意度评价). Once a certificate.

    Raises:
        C-005: no certificate was issued under this code.
        C-020, C-021: see `rules.read_rating`.
        C-022: it was rated already, or is revoked.
        R-010: the words are too long, or hold a character that cannot be kept.

    Standard: S0-P4.
    Concurrency: one row a certificate by constraint; of two at once the second is C-022.
    """
    certificate_no = queries.by_check_code(check_code).certificate_no
    chosen, given = rules.read_rating(mark, reasons)
    said = _words(words)

    with journal.writing(occasion=occasion, act="certificates.rate", unit=f"rating:{certificate_no}") as line:
        _rate(line, certificate_no, chosen, given, said)


def take_rating(*, occasion: Occasion, certificate_no: str, mark: str, reasons: Sequence[str], words: str = "") -> None:
    """Write down at the reading desk what the reader says of the service (窗口评价).

    Raises:
        C-020, C-021: see `rules.read_rating`.
        C-022: it was rated already, was not issued, or is revoked.
        R-009: no such certificate, or not the actor's desk.
        R-010: the words are too long, or hold a character that cannot be kept.

    Standard: S0-P4.
    """
    queries.get_for(occasion.actor, certificate_no)
    chosen, given = rules.read_rating(mark, reasons)
    said = _words(words)

    with journal.writing(occasion=occasion, act="certificates.take_rating", unit=f"rating:{certificate_no}") as line:
        _rate(line, certificate_no, chosen, given, said, taken_by=occasion.actor.staff_code)


def follow_up(*, occasion: Occasion, certificate_no: str, words: str) -> None:
    """Say what was done about a bad rating (回访).

    Raises:
        A-001: the actor does not lead that office.
        C-024: the rating is not bad, or was followed up already.
        R-009: no such rating, or he may not see it.
        R-010: nothing is said, too much, or a character that cannot be kept.

    Standard: S0-P4.
    """
    found = queries.rating_for(occasion.actor, certificate_no)
    accounts.permit(occasion.actor, found.agency_path, *queries.FOLLOWING_POSTS)
    said = record_rules.text("回访情况 follow-up", words, limit=300)

    with journal.writing(occasion=occasion, act="certificates.follow_up", unit=f"rating:{certificate_no}") as line:
        waiting = Rating.objects.filter(certificate__certificate_no=certificate_no, mark=Rating.Mark.BAD)
        changed = waiting.filter(followed_at=None).update(
            follow_up=said, followed_by=occasion.actor.staff_code, followed_at=occasion.at
        )
        if changed != 1:
            raise Refusal("C-024")
        line.say(certificate_no=certificate_no, follow_up=said)


def _words(words: str) -> str:
    return record_rules.text("意见 words", words, limit=200) if words.strip() else ""


def _rate(
    line: journal.Line,
    certificate_no: str,
    mark: rules.Mark,
    reasons: Sequence[rules.Complaint],
    words: str,
    taken_by: str = "",
) -> None:
    certificate = Certificate.objects.get(certificate_no=certificate_no)
    if certificate.status != Status.ISSUED:
        raise Refusal("C-022")
    try:
        with transaction.atomic():
            Rating.objects.create(
                certificate=certificate,
                agency_path=certificate.agency_path,
                mark=mark,
                reasons=[one.value for one in reasons],
                words=words,
                taken_by=taken_by,
                given_at=line.occasion.at,
            )
    except IntegrityError:  # it was rated before
        raise Refusal("C-022") from None
    line.say(certificate_no=certificate_no, mark=mark, reasons=",".join(reasons), words=words)


def _verified_files(items: Sequence[ItemRow]) -> tuple[list[dict[str, str | int]], dict[str, str]]:
    """Read every sealed file of these items again, and compare store, journal and rows with one another.

    The sealed ``record.json``, whose digest the journal committed to, says what belongs to the item; the rows must say
    the same, and every byte must still have its digest.
    """
    files: list[dict[str, str | int]] = []
    digests: dict[str, str] = {}
    components = records.components_of([item.urn for item in items])
    for item in items:
        committed = evidence.record_digest(item.urn)
        document = repository.read_document(item.urn, RECORD_NAME)
        if not committed or hashlib.sha256(document).hexdigest() != committed:
            raise Refusal("C-006", reference=item.reference_code)
        digests[item.urn] = committed
        files.append(_attested(item.reference_code, RECORD_NAME, committed, 0))
        sealed = json.loads(document)["files"]
        rows = [(row.sha512, row.sha256, row.page_count) for row in components[item.urn]]
        if [(file["sha512"], file["sha256"], file["pages"]) for file in sealed] != rows:
            raise Refusal("C-006", reference=item.reference_code)
        for file in sealed:
            octets = repository.read_verified(item.urn, file["sha512"])
            if hashlib.sha256(octets).hexdigest() != file["sha256"]:
                raise Refusal("C-006", reference=item.reference_code)
            files.append(_attested(item.reference_code, file["name"], file["sha256"], file["pages"]))
    return files, digests


def _attested(reference_code: str, name: str, sha256: str, pages: int) -> dict[str, str | int]:
    return {"reference_code": reference_code, "name": name, "sha256": sha256, "pages": pages}


def _statement(row: queries.CertificateRow, items: Sequence[ItemRow]) -> str:
    pages = sum(item.paper_pages for item in items)
    return (
        f"经查，{row.subject.name}的下列社会保险业务档案共 {len(items)} 件 {pages} 页，保管于本馆，"
        f"自归档以来影像与著录未被改动。特此证明。"
    )


def _day(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()


def _spoken_date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _next_no(year: int) -> str:
    """The next number of the year. The first agency's row is locked, so two requests never get one number."""
    Agency.objects.select_for_update().order_by("pk").first()
    prefix = f"CZ{year}-"
    latest = Certificate.objects.filter(certificate_no__startswith=prefix).order_by("-certificate_no").first()
    return f"{prefix}{int(latest.certificate_no.rsplit('-', 1)[1]) + 1 if latest else 1:06}"


def _stage(certificate_no: str, pdf: bytes) -> Path:
    """Write the PDF whole beside its place, under a name of its own: two who issue at once never share a file."""
    path = queries.pdf_path(certificate_no)
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{certificate_no}.{hashlib.sha256(pdf).hexdigest()[:16]}")
    with staged.open("wb") as handle:
        handle.write(pdf)
        handle.flush()
        os.fsync(handle.fileno())
    return staged


def _clear_staged(certificate_no: str) -> None:
    """Remove what a crash left staged: its number is settled, so nobody can put such a file in place any more."""
    for path in queries.pdf_path(certificate_no).parent.glob(f".{certificate_no}.*"):
        path.unlink(missing_ok=True)


def _refuse_undrawable(*texts: str) -> None:
    """A certificate that could never be printed is refused before it is asked for, not after."""
    for text in texts:
        sign = printing.undrawable(text)
        if sign is not None:
            raise Refusal("P-001", character=sign, code_point=f"U+{ord(sign):04X}")
