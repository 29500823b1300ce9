"""Seeing the log as an auditor does: its days, its growth, its keys, and proofs of single entries (存证查看)."""

import base64
import contextlib
import datetime as dt
import hashlib
import re
import zoneinfo
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from anjuan.core.merkle import proof, tree
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.evidence import rules
from anjuan.facilities.evidence.models import DayRoot
from anjuan.facilities.printing.queries import print_form
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.signing import queries as signing
from anjuan.facilities.signing.rules import KeyRow
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.rules import leaf as leaf_of
from anjuan.foundation.ledger import actions as ledger_actions
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.ledger.queries import CheckpointRow
from anjuan.records import queries as records

READERS = (Post.AUDITOR, Post.SECURITY_OFFICER)
PROOF_FORMAT = "anjuan-inclusion-v1"
SHOWN_DAYS = 60
POINTS = 240
_PUBLISHED = re.compile(
    r"checkpoint|tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"
)


@dataclass(frozen=True)
class DayRow:
    """One day's root."""

    day: dt.date
    no: int
    size: int
    root: str
    stamp_digest: str
    stamp_authority: str
    stamped_at: dt.datetime
    is_own_stamp: bool

    @property
    def name(self) -> str:
        """How its files are named."""
        return rules.stamp_name(self.day, self.no)


@dataclass(frozen=True)
class Proof:
    """An entry of the log with its proof under a checkpoint, checked before it is shown (包含证明).

    Attributes:
        position: of the entry, from 0.
        leaf: its bytes as they are published.
        path: the proof, lowest first.
        holds: whether it proves what it should.
    """

    position: int
    leaf: bytes
    path: tuple[bytes, ...]
    checkpoint: CheckpointRow
    holds: bool

    def as_json(self) -> dict[str, object]:
        """For whoever checks it elsewhere: RFC 9162, 2.1.3.2, over these bytes."""
        return {
            "format": PROOF_FORMAT,
            "leaf": self.leaf.decode("utf-8"),
            "leaf_hash": tree.leaf_hash(self.leaf).hex(),
            "index": self.position,
            "path": [base64.b64encode(step).decode() for step in self.path],
            "size": self.checkpoint.size,
            "root": self.checkpoint.root,
            "checkpoint": self.checkpoint.note,
        }


@dataclass(frozen=True)
class Consistency:
    """That the later checkpoint contains the earlier one unchanged (一致性证明)."""

    old: CheckpointRow
    new: CheckpointRow
    path: tuple[bytes, ...]
    holds: bool


@dataclass(frozen=True)
class StoryProof:
    """One line of a record's story, and whether it is the one that the log holds."""

    uid: str
    act: str
    at: dt.datetime
    position: int
    holds: bool


@dataclass(frozen=True)
class RecordProof:
    """The story of one record, line by line against the log (档案经过的存证)."""

    urn: str
    lines: tuple[StoryProof, ...]
    waiting: int
    newest: CheckpointRow | None

    @property
    def is_whole(self) -> bool:
        """Whether every line that a checkpoint covers is proven."""
        return all(line.holds for line in self.lines)


@dataclass(frozen=True)
class Standing:
    """The log at one look."""

    newest: CheckpointRow | None
    waiting: int
    behind: int
    checkpoints: int
    growth: tuple[tuple[dt.datetime, int], ...]


def may_read(actor: Actor) -> bool:
    """Whether the whole log is this person's to look at: the archive's auditor and security officer."""
    return actor.covers(archive_path(), *READERS)


def standing(actor: Actor) -> Standing:
    """How the log stands: newest checkpoint, what waits, how it grew.

    Raises: A-001 not the auditor's or the security officer's post.
    """
    permit(actor, archive_path(), *READERS)
    newest = ledger.latest_checkpoint()
    return Standing(
        newest=newest,
        waiting=journal.waiting(),
        behind=journal.head() - (newest.size if newest else 0),
        checkpoints=ledger.count_checkpoints(),
        growth=tuple(ledger.growth(POINTS)),
    )


def days(actor: Actor) -> list[DayRow]:
    """The days' roots, newest first.

    Raises: A-001 see `standing`.
    """
    permit(actor, archive_path(), *READERS)
    return [row_of(row) for row in DayRoot.objects.order_by("-day", "-no")[:SHOWN_DAYS]]


def day_root(actor: Actor, day: dt.date, no: int) -> DayRow:
    """One day's root.

    Raises: A-001 see `standing`; G-101 there is none.
    """
    permit(actor, archive_path(), *READERS)
    row = DayRoot.objects.filter(day=day, no=no).first()
    if row is None:
        raise Refusal("G-101", day=rules.stamp_name(day, no))
    return row_of(row)


def day_stamp(actor: Actor, day: dt.date, no: int) -> bytes:
    """The time stamp of a day's root, as it lies beside the log (``.tsr``).

    Raises: A-001, G-101 see `day_root`; G-103 the file is not the one that was kept.
    """
    row = day_root(actor, day, no)
    octets = ledger.stamp(row.name)
    if octets is None or hashlib.sha256(octets).hexdigest() != row.stamp_digest:
        raise Refusal("G-103", day=row.name)
    return octets


def day_sheet(actor: Actor, day: dt.date, no: int, *, at: dt.datetime) -> bytes:
    """The day's root on paper (每日根单), PDF/A with the note as a QR symbol.

    Raises: A-001, G-101 see `day_root`; P-001 the font cannot draw a character of the authority's name.
    """
    row = day_root(actor, day, no)
    checkpoint = ledger.checkpoint_of(row.size)
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    facts = {
        "agency_name": signing.authority().agency_name,
        "day": f"{row.day:%Y年%m月%d日}" + (f"（第{row.no}次）" if row.no else ""),
        "size": f"{row.size:,}",
        "root_lines": rules.hex_lines(row.root),
        "note": checkpoint.note,
        "published_at": f"{checkpoint.published_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "stamp_authority": row.stamp_authority,
        "stamped_at": f"{row.stamped_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "stamp_digest": row.stamp_digest,
        "own": "1" if row.is_own_stamp else "",
    }
    return print_form(form=FormName.DAY_ROOT, facts=facts, at=at, practice=bool(settings.PRACTICE))


def keys(actor: Actor) -> list[KeyRow]:
    """All generations of keys, with what was revoked.

    Raises: A-001 see `standing`.
    """
    permit(actor, archive_path(), *READERS)
    return signing.all_keys()


def prove(actor: Actor, entry: str, *, size: int | None = None) -> Proof:
    """Prove that an entry stands in the log (验证条目).

    Args:
        actor: who asks.
        entry: its position, or its uid as a record's story shows it.
        size: of the checkpoint; the newest if None.

    Raises: A-001 see `standing`; G-102 no such entry; G-006 no such checkpoint; G-001 not covered yet.
    """
    permit(actor, archive_path(), *READERS)
    return _proof(_position(entry.strip().removeprefix("#")), ledger.checkpoint_of(size) if size is not None else None)


def _proof(position: int, checkpoint: CheckpointRow | None) -> Proof:
    found = ledger.inclusion_proof(position, checkpoint)
    leaf = ledger.log().leaf(position)
    holds = proof.verify_inclusion(
        leaf=tree.leaf_hash(leaf),
        index=position,
        size=found.checkpoint.size,
        path=found.path,
        root=bytes.fromhex(found.checkpoint.root),
    )
    return Proof(position, leaf, found.path, found.checkpoint, holds)


def record_proof(actor: Actor, urn: str) -> RecordProof:
    """Hold every line of a record's story against the log, for whoever may see the record (档案经过的存证).

    Raises: R-009 there is no such record, or the actor may not see it.
    """
    story = _story(actor, urn)
    newest = ledger.latest_checkpoint()
    size = newest.size if newest else 0
    covered = [line for line in story if line.position is not None and line.position < size]
    return RecordProof(
        urn=urn,
        lines=tuple(
            StoryProof(line.uid, line.act, line.at, line.position, _stands(line.position, newest))
            for line in covered
            if line.position is not None and newest is not None
        ),
        waiting=len(story) - len(covered),
        newest=newest,
    )


def prove_line(actor: Actor, urn: str, position: int) -> Proof:
    """Prove one line of the story of a record that the actor may see.

    Raises: R-009 see `record_proof`; G-102 the line is of another record; G-001 not covered yet.
    """
    if position not in {line.position for line in _story(actor, urn)}:
        raise Refusal("G-102", entry=position)
    return _proof(position, None)


def _story(actor: Actor, urn: str) -> list[journal.StoryLine]:
    """What happened to a record that the actor may see; to an item, what happened to its volume, too."""
    urns = [urn]
    try:
        item = records.get_item_for(actor, urn)
        urns += [records.volume_urn_of(item)] if item.volume_pk else []
    except Refusal:
        records.get_volume_for(actor, urn)
    lines = {line.uid: line for each in urns for line in journal.story_of(each)}
    return sorted(lines.values(), key=lambda line: (line.position is None, line.position or 0))


def _stands(position: int, checkpoint: CheckpointRow) -> bool:
    """Whether the entry of the database is the leaf of the log at its place, and that leaf stands under the root."""
    found = _proof(position, checkpoint)
    entries = journal.entries_from(position, 1)
    return found.holds and bool(entries) and leaf_of(entries[0]) == found.leaf


def connect(actor: Actor, old: int, new: int) -> Consistency:
    """Prove that a later checkpoint contains an earlier one unchanged (比对检查点).

    Raises: A-001 see `standing`; G-006 one of them was never published; G-104 they stand the other way round.
    """
    permit(actor, archive_path(), *READERS)
    if old > new:
        raise Refusal("G-104", size=f"{old} > {new}")
    earlier, later = ledger.checkpoint_of(old), ledger.checkpoint_of(new)
    path = tuple(ledger.log().consistency_path(old, new))
    holds = proof.verify_consistency(
        old_size=old,
        new_size=new,
        old_root=bytes.fromhex(earlier.root),
        new_root=bytes.fromhex(later.root),
        path=path,
    )
    return Consistency(earlier, later, path, holds)


def checkpoints(actor: Actor, *, before: int | None, limit: int) -> list[CheckpointRow]:
    """Checkpoints, newest first.

    Raises: A-001 see `standing`.
    """
    permit(actor, archive_path(), *READERS)
    return ledger.checkpoints(before=before, limit=limit)


def published_file(actor: Actor | None, path: str) -> bytes:
    """A file of the public layout (tlog-tiles), for programs that audit the log over the network.

    Leaves hold commitments and staff codes, no personal data, so they may be public; but how much work an office does
    and when, they do tell. So the whole world reads them only where the setting says so.

    Raises: A-001, A-007 not for this reader; G-105 no such file.
    """
    if settings.ANJUAN_LOG_READERS != "everyone":
        if actor is None:
            raise Refusal("A-007")
        permit(actor, archive_path(), *READERS)
    octets = ledger.log().store.read(path) if _PUBLISHED.fullmatch(path) else None
    if octets is None:
        raise Refusal("G-105", path=path[:80])
    return octets


def name_of(day: dt.date, no: int) -> str:
    """How the files of a day's root are named."""
    return rules.stamp_name(day, no)


def cache_scope() -> str:
    """Who may keep a copy of a published file on the way: everyone only where everyone may read it."""
    return "public" if settings.ANJUAN_LOG_READERS == "everyone" else "private"


def last_closed_day() -> dt.date | None:
    """The newest day that has its closing root."""
    return DayRoot.objects.filter(no=0).order_by("-day").values_list("day", flat=True).first()


def lag() -> int:
    """How many entries the log has not taken yet."""
    return journal.head() - journal.followed_to(ledger_actions.FOLLOWER.name)


def _position(entry: str) -> int:
    if entry.isdecimal() and entry.isascii() and len(entry) <= 18:
        if int(entry) < journal.head():
            return int(entry)
    elif re.fullmatch(r"[0-9a-f]{32}", entry):
        with contextlib.suppress(ObjectDoesNotExist):
            if (position := journal.position_of(entry)) is not None:
                return position
    raise Refusal("G-102", entry=entry[:40])


def row_of(row: DayRoot) -> DayRow:
    """A day's root as frozen values."""
    return DayRow(
        day=row.day,
        no=row.no,
        size=row.size,
        root=row.root,
        stamp_digest=row.stamp_digest,
        stamp_authority=row.stamp_authority,
        stamped_at=row.stamped_at,
        is_own_stamp=row.is_own_stamp,
    )
