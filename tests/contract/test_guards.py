"""What the engine itself refuses, whoever writes the SQL: on SQLite and on PostgreSQL alike."""

import pytest
from django.db import DatabaseError, connection, transaction

from anjuan.core.refusals import Refusal
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.backends import guards
from anjuan.foundation.journal.models import Entry
from anjuan.records import models as records
from tests.builders import everything, sealed
from tests.cast import Cast

KEPT = [model for model in vars(records).values() if isinstance(model, type) and issubclass(model, records.Kept)]
KEPT = [model for model in KEPT if model is not records.Kept]


def run(statement: str) -> None:
    """Raw SQL, in its own savepoint, as an administrator might send it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal_entry",
        "UPDATE journal_entry SET act = 'intake.nothing'",
        "UPDATE journal_entry SET staff_code = 'nobody'",
        "UPDATE journal_entry SET position = position + 1",
        "UPDATE journal_entry SET at = '2020-01-01 00:00:00+00:00'",
        "UPDATE journal_entry SET commitments = '{}'",
        "UPDATE journal_entry SET members_root = 'ff'",
        "DELETE FROM journal_member",
        "UPDATE journal_member SET unit = 'urn:x'",
    ],
)
def test_the_journal_is_append_only_for_everybody(cast: Cast, statement: str) -> None:
    sealed(cast)
    journal.sequence()
    before = everything()

    with pytest.raises(DatabaseError, match="append-only"):
        run(statement)

    assert everything() == before


@pytest.mark.parametrize("changed", ["act = 'x'", "unit = 'x'", "uid = 'x'", "members_count = 9"])
def test_an_entry_that_waits_for_its_number_may_be_given_one_and_nothing_else(cast: Cast, changed: str) -> None:
    sealed(cast)
    newest = Entry.objects.filter(position=None).order_by("-id").values_list("id", flat=True)[0]

    with pytest.raises(DatabaseError, match="append-only"):
        run(f"UPDATE journal_entry SET {changed} WHERE id = {newest}")
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"UPDATE journal_entry SET position = 999999, {changed} WHERE id = {newest}")

    journal.sequence()
    assert Entry.objects.get(id=newest).position is not None


@pytest.mark.acceptance("STD-2")
@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_no_record_is_deleted_by_sql(cast: Cast, model: type[records.Kept]) -> None:
    walk = sealed(cast)
    if model is records.Restraint:
        records.Restraint.objects.create(
            unit=walk.item_urn, kind="HOLD", reference="1", posted_by="x", posted_at=cast.clock.at
        )
    assert model.objects.exists()

    with pytest.raises(DatabaseError, match="R-006"):
        run(f"DELETE FROM {model._meta.db_table}")


@pytest.mark.acceptance("STD-2")
@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_no_record_is_deleted_through_the_models(cast: Cast, model: type[records.Kept]) -> None:
    sealed(cast)
    before = everything()

    with pytest.raises(Refusal) as many:
        model.objects.all().delete()
    with pytest.raises(Refusal) as one:
        model().delete()

    assert (many.value.code, one.value.code) == ("R-006", "R-006")
    assert everything() == before


def test_every_kept_table_has_its_guard_and_none_was_forgotten() -> None:
    tables = {model._meta.db_table for model in KEPT}

    assert len(tables) == 9
    assert tables == {
        table for table in connection.introspection.django_table_names() if table.startswith("records_")
    } - {"records_look"}


def test_a_guard_that_is_lifted_leaves_a_trace_nowhere_but_lets_the_change_through(cast: Cast) -> None:
    """Why the log stands beside the guards: an administrator of the engine can drop them (see the ledger's tests)."""
    sealed(cast)
    guards.remove(connection, "journal_entry")
    run("UPDATE journal_entry SET staff_code = 'nobody'")

    guards.install(connection, "journal_entry", unless="OLD.position IS NULL", fixed=("uid",))

    assert set(Entry.objects.values_list("staff_code", flat=True)) == {"nobody"}
    with pytest.raises(DatabaseError, match="append-only"):
        run("DELETE FROM journal_entry")
