"""I09 底色过暗: the paper itself is grey.

Traps: paper that yellowed; a picture that fills the page.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import seen, unmeasured

_PICTURE = 0.3  # of the page


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for one in unmeasured(volume, "ALL_DARK"):
        yield one.says(Outcome.FAIL, "整页全黑", "the whole page is dark")
    for one in seen(volume):
        paper = one.measures.paper
        if paper >= settings["grey"]:
            yield one.passes()
            continue
        is_picture = (
            one.measures.picture > _PICTURE
            or one.measures.colour > _PICTURE
            or one.measures.light_range > settings["even"]
        )
        yield one.says(
            Outcome.UNSURE if is_picture else Outcome.FAIL,
            f"底色亮度 {paper:.0f}，应不低于 {settings['grey']:.0f}",
            f"the paper has grey {paper:.0f}, {settings['grey']:.0f} are asked for",
            score=min(1.0, settings["grey"] / max(1.0, paper) / 1.5),
        )


DETECTOR = Detector(
    "I09",
    Scope.PAGE,
    _judge,
    (
        Setting("grey", "底色最低亮度", "Least grey of the paper", "", 170, 80, 240),
        Setting("even", "明暗差高于此只提示", "With more unevenness it is only asked", "", 60, 10, 255),
    ),
)
