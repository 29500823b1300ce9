import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from anjuan.core.terms import Actor, Secrecy
from anjuan.facilities.search import actions, queries
from anjuan.facilities.search.queries import kept
from anjuan.facilities.search.queries.known import known_of
from anjuan.facilities.search.rules import ExportColumn, ExportForm, Order
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

router = Router(tags=["search"])


class FoundItemOut(Schema):
    urn: str
    reference_code: str
    acceptance_no: str
    title: str
    step_code: str
    category_code: str
    year: int
    formed_date: dt.date
    paper_pages: int
    state: str
    custody: str
    secrecy: Secrecy


class PersonOut(Schema):
    urn: str
    kind: str
    name: str
    masked_id: str


class OtherNameOut(Schema):
    """Another name of a person or unit; ``kind`` says whether it was borne before the one on record or is now."""

    kind: str
    name: str
    changed_date: dt.date | None


class HitOut(Schema):
    """A person or unit, its records, its other names, and the units it came from and went into."""

    subject: PersonOut
    items: list[FoundItemOut]
    names: list[OtherNameOut]
    came_from: list[PersonOut]
    succeeded_by: list[PersonOut]


class FoundVolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    year: int
    item_count: int
    page_count: int
    state: str
    custody: str


class StoryOut(Schema):
    at: dt.datetime
    act: str
    staff_code: str
    position: int | None


class VisitOut(Schema):
    """Who opened pages of a record: one line a person, purpose and quarter of an hour."""

    staff_code: str
    unit: str
    purpose: str
    slot: dt.datetime
    first_at: dt.datetime
    pages: list[tuple[int, int]]


class RevealIn(Schema):
    reason: str


class RevealOut(Schema):
    number: str


class PieceOut(Schema):
    text: str
    is_marked: bool


class WhyOut(Schema):
    """Why an item was found: in a field, on a page (its place among all pages of the item), by a number or a sound."""

    kind: str
    field: str
    page: int
    pieces: list[PieceOut]


class NoteOut(Schema):
    code: str
    about: str


class AloneOut(Schema):
    """How many records a term finds by itself; at least so many where ``is_more``."""

    asked: str
    total: int
    is_more: bool


class FoundOut(Schema):
    """What was found; ``items`` is one page, ``following`` asks for the next, ``facets`` count all that is found.

    ``why`` and ``pages_found`` are by URN; text of pages is shown folded, without numbers of persons.
    """

    typed: str
    recognised: str
    total: int
    advice: str
    persons: list[HitOut]
    items: list[FoundItemOut]
    volumes: list[FoundVolumeOut]
    cut: bool
    is_index_whole: bool
    order: Order
    following: str
    facets: dict[str, dict[str, int]]
    why: dict[str, list[WhyOut]]
    pages_found: dict[str, int]
    notes: list[NoteOut]
    alone: list[AloneOut]
    alike: list[str]
    waiting: int


def told(actor: Actor, result: queries.SearchResult) -> dict[str, object]:
    """What was found, as the schema has it: the command tells it so as well."""
    known = known_of(actor, [hit.subject for hit in result.persons])
    return {
        "typed": result.typed,
        "recognised": result.recognised,
        "total": result.total,
        "advice": result.advice.code if result.advice else "",
        "persons": [
            {
                "subject": hit.subject,
                "items": hit.items,
                "names": known[hit.subject.urn].names,
                "came_from": known[hit.subject.urn].before,
                "succeeded_by": known[hit.subject.urn].after,
            }
            for hit in result.persons
        ],
        "items": result.items,
        "volumes": result.volumes,
        "cut": result.cut,
        "is_index_whole": result.is_index_whole,
        "order": result.order,
        "following": result.following,
        "facets": result.facets,
        "why": {
            urn: [
                {
                    "kind": reason.kind,
                    "field": reason.field,
                    "page": reason.page,
                    "pieces": [{"text": text, "is_marked": is_marked} for text, is_marked in reason.pieces],
                }
                for reason in hit.reasons
            ]
            for urn, hit in result.hits.items()
        },
        "pages_found": {urn: hit.pages for urn, hit in result.hits.items()},
        "notes": result.notes,
        "alone": result.alone,
        "alike": list(result.alike),
        "waiting": result.waiting,
    }


@router.get("/find", response=FoundOut, operation_id="search_find")
def find(request: HttpRequest, q: str, order: Order = Order.NEWEST, after: str = "") -> object:
    """Ask for a number, a code, a name, or a question with operators and fields (docs/reference/search.md)."""
    actor = occasions.actor_of(request)
    return told(actor, queries.find(actor, q, order=order, after=after))


@router.get("/items/{urn}", response=FoundItemOut, operation_id="search_item")
def item(request: HttpRequest, urn: str) -> object:
    """One item."""
    return records.get_item_for(occasions.actor_of(request), urn)


@router.get("/items/{urn}/story", response=list[StoryOut], operation_id="search_story")
def story(request: HttpRequest, urn: str) -> object:
    """What happened to an item and its volume: who, when, which act, and where the line stands in the log."""
    return [
        {"at": told.line.at, "act": told.line.act, "staff_code": told.line.staff_code, "position": told.line.position}
        for told in queries.item_page(occasions.actor_of(request), urn).story
    ]


@router.get("/openings/{urn}", response=list[VisitOut], operation_id="search_openings")
def openings(request: HttpRequest, urn: str) -> object:
    """Who looked at an item, or at the items of a volume, newest first: component and page, 0 for a whole file."""
    return [row.visit for row in queries.visitors(occasions.actor_of(request), urn)]


@router.post("/subjects/{urn}/reveal", response=RevealOut, operation_id="search_reveal")
def reveal(request: HttpRequest, urn: str, body: RevealIn) -> object:
    """Show a masked number; the reason is journaled."""
    return {"number": actions.reveal(occasion=occasions.of(request), subject_urn=urn, reason=body.reason)}


@router.get("/volumes/{urn}", response=FoundVolumeOut, operation_id="search_volume")
def volume(request: HttpRequest, urn: str) -> object:
    """One volume."""
    return records.get_volume_for(occasions.actor_of(request), urn)


class SavedQuestionIn(Schema):
    name: str
    asked: str
    order: Order = Order.NEWEST


class SavedNameIn(Schema):
    name: str


class SavedQuestionOut(Schema):
    """One's own saved question; ``shown`` has longer numbers masked, ``newer`` counts up to 99."""

    uid: str
    name: str
    shown: str
    order: Order
    seen_at: dt.datetime
    newer: int


class SavedUidOut(Schema):
    uid: str


class OpenedQuestionOut(Schema):
    asked: str
    order: Order


class ExportIn(Schema):
    asked: str
    purpose: str
    order: Order = Order.NEWEST
    form: ExportForm = ExportForm.CSV
    columns: list[ExportColumn]
    shows_numbers: bool = False


class ExportOut(Schema):
    """A list that was taken out; ``state`` is WAITING, MADE, STOPPED or CLEARED."""

    uid: str
    serial_no: str
    staff_code: str
    asked: str
    purpose: str
    form: ExportForm
    columns: list[ExportColumn]
    shows_numbers: bool
    wanted_rows: int
    made_rows: int | None
    sha256: str
    asked_at: dt.datetime
    state: str
    done: int
    total: int


class IndexCheckOut(Schema):
    """A check of the index against the records: what differed, and was put right."""

    uid: str
    begun_at: dt.datetime
    finished_at: dt.datetime | None
    done: int
    total: int
    missing: int
    stale: int
    surplus: int
    pages: int
    strays: int


class IndexStandingOut(Schema):
    """How the index stands: ``state`` is WHOLE, MAKING, MISSING or DAMAGED; ``made`` is percent of a rebuild."""

    state: str
    behind: int
    since: dt.datetime | None
    made: int
    left_seconds: float | None
    checks: list[IndexCheckOut]


@router.get("/questions", response=list[SavedQuestionOut], operation_id="search_questions")
def questions(request: HttpRequest) -> object:
    """One's own saved questions, with how many records are new since each was last looked at."""
    return kept.saved_of(occasions.actor_of(request))


@router.post("/questions", response=SavedUidOut, operation_id="search_save_question")
def save_question(request: HttpRequest, body: SavedQuestionIn) -> object:
    """Keep a question for oneself."""
    uid = actions.save_question(occasion=occasions.of(request), name=body.name, asked=body.asked, order=body.order)
    return {"uid": uid}


@router.post("/questions/{uid}/open", response=OpenedQuestionOut, operation_id="search_open_question")
def open_question(request: HttpRequest, uid: str) -> object:
    """What was asked, to ask it again; what is there now is new no more."""
    asked, order = actions.open_question(occasion=occasions.of(request), uid=uid)
    return {"asked": asked, "order": order}


@router.post("/questions/{uid}/rename", response=SavedUidOut, operation_id="search_rename_question")
def rename_question(request: HttpRequest, uid: str, body: SavedNameIn) -> object:
    """Call it otherwise."""
    actions.rename_question(occasion=occasions.of(request), uid=uid, name=body.name)
    return {"uid": uid}


@router.post("/questions/{uid}/drop", response=SavedUidOut, operation_id="search_drop_question")
def drop_question(request: HttpRequest, uid: str) -> object:
    """Throw it away; it can be brought back for a day."""
    actions.drop_question(occasion=occasions.of(request), uid=uid)
    return {"uid": uid}


@router.post("/questions/{uid}/restore", response=SavedUidOut, operation_id="search_restore_question")
def restore_question(request: HttpRequest, uid: str) -> object:
    """Bring it back."""
    actions.restore_question(occasion=occasions.of(request), uid=uid)
    return {"uid": uid}


@router.get("/exports", response=list[ExportOut], operation_id="search_exports")
def exports(request: HttpRequest) -> object:
    """One's own exports, newest first; the file of one that is made lies at /find/exports/UID/file/."""
    return kept.exports_of(occasions.actor_of(request))


@router.post("/exports", response=SavedUidOut, operation_id="search_export_list")
def export_list(request: HttpRequest, body: ExportIn) -> object:
    """Take out what a question finds, as a job."""
    uid = actions.export_list(
        occasion=occasions.of(request),
        asked=body.asked,
        order=body.order,
        purpose=body.purpose,
        form=body.form,
        columns=body.columns,
        shows_numbers=body.shows_numbers,
    )
    return {"uid": uid}


@router.post("/exports/{uid}/stop", response=SavedUidOut, operation_id="search_stop_export")
def stop_export(request: HttpRequest, uid: str) -> object:
    """Stop one that is being made."""
    actions.stop_export(occasion=occasions.of(request), uid=uid)
    return {"uid": uid}


@router.get("/exports/register", response=list[ExportOut], operation_id="search_register")
def register(request: HttpRequest) -> object:
    """Who took what out: for auditor, security officer and supervisor."""
    return kept.register(occasions.actor_of(request))


@router.get("/search-index", response=IndexStandingOut, operation_id="search_standing")
def standing(request: HttpRequest) -> object:
    """How the index stands, and what the newest checks found."""
    found = kept.standing(occasions.actor_of(request), at=timezone.now())
    return {
        "state": found.state,
        "behind": found.behind,
        "since": found.since,
        "made": found.made,
        "left_seconds": found.left.total_seconds() if found.left else None,
        "checks": found.checks,
    }


@router.post("/search-index/reconcile", response=SavedUidOut, operation_id="search_reconcile")
def reconcile(request: HttpRequest) -> object:
    """Have it held against the records, as a job: gives the job's uid."""
    return {"uid": actions.reconcile(occasion=occasions.of(request))}
