import base64
import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.evidence import actions, queries
from anjuan.foundation.accounts import occasions

router = Router(tags=["evidence"])
MOST = 500


class CheckpointOut(Schema):
    """A signed checkpoint; ``note`` is what was signed, byte for byte."""

    size: int
    root: str
    note: str
    published_at: dt.datetime


class EvidenceStandingOut(Schema):
    """How the log stands."""

    newest: CheckpointOut | None
    waiting: int
    behind: int
    checkpoints: int


class InclusionOut(Schema):
    """That an entry stands under a checkpoint: RFC 9162, 2.1.3.2; hashes of the path in base64, lowest first."""

    leaf: str
    leaf_hash: str
    index: int
    path: list[str]
    size: int
    root: str
    checkpoint: str


class ConsistencyOut(Schema):
    """That the later tree contains the earlier one: RFC 9162, 2.1.4.2; hashes in base64."""

    old_size: int
    old_root: str
    new_size: int
    new_root: str
    path: list[str]


class DayRootOut(Schema):
    """The root of a day; ``no`` is 0 for its end, else the number of the root taken on demand."""

    day: dt.date
    no: int
    size: int
    root: str
    stamp_digest: str
    stamp_authority: str
    stamped_at: dt.datetime
    is_own_stamp: bool


@router.get("/log/standing", response=EvidenceStandingOut, operation_id="log_standing")
def standing(request: HttpRequest) -> object:
    """Newest checkpoint and what is not under it yet."""
    return queries.standing(occasions.actor_of(request))


@router.get("/log/checkpoints", response=list[CheckpointOut], operation_id="log_checkpoints")
def checkpoints(request: HttpRequest, before: int | None = None, limit: int = 100) -> object:
    """Checkpoints, newest first; ``before`` gives only shorter ones; at most 500."""
    return queries.checkpoints(occasions.actor_of(request), before=before, limit=max(1, min(limit, MOST)))


@router.get("/log/inclusion", response=InclusionOut, operation_id="log_inclusion")
def inclusion(request: HttpRequest, entry: str, size: int | None = None) -> object:
    """Proof that an entry (position or uid) stands under a checkpoint, by default the newest."""
    return queries.prove(occasions.actor_of(request), entry, size=size).as_json()


@router.get("/log/consistency", response=ConsistencyOut, operation_id="log_consistency")
def consistency(request: HttpRequest, old: int, new: int) -> ConsistencyOut:
    """Proof that the checkpoint of the new size contains that of the old size unchanged."""
    found = queries.connect(occasions.actor_of(request), old, new)
    return ConsistencyOut(
        old_size=found.old.size,
        old_root=found.old.root,
        new_size=found.new.size,
        new_root=found.new.root,
        path=[base64.b64encode(step).decode() for step in found.path],
    )


@router.get("/log/days", response=list[DayRootOut], operation_id="log_days")
def days(request: HttpRequest) -> object:
    """The days' roots, newest first."""
    return queries.days(occasions.actor_of(request))


@router.post("/log/days", response=DayRootOut, operation_id="log_take_root")
def take_root(request: HttpRequest) -> object:
    """Write down the root of now, with a time stamp."""
    return actions.take_root(occasion=occasions.of(request))
