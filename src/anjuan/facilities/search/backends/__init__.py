"""Where the index lies: a file of its own beside SQLite, tables in PostgreSQL. One suite for both (tests/contract)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from anjuan.facilities.search.rules import Needle


class Damaged(Exception):
    """The index cannot be read: it is made again from the records."""


@dataclass(frozen=True)
class Described:
    """An item as the index is to know it: the tokens of its catalogue text, and its files with their pages."""

    item: int
    digest: str
    tokens: tuple[str, ...]
    components: Mapping[int, bool]  # whether its pages may hold words


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
    """

    position: int
    rebuilt_to: int | None


@dataclass(frozen=True)
class Held:
    """How much the index holds.

    Attributes:
        items: items it knows.
        units: catalogue rows and pages with words.
        waiting: files whose pages have not been read yet.
        unreadable: files whose words could not be read.
    """

    items: int
    units: int
    waiting: int
    unreadable: int


class Index(Protocol):
    """Keeps tokens, gives candidates. Every method is one transaction; each raises `Damaged` if it cannot be read."""

    def standing(self) -> Standing | None:
        """How far it is; None where there is no index."""
        ...

    def count(self) -> Held:
        """How much it holds; every row is counted."""
        ...

    def begin(self, *, position: int) -> None:
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
        """Files whose pages have not been read yet, longest known first."""
        ...

    def keep_pages(self, component: int, pages: Mapping[int, tuple[str, ...]], *, is_readable: bool = True) -> None:
        """Take the tokens of a file's pages; nothing happens if the file is no longer known."""
        ...

    def candidates(self, asked: Sequence[Sequence[Needle]], *, below: int | None, limit: int) -> list[int]:
        """Items of which, for each term, some unit has all its needles; newest first, below an item."""
        ...

    def pages(self, item: int, needles: Sequence[Needle]) -> list[tuple[int, int]]:
        """Pages of an item (component, page) that have all these needles; (0, 0) is its catalogue row."""
        ...

    def is_sound(self) -> bool:
        """Whether the engine finds no damage in it."""
        ...
