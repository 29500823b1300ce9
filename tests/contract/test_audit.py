"""The audit finds what was changed behind the program's back, and says where; the journal on disk keeps step."""

import datetime as dt
import functools
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from anjuan.config import proving
from anjuan.config.kept import KEPT, NOT_KEPT
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.jobs.rules import JobStatus
from anjuan.facilities.repository.models import StoredFile
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import followers, kept, queries, rules
from anjuan.foundation.journal.backends import guards
from anjuan.foundation.journal.models import Entry, PrivateValue, RowDigest, Touched
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import audit
from anjuan.foundation.ledger.models import Checkpoint
from anjuan.records.models import Item, Subject
from tests.builders import at_state, one_line, person, refused, requested
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off

JOURNAL = ("journal_entry", "journal_member", "journal_row")


@pytest.fixture
def walked(cast: Cast) -> Cast:
    """An office where a volume has come to the archive and a certificate is asked for, all of it in journal and log."""
    walk = at_state(cast, State.HELD)
    requested(cast, person(1), walk.item_urn)
    settle(cast)
    return cast


def settle(cast: Cast) -> None:
    journal.sequence()
    while journal.follow(followers.FOLLOWER, at=cast.clock.at):
        pass
    ledger.catch_up(at=cast.clock.at)


def found() -> list[tuple[str, str]]:
    return [(each.code, each.place) for each in proving.audit(lambda what, done, total: None)]


@pytest.fixture
def unguarded(walked: Cast) -> Cast:
    """An administrator of the engine has lifted the guards."""
    for table in JOURNAL:
        guards.remove(connection, table)
    return walked


def run(statement: str, *given: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


class _Undone(Exception):
    """What was tried is undone."""


def tried(change: Callable[[], object]) -> Iterator[None]:
    """Do something, look, and undo it."""
    try:
        with transaction.atomic():
            change()
            yield
            raise _Undone
    except _Undone:
        pass


def other(value: Any) -> Any:
    """Another value that the same column could hold."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("甲" if value[-1:] != "甲" else "乙")
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=1)
    if isinstance(value, dt.date):
        return value + dt.timedelta(days=1)
    if isinstance(value, list):
        return [*value, "x"]
    if isinstance(value, dict):
        return {**value, "x": 1}
    raise AssertionError(f"no other value for {value!r}")


@pytest.mark.acceptance("S4-C5", "S2-C1", "S0-C5")
def test_an_office_that_was_left_alone_has_no_difference(walked: Cast) -> None:
    assert found() == []
    assert RowDigest.objects.count() > 100
    assert {digest.table_name for digest in RowDigest.objects.all()} >= {
        "records_item", "records_volume", "records_component", "records_subject", "transfer_batch",
        "certificates_certificate", "schedule_retentionrule", "accounts_staff", "inspection_selfcheck",
        "repository_storedobject",
    }  # fmt: skip


@pytest.mark.acceptance("S4-C5", "S2-C1")
def test_any_column_of_any_kept_row_that_is_changed_is_found_and_named(walked: Cast) -> None:
    tables = [table for table in kept.tables().values() if table.model._base_manager.exists()]
    assert len(tables) >= 20
    tampered = refused_by_engine = 0
    for table in tables:
        row = table.model._base_manager.order_by("-pk").values().first()
        assert row is not None
        for column, attribute in zip(table.columns, table.attributes, strict=True):
            if column == "id" or row[attribute] is None:
                continue
            ref = rules.row_ref(table.name, row["id"])
            mine = table.model._base_manager.filter(pk=row["id"])
            changed = other(row[attribute])
            try:
                for _ in tried(functools.partial(mine.update, **{attribute: changed})):
                    differences = [each for each in audit.row_differences(table) if each.place == ref]
                    assert [each.code for each in differences] == ["ROW_CHANGED"], (table.name, column)
                    assert differences[0].columns == (column,)
                    tampered += 1
            except (IntegrityError, DatabaseError):
                refused_by_engine += 1  # a term that is none, a foreign key to nowhere
    assert tampered > 120
    assert refused_by_engine < tampered / 4


def test_a_row_that_was_taken_away_or_slipped_in_is_found(walked: Cast) -> None:
    known = Subject.objects.order_by("-pk").values_list("pk", flat=True)[0]
    run("DELETE FROM inspection_selfcheck")
    run(
        "INSERT INTO records_subject (urn, kind, name, id_number, credit_code) "
        "SELECT 'urn:uuid:slipped-in', kind, name, '110105194912310021', '' FROM records_subject WHERE id = %s",
        known,
    )
    slipped = f"records_subject:{Subject.objects.get(urn='urn:uuid:slipped-in').pk}"

    differences = found()

    checks = [(code, place) for code, place in differences if place.startswith("inspection_selfcheck:")]
    assert sorted(code for code, _ in checks) == ["ROW_MISSING", "ROW_TOUCHED"]
    assert sorted(set(differences) - set(checks)) == [("ROW_ADDED", slipped), ("ROW_TOUCHED", slipped)]


def test_a_change_that_was_put_back_is_found_by_its_mark_and_no_deed_blesses_it(walked: Cast) -> None:
    item = Item.objects.get()
    Item.objects.filter(pk=item.pk).update(title="换了题名")
    Item.objects.filter(pk=item.pk).update(title=item.title)

    assert found() == [("ROW_TOUCHED", f"records_item:{item.pk}")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="one transaction is one deed on PostgreSQL; see the journey")
def test_a_change_between_two_deeds_is_not_swallowed_by_the_second(walked: Cast) -> None:
    item = Item.objects.get()
    Item.objects.filter(pk=item.pk).update(title="换了题名")

    accounts.log_in(occasion=walked.occasion(Post.HANDLER), terminal="1 号窗口")

    assert {code for code, place in found() if place == f"records_item:{item.pk}"} == {"ROW_CHANGED", "ROW_TOUCHED"}


ENTRY_TAMPERED = (
    ("UPDATE journal_entry SET act = 'intake.nothing' WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET staff_code = 'nobody' WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET unit = 'urn:x' WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET agency_code = 'XX' WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET at = '2020-01-01 00:00:00+00:00' WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET commitments = '{}' WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET commitments_sm3 = '{}' WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET rows_count = rows_count + 1 WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET rows_root = members_root WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET rows_sm3 = members_sm3 WHERE position = 40", "ENTRY_CHANGED"),
    ("UPDATE journal_entry SET leaf_version = 1 WHERE position = 40", "ENTRY_CHANGED"),
    ("DELETE FROM journal_entry WHERE position = 40", "ENTRY_MISSING"),
)


def test_an_entry_that_was_changed_is_found_against_the_log(unguarded: Cast) -> None:
    for statement, code in ENTRY_TAMPERED:
        for _ in tried(functools.partial(run, statement)):
            assert (code, "entry 40") in found(), statement


BESIDE_TAMPERED = (
    ("UPDATE journal_member SET unit = 'urn:x' WHERE id = (SELECT MAX(id) FROM journal_member)", "MEMBER_CHANGED"),
    ("UPDATE journal_member SET digest = '00' WHERE id = (SELECT MAX(id) FROM journal_member)", "MEMBER_CHANGED"),
    ("UPDATE journal_member SET ordinal = 99 WHERE id = (SELECT MAX(id) FROM journal_member)", "MEMBER_CHANGED"),
    ("DELETE FROM journal_member WHERE id = (SELECT MAX(id) FROM journal_member)", "MEMBER_CHANGED"),
    ("UPDATE journal_private SET value = '甲' WHERE id = (SELECT MAX(id) FROM journal_private)", "VALUE_CHANGED"),
    ("UPDATE journal_private SET salt = 'zz' WHERE id = (SELECT MAX(id) FROM journal_private)", "VALUE_CHANGED"),
    ("UPDATE journal_private SET field = 'x' WHERE id = (SELECT MAX(id) FROM journal_private)", "VALUE_ADDED"),
    ("DELETE FROM journal_private WHERE id = (SELECT MAX(id) FROM journal_private)", "VALUE_MISSING"),
    ("UPDATE journal_private SET entry_uid = 'x' WHERE id = (SELECT MAX(id) FROM journal_private)", "VALUE_ADDED"),
    ("UPDATE journal_row SET digest = sm3 WHERE id = (SELECT MAX(id) FROM journal_row)", "DIGEST_CHANGED"),
    ("UPDATE journal_row SET sm3 = digest WHERE id = (SELECT MAX(id) FROM journal_row)", "DIGEST_CHANGED"),
    ("UPDATE journal_row SET row_pk = 99999 WHERE id = (SELECT MAX(id) FROM journal_row)", "DIGEST_CHANGED"),
    ("UPDATE journal_row SET salt = '' WHERE id = (SELECT MAX(id) FROM journal_row)", "ROW_ERASED"),
    ("UPDATE journal_row SET shape_no = 1 WHERE id = (SELECT MAX(id) FROM journal_row)", "ROW_CHANGED"),
    ("DELETE FROM journal_row WHERE id = (SELECT MAX(id) FROM journal_row)", "DIGEST_CHANGED"),
)


def test_what_stands_beside_an_entry_is_held_against_it(unguarded: Cast) -> None:
    for statement, code in BESIDE_TAMPERED:
        for _ in tried(functools.partial(run, statement)):
            assert code in {each for each, _ in found()}, statement


def test_a_checkpoint_that_was_changed_is_found(walked: Cast) -> None:
    newest = Checkpoint.objects.order_by("-size").values()[0]
    for column in ("root", "note", "size"):
        mine = Checkpoint.objects.filter(pk=newest["id"])
        for _ in tried(functools.partial(mine.update, **{column: other(newest[column])})):
            assert {code for code, _ in found()} - {"CHECKPOINT_MISSING"} == {"CHECKPOINT_CHANGED"}, column


def test_rows_of_files_are_held_against_the_inventories(walked: Cast) -> None:
    row = StoredFile.objects.order_by("pk").values()[0]
    for column in ("sha512", "sha256", "sm3", "size_bytes", "content_path", "first_version"):
        mine = StoredFile.objects.filter(pk=row["id"])
        for _ in tried(functools.partial(mine.update, **{column: other(row[column])})):
            assert {code for code, _ in found()} == {"FILES_CHANGED"}, column


def test_triggers_that_were_dropped_are_missed(walked: Cast) -> None:
    on = " ON records_item" if connection.vendor == "postgresql" else ""
    run(f"DROP TRIGGER records_item_kept_update{on}")
    Item.objects.update(title="换了题名")

    differences = found()

    assert ("UNWATCHED", "records_item") in differences
    assert "ROW_CHANGED" in {code for code, _ in differences}
    assert kept.watch_over() == ["records_item"]
    assert kept.watch_over() == []


def test_rows_of_an_earlier_version_are_taken_in_once_and_on_record(unguarded: Cast) -> None:
    run("DELETE FROM journal_row WHERE table_name = 'records_item'")
    item = Item.objects.get()
    with pytest.raises(Refusal, match="A-001"):
        journal.adopt_rows(occasion=unguarded.occasion(Post.ARCHIVIST), table_name="records_item")

    with one_line("journal.adopt_rows"):
        assert proving.adopt() == 1
    assert proving.adopt() == 0

    assert not [place for code, place in found() if place == f"records_item:{item.pk}"]
    Item.objects.update(title="换了题名")
    assert ("ROW_CHANGED", f"records_item:{item.pk}") in found()


def test_the_auditor_has_it_done_as_a_job_whose_list_names_what_differs(walked: Cast) -> None:
    first = jobs.start(occasion=walked.occasion(Post.AUDITOR), kind="AUDIT")
    work_off()
    settle(walked)
    uid = jobs.start(occasion=walked.occasion(Post.AUDITOR), kind="AUDIT")
    Item.objects.update(title="换了题名")
    work_off()

    assert job_queries.get_for(walked.actor(Post.AUDITOR), first).status is JobStatus.DONE
    ended = job_queries.get_for(walked.actor(Post.AUDITOR), uid)
    failed = job_queries.failed_of(uid)
    assert (ended.status, ended.failed) == (JobStatus.DONE_WITH_LIST, 2)
    assert {one.refusal.code for one in failed} == {"G-007"}
    assert {str(one.refusal.params["what"]).partition("、")[0] for one in failed} == {
        f"records_item:{Item.objects.get().pk}"
    }
    with pytest.raises(Refusal, match="A-001"):
        jobs.start(occasion=walked.occasion(Post.SYSTEM_ADMIN), kind="AUDIT")


# --- the journal on disk ---


def lines(home: Path) -> list[bytes]:
    return [line for path in sorted((home / "journal").rglob("*.jsonl")) for line in path.read_bytes().splitlines(True)]


def test_the_journal_on_disk_has_each_entry_once_and_every_row_as_it_stands(walked: Cast, home: Path) -> None:
    told = [json.loads(line.partition(b" ")[2]) for line in lines(home)]

    assert [each["position"] for each in told] == list(range(queries.head()))
    assert (home / "journal").stat().st_mode & 0o077 == 0
    last = {row[0]: row[5] for each in told for row in each["rows"]}
    item = Item.objects.get()
    assert json.loads(last[f"records_item:{item.pk}"])["title"] == item.title
    assert None not in last.values()


def test_the_journal_on_disk_goes_on_where_a_kill_cut_it(walked: Cast, home: Path) -> None:
    whole = lines(home)
    path = sorted((home / "journal").rglob("*.jsonl"))[-1]
    path.write_bytes(b"".join(whole)[:-40])  # the last line is torn
    assert queries.segments().end() == len(whole) - 1

    accounts.log_in(occasion=walked.occasion(Post.HANDLER), terminal="1 号窗口")
    settle(walked)

    assert lines(home)[: len(whole)] == whole
    assert len(lines(home)) == len(whole) + 1
    assert found() == []


def test_a_journal_on_disk_that_was_lost_is_written_again_from_the_database(walked: Cast, home: Path) -> None:
    whole = lines(home)
    for path in (home / "journal").rglob("*.jsonl"):
        path.unlink()

    accounts.log_in(occasion=walked.occasion(Post.HANDLER), terminal="1 号窗口")
    settle(walked)

    assert lines(home)[: len(whole)] == whole


def test_a_byte_of_the_journal_on_disk_that_was_changed_is_found(walked: Cast, home: Path) -> None:
    path = sorted((home / "journal").rglob("*.jsonl"))[0]
    whole = path.read_bytes()
    drawn = random.Random(20260301)
    for at in [0, len(whole) - 1, *(drawn.randrange(len(whole)) for _ in range(20))]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        differences = found()
        assert differences and {code for code, _ in differences} <= {"COPY_CHANGED", "COPY_SHORT"}, at
        path.write_bytes(whole)
    assert found() == []


# --- erasure ---


@pytest.mark.acceptance("S2-C1")
def test_lawful_erasure_takes_the_value_from_database_and_disk_and_nothing_else_is_missed(
    walked: Cast, home: Path
) -> None:
    entry = Entry.objects.filter(act="intake.register").latest("id")
    name, value = next(
        (each.field, each.value) for each in PrivateValue.objects.filter(entry_uid=entry.uid) if "person" in each.field
    )
    assert value.encode() in b"".join(lines(home))
    leaf = rules.leaf(queries.facts_of(entry))

    journal.erase_values(
        occasion=walked.occasion(Post.SECURITY_OFFICER), uid=entry.uid, fields=[name], basis="个人信息保护法 第四十七条"
    )
    settle(walked)

    line = queries.segments().entry(entry.position or 0)
    assert line is not None and name not in line["values"]
    assert line["commitments"] == entry.commitments
    assert rules.leaf(queries.facts_of(Entry.objects.get(uid=entry.uid))) == leaf
    assert found() == []


def test_an_older_image_of_a_row_can_be_erased_and_one_that_stands_cannot(walked: Cast, home: Path) -> None:
    item = Item.objects.get()
    written = list(RowDigest.objects.filter(table_name="records_item", row_pk=item.pk).order_by("id"))
    officer = walked.occasion(Post.SECURITY_OFFICER)

    with refused("J-004"):
        journal.erase_values(
            occasion=officer, uid=written[-1].entry_uid, fields=[written[-1].ref], basis="个人信息保护法 第四十七条"
        )
    with one_line("journal.erase_values"):
        journal.erase_values(
            occasion=officer, uid=written[0].entry_uid, fields=[written[0].ref], basis="个人信息保护法 第四十七条"
        )
    settle(walked)

    line = queries.segments().entry(queries.position_of(written[0].entry_uid) or 0)
    assert line is not None
    assert next(row for row in line["rows"] if row[0] == written[0].ref)[4:] == ["", None]
    assert found() == []


def test_a_password_is_never_in_the_journal_and_only_an_administrator_sets_anothers(walked: Cast, home: Path) -> None:
    hashed = accounts.hash_password("一个很长的新口令")

    with one_line("accounts.set_password"):
        accounts.set_password(occasion=walked.occasion(Post.SYSTEM_ADMIN), staff_code="bh01", password_hash=hashed)
    with refused("A-012"):
        accounts.set_password(occasion=walked.occasion(Post.SYSTEM_ADMIN), staff_code="nobody", password_hash=hashed)
    with pytest.raises(Refusal, match="A-001"):
        accounts.set_password(occasion=walked.occasion(Post.ARCHIVIST), staff_code="bh01", password_hash=hashed)
    settle(walked)

    assert b"scrypt" not in b"".join(lines(home))
    assert Touched.objects.count() == 0
    assert found() == []


def test_each_table_is_kept_row_by_row_or_is_left_out_for_a_reason() -> None:
    ours = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("anjuan.") and model._meta.app_label != "journal"
    }
    chosen = [one.model for one in KEPT]

    assert len(set(chosen)) == len(chosen)
    assert set(chosen) | NOT_KEPT.keys() == ours
    assert not set(chosen) & NOT_KEPT.keys()
