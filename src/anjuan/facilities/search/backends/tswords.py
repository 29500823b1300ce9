"""How PostgreSQL is asked for words: phrases as its index has them, and how many a word has, about."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from anjuan.core.asking.folding import Phrase
from anjuan.facilities.search.backends import statements
from anjuan.facilities.search.backends.statements import Dialect, Sql

MOST_COMMON = 10_000  # common words that are remembered by a process

_common: set[Sql] = set()


def found_by(asked: Sql) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as rows:
        # A question mark in our statements is a place to be filled in, and nothing else; no percent sign stands there.
        rows.execute(asked.text.replace("?", "%s"), list(asked.given))
        found: list[tuple[Any, ...]] = rows.fetchall()
        return found


def _counted(asked: Sql) -> int:
    """How many there are, up to `FEW`; of a common word the whole list is read for it, so it is known from then on.

    The number decides how a question is answered, never what is found: a word may become rare and count as common.
    """
    if asked in _common:
        return statements.FEW
    count = int(found_by(asked)[0][0])
    if count >= statements.FEW and len(_common) < MOST_COMMON:
        _common.add(asked)
    return count


def _holding(phrase: Phrase, field: int | None) -> Sql:
    text = f"SELECT u.item FROM search_unit u WHERE coalesce(u.words, search_tokens(u.body)) @@ ?::tsquery{_in(field)}"  # noqa: S608
    if phrase.is_certain:
        return Sql(text, (_query(phrase),))
    held = statements.has(phrase, "strpos")
    return Sql(f"{text} AND {held.text}", (_query(phrase), *held.given))


def _checking(phrase: Phrase, field: int | None) -> Sql | None:
    """Whether the item ``i`` holds a phrase: a value and no list, for of a list all would be found first.

    Tokens are asked in other words than the index has them, or it would be gone through for every item.
    """
    held = statements.has(phrase, "strpos")
    words = "CASE WHEN u.words IS NULL THEN search_tokens(u.body) ELSE u.words END"
    return Sql(
        f"coalesce((SELECT TRUE FROM search_unit u WHERE u.item = i.item{_in(field)} AND {held.text} "  # noqa: S608
        f"AND {words} @@ ?::tsquery LIMIT 1), FALSE)",
        (*held.given, _query(phrase)),
    )


def _query(phrase: Phrase) -> str:
    # Tokens are letters and digits only: nothing in them can end the quotation.
    return " & ".join(f"'{needle.token}'{':*' if needle.is_start else ''}" for needle in phrase.needles)


def _in(field: int | None) -> str:
    if field is None:
        return ""
    return " AND u.component > 0" if field < 0 else f" AND u.component = 0 AND u.page = {field:d}"


def _within(items: Sequence[int]) -> Sql:
    return Sql(f"u.item IN ({', '.join('?' * len(items))})", tuple(items))


DIALECT = Dialect(_holding, "strpos", _within, _checking)
weigh = statements.weighing(DIALECT, _counted)
