"""Keeping the index (维护索引), which is no act: it writes no journal line, since it follows the journal.

It can be made again from the records at any time.
"""

import datetime as dt
import hashlib
import logging
import time
from collections.abc import Sequence

from anjuan.core.asking.folding import joined
from anjuan.core.reading.pages import VERSION
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Secrecy
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.search import queries, rules
from anjuan.facilities.search.backends import Damaged, Described, File, Index, PageWords, Standing
from anjuan.facilities.search.queries import indexed
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.journal.rules import Facts
from anjuan.records import queries as records
from anjuan.records.queries import restricted, worded

log = logging.getLogger(__name__)

AT_ONCE = 500  # items in one transaction of the index
AT_ONCE_ANEW = 2_000  # while it is made again
FILES_AT_ONCE = 20
NEWEST_FILES = 50  # looked at in every round for pages that were read since
FILES_A_ROUND = 250


def follow(entries: Sequence[Facts]) -> None:
    """Describe what these entries touched, in one transaction of the index (跟随业务日志).

    Concurrency: idempotent; an index that lacks what lies before these entries is begun anew first. What another worker
    wrote meanwhile is not overwritten: the items are described again.
    """
    index = queries.index()
    urns = {entry.unit for entry in entries}
    for entry in entries:
        if entry.members_count:
            urns.update(unit for unit, _ in journal_queries.members_of(entry.uid))
    touched = records.items_touched_by(urns)
    unknown = restricted.secret_among(touched)
    while True:
        standing = standing_of(index)
        if standing is None or standing.position < entries[0].position:
            index.begin(position=entries[0].position, key=indexed.key_mark())
            continue
        fresh = [one for at in range(0, len(touched), AT_ONCE) for one in _changed(index, touched[at : at + AT_ONCE])]
        reached = max(entries[-1].position + 1, standing.position)
        if unknown and not index.mend([], surplus=unknown, pages=[], expected=standing.position):
            continue
        if index.keep(fresh, expected=standing.position, position=reached):
            return


def tend(*, seconds: float, begin_anew: bool = False, at: dt.datetime | None = None) -> bool:
    """Go on with a rebuild if one is under way, then read the words of waiting pages (续建索引). Whether more is left.

    A missing or damaged index, or one that is ahead of the journal, is begun anew from the records.

    Args:
        seconds: stop after the step in which they have passed.
        begin_anew: make it again even if it is whole; one that is being made again is only gone on with.
        at: aware time now, for one that is begun: how long the rest takes is reckoned from it.
    """
    until = time.monotonic() + seconds
    index = queries.index()
    standing = standing_of(index)
    followed = journal_queries.followed_to("search")
    # The follower writes the index first and its cursor after: one that is behind the cursor is not the one it wrote.
    is_ours = standing is not None and followed <= standing.position <= journal_queries.head()
    if standing is None or not is_ours or (begin_anew and standing.rebuilt_to is None):
        # What was read by now is in the records already; what comes later, the follower brings.
        index.begin(position=followed, key=indexed.key_mark(), at=at.isoformat() if at else "")
        standing = index.standing()
    while standing is not None and standing.rebuilt_to is not None:
        batch = records.items_after(standing.rebuilt_to, AT_ONCE_ANEW)
        if batch:
            index.keep(_changed(index, batch), expected=standing.position, rebuilt_to=batch[-1])
        else:
            index.rebuilt()
        standing = index.standing()
        if time.monotonic() >= until:
            break
    while time.monotonic() < until and (batch := index.waiting(FILES_AT_ONCE)):
        for component in batch:
            _read(index, component)
            if time.monotonic() >= until:
                break
    return standing is None or standing.rebuilt_to is not None or bool(index.waiting(1))


def standing_of(index: Index) -> Standing | None:
    """How far the index is; None where it is missing, damaged or not ours: then it is to be begun anew."""
    try:
        standing = index.standing()
    except Damaged:
        log.warning("the search index is damaged and is made again from the records")
        return None
    if standing is not None and standing.key != indexed.key_mark():
        log.warning("the search index was made under another key and is made again from the records")
        return None
    return standing


def _changed(index: Index, items: Sequence[int]) -> list[Described]:
    """Items whose description is not the one the index has."""
    known = index.known(items)
    return [
        one
        for one in described(items)
        if one.item not in known
        or known[one.item].digest != one.digest
        or known[one.item].components != frozenset(one.files)
    ]


def described(items: Sequence[int]) -> list[Described]:
    """Items as the index is to know them: of restricted ones no pages, and secret ones not at all (STD-18)."""
    rows = [row for row in worded.worded_items(items) if row.secrecy != Secrecy.SECRET]
    texts = indexed.catalogues(rows)
    components = records.components_of([row.urn for row in rows])
    digest = indexed.digest()
    found = []
    for row in rows:
        catalogue = texts[row.urn]
        labels = rules.Labels(
            path=row.agency_path,
            agency=row.agency_code,
            category=row.category_code,
            step=row.step_code,
            line=row.insurance_line,
            state=row.state,
            year=f"{row.year:04}",
            formed=row.formed_date.isoformat(),
        )
        fields, marks = rules.fields_of(catalogue), rules.marks_of(catalogue)
        numbers = rules.digests_of([*catalogue.numbers, *catalogue.credit_codes], digest)
        whole = [*vars(labels).values(), *(f"{number}={text}" for number, text in fields.items())]
        whole += [f"{kind}:{value}" for kind, value in marks] + sorted(numbers)
        files = {
            one.pk: File(one.sha512, one.page_count, formats.may_hold_text(one.format_id), indexed.is_read(one))
            for one in (components[row.urn] if row.secrecy == Secrecy.OPEN else ())
        }
        found.append(
            Described(
                row.pk,
                hashlib.sha256("\n".join(whole).encode("utf-8", "surrogatepass")).hexdigest()[:32],
                labels,
                fields,
                marks,
                numbers,
                files,
            )
        )
    return found


def notice_readings() -> int:
    """Have files taken in again whose pages were read since (识读入索引). Returns how many."""
    index = queries.index()
    standing = standing_of(index)
    if standing is None:
        return 0
    files = index.unread(version=VERSION, newest=NEWEST_FILES, limit=FILES_A_ROUND)
    read = indexed.readings(file.sha512 for file in files)
    # A way of reading that has read nothing of a file yet has nothing to tell of it.
    again = [
        file.component for file in files if read[file.sha512] != file.readings and not read[file.sha512].endswith(":0")
    ]
    index.wait_again(again)
    return len(again)


def _read(index: Index, component: int) -> None:
    """Read the words of one file's pages; what cannot be read is marked, and waits no longer."""
    row = records.component_by_pk(component)
    if row is None:
        index.keep_pages(component, {})
        return
    # Asked first: a page that is read meanwhile is noticed later, and no page is missed.
    readings = indexed.readings([row.sha512])[row.sha512] if indexed.is_read(row) else ""
    try:
        texts = indexed.page_texts(row, range(1, row.page_count + 1))
    except (Refusal, OSError, ValueError) as why:  # damaged bytes are the sweep's to report
        log.warning("component %s has no words that can be read: %s", component, type(why).__name__)
        index.keep_pages(component, {}, is_readable=False)
        return
    digest = indexed.digest()
    pages = {page: PageWords(joined(parts), rules.digests_of(parts, digest)) for page, parts in texts.items() if parts}
    index.keep_pages(component, pages, readings=readings)
