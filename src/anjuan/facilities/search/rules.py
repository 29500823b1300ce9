"""From what is meant to what is looked up (检索计划): facts that both engines answer alike (decision 23).

An engine knows three things of an item: units of encoded text (its fields and its pages), marks (values compared whole
or by their beginning), and columns. Numbers of persons are marks of a number's digest, never its digits.
"""

import hashlib
import re
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from anjuan.core import identifiers, refcode
from anjuan.core.asking import numbers
from anjuan.core.asking.folding import Phrase, joined, plain, whole
from anjuan.core.asking.pinyin import readings
from anjuan.core.asking.questions import (
    Column,
    Every,
    Key,
    Keyed,
    Labelled,
    Masked,
    Number,
    Place,
    Question,
    Some,
    Span,
    Without,
    Words,
)

DIGEST_CHARACTERS = 16  # 96 bits: two numbers of a billion share one with a chance below one in ten to the tenth
NUMBER_MARK = "NUMBER"
FIELDS: tuple[Place, ...] = (Place.TITLE, Place.STEP, Place.NAMES, Place.CODES)  # a field's unit is its place here


class Order(StrEnum):
    """In which order hits are listed (排序)."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    FORMED = "FORMED"
    FORMED_FIRST = "FORMED_FIRST"


@dataclass(frozen=True)
class Holding:
    """A unit holds a phrase; ``field`` its number, -1 for any page, None for anywhere."""

    phrase: Phrase
    field: int | None = None


@dataclass(frozen=True)
class Marked:
    """It has a mark of this kind and value, or one that begins so."""

    kind: str
    value: str
    is_start: bool = False


@dataclass(frozen=True)
class Numbered:
    """It has a number of which all these digests are."""

    digests: tuple[str, ...]


@dataclass(frozen=True)
class Between:
    """A column lies between two values, both included; an empty end is open."""

    column: Column
    low: str
    high: str


@dataclass(frozen=True)
class OneOf:
    """A column has one of these values."""

    column: Column
    values: tuple[str, ...]


@dataclass(frozen=True)
class Both:
    """All of these."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True)
class Either:
    """Any of these."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True)
class Not:
    """Not this."""

    part: "Plan"


Plan = Holding | Marked | Numbered | Between | OneOf | Both | Either | Not


@dataclass(frozen=True)
class Labels:
    """What an item is known by beside words; all text, so that both engines compare it alike."""

    path: str
    agency: str
    category: str
    step: str
    line: str
    state: str
    year: str
    formed: str


@dataclass(frozen=True)
class Grant:
    """A part of the archive an actor may see: agencies below a path, in some states or in all."""

    path: str
    states: tuple[str, ...] = ()


def plan(question: Question, *, digest: Callable[[str], str], named: Callable[[Labelled], Sequence[str]]) -> Plan:
    """What is looked up for a question.

    Args:
        question: what is meant.
        digest: the keyed digest of a part of a number.
        named: codes that a name or a code in a field stands for.
    """

    def planned(part: Question) -> Plan:
        match part:
            case Every(parts):
                return Both(tuple(planned(each) for each in parts))
            case Some(parts):
                return Either(tuple(planned(each) for each in parts))
            case Without(inside):
                return Not(planned(inside))
            case Words(_, phrase, place):
                return Holding(phrase, field_of(place))
            case Keyed(_, key, value, is_start):
                return Marked(key.value, value, is_start)
            case Number(_, number):
                return Numbered((digest(numbers.whole(number)),))
            case Masked(_, head, tail):
                parts_known = [numbers.start(head)] if head else []
                return Numbered(tuple(digest(each) for each in (*parts_known, *([numbers.tail(tail)] if tail else []))))
            case Span(_, column, low, high):
                return Between(column, low, high)
            case Labelled(_, column, _):
                return OneOf(column, tuple(named(part)))

    return planned(question)


@dataclass(frozen=True)
class Catalogue:
    """What the catalogue says of an item (编目文字), as it is written there.

    Attributes:
        title: 题名.
        step: name of the business step.
        names: persons and units it concerns.
        codes: 档号 it has and had, acceptance number.
        numbers: ID card numbers of its persons.
        credit_codes: of its units.
    """

    title: str
    step: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    numbers: tuple[str, ...]
    credit_codes: tuple[str, ...]


def fields_of(catalogue: Catalogue) -> Mapping[int, str]:
    """Encoded texts by number of the field; a field without words has none."""
    texts = ((catalogue.title,), (catalogue.step,), catalogue.names, (*catalogue.codes, *catalogue.credit_codes))
    found = {number: joined(each) for number, each in enumerate(texts)}
    return {number: text for number, text in found.items() if text}


def marks_of(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Kinds and values, each once and sorted: names whole and by their sound, codes, credit codes."""
    found = {(Key.NAME.value, whole(name)) for name in catalogue.names}
    for name in catalogue.names:
        for sound, initials in readings(name):
            found |= {(Key.PINYIN.value, sound), (Key.INITIALS.value, initials)}
    found |= {(Key.CODE.value, refcode.normalise(code)) for code in catalogue.codes}
    found |= {(Key.CREDIT.value, whole(code)) for code in catalogue.credit_codes}
    return tuple(sorted((kind, value) for kind, value in found if value))


def field_of(place: Place) -> int | None:
    """The number of a field's unit; -1 for pages, None for anywhere."""
    if place is Place.ANYWHERE:
        return None
    return -1 if place is Place.PAGES else FIELDS.index(place)


def digests_of(texts: Sequence[str], digest: Callable[[str], str]) -> Mapping[str, tuple[str, ...]]:
    """Numbers of persons in texts: for each its own digest, and those of its parts."""
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        for number in numbers.found_in(plain(text)):
            kept = tuple(map(digest, numbers.kept_of(number.number)))
            found[kept[0]] = kept
    return found


def keyed(key: bytes) -> Callable[[str], str]:
    """The digest of a part of a number under a key of the home: HMAC-SHA-256, cut.

    The key is taken in once, not for each of the eighteen parts of a number; beginnings, which whole towns share, are
    not reckoned twice.

    Standard: RFC 2104.
    """
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in block))
    outer = hashlib.sha256(bytes(octet ^ 0x5C for octet in block))

    def reckoned(part: str) -> str:
        one, other = inner.copy(), outer.copy()
        one.update(part.encode())
        other.update(one.digest())
        return b2a_base64(other.digest(), newline=False)[:DIGEST_CHARACTERS].decode()

    again = lru_cache(maxsize=32_768)(reckoned)
    return lambda part: again(part) if len(part) <= _SHARED else reckoned(part)


_SHARED = 13  # signs of a beginning that many have: a district and a month
_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9xX*]){7,}")


def masked(asked: str) -> str:
    """A question as others may read it: longer rows of digits masked, however they were typed (隐去号码).

    Who asked may have typed the number of a person; no register and no list needs it whole.
    """
    narrow = "".join(chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else sign for sign in asked)
    narrow = re.sub("[\u2010-\u2015\u2212]", "-", "".join(" " if sign.isspace() else sign for sign in narrow))

    def hidden(found: re.Match[str]) -> str:
        digits = re.sub("[ -]", "", found.group())
        return (
            identifiers.mask_id(digits) if len(digits) >= 15 else f"{digits[:3]}{'*' * (len(digits) - 5)}{digits[-2:]}"
        )

    return _DIGITS.sub(hidden, narrow)


class ExportForm(StrEnum):
    """As what a list is taken out (导出格式)."""

    CSV = "CSV"
    XLSX = "XLSX"
    PDF = "PDF"


class ExportColumn(StrEnum):
    """What a list taken out may say of each record (导出列), in this order."""

    REFERENCE_CODE = "REFERENCE_CODE"
    ACCEPTANCE_NO = "ACCEPTANCE_NO"
    TITLE = "TITLE"
    NAMES = "NAMES"
    NUMBERS = "NUMBERS"
    STEP = "STEP"
    CATEGORY = "CATEGORY"
    YEAR = "YEAR"
    FORMED = "FORMED"
    AGENCY = "AGENCY"
    STATE = "STATE"
    PAGES = "PAGES"
    PLACE = "PLACE"


USUAL_COLUMNS = (
    ExportColumn.REFERENCE_CODE,
    ExportColumn.TITLE,
    ExportColumn.NAMES,
    ExportColumn.STEP,
    ExportColumn.YEAR,
    ExportColumn.STATE,
    ExportColumn.PLACE,
)


def row_limits(settled: str) -> dict[str, int]:
    """How many rows each post may take out at once, as the settings say it: ``ARCHIVIST:5000 FILER:500``."""
    return {post: int(rows) for post, _, rows in (part.partition(":") for part in settled.split()) if rows.isdigit()}
