"""V02 页数与目录页数不符: what the items add up to, and what the volume says.

Traps: paper-first volumes have no images before the workshop; then paper and catalogue alone are compared.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    paper = sum(item.paper_pages for item in volume.items)
    if volume.sealed_on is None:  # an open volume's count is written when it is sealed
        return
    if paper == volume.page_count:
        yield Verdict(Outcome.PASS)
    else:
        yield Verdict(
            Outcome.FAIL,
            zh=f"各件合计 {paper} 页，卷内目录 {volume.page_count} 页",
            en=f"the items have {paper} pages, the contents list says {volume.page_count}",
        )


DETECTOR = Detector("V02", Scope.VOLUME, _judge)
