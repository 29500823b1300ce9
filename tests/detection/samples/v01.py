"""V01: counts of items on paper."""

from tests.detection.builders import FAIL, Sample, volume

SAMPLES = (
    Sample("nobody counted yet", volume()),
    Sample("counted, two and two", volume(counted={"urn:item:1": 2, "urn:item:2": 2})),
    Sample("one item is gone", volume(counted={"urn:item:1": 2}), (FAIL,)),
    Sample("one item too many", volume(counted={"urn:item:1": 2, "urn:item:2": 2, "?": 1}), (FAIL,)),
    Sample("the catalogue says three", volume(item_count=3, counted={"urn:item:1": 2, "urn:item:2": 2}), (FAIL,)),
    Sample(
        "pages differ, items do not: that is another fault",
        volume(counted={"urn:item:1": 9, "urn:item:2": 2}),
        (),
        True,
    ),
)
