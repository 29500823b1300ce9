"""V14: the note."""

from tests.detection.builders import FAIL, Sample, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("nobody filed it", volume(filed_by=frozenset()), (FAIL,)),
    Sample("one and the same person", volume(checked_by=frozenset({"hx05"})), (FAIL,)),
    Sample("the same among several", volume(checked_by=frozenset({"hx05", "hx09"})), (FAIL,)),
    Sample("not checked yet: the lifecycle waits for it", volume(checked_by=frozenset()), (), True),
    Sample("not sealed yet", volume(filed_by=frozenset(), sealed_on=None), (), True),
)
