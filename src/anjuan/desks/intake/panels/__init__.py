"""What intake hangs on the shared pages, and how its own pages are put together from what the queries saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from anjuan.core import retention
from anjuan.core.assurance import Outcome, Result
from anjuan.core.refusals import Obstacle
from anjuan.core.retention import TermKind
from anjuan.core.terms import Actor, Post, Route, State, SubjectKind
from anjuan.desks.intake import queries
from anjuan.desks.intake.queries import declarations as declared
from anjuan.desks.intake.rules import SENDERS
from anjuan.desks.intake.rules.declarations import DeclarationStatus
from anjuan.facilities.assurance.queries import schemes
from anjuan.facilities.business.queries import reconciliation
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.facilities.formats.panels import Flag, flags_of
from anjuan.facilities.reading import queries as machine
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule.queries import StepRow
from anjuan.foundation.schedule.rules import MaterialRow, is_asked, lacking_names, missing_materials
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import DeskQueue, RailEntry, address
from anjuan.foundation.web.shapes import Box, Count, Fact, Missing, QueueRow, Tone, Words
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow

POSTS = frozenset({Post.HANDLER, Post.ASSISTANT})
ROWS_ON_MY_DESK = 8


def in_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh").startswith("zh")


def name_of(thing: MaterialRow | StepRow) -> str:
    """Its name in the reader's language."""
    return thing.name if in_chinese() or not thing.name_en else thing.name_en


# The queue ---------------------------------------------------------------------------------------------------------


def queue_row(waiting: queries.Waiting) -> QueueRow:
    """One line of the counter's queue."""
    language = get_language() or "zh"
    missing = [obstacle.as_refusal().message(language) for obstacle in waiting.obstacles]
    more = ngettext("and %(n)s more", "and %(n)s more", len(missing) - 1) % {"n": len(missing) - 1}
    returned = waiting.open_faults > 0
    return QueueRow(
        code=waiting.item.acceptance_no,
        title=waiting.item.title,
        url=reverse("intake:item", kwargs={"urn": waiting.item.urn}),
        stuck=" ".join([missing[0], *([more] if len(missing) > 1 else [])]) if missing else "",
        since=waiting.item.state_since,
        due=waiting.due_date,
        words=_("came back") if returned else _("collecting") if missing else _ready_words(waiting.item.route),
        tone="bad" if returned else "" if missing else "good",
    )


def _ready_words(route: Route) -> str:
    return _("ready to file") if route is Route.SINGLE_SET else _("ready to submit")


def _rows(actor: Actor) -> Sequence[QueueRow]:
    return [queue_row(one) for one in queries.waiting(queries.collecting(actor)[:ROWS_ON_MY_DESK])]


# What came from outside and was not accepted yet.
DECLARED: Mapping[DeclarationStatus, tuple[Words, Tone]] = {
    DeclarationStatus.RECEIVED: (gettext_lazy("waits for pre-review"), "wait"),
    DeclarationStatus.RETURNED: (gettext_lazy("returned to its sender"), "bad"),
    DeclarationStatus.ADMITTED: (gettext_lazy("accepted"), "good"),
}


def declared_rows(rows: Sequence[declared.DeclarationRow]) -> list[QueueRow]:
    """Declarations as lines of a list."""
    names = declared.steps_named({row.step_code for row in rows})
    found = []
    for row in rows:
        words, tone = DECLARED[row.status]
        if row.cleared_at is not None and row.status is not DeclarationStatus.ADMITTED:
            words, tone = _("cleared, never accepted"), ""
        elif row.round > 1 and row.status is DeclarationStatus.RECEIVED:
            words = _("sent anew")
        found.append(
            QueueRow(
                code=row.declaration_no,
                title=name_of(names[row.step_code]) if row.step_code in names else row.step_code,
                url=reverse("intake:declaration", kwargs={"uid": row.uid}),
                since=row.moved_at if row.status is DeclarationStatus.RECEIVED and not row.cleared_at else None,
                words=words,
                tone=tone,
            )
        )
    return found


RAIL = (
    RailEntry(
        pgettext_lazy("desk", "Intake"), "intake:counter", "scan", POSTS, order=10, count=queries.count_collecting
    ),
    # A handler finds these within the desk; the rail names them for those who have no counter.
    RailEntry(
        gettext_lazy("Attach images"), "intake:image_sets", "link", frozenset(SENDERS) - {Post.HANDLER}, order=12
    ),
    RailEntry(
        gettext_lazy("Business systems"),
        "intake:business",
        "scale",
        frozenset(reconciliation.POSTS) - {Post.HANDLER},
        order=13,
    ),
)
QUEUES = (
    DeskQueue(
        gettext_lazy("On the counter"),
        "intake:counter",
        POSTS,
        rows=_rows,
        count=queries.count_collecting,
        icon="scan",
        order=10,
        verb=gettext_lazy("Collect"),
    ),
    DeskQueue(
        gettext_lazy("Pre-review"),
        "intake:declarations",
        frozenset({Post.HANDLER}),
        rows=lambda actor: declared_rows(declared.waiting(actor)[:ROWS_ON_MY_DESK]),
        count=declared.count_waiting,
        oldest=declared.oldest_waiting,
        icon="send",
        order=11,
        verb=gettext_lazy("Look at it"),
    ),
)


TABS = (
    ("intake:counter", "scan", gettext_lazy("On the counter")),
    ("intake:declarations", "send", gettext_lazy("Pre-review")),
    ("intake:piles", "files", gettext_lazy("Piles")),
    ("intake:image_sets", "link", gettext_lazy("Attach images")),
    ("intake:sheets", "list", gettext_lazy("Catalogue sheets")),
    ("intake:business", "scale", gettext_lazy("Business systems")),
)


def tabs(actor: Actor, current: str) -> list[tuple[str, str, Words, bool]]:
    """The ways in which cases come in, for who takes them in: address, icon, words, whether it is this page."""
    if not actor.holds(Post.HANDLER):
        return []
    return [(reverse(name), icon, words, name == current) for name, icon, words in TABS]


# The page of one item ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaterialLine:
    """One line of the material list with what has been collected for it."""

    code: str
    name: str
    row: MaterialRow
    pages: int
    files: int
    chosen: bool
    url: str
    is_missing: bool  # a page of it, or of its group, must still be captured
    is_asked: bool  # its condition holds, or it has none
    condition: str


@dataclass(frozen=True)
class ConditionLine:
    """A question of the material list, and what was answered to it."""

    place: int
    words: str
    condition: str
    answer: bool | None


@dataclass(frozen=True)
class StripPage:
    """One page of the strip."""

    number: int
    component: ComponentRow
    page_no: int
    material: str
    url: str
    thumb_url: str
    image_url: str
    boxes: tuple[Box, ...]
    faults: int
    flags: tuple[Flag, ...]

    @property
    def label(self) -> str:
        """What stands on the page."""
        return f"{self.number:03d}"


@dataclass(frozen=True)
class Mending:
    """One correction with the page it is seen on and the name of who raised it."""

    row: CorrectionRow
    number: int
    name: str
    remedy: str
    raised_by: str
    page: StripPage | None
    answer_url: str


def counts(collected: queries.Collected) -> list[Count]:
    """The page ledger of an item."""
    images = collected.image_pages if collected.item.is_imaged or collected.image_pages else None
    return [
        Count(_("Paper"), collected.item.paper_pages, "#paper-pages" if collected.may_recount else ""),
        Count(_("Images"), images),
    ]


def facts(collected: queries.Collected) -> list[Fact]:
    """The catalogue of an item; numbers of persons are masked."""
    item = collected.item
    settled = item.term.is_settled
    ends = item.retention_ends_date
    lines = [
        Fact(_("Acceptance number"), item.acceptance_no, code=True),
        Fact(_("Business step"), name_of(collected.step)),
        Fact(_("Title"), item.title),
        Fact(_("Date of the record"), item.formed_date.isoformat()),
    ]
    lines += [Fact(labels.label(SubjectKind(row.kind)), row.name, note=row.masked_id) for row in collected.subjects]
    lines.append(
        Fact(
            _("Retention"),
            labels.term_words(item.term),
            note=_("until %(date)s, rule %(rule)s") % {"date": ends.isoformat(), "rule": item.rule_code}
            if ends
            else _("rule %(rule)s") % {"rule": item.rule_code}
            if settled
            else _("the number is not confirmed: kept as if permanent; rule %(rule)s") % {"rule": item.rule_code},
            tone="" if settled else "wait",
        )
    )
    return lines


def is_confirmed(term: retention.Term) -> bool:
    """Whether a term is more than a memory (待核实 must be visible)."""
    return term.kind is not TermKind.UNCONFIRMED


def item_page(collected: queries.Collected, *, page: str = "", material: str = "") -> dict[str, Any]:
    """Everything the capture page shows.

    Args:
        collected: the item.
        page: number of the page to open, as the address says it.
        material: code of the material that the next file belongs to, as the address says it.
    """
    urn = collected.item.urn
    home = reverse("intake:item", kwargs={"urn": urn})
    chosen = _chosen(collected, material)
    strip = _strip(collected, home, chosen)
    mending = _mending(collected, strip)
    wanted = int(page) if page.isdecimal() and len(page) < 6 else 0
    faulted = next((one.page.number for one in mending if one.row.is_open and one.page), 1)
    at = wanted if 1 <= wanted <= len(strip) else faulted
    current = strip[at - 1] if strip else None
    return {
        "collected": collected,
        "item": collected.item,
        "home": home,
        "step_name": name_of(collected.step),
        "materials": _materials(collected, home, chosen, at if wanted else 0),
        "conditions": conditions(collected),
        "chosen": chosen,
        "strip": strip,
        "reads": bool(strip) and collected.may_change and machine.is_on(),
        "current": current,
        "previous": strip[at - 2] if current and at > 1 else None,
        "next": strip[at] if current and at < len(strip) else None,
        "mending": [one for one in mending if one.row.is_open],
        "answered": [one for one in mending if not one.row.is_open],
        "facts": facts(collected),
        "counts": counts(collected),
        "missing": missing(collected, home) if collected.may_change else [],
        "term": labels.term_words(collected.item.term),
        "is_confirmed": is_confirmed(collected.item.term),
        "may_submit": collected.item.state is State.COLLECTING and collected.item.route is not Route.SINGLE_SET,
        "may_close": collected.item.state is State.COLLECTING and collected.item.route is Route.SINGLE_SET,
        "tests": nature_lines(queries.kept_results(urn)),
        "order_url": _order_url(collected),
        "feedback_url": address("review:feedback", urn=urn),
    }


@dataclass(frozen=True)
class NatureLine:
    """One four-nature test and what it said."""

    code: str
    name: str
    detail: str
    words: str
    tone: str
    icon: str


def nature_lines(results: Sequence[Result]) -> list[NatureLine]:
    """The four-nature tests in words (四性检测)."""
    if not results:
        return []
    names = {
        test.code: (test.zh if in_chinese() else test.en) + (f" · DA/T 70 {test.standard}" if test.standard else "")
        for test in schemes.ever().values()
    }
    looks = {
        Outcome.PASS: (pgettext("test", "passed"), "good", "check"),
        Outcome.FAIL: (_("failed"), "bad", "alert-triangle"),
        Outcome.UNSURE: (_("to be looked at"), "wait", "help-circle"),
        Outcome.NOT_APPLICABLE: (_("not applicable"), "", "minus"),
    }
    return [NatureLine(row.code, names[row.code], row.detail, *looks[row.outcome]) for row in results]


def _order_url(collected: queries.Collected) -> str:
    """Where whoever scans in the workshop came from; empty at the counter."""
    if collected.item.state is not State.IN_WORKSHOP:
        return ""
    return address("workshop:order", urn=records.volume_urn_of(collected.item))


def missing(collected: queries.Collected, home: str) -> list[Missing]:
    """What is missing, each line with the place where it is mended."""
    codes = {material.name: material.code for material in collected.step.materials}

    def place(obstacle: Obstacle) -> str:
        if obstacle.code in ("I-003", "I-004"):
            return f"{home}?{urlencode({'material': codes[str(obstacle.params['material'])]})}#upload"
        places = {"I-009": f"{home}#mend", "I-017": "", "H-013": f"{home}#upload", "H-014": f"{home}#conditions"}
        return places.get(obstacle.code, f"{home}#ledger")

    return [Missing(_named(obstacle, collected.step.materials), place(obstacle)) for obstacle in collected.obstacles]


def _named(obstacle: Obstacle, materials: Sequence[MaterialRow]) -> Obstacle:
    """The same obstacle with its material, its group or its question named in the reader's language."""
    names: Mapping[str, str] = {material.name: name_of(material) for material in materials}
    if obstacle.code == "H-014" and not in_chinese():
        english = {material.condition: material.condition_en for material in materials}
        words = str(obstacle.params["condition"])
        return Obstacle(obstacle.code, {"condition": english.get(words) or words})
    said = {
        name: "、".join(names.get(one, one) for one in str(value).split("、"))
        for name, value in obstacle.params.items()
        if name in ("material", "materials")
    }
    return Obstacle(obstacle.code, {**obstacle.params, **said}) if said else obstacle


def _chosen(collected: queries.Collected, wanted: str) -> str:
    """The material the next file belongs to: the one asked for, else the first that lacks a page, else the last."""
    codes = [material.code for material in collected.step.materials]
    if wanted in codes:
        return wanted
    for material in collected.step.materials:
        wanted_now = (material.is_required or material.is_main) and is_asked(material, collected.answers)
        if wanted_now and not collected.pages_by_material.get(material.code):
            return material.code
    return codes[-1] if codes else ""


def _materials(collected: queries.Collected, home: str, chosen: str, at: int) -> list[MaterialLine]:
    files: dict[str, int] = {}
    for component in collected.components:
        files[component.material_code] = files.get(component.material_code, 0) + 1
    keep = {"page": at} if at else {}
    lacking = missing_materials(collected.step.materials, collected.pages_by_material, collected.answers)
    names = set("、".join(lacking_names(lacking)).split("、"))
    return [
        MaterialLine(
            code=material.code,
            name=name_of(material),
            row=material,
            pages=collected.pages_by_material.get(material.code, 0),
            files=files.get(material.code, 0),
            chosen=material.code == chosen,
            url=f"{home}?{urlencode({'material': material.code, **keep})}#upload",
            is_missing=material.name in names and not collected.pages_by_material.get(material.code),
            is_asked=is_asked(material, collected.answers),
            condition=material.condition if in_chinese() else material.condition_en or material.condition,
        )
        for material in collected.step.materials
    ]


def material_lines(collected: queries.Collected, wanted: str) -> list[MaterialLine]:
    """The material list with what lies there, for a page that shows nothing else."""
    return _materials(
        collected, reverse("intake:item", kwargs={"urn": collected.item.urn}), _chosen(collected, wanted), 0
    )


def conditions(collected: queries.Collected) -> list[ConditionLine]:
    """What the material list asks of the case itself, each question with its answer."""
    return [
        ConditionLine(place, words if in_chinese() or not english else english, words, collected.answers.get(words))
        for place, (words, english) in enumerate(collected.step.conditions, 1)
    ]


def _strip(collected: queries.Collected, home: str, chosen: str) -> list[StripPage]:
    names = {material.code: name_of(material) for material in collected.step.materials}
    boxes: dict[tuple[int | None, int | None], list[Box]] = {}
    faults: dict[tuple[int | None, int | None], int] = {}
    for number, row in enumerate(collected.corrections, 1):
        place = (row.component_pk, row.page_no)
        if row.is_open:
            faults[place] = faults.get(place, 0) + 1
        if row.box and row.is_open:
            boxes.setdefault(place, []).append(
                Box(*row.box, number=number, words=row.fault.zh if in_chinese() else row.fault.en)
            )
    strip: list[StripPage] = []
    for component in collected.components:
        flags = flags_of(collected.findings.get(component.sha512, ()))
        for page_no in range(1, component.page_count + 1):
            number = len(strip) + 1
            place = (component.pk, page_no)
            at = {"component": component.pk, "page": page_no}
            strip.append(
                StripPage(
                    number=number,
                    component=component,
                    page_no=page_no,
                    material=names.get(component.material_code, component.material_code),
                    url=f"{home}?{urlencode({'page': number, 'material': chosen})}",
                    thumb_url=address("formats:thumb", **at),
                    image_url=address("formats:view", **at),
                    boxes=tuple(boxes.get(place, ())),
                    faults=faults.get(place, 0),
                    flags=flags,
                )
            )
    return strip


def _mending(collected: queries.Collected, strip: Sequence[StripPage]) -> list[Mending]:
    by_place: dict[tuple[int, int], StripPage] = {(page.component.pk, page.page_no): page for page in strip}
    names = accounts.staff_names({row.raised_by for row in collected.corrections}) if collected.corrections else {}
    return [
        Mending(
            row=row,
            number=number,
            name=row.fault.zh if in_chinese() else row.fault.en,
            remedy=row.fault.remedy_zh if in_chinese() else row.fault.remedy_en,
            raised_by=names.get(row.raised_by, row.raised_by),
            page=by_place.get((row.component_pk, row.page_no or 1)) if row.component_pk else None,
            answer_url=address("corrections:answer", pk=row.pk),
        )
        for number, row in enumerate(collected.corrections, 1)
    ]
