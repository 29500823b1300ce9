"""Lives worth looking at (演示城市的一人一档): a person with a change of name, an old number, a gap and a doubt; units.

Everything is said by the same deeds that people do at their desks. Names and numbers are nobody's.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anjuan.core.identifiers import PRACTICE_REGION, id_check_digit
from anjuan.core.terms import InsuranceLine, Occasion, Post, Route
from anjuan.demo import agencies, office
from anjuan.demo.story import practice_credit_code
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.rules import Registration
from anjuan.facilities.business import actions as business
from anjuan.facilities.business.rules import StatedFact
from anjuan.facilities.lives import actions as lives
from anjuan.facilities.lives.rules import NameKind, SuccessionKind
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rules import Employer, Person

_BORN = "19750512"
FORMER, PRESENT = "秦岚", "秦雨岚"
HEIR = "演示市海纺集团股份有限公司"
MILL, MILL_LATER, DYERS = "演示市第二棉纺厂", "演示市海棉纺织有限公司", "演示市红旗印染厂"


def _number(birth: str, serial: str) -> str:
    first17 = f"{PRACTICE_REGION}{birth}{serial}"
    return first17 + id_check_digit(first17)


NUMBER = _number(_BORN, "426")
OLD_NUMBER = NUMBER[:6] + NUMBER[8:17]
SLIPPED = _number(_BORN, "436")  # one digit wrong where it was typed
NAMESAKES = Person("梁国栋", _number("19490308", "217")), Person("梁国栋", _number("19490308", "235"))
TYPED_TWICE = Person("傅明远", _number("19660921", "339")), Person("傅明远", _number("19660912", "339"))


@dataclass(frozen=True)
class Told:
    """One record of these lives."""

    agency: str
    no: str
    step: str
    formed: dt.date
    title: str
    person: Person | None = None
    employer: Employer | None = None


def _before() -> tuple[Told, ...]:
    """What was taken in under the former name, and what has nothing to do with the change."""
    then = Person(FORMER, NUMBER)
    return (
        Told(
            "BH",
            "YS2010001",
            "PERSON_REGISTRATION",
            dt.date(2010, 9, 6),
            "秦岚参保人员登记材料",
            Person(FORMER, OLD_NUMBER),
        ),
        Told("BH", "YS2012002", "FLEXIBLE_CONTRIBUTION", dt.date(2012, 3, 12), "秦岚灵活就业人员缴费核定材料", then),
        Told("BH", "YS2014003", "ACCOUNT_CORRECTION", dt.date(2014, 7, 21), "秦岚个人账户修改材料", then),
        Told("BH", "YS2016004", "PERSON_CHANGE", dt.date(2016, 5, 16), "秦岚参保人员信息变更（姓名）材料", then),
        Told(
            "NK",
            "YS2019005",
            "OUTPATIENT_MEDICAL",
            dt.date(2019, 11, 4),
            "秦岚门诊医疗待遇核定材料",
            Person(FORMER, SLIPPED),
        ),
        Told("BH", "YS2011006", "PERSON_REGISTRATION", dt.date(2011, 4, 18), "梁国栋参保人员登记材料", NAMESAKES[0]),
        Told("BH", "YS2013007", "PERSON_REGISTRATION", dt.date(2013, 4, 18), "梁国栋参保人员登记材料", NAMESAKES[1]),
        Told("BH", "YS2012008", "PERSON_REGISTRATION", dt.date(2012, 6, 5), "傅明远参保人员登记材料", TYPED_TWICE[0]),
        Told(
            "NK", "YS2020009", "PENSION_TRANSFER_IN", dt.date(2020, 6, 9), "傅明远养老保险关系转入材料", TYPED_TWICE[1]
        ),
    )


def _after() -> tuple[Told, ...]:
    """What came in under the new name, at two centres."""
    now = Person(PRESENT, NUMBER)
    return (
        Told("HX", "YS2018011", "PENSION_TRANSFER_IN", dt.date(2018, 8, 27), "秦雨岚养老保险关系转入材料", now),
        Told("HX", "YS2020012", "BASE_ADJUSTMENT", dt.date(2020, 1, 15), "秦雨岚缴费基数调整材料", now),
        Told("HX", "YS2021013", "UNEMPLOYMENT_BENEFIT", dt.date(2021, 2, 3), "秦雨岚失业待遇核定材料", now),
        Told("BH", "YS2025014", "PENSION_RETIREMENT", dt.date(2025, 5, 20), "秦雨岚退休待遇核定材料", now),
        Told("BH", "YS2026015", "PENSION_ADJUSTMENT", dt.date(2026, 1, 9), "秦雨岚养老待遇调整材料", now),
        Told("HX", "YS2026016", "BENEFIT_QUALIFICATION", dt.date(2026, 3, 2), "秦雨岚待遇领取资格验证材料", now),
    )


def _units() -> tuple[Told, ...]:
    later = Employer(MILL_LATER, practice_credit_code("74001201"))
    heir = Employer(HEIR, practice_credit_code("74001202"))
    register, change, cancel = "EMPLOYER_REGISTRATION", "EMPLOYER_CHANGE", "EMPLOYER_CANCELLATION"
    return (
        Told("BH", "YS2010021", register, dt.date(2010, 3, 1), f"{MILL}参保单位登记材料", employer=Employer(MILL)),
        Told("BH", "YS2013022", change, dt.date(2013, 6, 3), f"{MILL_LATER}参保单位信息变更材料", employer=later),
        Told("BH", "YS2010023", register, dt.date(2010, 4, 6), f"{DYERS}参保单位登记材料", employer=Employer(DYERS)),
        Told("BH", "YS2017024", cancel, dt.date(2017, 10, 9), f"{DYERS}参保单位注销登记材料", employer=Employer(DYERS)),
        Told("HX", "YS2017025", register, dt.date(2017, 10, 16), f"{HEIR}参保单位登记材料", employer=heir),
    )


def told_facts(stated_at: dt.datetime) -> Iterator[StatedFact]:
    """What the business system states of her: a year without contributions, unemployment insurance, then a pension."""
    rows = (
        ("CONTRIBUTION", InsuranceLine.PENSION, "1998-07", "2004-02"),
        ("CONTRIBUTION", InsuranceLine.PENSION, "2005-03", "2020-12"),
        ("CONTRIBUTION", InsuranceLine.PENSION, "2021-09", "2025-05"),
        ("CONTRIBUTION", InsuranceLine.UNEMPLOYMENT, "2005-03", "2020-12"),
        ("BENEFIT", InsuranceLine.UNEMPLOYMENT, "2021-02", "2021-08"),
        ("BENEFIT", InsuranceLine.PENSION, "2025-06", "2026-09"),
    )
    for kind, line, first, last in rows:
        start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
        for number in range(start, end + 1):
            period = f"{number // 12:04}-{number % 12 + 1:02}"
            serial = f"YW{period.replace('-', '')}{kind[0]}{line[:1]}YS1"
            fen = (60_000 + (number // 12 - 1998) * 4_000) if kind == "CONTRIBUTION" else 312_500
            yield StatedFact(serial, kind, NUMBER, line, period, fen, stated_at)


def enter(by: Callable[[str], Occasion], source: str) -> int:
    """Take everything in and decide what is decided. Returns how many records there are.

    Args:
        by: the next occasion of a colleague.
        source: what the business system is called.
    """
    stated = list(told_facts(by("yw01").at - dt.timedelta(days=1)))
    business.take_facts(occasion=by("yw01"), source=source, stated=stated)
    for told in (*_before(), *_units()):
        _register(by, told)
    keeper = office.RULE_KEEPER
    look = by(keeper).actor

    def urn_of(number: str) -> str:
        found, _ = record_subjects.find_subjects(look, id_number=number)
        return found[0].urn

    def unit_of(name: str) -> str:
        found, _ = record_subjects.find_subjects(look, name=name)
        return found[0].urn

    lives.add_name(
        occasion=by(keeper), subject=urn_of(NUMBER), name=PRESENT, kind=NameKind.PRESENT,
        changed=dt.date(2016, 5, 10), reason="户口簿变更页，见信息变更材料（演示）", evidence="YS2016004",
    )  # fmt: skip
    lives.join(
        occasion=by(keeper), one=urn_of(TYPED_TWICE[0].id_number), other=urn_of(TYPED_TWICE[1].id_number),
        reason="转入时日与月录反，登记表与转移凭证为同一人（演示）", evidence="YS2012008",
    )  # fmt: skip
    for predecessor, successor, kind, day, evidence in (
        (MILL, MILL_LATER, SuccessionKind.RENAMED, dt.date(2013, 5, 20), "YS2013022"),
        (MILL_LATER, HEIR, SuccessionKind.MERGED, dt.date(2017, 10, 1), "YS2017025"),
        (DYERS, HEIR, SuccessionKind.MERGED, dt.date(2017, 10, 1), "YS2017024"),
    ):
        lives.record_succession(
            occasion=by(keeper), predecessor=unit_of(predecessor), successor=unit_of(successor), kind=kind, day=day,
            reason="工商变更登记（演示）", evidence=evidence,
        )  # fmt: skip
    for told in _after():
        _register(by, told)
    return len(_before()) + len(_units()) + len(_after())


def _register(by: Callable[[str], Occasion], told: Told) -> None:
    intake.register(
        occasion=by(agencies.who(told.agency, Post.HANDLER)),
        agency_code=told.agency,
        registration=Registration(
            acceptance_no=told.no,
            step_code=told.step,
            title=told.title,
            formed_date=told.formed,
            paper_pages=2,
            persons=(told.person,) if told.person else (),
            employer=told.employer,
            route=Route.TARGET,
        ),
    )
