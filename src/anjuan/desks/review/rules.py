"""What the reviewer must have seen (审核)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from anjuan.core.lifecycle import Evidence

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
