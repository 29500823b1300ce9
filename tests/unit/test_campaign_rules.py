"""What a campaign goes over, and who may judge: facts in, decisions out."""

import datetime as dt
import zoneinfo
from typing import Any

import pytest

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post, Route, State
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.rules import Selection

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")


def refusal_of(judge: Any, *given: Any, **named: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        judge(*given, **named)
    return caught.value


def test_a_selection_is_kept_with_what_it_asks_for_and_read_back_the_same() -> None:
    asked = Selection(agency_code="BH", year=2024, filed_to=dt.date(2024, 6, 30))

    assert asked.spell() == {"agency_code": "BH", "year": 2024, "filed_to": "2024-06-30"}
    assert rules.read_selection(asked.spell()) == asked
    assert rules.read_selection({}) == Selection()


@pytest.mark.parametrize(
    "selection",
    [
        Selection(agency_code="XX"),
        Selection(state="FILING"),
        Selection(state="RETURNED"),
        Selection(state="?"),
        Selection(fault_code="X99"),
        Selection(year=12),
        Selection(filed_from=dt.date(2024, 2, 1), filed_to=dt.date(2024, 1, 31)),
    ],
)
def test_what_cannot_be_asked_is_refused(selection: Selection) -> None:
    said = refusal_of(rules.check_selection, selection, agencies={"BH"}, known_faults={"S01"})

    assert said.code == "Q-030"


def test_only_what_is_sealed_and_not_being_mended_can_be_rechecked() -> None:
    assert {State.FILED, State.APPLIED, State.HELD} <= set(rules.RECHECKABLE)
    assert not {State.COLLECTING, State.FILING, State.RETURNED, State.MENDING} & set(rules.RECHECKABLE)


@pytest.mark.parametrize(
    ("count", "expected", "code"), [(0, 0, "Q-031"), (4, None, "Q-032"), (2, 3, "Q-033"), (3, 2, "Q-033")]
)
def test_what_is_frozen_is_what_was_counted(count: int, expected: int | None, code: str) -> None:
    assert refusal_of(rules.check_count, count, limit=3, expected=expected).code == code
    rules.check_count(3, limit=3, expected=3)


@pytest.mark.parametrize(
    ("paths", "common"),
    [
        (["/SJ/BH/"], "/SJ/BH/"),
        (["/SJ/BH/", "/SJ/BH/Z1/"], "/SJ/BH/"),
        (["/SJ/BH/", "/SJ/HX/"], "/SJ/"),
        (["/SJ/BH/A/", "/SJ/HX/A/"], "/SJ/"),
        (["/SJ/B/", "/SJ/BH/"], "/SJ/"),
    ],
)
def test_a_campaign_belongs_to_the_nearest_agency_above_its_volumes(paths: list[str], common: str) -> None:
    assert rules.common_path(paths) == common


def test_a_week_is_that_of_the_agencys_calendar() -> None:
    late_on_sunday = dt.datetime(2026, 3, 8, 15, 59, tzinfo=dt.UTC)  # 23:59 there
    early_on_monday = dt.datetime(2026, 3, 8, 16, 0, tzinfo=dt.UTC)

    assert rules.week_of(late_on_sunday, SHANGHAI)[0].date() == dt.date(2026, 3, 2)
    first, until = rules.week_of(early_on_monday, SHANGHAI)
    assert (first.date(), until.date()) == (dt.date(2026, 3, 9), dt.date(2026, 3, 16))
    assert first == early_on_monday


@pytest.mark.parametrize(
    ("route", "state", "post", "is_gate"),
    [
        (Route.TARGET, State.FILED, Post.CHECKER, True),
        (Route.TARGET, State.FILED, Post.ACCEPTOR, False),
        (Route.TARGET, State.APPLIED, Post.ACCEPTOR, True),
        (Route.LEGACY, State.RECEIVED, Post.ACCEPTOR, True),
        (Route.TARGET, State.RECEIVED, Post.RECHECKER, True),
        (Route.TARGET, State.HELD, Post.RECHECKER, False),
        (Route.SINGLE_SET, State.SELF_CHECKED, Post.CHECKER, False),
    ],
)
def test_a_fault_goes_back_only_from_a_gate_of_ones_own(route: Route, state: State, post: Post, is_gate: bool) -> None:
    assert rules.has_gate(route, state, frozenset({post})) is is_gate


@pytest.mark.parametrize("duty", [Duty.HANDLED, Duty.FILED, Duty.MENDED])
def test_whose_work_it_is_does_not_recheck_it(duty: Duty) -> None:
    said = refusal_of(rules.check_apart, "bh01", [{}, {duty: frozenset({"bh01"})}], reference="J001")

    assert said.code == "Q-036"
    rules.check_apart("bh02", [{duty: frozenset({"bh01"})}], reference="J001")
    rules.check_apart("bh01", [{Duty.REVIEWED: frozenset({"bh01"})}], reference="J001")


def test_nothing_is_found_only_where_every_page_was_opened() -> None:
    pages = [(1, 1), (1, 2)]

    assert refusal_of(rules.check_looked, pages, {(1, 1)}, reference="J001").params["left"] == 1
    rules.check_looked(pages, {(1, 1), (1, 2), (9, 1)}, reference="J001")
    rules.check_looked([], set(), reference="J001")
