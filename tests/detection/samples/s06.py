"""S06: seals that lost their colour."""

from dataclasses import replace

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.measures import ColourMode
from anjuan.core.reading.said import PageSaid
from tests.detection.builders import CARD, FAIL, MAIN, Sample, file, item, measures, page, volume
from tests.detection.reading import said, seal

PROOF = replace(CARD, code="PROOF", name="劳动能力鉴定结论书", original_required=True)
GREY = said(seals=(seal(is_red=False),))


def _proof(shown: PageSaid, mode: ColourMode, *, original: bool = True, code: str = "PROOF") -> VolumeFacts:
    one = replace(file(1, code), pages=(replace(page(1), measures=measures(mode=mode), said=shown),))
    materials = (MAIN, replace(PROOF, original_required=original))
    return volume(item(1, files=(one,), materials=materials, paper_pages=1, declared_pages=1))


SAMPLES = (
    Sample("good", _proof(said(), ColourMode.COLOUR)),
    Sample("grey", _proof(GREY, ColourMode.GREY), (FAIL,)),
    Sample("black and white", _proof(GREY, ColourMode.BITONAL), (FAIL,)),
    Sample("a copy", _proof(GREY, ColourMode.GREY, original=False), (), True),
    Sample("grey on paper", _proof(GREY, ColourMode.COLOUR), (), True),
    Sample("the main form, of which I19 tells", _proof(GREY, ColourMode.GREY, code="MAIN"), (), True),
    Sample("without a seal", _proof(said(seals=()), ColourMode.GREY), (), True),
)
