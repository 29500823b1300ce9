"""V02: pages of the volume."""

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("the contents list says five", volume(page_count=5), (FAIL,)),
    Sample("one item lost a page", volume(item(1, paper_pages=1), item(2), page_count=4), (FAIL,)),
    Sample("open volumes are not counted yet", volume(page_count=0, sealed_on=None), (), True),
    Sample("paper first: no images to compare", volume(item(1, is_imaged=False, files=()), is_imaged=False), (), True),
)
