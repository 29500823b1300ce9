"""V19 幅面过大或过小: a sheet well larger than A4 must have been folded, a scrap mounted; a person looks at the paper.

Traps: landscape pages; files that state no resolution, of which nothing is known; cards copied on A4.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict

_INCH = 25.4
_A4 = (210, 297)


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            for page in file.pages:
                if not page.dpi:
                    continue
                short, long = sorted(side / page.dpi * _INCH for side in (page.width_px, page.height_px))
                said = None
                if short > _A4[0] * settings["large"] or long > _A4[1] * settings["large"]:
                    said = ("大于 A4，请看是否已折叠", "larger than A4: look whether it was folded")
                elif long < settings["small"]:
                    said = ("小纸片，请看是否已托裱", "a scrap: look whether it was mounted")
                size = f"{short:.0f}×{long:.0f}"
                yield (
                    Verdict(
                        Outcome.UNSURE,
                        0.5,
                        item.urn,
                        file.pk,
                        page.page_no,
                        zh=f"{size} 毫米，{said[0]}",
                        en=f"{size} mm, {said[1]}",
                    )
                    if said
                    else Verdict(Outcome.PASS, 0.0, item.urn, file.pk, page.page_no)
                )


DETECTOR = Detector(
    "V19",
    Scope.PAGE,
    _judge,
    (
        Setting("large", "大于 A4 的倍数", "Times the size of A4", "", 1.15, 1.02, 3),
        Setting("small", "长边短于", "Long side shorter than", "mm", 100, 20, 200),
    ),
)
