"""Growing the log and signing checkpoints. These write no journal line: the log follows the journal."""

import datetime as dt
from collections.abc import Sequence

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.refusals import Refusal
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.journal.rules import Facts, leaf
from anjuan.foundation.ledger import queries
from anjuan.foundation.ledger.models import Checkpoint

CHECKPOINT_EVERY = dt.timedelta(seconds=10)


def integrate(entries: Sequence[Facts]) -> int:
    """Add entries to the log (入链). Entries already in it are compared and passed over. Returns the log's size.

    Raises:
        G-002: entries are missing between the log's end and these; the log is never grown over a hole.
        G-003: an entry is not the one that stands in the log at its place: the database was put back or changed.
    """
    log = queries.log()
    with log.lock():
        size = log.size
        for entry in entries:
            if entry.position < size and log.leaf(entry.position) != leaf(entry):
                raise Refusal("G-003", size=entry.position)
        fresh = [entry for entry in entries if entry.position >= size]
        if fresh:
            if [entry.position for entry in fresh] != list(range(size, size + len(fresh))):
                raise Refusal("G-002", size=size, position=fresh[0].position)
            size = log.append([leaf(entry) for entry in fresh])
    return size


def publish(*, at: dt.datetime, on_demand: bool = False) -> queries.CheckpointRow | None:
    """Sign a checkpoint if the log has grown: at most one in ten seconds, or at once on demand (发布检查点).

    Raises:
        G-003: the log no longer agrees with its last checkpoint; nothing is signed over a changed past.
    """
    log, latest = queries.log(), queries.latest_checkpoint()
    with log.lock():
        size = log.size
        if size == 0 or (latest is not None and latest.size >= size):
            return latest
        if latest is not None and not on_demand and at - latest.published_at < CHECKPOINT_EVERY:
            return latest
        if latest is not None and log.root(latest.size).hex() != latest.root:
            raise Refusal("G-003", size=latest.size)
        if size > journal_queries.head():  # the log knows entries that the database has lost
            raise Refusal("G-003", size=journal_queries.head())
        key = queries.key()
        signed = note_format.Checkpoint(origin=key.name, size=size, root=log.root(size))
        note = note_format.sign_note(signed.body(), key.name, key.public, key.sign)
        log.publish(size, note)
        Checkpoint.objects.get_or_create(
            size=size, defaults={"root": signed.root.hex(), "note": note, "published_at": at}
        )
    return queries.latest_checkpoint()


def catch_up(*, at: dt.datetime) -> queries.CheckpointRow:
    """Number what waits, integrate it, and sign a checkpoint now: what issuing a certificate asks for.

    Raises:
        G-001: the journal is empty.
        G-002, G-003: see `integrate` and `publish`.
    """
    journal.sequence()
    wanted = journal_queries.head()  # what others write from here on may come later
    while journal.follow(FOLLOWER, at=at):
        pass
    checkpoint = publish(at=at, on_demand=True)
    if checkpoint is None or checkpoint.size < wanted:
        raise Refusal("G-001", position=wanted, size=checkpoint.size if checkpoint else 0)
    return checkpoint


def first_checkpoint_after(*, units: Sequence[str], acts: Sequence[str], at: dt.datetime) -> queries.CheckpointRow:
    """The first checkpoint that covers the newest entry of these acts on each of these units (冻结后的第一个检查点).

    It is fixed by the log, not by the moment of asking: whoever draws a sample cannot wait for a root he likes.

    Raises:
        G-001: a unit has no entry of these acts, or no checkpoint covers it.
    """
    catch_up(at=at)
    newest = []
    for unit in units:
        found = [entry.position for act in acts if (entry := journal_queries.latest_entry(unit, act))]
        if not found:
            raise Refusal("G-001", position=journal_queries.head(), size=0)
        newest.append(max(found))
    if not newest:
        raise Refusal("G-001", position=journal_queries.head(), size=0)
    return queries.first_checkpoint_past(max(newest))


def _consume(entries: Sequence[Facts]) -> None:
    integrate(entries)


FOLLOWER = journal.Follower("ledger", _consume)
