"""The rows that stand in the journal by their digests: which they are, how they read, and what a deed says of them.

Journal is beneath all rooms and knows none of their models: the list of tables is composed in ``config`` and named by
the setting ``ANJUAN_KEPT_ROWS``.
"""

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.utils.module_loading import import_string

from anjuan.foundation.journal import rules
from anjuan.foundation.journal.backends import guards, watch
from anjuan.foundation.journal.models import Entry, RowDigest, RowShape, Touched

GUARDED = ("journal_entry", "journal_member", "journal_row")
AT_ONCE = 500  # rows a statement; below what SQLite takes as parameters


@dataclass(frozen=True)
class Table:
    """A kept table as the engine has it.

    Attributes:
        name: of the table.
        model: its model.
        shape_no: number of its columns as they are now.
        columns: those that count, in order of their names; ``id`` among them.
        attributes: the model's attribute of each column.
        filled: what a rebuild puts into columns that do not count.
    """

    name: str
    model: type[models.Model]
    columns: tuple[str, ...]
    attributes: tuple[str, ...]
    shape_no: int
    filled: Mapping[str, str]


@functools.cache
def tables() -> Mapping[str, Table]:
    """All kept tables by name, each after those that it points to."""
    kept: Sequence[rules.KeptTable] = import_string(settings.ANJUAN_KEPT_ROWS)
    found = {one.name: one for one in map(_table, kept)}
    ordered: dict[str, Table] = {}

    def place(table: Table) -> None:
        for field in table.model._meta.concrete_fields:
            target = field.related_model
            if isinstance(target, type) and target is not table.model:
                below = found.get(target._meta.db_table)
                if below is None:
                    raise LookupError(f"{table.name} is kept, {target._meta.db_table} to which it points is not")
                if below.name not in ordered:
                    place(below)
        ordered[table.name] = table

    for table in found.values():
        if table.name not in ordered:
            place(table)
    return ordered


def _table(kept: rules.KeptTable) -> Table:
    model = apps.get_model(kept.model)
    name = model._meta.db_table
    fields = sorted(
        (field for field in model._meta.concrete_fields if field.column not in kept.left_out),
        key=lambda field: field.column,
    )
    columns = tuple(field.column for field in fields)
    return Table(
        name=name,
        model=model,
        columns=columns,
        attributes=tuple(field.attname for field in fields),
        shape_no=rules.shape_no(name, columns),
        filled=kept.filled,
    )


def watch_over() -> list[str]:
    """Put up the triggers of all kept tables where they are missing (设置行监视); the tables where anything was done.

    Run at every start: a migration that made a table anew has thrown its triggers away.
    """
    done = [
        table.name
        for table in tables().values()
        if watch.install(connection, table.name, [column for column in table.columns if column != "id"])
    ]
    RowShape.objects.bulk_create(
        [
            RowShape(pk=table.shape_no, table_name=table.name, columns=list(table.columns))
            for table in tables().values()
        ],
        ignore_conflicts=True,
    )
    return done


def unwatched() -> list[str]:
    """Tables whose triggers are not as they should be: the kept ones, and those that only grow."""
    found = [
        table.name
        for table in tables().values()
        if not watch.stands(connection, table.name, [column for column in table.columns if column != "id"])
    ]
    found += [name for name in GUARDED if not guards.stand(connection, name)]
    return found if watch.is_sound(connection) else [*found, watch.TOUCHED]


def images(table: Table, pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Rows as they stand, by key: column and value; a row that is gone is not among them."""
    wanted = list(pks)
    found: dict[int, dict[str, Any]] = {}
    for first in range(0, len(wanted), AT_ONCE):
        rows = table.model._base_manager.filter(pk__in=wanted[first : first + AT_ONCE]).values_list(*table.attributes)
        for row in rows:
            values = dict(zip(table.columns, row, strict=True))
            found[int(values["id"])] = values
    return found


def image_of(values: Mapping[str, Any] | None) -> str:
    """The image of a row, or of one that is gone."""
    return rules.GONE if values is None else rules.image(values)


def digests_of_deed(mark: int, entry_uid: str, fresh: Callable[[int], bytes]) -> list[RowDigest]:
    """What the deed under way has written, each row as it stands now; not saved yet.

    Args:
        mark: from `watch.begin`.
        entry_uid: of the deed's line.
        fresh: gives the salts.
    """
    touched: dict[str, list[int]] = {}
    for name, pk in watch.take(connection, mark):
        touched.setdefault(name, []).append(pk)
    found: list[RowDigest] = []
    for name, pks in touched.items():
        table = tables().get(name)
        if table is None:  # watched once, kept no more
            continue
        rows = images(table, pks)
        for pk in pks:
            text = image_of(rows.get(pk))
            salt = fresh(rules.SALT_BYTES)
            found.append(
                RowDigest(
                    entry_uid=entry_uid,
                    ordinal=len(found),
                    table_name=name,
                    row_pk=pk,
                    shape_no=table.shape_no,
                    digest=rules.commitment(salt, text),
                    sm3=rules.commitment_sm3(salt, text),
                    salt=salt.hex(),
                )
            )
    return found


def newest(table_name: str, pks: Sequence[int]) -> dict[int, RowDigest]:
    """The newest digest of each of these rows, by its key."""
    found: dict[int, RowDigest] = {}
    for first in range(0, len(pks), AT_ONCE):
        found |= _newest(RowDigest.objects.filter(table_name=table_name, row_pk__in=pks[first : first + AT_ONCE]))
    return found


def newest_in(table_name: str, first: int, last: int) -> dict[int, RowDigest]:
    """The newest digest of each row whose key lies in a range, both ends included."""
    return _newest(RowDigest.objects.filter(table_name=table_name, row_pk__gte=first, row_pk__lte=last))


def _newest(own: models.QuerySet[RowDigest]) -> dict[int, RowDigest]:
    """By the place of the entry in the journal, which the log holds; numbers of rows are held by nothing."""
    told = list(own.values_list("id", "row_pk", "entry_uid"))
    uids = list({uid for _, _, uid in told})
    positions: dict[str, float] = {}
    for first in range(0, len(uids), AT_ONCE):
        entries = Entry.objects.filter(uid__in=uids[first : first + AT_ONCE])
        for uid, position in entries.values_list("uid", "position"):
            positions[uid] = math.inf if position is None else position  # it waits for its number: it is the newest
    latest: dict[int, tuple[float, int]] = {}
    for pk, row_pk, uid in told:
        latest[row_pk] = max(latest.get(row_pk, (-math.inf, 0)), (positions.get(uid, -1), pk))
    ids = [pk for _, pk in latest.values()]
    found: dict[int, RowDigest] = {}
    for first in range(0, len(ids), AT_ONCE):
        found |= {row.row_pk: row for row in RowDigest.objects.filter(id__in=ids[first : first + AT_ONCE])}
    return found


def unknown(table: Table, limit: int) -> list[int]:
    """Rows that no deed has ever written, by key, locked: so many at most."""
    known = RowDigest.objects.filter(table_name=table.name, row_pk=models.OuterRef("pk"))
    rows = table.model._base_manager.select_for_update().exclude(models.Exists(known)).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def touch(table_name: str, pks: Sequence[int]) -> None:
    """Mark rows as written by the deed under way, as the triggers would."""
    watch.mark(connection, table_name, pks)


def shapes() -> Mapping[int, tuple[str, ...]]:
    """The columns of each shape, by its number."""
    found = {int(pk): tuple(columns) for pk, columns in RowShape.objects.values_list("pk", "columns")}
    return found | {table.shape_no: table.columns for table in tables().values()}


def strays() -> Iterator[str]:
    """Rows that were written outside any deed, as far as the triggers saw it."""
    for name, pk in Touched.objects.order_by("table_name", "row_pk").values_list("table_name", "row_pk").distinct():
        yield rules.row_ref(name, pk)
