"""Seeing why a record is not moving, who could move it, and how long steps take."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from anjuan.core import arrangement
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, RestraintKind, Route, UnitKind
from anjuan.facilities.business import queries as business
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.progress import rules
from anjuan.facilities.progress.queries import deadlines
from anjuan.facilities.stacks import queries as stacks
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow, VolumeRow

STEPS_READERS = (Post.SUPERVISOR, Post.ARCHIVIST, Post.ACCEPTOR, Post.RECHECKER, Post.KEEPER)
STEPS_DAYS = 90
MOST_ENTRIES = 50_000
NAMED = 3  # people named in the sentence; the others are "and so on"


@dataclass(frozen=True)
class Standing:
    """A record that stands somewhere, why, since when, and who could move it.

    Attributes:
        urn: of the record asked for.
        mover_urn: what moves: the volume, once the item lies in one.
        people: names of those who hold the post, a few of them.
        is_mine: whether the actor himself may do it.
        fault_pk: the fault to be answered first.
        due: what it is due for next and until when, by the office's deadlines.
    """

    urn: str
    mover_urn: str
    reference: str
    agency_path: str
    route: Route
    why: rules.Why
    since: dt.datetime
    people: tuple[str, ...]
    is_mine: bool
    is_volume: bool
    fault_pk: int | None
    due: tuple[rules.Deadline, dt.date] | None = None


def standing(actor: Actor, urn: str) -> Standing:
    """Why a record is not moving (为什么不动).

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    record, mover_urn = _record(actor, urn)
    volume = record if isinstance(record, VolumeRow) else None
    items = records.items_of(record.urn) if volume else [record]
    units = [record.urn, *(item.urn for item in items), mover_urn]
    found = [row for row in corrections.of_units(list(dict.fromkeys(units))) if row.is_open]
    mover = volume or (records.volumes_by_urn([mover_urn]).get(mover_urn) if mover_urn != urn else None)
    is_open = mover is not None and arrangement.kinds()[mover.arrangement].closes and not mover.reference_code
    completed = True
    if isinstance(record, ItemRow) and record.route is Route.SINGLE_SET:
        completed = business.completion_of(record.agency_code, record.acceptance_no) is not None
    why = rules.why(
        rules.Facts(
            route=record.route,
            unit=UnitKind.VOLUME if volume else UnitKind.ITEM,
            state=record.state,
            restraints=frozenset(RestraintKind(kind) for kind in records.restraints_of([urn, mover_urn])),
            open_faults=len(found),
            due_date=min((row.due_date for row in found), default=None),
            kept_until=_kept_until(mover) if mover and record.route is Route.LEGACY else None,
            is_completed=completed,
            grows=is_open,
            is_placed=record.route is Route.SINGLE_SET or bool(stacks.places_of([mover_urn])),
        ),
        today=timezone.localdate(),
    )
    people = accounts.holders_of(why.posts, record.agency_path, on=timezone.localdate())
    return Standing(
        urn=urn,
        mover_urn=mover_urn,
        reference=record.reference,
        agency_path=record.agency_path,
        route=record.route,
        why=why,
        since=record.state_since,
        people=tuple(people[:NAMED]),
        is_mine=bool(why.posts) and actor.covers(record.agency_path, *why.posts),
        is_volume=volume is not None,
        fault_pk=found[0].pk if found else None,
        due=deadlines.due_of(mover or record),
    )


def _record(actor: Actor, urn: str) -> tuple[ItemRow | VolumeRow, str]:
    try:
        return records.get_volume_for(actor, urn), urn
    except Refusal:
        item = records.get_item_for(actor, urn)
        return item, records.volume_urn_of(item) if item.volume_pk else urn


def _kept_until(volume: VolumeRow) -> dt.date | None:
    sealed = [line.at for line in journal.story_of(volume.urn, limit=100_000) if line.act == "filing.seal"]
    if not sealed:
        return None
    return timezone.localdate(min(sealed)) + dt.timedelta(days=settings.ANJUAN_LEGACY_KEEP_DAYS)


def steps(actor: Actor, *, now: dt.datetime) -> tuple[rules.Step, ...]:
    """Time and returns of each step over the last 90 days, of the records the actor may see (流程用时): S0-P10.

    Raises:
        A-001: the actor's post does not lead or run the flow.
    """
    if not actor.holds(*STEPS_READERS):
        raise Refusal("A-001", posts=STEPS_READERS)
    for appointment in actor.appointments:
        permit(actor, appointment.agency_path, appointment.post)
    told = journal.acts_since(
        now - dt.timedelta(days=STEPS_DAYS),
        (*rules.MOVING, "intake.register", "intake.take_in", "intake.admit"),
        limit=MOST_ENTRIES,
    )
    mine = records.visible_urns(actor, {unit for unit, _, _ in told})
    return rules.steps(row for row in told if row[0] in mine)
