"""I02 倒置或横置: the letters do not stand upright.

Traps: a landscape list lies wide and reads upright; one that stands on end in an upright file may be bound so: a person
says. A page that somebody has turned on the screen is judged as it is shown.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import Seen, seen

_WORDS = 20  # letters that were read: fewer say little of the direction
_SAID = {90: ("横置，应顺时针转 90°", "on its side: turn it 90° clockwise"), 180: ("倒置", "upside down")}
_SAID[270] = ("横置，应逆时针转 90°", "on its side: turn it 90° anticlockwise")


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in seen(volume):
        if not one.is_written or one.is_shine_through:
            continue
        turn, sure = _upright(one)
        needed = (turn - one.page.turn) % 360
        if not needed or sure < settings["unsure"]:
            yield one.passes()
            continue
        is_wide_list = needed != 180 and (one.measures.width_mm < one.measures.height_mm) == (one.page.turn % 180 == 0)
        is_certain = sure >= settings["sure"] and not is_wide_list
        zh, en = (
            ("可能是横向表格，请看是否应转正", "perhaps a landscape list: see whether to turn it")
            if is_wide_list
            else _SAID[needed]
        )
        yield one.says(Outcome.FAIL if is_certain else Outcome.UNSURE, zh, en, score=sure, boxes=one.whole)


def _upright(one: Seen) -> tuple[int, float]:
    """The turn that sets the page upright, and how surely: by its words where they were read, else by its letters."""
    said = one.page.said
    if said is not None and said.is_read and said.letters >= _WORDS and said.turn_sure >= one.measures.turn_sure:
        return said.turn, said.turn_sure
    return one.measures.turn, one.measures.turn_sure


DETECTOR = Detector(
    "I02",
    Scope.PAGE,
    _judge,
    (
        Setting("sure", "认定所需的把握", "Sureness that counts as certain", "", 0.9, 0.5, 1),
        Setting("unsure", "低于此把握不提示", "Below this nothing is said", "", 0.6, 0.3, 1),
    ),
    version=2,
)
