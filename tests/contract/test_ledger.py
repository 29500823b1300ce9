"""The log: what stands in it is proven, what is missing or changed is found."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from django.db import connection

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.merkle import proof, tree
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.journal.backends import guards
from anjuan.foundation.journal.models import Cursor, Entry
from anjuan.foundation.journal.rules import leaf
from anjuan.foundation.ledger import actions, queries
from anjuan.foundation.ledger.backends import notekey
from anjuan.foundation.ledger.models import Checkpoint
from tests.cast import Cast


def deeds(cast: Cast, count: int = 1) -> None:
    """Some deeds, numbered."""
    for _ in range(count):
        accounts.log_in(occasion=cast.occasion(Post.HANDLER), terminal="counter")
    journal.sequence()


def head_of(size: int) -> str:
    """The root over the first entries, reckoned anew from the journal alone."""
    return tree.root([tree.leaf_hash(leaf(entry)) for entry in journal_queries.entries_from(0, size)]).hex()


def test_every_entry_is_proven_under_the_checkpoint(cast: Cast) -> None:
    deeds(cast, 5)

    checkpoint = actions.catch_up(at=cast.clock.at)

    assert checkpoint.size == journal_queries.head()
    assert checkpoint.root == head_of(checkpoint.size)
    for entry in journal_queries.entries_from(0, 1000):
        found = queries.inclusion_proof(entry.position)
        assert proof.verify_inclusion(
            leaf=tree.leaf_hash(leaf(entry)),
            index=entry.position,
            size=checkpoint.size,
            path=found.path,
            root=bytes.fromhex(found.checkpoint.root),
        )


def test_another_entry_in_its_place_is_not_proven(cast: Cast) -> None:
    deeds(cast, 3)
    checkpoint = actions.catch_up(at=cast.clock.at)
    one, other = journal_queries.entries_from(0, 2)

    assert not proof.verify_inclusion(
        leaf=tree.leaf_hash(leaf(other)),
        index=one.position,
        size=checkpoint.size,
        path=queries.inclusion_proof(one.position).path,
        root=bytes.fromhex(checkpoint.root),
    )


def test_between_two_checkpoints_the_log_only_grew(cast: Cast) -> None:
    deeds(cast, 3)
    older = actions.catch_up(at=cast.clock.at)
    deeds(cast, 300)
    newer = actions.catch_up(at=cast.clock.at)

    path = queries.log().consistency_path(older.size, newer.size)

    def only_grew(old_root: bytes) -> bool:
        return proof.verify_consistency(
            old_size=older.size,
            new_size=newer.size,
            path=path,
            old_root=old_root,
            new_root=bytes.fromhex(newer.root),
        )

    assert newer.root == head_of(newer.size)
    assert only_grew(bytes.fromhex(older.root))
    assert not only_grew(b"\0" * 32)


def test_a_checkpoint_is_a_note_that_strangers_verify(cast: Cast) -> None:
    checkpoint = actions.catch_up(at=cast.clock.at)

    read = note_format.verify_note(checkpoint.note, queries.vkey(), notekey.verify)

    assert (read.size, read.root.hex()) == (checkpoint.size, checkpoint.root)
    assert queries.note_is_genuine(checkpoint.note)
    assert not queries.note_is_genuine(checkpoint.note.replace(f"\n{checkpoint.size}\n", f"\n{checkpoint.size + 1}\n"))
    assert not queries.note_is_genuine("")


def test_an_entry_no_checkpoint_covers_yet_is_g_001(cast: Cast) -> None:
    with pytest.raises(Refusal) as nothing:
        queries.inclusion_proof(0)
    checkpoint = actions.catch_up(at=cast.clock.at)
    with pytest.raises(Refusal) as later:
        queries.inclusion_proof(checkpoint.size)

    assert (nothing.value.code, later.value.code) == ("G-001", "G-001")


def test_checkpoints_come_at_most_once_in_ten_seconds_unless_asked_for(cast: Cast) -> None:
    deeds(cast)
    first = actions.catch_up(at=cast.clock.at)
    deeds(cast)
    actions.integrate(journal_queries.entries_from(0, 1000))
    soon = first.published_at + dt.timedelta(seconds=9)

    assert actions.publish(at=soon) == first
    on_demand = actions.publish(at=soon, on_demand=True)
    deeds(cast)
    actions.integrate(journal_queries.entries_from(0, 1000))
    assert on_demand is not None
    later = actions.publish(at=on_demand.published_at + actions.CHECKPOINT_EVERY)

    assert later is not None
    assert first.size < on_demand.size < later.size


def test_a_log_that_has_not_grown_is_not_signed_again(cast: Cast) -> None:
    first = actions.catch_up(at=cast.clock.at)

    again = actions.publish(at=cast.clock.at + dt.timedelta(hours=1), on_demand=True)

    assert again == first
    assert Checkpoint.objects.count() == 1


def test_an_empty_log_is_not_signed(cast: Cast) -> None:
    assert actions.publish(at=cast.clock.at, on_demand=True) is None


def test_taking_the_same_entries_in_twice_changes_nothing(cast: Cast) -> None:
    deeds(cast, 5)
    entries = journal_queries.entries_from(0, 1000)

    size = actions.integrate(entries)
    root = queries.log().root(size)
    again = actions.integrate(entries)
    overlapping = actions.integrate(entries[3:])

    assert size == again == overlapping == len(entries)
    assert queries.log().root(size) == root


def test_entries_over_a_hole_are_g_002(cast: Cast) -> None:
    deeds(cast, 5)
    entries = journal_queries.entries_from(0, 1000)
    actions.integrate(entries[:2])

    for gap in (entries[3:], [entries[2], entries[4]]):
        with pytest.raises(Refusal) as caught:
            actions.integrate(gap)
        assert caught.value.code == "G-002"

    assert queries.log().size == 2


def test_a_crash_before_the_state_is_written_repeats_harmlessly(cast: Cast, home: Path) -> None:
    deeds(cast, 3)
    entries = journal_queries.entries_from(0, 1000)
    actions.integrate(entries[:10])
    deeds(cast, 300)
    entries = journal_queries.entries_from(0, 1000)
    actions.integrate(entries)
    whole = queries.log().root(len(entries))

    # As after a crash between the tiles and the state: the tiles lie there, nobody points to them.
    (home / "log/state").write_text("10")
    size = actions.integrate(entries)

    assert size == len(entries)
    assert queries.log().root(size) == whole
    assert whole.hex() == head_of(size)


def test_a_crash_between_the_note_and_its_row_signs_the_same_size_again(cast: Cast) -> None:
    deeds(cast)
    first = actions.catch_up(at=cast.clock.at)
    Checkpoint.objects.all().delete()

    again = actions.catch_up(at=cast.clock.at)

    assert (again.size, again.root) == (first.size, first.root)


def test_a_changed_past_stops_the_signing_with_g_003(cast: Cast, home: Path) -> None:
    deeds(cast, 3)
    kept = actions.catch_up(at=cast.clock.at)
    guards.remove(connection, "journal_entry")
    Entry.objects.filter(position=1).update(staff_code="nobody")
    # The forger lets the log be built anew from the changed journal.
    shutil.rmtree(home / "log")
    Cursor.objects.filter(follower="ledger").update(position=0)
    deeds(cast)

    with pytest.raises(Refusal) as caught:
        actions.catch_up(at=cast.clock.at)

    assert caught.value.code == "G-003"
    assert queries.latest_checkpoint() == kept
    assert head_of(kept.size) != kept.root


def test_a_changed_entry_is_no_longer_proven_even_if_the_log_was_left_alone(cast: Cast) -> None:
    deeds(cast, 3)
    checkpoint = actions.catch_up(at=cast.clock.at)
    guards.remove(connection, "journal_entry")
    Entry.objects.filter(position=1).update(act="intake.nothing")
    changed = journal_queries.entries_from(1, 1)[0]

    assert not proof.verify_inclusion(
        leaf=tree.leaf_hash(leaf(changed)),
        index=1,
        size=checkpoint.size,
        path=queries.inclusion_proof(1).path,
        root=bytes.fromhex(checkpoint.root),
    )


def test_a_lost_log_is_not_grown_over_the_hole(cast: Cast, home: Path) -> None:
    deeds(cast, 3)
    actions.catch_up(at=cast.clock.at)
    shutil.rmtree(home / "log")
    deeds(cast)

    with pytest.raises(Refusal) as caught:
        actions.catch_up(at=cast.clock.at)

    assert caught.value.code == "G-002"


def test_a_damaged_bundle_is_a_fault_not_a_guess(cast: Cast, home: Path) -> None:
    deeds(cast, 3)
    actions.catch_up(at=cast.clock.at)
    for path in (home / "log").rglob("*.p/*"):
        if "entries" in str(path):
            path.unlink()
    deeds(cast)

    with pytest.raises(OSError, match="damaged"):
        actions.catch_up(at=cast.clock.at)


def test_a_database_that_was_put_back_is_not_signed_over(cast: Cast) -> None:
    deeds(cast)
    actions.catch_up(at=cast.clock.at)
    log = queries.log()
    with log.lock():  # the log as another, longer history left it
        log.append([b"an entry the database has lost"])

    with pytest.raises(Refusal, match="G-003"):
        actions.catch_up(at=cast.clock.at)
    deeds(cast)
    with pytest.raises(Refusal, match="G-003"):
        actions.catch_up(at=cast.clock.at)
