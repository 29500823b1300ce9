"""Laying the templates in use over a page that was read, and keeping what stands in their boxes (套版)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from anjuan.core.reading.laying import lay
from anjuan.core.reading.marks import Box, InkMark
from anjuan.core.reading.pages import VERSION, box_from
from anjuan.core.reading.templates import laid_as_kept
from anjuan.facilities.reading.backends.residents import NoAnswer, Resident
from anjuan.facilities.reading.models import PageLay
from anjuan.facilities.reading.queries import PageToRead, templates
from anjuan.facilities.reading.queries.templates import Formbook
from anjuan.records import queries as records
from anjuan.records.queries import judged
from anjuan.records.rows import ComponentRow

_WITHIN_SECONDS = 60.0


def lay_page(
    *, page: PageToRead, formbook: Formbook, reader: Callable[[], AbstractContextManager[Resident]], path: str
) -> None:
    """Lay every template of a page's material over it, once it is read, and keep what stands in their boxes (套版).

    Args:
        page: which; it was read.
        formbook: the editions in use.
        reader: lends a reader that looks for ink.
        path: where the page's verified bytes lie.

    Concurrency: safe to be called twice at once; the later one stands.
    """
    row = records.component_by_pk(page.component_pk)
    if row is None or not formbook.editions:
        return
    item = judged.items_by_urn([row.item_urn]).get(row.item_urn)
    editions = formbook.of(item.step_code, row.material_code) if item else ()
    known = templates.reading_of(page.sha512, page.page_no) if editions else None
    if known is None:
        return
    lines, turn = known
    for pk, (name, number, shape) in templates.shapes_of([one.pk for one in editions]).items():
        inks = inks_by(reader, path, page.page_no, turn)
        laid = lay(shape, name=name, edition=number, lines=lines, aspect=aspect_of(row, page.page_no, turn), inks=inks)
        PageLay.objects.update_or_create(
            sha512=page.sha512,
            page_no=page.page_no,
            edition_id=pk,
            defaults={"version": VERSION, "laid": laid_as_kept(laid) if laid else {}},
        )


def aspect_of(row: ComponentRow, page: int, turn: int) -> float:
    """Height by width of a page as it stands upright."""
    width, height, _ = row.pages[page - 1]
    upright = (height, width) if turn % 180 else (width, height)
    return upright[1] / max(1, upright[0])


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
