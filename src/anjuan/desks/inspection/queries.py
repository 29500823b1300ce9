"""What the checking posts see: self-checker, acceptor, re-checker."""

import datetime as dt
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Duty, Post, State
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.models import RecheckDraw, SelfCheck
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.models import Component, Participation
from anjuan.records.rows import ComponentRow, ItemRow, PageLedger, SubjectRow, VolumeRow, volume_ledger

INSPECTING_POSTS = (Post.CHECKER, Post.ACCEPTOR, Post.RECHECKER)


@dataclass(frozen=True)
class ItemSheet:
    """One item of a volume as the judge view shows it."""

    item: ItemRow
    components: tuple[ComponentRow, ...]
    subjects: tuple[SubjectRow, ...]


@dataclass(frozen=True)
class VolumeSheet:
    """One volume as the judge view shows it: items, pages, ledger, what was found before."""

    volume: VolumeRow
    items: tuple[ItemSheet, ...]
    corrections: tuple[corrections.CorrectionRow, ...]
    ledger: PageLedger

    @property
    def pages(self) -> tuple[rules.Page, ...]:
        """Every page: component and page number."""
        return tuple(page for sheet in self.items for page in records.pages_of(sheet.components))

    @property
    def places(self) -> Mapping[str, Mapping[int, int]]:
        """Page count of each component by item, for faults to point at."""
        return {sheet.item.urn: {row.pk: row.page_count for row in sheet.components} for sheet in self.items}

    @property
    def open_faults(self) -> int:
        """Faults that wait for an answer."""
        return sum(row.is_open for row in self.corrections)

    @property
    def urns(self) -> tuple[str, ...]:
        """The volume and its items."""
        return (self.volume.urn, *(sheet.item.urn for sheet in self.items))


@dataclass(frozen=True)
class DrawRow:
    """A drawn re-check as pages see it."""

    draw_no: str
    agency_code: str
    acceptor_code: str
    lot: tuple[str, ...]
    drawn: tuple[str, ...]
    percent: int
    seed: str
    checkpoint_size: int
    drawn_at: dt.datetime
    passed_at: dt.datetime | None


@dataclass(frozen=True)
class Lot:
    """Received volumes that one acceptor accepted from one agency, waiting for their re-check."""

    agency_code: str
    agency_path: str
    acceptor_code: str
    volumes: tuple[VolumeRow, ...]


@functools.cache
def checklist() -> tuple[rules.Check, ...]:
    """The lines of the self-check. Constant data of the package."""
    text = importlib.resources.files(__package__).joinpath("seed/checklist.toml").read_text(encoding="utf-8")
    return tuple(
        rules.Check(row["code"], row["zh"], row["en"], row["clause"], row["auto"])
        for row in tomllib.loads(text)["check"]
    )


def enter(actor: Actor, post: Post) -> None:
    """Whether the actor may open the queue of a checking post.

    Raises:
        A-001: he works with records, but holds another post.
        R-009: he does not work with records; the desk does not exist for him.
    """
    if actor.holds(post):
        return
    if actor.holds(*records.RECORD_POSTS):
        raise Refusal("A-001", posts=post)
    raise Refusal("R-009", what="质检 inspection")


def bench(actor: Actor, urn: str, post: Post) -> VolumeSheet:
    """One volume as the holder of a checking post judges it.

    Raises:
        A-001: the actor may see it, but does not hold the post over its agency.
        R-009: there is none, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, post)
    return found


def inspected(actor: Actor, urn: str) -> VolumeSheet:
    """One volume as any checking post may read it.

    Raises:
        A-001: the actor may see it, but holds no checking post over its agency.
        R-009: there is none, or the actor may not see it.
    """
    found = sheet(actor, urn)
    permit(actor, found.volume.agency_path, *INSPECTING_POSTS)
    return found


def to_self_check(actor: Actor) -> list[VolumeRow]:
    """Sealed volumes that wait for the self-check."""
    return records.volumes_at(actor, State.FILED, Post.CHECKER)


def to_pre_accept(actor: Actor) -> list[VolumeRow]:
    """Volumes applied for transfer that wait for pre-acceptance."""
    return records.volumes_at(actor, State.APPLIED, Post.ACCEPTOR)


def count_to_self_check(actor: Actor) -> int:
    """How many volumes wait for the self-check."""
    return records.count_volumes_at(actor, State.FILED, Post.CHECKER)


def count_to_pre_accept(actor: Actor) -> int:
    """How many volumes wait for pre-acceptance."""
    return records.count_volumes_at(actor, State.APPLIED, Post.ACCEPTOR)


def count_to_recheck(actor: Actor) -> int:
    """How many volumes wait for the re-check."""
    return records.count_volumes_at(actor, State.RECEIVED, Post.RECHECKER)


def sheet(actor: Actor, urn: str) -> VolumeSheet:
    """One volume as the judge view shows it.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, urn)
    items = records.items_of(urn)
    urns = [item.urn for item in items]
    components = records.components_of(urns)
    subjects = records.subjects_of(urns)
    return VolumeSheet(
        volume,
        tuple(ItemSheet(item, tuple(components[item.urn]), tuple(subjects[item.urn])) for item in items),
        tuple(corrections.of_units([urn, *urns])),
        volume_ledger(volume, items, (row for rows in components.values() for row in rows)),
    )


def counts_of(volume: VolumeSheet) -> rules.Counts:
    """What the machine knows for the checklist."""
    steps = {step.code: step for step in schedule.steps()}
    missing = 0
    for item_sheet in volume.items:
        main = {material.code for material in steps[item_sheet.item.step_code].materials if material.is_main}
        if main and not main & {row.material_code for row in item_sheet.components}:
            missing += 1
    return rules.Counts(
        paper=volume.ledger.paper,
        images=volume.ledger.images,
        catalogue=volume.ledger.catalogue,
        items_with_other_counts=sum(
            item_sheet.item.paper_pages != sum(row.page_count for row in item_sheet.components)
            for item_sheet in volume.items
        ),
        items_without_main_form=missing,
        terms_settled_or_marked=all(item_sheet.item.term == volume.volume.term for item_sheet in volume.items),
    )


def latest_self_check(volume_urn: str) -> SelfCheck | None:
    """The newest signed self-check of a volume."""
    return SelfCheck.objects.filter(volume_urn=volume_urn).order_by("-signed_at", "-id").first()


def is_under_draw(urns: Sequence[str]) -> bool:
    """Whether any of these volumes belongs to a draw that is not passed yet."""
    wanted = set(urns)
    return any(wanted & set(draw.lot) for draw in RecheckDraw.objects.filter(passed_at=None).order_by("id"))


def lots(actor: Actor) -> list[Lot]:
    """Lots that wait to be drawn from: per agency and acceptor, without those already drawn."""
    under_draw = {urn for draw in RecheckDraw.objects.filter(passed_at=None).order_by("id") for urn in draw.lot}
    waiting = [
        volume
        for volume in records.volumes_at(actor, State.RECEIVED, Post.RECHECKER, limit=2000)
        if volume.urn not in under_draw
    ]
    acceptors = _acceptors_of([volume.urn for volume in waiting])
    found: dict[tuple[str, str], list[VolumeRow]] = {}
    for volume in waiting:
        found.setdefault((volume.agency_code, acceptors.get(volume.urn, "")), []).append(volume)
    return [
        Lot(agency, volumes[0].agency_path, acceptor, tuple(volumes))
        for (agency, acceptor), volumes in sorted(found.items())
    ]


def draws(actor: Actor) -> list[DrawRow]:
    """Re-checks under way that the actor may judge, oldest first."""
    rows = RecheckDraw.objects.filter(passed_at=None).order_by("drawn_at", "id")
    mine = {volume.urn for volume in records.volumes_at(actor, State.RECEIVED, Post.RECHECKER, limit=2000)}
    return [_draw(row) for row in rows if set(row.lot) & mine]


def draw(actor: Actor, draw_no: str) -> DrawRow:
    """One drawn re-check.

    Raises:
        R-009: there is none, or the actor is no re-checker over it.
    """
    row = RecheckDraw.objects.filter(draw_no=draw_no).first()
    if row is None:
        raise Refusal("R-009", what=draw_no)
    volumes = records.volumes_by_urn(row.lot)
    for volume in volumes.values():
        permit(actor, volume.agency_path, Post.RECHECKER)
    return _draw(row)


def pages_of_drawn(row: DrawRow) -> Mapping[str, tuple[rules.Page, ...]]:
    """Every page of the drawn volumes, by volume, in one query: for counting what was looked at."""
    found: dict[str, list[rules.Page]] = {urn: [] for urn in row.drawn}
    parts = Component.objects.filter(item__volume__urn__in=row.drawn, superseded_at=None)
    for urn, pk, count in parts.order_by("item__item_no", "ordinal", "id").values_list(
        "item__volume__urn", "pk", "page_count"
    ):
        found[urn].extend((pk, number) for number in range(1, count + 1))
    return {urn: tuple(pages) for urn, pages in found.items()}


def judged_pages(volumes: Sequence[VolumeSheet]) -> tuple[rules.Page, ...]:
    """All pages of several volumes."""
    return tuple(page for volume in volumes for page in volume.pages)


def references_of(urns: Sequence[str]) -> Mapping[str, str]:
    """档号 by URN, for pages that list a draw."""
    return {urn: row.reference for urn, row in records.volumes_by_urn(urns).items()}


def _acceptors_of(urns: Sequence[str]) -> Mapping[str, str]:
    """Who accepted each volume, the first by staff code where several did; one query for all."""
    taken: dict[str, str] = {}
    rows = Participation.objects.filter(unit__in=urns, duty=Duty.ACCEPTED).order_by("staff_code", "id")
    for unit, staff_code in rows.values_list("unit", "staff_code"):
        taken.setdefault(unit, staff_code)
    return taken


def _draw(row: RecheckDraw) -> DrawRow:
    return DrawRow(
        row.draw_no,
        row.agency_code,
        row.acceptor_code,
        tuple(row.lot),
        tuple(row.drawn),
        row.percent,
        row.seed,
        row.checkpoint_size,
        row.drawn_at,
        row.passed_at,
    )
