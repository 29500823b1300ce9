"""Known faults put into samples: chosen by a seed alone, spread evenly, and judged by what is named where."""

from collections import Counter

import pytest

from anjuan.core import detection, sampling
from anjuan.core.detection import injection
from anjuan.core.detection.injection import WHOLE, Mark, Sheet, Truth

MAIN, CARD, PROOF = Sheet("MAIN_FORM", True), Sheet("ID_CARD", False), Sheet("PROOF", False)
RECORD = (MAIN, MAIN, CARD, PROOF, PROOF)
SEED = sampling.seed_of("a seed")


def test_a_set_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    records = [RECORD] * 30

    assert injection.plan_set(records, SEED) == injection.plan_set(records, SEED)
    assert injection.plan_set(records, SEED) != injection.plan_set(records, sampling.seed_of("another"))


def test_a_third_of_a_set_is_clean_and_every_kind_of_fault_comes_as_often() -> None:
    plans = injection.plan_set([RECORD] * 54, SEED)

    clean = [plan for plan in plans if not plan.truth]
    counted = Counter(one.code for plan in plans for one in plan.truth)
    assert len(clean) == 18 and all(plan.copies == tuple(map(injection.Copy, range(5))) for plan in clean)
    assert set(counted) == set(injection.INJECTED) and max(counted.values()) - min(counted.values()) <= 3


def test_the_truth_names_the_page_on_which_the_fault_was_put() -> None:
    for plan in injection.plan_set([RECORD] * 60, SEED):
        put = {(page, copy.fault) for page, copy in enumerate(plan.copies, 1) if copy.fault}
        assert put == {(one.page, one.code) for one in plan.truth if one.page != WHOLE}
        assert all(0 <= copy.strength < 1 for copy in plan.copies)
        assert len({copy.source for copy in plan.copies if copy.fault}) == sum(bool(one.fault) for one in plan.copies)


@pytest.mark.parametrize(
    ("code", "pages"), [("I21", 4), ("I22", 6), ("I17", 6), ("V07", 5), *((code, 5) for code in injection.ON_A_PAGE)]
)
def test_a_fault_changes_the_pages_as_it_says(code: str, pages: int) -> None:
    plan = injection.plan_record(RECORD, [code], SEED)

    assert len(plan.copies) == pages and [one.code for one in plan.truth] == [code]
    if code == "V07":
        assert [copy.source for copy in plan.copies] == [2, 1, 0, 3, 4]  # a card before the main form
    if code == "I22":
        (at,) = [place for place, copy in enumerate(plan.copies) if copy.fault]
        assert plan.copies[at - 1].source == plan.copies[at].source


def test_a_record_gets_no_fault_that_nobody_could_see() -> None:
    assert "I21" not in injection.possible([MAIN])  # nothing would be left
    assert "V07" not in injection.possible([MAIN, MAIN]) and "V07" not in injection.possible([CARD, PROOF])
    assert "V07" not in injection.possible([CARD, MAIN])  # out of order already


def test_every_kind_stands_in_the_catalogue_and_can_be_named_by_a_person() -> None:
    named = set(injection.INJECTED) | {code for codes in injection.SAME.values() for code in codes}

    assert all(detection.faults()[code].by_person for code in named)


CASES = [
    # what is in it, what was named, found, misnamed, missed, alarms
    ([(2, "I06")], [(2, "I06")], 1, 0, 0, 0),
    ([(2, "I06")], [(2, "I08")], 0, 1, 0, 0),  # seen, and called by another name
    ([(2, "I06")], [(3, "I06")], 0, 0, 1, 1),
    ([(2, "I06")], [(WHOLE, "I06")], 0, 0, 1, 1),  # the page is asked for
    ([(2, "I06")], [], 0, 0, 1, 0),
    ([], [(1, "I01")], 0, 0, 0, 1),
    ([], [], 0, 0, 0, 0),
    ([(3, "I22")], [(2, "I22")], 1, 0, 0, 0),  # of two equal pages either
    ([(WHOLE, "I21")], [(WHOLE, "V05")], 1, 0, 0, 0),
    ([(WHOLE, "I21")], [(4, "V05")], 1, 0, 0, 0),
    ([(WHOLE, "V07")], [(1, "V06")], 1, 0, 0, 0),
    ([(WHOLE, "V07")], [(1, "I01")], 0, 0, 1, 1),
    ([(2, "I06"), (4, "I01")], [(2, "I06"), (4, "I08"), (1, "I01")], 1, 1, 0, 1),
]


@pytest.mark.parametrize(("inside", "named", "found", "misnamed", "missed", "alarms"), CASES)
def test_what_is_named_is_judged_by_page_and_code(
    inside: list[tuple[int, str]], named: list[tuple[int, str]], found: int, misnamed: int, missed: int, alarms: int
) -> None:
    truth = [Truth(page, code) for page, code in inside]

    score = injection.score(truth, [Mark(page, code) for page, code in named], does_count_differ=False)

    counted = (len(score.found), len(score.misnamed), len(score.missed), len(score.alarms))
    assert counted == (found, misnamed, missed, alarms)


def test_to_say_that_the_count_differs_is_no_false_alarm_where_it_does() -> None:
    truth = [Truth(3, "I17")]

    score = injection.score(truth, [Mark(WHOLE, "V02")], does_count_differ=True)

    assert not score.alarms and score.missed == tuple(truth)
    assert injection.score(truth, [Mark(WHOLE, "V02")], does_count_differ=False).alarms
