"""What may lie in one volume, and in what order (立卷)."""

import itertools
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from anjuan.core import arrangement
from anjuan.core.arrangement import Facet
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Arrangement, Classification, Closing


@dataclass(frozen=True)
class Scheme:
    """How one category of a fonds is arranged: the kind, and the fonds's order of classification."""

    kind: Arrangement
    classification: Classification

    @property
    def shared(self) -> AbstractSet[Facet]:
        """What the items of one volume must share."""
        return arrangement.shared(arrangement.kinds()[self.kind], self.classification)


@dataclass(frozen=True)
class Candidate:
    """An item as filing weighs it.

    Attributes:
        facets: what it is in every respect that may decide where it lies. PERSON and EMPLOYER are there only where
            exactly one is concerned.
        formed: ISO date.
    """

    urn: str
    reference: str
    scheme: Scheme
    facets: Mapping[Facet, str]
    formed: str
    pages: int

    @property
    def kinship(self) -> "Kinship":
        """What a volume that holds it shares."""
        return Kinship(self.scheme, tuple((facet, self.facets[facet]) for facet in sorted(self.scheme.shared)))


@dataclass(frozen=True)
class Kinship:
    """What all items of a volume share: they never mix in these (V08)."""

    scheme: Scheme
    shared: tuple[tuple[Facet, str], ...]

    def value(self, facet: Facet) -> str:
        """The shared value; empty where items may mix."""
        return dict(self.shared).get(facet, "")


@dataclass(frozen=True)
class Proposal:
    """A volume the machine proposes: items of one kinship, in order, within the page limit."""

    kinship: Kinship
    urns: tuple[str, ...]
    pages: int


def scheme_of(wanted: Scheme, facets: Mapping[Facet, str]) -> Scheme:
    """How this item is arranged: a form of many persons fits nobody's dossier and goes by volume (一表多人)."""
    if wanted.shared <= set(facets):
        return wanted
    return Scheme(Arrangement.BY_VOLUME, wanted.classification)


def must_be_kin(volume: Kinship, item: Candidate) -> None:
    """Whether an item may lie in a volume.

    Raises:
        F-006: it differs in what the volume's items share, or is arranged in another way.
    """
    if item.scheme.kind is not volume.scheme.kind:
        raise Refusal(
            "F-006",
            reference=item.reference,
            what="整理方式 arrangement",
            expected=volume.scheme.kind,
            actual=item.scheme.kind,
        )
    for facet, expected in volume.shared:
        actual = item.facets.get(facet, "—")
        if expected != actual:
            raise Refusal("F-006", reference=item.reference, what=facet, expected=expected, actual=actual)


def propose(pool: Sequence[Candidate], page_limit: int) -> tuple[Proposal, ...]:
    """Propose volumes for a pool of reviewed items: kin together, by date, never over the limit.

    An item alone over the limit gets a volume of its own, since an item is never torn apart. A dossier has no limit
    here: it grows, and is bound in several covers under one number.
    """

    def kin(candidate: Candidate) -> tuple[str, ...]:
        return (candidate.scheme.kind, *(value for _, value in candidate.kinship.shared))

    proposals: list[Proposal] = []
    for _, group in itertools.groupby(sorted(pool, key=lambda c: (kin(c), c.formed, c.urn)), key=kin):
        held: list[Candidate] = []
        for candidate in group:
            grows = arrangement.kinds()[candidate.scheme.kind].closes
            if held and not grows and sum(c.pages for c in held) + candidate.pages > page_limit:
                proposals.append(_proposal(held))
                held = []
            held.append(candidate)
        proposals.append(_proposal(held))
    return tuple(proposals)


def check_closing(kind: Arrangement, closing: Closing | None, reference: str) -> None:
    """Whether a volume may be sealed: a person's dossier only when his affairs have ended (停止归集).

    Raises:
        F-012: no reason and day of closing are given.
        F-013: a kind that does not grow is not closed.
    """
    closes = arrangement.kinds()[kind].closes
    if closes and closing is None:
        raise Refusal("F-012", reference=reference)
    if closing is not None and not closes:
        raise Refusal("F-013", reference=reference, kind=kind)


@dataclass(frozen=True)
class Content:
    """What one item of a volume holds, for the last look before its seal. No images: its paper is scanned last."""

    reference: str
    paper_pages: int
    image_pages: int | None
    missing: tuple[Obstacle, ...]


def obstacles(
    *, contents: Sequence[Content], pages: int, page_limit: int | None, open_faults: int
) -> tuple[Obstacle, ...]:
    """What stands between a volume and its seal: also after mending each item must be whole (V02, V03)."""
    items = len(contents)
    found = []
    for content in contents:
        if content.image_pages is not None and content.paper_pages != content.image_pages:
            found.append(
                Obstacle(
                    "F-011",
                    {"reference": content.reference, "paper": content.paper_pages, "images": content.image_pages},
                )
            )
        found += content.missing
    if not items:
        found.append(Obstacle("F-007"))
    if items > 1 and page_limit is not None and pages > page_limit:
        found.append(Obstacle("F-008", {"pages": pages, "limit": page_limit}))
    if open_faults:
        found.append(Obstacle("I-009", {"faults": open_faults}))
    return tuple(found)


def _proposal(held: Sequence[Candidate]) -> Proposal:
    return Proposal(held[0].kinship, tuple(c.urn for c in held), sum(c.pages for c in held))
