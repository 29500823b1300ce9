"""Writing the journal: every deed ends here, with exactly one line.

``writing`` is the only way to change records: it opens the transaction, and on the way out enters the line in the
same transaction. So there is never a change without its line, nor a line without its change.
"""

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import apsw
from django.db import DatabaseError, connection, transaction

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.foundation.journal import kept, queries, rules
from anjuan.foundation.journal.backends import watch
from anjuan.foundation.journal.models import Cursor, Entry, Member, PrivateValue, RowDigest, Sequencer

SEQUENCE_AT_ONCE = 500
CLOSE_AT_ONCE = 500
ERASING = "journal.erase_values"
INSTALLATION = "SYSTEM"  # whoever stands at the server


@dataclass
class Line:
    """The open line of the deed under way: the deed says its fields, then leaves."""

    occasion: Occasion
    act: str
    unit: str
    uid: str
    fields: dict[str, str] = field(default_factory=dict)
    members: list[tuple[str, str]] = field(default_factory=list)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    mark: int = 0

    def say(self, **fields: object) -> None:
        """Add fields; values are kept as text, and empty ones are left out."""
        self.fields.update(_texts(fields))

    def say_of(self, unit: str, **fields: object) -> None:
        """Add fields of one unit of a batch act: it becomes a member, whose digest is that of its commitments."""
        self.told.setdefault(unit, {}).update(_texts(fields))

    def include(self, members: Sequence[tuple[str, str]]) -> None:
        """Name the units of a batch act, each with a digest of what was decided on it."""
        self.members.extend(members)


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items() if value not in (None, "")}


@dataclass(frozen=True)
class Follower:
    """Something that reads every line in order (跟随者).

    Attributes:
        name: the cursor's name; never reused for another purpose.
        consume: takes the next entries in order; must be idempotent, since it may see them again after a crash.
    """

    name: str
    consume: Callable[[Sequence[rules.Facts]], None]


@contextlib.contextmanager
def writing(*, occasion: Occasion, act: str, unit: str) -> Iterator[Line]:
    """Do one deed: one transaction, one journal line (一事一记).

    Args:
        occasion: who acts and when.
        act: ``<room>.<verb>``.
        unit: URN of the record, or ``<kind>:<code>`` for what is not a record.

    Concurrency: the transaction is durable, so a deed inside a deed is a fault, not a habit. On SQLite it is IMMEDIATE:
    deeds queue for the single writer.
    """
    line = Line(occasion=occasion, act=act, unit=unit, uid=occasion.fresh(16).hex())
    with transaction.atomic(durable=True):
        line.mark = watch.begin(connection)
        yield line
        enter(line)


def enter(line: Line) -> str:
    """Put the line down: commitments in the entry, values and salts beside it. Returns the entry's uid.

    Each row that the deed has written is committed to as it stands now, whatever wrote it.

    Standard: GB/T 18894-2016 (process information is kept and cannot be changed); decisions 3, 10, 20.
    """
    own, private = _commit(line, line.fields)
    members = [Member(entry_uid=line.uid, unit=unit, digest=digest) for unit, digest in line.members]
    for unit, fields in line.told.items():
        told, values = _commit(line, fields, prefix=f"{len(members)}.")
        members.append(
            Member(entry_uid=line.uid, unit=unit, digest=rules.member_digest(told.sha256), commitments=told.sha256),
        )
        private += values
    for ordinal, member in enumerate(members):
        member.ordinal = ordinal
    rows = kept.digests_of_deed(line.mark, line.uid, line.occasion.fresh)
    pairs = [(member.unit, member.digest) for member in members]
    Entry.objects.create(
        uid=line.uid,
        at=line.occasion.at,
        act=line.act,
        unit=line.unit,
        staff_code=line.occasion.actor.staff_code,
        agency_code=line.occasion.actor.agency_code,
        commitments=own.sha256,
        commitments_sm3=own.sm3,
        members_root=rules.members_root(pairs) if members else "",
        members_sm3=rules.members_root_sm3(pairs) if members else "",
        members_count=len(members),
        rows_root=rules.members_root([(row.ref, row.digest) for row in rows]) if rows else "",
        rows_sm3=rules.members_root_sm3([(row.ref, row.sm3) for row in rows]) if rows else "",
        rows_count=len(rows),
        leaf_version=rules.LEAF_VERSION,
    )
    PrivateValue.objects.bulk_create(private)
    Member.objects.bulk_create(members)
    RowDigest.objects.bulk_create(rows)
    return line.uid


@dataclass(frozen=True)
class _Committed:
    """Commitments by field, in both families."""

    sha256: dict[str, str]
    sm3: dict[str, str]


def _commit(line: Line, fields: Mapping[str, str], prefix: str = "") -> tuple[_Committed, list[PrivateValue]]:
    committed = _Committed({}, {})
    private: list[PrivateValue] = []
    for name, value in sorted(fields.items()):
        salt = line.occasion.fresh(rules.SALT_BYTES)
        committed.sha256[name] = rules.commitment(salt, value)
        committed.sm3[name] = rules.commitment_sm3(salt, value)
        private.append(PrivateValue(entry_uid=line.uid, field=prefix + name, salt=salt.hex(), value=value))
    return committed, private


def sequence() -> int:
    """Give committed entries their contiguous numbers (编号). Returns how many were numbered.

    Concurrency: one at a time, by the lock on the sequencer's row (PostgreSQL) or the IMMEDIATE transaction (SQLite).
    An entry that commits late simply gets a later number; no follower can miss it.
    """
    numbered = 0
    while True:
        if not Entry.objects.filter(position__isnull=True).exists():
            return numbered
        with transaction.atomic():
            state = Sequencer.objects.select_for_update().get(pk=1)
            batch = list(Entry.objects.filter(position__isnull=True).order_by("id")[:SEQUENCE_AT_ONCE])
            for offset, entry in enumerate(batch):
                entry.position = state.next_position + offset
            Entry.objects.bulk_update(batch, ["position"])
            state.next_position += len(batch)
            state.save(update_fields=["next_position"])
        numbered += len(batch)


def follow(follower: Follower, *, at: dt.datetime, limit: int = 1000) -> int:
    """Let a follower read what is new. Returns how many entries it took.

    Concurrency: the cursor is swapped from the position that was read; if another process moved it meanwhile, this
    reading is dropped, which is harmless because consuming is idempotent.
    """
    cursor, _ = Cursor.objects.get_or_create(follower=follower.name)
    entries = queries.entries_from(cursor.position, limit)
    if not entries:
        return 0
    follower.consume(entries)
    Cursor.objects.filter(pk=cursor.pk, position=cursor.position).update(position=entries[-1].position + 1, moved_at=at)
    return len(entries)


def wait_for(position: int, *, follower: str, timeout_seconds: float = 10.0) -> None:
    """Wait until a follower has read past a position (等待跟上).

    Raises:
        J-001: it did not get there in time; nothing is lost, it is only late.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        reached = queries.followed_to(follower)
        if reached > position:
            return
        if time.monotonic() >= deadline:
            raise Refusal("J-001", follower=follower, position=position, reached=reached)
        time.sleep(0.02)


def note_opening(*, occasion: Occasion, unit: str, component: int, page: int, purpose: str) -> None:
    """Put down that a page is about to be opened, durably: before its first byte is served (登记查阅).

    Args:
        occasion: who opens it, and when.
        unit: URN of the item.
        component: the file.
        page: from 1; 0 for the whole file.
        purpose: one of `rules.PURPOSES`.

    Raises:
        J-003: the line cannot be put down; then nothing may be shown.

    Standard: decision 21. Opening is no deed: the line enters the journal by its digest, with others, each minute.
    """
    opening = rules.Opening(
        staff_code=occasion.actor.staff_code,
        agency_code=occasion.actor.agency_code,
        unit=unit,
        purpose=purpose,
        slot=rules.slot_of(occasion.at),
        component=component,
        page=page,
        at=occasion.at.astimezone(dt.UTC),
    )
    try:
        queries.openings().put(opening)
    except (apsw.Error, DatabaseError, OSError) as fault:
        raise Refusal("J-003") from fault


def close_openings(*, occasion: Occasion) -> int:
    """Enter the digests of openings since the last time in one line (查阅登记入志). Returns how many, 500 at most.

    Concurrency: of two workers who close the same lines one does, by the lock on the sequencer's row.
    """
    closed = queries.last_closed()
    fresh = queries.openings().after(closed, CLOSE_AT_ONCE)
    if not fresh:
        return 0
    unit = f"openings:{fresh[0][0]}-{fresh[-1][0]}"
    with (
        contextlib.suppress(_AlreadyClosed),
        writing(occasion=occasion, act="journal.close_openings", unit=unit) as line,
    ):
        Sequencer.objects.select_for_update().get(pk=1)
        if queries.last_closed() != closed:
            raise _AlreadyClosed
        line.include([(f"opening:{no}", opening.digest) for no, opening in fresh])
        line.say(count=len(fresh))
    return len(fresh)


class _AlreadyClosed(Exception):
    """Another worker was there first: what was begun is undone."""


def adopt_rows(*, occasion: Occasion, table_name: str) -> int:
    """Take rows into the journal that were written before it kept rows (旧行入志). Returns how many, 500 at most.

    Only rows that no deed has ever written; each is told by the line, so that an auditor sees what was taken in, and
    when. For an archive that was begun with an earlier version; elsewhere there is nothing to do.

    Raises:
        A-001: only the installation does this, or the security officer.
    """
    if occasion.actor.staff_code != INSTALLATION and not occasion.actor.holds(Post.SECURITY_OFFICER):
        raise Refusal("A-001", posts=Post.SECURITY_OFFICER)
    with (
        contextlib.suppress(_AlreadyClosed),
        writing(occasion=occasion, act="journal.adopt_rows", unit=f"table:{table_name}") as line,
    ):
        pks = kept.unknown(kept.tables()[table_name], CLOSE_AT_ONCE)
        if not pks:
            raise _AlreadyClosed
        kept.touch(table_name, pks)
        line.say(count=len(pks))
        return len(pks)
    return 0


def erase_values(*, occasion: Occasion, uid: str, fields: Sequence[str], basis: str) -> int:
    """Erase values behind commitments on a lawful order (依法删除); the entries and every proof stay.

    The follower that keeps the journal on disk takes them out there too.

    Args:
        occasion: who, and when.
        uid: the entry.
        fields: names of its fields, of a member's fields (``3.person_1``), or rows that it wrote and that have been
            written anew since (``records_subject:17``).
        basis: the law or order that it rests on.

    Raises:
        A-001: the actor is not the security officer.
        J-002: no legal basis is given.
        J-004: a row still stands as this entry wrote it; what it holds must be changed first.
    """
    if not occasion.actor.holds(Post.SECURITY_OFFICER):
        raise Refusal("A-001", posts=Post.SECURITY_OFFICER)
    if not basis.strip():
        raise Refusal("J-002")

    with writing(occasion=occasion, act="journal.erase_values", unit=f"entry:{uid}") as line:
        wanted = [row for row in RowDigest.objects.filter(entry_uid=uid).exclude(salt="") if row.ref in fields]
        for row in wanted:
            if kept.newest(row.table_name, [row.row_pk])[row.row_pk].entry_uid == uid:
                raise Refusal("J-004", row=row.ref)
        count, _ = PrivateValue.objects.filter(entry_uid=uid, field__in=fields).delete()
        count += RowDigest.objects.filter(pk__in=[row.pk for row in wanted]).update(salt="")
        line.say(fields=",".join(sorted(fields)), basis=basis, count=count)
    return count
