"""Who may be shown a record in the business system's page, for how long, and what a link is worth."""

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Post

MOST_PURPOSE = 120
TOKEN_BYTES = 32


def digest(secret: str) -> str:
    """How a secret is kept: hex SHA-256. It is random and long, so that nothing can be guessed from this."""
    return hashlib.sha256(secret.encode()).hexdigest()


def purpose_of(text: str) -> str:
    """The purpose as it is kept.

    Raises:
        B-075: none is given, or it is longer than 120 signs.
    """
    said = " ".join(text.split())
    if not said or len(said) > MOST_PURPOSE:
        raise Refusal("B-075", most=MOST_PURPOSE)
    return said


@dataclass(frozen=True)
class Asked:
    """What is known when a business system asks for a case: judged on these facts alone."""

    serial: str
    staff_code: str
    system_covers: bool
    is_known: bool
    staff_sees: bool
    arrangement: Arrangement


def may_show(asked: Asked, closed_kinds: Collection[str]) -> None:
    """Whether this record may be shown to that person through the business system.

    The system's right comes first: to one that has none over the agency it is not even said whether the serial exists.

    Raises:
        A-001: the system's account has no right over the agency.
        B-070: no record has this serial there.
        B-071: the person may not see records of that agency.
        B-074: records of this kind are read at the archive only.
    """
    if not asked.system_covers:
        raise Refusal("A-001", posts=Post.INTERFACE)
    if not asked.is_known:
        raise Refusal("B-070", serial=asked.serial[:40])
    if not asked.staff_sees:
        raise Refusal("B-071", staff=asked.staff_code[:40])
    if asked.arrangement in closed_kinds:
        raise Refusal("B-074", kind=asked.arrangement)


@dataclass(frozen=True)
class LinkFacts:
    """A link as it stands when it is used."""

    staff_code: str
    expires_at: dt.datetime
    opened_at: dt.datetime | None
    reader_digest: str


def may_open(link: LinkFacts | None, *, reader: str, signed_in: str, at: dt.datetime, view_minutes: int) -> None:
    """Whether a link may be opened, or be read on by who opened it.

    Args:
        link: the link; None where there is none.
        reader: the mark that the browser shows; empty if it has none.
        signed_in: who is signed in here in this browser; empty if nobody is.
        at: now.
        view_minutes: how long an opened link may be read.

    Raises:
        B-072: there is no such link, or its time is over.
        B-073: somebody else opened it, or another person sits at this browser.
    """
    if link is None:
        raise Refusal("B-072")
    if signed_in not in ("", link.staff_code):
        raise Refusal("B-073")
    if link.opened_at is None:
        if at >= link.expires_at:
            raise Refusal("B-072")
        return
    if digest(reader) != link.reader_digest:
        raise Refusal("B-073")
    if at >= link.opened_at + dt.timedelta(minutes=view_minutes):
        raise Refusal("B-072")
