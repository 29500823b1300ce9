"""The people of the practice city (演示市的人): insured persons, their employers and what the business system knows.

All are invented, in a region code nobody has. One seed makes them all, so every run gives the same city; the first of
them are the people and the employer of the sample folder. Amounts are integers of fen (分) and add up.
"""

import datetime as dt
import functools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anjuan.core.identifiers import PRACTICE_REGION, id_check_digit
from anjuan.core.terms import InsuranceLine
from anjuan.demo import story
from anjuan.demo.names import (
    BRANDS,
    DISTRICTS,
    DOUBLE_SURNAMES,
    GIVEN,
    INSTITUTIONS,
    MINORITY_NAMES,
    RARE_NAMES,
    STREETS,
    SURNAMES,
    TRADES,
)
from anjuan.facilities.business.rules import StatedFact

SEED = 20_261_121
KNOWN_UNTIL = dt.date(2026, 11, 1)  # the month of the city's present: nothing is paid in it yet
MOST_FACTS = 8000
# 计发月数 by the age of retirement in whole years (国发〔2005〕38号 附件)
DIVISORS = {50: 195, 51: 190, 52: 185, 53: 180, 54: 175, 55: 170, 56: 164, 57: 158, 58: 152, 59: 145, 60: 139, 61: 132}
_TWINS = ((20, 121), (33, 233), (45, 46), (70, 171), (70, 272))  # who share a name


@dataclass(frozen=True)
class Firm:
    """An invented employer (参保单位)."""

    name: str
    credit_code: str
    unit_no: str
    address: str
    founded: dt.date


@dataclass(frozen=True)
class Citizen:
    """An invented insured person (参保人).

    Attributes:
        retired: last day before the pension, or None.
        moved_out: when the insurance relation left for another city (转出), or None.
        index_permille: average contribution index, in thousandths.
        account_fen: savings in the personal account.
        months: months of contribution, up to retirement or to the city's present.
    """

    name: str
    sex: str
    birth: dt.date
    id_number: str
    personal_no: str
    address: str
    employer: Firm
    started: dt.date
    retired: dt.date | None
    died: dt.date | None
    moved_out: dt.date | None
    index_permille: int
    account_fen: int
    months: int

    @property
    def divisor(self) -> int:
        """计发月数 of the age at retirement; of 60 while nobody knows it."""
        return DIVISORS[_age(self.birth, self.retired)] if self.retired else DIVISORS[60]

    @property
    def basic_fen(self) -> int:
        """基础养老金 by month."""
        year = (self.retired or KNOWN_UNTIL).year
        return story.basic_pension_fen(average_wage_fen(year), self.index_permille, self.months)

    @property
    def account_pension_fen(self) -> int:
        """个人账户养老金 by month."""
        return self.account_fen // self.divisor

    @property
    def pension_fen(self) -> int:
        """What is paid by month in the year of retirement."""
        return self.basic_fen + self.account_pension_fen


@functools.cache
def average_wage_fen(year: int) -> int:
    """The monthly wage that a year's amounts are reckoned from (计发基数); 2025 is that of the sample folder."""
    wage = story.AVERAGE_WAGE_FEN
    for _ in range(2025, year):
        wage = wage * 103 // 10_000 * 100
    for _ in range(year, 2025):
        wage = wage * 1000 // 1075 // 100 * 100
    return wage


@functools.cache
def firms(count: int = 40) -> tuple[Firm, ...]:
    """The employers, that of the sample folder first (单位名录)."""
    dice = random.Random(f"{SEED} firms")  # noqa: S311 -- people, not keys
    first = Firm(
        story.EMPLOYER.name, story.EMPLOYER.credit_code, story.EMPLOYER.unit_no, "演示市海港区机械路1号",
        dt.date(1978, 5, 1),
    )  # fmt: skip
    made = [first]
    taken = {first.name}
    while len(made) < count:
        number = len(made)
        company = f"演示市{dice.choice(BRANDS)}{dice.choice(TRADES)}"
        name = company if dice.random() < 0.85 else dice.choice(INSTITUTIONS)
        founded = dt.date(dice.randint(1952, 2016), dice.randint(1, 12), dice.randint(1, 28))
        place = _street(dice)
        if name not in taken:
            taken.add(name)
            code = story.practice_credit_code(f"{74_000_000 + number * 7919:08d}")
            made.append(Firm(name, code, f"D03{200 + number * 13:04d}", place, founded))
    return tuple(made)


@functools.cache
def citizens(count: int = 320) -> tuple[Citizen, ...]:
    """The insured persons, the two of the sample folder first; fewer of them are the first of more (参保人名录)."""
    dice = random.Random(f"{SEED} citizens")  # noqa: S311 -- people, not keys
    made = [_of_story(story.WANG), _of_story(story.ZHAO)]
    numbers = {person.id_number for person in story.LISTED}
    while len(made) < count:
        person = _born(dice, len(made))
        if person.id_number not in numbers:
            numbers.add(person.id_number)
            made.append(person)
    for one, other in _TWINS:
        if other < count:
            made[other] = _named(made[other], made[one].name)
    return tuple(made[:count])


def contributions(citizen: Citizen, upto: dt.date) -> Iterator[tuple[str, int, int]]:
    """Month, base and contribution of each month paid before the month of ``upto`` (缴费记录).

    Some have a gap (断保). The base lies between 60 % and 300 % of the average wage; 24 % of it is paid.
    """
    ends = [day for day in (citizen.retired, citizen.died, citizen.moved_out) if day]
    last = min([_after(day) for day in ends] + [upto.replace(day=1), KNOWN_UNTIL])
    for month in _paid_months(citizen.id_number, citizen.started, last):
        base = _base_fen(citizen.index_permille, month.year)
        yield f"{month:%Y-%m}", base, base * 24 // 100


def benefits(citizen: Citizen, upto: dt.date) -> Iterator[tuple[str, int]]:
    """Month and pension of each month paid before the month of ``upto`` (待遇发放)."""
    if citizen.retired is None:
        return
    last = min([_after(day) for day in (citizen.died, citizen.moved_out) if day] + [upto.replace(day=1), KNOWN_UNTIL])
    for month in _months(_after(citizen.retired), last):
        yield f"{month:%Y-%m}", pension_fen_in(citizen, month.year)


def pension_fen_in(citizen: Citizen, year: int) -> int:
    """The monthly pension of a year: as reckoned at retirement, then each January 30 yuan and 2 % more (待遇调整)."""
    paid = citizen.pension_fen
    for _ in range((citizen.retired or KNOWN_UNTIL).year, year):
        paid += 3000 + paid * 2 // 100
    return paid


def facts(people: Iterable[Citizen], upto: dt.date) -> Iterator[StatedFact]:
    """What the business system states of the last 24 months, at most 8,000 rows (业务数据快照).

    Of very many people it states fewer months, the latest.
    """
    everyone = tuple(people)
    window = min(24, MOST_FACTS // max(1, len(everyone)))
    since = f"{_shifted(upto, -window):%Y-%m}"
    for person in everyone:
        paid = [(period, "CONTRIBUTION", value) for period, _, value in contributions(person, upto)]
        paid += [(period, "BENEFIT", value) for period, value in benefits(person, upto)]
        for period, kind, value in paid:
            if period >= since:
                stated = dt.datetime.combine(_shifted(dt.date.fromisoformat(f"{period}-01"), 1), dt.time(), dt.UTC)
                yield StatedFact(
                    f"YW{period.replace('-', '')}{kind[0]}{person.personal_no}", kind, person.id_number,
                    InsuranceLine.PENSION, period, value, stated,
                )  # fmt: skip


def _of_story(person: story.Person) -> Citizen:
    return Citizen(
        person.name, person.sex, person.birth, person.id_number, person.personal_no, person.address, firms()[0],
        person.started, person.retired, None, None, person.index_permille, person.account_fen, person.months,
    )  # fmt: skip


def _born(dice: random.Random, number: int) -> Citizen:
    """One person, told from birth on."""
    sex = dice.choice("男女")
    fate = dice.random()
    leaves_at = 60 if sex == "男" else dice.choice((50, 55, 55))
    retired = None
    if fate < 0.34:  # of late
        birth = dt.date(dice.randint(2018, 2026) - leaves_at, dice.randint(1, 10), dice.randint(1, 28))
    elif fate < 0.46:  # long ago
        birth = dt.date(dice.randint(1934, 2017 - leaves_at), dice.randint(1, 12), dice.randint(1, 28))
    else:
        birth = dt.date(dice.randint(1968 if sex == "男" else 1977, 2007), dice.randint(1, 12), dice.randint(1, 28))
    if fate < 0.46:
        retired = retirement(birth, leaves_at)
        retired = retired if retired < KNOWN_UNTIL else None  # put off beyond the city's present
    started = dt.date(birth.year + dice.randint(18, 23), dice.choice((3, 7, 7, 8, 9, 12)), 1)
    started = max(dt.date(1958, 7, 1), min(started, dt.date(2026, dice.randint(1, 9), 1)))
    died = moved_out = None
    if retired and dice.random() < (0.12 if fate < 0.34 else 0.4):
        died = _shifted(max(retired, dt.date(2018, 6, 1)), dice.randint(8, 90)) + dt.timedelta(days=dice.randint(0, 27))
        died = died if died < KNOWN_UNTIL else None
    elif fate > 0.95 and started.year < 2016:
        moved_out = dt.date(dice.randint(2019, 2026), dice.randint(1, 9), dice.randint(1, 28))
    elif fate > 0.93 and started.year < 2016:
        died = dt.date(dice.randint(2019, 2026), dice.randint(1, 9), dice.randint(1, 28))
    serial = f"{dice.randint(1, 99):02d}{dice.choice('13579' if sex == '男' else '02468')}"
    first17 = f"{PRACTICE_REGION}{birth:%Y%m%d}{serial}"
    id_number = first17 + id_check_digit(first17)
    index = min(3000, max(600, round(dice.gauss(1000, 260))))
    end = min([_after(day) for day in (retired, died, moved_out) if day] + [KNOWN_UNTIL])
    paid = list(_paid_months(id_number, started, end))
    own = sum(_base_fen(index, month.year) * 8 // 100 for month in paid)
    return Citizen(
        _name(dice, sex, birth.year, number), sex, birth, id_number, f"99001{number * 97 + 10_000:05d}",
        f"{_street(dice)}{dice.randint(1, 18)}栋{dice.randint(1, 6)}单元{dice.randint(1, 11)}0{dice.randint(1, 4)}室",
        dice.choice(firms()), started, retired, died, moved_out, index, own * dice.randint(1150, 1320) // 1000,
        len(paid),
    )  # fmt: skip


def retirement(birth: dt.date, age: int) -> dt.date:
    """The last day before the pension: the month of the birthday, put off little by little from 2025 on (延迟退休)."""
    due = _shifted(birth, age * 12)
    late = max(0, (due.year - 2025) * 12 + due.month)
    return _shifted(due, 1 - (-late // (2 if age == 50 else 4))) - dt.timedelta(days=1)


def _name(dice: random.Random, sex: str, year: int, number: int) -> str:
    """A name of its time; every twenty-third is one that registers stumble over."""
    rare = RARE_NAMES + MINORITY_NAMES
    if number % 23 == 5:
        return rare[number // 23 % len(rare)]
    surname = dice.choice(DOUBLE_SURNAMES) if dice.random() < 0.04 else dice.choice(SURNAMES)
    era = max(start for start in GIVEN if start <= year)
    first, second = GIVEN[era][sex]
    return surname + (dice.choice(second) if dice.random() < 0.25 else dice.choice(first) + dice.choice(second))


def _named(person: Citizen, name: str) -> Citizen:
    return Citizen(**{**person.__dict__, "name": name})


def _street(dice: random.Random) -> str:
    return f"演示市{dice.choice(DISTRICTS)}{dice.choice(STREETS)}{dice.randint(1, 298)}号"


def _base_fen(index_permille: int, year: int) -> int:
    """缴费基数 of a month, in whole yuan, between the floor and the ceiling."""
    wage = average_wage_fen(year)
    return min(wage * 3, max(wage * 6 // 10, wage * index_permille // 1000)) // 100 * 100


def _paid_months(id_number: str, started: dt.date, end: dt.date) -> Iterator[dt.date]:
    """The months paid: all before ``end``, but for those of the gap that one in five invented people has."""
    dice = random.Random(id_number)  # noqa: S311 -- people, not keys
    gap: frozenset[dt.date] = frozenset()
    whole = list(_months(started, end))
    if id_number not in _WHOLE and dice.random() < 0.2 and len(whole) > 40:
        # Half of the gaps are recent, so that those who read the last two years see one.
        first = len(whole) - dice.randint(16, 22) if dice.random() < 0.5 else dice.randint(6, len(whole) - 24)
        gap = frozenset(whole[first : first + dice.randint(3, 14)])
    return (month for month in whole if month not in gap)


_WHOLE = frozenset(person.id_number for person in story.LISTED)


def _months(first: dt.date, end: dt.date) -> Iterator[dt.date]:
    month = first.replace(day=1)
    while month < end:
        yield month
        month = _shifted(month, 1)


def _shifted(day: dt.date, months: int) -> dt.date:
    """The first day of the month so many months on."""
    whole = day.year * 12 + day.month - 1 + months
    return dt.date(whole // 12, whole % 12 + 1, 1)


def _after(day: dt.date) -> dt.date:
    return _shifted(day, 1)


def _age(birth: dt.date, day: dt.date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
