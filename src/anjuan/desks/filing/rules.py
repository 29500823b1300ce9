"""What may lie in one volume, and in what order (立卷)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.retention import Term


@dataclass(frozen=True)
class Kinship:
    """What all items of a volume must share: never mix years, categories, insurance lines or terms (V08)."""

    agency_code: str
    year: int
    category_code: str
    insurance_line: str
    term: Term


@dataclass(frozen=True)
class Candidate:
    """An item as filing weighs it."""

    urn: str
    reference: str
    kinship: Kinship
    formed: str
    pages: int


@dataclass(frozen=True)
class Proposal:
    """A volume the machine proposes: items of one kinship, in order, within the page limit."""

    kinship: Kinship
    urns: tuple[str, ...]
    pages: int


def must_be_kin(volume: Kinship, item: Candidate) -> None:
    """Whether an item may lie in a volume.

    Raises:
        F-006: it differs in year, category, insurance line, term or agency.
    """
    for what, expected, actual in (
        ("机构 agency", volume.agency_code, item.kinship.agency_code),
        ("年度 year", volume.year, item.kinship.year),
        ("类别 category", volume.category_code, item.kinship.category_code),
        ("险种 insurance line", volume.insurance_line, item.kinship.insurance_line),
        ("保管期限 term", str(volume.term), str(item.kinship.term)),
    ):
        if expected != actual:
            raise Refusal("F-006", reference=item.reference, what=what, expected=expected, actual=actual)


def propose(pool: Sequence[Candidate], page_limit: int) -> tuple[Proposal, ...]:
    """Propose volumes for a pool of reviewed items: kin together, by date, never over the limit.

    An item alone over the limit gets a volume of its own, since an item is never torn apart.
    """

    def kin(candidate: Candidate) -> tuple[str, int, str, str, str]:
        key = candidate.kinship
        return (key.agency_code, key.year, key.category_code, key.insurance_line, str(key.term))

    proposals: list[Proposal] = []
    for _, group in itertools.groupby(sorted(pool, key=lambda c: (kin(c), c.formed, c.urn)), key=kin):
        held: list[Candidate] = []
        for candidate in group:
            if held and sum(c.pages for c in held) + candidate.pages > page_limit:
                proposals.append(_proposal(held))
                held = []
            held.append(candidate)
        proposals.append(_proposal(held))
    return tuple(proposals)


@dataclass(frozen=True)
class Content:
    """What one item of a volume holds, for the last look before its seal."""

    reference: str
    paper_pages: int
    image_pages: int
    missing: tuple[Obstacle, ...]


def obstacles(*, contents: Sequence[Content], pages: int, page_limit: int, open_faults: int) -> tuple[Obstacle, ...]:
    """What stands between a volume and its seal: also after mending each item must be whole (V02, V03)."""
    items = len(contents)
    found = []
    for content in contents:
        if content.paper_pages != content.image_pages:
            found.append(
                Obstacle(
                    "F-011",
                    {"reference": content.reference, "paper": content.paper_pages, "images": content.image_pages},
                )
            )
        found += content.missing
    if not items:
        found.append(Obstacle("F-007"))
    if items > 1 and pages > page_limit:
        found.append(Obstacle("F-008", {"pages": pages, "limit": page_limit}))
    if open_faults:
        found.append(Obstacle("I-009", {"faults": open_faults}))
    return tuple(found)


def _proposal(held: Sequence[Candidate]) -> Proposal:
    return Proposal(held[0].kinship, tuple(c.urn for c in held), sum(c.pages for c in held))
