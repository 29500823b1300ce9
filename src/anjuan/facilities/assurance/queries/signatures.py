"""Verifying the signatures of files, what was found kept by file, and the register of those that are invalid (验签)."""

import datetime as dt
import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import QuerySet

from anjuan.core import signatures as judging
from anjuan.core.refusals import Refusal
from anjuan.core.signatures import SignatureFacts
from anjuan.core.terms import Actor, Post
from anjuan.facilities.assurance.models import SignatureCheck, SignatureFault
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.accounts.queries import archive_path
from anjuan.records import queries as records

VERSION = 1  # raised when the same file may get another result
PDF, OFD = "application/pdf", "application/ofd"
SIGNED_MIMES = (PDF, OFD)
EXPLAINING_POSTS = (Post.HANDLER, Post.REVIEWER, Post.FILER, Post.CHECKER, Post.ARCHIVIST)
ACCEPTING_POSTS = (Post.ARCHIVIST, Post.RECHECKER)  # of the archive itself
READERS = (*EXPLAINING_POSTS, Post.SUPERVISOR, Post.ACCEPTOR, Post.RECHECKER)
MOST_ROWS = 500
_AT_ONCE = 5_000  # digests of one query
State = SignatureFault.State


class FoundStep(enum.StrEnum):
    """At which step an invalid signature was found."""

    CAPTURE = "CAPTURE"  # 采集
    FILING = "FILING"  # 归档
    TRANSFER = "TRANSFER"  # 移交
    STORAGE = "STORAGE"  # 长期保存
    ROUND = "ROUND"  # 例行查验: after the house trusts others, or of files that were never looked at


@dataclass(frozen=True)
class SignedFile:
    """A file of an item, and what its signatures are worth."""

    item_urn: str
    reference: str
    agency_path: str
    sha512: str
    name: str
    found: tuple[SignatureFacts, ...]


@dataclass(frozen=True)
class FaultRow:
    """An entry of the register as pages see it."""

    pk: int
    item_urn: str
    reference: str
    agency_code: str
    agency_path: str
    sha512: str
    file_name: str
    number: int
    signer: str
    said_zh: str
    said_en: str
    step: FoundStep
    found_by: str
    found_at: dt.datetime
    state: str
    explanation: str
    explained_by: str
    explained_at: dt.datetime | None
    closing: str
    closed_by: str
    closed_at: dt.datetime | None

    @property
    def unit(self) -> str:
        """What its deeds are entered under."""
        return f"signature:{self.pk}"

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is to be done."""
        return self.state in (State.REPLACED, State.ACCEPTED)


def verify_file(path: Path, mime: str, *, name: str = "") -> tuple[SignatureFacts, ...] | None:
    """What every signature of a file is worth now (验签); none for formats that carry no signatures.

    It reads the file and the house's trusted roots, and no table: several threads may do it at once.

    Args:
        path: a file that has been characterised.
        mime: as that found it.
        name: what people call it, for the refusal.

    Raises: M-003, M-007, M-008, M-010 the container of an OFD is not sound.
    Standard: GB/T 33190-2016, 18; GB/T 38540-2020; ISO 32000-1, 12.8; S4-C2.
    """
    if mime == PDF:
        return signing.examine_pdf(path)
    if mime == OFD:
        return signing.examine_raw(formats.signatures_of(path, name=name))
    return None


def trust() -> str:
    """A short name for whom the house trusts now."""
    return signing.trust_digest()


def kept_of(digests: Collection[str]) -> Mapping[str, tuple[SignatureFacts, ...]]:
    """What the signatures of files were worth when they were last looked at; files not looked at are not named.

    Args:
        digests: SHA-512 of the files; one query for each five thousand, none where there is none.
    """
    found: dict[str, tuple[SignatureFacts, ...]] = {}
    wanted = sorted(set(digests))
    for first in range(0, len(wanted), _AT_ONCE):
        rows = SignatureCheck.objects.filter(sha512__in=wanted[first : first + _AT_ONCE], version=VERSION)
        found |= {sha512: judging.from_kept(results) for sha512, results in rows.values_list("sha512", "results")}
    return found


def looked_at(digests: Collection[str]) -> frozenset[str]:
    """Which of these files were looked at under the trust that the house has now."""
    rows = SignatureCheck.objects.filter(sha512__in=digests, version=VERSION, trust=trust())
    return frozenset(rows.values_list("sha512", flat=True))


def enter(actor: Actor) -> None:
    """Whether the register is the actor's to read.

    Raises:
        A-001: he holds none of the posts that read it.
    """
    if not actor.holds(*READERS):
        raise Refusal("A-001", posts=READERS)


def register_for(actor: Actor, *, closed: bool = False, limit: int = MOST_ROWS) -> list[FaultRow]:
    """Invalid signatures of the records that the actor may see: what is open, the oldest first; or what is closed.

    Raises:
        A-001: he holds none of the posts that read it.
    """
    enter(actor)
    rows = _visible(actor).filter(state__in=_CLOSED if closed else _OPEN)
    return [_row(row) for row in rows.order_by(*(("-closed_at", "-id") if closed else ("found_at", "id")))[:limit]]


def counts_for(actor: Actor) -> tuple[int, int]:
    """How many are open and how many are closed."""
    rows = _visible(actor)
    return rows.filter(state__in=_OPEN).count(), rows.filter(state__in=_CLOSED).count()


def get_for(actor: Actor, pk: int) -> FaultRow:
    """One entry, of a record that the actor may see.

    Raises:
        R-009: there is none, or he may not see its record.
    """
    row = _visible(actor).filter(pk=pk).first()
    if row is None:
        raise Refusal("R-009", what=f"#{pk}")
    return _row(row)


def of_items(urns: Sequence[str]) -> list[FaultRow]:
    """Entries against these items, oldest first; rights are not judged."""
    return [_row(row) for row in SignatureFault.objects.filter(item_urn__in=list(urns)).order_by("found_at", "id")]


def of_record(actor: Actor, urn: str) -> list[tuple[str, tuple[SignatureFacts, ...]]]:
    """The signed files of a record, each with its name and what its signatures are worth.

    Args:
        actor: who asks.
        urn: an item or a volume.

    Raises:
        R-009: there is none, or he may not see it.
    """
    try:
        items = [records.get_item_for(actor, urn).urn]
    except Refusal:
        records.get_volume_for(actor, urn)
        items = [item.urn for item in records.items_of(urn)]
    files = [row for rows in records.components_of(items).values() for row in rows if row.mime in SIGNED_MIMES]
    kept = kept_of([row.sha512 for row in files])
    return [(row.original_name, kept[row.sha512]) for row in files if kept.get(row.sha512)]


def may_explain(actor: Actor, agency_path: str) -> bool:
    """Whether the actor may speak for the agency that made the record."""
    return actor.covers(agency_path, *EXPLAINING_POSTS)


def may_accept(actor: Actor) -> bool:
    """Whether the actor may accept an invalid signature for the archive."""
    return actor.covers(archive_path(), *ACCEPTING_POSTS)


_OPEN = (State.OPEN, State.EXPLAINED)
_CLOSED = (State.REPLACED, State.ACCEPTED)


def _visible(actor: Actor) -> QuerySet[SignatureFault]:
    return SignatureFault.objects.filter(item_urn__in=records.items_visible_to(actor).values("urn"))


def _row(row: SignatureFault) -> FaultRow:
    return FaultRow(
        pk=row.pk,
        item_urn=row.item_urn,
        reference=row.reference,
        agency_code=row.agency_path.rstrip("/").rsplit("/", 1)[-1],
        agency_path=row.agency_path,
        sha512=row.sha512,
        file_name=row.file_name,
        number=row.number,
        signer=row.signer,
        said_zh=row.said_zh,
        said_en=row.said_en,
        step=FoundStep(row.step),
        found_by=row.found_by,
        found_at=row.found_at,
        state=row.state,
        explanation=row.explanation,
        explained_by=row.explained_by,
        explained_at=row.explained_at,
        closing=row.closing,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )
