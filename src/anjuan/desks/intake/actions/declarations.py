"""What units and citizens send in before their case is accepted, and what the agency says to it (网上申报、预审)."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion, Post
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake import rules as registering
from anjuan.desks.intake.actions import Registered, Upload
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import Declaration, FieldOrigin
from anjuan.desks.intake.queries import declarations as queries
from anjuan.desks.intake.queries import sendings as disk
from anjuan.desks.intake.rules import declarations as rules
from anjuan.desks.intake.rules import describing
from anjuan.facilities.lives import queries as lives
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository.rules import DepositReceipt, Source
from anjuan.facilities.screening import actions as screening
from anjuan.facilities.screening.rules import AWAY, Door
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import StepRow
from anjuan.records import rules as record_rules
from anjuan.records.actions import arrivals
from anjuan.records.rows import CapturedFile

# Nobody has logged in: the line says so, and who it was stands in what was filled in.
APPLICANT = Actor("APPLICANT", "APPLICANT", "", "")
_Status = rules.DeclarationStatus


@dataclass(frozen=True)
class Lodged:
    """The receipt of a declaration; the inquiry code is told once and kept nowhere."""

    declaration_no: str
    inquiry_code: str


def lodge(
    *,
    occasion: Occasion,
    agency_code: str,
    step_code: str,
    facts: queries.Facts,
    uploads: Sequence[Upload],
    ticket: str,
) -> Lodged:
    """Send a case in before it is accepted (提交申报): bytes into the spool first, then the row.

    The line names the files by their digests and no person: what is never accepted leaves no name behind.

    Args:
        occasion: nobody in particular (`APPLICANT`), and when.
        agency_code: the office.
        step_code: the business step.
        facts: what was filled in.
        uploads: the files, in their order.
        ticket: what the form was drawn with; pressed twice it is one declaration.

    Raises:
        I-002, I-006, I-007, I-075, R-001 to R-010: as for `actions.register`.
        I-100: office or step is not open to units and citizens.
        I-103 to I-105, I-109, I-110: see `rules.check_files`.
        I-112: there is no room for it just now.
        I-114: the form was received already.
        M-…: a file is not a readable page; one that is malicious or broken goes into quarantine.

    Standard: S0-R6, S0-W1, S0-W11 (事前).
    Concurrency: of a form that is sent twice at once the second is refused; the bytes it laid down are cleared later.
    """
    agency, step = queries.get_open(agency_code, step_code)
    facts = _checked(occasion, step, facts)
    ticket_digest = registering.token_digest(ticket)
    if number := queries.number_of_ticket(ticket_digest):
        raise Refusal("I-114", number=number)
    _check_room(uploads)
    uid = occasion.fresh(8).hex()
    sent = _measured(occasion, agency.code, step, uploads)
    rules.check_files(sent, step.materials, facts.answers, step_name=step.name)
    day = f"{occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)):%Y%m%d}"
    number = f"SB{day}-{rules.drawn_signs(occasion.fresh(12), rules.NUMBER_SIGNS)}"
    code = rules.inquiry_code(occasion.fresh(16))
    _lay(uid, sent, uploads)

    try:
        with journal.writing(occasion=occasion, act="intake.lodge", unit=f"declaration:{uid}") as line:
            Declaration.objects.create(
                uid=uid,
                declaration_no=number,
                code_digest=rules.code_digest(number, code),
                ticket_digest=ticket_digest,
                agency_code=agency.code,
                agency_path=agency.path,
                step_code=step.code,
                facts=queries.facts_row(facts),
                files=[dataclasses.asdict(file) for file in sent],
                status=_Status.RECEIVED,
                lodged_at=occasion.at,
                moved_at=occasion.at,
            )
            line.say(declaration=number, agency=agency.code, step=step.code, files=_named(sent))
    except IntegrityError:
        if known := queries.number_of_ticket(ticket_digest):
            raise Refusal("I-114", number=known) from None
        raise
    return Lodged(number, code)


def lodge_again(*, occasion: Occasion, number: str, code: str, uploads: Sequence[Upload]) -> None:
    """Send the materials anew that were returned, and nothing else (补正).

    Raises:
        I-101: number and code open nothing.
        I-103, I-104, I-105, I-109, I-110, I-112, M-…: as for `lodge`.
        I-106: it is not with its sender, or was sent a moment ago.
        I-108: a returned material is missing, or one is sent that was not returned.
        I-111: it was cleared.

    Concurrency: the round is swapped from the one read; the second of two is refused.
    """
    row = queries.by_code(number, code)
    rules.check_waiting(
        number=row.declaration_no, status=row.status, is_cleared=row.facts is None, wanted=_Status.RETURNED
    )
    step = schedule.step(row.step_code, row.lodged_at)
    names = {material.code: material.name for material in step.materials}
    rules.check_answered(row.returned, {upload.material_code for upload in uploads}, names)
    _check_room(uploads)
    fresh = _measured(occasion, row.agency_code, step, uploads)
    kept = [file for file in row.files if file.material not in row.returned]
    replaced = [file for file in row.files if file.material in row.returned]
    answers = row.facts.answers if row.facts else {}
    rules.check_files([*kept, *fresh], step.materials, answers, step_name=step.name)
    _lay(row.uid, fresh, uploads)

    with journal.writing(occasion=occasion, act="intake.lodge_again", unit=f"declaration:{row.uid}") as line:
        _swap(
            row,
            status=_Status.RECEIVED,
            round=row.round + 1,
            files=[dataclasses.asdict(file) for file in (*kept, *fresh)],
            returned={},
            note="",
            moved_at=occasion.at,
        )
        line.say(declaration=row.declaration_no, round=row.round + 1, files=_named(fresh))
    for file in replaced:
        queries.path_of(row, file).unlink(missing_ok=True)  # no row names it; what is left goes with the folder


def send_back(*, occasion: Occasion, uid: str, reasons: Mapping[str, str], note: str = "") -> None:
    """Return a declaration to its sender, with what is to be mended on each material (预审退回).

    Args:
        occasion: a handler of the agency.
        uid: the declaration.
        reasons: why, by code of the material.
        note: what else is to be said.

    Raises:
        H-005: a material is not on the list.
        I-106: it was judged already.
        I-107: no reason is given.
        I-111: it was cleared.
        R-009: no such declaration in the actor's agencies.

    Standard: S0-W1, S0-R6.
    Concurrency: of two handlers the second is refused with I-106.
    """
    row = _to_judge(occasion, uid)
    step = schedule.step(row.step_code, row.lodged_at)
    said = rules.reasons_given(reasons)
    for code in said:
        step.material(code)

    with journal.writing(occasion=occasion, act="intake.send_back", unit=f"declaration:{uid}") as line:
        _swap(
            row,
            status=_Status.RETURNED,
            returned=said,
            note=note.strip()[: rules.MOST_REASON],
            moved_at=occasion.at,
            judged_by=occasion.actor.staff_code,
        )
        line.say(declaration=row.declaration_no, note=note.strip()[: rules.MOST_REASON], **_reasons_said(said))


def admit(*, occasion: Occasion, uid: str, registration: registering.Registration) -> Registered:
    """Accept a declaration: the case is registered and its files are captured, as one act with one line (预审受理).

    Every byte is read again, screened again and held against the digest on the receipt. Fields that stayed as they
    were declared count as taken over (著录来源).

    Args:
        occasion: a handler of the agency.
        uid: the declaration.
        registration: the case as the handler has confirmed it, with its acceptance number.

    Raises:
        B-…: the store does not take it.
        H-007, H-019, I-001, I-002, I-005 to I-007, I-075, R-001 to R-010: as for `actions.register`.
        I-106: somebody judged it already.
        I-111: it was cleared.
        I-113: a file is not what was sent.
        L-001: a person was registered meanwhile under another name; to be done again.
        M-…: a file is refused now, though it was not when it was sent.
        R-009: no such declaration in the actor's agencies.

    Standard: S0-W1, S0-W11 (事前), S4-W1; GB/T 18894-2016.
    Concurrency: bytes first, under an identifier that nobody else knows, then rows. Of two handlers the second is
        refused with I-106 and what it deposited is an object that no row names, which recovery lists.
    """
    row = _to_judge(occasion, uid)
    step = schedule.step(row.step_code, occasion.at)
    if step.is_retired:
        raise Refusal("H-019", step=step.name)
    registering.check_registration(registration, today=_today(occasion), concerns_many=step.concerns_many)
    registering.check_answers(registration.answers, step.conditions, step.name)
    acceptance_no = record_rules.text("受理号 acceptance no", registration.acceptance_no, limit=40)
    if queries.is_taken(row.agency_code, acceptance_no):
        raise Refusal("I-001", acceptance_no=acceptance_no)
    arrival = arrivals.Arrival(
        urn=occasion.urn(),
        agency_code=row.agency_code,
        step=step,
        rule=schedule.rule_for(step, registration.formed_date),
        acceptance_no=acceptance_no,
        title=record_rules.text("题名 title", registration.title or step.name, limit=200),
        formed_date=registration.formed_date,
        paper_pages=registration.paper_pages,
        persons=record_rules.persons(registration.persons),
        employer=record_rules.employer(registration.employer) if registration.employer else None,
        files=tuple(_as_sent(step, row, file) for file in row.files),
        route=registration.route,
        answers=registration.answers,
    )
    for file in arrival.files:
        files_of.refuse_invalid(step, file, arrival.route)
    receipt = _deposited(occasion, arrival, [queries.path_of(row, file) for file in row.files])
    origins = describing.origins(registration, describing.fields_of(queries.registration_of(row)))

    with journal.writing(occasion=occasion, act="intake.admit", unit=arrival.urn) as line:
        _swap(
            row,
            status=_Status.ADMITTED,
            moved_at=occasion.at,
            judged_by=occasion.actor.staff_code,
            acceptance_no=acceptance_no,
            item_urn=arrival.urn,
        )
        landing = arrivals.create_items(line=line, arrivals=[arrival], is_called=lives.is_called)
        if arrival.urn in landing.refused:
            raise landing.refused[arrival.urn]
        if arrival.urn not in landing.pks:
            raise Refusal("I-001", acceptance_no=acceptance_no)
        repository.record_deposits([receipt])
        files_of.flag(
            line,
            files_of.Taken(arrival.urn, acceptance_no, accounts.agency(row.agency_code).path, arrival.files),
        )
        schedule_actions.answer_fresh(line=line, answers={arrival.urn: registration.answers})
        FieldOrigin.objects.bulk_create(
            FieldOrigin(urn=arrival.urn, agency_code=row.agency_code, field=field, origin=origin, at=occasion.at)
            for field, origin in origins.items()
        )
        line.say(
            acceptance_no=acceptance_no,
            step=step.code,
            route=arrival.route,
            title=arrival.title,
            formed_date=arrival.formed_date,
            paper_pages=arrival.paper_pages,
            rule=arrival.rule.code,
            term=arrival.rule.term,
            version=receipt.version,
            files=files_of.named(arrival.files),
            described_by=f"申报 {row.declaration_no}",
            **registering.named_subjects(arrival.persons, arrival.employer),
            **registering.answered(registration.answers),
            **{
                f"fields_{origin.lower()}": ",".join(sorted(field for field, one in origins.items() if one is origin))
                for origin in describing.Origin
            },
        )
    return Registered(arrival.urn, acceptance_no, arrival.rule.code, str(arrival.rule.term), arrival.rule.is_confirmed)


def _today(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()


def _checked(occasion: Occasion, step: StepRow, facts: queries.Facts) -> queries.Facts:
    """What was filled in, judged as the counter's registration is and spelled as it is kept."""
    typed = queries.registration(step.code, facts, paper_pages=1)
    registering.check_registration(typed, today=_today(occasion), concerns_many=step.concerns_many)
    registering.check_answers(facts.answers, step.conditions, step.name)
    return queries.Facts(
        title=record_rules.text("题名 title", facts.title or step.name, limit=200),
        formed_date=facts.formed_date,
        persons=record_rules.persons(facts.persons),
        employer=record_rules.employer(facts.employer) if facts.employer else None,
        answers=facts.answers,
    )


def _check_room(uploads: Sequence[Upload]) -> None:
    size_bytes = sum(upload.path.stat().st_size for upload in uploads)
    rules.check_size(files=len(uploads), size_bytes=size_bytes)
    if disk.free_bytes() < size_bytes + rules.ROOM_LEFT:
        raise Refusal("I-112")


def _measured(occasion: Occasion, agency_code: str, step: StepRow, uploads: Sequence[Upload]) -> list[rules.SentFile]:
    """What the files are; one that is malicious or broken goes into quarantine, and none of them is taken."""
    found = []
    for upload in uploads:
        try:
            file = files_of.measure(
                step, upload.path, original_name=upload.original_name, material_code=upload.material_code
            )
        except Refusal as refusal:
            if refusal.code != AWAY:  # who sends it sends it again
                screening.keep_aside(
                    occasion=occasion,
                    path=upload.path,
                    name=upload.original_name,
                    refusal=refusal,
                    door=Door.OUTSIDE,
                    agency_code=agency_code,
                    material=upload.material_code,
                )
            raise
        rules.check_kind(file.original_name, file.mime)
        found.append(
            rules.SentFile(
                place=occasion.fresh(8).hex(),
                material=file.material_code,
                name=file.original_name,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                sha512=file.sha512,
                pages=len(file.pages),
                at=occasion.at.isoformat(),
            )
        )
    return found


def _lay(uid: str, sent: Sequence[rules.SentFile], uploads: Sequence[Upload]) -> None:
    spool.lay_beside(queries.SPOOL, uid, {file.place: upload.path for file, upload in zip(sent, uploads, strict=True)})


def _to_judge(occasion: Occasion, uid: str) -> queries.DeclarationRow:
    row = queries.get_declaration_for(occasion.actor, uid)
    accounts.permit(occasion.actor, row.agency_path, Post.HANDLER)
    rules.check_waiting(
        number=row.declaration_no, status=row.status, is_cleared=row.facts is None, wanted=_Status.RECEIVED
    )
    return row


def _swap(row: queries.DeclarationRow, **change: object) -> None:
    """Change a declaration from what was read; whoever was quicker has it."""
    found = Declaration.objects.filter(pk=row.pk, status=row.status, round=row.round, cleared_at=None)
    if found.update(**change) != 1:
        raise Refusal("I-106", number=row.declaration_no)


def _as_sent(step: StepRow, row: queries.DeclarationRow, file: rules.SentFile) -> CapturedFile:
    """A file of a declaration as it is captured: looked at anew, and the very bytes that the receipt names."""
    path = queries.path_of(row, file)
    if not path.exists():
        raise Refusal("I-113", name=file.name[:60])
    found = files_of.measure(step, path, original_name=file.name, material_code=file.material)
    if found.sha512 != file.sha512:
        raise Refusal("I-113", name=file.name[:60])
    return found


def _deposited(occasion: Occasion, arrival: arrivals.Arrival, paths: Sequence[Path]) -> DepositReceipt:
    staff_code = occasion.actor.staff_code
    receipts = repository.deposit_new(
        objects={
            arrival.urn: [
                Source(logical_name=file.logical_name, path=path, digests=file.digests)
                for path, file in zip(paths, arrival.files, strict=True)
            ]
        },
        message="capture",
        user_name=staff_code,
        user_address=f"staff:{staff_code}",
        at=occasion.at,
    )
    receipt = receipts[arrival.urn]
    if isinstance(receipt, Refusal):
        raise receipt
    return receipt


def _named(sent: Sequence[rules.SentFile]) -> str:
    """Files as the line names them: what people called them may hold a person's name."""
    return "; ".join(f"{file.material} sha256:{file.sha256} {file.pages}p" for file in sent)


def _reasons_said(reasons: Mapping[str, str]) -> dict[str, str]:
    return {f"reason_{code.lower()}": why for code, why in sorted(reasons.items())}
