"""Taking in (收集): register a case, capture its pages, mend what came back, submit for review."""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError

from anjuan.core.assurance import Outcome, Stage
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING, Duty, Occasion, Post, Route, State, Verb
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake import queries, rules
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance import queries as assurance_queries
from anjuan.facilities.corrections.rules import ANSWERING_POSTS
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository.rules import DepositReceipt, Source
from anjuan.facilities.screening import actions as screening
from anjuan.facilities.screening.rules import AWAY, Door
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.models import Item
from anjuan.records.rows import CapturedFile


@dataclass(frozen=True)
class Upload:
    """A file as it came in: where it lies for now, what it was called, which material it is."""

    path: Path
    original_name: str
    material_code: str


@dataclass(frozen=True)
class Registered:
    """The receipt of a registration."""

    urn: str
    acceptance_no: str
    rule_code: str
    term: str
    is_confirmed: bool


@dataclass(frozen=True)
class Captured:
    """The receipt of a capture: the version of the object that now holds the bytes, and the pages."""

    urn: str
    version: int
    files: int
    pages: int


def register(*, occasion: Occasion, agency_code: str, registration: rules.Registration) -> Registered:
    """Register a case and give it its identity (收集登记).

    Raises:
        A-001: the actor is not a handler of that agency.
        H-004, H-007: no such business step; no schedule was in force.
        I-001: the acceptance number is taken.
        I-002, I-005 to I-007: see `rules.check_registration`.
        R-001 to R-010: a number, a code or a text is wrong.

    Standard: GB/T 31599-2015 6.1; S3-W11.
    Concurrency: of two counters that register one number at once, the second is refused with I-001.
    """
    agency = accounts.agency(agency_code)
    accounts.permit(occasion.actor, agency.path, Post.HANDLER)
    step = schedule.step(registration.step_code)
    today = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
    rules.check_registration(registration, today=today, concerns_many=step.concerns_many)
    acceptance_no = record_rules.text("受理号 acceptance no", registration.acceptance_no, limit=40)
    title = record_rules.text("题名 title", registration.title or step.name, limit=200)
    persons = record_rules.persons(registration.persons)
    employer = record_rules.employer(registration.employer) if registration.employer else None
    rule = schedule.rule_for(step, registration.formed_date)
    if Item.objects.filter(agency__code=agency_code, acceptance_no=acceptance_no).exists():
        raise Refusal("I-001", acceptance_no=acceptance_no)
    urn = occasion.urn()

    try:
        with journal.writing(occasion=occasion, act="intake.register", unit=urn) as line:
            records.create_item(
                line=line,
                urn=urn,
                agency_code=agency_code,
                step=step,
                rule=rule,
                acceptance_no=acceptance_no,
                title=title,
                formed_date=registration.formed_date,
                paper_pages=registration.paper_pages,
                persons=persons,
                employer=employer,
                route=registration.route,
            )
            line.say(
                acceptance_no=acceptance_no,
                step=step.code,
                route=registration.route,
                title=title,
                formed_date=registration.formed_date,
                paper_pages=registration.paper_pages,
                rule=rule.code,
                term=rule.term,
                **rules.named_subjects(persons, employer),
            )
    except IntegrityError:
        if Item.objects.filter(agency__code=agency_code, acceptance_no=acceptance_no).exists():
            raise Refusal("I-001", acceptance_no=acceptance_no) from None
        raise
    return Registered(urn, acceptance_no, rule.code, str(rule.term), rule.is_confirmed)


def capture(*, occasion: Occasion, urn: str, uploads: Sequence[Upload]) -> Captured:
    """Capture pages into the preservation store (采集影像): bytes first, verified, then rows.

    All files of one call go in together or not at all; the refusal names the file that stood in the way.

    Raises:
        A-001: the actor is not a handler of that agency.
        I-010: pages are no longer added at this stage.
        I-011: the call holds no file.
        H-005: a material is not on the list.
        M-…: a file is not a readable page.
        R-009: no such item.

    Standard: GB/T 18894-2016 (capture with metadata and process information); S3-W11, S4-W1 谁采集谁影像化.
    Concurrency: the object's version is swapped from the one read; a lost race is refused and leaves no rows.
    """
    collected = _changeable(occasion, urn)
    if not uploads:
        raise Refusal("I-011")
    files = [_measure(occasion, collected, upload) for upload in uploads]
    receipt = _deposit(occasion, collected, uploads, files)

    with journal.writing(occasion=occasion, act="intake.capture", unit=urn) as line:
        _take_up(line, collected, receipt, files)
    return Captured(urn, receipt.version, len(files), sum(len(file.pages) for file in files))


def replace_page(*, occasion: Occasion, component_pk: int, upload: Upload) -> Captured:
    """Put a better scan in a component's place (重扫更换); the earlier bytes stay in the earlier version.

    Raises:
        A-001, I-010, M-…, R-009: as for `capture`.
        L-001: somebody replaced it meanwhile.
    """
    component = record_queries.get_component_for(occasion.actor, component_pk)
    collected = _changeable(occasion, component.item_urn)
    files = [_measure(occasion, collected, upload, holds=False)]
    receipt = _deposit(occasion, collected, [upload], files)

    with journal.writing(occasion=occasion, act="intake.replace_page", unit=component.item_urn) as line:
        _hold_and_take_part(line, collected)
        repository.record_deposit(receipt)
        records.supersede_component(pk=component_pk, at=occasion.at)
        records.add_components(item_urn=component.item_urn, files=files, at=occasion.at, at_ordinal=component.ordinal)
        files_of.flag(files)
        line.say(version=receipt.version, replaced=component.sha256, files=files_of.named(files))
    return Captured(component.item_urn, receipt.version, 1, len(files[0].pages))


def withdraw_page(*, occasion: Occasion, component_pk: int) -> None:
    """Take a wrongly captured file out of an item that is still on the counter (取下误扫页).

    Raises:
        A-001, I-010, R-009: as for `capture`.
        L-001: somebody took it out already.
    """
    component = record_queries.get_component_for(occasion.actor, component_pk)
    collected = _changeable(occasion, component.item_urn)

    with journal.writing(occasion=occasion, act="intake.withdraw_page", unit=component.item_urn) as line:
        _hold_and_take_part(line, collected)
        records.supersede_component(pk=component_pk, at=occasion.at)
        line.say(withdrawn=component.sha256, name=component.original_name)


def correct_page_count(*, occasion: Occasion, urn: str, paper_pages: int) -> None:
    """Correct the number of paper pages after counting again (更正纸质页数).

    Raises:
        A-001, I-010, R-009: as for `capture`.
        I-005: not between 1 and 2,000.
        I-018: it lies in the workshop, after its paper was accepted by count.
    """
    collected = _changeable(occasion, urn)
    if not collected.may_recount:
        raise Refusal("I-018", reference=collected.item.reference)
    if not 1 <= paper_pages <= rules.MOST_PAGES:
        raise Refusal("I-005", pages=paper_pages, most=rules.MOST_PAGES)

    with journal.writing(occasion=occasion, act="intake.correct_page_count", unit=urn) as line:
        _hold_and_take_part(line, collected)
        records.set_paper_pages(urn=urn, paper_pages=paper_pages)
        line.say(before=collected.item.paper_pages, after=paper_pages)


def submit(*, occasion: Occasion, urn: str) -> records.Moved:
    """Hand the case to the reviewer (提交审核).

    Raises:
        L-001 to L-006: the lifecycle table says no; L-004 names what is missing.
        R-009: no such item.
    """
    seen = queries.collected(occasion.actor, urn)

    with journal.writing(occasion=occasion, act="intake.submit", unit=urn) as line:
        # Judged on what lies there now: a colleague may have captured or withdrawn a page a moment ago.
        records.hold_at(urn=urn, states=(seen.item.state,))
        collected = queries.collected(occasion.actor, urn)
        evidence = rules.evidence(collected.obstacles, collected.item.route)
        moved = records.advance(line=line, urn=urn, verb=Verb.SUBMIT, evidence=evidence)
        line.say(pages=collected.image_pages, source=moved.source, target=moved.target)
    return moved


def close(*, occasion: Occasion, urn: str, automatic: bool = False) -> records.Moved:
    """File a single-set case that the business system has completed (办结归档): no paper, no further review.

    Every byte is read and the four-nature tests of filing are done first; their report is kept with the deed.

    Args:
        occasion: who, and when.
        urn: the case.
        automatic: nobody pressed a button: it filed itself in the name of who took it in, and the line says so.

    Raises:
        L-001 to L-006: the lifecycle table says no; L-004 names what is missing.
        R-009: no such item.
        Z-001: a four-nature test did not pass.

    Standard: DA/T 70-2018 (filing stage); S0-W10, S0-W12, S4-W3.
    """
    seen = queries.collected(occasion.actor, urn)
    accounts.permit(occasion.actor, seen.item.agency_path, Post.HANDLER)
    examined = assurance_queries.examine([seen.item], Stage.FILING)
    missing = {Evidence.BUSINESS_COMPLETED, Evidence.PAGES_AGREE, Evidence.MATERIALS_COMPLETE}
    missing -= rules.evidence(seen.obstacles, seen.item.route)
    if seen.item.route is Route.SINGLE_SET and seen.item.state is State.COLLECTING and not missing:
        assurance.must_pass(examined, reference=seen.item.reference)

    with journal.writing(occasion=occasion, act="intake.close", unit=urn) as line:
        records.hold_at(urn=urn, states=(seen.item.state,))
        collected = queries.collected(occasion.actor, urn)
        if collected.components != seen.components:  # what was tested is not what lies there now
            raise Refusal("L-001", reference=seen.item.reference)
        evidence = set(rules.evidence(collected.obstacles, collected.item.route))
        if all(one.passes for one in examined):
            evidence.add(Evidence.FOUR_NATURE)
        if all(one.outcome("A2") in (Outcome.PASS, Outcome.NOT_APPLICABLE) for one in examined):
            evidence.add(Evidence.SIGNATURES_VALID)
        moved = records.advance(line=line, urn=urn, verb=Verb.CLOSE, evidence=frozenset(evidence))
        assurance.keep(line=line, found=examined)
        line.say(
            pages=collected.image_pages,
            tests=",".join(f"{row.code}:{row.outcome}" for one in examined for row in one.results),
            source=moved.source,
            target=moved.target,
            **({"automatic": "办结自动归档"} if automatic else {}),
        )
    return moved


def _take_up(
    line: journal.Line, collected: queries.Collected, receipt: DepositReceipt, files: Sequence[CapturedFile]
) -> None:
    """The rows of captured files whose bytes lie in the store."""
    _hold_and_take_part(line, collected)
    repository.record_deposit(receipt)
    records.add_components(item_urn=collected.item.urn, files=files, at=line.occasion.at)
    files_of.flag(files)
    line.say(version=receipt.version, files=files_of.named(files))


def _hold_and_take_part(line: journal.Line, collected: queries.Collected) -> None:
    """Hold the item at its stage, and note who made or mended it: neither may later judge it."""
    item = collected.item
    records.hold_at(urn=item.urn, states=(item.state,))
    if item.state is State.IN_WORKSHOP:
        records.take_part(line=line, urn=record_queries.volume_urn_of(item), duty=Duty.PROCESSED)
        return
    records.take_part(line=line, urn=item.urn, duty=Duty.HANDLED)
    if item.state in CORRECTING:
        records.take_part(line=line, urn=record_queries.volume_urn_of(item), duty=Duty.MENDED)


def _changeable(occasion: Occasion, urn: str) -> queries.Collected:
    collected = queries.collected(occasion.actor, urn)
    posts = rules.CHANGING_POSTS.get(collected.item.state, ANSWERING_POSTS)
    accounts.permit(occasion.actor, collected.item.agency_path, *posts)
    if not collected.may_change:
        raise Refusal("I-010", reference=collected.item.reference, state=collected.item.state)
    return collected


def _measure(occasion: Occasion, collected: queries.Collected, upload: Upload, *, holds: bool = True) -> CapturedFile:
    """Look at a file; one that is malicious or broken goes into quarantine, one that cannot be scanned now is held."""
    try:
        return files_of.measure(
            collected.step, upload.path, original_name=upload.original_name, material_code=upload.material_code
        )
    except Refusal as refusal:
        if holds or refusal.code != AWAY:
            screening.keep_aside(
                occasion=occasion,
                path=upload.path,
                name=upload.original_name,
                refusal=refusal,
                door=Door.COUNTER,
                agency_code=collected.item.agency_code,
                unit=collected.item.urn,
                material=upload.material_code,
            )
        raise


def _deposit(
    occasion: Occasion,
    collected: queries.Collected,
    uploads: Sequence[Upload],
    files: Sequence[CapturedFile],
) -> DepositReceipt:
    files_of.refuse_doubles(files, {component.sha512: component.ordinal for component in collected.components})
    urn, staff_code = collected.item.urn, occasion.actor.staff_code
    head = repository.settle_head(urn=urn)
    sources = [
        Source(logical_name=file.logical_name, path=upload.path, digests=file.digests)
        for upload, file in zip(uploads, files, strict=True)
    ]
    return repository.deposit(
        urn=urn,
        files=sources,
        message=f"capture {len(files)}",
        user_name=staff_code,
        user_address=f"staff:{staff_code}",
        at=occasion.at,
        expected_head=head,
    )
