"""V10: terms."""

from tests.detection.builders import FAIL, UNSURE, YEARS_10, YEARS_50, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("ten years where fifty are asked", volume(item(1, term=YEARS_10, rule_term=YEARS_50)), (FAIL,)),
    Sample("the volume's is too short", volume(term=YEARS_10), (FAIL,)),
    Sample("extended at appraisal", volume(item(1, term=YEARS_50, rule_term=YEARS_10)), (), True),
    Sample("a year without a row", volume(item(1, rule_term=None)), (UNSURE,), True),
)
