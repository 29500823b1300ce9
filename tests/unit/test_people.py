"""The people of the practice city: invented, repeatable, and their sums right."""

import datetime as dt
import os
import subprocess
import sys
from collections import Counter

from anjuan.core.identifiers import birth_date, citizen_id, credit_code
from anjuan.demo import people, story
from anjuan.facilities.business.rules import check_facts
from anjuan.facilities.printing.backends.typeset import undrawable

TODAY = dt.date(2026, 11, 21)


def test_the_people_of_the_sample_folder_come_first_with_their_numbers_and_sums() -> None:
    for citizen, person in zip(people.citizens(), (story.WANG, story.ZHAO), strict=False):
        assert (citizen.name, citizen.id_number, citizen.personal_no) == (
            person.name, person.id_number, person.personal_no,
        )  # fmt: skip
        assert (citizen.divisor, citizen.basic_fen) == (person.divisor, person.basic_fen)
        assert citizen.pension_fen == person.pension_fen
        assert citizen.employer == people.firms()[0]
    assert people.firms()[0].credit_code == story.EMPLOYER.credit_code


def test_every_number_is_right_alone_and_of_the_practice_region() -> None:
    everyone, employers = people.citizens(), people.firms()

    for citizen in everyone:
        assert citizen_id(citizen.id_number) == citizen.id_number
        assert citizen.id_number.startswith("999001")
        assert birth_date(citizen.id_number) == citizen.birth
        assert int(citizen.id_number[16]) % 2 == (citizen.sex == "男")
    for firm in employers:
        assert credit_code(firm.credit_code) == firm.credit_code
        assert firm.credit_code[2:8] == "999001"
    assert len({citizen.id_number for citizen in everyone}) == len({c.personal_no for c in everyone}) == 320
    assert len({firm.credit_code for firm in employers}) == len({firm.unit_no for firm in employers}) == 40


def test_names_are_of_all_kinds_and_can_be_printed() -> None:
    names = [citizen.name for citizen in people.citizens()]

    assert all(undrawable(citizen.name + citizen.address) is None for citizen in people.citizens())
    assert any("·" in name for name in names)
    assert any("𠮷" in name for name in names) and any("㛃" in name for name in names)
    assert any(name.startswith(("欧阳", "慕容", "司徒", "皇甫", "尉迟")) for name in names)
    assert Counter(names).most_common(1)[0][1] >= 3


def test_fates_are_spread_over_the_city() -> None:
    everyone = people.citizens()

    assert 90 <= sum(c.retired is not None and 2018 <= c.retired.year <= 2026 for c in everyone) <= 125
    assert sum(c.died is not None for c in everyone) >= 10
    assert sum(c.moved_out is not None for c in everyone) >= 5
    assert {c.birth.year // 10 for c in everyone} == {193, 194, 195, 196, 197, 198, 199, 200}
    for citizen in everyone:
        assert citizen.started.year - citizen.birth.year >= 18
        assert citizen.retired is None or citizen.started < citizen.retired < TODAY
        assert citizen.died is None or (citizen.retired or citizen.started) < citizen.died < TODAY


def test_retirement_is_put_off_as_the_law_of_2025_says() -> None:
    assert people.retirement(dt.date(1964, 12, 9), 60) == dt.date(2024, 12, 31)
    assert people.retirement(dt.date(1965, 2, 20), 60) == story.ZHAO.retired
    assert people.retirement(dt.date(1970, 3, 12), 55) == story.WANG.retired
    assert people.retirement(dt.date(1975, 3, 1), 50) == dt.date(2025, 5, 31)


def test_contributions_are_as_many_as_the_months_counted_and_bounded() -> None:
    for citizen in people.citizens():
        paid = list(people.contributions(citizen, TODAY))

        assert len(paid) == citizen.months
        for period, base, value in paid:
            wage = people.average_wage_fen(int(period[:4]))
            assert wage * 6 // 10 - 100 < base <= wage * 3
            assert value == base * 24 // 100


def test_some_have_a_gap_in_the_last_two_years() -> None:
    gaps = 0
    for citizen in people.citizens():
        if citizen.retired is None and citizen.died is None and citizen.moved_out is None:
            periods = {period for period, _, _ in people.contributions(citizen, TODAY)}
            gaps += f"{people.KNOWN_UNTIL - dt.timedelta(days=1):%Y-%m}" in periods and "2025-08" not in periods
    assert gaps >= 5


def test_benefits_begin_after_retirement_with_the_pension_reckoned_and_are_adjusted_each_january() -> None:
    wang = people.citizens()[0]

    paid = list(people.benefits(wang, TODAY))

    assert paid[0] == ("2025-05", wang.pension_fen)
    assert dict(paid)["2025-12"] == wang.pension_fen
    assert dict(paid)["2026-01"] == wang.pension_fen + 3000 + wang.pension_fen * 2 // 100
    assert paid[-1][0] == "2026-10"


def test_nothing_is_paid_to_the_dead() -> None:
    for citizen in people.citizens():
        if citizen.died:
            last = max([period for period, _ in people.benefits(citizen, TODAY)], default="")
            assert last <= f"{citizen.died:%Y-%m}"


def test_the_business_system_states_the_last_two_years_and_the_archive_takes_them() -> None:
    facts = tuple(people.facts(people.citizens(), TODAY))

    assert 4000 <= len(facts) <= people.MOST_FACTS
    assert {fact.kind for fact in facts} == {"CONTRIBUTION", "BENEFIT"}
    assert min(fact.period for fact in facts) == "2024-11"
    assert max(fact.period for fact in facts) == "2026-10"
    assert len({fact.source_serial for fact in facts}) == len(facts)
    for start in range(0, len(facts), 1000):
        check_facts(facts[start : start + 1000], now=dt.datetime(2026, 11, 21, tzinfo=dt.UTC))


def test_of_very_many_people_fewer_months_are_stated() -> None:
    facts = list(people.facts(people.citizens() * 10, TODAY))

    assert len(facts) <= people.MOST_FACTS
    assert {fact.period for fact in facts} == {"2026-09", "2026-10"}


def test_fewer_people_are_the_first_of_more() -> None:
    assert people.citizens(100) == people.citizens()[:100]
    assert people.firms(10) == people.firms()[:10]


def test_another_process_makes_the_same_city() -> None:
    code = "from anjuan.demo import people; print(hash(0), repr(people.citizens(60)))"
    told = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]

    assert told[0] == told[1]
    assert "王秀英" in told[0].decode()
