"""S07: the reviewer's hand."""

from tests.detection.builders import FAIL, UNSURE, Sample
from tests.detection.reading import REVIEWER_PLACE, name_seal, said, sign, told


def _signs(ink: float) -> dict[str, object]:
    return {"signs": (sign(words="周敏"), sign("REVIEWER", ink=ink, place=REVIEWER_PLACE))}


SAMPLES = (
    Sample("good", told(said())),
    Sample("empty", told(said(**_signs(0.1))), (FAIL,)),
    Sample("perhaps", told(said(**_signs(0.5))), (UNSURE,)),
    Sample("a name seal", told(said(**_signs(0.1), seals=(*said().seals, name_seal(REVIEWER_PLACE)))), (), True),
    Sample("no such place", told(said(signs=(sign(words="周敏"),))), (), True),
)
