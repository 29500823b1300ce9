"""Numbers that name people and units."""

import datetime as dt

import pytest

from anjuan.core import identifiers
from anjuan.core.refusals import Refusal

# The example of GB 11643-1999, annex; it names no living person.
EXAMPLE = "11010519491231002X"
# The example of GB 32100-2015.
CREDIT = "91350100M000100Y43"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (EXAMPLE, EXAMPLE),
        ("11010519491231002x", EXAMPLE),
        ("１１０１０５１９４９１２３１００２Ｘ", EXAMPLE),
        (" 110105 19491231 002X ", EXAMPLE),
        ("110105-19491231-002X", EXAMPLE),
        ("440524188001010014", "440524188001010014"),
    ],
)
def test_an_id_number_is_read_however_it_is_typed(typed: str, number: str) -> None:
    assert identifiers.citizen_id(typed) == number


def test_a_number_of_fifteen_digits_is_widened_into_the_nineteen_hundreds() -> None:
    assert identifiers.citizen_id("110105491231002") == EXAMPLE


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "1101051949123100",
        EXAMPLE + "1",
        "A" + EXAMPLE[1:],
        EXAMPLE[:17] + "Y",
        "X" + EXAMPLE[1:],
        "٣" * 18,
        "٣" * 15,
    ],
)
def test_a_number_of_the_wrong_length_or_signs_is_r_001(wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        identifiers.citizen_id(wrong)

    assert caught.value.code == "R-001"


@pytest.mark.parametrize("birth", ["19490230", "19491331", "19490000", "20230229", "00000101"])
def test_a_birth_date_that_never_was_is_r_002(birth: str) -> None:
    first17 = f"110105{birth}002"

    with pytest.raises(Refusal) as caught:
        identifiers.citizen_id(first17 + identifiers.id_check_digit(first17))

    assert caught.value.code == "R-002"


@pytest.mark.parametrize("last", sorted(set("0123456789X") - {"X"}))
def test_any_other_check_digit_is_r_003_and_the_right_one_is_said(last: str) -> None:
    with pytest.raises(Refusal) as caught:
        identifiers.citizen_id(EXAMPLE[:17] + last)

    assert caught.value.code == "R-003"
    assert caught.value.params["expected"] == "X"


def test_one_wrong_digit_anywhere_is_found() -> None:
    for place in range(17):
        for digit in "0123456789":
            typed = EXAMPLE[:place] + digit + EXAMPLE[place + 1 :]
            assert identifiers.is_valid_id(typed) is (typed == EXAMPLE)


def test_the_birth_date_stands_in_the_number() -> None:
    assert identifiers.birth_date(EXAMPLE) == dt.date(1949, 12, 31)


def test_a_credit_code_is_read_however_it_is_typed() -> None:
    assert identifiers.credit_code("９１３５０１００m000100y43 ") == CREDIT


@pytest.mark.parametrize("wrong", ["", CREDIT[:-1], CREDIT + "0", "9135010OM000100Y43", "91350100I000100Y43"])
def test_a_credit_code_of_the_wrong_length_or_signs_is_r_004(wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        identifiers.credit_code(wrong)

    assert caught.value.code == "R-004"


def test_a_wrong_check_character_of_a_credit_code_is_r_005() -> None:
    with pytest.raises(Refusal) as caught:
        identifiers.credit_code(CREDIT[:-1] + "4")

    assert caught.value.code == "R-005"
    assert caught.value.params["expected"] == "3"


@pytest.mark.parametrize(
    ("number", "shown"), [(EXAMPLE, "110105********002X"), ("12345", "*****"), ("", ""), (CREDIT, "913501********0Y43")]
)
def test_a_number_is_shown_with_its_middle_hidden(number: str, shown: str) -> None:
    assert identifiers.mask_id(number) == shown


@pytest.mark.parametrize(("name", "shown"), [("林晓", "林*"), ("欧阳娜娜", "欧***"), ("丁", "丁*"), ("", "")])
def test_a_name_is_shown_by_its_first_character(name: str, shown: str) -> None:
    assert identifiers.mask_name(name) == shown
