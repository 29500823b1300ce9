"""I06 影像模糊: the edges of the writing rise too slowly, whatever their contrast and number.

Traps: carbon copies are soft where they were written through, but their print is crisp; a copy of a card leaves most of
the page empty; a photograph is soft by nature; what is merely pale is I08's.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen, unmeasured


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in unmeasured(volume, "NOISE"):
        yield one.says(Outcome.UNSURE, "满页杂点，辨不出字迹", "specks all over: no writing can be told", score=0.5)
    for one in seen(volume):
        sharp = one.measures.sharpness
        if (
            not sharp
            or one.measures.contrast < settings["contrast"]
            or one.is_shine_through
            or not (one.is_written or one.measures.ink > settings["ink"])
        ):
            continue
        if sharp >= settings["unsure"]:
            yield one.passes()
            continue
        is_picture = one.measures.picture > settings["picture"]
        yield one.says(
            Outcome.FAIL if sharp < settings["sharp"] and not is_picture else Outcome.UNSURE,
            f"清晰度 {sharp:.2f}，低于 {settings['sharp']:.2f} 时字迹难辨",
            f"sharpness {sharp:.2f}; below {settings['sharp']:.2f} writing is hard to read",
            score=min(1.0, settings["sharp"] / sharp / 1.5),
            boxes=one.whole,
        )


DETECTOR = Detector(
    "I06",
    Scope.PAGE,
    _judge,
    (
        Setting("sharp", "最低清晰度", "Least sharpness", "", 0.25, 0.05, 0.6),
        Setting("unsure", "低于此值提示", "Below this it is asked", "", 0.285, 0.05, 0.6),
        Setting("contrast", "反差低于此不判", "With less contrast nothing is said", "", 45, 10, 200),
        Setting("ink", "字迹少于此不判", "With less ink nothing is said", "", 0.002, 0, 0.1),
        Setting("picture", "图片占比高于此只提示", "With more picture it is only asked", "", 0.25, 0, 1),
    ),
)
