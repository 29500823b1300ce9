"""L01: links to images."""

from tests.detection.builders import FAIL, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("no image at all", volume(item(1, files=())), (FAIL,)),
    Sample("a file without a page", volume(item(1, files=(file(1), file(2, pages=0)))), (FAIL,)),
    Sample("paper first has no images yet", volume(item(1, is_imaged=False, files=())), (), True),
)
