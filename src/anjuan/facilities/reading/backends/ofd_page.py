"""The lines of an OFD page (版式文件页): its own pieces of text, put together as a reader of images would give them.

Programs write a line as one piece, as words, or letter by letter. What stands on one baseline without a gap is one
line. Every letter is what it says it is: nothing is read, so nothing is doubtful.
"""

from collections.abc import Sequence

from anjuan.core.reading.pages import Line
from anjuan.facilities.formats.backends.ofd import TextRun

MODEL = "ofd"
_GAP = 0.6  # of a letter: pieces that stand closer go on with the word
_LEVEL = 0.25  # of a letter: how much two baselines of one line differ at most
_ABOVE, _BELOW = 0.88, 0.14  # of a letter: how far it reaches over and under its baseline
_LATIN = 0x2E7F


def lines_of(runs: Sequence[TextRun], size: tuple[float, float]) -> list[Line]:
    """The lines of a page from the top, each from the left.

    Args:
        runs: pieces of text, in millimetres.
        size: width and height of the page in millimetres.
    """
    levels: list[list[TextRun]] = []
    for run in sorted(runs, key=lambda one: one.baseline):
        if levels and run.baseline - levels[-1][0].baseline < _LEVEL * max(levels[-1][0].size, run.size):
            levels[-1].append(run)
        else:
            levels.append([run])
    return [_line(row, size) for level in levels for row in _rows(level)]


def _rows(level: Sequence[TextRun]) -> list[list[TextRun]]:
    """What stands on one level, cut where a gap is wider than within a word."""
    rows: list[list[TextRun]] = []
    for run in sorted(level, key=lambda one: one.x):
        last = rows[-1][-1] if rows else None
        if last is not None and abs(run.x - last.x - last.width) < _GAP * max(last.size, run.size):
            rows[-1].append(run)
        else:
            rows.append([run])
    return rows


def _line(row: Sequence[TextRun], size: tuple[float, float]) -> Line:
    width, height = size
    letter = max(run.size for run in row)
    left, right = row[0].x, max(run.x + run.width for run in row)
    top = min(run.baseline for run in row) - _ABOVE * letter
    long = max(right - left, 0.1)
    spots: list[float] = []
    for run in row:
        shares = [2 if ord(sign) > _LATIN else 1 for sign in run.text]
        reached = 0
        for share in shares:
            spots.append((run.x - left + run.width * (reached + share / 2) / sum(shares)) / long)
            reached += share
    box = (left / width, max(0.0, top) / height, long / width, (_ABOVE + _BELOW) * letter / height)
    return Line("".join(run.text for run in row), box, 1.0, tuple(spots))
