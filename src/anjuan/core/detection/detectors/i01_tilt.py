"""I01 倾斜: lines of writing and of rules that do not lie level.

Traps: a slight tilt, which every feeder makes; a page with hardly a line on it, whose tilt nobody can
tell; a photograph.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in seen(volume):
        if not one.is_written or one.is_shine_through:
            continue
        degrees = abs(one.measures.skew)
        if degrees <= settings["degrees"]:
            yield one.passes()
            continue
        is_sure = one.measures.skew_sure >= settings["sure"]
        yield one.says(
            Outcome.FAIL if is_sure else Outcome.UNSURE,
            f"倾斜 {degrees:.1f}°，不应超过 {settings['degrees']:g}°",
            f"tilted by {degrees:.1f}°, {settings['degrees']:g}° at most",
            score=one.measures.skew_sure,
            boxes=one.whole,
        )


DETECTOR = Detector(
    "I01",
    Scope.PAGE,
    _judge,
    (
        Setting("degrees", "允许的倾斜", "Tilt that is let pass", "°", 1.5, 0.3, 5),
        Setting("sure", "认定所需的把握", "Sureness that counts as certain", "", 0.5, 0.1, 1),
    ),
)
