"""What secrecy hangs on the shared pages, and its register as frozen shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anjuan.core.terms import RECORD_POSTS, Actor, Secrecy
from anjuan.facilities.secrecy import queries, rules
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.labels import label
from anjuan.foundation.web.panels import Panel, RailEntry, address

TONES = {Secrecy.OPEN: "", Secrecy.SENSITIVE: "wait", Secrecy.SECRET: "bad"}


@dataclass(frozen=True)
class RestrictedLine:
    """A restricted item in the register."""

    item: queries.MarkedItem
    mark: queries.MarkRow | None
    grade: str
    tone: str
    marked_by: str
    url: str


@dataclass(frozen=True)
class RequestLine:
    """A request to read: who, what, why, and how it stands."""

    row: queries.RequestRow
    who: str
    decided_by: str
    words: str
    tone: str
    url: str
    may_decide: bool


@dataclass(frozen=True)
class LeaveLine:
    """An authorisation, and whether it runs."""

    row: queries.LeaveRow
    who: str
    given_by: str
    words: str
    tone: str
    url: str
    may_end: bool


def home_page(actor: Actor) -> dict[str, Any]:
    """Everything the register of secrecy shows to one person: the officer decides, the auditor looks, others ask."""
    is_officer = actor.holds(rules.OFFICER)
    waiting = queries.waiting(actor) if is_officer else []
    return {
        "is_officer": is_officer,
        "is_reader": actor.holds(*RECORD_POSTS),
        "waiting": _request_lines(actor, waiting),
        "mine": _request_lines(actor, queries.own_requests(actor)),
        "leaves": _leave_lines(actor, queries.leaves(actor)),
        "restricted": _restricted_lines(actor, queries.restricted_items(actor)),
        "grades": grades(),
        "most_days": settings.ANJUAN_LEAVE_DAYS,
    }


def standing_page(actor: Actor, item_urn: str) -> dict[str, Any]:
    """How one item stands to one person, and what he may do about it.

    Raises:
        R-009: there is none, or it is not his to see.
    """
    standing = queries.standing_of(actor, item_urn)
    is_officer = actor.covers(standing.item.agency_path, rules.OFFICER)
    item = standing.item
    allowed = [grade for grade in Secrecy if grade is not item.secrecy]
    if not is_officer:
        allowed = [grade for grade in allowed if rules.may_close(item.secrecy, grade)]
    return {
        "standing": standing,
        "urn": item.urn,
        "grade": label(item.secrecy),
        "tone": TONES[item.secrecy],
        "asked": _request_lines(actor, [standing.request])[0] if standing.request else None,
        "may_ask": not standing.reads
        and actor.covers(item.agency_path, *RECORD_POSTS)
        and (standing.request is None or standing.request.is_given is not None),
        "may_mark": bool(allowed) and (is_officer or actor.covers(item.agency_path, *RECORD_POSTS)),
        "allowed": [(grade.value, label(grade)) for grade in allowed],
        "is_officer": is_officer,
        "most_days": settings.ANJUAN_LEAVE_DAYS,
    }


def grades() -> list[tuple[str, str]]:
    """Codes and words of all grades."""
    return [(grade.value, label(grade)) for grade in Secrecy]


def _people(codes: set[str]) -> Any:
    return accounts.staff_names(codes)


def _restricted_lines(
    actor: Actor, rows: Sequence[tuple[queries.MarkedItem, queries.MarkRow | None]]
) -> list[RestrictedLine]:
    names = _people({mark.marked_by for _item, mark in rows if mark})
    return [
        RestrictedLine(
            item,
            mark,
            label(item.secrecy),
            TONES[item.secrecy],
            names.get(mark.marked_by, mark.marked_by) if mark else "",
            _url(actor, item.urn),
        )
        for item, mark in rows
    ]


def _request_lines(actor: Actor, rows: Sequence[queries.RequestRow]) -> list[RequestLine]:
    names = _people({row.staff_code for row in rows} | {row.decided_by for row in rows})
    words = {
        None: (_("waiting for an answer"), "wait"),
        True: (_("leave was given"), "good"),
        False: (_("declined"), "bad"),
    }
    return [
        RequestLine(
            row,
            names.get(row.staff_code, row.staff_code),
            names.get(row.decided_by, row.decided_by),
            *words[row.is_given],
            _url(actor, row.unit),
            row.is_given is None
            and row.staff_code != actor.staff_code
            and actor.covers(row.agency_path, rules.OFFICER),
        )
        for row in rows
    ]


def _leave_lines(actor: Actor, rows: Sequence[queries.LeaveRow]) -> list[LeaveLine]:
    names = _people({row.staff_code for row in rows} | {row.given_by for row in rows})

    def words(row: queries.LeaveRow) -> tuple[str, str]:
        if row.is_running:
            return _("open until then"), "good"
        return (_("ended before its time"), "") if row.ended_at and row.ended_at < row.until else (_("run out"), "")

    return [
        LeaveLine(
            row,
            names.get(row.staff_code, row.staff_code),
            names.get(row.given_by, row.given_by),
            *words(row),
            _url(actor, row.unit),
            row.is_running and (row.staff_code == actor.staff_code or actor.covers(row.agency_path, rules.OFFICER)),
        )
        for row in rows
    ]


def _url(actor: Actor, item_urn: str) -> str:
    """The record's page, for those who work with records; the officer and the auditor open none."""
    return address("search:item", urn=item_urn) if actor.holds(*RECORD_POSTS) else ""


RAIL = (
    RailEntry(
        gettext_lazy("Restricted records"),
        "secrecy:home",
        "lock",
        frozenset({*RECORD_POSTS, *rules.REGISTER_READERS}),
        group="USE",
        order=75,
        count=queries.count_waiting,
    ),
)
PANELS = (Panel(slot="item.secrecy", title=gettext_lazy("Secrecy"), url_name="secrecy:standing"),)
