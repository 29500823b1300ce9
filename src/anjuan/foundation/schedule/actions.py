"""Writing the schedule: drafts and versions of the table, editions of the business steps, answers to conditions."""

import csv
import dataclasses
import datetime as dt
import importlib.resources
import tomllib
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.schedule import queries, rules
from anjuan.foundation.schedule.models import (
    BusinessStep,
    Circumstance,
    Material,
    RetentionRule,
    ScheduleDraft,
    ScheduleVersion,
)
from anjuan.foundation.schedule.rules import MaterialRow, RuleFacts, StepRow

# A row is a confirmed one only if it was read in a public text and gives a term; what memory supplies is 待核实.
CONFIRMED_MARK = "seen"


@dataclass(frozen=True)
class Heading:
    """What a version says of itself: code, title, first day, what approved it, who consented and when (STD-21)."""

    code: str
    title: str
    effective_date: dt.date
    approval_document: str = ""
    consent_of: str = ""
    consent_date: dt.date | None = None


def adopt_version(
    *,
    occasion: Occasion,
    code: str,
    title: str,
    effective_date: dt.date,
    approval_document: str,
    consent_of: str,
    rows: Sequence[Mapping[str, str]],
) -> int:
    """Put a version of the retention schedule into force as it came (施行保管期限表). Returns the number of rows.

    Args:
        occasion: who adopts it; the installation, or an archivist.
        code: version code, never reused.
        title: full title of the document.
        effective_date: records formed from this day on fall under it.
        approval_document: document that approved it.
        consent_of: archive authority that consented (STD-21); empty means unconfirmed.
        rows: category_code, category_name, item_no, material_name, retention, confidence, source_url, note.

    Raises:
        H-001: a row's term cannot be read.
        H-006: the version exists already.
    """
    permit(occasion)
    facts = [
        RuleFacts(
            category_code=row["category_code"],
            category_name=row["category_name"],
            item_no=row["item_no"],
            material_name=row["material_name"],
            term=row["retention"],
            is_confirmed=row["confidence"] == CONFIRMED_MARK
            and retention.parse(row["retention"]) != retention.UNCONFIRMED,
            source=row["source_url"],
            note=row["note"],
        )
        for row in rows
    ]

    with journal.writing(occasion=occasion, act="schedule.adopt_version", unit=f"schedule:{code}") as line:
        heading = Heading(code, title, effective_date, approval_document, consent_of)
        put_in_force(line=line, heading=heading, rows=facts)
    return len(facts)


def put_in_force(
    *, line: Line, heading: Heading, rows: Sequence[RuleFacts], drafted_at: dt.datetime | None = None
) -> None:
    """Write a version with its rows; the draft it was is closed with it.

    Args:
        line: the open journal line of the deed.
        heading: what the version says of itself.
        rows: the whole table.
        drafted_at: when the draft was changed last; none where it never was one.

    Raises:
        H-006: the version exists already.
        L-001: the draft was changed, adopted or dropped meanwhile.
    """
    if ScheduleVersion.objects.filter(code=heading.code).exists():
        raise Refusal("H-006", version=heading.code)
    version = ScheduleVersion.objects.create(**vars(heading))
    RetentionRule.objects.bulk_create(RetentionRule(version=version, **vars(row)) for row in rows)
    if drafted_at is not None:
        drafts = ScheduleDraft.objects.filter(code=heading.code, outcome="", changed_at=drafted_at)
        if drafts.update(outcome="ADOPTED", changed_at=line.occasion.at) != 1:
            raise Refusal("L-001", reference=heading.code)
    line.say(**vars(heading), rows=len(rows))


def record_consent(*, occasion: Occasion, code: str, consent_of: str, consent_date: dt.date) -> None:
    """Record that the archive authority has consented to a version in force (补记同意文号): STD-21.

    Raises:
        A-001: only an archivist does this.
        H-008: no authority is named, or the day lies in the future.
        H-016: there is no such version.
    """
    permit(occasion)
    known = queries.version_of(code)
    if not consent_of.strip() or len(consent_of) > 120:
        raise Refusal("H-008", what="同意机关 consent of", value=consent_of[:40])
    if consent_date > _today(occasion):
        raise Refusal("H-008", what="同意日期 consent date", value=consent_date.isoformat())

    with journal.writing(occasion=occasion, act="schedule.record_consent", unit=f"schedule:{code}") as line:
        ScheduleVersion.objects.filter(code=code).update(consent_of=consent_of.strip(), consent_date=consent_date)
        line.say(before=known.consent_of, consent_of=consent_of.strip(), consent_date=consent_date)


# Drafts ------------------------------------------------------------------------------------------------------------


def open_draft(*, occasion: Occasion, heading: Heading, based_on: str = "", rows: Sequence[RuleFacts] = ()) -> None:
    """Begin a version of the table (起草期限表), from an earlier one or from given rows. Nothing falls under it yet.

    Raises:
        A-001: only an archivist does this.
        H-001, H-008, H-015: the heading or a row is not as it must be.
        H-006: a version or a draft of that code exists.
        H-016: there is no version it could be based on.
    """
    permit(occasion)
    _check_heading(heading)
    if based_on:
        queries.version_of(based_on)
    written = tuple(rows) or queries.facts_of(based_on)
    rules.check_rows(written)
    if ScheduleVersion.objects.filter(code=heading.code).exists():
        raise Refusal("H-006", version=heading.code)

    try:
        with journal.writing(occasion=occasion, act="schedule.open_draft", unit=f"schedule:{heading.code}") as line:
            ScheduleDraft.objects.create(
                **vars(heading),
                based_on=based_on,
                rows=[vars(row) for row in rules.in_order(written)],
                changed_by=occasion.actor.staff_code,
                changed_at=occasion.at,
            )
            line.say(**vars(heading), based_on=based_on, rows=len(written))
    except IntegrityError:
        raise Refusal("H-006", version=heading.code) from None


def revise_draft(
    *, occasion: Occasion, heading: Heading, rows: Sequence[RuleFacts], seen_at: dt.datetime
) -> tuple[rules.RowChange, ...]:
    """Write a draft anew (修改草案): its heading and all its rows. Returns what changed in the rows.

    Args:
        occasion: an archivist.
        heading: as it shall be; the code says which draft.
        rows: the whole table as it shall be.
        seen_at: when the draft that was looked at had been changed last.

    Raises:
        A-001: only an archivist does this.
        H-001, H-008, H-015: the heading or a row is not as it must be.
        H-016: there is no such draft.
        L-001: somebody changed it meanwhile.
    """
    permit(occasion)
    _check_heading(heading)
    rules.check_rows(rows)
    _, before = queries.draft_of(heading.code)
    changes = tuple(one for one in rules.compare(before, rows) if one.change is not rules.Change.SAME)

    with journal.writing(occasion=occasion, act="schedule.revise_draft", unit=f"schedule:{heading.code}") as line:
        swapped = ScheduleDraft.objects.filter(code=heading.code, outcome="", changed_at=seen_at).update(
            **{name: value for name, value in vars(heading).items() if name != "code"},
            rows=[vars(row) for row in rules.in_order(rows)],
            changed_by=occasion.actor.staff_code,
            changed_at=occasion.at,
        )
        if swapped != 1:
            raise Refusal("L-001", reference=heading.code)
        line.say(**vars(heading), rows=len(rows), changed=_named(changes))
    return changes


def drop_draft(*, occasion: Occasion, code: str) -> None:
    """Give a draft up (作废草案); what was written stays on record.

    Raises:
        A-001: only an archivist does this.
        H-016: there is no such draft.
        L-001: somebody adopted or dropped it a moment ago.
    """
    permit(occasion)
    queries.draft_of(code)

    with journal.writing(occasion=occasion, act="schedule.drop_draft", unit=f"schedule:{code}") as line:
        if ScheduleDraft.objects.filter(code=code, outcome="").update(outcome="DROPPED", changed_at=occasion.at) != 1:
            raise Refusal("L-001", reference=code)
        line.say(code=code)


def _check_heading(heading: Heading) -> None:
    if not rules.VERSION_CODE.fullmatch(heading.code):
        raise Refusal("H-008", what="版本号 version code", value=heading.code[:40])
    for what, value in (
        ("标题 title", heading.title or " " * 200),
        ("批准文号 approval", heading.approval_document),
        ("同意机关 consent of", heading.consent_of),
    ):
        if len(value) > 120:
            raise Refusal("H-008", what=what, value=value.strip()[:40] or "—")


def _named(changes: Sequence[rules.RowChange]) -> str:
    return ",".join(f"{one.change}:{one.row.category_code}.{one.row.item_no}" for one in changes)[:2000]


# Business steps ----------------------------------------------------------------------------------------------------


def enter_steps(*, occasion: Occasion, steps: Sequence[Mapping[str, Any]]) -> int:
    """Enter business steps with their material lists (业务环节与材料清单), each in its first edition. Returns how many.

    Raises:
        A-001: only an archivist, or the installation, does this.
        H-008 to H-011: a step is not as it must be.
    """
    permit(occasion)
    entered = [shipped(facts) for facts in steps]
    for step in entered:
        rules.check_step(step)

    with journal.writing(occasion=occasion, act="schedule.enter_steps", unit="schedule:steps") as line:
        for step in entered:
            _write(step, edition=1, since_at=rules.FIRST_DAY)
        line.say(codes=",".join(step.code for step in entered))
    return len(entered)


def revise_steps(*, occasion: Occasion, steps: Sequence[StepRow], since_date: dt.date | None = None) -> tuple[str, ...]:
    """Write the next edition of business steps (修订业务环节). Returns the codes of those that changed.

    Records keep the edition they were registered under. A step of a new code begins with its first. A withdrawn step
    (停用) is an edition as well: nothing is registered under it any more.

    Args:
        occasion: an archivist.
        steps: as they shall be; what does not differ from the newest edition is left alone.
        since_date: first day of the new editions; none for this moment.

    Raises:
        A-001: only an archivist does this.
        H-008 to H-011: a step is not as it must be.
        H-012: no version of the table has the row that a step names.
        H-017: the day lies in the past, or before an edition that is to come.

    Concurrency: two who write the next edition at once: the second is refused with L-001.
    """
    permit(occasion)
    since_at = occasion.at
    if since_date is not None and since_date != _today(occasion):
        since_at = dt.datetime.combine(since_date, dt.time(), zoneinfo.ZoneInfo(settings.TIME_ZONE))
        if since_at < occasion.at:
            raise Refusal("H-017", date=since_date.isoformat())
    newest = {code: rows[0] for code, rows in queries.stepbook().editions.items()}
    known_rows = {(category, number) for _, category, number in queries.rulebook().rows}
    changed = [step for step in steps if step.code not in newest or not step.same_as(newest[step.code])]
    for step in changed:
        rules.check_step(step)
        if (step.category_code, step.rule_item_no) not in known_rows:
            raise Refusal("H-012", step=step.name, row=f"{step.category_code}.{step.rule_item_no}")
        if step.code in newest and newest[step.code].since_at >= since_at:
            raise Refusal("H-017", date=since_at.date().isoformat())
    if not changed:
        return ()

    try:
        with journal.writing(occasion=occasion, act="schedule.revise_steps", unit="schedule:steps") as line:
            for step in changed:
                before = newest.get(step.code)
                edition = before.edition + 1 if before else 1
                _write(step, edition=edition, since_at=since_at if before else rules.FIRST_DAY)
                line.say_of(f"step:{step.code}", edition=edition, since=since_at, name=step.name)
            line.say(codes=",".join(step.code for step in changed)[:2000], since=since_at)
    except IntegrityError:
        raise Refusal("L-001", reference=changed[0].name) from None
    return tuple(step.code for step in changed)


def restore_step(*, occasion: Occasion, code: str, edition: int) -> int:
    """Make an earlier edition of a step the next one (恢复旧版). Returns the number of the new edition.

    Raises:
        A-001: only an archivist does this.
        H-004: there is no such step or edition.
        H-018: it is what holds already.
        L-001: somebody wrote another edition a moment ago.
    """
    permit(occasion)
    rows = queries.editions_of(code)
    wanted = next((row for row in rows if row.edition == edition), None)
    if wanted is None:
        raise Refusal("H-004", step=f"{code} v{edition}")
    if wanted.same_as(rows[0]):
        raise Refusal("H-018", step=wanted.name, edition=edition)
    if rows[0].since_at >= occasion.at:
        raise Refusal("H-017", date=rows[0].since_at.date().isoformat())

    try:
        with journal.writing(occasion=occasion, act="schedule.restore_step", unit=f"step:{code}") as line:
            _write(wanted, edition=rows[0].edition + 1, since_at=occasion.at)
            line.say(code=code, restored=edition, edition=rows[0].edition + 1)
    except IntegrityError:
        raise Refusal("L-001", reference=code) from None
    return rows[0].edition + 1


def _write(step: StepRow, *, edition: int, since_at: dt.datetime) -> None:
    own = {
        field.name: getattr(step, field.name)
        for field in dataclasses.fields(StepRow)
        if field.name not in ("materials", "edition", "since_at", "accounting_class")
    }
    row = BusinessStep.objects.create(
        **own, accounting_class=step.accounting_class or "", edition=edition, since_at=since_at
    )
    Material.objects.bulk_create(
        Material(step=row, ordinal=ordinal, **{**vars(material), "required_seals": list(material.required_seals)})
        for ordinal, material in enumerate(step.materials, 1)
    )


def answer(*, line: Line, unit: str, answers: Mapping[str, bool]) -> None:
    """Keep what was answered to the conditions of a material list (情形), inside the desk's deed."""
    for condition, holds in answers.items():
        Circumstance.objects.update_or_create(unit=unit, condition=condition, defaults={"holds": holds})


def answer_fresh(*, line: Line, answers: Mapping[str, Mapping[str, bool]]) -> None:
    """Keep what was answered of items that come in together, inside the desk's deed; at most one query.

    Args:
        line: the deed's.
        answers: by URN of items that have none yet, and words of the condition.
    """
    rows = [
        Circumstance(unit=unit, condition=condition, holds=holds)
        for unit, said in answers.items()
        for condition, holds in said.items()
    ]
    if rows:
        Circumstance.objects.bulk_create(rows)


def shipped_rows(version_code: str) -> list[dict[str, str]]:
    """The rows of a version that ships with the program."""
    text = importlib.resources.files(__package__).joinpath("seed/retention.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["schedule_version"] == version_code]


def shipped_steps() -> list[dict[str, Any]]:
    """The business steps that ship with the program."""
    text = importlib.resources.files(__package__).joinpath("seed/steps.toml").read_text(encoding="utf-8")
    steps: list[dict[str, Any]] = tomllib.loads(text)["step"]
    return steps


def shipped(facts: Mapping[str, Any]) -> StepRow:
    """A step as the shipped list spells it, with what is usual filled in."""
    return StepRow(
        code=facts["code"],
        name=facts["name"],
        name_en=facts["name_en"],
        category_code=facts["category"],
        rule_item_no=facts["rule"],
        insurance_line=facts["line"],
        filing_days=facts.get("filing_days", 30),
        concerns_many=facts.get("concerns_many", False),
        legal_basis=facts["basis"],
        risk=rules.RiskGrade(facts.get("risk", "MEDIUM")),
        accounting_class=rules.AccountingClass(facts["accounting"]) if "accounting" in facts else None,
        source=facts.get("source", ""),
        confidence=rules.Confidence(facts.get("confidence", "UNCONFIRMED")),
        materials=tuple(
            MaterialRow(
                code=material["code"],
                name=material["name"],
                name_en=material["name_en"],
                is_required=material.get("required", True),
                is_main=material.get("main", False),
                must_scan=material.get("scan", True),
                original_required=material.get("original", False),
                required_seals=tuple(material.get("seals", ())),
                legal_basis=material.get("basis", facts["basis"]),
                one_of=material.get("one_of", ""),
                condition=material.get("condition", ""),
                condition_en=material.get("condition_en", ""),
                default_pages=material.get("pages"),
            )
            for material in facts["materials"]
        ),
    )


def permit(occasion: Occasion) -> None:
    """Whether the actor keeps the schedule: an archivist of the top agency, or the installation.

    Table and steps bind every agency; an archivist of one centre does not write them for the others.

    Raises:
        A-001: neither.
    """
    if occasion.actor.staff_code != "SYSTEM" and not occasion.actor.holds_for_all(Post.ARCHIVIST):
        raise Refusal("A-001", posts=Post.ARCHIVIST)


def _today(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
