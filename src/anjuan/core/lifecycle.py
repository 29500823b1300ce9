"""The one table of states and moves (生命周期表).

Nothing else says what may follow what. Each row names its route, the state it leaves, the verb, the state it reaches,
the posts that may do it, the evidence that must lie on the table, the duty it records, and the duties whose holders
must not be the same person. ``docs/reference/lifecycle.md`` is generated from these rows; moves are lettered so that
people can speak of "move f".

Standard: GB/T 31599-2015 chapters 6.1 to 6.5 and 6.9 (collection to transfer); the target route is S3-W11 to W19.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post, RestraintKind, Route, State, UnitKind, Verb


class Evidence(enum.StrEnum):
    """What must lie on the table before a move (凭据)."""

    MATERIALS_COMPLETE = "MATERIALS_COMPLETE"  # 材料齐全: every required material has a page
    PAGES_AGREE = "PAGES_AGREE"  # 纸质页数 = 影像页数
    PAGES_SEEN = "PAGES_SEEN"  # 逐页看过
    FAULT = "FAULT"  # 问题: fault code and place
    NUMBERED = "NUMBERED"  # 档号 given to the volume and each item
    SEALED_VERSION = "SEALED_VERSION"  # record.json written to the store
    CHECKLIST_SIGNED = "CHECKLIST_SIGNED"  # 自查表已签
    FAULTS_ANSWERED = "FAULTS_ANSWERED"  # 整改全部答复
    REGISTER = "REGISTER"  # 移交清册
    SAMPLE_CHECKED = "SAMPLE_CHECKED"  # 抽检样本已看
    COUNTED = "COUNTED"  # 清点: boxes, volumes and pages counted


@dataclass(frozen=True)
class Move:
    """One row of the table."""

    letter: str
    route: Route
    unit: UnitKind
    source: State
    verb: Verb
    target: State
    posts: frozenset[Post]
    evidence: frozenset[Evidence]
    duty: Duty | None
    apart_from: frozenset[Duty]


def _row(
    letter: str,
    unit: UnitKind,
    source: State,
    verb: Verb,
    target: State,
    posts: set[Post],
    evidence: set[Evidence] | None = None,
    duty: Duty | None = None,
    apart_from: set[Duty] | None = None,
) -> Move:
    return Move(
        letter,
        Route.TARGET,
        unit,
        source,
        verb,
        target,
        frozenset(posts),
        frozenset(evidence or ()),
        duty,
        frozenset(apart_from or ()),
    )


_I, _V = UnitKind.ITEM, UnitKind.VOLUME
_E = Evidence

# fmt: off
TABLE: tuple[Move, ...] = (
    _row("a", _I, State.COLLECTING, Verb.SUBMIT, State.IN_REVIEW, {Post.HANDLER},
         {_E.MATERIALS_COMPLETE, _E.PAGES_AGREE, _E.FAULTS_ANSWERED}, Duty.HANDLED, {Duty.REVIEWED}),
    _row("b", _I, State.IN_REVIEW, Verb.PASS_ITEM, State.REVIEWED, {Post.REVIEWER},
         {_E.PAGES_SEEN, _E.PAGES_AGREE}, Duty.REVIEWED, {Duty.HANDLED}),
    _row("c", _I, State.IN_REVIEW, Verb.RETURN_ITEM, State.COLLECTING, {Post.REVIEWER},
         {_E.FAULT}, Duty.REVIEWED, {Duty.HANDLED}),
    _row("d", _I, State.REVIEWED, Verb.ARRANGE, State.FILING, {Post.FILER}),
    _row("e", _I, State.FILING, Verb.RELEASE, State.REVIEWED, {Post.FILER}),
    _row("f", _V, State.FILING, Verb.SEAL, State.FILED, {Post.FILER},
         {_E.NUMBERED, _E.SEALED_VERSION}, Duty.FILED),
    _row("g", _V, State.FILED, Verb.PASS_SELF_CHECK, State.SELF_CHECKED, {Post.CHECKER},
         {_E.CHECKLIST_SIGNED, _E.FAULTS_ANSWERED}, Duty.CHECKED, {Duty.FILED, Duty.MENDED}),
    _row("h", _V, State.FILED, Verb.RETURN_VOLUME, State.RETURNED, {Post.CHECKER},
         {_E.FAULT}, Duty.CHECKED, {Duty.FILED}),
    _row("i", _V, State.SELF_CHECKED, Verb.APPLY, State.APPLIED, {Post.ARCHIVIST},
         {_E.REGISTER}, Duty.APPLIED),
    _row("j", _V, State.APPLIED, Verb.PRE_ACCEPT, State.PRE_ACCEPTED, {Post.ACCEPTOR},
         {_E.PAGES_SEEN, _E.FAULTS_ANSWERED}, Duty.ACCEPTED, {Duty.APPLIED, Duty.MENDED}),
    _row("k", _V, State.APPLIED, Verb.RETURN_VOLUME, State.RETURNED, {Post.ACCEPTOR},
         {_E.FAULT}, Duty.ACCEPTED, {Duty.APPLIED}),
    # A mended volume is sealed anew and self-checked anew: nothing reaches the archive unchecked.
    _row("l", _V, State.RETURNED, Verb.RESUBMIT, State.FILED, {Post.FILER},
         {_E.FAULTS_ANSWERED, _E.SEALED_VERSION}, Duty.FILED, {Duty.CHECKED}),
    _row("m", _V, State.PRE_ACCEPTED, Verb.WITNESS, State.WITNESSED, {Post.SUPERVISOR},
         {_E.SAMPLE_CHECKED, _E.FAULTS_ANSWERED}, Duty.WITNESSED,
         {Duty.APPLIED, Duty.FILED, Duty.CHECKED, Duty.MENDED}),
    _row("n", _V, State.PRE_ACCEPTED, Verb.REFUSE_WITNESS, State.RETURNED, {Post.SUPERVISOR},
         {_E.FAULT}, Duty.WITNESSED, {Duty.APPLIED, Duty.FILED, Duty.CHECKED}),
    _row("o", _V, State.WITNESSED, Verb.DISPATCH, State.IN_TRANSIT, {Post.ARCHIVIST}),
    _row("p", _V, State.IN_TRANSIT, Verb.RECEIVE, State.RECEIVED, {Post.RECEIVER},
         {_E.COUNTED}, Duty.RECEIVED, {Duty.APPLIED}),
    _row("q", _V, State.RECEIVED, Verb.PASS_RECHECK, State.HELD, {Post.RECHECKER},
         {_E.SAMPLE_CHECKED, _E.FAULTS_ANSWERED}, Duty.RECHECKED, {Duty.ACCEPTED}),
)
# fmt: on

_BY_KEY: Mapping[tuple[Route, UnitKind, State, Verb], Move] = {
    (move.route, move.unit, move.source, move.verb): move for move in TABLE
}


@dataclass(frozen=True)
class Standing:
    """The facts a move is judged on (现状).

    Attributes:
        reference: how people call the record, for the refusal's sentence.
        posts_held: the actor's posts that cover the record's agency.
        duties: who took which part in this record so far, by staff code.
        restraints: kinds of restraint that lie on it now.
    """

    reference: str
    route: Route
    unit: UnitKind
    state: State
    staff_code: str
    posts_held: frozenset[Post]
    evidence: frozenset[Evidence]
    duties: Mapping[Duty, frozenset[str]]
    restraints: frozenset[RestraintKind]


def judge(standing: Standing, verb: Verb) -> Move:
    """Decide whether a record may be moved (能否流转), and by which row.

    Raises:
        L-001: the record has already left the stage where this verb belongs.
        L-002: no such move from this state (a skipped step).
        L-003: the actor holds none of the posts.
        L-004: evidence is missing.
        L-005: the same person stands at both ends of a separation.
        L-006: a restraint lies on the record.
    """
    move = _BY_KEY.get((standing.route, standing.unit, standing.state, verb))
    if move is None:
        if _is_past(standing, verb):
            raise Refusal("L-001", reference=standing.reference, state=standing.state, verb=verb)
        steps = tuple(step.verb for step in moves_from(standing.route, standing.unit, standing.state))
        raise Refusal("L-002", reference=standing.reference, state=standing.state, verb=verb, next=steps)
    if not move.posts & standing.posts_held:
        raise Refusal("L-003", verb=verb, posts=move.posts, reference=standing.reference)
    for duty in sorted(move.apart_from):
        if standing.staff_code in standing.duties.get(duty, frozenset()):
            raise Refusal("L-005", verb=verb, duty=duty, reference=standing.reference)
    missing = move.evidence - standing.evidence
    if missing:
        raise Refusal("L-004", verb=verb, missing=missing, reference=standing.reference)
    if standing.restraints:
        raise Refusal("L-006", reference=standing.reference, kinds=standing.restraints)
    return move


def _is_past(standing: Standing, verb: Verb) -> bool:
    """Whether the record has left the stage where the verb belongs: somebody was quicker, or it was done twice."""
    order = {state: float(place) for place, state in enumerate(stages(standing.route))}
    if State.RETURNED not in order and State.APPLIED in order:
        order[State.RETURNED] = order[State.APPLIED] + 0.5
    sources = [move.source for move in TABLE if move.route is standing.route and move.verb is verb]
    return bool(sources) and order.get(standing.state, -1.0) > max(order[source] for source in sources)


def moves_from(route: Route, unit: UnitKind, state: State) -> tuple[Move, ...]:
    """The rows that leave a state, in the order of the table."""
    return tuple(move for move in TABLE if (move.route, move.unit, move.source) == (route, unit, state))


def stages(route: Route) -> tuple[State, ...]:
    """The states of a route in the order a smooth record meets them, for steppers and charts."""
    order: list[State] = []
    for move in TABLE:
        if move.route is route and State.RETURNED not in (move.source, move.target):
            order.extend(state for state in (move.source, move.target) if state not in order)
    return tuple(order)
