"""Holding the database against the journal and the journal against the log (审计): every difference, named.

The log is the last word: entries must respell to its leaves. What stands beside an entry (values, members, digests of
rows) must give what the entry committed to, and each kept row must be as the newest entry that wrote it says. Streams:
neither the journal nor a table is ever whole in memory.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef

from anjuan.core.merkle import tile
from anjuan.foundation.journal import kept, lines, rules
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.actions import ERASING
from anjuan.foundation.journal.models import Entry, Member, PrivateValue, RowDigest
from anjuan.foundation.ledger import queries
from anjuan.foundation.ledger.audit_rows import next_range, range_differences, row_differences, row_ranges, salt_of
from anjuan.foundation.ledger.differing import MEANING, Difference, Say
from anjuan.foundation.ledger.models import Checkpoint

__all__ = [
    "MEANING",
    "Difference",
    "Say",
    "differences",
    "entry_differences",
    "log_leaves",
    "next_range",
    "other_differences",
    "range_differences",
    "row_differences",
    "row_ranges",
]


def differences(say: Say = lambda what, done, total: None) -> Iterator[Difference]:
    """Everything that does not agree, as it is found.

    Args:
        say: told what is being compared, how much is done, and of how much.
    """
    yield from _entries(say)
    yield from other_differences()
    for table in kept.tables().values():
        yield from row_differences(table, say)


def other_differences() -> Iterator[Difference]:
    """What belongs to no bundle and no row: orphans, checkpoints, ends, marks that stayed, triggers."""
    yield from _ends()
    yield from _orphans()
    yield from _checkpoints()
    yield from (Difference("ROW_TOUCHED", ref) for ref in kept.strays())
    yield from (Difference("UNWATCHED", name) for name in kept.unwatched())


# --- entries ---


def log_leaves() -> Iterator[bytes]:
    """The leaves of the log in order, a bundle in memory at a time.

    Raises:
        OSError: a bundle is missing or damaged.
    """
    log = queries.log()
    size = log.size
    for first in range(0, size, tile.WIDTH):
        yield from log.leaves(first, min(first + tile.WIDTH, size))


def _entries(say: Say) -> Iterator[Difference]:
    total = queries.log().size
    for first in range(0, total, tile.WIDTH):
        say("journal", first, total)
        yield from entry_differences(first)


def _ends() -> Iterator[Difference]:
    """What lies before the log's first entry and behind its last, in the database and on disk."""
    total = queries.log().size
    for position in Entry.objects.filter(position__lt=0).values_list("position", flat=True):
        yield Difference("ENTRY_ADDED", f"entry {position}")
    if total < journal.followed_to("ledger"):
        yield Difference("LOG_SHORT", f"entry {total}")
    at = total
    while beyond := list(Entry.objects.filter(position__gte=at).order_by("position")[: tile.WIDTH]):
        for group in journal.grouped(beyond):  # numbered and not in the log yet
            yield from _beside(group)
        for entry in beyond:
            if entry.position != at:
                yield Difference("ENTRY_ADDED", f"entry {entry.position}")
                return
            at += 1
    for line in journal.segments().entries(total):
        known = Entry.objects.filter(position=line["position"]).first() if "position" in line else None
        if known is None or not lines.agrees(line, rules.leaf(journal.facts_of(known))):
            yield Difference("COPY_CHANGED", f"entry {line.get('position')}")


def entry_differences(first: int) -> Iterator[Difference]:
    """Differences of the entries of one bundle of the log, of what stands beside them, and of their lines on disk.

    Args:
        first: position of its first entry, a multiple of 256.
    """
    log = queries.log()
    end = min(first + tile.WIDTH, log.size)
    try:
        leaves = log.leaves(first, end)
    except OSError:
        yield Difference("LOG_DAMAGED", f"entry {first}–{end - 1}")
        return
    entries = Entry.objects.filter(position__gte=first, position__lt=end)
    found = {entry.position: entry for entry in entries if entry.position is not None}
    for position, leaf in enumerate(leaves, first):
        entry = found.get(position)
        if entry is None:
            yield Difference("ENTRY_MISSING", f"entry {position}")
            continue
        spelled = rules.leaf(journal.facts_of(entry))
        if spelled != leaf:
            yield Difference("ENTRY_CHANGED", f"entry {position}", _parts(spelled, leaf))
    for group in journal.grouped(list(found.values())):
        yield from _beside(group)
    yield from _copy(first, leaves, found)


def _parts(one: bytes, other: bytes) -> tuple[str, ...]:
    ours, theirs = json.loads(one), json.loads(other)
    return tuple(sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)))


def _erased(uid: str) -> set[str]:
    """What was lawfully erased of an entry."""
    orders = Entry.objects.filter(act=ERASING, unit=f"entry:{uid}").values_list("uid", flat=True)
    said = PrivateValue.objects.filter(entry_uid__in=list(orders), field="fields").values_list("value", flat=True)
    return {name for fields in said for name in fields.split(",")}


def _beside(entries: Sequence[Entry]) -> Iterator[Difference]:
    """Values, members and digests of rows of these entries."""
    uids = [entry.uid for entry in entries]
    values: dict[str, dict[str, PrivateValue]] = {}
    for private in PrivateValue.objects.filter(entry_uid__in=uids):
        values.setdefault(private.entry_uid, {})[private.field] = private
    members: dict[str, list[Member]] = {}
    for member in Member.objects.filter(entry_uid__in=uids).order_by("entry_uid", "ordinal"):
        members.setdefault(member.entry_uid, []).append(member)
    rows: dict[str, list[RowDigest]] = {}
    for row in RowDigest.objects.filter(entry_uid__in=uids).order_by("entry_uid", "ordinal"):
        rows.setdefault(row.entry_uid, []).append(row)
    for entry in entries:
        place = f"entry {entry.position}"
        own = members.get(entry.uid, [])
        yield from _values(entry, own, values.get(entry.uid, {}), place)
        pairs = [(member.unit, member.digest) for member in own]
        if (
            len(own) != entry.members_count
            or [member.ordinal for member in own] != list(range(len(own)))
            or (own and rules.members_root(pairs) != entry.members_root)
            or any(m.commitments is not None and rules.member_digest(m.commitments) != m.digest for m in own)
        ):
            yield Difference("MEMBER_CHANGED", place)
        digests = rows.get(entry.uid, [])
        if (
            len(digests) != entry.rows_count
            or [row.ordinal for row in digests] != list(range(len(digests)))
            or (digests and rules.members_root([(row.ref, row.digest) for row in digests]) != entry.rows_root)
            or (digests and rules.members_root_sm3([(row.ref, row.sm3) for row in digests]) != entry.rows_sm3)
        ):
            yield Difference("DIGEST_CHANGED", place)
        emptied = {row.ref for row in digests if not row.salt}
        for ref in sorted(emptied - _erased(entry.uid)) if emptied else ():
            yield Difference("ROW_ERASED", f"{place} {ref}")


def _values(
    entry: Entry, members: Sequence[Member], values: Mapping[str, PrivateValue], place: str
) -> Iterator[Difference]:
    promised: dict[str, str] = dict(entry.commitments)
    for member in members:
        promised |= {f"{member.ordinal}.{name}": value for name, value in (member.commitments or {}).items()}
    for name, committed in promised.items():
        private = values.get(name)
        if private is None:
            if name not in _erased(entry.uid):
                yield Difference("VALUE_MISSING", place, (name,))
            continue
        salt = salt_of(private.salt)
        wanted_sm3 = entry.commitments_sm3.get(name)
        if (
            salt is None
            or rules.commitment(salt, private.value) != committed
            or (wanted_sm3 is not None and rules.commitment_sm3(salt, private.value) != wanted_sm3)
        ):
            yield Difference("VALUE_CHANGED", place, (name,))
    if added := tuple(sorted(values.keys() - promised.keys())):
        yield Difference("VALUE_ADDED", place, added)


def _orphans() -> Iterator[Difference]:
    """What stands beside an entry that does not exist."""
    beside = (
        ("VALUE_ADDED", PrivateValue.objects.all()),
        ("MEMBER_CHANGED", Member.objects.all()),
        ("DIGEST_CHANGED", RowDigest.objects.all()),
    )
    for code, rows in beside:
        alone = rows.filter(~Exists(Entry.objects.filter(uid=OuterRef("entry_uid"))))
        for uid in alone.values_list("entry_uid", flat=True).distinct():
            yield Difference(code, f"entry {uid}")


def _checkpoints() -> Iterator[Difference]:
    """Each checkpoint of the database against the log, and each that the log keeps against the database."""
    log = queries.log()
    try:
        size = log.size
        kept_there = dict(queries.kept_checkpoints())
    except OSError:
        yield Difference("LOG_DAMAGED", "checkpoints")
        return
    known = set()
    for row in Checkpoint.objects.order_by("size").iterator():
        known.add(row.size)
        wrong = []
        if row.size > size or not _has_root(row.size, row.root):
            wrong.append("root")
        says = row.note.split("\n")[1:2]
        if kept_there.get(row.size) != row.note or says != [str(row.size)] or not queries.note_is_genuine(row.note):
            wrong.append("note")
        if wrong:
            yield Difference("CHECKPOINT_CHANGED", f"checkpoint {row.size}", tuple(wrong))
    missing = sorted(kept_there.keys() - known)
    since = set(Checkpoint.objects.filter(size__in=missing).values_list("size", flat=True))  # put down meanwhile
    for each in (size for size in missing if size not in since):
        yield Difference("CHECKPOINT_MISSING", f"checkpoint {each}")
    if kept_there and max(kept_there) > size:
        yield Difference("LOG_SHORT", f"checkpoint {max(kept_there)}")


def _has_root(size: int, root: str) -> bool:
    try:
        return queries.log().root(size).hex() == root
    except OSError:
        return False


# --- the journal on disk ---


def _copy(first: int, leaves: Sequence[bytes], found: Mapping[int, Entry]) -> Iterator[Difference]:
    """A bundle of the journal on disk: what a rebuild is made from must be there, and be what was committed to."""
    end = first
    for leaf, line in zip(leaves, journal.segments().entries(first), strict=False):
        if not lines.agrees(line, leaf):
            yield Difference("COPY_CHANGED", f"entry {end}")
        elif end in found and not line.get("bare"):
            yield from _copy_lacks(found[end], line)
        end += 1
    if end < min(first + len(leaves), journal.followed_to("segments")):
        yield Difference("COPY_SHORT", f"entry {end}")


def _copy_lacks(entry: Entry, line: Mapping[str, Any]) -> Iterator[Difference]:
    """What the database still has of an entry, and the disk has not; and the other way about."""
    place = f"entry {entry.position}"
    values = set(PrivateValue.objects.filter(entry_uid=entry.uid).values_list("field", flat=True))
    if lacking := tuple(sorted(values - line["values"].keys())):
        yield Difference("COPY_LACKS", place, lacking)
    if line["members"]:
        told = Member.objects.filter(entry_uid=entry.uid).order_by("ordinal")
        if [list(each) for each in told.values_list("unit", "digest", "commitments")] != line["members"]:
            yield Difference("MEMBER_CHANGED", place)
    # A salt without its image commits to nothing by itself: database and disk vouch for one another.
    alone = {ordinal: row[4] for ordinal, row in enumerate(line["rows"]) if row[5] is None and row[4]}
    if alone:
        kept_salts = RowDigest.objects.filter(entry_uid=entry.uid, ordinal__in=alone).exclude(salt="")
        if any(alone[ordinal] != salt for ordinal, salt in kept_salts.values_list("ordinal", "salt")):
            yield Difference("COPY_CHANGED", place)
    without: dict[str, list[int]] = {}
    for ref, _, _, _, salt, text in line["rows"]:
        if text is None and salt:
            table_name, _, pk = ref.partition(":")
            without.setdefault(table_name, []).append(int(pk))
    for table_name, pks in without.items():
        for pk, digest in kept.newest(table_name, pks).items():
            if digest.entry_uid == entry.uid:
                yield Difference("COPY_LACKS", place, (rules.row_ref(table_name, pk),))
