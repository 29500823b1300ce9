import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.refusals import Refusal
from anjuan.desks.inspection import actions, queries, rules
from anjuan.desks.inspection.queries import history
from anjuan.facilities.corrections.api import VolumeFaultIn
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records
from anjuan.records.api import MovedOut
from anjuan.records.rows import VolumeRow

router = Router(tags=["inspection"])


class WaitingVolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    state: str
    items: int
    pages: int
    state_since: dt.datetime


class CheckOut(Schema):
    code: str
    zh: str
    en: str
    clause: str
    auto: bool
    answer: str


class VolumePageOut(Schema):
    component_pk: int
    page_no: int
    item_urn: str
    seen: bool


class SheetCorrectionOut(Schema):
    id: int
    fault: str
    item_urn: str
    component_pk: int | None
    page_no: int | None
    note: str
    status: str
    answer: str


class InspectionSheetOut(Schema):
    volume: WaitingVolumeOut
    paper_pages: int
    image_pages: int | None
    catalogue_pages: int
    pages: list[VolumePageOut]
    corrections: list[SheetCorrectionOut]
    checklist: list[CheckOut]


class AnswersIn(Schema):
    answers: dict[str, str]


class ReturnVolumeIn(Schema):
    faults: list[VolumeFaultIn]


class LotOut(Schema):
    agency_code: str
    acceptor_code: str
    volumes: list[str]
    on_paper: bool


class SpotIn(Schema):
    agency_code: str
    category_code: str


class NonceOut(Schema):
    """A nonce, revealed: the position of the journal entry that commits to it."""

    position: int
    value: str


class LotPlanOut(Schema):
    """How many of a lot are drawn and why (GB/T 2828.1 plan, problem rate, severity)."""

    lot: int
    level: str
    aql: str
    severity: str
    since: int
    why: str
    looked_at: int
    rejected: int
    letter: str
    plan_size: int
    accept: int
    own: tuple[int, int]
    house: tuple[int, int]
    rate: str
    factor: str
    prior: int
    first: str
    risk_size: int
    by_people: bool
    size: int


class FrozenLotOut(Schema):
    """A lot as it was frozen, and what its inspection found so far."""

    draw_no: str
    agency_code: str
    category_code: str
    lot_no: int
    units: list[str]
    plan: LotPlanOut | None
    nonces: list[NonceOut]
    standard: list[str]
    inspected: int
    found: int
    verdict: str
    frozen_at: dt.datetime


class SamplingOrderIn(Schema):
    """BY_PEOPLE: every volume is looked at; BY_PLAN: by the plan again; RESUME: go on after a stop."""

    agency_code: str
    category_code: str
    order: str
    reason: str


class AcceptorRateOut(Schema):
    """What the re-check found in one acceptor's work; low and high bound the rate with 95 % certainty (Wilson)."""

    staff_code: str
    lots: int
    inspected: int
    found: int
    low: float
    high: float


class PaperIn(Schema):
    """What was counted on paper: pages by item URN, and whether main forms and seals are there."""

    counted: dict[str, int]
    has_main_forms: bool
    has_seals: bool


class DrawIn(Schema):
    agency_code: str
    acceptor_code: str
    category_code: str = ""
    percent: int | None = None
    on_paper: bool = False


class DrawOut(Schema):
    draw_no: str
    agency_code: str
    acceptor_code: str
    lot: list[str]
    drawn: list[str]
    percent: int
    seed: str
    checkpoint_size: int
    drawn_at: dt.datetime
    passed_at: dt.datetime | None


def _waiting(row: VolumeRow) -> WaitingVolumeOut:
    return WaitingVolumeOut(
        urn=row.urn,
        reference_code=row.reference_code,
        title=row.title,
        state=row.state,
        items=row.item_count,
        pages=row.page_count,
        state_since=row.state_since,
    )


def _draw(row: queries.DrawRow) -> DrawOut:
    return DrawOut(
        draw_no=row.draw_no,
        agency_code=row.agency_code,
        acceptor_code=row.acceptor_code,
        lot=list(row.lot),
        drawn=list(row.drawn),
        percent=row.percent,
        seed=row.seed,
        checkpoint_size=row.checkpoint_size,
        drawn_at=row.drawn_at,
        passed_at=row.passed_at,
    )


def _lot(row: history.LotRow) -> FrozenLotOut:
    return FrozenLotOut(
        draw_no=row.draw_no,
        agency_code=row.agency_code,
        category_code=row.category_code,
        lot_no=row.lot_no,
        units=sorted(row.units),
        plan=LotPlanOut(**vars(row.plan)) if row.plan else None,
        nonces=[NonceOut(position=position, value=value) for position, value in row.nonces],
        standard=list(row.standard),
        inspected=row.inspected,
        found=row.found,
        verdict=row.verdict,
        frozen_at=row.frozen_at,
    )


@router.get("/self-checks", response=list[WaitingVolumeOut], operation_id="inspection_self_checks")
def self_checks(request: HttpRequest) -> list[WaitingVolumeOut]:
    """Sealed volumes that wait for the actor's self-check."""
    return [_waiting(row) for row in queries.to_self_check(occasions.actor_of(request))]


@router.get("/pre-acceptances", response=list[WaitingVolumeOut], operation_id="inspection_pre_acceptances")
def pre_acceptances(request: HttpRequest) -> list[WaitingVolumeOut]:
    """Volumes that wait for the actor's pre-acceptance."""
    return [_waiting(row) for row in queries.to_pre_accept(occasions.actor_of(request))]


@router.get("/volumes/{urn}", response=InspectionSheetOut, operation_id="inspection_volume")
def volume(request: HttpRequest, urn: str) -> InspectionSheetOut:
    """One volume as a checking post judges it: page ledger, pages looked at, checklist, what was found before."""
    actor = occasions.actor_of(request)
    sheet = queries.inspected(actor, urn)
    seen = records.looked_at(actor, sheet.pages)
    machine = rules.prefill(queries.counts_of(sheet))
    return InspectionSheetOut(
        volume=_waiting(sheet.volume),
        paper_pages=sheet.ledger.paper,
        image_pages=sheet.ledger.images,
        catalogue_pages=sheet.ledger.catalogue,
        pages=[
            VolumePageOut(component_pk=page[0], page_no=page[1], item_urn=item.item.urn, seen=page in seen)
            for item in sheet.items
            for page in records.pages_of(item.components)
        ],
        corrections=[
            SheetCorrectionOut(
                id=row.pk,
                fault=row.fault.code,
                item_urn=row.item_urn,
                component_pk=row.component_pk,
                page_no=row.page_no,
                note=row.note,
                status=row.status,
                answer=row.answer,
            )
            for row in sheet.corrections
        ],
        checklist=[
            CheckOut(
                code=check.code,
                zh=check.zh,
                en=check.en,
                clause=check.clause,
                auto=check.auto,
                answer=machine.get(check.code, "") if check.auto else "",
            )
            for check in queries.checklist_of(sheet.volume)
        ],
    )


@router.post("/volumes/{urn}/self-check", response=MovedOut, operation_id="inspection_sign_self_check")
def sign_self_check(request: HttpRequest, urn: str, body: AnswersIn) -> MovedOut:
    """Sign the self-check: PASS or NA for every line that the machine does not answer itself."""
    return MovedOut.from_orm(
        actions.sign_self_check(occasion=occasions.of(request), volume_urn=urn, answers=body.answers)
    )


@router.post("/volumes/{urn}/return", response=MovedOut, operation_id="inspection_return_volume")
def return_volume(request: HttpRequest, urn: str, body: ReturnVolumeIn) -> MovedOut:
    """Return a volume with its faults, at the self-check or at pre-acceptance."""
    faults = [
        RaisedFault(fault.code, fault.item_urn, fault.component_pk, fault.page_no, fault.box, fault.note)
        for fault in body.faults
    ]
    return MovedOut.from_orm(actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=faults))


@router.post("/volumes/{urn}/pre-accept", response=MovedOut, operation_id="inspection_pre_accept")
def pre_accept(request: HttpRequest, urn: str) -> MovedOut:
    """Accept a volume by its images; every page must have been looked at."""
    return MovedOut.from_orm(actions.pre_accept(occasion=occasions.of(request), volume_urn=urn))


@router.get("/lots", response=list[LotOut], operation_id="inspection_lots")
def lots(request: HttpRequest) -> list[LotOut]:
    """Lots that wait to be drawn from for the re-check."""
    return [
        LotOut(
            agency_code=lot.agency_code,
            acceptor_code=lot.acceptor_code,
            volumes=[volume.urn for volume in lot.volumes],
            on_paper=lot.on_paper,
        )
        for lot in queries.lots(occasions.actor_of(request))
    ]


@router.get("/draws", response=list[DrawOut], operation_id="inspection_draws")
def draws(request: HttpRequest) -> list[DrawOut]:
    """Re-checks under way."""
    return [_draw(row) for row in queries.draws(occasions.actor_of(request))]


@router.post("/draws", response={201: DrawOut}, operation_id="inspection_draw_recheck")
def draw_recheck(request: HttpRequest, body: DrawIn) -> Status[DrawOut]:
    """Draw the re-check of one lot: the seed comes from the log, the ratio from the problem rate or more."""
    row = actions.draw_recheck(
        occasion=occasions.of(request),
        agency_code=body.agency_code,
        acceptor_code=body.acceptor_code,
        category_code=body.category_code,
        percent=body.percent,
        on_paper=body.on_paper,
    )
    return Status(201, _draw(row))


@router.get("/draws/{draw_no}", response=DrawOut, operation_id="inspection_draw")
def draw(request: HttpRequest, draw_no: str) -> DrawOut:
    """One drawn re-check with its seed and checkpoint."""
    return _draw(queries.draw(occasions.actor_of(request), draw_no))


@router.post("/draws/{draw_no}/pass", response=list[MovedOut], operation_id="inspection_pass_recheck")
def pass_recheck(request: HttpRequest, draw_no: str) -> list[MovedOut]:
    """Pass the re-check of a lot; every page of the drawn volumes must have been looked at."""
    return [MovedOut.from_orm(moved) for moved in actions.pass_recheck(occasion=occasions.of(request), draw_no=draw_no)]


@router.get("/acceptances", response=list[WaitingVolumeOut], operation_id="inspection_acceptances")
def acceptances(request: HttpRequest) -> list[WaitingVolumeOut]:
    """Received paper that waits for the actor's acceptance."""
    return [_waiting(row) for row in queries.to_accept(occasions.actor_of(request))]


@router.post("/volumes/{urn}/paper", response={204: None}, operation_id="inspection_check_paper")
def check_paper(request: HttpRequest, urn: str, body: PaperIn) -> Status[None]:
    """Enter what was counted of a volume on paper; it must be as the catalogue says."""
    actions.check_paper(
        occasion=occasions.of(request),
        volume_urn=urn,
        counted=body.counted,
        has_main_forms=body.has_main_forms,
        has_seals=body.has_seals,
    )
    return Status(204, None)


@router.post("/volumes/{urn}/accept", response=MovedOut, operation_id="inspection_accept")
def accept(request: HttpRequest, urn: str) -> MovedOut:
    """Accept received paper that was counted."""
    return MovedOut.from_orm(actions.accept(occasion=occasions.of(request), volume_urn=urn))


@router.get("/spots", response=list[DrawOut], operation_id="inspection_spots")
def spots(request: HttpRequest) -> list[DrawOut]:
    """Spot checks under way."""
    return [_draw(row) for row in queries.draws(occasions.actor_of(request), queries.DrawKind.SPOT)]


@router.get("/spots/frozen", response=list[FrozenLotOut], operation_id="inspection_frozen_lots")
def frozen_lots(request: HttpRequest) -> list[FrozenLotOut]:
    """Lots that are frozen for the spot check and wait for their draw."""
    return [_lot(row) for row in history.frozen(occasions.actor_of(request))]


@router.post("/spots", response={201: FrozenLotOut}, operation_id="inspection_freeze_lot")
def freeze_lot(request: HttpRequest, body: SpotIn) -> Status[FrozenLotOut]:
    """Freeze the paper-first volumes of an agency and category: the plan is fixed, the acceptor's nonce committed."""
    row = actions.freeze_lot(
        occasion=occasions.of(request), agency_code=body.agency_code, category_code=body.category_code
    )
    return Status(201, _lot(row))


@router.post("/spots/{draw_no}/draw", response={201: DrawOut}, operation_id="inspection_draw_spot")
def draw_spot(request: HttpRequest, draw_no: str) -> Status[DrawOut]:
    """Draw the spot check of a frozen lot; the seed comes from the log and from both sides' nonces."""
    return Status(201, _draw(actions.draw_spot(occasion=occasions.of(request), draw_no=draw_no)))


@router.get("/draws/{draw_no}/lot", response=FrozenLotOut, operation_id="inspection_lot_of_draw")
def lot_of_draw(request: HttpRequest, draw_no: str) -> FrozenLotOut:
    """The lot of a draw: plan, nonces, and what was found; all that recomputing the draw takes beside the root."""
    queries.draw(occasions.actor_of(request), draw_no)
    row = history.lot_of(draw_no)
    if row is None:
        raise Refusal("R-009", what=draw_no)
    return _lot(row)


@router.post("/sampling-orders", response={204: None}, operation_id="inspection_order_sampling")
def order_sampling(request: HttpRequest, body: SamplingOrderIn) -> Status[None]:
    """Order how the next lots of an agency and category are inspected."""
    actions.order_sampling(
        occasion=occasions.of(request),
        agency_code=body.agency_code,
        category_code=body.category_code,
        order=body.order,
        reason=body.reason,
    )
    return Status(204, None)


@router.get("/acceptors", response=list[AcceptorRateOut], operation_id="inspection_acceptors")
def acceptors(request: HttpRequest) -> list[AcceptorRateOut]:
    """What the re-check found in each acceptor's work."""
    actor = occasions.actor_of(request)
    history.enter(actor, history.RATE_POSTS)
    return [AcceptorRateOut(**vars(row)) for row in history.acceptor_rates(actor)]


@router.post("/spots/{draw_no}/pass", response=list[MovedOut], operation_id="inspection_pass_spot")
def pass_spot(request: HttpRequest, draw_no: str) -> list[MovedOut]:
    """Pass a spot check; every drawn volume must have been counted on paper."""
    return [MovedOut.from_orm(moved) for moved in actions.pass_spot(occasion=occasions.of(request), draw_no=draw_no)]
