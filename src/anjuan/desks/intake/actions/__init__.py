"""Taking in (收集): register a case, capture its pages, mend what came back, submit for review."""

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError

from anjuan.core.assurance import Outcome, Stage
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, Route, State, Verb
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake import holding, noticing, queries, rules
from anjuan.desks.intake.models import FieldOrigin
from anjuan.desks.intake.rules import describing
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance import queries as assurance_queries
from anjuan.facilities.business import queries as business
from anjuan.facilities.condition import actions as condition
from anjuan.facilities.lives import queries as lives
from anjuan.facilities.repository import actions as repository
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.actions import components
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
        D-080: the paper is said to be in a state that is no kind.
        H-004, H-007: no such business step; no schedule was in force.
        H-019: the step is withdrawn.
        I-001: the acceptance number is taken.
        I-002, I-005 to I-007, I-075: see `rules.check_registration` and `rules.check_answers`.
        R-001 to R-010: a number, a code or a text is wrong.

    Standard: GB/T 31599-2015 6.1; S3-W11.
    Concurrency: of two counters that register one number at once, the second is refused with I-001.
    """
    agency = accounts.agency(agency_code)
    accounts.permit(occasion.actor, agency.path, Post.HANDLER)
    step = schedule.step(registration.step_code, occasion.at)
    if step.is_retired:
        raise Refusal("H-019", step=step.name)
    today = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
    rules.check_registration(registration, today=today, concerns_many=step.concerns_many)
    rules.check_answers(registration.answers, step.conditions, step.name)
    acceptance_no = record_rules.text("受理号 acceptance no", registration.acceptance_no, limit=40)
    title = record_rules.text("题名 title", registration.title or step.name, limit=200)
    persons = record_rules.persons(registration.persons)
    employer = record_rules.employer(registration.employer) if registration.employer else None
    rule = schedule.rule_for(step, registration.formed_date)
    stated = business.description_of(agency_code, acceptance_no)
    origins = describing.origins(registration, stated.fields if stated else {})
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
                is_called=lives.is_called,
            )
            schedule_actions.answer_fresh(line=line, answers={urn: registration.answers})
            if registration.paper_state or registration.paper_note:
                condition.note_at_registration(
                    line=line,
                    unit=urn,
                    reference=acceptance_no,
                    agency_path=agency.path,
                    kind=registration.paper_state,
                    note=registration.paper_note,
                )
            FieldOrigin.objects.bulk_create(
                FieldOrigin(urn=urn, agency_code=agency_code, field=field, origin=origin, at=occasion.at)
                for field, origin in origins.items()
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
                **rules.answered(registration.answers),
                **_origins_said(stated, origins),
            )
    except IntegrityError:
        if Item.objects.filter(agency__code=agency_code, acceptance_no=acceptance_no).exists():
            raise Refusal("I-001", acceptance_no=acceptance_no) from None
        raise
    return Registered(urn, acceptance_no, rule.code, str(rule.term), rule.is_confirmed)


def _origins_said(stated: business.DescriptionRow | None, origins: Mapping[str, describing.Origin]) -> dict[str, str]:
    """Which fields were taken over or changed, and from whom; nothing where the business system stated nothing."""
    if stated is None:
        return {}
    by_origin = {
        origin.lower(): ",".join(sorted(field for field, found in origins.items() if found is origin))
        for origin in describing.Origin
    }
    return {"described_by": stated.source} | {f"fields_{word}": names for word, names in by_origin.items() if names}


def capture(
    *,
    occasion: Occasion,
    urn: str,
    uploads: Sequence[Upload],
    before: int | None = None,
    device: str = "",
    repeats: bool = False,
) -> Captured:
    """Capture pages into the preservation store (采集影像): bytes first, verified, then rows.

    All files of one call go in together or not at all; the refusal names the file that stood in the way.

    Args:
        occasion: a handler of the agency.
        urn: the item.
        uploads: the files, in their order.
        before: key of the file before which they are put (插页); None: after all others.
        device: what the desk says they came from: CAMERA, PHONE, SCANNER_FOLDER, PASTE or FILE.
        repeats: the clerk has said that a page with the bytes of another is a sheet of its own (a blank back); the
            line says how many there were.

    Raises:
        A-001: the actor is not a handler of that agency.
        I-010: pages are no longer added at this stage.
        I-011: the call holds no file.
        I-012: the same bytes lie there already.
        H-005: a material is not on the list.
        L-001: the file before which they should go lies there no longer.
        M-…: a file is not a readable page.
        R-009: no such item.

    Standard: GB/T 18894-2016 (capture with metadata and process information); S3-W11, S4-W1 谁采集谁影像化.
    Concurrency: the object's version is swapped from the one read; a lost race is refused and leaves no rows.
    """
    collected = holding.changeable(occasion, urn)
    if not uploads:
        raise Refusal("I-011")
    if before is not None and before not in {row.pk for row in collected.components}:
        raise Refusal("L-001", reference=collected.item.reference)
    files = [_measured(occasion, collected, upload) for upload in uploads]
    receipt = holding.deposit(occasion, collected, [upload.path for upload in uploads], files, repeats=repeats)
    noticed = noticing.notice(collected, [upload.path for upload in uploads], files, at=occasion.at)
    repeated = files_of.count_repeats(files, {row.sha512 for row in collected.components})

    with journal.writing(occasion=occasion, act="intake.capture", unit=urn) as line:
        holding.take_up(line, collected, receipt, files)
        noticing.keep(line, urn, noticed)
        if before is not None:
            _put_before(urn, before, len(files))
        line.say(before=before or "", device=device, **({"repeated": repeated} if repeated else {}))
    return Captured(urn, receipt.version, len(files), sum(len(file.pages) for file in files))


def replace_page(*, occasion: Occasion, component_pk: int, upload: Upload, device: str = "") -> Captured:
    """Put a better scan in a component's place (重扫更换); the earlier bytes stay in the earlier version.

    Raises:
        A-001, I-010, M-…, R-009: as for `capture`.
        L-001: somebody replaced it meanwhile.
    """
    component = record_queries.get_component_for(occasion.actor, component_pk)
    collected = holding.changeable(occasion, component.item_urn)
    files = [_measured(occasion, collected, upload, holds=False)]
    receipt = holding.deposit(occasion, collected, [upload.path], files)
    noticed = noticing.notice(collected, [upload.path], files, at=occasion.at, but=component.sha512)

    with journal.writing(occasion=occasion, act="intake.replace_page", unit=component.item_urn) as line:
        holding.hold(line, collected)
        repository.record_deposit(receipt)
        records.supersede_component(pk=component_pk, at=occasion.at)
        records.add_components(item_urn=component.item_urn, files=files, at=occasion.at, at_ordinal=component.ordinal)
        holding.flag(line, collected, files)
        noticing.keep(line, component.item_urn, noticed)
        line.say(version=receipt.version, replaced=component.sha256, files=files_of.named(files), device=device)
    return Captured(component.item_urn, receipt.version, 1, len(files[0].pages))


def withdraw_page(*, occasion: Occasion, component_pk: int) -> None:
    """Take a wrongly captured file out of an item that is still on the counter (取下误扫页).

    Raises:
        A-001, I-010, R-009: as for `capture`.
        L-001: somebody took it out already.
    """
    component = record_queries.get_component_for(occasion.actor, component_pk)
    collected = holding.changeable(occasion, component.item_urn)

    with journal.writing(occasion=occasion, act="intake.withdraw_page", unit=component.item_urn) as line:
        holding.hold(line, collected)
        records.supersede_component(pk=component_pk, at=occasion.at)
        line.say(withdrawn=component.sha256, name=component.original_name)


def correct_page_count(*, occasion: Occasion, urn: str, paper_pages: int) -> None:
    """Correct the number of paper pages after counting again (更正纸质页数).

    Raises:
        A-001, I-010, R-009: as for `capture`.
        I-005: not between 1 and 2,000.
        I-018: it lies in the workshop, after its paper was accepted by count.
    """
    collected = holding.changeable(occasion, urn)
    if not collected.may_recount:
        raise Refusal("I-018", reference=collected.item.reference)
    if not 1 <= paper_pages <= rules.MOST_PAGES:
        raise Refusal("I-005", pages=paper_pages, most=rules.MOST_PAGES)

    with journal.writing(occasion=occasion, act="intake.correct_page_count", unit=urn) as line:
        holding.hold(line, collected)
        records.set_paper_pages(urn=urn, paper_pages=paper_pages)
        line.say(before=collected.item.paper_pages, after=paper_pages)


def answer_conditions(*, occasion: Occasion, urn: str, answers: Mapping[str, bool]) -> None:
    """Answer what the material list asks only under a condition (回答情形): has he an agent, is it an accident …

    Raises:
        A-001, I-010, R-009: as for `capture`.
        H-005: the list knows no such condition.
    """
    collected = holding.changeable(occasion, urn)
    asked = {words for words, _ in collected.step.conditions}
    if unknown := sorted(answers.keys() - asked):
        raise Refusal("H-005", material=unknown[0][:60], step=collected.step.name)

    with journal.writing(occasion=occasion, act="intake.answer_conditions", unit=urn) as line:
        holding.hold(line, collected)
        schedule_actions.answer(line=line, unit=urn, answers=answers)
        line.say(answers="；".join(f"{words}：{'是' if holds else '否'}" for words, holds in sorted(answers.items())))


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


def _put_before(urn: str, before: int, count: int) -> None:
    """Move the files that came last in front of another one."""
    keys = [row.pk for row in record_queries.components_of([urn])[urn]]
    if before not in keys[:-count]:
        raise Refusal("L-001", reference=urn)
    place = keys.index(before)
    components.order_components(item_urn=urn, component_pks=[*keys[:place], *keys[-count:], *keys[place:-count]])


def _measured(occasion: Occasion, collected: queries.Collected, upload: Upload, *, holds: bool = True) -> CapturedFile:
    return holding.measure(
        occasion,
        collected,
        upload.path,
        original_name=upload.original_name,
        material_code=upload.material_code,
        holds=holds,
    )
