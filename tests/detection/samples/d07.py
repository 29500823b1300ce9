"""D07: lists of values."""

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("an unknown step", volume(item(1, is_known_step=False)), (FAIL,)),
    Sample("a line that does not exist", volume(item(1, insurance_line="DENTAL")), (FAIL,)),
    Sample("no page", volume(item(1, paper_pages=0)), (FAIL,)),
    Sample("a line for all of them", volume(item(1, insurance_line="ALL")), (), True),
)
