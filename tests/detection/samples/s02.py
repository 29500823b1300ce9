"""S02: the handler's hand."""

from tests.detection.builders import FAIL, UNSURE, Sample
from tests.detection.reading import name_seal, said, sign, told

SAMPLES = (
    Sample("good", told(said())),
    Sample("signed by hand", told(said(signs=(sign(ink=0.9),)))),
    Sample("empty", told(said(signs=(sign(ink=0.1),))), (FAIL,)),
    Sample("only the words of a label", told(said(signs=(sign(words="2024年3月5日", ink=0.1),))), (FAIL,)),
    Sample("a speck, perhaps a hand", told(said(signs=(sign(ink=0.5),))), (UNSURE,)),
    Sample("no place, no seal", told(said(signs=())), (UNSURE,)),
    Sample("no place, a name seal", told(said(signs=(), seals=(*said().seals, name_seal()))), (), True),
    Sample("a name seal for a hand", told(said(signs=(sign(ink=0.1),), seals=(*said().seals, name_seal()))), (), True),
    Sample("one of two places", told(said(signs=(sign(ink=0.1), sign(words="周敏")))), (), True),
)
