"""Ruled tables: plain ones, merged cells, rules that are broken, askew or red, and what is none."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from anjuan.core.reading.pages import Line
from anjuan.core.reading.tables import Cell, Table, texts, words_in
from anjuan.facilities.reading.backends.tables import find_tables

WIDTH, HEIGHT = 1240, 1754  # A4 at 150 dots an inch
Page = npt.NDArray[np.uint8]


def page() -> Page:
    return np.full((HEIGHT, WIDTH, 3), 250, np.uint8)


def ruled(
    xs: list[int],
    ys: list[int],
    *,
    without: tuple[tuple[int, int, int, int], ...] = (),
    ink: tuple[int, ...] = (30,) * 3,
) -> Page:
    """A lattice; ``without`` are rules left out: from x, y to x, y."""
    made = page()
    for y in ys:
        cv2.line(made, (xs[0], y), (xs[-1], y), ink, 2)
    for x in xs:
        cv2.line(made, (x, ys[0]), (x, ys[-1]), ink, 2)
    for x0, y0, x1, y1 in without:
        cv2.line(made, (x0, y0), (x1, y1), (250, 250, 250), 4)
    return made


XS, YS = [150, 400, 700, 1100], [300, 380, 460, 600]


def spans(table: Table) -> list[tuple[int, int, int, int]]:
    return sorted((one.row, one.column, one.rows, one.columns) for one in table.cells)


PLAIN = [(r, c, 1, 1) for r in range(3) for c in range(3)]


def test_a_lattice_is_a_table_and_its_cells_lie_where_they_were_drawn() -> None:
    (table,) = find_tables(ruled(XS, YS))

    assert spans(table) == PLAIN
    first = next(one for one in table.cells if (one.row, one.column) == (1, 2))
    assert first.box == pytest.approx((700 / WIDTH, 380 / HEIGHT, 400 / WIDTH, 80 / HEIGHT), abs=0.003)


def test_cells_without_a_rule_between_them_are_one() -> None:
    wide = (404, 380, 696, 380)  # between the first two rows of the second column
    tall = (700, 304, 700, 376)  # between the last two columns of the first row
    (table,) = find_tables(ruled(XS, YS, without=(tall,)))
    assert spans(table) == sorted([(0, 0, 1, 1), (0, 1, 1, 2), *PLAIN[3:]])

    (table,) = find_tables(ruled(XS, YS, without=(wide,)))
    assert spans(table) == sorted([(0, 0, 1, 1), (0, 1, 2, 1), (0, 2, 1, 1), (1, 0, 1, 1), (1, 2, 1, 1), *PLAIN[6:]])


@pytest.mark.parametrize("turn", [-2.5, -0.7, 0.7, 2.5])
def test_a_page_askew_has_the_same_cells(turn: float) -> None:
    straight = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), turn, 1.0)
    lies = cv2.warpAffine(ruled(XS, YS), straight, (WIDTH, HEIGHT), borderValue=(250, 250, 250))

    (table,) = find_tables(lies)

    assert spans(table) == PLAIN
    cell = next(one for one in table.cells if (one.row, one.column) == (2, 0))
    x, y = straight @ np.array([275.0, 530.0, 1.0])
    assert (cell.box[0] + cell.box[2] / 2) * WIDTH == pytest.approx(x, abs=6)
    assert (cell.box[1] + cell.box[3] / 2) * HEIGHT == pytest.approx(y, abs=6)


def test_red_rules_and_rules_that_a_seal_crosses_count() -> None:
    made = ruled(XS, YS, ink=(210, 40, 40))
    cv2.circle(made, (700, 460), 110, (220, 60, 60), 6)
    cv2.putText(made, "12345", (160, 360), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (20, 20, 20), 3)

    (table,) = find_tables(made)

    assert spans(table) == PLAIN


def test_two_tables_are_two() -> None:
    made = ruled(XS, YS)
    below = ruled([150, 1100], [900, 960, 1020])
    found = find_tables(np.minimum(made, below))

    assert [spans(one) for one in found] == [PLAIN, [(0, 0, 1, 1), (1, 0, 1, 1)]]


def test_what_is_no_table() -> None:
    frame = page()
    cv2.rectangle(frame, (60, 60), (WIDTH - 60, HEIGHT - 60), (30, 30, 30), 3)
    lines = page()
    for y in range(300, 1500, 60):
        cv2.line(lines, (150, y), (1100, y), (30, 30, 30), 2)  # rules to write on
    prose = page()
    for y in range(200, 1500, 45):
        cv2.putText(prose, "Ill il lHI HTE lit 0123456789 li", (120, y), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (20, 20, 20), 2)
    seal = page()
    cv2.circle(seal, (600, 900), 120, (210, 40, 40), 5)

    for one in (page(), frame, lines, prose, seal):
        assert find_tables(one) == ()


def test_words_stand_in_the_cells_from_above_and_from_the_left() -> None:
    def line(text: str, x: float, y: float) -> Line:
        return Line(text, (x, y, 0.1, 0.02), 0.99)

    left, right = Cell((0.1, 0.1, 0.2, 0.1), 0, 0), Cell((0.3, 0.1, 0.3, 0.1), 0, 1)
    lines = [line("物业服务有限公司", 0.35, 0.15), line("演示市滨江区长河", 0.35, 0.12), line("单位名称", 0.12, 0.13)]

    assert [one.text for one in words_in(right.box, lines)] == ["演示市滨江区长河", "物业服务有限公司"]
    ((first, second),) = texts(Table((0.1, 0.1, 0.5, 0.1), (left, right)), lines)
    assert (first[1], second[1]) == ("单位名称", "演示市滨江区长河物业服务有限公司")
