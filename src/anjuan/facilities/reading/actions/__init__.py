"""Reading pages and keeping what they say (识读). The images are never touched, and what was read can be read again.

So nothing here is journaled but the beginning of the work: readings are no record, as measures are none.
"""

import contextlib
import datetime as dt
import os
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from typing import Any, BinaryIO

from django.conf import settings

from anjuan.core.packages.readings import LayerPage
from anjuan.core.reading.pages import VERSION
from anjuan.core.reading.said import PageSaid, as_kept
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.reading import queries
from anjuan.facilities.reading.actions import laying
from anjuan.facilities.reading.backends.residents import NoAnswer, Pool
from anjuan.facilities.reading.models import DamagedPage, PageReading, ReadingMark
from anjuan.facilities.reading.queries import PageToRead
from anjuan.facilities.reading.queries import templates as template_queries
from anjuan.facilities.reading.queries.templates import Formbook
from anjuan.foundation.accounts.queries import archive_path
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as records

READ_JOB, READ_REST_JOB = "READ_PAGES", "READ_REST"
WITHIN_SECONDS = 60.0  # a page that takes longer is left to people
_AGAIN_AFTER = dt.timedelta(days=1)  # what ended badly or was stopped is not begun again at once
_FAILED: Mapping[str, Any] = {"lines": [], "said": as_kept(PageSaid(VERSION, unread="FAILED")), "model": ""}


@cache
def _pool() -> Pool:
    """The readers of this process, started when they are first asked; they end with it, when their input does."""
    return Pool(settings.ANJUAN_READERS or min(4, os.cpu_count() or 1))


def read_pages(*, pages: Sequence[PageToRead], at: dt.datetime) -> Generator[Refusal | None, None, None]:
    """Read some pages, as many at once as there are readers, and keep what they say (识读页面).

    One bad page costs itself alone: what no reader could tell is kept as unread, and people look at it. Where the bytes
    themselves could not be had, that is noted, and the page is tried again after a day.

    Args:
        at: the moment that is put down.
        pages: which; those of one file side by side, so that its bytes are verified once.

    Yields:
        For each page, in order: None, or why its bytes could not be had. A page that was yielded is kept.

    Concurrency: safe to be called twice at once; the later reading of a page stands. May be closed early.
    """
    pool = _pool()
    formbook = template_queries.formbook()
    under_way: deque[tuple[PageToRead, Future[Mapping[str, Any]] | Refusal, str]] = deque()
    with ExitStack() as files, ThreadPoolExecutor(pool.size) as threads:
        opened: tuple[str, BinaryIO] | None = None
        for page in pages:
            try:
                if opened is None or opened[0] != page.sha512:
                    opened = (page.sha512, files.enter_context(formats.open_content(page.urn, page.sha512)))
            except Refusal as refusal:  # B-005, B-007, B-008
                under_way.append((page, refusal, ""))
            else:
                name = opened[1].name
                under_way.append((page, threads.submit(_ask, pool, name, page.page_no), name))
            if len(under_way) > 2 * pool.size:
                yield _settle(*under_way.popleft(), at, pool, formbook)
        while under_way:
            yield _settle(*under_way.popleft(), at, pool, formbook)


def read_now(*, page: PageToRead, at: dt.datetime) -> bool:
    """Read one page while somebody waits for it (即时识读); one reader of this process does it, and nobody queues.

    Args:
        page: which.
        at: the moment that is put down.

    Returns:
        Whether it is read now; False while the reader is asked by somebody else.

    Raises: B-005, B-007, B-008 the store has no such file, or its bytes changed.
    Concurrency: safe to be called twice at once; the later reading of a page stands.
    """
    with _pool().one_if_free() as reader:
        if reader is None:
            return False
        with formats.open_content(page.urn, page.sha512) as stream:
            try:
                told = reader.ask({"path": stream.name, "page": page.page_no}, WITHIN_SECONDS)
            except NoAnswer:
                told = _FAILED
            _keep(page, told, at)
            lent = contextlib.nullcontext(reader)
            laying.lay_page(page=page, formbook=template_queries.formbook(), reader=lambda: lent, path=stream.name)
    return True


def _ask(pool: Pool, path: str, page_no: int) -> Mapping[str, Any]:
    with pool.one() as reader:
        try:
            return reader.ask({"path": path, "page": page_no}, WITHIN_SECONDS)
        except NoAnswer:
            return _FAILED


def _settle(
    page: PageToRead,
    outcome: Future[Mapping[str, Any]] | Refusal,
    path: str,
    at: dt.datetime,
    pool: Pool,
    formbook: Formbook,
) -> Refusal | None:
    if isinstance(outcome, Refusal):
        DamagedPage.objects.update_or_create(
            component_pk=page.component_pk, page_no=page.page_no, defaults={"code": outcome.code, "tried_at": at}
        )
        return outcome
    _keep(page, outcome.result(), at)
    laying.lay_page(page=page, formbook=formbook, reader=pool.one, path=path)
    return None


def _keep(page: PageToRead, told: Mapping[str, Any], at: dt.datetime) -> None:
    PageReading.objects.update_or_create(
        sha512=page.sha512,
        page_no=page.page_no,
        defaults={
            "version": VERSION,
            "model": told["model"],
            "lines": told["lines"],
            "said": told["said"],
            "read_at": at,
            "cpu_ms": told.get("cpu_ms", 0),
        },
    )
    DamagedPage.objects.filter(component_pk=page.component_pk, page_no=page.page_no).delete()


def restore_read(*, pages: Sequence[LayerPage]) -> int:
    """Take up what was read before, from layers in the store (取回识读结果): a rebuilt archive need not read anew.

    Args:
        pages: of layers that were verified. What rows say already stands.

    Returns:
        How many pages were taken up.
    """
    before = PageReading.objects.count()
    PageReading.objects.bulk_create(
        [
            PageReading(
                sha512=page.sha512,
                page_no=page.page_no,
                version=page.said["version"],
                model=page.model,
                lines=page.lines,
                said=page.said,
                read_at=page.read_at,
            )
            for page in pages
        ],
        ignore_conflicts=True,
        batch_size=100,
    )
    return PageReading.objects.count() - before


def keep_read(*, occasion: Occasion) -> str:
    """Have pages read that were not yet: first those that are judged first, and when none is left, the rest (按期识读).

    Args:
        occasion: the worker's own.

    Returns:
        The job's uid; empty while one is under way, has just ended badly, or nothing is to be read. Pages whose bytes
        could not be had do not count as an ending that is bad: they are waited for alone.
    """
    if not queries.is_on():
        return ""
    parts = [(queries.KEY, READ_JOB)] + ([(queries.REST, READ_REST_JOB)] if queries.reads_all() else [])
    for part, kind in parts:
        if not _is_wanted(part) and not (part == queries.KEY and _is_due_again(occasion.at)):
            continue
        last = job_queries.latest_of(kind)
        if last is not None and not last.is_finished:
            return ""
        if last is not None and last.reason and occasion.at - (last.finished_at or occasion.at) < _AGAIN_AFTER:
            continue
        with journal.writing(occasion=occasion, act="jobs.start", unit="job:new") as line:
            uid = jobs.open_job(line=line, kind=kind, reference="", agency_path=archive_path(), params={})
            line.unit = f"job:{uid or 'new'}"
            line.say(kind=kind)
        return uid
    return ""


def _is_due_again(at: dt.datetime) -> bool:
    """Whether a damaged page's day is over; one whose file was superseded meanwhile is forgotten."""
    due = queries.due_again(at)
    present = {pk for pk, _ in due if records.component_by_pk(pk) is not None}
    DamagedPage.objects.filter(component_pk__in=sorted({pk for pk, _ in due} - present)).delete()
    return bool(present)


def _is_wanted(part: str) -> bool:
    """Whether a page of this part waits; how far all is read is written down, and not looked through again."""
    reached = start = queries.marked(part)
    is_wanted = False
    for pk, pages in queries.waiting(part, start):
        if pages:
            is_wanted = True
            break
        reached = pk
    if reached != start:
        ReadingMark.objects.update_or_create(part=part, defaults={"version": VERSION, "component_pk": reached})
    return is_wanted
