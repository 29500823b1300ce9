"""Finding (检索): what was typed is recognised and said, then looked up exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from anjuan.core import identifiers, refcode
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post, State
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.stacks import queries as stacks
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.rows import (
    ComponentRow,
    ItemRow,
    PageLedger,
    SubjectRow,
    VolumeRow,
    item_row,
    volume_ledger,
    volume_row,
)

MOST_TYPED = 200
MOST_ITEMS = 500  # of one person or unit on one page
MOST_LISTED = 100  # of one kind at one stage


@dataclass(frozen=True)
class PersonHit:
    """A person or unit with the records that concern it, as far as the actor may see them; ``is_cut`` if not all."""

    subject: SubjectRow
    items: tuple[ItemRow, ...]
    is_cut: bool


@dataclass(frozen=True)
class SearchResult:
    """What was found.

    Attributes:
        typed: what was asked, trimmed.
        recognised: ID_CARD, CREDIT_CODE, REFERENCE_CODE, ACCEPTANCE_NO, NAME or NOTHING.
        advice: a refusal to be shown as advice, such as a wrong check digit; the search went on all the same.
        persons: hits grouped by person or unit.
        items: items found by their own number.
        volumes: volumes found by their own number.
        cut: whether more was found than is listed: more namesakes, or more records of one person or unit.
    """

    typed: str
    recognised: str
    advice: Refusal | None
    persons: tuple[PersonHit, ...]
    items: tuple[ItemRow, ...]
    volumes: tuple[VolumeRow, ...]
    cut: bool = False

    @property
    def total(self) -> int:
        """Number of records found."""
        return len({item.urn for hit in self.persons for item in hit.items} | {item.urn for item in self.items}) + len(
            self.volumes
        )


@dataclass(frozen=True)
class StoryLine:
    """One line of a record's story: when, who, what."""

    line: journal.StoryLine
    who: str
    agency: str


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
    volume_urn = records.volume_urn_of(item) if item.volume_pk else ""
    images = sum(row.page_count for row in components)
    return ItemPage(
        item,
        schedule.step(item.step_code),
        components,
        tuple(records.subjects_of([urn])[urn]),
        tuple(corrections.of_units([urn], with_closed=True)),
        _story([urn, *([volume_urn] if volume_urn else [])]),
        PageLedger(item.paper_pages, images, item.paper_pages),
        _place(volume_urn),
        volume_urn,
    )


def volume_page(actor: Actor, urn: str) -> VolumePage:
    """One volume as its page shows it (案卷详情).

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, urn)
    items = tuple(records.items_of(urn))
    urns = [item.urn for item in items]
    found = records.components_of(urns)
    components = tuple(row for item_urn in urns for row in found[item_urn])
    return VolumePage(
        volume,
        items,
        components,
        tuple(corrections.of_units([urn, *urns], with_closed=True)),
        _story([urn]),
        volume_ledger(volume, items, components),
        _place(urn),
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
        item.urn: spoken_place(found[volumes[item.urn]])
        for item in items
        if item.urn in volumes and volumes[item.urn] in found
    }


def spoken_place(place: stacks.PlaceRow) -> str:
    """A shelf place in words (架位)."""
    return f"{place.room_name} {place.rack_no:02}列{place.side}面{place.bay_no}节{place.shelf_no}层"


def subject_for(actor: Actor, urn: str) -> SubjectRow:
    """A person or unit with at least one record the actor may see.

    Raises:
        R-009: there is none.
    """
    row = records.subject_by_urn(urn)
    if row is None or not records.items_concerning(actor, [row.pk], limit=1):
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


def _place(volume_urn: str) -> str:
    found = stacks.places_of([volume_urn]) if volume_urn else {}
    return spoken_place(found[volume_urn]) if volume_urn in found else ""


def find(actor: Actor, text: str) -> SearchResult:
    """Look up an ID card number, a credit code, a 档号, an acceptance number or a name, exactly.

    Everything is cut by what the actor may see: a person without a visible record is not shown at all.

    Raises:
        A-001: the actor is a workshop operator, who searches nothing (S3-R9).
        X-001: too long a question.
    """
    if actor.holds(Post.PROCESSOR) and not actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=RECORD_POSTS)
    typed = " ".join(text.split())
    if len(typed) > MOST_TYPED:
        raise Refusal("X-001", length=len(typed), most=MOST_TYPED)
    if not typed:
        return SearchResult("", "NOTHING", None, (), (), ())
    number = identifiers.fold(typed)
    advice: Refusal | None = None
    if _looks_like_id(number):
        try:
            wanted = identifiers.citizen_id(number)
        except Refusal as wrong:  # a stored number with a wrong check digit must still be found
            wanted, advice = number, wrong
        hits, cut = _people(actor, records.find_subjects(actor, id_number=wanted))
        if hits or len(number) == 15 or not _looks_like_credit_code(number):
            return SearchResult(typed, "ID_CARD", advice, hits, (), (), cut)
    if _looks_like_credit_code(number):
        units, cut = _people(actor, records.find_subjects(actor, credit_code=number))
        try:
            identifiers.credit_code(number)
        except Refusal as wrong:
            if not units and _looks_like_id(number):  # eighteen digits, nothing found: it was meant as an ID number
                return SearchResult(typed, "ID_CARD", advice, (), (), ())
            advice = wrong
        return SearchResult(typed, "CREDIT_CODE", advice, units, (), (), cut)
    code = refcode.normalise(typed)
    items = [item_row(row) for row in _items(actor).filter(reference_code=code)]
    volumes = [
        volume_row(row)
        for row in records.volumes_visible_to(actor)
        .filter(reference_code=code)
        .select_related("fonds", "category", "agency")
    ]
    if items or volumes:
        inside = [item for volume in volumes for item in records.items_of(volume.urn)]
        return SearchResult(typed, "REFERENCE_CODE", None, (), tuple(items + inside), tuple(volumes))
    accepted = [item_row(row) for row in _items(actor).filter(acceptance_no=typed).order_by("id")]
    if accepted:
        return SearchResult(typed, "ACCEPTANCE_NO", None, (), tuple(accepted), ())
    named, cut = _people(actor, records.find_subjects(actor, name=typed))
    return SearchResult(typed, "NAME", None, named, (), (), cut)


def _items(actor: Actor) -> QuerySet[Any]:
    return records.items_visible_to(actor).select_related("category", "agency")


def _people(actor: Actor, found: tuple[list[SubjectRow], bool]) -> tuple[tuple[PersonHit, ...], bool]:
    """The hits, and whether anything was left out."""
    hits = []
    subjects, cut = found
    for subject in subjects:
        items = records.items_concerning(actor, [subject.pk], limit=MOST_ITEMS + 1)
        hits.append(PersonHit(subject, tuple(items[:MOST_ITEMS]), len(items) > MOST_ITEMS))
    return tuple(hits), cut or any(hit.is_cut for hit in hits)


def _looks_like_id(number: str) -> bool:
    if not number.isascii():
        return False
    return (len(number) == 15 and number.isdigit()) or (
        len(number) == 18 and number[:17].isdigit() and number[17] in "0123456789X"
    )


def _looks_like_credit_code(number: str) -> bool:
    return len(number) == 18 and number.isascii() and number.isalnum() and not number.isalpha()
