"""The index of PostgreSQL: tables in the archive's database, tokens as a ``tsvector`` without positions, under GIN.

Tokens are cut by our own rules, so no parser of the engine, no dictionary and no collation has a say. Of fields they
are given; of pages, which are many, the engine cuts them from the text when it indexes it and keeps them nowhere else:
`search_tokens` does what `anjuan.core.asking.folding.tokens` does, and a test holds one against the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection, transaction

from anjuan.core.asking.folding import SURELY_KEPT_WHOLE, Phrase, tokens
from anjuan.facilities.search.backends import (
    MOST_BEHIND,
    Answer,
    Described,
    Faults,
    Held,
    Known,
    Open,
    PageWords,
    Standing,
    Unit,
    statements,
)
from anjuan.facilities.search.backends.comparing import Held as ComparedRows
from anjuan.facilities.search.backends.comparing import Part, compared, digits_of, sum_of
from anjuan.facilities.search.backends.statements import answered
from anjuan.facilities.search.backends.tswords import DIALECT, found_by, weigh
from anjuan.facilities.search.rules import NUMBER_MARK, Grant, Labels, Order, Plan

# Compared byte by byte, as the other engine does: collation "C".
SCHEMA = """
CREATE TABLE search_about (
    position bigint NOT NULL, rebuilt_to bigint, read_version integer NOT NULL, polled bigint NOT NULL,
    key text NOT NULL, begun_at text NOT NULL
);
CREATE TABLE search_label (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, path text COLLATE "C" NOT NULL,
    agency text COLLATE "C" NOT NULL, category text COLLATE "C" NOT NULL, step text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL, year text COLLATE "C" NOT NULL,
    UNIQUE (path, agency, category, step, line, state, year)
);
CREATE TABLE search_item (
    item bigint PRIMARY KEY, label bigint NOT NULL, formed text COLLATE "C" NOT NULL, digest text NOT NULL
);
CREATE INDEX search_item_formed ON search_item (formed, item);
CREATE TABLE search_part (
    component bigint PRIMARY KEY, item bigint NOT NULL, state text NOT NULL, sha512 text NOT NULL,
    page_count integer NOT NULL, is_read boolean NOT NULL, readings text NOT NULL, is_open boolean NOT NULL,
    sum text NOT NULL
);
CREATE INDEX search_part_by_item ON search_part (item);
CREATE INDEX search_part_waiting ON search_part (component) WHERE state = 'WAITING';
CREATE INDEX search_part_open ON search_part (component) WHERE is_open;
CREATE TABLE search_unit (
    item bigint NOT NULL, component bigint NOT NULL, page integer NOT NULL, words tsvector,
    body text COLLATE "C" NOT NULL, PRIMARY KEY (item, component, page)
);
CREATE OR REPLACE FUNCTION search_tokens(body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
DECLARE found text[] := '{}'; part text; run text; signs text[]; place integer := 0;
BEGIN
    FOREACH part IN ARRAY string_to_array(body, E'\\x1f') LOOP
        place := place + 1;
        IF mod(place, 2) = 0 THEN
            found := found || substr(part, 1, 40);
            CONTINUE;
        END IF;
        FOREACH run IN ARRAY string_to_array(translate(part, E'\\x1e\\x1d', E'\\x1c\\x1c'), E'\\x1c') LOOP
            CONTINUE WHEN run = '';
            signs := string_to_array(run, NULL);
            FOR number IN 1 .. array_length(signs, 1) - 1 LOOP
                found := found || (signs[number] || signs[number + 1]);
            END LOOP;
            found := found || signs[array_length(signs, 1)];
        END LOOP;
    END LOOP;
    RETURN array_to_tsvector(found);
END $$;
CREATE INDEX search_unit_words ON search_unit USING gin ((coalesce(words, search_tokens(body))));
CREATE TABLE search_mark (
    item bigint NOT NULL, component bigint NOT NULL, page integer NOT NULL, kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL
);
CREATE INDEX search_mark_by_value ON search_mark (kind, value, item);
CREATE INDEX search_mark_by_item ON search_mark (item, component);
CREATE TABLE search_digit (
    value text COLLATE "C" NOT NULL, number text COLLATE "C" NOT NULL, PRIMARY KEY (value, number)
);
CREATE TABLE search_heap (value text COLLATE "C" NOT NULL, number text COLLATE "C" NOT NULL);
"""
# What is scattered over the whole tree is made once, when every record is there.
SCATTERED = {
    "search_item_formed": "search_item (formed, item)",
    "search_unit_words": "search_unit USING gin ((coalesce(words, search_tokens(body))))",
    "search_mark_by_value": "search_mark (kind, value, item)",
}
# What is behind is counted so far only: who asks a question waits for it.
_STANDING = """
SELECT position, rebuilt_to, key, (
    SELECT count(*) FROM (
        SELECT component FROM search_part WHERE state = 'WAITING'
        UNION SELECT component FROM search_part WHERE is_open LIMIT %s
    ) behind
), begun_at FROM search_about
"""
TABLES = (
    "search_about",
    "search_item",
    "search_label",
    "search_part",
    "search_unit",
    "search_mark",
    "search_digit",
    "search_heap",
)


class TsvectorIndex:
    """Tables that no other room knows."""

    def standing(self) -> Standing | None:
        """How far it is; None where nothing was begun."""
        with connection.cursor() as rows:
            rows.execute(_STANDING, [MOST_BEHIND])
            about = rows.fetchone()
            return Standing(*about) if about else None

    def count(self) -> Held:
        """How much it holds."""
        with connection.cursor() as rows:
            rows.execute(
                "SELECT (SELECT count(*) FROM search_item), (SELECT count(*) FROM search_unit), "
                "(SELECT count(*) FROM search_part WHERE state = 'WAITING'), "
                "(SELECT count(*) FROM search_part WHERE state = 'UNREADABLE'), "
                "(SELECT count(*) FROM search_part WHERE is_open AND state <> 'WAITING')"
            )
            return Held(*rows.fetchone())

    def begin(self, *, position: int, key: str = "", at: str = "") -> None:
        """Throw everything away and begin anew."""
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute(f"TRUNCATE {', '.join(TABLES)}")
            for name in SCATTERED:
                rows.execute(f"DROP INDEX IF EXISTS {name}")
            rows.execute("INSERT INTO search_about VALUES (%s, 0, 0, 0, %s, %s)", [position, key, at])

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
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute("SELECT position FROM search_about FOR UPDATE")
            if rows.fetchone() != (expected,):
                return False
            _keep(rows, described, is_anew=rebuilt_to is not None)
            if position is not None:
                rows.execute("UPDATE search_about SET position = %s", [position])
            if rebuilt_to is not None:
                rows.execute("UPDATE search_about SET rebuilt_to = %s", [rebuilt_to])
        return True

    def rebuilt(self) -> None:
        """The rebuild has come to the end: what was put aside is sorted into its place, and indexes are made, in steps.

        Each step is one transaction and can be repeated: a crash costs one, and other writers wait for no more.
        """
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute(
                "INSERT INTO search_digit SELECT DISTINCT value, number FROM search_heap ORDER BY 1, 2 "
                "ON CONFLICT DO NOTHING"
            )
            rows.execute("TRUNCATE search_heap")
        for name, on in SCATTERED.items():
            with transaction.atomic(), connection.cursor() as rows:
                rows.execute("SET LOCAL maintenance_work_mem = '128MB'")
                rows.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {on}")
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute(f"ANALYZE {', '.join(TABLES)}")  # or the engine plans as for empty tables
            rows.execute("UPDATE search_about SET rebuilt_to = NULL")

    def waiting(self, limit: int) -> list[int]:
        """Files whose pages have not been taken in yet."""
        with connection.cursor() as rows:
            rows.execute("SELECT component FROM search_part WHERE state = 'WAITING' ORDER BY 1 LIMIT %s", [limit])
            return [component for (component,) in rows.fetchall()]

    def keep_pages(
        self, component: int, pages: Mapping[int, PageWords], *, is_readable: bool = True, readings: str = ""
    ) -> None:
        """Take the words of a file's pages."""
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute(
                "UPDATE search_part SET state = %s, readings = %s, sum = %s, "
                "is_open = is_read AND %s <> (SELECT read_version FROM search_about) || ':' || page_count "
                "WHERE component = %s RETURNING item",
                ["READ" if is_readable else "UNREADABLE", readings, sum_of(pages, readings), readings, component],
            )
            part = rows.fetchone()
            if part is None:
                return
            for table in ("search_unit", "search_mark"):
                rows.execute(
                    f"DELETE FROM {table} WHERE item = %s AND component = %s",  # noqa: S608 (our own names)
                    [part[0], component],
                )
            _add(rows, ((part[0], component, page, words.text) for page, words in pages.items()))
            _number(rows, [(part[0], component, page, words.numbers) for page, words in pages.items()])

    def unread(self, *, version: int, newest: int, limit: int) -> list[Open]:
        """Files with pages still to be read."""
        fields = "SELECT component, sha512, page_count, readings FROM search_part WHERE is_open AND state = 'READ'"
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute("SELECT read_version, polled FROM search_about FOR UPDATE")
            about = rows.fetchone()
            if about is None:
                return []
            if about[0] != version:
                rows.execute("UPDATE search_about SET read_version = %s", [version])
                rows.execute("UPDATE search_part SET is_open = TRUE WHERE is_read")
            rows.execute(f"{fields} AND component > %s ORDER BY component LIMIT %s", [about[1], limit])
            turn = rows.fetchall()
            rows.execute("UPDATE search_about SET polled = %s", [turn[-1][0] if len(turn) == limit else 0])
            rows.execute(f"{fields} ORDER BY component DESC LIMIT %s", [newest])
            return [Open(*row) for row in sorted({*rows.fetchall(), *turn})]

    def wait_again(self, components: Sequence[int]) -> None:
        """Have these files taken in again."""
        with connection.cursor() as rows:
            rows.execute("UPDATE search_part SET state = 'WAITING' WHERE component = ANY(%s)", [list(components)])

    def answer(
        self,
        plan: Plan,
        grants: Sequence[Grant],
        *,
        order: Order,
        after: tuple[str, int] | None,
        limit: int,
        without: Sequence[int] = (),
    ) -> Answer:
        """What a plan finds within the grants."""
        asked = statements.answering(plan, grants, without, DIALECT, order=order, after=after, limit=limit, weigh=weigh)
        return answered(found_by(asked), order)

    def units(self, items: Sequence[int], phrase: Phrase, *, limit: int) -> list[Unit]:
        """Units of these items that hold a phrase."""
        return [Unit(*row) for row in found_by(statements.holding(items, phrase, limit, DIALECT))]

    def numbered(self, items: Sequence[int], digests: Sequence[str], *, limit: int) -> list[Unit]:
        """Units of these items on which a number with all these digests stands."""
        return [Unit(row[0], row[1], row[2], "") for row in found_by(statements.numbering(items, digests, limit))]

    def count_some(self, plan: Plan, grants: Sequence[Grant], *, limit: int) -> tuple[int, bool]:
        """How many items a plan finds within the grants, as far as so many places tell."""
        ((items, places),) = found_by(statements.counting_some(plan, grants, DIALECT, limit=limit))
        return int(items), int(places) == limit

    def count_newer(self, plan: Plan, grants: Sequence[Grant], *, than: int, limit: int) -> int:
        """How many items after one a plan finds within the grants."""
        asked = statements.counting_newer(plan, grants, DIALECT, than=than, limit=limit, weigh=weigh)
        return int(found_by(asked)[0][0])

    def ends(self) -> tuple[int, int]:
        """The highest item; words stand in their unit's row."""
        tables = ("item", "part", "unit", "mark")
        found = " UNION ALL ".join(f"SELECT max(item) AS last FROM search_{table}" for table in tables)  # noqa: S608
        with connection.cursor() as rows:
            rows.execute(f"SELECT coalesce(max(last), 0) FROM ({found}) ends")  # noqa: S608 (our own names)
            return int(rows.fetchone()[0]), 0

    def compare(self, described: Sequence[Described], *, after: int, upto: int) -> Faults:
        """Hold a stretch of items against what the index ought to have."""
        stretch = "WHERE item > %s AND item <= %s ORDER BY item"
        parts = "component, item, state, sha512, page_count, is_read, readings, is_open, sum"
        wanted = digits_of(described)
        with transaction.atomic(), connection.cursor() as rows:

            def all_of(statement: str) -> list[tuple[Any, ...]]:
                rows.execute(statement, [after, upto])
                found: list[tuple[Any, ...]] = rows.fetchall()
                return found

            rows.execute(
                "SELECT value, number FROM search_digit JOIN unnest(%s::text[], %s::text[]) AS wanted (v, n) "
                "ON value = v AND number = n",
                [[part for part, _ in wanted], [number for _, number in wanted]],
            )
            digits = frozenset(rows.fetchall())
            rows.execute("SELECT read_version FROM search_about")
            held = ComparedRows(
                version=rows.fetchone()[0],
                items=all_of(f"{statements.HELD_ITEMS} {stretch}"),
                parts=[Part(*row) for row in all_of(f"SELECT {parts} FROM search_part {stretch}")],  # noqa: S608
                units=(
                    (item, component, page, body, words is None or sorted(words) == sorted(tokens(body)))
                    for item, component, page, body, words in all_of(
                        "SELECT item, component, page, body, tsvector_to_array(words) "  # noqa: S608
                        f"FROM search_unit {stretch}, component, page"
                    )
                ),
                marks=all_of(
                    "SELECT item, component, page, kind, value "  # noqa: S608
                    f"FROM search_mark {stretch}, component, page, value"
                ),
                digits=digits,
            )
            return compared(described, held)

    def mend(
        self, described: Sequence[Described], *, surplus: Sequence[int], pages: Sequence[int], expected: int
    ) -> bool:
        """Forget these items and take them anew, in one transaction."""
        items = [*surplus, *(one.item for one in described)]
        files = [pk for one in described for pk in one.files]
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute("SELECT position FROM search_about FOR UPDATE")
            if rows.fetchone() != (expected,):
                return False
            for table in ("search_unit", "search_mark", "search_part", "search_item"):
                rows.execute(f"DELETE FROM {table} WHERE item = ANY(%s)", [items])  # noqa: S608 (our own names)
            rows.execute("DELETE FROM search_part WHERE component = ANY(%s)", [files])
            _keep(rows, described)
            rows.execute("UPDATE search_part SET state = 'WAITING' WHERE component = ANY(%s)", [list(pages)])
        return True

    def sweep_strays(self, *, after: int, upto: int) -> int:
        """Words stand in their unit's row: none can stray."""
        return 0

    def is_sound(self) -> bool:
        """The engine keeps its own pages; nothing is asked here."""
        return True


def _keep(rows: Any, described: Sequence[Described], *, is_anew: bool = False) -> None:
    wanted = {one.item: one.files for one in described}
    rows.execute("DELETE FROM search_item WHERE item = ANY(%s)", [list(wanted)])
    if rows.rowcount or not is_anew:
        rows.execute("SELECT item, component FROM search_part WHERE item = ANY(%s)", [list(wanted)])
        gone = [component for item, component in rows.fetchall() if component not in wanted[item]]
        for table in ("search_unit", "search_mark"):
            rows.execute(
                f"DELETE FROM {table} WHERE item = ANY(%s) AND component = ANY(%s)",  # noqa: S608 (our own names)
                [list(wanted), [0, *gone]],
            )
        rows.execute("DELETE FROM search_part WHERE component = ANY(%s)", [gone])
    known = _labels(rows, {replace(one.labels, formed="") for one in described})
    _copy(
        rows,
        "search_item",
        ((one.item, known[replace(one.labels, formed="")], one.labels.formed, one.digest) for one in described),
    )
    _add(rows, ((one.item, 0, field, text) for one in described for field, text in one.fields.items()))
    _copy(rows, "search_mark", ((one.item, 0, 0, kind, value) for one in described for kind, value in one.marks))
    _number(rows, [(one.item, 0, 0, one.numbers) for one in described], is_anew=is_anew)
    rows.executemany(
        "INSERT INTO search_part VALUES (%s, %s, %s, %s, %s, %s, '', %s, '') ON CONFLICT DO NOTHING",
        [
            (
                pk,
                one.item,
                "WAITING" if file.has_words or file.is_read else "READ",
                file.sha512,
                file.page_count,
                file.is_read,
                file.is_read,
            )
            for one in described
            for pk, file in one.files.items()
        ],
    )


def _labels(rows: Any, wanted: set[Labels]) -> dict[Labels, int]:
    """The numbers of descriptions; each has one as soon as one item is so."""
    found = {}
    names = ("path", "agency", "category", "step", "line", "state", "year")
    for labels in sorted(wanted, key=str):  # in one order, whoever writes
        values = [getattr(labels, name) for name in names]
        rows.execute(
            f"INSERT INTO search_label ({', '.join(names)}) VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",  # noqa: S608
            values,
        )
        where = " AND ".join(f"{name} = %s" for name in names)
        rows.execute(f"SELECT id FROM search_label WHERE {where}", values)  # noqa: S608 (our own names)
        found[labels] = rows.fetchone()[0]
    return found


def _copy(rows: Any, table: str, given: Iterable[tuple[Any, ...]]) -> None:
    """Many rows in one go."""
    with rows.copy(f"COPY {table} FROM STDIN") as stream:
        for row in given:
            stream.write_row(row)


def _add(rows: Any, units: Iterable[tuple[int, int, int, str]]) -> None:
    _copy(
        rows,
        "search_unit",
        ((item, component, page, _words(component, text), text) for item, component, page, text in units if text),
    )


def _words(component: int, text: str) -> str | None:
    """The tokens of a field; of a page none, unless it has more of them than are kept."""
    if component and len(text) < SURELY_KEPT_WHOLE:
        return None
    # Tokens are letters and digits only: nothing in a quoted one needs an escape.
    return " ".join(f"'{token}'" for token in tokens(text))


def _number(
    rows: Any, found: Sequence[tuple[int, int, int, Mapping[str, tuple[str, ...]]]], *, is_anew: bool = False
) -> None:
    _copy(
        rows,
        "search_mark",
        ((*where, NUMBER_MARK, number) for *where, numbers in found for number in numbers),
    )
    # In one order, whoever writes: two workers that keep the same numbers do not wait for one another in a ring.
    pairs = sorted({(part, number) for *_, numbers in found for number, parts in numbers.items() for part in parts})
    if is_anew:
        _copy(rows, "search_heap", pairs)
    elif pairs:
        rows.execute(
            "INSERT INTO search_digit SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            [[part for part, _ in pairs], [number for _, number in pairs]],
        )
