"""What was decided of persons and units, and still stands (一人一档判定). Rights are judged by who shows it."""

import datetime as dt
import functools
import importlib.resources
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.lives.models import Bond, Naming, PartedItem, Parting, Succession, Withdrawal
from anjuan.facilities.lives.rules import DECIDING_POST, MOST_JOINED, MOST_STEPS, NameKind, Pair, Phase, Tie, name_key
from anjuan.foundation.prepared import Given, GivenList, prepared
from anjuan.records.queries import subjects as record_subjects

MODELS: tuple[Any, ...] = (Bond, Naming, Parting, Succession)


@dataclass(frozen=True)
class NameRow:
    """Another name of a subject, from or until a day."""

    subject_urn: str
    kind: NameKind
    name: str
    changed_date: dt.date | None


@dataclass(frozen=True)
class DecisionRow:
    """One decision as pages show it, whether it stands or was withdrawn.

    Attributes:
        what: BOND, NAMING, PARTING or SUCCESSION.
        kind: JOINED, APART, FORMER, PRESENT, or how a unit changed; empty for a parting.
        subjects: whom it is about; of a succession the predecessor, then the successor.
        name: the name that was added, or that of the parted life.
        day: of the change, where one is kept.
        withdrawn_by: who withdrew it; empty while it stands.
        items: records that a parting moved.
    """

    uid: str
    what: str
    kind: str
    subjects: tuple[str, ...]
    name: str
    day: dt.date | None
    reason: str
    evidence_urn: str
    decided_by: str
    decided_at: dt.datetime
    withdrawn_by: str
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str
    items: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it holds."""
        return not self.withdrawn_by


@dataclass(frozen=True)
class Edge:
    """One standing succession of units."""

    uid: str
    kind: str
    predecessor: str
    successor: str
    day: dt.date


@dataclass(frozen=True)
class PartingRow:
    """A standing parting and the records it moved."""

    uid: str
    subject_urn: str
    name: str
    item_urns: frozenset[str]


@functools.cache
def phases() -> tuple[Phase, ...]:
    """The phases of a life and of a unit, in their order."""
    text = importlib.resources.files("anjuan.facilities.lives").joinpath("seed/phases.toml").read_text(encoding="utf-8")
    return tuple(Phase(**{**row, "steps": frozenset(row["steps"])}) for row in tomllib.loads(text)["phase"])


def standing(model: Any) -> Any:
    """Rows of a kind of decision that were not withdrawn."""
    return model.objects.filter(~Exists(Withdrawal.objects.filter(uid=OuterRef("uid"))))


def bonds_of(urns: Collection[str]) -> Mapping[Pair, Tie]:
    """What stands between these subjects and any other; one query."""
    rows = standing(Bond).filter(Q(one_urn__in=urns) | Q(other_urn__in=urns))
    return {Pair(row.one_urn, row.other_urn): Tie(row.kind) for row in rows.order_by("id")}


def joined_with(urn: str) -> tuple[frozenset[str], Mapping[Pair, Tie]]:
    """Every subject that is one with this one by decision, and what stands around them; six queries at most."""
    found, fresh, known = frozenset({urn}), frozenset({urn}), dict[Pair, Tie]()
    for _ in range(MOST_STEPS):
        known |= bonds_of(fresh)
        joins = [pair for pair, tie in known.items() if tie is Tie.JOINED and found & {pair.one, pair.other}]
        wider = frozenset(urn for pair in joins for urn in (pair.one, pair.other)) | found
        fresh = wider - found
        found = wider
        if not fresh or len(found) > MOST_JOINED:
            break
    return found, known


def names_of(urns: Collection[str]) -> Mapping[str, list[NameRow]]:
    """Other names of subjects, by URN, in the order of their days; one query."""
    found: dict[str, list[NameRow]] = {}
    for row in _namings(urns=urns):
        found.setdefault(row.subject_urn, []).append(
            NameRow(row.subject_urn, NameKind(row.kind), row.name, row.changed_date)
        )
    return found


@prepared(urns=GivenList.texts)
def _namings(*, urns: Given) -> QuerySet[Naming]:
    found: QuerySet[Naming] = standing(Naming).filter(subject_urn__in=urns)
    return found.order_by("changed_date", "id")


def is_called(subject_urn: str, name: str) -> bool:
    """Whether a subject is known under another name than the one on record; one query."""
    rows = standing(Naming).filter(subject_urn=subject_urn, name_key=name_key(name))
    return bool(subject_urn) and bool(rows.exists())


def called(name: str) -> frozenset[str]:
    """URNs of the subjects that bear or bore this name beside the one on record; one query, a hundred at most."""
    key = name_key(name)
    return frozenset(_called(key=key)) if key else frozenset()


@prepared(key=Given.text)
def _called(*, key: Given) -> QuerySet[Naming, str]:
    rows: QuerySet[Naming] = standing(Naming).filter(name_key=key)
    return rows.order_by("id").values_list("subject_urn", flat=True)[:100]


def successions_of(urns: Collection[str]) -> list[Edge]:
    """Standing successions that begin or end at these units; one query."""
    return [
        Edge(row.uid, row.kind, row.predecessor_urn, row.successor_urn, row.happened_date)
        for row in _successions(urns=urns)
    ]


@prepared(urns=GivenList.texts)
def _successions(*, urns: Given) -> QuerySet[Succession]:
    rows: QuerySet[Succession] = standing(Succession)
    return rows.filter(Q(predecessor_urn__in=urns) | Q(successor_urn__in=urns)).order_by("happened_date", "id")


def graph_of(urns: Collection[str]) -> list[Edge]:
    """All successions from which these units came and into which they went; a query a generation, six at most."""
    known: dict[str, Edge] = {}
    seen: set[str] = set()
    fresh = set(urns)
    for _ in range(MOST_STEPS):
        seen |= fresh
        for edge in successions_of(fresh):
            known[edge.uid] = edge
        fresh = {urn for edge in known.values() for urn in (edge.predecessor, edge.successor) if urn} - seen
        if not fresh:
            break
    return sorted(known.values(), key=lambda edge: (edge.day, edge.uid))


def partings_of(subject_urns: Collection[str]) -> list[PartingRow]:
    """Standing partings of subjects with their records; two queries."""
    rows = list(standing(Parting).filter(subject_urn__in=subject_urns).order_by("id"))
    return _with_items(rows)


def parting(uid: str) -> PartingRow | None:
    """A standing parting; two queries."""
    found = _with_items(list(standing(Parting).filter(uid=uid)))
    return found[0] if found else None


def _with_items(rows: Iterable[Parting]) -> list[PartingRow]:
    listed = list(rows)
    moved: dict[str, set[str]] = {}
    if listed:
        for one in PartedItem.objects.filter(parting_uid__in=[row.uid for row in listed]):
            moved.setdefault(one.parting_uid, set()).add(one.item_urn)
    return [PartingRow(row.uid, row.subject_urn, row.name, frozenset(moved.get(row.uid, ()))) for row in listed]


def decision(uid: str) -> DecisionRow:
    """One decision.

    Raises:
        R-009: there is none.
    """
    for model in MODELS:
        for row in model.objects.filter(uid=uid):
            return _decisions([row])[0]
    raise Refusal("R-009", what=uid)


def decisions_of(urns: Collection[str]) -> list[DecisionRow]:
    """All that was decided of these subjects, the withdrawn too, newest first; six queries at most."""
    rows: list[Any] = list(Bond.objects.filter(Q(one_urn__in=urns) | Q(other_urn__in=urns)))
    rows += Naming.objects.filter(subject_urn__in=urns)
    rows += Parting.objects.filter(subject_urn__in=urns)
    rows += Succession.objects.filter(Q(predecessor_urn__in=urns) | Q(successor_urn__in=urns))
    return sorted(_decisions(rows), key=lambda row: (row.decided_at, row.uid), reverse=True)


def _decisions(rows: Collection[Any]) -> list[DecisionRow]:
    gone = {row.uid: row for row in Withdrawal.objects.filter(uid__in=[row.uid for row in rows])} if rows else {}
    moved: dict[str, list[str]] = {}
    if partings := [row.uid for row in rows if isinstance(row, Parting)]:
        for one in PartedItem.objects.filter(parting_uid__in=partings).order_by("id"):
            moved.setdefault(one.parting_uid, []).append(one.item_urn)
    return [_decision(row, gone.get(row.uid), tuple(moved.get(row.uid, ()))) for row in rows]


def _decision(row: Any, gone: Withdrawal | None, items: tuple[str, ...]) -> DecisionRow:
    subjects: tuple[str, ...]
    name, day = "", None
    if isinstance(row, Bond):
        subjects = (row.one_urn, row.other_urn)
    elif isinstance(row, Naming):
        subjects, name, day = (row.subject_urn,), row.name, row.changed_date
    elif isinstance(row, Parting):
        subjects, name = (row.subject_urn,), row.name
    else:
        subjects = tuple(urn for urn in (row.predecessor_urn, row.successor_urn) if urn)
        day = row.happened_date
    return DecisionRow(
        uid=row.uid,
        what=type(row).__name__.upper(),
        kind=getattr(row, "kind", ""),
        subjects=subjects,
        name=name,
        day=day,
        reason=row.reason,
        evidence_urn=row.evidence_urn,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        withdrawn_by=gone.withdrawn_by if gone else "",
        withdrawn_at=gone.withdrawn_at if gone else None,
        withdrawn_reason=gone.reason if gone else "",
        items=items,
    )


def may_decide(actor: Actor, urns: Collection[str]) -> bool:
    """Whether the actor may decide of all these subjects: as archivist of an agency that keeps a record of each."""
    return set(urns) <= record_subjects.covered_subjects(actor, urns, DECIDING_POST)
