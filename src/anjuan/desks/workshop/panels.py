"""What the workshop hangs on the shared pages, and its board, order and image check as frozen shapes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.refusals import Obstacle
from anjuan.core.terms import Actor, Post, State
from anjuan.desks.workshop import queries, rules
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web.panels import DeskQueue, RailEntry, address
from anjuan.foundation.web.shapes import Count, Fact, Judging, Missing, PageImage, QueueRow
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow, VolumeRow

POSTS = frozenset({Post.PROCESSOR})
IMAGE_CHECK = "QC"
VOLUMES_SHOWN = 60
# The verb of each station's signature, as its button says it.
VERBS: Mapping[str, str | Promise] = {
    "SCAN": gettext_lazy("Sign: scanned"),
    "ATTACH": gettext_lazy("Link and seal anew"),
    "LAMINATE": gettext_lazy("Sign: laminated"),
    "BOX": gettext_lazy("Sign: boxed"),
    "STAMP": gettext_lazy("Sign: stamped"),
}


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def _name(station: rules.Station) -> str:
    return station.zh if _chinese() else station.en


@dataclass(frozen=True)
class Step:
    """One station of a volume: done, here now, or to come; by whom and when."""

    words: str
    mark: str
    who: str
    at: dt.datetime | None
    note: str = ""


def steps(passes: Sequence[rules.Pass], names: Mapping[str, str]) -> list[Step]:
    """The six stations of one volume."""
    signed = {one.station: one for one in passes}
    here = rules.next_station(queries.stations(), frozenset(signed))
    found = []
    for station in queries.stations():
        one = signed.get(station.code)
        mark = "past" if one else "here" if station == here else "ahead"
        who = names.get(one.done_by, one.done_by) if one else ""
        found.append(Step(_name(station), mark, who, one.done_at if one else None, one.note if one else ""))
    return found


# The board -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lane:
    """A volume on the bench with its stations."""

    volume: VolumeRow
    url: str
    steps: Sequence[Step]
    next_words: str


def lanes(volumes: Sequence[VolumeRow]) -> list[Lane]:
    """Volumes on the benches, each with its six stations; two queries however many they are."""
    shown = volumes[:VOLUMES_SHOWN]
    passes = queries.passes_of([volume.urn for volume in shown])
    names = accounts.staff_names({one.done_by for rows in passes.values() for one in rows})
    return [
        Lane(
            volume,
            reverse("workshop:order", kwargs={"urn": volume.urn}),
            steps(passes[volume.urn], names),
            _next_words(passes[volume.urn]),
        )
        for volume in shown
    ]


def _next_words(passes: Sequence[rules.Pass]) -> str:
    station = rules.next_station(queries.stations(), {one.station for one in passes})
    return _name(station) if station else pgettext("workshop", "ready for the shelf")


def waiting_rows(volumes: Sequence[VolumeRow]) -> list[QueueRow]:
    """Volumes that wait to be taken in."""
    return [
        QueueRow(
            code=volume.reference,
            title=volume.title,
            url=reverse("workshop:order", kwargs={"urn": volume.urn}),
            state=volume.state,
            since=volume.state_since,
        )
        for volume in volumes[:VOLUMES_SHOWN]
    ]


# The order -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemLine:
    """An item with how far its scanning is; its link leads to the page where it is scanned."""

    item: ItemRow
    images: int
    agrees: bool
    missing: tuple[str, ...]
    url: str


def item_lines(sheet: queries.Sheet) -> list[ItemLine]:
    """The items in order."""
    return [
        ItemLine(item, row.image_pages, row.agrees, row.missing, address("intake:item", urn=item.urn))
        for item, row in zip(sheet.items, sheet.bench.items, strict=True)
    ]


def order_page(sheet: queries.Sheet, staff_code: str) -> dict[str, Any]:
    """Everything the page of a work order shows."""
    urn, station = sheet.volume.urn, sheet.next_station
    in_work = sheet.volume.state is State.IN_WORKSHOP
    told = {one.done_by for one in sheet.bench.passes} | {one.done_by for one in sheet.undone} | {sheet.opened_by}
    names = accounts.staff_names(told)
    changed = rules.stale(queries.stations(), sheet.bench)
    finishing = in_work and station is None
    blocked = missing(sheet, station, staff_code) if in_work and station else []
    if finishing and changed is not None:
        blocked = [_missing(sheet, Obstacle("U-003", {"reference": sheet.volume.reference, "station": _name(changed)}))]
    return {
        "sheet": sheet,
        "volume": sheet.volume,
        "waits": not in_work,
        "steps": steps(sheet.bench.passes, names),
        "station": station if in_work else None,
        "station_name": _name(station) if station else "",
        "station_words": VERBS.get(station.code, _name(station)) if station else "",
        "is_image_check": bool(station) and station is not None and station.code == IMAGE_CHECK,
        "finishing": finishing,
        "missing": blocked,
        "items": item_lines(sheet),
        "counts": [
            Count(_("paper"), sum(item.paper_pages for item in sheet.items)),
            Count(_("images"), sheet.bench.pages if in_work else None),
        ],
        "opened_by": names.get(sheet.opened_by, sheet.opened_by),
        "undone": [(one, names.get(one.done_by, one.done_by), _station_name(one.station)) for one in sheet.undone],
        "faults": fault_choices(),
        "images_url": reverse("workshop:images", kwargs={"urn": urn}),
    }


def missing(sheet: queries.Sheet, station: rules.Station, staff_code: str) -> list[Missing]:
    """What stands between this person and the station, each with the place where it is mended."""
    return [_missing(sheet, obstacle) for obstacle in sheet.obstacles(station, staff_code)]


def _missing(sheet: queries.Sheet, obstacle: Obstacle) -> Missing:
    by_reference = {item.reference: item.urn for item in sheet.items}
    images = reverse("workshop:images", kwargs={"urn": sheet.volume.urn})
    if obstacle.code in ("U-004", "U-005"):
        return Missing(obstacle, address("intake:item", urn=by_reference[str(obstacle.params["reference"])]))
    return Missing(obstacle, {"U-003": f"{images}#send-back", "U-006": images}.get(obstacle.code, ""))


def _station_name(code: str) -> str:
    return _name(queries.station(code))


# The image check -------------------------------------------------------------------------------------------------


def images_page(sheet: queries.Sheet, staff_code: str, *, page: str = "") -> dict[str, Any]:
    """The judge view of the image check: every page, ticked where this person has opened it."""
    home = reverse("workshop:images", kwargs={"urn": sheet.volume.urn})
    owners = [
        (item, component.material_code, (component.pk, page_no))
        for item in sheet.items
        for component in sheet.components[item.urn]
        for page_no in range(1, component.page_count + 1)
    ]
    pages = [
        PageImage(
            number=f"{place:03d}",
            url=f"{home}?page={place:03d}",
            image_url=address("formats:view", component=leaf[0], page=leaf[1]),
            thumb_url=address("formats:thumb", component=leaf[0], page=leaf[1]),
            tiles_url=address("formats:tiles", component=leaf[0], page=leaf[1]),
            tone="good" if leaf in sheet.seen else "wait",
            words=_("looked at") if leaf in sheet.seen else _("not looked at yet"),
            component=str(leaf[0]),
        )
        for place, (_item, _material, leaf) in enumerate(owners, 1)
    ]
    current = next((place for place, one in enumerate(pages) if one.number == page), 0)
    station = sheet.next_station
    checking = station is not None and station.code == IMAGE_CHECK
    blocked = missing(sheet, station, staff_code) if station is not None and checking else []
    unseen = next((one.url for one in pages if one.tone != "good"), "")
    blocked = [Missing(one.obstacle, unseen) if one.obstacle.code == "U-006" else one for one in blocked]
    item = owners[current][0] if owners else None
    return {
        "judging": Judging(
            pages=pages,
            current=current,
            facts=_facts(item) if item else [],
            accept_url=reverse("workshop:complete", kwargs={"urn": sheet.volume.urn, "station": IMAGE_CHECK})
            if checking
            else "",
            accept_words=_("Sign: images checked"),
            blocked=blocked,
        ),
        "sheet": sheet,
        "volume": sheet.volume,
        "seen": sheet.bench.seen,
        "total": sheet.bench.pages,
        "may_send_back": bool(sheet.bench.passes),
        "scan_url": address("intake:item", urn=item.urn) if item else "",
    }


def _facts(item: ItemRow) -> list[Fact]:
    return [
        Fact(_("Reference code"), item.reference_code, code=True),
        Fact(_("Title"), item.title),
        Fact(_("Formed on"), item.formed_date.isoformat()),
        Fact(_("Pages of paper"), item.paper_pages),
    ]


# My desk ---------------------------------------------------------------------------------------------------------


def _waiting_rows(actor: Actor) -> list[QueueRow]:
    return waiting_rows(queries.waiting(actor)[:10])


def _work_rows(actor: Actor) -> list[QueueRow]:
    return [
        QueueRow(
            code=lane.volume.reference,
            title=lane.volume.title,
            url=lane.url,
            words=_("next: %(station)s") % {"station": lane.next_words},
            tone="wait",
            since=lane.volume.state_since,
        )
        for lane in lanes(queries.in_work(actor)[:10])
    ]


def _count(actor: Actor) -> int:
    return queries.count_waiting(actor) + queries.count_in_work(actor)


RAIL = (RailEntry(pgettext_lazy("desk", "Workshop"), "workshop:board", "scan", POSTS, order=55, count=_count),)
QUEUES = (
    DeskQueue(
        title=gettext_lazy("On the bench"),
        url_name="workshop:board",
        posts=POSTS,
        rows=_work_rows,
        count=queries.count_in_work,
        icon="scan",
        order=55,
        verb=gettext_lazy("Go on"),
    ),
    DeskQueue(
        title=gettext_lazy("To be taken into the workshop"),
        url_name="workshop:board",
        posts=POSTS,
        rows=_waiting_rows,
        count=queries.count_waiting,
        icon="package",
        order=56,
        verb=gettext_lazy("Take in"),
    ),
)


def done_words(done: str) -> str:
    """One line on what was just done."""
    said = {
        "selected": _("The chosen volumes are in the workshop; why they were chosen is kept with the selection."),
        "taken_in": _("The volume is in the workshop. Scan its items first."),
        "signed": _("Signed. The next station may go on."),
        "sent_back": _("The volume went back to the scanner; its stations are signed anew."),
        "returned": _("The volume went back to be mended in the archive house."),
        "finished": _("The volume is done and goes to its shelf."),
    }
    return said.get(done, "")


# The selection ----------------------------------------------------------------------------------------------------


def risk_words(risk: str) -> str:
    """A grade of risk in words."""
    return {
        "HIGH": pgettext("risk", "high risk"),
        "MEDIUM": pgettext("risk", "medium risk"),
        "LOW": pgettext("risk", "low risk"),
    }.get(risk, "")


def selection_page(
    offered: Sequence[rules.Ranked], criteria: rules.Criteria, before: Sequence[queries.SelectionRow]
) -> dict[str, Any]:
    """The ranking with why each stands where it stands, the formula, and the selections made before."""
    names = accounts.staff_names({one.opened_by for one in before})
    return {
        "offered": [(one, risk_words(one.volume.risk), _url(one.volume.urn)) for one in offered],
        "criteria": criteria,
        "powers": queries.powers(),
        "most": rules.MOST_SELECTED,
        "categories": sorted(schedule.category_names().items()),
        "steps": [(step.code, step.name if _chinese() else step.name_en) for step in schedule.steps()],
        "agencies": sorted(accounts.agency_names().items()),
        "risks": [(grade, risk_words(grade)) for grade in ("HIGH", "MEDIUM", "LOW")],
        "before": [(one, names.get(one.opened_by, one.opened_by), _asked(one.criteria)) for one in before],
    }


def _asked(criteria: rules.Criteria) -> str:
    """What was asked for, in one line."""
    parts = [
        schedule.category_names().get(criteria.category, criteria.category),
        records.step_names().get(criteria.step, criteria.step),
        str(criteria.year or ""),
        accounts.agency_names().get(criteria.agency, criteria.agency),
        risk_words(criteria.risk),
        _("damage from grade %(n)s") % {"n": criteria.least_damage} if criteria.least_damage else "",
        _("used at least %(n)s times") % {"n": criteria.least_uses} if criteria.least_uses else "",
    ]
    return " · ".join(part for part in parts if part) or _("everything that waited")


def _url(urn: str) -> str:
    return reverse("workshop:order", kwargs={"urn": urn})
