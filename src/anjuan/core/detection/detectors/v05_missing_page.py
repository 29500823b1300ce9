"""V05 缺页: papers say 第x页共y页, and one of the y is not there.

Traps: two papers of an item may have marks of their own; an attachment without marks is no gap; a page that was not
read yet may be the missing one.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.marked import Paper, papers


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for paper in papers(item):
            yield _of_paper(paper)


def _of_paper(paper: Paper) -> Verdict:
    first = paper.pages[0][0]
    missing = paper.missing
    if not missing:
        return first.passes()
    outcome = Outcome.UNSURE if paper.unread else Outcome.FAIL
    numbers = "、".join(str(number) for number in missing)
    words = (
        f"页码为“共{paper.of}页”，未见第 {numbers} 页",
        f"marked as {paper.of} pages, of which {numbers} is not there",
    )
    last, mark = paper.pages[-1]
    return last.says(outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.5, boxes=[mark.box])


DETECTOR = Detector("V05", Scope.ITEM, _judge)
