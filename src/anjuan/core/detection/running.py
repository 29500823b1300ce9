"""Running detectors over a volume's facts."""

import functools
import importlib
import pkgutil
from collections.abc import Collection, Mapping, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection import detectors as _detectors
from anjuan.core.detection.catalogue import faults
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, FaultFinding, Settings

_WORSE = (Outcome.PASS, Outcome.UNSURE, Outcome.FAIL)


@functools.cache
def detectors() -> Mapping[str, Detector]:
    """All detectors by code, in the order of the fault catalogue. Constant data of the package."""
    found = {}
    for module in pkgutil.iter_modules(_detectors.__path__):
        detector: Detector = importlib.import_module(f"{_detectors.__name__}.{module.name}").DETECTOR
        if detector.code in found:
            raise ValueError(f"two detectors for {detector.code}")
        found[detector.code] = detector
    return {code: found[code] for code in faults() if code in found}


def settings_of(detector: Detector, changed: Mapping[str, float] | None = None) -> Settings:
    """The thresholds of a detector: the shipped ones, unless the office changed them."""
    values = {setting.name: setting.default for setting in detector.settings}
    return values | {name: value for name, value in (changed or {}).items() if name in values}


def outcomes(
    volume: VolumeFacts, codes: Collection[str], *, settings: Mapping[str, Mapping[str, float]] | None = None
) -> Mapping[str, Mapping[str, Outcome]]:
    """The worst that each of these detectors says of each item, passes too; what it says of the volume is every item's.

    Args:
        volume: its facts.
        codes: which detectors.
        settings: thresholds the office changed, by detector.

    Returns:
        By item and code; a detector that had nothing to judge is not in it.
    """
    found: dict[str, dict[str, Outcome]] = {item.urn: {} for item in volume.items}
    for code in codes:
        detector = detectors()[code]
        for verdict in detector.judge(volume, settings_of(detector, (settings or {}).get(code))):
            for urn in (verdict.item_urn,) if verdict.item_urn else tuple(found):
                before = found[urn].get(code, Outcome.PASS)
                found[urn][code] = max(before, verdict.outcome, key=_WORSE.index)
    return found


def judge(
    volume: VolumeFacts,
    *,
    codes: Collection[str] | None = None,
    settings: Mapping[str, Mapping[str, float]] | None = None,
) -> Sequence[FaultFinding]:
    """What the detectors find in a volume (自动检测): faults, and what they leave to a person; passes are not listed.

    Args:
        volume: its facts.
        codes: which detectors; all by default.
        settings: thresholds the office changed, by detector.
    """
    references = {item.urn: item.reference for item in volume.items}
    found = []
    for code, detector in detectors().items():
        if codes is not None and code not in codes:
            continue
        for verdict in detector.judge(volume, settings_of(detector, (settings or {}).get(code))):
            if verdict.outcome in (Outcome.FAIL, Outcome.UNSURE):
                found.append(
                    FaultFinding(
                        code=code,
                        version=detector.version,
                        outcome=verdict.outcome,
                        score=verdict.score,
                        volume_urn=volume.urn,
                        item_urn=verdict.item_urn,
                        reference=references.get(verdict.item_urn, volume.reference),
                        component_pk=verdict.component_pk,
                        page_no=verdict.page_no,
                        boxes=verdict.boxes,
                        zh=verdict.zh,
                        en=verdict.en,
                    )
                )
    return found
