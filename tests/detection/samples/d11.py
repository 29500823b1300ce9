"""D11: the business system and the record."""

import datetime as dt
from dataclasses import replace
from typing import Any

from anjuan.core.detection.facts import StatedFacts, StatedValue, VolumeFacts
from anjuan.core.reading.fields import FieldRead
from tests.detection.builders import FAIL, OTHER, PERSON, UNIT, UNSURE, Sample
from tests.detection.reading import field, said, told

DESCRIBED = {"person_name": PERSON.name, "person_id": PERSON.id_number}


def _stated(*values: StatedValue, **described: str) -> StatedFacts:
    return StatedFacts(described, values)


def _paid(kind: str, month: str, fen: int, holder: str = PERSON.id_number) -> StatedValue:
    return StatedValue(holder, kind, dt.date.fromisoformat(f"{month}-01"), fen)


def _form(*fields: FieldRead, stated: StatedFacts, **changed: Any) -> VolumeFacts:
    page = said(fields=(*said().fields, *fields))
    return told(page, stated=stated, **changed)


def _months(first: dt.date, count: int) -> tuple[StatedValue, ...]:
    found = []
    for number in range(count):
        whole = first.year * 12 + first.month - 1 + number
        found.append(_paid("CONTRIBUTION", f"{whole // 12}-{whole % 12 + 1:02d}", 120_000))
    return tuple(found)


PENSION = field("AMOUNT", "3,421.50元", label="月基本养老金")
SPAN = field("MONTHS", "2年0个月", label="累计缴费月数")
TWO_YEARS = _months(dt.date(2022, 3, 1), 24)  # up to February 2024; the form is of March

SAMPLES = (
    Sample("good: the case", told(said(), stated=_stated(**DESCRIBED))),
    Sample("another number there", told(said(), stated=_stated(person_id=OTHER.id_number)), (FAIL,)),
    Sample("another name there", told(said(), stated=_stated(person_name=OTHER.name)), (FAIL,)),
    Sample(
        "another employer there",
        told(said(), subjects=(PERSON, UNIT), stated=_stated(employer_name="河东纺织厂")),
        (FAIL,),
    ),
    Sample(
        "the number of fifteen figures",
        told(said(), stated=_stated(person_id=PERSON.id_number[:6] + PERSON.id_number[8:17])),
        (),
        True,
    ),
    Sample("two persons", told(said(), subjects=(PERSON, OTHER), stated=_stated(person_name="王五")), (), True),
    Sample("a list of many", told(said(), concerns_many=True, stated=_stated(person_name="王五")), (), True),
    Sample("good: the amount", _form(PENSION, stated=_stated(_paid("BENEFIT", "2024-04", 342150)))),
    Sample("another amount", _form(PENSION, stated=_stated(_paid("BENEFIT", "2024-04", 352150))), (FAIL,)),
    Sample(
        "an amount read badly",
        _form(replace(PENSION, sure=0.9), stated=_stated(_paid("BENEFIT", "2024-04", 352150))),
        (UNSURE,),
    ),
    Sample(
        "the sum of two kinds",
        _form(PENSION, stated=_stated(_paid("BENEFIT", "2024-04", 300000), _paid("BENEFIT", "2024-04", 42150))),
        (),
        True,
    ),
    Sample("raised long after", _form(PENSION, stated=_stated(_paid("BENEFIT", "2026-04", 382150))), (), True),
    Sample(
        "an amount that no label names",
        _form(replace(PENSION, label="金额"), stated=_stated(_paid("BENEFIT", "2024-04", 352150))),
        (),
        True,
    ),
    Sample("good: the months", _form(SPAN, stated=_stated(*TWO_YEARS))),
    Sample("a month fewer", _form(replace(SPAN, value="1年10个月"), stated=_stated(*TWO_YEARS)), (FAIL,)),
    Sample(
        "a gap that the form does not know",
        _form(SPAN, stated=_stated(TWO_YEARS[0], *TWO_YEARS[5:])),
        (FAIL,),
    ),
    Sample(
        "a contribution given back",
        _form(SPAN, stated=_stated(*TWO_YEARS, _paid("CONTRIBUTION", "2022-05", -120_000))),
        (FAIL,),
    ),
    Sample("years alone", _form(replace(SPAN, value="2年"), stated=_stated(*TWO_YEARS)), (), True),
    Sample("the system begins later", _form(replace(SPAN, value="23年5个月"), stated=_stated(*TWO_YEARS)), (), True),
    Sample(
        "years that count as paid",
        _form(replace(SPAN, value="1年", label="视同缴费年限"), stated=_stated(*TWO_YEARS)),
        (),
        True,
    ),
    Sample("good: retired by law", _form(field("RETIRED", "2025年2月"), stated=_stated())),
    Sample("retired at sixty by choice", _form(field("RETIRED", "2025年1月"), stated=_stated()), (), True),
    Sample("retired at fifty-five", _form(field("RETIRED", "2020年1月"), stated=_stated()), (UNSURE,)),
)
