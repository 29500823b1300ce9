"""Which files are kept aside when they are not taken in, and who may say what becomes of them (查毒、隔离)."""

import enum
from collections.abc import Mapping

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post

# Malicious or broken: a program or active content, truncated, another format behind the end, a bomb, a virus.
QUARANTINED = frozenset({"M-002", "M-003", "M-008", "M-010", "M-020"})
AWAY = "M-021"  # the scanner did not answer: the file waits, it is neither refused nor passed
VIRUS = "M-020"
POSTS = (Post.SECURITY_OFFICER, Post.HANDLER)


class Door(enum.StrEnum):
    """By which way a file came."""

    COUNTER = "COUNTER"
    BATCH = "BATCH"
    PILE = "PILE"
    OUTSIDE = "OUTSIDE"


class AsideStatus(enum.StrEnum):
    """How a file that was kept aside stands."""

    HELD = "HELD"
    QUARANTINED = "QUARANTINED"
    PASSED = "PASSED"
    RELEASED = "RELEASED"
    PURGED = "PURGED"


def is_kept_aside(refusal: Refusal) -> bool:
    """Whether a refused file is kept in quarantine, or held until the scanner is back."""
    return refusal.code in QUARANTINED or refusal.code == AWAY


def is_passing(refusal: Refusal) -> bool:
    """Whether a file was refused for what passes and is none of its faults: a lost race, a store that is full."""
    return refusal.code == "L-001" or refusal.code.startswith("B-")


def may_judge(*, actor_code: str, sender_code: str, status: str) -> None:
    """Whether somebody may release or purge a quarantined file.

    Raises:
        M-022: he sent it himself.
        M-024: somebody has judged it already, or it waits for the scanner.
    """
    if actor_code == sender_code:
        raise Refusal("M-022")
    if status != AsideStatus.QUARANTINED:
        raise Refusal("M-024")


def may_release(code: str) -> None:
    """Whether a file may be declared harmless: only what a scanner said can be a false alarm.

    Raises:
        M-023: its own format is why it is here.
    """
    if code != VIRUS:
        raise Refusal("M-023", code=code)


def answered(said: str) -> Mapping[str, str]:
    """What a scanner's line says: ``found`` a signature, ``clean``, or neither."""
    line = said.strip().removeprefix("stream:").strip()
    if line.endswith("FOUND"):
        return {"found": line.removesuffix("FOUND").strip()[:100] or "?"}
    return {"clean": "1"} if line == "OK" else {}
