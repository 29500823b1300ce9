"""S03: the employer's seal."""

from typing import Any

from tests.detection.builders import FAIL, UNIT, UNSURE, Sample
from tests.detection.reading import BOTH_SEALS, UNIT_PLACE, said, seal, told
from tests.detection.reading import UNIT as UNIT_AT

BOTH: dict[str, Any] = {"materials": (BOTH_SEALS,), "subjects": (UNIT,)}
PLACES = (*said().parties, UNIT_AT)
SAMPLES = (
    Sample("good", told(said(parties=PLACES, seals=(seal(UNIT_PLACE), seal())), **BOTH)),
    Sample("the agency's only", told(said(parties=PLACES), **BOTH), (FAIL,)),
    Sample("no place, one seal of two", told(said(parties=()), **BOTH), (UNSURE,)),
    Sample("no place, two seals", told(said(parties=(), seals=(seal(), seal(UNIT_PLACE))), **BOTH), (), True),
    Sample(
        "it names itself",
        told(said(parties=PLACES, seals=(seal(), seal((0.1, 0.05, 0.3, 0.2), words="津南机械厂"))), **BOTH),
        (),
        True,
    ),
    Sample("nobody asks for it", told(said(parties=PLACES)), (), True),
)
