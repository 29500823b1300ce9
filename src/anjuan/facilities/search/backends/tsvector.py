"""The index of PostgreSQL: tables in the archive's database, tokens as a ``tsvector`` without positions, under GIN.

Tokens are cut by our own rules, so no parser of the engine, no dictionary and no collation has a say.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from anjuan.facilities.search.backends import Described, Held, Known, Standing
from anjuan.facilities.search.rules import Needle

SCHEMA = """
CREATE TABLE search_about (position bigint NOT NULL, rebuilt_to bigint);
CREATE TABLE search_item (item bigint PRIMARY KEY, digest text NOT NULL);
CREATE TABLE search_part (component bigint PRIMARY KEY, item bigint NOT NULL, state text NOT NULL);
CREATE INDEX search_part_by_item ON search_part (item);
CREATE INDEX search_part_waiting ON search_part (component) WHERE state = 'WAITING';
CREATE TABLE search_unit (
    item bigint NOT NULL, component bigint NOT NULL, page integer NOT NULL, words tsvector NOT NULL,
    PRIMARY KEY (item, component, page)
);
CREATE INDEX search_unit_words ON search_unit USING gin (words);
"""
TABLES = ("search_about", "search_item", "search_part", "search_unit")


class TsvectorIndex:
    """Tables that no other room knows."""

    def standing(self) -> Standing | None:
        """How far it is; None where nothing was begun."""
        with connection.cursor() as rows:
            rows.execute("SELECT position, rebuilt_to FROM search_about")
            about = rows.fetchone()
            return Standing(*about) if about else None

    def count(self) -> Held:
        """How much it holds."""
        with connection.cursor() as rows:
            rows.execute(
                "SELECT (SELECT count(*) FROM search_item), (SELECT count(*) FROM search_unit), "
                "(SELECT count(*) FROM search_part WHERE state = 'WAITING'), "
                "(SELECT count(*) FROM search_part WHERE state = 'UNREADABLE')"
            )
            return Held(*rows.fetchone())

    def begin(self, *, position: int) -> None:
        """Throw everything away and begin anew."""
        with transaction.atomic(), connection.cursor() as rows:
            for table in TABLES:
                rows.execute(f"DELETE FROM {table}")  # noqa: S608 (our own names)
            rows.execute("INSERT INTO search_about VALUES (%s, 0)", [position])

    def known(self, items: Sequence[int]) -> Mapping[int, Known]:
        """What it has of these items."""
        with connection.cursor() as rows:
            rows.execute(
                "SELECT i.item, i.digest, array_remove(array_agg(p.component), NULL) "
                "FROM search_item i LEFT JOIN search_part p ON p.item = i.item WHERE i.item = ANY(%s) GROUP BY 1, 2",
                [list(items)],
            )
            return {item: Known(digest, frozenset(components)) for item, digest, components in rows.fetchall()}

    def keep(
        self,
        described: Sequence[Described],
        *,
        expected: int,
        position: int | None = None,
        rebuilt_to: int | None = None,
    ) -> bool:
        """Take items as they are now, in one transaction."""
        wanted = {one.item: one.components for one in described}
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute("SELECT position FROM search_about FOR UPDATE")
            if rows.fetchone() != (expected,):
                return False
            rows.executemany(
                "INSERT INTO search_item VALUES (%s, %s) ON CONFLICT (item) DO UPDATE SET digest = EXCLUDED.digest",
                [(one.item, one.digest) for one in described],
            )
            rows.execute("SELECT item, component FROM search_part WHERE item = ANY(%s)", [list(wanted)])
            gone = [component for item, component in rows.fetchall() if component not in wanted[item]]
            rows.execute(
                "DELETE FROM search_unit WHERE item = ANY(%s) AND component = ANY(%s)", [list(wanted), [0, *gone]]
            )
            rows.execute("DELETE FROM search_part WHERE component = ANY(%s)", [gone])
            _add(rows, [(one.item, 0, 0, one.tokens) for one in described])
            rows.executemany(
                "INSERT INTO search_part VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [
                    (pk, one.item, "WAITING" if may_hold else "READ")
                    for one in described
                    for pk, may_hold in one.components.items()
                ],
            )
            if position is not None:
                rows.execute("UPDATE search_about SET position = %s", [position])
            if rebuilt_to is not None:
                rows.execute("UPDATE search_about SET rebuilt_to = %s", [rebuilt_to])
        return True

    def rebuilt(self) -> None:
        """The rebuild has come to the end."""
        with connection.cursor() as rows:
            rows.execute("UPDATE search_about SET rebuilt_to = NULL")

    def waiting(self, limit: int) -> list[int]:
        """Files whose pages have not been read yet."""
        with connection.cursor() as rows:
            rows.execute("SELECT component FROM search_part WHERE state = 'WAITING' ORDER BY 1 LIMIT %s", [limit])
            return [component for (component,) in rows.fetchall()]

    def keep_pages(self, component: int, pages: Mapping[int, tuple[str, ...]], *, is_readable: bool = True) -> None:
        """Take the tokens of a file's pages."""
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute(
                "UPDATE search_part SET state = %s WHERE component = %s RETURNING item",
                ["READ" if is_readable else "UNREADABLE", component],
            )
            part = rows.fetchone()
            if part is None:
                return
            rows.execute("DELETE FROM search_unit WHERE item = %s AND component = %s", [part[0], component])
            _add(rows, [(part[0], component, page, tokens) for page, tokens in pages.items()])

    def candidates(self, asked: Sequence[Sequence[Needle]], *, below: int | None, limit: int) -> list[int]:
        """Items of which, for each term, some unit has all its needles; newest first."""
        each = "SELECT item FROM search_unit WHERE words @@ %s::tsquery AND item < %s"
        statement = " INTERSECT ".join([each, *[each] * (len(asked) - 1)])
        last = below if below is not None else 2**62
        given = [value for needles in asked for value in (_query(needles), last)]
        with connection.cursor() as rows:
            rows.execute(f"SELECT DISTINCT item FROM ({statement}) f ORDER BY item DESC LIMIT %s", [*given, limit])  # noqa: S608
            return [item for (item,) in rows.fetchall()]

    def pages(self, item: int, needles: Sequence[Needle]) -> list[tuple[int, int]]:
        """Units of an item that have all these needles."""
        with connection.cursor() as rows:
            rows.execute(
                "SELECT component, page FROM search_unit WHERE item = %s AND words @@ %s::tsquery ORDER BY 1, 2",
                [item, _query(needles)],
            )
            return [(component, page) for component, page in rows.fetchall()]

    def is_sound(self) -> bool:
        """The engine keeps its own pages; nothing is asked here."""
        return True


def _add(rows: Any, units: Sequence[tuple[int, int, int, tuple[str, ...]]]) -> None:
    rows.executemany(
        "INSERT INTO search_unit VALUES (%s, %s, %s, array_to_tsvector(%s::text[]))",
        [(item, component, page, list(tokens)) for item, component, page, tokens in units if tokens],
    )


def _query(needles: Sequence[Needle]) -> str:
    # Tokens are letters and digits only: nothing in them can end the quotation.
    return " & ".join(f"'{needle.token}'{':*' if needle.is_start else ''}" for needle in needles)
