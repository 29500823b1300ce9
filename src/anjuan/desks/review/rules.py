"""What the reviewer must have seen, and what he should see first (审核)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Duty, Route, Verb
from anjuan.foundation.schedule.rules import RiskGrade

# Days within which a case of each grade is to be reviewed; not confirmed by the office yet (待核实).
WITHIN_DAYS: Mapping[RiskGrade, int] = {RiskGrade.HIGH: 1, RiskGrade.MEDIUM: 3, RiskGrade.LOW: 5}


def due(risk: RiskGrade, since: dt.datetime) -> dt.datetime:
    """By when a case is to be reviewed: what may cost much comes first, and nothing waits for ever (STD-24)."""
    return since + dt.timedelta(days=WITHIN_DAYS[risk])


Page = tuple[int, int]  # component, page number from 1


def evidence(
    *,
    pages: Sequence[Page],
    seen: AbstractSet[Page],
    paper_pages: int,
    route: Route = Route.TARGET,
    counted_pages: int | None = None,
) -> frozenset[Evidence]:
    """The evidence on the table: every page looked at, and as many images as paper (S3-W12, S3-C10).

    Args:
        pages: all pages of the item.
        seen: pages that the reviewer opened.
        paper_pages: pages of paper counted at the counter.
        route: paper first, the reviewer counts the paper instead.
        counted_pages: what he counted; None where he has not.

    Raises:
        V-001: he counted another number than the counter.
    """
    found: set[Evidence] = set()
    if route is Route.LEGACY:
        if counted_pages is not None and counted_pages != paper_pages:
            raise Refusal("V-001", counted=counted_pages)
        return frozenset({Evidence.PAPER_CHECKED}) if counted_pages is not None else frozenset()
    if pages and set(pages) <= seen:
        found.add(Evidence.PAGES_SEEN)
    if len(pages) == paper_pages:
        found.add(Evidence.PAGES_AGREE)
    return frozenset(found)


def obstacles(
    *,
    reference: str,
    found: AbstractSet[Evidence],
    staff_code: str,
    handlers: AbstractSet[str],
    route: Route = Route.TARGET,
) -> tuple[Obstacle, ...]:
    """What stands between the reviewer and his *pass*, said before he tries (为什么不能通过).

    Args:
        reference: how people call the item.
        found: the evidence on the table.
        staff_code: who reviews.
        handlers: who handled the case.
        route: paper first, what he must do is count, which he does as he passes.
    """
    if staff_code in handlers:
        return (Obstacle("L-005", {"reference": reference, "verb": Verb.PASS_ITEM, "duty": Duty.HANDLED}),)
    if route is Route.LEGACY:
        return ()
    missing = [piece for piece in (Evidence.PAGES_SEEN, Evidence.PAGES_AGREE) if piece not in found]
    return tuple(
        Obstacle("L-004", {"reference": reference, "verb": Verb.PASS_ITEM, "missing": piece}) for piece in missing
    )
