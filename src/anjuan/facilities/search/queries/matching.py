"""Why an item was found (命中原因): the field or the page, with the words marked, and where to open it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import identifiers, refcode
from anjuan.core.asking import numbers
from anjuan.core.asking.folding import BREAK, Phrase, shown, spans, whole
from anjuan.core.asking.pinyin import readings
from anjuan.core.asking.questions import Key, Keyed, Leaf, Masked, Number, Words
from anjuan.facilities.search import rules
from anjuan.facilities.search.backends import Index, Unit
from anjuan.facilities.search.queries.indexed import catalogues
from anjuan.facilities.search.rules import FIELDS, Catalogue
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow

MOST_REASONS = 6  # of one item
MOST_UNITS = 400  # of all items of a page
AROUND = 16  # signs shown before and after

Pieces = tuple[tuple[str, bool], ...]  # texts, and whether each is marked


@dataclass(frozen=True)
class Reason:
    """One place where an item holds what was asked.

    Attributes:
        kind: FIELD, PAGE, NUMBER or SOUND.
        field: for a field: TITLE, STEP, NAMES or CODES.
        page: for a page: its place among all pages of the item, from 1.
        pieces: the text, cut where it is marked.
    """

    kind: str
    field: str
    page: int
    pieces: Pieces


@dataclass(frozen=True)
class Hit:
    """Why an item was found; ``pages`` counts the pages that hold any of the words."""

    reasons: tuple[Reason, ...]
    pages: int


def why(
    kept: Index,
    items: Sequence[ItemRow],
    wanted: Sequence[Leaf],
    digest: Callable[[str], str],
    closed: Collection[str] = (),
) -> Mapping[str, Hit]:
    """Why these items were found, by URN: four queries, and one of the index for each term.

    Of items whose pages are closed to whoever asks no page is told, even if the index was not told of it yet.
    """
    if not items:
        return {}
    texts = catalogues(items)
    starts = page_starts(items)
    found: dict[int, list[Reason]] = {item.pk: [] for item in items}
    pages: dict[int, set[int]] = {item.pk: set() for item in items}
    pks = [item.pk for item in items if item.urn not in closed]
    for leaf in dict.fromkeys(wanted):
        for item in items:
            found[item.pk] += in_catalogue(texts[item.urn], leaf)
        for unit in units_of(kept, pks, leaf, digest):
            page = starts.get(unit.component, 0) + unit.page
            pages[unit.item].add(page)
            pieces = _around(unit.text, leaf.phrase) if isinstance(leaf, Words) else (("●●●", True),)
            found[unit.item].append(Reason("PAGE" if unit.text else "NUMBER", "", page, pieces))
    return {item.urn: Hit(tuple(dict.fromkeys(found[item.pk]))[:MOST_REASONS], len(pages[item.pk])) for item in items}


def units_of(kept: Index, items: Sequence[int], leaf: Leaf, digest: Callable[[str], str]) -> list[Unit]:
    """Pages of these items that hold a leaf; where all that was found is closed, of no item."""
    if not items:
        return []
    units: list[Unit] = []
    if isinstance(leaf, Words):
        field = rules.field_of(leaf.place)
        if field is None or field < 0:
            units = kept.units(items, leaf.phrase, limit=MOST_UNITS)
    elif isinstance(leaf, Number | Masked):
        planned = rules.plan(leaf, digest=digest, named=lambda _: ())
        if isinstance(planned, rules.Numbered):
            units = kept.numbered(items, planned.digests, limit=MOST_UNITS)
    return [unit for unit in units if unit.component]


def in_catalogue(catalogue: Catalogue, leaf: Leaf) -> list[Reason]:
    """Where the catalogue of an item holds a leaf."""
    match leaf:
        case Words(_, phrase, place):
            field = rules.field_of(place)
            codes = (*catalogue.codes, *catalogue.credit_codes)
            texts = ((catalogue.title,), (catalogue.step,), catalogue.names, codes)
            return [
                Reason("FIELD", FIELDS[number].value, 0, _marked(text, marks))
                for number, each in enumerate(texts)
                if field in (None, number)
                for text in each
                if (marks := spans(text, phrase))
            ]
        case Keyed(_, key, value, is_start):
            return _keyed(catalogue, key, value, is_start=is_start)
        case Number() | Masked():
            return [
                Reason("NUMBER", "", 0, ((identifiers.mask_id(number), True),))
                for number in (*catalogue.numbers, *catalogue.credit_codes)
                if _is_number(number, leaf)
            ]
        case _:
            return []


def _keyed(catalogue: Catalogue, key: Key, value: str, *, is_start: bool) -> list[Reason]:
    def agrees(kept: str) -> bool:
        return kept.startswith(value) if is_start else kept == value

    if key in (Key.PINYIN, Key.INITIALS):
        place = 0 if key is Key.PINYIN else 1
        names = [name for name in catalogue.names if any(agrees(way[place]) for way in readings(name))]
        return [Reason("SOUND", "NAMES", 0, ((name, True),)) for name in names]
    if key is Key.NAME:
        return [Reason("FIELD", "NAMES", 0, ((name, True),)) for name in catalogue.names if agrees(whole(name))]
    codes = [code for code in catalogue.codes if key is Key.CODE and agrees(refcode.normalise(code))]
    codes += [code for code in catalogue.credit_codes if key is Key.CREDIT and agrees(whole(code))]
    return [Reason("FIELD", "CODES", 0, ((code, True),)) for code in codes]


def _is_number(number: str, leaf: Number | Masked) -> bool:
    kept = numbers.kept_of(number)
    if isinstance(leaf, Number):
        return numbers.whole(leaf.number) in kept
    known = [numbers.start(leaf.head)] * bool(leaf.head) + [numbers.tail(leaf.tail)] * bool(leaf.tail)
    return all(part in kept for part in known)


def _marked(text: str, marks: Sequence[tuple[int, int]]) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in marks:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return tuple(piece for piece in (*pieces, (text[at:], False)) if piece[0])


def _around(kept: str, phrase: Phrase) -> Pieces:
    """The first place on a page, with some signs around it, as the index keeps them: folded, numbers hidden."""
    text = kept.replace(BREAK, "") if phrase.is_loose else kept
    at = text.find(phrase.text)
    end = at + len(phrase.text)
    before, after = shown(text[max(at - AROUND, 0) : at]), shown(text[end : end + AROUND])
    return tuple(piece for piece in ((before, False), (shown(text[at:end]), True), (after, False)) if piece[0])


def page_starts(items: Sequence[ItemRow]) -> Mapping[int, int]:
    """How many pages of its item lie before a file, by key."""
    found: dict[int, int] = {}
    for components in records.components_of([item.urn for item in items]).values():
        pages = 0
        for component in components:
            found[component.pk] = pages
            pages += component.page_count
    return found
