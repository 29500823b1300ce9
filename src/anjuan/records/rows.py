"""Records as everybody but this room sees them: frozen, read once, without a way back to the database."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from anjuan.core import arrangement, identifiers, retention
from anjuan.core.fixity import Digests
from anjuan.core.refusals import Finding
from anjuan.core.signatures import SignatureFacts
from anjuan.core.terms import Arrangement, Custody, Route, Secrecy, State
from anjuan.records.models import Component, Item, Subject, Volume


@dataclass(frozen=True)
class ItemRow:
    """An item as lists and pages see it."""

    pk: int
    urn: str
    reference_code: str
    acceptance_no: str
    title: str
    step_code: str
    category_code: str
    agency_code: str
    agency_path: str
    insurance_line: str
    year: int
    formed_date: dt.date
    rule_code: str
    term: retention.Term
    paper_pages: int
    state: State
    route: Route
    custody: Custody
    secrecy: Secrecy
    state_since: dt.datetime
    registered_at: dt.datetime
    volume_pk: int | None
    item_no: int | None
    clock_date: dt.date | None  # the day the term is reckoned from; none in a dossier that still grows

    @property
    def reference(self) -> str:
        """How people call it: 档号 once it has one, the acceptance number before."""
        return self.reference_code or self.acceptance_no

    @property
    def retention_ends_date(self) -> dt.date | None:
        """The first day on which it is due for appraisal; none for terms that do not end or do not run yet."""
        return retention.ends(self.clock_date, self.term) if self.clock_date else None

    @property
    def is_imaged(self) -> bool:
        """Whether its pages must lie in the store by now: paper-first records are scanned last."""
        return self.route is not Route.LEGACY or self.state is State.HELD


class WordedRow(NamedTuple):
    """An item as the index of words knows it: a million of them are read one after another."""

    pk: int
    urn: str
    reference_code: str
    acceptance_no: str
    title: str
    step_code: str
    category_code: str
    agency_code: str
    agency_path: str
    insurance_line: str
    year: int
    formed_date: dt.date
    state: str
    secrecy: str


@dataclass(frozen=True)
class VolumeRow:
    """A volume as lists and pages see it."""

    pk: int
    urn: str
    reference_code: str
    title: str
    fonds_code: str
    category_code: str
    category_name: str
    agency_code: str
    agency_path: str
    insurance_line: str
    year: int
    term: retention.Term
    arrangement: Arrangement
    subject_pk: int | None
    closed_date: dt.date | None
    volume_no: int | None
    state: State
    route: Route
    custody: Custody
    item_count: int
    page_count: int
    opened_at: dt.datetime
    state_since: dt.datetime

    @property
    def reference(self) -> str:
        """How people call it: 档号 once it has one, the title before."""
        return self.reference_code or self.title

    @property
    def is_imaged(self) -> bool:
        """Whether its pages must lie in the store by now: paper-first records are scanned last."""
        return self.route is not Route.LEGACY or self.state is State.HELD


@dataclass(frozen=True)
class ComponentRow:
    """A component as pages see it."""

    pk: int
    item_urn: str
    item_pk: int
    ordinal: int
    material_code: str
    original_name: str
    logical_name: str
    format_id: str
    mime: str
    page_count: int
    pages: tuple[tuple[int, int, int], ...]
    turns: Mapping[int, int]  # degrees clockwise, by page; only pages that are shown turned
    size_bytes: int
    sha512: str
    sha256: str
    sm3: str


@dataclass(frozen=True)
class CapturedFile:
    """One file as the counter captured it: identified, measured, and lying in the store already."""

    material_code: str
    original_name: str
    logical_name: str
    format_id: str
    mime: str
    pages: tuple[tuple[int, int, int], ...]
    size_bytes: int
    sha512: str
    sha256: str
    sm3: str
    findings: tuple[Finding, ...] = ()
    signatures: tuple[SignatureFacts, ...] | None = None  # none for formats that carry none

    @property
    def digests(self) -> Digests:
        """All digests and the size, as the store compares them."""
        return Digests(sha512=self.sha512, sha256=self.sha256, sm3=self.sm3, size_bytes=self.size_bytes)


@dataclass(frozen=True)
class SubjectRow:
    """A person or unit as pages see it."""

    pk: int
    urn: str
    kind: str
    name: str
    id_number: str
    credit_code: str

    @property
    def masked_id(self) -> str:
        """The number as shown by default."""
        return identifiers.mask_id(self.id_number or self.credit_code)


@dataclass(frozen=True)
class PageLedger:
    """The page ledger (页数台账): paper, images and catalogue must agree at every hand.

    ``images`` is None as long as the record is paper only: then paper and catalogue must agree.
    """

    paper: int
    images: int | None
    catalogue: int

    @property
    def agrees(self) -> bool:
        """Whether all that are counted are equal."""
        return self.paper == self.catalogue and self.images in (None, self.paper)


def item_row(row: Item) -> ItemRow:
    """Frozen view of an item; category, agency and volume must have been joined."""
    volume = row.volume
    is_dossier = volume is not None and arrangement.kinds()[Arrangement(volume.arrangement)].closes
    return ItemRow(
        pk=row.pk,
        urn=row.urn,
        reference_code=row.reference_code or "",
        acceptance_no=row.acceptance_no,
        title=row.title,
        step_code=row.step_code,
        category_code=row.category.code,
        agency_code=row.agency.code,
        agency_path=row.agency.path,
        insurance_line=row.insurance_line,
        year=row.year,
        formed_date=row.formed_date,
        rule_code=row.rule_code,
        term=retention.parse(row.term),
        paper_pages=row.paper_pages,
        state=State(row.state),
        route=Route(row.route),
        custody=Custody(row.custody),
        secrecy=Secrecy(row.secrecy),
        state_since=row.state_since,
        registered_at=row.registered_at,
        volume_pk=row.volume_id,
        item_no=row.item_no,
        clock_date=volume.closed_date if volume is not None and is_dossier else row.formed_date,
    )


def volume_row(row: Volume) -> VolumeRow:
    """Frozen view of a volume; fonds, category and agency must have been joined."""
    return VolumeRow(
        pk=row.pk,
        urn=row.urn,
        reference_code=row.reference_code or "",
        title=row.title,
        fonds_code=row.fonds.code,
        category_code=row.category.code,
        category_name=row.category.name,
        agency_code=row.agency.code,
        agency_path=row.agency.path,
        insurance_line=row.insurance_line,
        year=row.year,
        term=retention.parse(row.term),
        arrangement=Arrangement(row.arrangement),
        subject_pk=row.subject_id,
        closed_date=row.closed_date,
        volume_no=row.volume_no,
        state=State(row.state),
        route=Route(row.route),
        custody=Custody(row.custody),
        item_count=row.item_count,
        page_count=row.page_count,
        opened_at=row.opened_at,
        state_since=row.state_since,
    )


def component_row(row: Component, item_urn: str | None = None) -> ComponentRow:
    """Frozen view of a component; the item must have been joined where its URN is not given."""
    return ComponentRow(
        pk=row.pk,
        item_urn=item_urn or row.item.urn,
        item_pk=row.item_id,
        ordinal=row.ordinal,
        material_code=row.material_code,
        original_name=row.original_name,
        logical_name=row.logical_name,
        format_id=row.format_id,
        mime=row.mime,
        page_count=row.page_count,
        pages=tuple((width, height, dpi) for width, height, dpi in row.pages),
        turns={int(page): degrees for page, degrees in row.turns.items()},
        size_bytes=row.size_bytes,
        sha512=row.sha512,
        sha256=row.sha256,
        sm3=row.sm3,
    )


def subject_row(row: Subject) -> SubjectRow:
    """Frozen view of a subject."""
    return SubjectRow(row.pk, row.urn, row.kind, row.name, row.id_number, row.credit_code)


def volume_ledger(volume: VolumeRow, items: Iterable[ItemRow], components: Iterable[ComponentRow]) -> PageLedger:
    """The page ledger of a volume: its items' paper, their present images, and what its catalogue says."""
    paper = sum(item.paper_pages for item in items)
    images = sum(row.page_count for row in components)
    return PageLedger(paper, images if volume.is_imaged else None, volume.page_count)
