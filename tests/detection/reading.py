"""Pages as a reader tells them, for the samples of detectors that go by words, seals and hands."""

import datetime as dt
from dataclasses import replace
from typing import Any

from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.reading.fields import DayPlace, FieldRead, SignPlace
from anjuan.core.reading.marks import Box, InkMark, SealMark, SealShape
from anjuan.core.reading.numbers import DayRead, NumberRead, PageMark
from anjuan.core.reading.parties import PartyPlace
from anjuan.core.reading.said import PageSaid, Signed, Stamp
from anjuan.core.reading.titles import Title
from tests.detection.builders import CARD, MAIN, PERSON, file, item, measures, page, volume

AGENCY_PLACE: Box = (0.55, 0.7, 0.4, 0.25)
UNIT_PLACE: Box = (0.05, 0.7, 0.4, 0.25)
HANDLER_PLACE: Box = (0.2, 0.62, 0.15, 0.03)
REVIEWER_PLACE: Box = (0.6, 0.62, 0.15, 0.03)
AGENCY = PartyPlace("AGENCY", "经办机构意见", AGENCY_PLACE)
UNIT = PartyPlace("UNIT", "单位意见", UNIT_PLACE)
BOTH_SEALS = replace(MAIN, required_seals=("AGENCY", "EMPLOYER"))


def seal(place: Box = AGENCY_PLACE, **changed: Any) -> SealMark:
    """A good round red seal in the middle of a place."""
    x, y = place[0] + place[2] / 2 - 0.09, place[1] + place[3] / 2 - 0.065
    made = SealMark((x, y, 0.18, 0.13), SealShape.ROUND, True, 0.95, 0.5, 1.0, 0.5, 40.0, 40.0)
    return replace(made, **changed)


def name_seal(place: Box = HANDLER_PLACE, **changed: Any) -> SealMark:
    """A person's seal of 14 mm in a place."""
    made = SealMark((place[0] + 0.03, place[1] - 0.01, 0.06, 0.05), SealShape.SQUARE, True, 0.9, 0.5, 1.0, 0.5, 14, 14)
    return replace(made, **changed)


def sign(role: str = "HANDLER", words: str = "", ink: float | None = None, place: Box = HANDLER_PLACE) -> Signed:
    """A place to sign: what was read there, and how surely ink stands in it."""
    label = {"HANDLER": "经办人", "REVIEWER": "复核人"}[role]
    mark = None if ink is None else InkMark(place, 0.1, 1.0, ink)
    return Signed(SignPlace(role, label, place, words), mark)


def day(role: str, on: dt.date | None, at: tuple[float, float], label: str = "") -> DayPlace:
    """A day written at a place, or the empty place for one."""
    return DayPlace(role, label, DayRead(on, (*at, 0.1, 0.02)))


def part_of_day(at: tuple[float, float]) -> DayPlace:
    """An unfilled place of which not all three signs were read."""
    return DayPlace("DAY", "", DayRead(None, (*at, 0.1, 0.02), is_part=True))


def trace(box: Box, sure: float = 1.0) -> InkMark:
    """Ink that no word was read from."""
    return InkMark(box, 0.05, 1.0, sure)


def field(name: str, value: str, sure: float = 0.99, label: str = "") -> FieldRead:
    """What stands beside a label."""
    return FieldRead(name, label or name, value, (0.3, 0.2, 0.15, 0.02), sure)


def number(value: str, is_valid: bool = True, sure: float = 0.99) -> NumberRead:
    """A number of the form of a citizen's."""
    return NumberRead(value, (0.3, 0.25, 0.2, 0.02), sure, is_valid)


def mark(no: int, of: int) -> PageMark:
    """第x页共y页 at the foot."""
    return PageMark(no, of, (0.45, 0.95, 0.1, 0.02))


def stamp(no: int, sure: float = 0.99) -> Stamp:
    """A number in the corner."""
    return Stamp(no, (0.92, 0.02, 0.04, 0.02), sure)


def said(**changed: Any) -> PageSaid:
    """What the good first page of the good item says."""
    made = PageSaid(
        version=1,
        turn_sure=1.0,
        letters=300,
        sure=0.99,
        titles=(Title("申请表", 0.03),),
        fields=(field("PERSON", PERSON.name), field("ID_NUMBER", PERSON.id_number)),
        signs=(sign(words="周敏"), sign("REVIEWER", "郑卫东", place=REVIEWER_PLACE)),
        days=(day("DAY", dt.date(2024, 3, 5), (0.8, 0.92)),),
        parties=(AGENCY,),
        citizens=(number(PERSON.id_number),),
        seals=(seal(),),
        text=f"申请表\n姓名{PERSON.name}\n身份证号{PERSON.id_number}",
    )
    return replace(made, **changed)


def told(*pages: PageSaid | None, material: str = "MAIN", **changed: Any) -> VolumeFacts:
    """A volume of one item, each of these pages a file of its own; None is a page that was not read."""
    files = tuple(
        replace(file(number, material), pages=(replace(page(1), measures=measures(), said=one),))
        for number, one in enumerate(pages, start=1)
    )
    made: ItemFacts = item(1, files=files, materials=(MAIN, CARD), paper_pages=len(files), declared_pages=len(files))
    return volume(replace(made, **changed))
