"""The one table of states and moves."""

import itertools
from collections.abc import Mapping

import pytest

from anjuan.core import lifecycle
from anjuan.core.lifecycle import TABLE, Evidence, Move, Standing
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post, RestraintKind, Route, State, UnitKind, Verb

_PRE = State.PRE_ACCEPTED


def standing(
    move: Move,
    *,
    state: State | None = None,
    posts: frozenset[Post] | None = None,
    evidence: frozenset[Evidence] | None = None,
    duties: Mapping[Duty, frozenset[str]] | None = None,
    restraints: frozenset[RestraintKind] = frozenset(),
) -> Standing:
    """All that a move asks for, except what a test takes away."""
    return Standing(
        reference="J001-ZY·SB·03·2024·BH-0001",
        route=move.route,
        unit=move.unit,
        state=state or move.source,
        staff_code="bh01",
        posts_held=move.posts if posts is None else posts,
        evidence=move.evidence if evidence is None else evidence,
        duties=duties or {},
        restraints=restraints,
    )


def spoken_id(value: object) -> str:
    return value.letter if isinstance(value, Move) else str(value)


def row(state: State, verb: Verb, route: Route = Route.TARGET) -> Move:
    (found,) = [move for move in TABLE if (move.route, move.source, move.verb) == (route, state, verb)]
    return found


def test_the_table_is_a_function() -> None:
    keys = [(move.route, move.unit, move.source, move.verb) for move in TABLE]

    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("route", "letters"),
    [
        (Route.TARGET, list("abcdefghijklmnopqrst")),
        (Route.LEGACY, [f"L{letter}" for letter in "abcdefghijklmnopqrstuvw"]),
        (Route.SINGLE_SET, [f"S{letter}" for letter in "abcdefghijklmnopq"]),
    ],
)
def test_the_rows_of_a_route_are_lettered_in_order(route: Route, letters: list[str]) -> None:
    assert [move.letter for move in TABLE if move.route is route] == letters


@pytest.mark.parametrize("route", Route)
def test_every_state_of_a_route_is_reached_from_collecting_and_leads_to_held(route: Route) -> None:
    moves = [move for move in TABLE if move.route is route]
    states = {state for move in moves for state in (move.source, move.target)}

    def reached(start: State, step: Mapping[State, set[State]]) -> set[State]:
        found, waiting = {start}, [start]
        while waiting:
            for state in step.get(waiting.pop(), set()) - found:
                found.add(state)
                waiting.append(state)
        return found

    # Sealing a volume takes its items along, so FILING continues as a volume.
    ahead = {state: {move.target for move in moves if move.source is state} for state in states}
    back = {state: {move.source for move in moves if move.target is state} for state in states}
    assert reached(State.COLLECTING, ahead) == states
    assert reached(State.HELD, back) == states


def test_every_verb_and_state_stands_in_the_table_and_held_is_the_end() -> None:
    assert {move.verb for move in TABLE} == set(Verb)
    assert {state for move in TABLE for state in (move.source, move.target)} == set(State)
    assert not [move for move in TABLE if move.source is State.HELD]


def test_the_other_routes_meet_their_stages_in_order() -> None:
    assert lifecycle.stages(Route.LEGACY)[-7:] == (
        State.PRE_ACCEPTED,
        State.IN_TRANSIT,
        State.RECEIVED,
        State.ACCEPTED,
        State.RECHECKED,
        State.IN_WORKSHOP,
        State.HELD,
    )
    assert lifecycle.stages(Route.SINGLE_SET) == (
        State.COLLECTING,
        State.REVIEWED,
        State.FILING,
        State.FILED,
        State.SELF_CHECKED,
        State.APPLIED,
        State.PRE_ACCEPTED,
        State.WITNESSED,
        State.RECEIVED,
        State.HELD,
    )


def test_a_smooth_record_meets_the_stages_in_the_order_of_the_target_route() -> None:
    assert lifecycle.stages(Route.TARGET) == (
        State.COLLECTING,
        State.IN_REVIEW,
        State.REVIEWED,
        State.FILING,
        State.FILED,
        State.SELF_CHECKED,
        State.APPLIED,
        State.PRE_ACCEPTED,
        State.WITNESSED,
        State.IN_TRANSIT,
        State.RECEIVED,
        State.HELD,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Duty.HANDLED, Duty.REVIEWED),
        (Duty.FILED, Duty.CHECKED),
        (Duty.ACCEPTED, Duty.RECHECKED),
        (Duty.APPLIED, Duty.WITNESSED),
        (Duty.APPLIED, Duty.RECEIVED),
        (Duty.APPLIED, Duty.ACCEPTED),
        (Duty.FILED, Duty.WITNESSED),
        (Duty.CHECKED, Duty.WITNESSED),
    ],
)
def test_two_parts_are_kept_apart_by_the_later_of_them(one: Duty, other: Duty) -> None:
    # On a route where nobody takes the earlier part there is nothing to keep apart.
    taken = {move.route for move in TABLE if move.duty is one}
    later = [move for move in TABLE if move.duty is other and move.route in taken]

    assert later
    assert all(one in move.apart_from for move in later)


def test_where_a_record_may_come_back_the_earlier_part_is_kept_apart_as_well() -> None:
    assert Duty.REVIEWED in row(State.COLLECTING, Verb.SUBMIT).apart_from
    assert Duty.CHECKED in row(State.RETURNED, Verb.RESUBMIT).apart_from


@pytest.mark.parametrize("move", TABLE, ids=lambda move: move.letter)
def test_a_move_with_all_it_asks_for_is_found(move: Move) -> None:
    assert lifecycle.judge(standing(move), move.verb) is move


@pytest.mark.parametrize("move", TABLE, ids=lambda move: move.letter)
def test_a_move_without_the_post_is_l_003(move: Move) -> None:
    with pytest.raises(Refusal) as caught:
        lifecycle.judge(standing(move, posts=frozenset(Post) - move.posts), move.verb)

    assert caught.value.code == "L-003"


@pytest.mark.parametrize(
    ("move", "piece"), [(move, piece) for move in TABLE for piece in sorted(move.evidence)], ids=spoken_id
)
def test_a_move_without_one_piece_of_evidence_is_l_004_and_names_it(move: Move, piece: Evidence) -> None:
    with pytest.raises(Refusal) as caught:
        lifecycle.judge(standing(move, evidence=move.evidence - {piece}), move.verb)

    assert caught.value.code == "L-004"
    assert caught.value.params["missing"] == {piece}


@pytest.mark.parametrize(
    ("move", "duty"), [(move, duty) for move in TABLE for duty in sorted(move.apart_from)], ids=spoken_id
)
def test_the_same_person_at_both_ends_is_l_005(move: Move, duty: Duty) -> None:
    with pytest.raises(Refusal) as caught:
        lifecycle.judge(standing(move, duties={duty: frozenset({"other", "bh01"})}), move.verb)

    assert caught.value.code == "L-005"
    assert caught.value.params["duty"] is duty


@pytest.mark.parametrize("move", TABLE, ids=lambda move: move.letter)
def test_somebody_else_at_the_other_end_is_no_hindrance(move: Move) -> None:
    duties = {duty: frozenset({"other"}) for duty in Duty}

    assert lifecycle.judge(standing(move, duties=duties), move.verb) is move


@pytest.mark.parametrize(("move", "kind"), [(move, kind) for move in TABLE for kind in RestraintKind], ids=spoken_id)
def test_a_restraint_stops_every_move_with_l_006(move: Move, kind: RestraintKind) -> None:
    with pytest.raises(Refusal) as caught:
        lifecycle.judge(standing(move, restraints=frozenset({kind})), move.verb)

    assert caught.value.code == "L-006"


def test_applying_before_the_self_check_is_a_skipped_step() -> None:
    with pytest.raises(Refusal) as caught:
        lifecycle.judge(standing(row(State.SELF_CHECKED, Verb.APPLY), state=State.FILED), Verb.APPLY)

    assert caught.value.code == "L-002"
    assert caught.value.params["next"] == (Verb.PASS_SELF_CHECK, Verb.RETURN_VOLUME)


@pytest.mark.parametrize(
    ("state", "verb", "code"),
    [
        (State.REVIEWED, Verb.PASS_ITEM, "L-001"),
        (State.HELD, Verb.RECEIVE, "L-001"),
        (State.RETURNED, Verb.APPLY, "L-001"),
        (State.RETURNED, Verb.WITNESS, "L-002"),
        (State.COLLECTING, Verb.PASS_ITEM, "L-002"),
        (State.FILED, Verb.RESUBMIT, "L-002"),
    ],
)
def test_a_step_done_already_is_told_from_a_step_skipped(state: State, verb: Verb, code: str) -> None:
    move = next(move for move in TABLE if move.verb is verb and move.route is Route.TARGET)

    with pytest.raises(Refusal) as caught:
        lifecycle.judge(standing(move, state=state), verb)

    assert caught.value.code == code


def test_any_pair_outside_the_table_is_refused_whatever_lies_on_the_table() -> None:
    allowed = {(move.route, move.unit, move.source, move.verb) for move in TABLE}

    for route, unit, state, verb in itertools.product(Route, UnitKind, State, Verb):
        if (route, unit, state, verb) in allowed:
            continue
        everything = Standing("x", route, unit, state, "bh01", frozenset(Post), frozenset(Evidence), {}, frozenset())
        with pytest.raises(Refusal) as caught:
            lifecycle.judge(everything, verb)
        assert caught.value.code in {"L-001", "L-002"}


def test_the_moves_from_a_state_come_in_the_order_of_the_table() -> None:
    found = lifecycle.moves_from(Route.TARGET, UnitKind.VOLUME, _PRE)

    assert [move.verb for move in found] == [Verb.WITNESS, Verb.REFUSE_WITNESS]
