import datetime as dt
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.dateparse import parse_date

from anjuan.core.terms import Closing

MOVES = {"up": -1, "down": 1, "top": -1_000_000, "bottom": 1_000_000}


@dataclass(frozen=True)
class OpenForm:
    """What was chosen for a new volume: kept whole when the deed is refused."""

    proposal: str
    title: str
    items: tuple[str, ...]


def read_open(data: QueryDict) -> OpenForm:
    return OpenForm(
        data.get("proposal", ""), data.get("title", ""), tuple(str(urn) for urn in data.getlist("item") if urn)
    )


def read_order(data: QueryDict) -> list[str]:
    """The order wanted: the items as the page showed them, then one of them moved (``move=up:<urn>``)."""
    order = [str(urn) for urn in data.getlist("item")]
    step, _, urn = data.get("move", "").partition(":")
    if step in MOVES and urn in order:
        here = order.index(urn)
        order.insert(max(0, min(len(order) - 1, here + MOVES[step])), order.pop(here))
    return order


def read_closing(data: QueryDict) -> tuple[Closing | None, dt.date | None]:
    """Why a dossier stops growing, and on which day; none where nothing readable stands there."""
    chosen = data.get("closing", "")
    try:
        day = parse_date(data.get("closed_date", ""))
    except ValueError:  # well formed, but no day of the calendar
        day = None
    return Closing(chosen) if chosen in set(Closing) else None, day


def read_accepted(data: QueryDict) -> frozenset[str] | None:
    """The proposals to accept, each by its first item; None for all of them."""
    return None if data.get("all") else frozenset(str(urn) for urn in data.getlist("proposal"))


def read_number(typed: str) -> int:
    """A whole number; 0 where none stands there."""
    return int(typed) if typed.isdigit() and len(typed) < 10 else 0


def read_voiding(data: QueryDict) -> tuple[str, int, str]:
    """Run, number and reason of a voiding; a run that is none, so that it can be named in the refusal, stays one."""
    run = data.get("run", "")
    return run if run.count("/") == 5 else "/////", read_number(data.get("number", "")), data.get("reason", "")


def read_receipt(data: QueryDict) -> tuple[str, dt.date | None]:
    """Who signed a receipt, and on which day; none where no day stands there."""
    try:
        day = parse_date(data.get("receipt_date", ""))
    except ValueError:
        day = None
    return data.get("receiver_name", ""), day
