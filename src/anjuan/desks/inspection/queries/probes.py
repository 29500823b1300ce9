"""Exercises on copies (测评): what there is to copy from, who may see which sample, and what it says of whom.

Samples lie in tables and files of their own. No record, search, package or statistic of work knows them.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from anjuan.core import sampling
from anjuan.core.assurance import Outcome
from anjuan.core.detection import injection
from anjuan.core.detection.injection import Mark, Score, Sheet, Truth
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Arrangement, Post, State
from anjuan.desks.inspection.models import Probe, ProbeAnswer, ProbeLook, ProbeSet
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.formats.queries import MEASURED_MIMES
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow, VolumeRow

PREPARING_POSTS = (Post.RECHECKER, Post.SUPERVISOR)  # of the archive itself: acceptors do not measure themselves
TAKING_POSTS = (Post.ACCEPTOR,)
Verdict = ProbeAnswer.Verdict
_MOST_VOLUMES = 2000  # the longest held
_ENOUGH_PAGES, _MOST_PAGES = 4, 10
_VOLUMES_AT_ONCE = 40


@dataclass(frozen=True)
class SourcePage:
    """A page of a record that may be copied, and where its copy would come from."""

    item_urn: str
    component_pk: int
    sha512: str
    page_no: int
    turn: int
    sheet: Sheet


@dataclass(frozen=True)
class Source:
    """Some items of one volume, as one sample is copied from them."""

    agency_path: str
    pages: tuple[SourcePage, ...]
    catalogue: tuple[tuple[str, str, int], ...]  # name, English name and pages of each material


@dataclass(frozen=True)
class SetRow:
    """A set of samples as pages list it; ``mine`` and ``answered`` are those of who asks."""

    pk: int
    set_no: str
    made_by: str
    made_at: dt.datetime
    is_closed: bool
    probes: int
    ready: int
    mine: int
    answered: int


@dataclass(frozen=True)
class ProbeRow:
    """One sample. Whoever shows it to a person who answers keeps ``truth`` and ``said`` to himself."""

    pk: int
    set_no: str
    place: int
    made_by: str
    is_closed: bool
    is_prepared: bool
    agency_path: str
    source: tuple[SourcePage, ...]
    catalogue: tuple[tuple[str, str, int], ...]
    copies: tuple[injection.Copy, ...]
    truth: tuple[Truth, ...]
    said: tuple[tuple[str, int, Outcome], ...]

    @property
    def does_count_differ(self) -> bool:
        """Whether it has another number of pages than its catalogue says."""
        return len(self.copies) != len(self.source)

    def score(self, marks: Iterable[Mark]) -> Score:
        """What of its faults was named."""
        return injection.score(self.truth, marks, does_count_differ=self.does_count_differ)


# Who may -----------------------------------------------------------------------------------------------------------


def is_preparer(actor: Actor) -> bool:
    """Whether the actor has samples prepared and sees everybody's results."""
    return actor.holds(*PREPARING_POSTS) and actor.covers(accounts.archive_path(), *PREPARING_POSTS)


def knows_truth(actor: Actor, made_by: str) -> bool:
    """Whether the actor prepared a set, or may see everybody's results: then his own answer says nothing."""
    return made_by == actor.staff_code or is_preparer(actor)


def enter(actor: Actor) -> None:
    """Whether the exercises are any business of the actor's.

    Raises:
        A-001: he works with records, but neither accepts nor supervises acceptance.
        R-009: he does not work with records; the page does not exist for him.
    """
    if actor.holds(*TAKING_POSTS) or is_preparer(actor):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=(*TAKING_POSTS, *PREPARING_POSTS))
    raise Refusal("R-009", what="测评 exercise")


def sets(actor: Actor) -> list[SetRow]:
    """The sets there are, the newest first; for one who answers, those with a sample he may see."""
    enter(actor)
    sees_all = is_preparer(actor)
    answered = Counter(
        ProbeAnswer.objects.filter(staff_code=actor.staff_code).values_list("probe__probe_set_id", flat=True)
    )
    probes: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for pk, path, at in Probe.objects.values_list("probe_set_id", "agency_path", "prepared_at"):
        probes[pk].append((path, at is not None))
    rows = []
    for row in ProbeSet.objects.order_by("-id"):
        mine = sum(ready and actor.covers(path, *TAKING_POSTS) for path, ready in probes[row.pk])
        if sees_all or row.made_by == actor.staff_code:
            mine = 0
        if sees_all or mine:
            rows.append(
                SetRow(
                    row.pk,
                    row.set_no,
                    row.made_by,
                    row.made_at,
                    row.closed_at is not None,
                    len(probes[row.pk]),
                    sum(ready for _, ready in probes[row.pk]),
                    mine,
                    answered[row.pk],
                )
            )
    return rows


def get_set(actor: Actor, set_no: str) -> SetRow:
    """One set.

    Raises:
        A-001: exercises are not the actor's business.
        R-009: there is none that he may see.
    """
    found = next((row for row in sets(actor) if row.set_no == set_no), None)
    if found is None:
        raise Refusal("R-009", what=set_no[:30])
    return found


def is_revealed(actor: Actor, row: SetRow) -> bool:
    """Whether the actor may see how he did: once nothing of the set is left for him, or nobody answers any more."""
    return is_preparer(actor) or row.is_closed or row.answered >= row.mine


def revealed_set(actor: Actor, set_no: str) -> SetRow:
    """One set whose results the actor may see.

    Raises:
        A-001: exercises are not the actor's business.
        Q-052: he has not answered all of it.
        R-009: there is none that he may see.
    """
    found = get_set(actor, set_no)
    if not is_revealed(actor, found):
        raise Refusal("Q-052", set_no=set_no)
    return found


def prepared_set(actor: Actor, set_no: str) -> SetRow:
    """One set as who prepares sets may steer it.

    Raises:
        A-001: the actor prepares none.
        R-009: there is none.
    """
    found = get_set(actor, set_no)
    if not is_preparer(actor):
        raise Refusal("A-001", posts=PREPARING_POSTS)
    return found


def probes_of(actor: Actor, set_no: str) -> list[ProbeRow]:
    """The samples of a set that the actor answers, in order."""
    found = get_set(actor, set_no)
    if knows_truth(actor, found.made_by):
        return []
    rows = Probe.objects.filter(
        accounts.scopes_on("agency_path", actor, *TAKING_POSTS), probe_set_id=found.pk
    ).select_related("probe_set")
    return [row_of(row) for row in rows.exclude(prepared_at=None).order_by("place")]


def get_probe(actor: Actor, set_no: str, place: int) -> ProbeRow:
    """One sample that the actor may answer.

    Raises:
        A-001: exercises are not the actor's business.
        Q-047: he made the set himself, or sees everybody's results.
        Q-051: it is not prepared yet.
        R-009: there is none that he may see.
    """
    found = _visible(actor, set_no, place)
    if not actor.covers(found.agency_path, *TAKING_POSTS):
        raise Refusal("A-001", posts=TAKING_POSTS)
    if knows_truth(actor, found.made_by):
        raise Refusal("Q-047", set_no=set_no)
    if not found.is_prepared:
        raise Refusal("Q-051", set_no=set_no)
    return found


def page_file(actor: Actor, set_no: str, place: int, page: int) -> tuple[ProbeRow, Path]:
    """Where a page of a sample lies, for those who answer it and those who supervise.

    Raises:
        M-009: it has no such page.
        R-009: there is no such sample that the actor may see.
    """
    found = _visible(actor, set_no, place)
    if not 1 <= page <= len(found.copies):
        raise Refusal("M-009", page=page)
    path = file_of(set_no, place, page)
    if not path.is_file():
        raise Refusal("R-009", what=set_no)
    return found, path


def folder_of(set_no: str) -> Path:
    """Where the copies of a set lie: beside the store, never in it."""
    return Path(settings.ANJUAN_HOME) / "probes" / set_no


def file_of(set_no: str, place: int, page: int) -> Path:
    """Where one copy lies."""
    return folder_of(set_no) / f"{place:03}-{page:02}.jpg"


def probe_at(set_no: str, place: int) -> ProbeRow | None:
    """One sample, rights not judged: for the worker that prepares it."""
    row = Probe.objects.select_related("probe_set").filter(probe_set__set_no=set_no, place=place).first()
    return row_of(row) if row else None


def places_to_prepare(set_no: str) -> list[int]:
    """The samples of a set that wait to be prepared."""
    rows = Probe.objects.filter(probe_set__set_no=set_no, prepared_at=None)
    return list(rows.order_by("place").values_list("place", flat=True))


def seen_pages(actor: Actor, probe: ProbeRow) -> frozenset[int]:
    """Which pages of a sample the actor has opened."""
    rows = ProbeLook.objects.filter(probe_id=probe.pk, staff_code=actor.staff_code)
    return frozenset(rows.values_list("page_no", flat=True))


def answered_places(actor: Actor, set_no: str) -> frozenset[int]:
    """Which samples of a set the actor has answered."""
    rows = ProbeAnswer.objects.filter(probe__probe_set__set_no=set_no, staff_code=actor.staff_code)
    return frozenset(rows.values_list("probe__place", flat=True))


def _visible(actor: Actor, set_no: str, place: int) -> ProbeRow:
    enter(actor)
    found = probe_at(set_no, place)
    if found is None or not (is_preparer(actor) or actor.covers(found.agency_path, *TAKING_POSTS)):
        raise Refusal("R-009", what=set_no[:30])
    return found


def row_of(row: Probe) -> ProbeRow:
    """Frozen view of a sample."""
    return ProbeRow(
        pk=row.pk,
        set_no=row.probe_set.set_no,
        place=row.place,
        made_by=row.probe_set.made_by,
        is_closed=row.probe_set.closed_at is not None,
        is_prepared=row.prepared_at is not None,
        agency_path=row.agency_path,
        source=tuple(
            SourcePage(urn, pk, sha512, page, turn, Sheet(material, is_main))
            for urn, pk, sha512, page, turn, material, is_main in row.source
        ),
        catalogue=tuple((zh, en, count) for zh, en, count in row.catalogue),
        copies=tuple(injection.Copy(*kept) for kept in row.copies),
        truth=tuple(Truth(*kept) for kept in row.truth),
        said=tuple((code, page, Outcome(outcome)) for code, page, outcome in row.said),
    )


# What to copy from ---------------------------------------------------------------------------------------------------


def sources(actor: Actor, count: int, seed: str) -> list[Source]:
    """What a set is copied from: held volumes with images that the actor may see, the seed's choice (取样).

    Volumes in whose images the machine finds anything are passed over, so that what counts as clean is clean as far as
    is known; so are dossiers, which have readers of their own.
    """
    volumes = {
        volume.urn: volume
        for volume in records.volumes_at(actor, State.HELD, *PREPARING_POSTS, limit=_MOST_VOLUMES)
        if volume.is_imaged and volume.arrangement is Arrangement.BY_VOLUME
    }
    found: list[Source] = []
    order = sampling.draw(list(volumes), len(volumes), seed)
    for first in range(0, len(order), _VOLUMES_AT_ONCE):
        some = order[first : first + _VOLUMES_AT_ONCE]
        doubted = {
            urn: {row.finding.item_urn for row in rows if row.fault.code.startswith("I")}
            for urn, rows in findings.found_in(some).items()
        }
        # One of each volume before a second of any: a set shows many hands.
        groups = [_sources_in(volumes[urn], doubted.get(urn, set())) for urn in some]
        for depth in range(max(map(len, groups), default=0)):
            found += [group[depth] for group in groups if depth < len(group)]
        if len(found) >= count:
            break
    return found[:count]


def _sources_in(volume: VolumeRow, doubted: set[str]) -> list[Source]:
    items = records.items_of(volume.urn)
    components = records.components_of([item.urn for item in items])
    steps = schedule.stepbook({item.step_code for item in items})
    made: list[Source] = []
    pages: list[SourcePage] = []
    catalogue: list[tuple[str, str, int]] = []
    for item in items:
        rows = components[item.urn]
        images = sum(row.page_count for row in rows)
        is_fit = (
            item.urn not in doubted
            and 0 < images == item.paper_pages <= _MOST_PAGES
            and all(row.mime in MEASURED_MIMES for row in rows)
        )
        if not is_fit or len(pages) + images > _MOST_PAGES:
            pages, catalogue = [], []
        if not is_fit:
            continue
        listed = {one.code: one for one in steps.of(item.step_code, item.registered_at).materials}
        for row in rows:
            one = listed.get(row.material_code)
            pages += _pages_of(item, row, is_main=one is not None and one.is_main)
            catalogue.append(
                (one.name if one else row.material_code, one.name_en if one else row.material_code, row.page_count)
            )
        if len(pages) >= _ENOUGH_PAGES:
            made.append(Source(volume.agency_path, tuple(pages), tuple(catalogue)))
            pages, catalogue = [], []
    if len(pages) > 1:
        made.append(Source(volume.agency_path, tuple(pages), tuple(catalogue)))
    return made


def _pages_of(item: ItemRow, row: ComponentRow, *, is_main: bool) -> list[SourcePage]:
    return [
        SourcePage(item.urn, row.pk, row.sha512, page, row.turns.get(page, 0), Sheet(row.material_code, is_main))
        for page in range(1, row.page_count + 1)
    ]


def kept(marks: Iterable[Mark]) -> list[list[Any]]:
    """Marks as their row keeps them."""
    return [[mark.page, mark.code] for mark in sorted(set(marks), key=lambda mark: (mark.page, mark.code))]
