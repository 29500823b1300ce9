"""What the ledger of work asks about records: whose they are, and how many pages came in. Rights not judged."""

import datetime as dt
from collections.abc import Collection, Mapping

from anjuan.records.models import Component, Item, Volume


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
