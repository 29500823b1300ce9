"""保管期限: when the clock starts, when it ends, and what no person may do."""

import datetime as dt

import pytest

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.retention import PERMANENT, UNCONFIRMED, Term, TermKind

ACCOUNTING = Term(TermKind.ACCOUNTING)


def years(count: int) -> Term:
    return Term(TermKind.YEARS, count)


@pytest.mark.acceptance("STD-1")
@pytest.mark.parametrize(
    ("formed", "start"),
    [
        (dt.date(2024, 1, 1), dt.date(2025, 1, 1)),
        (dt.date(2024, 2, 29), dt.date(2025, 1, 1)),
        (dt.date(2024, 12, 31), dt.date(2025, 1, 1)),
        (dt.date(1999, 12, 31), dt.date(2000, 1, 1)),
    ],
)
def test_the_clock_starts_on_the_first_of_january_of_the_next_year(formed: dt.date, start: dt.date) -> None:
    assert retention.clock_starts(formed) == start


@pytest.mark.acceptance("STD-1")
@pytest.mark.parametrize(
    ("formed", "term", "end"),
    [
        (dt.date(2024, 2, 29), 1, dt.date(2026, 1, 1)),
        (dt.date(2024, 3, 15), 10, dt.date(2035, 1, 1)),
        (dt.date(2009, 12, 31), 100, dt.date(2110, 1, 1)),
    ],
)
def test_a_fixed_term_ends_after_whole_years_leap_day_or_not(formed: dt.date, term: int, end: dt.date) -> None:
    assert retention.ends(formed, years(term)) == end


@pytest.mark.acceptance("STD-1")
def test_a_record_is_due_on_the_day_the_term_has_run_and_not_before() -> None:
    formed, end = dt.date(2014, 6, 1), dt.date(2025, 1, 1)

    assert not retention.is_due(formed, years(10), end - dt.timedelta(days=1))
    assert retention.is_due(formed, years(10), end)


@pytest.mark.acceptance("STD-1")
@pytest.mark.parametrize("term", [PERMANENT, UNCONFIRMED, ACCOUNTING], ids=str)
def test_permanent_unconfirmed_and_accounting_terms_never_end(term: Term) -> None:
    assert retention.ends(dt.date(1950, 1, 1), term) is None
    assert not retention.is_due(dt.date(1950, 1, 1), term, dt.date(9999, 12, 31))


@pytest.mark.acceptance("STD-1")
def test_a_term_may_be_lengthened_or_kept_by_hand() -> None:
    assert retention.change_by_hand(years(10), years(30)) == years(30)
    assert retention.change_by_hand(years(10), years(10)) == years(10)
    assert retention.change_by_hand(years(100), PERMANENT) is PERMANENT


@pytest.mark.acceptance("STD-1")
@pytest.mark.parametrize(("current", "proposed"), [(years(30), years(29)), (PERMANENT, years(999))], ids=str)
def test_a_term_is_never_shortened_by_hand(current: Term, proposed: Term) -> None:
    with pytest.raises(Refusal) as caught:
        retention.change_by_hand(current, proposed)

    assert caught.value.code == "H-002"


@pytest.mark.acceptance("STD-1")
@pytest.mark.parametrize("unsettled", [UNCONFIRMED, ACCOUNTING], ids=str)
@pytest.mark.parametrize("settled", [PERMANENT, years(100)], ids=str)
def test_what_is_not_settled_no_person_settles(unsettled: Term, settled: Term) -> None:
    for pair in ((unsettled, settled), (settled, unsettled), (unsettled, unsettled)):
        with pytest.raises(Refusal) as caught:
            retention.change_by_hand(*pair)
        assert caught.value.code == "H-003"


@pytest.mark.parametrize(
    ("spelled", "term"),
    [
        ("永久", PERMANENT),
        ("PERMANENT", PERMANENT),
        ("待核实", UNCONFIRMED),
        ("UNCONFIRMED", UNCONFIRMED),
        ("按会计档案管理办法", ACCOUNTING),
        ("ACCOUNTING", ACCOUNTING),
        ("30年", years(30)),
        (" 100年 ", years(100)),
        ("Y10", years(10)),
        ("50", years(50)),
    ],
)
def test_a_term_is_read_as_the_schedule_spells_it_or_as_it_is_stored(spelled: str, term: Term) -> None:
    assert retention.parse(spelled) == term
    assert retention.parse(str(term)) == term


@pytest.mark.parametrize("wrong", ["", "0年", "长期", "-5", "Y0", "YEARS", "十年", "1000年", "30 年"])
def test_what_is_no_term_is_h_001(wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        retention.parse(wrong)

    assert caught.value.code == "H-001"


@pytest.mark.parametrize(
    ("kind", "count"), [(TermKind.YEARS, None), (TermKind.YEARS, 0), (TermKind.YEARS, -1), (TermKind.PERMANENT, 10)]
)
def test_a_term_that_makes_no_sense_cannot_be_made(kind: TermKind, count: int | None) -> None:
    with pytest.raises(ValueError, match="fixed term"):
        Term(kind, count)


def test_a_volume_carries_the_longest_term_of_its_items_an_unsettled_one_before_all() -> None:
    assert retention.longest([years(10), years(50), years(30)]) == years(50)
    assert retention.longest([years(999), PERMANENT]) == PERMANENT
    assert retention.longest([PERMANENT, UNCONFIRMED, years(10)]) == UNCONFIRMED
