import datetime as dt
import tempfile
from collections.abc import Mapping

from django.http import FileResponse, HttpRequest, HttpResponseBase
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from anjuan.core import sheets as spreadsheets
from anjuan.desks.intake import forms, queries
from anjuan.desks.intake.actions import catalogue as actions
from anjuan.desks.intake.queries import catalogue as seen
from anjuan.desks.intake.rules.catalogue import Purpose, RowFault, SheetStatus
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

router = Router(tags=["intake"])


class CatalogueSheetOut(Schema):
    """A catalogue in a spreadsheet and how it stands."""

    uid: str
    agency_code: str
    name: str
    purpose: Purpose
    heads: tuple[str, ...]
    mapping: dict[str, int]
    row_count: int
    status: SheetStatus
    taken: int
    laid_at: dt.datetime


class RowFaultOut(Schema):
    """Why a row cannot be taken in."""

    row_no: int
    field: str
    code: str
    zh: str
    en: str


class FieldChangeOut(Schema):
    """A field that a sheet changes."""

    row_no: int
    urn: str
    reference: str
    field: str
    before: str
    after: str
    is_made: bool
    is_undone: bool


class CatalogueStandingOut(Schema):
    """A sheet with what the dry run found; the first hundred faults and changes."""

    sheet: CatalogueSheetOut
    faulty_rows: int
    faults: list[RowFaultOut]
    change_count: int
    changes: list[FieldChangeOut]


class MappingIn(Schema):
    """Which column is which: field to column, from 0."""

    mapping: dict[str, int]


class SheetJobOut(Schema):
    """The job that works on a sheet."""

    job: str


class LaidSheetOut(Schema):
    """The receipt of a sheet, with the columns as they were guessed."""

    uid: str
    heads: tuple[str, ...]
    mapping: dict[str, int]


@router.get("/intake/sheets", response=list[CatalogueSheetOut], operation_id="intake_sheets")
def sheets(request: HttpRequest) -> list[seen.SheetRow]:
    """Catalogue sheets of the agencies where one is a handler, newest first; 100 at most."""
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    return seen.sheets_for(actor)


@router.post("/intake/sheets", response={201: LaidSheetOut}, operation_id="intake_lay_sheet")
def lay_sheet(
    request: HttpRequest,
    file: File[UploadedFile],
    agency_code: Form[str],
    purpose: Form[Purpose] = Purpose.NEW,
    name: Form[str] = "",
) -> Status[seen.SheetRow]:
    """Lay down a spreadsheet (XLSX or CSV); nothing of it is taken in yet."""
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)  # nothing is written to our disk for a stranger
    accounts.agency(agency_code)
    with forms.staged(file) as path:
        uid = actions.lay_sheet(
            occasion=occasions.of(request),
            agency_code=agency_code,
            purpose=purpose,
            path=path,
            name=forms.file_name(name or file.name or ""),
        )
    return Status(201, seen.get_sheet_for(actor, uid))


@router.get("/intake/sheets/{uid}", response=CatalogueStandingOut, operation_id="intake_sheet")
def sheet(request: HttpRequest, uid: str) -> dict[str, object]:
    """How a sheet stands, and what the dry run found."""
    found = seen.standing(seen.get_sheet_for(occasions.actor_of(request), uid))
    return {
        "sheet": found.sheet,
        "faulty_rows": found.faulty_rows,
        "faults": [_fault(one) for one in found.faults],
        "change_count": found.change_count,
        "changes": found.changes,
    }


def _fault(one: RowFault) -> Mapping[str, object]:
    return {
        "row_no": one.row_no,
        "field": one.field,
        "code": one.refusal.code,
        "zh": one.refusal.message("zh"),
        "en": one.refusal.message("en"),
    }


@router.post("/intake/sheets/{uid}/check", response={202: SheetJobOut}, operation_id="intake_check_sheet")
def check_sheet(request: HttpRequest, uid: str, body: MappingIn) -> Status[dict[str, str]]:
    """Say which column is which and have every row checked; nothing is taken in."""
    job = actions.check_sheet(occasion=occasions.of(request), uid=uid, mapping=body.mapping)
    return Status(202, {"job": job})


@router.post("/intake/sheets/{uid}/take", response={202: SheetJobOut}, operation_id="intake_take_sheet")
def take_sheet(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    """Take the sound rows of a checked sheet in."""
    return Status(202, {"job": actions.take_sheet(occasion=occasions.of(request), uid=uid)})


@router.post("/intake/sheets/{uid}/undo", response={202: SheetJobOut}, operation_id="intake_undo_sheet")
def undo_sheet(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    """Take all changes of a sheet back."""
    return Status(202, {"job": actions.undo_sheet(occasion=occasions.of(request), uid=uid)})


@router.get("/intake/catalogue", operation_id="intake_export")
def export(request: HttpRequest, purpose: Purpose = Purpose.NEW) -> HttpResponseBase:
    """The catalogue as a workbook: all that one sees, or (EDIT) what may be changed by sheet."""
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    spreadsheets.write_xlsx(seen.export(actor, purpose), stream)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename="catalogue.xlsx")
