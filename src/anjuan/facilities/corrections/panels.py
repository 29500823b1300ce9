"""What corrections hang on the shared pages, and one correction as its page shows it."""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.detection.catalogue import Grade
from anjuan.core.terms import Actor, Post
from anjuan.facilities.corrections import queries
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.facilities.corrections.queries.quality import QUALITY_POSTS, AgencyQuality
from anjuan.facilities.corrections.rules import ANSWERING_POSTS, Cause, Fault
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web import shapes
from anjuan.foundation.web.panels import DeskQueue, RailEntry, address
from anjuan.foundation.web.shapes import Box, Fact, QueueRow, Words

POSTS = frozenset(ANSWERING_POSTS)
SWEEPING_POSTS = (Post.CHECKER, Post.ACCEPTOR, Post.RECHECKER)  # who may look for the same fault elsewhere
ROWS_ON_MY_DESK = 8


def fault_name(fault: Fault) -> str:
    """The fault in the reader's language."""
    return fault.zh if (get_language() or "zh").startswith("zh") else fault.en


def cause_of(fault: Fault) -> str:
    """How it comes about as a rule, in the reader's language."""
    return fault.cause_zh if (get_language() or "zh").startswith("zh") else fault.cause_en


def remedy_of(fault: Fault) -> str:
    """What the catalogue says about mending it, in the reader's language."""
    return fault.remedy_zh if (get_language() or "zh").startswith("zh") else fault.remedy_en


# Under what a person looks for a fault, by the first letter of its id.
_GROUPS = {
    "V": gettext_lazy("Volume and paper"),
    "S": gettext_lazy("Seals, signatures, dates"),
    "D": gettext_lazy("Catalogue"),
    "I": gettext_lazy("Images"),
    "L": gettext_lazy("Links and files"),
}


def fault_choices() -> list[shapes.Fault]:
    """The faults a person can raise, in the reader's language, grouped as the catalogue is."""
    return [
        shapes.Fault(fault.code, fault_name(fault), _GROUPS[fault.code[0]])
        for fault in queries.fault_catalogue().values()
    ]


def queue_row(row: CorrectionRow) -> QueueRow:
    """One line of the corrections that wait for an answer."""
    place = _("page %(page)s") % {"page": row.page_no} if row.page_no else ""
    return QueueRow(
        code=row.reference,
        title=f"{row.fault.code} {fault_name(row.fault)}",
        url=reverse("corrections:one", kwargs={"pk": row.pk}),
        stuck=" · ".join(part for part in (place, row.note) if part),
        since=row.raised_at,
        due=row.due_date,
        words=_("class %(letter)s") % {"letter": row.fault.grade.value},
        tone="bad" if row.fault.grade is Grade.A else "wait",
    )


def mend_url(actor: Actor, row: CorrectionRow) -> str:
    """Where the actor may mend it: the counter's page of the item. Empty where others mend it.

    An item that never left the counter is mended by its handler; one in a returned volume by those who filed it too.
    """
    if row.unit == row.item_urn and not actor.holds(Post.HANDLER):
        return ""
    url = address("intake:item", urn=row.item_urn)
    return f"{url}#mend" if url else ""


def correction_page(actor: Actor, row: CorrectionRow) -> dict[str, Any]:
    """Everything the page of one correction shows."""
    names = accounts.staff_names({row.raised_by, row.answered_by} - {""})
    where = {"component": row.component_pk or 0, "page": row.page_no or 1}
    return {
        "row": row,
        "fault_name": fault_name(row.fault),
        "remedy": remedy_of(row.fault),
        "causes": [(cause.value, words) for cause, words in CAUSES.items()],
        "mend_url": mend_url(actor, row),
        "sweep_url": address("inspection:sweep", pk=row.pk) if actor.covers(row.agency_path, *SWEEPING_POSTS) else "",
        "image_url": address("formats:view", **where) if row.component_pk else "",
        "box": Box(*row.box) if row.box else None,
        "facts": [
            Fact(_("Record"), row.reference, url=address("search:item", urn=row.item_urn), code=True),
            Fact(_("Fault"), f"{row.fault.code} {fault_name(row.fault)}", note=remedy_of(row.fault)),
            Fact(_("Page"), str(row.page_no) if row.page_no else _("the whole record")),
            Fact(_("Note"), row.note or None),
            Fact(_("Found by"), names.get(row.raised_by, row.raised_by), note=_moment(row.raised_at)),
            Fact(_("To be answered by"), row.due_date.isoformat()),
        ],
    }


def _moment(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _rows(actor: Actor) -> Sequence[QueueRow]:
    return [queue_row(row) for row in queries.open_for(actor, limit=ROWS_ON_MY_DESK)]


MOST_PROBLEMS = 30
QUALITY_DAYS = (30, 90, 365)  # times the report can be had for
CAUSES: Mapping[Cause, Words] = {
    Cause.HANDLING: gettext_lazy("left out when it was handled"),
    Cause.SCANNING: gettext_lazy("left out when it was scanned"),
    Cause.DESCRIBING: gettext_lazy("described wrongly"),
    Cause.RULES: gettext_lazy("by another version of the rules"),
    Cause.DEVICE: gettext_lazy("a device"),
    Cause.HISTORY: gettext_lazy("from old days"),
}


def chosen_days(typed: str) -> int:
    """How many days the report looks back: one of those offered, a year where nothing else was chosen."""
    return next((days for days in QUALITY_DAYS if str(days) == typed), QUALITY_DAYS[-1])


@dataclass(frozen=True)
class Column:
    """One month of the picture: heights in hundredths of the tallest, a part a class, from the foot up."""

    month: str
    count: int
    parts: Sequence[tuple[str, int, int]]  # class, foot, height


PAPERS = (
    ("analysis", gettext_lazy("Quality report")),
    ("problems", gettext_lazy("List of faults")),
    ("opinion", gettext_lazy("Opinion: what to mend")),
    ("mended", gettext_lazy("What was mended")),
)


@dataclass(frozen=True)
class QualityCard:
    """One agency of the quality report as drawn: bars are shares of the most frequent fault."""

    quality: AgencyQuality
    bars: Sequence[tuple[str, str, int, int]]
    columns: Sequence[Column]
    causes: Sequence[tuple[Words, int]]
    repeated: Sequence[tuple[str, str, int]]
    problems: Sequence[tuple[str, str, int]]
    more: int
    papers: Sequence[tuple[Words, str]]


def quality_card(found: AgencyQuality) -> QualityCard:
    """What was found in one agency's records."""
    top = max((count for _, count in found.faults), default=1)
    bars = [(fault.code, fault_name(fault), count, max(2, round(100 * count / top))) for fault, count in found.faults]
    problems = [(address("progress:open", urn=unit), reference, count) for unit, reference, count in found.problems]
    return QualityCard(
        found,
        bars,
        _columns(found),
        [(CAUSES[cause] if cause else _("not said"), count) for cause, count in found.causes],
        [(one.staff_name, f"{one.fault.code} {fault_name(one.fault)}", one.count) for one in found.repeated],
        problems[:MOST_PROBLEMS],
        max(0, len(problems) - MOST_PROBLEMS),
        [
            (words, url)
            for paper, words in PAPERS
            if (url := address("inspection:agency_paper", agency=found.agency_code, paper=paper))
        ],
    )


def _columns(found: AgencyQuality) -> list[Column]:
    tallest = max((sum(counts.values()) for _, counts in found.months), default=0) or 1
    columns = []
    for month, counts in itertools.dropwhile(lambda one: not sum(one[1].values()), found.months):
        foot, parts = 0, []
        for grade in Grade:
            height = round(100 * counts[grade] / tallest)
            parts.append((grade.value, foot, height))
            foot += height
        columns.append(Column(month, sum(counts.values()), parts))
    return columns


RAIL = (
    RailEntry(
        title=gettext_lazy("Quality of volumes"),
        url_name="corrections:quality",
        icon="file-report",
        posts=frozenset(QUALITY_POSTS),
        group="USE",
        order=55,
    ),
    RailEntry(
        gettext_lazy("Corrections"), "corrections:waiting", "tool", POSTS, order=18, count=queries.count_open_for
    ),
)
QUEUES = (
    DeskQueue(
        gettext_lazy("Corrections to answer"),
        "corrections:waiting",
        POSTS,
        rows=_rows,
        count=queries.count_open_for,
        icon="tool",
        order=5,
        verb=gettext_lazy("Mend"),
    ),
)
