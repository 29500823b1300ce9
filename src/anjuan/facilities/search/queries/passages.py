"""Places of items that were found, as far as they can be cited (可引用的出处): a page of a record, or its catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core.asking.excerpts import excerpt
from anjuan.core.asking.folding import Phrase
from anjuan.core.asking.questions import Question, Words, leaves
from anjuan.core.terms import Actor, Secrecy
from anjuan.facilities.search.backends import Damaged
from anjuan.facilities.search.queries import matching
from anjuan.facilities.search.queries.indexed import catalogues, digest, index
from anjuan.facilities.search.queries.matching import Pieces
from anjuan.records.queries import restricted
from anjuan.records.rows import ItemRow

MOST_OF_ONE_ITEM = 2  # pages
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
            Place(item, page, held.excerpt(around), frozenset(held.parts) | told, frozenset(held.parts))
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

    def excerpt(self, around: int) -> Pieces:
        """Its words around what was asked; that a number stands there is told without it."""
        hidden = (_HIDDEN,) if self.has_number else ()
        return (*hidden, *excerpt(self.text, self.phrases, around=around))


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
