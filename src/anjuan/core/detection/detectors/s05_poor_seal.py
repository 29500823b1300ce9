"""S05 章模糊或不全: a seal of which too little took ink, or that can hardly be seen.

Traps: a seal over print is whole although letters run through it; a seal at the very edge of the scan is cut, not poor.
Where a template draws seals, the seals in its boxes are looked at: a stamp of receipt beside them is nobody's fault.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.drawn import drawn_pages, seals_in_boxes
from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.told import Told, office_seals, scanned_form
from anjuan.core.reading.marks import CERTAIN, SealMark
from anjuan.core.reading.templates import BoxKind


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for page, marks in _seals(item):
            for mark in marks:
                if mark.sure < CERTAIN:
                    continue
                if mark.coverage >= settings["whole"] and mark.strength >= settings["strong"]:
                    yield page.passes()
                    continue
                is_clear = mark.coverage < settings["half"] or mark.strength < settings["pale"]
                told = (
                    (f"印章只盖上 {mark.coverage:.0%}", f"{mark.coverage:.0%} of the seal took ink")
                    if mark.coverage < settings["whole"]
                    else ("印章太淡", "the seal is too pale")
                )
                yield page.says(
                    Outcome.FAIL if is_clear else Outcome.UNSURE, told, score=1 - mark.coverage / 2, boxes=[mark.box]
                )


def _seals(item: ItemFacts) -> Iterator[tuple[Told, list[SealMark]]]:
    """The seals that are looked at, page by page."""
    drawn = set()
    for page, laid in drawn_pages(item):
        if laid.of(BoxKind.SEAL):
            drawn.add((page.file.pk, page.page.page_no))
            marks = seals_in_boxes(page, laid)
            yield page, [marks[number] for number in sorted(marks)]
    for page in scanned_form(item):
        if (page.file.pk, page.page.page_no) not in drawn:
            yield page, office_seals(page)


DETECTOR = Detector(
    "S05",
    Scope.PAGE,
    _judge,
    (
        Setting("whole", "完整所需的印边比例", "Share of the rim that counts as whole", "", 0.72, 0.3, 1),
        Setting("half", "低于此为不全", "Below this it is not whole", "", 0.66, 0.1, 1),
        Setting("strong", "看得清所需的浓度", "Strength of ink that is seen well", "", 0.085, 0.02, 1),
        Setting("pale", "低于此为太淡", "Below this it is too pale", "", 0.075, 0.02, 1),
    ),
)
