"""What the reviewer sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Actor, Duty, Post, State
from anjuan.desks.review import rules
from anjuan.desks.review.rules import Page
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.formats import queries as formats
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
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


def waiting(actor: Actor) -> list[ItemRow]:
    """Items that wait for review, longest waiting first."""
    return records.items_at(actor, State.IN_REVIEW, Post.REVIEWER)


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
    """The URN of the item that has waited longest; empty when none waits."""
    first = records.items_at(actor, State.IN_REVIEW, Post.REVIEWER, limit=1)
    return first[0].urn if first else ""
