"""The follower that keeps the journal on disk too (业务日志副本): whole lines, in order, before the log takes them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from anjuan.core.refusals import Refusal
from anjuan.foundation.journal import kept, queries, rules
from anjuan.foundation.journal.actions import ERASING, Follower
from anjuan.foundation.journal.models import Entry, Member, PrivateValue, RowDigest

ENTRIES_AT_ONCE = 256


def consume(entries: Sequence[rules.Facts]) -> None:
    """Put entries down, and before them whatever this folder still lacks; carry out erasures.

    Raises:
        G-003: the database was put back, emptied or changed; nothing on disk is touched.
    Concurrency: one process a folder, by a lock that dies with its process. Where several machines have a folder each,
    each catches up with what another was given.
    """
    segments = queries.segments()
    with segments.lock():
        end = segments.end()
        _must_be_ours(entries, end)
        while end < entries[0].position:
            missing = queries.entries_from(end, min(ENTRIES_AT_ONCE, entries[0].position - end))
            _write(missing)
            _erase_all(missing)
            end = missing[-1].position + 1
        _write([entry for entry in entries if entry.position >= end])
        _erase_all(entries)  # those that were written before a kill, too


def _must_be_ours(entries: Sequence[rules.Facts], end: int) -> None:
    """What is on disk is never cut away for a database that knows less, or something else: it may be all there is.

    Raises:
        G-003: the database was put back, emptied or changed.
    """
    segments = queries.segments()
    told = {entry.position: entry.uid for entry in entries if entry.position < end}
    if end:
        told[end - 1] = queries.uid_at(end - 1)
    for position, uid in told.items():
        line = segments.entry(position) or {}
        if line.get("uid", uid) != uid:  # a line that cannot be read is the audit's to name
            raise Refusal("G-003", size=position)


FOLLOWER = Follower("segments", consume)


def _erase_all(entries: Sequence[rules.Facts]) -> None:
    for entry in entries:
        if entry.act == ERASING:
            _erase(entry.unit.removeprefix("entry:"))


def _write(entries: Sequence[rules.Facts]) -> None:
    segments = queries.segments()
    for group in queries.grouped(entries):
        segments.append(group[0].position, _lines(group))


def _lines(entries: Sequence[rules.Facts]) -> list[dict[str, Any]]:
    uids = [entry.uid for entry in entries]
    values: dict[str, dict[str, list[str]]] = {}
    for private in PrivateValue.objects.filter(entry_uid__in=uids).order_by("id"):
        values.setdefault(private.entry_uid, {})[private.field] = [private.salt, private.value]
    members: dict[str, list[list[Any]]] = {}
    for member in Member.objects.filter(entry_uid__in=uids).order_by("entry_uid", "ordinal"):
        members.setdefault(member.entry_uid, []).append([member.unit, member.digest, member.commitments])
    rows: dict[str, list[RowDigest]] = {}
    for row in RowDigest.objects.filter(entry_uid__in=uids).order_by("entry_uid", "ordinal"):
        rows.setdefault(row.entry_uid, []).append(row)
    shapes = kept.shapes()
    shown = _images([row for entry in entries for row in rows.get(entry.uid, [])], shapes)

    def whole(entry: rules.Facts) -> bool:
        """Whether what stands beside an entry is there: after a rebuild from the log alone it is not."""
        counted = len(members.get(entry.uid, [])), len(rows.get(entry.uid, []))
        return counted == (entry.members_count, entry.rows_count)

    return [
        {"position": entry.position, "uid": entry.uid, "bare": True}
        if not whole(entry)
        else {
            "position": entry.position,
            "uid": entry.uid,
            "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "act": entry.act,
            "unit": entry.unit,
            "staff": entry.staff_code,
            "agency": entry.agency_code,
            "version": entry.version,
            "commitments": dict(entry.commitments),
            "commitments_sm3": dict(entry.commitments_sm3),
            "values": values.get(entry.uid, {}),
            "members": members.get(entry.uid, []),
            "shapes": {
                str(no): [row.table_name, list(shapes[no])]
                for row in rows.get(entry.uid, [])
                if (no := row.shape_no) in shapes
            },
            "rows": [
                [row.ref, row.shape_no, row.digest, row.sm3, row.salt, shown.get(row.pk)]
                for row in rows.get(entry.uid, [])
            ],
        }
        for entry in entries
    ]


def _images(rows: Sequence[RowDigest], shapes: Mapping[int, Sequence[str]]) -> Mapping[int, str]:
    """The image behind each digest that still stands; an older one is left to the entry that superseded it."""
    by_table: dict[str, dict[int, RowDigest]] = {}
    for row in rows:
        by_table.setdefault(row.table_name, {})[row.row_pk] = row  # of two in one group the later one may stand
    found: dict[int, str] = {}
    for name, each in by_table.items():
        table = kept.tables().get(name)
        if table is None:
            continue
        standing = kept.newest(name, list(each))
        wanted = [pk for pk, row in each.items() if row.salt and standing[pk].pk == row.pk]
        images = kept.images(table, wanted)
        for pk in wanted:
            row = each[pk]
            text = kept.image_of(_in_its_shape(images.get(pk), shapes.get(row.shape_no, ())))
            if rules.commitment(bytes.fromhex(row.salt), text) == row.digest:  # else changed since, or tampered with
                found[row.pk] = text
    return found


def _in_its_shape(values: Mapping[str, Any] | None, columns: Sequence[str]) -> Mapping[str, Any] | None:
    """A row by the columns that its table had when the deed wrote it: an upgrade may have added some meanwhile."""
    if values is None or not columns or not set(columns) <= values.keys():
        return values
    return {column: values[column] for column in columns}


def _erase(uid: str) -> None:
    """Take out of an entry's line what the database no longer has (依法删除)."""
    entry = Entry.objects.filter(uid=uid, position__isnull=False).first()
    if entry is None or entry.position is None:
        return  # not written yet; when it is, its values are gone already
    left = set(PrivateValue.objects.filter(entry_uid=uid).values_list("field", flat=True))
    salted = {row.ref for row in RowDigest.objects.filter(entry_uid=uid).exclude(salt="")}
    (anew,) = _lines([queries.facts_of(entry)])

    def without(line: dict[str, Any]) -> dict[str, Any]:
        if "values" not in line:
            return anew  # damaged: what was to go must not stay in it
        return line | {
            "values": {name: value for name, value in line["values"].items() if name in left},
            "rows": [row if row[0] in salted else [*row[:4], "", None] for row in line["rows"]],
        }

    queries.segments().change(entry.position, without)
