"""What the checking posts see: self-checker, acceptor, re-checker."""

import dataclasses
import datetime as dt
import functools
import importlib.resources
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Duty, Post, Route, State
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.models import InspectedLot, PaperCheck, SampleDraw, SelfCheck
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.assurance.queries.findings import FoundRow
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.models import Component, Participation
from anjuan.records.rows import ComponentRow, ItemRow, PageLedger, SubjectRow, VolumeRow, volume_ledger

INSPECTING_POSTS = (Post.CHECKER, Post.ACCEPTOR, Post.RECHECKER)
DrawKind = SampleDraw.Kind
DRAWING_POSTS = {DrawKind.SPOT: Post.ACCEPTOR, DrawKind.RECHECK: Post.RECHECKER}
IMAGED = (Route.TARGET, Route.SINGLE_SET)
# Where the re-check meets a volume: after its receipt, or, where paper came first, after its acceptance.
_RECHECKED_AT = ((State.RECEIVED, IMAGED), (State.ACCEPTED, (Route.LEGACY,)))
# Where paper is counted, and whose post it is.
PAPER_POSTS = {State.APPLIED: Post.ACCEPTOR, State.RECEIVED: Post.ACCEPTOR, State.ACCEPTED: Post.RECHECKER}


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

    kind: DrawKind
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
    """Volumes of one agency and category that wait to be drawn from: for the spot check, or for the re-check those that
    one person accepted.
    """

    agency_code: str
    agency_path: str
    acceptor_code: str
    volumes: tuple[VolumeRow, ...]
    on_paper: bool = False
    category_code: str = ""

    @property
    def category_name(self) -> str:
        """The category of its volumes, in words."""
        return self.volumes[0].category_name


@functools.cache
def checklist() -> tuple[rules.Check, ...]:
    """The lines of the self-check. Constant data of the package."""
    page = importlib.resources.files("anjuan.desks.inspection").joinpath("seed/checklist.toml")
    return tuple(
        rules.Check(row["code"], row["zh"], row["en"], row["clause"], row["auto"])
        for row in tomllib.loads(page.read_text(encoding="utf-8"))["check"]
    )


def checklist_of(volume: VolumeRow) -> tuple[rules.Check, ...]:
    """The lines of the self-check of this volume: main forms that are not scanned yet are looked for by a person."""
    by_hand = {"MAIN_FORM"} if volume.route is Route.LEGACY else set()
    return tuple(dataclasses.replace(check, auto=check.auto and check.code not in by_hand) for check in checklist())


def enter(actor: Actor, post: Post) -> None:
    """Whether the actor may open the queue of a checking post.

    Raises:
        A-001: he works with records, but holds another post.
        R-009: he does not work with records; the desk does not exist for him.
    """
    if actor.holds(post):
        return
    if actor.holds(*RECORD_POSTS):
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


def paper_bench(actor: Actor, urn: str) -> VolumeSheet:
    """One volume as the person counts it whose turn it is.

    Raises:
        A-001: the actor does not hold the post whose turn it is.
        Q-008: the volume is not counted on paper at this stage.
        R-009: there is none, or the actor may not see it.
    """
    found = inspected(actor, urn)
    post = PAPER_POSTS.get(found.volume.state)
    if found.volume.route is not Route.LEGACY or post is None:
        raise Refusal("Q-008", reference=found.volume.reference)
    permit(actor, found.volume.agency_path, post)
    return found


def to_self_check(actor: Actor) -> list[VolumeRow]:
    """Sealed volumes that wait for the self-check."""
    return records.volumes_at(actor, State.FILED, Post.CHECKER)


def to_pre_accept(actor: Actor) -> list[VolumeRow]:
    """Volumes applied for transfer that wait for pre-acceptance by their images."""
    return records.volumes_at(actor, State.APPLIED, Post.ACCEPTOR, routes=IMAGED)


def to_accept(actor: Actor) -> list[VolumeRow]:
    """Received paper that waits for acceptance, volume by volume (验收)."""
    return records.volumes_at(actor, State.RECEIVED, Post.ACCEPTOR, routes=(Route.LEGACY,))


def count_to_accept(actor: Actor) -> int:
    """How much received paper waits for acceptance."""
    return records.count_volumes_at(actor, State.RECEIVED, Post.ACCEPTOR, routes=(Route.LEGACY,))


def count_to_self_check(actor: Actor) -> int:
    """How many volumes wait for the self-check."""
    return records.count_volumes_at(actor, State.FILED, Post.CHECKER)


def count_to_pre_accept(actor: Actor) -> int:
    """How many volumes wait for pre-acceptance."""
    return records.count_volumes_at(actor, State.APPLIED, Post.ACCEPTOR, routes=IMAGED)


def count_to_spot_check(actor: Actor) -> int:
    """How many paper-first volumes wait for the spot check."""
    return records.count_volumes_at(actor, State.APPLIED, Post.ACCEPTOR, routes=(Route.LEGACY,))


def count_to_recheck(actor: Actor) -> int:
    """How many volumes wait for the re-check."""
    return sum(records.count_volumes_at(actor, state, Post.RECHECKER, routes=routes) for state, routes in _RECHECKED_AT)


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
    steps = schedule.stepbook(one.item.step_code for one in volume.items)
    missing = 0
    for item_sheet in volume.items:
        materials = steps.of(item_sheet.item.step_code, item_sheet.item.registered_at).materials
        main = {material.code for material in materials if material.is_main}
        if item_sheet.item.is_imaged and main and not main & {row.material_code for row in item_sheet.components}:
            missing += 1
    return rules.Counts(
        paper=volume.ledger.paper,
        images=volume.ledger.images,
        catalogue=volume.ledger.catalogue,
        items_with_other_counts=sum(
            item_sheet.item.is_imaged
            and item_sheet.item.paper_pages != sum(row.page_count for row in item_sheet.components)
            for item_sheet in volume.items
        ),
        items_without_main_form=missing,
        terms_settled_or_marked=volume.volume.term == retention.longest([one.item.term for one in volume.items]),
    )


def latest_self_check(volume_urn: str) -> SelfCheck | None:
    """The newest signed self-check of a volume."""
    return SelfCheck.objects.filter(volume_urn=volume_urn).order_by("-signed_at", "-id").first()


def findings_in(volume: VolumeSheet) -> list[FoundRow]:
    """What the machine finds in a volume, and what people said of it; class A first, then in the order of the pages.

    What a person called a fault and the makers have answered since is asked anew: somebody looks whether it is mended.
    """
    urn = volume.volume.urn
    counted = PaperCheck.objects.filter(
        volume_urn=urn, state=volume.volume.state, state_since=volume.volume.state_since
    ).last()
    rows = findings.found_in([urn], counted={urn: counted.counted} if counted else None)[urn]
    order = {item.item.urn: place for place, item in enumerate(volume.items, 1)}
    rows = [replace(row, verdict="", answered_by="") if _was_answered(row, volume) else row for row in rows]
    return sorted(
        rows,
        key=lambda row: (
            row.fault.grade,
            order.get(row.finding.item_urn, 0),
            row.finding.component_pk or 0,
            row.finding.page_no or 0,
        ),
    )


def _was_answered(row: FoundRow, volume: VolumeSheet) -> bool:
    return row.is_confirmed and any(
        fault.fault.code == row.fault.code
        and (not row.finding.item_urn or fault.item_urn == row.finding.item_urn)
        and not fault.is_open
        and row.answered_at is not None
        and fault.raised_at >= row.answered_at
        for fault in volume.corrections
    )


def against(found: Sequence[FoundRow]) -> list[tuple[str, bool]]:
    """What of the machine's findings stands against passing a volume, as `rules.check_findings` takes it."""
    return [(row.fault.code, row.is_confirmed) for row in found if row.must_be_answered or row.stands]


def self_check_facts(actor: Actor, urn: str) -> Mapping[str, object]:
    """What stands on the printed self-check of a volume (自查表): each line with its answer, and who signed.

    Raises:
        A-001: the actor's post does not handle volumes.
        R-009: there is no such volume, the actor may not see it, or nobody signed.
    """
    volume = records.get_volume_for(actor, urn)
    permit(actor, volume.agency_path, *RECORD_POSTS)
    signed = latest_self_check(urn)
    if signed is None:
        raise Refusal("R-009", what="自查表 self-check")
    said = {"PASS": "合格", "FAIL": "不合格", "NA": "不适用"}
    names = accounts.staff_names({signed.signed_by})
    return {
        "reference_code": volume.reference_code,
        "title": volume.title,
        "signed_by": names.get(signed.signed_by, signed.signed_by),
        "signed_date": timezone.localdate(signed.signed_at).isoformat(),
        "rows": [
            {
                "no": str(place),
                "name": f"{check.zh}（{check.clause}）" if check.clause else check.zh,
                "counted": "系统清点" if check.auto else "",
                "answer": said.get(signed.answers.get(check.code, ""), "—"),
            }
            for place, check in enumerate(checklist_of(volume), 1)
        ],
    }


def is_under_draw(urns: Sequence[str]) -> bool:
    """Whether any of these volumes is frozen for a draw, or belongs to one that is not passed yet."""
    return bool(set(urns) & _taken())


def draw_over(volume_urn: str) -> DrawRow | None:
    """The draw under way that a volume belongs to, if there is one."""
    return next((_draw(row) for row in _under_way() if volume_urn in row.lot), None)


def lots(actor: Actor, kind: DrawKind = DrawKind.RECHECK) -> list[Lot]:
    """Lots that wait to be frozen or drawn from, without those already taken.

    For the spot check: per agency and category. For the re-check: per agency, category, route and acceptor.
    """
    taken = _taken()
    waiting = [volume for volume in _drawable(actor, kind) if volume.urn not in taken]
    acceptors = _acceptors_of([volume.urn for volume in waiting]) if kind is DrawKind.RECHECK else {}
    found: dict[tuple[str, str, bool, str], list[VolumeRow]] = {}
    for volume in waiting:
        on_paper = volume.route is Route.LEGACY
        key = (volume.agency_code, acceptors.get(volume.urn, ""), on_paper, volume.category_code)
        found.setdefault(key, []).append(volume)
    return [
        Lot(agency, volumes[0].agency_path, acceptor, tuple(volumes), on_paper, category)
        for (agency, acceptor, on_paper, category), volumes in sorted(found.items())
    ]


def draws(actor: Actor, kind: DrawKind = DrawKind.RECHECK) -> list[DrawRow]:
    """Draws under way that the actor may judge, oldest first."""
    mine = {volume.urn for volume in _drawable(actor, kind)}
    return [_draw(row) for row in _under_way() if row.kind == kind and set(row.lot) & mine]


def _taken() -> set[str]:
    """Volumes that are frozen for a draw or under one."""
    frozen = InspectedLot.objects.filter(kind=DrawKind.SPOT, finished_at=None).values_list("draw_no", "units")
    drawn = set(SampleDraw.objects.filter(draw_no__in=[no for no, _ in frozen]).values_list("draw_no", flat=True))
    waiting = {urn for no, units in frozen if no not in drawn for urn in units}
    return waiting | {urn for draw in _under_way() for urn in draw.lot}


def _under_way() -> list[SampleDraw]:
    return list(SampleDraw.objects.filter(passed_at=None, emptied_at=None).order_by("drawn_at", "id"))


def _drawable(actor: Actor, kind: DrawKind) -> list[VolumeRow]:
    """Volumes that the actor may draw from, drawn or not."""
    if kind is DrawKind.SPOT:
        return records.volumes_at(actor, State.APPLIED, Post.ACCEPTOR, routes=(Route.LEGACY,), limit=2000)
    return [
        volume
        for state, routes in _RECHECKED_AT
        for volume in records.volumes_at(actor, state, Post.RECHECKER, routes=routes, limit=2000)
    ]


def paper_checked(actor: Actor, volumes: Iterable[VolumeRow]) -> frozenset[str]:
    """Which of these volumes the actor has counted on paper at the stage where they stand; one query."""
    wanted = {volume.urn: volume for volume in volumes}
    rows = PaperCheck.objects.filter(volume_urn__in=wanted, checked_by=actor.staff_code)
    return frozenset(
        row.volume_urn
        for row in rows
        if (row.state, row.state_since) == (wanted[row.volume_urn].state, wanted[row.volume_urn].state_since)
    )


def draw(actor: Actor, draw_no: str) -> DrawRow:
    """One drawn re-check.

    Raises:
        A-001: the actor does not hold the post over its agency.
        R-009: there is none.
    """
    row = SampleDraw.objects.filter(draw_no=draw_no).first()
    if row is None:
        raise Refusal("R-009", what=draw_no)
    volumes = records.volumes_by_urn(row.lot)
    for volume in volumes.values():
        permit(actor, volume.agency_path, DRAWING_POSTS[DrawKind(row.kind)])
    return _draw(row)


def volumes_of(row: DrawRow) -> list[VolumeRow]:
    """The drawn volumes in the order of the draw."""
    found = records.volumes_by_urn(row.drawn)
    return [found[urn] for urn in row.drawn]


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


def _draw(row: SampleDraw) -> DrawRow:
    return DrawRow(
        DrawKind(row.kind),
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
