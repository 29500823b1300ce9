"""D13: pages of an item."""

from tests.detection.builders import FAIL, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("an image is missing", volume(item(1, files=(file(1),))), (FAIL,)),
    Sample("an image too many", volume(item(1, files=(file(1, pages=3),))), (FAIL,)),
    Sample("the business system declared three", volume(item(1, declared_pages=3)), (FAIL,)),
    Sample("nothing declared", volume(item(1, declared_pages=None)), (), True),
    Sample("paper first has no images yet", volume(item(1, is_imaged=False, files=(), declared_pages=None)), (), True),
)
