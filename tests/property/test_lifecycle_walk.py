"""Random people do random things to one item and its volume; whatever they try, the separations hold."""

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from anjuan.core import lifecycle
from anjuan.core.lifecycle import TABLE, Evidence, Move, Standing
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post, RestraintKind, Route, State, UnitKind, Verb

PEOPLE = ("an", "bo", "cai", "ding", "er", "fang")
NEEDED = {UnitKind.ITEM: {Duty.HANDLED, Duty.REVIEWED}, UnitKind.VOLUME: {
    Duty.FILED, Duty.CHECKED, Duty.APPLIED, Duty.ACCEPTED, Duty.WITNESSED, Duty.RECEIVED, Duty.RECHECKED,
}}  # fmt: skip
APART = [
    (Duty.HANDLED, Duty.REVIEWED),
    (Duty.FILED, Duty.CHECKED),
    (Duty.APPLIED, Duty.ACCEPTED),
    (Duty.ACCEPTED, Duty.RECHECKED),
    (Duty.APPLIED, Duty.WITNESSED),
    (Duty.FILED, Duty.WITNESSED),
    (Duty.CHECKED, Duty.WITNESSED),
    (Duty.APPLIED, Duty.RECEIVED),
]


class Walk(RuleBasedStateMachine):
    """One item, then the volume it lies in; anybody holds any posts and tries any verb."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = UnitKind.ITEM
        self.state = State.COLLECTING
        self.duties: dict[UnitKind, dict[Duty, set[str]]] = {UnitKind.ITEM: {}, UnitKind.VOLUME: {}}
        self.approved: dict[Duty, str] = {}  # whose signature each part of the present round rests on
        self.passed: list[Move] = []
        self.restraints: set[RestraintKind] = set()

    @initialize(who=st.sampled_from(PEOPLE))
    def register(self, who: str) -> None:
        self.duties[UnitKind.ITEM][Duty.HANDLED] = {who}
        self.approved[Duty.HANDLED] = who

    def attempt(self, who: str, verb: Verb, posts: frozenset[Post], evidence: frozenset[Evidence]) -> None:
        standing = Standing(
            "x",
            Route.TARGET,
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
            return
        assert not self.restraints
        assert move.posts & posts
        assert move.evidence <= evidence
        self.passed.append(move)
        self.state = move.target
        if move.duty:
            self.duties[self.unit].setdefault(move.duty, set()).add(who)
            self.approved[move.duty] = who
        if move.target in (State.RETURNED, State.COLLECTING):
            # What was signed before the return no longer counts; who signed it is remembered all the same.
            for duty in NEEDED[self.unit]:
                self.approved.pop(duty, None)

    @rule(who=st.sampled_from(PEOPLE), verb=st.sampled_from(Verb), posts=st.frozensets(st.sampled_from(Post)),
          evidence=st.frozensets(st.sampled_from(Evidence)))  # fmt: skip
    def try_anything(self, who: str, verb: Verb, posts: frozenset[Post], evidence: frozenset[Evidence]) -> None:
        self.attempt(who, verb, posts, evidence)

    @rule(who=st.sampled_from(PEOPLE), data=st.data())
    def go_on(self, who: str, data: st.DataObject) -> None:
        """Somebody with every post and every paper takes one of the steps that are open."""
        steps = lifecycle.moves_from(Route.TARGET, self.unit, self.state)
        if steps:
            forward = data.draw(st.sampled_from(steps))
            self.attempt(who, forward.verb, frozenset(Post), frozenset(Evidence))

    @rule()
    def file(self) -> None:
        """An item in a volume moves on as the volume."""
        if self.unit is UnitKind.ITEM and self.state is State.FILING:
            self.unit = UnitKind.VOLUME

    @rule(kind=st.sampled_from(RestraintKind), post=st.booleans())
    def restrain(self, kind: RestraintKind, post: bool) -> None:
        (self.restraints.add if post else self.restraints.discard)(kind)

    @invariant()
    def nobody_stands_at_both_ends(self) -> None:
        for one, other in APART:
            pair = self.approved.get(one), self.approved.get(other)
            assert None in pair or pair[0] != pair[1], (one, other)

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
            for unit, needed in NEEDED.items():
                assert needed <= set(self.duties[unit])
                assert needed <= set(self.approved)
            assert {move.target for move in self.passed} >= set(lifecycle.stages(Route.TARGET)) - {State.COLLECTING}

    @invariant()
    def every_step_was_a_row_of_the_table(self) -> None:
        assert all(move in TABLE for move in self.passed)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


def test_with_a_person_for_every_part_the_walk_reaches_held() -> None:
    walk = Walk()
    walk.register("an")

    back = (Verb.RETURN_ITEM, Verb.RELEASE, Verb.RETURN_VOLUME, Verb.REFUSE_WITNESS, Verb.RESUBMIT)
    forward = {move.source: move for move in TABLE if move.verb not in back}
    while walk.state is not State.HELD:
        walk.file()
        move = forward[walk.state]
        who = next(name for name in PEOPLE if not any(
            name in walk.duties[walk.unit].get(duty, set()) for duty in move.apart_from
        ))  # fmt: skip
        walk.attempt(who, move.verb, frozenset(Post), frozenset(Evidence))

    walk.nothing_is_held_without_every_part()
    walk.nobody_stands_at_both_ends()
