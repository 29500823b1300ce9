"""When bytes are safe (副本与固定性): the policy and its verdict, what damage is, the pace, how long room lasts."""

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.ocfl.inventory import INVENTORY_NAME, SIDECAR_NAME
from anjuan.core.refusals import Refusal

MOST_COPIES = 9
PROOF_LIST = "list.json"  # what a place holds of log and journal
FOLDERS_AND_DOCUMENTS = 9  # inodes of an object beside its files: six folders, three documents


class Medium(enum.StrEnum):
    """What the bytes lie on (介质). Another medium than the primary's is what 异质 asks for."""

    DISK = "DISK"
    OBJECT_STORE = "OBJECT_STORE"
    TAPE = "TAPE"
    OPTICAL = "OPTICAL"
    OFFLINE_DISK = "OFFLINE_DISK"


class Being(enum.StrEnum):
    """The four kinds of backup that the rules of the trade name (S0-C6)."""

    ONLINE = "ONLINE"  # 在线
    OFFLINE = "OFFLINE"  # 离线
    FAR = "FAR"  # 异地
    OTHER_KIND = "OTHER_KIND"  # 异质


class Outcome(enum.StrEnum):
    """What the last look at a copy found. Only GOOD is success."""

    UNCHECKED = "UNCHECKED"
    GOOD = "GOOD"
    DAMAGED = "DAMAGED"
    UNREACHABLE = "UNREACHABLE"


class DamageKind(enum.StrEnum):
    """How a file of a copy is wrong."""

    MISSING = "MISSING"
    UNREADABLE = "UNREADABLE"
    WRONG_BYTES = "WRONG_BYTES"
    WRONG_INVENTORY = "WRONG_INVENTORY"
    STRAY = "STRAY"


@dataclass(frozen=True)
class Damage:
    """One wrong file of one copy.

    Attributes:
        path: relative to the object's folder.
        expected: SHA-512 it should have, as far as anybody knows; empty for a file that should not be there.
        found: SHA-512 it has; empty where nothing could be read.
    """

    kind: DamageKind
    path: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True)
class Policy:
    """What an object of a fonds must have before it counts as archived (副本策略)."""

    copies: int = 3
    media: int = 2
    far: int = 1


DEFAULT = Policy()


def check_policy(policy: Policy) -> None:
    """Whether a policy can be met at all.

    Raises:
        N-007: fewer than one copy, or more media or far copies than copies.
    """
    sane = 1 <= policy.copies <= MOST_COPIES and 1 <= policy.media <= policy.copies
    if not sane or not 0 <= policy.far <= policy.copies:
        raise Refusal("N-007", copies=policy.copies, media=policy.media, far=policy.far, most=MOST_COPIES)


@dataclass(frozen=True)
class CopyFacts:
    """One copy of an object as the verdict needs it.

    Attributes:
        version: head version that was verified; 0 when none was.
        stale_after: how long a verification at this place counts.
    """

    place: str
    medium: Medium
    is_far: bool
    outcome: Outcome
    version: int
    verified_at: dt.datetime | None
    stale_after: dt.timedelta


class Lack(enum.StrEnum):
    """What an object still lacks."""

    COPIES = "COPIES"
    MEDIA = "MEDIA"
    FAR = "FAR"


@dataclass(frozen=True)
class Verdict:
    """Whether an object is archived (已归档), and how much of what is missing.

    Attributes:
        counted: codes of the places whose copies count.
        lacks: how many more of each it takes; empty when the policy is met.
    """

    counted: tuple[str, ...]
    lacks: Mapping[Lack, int]

    @property
    def is_met(self) -> bool:
        """Whether it is archived."""
        return not self.lacks


def counts(copy: CopyFacts, *, head: int, at: dt.datetime) -> bool:
    """Whether a copy counts: its last look was good, it holds the version that stands, and the look is not stale."""
    return (
        copy.outcome is Outcome.GOOD
        and copy.version >= head
        and copy.verified_at is not None
        and at - copy.verified_at <= copy.stale_after
    )


def judge(policy: Policy, copies: Iterable[CopyFacts], *, head: int, at: dt.datetime) -> Verdict:
    """Whether an object is archived: enough verified copies, on enough media, enough of them far away (已归档).

    Args:
        policy: of its fonds.
        copies: all its copies, whatever they are worth.
        head: version that stands.
        at: now.
    """
    good = [copy for copy in copies if counts(copy, head=head, at=at)]
    short = {
        Lack.COPIES: policy.copies - len(good),
        Lack.MEDIA: policy.media - len({copy.medium for copy in good}),
        Lack.FAR: policy.far - sum(copy.is_far for copy in good),
    }
    return Verdict(tuple(sorted(copy.place for copy in good)), {lack: n for lack, n in short.items() if n > 0})


def beings(medium: Medium, primary: Medium, *, is_far: bool, is_offline: bool) -> frozenset[Being]:
    """Which of the four kinds of backup a place is; it may be several."""
    found = {Being.OFFLINE if is_offline else Being.ONLINE}
    if is_far:
        found.add(Being.FAR)
    if medium is not primary:
        found.add(Being.OTHER_KIND)
    return frozenset(found)


def in_order(paths: Iterable[str]) -> list[str]:
    """Files of an object in the order they are put in place: whoever is cut off leaves no inventory of what is missing.

    Contents first, then the documents of versions and the declaration, the root inventory, its digest file last.
    """

    def rank(path: str) -> int:
        if path == SIDECAR_NAME:
            return 3
        if path == INVENTORY_NAME:
            return 2
        return 0 if "/content/" in path else 1

    return sorted(paths, key=lambda path: (rank(path), path))


def paced(free_at: float, now: float, size_bytes: int, bytes_a_second: int) -> tuple[float, float]:
    """When the next bytes may go and how many seconds to rest now, so that the pace stays under a limit.

    Args:
        free_at: when the bytes before these were through, on a clock that only goes forward.
        now: the same clock.
        size_bytes: how many bytes go now.
        bytes_a_second: the limit; 0 is none.
    """
    if bytes_a_second <= 0:
        return now, 0.0
    later = max(free_at, now) + size_bytes / bytes_a_second
    return later, later - now


def stale_after(days: int) -> dt.timedelta:
    """How long a verification counts: twice the interval, so that one late round does not turn everything red."""
    return dt.timedelta(days=2 * days)


@dataclass(frozen=True)
class Month:
    """Bytes and objects that came in one month."""

    first_day: dt.date
    size_bytes: int
    objects: int


def growth(months: Sequence[Month], today: dt.date, *, over: int = 12) -> tuple[float, float]:
    """Bytes and objects a month, on average over the last complete months since anything came in.

    Args:
        months: those in which anything came in, in order.
        today: the month under way is left out, unless it is the only one.
        over: how many months back.
    """
    this = today.replace(day=1)
    whole = [month for month in months if month.first_day < this]
    if not whole:
        return float(sum(month.size_bytes for month in months)), float(sum(month.objects for month in months))
    first = max(whole[0].first_day, months_before(this, over))
    span = max(1, (this.year - first.year) * 12 + this.month - first.month)
    recent = [month for month in whole if month.first_day >= first]
    return sum(month.size_bytes for month in recent) / span, sum(month.objects for month in recent) / span


def months_before(day: dt.date, count: int) -> dt.date:
    """The first of the month so many months before."""
    number = day.year * 12 + day.month - 1 - count
    return dt.date(number // 12, number % 12 + 1, 1)


def months_left(
    *, free_bytes: int | None, free_inodes: int | None, bytes_a_month: float, inodes_a_month: float
) -> float | None:
    """Months until a place is full, of bytes or of inodes, whichever comes first; None when nobody can say."""
    left = [
        free / pace
        for free, pace in ((free_bytes, bytes_a_month), (free_inodes, inodes_a_month))
        if free is not None and pace > 0
    ]
    return min(left) if left else None


# How long ago copies were verified, for the histogram: up to so many shares of the interval.
AGE_SHARES = (0.25, 0.5, 0.75, 1.0, 2.0)


def age_bounds(days: int) -> list[int]:
    """Upper bounds of the histogram's bars, in days; older and never come after them."""
    return [max(1, round(days * share)) for share in AGE_SHARES]


def proof_reach(path: str, octets: bytes) -> int:
    """How far a file of log or journal reaches: lines of the journal, the size that the log's state or checkpoint says.

    Nothing of these ever becomes less; other files are always the same or wider.
    """
    if path.startswith("journal/"):
        return octets.count(b"\n")
    if path in ("log/state", "log/checkpoint"):
        said = octets.split(b"\n")[0 if path == "log/state" else 1 :]
        number = said[0].split(b" ")[0] if said else b""
        return int(number) if number.isdigit() else -1
    return len(octets)
