"""What was read on pages, and how far reading has come. Rights are judged by who asks."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from anjuan.core.packages.readings import LayerPage
from anjuan.core.reading.pages import VERSION, Line, lines_from
from anjuan.core.reading.said import PageSaid, said_from
from anjuan.core.refusals import Refusal
from anjuan.facilities.reading.models import DamagedPage, PageReading, ReadingMark
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.queries import judged
from anjuan.records.rows import ComponentRow

IMAGED_MIMES = ("image/jpeg", "image/png", "image/tiff", "application/pdf")  # words are read off their pages' pixels
READ_MIMES = (*IMAGED_MIMES, "application/ofd")  # an OFD says itself what stands where on its pages
KEY, REST = "KEY", "REST"  # parts of the work: what is judged first, and all else
_AT_ONCE = 5_000  # digests of one query: what SQLite takes as parameters
_FILES_AT_ONCE = 400
PAGES_A_PART = 100  # of one searchable PDF: a larger item is taken in parts
_MAIN_PAGES = 4  # of a main form that are read first
AGAIN_AFTER = dt.timedelta(
    days=1
)  # a page whose bytes could not be had is tried again then: somebody may have mended it
Place = tuple[str, int]


@dataclass(frozen=True)
class PageToRead:
    """A page that is to be read: its item, its file, and where it lies in it."""

    component_pk: int
    urn: str
    sha512: str
    page_no: int


def said_of(digests: Collection[str]) -> dict[Place, PageSaid]:
    """What the pages of files say, by digest and page; one query for each five thousand files.

    What was read in an older way counts until it is read anew.
    """
    found = {}
    wanted = sorted(set(digests))
    for first in range(0, len(wanted), _AT_ONCE):
        rows = PageReading.objects.filter(sha512__in=wanted[first : first + _AT_ONCE])
        for sha512, page, said in rows.values_list("sha512", "page_no", "said"):
            found[sha512, page] = said_from(said)
    return found


def lines_of(sha512: str, page: int) -> tuple[Line, ...]:
    """The words of a page, from top to bottom; none where it was not read."""
    row = PageReading.objects.filter(sha512=sha512, page_no=page).values_list("lines", flat=True).first()
    return lines_from(row or ())


def read_pages(digests: Collection[str]) -> dict[str, set[int]]:
    """Which pages of files have been read in the way that is now in use, by digest."""
    found: dict[str, set[int]] = {}
    wanted = sorted(set(digests))
    for first in range(0, len(wanted), _AT_ONCE):
        rows = PageReading.objects.filter(sha512__in=wanted[first : first + _AT_ONCE], version=VERSION)
        for sha512, page in rows.values_list("sha512", "page_no"):
            found.setdefault(sha512, set()).add(page)
    return found


def layer_pages(digests: Collection[str]) -> dict[Place, LayerPage]:
    """Everything that was read on pages of files, as it is sealed with them, in whatever way; by digest and page."""
    found = {}
    wanted = sorted(set(digests))
    for first in range(0, len(wanted), _AT_ONCE):
        for row in PageReading.objects.filter(sha512__in=wanted[first : first + _AT_ONCE]):
            found[row.sha512, row.page_no] = LayerPage(
                row.sha512, row.page_no, row.model, row.read_at, row.lines, row.said
            )
    return found


def still_wanted(items: Mapping[str, Sequence[ComponentRow]]) -> dict[str, int]:
    """How many pages of items the house has read and were not yet, by item: damaged ones among them.

    Args:
        items: all files of each item, in order, by its URN.
    """
    files = [row for rows in items.values() for row in rows if row.mime in READ_MIMES]
    done = read_pages([row.sha512 for row in files])
    mains = {} if reads_all() else _main_codes(list(items))
    found = {}
    for urn, rows in items.items():
        key = [] if reads_all() else key_pages(rows, mains[urn])
        found[urn] = sum(
            len((set(range(1, row.page_count + 1)) if reads_all() else key[place]) - done.get(row.sha512, set()))
            for place, row in enumerate(rows)
            if row.mime in READ_MIMES
        )
    return found


def parts_of(rows: Sequence[ComponentRow]) -> int:
    """In how many parts an item's files are handed out; none where nothing of it is ever read."""
    return -(-sum(row.page_count for row in rows if row.mime in IMAGED_MIMES) // PAGES_A_PART)


def unread(components: Sequence[ComponentRow]) -> int:
    """How many pages of these files were not read yet, among those that ever are."""
    files = [row for row in components if row.mime in READ_MIMES]
    done = read_pages([row.sha512 for row in files])
    return sum(row.page_count - len(done.get(row.sha512, ())) for row in files)


def marked(part: str) -> int:
    """Up to which file this part is done."""
    row = ReadingMark.objects.filter(part=part, version=VERSION).values_list("component_pk", flat=True).first()
    return row or 0


def waiting(part: str, after: int) -> Iterator[tuple[int, list[PageToRead]]]:
    """Files behind one, in the order in which they came in, each with its pages of this part that are not read yet.

    Pages that were found damaged are not among them: they have a list of their own (`due_again`), so that what lies
    behind them need not wait. Some hundreds of files take six queries.
    """
    last = after
    while files := records.images_after(last, READ_MIMES, _FILES_AT_ONCE):
        last = files[-1][0]
        wanted = {pk for pk, *_ in files}
        items = list(dict.fromkeys(urn for _, urn, _, _ in files))
        done = read_pages([sha512 for _, _, sha512, _ in files])
        damaged = damaged_pages(wanted)
        mains = _main_codes(items)
        found: dict[int, list[PageToRead]] = {}
        for urn, rows in records.components_of(items).items():
            key = key_pages(rows, mains[urn])
            for place, row in enumerate(rows):
                if row.pk in wanted:
                    pages = key[place] if part == KEY else set(range(1, row.page_count + 1)) - key[place]
                    left = sorted(pages - done.get(row.sha512, set()) - damaged.get(row.pk, set()))
                    found[row.pk] = [PageToRead(row.pk, urn, row.sha512, page) for page in left]
        yield from sorted(found.items())


def damaged_pages(component_pks: Collection[int]) -> dict[int, set[int]]:
    """Pages of these files whose bytes could not be had when they were to be read, by file."""
    found: dict[int, set[int]] = {}
    rows = DamagedPage.objects.filter(component_pk__in=sorted(component_pks))
    for pk, page in rows.values_list("component_pk", "page_no"):
        found.setdefault(pk, set()).add(page)
    return found


def due_again(at: dt.datetime) -> list[tuple[int, int]]:
    """Damaged pages whose day is over, in order: file and page."""
    rows = DamagedPage.objects.filter(tried_at__lte=at - AGAIN_AFTER).order_by("component_pk", "page_no")
    return list(rows.values_list("component_pk", "page_no"))


def key_pages(rows: Sequence[ComponentRow], main_codes: Collection[str]) -> list[set[int]]:
    """Which pages of an item's files are read first: those of the main form, the first and the last (先读页).

    Args:
        rows: all files of the item, in order.
        main_codes: codes of the step's main form.

    Returns:
        Page numbers, by file.
    """
    found: list[set[int]] = [set() for _ in rows]
    readable = [place for place, row in enumerate(rows) if row.mime in READ_MIMES]
    for place in readable:
        if rows[place].material_code in main_codes:
            found[place] |= set(range(1, min(_MAIN_PAGES, rows[place].page_count) + 1))
    if readable:
        found[readable[0]].add(1)
        found[readable[-1]].add(rows[readable[-1]].page_count)
    return found


def reads_all() -> bool:
    """Whether what is not needed first is read too (后台补读)."""
    return str(settings.ANJUAN_READ) == "all"


def is_on() -> bool:
    """Whether pages are read at all."""
    return str(settings.ANJUAN_READ) != "off"


def _main_codes(urns: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Codes of the main form of each item's step, in the edition that held when it was taken in."""
    items = judged.items_by_urn(urns)
    steps = schedule.stepbook({item.step_code for item in items.values()})
    found = {}
    for urn in urns:
        try:
            step = steps.of(items[urn].step_code, items[urn].registered_at)
        except Refusal:  # H-004: nobody knows the step; its first and last page are read first all the same
            found[urn] = frozenset[str]()
        else:
            found[urn] = frozenset(row.code for row in step.materials if row.is_main)
    return found
