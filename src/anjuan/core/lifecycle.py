"""The one table of states and moves (生命周期表).

Nothing else says what may follow what. Each row names its route, the state it leaves, the verb, the state it reaches,
the posts that may do it, the evidence that must lie on the table, the duty it records, and the duties whose holders
must not be the same person. ``docs/reference/lifecycle.md`` is generated from these rows; moves are lettered so that
people can speak of "move f".

Three routes, one vocabulary. Moves of the target route have a bare letter; those of the legacy route an L before it,
those of the single-set route an S.

Standard: GB/T 31599-2015 chapters 6.1 to 6.5 and 6.9 (collection to transfer); the target route is S3-W11 to W19, the
legacy route S3-W1 to W10, the single-set route S0-W10 and S4-W3.
"""

import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING, Duty, Post, RestraintKind, Route, State, UnitKind, Verb


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
    PAPER_CHECKED = "PAPER_CHECKED"  # 实物逐件逐页核对: counted on paper, item by item
    YEAR_KEPT = "YEAR_KEPT"  # 在分中心保管期满
    STATIONS_DONE = "STATIONS_DONE"  # 加工工序全部完成
    BUSINESS_COMPLETED = "BUSINESS_COMPLETED"  # 业务已办结
    FOUR_NATURE = "FOUR_NATURE"  # 四性检测通过
    SIGNATURES_VALID = "SIGNATURES_VALID"  # 电子签名验签通过


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


_LETTER_PREFIX = {Route.TARGET: "", Route.LEGACY: "L", Route.SINGLE_SET: "S"}


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
    *,
    route: Route = Route.TARGET,
) -> Move:
    return Move(
        _LETTER_PREFIX[route] + letter,
        route,
        unit,
        source,
        verb,
        target,
        frozenset(posts),
        frozenset(evidence or ()),
        duty,
        frozenset(apart_from or ()),
    )


_legacy = functools.partial(_row, route=Route.LEGACY)
_single = functools.partial(_row, route=Route.SINGLE_SET)
_I, _V = UnitKind.ITEM, UnitKind.VOLUME
_E = Evidence
# Who has passed a volume at one gate does not, after it came back, stand at a gate that must be another's.
_LATER = {Duty.ACCEPTED, Duty.WITNESSED, Duty.RECEIVED}

# fmt: off
TABLE: tuple[Move, ...] = (
    _row("a", _I, State.COLLECTING, Verb.SUBMIT, State.IN_REVIEW, {Post.HANDLER},
         {_E.MATERIALS_COMPLETE, _E.PAGES_AGREE, _E.FAULTS_ANSWERED}, Duty.HANDLED, {Duty.REVIEWED}),
    _row("b", _I, State.IN_REVIEW, Verb.PASS_ITEM, State.REVIEWED, {Post.REVIEWER},
         {_E.PAGES_SEEN, _E.PAGES_AGREE}, Duty.REVIEWED, {Duty.HANDLED}),
    _row("c", _I, State.IN_REVIEW, Verb.RETURN_ITEM, State.COLLECTING, {Post.REVIEWER},
         {_E.FAULT}, Duty.REVIEWED, {Duty.HANDLED}),
    _row("d", _I, State.REVIEWED, Verb.ARRANGE, State.FILING, {Post.FILER, Post.ASSISTANT}),
    _row("e", _I, State.FILING, Verb.RELEASE, State.REVIEWED, {Post.FILER, Post.ASSISTANT}),
    _row("f", _V, State.FILING, Verb.SEAL, State.FILED, {Post.FILER},
         {_E.NUMBERED, _E.SEALED_VERSION}, Duty.FILED),
    _row("g", _V, State.FILED, Verb.PASS_SELF_CHECK, State.SELF_CHECKED, {Post.CHECKER},
         {_E.CHECKLIST_SIGNED, _E.FAULTS_ANSWERED}, Duty.CHECKED, {Duty.FILED, Duty.MENDED}),
    _row("h", _V, State.FILED, Verb.RETURN_VOLUME, State.RETURNED, {Post.CHECKER},
         {_E.FAULT}, Duty.CHECKED, {Duty.FILED}),
    _row("i", _V, State.SELF_CHECKED, Verb.APPLY, State.APPLIED, {Post.ARCHIVIST},
         {_E.REGISTER}, Duty.APPLIED, _LATER),
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
         {_E.SAMPLE_CHECKED, _E.FAULTS_ANSWERED}, Duty.RECHECKED, {Duty.ACCEPTED, Duty.MENDED}),
    # What fails in the archive house is mended there by the agency's people: the paper has changed hands (S3-W8).
    _row("r", _V, State.RECEIVED, Verb.RETURN_VOLUME, State.MENDING, {Post.RECHECKER},
         {_E.FAULT}, Duty.RECHECKED, {Duty.ACCEPTED}),
    # The witness signed what was handed over: he does not seal another thing in its place.
    _row("s", _V, State.MENDING, Verb.RESUBMIT, State.RECEIVED, {Post.FILER},
         {_E.FAULTS_ANSWERED, _E.SEALED_VERSION}, Duty.FILED, {Duty.CHECKED, Duty.WITNESSED, Duty.RECHECKED}),
    # What a fault says is missing comes into the returned volume, and moves with it from there.
    _row("t", _I, State.REVIEWED, Verb.INSERT, State.RETURNED, {Post.FILER}),

    _legacy("a", _I, State.COLLECTING, Verb.SUBMIT, State.IN_REVIEW, {Post.HANDLER},
            {_E.FAULTS_ANSWERED}, Duty.HANDLED, {Duty.REVIEWED}),
    _legacy("b", _I, State.IN_REVIEW, Verb.PASS_ITEM, State.REVIEWED, {Post.REVIEWER},
            {_E.PAPER_CHECKED}, Duty.REVIEWED, {Duty.HANDLED}),
    _legacy("c", _I, State.IN_REVIEW, Verb.RETURN_ITEM, State.COLLECTING, {Post.REVIEWER},
            {_E.FAULT}, Duty.REVIEWED, {Duty.HANDLED}),
    _legacy("d", _I, State.REVIEWED, Verb.ARRANGE, State.FILING, {Post.FILER, Post.ASSISTANT}),
    _legacy("e", _I, State.FILING, Verb.RELEASE, State.REVIEWED, {Post.FILER, Post.ASSISTANT}),
    _legacy("f", _V, State.FILING, Verb.SEAL, State.FILED, {Post.FILER},
            {_E.NUMBERED, _E.SEALED_VERSION}, Duty.FILED),
    _legacy("g", _V, State.FILED, Verb.PASS_SELF_CHECK, State.SELF_CHECKED, {Post.CHECKER},
            {_E.CHECKLIST_SIGNED, _E.FAULTS_ANSWERED}, Duty.CHECKED, {Duty.FILED, Duty.MENDED}),
    _legacy("h", _V, State.FILED, Verb.RETURN_VOLUME, State.RETURNED, {Post.CHECKER},
            {_E.FAULT}, Duty.CHECKED, {Duty.FILED}),
    _legacy("i", _V, State.SELF_CHECKED, Verb.APPLY, State.APPLIED, {Post.ARCHIVIST},
            {_E.REGISTER, _E.YEAR_KEPT}, Duty.APPLIED, _LATER),
    _legacy("j", _V, State.APPLIED, Verb.PRE_ACCEPT, State.PRE_ACCEPTED, {Post.ACCEPTOR},
            {_E.SAMPLE_CHECKED, _E.FAULTS_ANSWERED}, Duty.ACCEPTED, {Duty.APPLIED, Duty.MENDED}),
    _legacy("k", _V, State.APPLIED, Verb.RETURN_VOLUME, State.RETURNED, {Post.ACCEPTOR},
            {_E.FAULT}, Duty.ACCEPTED, {Duty.APPLIED}),
    _legacy("l", _V, State.RETURNED, Verb.RESUBMIT, State.FILED, {Post.FILER},
            {_E.FAULTS_ANSWERED, _E.SEALED_VERSION}, Duty.FILED, {Duty.CHECKED}),
    _legacy("m", _V, State.PRE_ACCEPTED, Verb.DISPATCH, State.IN_TRANSIT, {Post.ARCHIVIST}),
    _legacy("n", _V, State.IN_TRANSIT, Verb.RECEIVE, State.RECEIVED, {Post.RECEIVER},
            {_E.COUNTED}, Duty.RECEIVED, {Duty.APPLIED}),
    _legacy("o", _V, State.RECEIVED, Verb.ACCEPT, State.ACCEPTED, {Post.ACCEPTOR},
            {_E.PAPER_CHECKED, _E.FAULTS_ANSWERED}, Duty.ACCEPTED, {Duty.APPLIED, Duty.MENDED, Duty.RECHECKED}),
    _legacy("p", _V, State.RECEIVED, Verb.RETURN_VOLUME, State.MENDING, {Post.ACCEPTOR},
            {_E.FAULT}, Duty.ACCEPTED, {Duty.APPLIED, Duty.RECHECKED}),
    _legacy("q", _V, State.MENDING, Verb.RESUBMIT, State.RECEIVED, {Post.FILER},
            {_E.FAULTS_ANSWERED, _E.SEALED_VERSION}, Duty.FILED, {Duty.CHECKED, Duty.ACCEPTED, Duty.RECHECKED}),
    _legacy("r", _V, State.ACCEPTED, Verb.PASS_RECHECK, State.RECHECKED, {Post.RECHECKER},
            {_E.SAMPLE_CHECKED, _E.FAULTS_ANSWERED}, Duty.RECHECKED, {Duty.ACCEPTED, Duty.MENDED}),
    _legacy("s", _V, State.ACCEPTED, Verb.RETURN_VOLUME, State.MENDING, {Post.RECHECKER},
            {_E.FAULT}, Duty.RECHECKED, {Duty.ACCEPTED}),
    _legacy("t", _V, State.RECHECKED, Verb.TAKE_IN, State.IN_WORKSHOP, {Post.PROCESSOR}),
    _legacy("u", _V, State.IN_WORKSHOP, Verb.FINISH, State.HELD, {Post.PROCESSOR},
            {_E.STATIONS_DONE, _E.PAGES_AGREE, _E.SEALED_VERSION}, Duty.PROCESSED),
    _legacy("v", _V, State.IN_WORKSHOP, Verb.RETURN_VOLUME, State.MENDING, {Post.PROCESSOR},
            {_E.FAULT}, Duty.PROCESSED),
    _legacy("w", _I, State.REVIEWED, Verb.INSERT, State.RETURNED, {Post.FILER}),

    # Nothing of paper: the business system has handled and reviewed the case, and says that it is completed.
    _single("a", _I, State.COLLECTING, Verb.CLOSE, State.REVIEWED, {Post.HANDLER},
            {_E.BUSINESS_COMPLETED, _E.MATERIALS_COMPLETE, _E.PAGES_AGREE, _E.FOUR_NATURE, _E.SIGNATURES_VALID,
             _E.FAULTS_ANSWERED}, Duty.HANDLED),
    _single("b", _I, State.REVIEWED, Verb.ARRANGE, State.FILING, {Post.FILER, Post.ASSISTANT}),
    _single("c", _I, State.FILING, Verb.RELEASE, State.REVIEWED, {Post.FILER, Post.ASSISTANT}),
    _single("d", _V, State.FILING, Verb.SEAL, State.FILED, {Post.FILER},
            {_E.NUMBERED, _E.SEALED_VERSION}, Duty.FILED),
    _single("e", _V, State.FILED, Verb.PASS_SELF_CHECK, State.SELF_CHECKED, {Post.CHECKER},
            {_E.CHECKLIST_SIGNED, _E.FAULTS_ANSWERED}, Duty.CHECKED, {Duty.FILED, Duty.MENDED}),
    _single("f", _V, State.FILED, Verb.RETURN_VOLUME, State.RETURNED, {Post.CHECKER},
            {_E.FAULT}, Duty.CHECKED, {Duty.FILED}),
    _single("g", _V, State.SELF_CHECKED, Verb.APPLY, State.APPLIED, {Post.ARCHIVIST},
            {_E.REGISTER}, Duty.APPLIED, _LATER),
    _single("h", _V, State.APPLIED, Verb.PRE_ACCEPT, State.PRE_ACCEPTED, {Post.ACCEPTOR},
            {_E.FOUR_NATURE, _E.FAULTS_ANSWERED}, Duty.ACCEPTED, {Duty.APPLIED, Duty.MENDED}),
    _single("i", _V, State.APPLIED, Verb.RETURN_VOLUME, State.RETURNED, {Post.ACCEPTOR},
            {_E.FAULT}, Duty.ACCEPTED, {Duty.APPLIED}),
    _single("j", _V, State.RETURNED, Verb.RESUBMIT, State.FILED, {Post.FILER},
            {_E.FAULTS_ANSWERED, _E.SEALED_VERSION}, Duty.FILED, {Duty.CHECKED}),
    _single("k", _V, State.PRE_ACCEPTED, Verb.WITNESS, State.WITNESSED, {Post.SUPERVISOR},
            {_E.SAMPLE_CHECKED, _E.FAULTS_ANSWERED}, Duty.WITNESSED,
            {Duty.APPLIED, Duty.FILED, Duty.CHECKED, Duty.MENDED}),
    _single("l", _V, State.PRE_ACCEPTED, Verb.REFUSE_WITNESS, State.RETURNED, {Post.SUPERVISOR},
            {_E.FAULT}, Duty.WITNESSED, {Duty.APPLIED, Duty.FILED, Duty.CHECKED}),
    # No vehicle: custody passes on line, from the witnessed handover straight to the receipt.
    _single("m", _V, State.WITNESSED, Verb.RECEIVE, State.RECEIVED, {Post.RECEIVER},
            {_E.COUNTED}, Duty.RECEIVED, {Duty.APPLIED}),
    _single("n", _V, State.RECEIVED, Verb.PASS_RECHECK, State.HELD, {Post.RECHECKER},
            {_E.SAMPLE_CHECKED, _E.FAULTS_ANSWERED}, Duty.RECHECKED, {Duty.ACCEPTED, Duty.MENDED}),
    _single("o", _V, State.RECEIVED, Verb.RETURN_VOLUME, State.MENDING, {Post.RECHECKER},
            {_E.FAULT}, Duty.RECHECKED, {Duty.ACCEPTED}),
    _single("p", _V, State.MENDING, Verb.RESUBMIT, State.RECEIVED, {Post.FILER},
            {_E.FAULTS_ANSWERED, _E.SEALED_VERSION}, Duty.FILED, {Duty.CHECKED, Duty.WITNESSED, Duty.RECHECKED}),
    _single("q", _I, State.REVIEWED, Verb.INSERT, State.RETURNED, {Post.FILER}),
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
    for state, before in ((State.RETURNED, State.APPLIED), (State.MENDING, State.RECEIVED)):
        if before in order:
            order[state] = order[before] + 0.5
    sources = [move.source for move in TABLE if move.route is standing.route and move.verb is verb]
    return bool(sources) and order.get(standing.state, -1.0) > max(order[source] for source in sources)


def moves_from(route: Route, unit: UnitKind, state: State) -> tuple[Move, ...]:
    """The rows that leave a state, in the order of the table."""
    return tuple(move for move in TABLE if (move.route, move.unit, move.source) == (route, unit, state))


@functools.cache
def states_worked_in(post: Post) -> frozenset[State]:
    """States from which a post has the next move: there it works on a record, and must read what it judges."""
    return frozenset(move.source for move in TABLE if post in move.posts)


def stages(route: Route) -> tuple[State, ...]:
    """The states of a route in the order a smooth record meets them, for steppers and charts."""
    order: list[State] = []
    for move in TABLE:
        if move.route is route and not CORRECTING & {move.source, move.target}:
            order.extend(state for state in (move.source, move.target) if state not in order)
    return tuple(order)
