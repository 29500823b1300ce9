"""L11: history."""

from anjuan.core.terms import Route
from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("nobody is on record", volume(item(1, has_step_history=False)), (FAIL,)),
    Sample(
        "paper of old days came with its batch", volume(item(1, has_step_history=False, route=Route.LEGACY)), (), True
    ),
)
