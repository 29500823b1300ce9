"""Changing what is said of an item that lies in no sealed volume (改著录)."""

import datetime as dt

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty
from anjuan.foundation.journal.actions import Line
from anjuan.records import actions, rules
from anjuan.records.models import Item


def redescribe(*, line: Line, urn: str, title: str, formed_date: dt.date, paper_pages: int) -> None:
    """Change title, date and page count of an item that is not sealed; whoever does may not judge it (改著录).

    Raises:
        L-001: it has moved on meanwhile.
        R-009: no such item.
    """
    actions.hold_at(urn=urn, states=rules.DESCRIBABLE)
    if Item.objects.filter(urn=urn).update(title=title, formed_date=formed_date) != 1:
        raise Refusal("R-009", what=urn)
    actions.set_paper_pages(urn=urn, paper_pages=paper_pages)
    actions.take_part(line=line, urn=urn, duty=Duty.HANDLED)
