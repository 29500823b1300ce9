"""S04: the name on the employer's seal."""

from typing import Any

from anjuan.core.reading.said import PageSaid
from tests.detection.builders import FAIL, UNIT, UNSURE, Sample
from tests.detection.reading import BOTH_SEALS, UNIT_PLACE, said, seal, told
from tests.detection.reading import UNIT as UNIT_AT

PLACES = (*said().parties, UNIT_AT)
CHANGED: dict[str, Any] = {"materials": (BOTH_SEALS,), "subjects": (UNIT,)}


def _sealed(words: str) -> PageSaid:
    return said(parties=PLACES, seals=(seal(), seal(UNIT_PLACE, words=words)))


NAMES = tuple(
    Sample(says, told(_sealed(words), **CHANGED), found, is_trap)
    for says, words, found, is_trap in (
        ("good", "津南机械厂", (), False),
        ("another's", "演示市百川家具有限公司", (FAIL,), False),
        ("half the name", "津南大酒店有限责任公司", (FAIL,), False),
        ("some of its letters", "津南机修理部", (UNSURE,), False),
        ("with what it is for", "津南机械厂 人事专用章", (), True),
        ("a letter misread", "津南杌械厂", (), True),
        ("hardly read", "津", (), True),
        ("not read", "", (), True),
        ("a ring unrolled from the middle of the name", "机械厂津南 人事专用章", (), True),
    )
)
SAMPLES = (
    *NAMES,
    Sample(
        "the agency's seal in a place whose own label was lost, the unit's beside it",
        told(
            said(
                parties=(UNIT_AT,),
                seals=(
                    seal(UNIT_PLACE, words="演示市社会保险经办中心"),
                    seal((0.5, 0.4, 0.3, 0.2), words="津南机械厂"),
                ),
            ),
            **CHANGED,
        ),
        (),
        True,
    ),
    Sample(
        "the agency's seal alone in the unit's place", told(_sealed("演示市社会保险经办中心"), **CHANGED), (UNSURE,)
    ),
)
