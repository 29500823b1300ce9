"""I23: pages out of order."""

from tests.detection.builders import FAIL, Sample
from tests.detection.reading import told
from tests.detection.samples.v05 import _marked

SAMPLES = (
    Sample("good", told(*_marked((1, 3), (2, 3), (3, 3)))),
    Sample("two changed places", told(*_marked((2, 3), (1, 3), (3, 3))), (FAIL,)),
    Sample("the last lies first", told(*_marked((3, 3), (1, 3), (2, 3))), (FAIL,)),
    Sample("two papers, one after the other", told(*_marked((1, 2), (2, 2), (1, 2), (2, 2))), (), True),
    Sample("one lies twice", told(*_marked((1, 2), (2, 2), (2, 2))), (), True),
)
