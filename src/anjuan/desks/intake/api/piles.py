import contextlib
import datetime as dt

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from anjuan.desks.intake import forms, queries, receiving
from anjuan.desks.intake.actions import piles as actions
from anjuan.desks.intake.panels import piles as panels
from anjuan.desks.intake.queries import piles as seen
from anjuan.desks.intake.rules.piles import MOST_SEPARATORS, LeafKind, PileStatus
from anjuan.foundation.accounts import occasions
from anjuan.records.api import ObstacleOut, obstacle_out

router = Router(tags=["intake"])


class PileOut(Schema):
    """A pile of pages that is split into cases."""

    uid: str
    agency_code: str
    owner_code: str
    name: str
    paper_pages: int
    cases_said: int
    status: PileStatus
    laid_at: dt.datetime


class LaidPileOut(Schema):
    """The receipt of a pile."""

    uid: str


class LeafOut(Schema):
    """A file of a pile: what it is, the codes on it, the case or material that begins with it."""

    ordinal: int
    original_name: str
    sha512: str
    page_count: int
    kind: LeafKind
    number: str
    material: str
    codes: tuple[str, ...]
    is_read: bool
    taken_urn: str
    refused_code: str


class SegmentOut(Schema):
    """A stretch of a pile that belongs to one case, or to none yet."""

    first: int
    number: str
    urn: str
    pages: int
    lacks: int
    is_taken: bool
    problem: ObstacleOut | None


class SplitOut(Schema):
    """A pile with its split as proposed, and what speaks against confirming it."""

    pile: PileOut
    leaves: list[LeafOut]
    segments: list[SegmentOut]
    missing: list[ObstacleOut]
    pages: int
    blanks: int
    separators: int


class LeafMarkIn(Schema):
    """What a file of a pile is said to be."""

    ordinal: int
    kind: LeafKind = LeafKind.PAGE
    number: str = ""
    material: str = ""


class TakenBackOut(Schema):
    """On which file the mark was that has been taken back."""

    ordinal: int


class PileCountsIn(Schema):
    """Pages of paper and cases of a pile, counted again."""

    paper_pages: int
    cases_said: int = 0


class SplitJobOut(Schema):
    """The job that brings a confirmed pile to its cases."""

    job: str


class PileTwinsOut(Schema):
    """How many files were asked about and are kept."""

    twins: int


class ReasonIn(Schema):
    """Why something is put aside."""

    reason: str


@router.get("/intake/piles", response=list[PileOut], operation_id="intake_piles")
def piles(request: HttpRequest) -> list[seen.PileRow]:
    """Piles of the agencies where one is a handler, those at work first; 200 at most."""
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    return seen.piles_for(actor)


@router.post("/intake/piles", response={201: LaidPileOut}, operation_id="intake_lay_pile")
def lay_pile(
    request: HttpRequest,
    agency_code: Form[str],
    paper_pages: Form[int],
    files: File[list[UploadedFile]] = [],  # noqa: B006 - ninja reads it, nobody writes it
    cases_said: Form[int] = 0,
    name: Form[str] = "",
    sendings: Form[list[str]] = [],  # noqa: B006 - ninja reads it, nobody writes it
    is_counted: Form[bool] = True,
) -> Status[dict[str, str]]:
    """Lay down a pile of scans in the order of the scanner; its codes are read in the background.

    ``sendings`` names files that came in pieces; a ZIP among them stands for what lies in it. With ``is_counted`` false
    the paper was not counted: it is counted before the split is confirmed, and what was brought before is refused.
    """
    actor = occasions.actor_of(request)
    seen.agency_path(actor, agency_code)  # nothing is written to our disk for a stranger
    with contextlib.ExitStack() as stack:
        laid = [(stack.enter_context(forms.staged(one)), forms.file_name(one.name or "")) for one in files]
        laid += stack.enter_context(receiving.unpacked(actor, sendings))
        uid = actions.lay_pile(
            occasion=occasions.of(request),
            agency_code=agency_code,
            files=laid,
            paper_pages=paper_pages,
            cases_said=cases_said,
            name=name,
            sendings=sendings,
            is_counted=is_counted,
        )
    return Status(201, {"uid": uid})


@router.get("/intake/piles/{uid}", response=SplitOut, operation_id="intake_pile")
def pile(request: HttpRequest, uid: str) -> dict[str, object]:
    """A pile with its proposed split."""
    found = seen.proposal(seen.get_pile_for(occasions.actor_of(request), uid))
    pages, blanks, separators = found.counted
    return {
        "pile": found.pile,
        "leaves": [{**vars(row), "refused_code": row.refusal.code if row.refusal else ""} for row in found.leaves],
        "segments": [
            {
                "first": one.first,
                "number": one.number,
                "urn": one.known.urn if one.known else "",
                "pages": one.pages,
                "lacks": one.lacks,
                "is_taken": one.is_taken,
                "problem": obstacle_out(one.problem) if one.problem else None,
            }
            for one in found.segments
        ],
        "missing": [obstacle_out(one) for one in found.obstacles],
        "pages": pages,
        "blanks": blanks,
        "separators": separators,
    }


@router.post("/intake/piles/{uid}/marks", response={204: None}, operation_id="intake_mark_page")
def mark_page(request: HttpRequest, uid: str, body: LeafMarkIn) -> Status[None]:
    """Say what a file is, or that a case begins with it."""
    mark = actions.Mark(body.kind, body.number, body.material)
    actions.mark_page(occasion=occasions.of(request), uid=uid, ordinal=body.ordinal, mark=mark)
    return Status(204, None)


@router.post("/intake/piles/{uid}/take-back", response=TakenBackOut, operation_id="intake_take_back")
def take_back(request: HttpRequest, uid: str) -> dict[str, int]:
    """Take the last mark back."""
    return {"ordinal": actions.take_back(occasion=occasions.of(request), uid=uid)}


@router.post("/intake/piles/{uid}/twins", response=PileTwinsOut, operation_id="intake_keep_pile_twins")
def keep_pile_twins(request: HttpRequest, uid: str) -> dict[str, int]:
    """Say that files of a pile with equal bytes are sheets of their own, such as blank backs."""
    return {"twins": actions.keep_pile_twins(occasion=occasions.of(request), uid=uid)}


@router.post("/intake/piles/{uid}/counts", response={204: None}, operation_id="intake_recount_pile")
def recount_pile(request: HttpRequest, uid: str, body: PileCountsIn) -> Status[None]:
    """Correct how many pages and cases the pile was said to hold."""
    actions.recount_pile(
        occasion=occasions.of(request), uid=uid, paper_pages=body.paper_pages, cases_said=body.cases_said
    )
    return Status(204, None)


@router.post("/intake/piles/{uid}/confirm", response={202: SplitJobOut}, operation_id="intake_confirm_split")
def confirm_split(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    """Confirm the split; each stretch goes to its case in the background."""
    return Status(202, {"job": actions.confirm_split(occasion=occasions.of(request), uid=uid)})


@router.post("/intake/piles/{uid}/discard", response={204: None}, operation_id="intake_discard_pile")
def discard_pile(request: HttpRequest, uid: str, body: ReasonIn) -> Status[None]:
    """Discard what is left of a pile, with a reason."""
    actions.discard_pile(occasion=occasions.of(request), uid=uid, reason=body.reason)
    return Status(204, None)


@router.get("/intake/separators", operation_id="intake_separators")
def separators(
    request: HttpRequest, agency_code: str, number: Query[list[str]], materials: bool = False
) -> HttpResponse:
    """Separator sheets of registered cases, as a PDF."""
    pdf = panels.separators_pdf(occasions.of(request), agency_code, number[:MOST_SEPARATORS], with_materials=materials)
    return HttpResponse(pdf, content_type="application/pdf")
