"""The pages of what came from the business system: reconciliation, cases that wait, conflicts, retyping."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, State
from anjuan.desks.intake import panels
from anjuan.desks.intake.queries import business_cases as queries
from anjuan.desks.intake.rules.describing import Origin
from anjuan.facilities.business import queries as business
from anjuan.facilities.business.queries import reconciliation
from anjuan.facilities.business.queries.reconciliation import Gap, GapCount, GapRow
from anjuan.facilities.business.rules import DESCRIBED
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web import labels
from anjuan.foundation.web.shapes import Tile


@dataclass(frozen=True)
class GapLine:
    """Gaps of one agency and business step; each number opens its list."""

    agency: str
    step: str
    counts: Sequence[tuple[int, str]]
    oldest: dt.datetime


def permit(actor: Actor) -> None:
    """Whether the actor may see the reconciliation.

    Raises:
        A-001: none of his posts answers for it.
    """
    if not actor.holds(*reconciliation.POSTS):
        raise Refusal("A-001", posts=reconciliation.POSTS)


def gap_words(gap: Gap) -> str:
    """What does not agree."""
    return {
        Gap.NO_RECORD: _("Completed, no record"),
        Gap.NOT_FILED: _("Completed, not filed"),
        Gap.NO_BUSINESS: _("Record without completed business"),
    }[gap]


def overview(actor: Actor, *, now: dt.datetime) -> dict[str, Any]:
    """Everything the page of the business systems shows."""
    counts = reconciliation.counts(actor)
    totals = {gap: sum(one.count for one in counts if one.gap is gap) for gap in Gap}
    is_handler = actor.holds(Post.HANDLER)
    held = [one.agency_code for one in actor.appointments if one.post in reconciliation.POSTS]
    typed, taken = queries.retyping(held, since=now - dt.timedelta(days=365))
    share = round(100 * typed / (typed + taken)) if typed + taken else 0
    tiles = [Tile(gap_words(gap), totals[gap], _gap_url(gap), tone="bad" if totals[gap] else "") for gap in Gap]
    return {
        "tiles": tiles,
        "lines": gap_lines(counts),
        "heads": [gap_words(gap) for gap in Gap],
        "unfiled": [_unfiled(one) for one in queries.unfiled(actor)] if is_handler else [],
        "conflicts": queries.conflicts(actor) if is_handler else [],
        "typed": typed,
        "taken": taken,
        "share": share,
        "fields": field_lines(queries.origins_by_field(held, since=now - dt.timedelta(days=365))),
        "maps": [
            {
                "source": one.source,
                "step": one.step_code or "—",
                "names": "；".join(f"{k}={v}" for k, v in one.names.items()),
            }
            for one in business.field_maps()
        ],
        "may_map": actor.holds(Post.ARCHIVIST),
        "known_fields": "、".join(DESCRIBED),
    }


def field_lines(found: Mapping[str, Mapping[Origin, int]]) -> list[dict[str, Any]]:
    """By field: taken over, changed, typed, and the share that was typed or changed."""
    words = {
        "title": _("Title"),
        "formed_date": _("Date of the record"),
        "paper_pages": _("Pages of paper"),
        "person_name": _("Name"),
        "person_id": _("ID number"),
        "employer_name": _("Employer"),
        "credit_code": _("Unified social credit code"),
    }
    return [
        {
            "name": words[field],
            "counts": [counts[origin] for origin in Origin],
            "share": round(100 * (counts[Origin.CHANGED] + counts[Origin.TYPED]) / sum(counts.values())),
        }
        for field, counts in ((field, found[field]) for field in DESCRIBED if field in found)
    ]


def gap_lines(counts: Sequence[GapCount]) -> list[GapLine]:
    """Counts by agency and step."""
    agencies, steps = accounts.agency_names(), {step.code: panels.name_of(step) for step in schedule.steps()}
    by_place: dict[tuple[str, str], dict[Gap, GapCount]] = {}
    for one in counts:
        by_place.setdefault((one.agency_code, one.step_code), {})[one.gap] = one
    return [
        GapLine(
            agency=agencies.get(agency, agency),
            step=steps.get(step, step),
            counts=[(found[gap].count if gap in found else 0, _gap_url(gap, agency=agency, step=step)) for gap in Gap],
            oldest=min(one.oldest for one in found.values()),
        )
        for (agency, step), found in sorted(by_place.items())
    ]


def gap_page(gap: Gap, rows: Sequence[GapRow], *, agency: str, step: str) -> dict[str, Any]:
    """One list behind a number."""
    agencies, steps = accounts.agency_names(), {one.code: panels.name_of(one) for one in schedule.steps()}
    more = len(rows) == reconciliation.ROWS
    return {
        "words": gap_words(gap),
        "rows": [
            {
                "row": row,
                "agency": agencies.get(row.agency_code, row.agency_code),
                "step": steps.get(row.step_code, row.step_code),
                "url": reverse("intake:item", kwargs={"urn": row.urn}) if row.urn else "",
            }
            for row in rows
        ],
        "next": _gap_url(gap, agency=agency, step=step, after=str(rows[-1].key)) if more else "",
        "export": _gap_url(gap, agency=agency, step=step, **{"as": "csv"}),
    }


def export_lines(gap: Gap, actor: Actor, *, agency: str, step: str) -> Any:
    """A list as rows of a sheet."""
    yield ["机构", "业务环节", "受理号", "起始时间", "现状"]
    agencies, steps = accounts.agency_names(), {one.code: one.name for one in schedule.steps()}
    for row in reconciliation.every(actor, gap, agency_code=agency, step_code=step):
        state = labels.label(State(row.state)) if row.state else "无记录"
        yield [
            agencies.get(row.agency_code, row.agency_code),
            steps.get(row.step_code, row.step_code),
            row.number,
            row.since.date().isoformat(),
            state,
        ]


def conflict_page(row: queries.ConflictRow) -> dict[str, Any]:
    """One conflict: what the record says, what was sent."""
    words = {
        "step": _("Business step"),
        "title": _("Title"),
        "formed_date": _("Date of the record"),
        "paper_pages": _("Pages of paper"),
        "route": _("Which way it goes"),
        "persons": _("Insured persons"),
        "employer": _("Employer"),
    }
    names = accounts.staff_names({row.sender_code, row.settled_by})
    return {
        "conflict": row,
        "facts": [(words[name], row.ours.get(name, ""), row.facts[name], name in row.differs) for name in row.facts],
        "sender": names.get(row.sender_code, row.sender_code),
        "settler": names.get(row.settled_by, row.settled_by),
        "item_url": reverse("intake:item", kwargs={"urn": row.urn}),
    }


def _unfiled(row: queries.UnfiledRow) -> dict[str, Any]:
    language = get_language() or "zh"
    return {
        "row": row,
        "url": reverse("intake:item", kwargs={"urn": row.urn}),
        "why": row.refusal.message(language),
        "remedy": row.refusal.remedy(language),
    }


def _gap_url(gap: Gap, **query: str) -> str:
    kept = urlencode({key: value for key, value in query.items() if value})
    return reverse("intake:gaps", kwargs={"gap": gap.value}) + (f"?{kept}" if kept else "")
