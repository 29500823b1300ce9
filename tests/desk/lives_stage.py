"""A stage for life lines: one person at two agencies, units, and what the business system states."""

import datetime as dt

from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.facilities.business import actions as business
from anjuan.facilities.business.rules import StatedFact
from anjuan.foundation.accounts import queries as accounts
from anjuan.records.models import Subject
from anjuan.records.rules import Employer, Person
from tests import builders
from tests.cast import Cast

ELSEWHERE = "hx-handler"


def urn_of(number: str) -> str:
    """The URN of a subject by its ID number or credit code."""
    found = Subject.objects.filter(id_number=number) or Subject.objects.filter(credit_code=number)
    return str(found.get().urn)


def unit_named(name: str) -> str:
    return str(Subject.objects.get(name=name, kind="EMPLOYER").urn)


def at_second_agency(cast: Cast) -> str:
    """A handler of another centre, hired once. Returns the staff code."""
    if "HX" not in accounts.agency_names():
        cast.hire(ELSEWHERE, Post.HANDLER, cast.found_elsewhere())
    return ELSEWHERE


def registered_elsewhere(cast: Cast, acceptance_no: str, person: Person, step: str, formed: dt.date) -> str:
    """A record of that centre. Returns its URN."""
    return intake.register(
        occasion=cast.occasion_of(at_second_agency(cast)),
        agency_code="HX",
        registration=builders.registration(acceptance_no, step=step, persons=(person,), formed=formed),
    ).urn


def top_archivist(cast: Cast) -> str:
    """The archivist of the house, who keeps records of every centre."""
    from anjuan.demo import office

    return office.RULE_KEEPER


def paid(cast: Cast, number: str, first: str, last: str, *, line: str = "PENSION", kind: str = "CONTRIBUTION") -> None:
    """Have the business system state every month from one to another."""
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    occasion = cast.occasion(Post.INTERFACE)
    stated = []
    for count in range(start, end + 1):
        period = f"{count // 12:04}-{count % 12 + 1:02}"
        serial = f"{kind[0]}{line[:3]}{period}{number[-6:]}"
        stated.append(StatedFact(serial, kind, number, line, period, 100_00, occasion.at - dt.timedelta(days=1)))
    business.take_facts(occasion=occasion, source="测试业务系统", stated=stated)


def unit_registered(cast: Cast, acceptance_no: str, name: str, code: str = "", *, formed: dt.date) -> str:
    """A unit with one record. Returns the unit's URN."""
    builders.register(
        cast, acceptance_no, step="EMPLOYER_REGISTRATION", persons=(), employer=Employer(name, code), formed=formed
    )
    return unit_named(name)


def old_number(serial: int, *, birth: str = "640229") -> str:
    """A number of 15 digits; ``number_of_old`` is what it becomes."""
    return f"999001{birth}{serial:03}"


def twins_of_the_register(cast: Cast) -> tuple[Person, Person]:
    """One person under two numbers that differ by one digit, each with a record."""
    right, slip = Person("林晓", builders.number(11)), Person("林晓", builders.number(12))
    builders.register(cast, "SL-1", persons=(right,))
    builders.register(cast, "SL-2", persons=(slip,), step="PENSION_RETIREMENT")
    return right, slip
