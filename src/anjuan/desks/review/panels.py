"""What review hangs on the shared pages, and the judge view put together from what the queries saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.terms import Actor, Post, Route, SubjectKind
from anjuan.desks.review import queries
from anjuan.facilities.assurance.panels.seen import SeenLine, seen_on
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.facilities.formats.panels import Flag, flags_of
from anjuan.facilities.reading import queries as reading
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule.rules import RiskGrade, is_asked
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import DeskQueue, RailEntry, address
from anjuan.foundation.web.shapes import Box, Count, Fact, Judging, Missing, PageImage, QueueRow

POSTS = frozenset({Post.REVIEWER})
ROWS_ON_MY_DESK = 8


def in_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh").startswith("zh")


def risk_words(risk: RiskGrade) -> str:
    """A grade of risk in words."""
    return {
        RiskGrade.HIGH: pgettext("risk", "high risk"),
        RiskGrade.MEDIUM: pgettext("risk", "medium risk"),
        RiskGrade.LOW: pgettext("risk", "low risk"),
    }[risk]


def queue_rows(found: Sequence[queries.Waiting]) -> list[QueueRow]:
    """Lines of the reviewer's queue."""
    mended = queries.come_back([one.item.urn for one in found])
    return [_queue_row(one, is_mended=one.item.urn in mended) for one in found]


def _queue_row(one: queries.Waiting, *, is_mended: bool) -> QueueRow:
    item = one.item
    pages = (
        _("paper first: to be counted")
        if item.route is Route.LEGACY
        else ngettext("%(n)s page of paper", "%(n)s pages of paper", item.paper_pages) % {"n": item.paper_pages}
    )
    return QueueRow(
        code=item.acceptance_no,
        title=item.title,
        url=reverse("review:judge", kwargs={"urn": item.urn}),
        since=item.state_since,
        due=timezone.localdate(one.due),
        words=_("mended, look again") if is_mended else _("new"),
        tone="wait" if is_mended else "",
        stuck=f"{risk_words(one.risk)} · {pages}",
    )


def risk_tabs(counts: Mapping[RiskGrade, int], chosen: RiskGrade | None) -> list[tuple[str, str, int, bool]]:
    """Grades to choose from: code, words, how many, whether chosen; nothing is chosen first."""
    whole = [("", _("All"), sum(counts.values()), chosen is None)]
    return whole + [(risk.value, risk_words(risk), count, risk is chosen) for risk, count in counts.items() if count]


def _rows(actor: Actor) -> Sequence[QueueRow]:
    return queue_rows(queries.waiting(actor)[:ROWS_ON_MY_DESK])


RAIL = (
    RailEntry(
        pgettext_lazy("desk", "Review"), "review:waiting", "eye-check", POSTS, order=20, count=queries.count_waiting
    ),
)
QUEUES = (
    DeskQueue(
        gettext_lazy("Waiting for review"),
        "review:waiting",
        POSTS,
        rows=_rows,
        count=queries.count_waiting,
        icon="eye-check",
        order=20,
        verb=gettext_lazy("Review"),
    ),
)


# The judge view ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaterialLine:
    """One line of the material list and what lies in the item for it."""

    name: str
    is_main: bool
    is_required: bool
    original_required: bool
    pages: int
    first_url: str
    is_asked: bool  # its condition holds, or it has none
    condition: str


@dataclass(frozen=True)
class Earlier:
    """A fault that was found before: what, where, and what was answered."""

    number: int
    row: CorrectionRow
    name: str
    url: str
    page: str
    answered_by: str


@dataclass(frozen=True)
class Flagged:
    """A file that was flagged when it came in, and where its pages begin."""

    name: str
    page: str
    url: str
    original_url: str
    flags: tuple[Flag, ...]


def judge_page(judged: queries.Judged, *, page: str = "") -> dict[str, Any]:
    """Everything the judge view shows.

    Args:
        judged: the item as this reviewer sees it.
        page: number of the page to open, as the address says it.
    """
    sheet = judged.sheet
    home = reverse("review:judge", kwargs={"urn": sheet.item.urn})
    pages = sheet.pages
    # Beside its own verdict on each page the review sees the machine's: image, catalogue and business data (反证业务).
    seen = seen_on(sheet.item, sheet.components, home, numbered_from=len(sheet.corrections) + 1)
    current = int(page) if page.isdecimal() and len(page) < 6 and 1 <= int(page) <= len(pages) else 1
    judging = Judging(
        pages=_images(judged, home, seen),
        current=current - 1,
        facts=_facts(judged),
        accept_url=reverse("review:pass_item", kwargs={"urn": sheet.item.urn}) if judged.may_judge else "",
        accept_words=_("Pass"),
        return_url=reverse("review:return_item", kwargs={"urn": sheet.item.urn}) if judged.may_judge else "",
        return_words=_("Return for correction"),
        faults=fault_choices(),
        blocked=[Missing(obstacle, _unseen_url(judged, home)) for obstacle in judged.obstacles]
        if judged.may_judge
        else [],
    )
    return {
        "judging": judging,
        "judged": judged,
        "item": sheet.item,
        "home": home,
        "seen": len(judged.seen),
        "total": len(pages),
        "materials": _materials(judged, home),
        "earlier": _earlier(judged, home),
        "flagged": _flagged(judged, home),
        "machine": seen,
        "unread": reading.unread(sheet.components) if reading.is_on() else 0,
        "twins_url": address("intake:twins", urn=sheet.item.urn),
        "on_paper": sheet.item.route is Route.LEGACY,
        "counts": [Count(_("Paper"), sheet.item.paper_pages), Count(_("Images"), len(pages))],
    }


def _unseen_url(judged: queries.Judged, home: str) -> str:
    for number, page in enumerate(judged.sheet.pages, 1):
        if page not in judged.seen:
            return f"{home}?page={number}"
    return ""


def _images(judged: queries.Judged, home: str, machine: Sequence[SeenLine]) -> list[PageImage]:
    boxes: dict[tuple[int | None, int | None], list[Box]] = {}
    for number, row in enumerate(judged.sheet.corrections, 1):
        name = row.fault.zh if in_chinese() else row.fault.en
        shown = [Box(*row.box, number=number, tone="wait", words=name)] if row.box else []
        boxes.setdefault((row.component_pk, row.page_no), []).extend(shown)
    faulted_before = frozenset(boxes)
    for line in machine:
        if line.page:
            boxes.setdefault(judged.sheet.pages[line.page - 1], []).extend(line.boxes)
    flags = {row.pk: flags_of(judged.sheet.findings.get(row.sha512, ())) for row in judged.sheet.components}
    images = []
    for number, (component, page_no) in enumerate(judged.sheet.pages, 1):
        place = {"component": component, "page": page_no}
        seen = (component, page_no) in judged.seen
        faulted = (component, page_no) in faulted_before
        words = [
            _("seen") if seen else _("not seen yet"),
            *([_("a fault was found here before")] if faulted else []),
            *(flag.name for flag in flags[component]),
        ]
        images.append(
            PageImage(
                number=f"{number:03d}",
                url=f"{home}?page={number}",
                image_url=address("formats:view", **place),
                thumb_url=address("formats:thumb", **place),
                tiles_url=address("formats:tiles", **place),
                tone="good" if seen else "wait",
                words=", ".join(words),
                boxes=boxes.get((component, page_no), ()),
                component=str(component),
            )
        )
    return images


def _facts(judged: queries.Judged) -> list[Fact]:
    """The catalogue, full: comparing it with the image is the reviewer's work. What is unsure stands first."""
    sheet, item = judged.sheet, judged.sheet.item
    step_name = sheet.step.name if in_chinese() or not sheet.step.name_en else sheet.step.name_en
    term = Fact(
        _("Retention"),
        labels.term_words(item.term),
        note=_("rule %(rule)s") % {"rule": item.rule_code}
        if item.term.is_settled
        else _("the number is not confirmed: kept as if permanent; rule %(rule)s") % {"rule": item.rule_code},
        tone="" if item.term.is_settled else "wait",
    )
    lines: list[Fact] = [] if item.term.is_settled else [term]
    for row in sheet.subjects:
        kind = labels.label(SubjectKind(row.kind))
        lines.append(Fact(kind, row.name))
        person = row.kind == SubjectKind.INSURED_PERSON
        lines.append(
            Fact(
                _("ID number") if person else _("Credit code"),
                row.id_number if person else row.credit_code or None,
                code=bool(row.id_number if person else row.credit_code),
            )
        )
    lines += [
        Fact(_("Acceptance number"), item.acceptance_no, code=True),
        Fact(_("Business step"), step_name),
        Fact(_("Title"), item.title),
        Fact(_("Date of the record"), item.formed_date.isoformat()),
    ]
    return [*lines, term] if item.term.is_settled else lines


def _materials(judged: queries.Judged, home: str) -> list[MaterialLine]:
    first: dict[str, int] = {}
    pages: dict[str, int] = {}
    number = 1
    for component in judged.sheet.components:
        first.setdefault(component.material_code, number)
        pages[component.material_code] = pages.get(component.material_code, 0) + component.page_count
        number += component.page_count
    return [
        MaterialLine(
            name=material.name if in_chinese() or not material.name_en else material.name_en,
            is_main=material.is_main,
            is_required=material.is_required,
            original_required=material.original_required,
            pages=pages.get(material.code, 0),
            first_url=f"{home}?page={first[material.code]}" if material.code in first else "",
            is_asked=is_asked(material, judged.sheet.answers),
            condition=material.condition if in_chinese() else material.condition_en or material.condition,
        )
        for material in judged.sheet.step.materials
    ]


def _earlier(judged: queries.Judged, home: str) -> list[Earlier]:
    rows = judged.sheet.corrections
    names = accounts.staff_names({row.answered_by for row in rows if row.answered_by}) if rows else {}
    places = {place: number for number, place in enumerate(judged.sheet.pages, 1)}
    found = []
    for number, row in enumerate(rows, 1):
        at = places.get((row.component_pk or 0, row.page_no or 1), 0)
        found.append(
            Earlier(
                number=number,
                row=row,
                name=row.fault.zh if in_chinese() else row.fault.en,
                url=f"{home}?page={at}" if at else "",
                page=f"{at:03d}" if at else "",
                answered_by=names.get(row.answered_by, row.answered_by),
            )
        )
    return found


def _flagged(judged: queries.Judged, home: str) -> list[Flagged]:
    found: list[Flagged] = []
    number = 1
    for row in judged.sheet.components:
        if flags := flags_of(judged.sheet.findings.get(row.sha512, ())):
            original = address("formats:original", component=row.pk)
            found.append(Flagged(row.original_name, f"{number:03d}", f"{home}?page={number}", original, flags))
        number += row.page_count
    return found
