"""What the ledger of work asks about records: whose they are, how many pages came in, what somebody has in hand."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from anjuan.core.terms import CORRECTING, Duty, State
from anjuan.records.models import Component, Item, Look, Participation, Volume


def agencies_of(urns: Collection[str]) -> Mapping[str, str]:
    """The agency of each of these records, by URN; others are missing. Rights not judged."""
    wanted = sorted(urns)
    found: dict[str, str] = {}
    for first in range(0, len(wanted), 500):
        some = wanted[first : first + 500]
        for model in (Item, Volume):
            found.update(model.objects.filter(urn__in=some).values_list("urn", "agency__code"))
    return found


def pages_captured(captures: Collection[tuple[str, dt.datetime]]) -> Mapping[tuple[str, dt.datetime], int]:
    """Pages that came in by each of these captures, named by item and moment. Rights not judged."""
    wanted = sorted({urn for urn, _ in captures})
    found: dict[tuple[str, dt.datetime], int] = {}
    for first in range(0, len(wanted), 500):
        rows = Component.objects.filter(item__urn__in=wanted[first : first + 500])
        for urn, at, pages in rows.values_list("item__urn", "captured_at", "page_count"):
            if (urn, at) in captures:
                found[urn, at] = found.get((urn, at), 0) + pages
    return found


@dataclass(frozen=True)
class InHand:
    """A record that somebody has in hand: he has it to complete or to mend."""

    urn: str
    reference: str
    title: str
    state: State
    is_volume: bool


def in_hand(staff_code: str, agency_path: str) -> list[InHand]:
    """Records of an agency that a person took in or filed and that wait to be completed or mended. Rights not judged.

    A volume that is not sealed yet has no person: whoever files there goes on with it.
    """
    mine = Participation.objects.filter(staff_code=staff_code, duty__in=(Duty.HANDLED, Duty.FILED)).values("unit")
    items = Item.objects.filter(
        urn__in=mine, agency__path__startswith=agency_path, volume=None, state__in=(State.COLLECTING, *CORRECTING)
    )
    volumes = Volume.objects.filter(urn__in=mine, agency__path__startswith=agency_path, state__in=CORRECTING)
    return [
        *(
            InHand(urn, number, title, State(state), False)
            for urn, number, title, state in items.order_by("id").values_list("urn", "acceptance_no", "title", "state")
        ),
        *(
            InHand(urn, code or "", title, State(state), True)
            for urn, code, title, state in volumes.order_by("id").values_list("urn", "reference_code", "title", "state")
        ),
    ]


def looking_moments(staff_codes: Collection[str], most: int) -> Mapping[str, list[dt.datetime]]:
    """When each of these people first opened the pages he opened last, in order; so many at most. Rights not judged."""
    found = {}
    for code in sorted(staff_codes):
        rows = Look.objects.filter(staff_code=code).order_by("-at", "-id").values_list("at", flat=True)[:most]
        found[code] = sorted(rows)
    return found
