"""Asking a reader for ink by hand in the boxes of a page (框内笔迹)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from anjuan.core.reading.marks import Box, InkMark
from anjuan.core.reading.pages import box_from
from anjuan.facilities.reading.backends.residents import NoAnswer, Resident

_WITHIN_SECONDS = 60.0


def inks_by(
    reader: Callable[[], AbstractContextManager[Resident | None]], path: str, page: int, turn: int
) -> Callable[[Sequence[tuple[Box, Sequence[Box]]]], Sequence[InkMark | None]]:
    """How ink is looked for in a page's boxes; where nobody can, none is told."""

    def look(boxes: Sequence[tuple[Box, Sequence[Box]]]) -> Sequence[InkMark | None]:
        question = {
            "task": "inks",
            "path": path,
            "page": page,
            "turn": turn,
            "boxes": [[list(box), [list(one) for one in printed]] for box, printed in boxes],
        }
        with reader() as asked:
            try:
                told = asked.ask(question, _WITHIN_SECONDS).get("inks", []) if asked is not None else []
            except NoAnswer:
                told = []
        if len(told) != len(boxes):
            return [None] * len(boxes)
        return [InkMark(box_from(box), share, strokes, sure) for box, share, strokes, sure in told]

    return look
