"""The age of retirement against the table that the law carries, and what forms write of amounts and spans."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core import retirement
from anjuan.core.reading import amounts

MAN, (CADRE, WORKER) = retirement.MEN[0], retirement.WOMEN


@pytest.mark.parametrize(
    ("ladder", "born", "due"),
    [
        (MAN, (1964, 12), (2024, 12)),
        (MAN, (1965, 1), (2025, 2)),
        (MAN, (1965, 4), (2025, 5)),
        (MAN, (1965, 5), (2025, 7)),
        (MAN, (1976, 8), (2039, 7)),
        (MAN, (1976, 9), (2039, 9)),
        (MAN, (1990, 3), (2053, 3)),
        (CADRE, (1970, 1), (2025, 2)),
        (CADRE, (1981, 9), (2039, 9)),
        (WORKER, (1975, 1), (2025, 2)),
        (WORKER, (1975, 3), (2025, 5)),
        (WORKER, (1984, 11), (2039, 11)),
        (WORKER, (1984, 10), (2039, 9)),
    ],
)
def test_the_month_is_that_of_the_published_table(
    ladder: retirement.Ladder, born: tuple[int, int], due: tuple[int, int]
) -> None:
    assert retirement.statutory_month(dt.date(*born, 17), ladder) == dt.date(*due, 1)


@given(st.dates(dt.date(1930, 1, 1), dt.date(2010, 12, 31)), st.sampled_from((MAN, CADRE, WORKER)))
def test_the_age_never_falls_nor_rises_beyond_its_end(birth: dt.date, ladder: retirement.Ladder) -> None:
    due = retirement.statutory_month(birth, ladder)
    former = retirement.later(birth, ladder.age * 12)

    assert former <= due <= retirement.later(former, ladder.most)
    assert due <= retirement.statutory_month(birth + dt.timedelta(days=31), ladder)
    assert retirement.is_lawful(birth, ladder is MAN, due)
    if ladder is MAN:  # of women another ladder may allow it
        assert not retirement.is_lawful(birth, True, retirement.later(former, -1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3,421.50", 342150),
        ("￥３４２１．５元", 342150),
        ("342150", 34215000),
        ("1.2万元", 1200000),
        ("人民币叁仟肆佰贰拾壹元伍角整", 342150),
        ("壹万零贰佰元零伍分", 1020005),
        ("拾伍万元整", 15000000),
        ("壹亿贰仟万元整", 12_000_000_000),
        ("叁仟肆佰贰拾壹元整元", None),
        ("-300", None),
        ("3,42.50", None),
        ("12 至 15", None),
        ("见附表", None),
        ("", None),
    ],
)
def test_an_amount_is_read_or_refused(text: str, value: int | None) -> None:
    assert amounts.fen(text) == value


@given(st.integers(0, 10**9))
def test_an_amount_that_was_written_is_read_again(fen: int) -> None:
    assert amounts.fen(f"{fen // 100:,}.{fen % 100:02d}元") == fen


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("23年5个月", (281, True)),
        ("23年05月", (281, True)),
        ("281 个月", (281, True)),
        ("23年", (276, False)),
        ("23年0个月", (276, True)),
        ("23年14个月", None),
        ("1998年5月", None),
        ("不详", None),
    ],
)
def test_a_span_is_read_or_refused(text: str, span: tuple[int, bool] | None) -> None:
    assert amounts.span_months(text) == span


def test_a_month_is_read_where_there_is_only_one() -> None:
    assert amounts.month_of("2025年7月") == amounts.month_of("2025-07-01") == dt.date(2025, 7, 1)
    assert amounts.month_of("2025年7月至2025年8月") is None
    assert amounts.month_of("2025年13月") is None
