"""What the workshop sees: the volumes that wait for it and those on its benches."""

import datetime as dt
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from anjuan.core import canonical
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post, Route, State
from anjuan.desks.workshop import rules
from anjuan.desks.workshop.models import SelectedVolume, Selection, StationPass, WorkOrder
from anjuan.facilities.condition import queries as condition
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.accounts.queries import people_under, permit
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import RiskGrade, lacking_names, missing_materials
from anjuan.records import queries as records
from anjuan.records.queries import relations
from anjuan.records.rows import ComponentRow, ItemRow, VolumeRow

SCANNING = ("intake.capture", "intake.replace_page")
USING = frozenset({"view", "certificates", "linkage"})  # openings of other purposes are our own work, not use
MOST_OPENINGS = 20_000
MOST_SELECTIONS = 50


@dataclass(frozen=True)
class Undone:
    """A station that was signed and fell again, with the reason."""

    station: str
    done_by: str
    undone_at: dt.datetime | None
    reason: str


@dataclass(frozen=True)
class Sheet:
    """One volume as its workshop page shows it; its order is 0 while it still waits to be taken in."""

    volume: VolumeRow
    items: tuple[ItemRow, ...]
    components: Mapping[str, list[ComponentRow]]
    seen: frozenset[records.Page]
    corrections: tuple[corrections.CorrectionRow, ...]
    order_pk: int
    opened_by: str
    opened_at: dt.datetime | None
    undone: tuple[Undone, ...]
    bench: rules.Bench

    @property
    def pages(self) -> tuple[records.Page, ...]:
        """Every page: component and page number."""
        return tuple(page for item in self.items for page in records.pages_of(self.components[item.urn]))

    @property
    def next_station(self) -> rules.Station | None:
        """The station to be signed next; none when all are."""
        return rules.next_station(stations(), self.bench.done)

    @property
    def places(self) -> Mapping[str, Mapping[int, int]]:
        """Page count of each component by item, for faults to point at."""
        return {urn: {row.pk: row.page_count for row in rows} for urn, rows in self.components.items()}

    def obstacles(self, station: rules.Station, staff_code: str) -> tuple[Obstacle, ...]:
        """What stands between a person and a station's signature."""
        return rules.obstacles(stations(), station, self.bench, staff_code)


@functools.cache
def stations() -> tuple[rules.Station, ...]:
    """The stations in their order. Constant data of the package."""
    text = importlib.resources.files(__package__).joinpath("seed/stations.toml").read_text(encoding="utf-8")
    return tuple(
        rules.Station(
            row["code"],
            row["zh"],
            row["en"],
            frozenset(rules.Need(need) for need in row["needs"]),
            row["apart_from"],
            row["clause"],
        )
        for row in tomllib.loads(text)["station"]
    )


def station(code: str) -> rules.Station:
    """One station.

    Raises:
        R-009: there is none of that code.
    """
    found = next((one for one in stations() if one.code == code), None)
    if found is None:
        raise Refusal("R-009", what=f"工序 station {code[:20]}")
    return found


def enter(actor: Actor) -> None:
    """Whether the actor may open the workshop (加工车间).

    Raises:
        A-001: he works with records, but holds another post.
        R-009: he does not work with records; the desk does not exist for him.
    """
    if actor.holds(Post.PROCESSOR):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=Post.PROCESSOR)
    raise Refusal("R-009", what="加工 workshop")


def waiting(actor: Actor) -> list[VolumeRow]:
    """Re-checked volumes that wait to be taken in, longest waiting first."""
    return records.volumes_at(actor, State.RECHECKED, Post.PROCESSOR, routes=(Route.LEGACY,))


def in_work(actor: Actor) -> list[VolumeRow]:
    """Volumes on the benches, longest there first."""
    return records.volumes_at(actor, State.IN_WORKSHOP, Post.PROCESSOR)


def count_waiting(actor: Actor) -> int:
    """How many volumes wait to be taken in."""
    return records.count_volumes_at(actor, State.RECHECKED, Post.PROCESSOR, routes=(Route.LEGACY,))


def count_in_work(actor: Actor) -> int:
    """How many volumes are on the benches."""
    return records.count_volumes_at(actor, State.IN_WORKSHOP, Post.PROCESSOR)


def passes_of(volume_urns: Sequence[str]) -> Mapping[str, tuple[rules.Pass, ...]]:
    """The stations signed of each volume's open order, in the order of their signing; one query."""
    found: dict[str, list[rules.Pass]] = {urn: [] for urn in volume_urns}
    rows = StationPass.objects.filter(
        order__volume_urn__in=volume_urns, order__finished_at=None, order__abandoned_at=None, undone_at=None
    )
    for row in rows.select_related("order").order_by("done_at", "id"):
        found[row.order.volume_urn].append(rules.Pass(row.station, row.done_by, row.done_at, row.note, row.contents))
    return {urn: tuple(passes) for urn, passes in found.items()}


def sheet(actor: Actor, urn: str) -> Sheet:
    """One volume on the workshop's bench.

    Raises:
        A-001: the actor may see it, but is no workshop operator over its agency.
        R-009: there is none, or the actor may not see it.
        U-001: it neither waits for the workshop nor lies in it.
    """
    volume = records.get_volume_for(actor, urn)
    permit(actor, volume.agency_path, Post.PROCESSOR)
    if volume.state not in (State.RECHECKED, State.IN_WORKSHOP):
        raise Refusal("U-001", reference=volume.reference)
    items = tuple(records.items_of(urn))
    urns = [item.urn for item in items]
    components = records.components_of(urns)
    pages = [page for rows in components.values() for page in records.pages_of(rows)]
    seen = records.looked_at(actor, pages)
    order = WorkOrder.objects.filter(volume_urn=urn, finished_at=None, abandoned_at=None).first()
    passes = passes_of([urn])[urn]
    scanners = {one.done_by for one in passes if one.station == stations()[0].code}
    fallen = StationPass.objects.filter(order=order).exclude(undone_at=None).order_by("undone_at", "id")
    return Sheet(
        volume=volume,
        items=items,
        components=components,
        seen=seen,
        corrections=tuple(corrections.of_units([urn, *urns])),
        order_pk=order.pk if order else 0,
        opened_by=order.opened_by if order else "",
        opened_at=order.opened_at if order else None,
        undone=tuple(Undone(row.station, row.done_by, row.undone_at, row.undone_reason) for row in fallen),
        bench=rules.Bench(
            reference=volume.reference,
            items=_scanned(items, components),
            pages=len(pages),
            seen=len(seen),
            contents=_contents(items, components),
            makers=journal.doers_of(urns, SCANNING) | scanners,
            passes=passes,
        ),
    )


def _scanned(items: Sequence[ItemRow], components: Mapping[str, list[ComponentRow]]) -> tuple[rules.Scanned, ...]:
    steps, answers = (
        schedule.stepbook(item.step_code for item in items),
        schedule.circumstances_of([item.urn for item in items]),
    )
    found = []
    for item in items:
        pages: dict[str, int] = {}
        for row in components[item.urn]:
            pages[row.material_code] = pages.get(row.material_code, 0) + row.page_count
        materials = steps.of(item.step_code, item.registered_at).materials
        missing = missing_materials(materials, pages, answers[item.urn])
        found.append(
            rules.Scanned(
                item.reference,
                item.paper_pages,
                sum(pages.values()),
                lacking_names(missing),
            )
        )
    return tuple(found)


def _contents(items: Sequence[ItemRow], components: Mapping[str, list[ComponentRow]]) -> str:
    return canonical.digest(
        [[item.urn, item.paper_pages, [row.sha512 for row in components[item.urn]]] for item in items]
    )


@dataclass(frozen=True)
class SelectionRow:
    """One selection: by what it was made, and what was chosen."""

    uid: str
    criteria: rules.Criteria
    powers: rules.Powers
    offered: int
    opened_by: str
    opened_at: dt.datetime
    volumes: tuple["SelectedRow", ...]


@dataclass(frozen=True)
class SelectedRow:
    """A volume that was chosen, and why."""

    volume_urn: str
    reference: str
    place: int
    score: int
    uses: int
    risk: int
    damage_grade: int
    age_years: int


def powers() -> rules.Powers:
    """The formula of this house (待核实)."""
    return rules.powers_of(settings.ANJUAN_SELECTION_POWERS)


def ranking(actor: Actor, criteria: rules.Criteria, *, this_year: int) -> tuple[rules.Ranked, ...]:
    """What waits for the workshop and answers the criteria, what ought to be scanned first at the front.

    A number of statements that does not grow with the volumes.

    Raises:
        A-001, R-009: see `enter`.
    """
    enter(actor)
    return rules.ranked(_weighed(waiting(actor)), criteria, this_year=this_year, powers=powers())


def selections(actor: Actor) -> list[SelectionRow]:
    """The newest selections of volumes that the actor's posts cover.

    Raises:
        A-001, R-009: see `enter`.
    """
    enter(actor)
    under = people_under(actor, Post.PROCESSOR)
    rows = Selection.objects.filter(opened_by__in={*under, actor.staff_code}).order_by("-id")[:MOST_SELECTIONS]
    found: dict[int, list[SelectedRow]] = {row.pk: [] for row in rows}
    for one in SelectedVolume.objects.filter(selection__in=list(found)).order_by("place", "id"):
        found[one.selection_id].append(
            SelectedRow(
                one.volume_urn,
                one.reference,
                one.place,
                one.score,
                one.uses,
                one.risk,
                one.damage_grade,
                one.age_years,
            )
        )
    return [
        SelectionRow(
            row.uid,
            rules.Criteria(**row.criteria),
            rules.powers_of(row.powers),
            row.offered,
            row.opened_by,
            row.opened_at,
            tuple(found[row.pk]),
        )
        for row in rows
    ]


def _weighed(volumes: Sequence[VolumeRow]) -> list[rules.Waiting]:
    members = relations.members_of([volume.urn for volume in volumes])
    items = [urn for held in members.values() for urn, _ in held]
    worst = condition.worst_of([*members, *items])
    risks = {step.code: step.risk for step in schedule.steps()}
    related = relations.akin(items)
    used: dict[str, int] = {}
    everything = sorted({urn for found in related.values() for urn in found})
    for visit in journal.visits(everything, limit=MOST_OPENINGS):
        if visit.purpose in USING:
            used[visit.unit] = used.get(visit.unit, 0) + 1
    weighed = []
    for volume in volumes:
        held = members[volume.urn]
        theirs = frozenset().union(*(related[urn] for urn, _ in held))
        weighed.append(
            rules.Waiting(
                urn=volume.urn,
                reference=volume.reference,
                category=volume.category_code,
                steps=frozenset(step for _, step in held),
                year=volume.year,
                agency=volume.agency_code,
                risk=max(
                    (risks.get(step, RiskGrade.MEDIUM) for _, step in held),
                    key=lambda grade: rules.RISK_POINTS[grade],
                    default=RiskGrade.LOW,
                ),
                damage_grade=max((worst.get(urn, 0) for urn in (volume.urn, *(urn for urn, _ in held))), default=0),
                uses=sum(used.get(urn, 0) for urn in theirs),
            )
        )
    return weighed
