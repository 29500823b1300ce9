"""Growing the log and signing checkpoints. These write no journal line: the log follows the journal."""

import contextlib
import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.refusals import Refusal
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.journal.rules import Facts, leaf
from anjuan.foundation.ledger import queries
from anjuan.foundation.ledger.backends import OvertakenError, notekey
from anjuan.foundation.ledger.backends.growth import Log
from anjuan.foundation.ledger.models import Checkpoint, LogKey

CHECKPOINT_EVERY = dt.timedelta(seconds=10)
TRIES = 5

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _again(grow: Callable[_P, _T]) -> Callable[_P, _T]:
    """Do it again when another writer was faster: what he wrote is what we would have written."""

    @functools.wraps(grow)
    def grown(*asked: _P.args, **named: _P.kwargs) -> _T:
        for _ in range(TRIES - 1):
            with contextlib.suppress(OvertakenError):
                return grow(*asked, **named)
        return grow(*asked, **named)

    return grown


@_again
def integrate(entries: Sequence[Facts]) -> int:
    """Add entries to the log (入链). Entries already in it are compared and passed over. Returns the log's size.

    Raises:
        G-002: entries are missing between the log's end and these; the log is never grown over a hole.
        G-003: an entry is not the one that stands in the log at its place: the database was put back or changed.
    """
    log = queries.log()
    with log.lock():
        size = log.size
        _must_stand(log, [entry for entry in entries if entry.position < size])
        fresh = [entry for entry in entries if entry.position >= size]
        if fresh:
            if [entry.position for entry in fresh] != list(range(size, size + len(fresh))):
                raise Refusal("G-002", size=size, position=fresh[0].position)
            size = log.append([leaf(entry) for entry in fresh])
    return size


def _must_stand(log: Log, entries: Sequence[Facts]) -> None:
    """Refuse entries that are not those of the log at their places."""
    if not entries:
        return
    first = min(entry.position for entry in entries)
    there = log.leaves(first, max(entry.position for entry in entries) + 1)
    for entry in entries:
        if there[entry.position - first] != leaf(entry):
            raise Refusal("G-003", size=entry.position)


@_again
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
        if (old := queries.outgoing_key(latest.size if latest else 0)) is not None:
            note = note_format.cosign_note(note, old.name, old.public, old.sign)
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


def keep_stamp(*, name: str, octets: bytes) -> None:
    """Lay a time stamp beside the log (存放时间戳), durably."""
    log = queries.log()
    with log.lock():
        log.store.put({f"timestamps/{name}.tsr": octets})


def begin_key(*, line: journal.Line) -> queries.LogKeyRow:
    """Begin the next generation of the key that signs checkpoints (更换日志密钥), within a deed of the signing room.

    The new key's file is there before its row. The next checkpoint is signed by both keys: so whoever believes the old
    one has its word for the new.
    """
    current = queries.all_keys()[-1]
    if not LogKey.objects.exists():
        LogKey.objects.create(generation=1, vkey=current.vkey)
    latest = queries.latest_checkpoint()
    number = current.generation + 1
    LogKey.objects.create(
        generation=number,
        vkey=notekey.load(queries.keys_folder(), generation=number).vkey,
        since_size=latest.size if latest else 0,
        begun_at=line.occasion.at,
    )
    return queries.all_keys()[-1]


def revoke_key(*, line: journal.Line, generation: int, reason: str) -> None:
    """Say that an earlier key is not believed past what it has signed till now (吊销日志密钥), within such a deed."""
    believed = next(each for each in queries.all_keys() if each.generation == generation)
    latest = queries.latest_checkpoint()
    LogKey.objects.filter(generation=generation, revoked_at=None).update(
        revoked_at=line.occasion.at,
        revocation_reason=reason,
        believed_until=believed.until_size if believed.until_size is not None else latest.size if latest else 0,
    )


def _consume(entries: Sequence[Facts]) -> None:
    integrate(entries)


FOLLOWER = journal.Follower("ledger", _consume)
