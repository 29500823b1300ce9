"""V21 复印件代替原件: a form that must be the original bears grey seals only, as a photocopy leaves them.

Traps: a page that was scanned without colour shows every seal grey: that is a fault of the scan (I19), not of the
paper.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.measures import ColourMode
from anjuan.core.detection.told import office_seals, scanned_form
from anjuan.core.reading.marks import CERTAIN

_WORDS = ("印章为灰色，像是复印件", "the seal is grey as on a photocopy")


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not any(material.original_required and material.is_main for material in item.materials):
            continue
        for page in scanned_form(item):
            is_colour = page.page.measures is not None and page.page.measures.mode is ColourMode.COLOUR
            marks = [mark for mark in office_seals(page) if mark.sure >= CERTAIN]
            if not is_colour or not marks:
                continue
            if any(mark.is_red for mark in marks):
                yield page.passes()
            else:
                yield page.says(Outcome.FAIL, _WORDS, boxes=[mark.box for mark in marks])


DETECTOR = Detector("V21", Scope.PAGE, _judge)
