import datetime as dt

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from anjuan.desks.inspection import actions, rules
from anjuan.desks.inspection.queries import campaigns, scope
from anjuan.desks.inspection.queries.campaigns import CampaignRow, UnitRow, Verdict
from anjuan.facilities.corrections.api import VolumeFaultIn
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.foundation.accounts import occasions

router = Router(tags=["inspection"])


class CampaignSelectionIn(Schema):
    """Which volumes a campaign goes over; what is empty asks for nothing."""

    agency_code: str = ""
    category_code: str = ""
    year: int | None = None
    state: str = ""
    fault_code: str = ""
    filed_from: dt.date | None = None
    filed_to: dt.date | None = None


class CampaignIn(Schema):
    """A campaign to be opened: its name and reason, which volumes, and how many were counted before."""

    name: str
    reason: str
    selection: CampaignSelectionIn
    expected: int


class ChosenVolumeOut(Schema):
    """A volume that would be gone over, the items it is about, and how surely the detector finds the fault."""

    urn: str
    reference: str
    title: str
    agency_code: str
    category_code: str
    items: list[str]
    score: float | None


class CampaignRehearsalOut(Schema):
    """How many volumes answer a selection, and the first two hundred of them."""

    count: int
    volumes: list[ChosenVolumeOut]


class SweepOut(Schema):
    """Where a fault may stand again: the same person's work of the same week; the sweep, once it is begun."""

    fault: int
    fault_code: str
    duty: str
    people: list[str]
    week_from: dt.date
    week_to: dt.date
    volumes: list[ChosenVolumeOut]
    campaign_no: str


class CampaignOut(Schema):
    """A campaign or a sweep, and how far it has come as far as the actor's posts reach."""

    campaign_no: str
    kind: str
    name: str
    reason: str
    fault_code: str
    origin_fault: int | None
    opened_by: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    closing_note: str
    done: int
    total: int


class JudgedByOut(Schema):
    """What one person said of how many volumes."""

    staff_code: str
    nothing: int
    found: int
    put_off: int


class ShareOut(Schema):
    """How many volumes of an agency or a category there are, are judged, and have faults."""

    code: str
    volumes: int
    done: int
    found: int


class CampaignReportOut(Schema):
    """What a campaign found so far."""

    total: int
    nothing: int
    found: int
    returned: int
    put_off: int
    in_hand: int
    left: int
    people: list[JudgedByOut]
    agencies: list[ShareOut]
    categories: list[ShareOut]
    faults: dict[str, int]


class CampaignUnitOut(Schema):
    """One volume of a campaign: who has it in hand, what he found."""

    pk: int
    place: int
    volume_urn: str
    reference: str
    title: str
    state: str | None
    items: list[str]
    score: float | None
    taken_by: str
    verdict: str
    is_returned: bool
    faults: list[str]
    note: str
    judged_by: str
    judged_at: dt.datetime | None


class CampaignVerdictIn(Schema):
    """What a person found: NOTHING, FAULT with the faults, or PUT_OFF with the reason as its note."""

    verdict: Verdict
    note: str = ""
    faults: list[VolumeFaultIn] = []


class CampaignClosingIn(Schema):
    """The conclusion with which a campaign is closed."""

    note: str


def _selection(asked: CampaignSelectionIn) -> rules.Selection:
    return rules.Selection(**asked.dict())


def _volume(one: scope.Chosen) -> ChosenVolumeOut:
    return ChosenVolumeOut(
        urn=one.urn,
        reference=one.reference,
        title=one.title,
        agency_code=one.agency_code,
        category_code=one.category_code,
        items=list(one.items),
        score=one.score,
    )


def _campaign(row: CampaignRow, counted: tuple[int, int]) -> CampaignOut:
    return CampaignOut(
        campaign_no=row.campaign_no,
        kind=row.kind,
        name=row.name,
        reason=row.reason,
        fault_code=row.fault_code,
        origin_fault=row.origin_fault,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closing_note=row.closing_note,
        done=counted[0],
        total=counted[1],
    )


def _one(request: HttpRequest, row: CampaignRow) -> CampaignOut:
    return _campaign(row, campaigns.done_of(occasions.actor_of(request), [row.pk]).get(row.pk, (0, 0)))


def _unit(one: UnitRow) -> CampaignUnitOut:
    return CampaignUnitOut(
        pk=one.pk,
        place=one.place,
        volume_urn=one.volume_urn,
        reference=one.reference,
        title=one.title,
        state=one.state,
        items=list(one.items),
        score=one.score,
        taken_by=one.taken_by,
        verdict=one.verdict,
        is_returned=one.is_returned,
        faults=list(one.faults),
        note=one.note,
        judged_by=one.judged_by,
        judged_at=one.judged_at,
    )


@router.get("/campaigns", response=list[CampaignOut], operation_id="inspection_campaigns")
def under_way(request: HttpRequest) -> list[CampaignOut]:
    """Campaigns and sweeps that the actor has a part in; those under way first."""
    actor = occasions.actor_of(request)
    rows = campaigns.campaigns(actor)
    counted = campaigns.done_of(actor, [row.pk for row in rows])
    return [_campaign(row, counted.get(row.pk, (0, 0))) for row in rows]


@router.get("/campaigns/rehearsal", response=CampaignRehearsalOut, operation_id="inspection_rehearse_campaign")
def rehearse(request: HttpRequest, selection: Query[CampaignSelectionIn]) -> CampaignRehearsalOut:
    """How many volumes a campaign would go over: nothing is opened by asking."""
    found = scope.selected(occasions.actor_of(request), _selection(selection))
    rules.check_count(len(found), limit=rules.MOST_UNITS)
    return CampaignRehearsalOut(count=len(found), volumes=[_volume(one) for one in found[:200]])


@router.post("/campaigns", response={201: CampaignOut}, operation_id="inspection_open_campaign")
def open_campaign(request: HttpRequest, body: CampaignIn) -> Status[CampaignOut]:
    """Open a campaign: the volumes that answer now are frozen."""
    row = actions.open_campaign(
        occasion=occasions.of(request),
        name=body.name,
        reason=body.reason,
        selection=_selection(body.selection),
        expected=body.expected,
    )
    return Status(201, _one(request, row))


@router.get("/sweeps/{int:pk}", response=SweepOut, operation_id="inspection_sweep")
def sweep(request: HttpRequest, pk: int) -> SweepOut:
    """Where a fault that was raised may stand again; nothing is begun by asking."""
    kin = scope.kin_of(occasions.actor_of(request), pk)
    return SweepOut(
        fault=pk,
        fault_code=kin.fault.fault.code,
        duty=kin.duty,
        people=list(kin.fault.responsible),
        week_from=kin.week[0],
        week_to=kin.week[1],
        volumes=[_volume(one) for one in kin.chosen],
        campaign_no=campaigns.sweep_of(pk),
    )


@router.post("/sweeps/{int:pk}", response={201: CampaignOut}, operation_id="inspection_open_sweep")
def open_sweep(request: HttpRequest, pk: int) -> Status[CampaignOut]:
    """Begin the sweep of a fault: a small campaign; nothing is returned by it."""
    return Status(201, _one(request, actions.open_sweep(occasion=occasions.of(request), fault_pk=pk)))


@router.get("/campaigns/{campaign_no}", response=CampaignOut, operation_id="inspection_campaign")
def campaign(request: HttpRequest, campaign_no: str) -> CampaignOut:
    """One campaign."""
    return _one(request, campaigns.campaign_for(occasions.actor_of(request), campaign_no))


@router.get("/campaigns/{campaign_no}/report", response=CampaignReportOut, operation_id="inspection_campaign_report")
def report(request: HttpRequest, campaign_no: str) -> CampaignReportOut:
    """What a campaign found so far: by person, agency, category and fault."""
    occasion = occasions.of(request)
    row = campaigns.campaign_for(occasion.actor, campaign_no)
    counted = campaigns.progress(occasion.actor, row, occasion.at)
    found = campaigns.report(occasion.actor, row)
    return CampaignReportOut(
        total=counted.total,
        nothing=counted.nothing,
        found=counted.found,
        returned=counted.returned,
        put_off=counted.put_off,
        in_hand=counted.in_hand,
        left=counted.left,
        people=[JudgedByOut(staff_code=who, nothing=n, found=f, put_off=p) for who, n, f, p in counted.people],
        agencies=[ShareOut(code=code, volumes=n, done=done, found=f) for code, n, done, f in found.agencies],
        categories=[ShareOut(code=code, volumes=n, done=done, found=f) for code, n, done, f in found.categories],
        faults=dict(found.faults),
    )


@router.get("/campaigns/{campaign_no}/units", response=list[CampaignUnitOut], operation_id="inspection_campaign_units")
def units(request: HttpRequest, campaign_no: str, only: str = "", first: int = 0) -> list[CampaignUnitOut]:
    """Two hundred volumes of a campaign from a place on; ``only`` is left, FAULT, NOTHING or PUT_OFF."""
    actor = occasions.actor_of(request)
    row = campaigns.campaign_for(actor, campaign_no)
    return [
        _unit(one)
        for one in campaigns.units(actor, row, only=only, first=min(max(first, 0), rules.MOST_UNITS), limit=200)
    ]


@router.post("/campaigns/{campaign_no}/next", response=CampaignUnitOut, operation_id="inspection_take_next_unit")
def take_next(request: HttpRequest, campaign_no: str) -> CampaignUnitOut:
    """The volume in hand, else the next that nobody holds."""
    actor = occasions.actor_of(request)
    row = campaigns.campaign_for(actor, campaign_no)
    pk = campaigns.in_hand(actor, row)
    if pk is not None:
        return _unit(campaigns.unit_for(actor, row, pk))
    return _unit(actions.take_unit(occasion=occasions.of(request), campaign_no=campaign_no))


@router.post(
    "/campaigns/{campaign_no}/units/{int:pk}/take", response=CampaignUnitOut, operation_id="inspection_take_unit"
)
def take(request: HttpRequest, campaign_no: str, pk: int) -> CampaignUnitOut:
    """Take a certain volume of a campaign in hand."""
    return _unit(actions.take_unit(occasion=occasions.of(request), campaign_no=campaign_no, unit_pk=pk))


@router.post(
    "/campaigns/{campaign_no}/units/{int:pk}/verdict", response=CampaignUnitOut, operation_id="inspection_judge_unit"
)
def judge(request: HttpRequest, campaign_no: str, pk: int, body: CampaignVerdictIn) -> CampaignUnitOut:
    """Say what was found of a volume in hand."""
    judged = actions.judge_unit(
        occasion=occasions.of(request),
        campaign_no=campaign_no,
        unit_pk=pk,
        verdict=body.verdict,
        note=body.note,
        faults=[
            RaisedFault(fault.code, fault.item_urn, fault.component_pk, fault.page_no, fault.box, fault.note)
            for fault in body.faults
        ],
    )
    return _unit(judged)


@router.post("/campaigns/{campaign_no}/close", response=CampaignOut, operation_id="inspection_close_campaign")
def close(request: HttpRequest, campaign_no: str, body: CampaignClosingIn) -> CampaignOut:
    """Close a campaign; what is not judged stays so."""
    return _one(
        request, actions.close_campaign(occasion=occasions.of(request), campaign_no=campaign_no, note=body.note)
    )
