"""Why a record is not moving: one reason, the weightiest first; and how long steps take."""

import datetime as dt

import pytest

from anjuan.core.lifecycle import TABLE
from anjuan.core.terms import Post, RestraintKind, Route, State, UnitKind, Verb
from anjuan.facilities.progress import rules
from anjuan.facilities.progress.rules import Cause, Facts

TODAY = dt.date(2026, 11, 2)
NOON = dt.datetime(2026, 11, 2, 4, tzinfo=dt.UTC)


def facts(state: State = State.IN_REVIEW, *, unit: UnitKind = UnitKind.ITEM, **changed: object) -> Facts:
    known: dict[str, object] = {
        "route": Route.TARGET,
        "unit": unit,
        "state": state,
        "restraints": frozenset(),
        "open_faults": 0,
        "due_date": None,
        "kept_until": None,
        "is_completed": True,
        "grows": False,
        "is_placed": True,
    }
    return Facts(**(known | changed))  # type: ignore[arg-type]


def test_it_waits_for_the_holder_of_the_post_whose_turn_it_is() -> None:
    found = rules.why(facts(State.IN_REVIEW), today=TODAY)

    assert (found.cause, found.verb, found.posts) == (Cause.POST, Verb.PASS_ITEM, frozenset({Post.REVIEWER}))


def test_a_fault_comes_before_the_next_step_and_a_restraint_before_all() -> None:
    mending = facts(State.RETURNED, unit=UnitKind.VOLUME, open_faults=2, due_date=TODAY)
    frozen = facts(State.RETURNED, unit=UnitKind.VOLUME, open_faults=2, restraints=frozenset({RestraintKind.HOLD}))

    found = rules.why(mending, today=TODAY)

    assert (found.cause, found.faults, found.until) == (Cause.FAULTS, 2, TODAY)
    assert found.posts == {Post.HANDLER, Post.FILER}
    assert rules.why(frozen, today=TODAY).cause is Cause.RESTRAINT


@pytest.mark.parametrize("days", [0, 1])
def test_a_paper_first_volume_waits_for_its_day_and_not_longer(days: int) -> None:
    until = TODAY + dt.timedelta(days=days)
    found = rules.why(
        facts(State.SELF_CHECKED, unit=UnitKind.VOLUME, route=Route.LEGACY, kept_until=until), today=TODAY
    )

    assert found.cause is (Cause.TIME if days else Cause.POST)
    assert found.verb is Verb.APPLY


def test_a_single_set_case_waits_for_the_business_system_and_a_dossier_for_its_end() -> None:
    open_case = facts(State.COLLECTING, route=Route.SINGLE_SET, is_completed=False)
    dossier = facts(State.FILING, unit=UnitKind.VOLUME, grows=True)

    assert rules.why(open_case, today=TODAY).cause is Cause.BUSINESS
    assert not rules.why(open_case, today=TODAY).posts
    assert rules.why(dossier, today=TODAY).cause is Cause.GROWING


def test_what_is_held_waits_for_its_shelf_and_then_for_nothing() -> None:
    assert rules.why(facts(State.HELD, unit=UnitKind.VOLUME, is_placed=False), today=TODAY).posts == {Post.KEEPER}
    assert rules.why(facts(State.HELD, unit=UnitKind.VOLUME), today=TODAY).cause is Cause.NOTHING


@pytest.mark.parametrize("route", Route)
def test_wherever_a_record_stands_there_is_a_way_on_or_it_has_arrived(route: Route) -> None:
    states = {state for move in TABLE if move.route is route for state in (move.source, move.target)}
    for state in states - {State.HELD}:
        step = rules.next_step(route, UnitKind.ITEM, state)

        assert step is not None and step.verb not in rules.BACKWARD
    assert rules.next_step(route, UnitKind.VOLUME, State.HELD) is None


def test_every_verb_that_moves_a_record_is_done_by_an_act_that_is_timed() -> None:
    untimed = {Verb.RELEASE}  # taking an item out of an open volume is undoing, not a step

    assert set(rules.MOVING.values()) == set(Verb) - untimed


@pytest.mark.acceptance("S0-P10")
def test_times_and_returns_of_each_step_come_from_what_the_journal_tells() -> None:
    def told(minutes: int, unit: str, act: str) -> tuple[str, dt.datetime, str]:
        return unit, NOON + dt.timedelta(minutes=minutes), act

    found = {
        step.verb: step
        for step in rules.steps(
            [
                told(0, "a", "intake.register"),
                told(0, "b", "intake.register"),
                told(10, "a", "intake.submit"),
                told(30, "b", "intake.submit"),
                told(40, "a", "review.return_item"),
                told(50, "b", "something.else"),
                told(90, "b", "review.pass_item"),
            ]
        )
    }

    assert found[Verb.SUBMIT].count == 2
    assert found[Verb.SUBMIT].median == dt.timedelta(minutes=20)
    assert found[Verb.SUBMIT].longest == dt.timedelta(minutes=30)
    assert found[Verb.RETURN_ITEM].is_backward and found[Verb.RETURN_ITEM].count == 1
    assert found[Verb.PASS_ITEM].median == dt.timedelta(minutes=40)
