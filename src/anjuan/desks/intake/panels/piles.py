"""The pages of piles as frozen shapes: the list, and a split as a proposal of thumbnails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import panels, queries
from anjuan.desks.intake.queries import piles as seen
from anjuan.desks.intake.queries.piles import LeafRow, PileRow, Proposal
from anjuan.desks.intake.rules.piles import Heading, LeafKind, PileStatus, Segment, spell
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import MaterialRow
from anjuan.foundation.web.panels import address
from anjuan.foundation.web.shapes import Missing

STATUS_WORDS = {
    PileStatus.READING: ("wait", "hourglass"),
    PileStatus.OPEN: ("wait", "eye"),
    PileStatus.TAKEN: ("good", "check"),
    PileStatus.DISCARDED: ("", "ban"),
}


@dataclass(frozen=True)
class Thumb:
    """A file of a pile with what can be said of it."""

    row: LeafRow
    url: str
    view_url: str
    refusal: str
    strange: tuple[str, ...]
    is_page: bool
    is_blank: bool
    is_separator: bool
    material: str


@dataclass(frozen=True)
class Stretch:
    """A segment as drawn: its case, its pages, and what is wrong."""

    segment: Segment
    title: str
    case_url: str
    thumbs: Sequence[Thumb]
    problem: str
    remedy: str
    tone: str
    is_whole: bool


def status_words(status: PileStatus) -> str:
    """How a pile stands."""
    return {
        PileStatus.READING: _("being read"),
        PileStatus.OPEN: _("to be confirmed"),
        PileStatus.TAKEN: _("taken in"),
        PileStatus.DISCARDED: _("discarded"),
    }[status]


def list_lines(rows: Sequence[PileRow]) -> list[dict[str, Any]]:
    """Piles in a list."""
    names = accounts.staff_names({row.owner_code for row in rows})
    return [
        {
            "row": row,
            "url": reverse("intake:pile", kwargs={"uid": row.uid}),
            "words": status_words(row.status),
            "tone": STATUS_WORDS[row.status][0],
            "icon": STATUS_WORDS[row.status][1],
            "owner": names.get(row.owner_code, row.owner_code),
        }
        for row in rows
    ]


def pile_page(found: Proposal) -> dict[str, Any]:
    """A pile as its page shows it."""
    pages, blanks, separators = found.counted
    # A code has its name within a step: the main form of one is called otherwise than that of another.
    steps = {step.code: step for step in schedule.steps()}
    names = {code: {one.code: panels.name_of(one) for one in step.materials} for code, step in steps.items()}
    here = {one.known.step_code for one in found.segments if one.known}
    materials = _materials([steps[code] for code in sorted(here & steps.keys())])
    rows = {row.ordinal: row for row in found.leaves}
    return {
        "pile": found.pile,
        "words": status_words(found.pile.status),
        "tone": STATUS_WORDS[found.pile.status][0],
        "stretches": [
            _stretch(found.pile, segment, rows, names.get(segment.known.step_code, {}) if segment.known else {})
            for segment in found.segments
        ],
        "twins": found.twins,
        "pages": pages,
        "blanks": blanks,
        "separators": separators,
        "agrees": pages == found.pile.paper_pages,
        "cases": sum(bool(one.number) for one in found.segments),
        "ready": len(found.ready),
        "missing": [Missing(one) for one in found.obstacles],
        "is_open": found.pile.status in (PileStatus.READING, PileStatus.OPEN),
        "is_reading": found.unread > 0 and found.pile.status is PileStatus.READING,
        "unread": found.unread,
        "materials": sorted(materials.items(), key=lambda pair: pair[1]),
        "jobs_url": address("jobs:listing"),
    }


def _materials(steps: Sequence[schedule.StepRow]) -> dict[str, str]:
    """The materials of several steps by code: by name where they agree on one, else by what it is."""
    told: dict[str, list[MaterialRow]] = {}
    for step in steps:
        for one in step.materials:
            told.setdefault(one.code, []).append(one)
    names = {code: list(dict.fromkeys(panels.name_of(one) for one in rows)) for code, rows in told.items()}
    return {
        code: called[0] if len(called) == 1 else _("main form") if told[code][0].is_main else "、".join(called)
        for code, called in names.items()
    }


def _stretch(pile: PileRow, segment: Segment, rows: Mapping[int, LeafRow], materials: Mapping[str, str]) -> Stretch:
    placed = dict(segment.placed)
    problem, remedy = _words(segment.problem)
    whole = segment.known is not None and segment.lacks == 0
    tone = "good" if segment.is_taken or (not problem and whole) else "bad" if problem else "wait"
    return Stretch(
        segment=segment,
        title=segment.known.title if segment.known else "",
        case_url=reverse("intake:item", kwargs={"urn": segment.known.urn}) if segment.known else "",
        thumbs=[
            _thumb(pile, rows[leaf.ordinal], materials.get(placed.get(leaf.ordinal, ""), "")) for leaf in segment.leaves
        ],
        problem=problem,
        remedy=remedy,
        tone=tone,
        is_whole=whole,
    )


def _thumb(pile: PileRow, row: LeafRow, material: str) -> Thumb:
    language = get_language() or "zh"
    where = {"uid": pile.uid, "ordinal": row.ordinal}
    return Thumb(
        row=row,
        url="" if row.refusal else reverse("intake:pile_thumb", kwargs=where),
        view_url="" if row.refusal else reverse("intake:pile_view", kwargs=where),
        refusal=row.refusal.message(language) if row.refusal else "",
        strange=row.strange_codes,
        is_page=row.kind is LeafKind.PAGE,
        is_blank=row.kind is LeafKind.BLANK,
        is_separator=row.kind is LeafKind.SEPARATOR,
        material=material,
    )


def _words(obstacle: Obstacle | None) -> tuple[str, str]:
    if obstacle is None:
        return "", ""
    refusal: Refusal = obstacle.as_refusal()
    language = get_language() or "zh"
    return refusal.message(language), refusal.remedy(language)


def separator_rows(agency_code: str, numbers: Sequence[str], *, with_materials: bool) -> list[dict[str, Any]]:
    """The sheets to print for registered cases: one a case, or one a material of its list.

    Raises:
        I-045: a number is not registered at that agency.
    """
    known = seen.known_cases(agency_code, numbers)
    names = {step.code: {one.code: one.name for one in step.materials} for step in schedule.steps()}
    rows = []
    for number in numbers:
        case = known.get(number)
        if case is None:
            raise Refusal("I-045", number=number)
        headings = (
            [Heading(number if at == 0 else "", "", code) for at, code in enumerate(case.materials)]
            if with_materials
            else [Heading(number)]
        )
        for heading in headings:
            rows.append(
                {
                    "heading": number,
                    "lines": [
                        line for line in (case.title, names.get(case.step_code, {}).get(heading.material, "")) if line
                    ],
                    "symbol": printing.qr_code(spell(heading)),
                }
            )
    return rows


def separators_pdf(occasion: Occasion, agency_code: str, numbers: Sequence[str], *, with_materials: bool) -> bytes:
    """Separator sheets of registered cases as a PDF.

    Raises:
        A-001, R-009: the actor is no handler of such an agency.
        I-045: a number is not registered there; I-043 none is named.
    """
    seen.agency_path(occasion.actor, agency_code)
    if not numbers:
        raise Refusal("I-043")
    return printing.print_form(
        form=FormName.SEPARATOR,
        facts={
            "agency_name": accounts.agency_names()[agency_code],
            "rows": separator_rows(agency_code, numbers, with_materials=with_materials),
        },
        at=occasion.at,
        practice=settings.PRACTICE,
    )


def counter_numbers(items: Sequence[queries.Waiting]) -> list[dict[str, str]]:
    """What separators can be printed for: the cases on the counter."""
    return [{"number": one.item.acceptance_no, "title": one.item.title} for one in items]
