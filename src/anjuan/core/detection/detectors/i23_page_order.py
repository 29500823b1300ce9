"""I23 页序错: pages whose marks say 第x页共y页 lie in another order.

Traps: two papers of the same length, one after the other, are two papers; a repeated number is a repeated page (I22).
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.marked import papers


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for paper in papers(item):
            numbers = paper.numbers
            place = next((at for at in range(1, len(numbers)) if numbers[at] < numbers[at - 1]), None)
            if place is None:
                yield paper.pages[0][0].passes()
                continue
            page, mark = paper.pages[place]
            before = numbers[place - 1]
            words = (
                f"第 {mark.number} 页排在第 {before} 页之后",
                f"page {mark.number} lies after page {before}",
            )
            yield page.says(Outcome.FAIL, words, boxes=[mark.box])


DETECTOR = Detector("I23", Scope.PAGE, _judge)
