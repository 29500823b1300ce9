"""The reading desk's door and queue."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anjuan.core.terms import Actor, Post
from anjuan.desks.certificates import queries
from anjuan.desks.certificates.rules import Complaint, Mark
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import DeskNumber, DeskQueue, RailEntry
from anjuan.foundation.web.shapes import QueueRow, Words

_READING_DESK = frozenset({Post.READING_DESK})


def _rows(actor: Actor) -> Sequence[QueueRow]:
    return [
        QueueRow(
            code=row.certificate_no,
            title=row.purpose,
            url=reverse("certificates:certificate", args=[row.certificate_no]),
            stuck=_("asked for, not issued yet"),
            since=row.requested_at,
            words=_("asked for"),
            tone="wait",
        )
        for row in queries.newest(actor)
        if not row.issued_at
    ][:8]


MARKS: Mapping[Mark, Words] = {
    Mark.GOOD: gettext_lazy("satisfied"),
    Mark.FAIR: gettext_lazy("so-so"),
    Mark.BAD: gettext_lazy("not satisfied"),
}
TONES = {Mark.GOOD: "good", Mark.FAIR: "wait", Mark.BAD: "bad"}
COMPLAINTS: Mapping[Complaint, Words] = {
    Complaint.WAITED: gettext_lazy("waited too long"),
    Complaint.MANNER: gettext_lazy("the manner of service"),
    Complaint.NOT_FOUND: gettext_lazy("not found, or incomplete"),
    Complaint.UNCLEAR: gettext_lazy("not explained clearly"),
    Complaint.ERRANDS: gettext_lazy("had to come several times"),
    Complaint.OTHER: gettext_lazy("something else"),
}
MONTHS_BACK = 366  # days of ratings that are shown by month


@dataclass(frozen=True)
class RatingLine:
    """A rating as drawn."""

    row: queries.RatingRow
    agency_name: str
    mark: str
    tone: str
    reasons: str
    taken_by: str
    followed_by: str


def mark_choices() -> list[tuple[str, str]]:
    """The three marks as a form offers them."""
    return [(mark.value, str(words)) for mark, words in MARKS.items()]


def complaint_choices() -> list[tuple[str, str]]:
    """What may have been bad, as a form offers it."""
    return [(one.value, str(words)) for one, words in COMPLAINTS.items()]


def rating_line(certificate_no: str) -> RatingLine | None:
    """What the reader said of one certificate."""
    row = queries.rating_of(certificate_no)
    return _lines([row])[0] if row else None


def ratings_page(actor: Actor, *, now: dt.datetime) -> dict[str, Any]:
    """How the offices were rated by month, and the bad ratings that wait."""
    agencies = accounts.agency_names()
    months = queries.months_of_ratings(actor, since=now - dt.timedelta(days=MONTHS_BACK))
    return {
        "months": [(row, agencies.get(row.agency_code, row.agency_code)) for row in months],
        "waiting": _lines(queries.ratings(actor, to_follow_up=True)),
        "lines": _lines(queries.ratings(actor)),
        "follows": actor.holds(*queries.FOLLOWING_POSTS),
    }


def _lines(rows: Sequence[queries.RatingRow]) -> list[RatingLine]:
    agencies = accounts.agency_names()
    people = accounts.staff_names({code for row in rows for code in (row.taken_by, row.followed_by)})
    return [
        RatingLine(
            row=row,
            agency_name=agencies.get(row.agency_path.rstrip("/").rsplit("/", 1)[-1], row.agency_path),
            mark=str(MARKS[row.mark]),
            tone=TONES[row.mark],
            reasons=" · ".join(str(COMPLAINTS[reason]) for reason in row.reasons),
            taken_by=people.get(row.taken_by, row.taken_by),
            followed_by=people.get(row.followed_by, row.followed_by),
        )
        for row in rows
    ]


def _to_follow_up(actor: Actor, today: dt.date) -> int:
    return queries.count_to_follow_up(actor)


NUMBERS = (
    DeskNumber(
        gettext_lazy("Bad ratings to follow up"),
        "certificates:ratings",
        frozenset(queries.FOLLOWING_POSTS),
        _to_follow_up,
        icon="message",
        order=40,
        is_bad=True,
    ),
)
RAIL = (
    RailEntry(
        gettext_lazy("Certificates"),
        "certificates:newest",
        "certificate",
        _READING_DESK,
        order=70,
        count=queries.count_requested,
    ),
    RailEntry(
        gettext_lazy("Ratings of service"),
        "certificates:ratings",
        "message",
        frozenset(queries.RATING_POSTS),
        order=71,
        hot=queries.count_to_follow_up,
    ),
)
QUEUES = (
    DeskQueue(
        gettext_lazy("Certificates asked for"),
        "certificates:newest",
        _READING_DESK,
        _rows,
        queries.count_requested,
        icon="certificate",
        order=70,
        verb=gettext_lazy("Issue"),
    ),
)
