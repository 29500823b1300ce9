"""Pace and time left: whatever the figures are, nothing negative is said, and nothing is divided by nothing."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from anjuan.facilities.jobs import rules

COUNTS = st.integers(min_value=-10, max_value=10**9)
SPANS = st.timedeltas(min_value=dt.timedelta(days=-400), max_value=dt.timedelta(days=4000))
RATES = st.none() | st.floats(min_value=-1.0, max_value=1e12, allow_nan=False)


@given(COUNTS, SPANS)
def test_a_rate_is_positive_or_unknown(done: int, took: dt.timedelta) -> None:
    rate = rules.per_minute(done, took)

    assert rate is None or rate > 0


@given(COUNTS, RATES)
def test_time_left_is_never_negative_and_unknown_without_a_rate(remaining: int, rate: float | None) -> None:
    left = rules.time_left(remaining, rate)

    assert left is None or left >= dt.timedelta(0)
    if remaining > 0 and (rate is None or rate <= 0):
        assert left is None


@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=1, max_value=10**6))
def test_at_a_steady_pace_the_rest_takes_its_share(done: int, remaining: int) -> None:
    left = rules.time_left(remaining, rules.per_minute(done, dt.timedelta(minutes=1)))

    assert left is not None
    assert abs(left.total_seconds() - 60 * remaining / done) < 1


@given(st.integers(min_value=0, max_value=10**6), st.integers(min_value=0, max_value=100))
def test_a_worker_that_gave_a_sign_a_moment_ago_is_not_silent(behind: int, stalled: int) -> None:
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    signs = rules.Signs(now - dt.timedelta(seconds=5), stalled, now if stalled else None, behind)

    found = rules.troubles(signs, now)

    assert rules.Trouble.WORKER_SILENT not in found
    assert (rules.Trouble.QUEUE_STALLED in found) == (stalled > 0)
    assert (rules.Trouble.FOLLOWERS_LATE in found) == (behind > rules.MOST_BEHIND)
