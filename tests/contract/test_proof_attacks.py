"""Whoever has the engine and the disk tries to bless a forgery, or to make the archive destroy its own evidence."""

import functools
import json
import secrets
import shutil
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from anjuan.config import proving
from anjuan.core import canonical
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.copies import actions as copies
from anjuan.facilities.copies import queries as copy_queries
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.repository.models import StoredFile
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import followers, kept, queries, rules
from anjuan.foundation.journal.models import Entry, Member, RowDigest
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as ledger_queries
from anjuan.foundation.ledger.models import Checkpoint
from anjuan.records.models import Item
from tests.builders import refused
from tests.cast import Cast
from tests.contract.test_audit import found, lines, run, settle, tried, unguarded, walked
from tests.contract.test_jobs_shipped import work_off
from tests.contract.test_rebuild import empty, left_wrong, rebuilt
from tests.journey import commands

__all__ = ["unguarded", "walked"]  # the stages


def follow(cast: Cast) -> None:
    journal.sequence()
    while journal.follow(followers.FOLLOWER, at=cast.clock.at):
        pass


def deed(cast: Cast) -> None:
    """Something that needs no row of the office."""
    occasion = Occasion(accounts.FOUNDER, cast.clock.at, secrets.token_bytes)
    with journal.writing(occasion=occasion, act="accounts.refuse_log_in", unit="staff:unknown") as line:
        line.say(terminal="1 号窗口")


def other_codes() -> set[str]:
    return {code for code, _ in found()} - {"UNWATCHED"}


# --- the journal on disk is never cut away ---


def test_a_database_that_was_lost_does_not_take_the_journal_on_disk_with_it(walked: Cast, home: Path) -> None:
    whole = lines(home)
    empty()
    with pytest.raises(Refusal) as caught:
        proving.must_not_be_lost()
    assert caught.value.code == "G-009"
    deed(walked)

    with pytest.raises(Refusal, match="G-003"):
        follow(walked)
    proving.catch_up()

    assert lines(home) == whole


def test_a_database_that_was_put_back_does_not_cut_the_journal_on_disk(unguarded: Cast, home: Path) -> None:
    whole = lines(home)
    run("DELETE FROM journal_entry WHERE position >= 30")
    run("UPDATE journal_cursor SET position = 29")

    codes = other_codes()

    assert "ENTRY_MISSING" in codes
    assert lines(home) == whole


def test_a_cursor_that_was_put_back_writes_no_forged_value_over_a_true_one(unguarded: Cast, home: Path) -> None:
    whole = lines(home)
    Item.objects.update(title="换了题名")
    run("UPDATE journal_private SET value = '甲' WHERE id = (SELECT MAX(id) FROM journal_private)")
    run("UPDATE journal_cursor SET position = 0")

    follow(unguarded)

    assert lines(home) == whole


def test_a_reader_that_comes_late_takes_nothing_away(walked: Cast, home: Path) -> None:
    late = queries.entries_from(10, 5)
    whole = lines(home)

    followers.consume(late)

    assert lines(home) == whole


def test_an_erasure_reaches_a_line_that_is_damaged_and_one_that_was_written_before_a_kill(
    walked: Cast, home: Path
) -> None:
    entry = Entry.objects.filter(act="intake.register").latest("id")
    name, (_, value) = next(
        (name, said) for name, said in queries.values_of([entry.uid])[entry.uid].items() if "person" in name
    )
    path = sorted((home / "journal").rglob("*.jsonl"))[0]
    parts = path.read_bytes().splitlines(True)
    parts[entry.position or 0] = parts[entry.position or 0].replace(b'"values"', b'"valuez"', 1)
    path.write_bytes(b"".join(parts))
    officer = walked.occasion(Post.SECURITY_OFFICER)

    journal.erase_values(occasion=officer, uid=entry.uid, fields=[name], basis="个人信息保护法 第四十七条")
    settle(walked)

    line = queries.segments().entry(entry.position or 0)
    assert line is not None and name not in line["values"]
    assert value.encode() not in path.read_bytes().splitlines()[entry.position or 0]


# --- a place of copies keeps what it has ---


def test_a_place_keeps_log_and_journal_when_the_original_is_lost_or_shorter(walked: Cast, home: Path) -> None:
    copies.start_replication(occasion=walked.occasion(Post.KEEPER))
    work_off()
    settle(walked)
    assert not copies.tend_proof(seconds=60)
    proof = home / copy_queries.place("far").address / "proof"
    before = {path: path.read_bytes() for path in proof.rglob("*") if path.is_file() and path.name != "list.json"}
    path = sorted((home / "journal").rglob("*.jsonl"))[0]
    path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:3]))
    (home / "log" / "state").write_bytes(b"3 " + b"0" * 64)

    copies.tend_proof(seconds=60)
    shutil.rmtree(home / "journal")
    shutil.rmtree(home / "log")
    copies.tend_proof(seconds=60)

    assert {path: path.read_bytes() for path in before} == before


# --- nothing is blessed ---


def forged(position: int) -> None:
    """An item is changed, and an entry slipped in that says so."""
    item = Item.objects.get()
    true = RowDigest.objects.filter(table_name="records_item", row_pk=item.pk).latest("id")
    Item.objects.update(title="换了题名")
    salt = bytes.fromhex(true.salt)
    text = kept.image_of(kept.images(kept.tables()["records_item"], [item.pk])[item.pk])
    Entry.objects.create(
        uid="f" * 32, position=position, at=item.state_since, act="x.y", unit="u", staff_code="s", agency_code="a",
        rows_count=1, rows_root=rules.members_root([(true.ref, rules.commitment(salt, text))]),
        rows_sm3=rules.members_root_sm3([(true.ref, rules.commitment_sm3(salt, text))]), leaf_version=2,
    )  # fmt: skip
    RowDigest.objects.create(
        entry_uid="f" * 32, ordinal=0, table_name="records_item", row_pk=item.pk, shape_no=true.shape_no,
        digest=rules.commitment(salt, text), sm3=rules.commitment_sm3(salt, text), salt=true.salt,
    )  # fmt: skip
    run("DELETE FROM journal_touched")


def test_an_entry_slipped_in_before_the_first_or_far_behind_the_last_blesses_nothing(walked: Cast) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        forged(-1)
    forged(1_000_000)

    assert ("ENTRY_ADDED", "entry 1000000") in found()
    assert "G-007" in audited(walked)[1]


def audited(cast: Cast) -> tuple[str, set[str]]:
    """The audit as a job: its uid, and the codes of what failed."""
    uid = jobs.start(occasion=cast.occasion(Post.AUDITOR), kind="AUDIT")
    work_off()
    return uid, {one.refusal.code for one in job_queries.failed_of(uid)}


def test_an_older_state_of_a_row_is_not_made_the_newest_by_its_number(unguarded: Cast) -> None:
    item = Item.objects.get()
    told = list(RowDigest.objects.filter(table_name="records_item", row_pk=item.pk).order_by("id"))

    RowDigest.objects.filter(pk=told[0].pk).update(id=told[-1].pk + 1_000_000)
    Item.objects.update(title="换了题名")
    run("DELETE FROM journal_touched")

    differences = found()
    assert ("ROW_CHANGED", f"records_item:{item.pk}") in differences
    assert ("UNWATCHED", "journal_row") in differences


def test_rows_with_keys_below_nought_and_far_above_are_looked_at(walked: Cast) -> None:
    for pk in (-7, 10**12):
        run(
            "INSERT INTO records_subject (id, urn, kind, name, id_number, credit_code) "
            f"SELECT {pk}, 'urn:x{pk}', kind, name, '{abs(pk):018}', '' FROM records_subject WHERE id_number <> '' "
            "ORDER BY id LIMIT 1"
        )
    run("DELETE FROM journal_touched")

    assert set(found()) == {("ROW_ADDED", "records_subject:-7"), ("ROW_ADDED", "records_subject:1000000000000")}
    assert audited(walked)[1] == {"G-007"}


def test_checkpoints_that_were_deleted_and_a_log_that_was_cut_are_missed(walked: Cast, home: Path) -> None:
    for _ in tried(Checkpoint.objects.all().delete):
        assert {code for code, _ in found()} == {"CHECKPOINT_MISSING"}
    shutil.move(home / "log", home / "log-away")
    for _ in tried(Checkpoint.objects.all().delete):
        assert "LOG_SHORT" in {code for code, _ in found()}


def test_a_salt_that_was_emptied_without_an_order_and_values_of_members_that_vanish_are_missed(unguarded: Cast) -> None:
    item = Item.objects.get()
    oldest = RowDigest.objects.filter(table_name="records_item", row_pk=item.pk).earliest("id")
    for _ in tried(functools.partial(RowDigest.objects.filter(pk=oldest.pk).update, salt="")):
        assert other_codes() == {"ROW_ERASED"}
    member = Member.objects.exclude(commitments=None).first()
    if member is not None:
        Member.objects.filter(pk=member.pk).update(commitments=None)
        run("DELETE FROM journal_private WHERE field LIKE '%.%'")
        assert "MEMBER_CHANGED" in other_codes()


def test_lines_on_disk_without_what_a_rebuild_needs_are_named(walked: Cast, home: Path) -> None:
    path = sorted((home / "journal").rglob("*.jsonl"))[0]
    parts = []
    for position, part in enumerate(path.read_bytes().splitlines()):
        line = json.loads(part.partition(b" ")[2])
        line["values"] = {}
        line["rows"] = [[*row[:5], None] for row in line["rows"]]
        parts.append(b"%d " % position + canonical.spell(line) + b"\n")
    path.write_bytes(b"".join(parts))

    assert other_codes() == {"COPY_LACKS"}


def test_triggers_that_swallow_the_marks_are_named(walked: Cast) -> None:
    if connection.vendor == "sqlite":
        run(
            "CREATE TRIGGER quiet AFTER INSERT ON journal_touched "
            "BEGIN DELETE FROM journal_touched WHERE id = NEW.id; END"
        )
    else:
        run(
            "CREATE OR REPLACE FUNCTION anjuan_touch() RETURNS trigger AS $$ BEGIN RETURN NULL; END $$ LANGUAGE plpgsql"
        )

    assert ("UNWATCHED", "journal_touched") in found()


# --- what a rebuild believes ---


def test_without_a_log_nothing_is_believed_g_008(walked: Cast, home: Path) -> None:
    empty()
    shutil.rmtree(home / "log")

    with pytest.raises(Refusal) as caught:
        rebuilt()

    assert caught.value.code == "G-008"
    assert not Entry.objects.exists()


def test_a_journal_on_disk_ahead_of_the_log_comes_back_and_the_log_goes_on(walked: Cast) -> None:
    deed(walked)
    follow(walked)  # the log has not taken it
    head = queries.head()
    assert ledger_queries.log().size == head - 1
    empty()

    result = rebuilt()
    deed(walked)
    settle(walked)

    assert (result.entries, result.unconfirmed) == (head, [head - 1])
    assert ledger_queries.log().size == queries.head() == head + 1
    assert left_wrong() == []


def test_a_second_rebuild_is_as_good_as_the_first_after_entries_came_back_bare(walked: Cast, home: Path) -> None:
    path = sorted((home / "journal").rglob("*.jsonl"))[0]
    whole = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join(whole[:-2]))
    empty()
    first = rebuilt()
    deed(walked)
    settle(walked)
    empty()

    second = rebuilt()

    assert first.bare == [len(whole) - 2, len(whole) - 1] == second.bare
    assert second.entries == first.entries + 1
    ledger.catch_up(at=walked.clock.at)


def test_a_rebuild_that_was_cut_off_in_the_store_is_finished(walked: Cast) -> None:
    files = StoredFile.objects.count()
    empty()
    rebuilt()
    StoredFile.objects.all().delete()

    again = rebuilt()

    assert again.lost == []
    assert StoredFile.objects.count() == files
    with refused("G-004"):
        rebuilt()


def test_files_that_are_made_are_their_users_alone(home: Path, settings: Settings) -> None:
    outcome = commands.run(home, "doctor", "--json")

    assert outcome.stdout
    assert (home / "anjuan.db").stat().st_mode & 0o077 == 0
