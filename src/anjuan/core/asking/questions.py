"""What a question is made of (检索式的组成): a tree that says what is meant, and nothing of how it is looked up."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from anjuan.core.asking.folding import Phrase


class Place(StrEnum):
    """Where words are looked for (检索范围)."""

    ANYWHERE = "ANYWHERE"
    TITLE = "TITLE"
    STEP = "STEP"
    NAMES = "NAMES"
    CODES = "CODES"
    PAGES = "PAGES"


class Column(StrEnum):
    """What an item is known by beside words (著录项)."""

    YEAR = "YEAR"
    FORMED = "FORMED"
    STEP = "STEP"
    CATEGORY = "CATEGORY"
    AGENCY = "AGENCY"
    STATE = "STATE"
    LINE = "LINE"


class Key(StrEnum):
    """What is compared whole or by its beginning (整值项)."""

    NAME = "NAME"
    CODE = "CODE"
    NUMBER = "NUMBER"
    CREDIT = "CREDIT"
    PINYIN = "PINYIN"
    INITIALS = "INITIALS"


@dataclass(frozen=True)
class Words:
    """A phrase in one field or on one page."""

    asked: str
    phrase: Phrase
    place: Place = Place.ANYWHERE


@dataclass(frozen=True)
class Keyed:
    """A value an item has as it is, or one that begins so."""

    asked: str
    key: Key
    value: str
    is_start: bool = False


@dataclass(frozen=True)
class Number:
    """A number of a person of fifteen digits or more."""

    asked: str
    number: str


@dataclass(frozen=True)
class Masked:
    """A number of which only the first digits, the last four, or both are known (掩码号码、号码前几位)."""

    asked: str
    head: str
    tail: str = ""


@dataclass(frozen=True)
class Span:
    """From one value to another, both included; an empty end is open."""

    asked: str
    column: Column
    low: str
    high: str


@dataclass(frozen=True)
class Labelled:
    """A name or a code of a business step, a category, an agency, a stage or an insurance."""

    asked: str
    column: Column
    value: str


@dataclass(frozen=True)
class Every:
    """All of these (与)."""

    parts: tuple["Question", ...]


@dataclass(frozen=True)
class Some:
    """Any of these (或)."""

    parts: tuple["Question", ...]


@dataclass(frozen=True)
class Without:
    """Not this (非): judged over the whole item."""

    part: "Question"


Leaf = Words | Keyed | Number | Masked | Span | Labelled
Question = Leaf | Every | Some | Without


def leaves(question: Question, *, wanted: bool = True) -> Iterator[Leaf]:
    """The leaves that are wanted, from left to right; those under a NOT are not, unless they are under two."""
    match question:
        case Every(parts) | Some(parts):
            for part in parts:
                yield from leaves(part, wanted=wanted)
        case Without(part):
            yield from leaves(part, wanted=not wanted)
        case _:
            if wanted:
                yield question


def every(parts: list[Question]) -> Question:
    """All of these; one alone stands for itself."""
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def some(parts: list[Question]) -> Question:
    """Any of these; one alone stands for itself."""
    return parts[0] if len(parts) == 1 else Some(tuple(parts))
