"""The report of images that attach themselves, as frozen shapes."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.desks.intake.actions.attaching import POSTS
from anjuan.desks.intake.queries.attaching import ImageSetRow
from anjuan.desks.intake.rules.attaching import Fate, Report, Target

LINES_SHOWN = 300
TONES = {Fate.HIT: "good", Fate.REPEAT: "", Fate.CONFLICT: "bad"}


def permit(actor: Actor) -> None:
    """Whether the actor attaches images at all.

    Raises:
        A-001: he neither scans nor works in the workshop.
    """
    if not actor.holds(*POSTS):
        raise Refusal("A-001", posts=POSTS)


def fate_words(fate: Fate) -> str:
    """What would become of an image."""
    return {
        Fate.HIT: _("will be attached"),
        Fate.NO_CODE: _("its name says no code and page"),
        Fate.UNKNOWN: _("no record has this code"),
        Fate.CLOSED: _("the record takes no images now"),
        Fate.REPEAT: _("there already: the same bytes"),
        Fate.TWIN: _("the same bytes as another page: to be confirmed"),
        Fate.CONFLICT: _("the page is there with other bytes"),
    }[fate]


def set_page(row: ImageSetRow, report: Report, targets: Mapping[str, Target]) -> dict[str, Any]:
    """A set as its page shows it: the misses first."""
    misses_first = sorted(report.judged, key=lambda one: (one.fate is Fate.HIT, one.image.place))
    return {
        "set": row,
        "sums": [(fate_words(fate), count, TONES.get(fate, "wait")) for fate, count in report.counts.items() if count],
        "short": report.short,
        "records": len(report.codes),
        "twins": report.counts[Fate.TWIN],
        "lines": [
            {
                "one": one,
                "words": fate_words(one.fate),
                "tone": TONES.get(one.fate, "wait"),
                "url": reverse("intake:item", kwargs={"urn": targets[one.code].urn}) if one.code in targets else "",
            }
            for one in misses_first[:LINES_SHOWN]
        ],
        "is_cut": len(misses_first) > LINES_SHOWN,
    }
