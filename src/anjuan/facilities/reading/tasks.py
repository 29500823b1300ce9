"""Long work of this room: pages are read, first those that are judged first (识读任务)."""

import datetime as dt
import heapq
from collections.abc import Generator, Iterator, Sequence

from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.jobs.rules import Kind, Named
from anjuan.facilities.reading import actions, queries
from anjuan.facilities.reading.actions import templates as template_actions
from anjuan.facilities.reading.queries import KEY, REST, PageToRead, templates
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

WORKER = Actor("WORKER", "WORKER", "", "")  # no person reads pages


def _units(part: str, after: str) -> Iterator[str]:
    """Pages not read yet, after a key, in the order in which their files came in; damaged ones again when due."""
    first = max(queries.marked(part), int(after.partition("/")[0] or 1) - 1)
    fresh = ((pk, page.page_no) for pk, pages in queries.waiting(part, first) for page in pages)
    again = queries.due_again(timezone.now()) if part == KEY else []
    for pk, page_no in heapq.merge(again, fresh):
        key = f"{pk:012}/{page_no:06}"
        if key > after:
            yield key


def _page(key: str) -> PageToRead | None:
    """The page of a key; none for one whose file was superseded: nobody judges it now."""
    component = records.component_by_pk(int(key.partition("/")[0]))
    if component is None:
        return None
    return PageToRead(component.pk, component.item_urn, component.sha512, int(key.partition("/")[2]))


def _read(keys: Sequence[str]) -> Generator[Refusal | None, None, None]:
    pages = [_page(key) for key in keys]
    told = actions.read_pages(pages=[page for page in pages if page is not None], at=timezone.now())
    try:
        for page in pages:
            yield None if page is None else next(told)
    finally:
        told.close()


def _read_one(key: str) -> None:
    for refusal in _read([key]):
        if refusal is not None:
            raise refusal


def _lay(key: str) -> None:
    page = _page(key)
    if page is not None:
        template_actions.lay_read_page(page=page)


def _name(key: str) -> Named:
    component = records.component_by_pk(int(key.partition("/")[0]))
    if component is None:
        return Named(key)
    reference = "".join(records.references_of([component.item_urn]))
    return Named(f"{reference or component.item_urn} · p{int(key.partition('/')[2])}", component.item_urn)


def _kind(code: str, part: str, zh: str, en: str, days: int) -> Kind:
    return Kind(
        code=code,
        zh=zh,
        en=en,
        posts=frozenset({Post.ARCHIVIST, Post.RECHECKER}),
        within=dt.timedelta(days=days),
        count=lambda params: sum(1 for _ in _units(part, "")),
        after=lambda params, key, limit: [unit for unit, _ in zip(_units(part, key), range(limit), strict=False)],
        do=_read_one,
        name=_name,
        at_once=24,
        is_standing=True,
        batch=_read,
    )


JOBS = (
    _kind(actions.READ_JOB, KEY, "识读主表和首末页", "Read main forms, first and last pages", 2),
    _kind(actions.READ_REST_JOB, REST, "识读其余页", "Read all other pages", 60),
    Kind(
        code=template_actions.LAY_JOB,
        zh="按新启用的表单模板套版",
        en="Lay a form template over pages that were read",
        posts=frozenset({Post.ARCHIVIST}),
        within=dt.timedelta(days=2),
        count=lambda params: templates.count_pages(str(params["step"]), str(params["material"])),
        after=lambda params, key, limit: [
            templates.page_key(page)
            for page in templates.read_of_material(str(params["step"]), str(params["material"]), key, limit)
        ],
        do=_lay,
        name=_name,
        at_once=24,
    ),
)


def keep_up() -> None:
    """What the calendar asks for: pages that came in and were not read."""
    actions.keep_read(occasion=occasions.now(WORKER))
