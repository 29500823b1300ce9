"""``record.json``: the whole catalogue of one item, as it is sealed into the preservation store beside its pages.

Whoever inherits only the store can read from it what each page is, whom it concerns and under which rule it is kept.
The document is canonical JSON, so the same facts always have the same digest.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anjuan.core import canonical

FORMAT = "anjuan-record-v1"


@dataclass(frozen=True)
class SealedFile:
    """One file of a sealed item: its 档号-based name and what it is."""

    name: str
    material: str
    original_name: str
    format_id: str
    pages: int
    size_bytes: int
    sha512: str
    sha256: str
    sm3: str
    turns: Mapping[int, int] = field(default_factory=dict)  # degrees clockwise by which pages are to be shown


@dataclass(frozen=True)
class SealedSubject:
    """Whom the item concerns, as described on sealing."""

    kind: str
    urn: str
    name: str
    number: str


@dataclass(frozen=True)
class Place:
    """Where an item lies in its volume at sealing: its place, its first and its last page (卷内顺序、起止页号)."""

    item_no: int
    first_page: int
    last_page: int


@dataclass(frozen=True)
class SealedRecord:
    """Everything the catalogue says of an item at sealing.

    Attributes:
        place: where it lies in its volume; earlier versions keep earlier places.
        journal_head: how many journal entries were numbered when this was written.
        journal_entries: uids of the item's own entries so far, oldest first.
    """

    urn: str
    reference_code: str
    volume_urn: str
    volume_reference_code: str
    fonds_code: str
    agency_code: str
    category_code: str
    business_step: str
    insurance_line: str
    year: int
    title: str
    acceptance_no: str
    formed_date: dt.date
    paper_pages: int
    retention_rule: str
    retention_term: str
    retention_ends: dt.date | None
    route: str
    custody: str
    sealed_at: dt.datetime
    sealed_by: str
    journal_head: int
    journal_entries: tuple[str, ...]
    subjects: tuple[SealedSubject, ...]
    files: tuple[SealedFile, ...]
    place: Place | None = None


def document(record: SealedRecord) -> bytes:
    """The bytes of ``record.json``."""
    return canonical.spell(
        {
            "format": FORMAT,
            "urn": record.urn,
            "reference_code": record.reference_code,
            "volume": {"urn": record.volume_urn, "reference_code": record.volume_reference_code}
            | (
                {
                    "item_no": record.place.item_no,
                    "first_page": record.place.first_page,
                    "last_page": record.place.last_page,
                }
                if record.place
                else {}
            ),
            "fonds": record.fonds_code,
            "agency": record.agency_code,
            "category": record.category_code,
            "business_step": record.business_step,
            "insurance_line": record.insurance_line,
            "year": record.year,
            "title": record.title,
            "acceptance_no": record.acceptance_no,
            "formed_date": record.formed_date.isoformat(),
            "paper_pages": record.paper_pages,
            "retention": {
                "rule": record.retention_rule,
                "term": record.retention_term,
                "ends": record.retention_ends.isoformat() if record.retention_ends else None,
            },
            "route": record.route,
            "custody": record.custody,
            "sealed": {"at": record.sealed_at.astimezone(dt.UTC).isoformat(), "by": record.sealed_by},
            "journal": {"head": record.journal_head, "entries": list(record.journal_entries)},
            "subjects": [
                {"kind": subject.kind, "urn": subject.urn, "name": subject.name, "number": subject.number}
                for subject in record.subjects
            ],
            "files": [
                {
                    "name": file.name,
                    "material": file.material,
                    "original_name": file.original_name,
                    "format": file.format_id,
                    "pages": file.pages,
                    "size_bytes": file.size_bytes,
                    "sha512": file.sha512,
                    "sha256": file.sha256,
                    "sm3": file.sm3,
                    **({"turned": {str(page): angle for page, angle in file.turns.items()}} if file.turns else {}),
                }
                for file in record.files
            ],
        }
    )


def file_names(reference_code: str, extensions: Sequence[str]) -> list[str]:
    """档号-based names of an item's files in order (S4-W4): ``<档号>/0001.jpg`` …"""
    return [f"{reference_code}/{place:04}.{extension}" for place, extension in enumerate(extensions, 1)]
