"""An empty database made whole from what lies on disk; what is not believed, and what cannot come back, is said."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from anjuan.config import proving
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal import kept
from anjuan.foundation.journal.backends import guards
from anjuan.foundation.journal.models import Entry
from anjuan.foundation.ledger import queries as ledger_queries
from anjuan.foundation.ledger.differing import Difference
from anjuan.foundation.ledger.rebuild import Rebuilt
from tests.builders import at_state, everything
from tests.cast import Cast
from tests.contract.test_audit import settle, walked

__all__ = ["walked"]  # the stage

JOURNAL = (
    "journal_entry", "journal_member", "journal_private", "journal_row", "journal_shape", "journal_cursor",
    "journal_touched", "ledger_checkpoint", "repository_storedfile",
)  # fmt: skip
# Made again by followers, or kept apart on purpose: a password never stands in the journal.
LEFT_OUT = ("notices.", "jobs.", "accounts.AccessToken", "journal.Touched")


def empty() -> None:
    """The database is lost: whatever the archive knows in it is gone. Store, log, journal on disk and keys are left."""
    tables = [*JOURNAL, *reversed(list(kept.tables()))]
    for table in tables:
        guards.remove(connection, table)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_look")
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("UPDATE journal_sequencer SET next_position = 0")
        cursor.execute("DELETE FROM journal_touched")


def left_wrong() -> list[Difference]:
    """What the audit says, but for the guards that `empty` has lifted."""
    return [each for each in proving.audit(lambda what, done, total: None) if each.code != "UNWATCHED"]


def rebuilt() -> Rebuilt:
    return proving.rebuild(lambda what, done, total: None)


def compared() -> dict[str, list[dict[str, Any]]]:
    found = {label: rows for label, rows in everything().items() if not label.startswith(LEFT_OUT)}
    for row in found["accounts.Staff"]:
        del row["password"], row["last_login"]
    for label, rows in found.items():
        if label.startswith("journal.") or label == "repository.StoredFile":
            for row in rows:
                row.pop("id", None)
            rows.sort(key=repr)
    return found


@pytest.mark.acceptance("S2-C3", "S4-C5", "S1-C6")
def test_a_database_that_was_lost_comes_back_row_by_row(walked: Cast) -> None:
    before, head = compared(), Entry.objects.count()
    checkpoints = list(ledger_queries.kept_checkpoints())
    empty()
    assert Entry.objects.count() == 0

    found = rebuilt()

    assert (found.entries, found.bare, found.lost) == (head, [], [])
    after = compared()
    assert after.keys() == before.keys()
    for label, rows in before.items():
        assert after[label] == rows, label
    assert len(before["records.Item"]) == 1 and StoredFile.objects.exists()
    latest = ledger_queries.latest_checkpoint()
    assert latest is not None and [size for size, _ in checkpoints][-1] == latest.size
    assert left_wrong() == []


def test_work_goes_on_after_a_rebuild_with_numbers_that_follow(walked: Cast) -> None:
    head = Entry.objects.count()
    empty()
    rebuilt()

    accounts.set_password(
        occasion=walked.occasion(Post.SYSTEM_ADMIN),
        staff_code="bh01",
        password_hash=accounts.hash_password("another-password"),
    )
    at_state(walked, State.FILED, "SL-900")
    settle(walked)

    positions = list(Entry.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(len(positions)))
    assert len(positions) > head
    assert left_wrong() == []


def test_a_database_in_use_is_not_written_over_g_004(walked: Cast) -> None:
    before = everything()

    with pytest.raises(Refusal) as caught:
        rebuilt()

    assert caught.value.code == "G-004"
    assert everything() == before


@pytest.mark.parametrize("place", [0, 30])
def test_a_journal_on_disk_that_was_changed_is_not_believed_g_005(walked: Cast, home: Path, place: int) -> None:
    path = sorted((home / "journal").rglob("*.jsonl"))[0]
    lines = path.read_bytes().splitlines(True)
    lines[place] = lines[place].replace(b'"staff":"', b'"staff":"x', 1)
    path.write_bytes(b"".join(lines))
    empty()

    with pytest.raises(Refusal) as caught:
        rebuilt()

    assert caught.value.code == "G-005"
    assert caught.value.params["position"] == place
    assert not Entry.objects.exists()


def test_what_the_log_alone_still_knows_comes_back_bare_and_is_named(walked: Cast, home: Path) -> None:
    path = sorted((home / "journal").rglob("*.jsonl"))[0]
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join(lines[:-2]))
    before = {entry.uid: entry for entry in Entry.objects.all()}
    empty()

    found = rebuilt()

    assert found.bare == [len(lines) - 2, len(lines) - 1]
    bare = Entry.objects.filter(position__in=found.bare).order_by("position")
    for entry in bare:
        was = before[entry.uid]
        assert (entry.at, entry.act, entry.unit, entry.commitments) == (was.at, was.act, was.unit, was.commitments)
        assert (entry.rows_root, entry.rows_sm3, entry.rows_count) == (was.rows_root, was.rows_sm3, was.rows_count)
    assert any(place.startswith("records_") for place in found.lost)
    codes = {each.code for each in proving.audit(lambda what, done, total: None)}
    assert "ENTRY_CHANGED" not in codes
    assert "VALUE_MISSING" in codes  # and the audit says so as long as it is so


def test_an_object_that_the_store_lacks_is_named(walked: Cast, home: Path) -> None:
    urn = StoredObject.objects.values_list("urn", flat=True)[0]
    shutil.rmtree(home / "store" / repository.where(urn).folder)
    empty()

    assert rebuilt().lost == [urn]
