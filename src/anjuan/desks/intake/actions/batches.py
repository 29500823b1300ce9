"""Taking in many cases at once (批量收集), as a scanner station or a business system sends them."""

import contextlib
import dataclasses
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Occasion, Post, Route, State, Verb
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake import queries, rules
from anjuan.desks.intake.actions import Upload, conflicts
from anjuan.desks.intake.models import Receipt
from anjuan.facilities.lives import queries as lives
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository.rules import DepositReceipt, Source
from anjuan.facilities.screening import actions as screening
from anjuan.facilities.screening.rules import AWAY, Door
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import actions as records
from anjuan.records import rules as record_rules
from anjuan.records.actions import arrivals
from anjuan.records.actions.arrivals import Arrival
from anjuan.records.rows import CapturedFile

READERS = 2  # threads that look at files; decoding and hashing let go of the interpreter


@dataclass(frozen=True)
class Case:
    """One case of a batch (批内一件): what the counter would type, its files, and whether it is to go to review."""

    agency_code: str
    registration: rules.Registration
    uploads: tuple[Upload, ...]
    submit: bool
    repeats: bool = False  # files with equal bytes are sheets of their own (blank backs)


@dataclass(frozen=True)
class TakenIn:
    """The receipt of a case that was taken in, now or when it was sent before."""

    urn: str
    version: int
    pages: int
    state: State
    missing: tuple[Obstacle, ...]
    is_repeat: bool


class _NothingLanded(Exception):
    """Every case was overtaken or refused at the last step: there is nothing to write a line about."""


@dataclass(frozen=True)
class _Ready:
    """A case that nothing speaks against so far."""

    case: Case
    arrival: Arrival
    missing: tuple[Obstacle, ...] = ()
    sent_digest: str = ""

    @property
    def urn(self) -> str:
        return self.arrival.urn

    @property
    def number(self) -> tuple[str, str]:
        return self.arrival.agency_code, self.arrival.acceptance_no

    @property
    def pages(self) -> int:
        return sum(len(file.pages) for file in self.arrival.files)

    @property
    def state(self) -> State:
        """Where it stands when it is in. A single-set case waits for the business system instead of a reviewer."""
        goes_on = self.case.submit and not self.missing and self.arrival.route is not Route.SINGLE_SET
        return State.IN_REVIEW if goes_on else State.COLLECTING


@dataclass(frozen=True)
class _Stopped:
    """The file for which a case was refused."""

    upload: Upload
    refusal: Refusal


def take_in(*, occasion: Occasion, cases: Sequence[Case]) -> list[TakenIn | Refusal]:
    """Register cases, capture their files and submit those that are complete (批量收集), as one act with one line.

    A case that is refused does not keep the others away; its answer is the refusal. A case that was taken in before
    with the same facts and bytes is not taken in again; its answer is the receipt it had.

    Returns:
        The answer to each case, in their order. Refusals: those of `register` and `capture`, and I-013, the number was
        taken in with other facts or bytes; what was sent then is kept as a conflict for somebody to look at.

    Raises:
        L-001: somebody registered one of the persons meanwhile, under another name; to be sent again.

    Standard: GB/T 18894-2016 (capture with metadata and process information); S3-W11.
    Concurrency: bytes first, under identifiers that nobody else knows, then rows. Of two that send one number at once
        the later gets the receipt of the other, or I-013. What a crash leaves between bytes and rows are objects that
        no row names, marked for recovery; sent again, a case gets an object of its own.
    """
    agencies = accounts.agencies()
    judged = _judged(occasion, cases, agencies)
    ready = [one for one in judged if isinstance(one, _Ready)]
    taken = queries.taken(one.number for one in ready)
    fresh: dict[tuple[str, str], _Ready] = {}
    for one in ready:
        if one.number not in taken:
            fresh.setdefault(one.number, one)
    receipts, refused = _deposit(occasion, fresh.values())
    stored = [one for one in fresh.values() if one.urn in receipts]
    landed: list[_Ready] = []

    if stored:
        unit = f"delivery:{occasion.fresh(8).hex()}"
        with (
            contextlib.suppress(_NothingLanded),
            journal.writing(occasion=occasion, act="intake.take_in", unit=unit) as line,
        ):
            landing = arrivals.create_items(
                line=line, arrivals=[one.arrival for one in stored], is_called=lives.is_called
            )
            refused |= landing.refused
            landed = [one for one in stored if one.urn in landing.pks]
            if not landed:
                raise _NothingLanded
            repository.record_deposits([receipts[one.urn] for one in landed])
            files_of.flag(
                line,
                *(
                    files_of.Taken(
                        one.urn, one.arrival.acceptance_no, agencies[one.arrival.agency_code].path, one.arrival.files
                    )
                    for one in landed
                ),
            )
            going_on = [one.urn for one in landed if one.state is State.IN_REVIEW]
            records.advance_items(line=line, urns=going_on, verb=Verb.SUBMIT, evidence=rules.evidence(()))
            schedule_actions.answer_fresh(line=line, answers={one.urn: one.arrival.answers for one in landed})
            Receipt.objects.bulk_create(_receipt(one, landing.pks[one.urn], receipts[one.urn]) for one in landed)
            for one in landed:
                _tell(line, one)
            line.say(
                cases=len(landed),
                files=sum(len(one.arrival.files) for one in landed),
                pages=sum(one.pages for one in landed),
            )

    is_in = {one.urn for one in landed}
    standing = queries.taken(one.number for one in ready if one.urn not in is_in and one.urn not in refused)

    def answer(one: _Ready) -> TakenIn | Refusal:
        if one.urn in is_in:
            return TakenIn(one.urn, receipts[one.urn].version, one.pages, one.state, one.missing, is_repeat=False)
        if one.urn in refused:
            return refused[one.urn]
        if one.number not in standing:  # named twice here, and refused the first time
            return refused[fresh[one.number].urn]
        return _again(one, standing[one.number])

    answers = [one if isinstance(one, Refusal) else answer(one) for one in judged]
    for sent, said in zip(judged, answers, strict=True):
        if isinstance(sent, _Ready) and isinstance(said, Refusal) and said.code == "I-013":
            conflicts.keep_conflict(
                occasion=occasion,
                agency_code=sent.case.agency_code,
                registration=sent.case.registration,
                sent_digest=sent.sent_digest,
                uploads=list(zip([one.path for one in sent.case.uploads], sent.arrival.files, strict=True)),
            )
    return answers


def _judged(
    occasion: Occasion, cases: Sequence[Case], agencies: Mapping[str, accounts.AgencyRow]
) -> list[_Ready | Refusal]:
    """What the counter would say of each case; the files of those it would register are looked at, several at once."""
    steps = {step.code: step for step in schedule.steps(occasion.at)}
    rulebook = schedule.rulebook()
    today = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()

    def registrable(case: Case) -> Arrival | Refusal:
        typed = case.registration
        try:
            if case.agency_code not in agencies:
                raise Refusal("R-009", what=case.agency_code)
            accounts.permit(occasion.actor, agencies[case.agency_code].path, Post.HANDLER)
            if typed.step_code not in steps:
                raise Refusal("H-004", step=typed.step_code)
            step = steps[typed.step_code]
            if step.is_retired:
                raise Refusal("H-019", step=step.name)
            rules.check_registration(typed, today=today, concerns_many=step.concerns_many)
            rules.check_answers(typed.answers, step.conditions, step.name)
            if not case.uploads:
                raise Refusal("I-011")
            return Arrival(
                urn=occasion.urn(),
                agency_code=case.agency_code,
                step=step,
                rule=rulebook.rule_for(step, typed.formed_date),
                acceptance_no=record_rules.text("受理号 acceptance no", typed.acceptance_no, limit=40),
                title=record_rules.text("题名 title", typed.title or step.name, limit=200),
                formed_date=typed.formed_date,
                paper_pages=typed.paper_pages,
                persons=record_rules.persons(typed.persons),
                employer=record_rules.employer(typed.employer) if typed.employer else None,
                files=(),
                route=typed.route,
                answers=typed.answers,
            )
        except Refusal as refusal:
            return refusal

    # The database and the occasion belong to this thread; the readers touch the files alone.
    registered = [registrable(case) for case in cases]
    with ThreadPoolExecutor(READERS) as readers:
        looked = list(readers.map(_looked_at, cases, registered))
    for case, one in zip(cases, looked, strict=True):
        if isinstance(one, _Stopped) and one.refusal.code != AWAY:  # who sends a batch sends it again
            screening.keep_aside(
                occasion=occasion,
                path=one.upload.path,
                name=one.upload.original_name,
                refusal=one.refusal,
                door=Door.BATCH,
                agency_code=case.agency_code,
                material=one.upload.material_code,
            )
    return [one.refusal if isinstance(one, _Stopped) else one for one in looked]


def _looked_at(case: Case, arrival: Arrival | Refusal) -> "_Ready | _Stopped | Refusal":
    if isinstance(arrival, Refusal):
        return arrival
    files: list[CapturedFile] = []
    for upload in case.uploads:
        try:
            files.append(
                files_of.measure(
                    arrival.step, upload.path, original_name=upload.original_name, material_code=upload.material_code
                )
            )
        except Refusal as refusal:
            return _Stopped(upload, refusal)
        try:
            files_of.refuse_invalid(arrival.step, files[-1], arrival.route)
        except Refusal as refusal:
            return refusal
    try:
        if not case.repeats:
            files_of.refuse_doubles(files, {})
    except Refusal as refusal:
        return refusal
    missing = rules.obstacles(
        materials=arrival.step.materials,
        pages_by_material=rules.pages_by_material((file.material_code, len(file.pages)) for file in files),
        paper_pages=arrival.paper_pages,
        open_faults=0,
        route=arrival.route,
        answers=arrival.answers,
    )
    sent = [(file.material_code, file.original_name, file.sha512) for file in files]
    return _Ready(
        case,
        dataclasses.replace(arrival, files=tuple(files)),
        missing,
        rules.sent_digest(arrival.agency_code, case.registration, sent),
    )


def _deposit(occasion: Occasion, ready: Iterable[_Ready]) -> tuple[dict[str, DepositReceipt], dict[str, Refusal]]:
    staff_code = occasion.actor.staff_code
    found = repository.deposit_new(
        objects={
            one.urn: [
                Source(logical_name=name, path=path, digests=file.digests)
                for name, (path, file) in {
                    file.logical_name: (upload.path, file)  # the object keeps equal bytes once
                    for upload, file in zip(one.case.uploads, one.arrival.files, strict=True)
                }.items()
            ]
            for one in ready
        },
        message="capture",
        user_name=staff_code,
        user_address=f"staff:{staff_code}",
        at=occasion.at,
    )
    receipts = {urn: one for urn, one in found.items() if isinstance(one, DepositReceipt)}
    return receipts, {urn: one for urn, one in found.items() if isinstance(one, Refusal)}


def _receipt(one: _Ready, item_pk: int, stored: DepositReceipt) -> Receipt:
    return Receipt(
        item_id=item_pk,
        sent_digest=one.sent_digest,
        version=stored.version,
        pages=one.pages,
        state=one.state,
        missing=[[obstacle.code, dict(obstacle.params)] for obstacle in one.missing],
    )


def _tell(line: Line, one: _Ready) -> None:
    """What `register`, `capture` and `submit` would say of it, one field a person: a certificate discloses one."""
    arrival = one.arrival
    line.say_of(
        one.urn,
        acceptance_no=arrival.acceptance_no,
        step=arrival.step.code,
        title=arrival.title,
        formed_date=arrival.formed_date,
        paper_pages=arrival.paper_pages,
        route=arrival.route,
        rule=arrival.rule.code,
        term=arrival.rule.term,
        files=files_of.named(arrival.files),
        target=one.state,
        **rules.named_subjects(arrival.persons, arrival.employer),
        **rules.answered(arrival.answers),
    )


def _again(one: _Ready, receipt: queries.ReceiptRow | None) -> TakenIn | Refusal:
    """The answer to a number that is registered already."""
    if receipt is None:
        return Refusal("I-001", acceptance_no=one.arrival.acceptance_no)
    if receipt.sent_digest != one.sent_digest:
        return Refusal("I-013", acceptance_no=one.arrival.acceptance_no)
    return TakenIn(receipt.urn, receipt.version, receipt.pages, receipt.state, receipt.missing, is_repeat=True)
