"""One life line (一人一档): all records, months and gaps of a person or unit, as far as the actor may see them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import identifiers
from anjuan.core.asking.folding import whole
from anjuan.core.lives.matching import Judgement, Likeness, Mention, UnitMention, judge, judge_units
from anjuan.core.lives.months import Stretch, gaps, stretches
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, SubjectKind
from anjuan.facilities.business import queries as business
from anjuan.facilities.lives import queries
from anjuan.facilities.lives.queries import DecisionRow, Edge, NameRow, PartingRow
from anjuan.facilities.lives.rules import NameKind, Pair, Tie, phase_of, reached
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rows import ItemRow, SubjectRow


@dataclass(frozen=True)
class Months:
    """What the business system states of one insurance line: months paid, gaps, months with a benefit."""

    line: str
    paid: tuple[Stretch, ...]
    gaps: tuple[Stretch, ...]
    benefits: tuple[Stretch, ...]

    @property
    def paid_count(self) -> int:
        """Months of contribution."""
        return sum(stretch.count for stretch in self.paid)

    @property
    def gap_count(self) -> int:
        """Months missing between the first and the last that was paid."""
        return sum(stretch.count for stretch in self.gaps)


@dataclass(frozen=True)
class Doubt:
    """Another subject that may be the same, and why."""

    subject: SubjectRow
    judgement: Judgement


@dataclass(frozen=True)
class Life:
    """Everything the page of a life shows.

    Attributes:
        urn: what the page is called by: a subject's URN, or that of a parting.
        subjects: who is joined in it, the asked one first; none without a record that may be seen.
        name: the present one.
        names: former names with the day of the change, where it is known.
        parting: the parting it shows, or None.
        items: records with their phase, oldest first.
        is_cut: whether there are more records than are shown.
        phases: items by phase, in the order of a life; empty phases too.
        months: by insurance line.
        stated_from: first month the business system states; empty where it states nothing.
        as_of: when it stated the newest of it.
        doubts: who may be the same and waits for a decision.
        decisions: what was decided, newest first.
        partings: records that were parted off.
        graph: successions of a unit; ``units`` are those of them that the actor may see.
        may_decide: whether the actor may decide of everybody in this life.
    """

    urn: str
    kind: SubjectKind
    subjects: tuple[SubjectRow, ...]
    name: str
    names: tuple[NameRow, ...]
    parting: PartingRow | None
    items: tuple[ItemRow, ...]
    is_cut: bool
    phases: Mapping[str, tuple[ItemRow, ...]]
    months: tuple[Months, ...]
    stated_from: str
    as_of: dt.datetime | None
    sources: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    decisions: tuple[DecisionRow, ...]
    partings: tuple[PartingRow, ...]
    graph: tuple[Edge, ...]
    units: Mapping[str, SubjectRow]
    may_decide: bool


def life_of(actor: Actor, urn: str) -> Life:
    """The life line of a person or unit (一人一档、一户一档); some twenty statements, however many records there are.

    Args:
        actor: who looks; a record, a subject or a decision beyond his rights is neither shown nor counted.
        urn: of any of its subjects, or of a parting.

    Raises:
        A-001: the actor works with no records, as workshop operators and administrators (S3-R9).
        R-009: there is none, or the actor may see no record of it.

    Standard: S2-L1 to S2-L7, S2-P2.
    """
    if not actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=RECORD_POSTS)
    parted = queries.parting(urn)
    asked = parted.subject_urn if parted else urn
    joined, bonds = (frozenset({asked}), {}) if parted else queries.joined_with(asked)
    subjects = record_subjects.seen_subjects(actor, urns=joined)
    own = next((subject for subject in subjects if subject.urn == asked), None)
    if own is None:
        raise Refusal("R-009", what=urn)
    # Whoever is joined only over somebody beyond the actor's rights would tell of him.
    seen = reached(
        asked,
        [
            pair
            for pair, tie in bonds.items()
            if tie is Tie.JOINED and {pair.one, pair.other} <= {subject.urn for subject in subjects}
        ],
    )
    subjects = [own, *(subject for subject in subjects if subject.urn in seen and subject is not own)]
    urns = [subject.urn for subject in subjects]
    found = record_subjects.items_by_subject(actor, [subject.pk for subject in subjects])
    partings = queries.partings_of(urns)
    items = _own_items(found, partings, parted)
    if parted and not items:
        raise Refusal("R-009", what=urn)
    visible = frozenset(item.urn for item, _ in found)
    is_cut = len(found) > record_subjects.MOST_ITEMS
    names = queries.names_of(urns)
    present, former = _named(own, subjects, names)
    kind = SubjectKind(own.kind)
    months, stated_from, as_of, sources = ((), "", None, ()) if parted else _months(subjects)
    graph = tuple(queries.graph_of(urns)) if kind is SubjectKind.EMPLOYER else ()
    decided = queries.decisions_of(urns)
    around = {each for edge in graph for each in (edge.predecessor, edge.successor) if each}
    around |= {each for row in decided for each in row.subjects}
    beside = {row.urn: row for row in record_subjects.seen_subjects(actor, urns=around)} if around else {}
    return Life(
        urn=urn,
        kind=kind,
        subjects=tuple(subjects),
        name=parted.name if parted else present,
        names=() if parted else former,
        parting=parted,
        items=items[: record_subjects.MOST_ITEMS],
        is_cut=is_cut,
        phases=_phases(items[: record_subjects.MOST_ITEMS], kind),
        months=months,
        stated_from=stated_from,
        as_of=as_of,
        sources=sources,
        doubts=() if parted else _doubts(actor, subjects, names, bonds),
        decisions=tuple(row for row in decided if _may_see(row, beside, visible)),
        partings=() if parted else tuple(each for each in partings if each.item_urns & visible),
        graph=tuple(edge for edge in graph if {edge.predecessor, edge.successor} - {""} <= set(beside)),
        units=beside,
        may_decide=queries.may_decide(actor, urns),
    )


def _may_see(row: DecisionRow, beside: Mapping[str, SubjectRow], visible: frozenset[str]) -> bool:
    """Whether everybody a decision is about may be seen, and of a parting some record."""
    return set(row.subjects) <= set(beside) and (row.what != "PARTING" or bool(set(row.items) & visible))


def somebody(actor: Actor, typed: str) -> str:
    """The URN of whom a number, a credit code, a whole name or a URN stands for, among those the actor may see.

    Raises:
        L-114: nobody, or several of one name.
    """
    wanted = typed.strip()
    folded = identifiers.full(wanted)
    found = record_subjects.seen_subjects(actor, urns=[wanted], names=[wanted]) if wanted else []
    found = found or record_subjects.find_subjects(actor, id_number=folded)[0] if wanted else []
    found = found or record_subjects.find_subjects(actor, credit_code=folded)[0] if wanted else []
    if len(found) != 1:
        raise Refusal("L-114", count=len(found))
    return found[0].urn


def _own_items(
    found: Sequence[tuple[ItemRow, tuple[str, ...]]], partings: Sequence[PartingRow], parted: PartingRow | None
) -> tuple[ItemRow, ...]:
    if parted:
        return tuple(item for item, _ in found if item.urn in parted.item_urns)
    moved = {(each.subject_urn, urn) for each in partings for urn in each.item_urns}
    return tuple(item for item, whom in found if any((urn, item.urn) not in moved for urn in whom))


def _named(
    own: SubjectRow, subjects: Sequence[SubjectRow], names: Mapping[str, list[NameRow]]
) -> tuple[str, tuple[NameRow, ...]]:
    """The present name, and the former ones: the names on record that it is not, and those that were added."""
    rows = [row for subject in subjects for row in names.get(subject.urn, [])]
    present = next((row.name for row in reversed(rows) if row.kind is NameKind.PRESENT), own.name)
    former = {whole(present): NameRow("", NameKind.PRESENT, present, None)}
    for row in rows:
        if row.kind is NameKind.FORMER:
            former.setdefault(whole(row.name), row)
    for row in rows:
        former.setdefault(whole(row.name), row)
    for subject in subjects:
        former.setdefault(whole(subject.name), NameRow(subject.urn, NameKind.FORMER, subject.name, None))
    return present, tuple(former.values())[1:]


def _phases(items: Sequence[ItemRow], kind: SubjectKind) -> Mapping[str, tuple[ItemRow, ...]]:
    listed = queries.phases()
    found: dict[str, list[ItemRow]] = {phase.code: [] for phase in listed if phase.kind == kind}
    for item in items:
        found.setdefault(phase_of(item.step_code, listed, kind), []).append(item)
    return {code: tuple(rows) for code, rows in found.items()}


def _months(subjects: Sequence[SubjectRow]) -> tuple[tuple[Months, ...], str, dt.datetime | None, tuple[str, ...]]:
    numbers = [subject.id_number or subject.credit_code for subject in subjects]
    facts = business.facts_of_many([number for number in numbers if number], ("CONTRIBUTION", "BENEFIT"))
    sums: dict[tuple[str, str, str], int] = {}
    stated = [fact for rows in facts.values() for fact in rows]
    for fact in stated:
        key = (fact.insurance_line, fact.kind, fact.period)
        sums[key] = sums.get(key, 0) + fact.value_fen
    found = []
    for line in sorted({line for line, _, _ in sums}):
        # A month that was paid and given back was not paid.
        paid = [
            period for (each, kind, period), fen in sums.items() if (each, kind) == (line, "CONTRIBUTION") and fen > 0
        ]
        drawn = [period for (each, kind, period), fen in sums.items() if (each, kind) == (line, "BENEFIT") and fen > 0]
        found.append(Months(line, stretches(paid), gaps(paid, covered=drawn), stretches(drawn)))
    return (
        tuple(found),
        min((fact.period for fact in stated), default=""),
        max((fact.as_of for fact in stated), default=None),
        tuple(sorted({fact.source for fact in stated})),
    )


def _doubts(
    actor: Actor, subjects: Sequence[SubjectRow], names: Mapping[str, list[NameRow]], bonds: Mapping[Pair, Tie]
) -> tuple[Doubt, ...]:
    """Who shares a name with this life and may be the same; whoever was decided of is no doubt any more."""
    own = {subject.urn for subject in subjects}
    every = {subject.name for subject in subjects} | {row.name for rows in names.values() for row in rows}
    beside = record_subjects.seen_subjects(actor, names=every, kind=subjects[0].kind)
    others = [subject for subject in beside if subject.urn not in own]
    if not others:
        return ()
    known = {subject.urn: frozenset(row.name for row in names.get(subject.urn, [])) for subject in subjects}
    judged = Judge([*subjects, *others], actor, known)
    found = []
    for other in others:
        decided = [bonds.get(Pair(*sorted((subject.urn, other.urn)))) for subject in subjects]
        answers = [judged(subject, other) for subject in subjects]
        likely = [answer for answer in answers if answer.likeness is not Likeness.OTHER]
        if likely and not any(decided):
            found.append(Doubt(other, likely[0]))
    return tuple(found)


class Judge:
    """How the matcher judges pairs among these subjects; the units beside them are read once, in two statements."""

    def __init__(
        self, subjects: Sequence[SubjectRow], actor: Actor, known: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        """Read what stands beside the persons among them."""
        persons = [subject.pk for subject in subjects if subject.kind == SubjectKind.INSURED_PERSON]
        self.units = record_subjects.units_beside(actor, persons) if persons else {}
        self.known = known or {}

    def __call__(self, one: SubjectRow, other: SubjectRow) -> Judgement:
        """The judgement of one pair."""
        if one.kind == SubjectKind.EMPLOYER:
            return judge_units(
                UnitMention(one.name, one.credit_code, self.known.get(one.urn, frozenset())),
                UnitMention(other.name, other.credit_code, self.known.get(other.urn, frozenset())),
            )
        return judge(self._mention(one), self._mention(other))

    def _mention(self, row: SubjectRow) -> Mention:
        return Mention(
            row.name,
            row.id_number,
            known_names=self.known.get(row.urn, frozenset()),
            units=self.units.get(row.pk, frozenset()),
        )
