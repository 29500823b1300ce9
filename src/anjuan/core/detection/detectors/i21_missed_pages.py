"""I21 多页粘连漏扫: fewer images than there are pages of paper.

Traps: paper-first items have no images before the workshop; where paper and images agree and only the business system
says more, a person looks; more images than paper is another fault (D13).
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.is_imaged or not item.files:  # an item without any image is L02's
            continue
        images, said = item.image_pages, max(item.paper_pages, item.declared_pages or 0)
        if images >= said:
            yield Verdict(Outcome.PASS, 0.0, item.urn)
            continue
        yield Verdict(
            Outcome.FAIL if images < item.paper_pages else Outcome.UNSURE,
            1.0 if images < item.paper_pages else 0.5,
            item.urn,
            zh=f"应有 {said} 页，影像只有 {images} 页",
            en=f"there should be {said} pages, there are {images} images",
        )


DETECTOR = Detector("I21", Scope.ITEM, _judge)
