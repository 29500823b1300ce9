"""What the counter sees."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.assurance import Result, Stage
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Actor, Post, Route, State
from anjuan.desks.intake import rules
from anjuan.desks.intake.models import Receipt
from anjuan.facilities.assurance import queries as assurance
from anjuan.facilities.business import queries as business
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.formats import queries as formats
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.models import Item
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow

COUNTER_POSTS = (Post.HANDLER, Post.ASSISTANT)


@dataclass(frozen=True)
class Collected:
    """One item on the counter: what it is, what has been collected, and what is missing."""

    item: ItemRow
    step: schedule.StepRow
    components: tuple[ComponentRow, ...]
    subjects: tuple[SubjectRow, ...]
    corrections: tuple[corrections.CorrectionRow, ...]
    pages_by_material: Mapping[str, int]
    obstacles: tuple[Obstacle, ...]
    findings: Mapping[str, tuple[formats.FindingRow, ...]]  # by SHA-512 of the file
    answers: Mapping[str, bool]  # to the conditions of the material list, by their words

    @property
    def image_pages(self) -> int:
        """Pages imaged so far."""
        return sum(self.pages_by_material.values())

    @property
    def may_change(self) -> bool:
        """Whether pages may be added or replaced: at the counter, while mending, or in the workshop."""
        return self.item.state in rules.CHANGING_POSTS

    @property
    def may_capture(self) -> bool:
        """Whether pages are scanned here: paper-first records are scanned last, in the workshop."""
        return self.may_change and (self.item.route is not Route.LEGACY or self.item.state is State.IN_WORKSHOP)

    @property
    def may_recount(self) -> bool:
        """Whether the paper pages may be corrected: in the workshop a wrong count sends the volume back."""
        return self.may_change and self.item.state is not State.IN_WORKSHOP


@dataclass(frozen=True)
class Waiting:
    """One line of the counter's queue: the item and what stands between it and its review."""

    item: ItemRow
    obstacles: tuple[Obstacle, ...]
    open_faults: int
    due_date: dt.date | None


@dataclass(frozen=True)
class ReceiptRow:
    """What was answered when a case came in by batch."""

    urn: str
    sent_digest: str
    version: int
    pages: int
    state: State
    missing: tuple[Obstacle, ...]


def permit_counter(actor: Actor) -> None:
    """Whether the actor works at a counter at all: as a handler, or as a helper who scans there.

    Raises:
        A-001: no agency has made him either.
    """
    if not actor.holds(*COUNTER_POSTS):
        raise Refusal("A-001", posts=COUNTER_POSTS)


def permit_registering(actor: Actor) -> None:
    """Whether the actor takes in cases.

    Raises:
        A-001: no agency has made him a handler.
    """
    if not actor.holds(Post.HANDLER):
        raise Refusal("A-001", posts=Post.HANDLER)


def collecting(actor: Actor) -> list[ItemRow]:
    """Items on the counter, longest waiting first."""
    return records.items_at(actor, State.COLLECTING, *COUNTER_POSTS)


def count_collecting(actor: Actor) -> int:
    """How many items are on the counter."""
    return records.count_items_at(actor, State.COLLECTING, *COUNTER_POSTS)


def waiting(items: Sequence[ItemRow]) -> list[Waiting]:
    """What each of these items still lacks; six queries however many they are."""
    urns = [item.urn for item in items]
    steps = schedule.stepbook(item.step_code for item in items)
    answers = schedule.circumstances_of(urns)
    components = records.components_of(urns)
    faults: dict[str, list[corrections.CorrectionRow]] = {}
    for row in corrections.of_units(urns):
        if row.is_open:
            faults.setdefault(row.item_urn, []).append(row)
    completed = _completed(items)
    found = []
    for item in items:
        open_faults = faults.get(item.urn, [])
        missing = rules.obstacles(
            materials=steps.of(item.step_code, item.registered_at).materials,
            pages_by_material=_pages_by_material(components[item.urn]),
            paper_pages=item.paper_pages,
            open_faults=len(open_faults),
            route=item.route,
            is_completed=item.urn in completed,
            answers=answers[item.urn],
        )
        due_date = min((row.due_date for row in open_faults), default=None)
        found.append(Waiting(item, missing, len(open_faults), due_date))
    return found


def opened(actor: Actor, urn: str) -> Collected:
    """One item as those open it who collect it, or who mend it in a returned volume.

    Raises:
        A-001: the actor may see it, but holds no such post over its agency.
        R-009: there is none, or the actor may not see it.
    """
    found = collected(actor, urn)
    accounts.permit(actor, found.item.agency_path, *rules.CHANGING_POSTS.get(found.item.state, (Post.HANDLER,)))
    return found


def collected(actor: Actor, urn: str) -> Collected:
    """One item as the counter page shows it.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    item = records.get_item_for(actor, urn)
    step = schedule.step(item.step_code, item.registered_at)
    answers = schedule.circumstances_of([urn])[urn]
    components = tuple(records.components_of([urn])[urn])
    pages = _pages_by_material(components)
    found = tuple(corrections.of_units([urn]))
    return Collected(
        item=item,
        step=step,
        components=components,
        subjects=tuple(records.subjects_of([urn])[urn]),
        corrections=found,
        pages_by_material=pages,
        obstacles=rules.obstacles(
            materials=step.materials,
            pages_by_material=pages,
            paper_pages=item.paper_pages,
            open_faults=sum(row.is_open for row in found),
            route=item.route,
            is_completed=bool(_completed([item])),
            answers=answers,
        ),
        findings=formats.findings_of([row.sha512 for row in components]),
        answers=answers,
    )


def examined(collected: Collected) -> tuple[Result, ...]:
    """What the four-nature tests of filing say of a single-set record now. Every byte of it is read."""
    (found,) = assurance.examine([collected.item], Stage.FILING)
    return found.results


def kept_results(urn: str) -> tuple[Result, ...]:
    """What the tests said when it was filed; empty before, and on other routes."""
    report = assurance.latest_of([urn], Stage.FILING).get(urn)
    return report.results if report else ()


def _completed(items: Sequence[ItemRow]) -> frozenset[str]:
    """Which of these single-set records the business system has completed; one query an agency."""
    by_agency: dict[str, list[ItemRow]] = {}
    for item in items:
        if item.route is Route.SINGLE_SET:
            by_agency.setdefault(item.agency_code, []).append(item)
    found: set[str] = set()
    for agency_code, electronic in by_agency.items():
        known = business.completions_of(agency_code, [item.acceptance_no for item in electronic])
        found |= {item.urn for item in electronic if item.acceptance_no in known}
    return frozenset(found)


def taken(numbers: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], ReceiptRow | None]:
    """Which of these numbers, each with its agency, are registered, and the receipt of those that came in by batch.

    Two queries; rights not judged.
    """
    wanted = set(numbers)
    items = {
        (agency_code, acceptance_no): (pk, urn)
        for pk, urn, agency_code, acceptance_no in Item.objects.filter(
            agency__code__in={agency_code for agency_code, _ in wanted},
            acceptance_no__in={acceptance_no for _, acceptance_no in wanted},
        ).values_list("pk", "urn", "agency__code", "acceptance_no")
    }
    receipts = {row.item_id: row for row in Receipt.objects.filter(item_id__in=[pk for pk, _ in items.values()])}
    return {
        number: _receipt(receipts[pk], urn) if pk in receipts else None
        for number, (pk, urn) in items.items()
        if number in wanted
    }


def _receipt(row: Receipt, urn: str) -> ReceiptRow:
    return ReceiptRow(
        urn=urn,
        sent_digest=row.sent_digest,
        version=row.version,
        pages=row.pages,
        state=State(row.state),
        missing=tuple(Obstacle(code, particulars) for code, particulars in row.missing),
    )


def _pages_by_material(components: Sequence[ComponentRow]) -> dict[str, int]:
    return rules.pages_by_material((component.material_code, component.page_count) for component in components)
