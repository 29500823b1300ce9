"""Random people do random things to one item and its volume, on any route; whatever they try, the separations hold.

What each route needs is said here in the words of the offices, not read from the table: the table is what is on trial
(user ask 18).
"""

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from anjuan.core import lifecycle
from anjuan.core.lifecycle import TABLE, Evidence, Move, Standing
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post, RestraintKind, Route, State, UnitKind, Verb

PEOPLE = ("an", "bo", "cai", "ding", "er", "fang", "gao")
# Whose signatures a record rests on when it is held. Paper-first has no witness but a workshop; a single-set case was
# reviewed in the business system, which leaves no reviewer here.
_ALWAYS = {Duty.HANDLED, Duty.FILED, Duty.CHECKED, Duty.APPLIED, Duty.ACCEPTED, Duty.RECEIVED, Duty.RECHECKED}
NEEDED = {
    Route.TARGET: _ALWAYS | {Duty.REVIEWED, Duty.WITNESSED},
    Route.LEGACY: _ALWAYS | {Duty.REVIEWED, Duty.PROCESSED},
    Route.SINGLE_SET: _ALWAYS | {Duty.WITNESSED},
}
# What is given once the volume is in the archive house, and must be given again after it was mended there.
IN_THE_HOUSE = {
    Route.TARGET: {Duty.RECHECKED},
    Route.LEGACY: {Duty.ACCEPTED, Duty.RECHECKED, Duty.PROCESSED},
    Route.SINGLE_SET: {Duty.RECHECKED},
}
# Who makes does not judge: the maker and the judge of each paper, wherever a route has both.
MAKERS_AND_JUDGES = {
    Duty.HANDLED: {Duty.REVIEWED},
    Duty.FILED: {Duty.CHECKED, Duty.WITNESSED},
    Duty.CHECKED: {Duty.WITNESSED},
    Duty.APPLIED: {Duty.ACCEPTED, Duty.WITNESSED, Duty.RECEIVED},
    Duty.ACCEPTED: {Duty.RECHECKED},
}
JUDGES_OF_MENDING = {Duty.CHECKED, Duty.ACCEPTED, Duty.WITNESSED, Duty.RECHECKED}
RETURNS = {Verb.RETURN_ITEM, Verb.RETURN_VOLUME, Verb.REFUSE_WITNESS}
BACKWARD = RETURNS | {Verb.RELEASE, Verb.RESUBMIT, Verb.INSERT}


class Walk(RuleBasedStateMachine):
    """One item, then the volume it lies in; anybody holds any posts and tries any verb."""

    def __init__(self) -> None:
        super().__init__()
        self.route = Route.TARGET
        self.unit = UnitKind.ITEM
        self.state = State.COLLECTING
        self.duties: dict[UnitKind, dict[Duty, set[str]]] = {UnitKind.ITEM: {}, UnitKind.VOLUME: {}}
        self.approved: dict[Duty, str] = {}  # whose signature each part of the present round rests on
        self.passed: list[Move] = []
        self.restraints: set[RestraintKind] = set()

    @initialize(route=st.sampled_from(Route), who=st.sampled_from(PEOPLE))
    def register(self, route: Route, who: str) -> None:
        self.route = route
        self.duties[UnitKind.ITEM][Duty.HANDLED] = {who}
        self.approved[Duty.HANDLED] = who

    def taken(self, duty: Duty) -> set[str]:
        """Who ever took this part in what moves now."""
        return self.duties[self.unit].get(duty, set())

    def attempt(self, who: str, verb: Verb, posts: frozenset[Post], evidence: frozenset[Evidence]) -> bool:
        standing = Standing(
            "x",
            self.route,
            self.unit,
            self.state,
            who,
            posts,
            evidence,
            {duty: frozenset(staff) for duty, staff in self.duties[self.unit].items()},
            frozenset(self.restraints),
        )
        try:
            move = lifecycle.judge(standing, verb)
        except Refusal:
            return False
        assert not self.restraints
        assert move.route is self.route
        assert move.posts & posts
        assert move.evidence <= evidence
        assert (verb in RETURNS) == (Evidence.FAULT in move.evidence)  # no return without a fault named
        self.passed.append(move)
        self.state = move.target
        if move.duty:
            if verb not in RETURNS and move.duty in JUDGES_OF_MENDING:
                assert who not in self.taken(Duty.MENDED), (who, verb)
            self.duties[self.unit].setdefault(move.duty, set()).add(who)
            self.approved[move.duty] = who
        # What was signed before a return no longer counts; who signed it is remembered all the same.
        if move.target in (State.RETURNED, State.COLLECTING):
            for duty in self.duties[self.unit]:
                self.approved.pop(duty, None)
        elif move.target is State.MENDING:
            for duty in IN_THE_HOUSE[self.route]:
                self.approved.pop(duty, None)
        return True

    @rule(who=st.sampled_from(PEOPLE), verb=st.sampled_from(Verb), posts=st.frozensets(st.sampled_from(Post)),
          evidence=st.frozensets(st.sampled_from(Evidence)))  # fmt: skip
    def try_anything(self, who: str, verb: Verb, posts: frozenset[Post], evidence: frozenset[Evidence]) -> None:
        self.attempt(who, verb, posts, evidence)

    @rule(people=st.permutations(PEOPLE), data=st.data())
    def go_on(self, people: list[str], data: st.DataObject) -> None:
        """One of the open steps is taken by the first with every post and paper whom the separations let."""
        steps = lifecycle.moves_from(self.route, self.unit, self.state)
        if steps:
            verb = data.draw(st.sampled_from(steps)).verb
            any(self.attempt(who, verb, frozenset(Post), frozenset(Evidence)) for who in people)

    @rule(people=st.permutations(PEOPLE))
    def go_ahead(self, people: list[str]) -> None:
        """As `go_on`, but forward: else few walks would come far."""
        for step in lifecycle.moves_from(self.route, self.unit, self.state):
            if step.verb not in BACKWARD or step.verb is Verb.RESUBMIT:
                any(self.attempt(who, step.verb, frozenset(Post), frozenset(Evidence)) for who in people)
                return

    @rule(who=st.sampled_from(PEOPLE))
    def mend(self, who: str) -> None:
        """What was returned is mended by somebody, who is remembered."""
        if self.state in (State.RETURNED, State.MENDING):
            self.duties[self.unit].setdefault(Duty.MENDED, set()).add(who)

    @rule()
    def file(self) -> None:
        """An item in a volume moves on as the volume."""
        if self.unit is UnitKind.ITEM and self.state is State.FILING:
            self.unit = UnitKind.VOLUME

    @rule(kind=st.sampled_from(RestraintKind), post=st.booleans())
    def restrain(self, kind: RestraintKind, post: bool) -> None:
        (self.restraints.add if post else self.restraints.discard)(kind)

    @rule()
    def lift_all(self) -> None:
        self.restraints.clear()

    @invariant()
    def nobody_stands_at_both_ends(self) -> None:
        for maker, judges in MAKERS_AND_JUDGES.items():
            for judge in judges & NEEDED[self.route]:
                pair = self.approved.get(maker), self.approved.get(judge)
                assert None in pair or pair[0] != pair[1], (maker, judge)

    @invariant()
    def who_returned_a_record_does_not_pass_what_he_made(self) -> None:
        for unit, one, other in (
            (UnitKind.ITEM, Duty.HANDLED, Duty.REVIEWED),
            (UnitKind.VOLUME, Duty.FILED, Duty.CHECKED),
        ):
            taken = self.duties[unit]
            assert not taken.get(one, set()) & taken.get(other, set()), (one, other)

    @invariant()
    def nothing_is_held_without_every_part(self) -> None:
        if self.state is State.HELD:
            signed = set(self.approved)
            assert signed >= NEEDED[self.route], NEEDED[self.route] - signed
            assert {move.target for move in self.passed} >= set(lifecycle.stages(self.route)) - {State.COLLECTING}

    @invariant()
    def what_was_returned_passes_every_check_again(self) -> None:
        """After RETURNED from the filing on, after MENDING from the receipt on: no stage is skipped the second time."""
        if self.state is not State.HELD:
            return
        order = lifecycle.stages(self.route)
        for returned, again_from in ((State.RETURNED, State.FILED), (State.MENDING, State.RECEIVED)):
            times = [place for place, move in enumerate(self.passed) if move.target is returned]
            if times:
                since = {move.target for move in self.passed[times[-1] :]}
                assert since >= set(order[order.index(again_from) :]), (returned, since)

    @invariant()
    def every_step_was_a_row_of_the_table(self) -> None:
        assert all(move in TABLE for move in self.passed)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)


@pytest.mark.parametrize("route", Route)
def test_with_a_person_for_every_part_the_walk_reaches_held(route: Route) -> None:
    walk = Walk()
    walk.register(route, "an")

    forward = {move.source: move for move in TABLE if move.route is route and move.verb not in BACKWARD}
    while walk.state is not State.HELD:
        walk.file()
        move = forward[walk.state]
        who = next(name for name in PEOPLE if not any(name in walk.taken(duty) for duty in move.apart_from))
        assert walk.attempt(who, move.verb, frozenset(Post), frozenset(Evidence))

    walk.nothing_is_held_without_every_part()
    walk.nobody_stands_at_both_ends()


@pytest.mark.parametrize("route", Route)
@pytest.mark.parametrize("state", [State.RETURNED, State.MENDING])
def test_a_returned_volume_comes_back_before_the_check_that_returned_it(route: Route, state: State) -> None:
    """By the table alone: the only way out leads to a state from which every later stage must be passed anew."""
    (way_out,) = lifecycle.moves_from(route, UnitKind.VOLUME, state)
    order = lifecycle.stages(route)
    came_from = {
        move.source for move in TABLE if move.route is route and move.target is state and move.unit is UnitKind.VOLUME
    }

    assert all(order.index(way_out.target) <= order.index(source) for source in came_from)


@pytest.mark.parametrize("route", [Route.TARGET, Route.SINGLE_SET])
def test_who_witnessed_the_handover_does_not_seal_the_volume_anew_in_the_archive_house(route: Route) -> None:
    """Found by the walk: the witness of what was handed over could put his own sealing in its place afterwards."""
    walk = Walk()
    walk.route, walk.unit, walk.state = route, UnitKind.VOLUME, State.MENDING
    walk.duties[UnitKind.VOLUME][Duty.WITNESSED] = {"an"}

    assert not walk.attempt("an", Verb.RESUBMIT, frozenset(Post), frozenset(Evidence))
    assert walk.attempt("bo", Verb.RESUBMIT, frozenset(Post), frozenset(Evidence))
