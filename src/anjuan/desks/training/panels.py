"""The training desk's door in the rail, and how sessions and what calls for them are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from anjuan.desks.training import queries
from anjuan.facilities.corrections.panels import CAUSES
from anjuan.facilities.corrections.queries.quality import Root
from anjuan.facilities.corrections.rules import Cause
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import RailEntry

RAIL = (RailEntry(gettext_lazy("Training"), "training:board", "school", frozenset(queries.READERS), order=96),)


@dataclass(frozen=True)
class ProposalLine:
    """A root cause that calls for a session."""

    root: Root
    agency_name: str
    cause: str
    faults: tuple[tuple[str, str, int], ...]
    people: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SessionLine:
    """A session as drawn."""

    row: queries.SessionRow
    agency_name: str
    cause: str
    words: str
    tone: str
    planned_by: str
    people: tuple[str, ...]


def cause_words(cause: str) -> str:
    """The root cause in the reader's language; another subject where there is none."""
    return str(CAUSES[Cause(cause)]) if cause else _("another subject")


def cause_choices() -> list[tuple[str, str]]:
    """The root causes as a form offers them."""
    return [(cause.value, str(CAUSES[cause])) for cause in Cause]


def proposals(found: Sequence[Root]) -> list[ProposalLine]:
    """What calls for a session, with the kinds of fault and whose work they were."""
    agencies = accounts.agency_names()
    names = accounts.staff_names({code for root in found for code, _count in root.people})
    chinese = (get_language() or "zh").startswith("zh")
    return [
        ProposalLine(
            root=root,
            agency_name=agencies.get(root.agency_code, root.agency_code),
            cause=cause_words(root.cause),
            faults=tuple((fault.code, fault.zh if chinese else fault.en, count) for fault, count in root.faults[:4]),
            people=tuple((names.get(code, code), count) for code, count in root.people[:6]),
        )
        for root in found
    ]


def sessions(found: Sequence[queries.SessionRow]) -> list[SessionLine]:
    """The sessions with what became of them."""
    agencies = accounts.agency_names()
    names = accounts.staff_names({code for row in found for code in (row.planned_by, *row.attended)})
    return [
        SessionLine(
            row=row,
            agency_name=agencies.get(row.agency_code, row.agency_code),
            cause=cause_words(row.cause),
            words=_state(row)[0],
            tone=_state(row)[1],
            planned_by=names.get(row.planned_by, row.planned_by),
            people=tuple(names.get(code, code) for code in row.attended),
        )
        for row in found
    ]


def _state(row: queries.SessionRow) -> tuple[str, str]:
    if row.cancelled_at:
        return pgettext("training", "called off"), "bad"
    return (pgettext("training", "held"), "good") if row.held_date else (pgettext("training", "planned"), "wait")
