"""I19 色彩模式不符: a page whose material must bear a seal was scanned without colour, so the red of the seal is lost.

Traps: a copy of a card needs none; a page in colour without any red on it is in colour all the same.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen
from anjuan.core.detection.measures import ColourMode

_MODES = {ColourMode.BITONAL: ("黑白", "black and white"), ColourMode.GREY: ("灰度", "grey")}


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in seen(volume):
        sealed = {material.code for material in one.item.materials if material.required_seals}
        if one.file.material_code not in sealed:
            continue
        if one.measures.mode is ColourMode.COLOUR and one.measures.tint >= settings["tint"]:
            yield one.passes()
            continue
        zh, en = _MODES.get(one.measures.mode, ("灰度（存为彩色）", "grey, stored as colour"))
        yield one.says(
            Outcome.FAIL,
            f"须盖章的材料扫描成了{zh}，应为彩色",
            f"material that must bear a seal was scanned in {en} instead of colour",
        )


DETECTOR = Detector(
    "I19",
    Scope.PAGE,
    _judge,
    (Setting("tint", "彩色的最小通道差", "Least difference of the colour channels", "", 0.6, 0.1, 20),),
)
