"""What the filing clerk sees."""

from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.refusals import Obstacle
from anjuan.core.terms import Actor, Post, State
from anjuan.desks.filing import rules
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records

DEFAULT_PAGE_LIMIT = 200


@dataclass(frozen=True)
class ProposalRow:
    """A proposed volume with its items."""

    proposal: rules.Proposal
    items: tuple[records.ItemRow, ...]
    category_name: str
    title: str


@dataclass(frozen=True)
class VolumeSheet:
    """One volume as the filing page shows it."""

    volume: records.VolumeRow
    items: tuple[records.ItemRow, ...]
    image_pages: Mapping[str, int]
    subjects: Mapping[str, list[records.SubjectRow]]
    corrections: tuple[corrections.CorrectionRow, ...]
    page_limit: int
    obstacles: tuple[Obstacle, ...]

    @property
    def pages(self) -> int:
        """Paper pages of the items."""
        return sum(item.paper_pages for item in self.items)

    @property
    def first_pages(self) -> tuple[tuple[records.ItemRow, int, int], ...]:
        """Each item with its first and last page in the volume (起止页号)."""
        rows, reached = [], 0
        for item in self.items:
            rows.append((item, reached + 1, reached + item.paper_pages))
            reached += item.paper_pages
        return tuple(rows)


def pool(actor: Actor) -> list[records.ItemRow]:
    """Reviewed items that wait for a volume."""
    return records.items_at(actor, State.REVIEWED, Post.FILER, limit=2000)


def count_pool(actor: Actor) -> int:
    """How many reviewed items wait for a volume."""
    return records.count_items_at(actor, State.REVIEWED, Post.FILER)


def proposals(actor: Actor) -> list[ProposalRow]:
    """Volumes the machine proposes for the pool."""
    waiting = {item.urn: item for item in pool(actor)}
    names = schedule.category_names()
    steps = records.step_names()
    found = rules.propose([candidate(item) for item in waiting.values()], DEFAULT_PAGE_LIMIT)
    return [
        ProposalRow(
            proposal,
            tuple(waiting[urn] for urn in proposal.urns),
            names.get(proposal.kinship.category_code, proposal.kinship.category_code),
            volume_title(tuple(waiting[urn] for urn in proposal.urns), steps),
        )
        for proposal in found
    ]


def open_volumes(actor: Actor) -> list[records.VolumeRow]:
    """Volumes being filled."""
    return records.volumes_at(actor, State.FILING, Post.FILER)


def returned_volumes(actor: Actor) -> list[records.VolumeRow]:
    """Volumes that came back for correction."""
    return records.volumes_at(actor, State.RETURNED, Post.FILER)


def sheet(actor: Actor, urn: str) -> VolumeSheet:
    """One volume with its items.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, urn)
    items = tuple(records.items_of(urn))
    urns = [item.urn for item in items]
    found = tuple(corrections.of_units([urn, *urns]))
    limit = records.fonds_for(volume.agency_path).volume_page_limit
    return VolumeSheet(
        volume=volume,
        items=items,
        image_pages=records.image_pages(urns),
        subjects=records.subjects_of(urns),
        corrections=found,
        page_limit=limit,
        obstacles=rules.obstacles(
            items=len(items),
            pages=sum(item.paper_pages for item in items),
            page_limit=limit,
            open_faults=sum(row.is_open for row in found),
        ),
    )


def candidate(item: records.ItemRow) -> rules.Candidate:
    """An item as filing weighs it."""
    return rules.Candidate(
        urn=item.urn,
        reference=item.reference,
        kinship=rules.Kinship(item.agency_code, item.year, item.category_code, item.insurance_line, item.term),
        formed=item.formed_date.isoformat(),
        pages=item.paper_pages,
    )


def kinship_of(volume: records.VolumeRow) -> rules.Kinship:
    """What items of this volume must share."""
    return rules.Kinship(volume.agency_code, volume.year, volume.category_code, volume.insurance_line, volume.term)


def volume_title(items: tuple[records.ItemRow, ...], steps: Mapping[str, str]) -> str:
    """A proposed title: year, what business, and how many more kinds (案卷题名)."""
    kinds = list(dict.fromkeys(steps.get(item.step_code, item.step_code) for item in items))
    months = sorted({item.formed_date.strftime("%m") for item in items})
    span = months[0] if len(months) == 1 else f"{months[0]}–{months[-1]}"
    return f"{items[0].year}年{span}月{'、'.join(kinds[:2])}{'等' if len(kinds) > 2 else ''}材料"
