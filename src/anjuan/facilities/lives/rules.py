"""What may be decided of persons and units, and on what (一人一档判定): facts in, decision or refusal out."""

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.asking.folding import whole
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, SubjectKind

DECIDING_POST = Post.ARCHIVIST
MOST_STEPS = 6  # rounds in which a life is put together: a chain of more joins than this is not followed
MOST_JOINED = 40  # subjects of one life


class Tie(enum.StrEnum):
    """What was decided of two subjects."""

    JOINED = "JOINED"
    APART = "APART"


class NameKind(enum.StrEnum):
    """When a name was borne."""

    FORMER = "FORMER"
    PRESENT = "PRESENT"


class SuccessionKind(enum.StrEnum):
    """How a unit went over into another (沿革)."""

    RENAMED = "RENAMED"
    MERGED = "MERGED"
    DIVIDED = "DIVIDED"
    ABOLISHED = "ABOLISHED"


def name_kind_of(text: str) -> NameKind:
    """Which kind of name was chosen.

    Raises:
        L-113: none of them.
    """
    if text not in NameKind.__members__:
        raise Refusal("L-113", typed=text[:20] or "—")
    return NameKind(text)


def change_of(text: str) -> SuccessionKind:
    """Which kind of change was chosen.

    Raises:
        L-113: none of them.
    """
    if text not in SuccessionKind.__members__:
        raise Refusal("L-113", typed=text[:20] or "—")
    return SuccessionKind(text)


@dataclass(frozen=True)
class Pair:
    """Two subjects, the smaller URN first: one pair is one row whoever is named first."""

    one: str
    other: str


def pair(one: str, other: str) -> Pair:
    """The pair of two subjects.

    Raises:
        L-101: both are the same.
    """
    if one == other:
        raise Refusal("L-101")
    return Pair(*sorted((one, other)))


def check_kinds(kinds: Sequence[str]) -> None:
    """Whether both are persons, or both units.

    Raises:
        L-101: a person and a unit are never one.
    """
    if len(set(kinds)) != 1:
        raise Refusal("L-101")


def check_is(kind: str, wanted: SubjectKind) -> None:
    """Whether it is a unit where a unit is asked for.

    Raises:
        L-107: it is not.
    """
    if kind != wanted:
        raise Refusal("L-107", wanted=wanted)


def check_tie(
    tie: Tie,
    chosen: Pair,
    *,
    standing: Mapping[Pair, Tie],
    lives: tuple[frozenset[str], frozenset[str]],
    is_likely: bool,
    has_evidence: bool,
) -> None:
    """Whether two subjects may be joined, or kept apart.

    Args:
        tie: what is to be decided.
        chosen: of which two.
        standing: what is decided among all subjects of both lives.
        lives: all subjects of the life of the one, and of the other.
        is_likely: the records themselves make them one or doubtful.
        has_evidence: a record is named that shows it.

    Raises:
        L-102: that is decided already, the same or the contrary.
        L-103: it contradicts what was decided of others of these lives.
        L-104: nothing on record speaks for their being one, and no record is named.
    """
    if chosen in standing:
        raise Refusal("L-102")
    one_life, other_life = lives
    if tie is Tie.APART:
        if one_life & other_life:
            raise Refusal("L-103")
        return
    for a in one_life:
        for b in other_life:
            if a != b and standing.get(Pair(*sorted((a, b)))) is Tie.APART:
                raise Refusal("L-103")
    if not is_likely and not has_evidence:
        raise Refusal("L-104")


def reached(start: str, joined: Iterable[Pair]) -> frozenset[str]:
    """Everybody joined with somebody, over any number of joins."""
    beside: dict[str, set[str]] = {}
    for each in joined:
        beside.setdefault(each.one, set()).add(each.other)
        beside.setdefault(each.other, set()).add(each.one)
    found, waiting = {start}, [start]
    while waiting:
        for urn in beside.get(waiting.pop(), ()):
            if urn not in found:
                found.add(urn)
                waiting.append(urn)
    return frozenset(found)


def name_key(name: str) -> str:
    """A name as two of them are compared: folded, without dots and blanks."""
    return whole(name)[:120]


def check_name(name: str, kind: NameKind, *, known: Collection[str], changed: dt.date | None, today: dt.date) -> str:
    """Whether a name can be added. Returns the key it is compared by.

    Raises:
        L-105: it is the name on record, or stands there already.
        L-106: the day of the change lies ahead.
        R-010: nothing of it can be compared.
    """
    key = name_key(name)
    if not key:
        raise Refusal("R-010", field="姓名 name", reason="空白 / empty")
    if key in {whole(each) for each in known}:
        raise Refusal("L-105", name=name)
    if changed is not None and changed > today:
        raise Refusal("L-106", day=changed)
    return key


def check_parted(wanted: Sequence[str], *, theirs: Collection[str], parted: Collection[str]) -> None:
    """Whether these records may be moved off a life line.

    Raises:
        L-108: none is named, or all that there are.
        L-109: one of them does not concern this subject.
        L-102: one was parted already.
    """
    if not wanted or not set(theirs) - set(parted) - set(wanted):
        raise Refusal("L-108")
    if set(wanted) - set(theirs):
        raise Refusal("L-109")
    if set(wanted) & set(parted):
        raise Refusal("L-102")


def check_succession(
    kind: SuccessionKind,
    predecessor: str,
    successor: str,
    *,
    edges: Collection[tuple[str, str]],
    day: dt.date,
    today: dt.date,
) -> None:
    """Whether a unit may have come from another.

    Raises:
        L-110: a unit that ended has no successor, every other change has one.
        L-111: it would come from itself, over others even.
        L-102: that stands already.
        L-106: the day lies ahead.
    """
    if (kind is SuccessionKind.ABOLISHED) is not (successor == ""):
        raise Refusal("L-110")
    if day > today:
        raise Refusal("L-106", day=day)
    if (predecessor, successor) in edges:
        raise Refusal("L-102")
    after: dict[str, set[str]] = {}
    for before, later in edges:
        after.setdefault(before, set()).add(later)
    waiting, seen = [successor], set()
    while waiting:
        here = waiting.pop()
        if here == predecessor and successor:
            raise Refusal("L-111")
        if here and here not in seen:
            seen.add(here)
            waiting.extend(after.get(here, ()))


@dataclass(frozen=True)
class Phase:
    """A part of a life as the catalogue of business steps knows it (阶段)."""

    code: str
    kind: str
    zh: str
    en: str
    steps: frozenset[str]


def phase_of(step: str, phases: Sequence[Phase], kind: str) -> str:
    """The phase a business step belongs to; OTHER for a step that no phase names."""
    return next((phase.code for phase in phases if phase.kind == kind and step in phase.steps), "OTHER")
