"""Plans, lots and rates as frozen shapes: every number of a draw with the sentence that says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from anjuan.core import sampling
from anjuan.core.refusals import Refusal
from anjuan.core.sampling import risk
from anjuan.core.sampling.plans import Severity
from anjuan.core.sampling.switching import Why
from anjuan.core.terms import Actor, Post
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.queries import history
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web.middleware import refusal_words

CARDS_SHOWN = 120


def severity_words(severity: str) -> str:
    """Normal, tightened, reduced, stopped."""
    said = {
        Severity.NORMAL: _("Normal inspection"),
        Severity.TIGHTENED: _("Tightened inspection"),
        Severity.REDUCED: _("Reduced inspection"),
        Severity.STOPPED: _("Inspection stopped"),
    }
    return said[Severity(severity)]


def reason_words(severity: str, since: int, why: str, looked_at: int, rejected: int) -> str:
    """Why the severity holds, in one sentence."""
    said = {
        Why.START: _("from the first lot on"),
        Why.REJECTED: _("since lot %(since)s: %(rejected)s of the last %(looked_at)s lots not accepted"),
        Why.ACCEPTED: _("since lot %(since)s: %(looked_at)s lots in a row accepted"),
        Why.STOPPED: _("since lot %(since)s: %(rejected)s lots not accepted under tightened inspection"),
        Why.RESUMED: _("since lot %(since)s: resumed by order after a stop"),
        Why.SCORE: _("since lot %(since)s: the switching score was reached"),
        Why.LOST: _("since lot %(since)s: a lot under reduced inspection was not accepted"),
    }
    named = {"since": since, "looked_at": looked_at, "rejected": rejected}
    return _("%(severity)s, %(reason)s") % {"severity": severity_words(severity), "reason": said[Why(why)] % named}


@dataclass(frozen=True)
class PlanWords:
    """A plan as it is read: how many, by which table, by which rate, and why."""

    plan: rules.LotPlan
    reason: str
    table: str
    risk: str
    result: str


def plan_words(plan: rules.LotPlan) -> PlanWords:
    """The words of a plan."""
    rate = _percent(float(plan.rate))
    table = _(
        "GB/T 2828.1, level %(level)s, AQL %(aql)s, letter %(letter)s: n = %(size)s, at most %(accept)s problem volumes"
    ) % {
        "level": plan.level,
        "aql": plan.aql,
        "letter": plan.letter,
        "size": plan.plan_size,
        "accept": plan.accept,
    }
    risk = _(
        "problem rate %(rate)s (%(found)s of %(inspected)s, with the house): %(lot)s × %(factor)s × rate = %(size)s"
    ) % {
        "rate": rate,
        "found": plan.own[1],
        "inspected": plan.own[0],
        "lot": plan.lot,
        "factor": plan.factor,
        "size": plan.risk_size,
    }
    result = (
        _("all %(lot)s by people, by order") % {"lot": plan.lot}
        if plan.by_people
        else _("%(size)s of %(lot)s are drawn") % {"size": plan.size, "lot": plan.lot}
    )
    reason = reason_words(plan.severity, plan.since, plan.why, plan.looked_at, plan.rejected)
    return PlanWords(plan, reason, table, risk, result)


def ratio_words(ratio: risk.Ratio) -> str:
    """Why so much is re-checked, in one sentence: "problem rate 12.0 % (…) × k 2 → 24 %"."""
    said = _("problem rate %(rate)s (%(found)s of %(inspected)s, with the house) × k %(factor)s → %(asked)s %%") % {
        "rate": _percent(float(ratio.rate)),
        "found": ratio.own[1],
        "inspected": ratio.own[0],
        "factor": f"{float(Fraction(ratio.factor)):g}",
        "asked": ratio.asked,
    }
    if ratio.asked == sampling.RECHECK_PERCENT:
        return _("%(ratio)s, the floor") % {"ratio": said}
    if ratio.asked == sampling.RECHECK_MOST_PERCENT:
        return _("%(ratio)s, the ceiling") % {"ratio": said}
    return said


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


@dataclass(frozen=True)
class SpotCard:
    """A lot that waits to be frozen, and what would be drawn of it."""

    lot: queries.Lot
    agency_name: str
    pages: int
    words: PlanWords | None
    stopped: Mapping[str, object] | None
    refusal: Mapping[str, object] | None


def spot_cards(
    lots: Sequence[queries.Lot], *, key: str = "", refusal: Mapping[str, object] | None = None
) -> list[SpotCard]:
    """The lots as cards; the one whose freezing was refused says so."""
    agencies, known = accounts.agency_names(), history.histories()
    cards = []
    for lot in lots[:CARDS_SHOWN]:
        mine = (lot.agency_code, lot.category_code)
        words, stopped = None, None
        try:
            words = plan_words(history.known(known, mine, lot.agency_path).plan(len(lot.volumes)))
        except Refusal as no_plan:
            stopped = refusal_words(no_plan)
        cards.append(
            SpotCard(
                lot,
                agencies.get(lot.agency_code, lot.agency_code),
                sum(volume.page_count for volume in lot.volumes),
                words,
                stopped,
                refusal if key == " ".join(mine) else None,
            )
        )
    return cards


@dataclass(frozen=True)
class FrozenCard:
    """A lot that is frozen and waits for its draw."""

    row: history.LotRow
    agency_name: str
    words: PlanWords
    refusal: Mapping[str, object] | None


def frozen_cards(
    rows: Sequence[history.LotRow], *, key: str = "", refusal: Mapping[str, object] | None = None
) -> list[FrozenCard]:
    """The frozen lots as cards; the one whose draw was refused says so."""
    agencies = accounts.agency_names()
    return [
        FrozenCard(
            row,
            agencies.get(row.agency_code, row.agency_code),
            plan_words(row.spot_plan),
            refusal if key == row.draw_no else None,
        )
        for row in rows[:CARDS_SHOWN]
    ]


@dataclass(frozen=True)
class Planned:
    """What stands under a draw: its plan, what was found, and all that recomputing it takes."""

    words: PlanWords | None
    ratio: str
    row: history.LotRow
    verdict: str
    tone: str
    root: str
    lot: tuple[str, ...]


def planned(row: queries.DrawRow) -> Planned | None:
    """The plan and the steps of a draw; none for draws from before lots were kept."""
    lot = history.lot_of(row.draw_no)
    if lot is None:
        return None
    verdict, tone = verdict_words(lot)
    words = plan_words(lot.plan) if lot.plan else None
    ratio = ratio_words(lot.ratio) if lot.ratio else ""
    root = history.checkpoint_root(row.checkpoint_size)
    return Planned(words, ratio, lot, verdict, tone, root, tuple(sorted(lot.units)))


def verdict_words(row: history.LotRow) -> tuple[str, str]:
    """What became of a lot, and its tone."""
    if row.is_rejected:
        return _("not accepted: every volume is looked at"), "bad"
    if row.verdict:
        return _("lot accepted"), "good"
    return _("not decided yet"), "wait"


@dataclass(frozen=True)
class PlanCard:
    """One agency and category on the page of plans."""

    known: history.History
    agency_name: str
    category_name: str
    reason: str
    rate: str
    is_stopped: bool
    may_order: bool


def plan_cards(actor: Actor, found: Sequence[history.History]) -> list[PlanCard]:
    """Every agency and category with its severity, rate and mode."""
    agencies, categories = accounts.agency_names(), schedule.category_names()
    cards = []
    for one in found[:CARDS_SHOWN]:
        now = one.standing
        cards.append(
            PlanCard(
                one,
                agencies.get(one.key[0], one.key[0]),
                categories.get(one.key[1], one.key[1]),
                reason_words(now.severity, now.since, now.why, now.looked_at, now.rejected),
                f"{one.own.found} / {one.own.inspected}",
                now.severity is Severity.STOPPED,
                actor.covers(one.agency_path, Post.RECHECKER),
            )
        )
    return cards


@dataclass(frozen=True)
class LotLine:
    """One lot in the list of past lots."""

    row: history.LotRow
    url: str
    agency_name: str
    category_name: str
    words: PlanWords
    verdict: str
    tone: str


def lot_lines(rows: Sequence[history.LotRow]) -> list[LotLine]:
    """The newest lots, each with its plan and what became of it."""
    agencies, categories = accounts.agency_names(), schedule.category_names()
    return [
        LotLine(
            row,
            reverse("inspection:spot", kwargs={"draw_no": row.draw_no}),
            agencies.get(row.agency_code, row.agency_code),
            categories.get(row.category_code, row.category_code),
            plan_words(row.spot_plan),
            *verdict_words(row),
        )
        for row in rows
    ]


def term_lines() -> list[tuple[str, str]]:
    """The published settings: words and value; all of them unconfirmed."""
    return [
        (_("Inspection level"), settings.ANJUAN_SAMPLING_LEVEL),
        ("AQL", settings.ANJUAN_SAMPLING_AQL),
        (_("k: sample at least lot × k × problem rate"), settings.ANJUAN_SAMPLING_FACTOR),
        (_("k of the re-check: ratio k × problem rate, 10 to 30 %"), settings.ANJUAN_RECHECK_FACTOR),
        (_("Days of acceptance that the re-check looks back on"), str(settings.ANJUAN_RECHECK_DAYS)),
        (_("Weight of the house's rate, in volumes"), str(settings.ANJUAN_SAMPLING_PRIOR)),
        (_("Problem rate before the first lot"), f"{settings.ANJUAN_SAMPLING_FIRST_RATE} %"),
        (
            _("Reduced inspection"),
            _("open") if settings.ANJUAN_SAMPLING_REDUCED else _("closed: its tables are not verified"),
        ),
    ]


@dataclass(frozen=True)
class RateLine:
    """One acceptor with his rate of error."""

    name: str
    row: history.AcceptorRate
    rate: str
    between: str


def rates(found: Sequence[history.AcceptorRate]) -> list[RateLine]:
    """The acceptors, the highest rate first."""
    names = accounts.staff_names({row.staff_code for row in found})
    return [
        RateLine(
            names.get(row.staff_code, row.staff_code),
            row,
            _percent(row.found / row.inspected) if row.inspected else "—",
            f"{_percent(row.low)} – {_percent(row.high)}",
        )
        for row in found
    ]
