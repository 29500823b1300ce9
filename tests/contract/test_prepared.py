"""Statements worded once: they find what the queryset finds, whatever is given, and no value stays behind."""

import datetime as dt
import hashlib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext

import anjuan
from anjuan.core.terms import Post
from anjuan.facilities.lives.models import Naming, Succession
from anjuan.facilities.numbering.models import FormerCode
from anjuan.foundation import prepared as worded
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.prepared import Given, GivenList, Prepared, prepared
from anjuan.records.models import Item, Subject
from tests import builders
from tests.cast import Cast

NAME = "王伟"


def questions() -> Iterator[tuple[str, Prepared[Any]]]:
    """Every prepared question of the house."""
    for module in pkgutil.walk_packages(anjuan.__path__, "anjuan."):
        if ".queries" in module.name:
            for name, found in vars(importlib.import_module(module.name)).items():
                if isinstance(found, Prepared) and found.build.__module__ == module.name:
                    yield f"{module.name.removeprefix('anjuan.')}.{name}", found


QUESTIONS = dict(questions())


def samples(cast: Cast) -> Mapping[str, list[tuple[tuple[Any, ...], dict[str, Any]]]]:
    """For each question shapes and values; the first finds something."""
    urns = [builders.captured(cast, f"SL-{serial}", persons=(builders.person(serial, NAME),)) for serial in (1, 2)]
    who = builders.subject_urn(builders.number(1))
    decided = {"reason": "-", "agency_code": "BH", "decided_by": "bh01", "decided_at": cast.clock.at}
    Naming.objects.create(uid="n1", kind="FORMER", subject_urn=who, name="王卫", name_key="王卫", **decided)
    Succession.objects.create(
        uid="s1", kind="MERGED", predecessor_urn=who, successor_urn="y", happened_date=cast.today(), **decided
    )
    FormerCode.objects.create(
        unit=urns[0], code="A-1", replaced_by="A-2", reason="-", recorded_by="sj12", recorded_at=cast.clock.at
    )
    token = accounts.issue_token(occasion=cast.occasion(Post.HANDLER), terminal="test").text
    handler, operator, at, on = cast.actor(Post.HANDLER), cast.actor(Post.PROCESSOR), cast.clock.at, cast.today()
    long_ago = dt.timedelta(days=20_000)
    items, subjects = (list(model.objects.values_list("pk", flat=True)) for model in (Item, Subject))
    digest = hashlib.sha256(token.encode()).hexdigest()
    by_item = [((), {"item_urns": given}) for given in (urns, urns[:1], [], ["x"] * 3_000)]
    return {
        "foundation.accounts.queries._at_work": [((), {"staff_code": code}) for code in (handler.staff_code, "nobody")],
        "foundation.accounts.queries._held": [
            ((), {"staff_code": handler.staff_code, "on": day}) for day in (on, on - long_ago)
        ],
        "foundation.accounts.queries._bearer": [
            ((), {"digest": given, "at": when})
            for given, when in ((digest, at), ("x", at), (digest, at + dt.timedelta(days=2)))
        ],
        "foundation.schedule.queries._named_steps": [((), {"at": when}) for when in (at, at - long_ago)],
        "records.queries.relations._coded": [
            ((), {"code": code, "acceptance_no": number}) for code, number in (("SL-1", "SL-1"), ("x", "x"))
        ],
        "records.queries._components": by_item,
        "records.queries._involved": by_item,
        "records.queries._keyed": [
            ((actor,), {"pks": pks}) for actor in (handler, operator) for pks in (items, items[:1], [], [-1])
        ],
        "records.queries._items_by": [
            ((actor, column), {"values": values})
            for actor in (handler, operator)
            for column, values in (("urn", urns), ("acceptance_no", ["SL-2", "x"]), ("reference_code", ["x"]))
        ],
        "records.queries.subjects._subjects_by": [
            ((actor, column, limit), {"value": value})
            for actor in (handler, operator)
            for column, value in (("name", NAME), ("id_number", builders.number(2)), ("credit_code", "x"), ("name", ""))
            for limit in (1, 5)
        ],
        "records.queries.subjects._concerning": [
            ((actor, limit), {"subject_pks": pks})
            for actor in (handler, operator)
            for limit in (None, 1)
            for pks in (subjects, subjects[:1], [])
        ],
        "facilities.lives.queries._namings": [((), {"urns": given}) for given in ([who, "x"], [])],
        "facilities.lives.queries._successions": [((), {"urns": given}) for given in ([who], ["y"], ["x"], [])],
        "facilities.lives.queries._called": [((), {"key": key}) for key in ("王卫", "x")],
        "facilities.numbering.queries._formers": [((), {"units": units}) for units in (urns, [])],
        "facilities.numbering.queries._formerly": [((), {"code": code}) for code in ("A-1", "x")],
    }


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_finds_what_the_queryset_finds(cast: Cast, name: str) -> None:
    question = QUESTIONS[name]
    asked = samples(cast)[name]
    found = [question(*shape, **given) for shape, given in asked]
    again = [question(*shape, **given) for shape, given in asked]
    unprepared = [list(question.build(*shape, **given)) for shape, given in asked]

    assert found[0]
    assert [plain(rows) for rows in found] == [plain(rows) for rows in again] == [plain(rows) for rows in unprepared]


def plain(rows: list[Any]) -> list[Any]:
    """Rows with all their values, and with what was joined; in no order where none was asked for."""
    told = [
        ({name: value for name, value in vars(row).items() if name != "_state"}, sorted(row._state.fields_cache))
        if isinstance(row, Model)
        else row
        for row in rows
    ]
    return sorted(told, key=str)


@prepared(urns=GivenList.texts, name=Given.text)
def _both(*, urns: Given, name: Given) -> QuerySet[Subject, str]:
    return Subject.objects.filter(urn__in=urns, name=name).values_list("urn", flat=True)


def test_it_is_put_into_words_once_however_many_values_there_are(cast: Cast) -> None:
    builders.captured(cast, "SL-1", persons=(builders.person(1, NAME),))
    urn = builders.subject_urn(builders.number(1))
    _both(urns=[urn], name=NAME)
    before = worded._worded.cache_info().misses

    with CaptureQueriesContext(connection) as said:
        assert _both(urns=["x"] * 2_000 + [urn], name=NAME) == [urn]
        assert _both(urns=[urn], name="x") == _both(urns=[], name=NAME) == []
        assert _both(urns=["', '%s\"\\", urn], name=NAME) == [urn]
    assert len(said) == 3  # with an empty list nothing is asked
    assert worded._worded.cache_info().misses == before


def test_a_value_too_few_or_too_many_is_refused() -> None:
    some: dict[str, Any] = {"urns": []}
    for given in ({}, some, some | {"name": "", "more": 1}):
        with pytest.raises(TypeError):
            _both(**given)


def test_rows_that_ask_a_query_for_more_are_refused() -> None:
    @prepared(name=Given.text)
    def as_dicts(*, name: Given) -> QuerySet[Subject, dict[str, Any]]:
        return Subject.objects.filter(name=name).values("urn")

    with pytest.raises(TypeError):
        as_dicts(name=NAME)


def test_new_rights_are_another_shape_at_once(cast: Cast) -> None:
    urn = builders.captured(cast, "SL-1", persons=(builders.person(1, NAME),))
    question = QUESTIONS["records.queries._items_by"]
    assert [row.urn for row in question(cast.actor(Post.HANDLER), "urn", values=[urn])] == [urn]
    assert question(cast.actor(Post.PROCESSOR), "urn", values=[urn]) == []
