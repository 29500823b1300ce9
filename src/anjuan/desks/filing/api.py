import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.terms import Closing
from anjuan.desks.filing import actions, queries
from anjuan.foundation.accounts import occasions
from anjuan.records.api import ItemOut, MovedOut, ObstacleOut, obstacle_out
from anjuan.records.rows import VolumeRow

router = Router(tags=["filing"])


class ProposalOut(Schema):
    title: str
    arrangement: str
    category_code: str
    year: int
    insurance_line: str
    term: str
    pages: int
    items: list[ItemOut]
    dossier_urn: str | None


class FilingVolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    state: str
    year: int
    category_code: str
    items: int
    pages: int


class PlaceOut(Schema):
    item: ItemOut
    first_page: int
    last_page: int


class VolumeSheetOut(Schema):
    volume: FilingVolumeOut
    places: list[PlaceOut]
    page_limit: int | None
    obstacles: list[ObstacleOut]


class OpenIn(Schema):
    item_urns: list[str]
    title: str = ""


class OpenedOut(Schema):
    urn: str
    title: str
    items: int


class OrderIn(Schema):
    item_urns: list[str]


class AddIn(Schema):
    item_urn: str


class ClosingIn(Schema):
    """Why and when a dossier stops growing; nothing for other volumes."""

    closing: Closing | None = None
    closed_date: dt.date | None = None


class SealedOut(Schema):
    urn: str
    reference_code: str
    pages: int
    items: dict[str, str]


def _volume(row: VolumeRow) -> FilingVolumeOut:
    return FilingVolumeOut(
        urn=row.urn,
        reference_code=row.reference_code,
        title=row.title,
        state=row.state,
        year=row.year,
        category_code=row.category_code,
        items=row.item_count,
        pages=row.page_count,
    )


@router.get("/proposals", response=list[ProposalOut], operation_id="filing_proposals")
def proposals(request: HttpRequest) -> list[ProposalOut]:
    """Volumes the machine proposes for the reviewed items that wait."""
    actor = occasions.actor_of(request)
    queries.enter(actor)
    return [
        ProposalOut(
            title=row.title,
            arrangement=row.kind,
            category_code=row.items[0].category_code,
            year=row.items[0].year,
            insurance_line=row.insurance_line,
            term=str(row.term),
            dossier_urn=row.dossier.urn if row.dossier else None,
            pages=row.proposal.pages,
            items=[ItemOut.from_orm(item) for item in row.items],
        )
        for row in queries.proposals(actor)
    ]


class ChosenIn(Schema):
    title: str = ""
    item_urns: list[str]


class ChosenListIn(Schema):
    """Proposals to open in one act, at most 500 items unless it is a single one."""

    chosen: list[ChosenIn]


@router.post("/proposals/accept", response={201: list[OpenedOut]}, operation_id="filing_accept")
def accept(request: HttpRequest, body: ChosenListIn) -> Status[list[OpenedOut]]:
    """Open several proposed volumes in one act: all of them, or none."""
    opened = actions.open_volumes(
        occasion=occasions.of(request),
        chosen=[actions.Chosen(one.title, tuple(one.item_urns)) for one in body.chosen],
    )
    return Status(201, [OpenedOut(urn=one.urn, title=one.title, items=one.items) for one in opened])


class ProposedMoveIn(Schema):
    item_urns: list[str]
    beside_urn: str = ""


@router.post("/proposals/move", response={204: None}, operation_id="filing_move")
def move(request: HttpRequest, body: ProposedMoveIn) -> Status[None]:
    """Move items to another proposal, or into a volume of their own, before anything is accepted."""
    actions.move_proposed(occasion=occasions.of(request), item_urns=body.item_urns, beside_urn=body.beside_urn)
    return Status(204, None)


@router.get("/volumes", response=list[FilingVolumeOut], operation_id="filing_volumes")
def volumes(request: HttpRequest, returned: bool = False) -> list[FilingVolumeOut]:
    """Open volumes, or those that came back for correction."""
    actor = occasions.actor_of(request)
    queries.enter(actor)
    rows = queries.returned_volumes(actor) if returned else queries.open_volumes(actor)
    return [_volume(row) for row in rows]


@router.post("/volumes", response={201: OpenedOut}, operation_id="filing_open_volume")
def open_volume(request: HttpRequest, body: OpenIn) -> Status[OpenedOut]:
    """Open a volume and put reviewed items into it, in the order given."""
    opened = actions.open_volume(occasion=occasions.of(request), item_urns=body.item_urns, title=body.title)
    return Status(201, OpenedOut(urn=opened.urn, title=opened.title, items=opened.items))


@router.get("/volumes/{urn}", response=VolumeSheetOut, operation_id="filing_volume")
def volume(request: HttpRequest, urn: str) -> VolumeSheetOut:
    """One volume with its items in order and what stands between it and its seal."""
    sheet = queries.bench(occasions.actor_of(request), urn)
    return VolumeSheetOut(
        volume=_volume(sheet.volume),
        places=[
            PlaceOut(item=ItemOut.from_orm(item), first_page=first, last_page=last)
            for item, first, last in sheet.first_pages
        ],
        page_limit=sheet.page_limit,
        obstacles=[obstacle_out(one) for one in sheet.obstacles],
    )


@router.put("/volumes/{urn}/order", response={204: None}, operation_id="filing_arrange")
def arrange(request: HttpRequest, urn: str, body: OrderIn) -> Status[None]:
    """Set the order of the items of an open volume."""
    actions.arrange(occasion=occasions.of(request), volume_urn=urn, item_urns=body.item_urns)
    return Status(204, None)


@router.post("/volumes/{urn}/items", response={204: None}, operation_id="filing_add_item")
def add_item(request: HttpRequest, urn: str, body: AddIn) -> Status[None]:
    """Put one more reviewed item at the end of an open volume."""
    actions.add_item(occasion=occasions.of(request), volume_urn=urn, item_urn=body.item_urn)
    return Status(204, None)


@router.delete("/items/{urn}/place", response={204: None}, operation_id="filing_release")
def release(request: HttpRequest, urn: str) -> Status[None]:
    """Take an item out of its open volume."""
    actions.release(occasion=occasions.of(request), item_urn=urn)
    return Status(204, None)


@router.post("/volumes/{urn}/seal", response=SealedOut, operation_id="filing_seal")
def seal(request: HttpRequest, urn: str, body: ClosingIn | None = None) -> SealedOut:
    """Seal a volume: its number and those of its items become final. A dossier says why it closes, and when."""
    closing, closed_date = (body.closing, body.closed_date) if body else (None, None)
    sealed = actions.seal(occasion=occasions.of(request), volume_urn=urn, closing=closing, closed_date=closed_date)
    return SealedOut(urn=sealed.urn, reference_code=sealed.reference_code, pages=sealed.pages, items=dict(sealed.items))


@router.post("/volumes/{urn}/resubmit", response=MovedOut, operation_id="filing_resubmit")
def resubmit(request: HttpRequest, urn: str) -> MovedOut:
    """Send a mended volume on, to be self-checked anew."""
    moved = actions.resubmit(occasion=occasions.of(request), volume_urn=urn)
    return MovedOut.from_orm(moved)


class LooseMaterialIn(Schema):
    item_urns: list[str]


class LooseTakenOut(Schema):
    items: int


@router.post("/volumes/{urn}/loose", response=LooseTakenOut, operation_id="filing_add_items")
def add_items(request: HttpRequest, urn: str, body: LooseMaterialIn) -> LooseTakenOut:
    """Put loose material into an open volume, each paper at the end of its class."""
    taken = actions.add_items(occasion=occasions.of(request), volume_urn=urn, item_urns=body.item_urns)
    return LooseTakenOut(items=taken)


@router.post("/volumes/{urn}/undo", response={204: None}, operation_id="filing_undo")
def undo(request: HttpRequest, urn: str) -> Status[None]:
    """Take back the last change of the order."""
    actions.undo(occasion=occasions.of(request), volume_urn=urn)
    return Status(204, None)


class FilingVolumesIn(Schema):
    volume_urns: list[str]


class SealingStartedOut(Schema):
    job: str


@router.post("/seal", response={202: SealingStartedOut}, operation_id="filing_seal_many")
def seal_many(request: HttpRequest, body: FilingVolumesIn) -> Status[SealingStartedOut]:
    """Have many open volumes sealed as a job; its state is the job centre's to tell."""
    return Status(
        202, SealingStartedOut(job=actions.start_sealing(occasion=occasions.of(request), volume_urns=body.volume_urns))
    )


class PrintPapersIn(FilingVolumesIn):
    forms: list[str]


class PrintStartedOut(Schema):
    """A print run; its file lies at ``/filing/prints/<run>.pdf`` as soon as it is ready."""

    run: str


@router.post("/print", response={202: PrintStartedOut}, operation_id="filing_print_many")
def print_many(request: HttpRequest, body: PrintPapersIn) -> Status[PrintStartedOut]:
    """Have the papers of many sealed volumes printed as a job."""
    run = actions.start_printing(occasion=occasions.of(request), volume_urns=body.volume_urns, forms=body.forms)
    return Status(202, PrintStartedOut(run=run))


class InsertItemIn(Schema):
    item_urn: str
    correction: int


class InsertedItemOut(Schema):
    reference_code: str


@router.post("/volumes/{urn}/insert", response={201: InsertedItemOut}, operation_id="filing_insert_item")
def insert_item(request: HttpRequest, urn: str, body: InsertItemIn) -> Status[InsertedItemOut]:
    """Put a missing item into a returned volume, at its end, for the fault that says it is missing."""
    code = actions.insert_item(
        occasion=occasions.of(request), volume_urn=urn, item_urn=body.item_urn, correction_pk=body.correction
    )
    return Status(201, InsertedItemOut(reference_code=code))


class VolumeNoteIn(Schema):
    """A line of a reference note: MISSING, ALTERED, ADDED, MOVED_OUT or REMARK."""

    kind: str
    text: str


@router.post("/volumes/{urn}/note", response={204: None}, operation_id="filing_annotate")
def annotate(request: HttpRequest, urn: str, body: VolumeNoteIn) -> Status[None]:
    """Add a line to the reference note of a sealed volume."""
    actions.annotate(occasion=occasions.of(request), volume_urn=urn, kind=body.kind, text=body.text)
    return Status(204, None)


@router.post("/volumes/{urn}/supplement", response={201: OpenedOut}, operation_id="filing_open_supplement")
def open_supplement(request: HttpRequest, urn: str, body: OpenIn) -> Status[OpenedOut]:
    """Open a supplementary volume for one that was received and takes nothing more."""
    opened = actions.open_supplement(
        occasion=occasions.of(request), of_urn=urn, item_urns=body.item_urns, title=body.title
    )
    row = queries.bench(occasions.actor_of(request), opened).volume
    return Status(201, OpenedOut(urn=opened, title=row.title, items=row.item_count))


class ContentsIssueOut(Schema):
    issue_no: int
    reference_code: str
    item_count: int
    page_count: int
    reason: str
    issued_at: dt.datetime


@router.get("/volumes/{urn}/issues", response=list[ContentsIssueOut], operation_id="filing_issues")
def issues(request: HttpRequest, urn: str) -> list[ContentsIssueOut]:
    """Every issue of a volume's contents list, the newest first."""
    queries.bench(occasions.actor_of(request), urn)
    return [ContentsIssueOut.from_orm(one) for one in queries.issues_of(urn)]


class NumberRunOut(Schema):
    """A run of numbers: each is given, voided, held or missing."""

    key: str
    category_code: str
    arrangement: str
    highest: int
    given: int
    voided: dict[int, str]
    reserved: list[int]
    missing: list[int]


@router.get("/numbers/{int:year}", response=list[NumberRunOut], operation_id="filing_numbers")
def numbers(request: HttpRequest, year: int) -> list[NumberRunOut]:
    """How the numbers of a year stand."""
    return [
        NumberRunOut(
            key=run.key,
            category_code=run.category_code,
            arrangement=run.arrangement,
            highest=run.standing.highest,
            given=len(run.standing.given),
            voided={row.number: row.reason for row in run.voided},
            reserved=list(run.standing.reserved),
            missing=list(run.standing.missing),
        )
        for run in queries.runs_of(occasions.actor_of(request), year)
    ]


class VoidNumberIn(Schema):
    run: str
    number: int
    reason: str


@router.post("/numbers/void", response={204: None}, operation_id="filing_void_number")
def void_number(request: HttpRequest, body: VoidNumberIn) -> Status[None]:
    """Void a number that no record bears; it stays in the list, and is never given again."""
    actions.void_number(occasion=occasions.of(request), run_key=body.run, number=body.number, reason=body.reason)
    return Status(204, None)


class RenumberIn(Schema):
    reason: str


@router.post("/volumes/{urn}/renumber", response=SealedOut, operation_id="filing_renumber")
def renumber(request: HttpRequest, urn: str, body: RenumberIn) -> SealedOut:
    """Give a sealed volume and its items other numbers, on record; the former codes stay findable."""
    anew = actions.renumber(occasion=occasions.of(request), volume_urn=urn, reason=body.reason)
    return SealedOut(urn=anew.urn, reference_code=anew.reference_code, pages=anew.pages, items=dict(anew.items))


class ForwardingIn(Schema):
    to_name: str
    reason: str
    to_address: str = ""


class ForwardingNoticeOut(Schema):
    notice_no: str


@router.post("/volumes/{urn}/forwarding", response={201: ForwardingNoticeOut}, operation_id="filing_prepare_forwarding")
def prepare_forwarding(request: HttpRequest, urn: str, body: ForwardingIn) -> Status[ForwardingNoticeOut]:
    """Draw up the forwarding notice of a closed dossier."""
    notice = actions.prepare_forwarding(
        occasion=occasions.of(request),
        volume_urn=urn,
        to_name=body.to_name,
        reason=body.reason,
        to_address=body.to_address,
    )
    return Status(201, ForwardingNoticeOut(notice_no=notice))


class ForwardingOut(Schema):
    notice_no: str
    volume_urn: str
    to_name: str
    stage: str
    due_date: dt.date | None
    receipt_date: dt.date | None
    cancel_reason: str


@router.get("/forwardings", response=list[ForwardingOut], operation_id="filing_forwardings")
def forwardings(request: HttpRequest) -> list[ForwardingOut]:
    """Dossiers sent on: those without a receipt first."""
    return [ForwardingOut.from_orm(row) for row, _ in queries.forwardings(occasions.actor_of(request))]


class ForwardingSendIn(Schema):
    means: str


@router.post("/forwardings/{notice_no}/send", response={204: None}, operation_id="filing_send_forwarding")
def send_forwarding(request: HttpRequest, notice_no: str, body: ForwardingSendIn) -> Status[None]:
    """Say that a dossier has left with its notice."""
    actions.send_forwarding(occasion=occasions.of(request), notice_no=notice_no, means=body.means)
    return Status(204, None)


class ForwardingReceiptIn(Schema):
    receiver_name: str
    receipt_date: dt.date


@router.post("/forwardings/{notice_no}/receipt", response={204: None}, operation_id="filing_take_receipt")
def take_receipt(request: HttpRequest, notice_no: str, body: ForwardingReceiptIn) -> Status[None]:
    """Enter the receipt that came back."""
    actions.take_receipt(
        occasion=occasions.of(request),
        notice_no=notice_no,
        receiver_name=body.receiver_name,
        receipt_date=body.receipt_date,
    )
    return Status(204, None)


class ForwardingCancelIn(Schema):
    reason: str


@router.post("/forwardings/{notice_no}/cancel", response={204: None}, operation_id="filing_cancel_forwarding")
def cancel_forwarding(request: HttpRequest, notice_no: str, body: ForwardingCancelIn) -> Status[None]:
    """Call a forwarding back before its receipt; its number stays visible as voided."""
    actions.cancel_forwarding(occasion=occasions.of(request), notice_no=notice_no, reason=body.reason)
    return Status(204, None)
