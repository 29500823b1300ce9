"""V22: forms for many."""

from typing import Any

from anjuan.core.detection.facts import VolumeFacts
from tests.detection.builders import FAIL, OTHER, PERSON, UNIT, UNSURE, Sample, item, volume
from tests.detection.reading import number, said, told


def _list(*numbers: str, material: str = "MAIN", **changed: Any) -> VolumeFacts:
    page = said(citizens=tuple(number(one, **changed) for one in numbers), fields=())
    return told(page, material=material, concerns_many=True, subjects=(UNIT, PERSON, OTHER))


STRANGER = "110101196502020029"
SAMPLES = (
    Sample("good", volume()),
    Sample("a list of two", volume(item(1, concerns_many=True, subjects=(UNIT, PERSON, OTHER)))),
    Sample("the unit alone", volume(item(1, concerns_many=True, subjects=(UNIT,))), (FAIL,)),
    Sample("good: both are listed", _list(PERSON.id_number, OTHER.id_number)),
    Sample("a third is listed", _list(PERSON.id_number, OTHER.id_number, STRANGER), (FAIL,)),
    Sample("a third, read badly", _list(STRANGER, sure=0.9), (), True),
    Sample("a third, wrongly read", _list(STRANGER, is_valid=False), (), True),
    Sample("a third on an annex", _list(STRANGER, material="CARD"), (), True),
    Sample("a list of one is rare", volume(item(1, concerns_many=True, subjects=(UNIT, PERSON))), (UNSURE,), True),
)
