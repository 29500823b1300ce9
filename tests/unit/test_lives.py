"""Two mentions of one person, months and gaps, and the picture of a life: facts in, answers out."""

import datetime as dt

import pytest

from anjuan.core import identifiers
from anjuan.core.lives.drawing import Lane, Spot, draw, draw_graph
from anjuan.core.lives.matching import Likeness, Mention, Sign, UnitMention, is_near, judge, judge_units
from anjuan.core.lives.months import Stretch, gaps, stretches
from anjuan.core.refusals import Refusal
from anjuan.core.terms import SubjectKind
from anjuan.facilities.lives import queries, rules
from anjuan.facilities.lives.rules import Pair, Tie
from anjuan.foundation.schedule import actions as schedule
from tests.people import credit_code, number

RIGHT = number(123)


def old(full: str) -> str:
    return full[:6] + full[8:17]


def with_check(first17: str) -> str:
    return first17 + identifiers.id_check_digit(first17)


@pytest.mark.parametrize(
    ("one", "other", "likeness", "sign"),
    [
        (Mention("林晓", RIGHT), Mention("林晓", RIGHT), Likeness.SAME, Sign.SAME_NUMBER),
        (Mention("林晓", RIGHT), Mention("林晓", old(RIGHT)), Likeness.SAME, Sign.WIDENED_NUMBER),
        (Mention("張國華", RIGHT), Mention("张国华", RIGHT), Likeness.SAME, Sign.SAME_NAME),
        (Mention("艾力·买买提", RIGHT), Mention("艾力•买买提", RIGHT), Likeness.SAME, Sign.SAME_NAME),
        (Mention("林晓", RIGHT), Mention("林笑", RIGHT), Likeness.DOUBTFUL, Sign.OTHER_NAME),
        (Mention("林晓", RIGHT), Mention("林笑", RIGHT, frozenset({"林晓"})), Likeness.SAME, Sign.KNOWN_NAME),
        (
            Mention("林晓", RIGHT),
            Mention("林晓", RIGHT, birth=dt.date(1970, 1, 1)),
            Likeness.DOUBTFUL,
            Sign.OTHER_BIRTH,
        ),
        (Mention("林晓", RIGHT), Mention("林晓", RIGHT, sex="女"), Likeness.DOUBTFUL, Sign.OTHER_SEX),
        (Mention("林晓", RIGHT), Mention("林晓", RIGHT[:-1] + "0"), Likeness.DOUBTFUL, Sign.NEAR_NUMBER),
        (Mention("林晓", RIGHT), Mention("林晓", number(124)), Likeness.DOUBTFUL, Sign.NEAR_NUMBER),
        (Mention("林晓", RIGHT), Mention("林笑", number(124)), Likeness.OTHER, Sign.OTHER_NAME),
        (Mention("林晓", RIGHT), Mention("林晓", number(345, birth="19780101")), Likeness.OTHER, Sign.OTHER_NUMBER),
        (Mention("林晓", RIGHT), Mention("林晓"), Likeness.OTHER, Sign.NO_NUMBER),
        (
            Mention("林晓", RIGHT, units=frozenset({"甲厂"})),
            Mention("林晓", units=frozenset({"甲厂"}), birth=dt.date(1964, 2, 29)),
            Likeness.DOUBTFUL,
            Sign.SAME_UNIT,
        ),
        (
            Mention("林晓", RIGHT),
            Mention("林晓", units=frozenset({"甲厂"}), birth=dt.date(1964, 2, 29)),
            Likeness.OTHER,
            Sign.SAME_BIRTH,
        ),
        (Mention("林晓", "12345"), Mention("林晓", "12345"), Likeness.DOUBTFUL, Sign.WRONG_NUMBER),
    ],
)
def test_two_mentions_are_judged_with_a_reason(one: Mention, other: Mention, likeness: Likeness, sign: Sign) -> None:
    answer = judge(one, other)

    assert (answer.likeness, sign in answer.signs) == (likeness, True)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("123456", "123456", True),
        ("123456", "123457", True),
        ("123456", "124356", True),
        ("123456", "12456", True),
        ("123456", "1233456", True),
        ("123456", "214356", False),
        ("123456", "153426", False),
        ("123456", "1234", False),
    ],
)
def test_one_slip_is_near_and_two_are_not(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is near is is_near(other, one)


def test_units_are_one_by_code_and_never_by_name_alone() -> None:
    code = credit_code(1)

    assert judge_units(UnitMention("甲厂", code), UnitMention("甲厂", code)).likeness is Likeness.SAME
    assert judge_units(UnitMention("甲厂", code), UnitMention("甲厂", code[8:17])).likeness is Likeness.SAME
    assert judge_units(UnitMention("甲厂", code), UnitMention("乙厂", code)).likeness is Likeness.DOUBTFUL
    assert judge_units(UnitMention("甲厂", code), UnitMention("甲厂")).likeness is Likeness.DOUBTFUL
    assert judge_units(UnitMention("甲厂", code), UnitMention("甲厂", credit_code(2))).likeness is Likeness.DOUBTFUL
    assert judge_units(UnitMention("甲厂"), UnitMention("乙厂")).likeness is Likeness.OTHER
    former = UnitMention("乙厂", code, frozenset({"甲厂"}))
    assert judge_units(UnitMention("甲厂", code), former).likeness is Likeness.SAME


def test_gaps_lie_between_paid_months_and_a_benefit_fills_them() -> None:
    paid = ["1998-11", "1998-12", "1999-01", "1999-04", "1999-04", "2000-01"]

    assert stretches(paid)[0] == Stretch("1998-11", "1999-01")
    assert [(gap.first, gap.last, gap.count) for gap in gaps(paid)] == [
        ("1999-02", "1999-03", 2),
        ("1999-05", "1999-12", 8),
    ]
    assert gaps(paid, covered=["1999-02", "1999-03"]) == (Stretch("1999-05", "1999-12"),)
    assert gaps([]) == () and gaps(["2001-01"]) == ()


def test_the_picture_holds_what_it_was_given_and_puts_near_records_together() -> None:
    lanes = [
        Lane("养老保险", (Stretch("1998-01", "2004-03"),), (Stretch("2004-04", "2005-03"),), (), ()),
        Lane("失业保险", spots=tuple(Spot(f"2004-{month:02}", f"/item/{month}/", "x") for month in (4, 5, 6))),
    ]

    lying, standing = draw(lanes), draw(lanes, is_tall=True)

    assert lying and standing and draw([]) is None
    assert [bar.kind for bar in lying.bars] == ["paid", "gap"]
    assert sum(mark.count for mark in lying.marks) == sum(mark.count for mark in standing.marks) == 3
    for picture in (lying, standing):
        assert all(bar.x >= 0 and bar.x + bar.width <= picture.width for bar in picture.bars)
        assert all(bar.y >= 0 and bar.y + bar.height <= picture.height for bar in picture.bars)


def test_a_succession_is_drawn_by_generations() -> None:
    names = [("a", "甲厂"), ("b", "乙厂"), ("c", "一家名字很长很长很长很长的股份有限公司分公司")]
    edges = [("1", "a", "c"), ("2", "b", "c"), ("3", "c", "")]

    graph = draw_graph(["c"], names, edges)

    assert graph is not None
    places = {node.urn: node for node in graph.nodes}
    assert places["a"].x == places["b"].x < places["c"].x and places["c"].is_own
    assert len(places["c"].lines) == 2 and len(graph.arrows) == 2
    assert draw_graph(["c"], names, [("3", "c", "")]) is None


@pytest.mark.acceptance("S2-L7")
def test_every_step_of_a_phase_exists_and_none_stands_twice() -> None:
    known = {str(step["code"]) for step in schedule.shipped_steps()}

    for kind in SubjectKind:
        listed = [step for phase in queries.phases() if phase.kind == kind for step in phase.steps]
        assert len(listed) == len(set(listed))
        assert set(listed) <= known
    assert [phase.zh for phase in queries.phases() if phase.kind == SubjectKind.INSURED_PERSON] == [
        "参保", "缴费", "账户", "调整", "转移", "待遇（退休以外）", "退休", "社会化管理",
    ]  # fmt: skip


def test_joins_reach_over_others_and_contradictions_are_refused() -> None:
    assert rules.reached("a", [Pair("a", "b"), Pair("b", "c"), Pair("x", "y")]) == {"a", "b", "c"}
    lives = (frozenset({"a", "b"}), frozenset({"c"}))
    with pytest.raises(Refusal, match="L-103"):
        rules.check_tie(
            Tie.JOINED, Pair("a", "c"), standing={Pair("b", "c"): Tie.APART}, lives=lives, is_likely=True,
            has_evidence=True,
        )  # fmt: skip
    rules.check_tie(Tie.JOINED, Pair("a", "c"), standing={}, lives=lives, is_likely=False, has_evidence=True)
