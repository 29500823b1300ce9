"""I17 空白页: nothing is on it once dust and the dark ground are left out.

Traps: a page with nothing but a stamp, or a note in pencil; the back that shines through is no writing of this page;
a photograph without a single letter.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in seen(volume):
        measures = one.measures
        if measures.ink >= settings["ink"] or (one.is_written and not one.is_shine_through):
            yield one.passes()
            continue
        is_picture = measures.colour > 0.02 or measures.light_range > settings["even"] or measures.picture > 0.2
        is_empty = (
            not is_picture
            and measures.ink < settings["none"]
            and (measures.faint_ink < settings["faint"] or one.is_shine_through)
        )
        yield one.says(
            Outcome.FAIL if is_empty else Outcome.UNSURE,
            "没有字迹" if is_empty else "几乎没有字迹，请看是否铅笔字或只有印章",
            "there is nothing on it" if is_empty else "hardly anything on it: pencil, or a stamp alone?",
            score=1.0 if is_empty else 0.5,
        )


DETECTOR = Detector(
    "I17",
    Scope.PAGE,
    _judge,
    (
        Setting("ink", "字迹占比低于此提示", "Ink below which it is asked", "", 0.0003, 0, 0.02),
        Setting("none", "字迹占比低于此认定", "Ink below which it is certain", "", 0.00006, 0, 0.01),
        Setting("even", "底色明暗差高于此只提示", "With more unevenness it is only asked", "", 60, 5, 255),
        Setting("faint", "淡痕占比高于此只提示", "Faint marks above which it is only asked", "", 0.0005, 0, 0.05),
    ),
)
