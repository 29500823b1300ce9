"""S06 印章颜色失真: a seal is seen on an original, but the scan kept no colour, so its red is lost.

Traps: of a copy a grey seal is all there is; a grey seal in a scan in colour was grey on paper (V21); material that
must bear a seal is asked for its colour whether or not a seal is seen (I19), and is not told twice.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.measures import ColourMode
from anjuan.core.detection.told import office_seals, told
from anjuan.core.reading.marks import CERTAIN

_WORDS = ("原件上有印章，扫描没有颜色", "a seal stands on the original, and the scan has no colour")


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for page in told(volume):
        material = next((one for one in page.item.materials if one.code == page.file.material_code), None)
        is_asked = material is not None and material.original_required and not material.required_seals
        measures = page.page.measures
        if not is_asked or not page.file.is_scan or measures is None:
            continue
        marks = [mark for mark in office_seals(page) if mark.sure >= CERTAIN]
        if not marks:
            continue
        if measures.mode is ColourMode.COLOUR:
            yield page.passes()
        else:
            yield page.says(Outcome.FAIL, _WORDS, score=0.9, boxes=[mark.box for mark in marks])


DETECTOR = Detector("S06", Scope.PAGE, _judge)
