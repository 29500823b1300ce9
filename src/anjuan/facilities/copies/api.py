import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from anjuan.facilities.copies import actions, panels, queries
from anjuan.facilities.copies.queries import IncidentRow, ItemCopies, PlaceRow
from anjuan.facilities.copies.rules import Medium, Policy, Verdict
from anjuan.foundation.accounts import occasions

router = Router(tags=["copies"])


class VerdictOut(Schema):
    """Whether an object is archived: the places whose copies count, and how much of what is missing."""

    is_met: bool
    counted: list[str]
    lacks: dict[str, int]


class PolicyIn(Schema):
    """What a fonds asks of its copies, and why."""

    copies: int
    media: int
    far: int
    basis: str


class PolicyOut(Schema):
    """A fonds's policy and how many of its sealed records meet it."""

    fonds_code: str
    fonds_name: str
    copies: int
    media: int
    far: int
    basis: str
    met: int
    lacking: int
    pending: int


class PlaceIn(Schema):
    """A place to be entered."""

    code: str
    name: str
    agency_code: str
    medium: Medium
    site: str
    address: str
    is_far: bool = False
    is_offline: bool = False
    capacity_bytes: int | None = None


class AgeBarOut(Schema):
    """How many copies were verified so many days ago at most; 0 is longer ago or never."""

    up_to_days: int
    count: int


class CopyPlaceOut(Schema):
    """A place: coverage and age of its verification, room left, and how long it lasts."""

    code: str
    name: str
    medium: str
    kinds: list[str]
    site: str
    is_primary: bool
    is_attached: bool
    label: str
    lies_at: str
    objects: int
    expected: int
    verified_within: int
    interval_days: int
    damaged: int
    behind: int
    size_bytes: int
    oldest_at: dt.datetime | None
    ages: list[AgeBarOut]
    free_bytes: int | None
    free_inodes: int | None
    months_left: float | None


class IncidentOut(Schema):
    """A damaged file: what was found, and what became of it."""

    pk: int
    urn: str
    reference: str
    place_code: str
    path: str
    kind: str
    expected_sha512: str
    found_sha512: str
    found_at: dt.datetime
    found_by: str
    evidence_path: str
    evidence_digest: str
    repaired_at: dt.datetime | None
    repaired_from: str
    repaired_by: str


class LackOut(Schema):
    """A sealed record that is not archived."""

    urn: str
    reference: str
    changed_at: dt.datetime
    verdict: VerdictOut


class CopyOut(Schema):
    """One copy of a record."""

    place_code: str
    outcome: str
    version: int
    verified_at: dt.datetime | None
    next_due: dt.datetime | None
    counts: bool


class ItemCopiesOut(Schema):
    """All copies of a record."""

    urn: str
    reference: str
    head_version: int
    is_sealed: bool
    verdict: VerdictOut
    copies: list[CopyOut]


class SweepIn(Schema):
    """Which place to look at; all attached ones when none is named."""

    place: str = ""


class RepairIn(Schema):
    """Which copy to repair."""

    urn: str
    place: str


class RepairOut(Schema):
    """What a repair did."""

    urn: str
    place_code: str
    files: list[str]
    sources: list[str]


class DetachIn(Schema):
    """What is written on an offline set, and where it lies."""

    label: str
    lies_at: str


class AttachIn(Schema):
    """Where an offline set is mounted; where it was before when empty."""

    address: str = ""


class StartedOut(Schema):
    """The job that does the work."""

    job: str


class FormatHeldOut(Schema):
    """A format and how much of it stands in the store."""

    format_id: str
    objects: int
    files: int
    size_bytes: int


@router.get("/copies/places", response=list[CopyPlaceOut], operation_id="copies_places")
def places(request: HttpRequest) -> list[dict[str, object]]:
    """The places the actor may see, with coverage, age and room."""
    actor, at = occasions.actor_of(request), timezone.now()
    rows = queries.places_for(actor)
    main = next((row.medium for row in queries.places() if row.is_primary), Medium.DISK)
    told = queries.forecast(rows, occasions.today())
    return [_place(row, main, told, at) for row in rows]


def _place(row: PlaceRow, main: Medium, told: queries.Forecast, at: dt.datetime) -> dict[str, object]:
    found = queries.coverage(row, at)
    return vars(row) | {
        "kinds": sorted(row.beings(main)),
        "is_attached": row.is_attached,
        "objects": found.objects,
        "expected": found.expected,
        "verified_within": found.within,
        "interval_days": row.interval_days,
        "damaged": found.damaged,
        "behind": found.behind,
        "size_bytes": found.size_bytes,
        "oldest_at": found.oldest_at,
        "ages": [vars(age) for age in found.ages],
        "free_bytes": told.rooms[row.code].free_bytes,
        "free_inodes": told.rooms[row.code].free_inodes,
        "months_left": told.months_left[row.code],
    }


@router.post("/copies/places", response=list[CopyPlaceOut], operation_id="copies_open_place")
def open_place(request: HttpRequest, body: PlaceIn) -> list[dict[str, object]]:
    """Enter a place for copies."""
    actions.open_place(occasion=occasions.of(request), **body.dict())
    return places(request)


@router.post("/copies/places/{code}/detach", response=list[CopyPlaceOut], operation_id="copies_detach")
def detach(request: HttpRequest, code: str, body: DetachIn) -> list[dict[str, object]]:
    """Take an offline set away."""
    actions.detach_place(occasion=occasions.of(request), code=code, label=body.label, lies_at=body.lies_at)
    return places(request)


@router.post("/copies/places/{code}/attach", response=list[CopyPlaceOut], operation_id="copies_attach")
def attach(request: HttpRequest, code: str, body: AttachIn) -> list[dict[str, object]]:
    """Bring an offline set back."""
    actions.attach_place(occasion=occasions.of(request), code=code, address=body.address)
    return places(request)


@router.get("/copies/policies", response=list[PolicyOut], operation_id="copies_policies")
def policies(request: HttpRequest) -> list[dict[str, object]]:
    """Every fonds with its policy and how many of its records meet it."""
    queries.permit_reader(occasions.actor_of(request))
    return [vars(row) | vars(row.policy) for row in queries.policies(timezone.now())]


@router.put("/copies/policies/{fonds}", response=list[PolicyOut], operation_id="copies_set_policy")
def set_policy(request: HttpRequest, fonds: str, body: PolicyIn) -> list[dict[str, object]]:
    """Set what a fonds asks of its copies."""
    policy = Policy(body.copies, body.media, body.far)
    actions.set_policy(occasion=occasions.of(request), fonds_code=fonds, policy=policy, basis=body.basis)
    return policies(request)


@router.get("/copies/policies/{fonds}/lacking", response=list[LackOut], operation_id="copies_lacking")
def lacking(request: HttpRequest, fonds: str) -> list[dict[str, object]]:
    """The sealed records of a fonds that are not archived, and what each lacks; 200 at most."""
    rows = queries.lacking(occasions.actor_of(request), fonds, timezone.now())
    return [vars(row) | {"verdict": _verdict(row.verdict)} for row in rows]


@router.get("/copies/incidents", response=list[IncidentOut], operation_id="copies_incidents")
def incidents(request: HttpRequest, closed: bool = False) -> list[dict[str, object]]:
    """Damage that waits for repair, or that was repaired; 200 at most."""
    return [_incident(row) for row in queries.incidents_for(occasions.actor_of(request), is_open=not closed)]


@router.get("/copies/of/{urn}", response=ItemCopiesOut, operation_id="copies_of")
def of(request: HttpRequest, urn: str) -> dict[str, object]:
    """The copies of a record, and whether it is archived."""
    return _copies(queries.item_copies(occasions.actor_of(request), urn, timezone.now()))


@router.post("/copies/sweep", response=StartedOut, operation_id="copies_sweep")
def sweep(request: HttpRequest, body: SweepIn) -> dict[str, str]:
    """Look at every copy, oldest first."""
    return {"job": actions.start_sweep(occasion=occasions.of(request), place_code=body.place)}


@router.post("/copies/replicate", response=StartedOut, operation_id="copies_replicate")
def replicate(request: HttpRequest) -> dict[str, str]:
    """Make every copy that is missing or behind."""
    return {"job": actions.start_replication(occasion=occasions.of(request))}


@router.post("/copies/repair", response=RepairOut, operation_id="copies_repair")
def repair(request: HttpRequest, body: RepairIn) -> dict[str, object]:
    """Repair a damaged copy from a good one."""
    return vars(actions.repair(occasion=occasions.of(request), urn=body.urn, place_code=body.place))


@router.get("/copies/formats", response=list[FormatHeldOut], operation_id="copies_formats")
def formats(request: HttpRequest) -> object:
    """The formats of the files that stand: where a migration plan begins."""
    return queries.formats_held(occasions.actor_of(request))


@router.get("/copies/growth", response=dict[str, str], operation_id="copies_growth")
def growth(request: HttpRequest) -> dict[str, str]:
    """How long the room at each place lasts, in words."""
    rows = queries.places_for(occasions.actor_of(request))
    left = queries.forecast(rows, occasions.today()).months_left
    return {code: panels.months_words(months) for code, months in left.items()}


def _verdict(found: Verdict) -> dict[str, object]:
    return {"is_met": found.is_met, "counted": list(found.counted), "lacks": dict(found.lacks)}


def _incident(row: IncidentRow) -> dict[str, object]:
    return vars(row) | {"place_code": row.place.code}


def _copies(found: ItemCopies) -> dict[str, object]:
    copies = [vars(copy) | {"place_code": copy.place.code} for copy in found.copies]
    return vars(found) | {"head_version": found.head, "verdict": _verdict(found.verdict), "copies": copies}
