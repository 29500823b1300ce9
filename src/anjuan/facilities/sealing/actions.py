"""Writing sealed versions (封存): each item's pages under 档号-based names, with ``record.json`` beside them.

Bytes only: it is called before the caller's transaction, which records the receipts and has the journal line.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.packages import record as package
from anjuan.core.terms import Occasion
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository.rules import DepositReceipt, Inline
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow, VolumeRow


@dataclass(frozen=True)
class Written:
    """A sealed version: the store's receipt, and the digest of its ``record.json``."""

    receipt: DepositReceipt
    digest: str


def write_sealed(
    *,
    occasion: Occasion,
    volume: VolumeRow,
    volume_code: str,
    items: Sequence[ItemRow],
    item_codes: Mapping[str, str],
    components: Mapping[str, Sequence[ComponentRow]] | None = None,
    subjects: Mapping[str, Sequence[SubjectRow]] | None = None,
) -> list[Written]:
    """Write the sealed version of each item of a volume.

    An item that has no bytes yet, because its paper is scanned last, becomes an object that holds its catalogue alone.

    Args:
        occasion: who seals.
        volume: the volume.
        volume_code: its 档号.
        items: its items in order.
        item_codes: their 档号 by URN.
        components: their files by URN, as the caller has read and judged them; read here if not given.
        subjects: whom they concern by URN, likewise.

    Raises: B-001, B-003 to B-007, B-009 as `repository.write_version`.
    Standard: DA/T 13-2022; decision 3.
    """
    urns = [item.urn for item in items]
    components = records.components_of(urns) if components is None else components
    subjects = records.subjects_of(urns) if subjects is None else subjects
    head, stories = journal.head(), journal.uids_of(urns)
    reached, places = 0, {}
    for place, item in enumerate(items, 1):
        places[item.urn] = package.Place(place, reached + 1, reached + item.paper_pages)
        reached += item.paper_pages
    documents = {
        item.urn: _document(
            occasion,
            volume,
            volume_code,
            item,
            item_codes[item.urn],
            components[item.urn],
            subjects[item.urn],
            head,
            stories[item.urn],
            places[item.urn],
        )
        for item in items
    }
    staff_code = occasion.actor.staff_code
    receipts = repository.write_versions(
        objects={
            urn: repository.Wanted(
                state={
                    name: row.sha512
                    for name, row in zip(_names(item_codes[urn], components[urn]), components[urn], strict=True)
                },
                documents=(Inline(repository.RECORD_NAME, document),),
                message=f"seal {item_codes[urn]}",
            )
            for urn, document in documents.items()
        },
        user_name=staff_code,
        user_address=f"staff:{staff_code}",
        at=occasion.at,
    )
    return [Written(receipt, hashlib.sha256(documents[receipt.urn]).hexdigest()) for receipt in receipts]


def _names(item_code: str, components: Sequence[ComponentRow]) -> list[str]:
    return package.file_names(item_code, [row.logical_name.rsplit(".", 1)[-1] for row in components])


def _document(
    occasion: Occasion,
    volume: VolumeRow,
    volume_code: str,
    item: ItemRow,
    item_code: str,
    components: Sequence[ComponentRow],
    subjects: Sequence[SubjectRow],
    head: int,
    story: Sequence[str],
    place: package.Place,
) -> bytes:
    """``record.json`` of one item."""
    return package.document(
        package.SealedRecord(
            urn=item.urn,
            reference_code=item_code,
            volume_urn=volume.urn,
            volume_reference_code=volume_code,
            fonds_code=volume.fonds_code,
            agency_code=item.agency_code,
            category_code=item.category_code,
            business_step=item.step_code,
            insurance_line=item.insurance_line,
            year=item.year,
            title=item.title,
            acceptance_no=item.acceptance_no,
            formed_date=item.formed_date,
            paper_pages=item.paper_pages,
            retention_rule=item.rule_code,
            retention_term=str(item.term),
            retention_ends=item.retention_ends_date,
            route=item.route,
            custody=item.custody,
            sealed_at=occasion.at,
            sealed_by=occasion.actor.staff_code,
            journal_head=head,
            journal_entries=tuple(story),
            place=place,
            subjects=tuple(
                package.SealedSubject(row.kind, row.urn, row.name, row.id_number or row.credit_code) for row in subjects
            ),
            files=tuple(
                package.SealedFile(
                    name,
                    row.material_code,
                    row.original_name,
                    row.format_id,
                    row.page_count,
                    row.size_bytes,
                    row.sha512,
                    row.sha256,
                    row.sm3,
                    row.turns,
                )
                for name, row in zip(_names(item_code, components), components, strict=True)
            ),
        )
    )
