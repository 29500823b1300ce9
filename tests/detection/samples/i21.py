"""I21: missed pages."""

from tests.detection.builders import FAIL, UNSURE, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("a page of paper has no image", volume(item(1, paper_pages=3, declared_pages=3)), (FAIL,)),
    Sample("only the business system says more", volume(item(1, declared_pages=4)), (UNSURE,)),
    Sample("not imaged yet", volume(item(1, paper_pages=9, is_imaged=False, files=())), (), True),
    Sample("more images than paper", volume(item(1, paper_pages=1, declared_pages=None)), (), True),
)
