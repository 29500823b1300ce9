"""V11: codes."""

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("not of the template", volume(reference_code="J001/2024/1"), (FAIL,)),
    Sample("another year in the code", volume(year=2023), (FAIL,)),
    Sample("another fonds in the code", volume(fonds_code="J002"), (FAIL,)),
    Sample("a number is lost", volume(volume_no=3, lost_before=(2,)), (FAIL,)),
    Sample("a number stands twice", volume(is_doubled=True), (FAIL,)),
    Sample(
        "two items under one code", volume(item(1), item(2, reference_code="J001-ZY·SB·03·2024·HX-0001-001")), (FAIL,)
    ),
    Sample("an item without a code", volume(item(1, reference_code="")), (FAIL,)),
    Sample("the number before it is accounted for", volume(volume_no=3, lost_before=()), (), True),
    Sample(
        "open volumes have no code yet", volume(item(1, reference_code=""), reference_code="", sealed_on=None), (), True
    ),
)
