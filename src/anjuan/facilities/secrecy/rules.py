"""Who may mark a record, who may give leave to read it, and for how long (定密、限时授权), STD-18."""

import unicodedata

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, Secrecy

OFFICER = Post.SECURITY_OFFICER  # classifies and grants; reads no record himself
REGISTER_READERS = (OFFICER, Post.AUDITOR)
MOST_SIGNS = 200


def said(reason: str) -> str:
    """A reason as it is kept: trimmed, in NFC.

    Raises:
        R-082: it is empty, too long, or holds signs that cannot be read.
    """
    tidy = unicodedata.normalize("NFC", reason).strip()
    if not tidy or len(tidy) > MOST_SIGNS or not tidy.isprintable():
        raise Refusal("R-082", most=MOST_SIGNS)
    return tidy


def check_days(days: int, *, most: int) -> None:
    """For how many days a leave may run.

    Raises:
        R-083: less than one, or more than the office allows.
    """
    if not 1 <= days <= most:
        raise Refusal("R-083", days=days, most=most)


def may_close(before: Secrecy, after: Secrecy) -> bool:
    """Whether somebody who is not the officer may change a grade so: an open record becomes sensitive, nothing else.

    A secret one would be gone from everybody's sight, and whoever wants to hide a record must not be able to.
    """
    return (before, after) == (Secrecy.OPEN, Secrecy.SENSITIVE)


def check_mark(*, before: Secrecy, after: Secrecy, is_officer: bool, reference: str) -> None:
    """Whether a mark may be set.

    Raises:
        R-084: it stands so already.
        R-087: only the security officer may set this one.
    """
    if before is after:
        raise Refusal("R-084", reference=reference, grade=after)
    if not is_officer and not may_close(before, after):
        raise Refusal("R-087", reference=reference, grade=before)


def check_decider(*, asked_by: str, decider: str) -> None:
    """Nobody decides on his own request.

    Raises:
        R-086: it is his own.
    """
    if asked_by == decider:
        raise Refusal("R-086")
