"""I05 裁切过度: the edge of the image runs through writing or lines.

Traps: half a seal across two sheets is meant to be cut (骑缝章), in grey too, and is no
longer than a seal; a speck at the edge; the dark ground behind the sheet.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen
from anjuan.core.detection.measures import PageMeasures

_SIDES = (("上边", "upper edge"), ("右边", "right edge"), ("下边", "lower edge"), ("左边", "left edge"))


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in seen(volume):
        if not one.is_written:
            continue
        most = max(one.measures.cut)
        if most < settings["unsure"]:
            yield one.passes()
            continue
        is_spread = _spread(one.measures, most) > settings["spread"]
        zh, en = _SIDES[one.measures.cut.index(most)]
        yield one.says(
            Outcome.FAIL if most >= settings["marks"] and is_spread else Outcome.UNSURE,
            f"{zh}切过 {most} 处笔画或线条",
            f"the {en} runs through {most} strokes or lines",
            score=min(1.0, most / settings["marks"]),
            boxes=one.measures.cut_boxes,
        )


def _spread(measures: PageMeasures, most: int) -> float:
    """Millimetres from the first to the last mark on the side that is cut most."""
    side = measures.cut.index(most)
    at, length = (0, measures.width_mm) if side in (0, 2) else (1, measures.height_mm)
    before = sum(min(count, 20) for count in measures.cut[:side])
    boxes = measures.cut_boxes[before : before + min(most, 20)]
    return (max(box[at] for box in boxes) - min(box[at] for box in boxes)) * length if boxes else 0.0


DETECTOR = Detector(
    "I05",
    Scope.PAGE,
    _judge,
    (
        Setting("marks", "认定所需的笔画数", "Strokes that count as certain", "", 8, 2, 50),
        Setting("spread", "须分布的长度", "Length they must be spread over", "mm", 48, 0, 300),
        Setting("unsure", "少于此数不提示", "With fewer nothing is said", "", 4, 1, 50),
    ),
)
