"""How long a page was looked at: from one opening to the next, pauses left out."""

from anjuan.desks.inspection import rules


def test_seconds_run_from_page_to_page_and_a_pause_is_none() -> None:
    assert rules.paces([0, 5, 12, 700, 701]) == [5, 7, 1]


def test_nothing_can_be_said_of_one_moment_alone() -> None:
    assert rules.paces([4]) == rules.paces([]) == []


def test_a_pause_of_ten_minutes_still_counts_and_a_second_more_does_not() -> None:
    assert rules.paces([0, 600, 1201]) == [600]
