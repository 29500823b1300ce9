"""What exercises say of whom (测评结果): of people and of detectors, on the same samples."""

import datetime as dt
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.assurance import Outcome
from anjuan.core.detection import injection
from anjuan.core.detection.injection import Mark
from anjuan.core.sampling import risk
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.models import Probe, ProbeAnswer, ProbeLook
from anjuan.desks.inspection.queries.probes import row_of

_MISSES_SHOWN = 60


@dataclass(frozen=True)
class Rate:
    """A share and its 95 % interval (Wilson)."""

    hits: int
    tries: int

    @property
    def between(self) -> tuple[float, float]:
        """Between which rates the true one lies."""
        return risk.wilson(self.hits, self.tries)


@dataclass(frozen=True)
class Miss:
    """A fault that was not named: whose, where, and whether something else was said of its page."""

    staff_code: str
    set_no: str
    place: int
    page: int
    code: str
    is_misnamed: bool


@dataclass(frozen=True)
class PersonResult:
    """How one person did (人员测评结果)."""

    staff_code: str
    answered: int
    recall: Rate
    precision: Rate
    misnamed: int
    pages: int
    unopened: int
    seconds: float | None
    by_code: Mapping[str, Rate]
    misses: tuple[Miss, ...]


@dataclass(frozen=True)
class DetectorResult:
    """How one detector did (检测规则测评结果). What it leaves to a person is neither found nor an alarm."""

    code: str
    recall: Rate
    precision: Rate
    unsure: int
    is_there: bool


def people_results(set_pks: Sequence[int], staff_code: str = "") -> list[PersonResult]:
    """How people did on these sets, the lowest share of faults found first; one person's alone if named."""
    rows = ProbeAnswer.objects.filter(probe__probe_set_id__in=set_pks).select_related("probe__probe_set")
    if staff_code:
        rows = rows.filter(staff_code=staff_code)
    answers: dict[str, list[ProbeAnswer]] = defaultdict(list)
    for row in rows.order_by("staff_code", "probe_id"):
        answers[row.staff_code].append(row)
    looks: dict[tuple[str, int], list[dt.datetime]] = defaultdict(list)
    looked = ProbeLook.objects.filter(probe__probe_set_id__in=set_pks, staff_code__in=answers).order_by("at")
    for code, probe, at in looked.values_list("staff_code", "probe_id", "at"):
        looks[code, probe].append(at)
    found = [_person(code, mine, looks) for code, mine in answers.items()]
    return sorted(found, key=lambda row: (row.recall.hits / (row.recall.tries or 1), row.staff_code))


def _person(
    staff_code: str, answers: Sequence[ProbeAnswer], looks: Mapping[tuple[str, int], Sequence[dt.datetime]]
) -> PersonResult:
    hits = alarms = misnamed = pages = opened = 0
    seconds: list[float] = []
    tried: Counter[str] = Counter()
    named: Counter[str] = Counter()
    misses: list[Miss] = []
    for answer in answers:
        probe = row_of(answer.probe)
        scored = probe.score(Mark(*mark) for mark in answer.marks)
        tried.update(one.code for one in probe.truth)
        named.update(one.code for one in scored.found)
        hits, alarms, misnamed = hits + len(scored.found), alarms + len(scored.alarms), misnamed + len(scored.misnamed)
        misses += [
            Miss(staff_code, probe.set_no, probe.place, one.page, one.code, one in scored.misnamed)
            for one in (*scored.missed, *scored.misnamed)
        ]
        at = [moment for moment in looks.get((staff_code, probe.pk), ()) if moment <= answer.answered_at]
        pages, opened = pages + len(probe.copies), opened + len(at)
        seconds += rules.paces([moment.timestamp() for moment in (*at, answer.answered_at)]) if at else []
    return PersonResult(
        staff_code=staff_code,
        answered=len(answers),
        recall=Rate(hits, sum(tried.values())),
        precision=Rate(hits, hits + alarms),
        misnamed=misnamed,
        pages=pages,
        unopened=pages - opened,
        seconds=statistics.median(seconds) if seconds else None,
        by_code={code: Rate(named[code], tried[code]) for code in injection.INJECTED if tried[code]},
        misses=tuple(misses[:_MISSES_SHOWN]),
    )


def detector_results(set_pks: Sequence[int], there: Iterable[str]) -> list[DetectorResult]:
    """How detectors did on these sets, in the order of the catalogue.

    An alarm is what a detector says for certain of a page, or of a record, that nothing was done to.

    Args:
        set_pks: which sets.
        there: codes that have a detector.
    """
    tried: Counter[str] = Counter()
    named: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    rows = Probe.objects.filter(probe_set_id__in=set_pks).exclude(prepared_at=None).select_related("probe_set")
    for probe in map(row_of, rows.order_by("id")):
        certain = [Mark(page, code) for code, page, outcome in probe.said if outcome is Outcome.FAIL]
        scored = probe.score(certain)
        tried.update(one.code for one in probe.truth)
        named.update(one.code for one in scored.found)
        unsure.update(code for code, _, outcome in probe.said if outcome is Outcome.UNSURE)
        alarms.update(mark.code for mark in scored.alarms if not (mark.page == injection.WHOLE and probe.truth))
    known = set(there)
    return [
        DetectorResult(
            code,
            Rate(named[code], tried[code]),
            Rate(named[code], named[code] + alarms[code]),
            unsure[code],
            code in known,
        )
        for code in sorted(injection.INJECTED)
    ]
