"""Which volumes a campaign would go over (复查范围): by what they are, by a fault, or by whose work they are."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from anjuan.core.detection.catalogue import faults
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Custody, Duty, Post
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.queries import INSPECTING_POSTS, history
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.facilities.corrections.rules import RESPONSIBLE
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import scopes
from anjuan.records.models import Item, Participation, Volume

OPENING_POSTS = (Post.SUPERVISOR, Post.ACCEPTOR, Post.RECHECKER)
_AT_ONCE = 500


@dataclass(frozen=True)
class Chosen:
    """A volume that a campaign would go over.

    Attributes:
        items: the items it is about; none for the whole volume.
        score: how surely the detector finds the fault in it; none where it finds nothing or does not look.
        people: whose work it is, where one person's work is gone over.
    """

    urn: str
    reference: str
    title: str
    agency_code: str
    agency_path: str
    category_code: str
    items: tuple[str, ...] = ()
    score: float | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kin:
    """Where the same fault may stand again: volumes with the same person's work of the same week.

    Attributes:
        fault: the fault that it began with.
        duty: whose work such a fault is: who handled the item, or filed the volume.
        week: Monday and Sunday.
        chosen: the volumes, the surest first.
        others: how many faults of that agency were each person's work.
    """

    fault: CorrectionRow
    duty: Duty
    week: tuple[dt.date, dt.date]
    chosen: tuple[Chosen, ...]
    others: Mapping[str, int]


def selected(actor: Actor, selection: rules.Selection) -> list[Chosen]:
    """The volumes of a selection that the actor may have gone over (预演): one more than a campaign holds at most.

    Raises:
        A-001, R-009: the actor opens no campaigns.
        Q-030: the selection cannot be asked.
        Q-032: more volumes than a detector is asked about at once.
    """
    history.enter(actor, OPENING_POSTS)
    agencies = accounts.agencies()
    rules.check_selection(selection, agencies=agencies.keys(), known_faults=faults().keys())
    rows = _recheckable(actor, OPENING_POSTS)
    if selection.agency_code:
        rows = rows.filter(agency__path__startswith=agencies[selection.agency_code].path)
    if selection.category_code:
        rows = rows.filter(category__code=selection.category_code)
    if selection.year is not None:
        rows = rows.filter(year=selection.year)
    if selection.state:
        rows = rows.filter(state=selection.state)
    if selection.filed_from or selection.filed_to:
        rows = rows.filter(_filed_between(selection.filed_from, selection.filed_to))
    if not selection.fault_code:
        return _chosen(rows, rules.MOST_UNITS + 1)
    found = _chosen(rows, rules.MOST_JUDGED + 1)
    if len(found) > rules.MOST_JUDGED:
        raise Refusal("Q-032", limit=rules.MOST_JUDGED)
    return _with_fault(found, selection.fault_code)


def kin_of(actor: Actor, fault_pk: int) -> Kin:
    """Where the fault that was raised may stand again (同类问题排查范围): the machine is asked, nothing is done.

    Raises:
        A-001, R-009: the actor checks nothing, or no such fault there.
        Q-034: nobody knows whose work it was.
    """
    kin = _kin(actor, fault_pk)
    scores = findings.scores_of([one.urn for one in kin.chosen], kin.fault.fault.code)
    found = [dataclasses.replace(one, score=_score(scores.get(one.urn, {}), one.items)) for one in kin.chosen]
    others = corrections.count_by_person(kin.fault.agency_path, kin.fault.responsible)
    found.sort(key=lambda one: (-(one.score or 0), -max((others[who] for who in one.people), default=0), one.reference))
    return dataclasses.replace(kin, chosen=tuple(found), others=others)


def count_kin(actor: Actor, fault_pk: int) -> int:
    """In how many volumes the fault may stand again; nothing where that cannot be said."""
    try:
        return len(_kin(actor, fault_pk).chosen)
    except Refusal:
        return 0


def _kin(actor: Actor, fault_pk: int) -> Kin:
    history.enter(actor, INSPECTING_POSTS)
    fault = corrections.raised_for(actor, fault_pk, *INSPECTING_POSTS)
    duty = RESPONSIBLE.get(fault.fault.code[0], Duty.HANDLED)
    whose = fault.unit if duty is Duty.FILED else fault.item_urn
    theirs = Participation.objects.filter(duty=duty, staff_code__in=fault.responsible)
    at = theirs.filter(unit=whose).order_by("-at", "-id").values_list("at", flat=True).first()
    if at is None:
        raise Refusal("Q-034", fault=fault.fault.code, reference=fault.reference)
    since, until = rules.week_of(at, zoneinfo.ZoneInfo(settings.TIME_ZONE))
    of_week = dict(theirs.filter(at__gte=since, at__lt=until).values_list("unit", "staff_code"))
    found = _volumes_of(actor, of_week, by_item=duty is Duty.HANDLED, without={fault.unit, fault.item_urn})
    week = (since.date(), until.date() - dt.timedelta(days=1))
    return Kin(fault, duty, week, tuple(found), {})


def raised_on(actor: Actor, volume_urn: str) -> int | None:
    """The fault that the actor raised last on a volume, if it is known whose work it was."""
    mine = [row for row in corrections.of_units([volume_urn]) if row.raised_by == actor.staff_code and row.responsible]
    return mine[-1].pk if mine else None


def _recheckable(actor: Actor, posts: Collection[Post]) -> QuerySet[Volume]:
    rows = Volume.objects.filter(scopes(actor, *posts), state__in=rules.RECHECKABLE)
    return rows.exclude(custody=Custody.FORWARDED)


def _filed_between(first: dt.date | None, last: dt.date | None) -> Exists:
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    filed = Participation.objects.filter(unit=OuterRef("urn"), duty=Duty.FILED)
    if first:
        filed = filed.filter(at__gte=dt.datetime.combine(first, dt.time(), zone))
    if last:
        filed = filed.filter(at__lt=dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone))
    return Exists(filed)


def _chosen(rows: QuerySet[Volume], limit: int) -> list[Chosen]:
    named = rows.order_by("agency__code", "year", "category__code", "volume_no", "id").values_list(
        "urn", "reference_code", "title", "agency__code", "agency__path", "category__code"
    )
    return [
        Chosen(urn, code or title, title, agency, path, category)
        for urn, code, title, agency, path, category in named[:limit]
    ]


def _with_fault(found: Sequence[Chosen], code: str) -> list[Chosen]:
    """Those in which the detector finds a fault now or a person raised it once; the surest first."""
    scores = findings.scores_of([one.urn for one in found], code)
    by_people: dict[str, set[str]] = {}
    places = corrections.places_of(code)
    volumes = _volume_urns_of({item for _, item in places})
    for unit, item in places:
        by_people.setdefault(volumes.get(item, unit), set()).add(item)
    kept = []
    for one in found:
        judged, said = scores.get(one.urn, {}), by_people.get(one.urn, set())
        if judged or said:
            items = () if "" in judged else tuple(sorted({*judged, *said}))
            kept.append(dataclasses.replace(one, items=items, score=max(judged.values(), default=None)))
    return sorted(kept, key=lambda one: (-(one.score or 0), one.reference))


def _volume_urns_of(item_urns: Collection[str]) -> Mapping[str, str]:
    wanted = sorted(item_urns)
    found: dict[str, str] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        rows = Item.objects.filter(urn__in=wanted[first : first + _AT_ONCE]).exclude(volume=None)
        found.update(rows.values_list("urn", "volume__urn"))
    return found


def _volumes_of(actor: Actor, work: Mapping[str, str], *, by_item: bool, without: Collection[str]) -> list[Chosen]:
    """The volumes of somebody's work that the actor checks.

    Args:
        actor: who looks.
        work: who did it, by item or volume.
        by_item: whether the work is on items.
        without: the record that it began with, and its item.
    """
    volumes = _volume_urns_of(work.keys() | set(without)) if by_item else {urn: urn for urn in work}
    left_out = {*without, *(volumes.get(urn, "") for urn in without)}
    items: dict[str, list[str]] = {}
    people: dict[str, set[str]] = {}
    for urn, who in sorted(work.items()):
        volume = volumes.get(urn)
        if volume is not None and volume not in left_out:
            items.setdefault(volume, []).append(urn)
            people.setdefault(volume, set()).add(who)
    wanted, found = sorted(items), []
    for first in range(0, len(wanted), _AT_ONCE):
        rows = _recheckable(actor, INSPECTING_POSTS).filter(urn__in=wanted[first : first + _AT_ONCE])
        found += _chosen(rows, _AT_ONCE)
    return [
        dataclasses.replace(one, items=tuple(items[one.urn]) if by_item else (), people=tuple(sorted(people[one.urn])))
        for one in found
    ]


def _score(judged: Mapping[str, float], items: Collection[str]) -> float | None:
    """What the detector says of these items; what it says of the volume is every item's."""
    return max((score for item, score in judged.items() if not items or not item or item in items), default=None)
