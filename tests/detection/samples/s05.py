"""S05: seals that can hardly be read."""

from tests.detection.builders import FAIL, UNSURE, Sample
from tests.detection.reading import name_seal, said, seal, told

SAMPLES = (
    Sample("good", told(said())),
    Sample("half of it", told(said(seals=(seal(coverage=0.5),))), (FAIL,)),
    Sample("two thirds", told(said(seals=(seal(coverage=0.7),))), (UNSURE,)),
    Sample("a shade of red", told(said(seals=(seal(strength=0.05),))), (FAIL,)),
    Sample("a name seal", told(said(seals=(seal(), name_seal(coverage=0.5)))), (), True),
    Sample("not surely a seal", told(said(seals=(seal(coverage=0.3, sure=0.3),))), (), True),
)
