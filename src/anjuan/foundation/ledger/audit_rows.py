"""Holding each kept row against the newest entry that wrote it (行审计)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anjuan.foundation.journal import kept, rules
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.models import Entry, RowDigest
from anjuan.foundation.ledger.differing import Difference, Say


def salt_of(text: str) -> bytes | None:
    """A salt as it was written; none if it is no salt any more."""
    try:
        salt = bytes.fromhex(text)
    except ValueError:
        return None
    return salt if len(salt) == rules.SALT_BYTES else None


def row_differences(table: kept.Table, say: Say = lambda what, done, total: None) -> Iterator[Difference]:
    """Rows of one table that are not as the newest deed that wrote them says, gone ones among them."""
    total, done = table.model._base_manager.count(), 0
    for first, last in row_ranges(table):
        say(table.name, done, total)
        yield from range_differences(table, first, last)
        done = min(done + kept.AT_ONCE, total)


def row_ranges(table: kept.Table) -> Iterator[tuple[int, int]]:
    """The first and last key of each range of a table's rows, those that are gone among them; by the keys there are."""
    last: int | None = None
    while (found := next_range(table, last)) is not None:
        yield found
        last = found[1]


def next_range(table: kept.Table, after: int | None) -> tuple[int, int] | None:
    """The range that follows a key, at most 500 rows of either kind; none if there is none."""
    rows, digests = table.model._base_manager.all(), RowDigest.objects.filter(table_name=table.name)
    if after is not None:
        rows, digests = rows.filter(pk__gt=after), digests.filter(row_pk__gt=after)
    standing = list(rows.order_by("pk").values_list("pk", flat=True)[: kept.AT_ONCE])
    told = list(digests.order_by("row_pk").values_list("row_pk", flat=True).distinct()[: kept.AT_ONCE])
    keys = sorted({*standing, *told})[: kept.AT_ONCE]
    return (keys[0], keys[-1]) if keys else None


def range_differences(table: kept.Table, first: int, last: int) -> Iterator[Difference]:
    """Differences of the rows whose keys lie in a range, both ends included.

    Concurrency: deeds go on meanwhile. What differs is looked at again, until its digest is the same before and after.
    """
    digests = kept.newest_in(table.name, first, last)
    keys = table.model._base_manager.filter(pk__gte=first, pk__lte=last).values_list("pk", flat=True)
    rows = kept.images(table, keys)
    shapes = kept.shapes()
    for pk in sorted(rows.keys() | digests.keys()):
        if any(_compared(table, pk, rows.get(pk), digests.get(pk), shapes)):
            yield from _confirmed(table, pk, shapes)


def _confirmed(table: kept.Table, pk: int, shapes: Mapping[int, Sequence[str]]) -> Iterator[Difference]:
    while True:
        digest = kept.newest(table.name, [pk]).get(pk)
        row = kept.images(table, [pk]).get(pk)
        after = kept.newest(table.name, [pk]).get(pk)
        if (digest and digest.pk) == (after and after.pk):
            yield from _compared(table, pk, row, digest, shapes)
            return


def _compared(
    table: kept.Table,
    pk: int,
    values: Mapping[str, Any] | None,
    digest: RowDigest | None,
    shapes: Mapping[int, Sequence[str]],
) -> Iterator[Difference]:
    ref = rules.row_ref(table.name, pk)
    if digest is None:
        if values is not None:
            yield Difference("ROW_ADDED", ref)
        return
    salt = salt_of(digest.salt)
    if values is None:
        if salt is None or rules.commitment(salt, rules.GONE) != digest.digest:
            yield Difference("ROW_MISSING", ref)
        return
    if not digest.salt:
        yield Difference("ROW_ERASED", ref)
        return
    columns = shapes.get(digest.shape_no, ())
    if gone := tuple(sorted(set(columns) - values.keys())):
        yield Difference("SHAPE_GONE", ref, gone)
        return
    text = rules.image({name: values[name] for name in columns})
    if salt is None or rules.commitment(salt, text) != digest.digest or rules.commitment_sm3(salt, text) != digest.sm3:
        yield Difference("ROW_CHANGED", ref, _columns_changed(ref, digest.entry_uid, text))


def _columns_changed(ref: str, uid: str, text: str) -> tuple[str, ...]:
    """Which columns differ from the image that the journal on disk still has; none if it has none."""
    position = Entry.objects.filter(uid=uid).values_list("position", flat=True).first()
    line = journal.segments().entry(position) if position is not None else None
    before = next((row[5] for row in line.get("rows", ()) if row[0] == ref), None) if line else None
    if before is None:
        return ()
    was, now = json.loads(before) or {}, json.loads(text)
    return tuple(sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name)))
