"""D13 页数与影像页数不一致, item by item.

Traps: paper-first items have no images before the workshop.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.is_imaged:
            continue
        declared = item.declared_pages
        if item.paper_pages != item.image_pages:
            yield Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                zh=f"纸质 {item.paper_pages} 页，影像 {item.image_pages} 页",
                en=f"{item.paper_pages} pages of paper, {item.image_pages} images",
            )
        elif declared is not None and declared != item.image_pages:
            yield Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                zh=f"业务系统申报 {declared} 页，影像 {item.image_pages} 页",
                en=f"the business system declared {declared} pages, there are {item.image_pages}",
            )
        else:
            yield Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("D13", Scope.ITEM, _judge)
