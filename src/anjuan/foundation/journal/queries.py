"""What the journal shows: entries in order, the story of one unit, and how far followers lag."""

import datetime as dt
import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q, Sum

from anjuan.foundation.journal.backends.access import AccessFile, AccessTable, Openings
from anjuan.foundation.journal.backends.segments import Segments
from anjuan.foundation.journal.models import Cursor, Entry, Member, PrivateValue
from anjuan.foundation.journal.rules import Facts, Opening, members_root

CLOSE_OPENINGS = "journal.close_openings"
ROWS_AT_ONCE = 5000  # digests and images in memory
ENTRIES_AT_ONCE = 256


@dataclass(frozen=True)
class StoryLine:
    """One line of a unit's story, with the values that may still be shown."""

    uid: str
    position: int | None
    at: dt.datetime
    act: str
    staff_code: str
    agency_code: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Lag:
    """How far a follower is behind (滞后)."""

    follower: str
    position: int
    behind: int
    moved_at: dt.datetime | None


@dataclass(frozen=True)
class Visit:
    """Who opened a record, for what, in which quarter of an hour, and the pages he saw (谁看过)."""

    staff_code: str
    agency_code: str
    unit: str
    purpose: str
    slot: dt.datetime
    first_at: dt.datetime
    pages: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class OpeningsCheck:
    """What comparing the openings with the journal found: how many lines were compared, and which are wrong."""

    compared: int
    changed: tuple[int, ...]
    missing: tuple[int, ...]
    broken: tuple[str, ...]  # entries whose list of lines is no longer the one that was entered


def facts_of(entry: Entry) -> Facts:
    """A numbered entry as frozen values."""
    if entry.position is None:
        raise ValueError("not numbered yet")
    return Facts(
        uid=entry.uid,
        position=entry.position,
        at=entry.at,
        act=entry.act,
        unit=entry.unit,
        staff_code=entry.staff_code,
        agency_code=entry.agency_code,
        commitments=dict(entry.commitments),
        members_root=entry.members_root,
        members_count=entry.members_count,
        commitments_sm3=dict(entry.commitments_sm3),
        members_sm3=entry.members_sm3,
        rows_root=entry.rows_root,
        rows_sm3=entry.rows_sm3,
        rows_count=entry.rows_count,
        version=entry.leaf_version,
    )


def entries_from(position: int, limit: int) -> list[Facts]:
    """Numbered entries from a position on, in order."""
    rows = Entry.objects.filter(position__gte=position).order_by("position")[:limit]
    return [facts_of(row) for row in rows]


def units_from(position: int, limit: int) -> list[str]:
    """Units of entries from a position on, and of those that wait for their number; members of batch acts included."""
    rows = Entry.objects.filter(Q(position__gte=position) | Q(position=None)).order_by("id")[:limit]
    named = dict(rows.values_list("uid", "unit"))
    return [*named.values(), *Member.objects.filter(entry_uid__in=list(named)).values_list("unit", flat=True)]


class _Counted(Protocol):
    """An entry, as a row or as facts."""

    @property
    def rows_count(self) -> int: ...


C = TypeVar("C", bound=_Counted)


def grouped(entries: Sequence[C]) -> Iterator[list[C]]:
    """So many entries at once that what stands beside them fits in memory: a batch act writes thousands of rows."""
    group: list[C] = []
    rows = 0
    for entry in entries:
        if group and (rows + entry.rows_count > ROWS_AT_ONCE or len(group) == ENTRIES_AT_ONCE):
            yield group
            group, rows = [], 0
        group.append(entry)
        rows += entry.rows_count
    if group:
        yield group


def uid_at(position: int) -> str:
    """The uid of the entry at a position; empty if there is none."""
    return Entry.objects.filter(position=position).values_list("uid", flat=True).first() or ""


def position_of(uid: str) -> int | None:
    """The position of an entry; none while it waits for its number."""
    return Entry.objects.values_list("position", flat=True).get(uid=uid)


def time_of(position: int) -> dt.datetime | None:
    """When the entry at a position was made; none if there is none."""
    return Entry.objects.filter(position=position).values_list("at", flat=True).first()


def head() -> int:
    """How many entries are numbered."""
    highest: int | None = Entry.objects.aggregate(highest=Max("position"))["highest"]
    return 0 if highest is None else highest + 1


def waiting() -> int:
    """How many entries wait for their number."""
    return Entry.objects.filter(position__isnull=True).count()


def followed_to(follower: str) -> int:
    """The next position a follower wants."""
    return Cursor.objects.filter(follower=follower).values_list("position", flat=True).first() or 0


def lags() -> list[Lag]:
    """Each follower's distance from the head."""
    here = head()
    return [
        Lag(cursor.follower, cursor.position, here - cursor.position, cursor.moved_at)
        for cursor in Cursor.objects.order_by("follower")
    ]


def acts_since(since: dt.datetime, acts: Collection[str], *, limit: int) -> list[tuple[str, dt.datetime, str]]:
    """Unit, time and act of entries of these acts, members of batch acts each by itself, in the order of time.

    Args:
        since: the first moment.
        acts: which acts.
        limit: at most so many entries, the newest.
    """
    entries = list(Entry.objects.filter(at__gte=since, act__in=acts).order_by("-id")[:limit])[::-1]
    members: dict[str, list[str]] = {}
    batches = [entry.uid for entry in entries if entry.members_count]
    for first in range(0, len(batches), 500):
        rows = Member.objects.filter(entry_uid__in=batches[first : first + 500]).order_by("id")
        for uid, unit in rows.values_list("entry_uid", "unit"):
            members.setdefault(uid, []).append(unit)
    return [
        (unit, entry.at, entry.act)
        for entry in entries
        for unit in dict.fromkeys([entry.unit, *members.get(entry.uid, [])])
    ]


def work_of(
    staff_codes: Collection[str], since: dt.datetime, before: dt.datetime, *, limit: int
) -> list[tuple[str, str, str, dt.datetime]]:
    """Person, act, unit and time of what these people did in a time, batch acts once; the newest first.

    Args:
        staff_codes: whose acts.
        since: the first moment.
        before: the first moment that no longer belongs to it.
        limit: at most so many entries, the newest.
    """
    rows = Entry.objects.filter(staff_code__in=staff_codes, at__gte=since, at__lt=before).order_by("-id")
    return list(rows.values_list("staff_code", "act", "unit", "at")[:limit])


def count_acts(acts: Collection[str], agency_codes: Collection[str], since: dt.datetime) -> int:
    """How many entries of these acts people of these agencies have made since a moment."""
    return Entry.objects.filter(act__in=acts, agency_code__in=agency_codes, at__gte=since).count()


def count_members(acts: Collection[str], agency_codes: Collection[str], since: dt.datetime) -> int:
    """How many units such entries had, those of batch acts."""
    rows = Entry.objects.filter(act__in=acts, agency_code__in=agency_codes, at__gte=since)
    return int(rows.aggregate(total=Sum("members_count"))["total"] or 0)


def story_of(unit: str, *, limit: int = 200) -> list[StoryLine]:
    """What happened to one unit, oldest first, batch acts included (谁在何时做了什么)."""
    batch_uids = Member.objects.filter(unit=unit).values_list("entry_uid", flat=True)
    return _told(unit, list(Entry.objects.filter(Q(unit=unit) | Q(uid__in=batch_uids)).order_by("id")[:limit]))


def newest_of(unit: str, agency_codes: Collection[str], *, limit: int) -> list[StoryLine]:
    """What people of these agencies did last with a unit that is a register, newest first; batch acts are left out."""
    rows = Entry.objects.filter(unit=unit, agency_code__in=agency_codes).order_by("-id")
    return _told(unit, list(rows[:limit]))


def _told(unit: str, entries: Sequence[Entry]) -> list[StoryLine]:
    uids = [entry.uid for entry in entries]
    values, own = values_of(uids), member_values(unit, uids)
    return [
        StoryLine(
            entry.uid,
            entry.position,
            entry.at,
            entry.act,
            entry.staff_code,
            entry.agency_code,
            {
                name: value
                for said in (values.get(entry.uid, {}), own.get(entry.uid, {}))
                for name, (_, value) in said.items()
            },
        )
        for entry in entries
    ]


def uids_of(units: Sequence[str]) -> Mapping[str, list[str]]:
    """The entries of each of these units, oldest first, batch acts included; two queries (各件的业务日志)."""
    found: dict[str, list[tuple[int, str]]] = {unit: [] for unit in units}
    batches: dict[str, list[str]] = {}
    for unit, uid in Member.objects.filter(unit__in=units).values_list("unit", "entry_uid"):
        batches.setdefault(uid, []).append(unit)
    for pk, uid, unit in Entry.objects.filter(Q(unit__in=units) | Q(uid__in=list(batches))).values_list(
        "pk", "uid", "unit"
    ):
        for concerned in {*batches.get(uid, ()), *((unit,) if unit in found else ())}:
            found[concerned].append((pk, uid))
    return {unit: [uid for _, uid in sorted(lines)] for unit, lines in found.items()}


def doers_of(units: Sequence[str], acts: Sequence[str]) -> frozenset[str]:
    """Who did any of these acts on any of these units, by staff code; one query."""
    return frozenset(Entry.objects.filter(unit__in=units, act__in=acts).values_list("staff_code", flat=True))


def values_of(uids: Sequence[str]) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Salt and value of each field of these entries, as far as they have not been erased; not those of members."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    rows = PrivateValue.objects.filter(entry_uid__in=uids).exclude(field__contains=".")
    for row in rows.order_by("id"):
        found.setdefault(row.entry_uid, {})[row.field] = (row.salt, row.value)
    return found


def member_values(unit: str, uids: Sequence[str]) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Salt and value of each field that these batch acts said of one member, and of no other; by entry."""
    own = Q(pk__in=[])
    for uid, ordinal in Member.objects.filter(unit=unit, entry_uid__in=uids, commitments__isnull=False).values_list(
        "entry_uid", "ordinal"
    ):
        own |= Q(entry_uid=uid, field__startswith=f"{ordinal}.")
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for row in PrivateValue.objects.filter(own).order_by("id"):
        found.setdefault(row.entry_uid, {})[row.field.partition(".")[2]] = (row.salt, row.value)
    return found


def member_commitments(uid: str, unit: str) -> Mapping[str, str]:
    """What a batch act committed to about one member, by field; nothing where its digest is of something else."""
    told: Mapping[str, str] | None = (
        Member.objects.filter(entry_uid=uid, unit=unit).values_list("commitments", flat=True).first()
    )
    return told or {}


def latest_entry(unit: str, act: str) -> Facts | None:
    """The newest numbered entry of one act on one unit, batch acts included."""
    batch_uids = Member.objects.filter(unit=unit).values_list("entry_uid", flat=True)
    entry = (
        Entry.objects.filter(Q(unit=unit) | Q(uid__in=batch_uids), act=act, position__isnull=False)
        .order_by("-position")
        .first()
    )
    return facts_of(entry) if entry else None


def newest_said(units: Sequence[str], acts: Sequence[str], name: str) -> list[tuple[int, str]]:
    """What the newest entry of these acts on each unit said in one field: position and value, each entry once.

    An entry that did not say it, or whose values were erased, is left out.
    """
    newest: dict[int, str] = {}
    for unit in units:
        found = [entry for act in acts if (entry := latest_entry(unit, act))]
        if found:
            last = max(found, key=lambda entry: entry.position)
            newest[last.position] = last.uid
    values = values_of(list(newest.values()))
    said = [(position, values.get(uid, {}).get(name, ("", ""))[1]) for position, uid in sorted(newest.items())]
    return [(position, value) for position, value in said if value]


def members_of(uid: str) -> list[tuple[str, str]]:
    """The units of a batch act in their order, each with its digest."""
    rows = Member.objects.filter(entry_uid=uid).order_by("ordinal")
    return [(row.unit, row.digest) for row in rows]


def openings() -> Openings:
    """Where openings are put down in this edition."""
    if connection.vendor == "postgresql":
        return AccessTable()
    return AccessFile(Path(settings.ANJUAN_HOME) / "access.db", last_closed)


def segments() -> Segments:
    """The journal on disk (业务日志副本)."""
    return _segments(Path(settings.ANJUAN_HOME) / "journal")


@functools.lru_cache(maxsize=4)
def _segments(folder: Path) -> Segments:
    return Segments(folder)  # kept, because it remembers where the last file ends


def last_closed() -> int:
    """The number of the last opening whose digest stands in the journal; 0 if none does."""
    entry = Entry.objects.filter(act=CLOSE_OPENINGS).order_by("-id").values_list("unit", flat=True).first()
    return int(entry.rpartition("-")[2]) if entry else 0


def visits(units: Sequence[str], *, limit: int = 2000) -> list[Visit]:
    """Who opened these records, newest first; so many lines at most are looked at."""
    found: dict[tuple[str, str, str, dt.datetime], list[Opening]] = {}
    for line in openings().of(units, limit) if units else []:
        found.setdefault((line.staff_code, line.unit, line.purpose, line.slot), []).append(line)
    return [
        Visit(
            staff_code,
            lines[-1].agency_code,
            unit,
            purpose,
            slot,
            min(line.at for line in lines),
            tuple(sorted({(line.component, line.page) for line in lines})),
        )
        for (staff_code, unit, purpose, slot), lines in found.items()
    ]


def check_openings() -> OpeningsCheck:
    """Compare every closed opening with its digest in the journal (核对查阅登记)."""
    compared = 0
    changed: list[int] = []
    missing: list[int] = []
    broken: list[str] = []
    access = openings()
    access.after(0, 1)  # one that cannot be read is said, even if nothing was closed yet
    for entry in Entry.objects.filter(act=CLOSE_OPENINGS).order_by("id"):
        members = members_of(entry.uid)
        if members_root(members) != entry.members_root:
            broken.append(entry.uid)
        first, last = (int(number) for number in entry.unit.partition(":")[2].split("-"))
        lines = {no: line for no, line in access.after(first - 1, last - first + 1) if no <= last}
        for unit, digest in members:
            no = int(unit.partition(":")[2])
            compared += 1
            if no not in lines:
                missing.append(no)
            elif lines[no].digest != digest:
                changed.append(no)
    return OpeningsCheck(compared, tuple(changed), tuple(missing), tuple(broken))
