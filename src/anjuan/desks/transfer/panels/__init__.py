"""What the transfer desk hangs on the shared pages, and the frozen shapes of its board and its batch page."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from anjuan.core.terms import Actor, Post, Route
from anjuan.desks.transfer import queries, rules
from anjuan.desks.transfer.queries import house as scheduling
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import DeskQueue, RailEntry, address
from anjuan.foundation.web.shapes import Missing, QueueRow
from anjuan.records.rows import VolumeRow

Stage = queries.Stage
RECEIVED_SHOWN = 20
VOLUMES_SHOWN = 120  # more would make the page too heavy for an office line

STAGE_WORDS: Mapping[str, str | Promise] = {
    Stage.APPLIED: pgettext_lazy("batch", "Applied, being pre-accepted"),
    Stage.SAMPLED: pgettext_lazy("batch", "Drawn, to be witnessed"),
    Stage.WITNESSED: pgettext_lazy("batch", "Witnessed, to be handed over"),
    Stage.DISPATCHED: pgettext_lazy("batch", "On the way, to be counted"),
    Stage.RECEIVED: pgettext_lazy("batch", "Received"),
}
STAGE_LOOKS: Mapping[str, tuple[str, str]] = {
    Stage.APPLIED: ("wait", "report-search"),
    Stage.SAMPLED: ("wait", "eye"),
    Stage.WITNESSED: ("good", "signature"),
    Stage.DISPATCHED: ("wait", "truck-delivery"),
    Stage.RECEIVED: ("good", "package"),
}
LOOK_WORDS: Mapping[str, str | Promise] = {
    "paper": pgettext_lazy("look", "Paper"),
    "images": pgettext_lazy("look", "Images"),
    "contents": pgettext_lazy("look", "Contents list"),
}
ACT_WORDS: Mapping[str, str | Promise] = {
    "transfer.apply": pgettext_lazy("act", "Applied for the transfer"),
    "transfer.draw_sample": pgettext_lazy("act", "Drew the sample"),
    "transfer.witness": pgettext_lazy("act", "Witnessed the handover"),
    "transfer.refuse_witness": pgettext_lazy("act", "Sent a volume back at the witnessing"),
    "inspection.return_volume": pgettext_lazy("act", "Returned a volume at pre-acceptance"),
    "transfer.dispatch": pgettext_lazy("act", "Handed over"),
    "transfer.receive": pgettext_lazy("act", "Counted and received"),
}


# The board -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lane:
    """One stage of the board."""

    stage: str
    words: str
    tone: str
    icon: str
    count: int
    batches: Sequence[tuple[queries.BatchRow, str, dt.datetime]]


def lanes(actor: Actor) -> list[Lane]:
    """Batches by stage; of the received ones only the newest."""
    counts = queries.stage_counts(actor)
    rows = queries.batches(actor, *(stage for stage in Stage.values if stage != Stage.RECEIVED))
    rows += queries.batches(actor, Stage.RECEIVED)[:RECEIVED_SHOWN]
    names = accounts.agency_names()
    return [
        Lane(
            stage,
            str(STAGE_WORDS[stage]),
            *STAGE_LOOKS[stage],
            counts.get(stage, 0),
            [(row, names.get(row.agency_code, row.agency_code), since(row)) for row in rows if row.stage == stage],
        )
        for stage in Stage.values
    ]


def since(row: queries.BatchRow) -> dt.datetime:
    """Since when a batch has stood where it stands; a drawn one counts from its application."""
    return row.received_at or row.dispatched_at or row.witnessed_at or row.applied_at


# The batch -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of a batch: done, here now, or to come; by whom and when."""

    words: str
    mark: str
    who: str
    at: dt.datetime | None


def steps(sheet: queries.BatchSheet, told: Sequence["Told"]) -> list[Step]:
    """The way of a batch (申请 → 预验收 → 抽样 → 监交 → 交出 → 接收), without the steps its route does not have."""
    by_act = {line.act: line for line in told}
    stage, batch = sheet.batch.stage, sheet.batch
    accepted = stage != Stage.APPLIED or (batch.volumes > 0 and batch.ready == batch.volumes)
    order = list(Stage.values)
    done = {
        "apply": True,
        "accept": accepted,
        "draw": order.index(stage) >= order.index(Stage.SAMPLED),
        "witness": order.index(stage) >= order.index(Stage.WITNESSED),
        "dispatch": order.index(stage) >= order.index(Stage.DISPATCHED),
        "receive": stage == Stage.RECEIVED,
    }
    absent = {Route.LEGACY: {"draw", "witness"}, Route.SINGLE_SET: {"dispatch"}}.get(sheet.route, set())
    here = next((key for key, is_done in done.items() if not is_done and key not in absent), "")
    words = {
        "apply": (_("Apply"), "transfer.apply"),
        "accept": (_("Pre-accept"), ""),
        "draw": (_("Draw the sample"), "transfer.draw_sample"),
        "witness": (_("Witness"), "transfer.witness"),
        "dispatch": (_("Hand over"), "transfer.dispatch"),
        "receive": (_("Count and receive"), "transfer.receive"),
    }
    found = []
    for key, is_done in done.items():
        if key in absent:
            continue
        spoken, act = words[key]
        line = by_act.get(act)
        who = line.name if line else ""
        if key == "accept" and stage == Stage.APPLIED:
            who = _("%(ready)s of %(all)s") % {"ready": batch.ready, "all": batch.volumes}
        mark = "past" if is_done else "here" if key == here else "ahead"
        found.append(Step(spoken, mark, who, line.at if line else None))
    return found


@dataclass(frozen=True)
class Told:
    """One line of who did what, when."""

    act: str
    words: str
    name: str
    at: dt.datetime
    position: int | None
    detail: str
    nonces: tuple[str, ...]


def told(sheet: queries.BatchSheet) -> list[Told]:
    """The story of the batch in words."""
    lines = queries.story(sheet)
    names = accounts.staff_names({line.staff_code for line in lines})
    return [
        Told(
            line.act,
            str(ACT_WORDS.get(line.act, line.act)),
            names.get(line.staff_code, line.staff_code),
            line.at,
            line.position,
            line.values.get("vehicle", "") or line.values.get("accession_no", ""),
            tuple(line.values.get("nonces", "").split(",")) if line.values.get("nonces") else (),
        )
        for line in lines
    ]


@dataclass(frozen=True)
class Member:
    """A volume in the register table, with what this actor may see and enter."""

    row: queries.BatchVolumeRow
    url: str
    contents_url: str
    refuse_url: str
    looks: Sequence[tuple[str, str, bool]]
    has_paper: bool
    seen: str
    typed: str
    differs: bool


def members(
    sheet: queries.BatchSheet,
    *,
    looks: Mapping[str, Mapping[str, bool]] | None = None,
    seen: Mapping[str, int] | None = None,
    typed: Mapping[str, str] | None = None,
    reveal: bool = False,
) -> list[Member]:
    """The volumes of a batch.

    Args:
        sheet: the batch.
        looks: what was ticked before a refusal, by 档号.
        seen: pages that the witness counted before a refusal, by 档号.
        typed: what was counted before a refusal, by URN.
        reveal: whether the count was refused, so that differences are shown.
    """
    found = []
    for row in sheet.volumes:
        ticked = (looks or {}).get(row.volume.reference, row.witnessed)
        counted = (typed or {}).get(row.volume.urn, "")
        found.append(
            Member(
                row=row,
                url=address("search:volume", urn=row.volume.urn),
                contents_url=address("filing:print", urn=row.volume.urn, form="contents"),
                refuse_url=reverse("transfer:refuse", kwargs={"batch_no": sheet.batch.batch_no, "urn": row.volume.urn}),
                looks=[(what, str(LOOK_WORDS[what]), bool(ticked.get(what))) for what in rules.looked_at(sheet.route)],
                has_paper="paper" in rules.looked_at(sheet.route),
                seen=str((seen or {}).get(row.volume.reference, "")),
                typed=counted,
                differs=reveal and not row.has_left and counted != str(row.volume.page_count),
            )
        )
    return found


@dataclass(frozen=True)
class Rights:
    """Which deeds of the batch are the actor's now."""

    draw: bool
    witness: bool
    dispatch: bool
    receive: bool
    waits_for: tuple[Post, ...]

    @property
    def counts_blind(self) -> bool:
        """Whether page numbers of the register are hidden: who counts must not know what ought to come out."""
        return self.receive


def rights(actor: Actor, sheet: queries.BatchSheet) -> Rights:
    """What the actor may do to the batch where it stands; not every route has every deed."""
    batch, route = sheet.batch, sheet.route
    deeds: dict[str, tuple[str, tuple[Post, ...]]] = {
        "draw": (Stage.APPLIED, (Post.SUPERVISOR, Post.ARCHIVIST)),
        "witness": (Stage.SAMPLED, (Post.SUPERVISOR,)),
        "dispatch": (rules.stage_before_dispatch(route), (Post.ARCHIVIST,)),
        "receive": (rules.stage_before_receipt(route), (Post.RECEIVER,)),
    }
    for absent in {Route.LEGACY: ("draw", "witness"), Route.SINGLE_SET: ("dispatch",)}.get(route, ()):
        deeds[absent] = ("", ())
    mine = {
        deed: batch.stage == stage and actor.covers(batch.agency_path, *posts) for deed, (stage, posts) in deeds.items()
    }
    posts = next((posts for stage, posts in deeds.values() if stage == batch.stage), ())
    if batch.stage == Stage.APPLIED and batch.ready < batch.volumes:
        posts = (Post.ACCEPTOR,)
    return Rights(**mine, waits_for=posts)


def missing(sheet: queries.BatchSheet) -> list[Missing]:
    """What stands between the batch and its next step."""
    return [Missing(obstacle, "#register") for obstacle in sheet.obstacles]


# Applying --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tick:
    """A self-checked volume with its tick; a paper-first one says from which day it may go."""

    volume: VolumeRow
    ticked: bool
    until: dt.date | None

    @property
    def must_wait(self) -> bool:
        """Whether it is kept at the agency still."""
        return self.until is not None


def ticks(volumes: Sequence[VolumeRow], chosen: Sequence[str] | None, today: dt.date) -> list[Tick]:
    """Volumes with their ticks: as chosen before a refusal, else what may go now of the first agency and route."""
    shown = volumes[:VOLUMES_SHOWN]
    until: dict[str, dt.date | None] = {}
    for volume in shown:
        kept = queries.kept_until(volume) if volume.route is Route.LEGACY else today
        until[volume.urn] = kept if kept > today else None
    first = next(((volume.agency_code, volume.route) for volume in shown if until[volume.urn] is None), None)
    return [
        Tick(
            volume,
            volume.urn in chosen
            if chosen is not None
            else until[volume.urn] is None and (volume.agency_code, volume.route) == first,
            until[volume.urn],
        )
        for volume in shown
    ]


# My desk ---------------------------------------------------------------------------------------------------------


def _batch_row(row: queries.BatchRow) -> QueueRow:
    tone, _icon = STAGE_LOOKS[row.stage]
    volumes = ngettext("%(n)s volume", "%(n)s volumes", row.volumes) % {"n": row.volumes}
    waiting = row.volumes - row.ready if row.stage == Stage.APPLIED else 0
    stuck = ""
    if waiting:
        stuck = ngettext("%(n)s volume waits for pre-acceptance", "%(n)s volumes wait for pre-acceptance", waiting) % {
            "n": waiting
        }
    elif row.fetched_on and row.stage in (Stage.APPLIED, Stage.WITNESSED):
        stuck = _("a vehicle comes on %(date)s") % {"date": row.fetched_on.isoformat()}
    return QueueRow(
        code=row.batch_no,
        title=volumes,
        url=reverse("transfer:batch", kwargs={"batch_no": row.batch_no}),
        words=STAGE_WORDS[row.stage],
        tone=tone,  # type: ignore[arg-type]
        since=since(row),
        stuck=stuck,
    )


def _batch_rows(post: Post) -> Callable[[Actor], list[QueueRow]]:
    return lambda actor: [_batch_row(row) for row in queries.waiting_for(actor, post)]


def _count(post: Post) -> Callable[[Actor], int]:
    return lambda actor: queries.count_waiting_for(actor, post)


def _apply_rows(actor: Actor) -> list[QueueRow]:
    return [
        QueueRow(
            code=volume.reference,
            title=volume.title,
            url=reverse("transfer:apply"),
            state=volume.state,
            since=volume.state_since,
        )
        for volume in queries.may_apply(actor)[:10]
    ]


def _waiting(actor: Actor) -> int:
    """What waits for the actor himself in transfer."""
    posts = (Post.ARCHIVIST, Post.SUPERVISOR, Post.RECEIVER)
    return queries.count_may_apply(actor) + sum(queries.count_waiting_for(actor, post) for post in posts)


RAIL = (
    RailEntry(
        title=gettext_lazy("Transfer"),
        url_name="transfer:board",
        icon="truck-delivery",
        posts=frozenset(queries.BATCH_POSTS),
        order=50,
        count=_waiting,
    ),
    RailEntry(
        title=gettext_lazy("Archive house"),
        url_name="transfer:house",
        icon="chart-histogram",
        posts=frozenset(scheduling.HOUSE_POSTS),
        order=59,
    ),
)

QUEUES = (
    DeskQueue(
        title=gettext_lazy("To be applied for"),
        url_name="transfer:apply",
        posts=frozenset({Post.ARCHIVIST}),
        rows=_apply_rows,
        count=queries.count_may_apply,
        icon="file-check",
        order=50,
        verb=gettext_lazy("Apply for the transfer"),
    ),
    DeskQueue(
        title=gettext_lazy("To be witnessed"),
        url_name="transfer:board",
        posts=frozenset({Post.SUPERVISOR}),
        rows=_batch_rows(Post.SUPERVISOR),
        count=_count(Post.SUPERVISOR),
        icon="signature",
        order=51,
        verb=gettext_lazy("Witness"),
    ),
    DeskQueue(
        title=gettext_lazy("To be handed over"),
        url_name="transfer:board",
        posts=frozenset({Post.ARCHIVIST}),
        rows=_batch_rows(Post.ARCHIVIST),
        count=_count(Post.ARCHIVIST),
        icon="truck-delivery",
        order=52,
        verb=gettext_lazy("Hand over"),
    ),
    DeskQueue(
        title=gettext_lazy("To be counted and received"),
        url_name="transfer:board",
        posts=frozenset({Post.RECEIVER}),
        rows=_batch_rows(Post.RECEIVER),
        count=_count(Post.RECEIVER),
        icon="package",
        order=53,
        verb=gettext_lazy("Count and receive"),
    ),
)


def done_words(done: str) -> str:
    """One line on what was just done."""
    said = {
        "applied": _("The application is made; the register is drawn up with it. The archive looks at the images now."),
        "drawn": _("The sample is drawn. It cannot be drawn again."),
        "witnessed": _("The handover is witnessed and signed."),
        "refused": _("The volume went back with its fault; the others stay in the batch."),
        "dispatched": _("The batch is on its way; the archive counts it on arrival."),
        "received": _("The count agrees. The archive answers for these volumes now."),
    }
    return said.get(done, "")
