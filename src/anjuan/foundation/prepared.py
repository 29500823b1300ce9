"""Statements worded once (预备语句): a question of the database that is asked again is not put into words again.

To word a statement with three nested conditions takes Django milliseconds; the database answers it in a tenth of one.
What is asked at every request of a counter is therefore worded once for each shape and kept; from then on only the
values go in. The words are Django's own, made from an ordinary queryset, and rows come back through Django's own
readers, so that a prepared question finds exactly what the queryset finds.

    @prepared(name=Given.text)
    def _namesakes(actor: Actor, *, name: Given) -> QuerySet[Subject]:
        return Subject.objects.filter(seen_by(actor), name=name).order_by("id")

    _namesakes(actor, name="王伟")

What stands before the star is the shape: it must be hashable, and the words may depend on it. What stands behind it is
given anew each time. A builder looks at nothing else: no clock, no setting, no row.
"""

import copy
import functools
import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import BigIntegerField, DateField, DateTimeField, Expression, Field, Model, QuerySet, TextField
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
MOST_KEPT = 1_000  # shapes of all statements: those asked longest ago go first
READERS = (ModelIterable, ValuesListIterable, FlatValuesListIterable)  # those that ask a query for nothing but rows


class Given(Expression):
    """The place of one value in a statement; the value follows when it is asked."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    @classmethod
    def text(cls, name: str) -> "Given":
        """Of a text."""
        return cls(name, TextField())

    @classmethod
    def day(cls, name: str) -> "Given":
        """Of a day."""
        return cls(name, DateField())

    @classmethod
    def moment(cls, name: str) -> "Given":
        """Of a moment."""
        return cls(name, DateTimeField())

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Its mark in the words, and itself where the value will stand."""
        return "%s", [self]

    def prepare(self, value: Any) -> Any:
        """A value as the database wants it."""
        return self.output_field.get_db_prep_value(value, connection)


class GivenList(Given):
    """The place of a list of values, of any length, as in ``pk__in``; with an empty one nothing is asked or found."""

    @classmethod
    def texts(cls, name: str) -> "GivenList":
        """Of texts."""
        return cls(name, TextField())

    @classmethod
    def keys(cls, name: str) -> "GivenList":
        """Of keys of rows."""
        return cls(name, BigIntegerField())

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """One value for the database, so that lists of all lengths have the same words."""
        if connection.vendor == "postgresql":
            return f"(SELECT unnest(%s::{self.output_field.db_type(connection)}[]))", [self]
        return "(SELECT value FROM json_each(%s))", [self]

    def prepare(self, value: Any) -> Any:
        """The list, each value as the database wants it; as JSON on SQLite."""
        values = [super(GivenList, self).prepare(each) for each in value]
        return values if connection.vendor == "postgresql" else json.dumps(values)


@dataclass(frozen=True)
class _Worded:
    """A question in words; nothing of it is written to again, so that threads may share it."""

    model: type[Model]
    reader: Callable[[QuerySet[Any, Any]], Iterable[Any]]
    compiler: SQLCompiler
    words: str  # empty where nothing can be found, whatever is given
    values: tuple[Any, ...]  # with a Given where a value goes in


class _Query:
    """What a reader of rows asks of a query, where that is in words already."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self.compiler = compiler

    def get_compiler(self, *_: object, **__: object) -> SQLCompiler:
        return self.compiler


class Prepared(Generic[Row]):
    """A question that is worded once for each shape; called, it gives the list of what is found."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], places: dict[str, Given]) -> None:
        self.build, self.places = build, places
        self.__doc__ = build.__doc__

    def __call__(self, *shape: Hashable, **given: Any) -> list[Row]:
        """What is found with these values; one statement, none where a list is empty."""
        if given.keys() != self.places.keys():
            raise TypeError(f"given {sorted(given)}, wanted {sorted(self.places)}")
        worded = _worded(self, connection.vendor, shape)
        if not worded.words or any(not given[name] for name, one in self.places.items() if isinstance(one, GivenList)):
            return []
        prepared = {name: self.places[name].prepare(value) for name, value in given.items()}
        values = tuple(prepared[one.name] if isinstance(one, Given) else one for one in worded.values)
        with _cursor() as cursor:
            cursor.execute(worded.words, values)
            found = cursor.fetchall()
        compiler = copy.copy(worded.compiler)
        compiler.connection = connections["default"]  # of this thread
        compiler.execute_sql = lambda *_, **__: [found]  # type: ignore[method-assign, assignment]
        rows: Any = QuerySet(worded.model, query=cast(Query, _Query(compiler)))
        return [*worded.reader(rows)]


def _cursor() -> Any:
    """A cursor; on PostgreSQL one that hands over words and values apart, so that the engine plans but once as well."""
    ours: Any = connections["default"]
    if ours.vendor != "postgresql":
        return ours.cursor()
    from django.db.backends.postgresql import base  # where psycopg is there

    ours.ensure_connection()
    binding: Any = base.ServerBindingCursor
    return ours._prepare_cursor(binding(ours.connection))


def prepared(**places: Callable[[str], Given]) -> Callable[[Callable[..., QuerySet[Any, Row]]], Prepared[Row]]:
    """Have a question worded once for each shape; the places are what is given anew each time."""
    made = {name: place(name) for name, place in places.items()}
    return lambda build: Prepared(build, made)


@functools.lru_cache(maxsize=MOST_KEPT)
def _worded(question: Prepared[Any], vendor: str, shape: tuple[Hashable, ...]) -> _Worded:
    """A question put into words; ``vendor`` is there because the words differ."""
    rows = question.build(*shape, **question.places)
    if rows._iterable_class not in READERS:
        raise TypeError(f"{rows._iterable_class.__name__} asks a query for more than rows")
    compiler = rows.query.get_compiler(using="default")
    try:
        words, values = compiler.as_sql()
    except EmptyResultSet:
        words, values = "", ()
    if compiler.has_extra_select:
        raise TypeError("rows are sorted by what is not among them")
    return _Worded(rows.model, rows._iterable_class, compiler, words, tuple(values))
