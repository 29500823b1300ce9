"""What other thresholds would have said of what people judged (阈值校准). Nothing is changed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import detection
from anjuan.core.assurance import Outcome
from anjuan.core.detection import Setting
from anjuan.core.refusals import Refusal
from anjuan.facilities.assurance.models import FindingAnswer
from anjuan.facilities.assurance.queries.facts import facts_of
from anjuan.facilities.assurance.queries.findings import Place, Verdict, thresholds

STEPS = 12  # values that are tried between the least and the greatest
MOST_VOLUMES = 2_000  # the newest answers of so many volumes


@dataclass(frozen=True)
class Trial:
    """What one value of a threshold would have said of the places that people judged.

    Attributes:
        value: of the threshold.
        is_now: it is the value that holds now.
        told: faults, as people said, that it tells alone.
        asked: faults that it leaves to a person.
        lost: faults that it says nothing of.
        false: no faults, as people said, that it tells alone.
        false_asked: no faults that it leaves to a person.
    """

    value: float
    is_now: bool
    told: int
    asked: int
    lost: int
    false: int
    false_asked: int

    @property
    def precision(self) -> float | None:
        """Of what it tells alone, the share that are faults; none where it tells nothing."""
        return self.told / (self.told + self.false) if self.told + self.false else None


@dataclass(frozen=True)
class Calibration:
    """The trials of one threshold, by rising value, and which of them is proposed."""

    setting: Setting
    trials: Sequence[Trial]

    @property
    def now(self) -> Trial:
        """The value that holds now."""
        return next(one for one in self.trials if one.is_now)

    @property
    def best(self) -> Trial:
        """The value with the fewest false alarms and questions among those that lose no fault that is found now."""
        kept = [one for one in self.trials if one.lost <= self.now.lost]
        return min(kept, key=lambda one: (3 * one.false + one.false_asked + one.asked, not one.is_now))


def calibrate(code: str) -> tuple[int, list[Calibration]]:
    """Judge anew, at other thresholds, what people judged of one detector (校准).

    Only what the detector found at the time was ever judged: what a looser threshold would find beside it is not known,
    so that this tells how far a threshold may be drawn tighter, not how much is missed.

    Args:
        code: of the detector.

    Returns:
        How many places were judged, and the trials of each of its thresholds.

    Raises:
        Z-003: there is no such detector.
    """
    detector = detection.detectors().get(code)
    if detector is None:
        raise Refusal("Z-003", threshold=code[:20], value="—", allowed="—")
    said = _said(code)
    now = detection.settings_of(detector, thresholds().get(code))
    wanted = {setting.name: _values(setting, now[setting.name]) for setting in detector.settings}
    outcomes: dict[tuple[str, float], dict[tuple[str, Place], Outcome]] = {}
    for facts in facts_of(list(dict.fromkeys(urn for urn, _ in said))):
        for name, values in wanted.items():
            for value in values:
                changed = {code: {**now, name: value}}
                here = outcomes.setdefault((name, value), {})
                for finding in detection.judge(facts, codes=(code,), settings=changed):
                    here[facts.urn, finding.place] = finding.outcome
    return len(said), [
        Calibration(
            setting,
            [
                _trial(value, value == now[setting.name], said, outcomes.get((setting.name, value), {}))
                for value in wanted[setting.name]
            ],
        )
        for setting in detector.settings
    ]


def _said(code: str) -> Mapping[tuple[str, Place], bool]:
    """What people said: whether it is a fault, by volume and place; the newest answers."""
    rows = FindingAnswer.objects.filter(code=code).order_by("-answered_at")
    found: dict[tuple[str, Place], bool] = {}
    volumes: set[str] = set()
    for row in rows.iterator():
        if row.volume_urn not in volumes and len(volumes) == MOST_VOLUMES:
            continue
        volumes.add(row.volume_urn)
        place = (code, row.item_urn, row.component_pk, row.page_no)
        found[row.volume_urn, place] = row.verdict == Verdict.CONFIRMED
    return found


def _values(setting: Setting, now: float) -> list[float]:
    step = (setting.most - setting.least) / STEPS
    return sorted({now, setting.default, *(round(setting.least + number * step, 4) for number in range(STEPS + 1))})


def _trial(
    value: float,
    is_now: bool,
    said: Mapping[tuple[str, Place], bool],
    outcomes: Mapping[tuple[str, Place], Outcome],
) -> Trial:
    faults = [outcomes.get(place) for place, is_fault in said.items() if is_fault]
    others = [outcomes.get(place) for place, is_fault in said.items() if not is_fault]
    return Trial(
        value,
        is_now,
        told=faults.count(Outcome.FAIL),
        asked=faults.count(Outcome.UNSURE),
        lost=faults.count(None),
        false=others.count(Outcome.FAIL),
        false_asked=others.count(Outcome.UNSURE),
    )
