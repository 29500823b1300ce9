"""I04 黑边: the dark ground behind the sheet was scanned with it.

Traps: a frame printed near the edge is no border; a hairline at the edge is let pass.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Box, Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen
from anjuan.core.detection.measures import PageMeasures


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in seen(volume):
        widest = max(one.measures.borders_mm)
        if widest <= settings["width"]:
            yield one.passes()
            continue
        yield one.says(
            Outcome.FAIL,
            f"黑边最宽 {widest:.0f} 毫米",
            f"a dark border of up to {widest:.0f} mm",
            boxes=_boxes(one.measures, settings["width"]),
        )


def _boxes(measures: PageMeasures, least: float) -> tuple[Box, ...]:
    top, right, bottom, left = measures.borders_mm
    across, down = measures.width_mm or 210.0, measures.height_mm or 297.0
    strips: tuple[tuple[float, Box], ...] = (
        (top, (0.0, 0.0, 1.0, top / down)),
        (right, (1 - right / across, 0.0, right / across, 1.0)),
        (bottom, (0.0, 1 - bottom / down, 1.0, bottom / down)),
        (left, (0.0, 0.0, left / across, 1.0)),
    )
    return tuple(box for width, box in strips if width > least)


DETECTOR = Detector(
    "I04", Scope.PAGE, _judge, (Setting("width", "允许的宽度", "Width that is let pass", "mm", 3, 0.5, 20),)
)
