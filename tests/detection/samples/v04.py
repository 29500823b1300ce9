"""V04: the main form."""

from anjuan.core.reading.said import PageSaid
from anjuan.core.reading.titles import Title
from tests.detection.builders import FAIL, UNSURE, Sample, item, volume
from tests.detection.reading import said, told


def _titled(*words: str) -> PageSaid:
    return said(titles=tuple(Title(one, 0.03) for one in words))


SAMPLES = (
    Sample("good", volume()),
    Sample("the form is not there", volume(item(1, is_main_missing=True)), (FAIL,)),
    Sample("a step without a main form", volume(item(1, materials=(), is_main_missing=False)), (), True),
    Sample("paper first has no images yet", volume(item(1, is_main_missing=True, is_imaged=False, files=())), (), True),
    Sample("in its place lies a copy of the card", told(_titled("居民身份证复印件")), (FAIL,)),
    Sample("in its place lies something else", told(_titled("劳动合同")), (UNSURE,)),
    Sample(
        "the form lies behind another paper", told(_titled("居民身份证复印件"), _titled("社会保险申请表")), (), True
    ),
    Sample("a longer title of its own", told(_titled("某市退休申请表")), (), True),
    Sample("no title was read", told(said(titles=())), (), True),
)
