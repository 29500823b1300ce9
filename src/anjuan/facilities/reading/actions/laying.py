"""Laying the templates in use over a page that was read, and keeping what stands in their boxes (套版)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from anjuan.core.reading.laying import lay
from anjuan.core.reading.pages import VERSION
from anjuan.core.reading.templates import laid_as_kept
from anjuan.facilities.reading.backends.inking import inks_by
from anjuan.facilities.reading.backends.residents import Resident
from anjuan.facilities.reading.models import PageLay
from anjuan.facilities.reading.queries import PageToRead, templates
from anjuan.facilities.reading.queries.templates import Formbook
from anjuan.records import queries as records
from anjuan.records.queries import judged


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
        laid = lay(
            shape,
            name=name,
            edition=number,
            lines=lines,
            aspect=templates.aspect_of(row, page.page_no, turn),
            inks=inks,
        )
        PageLay.objects.update_or_create(
            sha512=page.sha512,
            page_no=page.page_no,
            edition_id=pk,
            defaults={"version": VERSION, "laid": laid_as_kept(laid) if laid else {}},
        )
