"""What the transferring and receiving posts see."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post, Route, State
from anjuan.desks.transfer import rules
from anjuan.desks.transfer.models import Batch, BatchVolume, TripStop
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.queries import StoryLine
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow, VolumeRow

BATCH_POSTS = (Post.ARCHIVIST, Post.SUPERVISOR, Post.RECEIVER, Post.ACCEPTOR, Post.RECHECKER)
Stage = Batch.Stage
_BEFORE_WITNESS = (Stage.APPLIED, Stage.SAMPLED)


@dataclass(frozen=True)
class BatchVolumeRow:
    """A volume in a batch."""

    ordinal: int
    volume: VolumeRow
    is_drawn: bool
    witnessed: Mapping[str, bool]
    counted_pages: int | None
    has_left: bool


@dataclass(frozen=True)
class BatchRow:
    """A batch as lists see it."""

    pk: int
    batch_no: str
    agency_code: str
    agency_path: str
    stage: str
    route: Route
    applied_by: str
    applied_at: dt.datetime
    volumes: int
    pages: int
    ready: int
    journal_uid: str
    seed: str
    checkpoint_size: int | None
    witnessed_by: str
    witnessed_at: dt.datetime | None
    dispatched_at: dt.datetime | None
    received_at: dt.datetime | None
    accession_no: str
    fetched_on: dt.date | None


@dataclass(frozen=True)
class BatchSheet:
    """A batch with its volumes, and what stands in the way of its next step."""

    batch: BatchRow
    volumes: tuple[BatchVolumeRow, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def route(self) -> Route:
        """The way its volumes take; a batch has one."""
        return self.batch.route

    @property
    def present(self) -> tuple[BatchVolumeRow, ...]:
        """Volumes still in the batch."""
        return tuple(row for row in self.volumes if not row.has_left)

    @property
    def drawn(self) -> tuple[BatchVolumeRow, ...]:
        """Volumes drawn for the witness."""
        return tuple(row for row in self.present if row.is_drawn)


def enter(actor: Actor, *posts: Post) -> None:
    """Whether the actor may open a page of the transfer desk.

    Raises:
        A-001: he works with records, but holds none of the posts.
        R-009: he does not work with records; the desk does not exist for him.
    """
    wanted = posts or BATCH_POSTS
    if actor.holds(*wanted):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=wanted)
    raise Refusal("R-009", what="移交 transfer")


def may_apply(actor: Actor) -> list[VolumeRow]:
    """Self-checked volumes that can be applied for."""
    return records.volumes_at(actor, State.SELF_CHECKED, Post.ARCHIVIST)


def kept_until(volume: VolumeRow) -> dt.date:
    """The first day on which a paper-first volume may be applied for: its time at the agency runs from its seal."""
    sealed = [line.at for line in journal.story_of(volume.urn, limit=100_000) if line.act == "filing.seal"]
    return rules.kept_until(
        timezone.localdate(min(sealed, default=volume.state_since)), settings.ANJUAN_LEGACY_KEEP_DAYS
    )


def count_may_apply(actor: Actor) -> int:
    """How many volumes can be applied for."""
    return records.count_volumes_at(actor, State.SELF_CHECKED, Post.ARCHIVIST)


def batches(actor: Actor, *stages: str) -> list[BatchRow]:
    """Batches the actor has to do with, newest first; one whose volumes were all sent back is over and left out."""
    rows = Batch.objects.filter(_scope(actor) & _goes_on(actor))
    if stages:
        rows = rows.filter(stage__in=stages)
    return _rows(rows.order_by("-applied_at", "-id")[:100])


def waiting_for(actor: Actor, post: Post) -> list[BatchRow]:
    """Batches whose next step is one post's of the actor, newest first."""
    return _rows(Batch.objects.filter(_scope(actor, post) & _turn(actor, post)).order_by("-applied_at", "-id")[:10])


def count_waiting_for(actor: Actor, post: Post) -> int:
    """How many batches wait for one post of the actor."""
    return Batch.objects.filter(_scope(actor, post) & _turn(actor, post)).count()


def stage_counts(actor: Actor) -> Mapping[str, int]:
    """How many batches stand at each stage."""
    found = Batch.objects.filter(_scope(actor) & _goes_on(actor))
    return dict(found.values_list("stage").annotate(count=Count("id")).order_by("stage"))


def sheet(actor: Actor, batch_no: str) -> BatchSheet:
    """A batch with its volumes.

    Raises:
        R-009: there is none, or the actor has nothing to do with it.
    """
    batch = Batch.objects.filter(_scope(actor), batch_no=batch_no).first()
    if batch is None:
        raise Refusal("R-009", what=batch_no)
    rows = list(BatchVolume.objects.filter(batch=batch).order_by("ordinal"))
    volumes = records.volumes_by_urn(row.volume_urn for row in rows)
    members = tuple(
        BatchVolumeRow(
            row.ordinal,
            volumes[row.volume_urn],
            row.is_drawn,
            dict(row.witnessed or {}),
            row.counted_pages,
            row.left_at is not None or _has_returned(batch, volumes[row.volume_urn]),
        )
        for row in rows
    )
    summary = _rows([batch])[0]
    return BatchSheet(summary, members, _obstacles(summary, members))


def names_for_register(sheet_: BatchSheet) -> Sequence[BatchVolumeRow]:
    """The volumes that stand on the handover register, in order."""
    return sheet_.present


def member(actor: Actor, batch_no: str, volume_urn: str) -> tuple[BatchSheet, BatchVolumeRow, list[ItemRow]]:
    """One volume of a batch with its items, for pointing at a fault.

    Raises:
        R-009: no such batch, or the volume is not in it.
    """
    found = sheet(actor, batch_no)
    row = next((row for row in found.present if row.volume.urn == volume_urn), None)
    if row is None:
        raise Refusal("R-009", what=f"{batch_no} {volume_urn}")
    return found, row, records.items_of(volume_urn)


def story(found: BatchSheet) -> list[StoryLine]:
    """Who did what to the batch and when, volumes sent back included, oldest first (谁在何时做了什么)."""
    lines = journal.story_of(f"batch:{found.batch.batch_no}")
    for row in [row for row in found.volumes if row.has_left][:20]:
        lines += [line for line in journal.story_of(row.volume.urn) if _of_batch(line, found.batch)]
    return sorted(lines, key=lambda line: line.at)


def _of_batch(line: StoryLine, batch: BatchRow) -> bool:
    """Whether a line of a volume's story tells how it left this batch (it may have been in another before)."""
    if line.act == "transfer.refuse_witness":
        return line.values.get("batch_no") == batch.batch_no
    return line.act == "inspection.return_volume" and line.at >= batch.applied_at


def register_facts(found: BatchSheet) -> Mapping[str, object]:
    """What stands on the handover register (移交清册)."""
    rows = names_for_register(found)
    return {
        **_parties(found),
        "date": _day(found.batch.dispatched_at or found.batch.applied_at),
        "handover_type": "正常移交",
        "volume_total": str(len(rows)),
        "item_total": str(sum(row.volume.item_count for row in rows)),
        "page_total": str(sum(row.volume.page_count for row in rows)),
        "rows": [
            {
                "no": str(place),
                "reference_code": row.volume.reference,
                "title": row.volume.title,
                "year": str(row.volume.year),
                "retention": row.volume.term.words(),
                "item_count": str(row.volume.item_count),
                "page_count": str(row.volume.page_count),
            }
            for place, row in enumerate(rows, 1)
        ],
    }


def witness_facts(found: BatchSheet) -> Mapping[str, object]:
    """What stands on the record of the witnessed handover (监交记录).

    Raises:
        T-007: nobody has signed it yet.
    """
    batch = found.batch
    if batch.witnessed_at is None:
        raise Refusal("T-007", batch_no=batch.batch_no)
    lot, drawn = len(found.present), found.drawn
    tick = {True: "相符", False: ""}
    return {
        **_parties(found),
        "date": _day(batch.witnessed_at),
        "volume_total": str(lot),
        "sample_total": str(len(drawn)),
        "ratio": f"{100 * len(drawn) / lot:.0f}%" if lot else "—",
        "seed": f"{batch.seed}（检查点 #{batch.checkpoint_size}）",
        "opinion": "抽查案卷的实体、影像、卷内目录相符。",
        "conclusion": "同意移交",
        "rows": [
            {
                "no": str(place),
                "reference_code": row.volume.reference,
                "title": row.volume.title,
                "paper": tick[row.witnessed.get("paper", False)],
                "images": tick[row.witnessed.get("images", False)],
                "catalogue": tick[row.witnessed.get("contents", False)],
                "result": "合格" if row.witnessed and all(row.witnessed.values()) else "未看",
            }
            for place, row in enumerate(drawn, 1)
        ],
    }


def _parties(found: BatchSheet) -> Mapping[str, object]:
    batch = found.batch
    acts = {line.act: line for line in journal.story_of(f"batch:{batch.batch_no}")}
    names = accounts.staff_names({line.staff_code for line in acts.values()})
    facts: dict[str, object] = {
        "batch_no": batch.batch_no,
        "from_agency": accounts.agency(batch.agency_code).name,
        "to_agency": records.fonds_for(batch.agency_path).agency.name,
    }
    for part, act in (
        ("sent", "transfer.dispatch"),
        ("witnessed", "transfer.witness"),
        ("received", "transfer.receive"),
    ):
        line = acts.get(act)
        facts[f"{part}_by"] = names.get(line.staff_code, line.staff_code) if line else ""
        facts[f"{part}_date"] = _day(line.at) if line else ""
    return facts


def _day(at: dt.datetime) -> str:
    return timezone.localdate(at).isoformat()


def _obstacles(batch: BatchRow, members: Sequence[BatchVolumeRow]) -> tuple[Obstacle, ...]:
    waiting = [row for row in members if not row.has_left and row.volume.state is State.APPLIED]
    if batch.stage == Stage.APPLIED and waiting:
        return tuple(Obstacle("T-002", {"reference": row.volume.reference}) for row in waiting[:20])
    return ()


def _has_returned(batch: Batch, volume: VolumeRow) -> bool:
    """A volume that was sent back no longer belongs to this batch, whatever became of it since."""
    before = {State.RETURNED, State.FILED, State.SELF_CHECKED}
    return batch.stage in _BEFORE_WITNESS and volume.state in before


def _scope(actor: Actor, *posts: Post) -> Q:
    condition = Q(pk__in=[])
    for held in actor.appointments:
        if held.post in (posts or BATCH_POSTS):
            condition |= Q(agency_path__startswith=held.agency_path)
    return condition


def _with_volumes_at(actor: Actor, *states: State) -> Q:
    """Batches to which a volume at one of these states belongs."""
    urns = records.volumes_visible_to(actor).filter(state__in=states).values("urn")
    return Q(pk__in=BatchVolume.objects.filter(left_at=None, volume_urn__in=urns).values("batch"))


def _goes_on(actor: Actor) -> Q:
    """Batches of which something may still be handed over, or was."""
    return ~Q(stage__in=_BEFORE_WITNESS) | _with_volumes_at(actor, State.APPLIED, State.PRE_ACCEPTED)


def _turn(actor: Actor, post: Post) -> Q:
    """Batches at which it is this post's turn."""
    match post:
        case Post.SUPERVISOR:  # witnesses once every volume that has stayed is pre-accepted
            accepted = _with_volumes_at(actor, State.PRE_ACCEPTED) & ~_with_volumes_at(actor, State.APPLIED)
            return Q(stage__in=_BEFORE_WITNESS) & ~Q(route=Route.LEGACY) & accepted
        case Post.ARCHIVIST:  # paper first, he sees from the first day what he will hand over
            paper_first = Q(stage=Stage.APPLIED, route=Route.LEGACY) & _goes_on(actor)
            return Q(stage=Stage.WITNESSED, route=Route.TARGET) | paper_first
        case Post.RECEIVER:
            return Q(stage=Stage.DISPATCHED) | Q(stage=Stage.WITNESSED, route=Route.SINGLE_SET)
        case _:
            return Q(pk__in=[])


def _rows(batches_: Iterable[Batch]) -> list[BatchRow]:
    found = list(batches_)
    members: dict[int, list[str]] = {}
    for batch_pk, urn in (
        BatchVolume.objects.filter(batch__in=found, left_at=None)
        .order_by("batch_id", "ordinal")
        .values_list("batch_id", "volume_urn")
    ):
        members.setdefault(batch_pk, []).append(urn)
    volumes = records.volumes_by_urn(urn for urns in members.values() for urn in urns)
    stops = TripStop.objects.filter(batch__in=found, dropped_at=None).order_by("id")
    fetched = dict(stops.values_list("batch_id", "trip__on_date"))
    rows = []
    for batch in found:
        present = [volumes[urn] for urn in members.get(batch.pk, []) if not _has_returned(batch, volumes[urn])]
        rows.append(
            BatchRow(
                pk=batch.pk,
                batch_no=batch.batch_no,
                agency_code=batch.agency_code,
                agency_path=batch.agency_path,
                stage=batch.stage,
                route=Route(batch.route),
                applied_by=batch.applied_by,
                applied_at=batch.applied_at,
                volumes=len(present),
                pages=sum(volume.page_count for volume in present),
                ready=sum(volume.state is not State.APPLIED for volume in present),
                journal_uid=batch.journal_uid,
                seed=batch.seed,
                checkpoint_size=batch.checkpoint_size,
                witnessed_by=batch.witnessed_by,
                witnessed_at=batch.witnessed_at,
                dispatched_at=batch.dispatched_at,
                received_at=batch.received_at,
                accession_no=batch.accession_no,
                fetched_on=fetched.get(batch.pk),
            )
        )
    return rows
