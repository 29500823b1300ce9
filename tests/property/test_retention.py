"""Properties of 保管期限 over all days and terms."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term, TermKind

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31))
FIXED = st.integers(1, 999).map(lambda count: Term(TermKind.YEARS, count))
OTHERS = st.sampled_from([Term(kind) for kind in TermKind if kind is not TermKind.YEARS])
ANY = st.one_of(FIXED, OTHERS)
LAST_DAY = dt.date(9999, 12, 31)


def far_end(term: Term, formed: dt.date) -> dt.date:
    return retention.ends(formed, term) or LAST_DAY


@pytest.mark.acceptance("STD-1")
@given(formed=DAYS, term=FIXED)
def test_a_term_runs_whole_calendar_years_and_is_a_minimum(formed: dt.date, term: Term) -> None:
    end = retention.ends(formed, term)

    assert end is not None and term.years is not None
    assert (end.month, end.day) == (1, 1)
    assert end.year == formed.year + 1 + term.years
    assert not retention.is_due(formed, term, end - dt.timedelta(days=1))


@pytest.mark.acceptance("STD-1")
@given(current=ANY, proposed=ANY, formed=DAYS)
def test_no_change_by_hand_ever_brings_the_end_nearer(current: Term, proposed: Term, formed: dt.date) -> None:
    with contextlib.suppress(Refusal):
        changed = retention.change_by_hand(current, proposed)

        assert changed == proposed
        assert far_end(changed, formed) >= far_end(current, formed)


@pytest.mark.acceptance("STD-1")
@given(current=ANY, proposed=ANY)
def test_a_change_is_refused_exactly_when_shorter_or_not_settled(current: Term, proposed: Term) -> None:
    settled = current.is_settled and proposed.is_settled
    formed = dt.date(2024, 6, 1)
    shorter = settled and far_end(proposed, formed) < far_end(current, formed)
    try:
        retention.change_by_hand(current, proposed)
        said = ""
    except Refusal as refusal:
        said = refusal.code

    assert said == ("H-003" if not settled else "H-002" if shorter else "")


@pytest.mark.acceptance("STD-1")
@given(formed=DAYS, term=OTHERS, today=st.dates(dt.date(1900, 1, 1), LAST_DAY))
def test_what_has_no_number_of_years_is_never_due(formed: dt.date, term: Term, today: dt.date) -> None:
    assert not retention.is_due(formed, term, today)


@given(terms=st.lists(ANY, min_size=1, max_size=6), formed=DAYS)
def test_no_item_outlives_the_term_of_its_volume(terms: list[Term], formed: dt.date) -> None:
    longest = retention.longest(terms)

    assert all(far_end(longest, formed) >= far_end(term, formed) for term in terms)


@given(term=ANY)
def test_a_stored_term_is_read_back(term: Term) -> None:
    assert retention.parse(str(term)) == term
