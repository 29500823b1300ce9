"""Where the index lies: a file of its own beside SQLite, tables in PostgreSQL. One suite for both (tests/contract)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from anjuan.core.asking.folding import Phrase
from anjuan.facilities.search.rules import Grant, Labels, Order, Plan

MOST_BEHIND = 10_000


class Damaged(Exception):
    """The index cannot be read: it is made again from the records."""


@dataclass(frozen=True)
class File:
    """A file of an item, as far as the index cares.

    Attributes:
        sha512: its digest, under which readings of its pages lie.
        page_count: its pages.
        has_words: whether its pages may hold words of their own.
        is_read: whether a machine reads its pages.
    """

    sha512: str
    page_count: int
    has_words: bool
    is_read: bool


@dataclass(frozen=True)
class Described:
    """An item as the index is to know it.

    Attributes:
        item: its key.
        digest: of all of this; the same digest means that nothing changed.
        labels: its columns.
        fields: encoded texts of its catalogue, by number of the field.
        marks: kinds and values.
        numbers: numbers of persons in its catalogue: own digest, and digests of the parts.
        files: by key of the component.
    """

    item: int
    digest: str
    labels: Labels
    fields: Mapping[int, str] = field(default_factory=dict)
    marks: tuple[tuple[str, str], ...] = ()
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[int, File] = field(default_factory=dict)


@dataclass(frozen=True)
class PageWords:
    """One page as the index is to know it: its encoded text, and numbers of persons on it."""

    text: str
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What the index has of an item."""

    digest: str
    components: frozenset[int]


@dataclass(frozen=True)
class Standing:
    """How far the index is (索引状态).

    Attributes:
        position: the next journal position it wants.
        rebuilt_to: the item up to which a rebuild has come; None when none is under way.
        key: tells under which key the digests of numbers were made.
        behind: files whose words may be missing: not taken in, or with pages not read; counted up to `MOST_BEHIND`.
        begun_at: when it was begun, as it was told: ISO 8601; empty where nobody said.
    """

    position: int
    rebuilt_to: int | None
    key: str = ""
    behind: int = 0
    begun_at: str = ""


@dataclass(frozen=True)
class Held:
    """How much the index holds.

    Attributes:
        items: items it knows.
        units: fields of the catalogue and pages with words.
        waiting: files whose pages have not been taken in yet.
        unreadable: files whose words could not be read.
        unread: files with pages that no machine has read yet.
    """

    items: int
    units: int
    waiting: int
    unreadable: int
    unread: int


@dataclass(frozen=True)
class Open:
    """A file with pages that were not read when it was last taken in: which of them were, as the index was told."""

    component: int
    sha512: str
    page_count: int
    readings: str


@dataclass(frozen=True)
class Answer:
    """What a plan finds.

    Attributes:
        total: items, all of them, within the grants.
        facets: for each column, how many have which value.
        rows: items of this page, each with the value it is sorted by.
    """

    total: int
    facets: Mapping[str, Mapping[str, int]]
    rows: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Unit:
    """A field of the catalogue (component 0, page the field's number) or a page that holds what was asked."""

    item: int
    component: int
    page: int
    text: str


@dataclass(frozen=True)
class Faults:
    """Where the index is not what the records say (索引差异).

    Attributes:
        missing: items it ought to have and has not.
        stale: items it has otherwise than they are.
        surplus: items it has and nobody knows.
        pages: files whose pages stand in it otherwise than they were taken in: component and item.
    """

    missing: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    surplus: tuple[int, ...] = ()
    pages: tuple[tuple[int, int], ...] = ()

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.missing) + len(self.stale) + len(self.surplus) + len(self.pages)


class Index(Protocol):
    """Keeps units, marks and columns, and answers plans exactly. Every method is one transaction.

    Each raises `Damaged` if it cannot be read.
    """

    def standing(self) -> Standing | None:
        """How far it is; None where there is no index."""
        ...

    def count(self) -> Held:
        """How much it holds; every row is counted."""
        ...

    def begin(self, *, position: int, key: str = "", at: str = "") -> None:
        """Throw everything away and begin anew: records are to be walked from the first."""
        ...

    def known(self, items: Sequence[int]) -> Mapping[int, Known]:
        """What it has of these items."""
        ...

    def keep(
        self,
        described: Sequence[Described],
        *,
        expected: int,
        position: int | None = None,
        rebuilt_to: int | None = None,
    ) -> bool:
        """Take items as they are now, and how far the journal or the rebuild was read with it.

        Nothing is taken, and False returned, if its position is no longer the one that was read before the items were:
        another worker may have written something newer.
        """
        ...

    def rebuilt(self) -> None:
        """The rebuild has come to the end."""
        ...

    def waiting(self, limit: int) -> list[int]:
        """Files whose pages have not been taken in yet, longest known first."""
        ...

    def keep_pages(
        self, component: int, pages: Mapping[int, PageWords], *, is_readable: bool = True, readings: str = ""
    ) -> None:
        """Take the words of a file's pages; nothing happens if the file is no longer known."""
        ...

    def unread(self, *, version: int, newest: int, limit: int) -> list[Open]:
        """Files with pages still to be read: the newest, and the next ones of a round through all.

        Where the way of reading is another than the last time, every file is to be looked at again.
        """
        ...

    def wait_again(self, components: Sequence[int]) -> None:
        """Have these files taken in again."""
        ...

    def answer(
        self,
        plan: Plan,
        grants: Sequence[Grant],
        *,
        order: Order,
        after: tuple[str, int] | None,
        limit: int,
        without: Sequence[int] = (),
    ) -> Answer:
        """What a plan finds within the grants, but for some items: how many, of what kinds, and one page of them.

        Args:
            plan: what is looked up.
            grants: what may be seen.
            order: of the page.
            after: the sorting value and the key of the last item of the page before.
            limit: items of one page.
            without: items that are listed elsewhere already.
        """
        ...

    def count_some(self, plan: Plan, grants: Sequence[Grant], *, limit: int) -> tuple[int, bool]:
        """How many items a plan finds within the grants, as far as the first places tell; whether there may be more.

        Args:
            plan: what is looked up.
            grants: what may be seen.
            limit: places (fields, pages, numbers) that are read, no more.
        """
        ...

    def units(self, items: Sequence[int], phrase: Phrase, *, limit: int) -> list[Unit]:
        """Units of these items that hold a phrase, in order."""
        ...

    def numbered(self, items: Sequence[int], digests: Sequence[str], *, limit: int) -> list[Unit]:
        """Units of these items on which a number with all these digests stands; their text is empty."""
        ...

    def count_newer(self, plan: Plan, grants: Sequence[Grant], *, than: int, limit: int) -> int:
        """How many items registered after one a plan finds within the grants, counted so far only."""
        ...

    def ends(self) -> tuple[int, int]:
        """The highest item that stands anywhere in it, and the highest row of words."""
        ...

    def compare(self, described: Sequence[Described], *, after: int, upto: int) -> Faults:
        """Hold what it has of a stretch of items against what it ought to have, row by row.

        Args:
            described: all items of the stretch that there are.
            after: the item before the stretch.
            upto: the last one of it.
        """
        ...

    def mend(
        self, described: Sequence[Described], *, surplus: Sequence[int], pages: Sequence[int], expected: int
    ) -> bool:
        """Forget these items and take them anew; their pages, and these files', wait to be taken in again.

        Nothing is done, and False returned, if its position is no longer the expected one.
        """
        ...

    def sweep_strays(self, *, after: int, upto: int) -> int:
        """Take away words between two rows that belong to no unit; how many there were."""
        ...

    def is_sound(self) -> bool:
        """Whether the engine finds no damage in it."""
        ...
