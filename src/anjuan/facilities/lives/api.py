import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.facilities.lives import actions, panels, queries
from anjuan.facilities.lives.queries.doubts import doubts as doubts_of
from anjuan.facilities.lives.queries.life import Life
from anjuan.facilities.lives.rules import NameKind, SuccessionKind
from anjuan.foundation.accounts import occasions

router = Router(tags=["lives"])


class LifeSubjectOut(Schema):
    """A person or unit of a life line; its number masked."""

    urn: str
    kind: str
    name: str
    masked_id: str


class LifeNameOut(Schema):
    """Another name, from or until a day."""

    name: str
    kind: str
    changed_date: dt.date | None


class LifeRecordOut(Schema):
    """One record on a life line."""

    urn: str
    reference: str
    title: str
    step_code: str
    category_code: str
    insurance_line: str
    agency_code: str
    formed_date: dt.date
    state: str
    phase: str


class StretchOut(Schema):
    """Months in a row, ``yyyy-mm``, both included."""

    first: str
    last: str
    count: int


class MonthsOut(Schema):
    """What the business system states of one insurance line."""

    line: str
    paid_count: int
    gap_count: int
    paid: list[StretchOut]
    gaps: list[StretchOut]
    benefits: list[StretchOut]


class LifeDoubtOut(Schema):
    """Who may be the same, with the signs for it."""

    subject: LifeSubjectOut
    signs: list[str]
    why: str


class LifeDecisionOut(Schema):
    """What was decided, and whether it stands."""

    uid: str
    what: str
    kind: str
    subjects: list[str]
    name: str
    day: dt.date | None
    reason: str
    evidence_urn: str
    decided_by: str
    decided_at: dt.datetime
    stands: bool
    withdrawn_by: str
    withdrawn_reason: str


class SuccessionOut(Schema):
    """A succession of units; the successor is empty where the unit ended."""

    uid: str
    kind: str
    predecessor: str
    successor: str
    day: dt.date


class LifeOut(Schema):
    """A life line. Months and gaps are known from ``stated_from`` on; before it nothing is said."""

    urn: str
    kind: str
    name: str
    names: list[LifeNameOut]
    subjects: list[LifeSubjectOut]
    records: list[LifeRecordOut]
    is_cut: bool
    phases: dict[str, int]
    months: list[MonthsOut]
    stated_from: str
    as_of: dt.datetime | None
    doubts: list[LifeDoubtOut]
    decisions: list[LifeDecisionOut]
    successions: list[SuccessionOut]
    partings: list[str]
    may_decide: bool


class DoubtPairOut(Schema):
    """Two entries that may be one."""

    one: LifeSubjectOut
    other: LifeSubjectOut
    signs: list[str]
    why: str


class DoubtPairsOut(Schema):
    """Doubts among the next names; ``following`` asks for those after them."""

    pairs: list[DoubtPairOut]
    following: str


class TieIn(Schema):
    """Whom it is about, why, and the reference of the record that shows it."""

    other: str
    reason: str
    evidence: str = ""


class LifeNameIn(Schema):
    """A former name, or the present one where the name on record is a former one."""

    name: str
    kind: NameKind
    changed_date: dt.date | None = None
    reason: str
    evidence: str = ""


class PartingIn(Schema):
    """Records that are another's, and what he is called."""

    items: list[str]
    name: str
    reason: str
    evidence: str = ""


class SuccessionIn(Schema):
    """What happened to a unit, and who succeeds it."""

    successor: str = ""
    kind: SuccessionKind
    day: dt.date
    reason: str
    evidence: str = ""


class LifeReasonIn(Schema):
    """Why it is withdrawn."""

    reason: str


class DecidedOut(Schema):
    """The decision's URN: withdrawing asks for it."""

    uid: str


def told(life: Life) -> dict[str, object]:
    """A life line as the schema has it: the command tells it so as well."""
    phase = {item.urn: code for code, items in life.phases.items() for item in items}
    return {
        "urn": life.urn,
        "kind": life.kind,
        "name": life.name,
        "names": life.names,
        "subjects": life.subjects,
        "records": [
            {
                "urn": item.urn,
                "reference": item.reference,
                "title": item.title,
                "step_code": item.step_code,
                "category_code": item.category_code,
                "insurance_line": item.insurance_line,
                "agency_code": item.agency_code,
                "formed_date": item.formed_date,
                "state": item.state,
                "phase": phase[item.urn],
            }
            for item in life.items
        ],
        "is_cut": life.is_cut,
        "phases": {code: len(items) for code, items in life.phases.items()},
        "months": life.months,
        "stated_from": life.stated_from,
        "as_of": life.as_of,
        "doubts": [
            {"subject": doubt.subject, "signs": doubt.judgement.signs, "why": panels.why(doubt.judgement)}
            for doubt in life.doubts
        ],
        "decisions": life.decisions,
        "successions": life.graph,
        "partings": [one.uid for one in life.partings],
        "may_decide": life.may_decide,
    }


@router.get("/lives/doubts", response=DoubtPairsOut, operation_id="lives_doubts")
def doubts(request: HttpRequest, after: str = "") -> object:
    """Doubtful pairs that wait for a decision, fifty names at a time."""
    found = doubts_of(occasions.actor_of(request), after=after)
    pairs = [
        {"one": row.one, "other": row.other, "signs": row.judgement.signs, "why": panels.why(row.judgement)}
        for row in found.rows
    ]
    return {"pairs": pairs, "following": found.following}


@router.get("/lives/{urn}", response=LifeOut, operation_id="lives_life")
def life(request: HttpRequest, urn: str) -> object:
    """The life line of a person or unit, by the URN of any of its subjects; the look is put down."""
    return told(actions.open_life(occasion=occasions.of(request), urn=urn))


@router.post("/lives/{urn}/join", response={201: DecidedOut}, operation_id="lives_join")
def join(request: HttpRequest, urn: str, body: TieIn) -> Status[dict[str, str]]:
    """Say that two subjects are one."""
    uid = actions.join(
        occasion=occasions.of(request), one=urn, other=body.other, reason=body.reason, evidence=body.evidence
    )
    return Status(201, {"uid": uid})


@router.post("/lives/{urn}/keep-apart", response={201: DecidedOut}, operation_id="lives_keep_apart")
def keep_apart(request: HttpRequest, urn: str, body: TieIn) -> Status[dict[str, str]]:
    """Say that two subjects are not one."""
    uid = actions.keep_apart(
        occasion=occasions.of(request), one=urn, other=body.other, reason=body.reason, evidence=body.evidence
    )
    return Status(201, {"uid": uid})


@router.post("/lives/{urn}/names", response={201: DecidedOut}, operation_id="lives_add_name")
def add_name(request: HttpRequest, urn: str, body: LifeNameIn) -> Status[dict[str, str]]:
    """Add a former or the present name."""
    uid = actions.add_name(
        occasion=occasions.of(request),
        subject=urn,
        name=body.name,
        kind=body.kind,
        changed=body.changed_date,
        reason=body.reason,
        evidence=body.evidence,
    )
    return Status(201, {"uid": uid})


@router.post("/lives/{urn}/partings", response={201: DecidedOut}, operation_id="lives_part")
def part(request: HttpRequest, urn: str, body: PartingIn) -> Status[dict[str, str]]:
    """Say that some records under a subject are another's; answers with the URN of the new life line."""
    uid = actions.part(
        occasion=occasions.of(request),
        subject=urn,
        items=body.items,
        name=body.name,
        reason=body.reason,
        evidence=body.evidence,
    )
    return Status(201, {"uid": uid})


@router.post("/lives/{urn}/successions", response={201: DecidedOut}, operation_id="lives_record_succession")
def record_succession(request: HttpRequest, urn: str, body: SuccessionIn) -> Status[dict[str, str]]:
    """Record that this unit went over into another, or ended."""
    uid = actions.record_succession(
        occasion=occasions.of(request),
        predecessor=urn,
        successor=body.successor,
        kind=body.kind,
        day=body.day,
        reason=body.reason,
        evidence=body.evidence,
    )
    return Status(201, {"uid": uid})


@router.post("/lives/decisions/{uid}/withdraw", response=LifeDecisionOut, operation_id="lives_withdraw")
def withdraw(request: HttpRequest, uid: str, body: LifeReasonIn) -> object:
    """Withdraw a decision; it stays readable."""
    actions.withdraw(occasion=occasions.of(request), uid=uid, reason=body.reason)
    return queries.decision(uid)
