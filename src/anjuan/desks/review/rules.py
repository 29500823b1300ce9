"""What the reviewer must have seen (审核)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle
from anjuan.core.terms import Duty, Verb

Page = tuple[int, int]  # component, page number from 1


def evidence(*, pages: Sequence[Page], seen: AbstractSet[Page], paper_pages: int) -> frozenset[Evidence]:
    """The evidence on the table: every page looked at, and as many images as paper (S3-W12, S3-C10).

    Args:
        pages: all pages of the item.
        seen: pages that the reviewer opened.
        paper_pages: pages of paper counted at the counter.
    """
    found = set()
    if pages and set(pages) <= seen:
        found.add(Evidence.PAGES_SEEN)
    if len(pages) == paper_pages:
        found.add(Evidence.PAGES_AGREE)
    return frozenset(found)


def obstacles(
    *, reference: str, found: AbstractSet[Evidence], staff_code: str, handlers: AbstractSet[str]
) -> tuple[Obstacle, ...]:
    """What stands between the reviewer and his *pass*, said before he tries (为什么不能通过).

    Args:
        reference: how people call the item.
        found: the evidence on the table.
        staff_code: who reviews.
        handlers: who handled the case.
    """
    if staff_code in handlers:
        return (Obstacle("L-005", {"reference": reference, "verb": Verb.PASS_ITEM, "duty": Duty.HANDLED}),)
    missing = [piece for piece in (Evidence.PAGES_SEEN, Evidence.PAGES_AGREE) if piece not in found]
    return tuple(
        Obstacle("L-004", {"reference": reference, "verb": Verb.PASS_ITEM, "missing": piece}) for piece in missing
    )
