"""Finding (检索): what was typed is recognised and said, then looked up exactly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from anjuan.core import identifiers, refcode
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post, State
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.search import rules
from anjuan.facilities.search.backends import Damaged, Index
from anjuan.facilities.search.backends.fts5 import Fts5Index
from anjuan.facilities.search.backends.tsvector import TsvectorIndex
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
MOST_WORDED = 100  # items found by words on one page
MOST_READ = 200  # pages read again to judge one question
CANDIDATES_AT_ONCE = 500


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
        recognised: ID_CARD, CREDIT_CODE, REFERENCE_CODE, ACCEPTANCE_NO, NAME, WORDS or NOTHING.
        advice: a refusal to be shown as advice, such as a wrong check digit; the search went on all the same.
        persons: hits grouped by person or unit.
        items: items found by their own number, or by words in their catalogue and on their pages.
        volumes: volumes found by their own number.
        cut: whether more was found than is listed: more namesakes, or more records of one person or unit.
        is_index_whole: whether the index of words knows every record; while it is being made again, it does not.
    """

    typed: str
    recognised: str
    advice: Refusal | None
    persons: tuple[PersonHit, ...]
    items: tuple[ItemRow, ...]
    volumes: tuple[VolumeRow, ...]
    cut: bool = False
    is_index_whole: bool = True

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
        schedule.step(item.step_code, item.registered_at),
        components,
        tuple(records.subjects_of([urn])[urn]),
        tuple(corrections.of_units([urn], with_closed=True)),
        _story([urn, *([volume_urn] if volume_urn else [])]),
        PageLedger(item.paper_pages, images, item.paper_pages),
        _place(volume_urn),
        volume_urn,
        _former(urn),
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
        _former(urn),
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
    return spoken_place(found[volume_urn]) if volume_urn in found else ""


def find(actor: Actor, text: str) -> SearchResult:
    """Look up an ID card number, a credit code, a 档号, an acceptance number or a name, exactly; else by words.

    Words are looked for in the catalogue (titles, names, steps, numbers) and in the text of pages. Everything is cut by
    what the actor may see: a person without a visible record is not shown at all.

    Raises:
        A-001: the actor is a workshop operator, who searches nothing (S3-R9).
        X-001: too long a question.
    """
    if not actor.may_search:
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
    if not items and not volumes:  # numbered anew: the former code leads to the record as it is called now
        items, volumes = _formerly(actor, code)
    if items or volumes:
        inside = [item for volume in volumes for item in records.items_of(volume.urn)]
        return SearchResult(typed, "REFERENCE_CODE", None, (), tuple(items + inside), tuple(volumes))
    accepted = [item_row(row) for row in _items(actor).filter(acceptance_no=typed).order_by("id")]
    if accepted:
        return SearchResult(typed, "ACCEPTANCE_NO", None, (), tuple(accepted), ())
    named, cut = _people(actor, records.find_subjects(actor, name=typed))
    result = SearchResult(typed, "NAME", None, named, (), (), cut)
    return _with_words(actor, result, {item.urn for hit in named for item in hit.items})


def _formerly(actor: Actor, code: str) -> tuple[list[ItemRow], list[VolumeRow]]:
    """Records that once stood under a 档号 (旧档号), as far as the actor may see them."""
    urns = numbering.units_formerly(code)
    volumes = records.volumes_visible_to(actor).filter(urn__in=urns).select_related("fonds", "category", "agency")
    return (
        [item_row(row) for row in _items(actor).filter(urn__in=urns).select_related("volume").order_by("id")],
        [volume_row(row) for row in volumes.order_by("id")],
    )


def _with_words(actor: Actor, result: SearchResult, shown: set[str]) -> SearchResult:
    """The result, with what words find beside it (检索正文)."""
    try:
        items, cut = _worded(actor, rules.terms(result.typed), shown)
        standing = index().standing()
    except Damaged:  # the worker makes it again; numbers, codes and names are found all the same
        return replace(result, is_index_whole=False)
    return replace(
        result,
        recognised="WORDS" if items and not result.persons else result.recognised,
        items=tuple(items),
        cut=result.cut or cut,
        is_index_whole=standing is not None and standing.rebuilt_to is None,
    )


def _worded(actor: Actor, terms: Sequence[rules.Term], shown: set[str]) -> tuple[list[ItemRow], bool]:
    """Items that hold every term, newest first, and whether there may be more. Rights come before any cut."""
    needles = {term: rules.needles(term) for term in terms}
    asked = [needles[term] for term in terms if needles[term]]
    found: list[ItemRow] = []
    pages_left = MOST_READ
    below: int | None = None
    while asked and (batch := index().candidates(asked, below=below, limit=CANDIDATES_AT_ONCE)):
        below = batch[-1]
        rows = [item_row(row) for row in _items(actor).filter(pk__in=batch).select_related("volume").order_by("-id")]
        texts = catalogue_texts(rows)
        for row in rows:
            if row.urn in shown:
                continue
            missing = [term for term in terms if not rules.holds(texts[row.urn], term)]
            for term in missing:
                pages = [page for page in index().pages(row.pk, needles[term]) if page[1]] if needles[term] else []
                holds, read = _page_holds(row, pages[:pages_left], term)
                pages_left -= read
                if not holds:
                    break
            else:
                found.append(row)
            if len(found) > MOST_WORDED or pages_left <= 0:
                return found[:MOST_WORDED], True
    return found, False


def _page_holds(item: ItemRow, pages: Sequence[tuple[int, int]], term: rules.Term) -> tuple[bool, int]:
    """Whether one of these pages holds a term, and how many were read to know it."""
    components = {row.pk: row for row in records.components_of([item.urn])[item.urn]}
    read = 0
    for component, page in pages:
        if component not in components:  # replaced a moment ago; the follower is on its way
            continue
        read += 1
        try:
            if rules.holds(page_texts(components[component], [page]).values(), term):
                return True, read
        except (Refusal, OSError):  # damaged bytes prove nothing
            continue
    return False, read


def index() -> Index:
    """The index of this edition: tables in PostgreSQL, a file beside SQLite."""
    if connection.vendor == "postgresql":
        return TsvectorIndex()
    return Fts5Index(Path(settings.ANJUAN_HOME) / "search.db")


def catalogue_texts(items: Sequence[ItemRow]) -> Mapping[str, tuple[str, ...]]:
    """What the catalogue says of items in words, by URN: title, step, names, numbers of records (编目文字)."""
    names = records.subjects_of([item.urn for item in items])
    steps = records.step_names()
    formers = numbering.former_codes_of([item.urn for item in items])
    return {
        item.urn: (
            item.title,
            steps.get(item.step_code, ""),
            *(subject.name for subject in names[item.urn]),
            item.reference_code,
            item.acceptance_no,
            *(former.code for former in formers[item.urn]),
        )
        for item in items
    }


def page_texts(component: ComponentRow, pages: Iterable[int]) -> Mapping[int, str]:
    """The words on pages of a file, by page; its bytes are verified before they are read.

    Raises:
        B-005, B-007, B-008: the store has no such file, or its bytes changed.
        M-009: no such page.
    """
    with repository.open_verified(component.item_urn, component.sha512) as stream:
        return {page: formats.text_of_page(Path(stream.name), component.format_id, page) for page in pages}


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
