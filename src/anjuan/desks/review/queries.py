"""What the reviewer sees."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Actor, Duty, Post, State
from anjuan.desks.review import rules
from anjuan.desks.review.rules import Page
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.formats import queries as formats
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import RiskGrade
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow


@dataclass(frozen=True)
class Sheet:
    """One item on the reviewer's desk: pages, catalogue, and what was found before."""

    item: ItemRow
    step: schedule.StepRow
    components: tuple[ComponentRow, ...]
    subjects: tuple[SubjectRow, ...]
    corrections: tuple[corrections.CorrectionRow, ...]
    findings: Mapping[str, tuple[formats.FindingRow, ...]]  # by SHA-512 of the file
    answers: Mapping[str, bool]  # to the conditions of the material list, by their words

    @property
    def pages(self) -> tuple[Page, ...]:
        """Every page: component and page number."""
        return records.pages_of(self.components)


@dataclass(frozen=True)
class Judged:
    """A sheet as one reviewer sees it: which pages he has opened, and what stands against passing it."""

    sheet: Sheet
    seen: frozenset[Page]
    obstacles: tuple[Obstacle, ...]

    @property
    def may_judge(self) -> bool:
        """Whether it still waits for a verdict."""
        return self.sheet.item.state is State.IN_REVIEW


def permit_review(actor: Actor) -> None:
    """Whether the actor reviews at all.

    Raises:
        A-001: no agency has made him a reviewer.
    """
    if not actor.holds(Post.REVIEWER):
        raise Refusal("A-001", posts=Post.REVIEWER)


@dataclass(frozen=True)
class Waiting:
    """One item of the queue, how much is at stake, and by when it is to be reviewed."""

    item: ItemRow
    risk: RiskGrade
    due: dt.datetime


def waiting(actor: Actor, risk: RiskGrade | None = None) -> list[Waiting]:
    """Items that wait for review, the first due first: by grade of risk and by age (STD-24); one query a grade.

    Args:
        actor: a reviewer.
        risk: only this grade.
    """
    by_risk: dict[RiskGrade, list[str]] = {}
    for step in schedule.steps():
        by_risk.setdefault(step.risk, []).append(step.code)
    found = [
        Waiting(item, grade, rules.due(grade, item.state_since))
        for grade, codes in by_risk.items()
        if risk in (None, grade)
        for item in records.items_at(actor, State.IN_REVIEW, Post.REVIEWER, step_codes=codes)
    ]
    return sorted(found, key=lambda one: (one.due, one.item.pk))


def counts_by_risk(actor: Actor) -> dict[RiskGrade, int]:
    """How many wait of each grade; one query."""
    steps = {step.code: step.risk for step in schedule.steps()}
    counts = dict.fromkeys(RiskGrade, 0)
    for code, count in records.count_items_by_step(actor, State.IN_REVIEW, Post.REVIEWER).items():
        counts[steps[code]] += count
    return counts


def feedback(actor: Actor, urn: str) -> Mapping[str, object]:
    """The facts of the feedback slip (审核岗反馈单, S3-F12): every fault of the item that is not closed yet.

    Raises:
        R-009: there is no such item, or the actor may not see it.
        V-002: nothing was found in it.
    """
    found = sheet(actor, urn)
    rows = found.corrections
    if not rows:
        raise Refusal("V-002", reference=found.item.reference)
    places = {page: number for number, page in enumerate(found.pages, 1)}
    materials = {row.code: row.name for row in found.step.materials}
    names = {row.pk: materials.get(row.material_code, row.material_code) for row in found.components}
    handlers = records.duties_of(urn).get(Duty.HANDLED, frozenset())
    people = accounts.staff_names({*handlers, *(row.raised_by for row in rows)})

    def place(row: corrections.CorrectionRow) -> str:
        if row.component_pk is None:
            return "整件"
        number = places.get((row.component_pk, row.page_no or 1))
        return "，".join(part for part in (names.get(row.component_pk, ""), f"第{number}页" if number else "") if part)

    last = rows[-1]
    return {
        "reference": found.item.reference,
        "step": found.step.name,
        "title": found.item.title,
        "handled_by": "、".join(people.get(code, code) for code in sorted(handlers)),
        "raised_by": people.get(last.raised_by, last.raised_by),
        "raised_date": timezone.localdate(last.raised_at).isoformat(),
        "rows": [
            {
                "no": str(number),
                "fault_code": row.fault.code,
                "name": row.fault.zh,
                "place": place(row) or "已更换的页",
                "note": "；".join(part for part in (row.note, row.fault.remedy_zh) if part),
                "due_date": row.due_date.isoformat(),
            }
            for number, row in enumerate(rows, 1)
        ],
    }


def count_waiting(actor: Actor) -> int:
    """How many items wait for review."""
    return records.count_items_at(actor, State.IN_REVIEW, Post.REVIEWER)


def sheet(actor: Actor, urn: str) -> Sheet:
    """One item as the judge view shows it.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    item = records.get_item_for(actor, urn)
    components = tuple(records.components_of([urn])[urn])
    return Sheet(
        item,
        schedule.step(item.step_code, item.registered_at),
        components,
        tuple(records.subjects_of([urn])[urn]),
        tuple(corrections.of_units([urn])),
        formats.findings_of([row.sha512 for row in components]),
        schedule.circumstances_of([urn])[urn],
    )


def judged(actor: Actor, urn: str) -> Judged:
    """One item on this reviewer's desk.

    Raises:
        A-001: the actor may see it, but does not review for its agency.
        R-009: there is none, or the actor may not see it.
    """
    found = sheet(actor, urn)
    accounts.permit(actor, found.item.agency_path, Post.REVIEWER)
    seen = records.looked_at(actor, found.pages)
    evidence = rules.evidence(pages=found.pages, seen=seen, paper_pages=found.item.paper_pages, route=found.item.route)
    missing = rules.obstacles(
        reference=found.item.reference,
        found=evidence,
        staff_code=actor.staff_code,
        handlers=records.duties_of(urn).get(Duty.HANDLED, frozenset()),
        route=found.item.route,
    )
    return Judged(found, seen, missing)


def come_back(urns: Sequence[str]) -> frozenset[str]:
    """Which of these items were returned before and answered since."""
    return frozenset(row.item_urn for row in corrections.of_units(urns))


def next_waiting(actor: Actor) -> str:
    """The URN of the item that is due first; empty when none waits."""
    first = waiting(actor)[:1]
    return first[0].item.urn if first else ""
