"""I26 幅面异常: a page of another size than the others of its item; a person looks whether it was cut wrongly.

Traps: a landscape page among upright ones; slips and cards are small by right where several are; files that state no
resolution.
"""

import statistics
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import Seen, seen, unmeasured


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for large in unmeasured(volume, "TOO_LARGE"):
        yield large.says(Outcome.UNSURE, "像素过多，机器不看", "too many pixels for the machine to look at", score=0.5)
    by_item: dict[str, list[Seen]] = {}
    for one in seen(volume):
        if one.measures.is_size_known and one.measures.width_mm > 0:
            by_item.setdefault(one.item.urn, []).append(one)
    for pages in by_item.values():
        if len(pages) < settings["pages"]:
            continue
        usual = [statistics.median(_sides(one)[side] for one in pages) for side in (0, 1)]
        for one in pages:
            sides = _sides(one)
            if all(abs(mine / common - 1) <= settings["share"] for mine, common in zip(sides, usual, strict=True)):
                yield one.passes()
                continue
            size = f"{sides[0]:.0f}×{sides[1]:.0f}"
            others = f"{usual[0]:.0f}×{usual[1]:.0f}"
            yield one.says(
                Outcome.UNSURE,
                f"{size} 毫米，本件其他页为 {others} 毫米",
                f"{size} mm, the others of the item have {others} mm",
                score=0.5,
            )


def _sides(one: Seen) -> tuple[float, float]:
    short, long = sorted((one.measures.width_mm, one.measures.height_mm))
    return short, long


DETECTOR = Detector(
    "I26",
    Scope.PAGE,
    _judge,
    (
        Setting("share", "与其他页相差超过", "Difference from the others above", "", 0.15, 0.02, 1),
        Setting("pages", "本件至少几页才判", "Pages an item must have", "", 4, 3, 50),
    ),
)
