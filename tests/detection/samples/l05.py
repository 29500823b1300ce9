"""L05: metadata."""

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("no code", volume(item(1, reference_code="")), (FAIL,)),
    Sample("no place", volume(item(1, item_no=None)), (FAIL,)),
    Sample("a title of 201 characters", volume(item(1, title="长" * 201)), (FAIL,)),
    Sample("a title of 200", volume(item(1, title="长" * 200)), (), True),
    Sample(
        "open volumes have no codes yet", volume(item(1, reference_code="", item_no=None), sealed_on=None), (), True
    ),
)
