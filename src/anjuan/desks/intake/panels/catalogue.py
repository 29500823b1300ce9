"""The pages of catalogue sheets as frozen shapes: the list, the mapping of columns, the dry run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from anjuan.desks.intake.queries import catalogue as queries
from anjuan.desks.intake.rules.catalogue import FIELDS, NEEDED, Purpose, SheetStatus
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import address

_TONES = {
    SheetStatus.LAID: ("wait", "eye"),
    SheetStatus.CHECKING: ("wait", "hourglass"),
    SheetStatus.CHECKED: ("wait", "checks"),
    SheetStatus.TAKING: ("wait", "hourglass"),
    SheetStatus.TAKEN: ("good", "check"),
    SheetStatus.UNDOING: ("wait", "hourglass"),
    SheetStatus.UNDONE: ("", "arrow-back-up"),
}


@dataclass(frozen=True)
class Choice:
    """A field with the column it was found in."""

    field: str
    words: str
    is_needed: bool
    column: int | None


@dataclass(frozen=True)
class FaultLine:
    """A faulty row."""

    row_no: int
    field: str
    message: str
    remedy: str
    code: str


def field_words(field: str) -> str:
    """What a field is called."""
    return {
        "urn": _("Identifier of the record"),
        "acceptance_no": _("Acceptance number"),
        "step": _("Business step"),
        "title": _("Title"),
        "formed_date": _("Date of the record"),
        "paper_pages": _("Pages of paper"),
        "person_name": _("Name"),
        "person_id": _("ID number"),
        "employer_name": _("Employer"),
        "credit_code": _("Unified social credit code"),
        "route": _("Which way it goes"),
    }.get(field, field)


def _status(status: SheetStatus) -> str:
    return {
        SheetStatus.LAID: _("columns to be confirmed"),
        SheetStatus.CHECKING: _("being checked"),
        SheetStatus.CHECKED: _("checked, not taken in yet"),
        SheetStatus.TAKING: _("being taken in"),
        SheetStatus.TAKEN: pgettext("sheet", "taken in"),
        SheetStatus.UNDOING: _("being undone"),
        SheetStatus.UNDONE: _("undone"),
    }[status]


def purpose_words(purpose: Purpose) -> str:
    """What a sheet is for."""
    return _("new cases") if purpose is Purpose.NEW else _("changed descriptions")


def list_lines(rows: Sequence[queries.SheetRow]) -> Iterator[dict[str, Any]]:
    """Sheets in a list."""
    names = accounts.staff_names({row.owner_code for row in rows})
    for row in rows:
        yield {
            "row": row,
            "url": reverse("intake:sheet", kwargs={"uid": row.uid}),
            "words": _status(row.status),
            "tone": _TONES[row.status][0],
            "icon": _TONES[row.status][1],
            "purpose": purpose_words(row.purpose),
            "owner": names.get(row.owner_code, row.owner_code),
        }


def sheet_page(found: queries.Standing) -> dict[str, Any]:
    """A sheet as its page shows it."""
    sheet = found.sheet
    language = get_language() or "zh"
    return {
        "sheet": sheet,
        "words": _status(sheet.status),
        "tone": _TONES[sheet.status][0],
        "purpose": purpose_words(sheet.purpose),
        "is_edit": sheet.purpose is Purpose.EDIT,
        "columns": list(enumerate(sheet.heads)),
        "choices": [
            Choice(field, field_words(field), field in NEEDED[sheet.purpose], sheet.mapping.get(field))
            for field in FIELDS[sheet.purpose]
        ],
        "first_rows": found.first_rows,
        "may_map": sheet.status in (SheetStatus.LAID, SheetStatus.CHECKED),
        "may_take": sheet.status is SheetStatus.CHECKED,
        "may_undo": sheet.purpose is Purpose.EDIT and sheet.status is SheetStatus.TAKEN and sheet.taken > 0,
        "is_busy": sheet.status in (SheetStatus.CHECKING, SheetStatus.TAKING, SheetStatus.UNDOING),
        "is_seen": sheet.status is not SheetStatus.LAID,
        "faulty_rows": found.faulty_rows,
        "good_rows": sheet.row_count - found.faulty_rows,
        "change_count": found.change_count,
        "changed_items": found.changed_items,
        "faults": [
            FaultLine(
                one.row_no,
                field_words(one.field) if one.field else "",
                one.refusal.message(language),
                one.refusal.remedy(language),
                one.refusal.code,
            )
            for one in found.faults
        ],
        "changes": [(one, field_words(one.field)) for one in found.changes],
        "jobs_url": address("jobs:listing"),
    }
