"""Sampling plans are the standard's: built here a second time, from the regular structure of its tables."""

import itertools

import pytest

from anjuan.core.refusals import Refusal
from anjuan.core.sampling import plans
from anjuan.core.sampling.plans import Severity

LETTERS = "ABCDEFGHJKLMNPQR"
AQLS = ("0.065", "0.1", "0.15", "0.25", "0.4", "0.65", "1", "1.5", "2.5", "4", "6.5", "10")
LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
# Table 1 read downwards: the letters of one level for each class of lots.
TABLE_1 = {
    "S-1": "AAAABBBBCCCCDDD",
    "S-2": "AAABBBCCCDDDEEE",
    "S-3": "AABBCCDDEEFFGGH",
    "S-4": "AABCCDEEFGGHJJK",
    "I": "AABCCDEFGHJKLMN",
    "II": "ABCDEFGHJKLMNPQ",
    "III": "BCDEFGHJKLMNPQR",
}
ENDS = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000, None)
SIZES = {
    Severity.NORMAL: (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000),
    Severity.TIGHTENED: (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000),
    Severity.REDUCED: (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800),
}
# Each diagonal of the table holds one thing: where Ac is 0, how many arrows follow, then the row of Ac, then arrows up.
ZERO = {Severity.NORMAL: 10, Severity.TIGHTENED: 11, Severity.REDUCED: 10}
ROW = {
    Severity.NORMAL: (1, 2, 3, 5, 7, 10, 14, 21),
    Severity.TIGHTENED: (1, 2, 3, 5, 8, 12, 18),
    Severity.REDUCED: (1, 1, 2, 3, 5, 6, 8, 10),
}


def cell(severity: Severity, row: int, column: int) -> int | str:
    """What the table prints: Ac, or an arrow."""
    diagonal = row + column - ZERO[severity]
    if diagonal < 0:
        return "down"
    if diagonal == 0:
        return 0
    if diagonal in (1, 2):
        # normal and reduced: the first of the two points up to Ac 0, where there is a row above; tightened: both down
        return "up" if diagonal == 1 and severity is not Severity.TIGHTENED and row > 0 else "down"
    place = diagonal - 3
    return ROW[severity][place] if place < len(ROW[severity]) else "up"


def followed(severity: Severity, row: int, column: int) -> tuple[int, int]:
    """The plan that the arrows lead to."""
    while isinstance(printed := cell(severity, row, column), str):
        row += 1 if printed == "down" else -1
    return SIZES[severity][row], printed


LOTS = [1, 2, *(lot for end in ENDS if end for lot in (end, end + 1)), 7_000_000]


@pytest.mark.acceptance("STD-12")
@pytest.mark.parametrize("severity", list(SIZES))
@pytest.mark.parametrize("level", LEVELS)
def test_the_plan_of_every_lot_level_and_aql_is_the_tables(level: str, severity: Severity) -> None:
    for lot, (column, aql) in itertools.product(LOTS, enumerate(AQLS)):
        place = next(place for place, end in enumerate(ENDS) if end is None or lot <= end)
        letter = TABLE_1[level][place]

        plan = plans.plan_for(lot, level, aql, severity)

        assert plan.letter == letter
        assert (plan.size, plan.accept) == followed(severity, LETTERS.index(letter), column), (lot, level, aql)
        assert plan.sample == min(lot, plan.size)


@pytest.mark.acceptance("STD-12")
@pytest.mark.parametrize(
    ("lot", "level", "aql", "severity", "size", "accept"),
    [  # rows that are widely printed, and the places where published copies err
        (1000, "II", "2.5", Severity.NORMAL, 80, 5),
        (1000, "II", "1", Severity.NORMAL, 80, 2),
        (1000, "II", "1.5", Severity.NORMAL, 80, 3),
        (100, "II", "2.5", Severity.NORMAL, 20, 1),
        (60, "II", "2.5", Severity.NORMAL, 20, 1),  # the arrow of E leads to F
        (8, "II", "2.5", Severity.NORMAL, 5, 0),  # not "all eight"
        (1000, "II", "2.5", Severity.TIGHTENED, 80, 3),
        (4000, "II", "2.5", Severity.NORMAL, 200, 10),
        (4000, "II", "0.65", Severity.NORMAL, 200, 3),
        (500_001, "III", "0.065", Severity.NORMAL, 2000, 3),
        (500_001, "II", "10", Severity.NORMAL, 125, 21),
        (1, "II", "2.5", Severity.NORMAL, 5, 0),
    ],
)
def test_known_rows(lot: int, level: str, aql: str, severity: Severity, size: int, accept: int) -> None:
    plan = plans.plan_for(lot, level, aql, severity)

    assert (plan.size, plan.accept) == (size, accept)


@pytest.mark.acceptance("STD-12")
def test_a_plan_larger_than_the_lot_is_the_whole_lot() -> None:
    assert [plans.plan_for(lot, "II", "2.5", Severity.NORMAL).sample for lot in (1, 4, 5, 6)] == [1, 4, 5, 5]


@pytest.mark.acceptance("STD-12")
@pytest.mark.parametrize(("level", "aql"), [("IV", "2.5"), ("II", "3"), ("II", "2.50"), ("", "")])
def test_what_the_tables_do_not_have_is_refused(level: str, aql: str) -> None:
    with pytest.raises(Refusal, match="Q-020"):
        plans.plan_for(100, level, aql, Severity.NORMAL)


def test_while_inspection_is_stopped_there_is_no_plan_and_an_empty_lot_has_none() -> None:
    with pytest.raises(Refusal, match="Q-021"):
        plans.plan_for(100, "II", "2.5", Severity.STOPPED)
    with pytest.raises(ValueError, match="empty"):
        plans.plan_for(0, "II", "2.5", Severity.NORMAL)


@pytest.mark.parametrize(
    ("lot", "aql", "found", "score"),
    [(8, "2.5", 0, 2), (100, "2.5", 1, 2), (100, "2.5", 2, None), (1000, "2.5", 3, 3), (1000, "2.5", 4, None)],
)
def test_an_accepted_lot_scores_two_or_three_or_nothing(lot: int, aql: str, found: int, score: int | None) -> None:
    assert plans.scores(plans.plan_for(lot, "II", aql, Severity.NORMAL), found) == score
