"""What may be said of the paper, by whom, and whether it was said already (实体状况)."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post

MOST_SIGNS = 300

# Who has the paper in his hands says how it is; who mends it is one of those who keep, arrange or scan it.
NOTING_POSTS = (
    Post.HANDLER,
    Post.ASSISTANT,
    Post.FILER,
    Post.CHECKER,
    Post.ARCHIVIST,
    Post.ACCEPTOR,
    Post.RECEIVER,
    Post.RECHECKER,
    Post.PROCESSOR,
    Post.KEEPER,
)
REPAIRING_POSTS = (Post.HANDLER, Post.ASSISTANT, Post.FILER, Post.ARCHIVIST, Post.PROCESSOR, Post.KEEPER)


@dataclass(frozen=True)
class Kind:
    """One kind of bad state.

    Attributes:
        fault: the fault of the catalogue that it belongs to.
        grade: 3 is lost first when nothing is done, 1 waits longest.
        blocks_filing: it has no items yet and cannot go into a volume.
        note: the heading of the reference note under which it stands: ``remark`` or ``missing``.
    """

    code: str
    zh: str
    en: str
    fault: str
    grade: int
    blocks_filing: bool
    note: str


@dataclass(frozen=True)
class Place:
    """Where on a record: a component and its page from 1; zeros mean the whole record."""

    component_pk: int = 0
    page_no: int = 0


def check(
    kind: str, place: Place, *, kinds: Mapping[str, Kind], pages: Mapping[int, int], open_places: AbstractSet[object]
) -> None:
    """Whether this can be said of this record.

    Args:
        kind: code of the kind.
        place: where.
        kinds: all kinds by code.
        pages: how many pages each component of the record has, by its key.
        open_places: kind and place of what is open on it already.

    Raises:
        D-080: no such kind.
        D-081: the record has no such page, or a page is named without its component.
        D-082: that stands there already and is not repaired yet.
    """
    if kind not in kinds:
        raise Refusal("D-080", kind=kind[:20] or "—")
    if place.component_pk or place.page_no:
        most = pages.get(place.component_pk, 0)
        if not 1 <= place.page_no <= most:
            raise Refusal("D-081", page=place.page_no, pages=most)
    if (kind, place) in open_places:
        raise Refusal("D-082", kind=kinds[kind].zh)


def one_line(text: str) -> str:
    """Words as they are kept: one line, since the box they are typed in takes several."""
    return re.sub(r"[ \t]*[\r\n\t]+[ \t]*", " ", text.strip())
