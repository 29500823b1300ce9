"""What a person counts on paper, as frozen shapes: one volume, and a draw whose volumes are counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle
from anjuan.core.terms import Actor, State, Verb
from anjuan.desks.inspection import queries
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.foundation.web.shapes import Missing
from anjuan.records.rows import ItemRow, SubjectRow


@dataclass(frozen=True)
class CountLine:
    """One item on paper: what the catalogue says of it, but not its pages, and what was typed."""

    number: int
    item: ItemRow
    subjects: Sequence[SubjectRow]
    counted: str
    fault: str
    note: str


def lines(
    sheet: queries.VolumeSheet,
    counted: Mapping[str, str],
    faults: Mapping[str, str],
    notes: Mapping[str, str],
) -> list[CountLine]:
    """The items in order, with what was typed before a refusal."""
    return [
        CountLine(
            number,
            one.item,
            one.subjects,
            counted.get(one.item.urn, ""),
            faults.get(one.item.urn, ""),
            notes.get(one.item.urn, ""),
        )
        for number, one in enumerate(sheet.items, 1)
    ]


@dataclass(frozen=True)
class EarlierFault:
    """A fault that was found before, and how it was answered."""

    row: CorrectionRow
    name: str


def earlier(sheet: queries.VolumeSheet) -> list[EarlierFault]:
    """What was found in this volume before."""
    chinese = (get_language() or "zh").startswith("zh")
    return [EarlierFault(row, row.fault.zh if chinese else row.fault.en) for row in sheet.corrections]


def gate_words(state: State) -> str:
    """The gate at which paper is counted."""
    said = {
        State.APPLIED: _("Spot check before the pick-up"),
        State.RECEIVED: _("Acceptance on paper"),
        State.ACCEPTED: _("Re-check on paper"),
    }
    return said.get(state, "")


def back_url(sheet: queries.VolumeSheet) -> str:
    """The list that a volume was opened from: its draw, or the queue of received paper."""
    row = queries.draw_over(sheet.volume.urn) if sheet.volume.state is not State.RECEIVED else None
    if row is not None:
        return draw_url(row)
    queues = {State.APPLIED: "inspection:spots", State.ACCEPTED: "inspection:rechecks"}
    return reverse(queues.get(sheet.volume.state, "inspection:acceptances"))


def draw_url(row: queries.DrawRow) -> str:
    """The page of a draw."""
    name = "inspection:spot" if row.kind is queries.DrawKind.SPOT else "inspection:recheck"
    return reverse(name, kwargs={"draw_no": row.draw_no})


def accept_obstacles(sheet: queries.VolumeSheet, *, is_counted: bool) -> list[Missing]:
    """What stands between received paper and its acceptance."""
    missing = []
    if not is_counted:
        params = {
            "reference": sheet.volume.reference,
            "verb": Verb.ACCEPT,
            "missing": frozenset({Evidence.PAPER_CHECKED}),
        }
        missing.append(Missing(Obstacle("L-004", params), "#count"))
    if sheet.open_faults:
        missing.append(Missing(Obstacle("I-009", {"faults": sheet.open_faults}), "#earlier"))
    return missing


@dataclass(frozen=True)
class CountedVolume:
    """A drawn volume in the list of its draw."""

    urn: str
    reference: str
    title: str
    items: int
    url: str
    is_done: bool


def counted_volumes(actor: Actor, row: queries.DrawRow) -> list[CountedVolume]:
    """The drawn volumes in the order of the draw, each marked when it was counted."""
    volumes = queries.volumes_of(row)
    done = queries.paper_checked(actor, volumes)
    return [
        CountedVolume(
            volume.urn,
            volume.reference,
            volume.title,
            volume.item_count,
            reverse("inspection:paper", kwargs={"urn": volume.urn}),
            volume.urn in done,
        )
        for volume in volumes
    ]


def draw_obstacles(row: queries.DrawRow, volumes: Sequence[CountedVolume]) -> list[Missing]:
    """What stands between a draw and its passing: a link to the first volume that is not counted."""
    left = next((volume for volume in volumes if not volume.is_done), None)
    if left is None:
        return []
    verb = Verb.PRE_ACCEPT if row.kind is queries.DrawKind.SPOT else Verb.PASS_RECHECK
    params = {"reference": left.reference, "verb": verb, "missing": frozenset({Evidence.SAMPLE_CHECKED})}
    return [Missing(Obstacle("L-004", params), left.url)]
