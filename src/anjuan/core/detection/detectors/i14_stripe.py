"""I14 条纹: a line from edge to edge at the same place of several pages: dirt on the scanner's glass.

Traps: a line on one page alone is its own; the frame of a form ends before the edge.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import Seen, seen


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    pages = list(seen(volume))
    for place, one in enumerate(pages):
        around = pages[max(0, place - int(settings["around"])) : place + int(settings["around"]) + 1]
        repeated = [at for at in one.measures.stripes if _shared(at, around) >= settings["pages"]]
        if not repeated:
            yield one.passes()
            continue
        yield one.says(
            Outcome.FAIL,
            f"{len(repeated)} 条贯通的竖线，邻页同一位置也有",
            f"{len(repeated)} lines from edge to edge, at the same place of neighbouring pages too",
            boxes=tuple((max(0.0, at - 0.004), 0.0, 0.008, 1.0) for at in repeated),
        )


def _shared(at: float, around: list[Seen]) -> int:
    """How many pages have a line there; a millimetre either way."""
    return sum(any(abs(other - at) < 0.005 for other in one.measures.stripes) for one in around)


DETECTOR = Detector(
    "I14",
    Scope.PAGE,
    _judge,
    (
        Setting("pages", "至少重复的页数", "Pages it must be on", "", 2, 2, 20),
        Setting("around", "前后各看几页", "Pages looked at before and after", "", 5, 1, 50),
    ),
)
