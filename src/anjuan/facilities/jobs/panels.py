"""The job centre's door, its alarms, and a job as pages show it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from anjuan.core.terms import ADMINISTRATORS, Actor, Post
from anjuan.facilities.jobs import queries, rules
from anjuan.facilities.jobs.queries import FailedRow, JobRow
from anjuan.facilities.jobs.rules import JobStatus, Trouble
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import DeskQueue, RailEntry, address
from anjuan.foundation.web.shapes import Alarm, Fact, QueueRow, Tone, Words, Work

# Colour, icon and word of each state: never colour alone.
STATUSES: dict[JobStatus, tuple[Tone, str, Promise]] = {
    JobStatus.WAITING: ("wait", "hourglass", gettext_lazy("waits its turn")),
    JobStatus.RUNNING: ("", "player-play", gettext_lazy("running")),
    JobStatus.PAUSED: ("wait", "player-pause", gettext_lazy("paused")),
    JobStatus.DONE: ("good", "circle-check", gettext_lazy("done, all of it")),
    JobStatus.DONE_WITH_LIST: ("bad", "file-alert", gettext_lazy("done, with a list of what failed")),
    JobStatus.FAILED: ("bad", "circle-x", gettext_lazy("stopped, with its reason")),
}


@dataclass(frozen=True)
class JobView:
    """A job as it is drawn: the words of its state, its pace, and what may be done with it now."""

    row: JobRow
    title: str
    tone: Tone
    icon: str
    words: Words
    work: Work
    owner: str
    url: str
    is_stalled: bool
    is_late: bool
    reason: str
    remedy: str

    @property
    def may_pause(self) -> bool:
        """Whether it is at work."""
        return self.row.status in rules.AT_WORK

    @property
    def may_go_on(self) -> bool:
        """Whether it rests and a person may let it go on."""
        return self.row.status in (JobStatus.PAUSED, JobStatus.FAILED) or self.is_stalled

    @property
    def may_retry(self) -> bool:
        """Whether it has ended with a list."""
        return self.row.status is JobStatus.DONE_WITH_LIST


@dataclass(frozen=True)
class FailedView:
    """A unit that failed: what it is, why, and what to do about it."""

    row: FailedRow
    url: str
    why: str
    remedy: str


def title_of(row: JobRow) -> str:
    """The work and its subject, in the reader's language."""
    kind = queries.kinds().get(row.kind)
    if kind is None:  # of another version of the program
        return f"{row.kind} {row.reference}".strip()
    words = kind.zh if (get_language() or "zh").startswith("zh") else kind.en
    return f"{words} {row.reference}".strip()


def listing_page(actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """Everything the list of jobs shows."""
    rows = queries.list_for(actor)
    names = accounts.staff_names({row.owner_code for row in rows})
    jobs = [_view(row, names.get(row.owner_code, row.owner_code), at) for row in rows]
    in_chinese = (get_language() or "zh").startswith("zh")
    return {
        "jobs": jobs,
        "at_work": sum(1 for row in rows if not row.is_finished),
        "alarms": _work_alarms(at),
        "startable": [(kind.code, kind.zh if in_chinese else kind.en) for kind in queries.startable(actor)],
    }


def job_page(actor: Actor, row: JobRow, at: dt.datetime) -> dict[str, Any]:
    """Everything the page of one job shows."""
    names = accounts.staff_names({row.owner_code})
    view = _view(row, names.get(row.owner_code, row.owner_code), at)
    sees_records = bool(actor.posts - ADMINISTRATORS)
    language = get_language() or "zh"
    failed = [
        FailedView(
            found,
            address("search:item", urn=found.urn) if found.urn and sees_records else "",
            found.refusal.message(language),
            found.refusal.remedy(language),
        )
        for found in queries.failed_of(row.uid)
    ]
    return {
        "job": view,
        "failed": failed,
        "facts": [
            Fact(_("Owner"), view.owner, note=row.owner_code),
            Fact(_("Started"), _moment(row.started_at) if row.started_at else _("not yet")),
            Fact(_("Last sign of life"), _moment(row.heartbeat_at)),
            Fact(_("To be ended by"), _moment(row.deadline_at)),
            Fact(_("Ended"), _moment(row.finished_at) if row.finished_at else _("not yet")),
        ],
    }


def _view(row: JobRow, owner: str, at: dt.datetime) -> JobView:
    tone, icon, words = STATUSES[row.status]
    language = get_language() or "zh"
    url = reverse("jobs:one", kwargs={"uid": row.uid})
    moves = row.status in rules.AT_WORK and not row.is_stalled(at)  # what stands still has no pace to speak of
    return JobView(
        row=row,
        title=title_of(row),
        tone=tone,
        icon=icon,
        words=words,
        work=Work(
            title=_("%(n)s done") % {"n": f"{row.done:,}"},
            done=row.done + row.failed,
            total=row.total,
            rate=row.per_minute if moves else None,
            left=row.time_left if moves and row.done + row.failed < row.total else None,
            failed=row.failed,
            failures_url=f"{url}#failed",
        ),
        owner=owner,
        url=url,
        is_stalled=row.is_stalled(at),
        is_late=row.is_late(at),
        reason=row.reason.message(language) if row.reason else "",
        remedy=row.reason.remedy(language) if row.reason else "",
    )


def _moment(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def _work_alarms(at: dt.datetime) -> list[Alarm]:
    """What is wrong with the work behind the screens as a whole; one band, the root of the matter."""
    health = queries.health(at)
    if not health.troubles:
        return []
    help_url = f"{reverse('jobs:listing')}#restart"
    trouble, signs = health.troubles[0], health.signs
    if trouble is Trouble.WORKER_SILENT:
        text = (
            _("No sign of life since %(time)s. Long work, search and the log stand still; nothing is lost.")
            % {"time": _moment(signs.pulse_at)}
            if signs.pulse_at
            else _("It is not running. Long work, search and the log stand still; nothing is lost.")
        )
        return [Alarm(_("The work behind the screens has stopped"), text, help_url, _("How to restart it"))]
    if trouble is Trouble.QUEUE_STALLED:
        title = ngettext("%(n)s job stands still", "%(n)s jobs stand still", signs.stalled) % {"n": signs.stalled}
        since = _moment(signs.stalled_since) if signs.stalled_since else "—"
        text = _("The oldest has given no sign of life since %(time)s.") % {"time": since}
        return [Alarm(title, text, reverse("jobs:listing"), _("See them"))]
    text = _("%(n)s entries of the journal have not been read yet; search and the log are behind.") % {
        "n": f"{signs.behind:,}"
    }
    return [Alarm(_("The followers of the journal are late"), text, help_url, _("How to restart it"))]


def _alarm_of(row: JobRow, at: dt.datetime) -> Alarm:
    if row.is_stalled(at):
        return Alarm(
            _("Stands still: %(job)s") % {"job": title_of(row)},
            _("No sign of life since %(time)s. What was done is kept; it goes on where it stood.")
            % {"time": _moment(row.heartbeat_at)},
            reverse("jobs:go_on", kwargs={"uid": row.uid}),
            _("Go on"),
            is_deed=True,
        )
    return Alarm(
        _("Late: %(job)s") % {"job": title_of(row)},
        _("It was to be ended by %(time)s.") % {"time": _moment(row.deadline_at)},
        reverse("jobs:one", kwargs={"uid": row.uid}),
        _("See how far it is"),
    )


def _alarms(actor: Actor) -> Sequence[Alarm]:
    """Jobs that stand still or are late go to their owner; the work as a whole to whoever runs the system."""
    if not actor.holds(*queries.posts()):
        return []
    at = timezone.now()
    own = [_alarm_of(row, at) for row in queries.overdue_of(actor, at)[:3]]
    return (_work_alarms(at) if own or actor.holds(Post.SYSTEM_ADMIN) else []) + own


def _rows(actor: Actor) -> Sequence[QueueRow]:
    language = get_language() or "zh"
    return [
        QueueRow(
            code=row.reference or row.uid[:8],
            title=title_of(row),
            url=reverse("jobs:one", kwargs={"uid": row.uid}),
            stuck=row.reason.message(language)
            if row.reason
            else ngettext("%(n)s failed", "%(n)s failed", row.failed) % {"n": row.failed},
            since=row.finished_at,
            words=STATUSES[row.status][2],
            tone="bad",
        )
        for row in queries.to_mend(actor, limit=8)
    ]


RAIL = (
    RailEntry(
        gettext_lazy("Jobs"),
        "jobs:listing",
        "timeline",
        queries.posts(),
        order=90,
        count=queries.count_at_work,
        hot=queries.count_to_mend,
    ),
)
QUEUES = (
    DeskQueue(
        gettext_lazy("Jobs to mend"),
        "jobs:listing",
        queries.posts(),
        rows=_rows,
        count=queries.count_to_mend,
        icon="file-alert",
        order=90,
        verb=gettext_lazy("See to it"),
    ),
)
ALARMS = (_alarms,)
