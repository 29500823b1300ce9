"""Lots as the switching rules and the problem rates look back on them, and what will be drawn next."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from anjuan.core import canonical, sampling
from anjuan.core.refusals import Refusal
from anjuan.core.sampling import risk
from anjuan.core.sampling.plans import Severity
from anjuan.core.sampling.risk import Past
from anjuan.core.sampling.switching import Judged, Resumed, Standing, standing
from anjuan.core.terms import RECORD_POSTS, Actor, Duty, Post, Route, State
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.models import InspectedLot, SampleDraw, SamplingOrder
from anjuan.desks.inspection.queries import DRAWING_POSTS, IMAGED, DrawKind
from anjuan.facilities.corrections.models import Correction
from anjuan.foundation.accounts.queries import permit, scopes_on
from anjuan.foundation.ledger import queries as ledger
from anjuan.records import queries as records
from anjuan.records.models import Participation, Volume
from anjuan.records.rows import VolumeRow

PLAN_POSTS = (Post.ACCEPTOR, Post.RECHECKER, Post.SUPERVISOR)
RATE_POSTS = (Post.SUPERVISOR, Post.RECHECKER)
Verdict = InspectedLot.Verdict
Order = SamplingOrder.Kind
Key = tuple[str, str]  # agency, category


@dataclass(frozen=True)
class LotRow:
    """A frozen lot as pages see it."""

    kind: DrawKind
    draw_no: str
    agency_code: str
    agency_path: str
    category_code: str
    acceptor_code: str
    lot_no: int
    units: Mapping[str, str]
    plan: rules.LotPlan | None
    ratio: risk.Ratio | None
    nonces: tuple[tuple[int, str], ...]
    standard: tuple[str, ...]
    is_counted: bool
    inspected: int
    found: int
    found_in_standard: int
    verdict: str
    frozen_at: dt.datetime
    decided_at: dt.datetime | None
    is_finished: bool

    @property
    def spot_plan(self) -> rules.LotPlan:
        """The plan of a spot check's lot.

        Raises:
            ValueError: it is a re-check, which is by percentage.
        """
        if self.plan is None:
            raise ValueError("a re-check has no plan")
        return self.plan

    @property
    def is_rejected(self) -> bool:
        """Whether the lot was not accepted: every volume of it is then looked at."""
        return self.verdict == Verdict.NOT_ACCEPTED


@dataclass(frozen=True)
class History:
    """What is known of the lots of one agency and category before the next one."""

    key: Key
    agency_path: str
    standing: Standing
    own: Past
    house: Past
    by_people: bool
    last_no: int
    orders: tuple[SamplingOrder, ...]

    def plan(self, lot: int) -> rules.LotPlan:
        """The plan of a lot of so many volumes.

        Raises:
            Q-020: the settings name a level or an AQL that the tables do not have.
            Q-021: inspection is stopped.
        """
        return rules.plan_lot(
            lot, self.standing, own=self.own, house=self.house, terms=terms(), by_people=self.by_people
        )


@dataclass(frozen=True)
class AcceptorRate:
    """How often the re-check found a problem in what one acceptor had accepted (验收差错率)."""

    staff_code: str
    lots: int
    inspected: int
    found: int
    low: float
    high: float


def terms(factor_setting: str = "ANJUAN_SAMPLING_FACTOR") -> rules.Terms:
    """The published settings of a sample.

    Args:
        factor_setting: the setting that holds k: of the spot check, or of the re-check.

    Raises:
        Q-020: a number among them is none.
    """
    try:
        factor, first = Fraction(getattr(settings, factor_setting)), Fraction(settings.ANJUAN_SAMPLING_FIRST_RATE) / 100
    except (ValueError, ZeroDivisionError):
        raise Refusal("Q-020", what="k 或首批问题率 factor or first rate", choices="0 以上的数 a number") from None
    if factor < 0 or not 0 <= first <= 1 or settings.ANJUAN_SAMPLING_PRIOR < 1:
        raise Refusal("Q-020", what="k 或首批问题率 factor or first rate", choices="0 以上的数 a number")
    return rules.Terms(
        settings.ANJUAN_SAMPLING_LEVEL,
        settings.ANJUAN_SAMPLING_AQL,
        factor,
        settings.ANJUAN_SAMPLING_PRIOR,
        first,
        settings.ANJUAN_SAMPLING_REDUCED,
    )


def histories() -> Mapping[Key, History]:
    """What is known of each agency and category that had a lot or an order; two queries."""
    rows = [_row(row) for row in InspectedLot.objects.filter(kind=DrawKind.SPOT).order_by("lot_no", "id")]
    orders = list(SamplingOrder.objects.order_by("id"))
    house = _past(rows)
    keys = {(row.agency_code, row.category_code) for row in rows}
    keys |= {(order.agency_code, order.category_code) for order in orders}
    return {
        key: _history(
            key,
            [row for row in rows if (row.agency_code, row.category_code) == key],
            [row for row in orders if (row.agency_code, row.category_code) == key],
            house,
        )
        for key in sorted(keys)
    }


def known(found: Mapping[Key, History], key: Key, agency_path: str) -> History:
    """The history of one agency and category; an empty one before its first lot."""
    if key in found:
        return found[key]
    house = next(iter(found.values())).house if found else Past()
    return History(key, agency_path, Standing(), Past(), house, False, 0, ())


def _past(rows: Iterable[LotRow]) -> Past:
    done = [row for row in rows if row.is_finished]
    return Past(sum(row.inspected for row in done), sum(row.found for row in done))


def _history(key: Key, lots: Sequence[LotRow], orders: Sequence[SamplingOrder], house: Past) -> History:
    events: list[tuple[dt.datetime, Judged | Resumed]] = [
        (order.ordered_at, Resumed(order.after_lot)) for order in orders if order.kind == Order.RESUME
    ]
    for lot in lots:
        if lot.is_counted and lot.plan is not None and lot.decided_at is not None:
            is_accepted = not lot.is_rejected
            score = rules.score_of(lot.plan, lot.found_in_standard) if is_accepted else None
            judged = Judged(lot.lot_no, Severity(lot.plan.severity), is_accepted, score)
            events.append((lot.decided_at, judged))
    events.sort(key=lambda event: event[0])
    modes = [order.kind for order in orders if order.kind != Order.RESUME]
    return History(
        key,
        lots[0].agency_path if lots else orders[0].agency_path,
        standing((event for _, event in events), may_reduce=settings.ANJUAN_SAMPLING_REDUCED),
        _past(lots),
        house,
        bool(modes) and modes[-1] == Order.BY_PEOPLE,
        max((lot.lot_no for lot in lots), default=0),
        tuple(orders),
    )


@dataclass(frozen=True)
class Rates:
    """What acceptance has found on one kind of route, by agency and category, and in the whole house."""

    pasts: Mapping[Key, Past]
    house: Past

    def ratio(self, agency_code: str, category_code: str) -> risk.Ratio:
        """How much of the agency's volumes of that category is re-checked, and why.

        Raises:
            Q-020: a number among the settings is none.
        """
        own = self.pasts.get((agency_code, category_code), Past())
        published = terms("ANJUAN_RECHECK_FACTOR")
        return risk.ratio(
            own,
            self.house,
            factor=published.factor,
            prior=published.prior,
            first=published.first,
            least=sampling.RECHECK_PERCENT,
            most=sampling.RECHECK_MOST_PERCENT,
        )


def rates(*, on_paper: bool) -> Rates:
    """The problem rates that the re-check follows; one query.

    Where paper came first: what the spot check looked at. On the other routes people look at every page: what they
    judged in the last ``ANJUAN_RECHECK_DAYS`` days, a problem volume being one in which they raised a fault.

    Standard: S3-N5.
    """
    if on_paper:
        by_key: dict[Key, list[LotRow]] = {}
        for row in InspectedLot.objects.filter(kind=DrawKind.SPOT).order_by("lot_no", "id"):
            by_key.setdefault((row.agency_code, row.category_code), []).append(_row(row))
        pasts = {key: _past(rows) for key, rows in by_key.items()}
    else:
        since = timezone.now() - dt.timedelta(days=settings.ANJUAN_RECHECK_DAYS)
        judged = Participation.objects.filter(unit=OuterRef("urn"), duty=Duty.ACCEPTED, at__gte=since)
        raised = Correction.objects.filter(unit=OuterRef("urn"), raised_at_state=State.APPLIED, raised_at__gte=since)
        counted = (
            Volume.objects.filter(Exists(judged), route__in=IMAGED)
            .annotate(is_problem=Exists(raised))
            .values_list("agency__code", "category__code")
            .annotate(inspected=Count("id"), found=Count("id", filter=Q(is_problem=True)))
        )
        pasts = {
            (agency, category): Past(inspected, found)
            for agency, category, inspected, found in counted.order_by("agency__code", "category__code")
        }
    found = list(pasts.values())
    return Rates(pasts, Past(sum(one.inspected for one in found), sum(one.found for one in found)))


def lot_of(draw_no: str) -> LotRow | None:
    """The frozen lot of a draw; none for draws from before lots were kept."""
    row = InspectedLot.objects.filter(draw_no=draw_no).first()
    return _row(row) if row else None


def frozen(actor: Actor) -> list[LotRow]:
    """Lots that are frozen for the spot check and wait for their draw, oldest first."""
    rows = InspectedLot.objects.filter(scopes_on("agency_path", actor, Post.ACCEPTOR), kind=DrawKind.SPOT)
    waiting = rows.filter(finished_at=None).exclude(draw_no__in=SampleDraw.objects.values("draw_no"))
    return [_row(row) for row in waiting.order_by("frozen_at", "id")]


def frozen_lot(actor: Actor, draw_no: str) -> LotRow:
    """A lot that waits for its draw.

    Raises:
        A-001: the actor does not hold the post over its agency.
        L-001: it was drawn already.
        R-009: there is none.
    """
    found = lot_of(draw_no)
    if found is None or found.kind is not DrawKind.SPOT:
        raise Refusal("R-009", what=draw_no)
    permit(actor, found.agency_path, DRAWING_POSTS[DrawKind.SPOT])
    if found.is_finished or SampleDraw.objects.filter(draw_no=draw_no).exists():
        raise Refusal("L-001", reference=draw_no)
    return found


def frozen_over(volume_urn: str) -> LotRow | None:
    """The frozen lot, not drawn yet, that a volume belongs to."""
    rows = InspectedLot.objects.filter(kind=DrawKind.SPOT, finished_at=None)
    for row in rows.exclude(draw_no__in=SampleDraw.objects.values("draw_no")):
        if volume_urn in row.units:
            return _row(row)
    return None


def was_inspected(urns: Sequence[str], agency_code: str) -> frozenset[str]:
    """Which of these volumes of an agency stood in a lot of the spot check before."""
    before = {
        urn
        for units in InspectedLot.objects.filter(kind=DrawKind.SPOT, agency_code=agency_code).values_list(
            "units", flat=True
        )
        for urn in units
    }
    return frozenset(urns) & before


def fingerprint(volume: VolumeRow) -> str:
    """Digest of what a lot is frozen with of a volume: its code, title, items, pages and term."""
    return canonical.digest([volume.reference, volume.title, volume.item_count, volume.page_count, volume.term.words()])


def as_they_stand(urns: Iterable[str], state: State) -> Mapping[str, tuple[str, str]]:
    """By volume that stands at its gate: how people call it, and its digest of now."""
    return {
        urn: (volume.reference, fingerprint(volume))
        for urn, volume in records.volumes_by_urn(urns).items()
        if volume.state is state
    }


def checkpoint_root(size: int) -> str:
    """The root that the seed of a draw was made of."""
    return ledger.first_checkpoint_past(size - 1).root


def enter(actor: Actor, posts: tuple[Post, ...]) -> None:
    """Whether the actor may open the page of plans, or of acceptors.

    Raises:
        A-001: he works with records, but holds none of the posts.
        R-009: he does not work with records; the page does not exist for him.
    """
    if actor.holds(*posts):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=posts)
    raise Refusal("R-009", what="抽样 sampling")


def plans(actor: Actor) -> list[History]:
    """What is known of each agency and category that the actor may see: with a lot, an order, or volumes that wait."""
    found = dict(histories())
    for post in (post for post in PLAN_POSTS if actor.holds(post)):
        for volume in records.volumes_at(actor, State.APPLIED, post, routes=(Route.LEGACY,), limit=2000):
            key = (volume.agency_code, volume.category_code)
            if key not in found:
                found[key] = known(found, key, volume.agency_path)
    return [one for _, one in sorted(found.items()) if actor.covers(one.agency_path, *PLAN_POSTS)]


def decided(actor: Actor, limit: int = 60) -> list[LotRow]:
    """The newest lots of the spot check that the actor may see, frozen or decided."""
    rows = InspectedLot.objects.filter(scopes_on("agency_path", actor, *PLAN_POSTS), kind=DrawKind.SPOT)
    return [_row(row) for row in rows.order_by("-id")[:limit]]


def acceptor_rates(actor: Actor) -> list[AcceptorRate]:
    """How often the re-check found a problem, by acceptor; the highest rate first. One query.

    Standard: S3-W6.
    """
    rows = InspectedLot.objects.filter(scopes_on("agency_path", actor, *RATE_POSTS), kind=DrawKind.RECHECK)
    found: dict[str, list[tuple[int, int]]] = {}
    for code, inspected, faulty in rows.exclude(finished_at=None).values_list("acceptor_code", "inspected", "found"):
        found.setdefault(code, []).append((inspected, faulty))
    rates = []
    for code, lots in found.items():
        inspected, faulty = sum(one for one, _ in lots), sum(one for _, one in lots)
        rates.append(AcceptorRate(code, len(lots), inspected, faulty, *risk.wilson(faulty, inspected)))
    return sorted(rates, key=lambda row: (-(row.found / row.inspected if row.inspected else 0), row.staff_code))


def _row(row: InspectedLot) -> LotRow:
    return LotRow(
        kind=DrawKind(row.kind),
        draw_no=row.draw_no,
        agency_code=row.agency_code,
        agency_path=row.agency_path,
        category_code=row.category_code,
        acceptor_code=row.acceptor_code,
        lot_no=row.lot_no,
        units=dict(row.units),
        plan=_plan(row.plan),
        ratio=_ratio(row.plan),
        nonces=tuple((int(position), str(value)) for position, value in row.nonces),
        standard=tuple(row.standard),
        is_counted=row.is_counted,
        inspected=row.inspected,
        found=row.found,
        found_in_standard=row.found_in_standard,
        verdict=row.verdict,
        frozen_at=row.frozen_at,
        decided_at=row.decided_at,
        is_finished=row.finished_at is not None,
    )


def _ratio(kept: Mapping[str, Any]) -> risk.Ratio | None:
    if "asked" not in kept:
        return None  # a spot check, or a re-check from before it followed the problem rate
    named = {name: value for name, value in kept.items() if name != "percent"}
    return risk.Ratio(**{**named, "own": tuple(kept["own"]), "house": tuple(kept["house"])})


def _plan(kept: Mapping[str, Any]) -> rules.LotPlan | None:
    if "letter" not in kept:
        return None  # a re-check is by percentage
    own, house = (tuple(kept[name]) for name in ("own", "house"))
    return rules.LotPlan(**{**kept, "own": own, "house": house})
