"""Who may hold which post (三员互斥)."""

import re

from anjuan.core.refusals import Refusal
from anjuan.core.terms import ADMINISTRATORS, AgencyKind, AgencyProfile, Post

# In a SMALL agency these posts are supplied by the parent (decision 4).
SUPPLIED_BY_PARENT = ADMINISTRATORS | {Post.REVIEWER}
# A town collects and keeps for a while; who checks what it has filed sits above as well.
SUPPLIED_TO_TOWN = SUPPLIED_BY_PARENT | {Post.CHECKER}

# Codes make up the paths that say who covers what, and those are compared by prefix. One engine compares without case,
# both read % and _ as wildcards, and / would be a level of its own.
_AGENCY_CODE = re.compile(r"[A-Z0-9]{1,12}")


def check_agency_code(code: str) -> None:
    """Whether a code can name an agency (机构代码).

    Raises:
        A-011: it is not 1 to 12 capitals and digits.
    """
    if not _AGENCY_CODE.fullmatch(code):
        raise Refusal("A-011", code=code[:20])


def may_appoint(
    staff_code: str,
    post: Post,
    held: frozenset[Post],
    profile: AgencyProfile,
    kind: AgencyKind = AgencyKind.CENTRE,
) -> None:
    """Whether a person may be given one more post.

    The three administrators exclude one another and any business post; a SMALL agency has no reviewer and no
    administrators of its own, a town no self-checker either.

    Raises:
        A-002: the three administrators' posts exclude one another and every business post.
        A-003: a SMALL agency borrows this post from its parent.
    """
    if (post in ADMINISTRATORS and held - {post}) or (held & ADMINISTRATORS and post not in held):
        raise Refusal("A-002", staff=staff_code, post=post, held=held)
    supplied = SUPPLIED_TO_TOWN if kind is AgencyKind.TOWN else SUPPLIED_BY_PARENT
    if (profile is AgencyProfile.SMALL or kind is AgencyKind.TOWN) and post in supplied:
        raise Refusal("A-003", post=post)
