"""What screening hangs on the shared pages, and its list as frozen shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.terms import Actor
from anjuan.facilities.screening import queries, rules
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import RailEntry, address


@dataclass(frozen=True)
class AsideLine:
    """A file in the list."""

    row: queries.AsideRow
    why: str
    words: str
    tone: str
    sender: str
    judge: str
    unit_url: str
    may_judge: bool
    may_release: bool


def status_words(status: rules.AsideStatus) -> tuple[str, str]:
    """How a file stands, and its colour."""
    return {
        rules.AsideStatus.HELD: (_("held until the scanner is back"), "wait"),
        rules.AsideStatus.QUARANTINED: (_("in quarantine"), "bad"),
        rules.AsideStatus.PASSED: (_("scanned and taken in"), "good"),
        rules.AsideStatus.RELEASED: (_("declared harmless"), "good"),
        rules.AsideStatus.PURGED: (_("purged"), ""),
    }[status]


def list_page(actor: Actor) -> dict[str, Any]:
    """Everything the page of the quarantine shows."""
    return {
        "waiting": _lines(actor, queries.aside(actor)),
        "judged": _lines(actor, queries.aside(actor, judged=True)),
        "has_scanner": queries.has_scanner(),
        "is_there": queries.is_scanner_there(),
    }


def _lines(actor: Actor, rows: Sequence[queries.AsideRow]) -> list[AsideLine]:
    names = accounts.staff_names({row.sender_code for row in rows} | {row.judged_by for row in rows})
    language = get_language() or "zh"
    found = []
    for row in rows:
        words, tone = status_words(row.status)
        judging = row.status is rules.AsideStatus.QUARANTINED and row.sender_code != actor.staff_code
        found.append(
            AsideLine(
                row=row,
                why=row.refusal.message(language),
                words=words,
                tone=tone,
                sender=names.get(row.sender_code, row.sender_code),
                judge=names.get(row.judged_by, row.judged_by),
                unit_url=address("intake:item", urn=row.unit) if row.unit else "",
                may_judge=judging,
                may_release=judging and row.refusal.code == rules.VIRUS,
            )
        )
    return found


RAIL = (
    RailEntry(
        gettext_lazy("Quarantine"),
        "screening:aside",
        "shield",
        frozenset(rules.POSTS),
        order=70,
    ),
)
