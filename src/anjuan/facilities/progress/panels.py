"""The one sentence on every record, its one button, and the door to the times of the steps."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from anjuan.core.terms import Route, Verb
from anjuan.facilities.progress import queries
from anjuan.facilities.progress.queries import Standing, deadlines
from anjuan.facilities.progress.rules import Cause, Deadline, OnTime, Step
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import DeskNumber, Panel, RailEntry, address

RAIL = (
    RailEntry(
        title=gettext_lazy("Deadlines"),
        url_name="progress:deadlines",
        icon="calendar",
        posts=frozenset(deadlines.READERS),
        order=58,
    ),
    RailEntry(
        title=gettext_lazy("Times of the steps"),
        url_name="progress:steps",
        icon="chart-histogram",
        posts=frozenset(queries.STEPS_READERS),
        group="USE",
        order=60,
    ),
)
NUMBERS = (
    DeskNumber(
        gettext_lazy("Late: filing and transfer"),
        "progress:deadlines",
        frozenset(deadlines.READERS),
        deadlines.count_late,
        icon="alert-triangle",
        order=30,
        is_bad=True,
    ),
    DeskNumber(
        gettext_lazy("Due within a week"),
        "progress:deadlines",
        frozenset(deadlines.READERS),
        deadlines.count_soon,
        icon="calendar",
        order=31,
    ),
)
PANELS = (Panel(slot="record.standing", title=gettext_lazy("Why is it not moving?"), url_name="progress:standing"),)

# Where the next deed is done. A page that takes no record is a queue.
_PAGES: Mapping[Verb, tuple[str, bool]] = {
    Verb.SUBMIT: ("intake:item", True),
    Verb.CLOSE: ("intake:item", True),
    Verb.PASS_ITEM: ("review:judge", True),
    Verb.ARRANGE: ("filing:pool", False),
    Verb.SEAL: ("filing:volume", True),
    Verb.RESUBMIT: ("filing:volume", True),
    Verb.PASS_SELF_CHECK: ("inspection:self_check", True),
    Verb.APPLY: ("transfer:apply", False),
    Verb.PRE_ACCEPT: ("inspection:pre_acceptance", True),
    Verb.WITNESS: ("transfer:board", False),
    Verb.DISPATCH: ("transfer:board", False),
    Verb.RECEIVE: ("transfer:board", False),
    Verb.ACCEPT: ("inspection:paper", True),
    Verb.PASS_RECHECK: ("inspection:rechecks", False),
    Verb.TAKE_IN: ("workshop:board", False),
    Verb.FINISH: ("workshop:order", True),
}


@dataclass(frozen=True)
class Told:
    """The sentence, and the button: a page to go to, or a reminder to send."""

    words: str
    page_url: str
    remind_url: str
    is_done: bool
    due_words: str = ""
    due_date: dt.date | None = None


def told(standing: Standing) -> Told:
    """One sentence, one button."""
    mine = _page(standing) if standing.is_mine else ""
    remind = "" if mine or not standing.why.posts else reverse("progress:remind", kwargs={"urn": standing.urn})
    due_words, due_date = "", None
    if standing.due is not None:
        deadline, due_date = standing.due
        due_words = {
            Deadline.FILING: _("To be filed until"),
            Deadline.TRANSFER: _("To be handed over until"),
            Deadline.AGE: _("To have left the agency by"),
        }[deadline]
    return Told(_words(standing), mine, remind, standing.why.cause is Cause.NOTHING, due_words, due_date)


def _words(standing: Standing) -> str:
    why = standing.why
    who = _who(standing)
    match why.cause:
        case Cause.NOTHING:
            return _("It has arrived; nothing is left to do.")
        case Cause.SHELF:
            return _("It waits for %(who)s to put it on a shelf.") % {"who": who}
        case Cause.RESTRAINT:
            return _("It is on loan or on hold; nothing moves until that is lifted.")
        case Cause.FAULTS:
            return ngettext(
                "%(n)s fault waits to be mended by %(who)s, due %(day)s.",
                "%(n)s faults wait to be mended by %(who)s, due %(day)s.",
                why.faults,
            ) % {"n": why.faults, "who": who, "day": _day(why.until)}
        case Cause.TIME:
            return _("It is kept at the agency until %(day)s, then %(who)s may apply.") % {
                "day": _day(why.until),
                "who": who,
            }
        case Cause.BUSINESS:
            return _("It waits for the business system to complete the case.")
        case Cause.GROWING:
            return _("The dossier is open and takes further material until it is closed.")
        case Cause.POST:
            return _("It waits for %(who)s: %(verb)s.") % {
                "who": who,
                "verb": labels.label(why.verb) if why.verb else "",
            }


def _who(standing: Standing) -> str:
    posts = "、".join(labels.label(post) for post in sorted(standing.why.posts))
    return f"{posts}（{'、'.join(standing.people)}）" if standing.people else posts


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else "—"


def _page(standing: Standing) -> str:
    why = standing.why
    if why.cause is Cause.SHELF:
        return address("stacks:rooms")
    if why.cause is Cause.FAULTS and standing.fault_pk is not None:
        return address("corrections:one", pk=standing.fault_pk)
    if why.verb is None or why.verb not in _PAGES or why.cause is Cause.TIME:
        return ""
    name, takes_record = _PAGES[why.verb]
    if standing.route is Route.LEGACY and why.verb is Verb.PRE_ACCEPT:
        name, takes_record = "inspection:spots", False  # paper is drawn from, not looked through
    return address(name, urn=standing.mover_urn) if takes_record else address(name)


@dataclass(frozen=True)
class StepLine:
    """One step as the table draws it."""

    words: str
    count: int
    median: str
    longest: str
    share: int
    is_backward: bool


def step_lines(found: tuple[Step, ...]) -> list[StepLine]:
    """The steps with their times; bars are shares of the longest median."""
    top = max((step.median for step in found), default=dt.timedelta(seconds=1)) or dt.timedelta(seconds=1)
    return [
        StepLine(
            labels.label(step.verb),
            step.count,
            _span(step.median),
            _span(step.longest),
            max(1, round(100 * step.median / top)),
            step.is_backward,
        )
        for step in found
    ]


def _span(span: dt.timedelta) -> str:
    if span.days:
        return ngettext("%(n)s day", "%(n)s days", span.days) % {"n": span.days}
    hours, minutes = divmod(span.seconds // 60, 60)
    if hours:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    if not minutes:
        return _("under a minute")
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


# Deadlines -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BoardLine:
    """One agency and step of a board, each number with the list behind it."""

    agency: str
    words: str
    waiting: int
    late: int
    late_url: str
    soon: int
    soon_url: str
    oldest_days: int


@dataclass(frozen=True)
class BoardPart:
    """One deadline: what it is, when it falls, and its lines."""

    code: str
    title: str
    rule: str
    lines: list[BoardLine]
    late: int


def board_parts(rows: list[deadlines.BoardRow], today: dt.date) -> list[BoardPart]:
    """The board by deadline. The days are settings of the office, marked as not confirmed."""
    agencies = accounts.agency_names()
    steps = {step.code: step.name for step in schedule.steps()}
    categories = schedule.category_names()
    month, _day_sign, day = settings.ANJUAN_TRANSFER_DUE.partition("-")
    formed = settings.ANJUAN_FILING_FROM == deadlines.FORMED
    said = {
        Deadline.FILING: (
            pgettext("deadline", "To be filed"),
            _("days of the step, from the day it was formed")
            if formed
            else _("days of the step, from the day it was accepted"),
        ),
        Deadline.TRANSFER: (
            _("Last year's volumes to be handed over"),
            _("until %(month)s-%(day)s of the next year") % {"month": month, "day": day},
        ),
        Deadline.AGE: (
            _("Volumes at the agency for more than a year"),
            _("%(n)s days from the opening of the volume") % {"n": settings.ANJUAN_AGENCY_DAYS},
        ),
    }
    parts = []
    for deadline, (title, rule) in said.items():
        own = [row for row in rows if row.deadline is deadline]
        names = steps if deadline is Deadline.FILING else categories
        lines = [
            BoardLine(
                agency=agencies.get(row.agency_code, row.agency_code),
                words=names.get(row.key, row.key),
                waiting=row.waiting,
                late=row.late,
                late_url=_list_url(deadline, row.agency_code, row.key),
                soon=row.soon,
                soon_url=_list_url(deadline, row.agency_code, row.key, soon=True),
                oldest_days=(today - row.oldest_date).days,
            )
            for row in sorted(own, key=lambda row: (-row.late, -row.soon, row.agency_code, row.key))
        ]
        parts.append(BoardPart(deadline.value, title, rule, lines, sum(line.late for line in lines)))
    return parts


def _list_url(deadline: Deadline, agency: str, key: str, *, soon: bool = False) -> str:
    asked = {"agency": agency, "of": key, **({"soon": "1"} if soon else {})}
    return f"{reverse('progress:due', kwargs={'deadline': deadline.value.lower()})}?{urlencode(asked)}"


@dataclass(frozen=True)
class DueLine:
    """One record of a list."""

    row: deadlines.DueRow
    url: str
    words: str
    whose: str


def due_lines(rows: list[deadlines.DueRow]) -> list[DueLine]:
    """The records of a list, each with whose turn it is."""
    steps = {step.code: step.name for step in schedule.steps()}
    categories = schedule.category_names()
    return [
        DueLine(
            row,
            address("search:volume" if row.is_volume else "search:item", urn=row.urn),
            (categories if row.is_volume else steps).get(row.key, row.key),
            "、".join(labels.label(post) for post in sorted(row.posts)),
        )
        for row in rows
    ]


def named_agencies(found: list[OnTime]) -> list[tuple[str, OnTime]]:
    """Shares on time with the names of the agencies."""
    names = accounts.agency_names()
    return [(names.get(one.agency_code, one.agency_code), one) for one in found]


def imaging_lines(found: list[deadlines.Imaging]) -> list[tuple[str, str, deadlines.Imaging]]:
    """Imaging shares with the names of agencies and categories."""
    names, categories = accounts.agency_names(), schedule.category_names()
    return [
        (names.get(one.agency_code, one.agency_code), categories.get(one.category_code, one.category_code), one)
        for one in found
    ]
