"""What the reviewer sees."""

from dataclasses import dataclass

from anjuan.core.terms import Actor, Post, State
from anjuan.desks.review.rules import Page
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records


@dataclass(frozen=True)
class Sheet:
    """One item on the reviewer's desk: pages, catalogue, and what was found before."""

    item: records.ItemRow
    step: schedule.StepRow
    components: tuple[records.ComponentRow, ...]
    subjects: tuple[records.SubjectRow, ...]
    corrections: tuple[corrections.CorrectionRow, ...]

    @property
    def pages(self) -> tuple[Page, ...]:
        """Every page: component and page number."""
        return records.pages_of(self.components)


def waiting(actor: Actor) -> list[records.ItemRow]:
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
    return Sheet(
        item,
        schedule.step(item.step_code),
        tuple(records.components_of([urn])[urn]),
        tuple(records.subjects_of([urn])[urn]),
        tuple(corrections.of_units([urn])),
    )
