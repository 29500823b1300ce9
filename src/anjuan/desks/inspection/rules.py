"""Judgement in inspection: the checklist, what must have been looked at, and what a campaign goes over."""

import datetime as dt
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from anjuan.core import lifecycle, sampling
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.sampling import plans, risk
from anjuan.core.sampling.plans import Severity
from anjuan.core.sampling.risk import Past
from anjuan.core.sampling.switching import Standing
from anjuan.core.terms import CORRECTING, Duty, Post, Route, State, UnitKind, Verb

Page = tuple[int, int]
ANSWERS = ("PASS", "FAIL", "NA")


@dataclass(frozen=True)
class Check:
    """One line of the self-check list; ``auto`` ones are filled in from counts."""

    code: str
    zh: str
    en: str
    clause: str
    auto: bool


@dataclass(frozen=True)
class Counts:
    """What the machine knows for the checklist."""

    paper: int
    images: int | None
    catalogue: int
    items_with_other_counts: int
    items_without_main_form: int
    terms_settled_or_marked: bool


def prefill(counts: Counts) -> Mapping[str, str]:
    """The answers the machine gives itself; a person cannot turn a failed one into a pass."""
    return {
        "PAGES": "PASS"
        if counts.paper == counts.catalogue
        and counts.images in (None, counts.paper)
        and not counts.items_with_other_counts
        else "FAIL",
        "MAIN_FORM": "PASS" if not counts.items_without_main_form else "FAIL",
        "RETENTION": "PASS" if counts.terms_settled_or_marked else "FAIL",
    }


def judge_checklist(
    checks: Sequence[Check], answers: Mapping[str, str], machine: Mapping[str, str]
) -> Mapping[str, str]:
    """The signed answers (自查表): every line answered, the machine's own answers standing.

    Raises:
        Q-001: a line has no answer.
        Q-002: a line failed; the volume is returned instead of signed.
    """
    final: dict[str, str] = {}
    for check in checks:
        answer = machine[check.code] if check.auto else answers.get(check.code, "")
        if answer not in ANSWERS:
            raise Refusal("Q-001", line=f"{check.zh} / {check.en}")
        if answer == "FAIL":
            raise Refusal("Q-002", line=f"{check.zh} / {check.en}")
        final[check.code] = answer
    return final


def seen_evidence(pages: Sequence[Page], seen: AbstractSet[Page]) -> frozenset[Evidence]:
    """Whether every page was opened (逐页验收: S3-N4, S3-W16)."""
    return frozenset({Evidence.PAGES_SEEN}) if pages and set(pages) <= seen else frozenset()


def answered_evidence(open_faults: int) -> frozenset[Evidence]:
    """Whether no fault waits for its answer."""
    return frozenset() if open_faults else frozenset({Evidence.FAULTS_ANSWERED})


def check_findings(found: Sequence[tuple[str, bool]], *, reference: str) -> None:
    """Whether the machine's findings let a volume pass: those of class A and B judged, none a fault.

    Args:
        found: what stands against it: the code of each finding, and whether a person said that it is a fault (or
            nobody judged it yet).
        reference: how people call the volume.

    Raises:
        Q-009: findings wait for a person.
        Q-010: a person confirmed one: the volume goes back.

    Standard: S3-W14, S3-W16.
    """
    waiting = [code for code, is_fault in found if not is_fault]
    if waiting:
        raise Refusal("Q-009", reference=reference, count=len(waiting), codes="、".join(sorted(set(waiting))))
    if found:
        raise Refusal("Q-010", reference=reference, codes="、".join(sorted({code for code, _ in found})))


def check_paper(
    expected: Mapping[str, tuple[str, int]], counted: Mapping[str, int], *, has_main_forms: bool, has_seals: bool
) -> None:
    """Whether a volume counted on paper is what its catalogue says (实物逐件逐页核对).

    Args:
        expected: by item, how people call it and its pages in the catalogue.
        counted: pages counted, by item.
        has_main_forms: the person found every main form.
        has_seals: the person found every seal.

    Raises:
        Q-005: items are missing on paper, or there are some that the catalogue lacks (实物件数与目录件数不符).
        Q-006: the pages of an item differ; the catalogue's number is not told, so that it is counted and not copied.
        Q-007: a main form or a seal is missing (缺主表、缺章).

    Standard: S3-W5.
    """
    if set(counted) != set(expected):
        raise Refusal("Q-005", counted=len(counted), expected=len(expected))
    for urn, (reference, pages) in expected.items():
        if counted[urn] != pages:
            raise Refusal("Q-006", reference=reference)
    if not has_main_forms or not has_seals:
        raise Refusal("Q-007", what="主表 main form" if not has_main_forms else "章 seal")


def check_recheck_percent(percent: int, asked: int = sampling.RECHECK_PERCENT) -> int:
    """The re-check ratio stays between 10 and 30 percent, and is not below what the problem rate asks (S3-N2, S3-N5).

    Raises:
        Q-003: it is not between the two.
        Q-060: the problem rate asks for more.
    """
    if not sampling.RECHECK_PERCENT <= percent <= sampling.RECHECK_MOST_PERCENT:
        raise Refusal("Q-003", percent=percent)
    if percent < asked:
        raise Refusal("Q-060", percent=percent, asked=asked)
    return percent


@dataclass(frozen=True)
class Terms:
    """The published settings of the acceptance sample (抽样参数); all of them unconfirmed.

    Attributes:
        factor: k of ⌈N·k·p̂⌉.
        prior: volumes that the house's rate weighs.
        first: rate before anything is known, 0 to 1.
        may_reduce: whether reduced inspection is open.
    """

    level: str
    aql: str
    factor: Fraction
    prior: int
    first: Fraction
    may_reduce: bool


@dataclass(frozen=True)
class LotPlan:
    """How many of a lot are drawn and why: kept with the lot, said before the draw and after it (抽样方案).

    Attributes:
        lot: N, volumes.
        since, why, looked_at, rejected: what the switching rules say, see `Standing`.
        plan_size: n of the standard's plan, at most the lot; they decide.
        accept: Ac.
        own, house: volumes looked at and problem volumes among them, before this lot.
        rate: p̂, as a decimal fraction.
        risk_size: ⌈N·k·p̂⌉.
        size: how many are drawn.
    """

    lot: int
    level: str
    aql: str
    severity: str
    since: int
    why: str
    looked_at: int
    rejected: int
    letter: str
    plan_size: int
    accept: int
    own: tuple[int, int]
    house: tuple[int, int]
    rate: str
    factor: str
    prior: int
    first: str
    risk_size: int
    by_people: bool
    size: int

    def spell(self) -> dict[str, object]:
        """As the row keeps it."""
        return asdict(self)


def plan_lot(lot: int, standing: Standing, *, own: Past, house: Past, terms: Terms, by_people: bool) -> LotPlan:
    """The plan of a lot: n = max(the standard's plan, ⌈N·k·p̂⌉), the whole lot where people look at all of it.

    Raises:
        Q-020: the settings name a level or an AQL that the tables do not have.
        Q-021: inspection is stopped.

    Standard: GB/T 2828.1-2012; S3-N4, S3-N5, S3-P5.
    """
    plan = plans.plan_for(lot, terms.level, terms.aql, standing.severity)
    rate = risk.shrunken(own, house, prior=terms.prior, first=terms.first)
    by_risk = risk.risk_size(lot, rate, terms.factor)
    return LotPlan(
        lot=lot,
        level=plan.level,
        aql=plan.aql,
        severity=plan.severity.value,
        since=standing.since,
        why=standing.why.value,
        looked_at=standing.looked_at,
        rejected=standing.rejected,
        letter=plan.letter,
        plan_size=plan.sample,
        accept=plan.accept,
        own=(own.inspected, own.found),
        house=(house.inspected, house.found),
        rate=f"{float(rate):.6f}",
        factor=str(terms.factor),
        prior=terms.prior,
        first=str(terms.first),
        risk_size=by_risk,
        by_people=by_people,
        size=lot if by_people else max(plan.sample, by_risk),
    )


def score_of(plan: LotPlan, found: int) -> int | None:
    """What a decided lot adds to the switching score."""
    table = plans.plan_for(plan.lot, plan.level, plan.aql, Severity(plan.severity))
    return plans.scores(table, found)


def check_unaltered(draw_no: str, frozen: Mapping[str, str], now: Mapping[str, tuple[str, str]]) -> None:
    """Whether the volumes of a lot are still what was frozen (批不得变动).

    Args:
        draw_no: of the lot.
        frozen: digest by volume when the lot was frozen.
        now: by volume, how people call it, and the digest of today; one that is gone from its gate is not there.

    Raises:
        Q-022: one has changed, or is gone.
    """
    for urn, digest in frozen.items():
        reference, today = now.get(urn, (urn, ""))
        if today != digest:
            raise Refusal("Q-022", draw_no=draw_no, reference=reference)


def check_order(order: str, *, by_people: bool, is_stopped: bool) -> None:
    """Whether an order changes anything (抽样指令).

    Args:
        order: BY_PEOPLE, BY_PLAN or RESUME.
        by_people: every volume is looked at now.
        is_stopped: inspection is stopped now.

    Raises:
        Q-024: it does not.
    """
    against = {
        "BY_PEOPLE": "已是全检 every volume is looked at already" if by_people else "",
        "BY_PLAN": "" if by_people else "已按方案抽样 the plan holds already",
        "RESUME": "" if is_stopped else "检验没有停止 inspection is not stopped",
    }
    if why := against.get(order, "没有这种指令 there is no such order"):
        raise Refusal("Q-024", why=why)


# Campaigns ---------------------------------------------------------------------------------------------------------

MOST_UNITS = 5000  # volumes that are frozen in one deed
MOST_JUDGED = 2000  # volumes that a detector is asked about while somebody waits
HELD_FOR = dt.timedelta(hours=24)  # a volume that somebody took and left is free again after that
MOST_NOTE = 300
# Whoever did the work does not look whether it was done well.
APART = frozenset({Duty.HANDLED, Duty.FILED, Duty.MENDED})
# Where a volume is sealed and nobody mends it just now.
_NOT_SEALED = frozenset({State.COLLECTING, State.IN_REVIEW, State.REVIEWED, State.FILING})
RECHECKABLE = tuple(state for state in State if state not in CORRECTING | _NOT_SEALED)


@dataclass(frozen=True)
class Selection:
    """Which volumes a campaign goes over (复查范围); what is empty asks for nothing.

    Attributes:
        agency_code: that agency and those below it.
        category_code: the category.
        year: the year of the volumes.
        state: where they stand.
        fault_code: a detector finds this fault in them, or a person raised it once.
        filed_from: filed on this day or later.
        filed_to: filed on this day or earlier.
    """

    agency_code: str = ""
    category_code: str = ""
    year: int | None = None
    state: str = ""
    fault_code: str = ""
    filed_from: dt.date | None = None
    filed_to: dt.date | None = None

    def spell(self) -> dict[str, str | int]:
        """As it is kept: what it asks for and nothing else."""
        said = {name: value for name, value in vars(self).items() if value not in (None, "")}
        return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in said.items()}


def read_selection(spelled: Mapping[str, Any]) -> Selection:
    """A selection from what `Selection.spell` wrote."""
    days = {name: dt.date.fromisoformat(spelled[name]) for name in ("filed_from", "filed_to") if name in spelled}
    return Selection(**{**spelled, **days})


def check_selection(selection: Selection, *, agencies: Collection[str], known_faults: Collection[str]) -> None:
    """Whether a selection can be asked at all.

    Raises:
        Q-030: it names an agency, a stage or a fault that there is not, or no possible year or days.
    """
    wrong = ""
    if selection.agency_code and selection.agency_code not in agencies:
        wrong = f"机构 agency {selection.agency_code[:20]}"
    elif selection.state and selection.state not in RECHECKABLE:
        wrong = f"环节 stage {selection.state[:20]}"
    elif selection.fault_code and selection.fault_code not in known_faults:
        wrong = f"问题 fault {selection.fault_code[:20]}"
    elif selection.year is not None and not 1900 <= selection.year <= 2200:
        wrong = f"年度 year {selection.year}"
    elif selection.filed_from and selection.filed_to and selection.filed_from > selection.filed_to:
        wrong = f"立卷日期 filed {selection.filed_from} > {selection.filed_to}"
    if wrong:
        raise Refusal("Q-030", what=wrong)


def check_count(count: int, *, limit: int, expected: int | None = None) -> None:
    """Whether so many volumes can be frozen, and are those that the person was shown.

    Raises:
        Q-031: there is none.
        Q-032: there are too many for one campaign.
        Q-033: there are others than were counted before.
    """
    if not count:
        raise Refusal("Q-031")
    if count > limit:
        raise Refusal("Q-032", limit=limit)
    if expected is not None and expected != count:
        raise Refusal("Q-033", expected=expected, count=count)


def common_path(paths: Iterable[str]) -> str:
    """The path of the nearest agency above all of these."""
    split = [path.strip("/").split("/") for path in paths]
    shared = itertools.takewhile(lambda parts: len(set(parts)) == 1, zip(*split, strict=False))
    return "/" + "".join(f"{parts[0]}/" for parts in shared)


def week_of(at: dt.datetime, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The calendar week of a moment, Monday to Monday in the agency's zone."""
    day = at.astimezone(zone).date()
    monday = day - dt.timedelta(days=day.weekday())
    first = dt.datetime.combine(monday, dt.time(), zone)
    return first, dt.datetime.combine(monday + dt.timedelta(days=7), dt.time(), zone)


def has_gate(route: Route, state: State, posts: AbstractSet[Post]) -> bool:
    """Whether a holder of these posts can return a volume from where it stands; else a fault is noted."""
    return any(
        move.verb is Verb.RETURN_VOLUME and move.posts & posts
        for move in lifecycle.moves_from(route, UnitKind.VOLUME, state)
    )


def check_apart(staff_code: str, duties: Iterable[Mapping[Duty, AbstractSet[str]]], *, reference: str) -> None:
    """Whether somebody may re-check a volume: he neither handled, filed nor mended anything of it.

    Args:
        staff_code: who wants to.
        duties: who took which part in the volume and in each of its items.
        reference: how people call the volume.

    Raises:
        Q-036: he did.
    """
    if any(staff_code in taken.get(duty, ()) for taken in duties for duty in APART):
        raise Refusal("Q-036", reference=reference)


def check_looked(pages: Sequence[Page], seen: AbstractSet[Page], *, reference: str) -> None:
    """Whether every page was opened before a person says that nothing is wrong.

    Raises:
        Q-035: one was not.
    """
    left = len(set(pages) - seen)
    if left:
        raise Refusal("Q-035", reference=reference, left=left, pages=len(pages))


LEAST_PROBES, MOST_PROBES = 6, 60
PAUSE_SECONDS = 600  # whoever looks at one page longer was away


def check_probe_count(count: int) -> int:
    """How many samples a set may have (测评件数).

    Raises:
        Q-045: too few to say anything, or too many for one sitting.
    """
    if not LEAST_PROBES <= count <= MOST_PROBES:
        raise Refusal("Q-045", count=count, least=LEAST_PROBES, most=MOST_PROBES)
    return count


def check_probe(
    set_no: str, *, is_closed: bool, is_own: bool, is_answered: bool, verdict: str, marks: int, known: bool
) -> None:
    """Whether what a person says of a sample can be taken (测评作答).

    Args:
        set_no: of the set.
        is_closed: nobody answers any more.
        is_own: he made the set, or sees everybody's results: he knows the truth.
        is_answered: he has said already.
        verdict: PASS or RETURN.
        marks: how many faults he named.
        known: whether each stands in the catalogue and on a page there is.

    Raises:
        Q-047: he knows the truth.
        Q-048: it is closed.
        Q-049: he has said already.
        Q-050: a return names no fault, or one that cannot be.
    """
    if is_own:
        raise Refusal("Q-047", set_no=set_no)
    if is_closed:
        raise Refusal("Q-048", set_no=set_no)
    if is_answered:
        raise Refusal("Q-049", set_no=set_no)
    if verdict != ("RETURN" if marks else "PASS") or not known:
        raise Refusal("Q-050")


def paces(moments: Sequence[float]) -> list[float]:
    """Seconds from each page to the next, and from the last to the end; pauses are left out.

    Args:
        moments: when each page was first opened and, last, when the person was done; seconds, in order.
    """
    return [after - before for before, after in pairwise(moments) if 0 <= after - before <= PAUSE_SECONDS]
