"""Properties of a selection for the workshop: only what is wanted, one order, and more need never ranks lower."""

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core.refusals import Refusal
from anjuan.desks.workshop import rules
from anjuan.foundation.schedule.rules import RiskGrade

YEAR = 2026
WAITING = st.builds(
    rules.Waiting,
    urn=st.integers(0, 10**6).map(str),
    reference=st.sampled_from(["A-1", "A-2", "B-1"]),
    category=st.sampled_from(["01", "02"]),
    steps=st.frozensets(st.sampled_from(["S1", "S2"]), min_size=1),
    year=st.integers(1949, YEAR + 1),
    agency=st.sampled_from(["BH", "HX"]),
    risk=st.sampled_from(list(RiskGrade)),
    damage_grade=st.integers(0, 3),
    uses=st.integers(0, 200),
)
LOTS = st.lists(WAITING, max_size=8, unique_by=lambda volume: volume.urn)
CRITERIA = st.builds(
    rules.Criteria,
    category=st.sampled_from(["", "01"]),
    step=st.sampled_from(["", "S1"]),
    year=st.sampled_from([0, 2000]),
    agency=st.sampled_from(["", "BH"]),
    risk=st.sampled_from(["", "HIGH"]),
    least_damage=st.integers(0, 3),
    least_uses=st.integers(0, 100),
)
POWERS = st.builds(rules.Powers, *[st.integers(0, rules.MOST_POWER)] * 3)


@pytest.mark.acceptance("S2-W2")
@given(lot=LOTS, criteria=CRITERIA, powers=POWERS, shuffler=st.randoms(use_true_random=False))
def test_what_is_wanted_and_nothing_else_stands_in_one_order(
    lot: list[rules.Waiting], criteria: rules.Criteria, powers: rules.Powers, shuffler: random.Random
) -> None:
    shuffled = list(lot)
    shuffler.shuffle(shuffled)

    found = rules.ranked(lot, criteria, this_year=YEAR, powers=powers)

    assert found == rules.ranked(shuffled, criteria, this_year=YEAR, powers=powers)
    assert {one.volume.urn for one in found} == {one.urn for one in lot if rules.is_wanted(criteria, one)}
    assert [one.place for one in found] == list(range(1, len(found) + 1))
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@given(lot=st.lists(WAITING, min_size=1, max_size=8, unique_by=lambda v: v.urn), powers=POWERS, more=st.integers(1, 9))
def test_more_use_more_damage_or_more_years_never_rank_a_volume_lower(
    lot: list[rules.Waiting], powers: rules.Powers, more: int
) -> None:
    subject, rest = lot[0], lot[1:]

    def place(volume: rules.Waiting) -> int:
        found = rules.ranked([volume, *rest], rules.Criteria(), this_year=YEAR, powers=powers)
        return next(one.place for one in found if one.volume.urn == subject.urn)

    needier = [
        dataclasses.replace(subject, uses=subject.uses + more),
        dataclasses.replace(subject, damage_grade=min(3, subject.damage_grade + more)),
        dataclasses.replace(subject, year=subject.year - more),
        dataclasses.replace(subject, risk=RiskGrade.HIGH),
    ]
    assert all(place(volume) <= place(subject) for volume in needier)


@given(lot=LOTS)
def test_a_power_of_nothing_leaves_its_factor_out(lot: list[rules.Waiting]) -> None:
    found = rules.ranked(lot, rules.Criteria(), this_year=YEAR, powers=rules.Powers(0, 0, 0))
    assert {one.score for one in found} <= {1}
    assert [one.volume.reference for one in found] == sorted(volume.reference for volume in lot)


@given(criteria=CRITERIA, volume=WAITING)
def test_each_criterion_narrows(criteria: rules.Criteria, volume: rules.Waiting) -> None:
    if rules.is_wanted(criteria, volume):
        for name, empty in dataclasses.asdict(rules.Criteria()).items():
            assert rules.is_wanted(dataclasses.replace(criteria, **{name: empty}), volume)
    assert rules.is_wanted(rules.Criteria(), volume)


@pytest.mark.parametrize("text", ["", "1,1", "1,1,4", "-1,1,1", "a,b,c", "1,1,1,1"])
def test_a_formula_that_is_none_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rules.powers_of(text)
    assert str(rules.powers_of("2,0,3")) == "2,0,3"


def test_what_is_chosen_stands_in_the_ranking() -> None:
    lot = [
        rules.Waiting(f"urn:{number}", f"V{number:02}", "01", frozenset(), 2000, "BH", RiskGrade.LOW, 0, 0)
        for number in range(60)
    ]
    offered = rules.ranked(lot, rules.Criteria(), this_year=YEAR, powers=rules.Powers())
    assert [one.place for one in rules.chosen(offered, ["urn:7", "urn:3"])] == [4, 8]
    for urns, code in (([], "U-080"), ([one.urn for one in lot], "U-081"), (["urn:1", "urn:x"], "U-082")):
        with pytest.raises(Refusal) as refusal:
            rules.chosen(offered, urns)
        assert refusal.value.code == code
