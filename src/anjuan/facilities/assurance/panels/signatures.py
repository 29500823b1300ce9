"""The register of invalid signatures as its page and its table show it, and the signatures of one record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.assurance import Outcome
from anjuan.core.terms import Actor
from anjuan.facilities.assurance.queries import signatures as queries
from anjuan.facilities.assurance.queries.signatures import FaultRow, FoundStep, State
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import address
from anjuan.foundation.web.shapes import Words

_STEPS = {
    FoundStep.CAPTURE: gettext_lazy("at capture"),
    FoundStep.FILING: gettext_lazy("by the tests of filing"),
    FoundStep.TRANSFER: gettext_lazy("by the tests of handover"),
    FoundStep.STORAGE: gettext_lazy("by the tests in storage"),
    FoundStep.ROUND: gettext_lazy("on a round of verifying"),
}
_STATES = {
    State.OPEN: (gettext_lazy("to be settled"), "bad"),
    State.EXPLAINED: (gettext_lazy("explained"), "wait"),
    State.REPLACED: (gettext_lazy("replaced"), "good"),
    State.ACCEPTED: (gettext_lazy("accepted as it is"), "good"),
}
_OUTCOMES = {
    Outcome.PASS: (gettext_lazy("valid"), "good"),
    Outcome.UNSURE: (gettext_lazy("a person must judge"), "wait"),
    Outcome.FAIL: (gettext_lazy("invalid"), "bad"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class FaultLine:
    """One entry as drawn."""

    row: FaultRow
    said: str
    step: Words
    state: Words
    tone: str
    url: str
    agency: str
    found_by: str
    explained_by: str
    closed_by: str
    may_explain: bool
    may_replace: bool
    may_accept: bool


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def register_page(actor: Actor, *, is_closed: bool) -> dict[str, Any]:
    """Everything the register shows."""
    rows = queries.register_for(actor, closed=is_closed)
    count_open, count_closed = queries.counts_for(actor)
    return {
        "lines": _lines(actor, rows),
        "is_closed": is_closed,
        "is_cut": len(rows) == queries.MOST_ROWS,
        "tabs": [
            (False, _("To be settled"), address("assurance:signatures"), count_open),
            (True, _("Settled"), address("assurance:signatures_closed"), count_closed),
        ],
    }


def _lines(actor: Actor, rows: Sequence[FaultRow]) -> list[FaultLine]:
    agencies = accounts.agency_names()
    people = {code for row in rows for code in (row.found_by, row.explained_by, row.closed_by) if code}
    names = accounts.staff_names(people)
    may_accept = queries.may_accept(actor)
    found = []
    for row in rows:
        may_explain = not row.is_closed and queries.may_explain(actor, row.agency_path)
        words, tone = _STATES[State(row.state)]
        found.append(
            FaultLine(
                row=row,
                said=row.said_zh if _is_chinese() else row.said_en,
                step=_STEPS[row.step],
                state=words,
                tone=tone,
                url=address("search:item", urn=row.item_urn),
                agency=agencies.get(row.agency_code, row.agency_code),
                found_by=names.get(row.found_by, row.found_by),
                explained_by=names.get(row.explained_by, row.explained_by),
                closed_by=names.get(row.closed_by, row.closed_by),
                may_explain=may_explain and row.state == State.OPEN,
                may_replace=may_explain,
                may_accept=may_accept and not row.is_closed,
            )
        )
    return found


def headings() -> list[str]:
    """The heads of the table's columns."""
    return [
        _("Record"),
        _("Agency"),
        _("File name"),
        _("Signature no."),
        _("Signer"),
        _("What is wrong"),
        _("Found"),
        _("Found at"),
        _("State"),
        _("Explanation"),
        _("How it was closed"),
        _("Closed by"),
        _("Closed at"),
    ]


def cells(row: FaultRow) -> list[str]:
    """One entry as a row of the table."""
    said = row.said_zh if _is_chinese() else row.said_en
    words, _tone = _STATES[State(row.state)]
    found = (
        row.reference,
        row.agency_code,
        row.file_name,
        str(row.number),
        row.signer,
        said,
        str(_STEPS[row.step]),
        row.found_at.isoformat(),
        str(words),
        row.explanation,
        row.closing,
        row.closed_by,
        row.closed_at.isoformat() if row.closed_at else "",
    )
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in found]


def record_page(actor: Actor, urn: str) -> dict[str, Any]:
    """What the signatures of a record's files are worth."""
    files = queries.of_record(actor, urn)
    return {
        "urn": urn,
        "files": [
            (
                name,
                [(*_OUTCOMES[one.outcome], one.said(chinese=_is_chinese()).rstrip("：: ")) for one in found],
            )
            for name, found in files
        ],
        "record_url": address("search:volume", urn=urn) or address("search:item", urn=urn),
        "may_read_register": actor.holds(*queries.READERS),
    }
