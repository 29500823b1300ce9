"""Notices in the reader's words, their door in the rail, and their numbers on *my desk*."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from anjuan.core.terms import Actor
from anjuan.facilities.notices import queries
from anjuan.facilities.notices.queries import NoticeRow, Shown
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.panels import EVERYONE, DeskNumber, RailEntry, address


@dataclass(frozen=True)
class NoticeView:
    """A notice as it is drawn."""

    row: NoticeRow
    words: str
    url: str
    is_overdue: bool


def words_of(row: NoticeRow) -> str:
    """What the notice says."""
    count = int(str(row.params.get("count", 0)))
    if row.kind is NoticeKind.ITEM_RETURNED:
        return ngettext(
            "Came back from review: %(n)s fault to mend", "Came back from review: %(n)s faults to mend", count
        ) % {"n": count}
    if row.kind is NoticeKind.VOLUME_RETURNED:
        return ngettext(
            "The volume came back: %(n)s fault to mend", "The volume came back: %(n)s faults to mend", count
        ) % {"n": count}
    if row.kind is NoticeKind.BATCH_APPLIED:
        return ngettext(
            "%(n)s volume of the batch waits for pre-acceptance",
            "%(n)s volumes of the batch wait for pre-acceptance",
            count,
        ) % {"n": count}
    if row.kind is NoticeKind.BATCH_DISPATCHED:
        return ngettext(
            "%(n)s volume is on its way: count it in", "%(n)s volumes are on their way: count them in", count
        ) % {"n": count}
    if row.kind is NoticeKind.REMINDED:
        return _("You are reminded: this record waits for you")
    if row.kind is NoticeKind.RECORDS_LATE:
        said = {"FILING": _("not filed in time"), "TRANSFER": _("not handed over in time")}
        return ngettext(
            "%(n)s record %(late)s, %(days)s days late at most",
            "%(n)s records %(late)s, %(days)s days late at most",
            count,
        ) % {
            "n": count,
            "late": said.get(str(row.params.get("deadline")), _("at the agency for too long")),
            "days": row.params.get("days", 0),
        }
    if row.kind is NoticeKind.COPY_DAMAGED:
        return _("Damaged at %(place)s: %(file)s; repair it from a good copy") % {
            "place": row.params.get("place", ""),
            "file": row.params.get("file", ""),
        }
    if row.kind is NoticeKind.CAPACITY_SHORT:
        return ngettext(
            "The room lasts less than %(n)s more month: add space",
            "The room lasts less than %(n)s more months: add space",
            int(str(row.params.get("months", 0))) + 1,
        ) % {"n": int(str(row.params.get("months", 0))) + 1}
    if row.kind is NoticeKind.HELPER_DIVERTED:
        return ngettext(
            "An archive helper did other work (%(n)s act): say why",
            "An archive helper did other work (%(n)s acts): say why",
            count,
        ) % {"n": count}
    if row.kind is NoticeKind.DEPARTMENT_VACANT:
        return _("The department needs somebody who looks after its records: name the person")
    if row.kind is NoticeKind.RECEIPT_DUE:
        return _("The dossier went to %(office)s: its receipt is awaited") % {"office": row.params.get("office", "")}
    if row.kind is NoticeKind.SIGNATURE_INVALID:
        return ngettext(
            "%(n)s electronic signature is invalid: say why, or replace the file",
            "%(n)s electronic signatures are invalid: say why, or replace the files",
            count,
        ) % {"n": count}
    if row.kind is NoticeKind.SIGNATURE_TO_JUDGE:
        return ngettext(
            "%(n)s electronic signature is invalid: have it replaced, or accept it with a reason",
            "%(n)s electronic signatures are invalid: have them replaced, or accept them with a reason",
            count,
        ) % {"n": count}
    return _("A certificate was asked for and waits to be issued")


# Where the matter is seen; who has to mend an item himself is led to the counter's page of it instead.
_PAGES: dict[NoticeKind, Callable[[NoticeRow], str]] = {
    NoticeKind.ITEM_RETURNED: lambda row: address("search:item", urn=row.unit),
    NoticeKind.VOLUME_RETURNED: lambda row: address("search:volume", urn=row.unit),
    NoticeKind.BATCH_APPLIED: lambda row: address("transfer:batch", batch_no=row.reference),
    NoticeKind.BATCH_DISPATCHED: lambda row: address("transfer:batch", batch_no=row.reference),
    NoticeKind.CERTIFICATE_REQUESTED: lambda row: address("certificates:certificate", number=row.reference),
    NoticeKind.REMINDED: lambda row: address("progress:open", urn=row.unit),
    NoticeKind.COPY_DAMAGED: lambda row: address("copies:overview"),
    NoticeKind.CAPACITY_SHORT: lambda row: address("copies:overview"),
    NoticeKind.HELPER_DIVERTED: lambda row: address("workload:ledger"),
    NoticeKind.SIGNATURE_INVALID: lambda row: address("assurance:signatures"),
    NoticeKind.SIGNATURE_TO_JUDGE: lambda row: address("assurance:signatures"),
    NoticeKind.RECEIPT_DUE: lambda row: f"{address('filing:forwardings')}#{row.reference}",
    NoticeKind.RECORDS_LATE: lambda row: f"{address('progress:deadlines')}?agency={row.reference}",
    NoticeKind.DEPARTMENT_VACANT: lambda row: address("rulebook:departments"),
}


def _url(actor: Actor, row: NoticeRow) -> str:
    if row.kind is NoticeKind.ITEM_RETURNED and row.recipient_code == actor.staff_code:
        return f"{address('intake:item', urn=row.unit)}#mend"
    return _PAGES[row.kind](row)


def page(actor: Actor, shown: Shown, today: dt.date) -> dict[str, Any]:
    """Everything the list of notices shows."""
    counts = queries.counts_for(actor, today=today)
    return {
        "shown": shown.value,
        "notices": [
            NoticeView(row, words_of(row), _url(actor, row), row.is_overdue(today))
            for row in queries.list_for(actor, shown, today=today)
        ],
        "tabs": [
            (Shown.OPEN.value, _("To do"), address("notices:mine"), counts[Shown.OPEN]),
            (Shown.OVERDUE.value, _("Overdue"), address("notices:overdue"), counts[Shown.OVERDUE]),
            (Shown.DONE.value, _("Done"), address("notices:done"), counts[Shown.DONE]),
        ],
        "escalate_days": settings.ANJUAN_ESCALATE_DAYS,
    }


def _open(actor: Actor, today: dt.date | None = None) -> int:
    return queries.count(actor, Shown.OPEN, today=today or occasions.today())


def _overdue(actor: Actor, today: dt.date | None = None) -> int:
    return queries.count(actor, Shown.OVERDUE, today=today or occasions.today())


RAIL = (RailEntry(gettext_lazy("Notices"), "notices:mine", "bell", EVERYONE, order=2, count=_open, hot=_overdue),)
NUMBERS = (
    DeskNumber(gettext_lazy("Notices to act on"), "notices:mine", EVERYONE, _open, icon="bell", order=1),
    DeskNumber(
        gettext_lazy("Notices overdue"),
        "notices:overdue",
        EVERYONE,
        _overdue,
        icon="alert-triangle",
        order=2,
        is_bad=True,
    ),
)
