"""Campaigns and how far they have come (回头看、同类问题排查): each sees the volumes that his posts cover."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, State
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.models import Campaign, CampaignUnit
from anjuan.desks.inspection.queries import INSPECTING_POSTS, VolumeSheet, history
from anjuan.desks.inspection.queries.scope import OPENING_POSTS
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.foundation.accounts.queries import scopes_on
from anjuan.records import queries as records
from anjuan.records.models import Item, Participation
from anjuan.records.rows import VolumeRow

CAMPAIGN_POSTS = (*INSPECTING_POSTS, Post.SUPERVISOR)
Kind = Campaign.Kind
Verdict = CampaignUnit.Verdict
UNDECIDED = ("", Verdict.PUT_OFF)
_AT_ONCE = 500


@dataclass(frozen=True)
class CampaignRow:
    """A campaign as pages see it."""

    pk: int
    campaign_no: str
    kind: Kind
    name: str
    reason: str
    selection: rules.Selection
    fault_code: str
    origin_fault: int | None
    agency_path: str
    unit_count: int
    opened_by: str
    opened_at: dt.datetime
    closed_by: str
    closed_at: dt.datetime | None
    closing_note: str

    @property
    def is_open(self) -> bool:
        """Whether it can be worked on."""
        return self.closed_at is None


@dataclass(frozen=True)
class UnitRow:
    """One volume of a campaign as pages see it."""

    pk: int
    place: int
    volume_urn: str
    reference: str
    title: str
    state: State | None
    agency_code: str
    agency_path: str
    category_code: str
    items: tuple[str, ...]
    score: float | None
    taken_by: str
    taken_at: dt.datetime | None
    verdict: str
    is_returned: bool
    faults: tuple[str, ...]
    note: str
    judged_by: str
    judged_at: dt.datetime | None

    @property
    def is_decided(self) -> bool:
        """Whether somebody said what there is to say; put off is not that."""
        return self.verdict not in UNDECIDED

    def is_held_by(self, staff_code: str) -> bool:
        """Whether somebody has it in hand."""
        return not self.is_decided and self.taken_by == staff_code


@dataclass(frozen=True)
class Progress:
    """How far a campaign has come, as far as the actor's posts reach; ``left`` counts those that were put off too."""

    total: int
    nothing: int
    found: int
    returned: int
    put_off: int
    in_hand: int
    people: tuple[tuple[str, int, int, int], ...]  # staff code: nothing found, fault raised, put off

    @property
    def done(self) -> int:
        """Volumes of which it was said."""
        return self.nothing + self.found

    @property
    def left(self) -> int:
        """Volumes of which it was not."""
        return self.total - self.done


@dataclass(frozen=True)
class Report:
    """What a campaign found: by agency and by category all volumes, done, found; by fault how many volumes."""

    agencies: tuple[tuple[str, int, int, int], ...]
    categories: tuple[tuple[str, int, int, int], ...]
    faults: tuple[tuple[str, int], ...]


def campaigns(actor: Actor, *, limit: int = 100) -> list[CampaignRow]:
    """Campaigns with volumes that the actor's posts cover; open ones first, then the newest.

    Raises:
        A-001, R-009: the actor has no part in campaigns.
    """
    history.enter(actor, CAMPAIGN_POSTS)
    mine = CampaignUnit.objects.filter(_reach(actor), campaign=OuterRef("pk"))
    rows = Campaign.objects.filter(Exists(mine))
    newest = [_row(row) for row in rows.order_by("-id")[:limit]]
    return sorted(newest, key=lambda row: not row.is_open)


def raised_lately(actor: Actor, limit: int = 20) -> list[tuple[CorrectionRow, str]]:
    """The newest faults in what the actor checks, each with the number of its sweep where there is one."""
    rows = corrections.newest_raised(actor, *INSPECTING_POSTS, limit=limit)
    begun = Campaign.objects.filter(kind=Kind.SWEEP, origin_fault__in=[row.pk for row in rows])
    known = dict(begun.values_list("origin_fault", "campaign_no"))
    return [(row, known.get(row.pk, "")) for row in rows]


def sweep_of(fault_pk: int) -> str:
    """The number of the sweep that a fault began; empty where none did."""
    found = Campaign.objects.filter(kind=Kind.SWEEP, origin_fault=fault_pk).values_list("campaign_no", flat=True)
    return found.first() or ""


def waiting(actor: Actor, *, limit: int) -> list[tuple[CampaignRow, int, int]]:
    """Campaigns with volumes left that the actor checks, oldest first: how many he sees done, and in all."""
    rows = [_row(row) for row in _open_for(actor).order_by("opened_at", "id")[:limit]]
    counted = done_of(actor, [row.pk for row in rows])
    return [(row, *counted.get(row.pk, (0, 0))) for row in rows]


def count_open(actor: Actor) -> int:
    """How many campaigns have volumes left that the actor's checking posts cover."""
    return _open_for(actor).count()


def _open_for(actor: Actor) -> QuerySet[Campaign]:
    mine = scopes_on("agency_path", actor, *INSPECTING_POSTS)
    left = CampaignUnit.objects.filter(mine, campaign=OuterRef("pk"), verdict__in=UNDECIDED)
    return Campaign.objects.filter(Exists(left), closed_at=None)


def done_of(actor: Actor, pks: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """By campaign, how many of the volumes that the actor sees are done, and how many there are; one query."""
    rows = CampaignUnit.objects.filter(_reach(actor), campaign__in=list(pks)).values_list("campaign")
    counted = rows.annotate(done=Count("id", filter=~Q(verdict__in=UNDECIDED)), every=Count("id"))
    return {pk: (done, every) for pk, done, every in counted.order_by("campaign")}


def campaign_for(actor: Actor, campaign_no: str) -> CampaignRow:
    """One campaign that the actor has a part in.

    Raises:
        A-001: he works with records, but neither checks nor supervises.
        R-009: there is none, or his posts cover none of its volumes.
    """
    history.enter(actor, CAMPAIGN_POSTS)
    row = Campaign.objects.filter(campaign_no=campaign_no).first()
    if row is None or not CampaignUnit.objects.filter(_reach(actor), campaign=row).exists():
        raise Refusal("R-009", what=campaign_no[:20])
    return _row(row)


def may_close(actor: Actor, row: CampaignRow) -> bool:
    """Whether the actor may close a campaign: who opened it, or who may open one over all its volumes."""
    return row.opened_by == actor.staff_code or actor.covers(row.agency_path, *closing_posts(row))


def closing_posts(row: CampaignRow) -> tuple[Post, ...]:
    """The posts that open, and so close, campaigns of this kind."""
    return INSPECTING_POSTS if row.kind is Kind.SWEEP else OPENING_POSTS


def units(actor: Actor, row: CampaignRow, *, only: str = "", first: int = 0, limit: int = 50) -> list[UnitRow]:
    """A stretch of a campaign's volumes; two queries, whatever their number.

    Args:
        actor: who looks.
        row: the campaign.
        only: ``left``, ``FAULT``, ``NOTHING`` or ``PUT_OFF``; all by default.
        first: from which on.
        limit: how many.
    """
    rows = list(_units(actor, row, only).order_by("place", "id")[first : first + limit])
    volumes = records.volumes_by_urn([one.volume_urn for one in rows])
    return [_unit(one, volumes) for one in rows]


def count_units(actor: Actor, row: CampaignRow, *, only: str = "") -> int:
    """How many volumes of a campaign the actor sees."""
    return _units(actor, row, only).count()


def every_unit(actor: Actor, row: CampaignRow) -> list[UnitRow]:
    """All volumes of a campaign that the actor sees, some hundreds of their names a query."""
    rows = list(_units(actor, row, "").order_by("place", "id"))
    found: list[UnitRow] = []
    for first in range(0, len(rows), _AT_ONCE):
        some = rows[first : first + _AT_ONCE]
        volumes = records.volumes_by_urn([one.volume_urn for one in some])
        found += [_unit(one, volumes) for one in some]
    return found


def unit_for(actor: Actor, row: CampaignRow, pk: int) -> UnitRow:
    """One volume of a campaign.

    Raises:
        R-009: it is none of this campaign, or the actor's posts do not cover it.
    """
    one = _units(actor, row, "").filter(pk=pk).first()
    if one is None:
        raise Refusal("R-009", what=f"{row.campaign_no} #{pk}")
    return _unit(one, records.volumes_by_urn([one.volume_urn]))


def notes_of(volume_urn: str) -> list[UnitRow]:
    """Faults of a volume that campaigns noted because it could not be returned then, oldest first."""
    rows = CampaignUnit.objects.filter(volume_urn=volume_urn, verdict=Verdict.FAULT, is_returned=False)
    return [_unit(row, {}) for row in rows.order_by("judged_at", "id")]


def in_hand(actor: Actor, row: CampaignRow) -> int | None:
    """The volume that the actor has in hand: work goes on there."""
    held = CampaignUnit.objects.filter(campaign=row.pk, taken_by=actor.staff_code, verdict__in=UNDECIDED)
    return held.order_by("taken_at", "id").values_list("pk", flat=True).first()


def free_for(actor: Actor, row: CampaignRow, at: dt.datetime) -> QuerySet[CampaignUnit]:
    """Volumes that the actor could take now: nobody holds them, his post covers them, and none of it is his work.

    What was put off comes last, and not to whoever put it off.
    """
    own = Participation.objects.filter(staff_code=actor.staff_code, duty__in=rules.APART)
    in_volume = Item.objects.filter(volume__urn=OuterRef("volume_urn"), urn__in=own.values("unit"))
    rows = CampaignUnit.objects.filter(
        _unheld(at), scopes_on("agency_path", actor, *INSPECTING_POSTS), campaign=row.pk, verdict__in=UNDECIDED
    )
    rows = rows.exclude(verdict=Verdict.PUT_OFF, judged_by=actor.staff_code)
    return (
        rows.exclude(Exists(own.filter(unit=OuterRef("volume_urn"))))
        .exclude(Exists(in_volume))
        .order_by("verdict", "place", "id")
    )


def is_held_by_another(unit: UnitRow, staff_code: str, at: dt.datetime) -> bool:
    """Whether somebody else has a volume in hand and took it not too long ago."""
    return unit.taken_by not in ("", staff_code) and unit.taken_at is not None and unit.taken_at > at - rules.HELD_FOR


def pages_to_look_at(unit: UnitRow, sheet: VolumeSheet) -> tuple[rules.Page, ...]:
    """The pages that must be opened before nothing is found: of the items it is about, else of the whole volume."""
    about = set(unit.items)
    return tuple(
        page for one in sheet.items if not about or one.item.urn in about for page in records.pages_of(one.components)
    )


def progress(actor: Actor, row: CampaignRow, at: dt.datetime) -> Progress:
    """How far a campaign has come; three queries, whatever the number of its volumes."""
    seen = _units(actor, row, "")
    counted: Counter[str] = Counter()
    people: dict[str, Counter[str]] = {}
    for verdict, who, count in (
        seen.values_list("verdict", "judged_by").annotate(count=Count("id")).order_by("verdict", "judged_by")
    ):
        counted[verdict] += count
        if who:
            people.setdefault(who, Counter())[verdict] += count
    return Progress(
        total=sum(counted.values()),
        nothing=counted[Verdict.NOTHING],
        found=counted[Verdict.FAULT],
        returned=seen.filter(is_returned=True).count(),
        put_off=counted[Verdict.PUT_OFF],
        in_hand=seen.filter(verdict__in=UNDECIDED).exclude(taken_by="").exclude(_unheld(at)).count(),
        people=tuple(
            (who, said[Verdict.NOTHING], said[Verdict.FAULT], said[Verdict.PUT_OFF])
            for who, said in sorted(people.items(), key=lambda entry: (-entry[1].total(), entry[0]))
        ),
    )


def report(actor: Actor, row: CampaignRow) -> Report:
    """What a campaign found so far, by agency, category and fault; three queries."""
    seen = _units(actor, row, "")
    found = Counter(
        code for codes in seen.filter(verdict=Verdict.FAULT).values_list("faults", flat=True) for code in set(codes)
    )
    return Report(
        _shares(seen, "agency_code"),
        _shares(seen, "category_code"),
        tuple(sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))),
    )


def _shares(rows: QuerySet[CampaignUnit], by: str) -> tuple[tuple[str, int, int, int], ...]:
    counted = rows.values_list(by).annotate(
        every=Count("id"),
        done=Count("id", filter=~Q(verdict__in=UNDECIDED)),
        found=Count("id", filter=Q(verdict=Verdict.FAULT)),
    )
    return tuple((code, every, done, found) for code, every, done, found in counted.order_by(by))


def _reach(actor: Actor) -> Q:
    return scopes_on("agency_path", actor, *CAMPAIGN_POSTS)


def _unheld(at: dt.datetime) -> Q:
    return Q(taken_by="") | Q(taken_at__lte=at - rules.HELD_FOR)


def _units(actor: Actor, row: CampaignRow, only: str) -> QuerySet[CampaignUnit]:
    rows = CampaignUnit.objects.filter(_reach(actor), campaign=row.pk)
    if only == "left":
        return rows.filter(verdict="")
    return rows.filter(verdict=only) if only in Verdict.values else rows


def _row(row: Campaign) -> CampaignRow:
    return CampaignRow(
        pk=row.pk,
        campaign_no=row.campaign_no,
        kind=Kind(row.kind),
        name=row.name,
        reason=row.reason,
        selection=rules.read_selection(row.selection),
        fault_code=row.fault_code,
        origin_fault=row.origin_fault,
        agency_path=row.agency_path,
        unit_count=row.unit_count,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        closing_note=row.closing_note,
    )


def _unit(row: CampaignUnit, volumes: Mapping[str, VolumeRow]) -> UnitRow:
    volume = volumes.get(row.volume_urn)
    return UnitRow(
        pk=row.pk,
        place=row.place,
        volume_urn=row.volume_urn,
        reference=volume.reference if volume else row.volume_urn,
        title=volume.title if volume else "",
        state=volume.state if volume else None,
        agency_code=row.agency_code,
        agency_path=row.agency_path,
        category_code=row.category_code,
        items=tuple(row.items),
        score=row.score,
        taken_by=row.taken_by,
        taken_at=row.taken_at,
        verdict=row.verdict,
        is_returned=row.is_returned,
        faults=tuple(row.faults),
        note=row.note,
        judged_by=row.judged_by,
        judged_at=row.judged_at,
    )
