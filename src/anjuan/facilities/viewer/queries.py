"""What the viewer shows of a record: its pages in order, its neighbours, and where words stand on a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from anjuan.core.asking import folding
from anjuan.core.reading.pages import Box, part_of, turned
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, Secrecy
from anjuan.facilities.reading import queries as reading
from anjuan.facilities.viewer import rules
from anjuan.facilities.viewer.rules.images import Limits, PageId, PageSize
from anjuan.facilities.viewer.rules.presentation import ViewedPage
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import StepRow
from anjuan.records import queries as records
from anjuan.records.queries import inside, restricted
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow, VolumeRow

LIMITS = Limits()


@dataclass(frozen=True)
class Viewed:
    """A record as the viewer opens it: an item, or a volume with all its items (阅览对象).

    Attributes:
        record: the item or the volume.
        parts: the items, in order; of an item only itself.
        pages: of all parts in order.
        step: of an item.
        subjects: whom an item concerns.
        agency_name: whose record it is.
        before, after: URNs of the items beside it in its volume; empty where there is none.
        volume_urn: of the volume an item lies in; empty where it lies in none.
    """

    record: ItemRow | VolumeRow
    parts: tuple[ItemRow, ...]
    pages: tuple[ViewedPage, ...]
    step: StepRow | None
    subjects: tuple[SubjectRow, ...]
    agency_name: str
    before: str = ""
    after: str = ""
    volume_urn: str = ""

    @property
    def is_item(self) -> bool:
        """Whether it is an item."""
        return isinstance(self.record, ItemRow)


def viewed(actor: Actor, urn: str) -> Viewed:
    """An item or a volume with all its pages (打开阅览). The number of queries does not depend on the pages.

    In a volume the pages of restricted items that are closed to the actor are left out.

    Raises:
        R-009: there is none, or he may not see it.
        R-081: it is an item whose pages are closed to him.
    """
    try:
        item = records.get_item_for(actor, urn)
    except Refusal:
        return _viewed_volume(actor, records.get_volume_for(actor, urn))
    volume_urn = records.volume_urn_of(item) if item.volume_pk else ""
    urns = [row.urn for row in inside.items_seen_in(actor, volume_urn)] if volume_urn else [urn]
    if item.secrecy is not Secrecy.OPEN:
        restricted.check_readable(actor, [urn])
    place = urns.index(urn) if urn in urns else 0
    return Viewed(
        item,
        (item,),
        tuple(_pages(records.components_of([urn])[urn], 0)),
        schedule.step(item.step_code, item.registered_at),
        tuple(records.subjects_of([urn])[urn]),
        accounts.agency_names().get(item.agency_code, item.agency_code),
        before=urns[place - 1] if place else "",
        after=urns[place + 1] if place + 1 < len(urns) else "",
        volume_urn=volume_urn,
    )


def _viewed_volume(actor: Actor, volume: VolumeRow) -> Viewed:
    items = tuple(inside.items_seen_in(actor, volume.urn))
    closed = restricted.closed_to(actor, [item.urn for item in items if item.secrecy is not Secrecy.OPEN])
    found = records.components_of([item.urn for item in items if item.urn not in closed])
    return Viewed(
        volume,
        items,
        tuple(page for place, item in enumerate(items) for page in _pages(found.get(item.urn, ()), place)),
        None,
        (),
        accounts.agency_names().get(volume.agency_code, volume.agency_code),
    )


def _pages(rows: Sequence[ComponentRow], part: int) -> list[ViewedPage]:
    return [
        ViewedPage(PageId(row.pk, page, turn), size_of(row, page, turn), row.material_code, part, row.original_name)
        for row in rows
        for page in range(1, row.page_count + 1)
        for turn in (row.turns.get(page, 0),)
    ]


def size_of(row: ComponentRow, page: int, turn: int) -> PageSize:
    """A page's size as it is shown, turned by so many degrees.

    Raises:
        M-009: there is no such page.
    """
    if not 1 <= page <= len(row.pages):
        raise Refusal("M-009", page=page)
    width, height, _dpi = row.pages[page - 1]
    return PageSize(width, height).turned(turn)


def record_named(actor: Actor, name: str) -> str:
    """The URN of a record by URN, 档号 or acceptance number, to be laid beside another (并排对照).

    Raises:
        R-009: there is none, or he may not see it.
    """
    asked = name.strip()[:120]
    if not asked:
        raise Refusal("R-009", what=asked)
    item = (
        records.items_visible_to(actor)
        .filter(Q(urn=asked) | Q(reference_code=asked) | Q(acceptance_no=asked))
        .values_list("urn", flat=True)
        .first()
    )
    if item:
        return str(item)
    volume = records.volumes_visible_to(actor).filter(Q(urn=asked) | Q(reference_code=asked))
    urn = volume.values_list("urn", flat=True).first()
    if urn is None:
        raise Refusal("R-009", what=asked)
    return str(urn)


def marks(row: ComponentRow, page: int, words: Sequence[str]) -> list[Box]:
    """Where words stand on a page, as parts of the page as it is shown (词语定位); none where it was not read.

    Words are compared as the search compares them: folded, and over the end of a line.

    Args:
        row: the file; whoever asks may see it.
        page: from 1.
        words: as `rules.words_to_mark` gives them.

    Raises:
        M-009: there is no such page.
    """
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    asked = [phrase for word in words if (phrase := folding.phrase(word)) is not None]
    lines = reading.lines_of(row.sha512, page) if asked else ()
    if not lines:
        return []
    said = reading.said_of([row.sha512]).get((row.sha512, page))
    turn = row.turns.get(page, 0) - (said.turn if said else 0)
    text = "\n".join(line.text for line in lines)
    found: list[Box] = []
    for phrase in asked:
        for start, end in folding.spans(text, phrase):
            at = 0
            for line in lines:
                first, last = max(start - at, 0), min(end - at, len(line.text))
                if first < last:
                    found.append(turned(part_of(line, first, last), turn))
                at += len(line.text) + 1
    return found[: rules.MOST_MARKS]


def print_posts() -> tuple[Post, ...]:
    """Whose posts may print a page; the house's own figure until the office confirms it (待核实)."""
    return tuple(Post(name) for name in settings.ANJUAN_PRINT_POSTS)


def may_print(actor: Actor, agency_path: str) -> bool:
    """Whether an actor may print pages of an agency's records."""
    return actor.covers(agency_path, *print_posts())
