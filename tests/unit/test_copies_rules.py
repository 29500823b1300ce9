"""Who is archived, what is a possible policy, in which order files go, how fast, and how long room lasts."""

import datetime as dt

import pytest

from anjuan.core.refusals import Refusal
from anjuan.facilities.copies import rules
from anjuan.facilities.copies.rules import Being, CopyFacts, Lack, Medium, Month, Outcome, Policy

AT = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
LIMIT = dt.timedelta(days=180)
DAY = dt.timedelta(days=1)


def copy(
    place: str,
    medium: Medium = Medium.DISK,
    *,
    far: bool = False,
    outcome: Outcome = Outcome.GOOD,
    version: int = 2,
    ago: dt.timedelta | None = DAY,
) -> CopyFacts:
    return CopyFacts(place, medium, far, outcome, version, AT - ago if ago is not None else None, LIMIT)


HERE, BESIDE, FAR = copy("a"), copy("b", Medium.TAPE), copy("c", far=True)


def judged(*copies: CopyFacts, policy: Policy = rules.DEFAULT) -> dict[Lack, int]:
    return dict(rules.judge(policy, copies, head=2, at=AT).lacks)


def test_three_copies_on_two_media_one_of_them_far_are_an_archive() -> None:
    verdict = rules.judge(rules.DEFAULT, (FAR, BESIDE, HERE), head=2, at=AT)

    assert verdict.is_met and verdict.counted == ("a", "b", "c")


@pytest.mark.parametrize(
    ("copies", "lacks"),
    [
        ((), {Lack.COPIES: 3, Lack.MEDIA: 2, Lack.FAR: 1}),
        ((HERE,), {Lack.COPIES: 2, Lack.MEDIA: 1, Lack.FAR: 1}),
        ((HERE, FAR), {Lack.COPIES: 1, Lack.MEDIA: 1}),
        ((HERE, FAR, copy("d")), {Lack.MEDIA: 1}),
        ((HERE, BESIDE, copy("d")), {Lack.FAR: 1}),
    ],
)
def test_what_is_missing_is_said_and_how_much_of_it(copies: tuple[CopyFacts, ...], lacks: dict[Lack, int]) -> None:
    assert judged(*copies) == lacks


@pytest.mark.acceptance("S0-C6")
@pytest.mark.parametrize(
    "worthless",
    [
        copy("b", Medium.TAPE, outcome=Outcome.DAMAGED),
        copy("b", Medium.TAPE, outcome=Outcome.UNREACHABLE),
        copy("b", Medium.TAPE, outcome=Outcome.UNCHECKED, ago=None),
        copy("b", Medium.TAPE, version=1),
        copy("b", Medium.TAPE, ago=LIMIT + dt.timedelta(seconds=1)),
    ],
    ids=["damaged", "unreachable", "never looked at", "behind", "looked at too long ago"],
)
def test_a_copy_that_was_not_verified_whole_and_lately_does_not_count(worthless: CopyFacts) -> None:
    """User ask 19: nothing is archived because a row says so."""
    assert judged(HERE, worthless, FAR) == {Lack.COPIES: 1, Lack.MEDIA: 1}


def test_a_copy_verified_on_the_last_day_still_counts() -> None:
    assert judged(HERE, copy("b", Medium.TAPE, ago=LIMIT), FAR) == {}


@pytest.mark.parametrize(
    "policy", [Policy(0, 1, 0), Policy(10, 1, 0), Policy(2, 3, 0), Policy(2, 0, 0), Policy(2, 1, 3), Policy(2, 1, -1)]
)
def test_a_policy_that_nothing_could_meet_is_refused(policy: Policy) -> None:
    with pytest.raises(Refusal) as caught:
        rules.check_policy(policy)

    assert caught.value.code == "N-007"


def test_a_sane_policy_is_taken() -> None:
    rules.check_policy(Policy(1, 1, 0))
    rules.check_policy(rules.DEFAULT)


def test_a_place_may_be_several_of_the_four_kinds() -> None:
    assert rules.beings(Medium.DISK, Medium.DISK, is_far=False, is_offline=False) == {Being.ONLINE}
    assert rules.beings(Medium.TAPE, Medium.DISK, is_far=True, is_offline=True) == {
        Being.OFFLINE,
        Being.FAR,
        Being.OTHER_KIND,
    }


def test_contents_go_first_and_the_inventorys_digest_file_last() -> None:
    names = ["inventory.json.sha512", "0=ocfl_object_1.1", "inventory.json", "v2/inventory.json", "v1/content/b"]

    ordered = rules.in_order(names)

    assert ordered[0] == "v1/content/b" and ordered[-2:] == ["inventory.json", "inventory.json.sha512"]


def test_the_pace_never_passes_its_limit() -> None:
    free_at, waited = 0.0, 0.0
    for _ in range(10):
        free_at, wait = rules.paced(free_at, waited, 100, 1000)
        waited += wait
    assert waited == pytest.approx(1.0)
    assert rules.paced(5.0, 1.0, 100, 0) == (1.0, 0.0)


def month(number: int, size: int, objects: int = 1) -> Month:
    return Month(dt.date(2026, number, 1), size, objects)


@pytest.mark.acceptance("S4-C7")
def test_growth_is_the_mean_of_the_whole_months_and_leaves_the_one_under_way_out() -> None:
    today = dt.date(2026, 11, 22)

    assert rules.growth([month(9, 300), month(11, 10**9)], today) == (150.0, 0.5)
    assert rules.growth([month(11, 70)], today) == (70.0, 1.0)
    assert rules.growth([], today) == (0.0, 0.0)
    old = Month(dt.date(2020, 1, 1), 10**9, 5)
    assert rules.growth([old, month(10, 120)], today)[0] == 10.0  # a year back, not to the beginning


def test_room_lasts_as_long_as_what_ends_first() -> None:
    full = {"free_bytes": 1000, "free_inodes": 30, "bytes_a_month": 100.0, "inodes_a_month": 10.0}

    assert rules.months_left(**full) == 3.0  # type: ignore[arg-type]
    assert rules.months_left(free_bytes=1000, free_inodes=None, bytes_a_month=100.0, inodes_a_month=10.0) == 10.0
    assert rules.months_left(free_bytes=None, free_inodes=None, bytes_a_month=1.0, inodes_a_month=1.0) is None
    assert rules.months_left(free_bytes=5, free_inodes=5, bytes_a_month=0.0, inodes_a_month=0.0) is None


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert rules.months_before(dt.date(2026, 1, 15), 1) == dt.date(2025, 12, 1)
    assert rules.months_before(dt.date(2026, 12, 1), -1) == dt.date(2027, 1, 1)
