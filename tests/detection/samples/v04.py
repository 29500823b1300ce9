"""V04: the main form."""

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("the form is not there", volume(item(1, is_main_missing=True)), (FAIL,)),
    Sample("a step without a main form", volume(item(1, materials=(), is_main_missing=False)), (), True),
    Sample("paper first has no images yet", volume(item(1, is_main_missing=True, is_imaged=False, files=())), (), True),
)
