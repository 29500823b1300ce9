"""I18 分辨率不足: what the file says, or the pixels on an A4 sheet where it says nothing.

Traps: a camera states no resolution: its pixels are held against A4; scraps and cards are small by right; a page of a
PDF drawn from text has none. Small type, which asks for 300, reading tells.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import PageFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict

_A4_LONG_INCHES = 11.69


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            if file.logical_name.rsplit(".", 1)[-1].lower() not in ("jpg", "jpeg", "png", "tif", "tiff"):
                continue
            for page in file.pages:
                outcome, score, dpi = _of(page, settings["dpi"])
                yield Verdict(
                    outcome,
                    score,
                    item.urn,
                    file.pk,
                    page.page_no,
                    zh=f"约 {dpi:.0f} dpi，应不低于 {settings['dpi']:.0f}",
                    en=f"about {dpi:.0f} dpi, {settings['dpi']:.0f} are asked for",
                )


def _of(page: PageFacts, asked: float) -> tuple[Outcome, float, float]:
    if page.dpi:
        return (Outcome.PASS, 0.0, page.dpi) if page.dpi >= asked - 1 else (Outcome.FAIL, 1.0, page.dpi)
    on_a4 = max(page.width_px, page.height_px) / _A4_LONG_INCHES
    if on_a4 >= asked:
        return Outcome.PASS, 0.0, on_a4
    return (Outcome.FAIL, 0.8, on_a4) if on_a4 < asked * 0.75 else (Outcome.UNSURE, 0.5, on_a4)


DETECTOR = Detector(
    "I18", Scope.PAGE, _judge, (Setting("dpi", "最低分辨率", "Least resolution", "dpi", 200, 100, 600),)
)
