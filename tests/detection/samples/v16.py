"""V16: thickness."""

from anjuan.core.terms import Route
from tests.detection.builders import UNSURE, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("too thick", volume(item(1, paper_pages=420)), (UNSURE,)),
    Sample("no paper", volume(item(1, paper_pages=420, route=Route.SINGLE_SET)), (), True),
    Sample("open still", volume(item(1, paper_pages=420), sealed_on=None), (), True),
)
