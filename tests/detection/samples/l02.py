"""L02: items and images one to one."""

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("one item has no image", volume(item(1), item(2, files=())), (FAIL,)),
    Sample("three counted on paper", volume(counted={"urn:item:1": 2, "urn:item:2": 2, "?": 2}), (FAIL,)),
    Sample("paper first has no images yet", volume(item(1, files=()), is_imaged=False), (), True),
)
