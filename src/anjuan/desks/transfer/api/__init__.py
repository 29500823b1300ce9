import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.terms import Post
from anjuan.desks.transfer import actions, queries, rules
from anjuan.facilities.corrections.api import VolumeFaultIn
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.foundation.accounts import occasions
from anjuan.records.api import MovedOut
from anjuan.records.rows import VolumeRow

router = Router(tags=["transfer"])


class BatchVolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    state: str
    items: int
    pages: int


class MemberOut(Schema):
    volume: BatchVolumeOut
    ordinal: int
    drawn: bool
    witnessed: dict[str, bool]
    counted_pages: int | None
    left: bool


class BatchOut(Schema):
    batch_no: str
    agency_code: str
    stage: str
    applied_by: str
    applied_at: dt.datetime
    volumes: int
    pages: int
    ready: int
    seed: str
    checkpoint_size: int | None
    witnessed_by: str
    witnessed_at: dt.datetime | None
    dispatched_at: dt.datetime | None
    received_at: dt.datetime | None
    accession_no: str


class BatchSheetOut(Schema):
    batch: BatchOut
    members: list[MemberOut]
    obstacles: list[str]


class ApplyIn(Schema):
    volume_urns: list[str]


class AppliedOut(Schema):
    batch_no: str
    volumes: int
    pages: int


class DrawnOut(Schema):
    drawn: list[str]
    seed: str
    checkpoint_size: int | None


class WitnessIn(Schema):
    looks: dict[str, dict[str, bool]]
    counted: dict[str, int] = {}


class RefuseIn(Schema):
    faults: list[VolumeFaultIn]


class DispatchIn(Schema):
    vehicle: str = ""


class CountedIn(Schema):
    reference: str
    pages: int


class ReceiveIn(Schema):
    counted: list[CountedIn]


class AccessionOut(Schema):
    batch_no: str
    accession_no: str
    volumes: int
    pages: int


def _volume(row: VolumeRow) -> BatchVolumeOut:
    return BatchVolumeOut(
        urn=row.urn,
        reference_code=row.reference_code,
        title=row.title,
        state=row.state,
        items=row.item_count,
        pages=row.page_count,
    )


def _batch(row: queries.BatchRow) -> BatchOut:
    return BatchOut(
        batch_no=row.batch_no,
        agency_code=row.agency_code,
        stage=row.stage,
        applied_by=row.applied_by,
        applied_at=row.applied_at,
        volumes=row.volumes,
        pages=row.pages,
        ready=row.ready,
        seed=row.seed,
        checkpoint_size=row.checkpoint_size,
        witnessed_by=row.witnessed_by,
        witnessed_at=row.witnessed_at,
        dispatched_at=row.dispatched_at,
        received_at=row.received_at,
        accession_no=row.accession_no,
    )


@router.get("/volumes", response=list[BatchVolumeOut], operation_id="transfer_may_apply")
def may_apply(request: HttpRequest) -> list[BatchVolumeOut]:
    """Self-checked volumes that can be applied for."""
    actor = occasions.actor_of(request)
    queries.enter(actor, Post.ARCHIVIST)
    return [_volume(row) for row in queries.may_apply(actor)]


@router.get("/batches", response=list[BatchOut], operation_id="transfer_batches")
def batches(request: HttpRequest, stage: str = "") -> list[BatchOut]:
    """Batches the actor has to do with, newest first; of one stage, if it is named."""
    actor = occasions.actor_of(request)
    queries.enter(actor)
    return [_batch(row) for row in queries.batches(actor, *([stage] if stage else []))]


@router.post("/batches", response={201: AppliedOut}, operation_id="transfer_apply")
def apply(request: HttpRequest, body: ApplyIn) -> Status[AppliedOut]:
    """Apply for the transfer of self-checked volumes; the register is drawn up with it."""
    applied = actions.apply(occasion=occasions.of(request), volume_urns=body.volume_urns)
    return Status(201, AppliedOut(batch_no=applied.batch_no, volumes=applied.volumes, pages=applied.pages))


@router.get("/batches/{batch_no}", response=BatchSheetOut, operation_id="transfer_batch")
def batch(request: HttpRequest, batch_no: str) -> BatchSheetOut:
    """One batch with its volumes and what stands in the way of its next step."""
    sheet = queries.sheet(occasions.actor_of(request), batch_no)
    return BatchSheetOut(
        batch=_batch(sheet.batch),
        members=[
            MemberOut(
                volume=_volume(row.volume),
                ordinal=row.ordinal,
                drawn=row.is_drawn,
                witnessed=dict(row.witnessed),
                counted_pages=row.counted_pages,
                left=row.has_left,
            )
            for row in sheet.volumes
        ],
        obstacles=[obstacle.code for obstacle in sheet.obstacles],
    )


@router.post("/batches/{batch_no}/draw", response=DrawnOut, operation_id="transfer_draw_sample")
def draw_sample(request: HttpRequest, batch_no: str) -> DrawnOut:
    """Draw the sample that the supervisor looks at; the seed comes from the log."""
    occasion = occasions.of(request)
    drawn = actions.draw_sample(occasion=occasion, batch_no=batch_no)
    row = queries.sheet(occasion.actor, batch_no).batch
    return DrawnOut(drawn=list(drawn), seed=row.seed, checkpoint_size=row.checkpoint_size)


@router.post("/batches/{batch_no}/witness", response=list[MovedOut], operation_id="transfer_witness")
def witness(request: HttpRequest, batch_no: str, body: WitnessIn) -> list[MovedOut]:
    """Sign the witnessed handover: per drawn volume, paper, images and contents found right, and pages counted."""
    moved = actions.witness(occasion=occasions.of(request), batch_no=batch_no, looks=body.looks, counted=body.counted)
    return [MovedOut.from_orm(one) for one in moved]


@router.post("/batches/{batch_no}/volumes/{urn}/return", response=MovedOut, operation_id="transfer_refuse_witness")
def refuse_witness(request: HttpRequest, batch_no: str, urn: str, body: RefuseIn) -> MovedOut:
    """Send one volume back at the witnessed handover; the others stay in the batch."""
    faults = [
        RaisedFault(fault.code, fault.item_urn, fault.component_pk, fault.page_no, fault.box, fault.note)
        for fault in body.faults
    ]
    return MovedOut.from_orm(
        actions.refuse_witness(occasion=occasions.of(request), batch_no=batch_no, volume_urn=urn, faults=faults)
    )


@router.post("/batches/{batch_no}/dispatch", response=list[MovedOut], operation_id="transfer_dispatch")
def dispatch(request: HttpRequest, batch_no: str, body: DispatchIn) -> list[MovedOut]:
    """Let the paper leave the agency."""
    moved = actions.dispatch(occasion=occasions.of(request), batch_no=batch_no, vehicle=body.vehicle)
    return [MovedOut.from_orm(one) for one in moved]


@router.post("/batches/{batch_no}/receive", response=AccessionOut, operation_id="transfer_receive")
def receive(request: HttpRequest, batch_no: str, body: ReceiveIn) -> AccessionOut:
    """Receive a batch by count: every volume with its counted pages."""
    counted = [rules.Counted(one.reference, one.pages) for one in body.counted]
    receipt = actions.receive(occasion=occasions.of(request), batch_no=batch_no, counted=counted)
    return AccessionOut(
        batch_no=receipt.batch_no,
        accession_no=receipt.accession_no,
        volumes=receipt.volumes,
        pages=receipt.pages,
    )
