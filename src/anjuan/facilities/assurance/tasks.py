"""Long work of this room: images are measured, paged files looked at, and what is held is tested every year.

影像测量、版式文件查验、长期保存检测.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from anjuan.core.terms import Actor, Post
from anjuan.facilities.assurance import actions
from anjuan.facilities.assurance.actions import signatures
from anjuan.facilities.assurance.queries import signatures as verifying
from anjuan.facilities.assurance.queries import storage
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats import queries as format_queries
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records
from anjuan.records.queries import judged

PAGES_AT_ONCE = 5  # a unit opens and verifies its file once, and takes a second or two
_FILES_AT_ONCE = 500
WORKER = Actor("WORKER", "WORKER", "", "")  # no person measures pages


def _units(after: str) -> Iterator[str]:
    """Stretches of pages not measured yet, after a key, in the order in which files came in."""
    last = int(after.partition("/")[0] or 1) - 1  # the file of the key itself may have more pages
    while files := records.images_after(last, format_queries.MEASURED_MIMES, _FILES_AT_ONCE):
        measured = format_queries.measured_pages([sha512 for _, _, sha512, _ in files])
        for last, _urn, sha512, pages in files:
            done = measured.get(sha512, set())
            for first in range(1, pages + 1, PAGES_AT_ONCE):
                key = f"{last:012}/{first:06}"
                if not set(range(first, min(first + PAGES_AT_ONCE, pages + 1))) <= done and key > after:
                    yield key


def _count(params: Params) -> int:
    return sum(1 for _ in _units(""))


def _after(params: Params, key: str, limit: int) -> Sequence[str]:
    return [unit for unit, _ in zip(_units(key), range(limit), strict=False)]


def _measure(key: str) -> None:
    component = records.component_by_pk(int(key.partition("/")[0]))
    if component is None:  # superseded meanwhile: nobody judges these pages now
        return
    first = int(key.partition("/")[2])
    files = records.components_of([component.item_urn])[component.item_urn]
    formats.measure_pages(
        urn=component.item_urn,
        sha512=component.sha512,
        first=first,
        last=min(first + PAGES_AT_ONCE - 1, component.page_count),
        beside={row.sha512: row.page_count for row in files},
    )


def _name(key: str) -> Named:
    component = records.component_by_pk(int(key.partition("/")[0]))
    if component is None:
        return Named(key)
    reference = "".join(records.references_of([component.item_urn]))
    return Named(f"{reference or component.item_urn} · p{int(key.partition('/')[2])}", component.item_urn)


MEASURE_PAGES = Kind(
    code=actions.MEASURE_JOB,
    zh="测量影像质量",
    en="Measure page images",
    posts=frozenset({Post.ARCHIVIST, Post.RECHECKER}),
    within=dt.timedelta(days=2),
    count=_count,
    after=_after,
    do=_measure,
    name=_name,
    at_once=10,
    is_standing=True,
)


def _moment(params: Params) -> dt.datetime:
    return dt.datetime.fromisoformat(str(params["at"]))


def _count_due(params: Params) -> int:
    return sum(1 for _ in storage.due(0, _moment(params)))


def _next_due(params: Params, key: str, limit: int) -> Sequence[str]:
    after = int(key.partition("/")[0] or 0)
    return [f"{pk:012}/{urn}" for (pk, urn), _ in zip(storage.due(after, _moment(params)), range(limit), strict=False)]


def _test(key: str) -> None:
    actions.examine_due(occasion=occasions.now(WORKER), volume_urn=key.partition("/")[2])


def _volume_of(key: str) -> Named:
    urn = key.partition("/")[2]
    return Named(records.volumes_by_urn([urn])[urn].reference, urn)


TEST_STORED = Kind(
    code=actions.STORED_JOB,
    zh="长期保存四性检测",
    en="Four-nature tests of what is held",
    posts=frozenset(storage.TESTING_POSTS),
    within=dt.timedelta(days=30),
    count=_count_due,
    after=_next_due,
    do=_test,
    name=_volume_of,
    at_once=5,
    is_standing=True,
    begin=lambda at: {"at": at.isoformat()},
)


def _paged(after: str) -> Iterator[str]:
    """Files not looked at yet, after a key, in the order in which they came in."""
    last = int(after or 0)
    while files := records.images_after(last, verifying.SIGNED_MIMES, _FILES_AT_ONCE):
        digests = [sha512 for _, _, sha512, _ in files]
        done = verifying.looked_at(digests) & format_queries.forms_of(digests).keys()
        for last, _urn, sha512, _pages in files:
            if sha512 not in done:
                yield f"{last:012}"


def _count_paged(params: Params) -> int:
    return sum(1 for _ in _paged(""))


def _next_paged(params: Params, key: str, limit: int) -> Sequence[str]:
    return [unit for unit, _ in zip(_paged(key), range(limit), strict=False)]


def _look_at(key: str) -> None:
    component = records.component_by_pk(int(key))
    if component is None:  # superseded meanwhile
        return
    (item,) = judged.items_by_urn([component.item_urn]).values()
    with formats.open_content(component.item_urn, component.sha512) as stream:
        path = Path(stream.name)
        formats.check_form(path=path, sha512=component.sha512)
        found = verifying.verify_file(path, component.mime, name=component.original_name) or ()
    signatures.find_invalid(
        occasion=occasions.now(WORKER),
        file=verifying.SignedFile(
            item.urn, item.reference, item.agency_path, component.sha512, component.original_name, found
        ),
    )


def _paged_name(key: str) -> Named:
    component = records.component_by_pk(int(key))
    if component is None:
        return Named(key)
    reference = "".join(records.references_of([component.item_urn]))
    return Named(f"{reference or component.item_urn} · {component.original_name}", component.item_urn)


LOOK_AT_PAGED = Kind(
    code=actions.PAGED_JOB,
    zh="查验 PDF、OFD 文件",
    en="Look at PDF and OFD files",
    posts=frozenset({Post.ARCHIVIST, Post.RECHECKER}),
    within=dt.timedelta(days=2),
    count=_count_paged,
    after=_next_paged,
    do=_look_at,
    name=_paged_name,
    at_once=10,
    is_standing=True,
)
JOBS = (MEASURE_PAGES, LOOK_AT_PAGED, TEST_STORED)


def keep_tested() -> None:
    """What the calendar asks for: held records that are due. It looks through all that is held, so not often."""
    actions.keep_tested(occasion=occasions.now(WORKER))


def keep_up() -> None:
    """What the calendar asks for: pages that came in and were not measured, paged files that nobody looked at."""
    if next(_units(""), None) is not None:
        actions.keep_measured(occasion=occasions.now(WORKER))
    if next(_paged(""), None) is not None:
        actions.keep_looked_at(occasion=occasions.now(WORKER))
