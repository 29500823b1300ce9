"""What the counter sees."""

from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.refusals import Obstacle
from anjuan.core.terms import Actor, Post, State
from anjuan.desks.intake import rules
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records


@dataclass(frozen=True)
class Collected:
    """One item on the counter: what it is, what has been collected, and what is missing."""

    item: records.ItemRow
    step: schedule.StepRow
    components: tuple[records.ComponentRow, ...]
    subjects: tuple[records.SubjectRow, ...]
    corrections: tuple[corrections.CorrectionRow, ...]
    pages_by_material: Mapping[str, int]
    obstacles: tuple[Obstacle, ...]

    @property
    def image_pages(self) -> int:
        """Pages imaged so far."""
        return sum(self.pages_by_material.values())

    @property
    def may_change(self) -> bool:
        """Whether pages may be added or replaced: at the counter, or while mending a returned volume."""
        return self.item.state in (State.COLLECTING, State.RETURNED)


def collecting(actor: Actor) -> list[records.ItemRow]:
    """Items on the counter, longest waiting first."""
    return records.items_at(actor, State.COLLECTING, Post.HANDLER)


def count_collecting(actor: Actor) -> int:
    """How many items are on the counter."""
    return records.count_items_at(actor, State.COLLECTING, Post.HANDLER)


def collected(actor: Actor, urn: str) -> Collected:
    """One item as the counter page shows it.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    item = records.get_item_for(actor, urn)
    step = schedule.step(item.step_code)
    components = tuple(records.components_of([urn])[urn])
    pages: dict[str, int] = {}
    for component in components:
        pages[component.material_code] = pages.get(component.material_code, 0) + component.page_count
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
        ),
    )
