"""Seeing records (档案详情): the page of an item, of a volume, of a stage. What is looked up stands in ``finding``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, Secrecy, State
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.search.queries.exported import count_rows as count_rows
from anjuan.facilities.search.queries.finding import SearchResult as SearchResult
from anjuan.facilities.search.queries.finding import facet_names as facet_names
from anjuan.facilities.search.queries.finding import find as find
from anjuan.facilities.search.queries.indexed import index as index
from anjuan.facilities.search.queries.kept import TENDERS as TENDERS
from anjuan.facilities.stacks import queries as stacks
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.queries import inside, restricted
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import ComponentRow, ItemRow, PageLedger, SubjectRow, VolumeRow, volume_ledger

MOST_LISTED = 100  # of one kind at one stage


@dataclass(frozen=True)
class StoryLine:
    """One line of a record's story: when, who, what."""

    line: journal.StoryLine
    who: str
    agency: str


@dataclass(frozen=True)
class Visitor:
    """One line of who looked: a person, a purpose, a quarter of an hour, and the pages."""

    visit: journal.Visit
    who: str

    @property
    def page_count(self) -> int:
        """How many pages, or whole files, were opened."""
        return len(self.visit.pages)


@dataclass(frozen=True)
class ItemPage:
    """Everything the page of one item shows."""

    item: ItemRow
    step: schedule.StepRow
    components: tuple[ComponentRow, ...]
    subjects: tuple[SubjectRow, ...]
    corrections: tuple[corrections.CorrectionRow, ...]
    story: tuple[StoryLine, ...]
    ledger: PageLedger
    place: str
    volume_urn: str
    former: tuple[str, ...]
    is_closed: bool  # its pages are, by secrecy, to whoever asks


@dataclass(frozen=True)
class VolumePage:
    """Everything the page of one volume shows."""

    volume: VolumeRow
    items: tuple[ItemRow, ...]
    components: tuple[ComponentRow, ...]
    corrections: tuple[corrections.CorrectionRow, ...]
    story: tuple[StoryLine, ...]
    ledger: PageLedger
    place: str
    former: tuple[str, ...]
    closed_items: int  # whose pages are not among them, by secrecy


@dataclass(frozen=True)
class Listed:
    """One record of a list by stage."""

    urn: str
    is_item: bool
    reference: str
    title: str
    pages: int
    state: State
    since: Any


def item_page(actor: Actor, urn: str) -> ItemPage:
    """One item as its page shows it (档案详情).

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    item = records.get_item_for(actor, urn)
    components = tuple(records.components_of([urn])[urn])
    is_closed = item.secrecy is not Secrecy.OPEN and bool(restricted.closed_to(actor, [urn]))
    volume_urn = records.volume_urn_of(item) if item.volume_pk else ""
    images = sum(row.page_count for row in components)
    return ItemPage(
        item,
        schedule.step(item.step_code, item.registered_at),
        () if is_closed else components,
        tuple(records.subjects_of([urn])[urn]),
        tuple(corrections.of_units([urn], with_closed=True)),
        _story([urn, *([volume_urn] if volume_urn else [])]),
        PageLedger(item.paper_pages, images, item.paper_pages),
        _place(volume_urn),
        volume_urn,
        _former(urn),
        is_closed,
    )


def volume_page(actor: Actor, urn: str) -> VolumePage:
    """One volume as its page shows it (案卷详情).

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, urn)
    items = tuple(inside.items_seen_in(actor, urn))
    urns = [item.urn for item in items]
    closed = restricted.closed_to(actor, [item.urn for item in items if item.secrecy is not Secrecy.OPEN])
    found = records.components_of(urns)
    components = tuple(row for item_urn in urns for row in found[item_urn])
    return VolumePage(
        volume,
        items,
        tuple(row for row in components if row.item_urn not in closed),
        tuple(corrections.of_units([urn, *urns], with_closed=True)),
        _story([urn]),
        volume_ledger(volume, items, components),
        _place(urn),
        _former(urn),
        len(closed),
    )


def listing(actor: Actor, state: State) -> list[Listed]:
    """Records at one stage that the actor may see, longest waiting first: what a number opens."""
    volumes = [
        Listed(
            row.urn,
            False,
            row.reference_code or row.title,
            row.title,
            row.page_count,
            State(row.state),
            row.state_since,
        )
        for row in records.volumes_visible_to(actor).filter(state=state).order_by("state_since", "id")[:MOST_LISTED]
    ]
    items = [
        Listed(
            row.urn,
            True,
            row.reference_code or row.acceptance_no,
            row.title,
            row.paper_pages,
            State(row.state),
            row.state_since,
        )
        for row in records.items_visible_to(actor)
        .filter(state=state, volume=None)
        .order_by("state_since", "id")[:MOST_LISTED]
    ]
    return volumes + items


def places(result: SearchResult) -> Mapping[str, str]:
    """Where the paper of found items lies, in words, by item URN; two queries."""
    items = [item for hit in result.persons for item in hit.items] + list(result.items)
    volumes = records.volume_urns_of(items)
    found = stacks.places_of(list(set(volumes.values())))
    return {
        item.urn: stacks.spoken_place(found[volumes[item.urn]])
        for item in items
        if item.urn in volumes and volumes[item.urn] in found
    }


def subject_for(actor: Actor, urn: str) -> SubjectRow:
    """A person or unit with at least one record the actor may see.

    Raises:
        R-009: there is none.
    """
    row = records.subject_by_urn(urn)
    if row is None or not record_subjects.items_concerning(actor, [row.pk], limit=1):
        raise Refusal("R-009", what=urn)
    return row


def _story(urns: Sequence[str]) -> tuple[StoryLine, ...]:
    lines = {line.uid: line for urn in urns for line in journal.story_of(urn)}
    names = accounts.staff_names({line.staff_code for line in lines.values()})
    agencies = accounts.agency_names()
    ordered = sorted(lines.values(), key=lambda line: (line.at, line.position or 0))
    return tuple(
        StoryLine(line, names.get(line.staff_code, line.staff_code), agencies.get(line.agency_code, line.agency_code))
        for line in ordered
    )


def may_see_openings(actor: Actor, agency_path: str) -> bool:
    """Whether an actor may see who looked at records of an agency: its supervisor and the auditor."""
    return actor.covers(agency_path, Post.SUPERVISOR, Post.AUDITOR)


def visitors(actor: Actor, urn: str) -> tuple[Visitor, ...]:
    """Who opened an item, or the items of a volume, newest first (谁看过). The auditor sees it without the record.

    Raises:
        A-001: the actor sees the record, but not who looked at it.
        R-009: there is none, or he may not see it.
    """
    found = records.agency_path_of(urn)
    if found is None:
        raise Refusal("R-009", what=urn)
    if not may_see_openings(actor, found):
        visible = records.items_visible_to(actor).filter(urn=urn) | records.items_visible_to(actor).filter(
            volume__urn=urn
        )
        if not visible.exists():
            raise Refusal("R-009", what=urn)
        raise Refusal("A-001", posts=(Post.SUPERVISOR, Post.AUDITOR))
    items = [item.urn for item in records.items_of(urn)] or [urn]
    visits = journal.visits(items)
    names = accounts.staff_names({visit.staff_code for visit in visits})
    return tuple(Visitor(visit, names.get(visit.staff_code, visit.staff_code)) for visit in visits)


def _former(urn: str) -> tuple[str, ...]:
    """The 档号 a record had before, oldest first (旧档号)."""
    return tuple(row.code for row in numbering.former_codes_of([urn])[urn])


def _place(volume_urn: str) -> str:
    found = stacks.places_of([volume_urn]) if volume_urn else {}
    return stacks.spoken_place(found[volume_urn]) if volume_urn in found else ""
