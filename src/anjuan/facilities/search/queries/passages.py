"""Places of items that were found, as far as they can be cited (可引用的出处): a page of a record, or its catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.asking.folding import BREAK, WORD, Phrase, shown
from anjuan.core.asking.questions import Question, Words, leaves
from anjuan.core.terms import Actor, Secrecy
from anjuan.facilities.search.backends import Damaged
from anjuan.facilities.search.queries import matching
from anjuan.facilities.search.queries.indexed import catalogues, digest, index
from anjuan.facilities.search.queries.matching import Pieces
from anjuan.records.queries import restricted
from anjuan.records.rows import ItemRow

MOST_OF_ONE_ITEM = 2  # pages
_GAP = ("…", False)
_HIDDEN = ("●●●", True)


@dataclass(frozen=True)
class Place:
    """A page of an item, or its catalogue, with what stands there of a question.

    Attributes:
        item: whose it is.
        page: its place among all pages of the item, from 1; 0 for the catalogue.
        pieces: the words around what was asked, cut where they are marked; folded, numbers of persons hidden.
        covered: which parts of the question stand on this page or in the item's catalogue.
        own: which of them stand on this page itself.
    """

    item: ItemRow
    page: int
    pieces: Pieces
    covered: frozenset[int]
    own: frozenset[int] = frozenset()

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller stands first: most parts in all, then most of them on the page itself."""
        return -len(self.covered), -len(self.own)


def places_of(actor: Actor, items: Sequence[ItemRow], parts: Sequence[Question], *, around: int) -> list[Place]:
    """Where these items hold the parts of a question: most of them first, then in the items' order.

    Of items whose pages are closed to whoever asks the catalogue alone is told. Empty if the index is damaged.

    Args:
        actor: who asks; ``items`` are those he was shown.
        items: as they were found.
        parts: of the question, each by itself.
        around: signs of a page shown before and after each word, more where a word or a number would be cut.
    """
    try:
        return _places(actor, items, parts, around)
    except Damaged:
        return []


def _places(actor: Actor, items: Sequence[ItemRow], parts: Sequence[Question], around: int) -> list[Place]:
    if not items:
        return []
    kept, make = index(), digest()
    texts, starts = catalogues(items), matching.page_starts(items)
    closed = restricted.closed_to(actor, [item.urn for item in items if item.secrecy is not Secrecy.OPEN])
    open_pks = [item.pk for item in items if item.urn not in closed]
    reasons: dict[int, list[tuple[int, matching.Reason]]] = {item.pk: [] for item in items}
    pages: dict[tuple[int, int], _Page] = {}
    for number, part in enumerate(parts):
        for leaf in dict.fromkeys(leaves(part)):
            for item in items:
                reasons[item.pk] += [(number, reason) for reason in matching.in_catalogue(texts[item.urn], leaf)]
            for unit in matching.units_of(kept, open_pks, leaf, make):
                page = pages.setdefault((unit.item, starts.get(unit.component, 0) + unit.page), _Page())
                page.parts.add(number)
                if isinstance(leaf, Words):
                    page.text = unit.text
                    page.phrases.append(leaf.phrase)
                else:
                    page.has_number = True
    found: list[Place] = []
    for item in items:
        told = frozenset(number for number, _ in reasons[item.pk])
        own = [
            Place(item, page, _excerpt(held, around), frozenset(held.parts) | told, frozenset(held.parts))
            for (pk, page), held in sorted(pages.items(), key=lambda each: each[0])
            if pk == item.pk
        ]
        own.sort(key=lambda place: place.rank)
        found += own[:MOST_OF_ONE_ITEM] or [Place(item, 0, _told(item, reasons[item.pk]), told)]
    return sorted(found, key=lambda place: place.rank)


class _Page:
    """What of the question stands on one page."""

    def __init__(self) -> None:
        self.text = ""
        self.phrases: list[Phrase] = []
        self.parts: set[int] = set()
        self.has_number = False


def _told(item: ItemRow, reasons: Sequence[tuple[int, matching.Reason]]) -> Pieces:
    """What the catalogue says, each field once; the title where nothing else is told."""
    fields: dict[str, Pieces] = {}
    for _, reason in reasons:
        words = "".join(text for text, _ in reason.pieces)
        pieces = (_HIDDEN,) if reason.kind == "NUMBER" else reason.pieces
        before = fields.get(words, ())
        if sum(is_marked for _, is_marked in pieces) >= sum(is_marked for _, is_marked in before):
            fields[words] = pieces
    found: list[tuple[str, bool]] = []
    for pieces in fields.values():
        found += [(" · ", False)] * bool(found) + list(pieces)
    return tuple(found) or ((item.title, False),)


def _excerpt(page: _Page, around: int) -> Pieces:
    """Words of a page around the first place of each phrase, in the order of the page; what overlaps is one stretch.

    No word and no number is cut: a part of a number would be another number.
    """
    text = page.text
    marks: list[tuple[int, int]] = []
    for phrase in page.phrases:
        at = text.find(phrase.text)
        end = at + len(phrase.text)
        if at < 0:
            at, end = _loosely(text, phrase.text)
        if at >= 0:
            marks.append((at, end))
    stretches: list[tuple[int, int]] = []
    for at, end in sorted(marks):
        low, high = _whole(text, max(at - around, 0), min(end + around, len(text)))
        if stretches and low <= stretches[-1][1]:
            low, high = stretches[-1][0], max(high, stretches[-1][1])
            stretches.pop()
        stretches.append((low, high))
    found: list[tuple[str, bool]] = [_HIDDEN] if page.has_number else []
    for low, high in stretches:
        found += [_GAP] if found or low > 0 else []
        found += _cut(text, low, high, [mark for mark in sorted(marks) if low <= mark[0] and mark[1] <= high])
    if stretches and stretches[-1][1] < len(text):
        found.append(_GAP)
    return tuple(piece for piece in found if piece[0])


def _cut(text: str, low: int, high: int, marks: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    at = low
    for start, end in marks:
        if start < at:  # it stands within one that is marked already
            continue
        found += [(_shown(text, at, start), False), (_shown(text, start, end), True)]
        at = end
    return [*found, (_shown(text, at, high), False)]


def _shown(text: str, low: int, high: int) -> str:
    """A stretch as people read it; a blank before it where without one two numbers would be read as one."""
    is_next = text[low - 1 : low] in (WORD, BREAK) and text[low : low + 1] in (WORD, BREAK)
    return f"{' ' if is_next and low < high else ''}{shown(text[low:high])}"


def _whole(text: str, low: int, high: int) -> tuple[int, int]:
    """A stretch that begins and ends between words, and between the numbers of a row."""
    if text.count(WORD, 0, low) % 2:
        low = text.rfind(WORD, 0, low)
    if text.count(WORD, 0, high) % 2:
        high = text.find(WORD, high) + 1
    while low > 0 and text[low] == WORD and text[low - 1] in (WORD, BREAK):
        earlier = text[:low].rstrip(BREAK)
        if not earlier.endswith(WORD):
            break
        low = earlier.rfind(WORD, 0, len(earlier) - 1)
    while high < len(text) and text[high - 1] == WORD and text[high] in (WORD, BREAK):
        later = len(text) - len(text[high:].lstrip(BREAK))
        if later >= len(text) or text[later] != WORD:
            break
        high = text.find(WORD, later + 1) + 1
    return low, high


def _loosely(text: str, wanted: str) -> tuple[int, int]:
    """Where a text holds something if its signs of punctuation are not counted; -1 where it does not."""
    spots: Mapping[int, int] = dict(enumerate(place for place, sign in enumerate(text) if sign != BREAK))
    at = text.replace(BREAK, "").find(wanted)
    return (spots[at], spots[at + len(wanted) - 1] + 1) if at >= 0 else (-1, -1)
