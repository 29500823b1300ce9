"""Seeing the record of a case as the business system may: materials, pages, where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Arrangement, Post, State
from anjuan.desks.linkage.models import ViewLink
from anjuan.desks.linkage.rules import Asked, LinkFacts, digest
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.models import Item
from anjuan.records.queries import restricted
from anjuan.records.rows import ComponentRow


@dataclass(frozen=True)
class Sheet:
    """One material of a case with its files: none where it is still missing."""

    code: str
    name: str
    name_en: str
    is_required: bool
    files: Sequence[ComponentRow]

    @property
    def pages(self) -> int:
        """How many pages are there."""
        return sum(row.page_count for row in self.files)


@dataclass(frozen=True)
class Case:
    """The record of a case: what was collected and where it stands."""

    urn: str
    agency_code: str
    serial: str
    reference_code: str
    title: str
    step_code: str
    state: State
    sheets: Sequence[Sheet]

    @property
    def pages(self) -> int:
        """How many pages are there in all."""
        return sum(sheet.pages for sheet in self.sheets)


@dataclass(frozen=True)
class Link:
    """A link with what it is bound to."""

    pk: int
    item_urn: str
    agency_code: str
    serial: str
    system_code: str
    purpose: str
    facts: LinkFacts


def asked(system: Actor, person: Actor, agency_code: str, serial: str) -> tuple[Asked, str]:
    """The facts of a question, and the record's URN if there is one.

    Raises:
        R-009: there is no such agency.
    """
    path = accounts.agency(agency_code).path
    row = (
        Item.objects.filter(agency__code=agency_code, acceptance_no=serial)
        .values_list("urn", "volume__arrangement", "category__arrangement")
        .first()
    )
    urn, lies, meant = row or ("", "", Arrangement.BY_VOLUME)
    facts = Asked(
        serial=serial,
        staff_code=person.staff_code,
        system_covers=system.covers(path, Post.INTERFACE),
        is_known=row is not None,
        staff_sees=bool(urn)
        and records.items_visible_to(person).filter(restricted.readable_by(person), urn=urn).exists(),
        arrangement=Arrangement(lies or meant),
    )
    return facts, urn


def case_of(urn: str) -> Case:
    """A record by material, in the order of the step's list; what no list names comes last. Rights not judged."""
    item = Item.objects.select_related("agency").get(urn=urn)
    step = schedule.step(item.step_code, item.registered_at)
    files = records.components_of([urn])[urn]
    listed = {material.code for material in step.materials}
    sheets = [
        Sheet(
            material.code,
            material.name,
            material.name_en,
            material.is_required or material.is_main,
            [row for row in files if row.material_code == material.code],
        )
        for material in step.materials
    ]
    for row in files:
        if row.material_code not in listed:
            sheets.append(Sheet(row.material_code, row.material_code, row.material_code, False, [row]))
    return Case(
        urn=urn,
        agency_code=item.agency.code,
        serial=item.acceptance_no,
        reference_code=item.reference_code or "",
        title=item.title,
        step_code=item.step_code,
        state=State(item.state),
        sheets=sheets,
    )


def link_of(token: str) -> Link | None:
    """The link of a token, if there is one."""
    row = ViewLink.objects.filter(token_digest=digest(token)).first()
    if row is None:
        return None
    return Link(
        pk=row.pk,
        item_urn=row.item_urn,
        agency_code=row.agency_code,
        serial=row.serial,
        system_code=row.system_code,
        purpose=row.purpose,
        facts=LinkFacts(row.staff_code, row.expires_at, row.opened_at, row.reader_digest),
    )


def file_of(link: Link, pk: int) -> ComponentRow:
    """A present file of the record that a link leads to.

    Raises:
        R-009: it is no file of this record.
    """
    found = next((row for row in records.components_of([link.item_urn])[link.item_urn] if row.pk == pk), None)
    if found is None:
        raise Refusal("R-009", what=f"#{pk}")
    return found
