"""Doubtful pairs that wait for a decision (存疑待判定), name by name through the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from anjuan.core.lives.matching import Judgement, Likeness
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.lives import queries
from anjuan.facilities.lives.queries.life import Judge
from anjuan.facilities.lives.rules import DECIDING_POST, Pair
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import SubjectRow

NAMES = 50  # looked through for one page
MOST_SUBJECTS = 2000  # of these names


@dataclass(frozen=True)
class DoubtRow:
    """Two subjects that may be one, and why."""

    one: SubjectRow
    other: SubjectRow
    judgement: Judgement


@dataclass(frozen=True)
class DoubtPage:
    """Doubts among the next names; ``following`` asks for those after them, empty at the end."""

    rows: tuple[DoubtRow, ...]
    following: str
    names: int


def enter(actor: Actor) -> None:
    """Whether the list of doubts is this actor's.

    Raises:
        A-001: he decides of no records.
    """
    if not actor.holds(DECIDING_POST):
        raise Refusal("A-001", posts=DECIDING_POST)


def doubts(actor: Actor, *, after: str = "") -> DoubtPage:
    """Doubts among persons and units whom the actor may see and of one name, fifty names at a time; five statements.

    Raises:
        A-001: the actor decides of no records.
    """
    enter(actor)
    names = record_subjects.shared_names(actor, after=after, limit=NAMES + 1)
    subjects = record_subjects.seen_subjects(actor, names=names[:NAMES], limit=MOST_SUBJECTS) if names else []
    found = _pairs(actor, subjects) if subjects else []
    return DoubtPage(tuple(found), names[NAMES - 1] if len(names) > NAMES else "", len(names[:NAMES]))


def _pairs(actor: Actor, subjects: Sequence[SubjectRow]) -> list[DoubtRow]:
    groups: dict[tuple[str, str], list[SubjectRow]] = {}
    for subject in subjects:
        groups.setdefault((subject.name, subject.kind), []).append(subject)
    bonds = queries.bonds_of([subject.urn for subject in subjects])
    judged = Judge(subjects, actor)
    rows = []
    for group in groups.values():
        for one, other in combinations(group, 2):
            if Pair(*sorted((one.urn, other.urn))) in bonds:
                continue
            answer = judged(one, other)
            if answer.likeness is not Likeness.OTHER:
                rows.append(DoubtRow(one, other, answer))
    return sorted(rows, key=lambda row: (row.one.name, row.one.pk, row.other.pk))
