import datetime as dt
from collections.abc import Sequence

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core import detection
from anjuan.core.detection.injection import Mark
from anjuan.desks.inspection import actions, serving
from anjuan.desks.inspection.queries import probe_results as results
from anjuan.desks.inspection.queries import probes
from anjuan.foundation.accounts import occasions

router = Router(tags=["inspection"])


class ProbeSetOut(Schema):
    """A set of samples; ``mine`` and ``answered`` are those of who asks."""

    set_no: str
    made_by: str
    made_at: dt.datetime
    is_closed: bool
    probes: int
    ready: int
    mine: int
    answered: int


class ProbeSetIn(Schema):
    count: int


class ProbeSetNoOut(Schema):
    set_no: str


class ProbeMaterialOut(Schema):
    zh: str
    en: str
    pages: int


class ProbeOut(Schema):
    """One sample as whoever answers it sees it: its pages, and what the catalogue of the copied record says."""

    set_no: str
    place: int
    pages: int
    pages_by_catalogue: int
    materials: list[ProbeMaterialOut]
    seen: list[int]
    is_answered: bool


class ProbeMarkIn(Schema):
    """A fault that is named: the page from 1, or 0 for the whole record."""

    page: int
    code: str


class ProbeAnswerIn(Schema):
    """PASS without faults, or RETURN with them."""

    verdict: str
    faults: list[ProbeMarkIn] = []


class ProbeRateOut(Schema):
    """A share with its 95 % interval (Wilson)."""

    hits: int
    tries: int
    low: float
    high: float


class ProbeMissOut(Schema):
    place: int
    page: int
    code: str
    is_misnamed: bool


class ProbePersonOut(Schema):
    staff_code: str
    answered: int
    recall: ProbeRateOut
    precision: ProbeRateOut
    misnamed: int
    pages: int
    unopened: int
    seconds: float | None
    by_code: dict[str, ProbeRateOut]
    misses: list[ProbeMissOut]


class ProbeDetectorOut(Schema):
    code: str
    recall: ProbeRateOut
    precision: ProbeRateOut
    unsure: int
    is_there: bool


class ProbeResultsOut(Schema):
    """How people did on a set; detectors are told to those who prepare sets."""

    people: list[ProbePersonOut]
    detectors: list[ProbeDetectorOut]


@router.get("/probe-sets", response=list[ProbeSetOut], operation_id="inspection_probe_sets")
def probe_sets(request: HttpRequest) -> list[ProbeSetOut]:
    """The sets of samples there are for the actor."""
    return [ProbeSetOut.from_orm(row) for row in probes.sets(occasions.actor_of(request))]


@router.post("/probe-sets", response={201: ProbeSetNoOut}, operation_id="inspection_open_probes")
def open_probes(request: HttpRequest, body: ProbeSetIn) -> Status[ProbeSetNoOut]:
    """Have a set of samples prepared from held volumes, as a job."""
    return Status(201, ProbeSetNoOut(set_no=actions.open_probes(occasion=occasions.of(request), count=body.count)))


@router.post("/probe-sets/{set_no}/close", response={204: None}, operation_id="inspection_close_probes")
def close_probes(request: HttpRequest, set_no: str) -> Status[None]:
    """Close a set: nobody answers any more."""
    actions.close_probes(occasion=occasions.of(request), set_no=set_no)
    return Status(204, None)


@router.delete("/probe-sets/{set_no}", response={204: None}, operation_id="inspection_delete_probes")
def delete_probes(request: HttpRequest, set_no: str) -> Status[None]:
    """Delete a set with its files, answers and results."""
    actions.delete_probes(occasion=occasions.of(request), set_no=set_no)
    return Status(204, None)


@router.get("/probe-sets/{set_no}/probes", response=list[ProbeOut], operation_id="inspection_probes")
def probes_of(request: HttpRequest, set_no: str) -> list[ProbeOut]:
    """The samples of a set that the actor answers."""
    actor = occasions.actor_of(request)
    answered = probes.answered_places(actor, set_no)
    return [
        ProbeOut(
            set_no=set_no,
            place=row.place,
            pages=len(row.copies),
            pages_by_catalogue=len(row.source),
            materials=[ProbeMaterialOut(zh=zh, en=en, pages=count) for zh, en, count in row.catalogue],
            seen=sorted(probes.seen_pages(actor, row)),
            is_answered=row.place in answered,
        )
        for row in probes.probes_of(actor, set_no)
    ]


@router.get("/probe-sets/{set_no}/probes/{place}/pages/{page}", operation_id="inspection_probe_page")
def probe_page(request: HttpRequest, set_no: str, place: int, page: int) -> object:
    """One page of a sample as a JPEG. Opening it counts as having looked at it, as on the screen."""
    return serving.open_page(request, set_no, place, page)


@router.post("/probe-sets/{set_no}/probes/{place}", response={204: None}, operation_id="inspection_answer_probe")
def answer_probe(request: HttpRequest, set_no: str, place: int, body: ProbeAnswerIn) -> Status[None]:
    """Say of a sample that it passes, or return it with its faults; said once."""
    actions.answer_probe(
        occasion=occasions.of(request),
        set_no=set_no,
        place=place,
        verdict=body.verdict,
        marks=[Mark(fault.page, fault.code) for fault in body.faults],
    )
    return Status(204, None)


@router.get("/probe-sets/{set_no}/results", response=ProbeResultsOut, operation_id="inspection_probe_results")
def probe_results(request: HttpRequest, set_no: str) -> ProbeResultsOut:
    """How people and detectors did: everybody's to those who prepare sets, else the actor's own once he is done."""
    actor = occasions.actor_of(request)
    row = probes.revealed_set(actor, set_no)
    sees_all = probes.is_preparer(actor)
    return ProbeResultsOut(
        people=[_person(one) for one in results.people_results([row.pk], "" if sees_all else actor.staff_code)],
        detectors=[
            ProbeDetectorOut(
                code=one.code,
                recall=_rate(one.recall),
                precision=_rate(one.precision),
                unsure=one.unsure,
                is_there=one.is_there,
            )
            for one in (results.detector_results([row.pk], detection.detectors()) if sees_all else ())
        ],
    )


def _rate(rate: results.Rate) -> ProbeRateOut:
    low, high = rate.between
    return ProbeRateOut(hits=rate.hits, tries=rate.tries, low=low, high=high)


def _misses(found: Sequence[results.Miss]) -> list[ProbeMissOut]:
    return [ProbeMissOut(place=one.place, page=one.page, code=one.code, is_misnamed=one.is_misnamed) for one in found]


def _person(row: results.PersonResult) -> ProbePersonOut:
    return ProbePersonOut(
        staff_code=row.staff_code,
        answered=row.answered,
        recall=_rate(row.recall),
        precision=_rate(row.precision),
        misnamed=row.misnamed,
        pages=row.pages,
        unopened=row.unopened,
        seconds=row.seconds,
        by_code={code: _rate(rate) for code, rate in row.by_code.items()},
        misses=_misses(row.misses),
    )
