"""L04: electronic properties."""

from dataclasses import replace

from tests.detection.builders import FAIL, GOOD, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("another format", volume(item(1, files=(file(1, format_id="fmt/353"),))), (FAIL,)),
    Sample("another size", volume(item(1, files=(file(1, size_bytes=999),))), (FAIL,)),
    Sample(
        "altered bytes are I28's",
        volume(item(1, files=(file(1, size_bytes=999, reading=replace(GOOD, is_verified=False)),))),
        (),
        True,
    ),
)
