"""Writing journal and rows into an empty database, from the lines of the journal on disk (重建).

Rows are put in once, as they stood last, each table after those that it points to: so a million of them never lie in
memory, and no order of history can stand in the way.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import IntegrityError, connection, models, transaction

from anjuan.foundation.journal import kept, lines, rules
from anjuan.foundation.journal.models import (
    Cursor,
    Entry,
    Member,
    PrivateValue,
    RowDigest,
    RowShape,
    Sequencer,
    Touched,
)


def is_empty() -> bool:
    """Whether nothing stands in the journal and in the tables that it keeps."""
    return not (Entry.objects.exists() or any(table.model._base_manager.exists() for table in kept.tables().values()))


def begin() -> None:
    """Make room for the shapes as the lines tell them."""
    RowShape.objects.all().delete()


def end(*, next_position: int, cursors: Mapping[str, int], at: dt.datetime) -> None:
    """Let sequencer and followers go on where the lines end; take away the marks of our own writing."""
    Sequencer.objects.filter(pk=1).update(next_position=next_position)
    for follower, position in cursors.items():
        Cursor.objects.update_or_create(follower=follower, defaults={"position": position, "moved_at": at})
    Touched.objects.all().delete()


class Aside:
    """The last image of each row, on disk while the journal is read."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self.path = path
        self.rows = sqlite3.connect(path, isolation_level=None)
        self.rows.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE last (table_name TEXT, row_pk INTEGER, image TEXT, is_newest INTEGER,"
            " PRIMARY KEY (table_name, row_pk)) WITHOUT ROWID; BEGIN"
        )

    def put(self, table_name: str, row_pk: int, text: str | None) -> None:
        """A row as an entry wrote it; an image that is not on disk leaves the one before it, no longer the newest."""
        if text is None:
            self.rows.execute(
                "INSERT INTO last VALUES (?, ?, NULL, 0) ON CONFLICT DO UPDATE SET is_newest = 0", (table_name, row_pk)
            )
        else:
            self.rows.execute("INSERT OR REPLACE INTO last VALUES (?, ?, ?, 1)", (table_name, row_pk, text))

    def of(self, table_name: str) -> Iterator[str]:
        """The images of a table's rows that stand."""
        found = self.rows.execute(
            # Those that stand first: where a stale image holds what a newer one took over, the stale one loses.
            "SELECT image FROM last WHERE table_name = ? AND image IS NOT NULL AND image <> ?"
            " ORDER BY is_newest DESC, row_pk",
            (table_name, rules.GONE),
        )
        return (str(text) for (text,) in found)

    @property
    def has_lost(self) -> bool:
        """Whether any row is not as it stood last."""
        return self.rows.execute("SELECT 1 FROM last WHERE is_newest = 0 LIMIT 1").fetchone() is not None

    def lose(self, table_name: str, pks: Iterable[int]) -> None:
        """Rows that cannot be written, because what they point to is lost."""
        for pk in pks:
            self.put(table_name, pk, None)

    def lost(self) -> list[str]:
        """Rows that are not as they stood last."""
        found = self.rows.execute("SELECT table_name, row_pk FROM last WHERE is_newest = 0 ORDER BY 1, 2")
        return [rules.row_ref(table, pk) for table, pk in found]

    def close(self) -> None:
        """Put away and removed."""
        self.rows.close()
        self.path.unlink(missing_ok=True)


def write_lines(told: Sequence[Mapping[str, Any]], aside: Aside) -> None:
    """Entries with what stands beside them; the images of their rows are put aside."""
    known = dict(kept.shapes())
    for line in told:
        for no, (table_name, columns) in line["shapes"].items():
            if int(no) not in known:
                RowShape.objects.create(pk=int(no), table_name=table_name, columns=columns)
                known[int(no)] = tuple(columns)
    Entry.objects.bulk_create([_entry(lines.facts_of(line)) for line in told])
    PrivateValue.objects.bulk_create(
        PrivateValue(entry_uid=line["uid"], field=name, salt=salt, value=value)
        for line in told
        for name, (salt, value) in line["values"].items()
    )
    Member.objects.bulk_create(
        Member(entry_uid=line["uid"], ordinal=ordinal, unit=unit, digest=digest, commitments=told)
        for line in told
        for ordinal, (unit, digest, told) in enumerate(line["members"])
    )
    digests: list[RowDigest] = []
    for line in told:
        for ordinal, (ref, shape_no, digest, sm3, salt, text) in enumerate(line["rows"]):
            table_name, _, pk = ref.partition(":")
            digests.append(
                RowDigest(
                    entry_uid=line["uid"],
                    ordinal=ordinal,
                    table_name=table_name,
                    row_pk=int(pk),
                    shape_no=shape_no,
                    digest=digest,
                    sm3=sm3,
                    salt=salt,
                )
            )
            aside.put(table_name, int(pk), text)
    RowDigest.objects.bulk_create(digests, batch_size=kept.AT_ONCE)


def _entry(facts: rules.Facts) -> Entry:
    return Entry(
        uid=facts.uid,
        position=facts.position,
        at=facts.at,
        act=facts.act,
        unit=facts.unit,
        staff_code=facts.staff_code,
        agency_code=facts.agency_code,
        commitments=dict(facts.commitments),
        commitments_sm3=dict(facts.commitments_sm3),
        members_root=facts.members_root,
        members_sm3=facts.members_sm3,
        members_count=facts.members_count,
        rows_root=facts.rows_root,
        rows_sm3=facts.rows_sm3,
        rows_count=facts.rows_count,
        leaf_version=facts.version,
    )


def write_bare(position: int, spelled: Mapping[str, Any]) -> None:
    """An entry as its leaf tells it: what it committed to, without what stood behind."""
    members, rows = spelled.get("members", {}), spelled.get("rows", {})
    Entry.objects.create(
        uid=spelled["uid"],
        position=position,
        at=dt.datetime.fromisoformat(spelled["at"]),
        act=spelled["act"],
        unit=spelled["unit"],
        staff_code=spelled["staff"],
        agency_code=spelled["agency"],
        commitments=_bare(spelled["fields"]),
        commitments_sm3=_bare(spelled.get("fields_sm3", {})),
        members_root=_bare(members).get("root", ""),
        members_sm3=_bare(members).get("sm3", ""),
        members_count=members.get("count", 0),
        rows_root=_bare(rows).get("root", ""),
        rows_sm3=_bare(rows).get("sm3", ""),
        rows_count=rows.get("count", 0),
        leaf_version=1 if spelled["format"] == rules.FIRST_FORMAT else rules.LEAF_VERSION,
    )


def _bare(spelled: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).partition(":")[2] for name, value in spelled.items()}


def write_rows(table: kept.Table, aside: Aside, say: Callable[[str, int, int], None]) -> int:
    """The rows of a table, as they stood last. Returns how many."""
    fields = {field.column: field for field in table.model._meta.concrete_fields}
    written = 0
    batch: list[models.Model] = []
    for text in aside.of(table.name):
        values = {
            fields[column].attname: fields[column].to_python(value)
            for column, value in rules.columns_of(text).items()
            if column in fields
        }
        values |= {fields[column].attname: value for column, value in table.filled.items()}
        batch.append(table.model(**values))
        if len(batch) == kept.AT_ONCE:
            written += _put(table, batch, aside)
            batch = []
            say(table.name, written, 0)
    written += _put(table, batch, aside)
    return written - (_drop_orphans(table, aside) if aside.has_lost else 0)


def _put(table: kept.Table, batch: Sequence[models.Model], aside: Aside) -> int:
    """Write rows; one that points to a row which is lost is lost with it, and named."""
    orphans: set[int] = set()
    if aside.has_lost:
        for field in table.model._meta.concrete_fields:
            target = field.related_model
            if not isinstance(target, type):
                continue
            wanted = {getattr(row, field.attname) for row in batch} - {None}
            there = set(target._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
            if target is table.model:
                continue  # its parent may come later; see `_drop_orphans`
            orphans |= {row.pk for row in batch if getattr(row, field.attname) not in there | {None}}
        aside.lose(table.name, orphans)
    standing = [row for row in batch if row.pk not in orphans]
    try:
        with transaction.atomic():
            table.model._base_manager.bulk_create(standing)
        return len(standing)
    except IntegrityError:
        return sum(_put_one(table, row, aside) for row in standing)


def _put_one(table: kept.Table, row: models.Model, aside: Aside) -> bool:
    """A row by itself, after its batch was refused: a stale image may hold a value that another row has by now."""
    try:
        with transaction.atomic():
            table.model._base_manager.bulk_create([row])
    except IntegrityError:
        aside.lose(table.name, [row.pk])
        return False
    return True


def _drop_orphans(table: kept.Table, aside: Aside) -> int:
    """Rows whose parent in the same table is lost, and theirs. Returns how many."""
    dropped = 0
    for field in table.model._meta.concrete_fields:
        if field.related_model is not table.model:
            continue
        while True:
            parents = table.model._base_manager.filter(pk=models.OuterRef(field.attname))
            lost = table.model._base_manager.exclude(**{field.attname: None}).exclude(models.Exists(parents))
            pks = list(lost.values_list("pk", flat=True))
            if not pks:
                break
            lost.filter(pk__in=pks).delete()
            aside.lose(table.name, pks)
            dropped += len(pks)
    return dropped


def reset_sequences() -> None:
    """Let the engine go on numbering after the rows that came with their numbers."""
    written = [table.model for table in kept.tables().values()]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), written):
            cursor.execute(statement)
