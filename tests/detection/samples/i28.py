"""I28: altered images."""

from dataclasses import replace

from tests.detection.builders import FAIL, GOOD, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("other bytes", volume(item(1, files=(file(1, reading=replace(GOOD, is_verified=False)),))), (FAIL,)),
    Sample("not read this time", volume(item(1, files=(file(1, reading=None),))), (), True),
)
