"""The work ledger: what a month amounts to, and what is no work of a helper."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core.refusals import Refusal
from anjuan.facilities.workload import rules
from anjuan.facilities.workload.rules import Act

DAY = dt.date(2026, 10, 9)


def act(name: str, staff: str = "bh08", *, agency: str = "BH", day: dt.date = DAY, pages: int = 0) -> Act:
    return Act(staff, name, day, agency, pages)


@pytest.mark.acceptance("S3-F16")
def test_days_acts_pages_and_rooms_are_counted() -> None:
    lines = rules.ledger(
        [
            act("intake.capture", pages=3),
            act("intake.capture", pages=2, day=DAY + dt.timedelta(days=1)),
            act("filing.arrange"),
            act("review.pass_item", "bh02"),
            act("accounts.log_in"),
        ],
        {"bh08": "BH"},
    )
    helper, reviewer = sorted(lines, key=lambda line: line.staff_code, reverse=True)
    assert (helper.days, helper.acts, helper.pages, helper.elsewhere) == (2, 3, 5, 0)
    assert helper.rooms == (("intake", 2), ("filing", 1))
    assert (reviewer.staff_code, reviewer.acts, reviewer.elsewhere) == ("bh02", 1, 0)


@pytest.mark.acceptance("S3-P6", "S3-R6")
@pytest.mark.parametrize(
    ("name", "agency", "elsewhere"),
    [
        ("intake.capture", "BH", False),
        ("filing.open_volume", "BH", False),
        ("intake.capture", "HX", True),  # another agency's record
        ("intake.register", "BH", True),  # the business of a handler
        ("review.pass_item", "BH", True),
        ("certificates.issue", "", True),
        ("accounts.log_in", "", False),
    ],
)
def test_other_work_of_a_helper_is_told_apart(name: str, agency: str, elsewhere: bool) -> None:
    assert rules.is_elsewhere(act(name, agency=agency), "BH") is elsewhere
    assert not rules.is_elsewhere(act(name, agency=agency), None)  # who is no helper may do what his posts allow


def test_a_day_is_noted_once() -> None:
    found = [act("review.pass_item"), act("review.pass_item"), act("intake.register", "bh01")]
    assert rules.diversions(found, {"bh08": "BH"}, frozenset()) == {("bh08", DAY): 2}
    assert rules.diversions(found, {"bh08": "BH"}, {("bh08", DAY)}) == {}


@given(st.lists(st.sampled_from(["intake.capture", "review.pass_item", "accounts.log_in"]), max_size=30))
def test_no_act_is_counted_twice_or_lost(names: list[str]) -> None:
    lines = rules.ledger([act(name) for name in names], {"bh08": "BH"})
    work = [name for name in names if not name.startswith("accounts")]
    assert sum(line.acts for line in lines) == len(work) == sum(count for line in lines for _, count in line.rooms)
    assert sum(line.elsewhere for line in lines) == work.count("review.pass_item")


@pytest.mark.parametrize(
    ("text", "first", "until"),
    [
        ("2026-02", dt.date(2026, 2, 1), dt.date(2026, 3, 1)),
        ("2025-12", dt.date(2025, 12, 1), dt.date(2026, 1, 1)),
        ("", dt.date(2026, 10, 1), dt.date(2026, 11, 1)),
        ("2026-13", dt.date(2026, 10, 1), dt.date(2026, 11, 1)),
        ("x", dt.date(2026, 10, 1), dt.date(2026, 11, 1)),
    ],
)
def test_a_month_is_read_or_this_one_is_meant(text: str, first: dt.date, until: dt.date) -> None:
    assert rules.month(text, dt.date(2026, 10, 9)) == (first, until)


@pytest.mark.parametrize("text", ["", "   ", "长" * 301])
def test_an_explanation_says_something(text: str) -> None:
    with pytest.raises(Refusal) as said:
        rules.said(text)
    assert said.value.code == "O-101"
    assert rules.said(" 临时\n替班 ") == "临时 替班"
