"""The work ledger as it is drawn, its door in the rail, and the number on *my desk*."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from anjuan.core.terms import Actor
from anjuan.facilities.workload import queries
from anjuan.facilities.workload.queries import DiversionRow, Ledger
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import DeskNumber, RailEntry

EXPLAINERS = frozenset(queries.EXPLAINERS)


def _open(actor: Actor, today: dt.date | None = None) -> int:
    return queries.open_diversions(actor)


RAIL = (
    RailEntry(
        gettext_lazy("Work ledger"), "workload:ledger", "chart-histogram", frozenset(queries.READERS), order=95,
        hot=queries.open_diversions,
    ),
)  # fmt: skip
NUMBERS = (
    DeskNumber(
        gettext_lazy("Helpers at other work"),
        "workload:ledger",
        EXPLAINERS,
        _open,
        icon="alert-triangle",
        order=30,
        is_bad=True,
    ),
)
HEADINGS = ("工号", "姓名", "辅助人员驻在", "出勤天数", "办理次数", "采集页数", "分项", "越岗次数")


@dataclass(frozen=True)
class WorkLine:
    """One person's month in words."""

    staff_code: str
    name: str
    station: str
    days: int
    acts: int
    pages: int
    rooms: str
    elsewhere: int


def room_names() -> dict[str, str]:
    """What the rooms of acts are called where work is told."""
    return {
        "intake": pgettext("work", "capture"),
        "review": pgettext("work", "review"),
        "filing": pgettext("work", "filing"),
        "inspection": pgettext("work", "inspection"),
        "transfer": pgettext("work", "transfer"),
        "corrections": pgettext("work", "mending"),
        "workshop": pgettext("work", "workshop"),
        "stacks": pgettext("work", "store room"),
        "certificates": pgettext("work", "certificates"),
    }


def lines(found: Ledger) -> list[WorkLine]:
    """One line a person."""
    names, agencies = room_names(), accounts.agency_names()
    return [
        WorkLine(
            staff_code=line.staff_code,
            name=found.names.get(line.staff_code, line.staff_code),
            station=agencies.get(found.stations.get(line.staff_code, ""), ""),
            days=line.days,
            acts=line.acts,
            pages=line.pages,
            rooms=" · ".join(f"{names.get(room, _('other'))} {count}" for room, count in line.rooms),
            elsewhere=line.elsewhere,
        )
        for line in found.lines
    ]


def cells(line: WorkLine) -> list[str]:
    """A line as cells of a table; none begins as a formula."""
    row = [
        line.staff_code,
        line.name,
        line.station,
        str(line.days),
        str(line.acts),
        str(line.pages),
        line.rooms,
        str(line.elsewhere),
    ]
    return [f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in row]


def page(actor: Actor, found: Ledger, diversions: Sequence[DiversionRow], today: dt.date) -> dict[str, Any]:
    """Everything the ledger's page shows."""
    before = (found.first - dt.timedelta(days=1)).replace(day=1)
    after = (found.first + dt.timedelta(days=32)).replace(day=1)
    return {
        "month": found.first,
        "earlier": f"{before:%Y-%m}",
        "later": f"{after:%Y-%m}" if after <= today else "",
        "lines": lines(found),
        "is_cut": found.is_cut,
        "diversions": diversions,
        "may_explain": actor.holds(*queries.EXPLAINERS),
        "agencies": accounts.agency_names(),
    }
