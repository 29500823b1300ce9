"""What an index holds, held against what it ought to hold (索引对照): the same judgement for both engines.

Fields, marks and columns of the catalogue are compared with the records, word by word. Pages are compared with a digest
that was made when they were taken in: to read them again every night would be to read the whole archive.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anjuan.facilities.search.backends import Described, Faults, PageWords
from anjuan.facilities.search.rules import NUMBER_MARK, Labels


@dataclass(frozen=True)
class Part:
    """A file as the index has it."""

    component: int
    item: int
    state: str
    sha512: str
    page_count: int
    is_read: bool
    readings: str
    is_open: bool
    sum: str


@dataclass(frozen=True)
class Held:
    """Everything the index holds of a stretch of items.

    Attributes:
        version: of the way of reading, as the index was told last.
        items: key, digest and the eight columns.
        parts: files.
        units: item, component, page, text, and whether its words agree with it; in that order.
        marks: item, component, page, kind, value; in that order.
        digits: part and number, of those that were asked for.
    """

    version: int
    items: Iterable[tuple[Any, ...]]
    parts: Iterable[Part]
    units: Iterable[tuple[int, int, int, str, bool]]
    marks: Iterable[tuple[int, int, int, str, str]]
    digits: frozenset[tuple[str, str]]


@dataclass
class _Image:
    digest: str = ""
    labels: Labels | None = None
    fields: list[tuple[int, str]] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    parts: dict[int, Part] = field(default_factory=dict)
    sums: dict[int, "Sum"] = field(default_factory=dict)
    is_odd: bool = False


class Sum:
    """A digest over the pages of one file, as they stand in the index."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.is_odd = False

    def text(self, page: int, body: str) -> None:
        """A page with words; pages come in order."""
        self._hash.update(f"{page}\n{body}\n".encode("utf-8", "surrogatepass"))

    def number(self, page: int, number: str) -> None:
        """A number on a page; all of them after all texts, in order."""
        self._hash.update(f"{page}:{number}\n".encode())

    def said(self, readings: str) -> str:
        """The digest, with how far the file was read."""
        whole = self._hash.copy()
        whole.update(readings.encode())
        return whole.hexdigest()[:32]


def sum_of(pages: Mapping[int, PageWords], readings: str) -> str:
    """The digest of pages as they are taken in."""
    found = Sum()
    for page in sorted(pages):
        if pages[page].text:
            found.text(page, pages[page].text)
    for page in sorted(pages):
        for number in sorted(pages[page].numbers):
            found.number(page, number)
    return found.said(readings)


NOTHING = sum_of({}, "")


def digits_of(described: Sequence[Described]) -> list[tuple[str, str]]:
    """Parts of numbers that the index must know for these items, each with its number."""
    return sorted({(part, number) for one in described for number, parts in one.numbers.items() for part in parts})


def compared(described: Sequence[Described], held: Held) -> Faults:
    """Where the two differ."""
    images: dict[int, _Image] = {}

    def image(item: int) -> _Image:
        return images.setdefault(item, _Image())

    for item, digest, *labels in held.items:
        image(item).digest, image(item).labels = digest, Labels(*labels)
    for part in held.parts:
        image(part.item).parts[part.component] = part
    for item, component, page, body, is_sound in held.units:
        here = image(item)
        if component == 0:
            here.fields.append((page, body))
            here.is_odd |= not is_sound
        else:
            here.sums.setdefault(component, Sum()).text(page, body)
            here.sums[component].is_odd |= not is_sound
    for item, component, page, kind, value in held.marks:
        here = image(item)
        if component:
            here.sums.setdefault(component, Sum()).number(page, value)
        elif kind == NUMBER_MARK:
            here.numbers.append(value)
        else:
            here.marks.append((kind, value))
    wanted = {one.item: one for one in described}
    stale = [
        item
        for item in images
        if item in wanted and images[item].labels and _is_stale(wanted[item], images[item], held)
    ]
    pages = [
        (part.component, item)
        for item, here in images.items()
        if item in wanted and item not in stale
        for part in here.parts.values()
        if _has_other_pages(wanted[item], part, here.sums.get(part.component), held.version)
    ]
    return Faults(
        missing=tuple(sorted(item for item in wanted if item not in images or images[item].labels is None)),
        stale=tuple(sorted(stale)),
        surplus=tuple(sorted(item for item in images if item not in wanted)),
        pages=tuple(sorted(pages)),
    )


def _is_stale(one: Described, here: _Image, held: Held) -> bool:
    files = {pk: (file.sha512, file.page_count, file.is_read) for pk, file in one.files.items()}
    return (
        here.is_odd
        or (here.digest, here.labels) != (one.digest, one.labels)
        or sorted(here.fields) != sorted(one.fields.items())
        or sorted(here.marks) != sorted(one.marks)
        or sorted(here.numbers) != sorted(one.numbers)
        or {pk: (part.sha512, part.page_count, part.is_read) for pk, part in here.parts.items()} != files
        or not here.sums.keys() <= files.keys()  # pages of a file that the item does not have
        or any((part, number) not in held.digits for number, parts in one.numbers.items() for part in parts)
    )


def _has_other_pages(one: Described, part: Part, pages: Sum | None, version: int) -> bool:
    if part.state == "WAITING":
        return False
    file = one.files[part.component]
    if not part.sum:  # never taken in: right only where there is nothing to take
        return pages is not None or file.has_words or file.is_read or part.state != "READ"
    is_open = part.is_read and part.readings != f"{version}:{part.page_count}"
    if pages is not None and pages.is_odd:
        return True
    return (pages or Sum()).said(part.readings) != part.sum or is_open != part.is_open
