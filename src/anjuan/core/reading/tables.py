"""Ruled tables as they were seen on a page (有线表格): their cells, and the words that stand in each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anjuan.core.reading.pages import Box, Line


@dataclass(frozen=True)
class Cell:
    """One cell of a table (单元格); a merged one spans several rows or columns.

    Attributes:
        box: as a part of the upright page.
        row: of its upper edge, from 0.
        column: of its left edge, from 0.
        rows: how many it spans.
        columns: how many it spans.
    """

    box: Box
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Table:
    """One ruled table: where it stands, and its cells from left to right and from above."""

    box: Box
    cells: tuple[Cell, ...]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return max((cell.row + cell.rows for cell in self.cells), default=0)

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return max((cell.column + cell.columns for cell in self.cells), default=0)


def holds_line(cell: Box, line: Line) -> bool:
    """Whether the middle of a line stands in a cell."""
    x = line.box[0] + line.box[2] / 2
    return cell[0] <= x <= cell[0] + cell[2] and cell[1] <= line.middle <= cell[1] + cell[3]


def words_in(cell: Box, lines: Iterable[Line]) -> list[Line]:
    """The lines that stand in a cell, from above and from left to right."""
    inside = [line for line in lines if holds_line(cell, line)]
    height = min((line.box[3] for line in inside), default=1.0) or 1.0
    return sorted(inside, key=lambda line: (round(line.middle / height), line.box[0]))


def texts(table: Table, lines: Sequence[Line]) -> list[list[tuple[Cell, str]]]:
    """The cells of each row with their words; a cell stands in the row of its upper edge."""
    found: list[list[tuple[Cell, str]]] = [[] for _ in range(table.rows)]
    for cell in sorted(table.cells, key=lambda one: (one.row, one.column)):
        found[cell.row].append((cell, "".join(line.text for line in words_in(cell.box, lines))))
    return found
