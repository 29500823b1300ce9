"""Campaigns and same-fault sweeps as frozen shapes: the list, the rehearsal, progress, one volume's verdict."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from anjuan.core.detection.catalogue import faults
from anjuan.core.refusals import Obstacle
from anjuan.core.terms import Actor, State
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.queries import VolumeSheet, campaigns, scope
from anjuan.desks.inspection.queries.campaigns import CampaignRow, Progress, UnitRow, Verdict
from anjuan.facilities.corrections.panels import fault_choices, fault_name
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web import labels
from anjuan.foundation.web.shapes import Doubt, Fault, QueueRow, Tile, Tone, Words, Work

SHOWN = 30  # volumes of a rehearsal; the count says how many there are
FILTERS: tuple[tuple[str, Words], ...] = (
    ("", gettext_lazy("All volumes")),
    ("left", gettext_lazy("Not judged yet")),
    (Verdict.FAULT, gettext_lazy("Fault raised")),
    (Verdict.NOTHING, gettext_lazy("Nothing found")),
    (Verdict.PUT_OFF, gettext_lazy("Put off")),
)


def fault_words(code: str) -> str:
    """A fault of the catalogue as people read it: id and name."""
    known = faults().get(code)
    return f"{code} {fault_name(known)}" if known else code


def selection_words(selection: rules.Selection) -> str:
    """Which volumes, in one line."""
    agencies, categories = accounts.agency_names(), schedule.category_names()
    days = (selection.filed_from, selection.filed_to)
    said = (
        agencies.get(selection.agency_code, selection.agency_code),
        categories.get(selection.category_code, selection.category_code),
        str(selection.year or ""),
        labels.label(State(selection.state)) if selection.state else "",
        fault_words(selection.fault_code),
        _("filed %(first)s to %(last)s") % {"first": days[0] or "…", "last": days[1] or "…"} if any(days) else "",
    )
    return " · ".join(part for part in said if part) or _("every sealed volume")


def kind_words(row: CampaignRow) -> str:
    """Campaign, or same-fault sweep."""
    return _("same-fault sweep") if row.kind is campaigns.Kind.SWEEP else _("re-inspection")


@dataclass(frozen=True)
class CampaignLine:
    """One campaign in the list."""

    row: CampaignRow
    url: str
    kind: str
    opener: str
    done: int
    total: int


def lines(actor: Actor, rows: Sequence[CampaignRow]) -> list[CampaignLine]:
    """The campaigns with how far each has come."""
    names = accounts.staff_names({row.opened_by for row in rows})
    counted = campaigns.done_of(actor, [row.pk for row in rows])
    return [
        CampaignLine(
            row,
            reverse("inspection:campaign", kwargs={"campaign_no": row.campaign_no}),
            kind_words(row),
            names.get(row.opened_by, row.opened_by),
            *counted.get(row.pk, (0, 0)),
        )
        for row in rows
    ]


def desk_rows(actor: Actor) -> list[QueueRow]:
    """Campaigns under way as lines of *my desk*."""
    return [
        QueueRow(
            code=row.campaign_no,
            title=row.name,
            url=reverse("inspection:campaign", kwargs={"campaign_no": row.campaign_no}),
            words=_("%(done)s of %(total)s judged") % {"done": done, "total": total},
            tone="wait",
            since=row.opened_at,
        )
        for row, done, total in campaigns.waiting(actor, limit=10)
    ]


@dataclass(frozen=True)
class RaisedLine:
    """A fault that was raised lately, and the sweep that it began or may begin."""

    row: CorrectionRow
    name: str
    url: str
    is_begun: bool


def raised_lines(rows: Sequence[tuple[CorrectionRow, str]]) -> list[RaisedLine]:
    """The newest faults, each a door to where the same may stand again."""
    return [
        RaisedLine(
            row,
            fault_name(row.fault),
            reverse("inspection:campaign", kwargs={"campaign_no": number})
            if number
            else reverse("inspection:sweep", kwargs={"pk": row.pk}),
            bool(number),
        )
        for row, number in rows
    ]


def offer(actor: Actor, fault: str) -> tuple[str, int] | None:
    """After a return: where the same fault may stand again, and in how many volumes; none where in none."""
    if not (fault.isascii() and fault.isdigit() and len(fault) < 12):
        return None
    count = scope.count_kin(actor, int(fault))
    return (reverse("inspection:sweep", kwargs={"pk": int(fault)}), count) if count else None


def sweep_links(rows: Sequence[CorrectionRow]) -> list[tuple[str, str]]:
    """For faults found before: where the same may stand again, one link a kind of fault."""
    newest = {row.fault.code: row for row in rows if row.responsible}
    return [(fault_words(code), reverse("inspection:sweep", kwargs={"pk": row.pk})) for code, row in newest.items()]


def noted(volume: VolumeSheet, after: int) -> list[Doubt]:
    """What campaigns noted of a volume when it could not be returned; numbered on after what stands before.

    Args:
        volume: the volume that is judged now.
        after: how many doubts stand before, beside the faults found before.
    """
    first = after + len(volume.corrections) + 1
    return [
        Doubt(
            number=number,
            title=_("Noted in a re-inspection"),
            code=" ".join(one.faults),
            text=one.note or "、".join(fault_words(code) for code in one.faults),
            tone="bad",
        )
        for number, one in enumerate(campaigns.notes_of(volume.volume.urn), first)
    ]


def choices(actor: Actor) -> dict[str, Any]:
    """What a selection is made of."""
    reach = [
        (code, row.name) for code, row in accounts.agencies().items() if actor.covers(row.path, *scope.OPENING_POSTS)
    ]
    found: list[Fault] = fault_choices()
    return {
        "agencies": reach,
        "categories": sorted(schedule.category_names().items()),
        "states": [(state.value, labels.label(state)) for state in rules.RECHECKABLE],
        "faults": found,
    }


@dataclass(frozen=True)
class UnitLine:
    """One volume in a campaign's list."""

    unit: UnitRow
    url: str
    verdict: str
    tone: Tone
    who: str
    said: str


def unit_lines(row: CampaignRow, units: Sequence[UnitRow]) -> list[UnitLine]:
    """The volumes of one page of the list."""
    names = accounts.staff_names({code for one in units for code in (one.taken_by, one.judged_by)} - {""})
    found = []
    for one in units:
        verdict, tone = verdict_words(one)
        who = one.judged_by if one.verdict else one.taken_by
        said = (" ".join(one.faults), one.note)
        url = reverse("inspection:campaign_unit", kwargs={"campaign_no": row.campaign_no, "pk": one.pk})
        found.append(UnitLine(one, url, verdict, tone, names.get(who, who), " · ".join(part for part in said if part)))
    return found


def verdict_words(unit: UnitRow) -> tuple[str, Tone]:
    """What was said of a volume, and its tone."""
    if unit.verdict == Verdict.FAULT:
        return (_("fault raised, returned") if unit.is_returned else _("fault noted")), "bad"
    if unit.verdict == Verdict.NOTHING:
        return _("nothing found"), "good"
    if unit.verdict == Verdict.PUT_OFF:
        return _("put off"), "wait"
    return (_("in hand") if unit.taken_by else _("not judged yet")), ("wait" if unit.taken_by else "")


def unlooked(unit: UnitRow, must: AbstractSet[rules.Page], seen: AbstractSet[rules.Page]) -> Obstacle:
    """What stands against saying that nothing is wrong: pages not looked at."""
    return Obstacle("Q-035", {"reference": unit.reference, "left": len(must - seen), "pages": len(must)})


def tiles(row: CampaignRow, found: Progress) -> list[Tile]:
    """The numbers of a campaign; each opens the list behind it."""
    base = reverse("inspection:campaign", kwargs={"campaign_no": row.campaign_no})
    returned = ngettext("%(n)s returned", "%(n)s returned", found.returned) % {"n": found.returned}
    return [
        Tile(_("Volumes"), found.total, f"{base}#units"),
        Tile(_("Fault raised"), found.found, f"{base}?only=FAULT#units", returned, "bad" if found.found else ""),
        Tile(_("Nothing found"), found.nothing, f"{base}?only=NOTHING#units"),
        Tile(_("Put off"), found.put_off, f"{base}?only=PUT_OFF#units", tone="wait" if found.put_off else ""),
        Tile(_("Left"), found.left, f"{base}?only=left#units", _("%(n)s in hand") % {"n": found.in_hand}),
        Tile(_("Volumes with faults"), rate_words(found.found, found.done), note=_("of those judged")),
    ]


def rate_words(found: int, done: int) -> str:
    """The share of volumes with faults among those judged."""
    return f"{100 * found / done:.1f} %" if done else "—"


def work(found: Progress) -> Work:
    """The bar of a campaign."""
    return Work(_("Judged"), found.done, found.total)


def people_lines(found: Progress) -> list[tuple[str, int, int, int, str]]:
    """Who judged how many: nothing found, faults, put off, and the share with faults."""
    names = accounts.staff_names({who for who, *_rest in found.people})
    return [
        (names.get(who, who), nothing, faulty, put_off, rate_words(faulty, nothing + faulty))
        for who, nothing, faulty, put_off in found.people
    ]


def report_page(found: campaigns.Report) -> dict[str, Any]:
    """The tables of a report."""
    agencies, categories = accounts.agency_names(), schedule.category_names()
    return {
        "agencies": [
            (agencies.get(code, code), every, done, faulty, rate_words(faulty, done))
            for code, every, done, faulty in found.agencies
        ],
        "categories": [
            (f"{code} {categories.get(code, '')}".strip(), every, done, faulty, rate_words(faulty, done))
            for code, every, done, faulty in found.categories
        ],
        "kinds": [(fault_words(code), count) for code, count in found.faults],
    }


HEADINGS = (
    "序号",
    "档号",
    "题名",
    "机构",
    "类目",
    "环节",
    "结论",
    "问题",
    "说明",
    "复查人",
    "复查时间",
)


def cells(row: CampaignRow, lines_: Sequence[UnitLine]) -> list[list[str]]:
    """The volumes as cells of a table; none begins as a formula would."""
    agencies = accounts.agency_names()
    table = [
        [
            str(line.unit.place),
            line.unit.reference,
            line.unit.title,
            agencies.get(line.unit.agency_code, line.unit.agency_code),
            line.unit.category_code,
            labels.label(line.unit.state) if line.unit.state else "",
            line.verdict,
            " ".join(line.unit.faults),
            line.unit.note,
            line.who,
            line.unit.judged_at.isoformat() if line.unit.judged_at else "",
        ]
        for line in lines_
    ]
    return [[f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in line] for line in table]


@dataclass(frozen=True)
class KinLine:
    """A volume where the same fault may stand again."""

    chosen: scope.Chosen
    score: str
    people: str
    others: int


def kin_lines(kin: scope.Kin) -> list[KinLine]:
    """The volumes of a sweep before it is begun, the surest first."""
    names = accounts.staff_names(set(kin.others))
    return [
        KinLine(
            one,
            f"{one.score:.2f}" if one.score is not None else "",
            "、".join(names.get(who, who) for who in one.people),
            max((kin.others[who] for who in one.people), default=0),
        )
        for one in kin.chosen
    ]


def filters(row: CampaignRow, only: str) -> list[tuple[str, Words, bool]]:
    """The parts of a campaign's list: address, words, whether it is open."""
    base = reverse("inspection:campaign", kwargs={"campaign_no": row.campaign_no})
    return [
        (f"{base}?only={value}#units" if value else f"{base}#units", words, value == only) for value, words in FILTERS
    ]


def done_words(done: str) -> str:
    """One line on what was just done."""
    said = {
        "opened": _("The volumes are frozen. Take the next; several may work at once."),
        "swept": _("The sweep has begun. Look at each; nothing is returned by itself."),
        "nothing": _("Nothing found: the volume is judged."),
        "fault": _("The fault is raised; the volume goes back with it."),
        "noted": _("The fault is kept as a note: the volume stands at no gate where you could return it."),
        "put_off": _("The volume is put off."),
        "closed": _("The campaign is closed; its report stays."),
    }
    return said.get(done, "")
