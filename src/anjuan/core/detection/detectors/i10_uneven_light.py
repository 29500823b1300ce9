"""I10 光照不均: the paper grows darker from one part of the page to the other.

Traps: a picture or a grey box on the page is no shadow: a smooth slope does not explain it.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in seen(volume):
        spread = one.measures.light_range
        if spread <= settings["range"] or one.measures.picture > settings["picture"]:
            yield one.passes()
            continue
        yield one.says(
            Outcome.FAIL if one.measures.light_fit >= settings["fit"] and one.is_written else Outcome.UNSURE,
            f"底色明暗相差 {spread:.0f}，不应超过 {settings['range']:.0f}",
            f"the paper's grey differs by {spread:.0f}, {settings['range']:.0f} at most",
            score=one.measures.light_fit,
        )


DETECTOR = Detector(
    "I10",
    Scope.PAGE,
    _judge,
    (
        Setting("range", "允许的明暗差", "Difference that is let pass", "", 55, 10, 255),
        Setting("fit", "认定所需的平滑度", "Smoothness that counts as certain", "", 0.7, 0.1, 1),
        Setting("picture", "图片占比高于此不判", "With more picture nothing is said", "", 0.3, 0, 1),
    ),
)
