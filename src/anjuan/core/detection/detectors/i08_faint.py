"""I08 字迹过淡: the writing is hardly darker than its paper.

Traps: the back shining through is pale too, and soft; a single pale line among dark ones; a blank page has no writing.
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
        contrast = one.measures.contrast
        if contrast >= settings["unsure"]:
            yield one.passes()
            continue
        yield one.says(
            Outcome.FAIL if contrast < settings["contrast"] else Outcome.UNSURE,
            f"字迹与底色相差 {contrast:.0f}（0–255），应不低于 {settings['contrast']:.0f}",
            f"writing is {contrast:.0f} of 255 darker than its paper, {settings['contrast']:.0f} are asked for",
            score=min(1.0, settings["contrast"] / max(1.0, contrast) / 1.5),
            boxes=one.whole,
        )


DETECTOR = Detector(
    "I08",
    Scope.PAGE,
    _judge,
    (
        Setting("contrast", "最低反差", "Least contrast", "", 42, 10, 150),
        Setting("unsure", "低于此值提示", "Below this it is asked", "", 48, 10, 180),
    ),
)
