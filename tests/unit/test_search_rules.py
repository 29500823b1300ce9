"""How text is cut, and when it holds what was asked."""

import pytest

from anjuan.facilities.search import rules
from tests.builders import number


def test_ideographs_are_kept_in_pairs_and_words_whole() -> None:
    assert set(rules.tokens(["养老待遇（２０２４）Form-A"])) == {"养老", "老待", "待遇", "遇", "2024", "form", "a"}


@pytest.mark.parametrize("text", ["欧阳𬭎", "\ue123\ue124某"])
def test_rare_characters_are_parts_like_any_other(text: str) -> None:
    assert rules.holds([f"姓名：{text} 男"], tuple(rules.atoms(text)))
    assert {needle.token for needle in rules.needles(tuple(rules.atoms(text)))} <= set(rules.tokens([text]))


@pytest.mark.parametrize("spelled", ["{0}", "{0[0]}", "{1}", "{2}", "{3}", "身份证{0}号", "ID{0}X"])
def test_numbers_of_persons_leave_no_token(spelled: str) -> None:
    whole = number(7)
    grouped = f"{whole[:6]} {whole[6:14]} {whole[14:]}"
    text = spelled.format(whole, grouped, " ".join(whole), f"{whole[:6]}-{whole[6:10]}-{whole[10:14]}-{whole[14:]}")
    found = rules.tokens([text])

    assert not any(token in whole and len(token) > 1 and token.isdigit() for token in found)


def test_amounts_and_reference_codes_keep_their_tokens() -> None:
    found = rules.tokens(["1200 1300 1400 1500 1600", "X043-JGYL-2024-001-0001"])

    assert {"1200", "1600", "x043", "jgyl", "2024", "0001"} <= set(found)


@pytest.mark.parametrize(
    ("text", "asked", "holds"),
    [
        ("养老保险待遇核定表", "待遇核定", True),
        ("养老保险待遇，核定表", "待遇核定", True),
        ("养老保险待遇核定表", "核定待遇", False),
        ("工龄12年", "12", True),
        ("工龄123年", "12", False),
        ("ＦＯＲＭ　Ａ", "form", True),
        ("表", "表", True),
    ],
)
def test_a_text_holds_a_term_when_its_parts_stand_in_a_row(text: str, asked: str, holds: bool) -> None:
    (term,) = rules.terms(asked)

    assert rules.holds([text], term) is holds
    if holds:
        tokens = rules.tokens([text])
        for needle in rules.needles(term):
            assert any(t.startswith(needle.token) if needle.is_start else t == needle.token for t in tokens)


def test_what_is_asked_is_cut_at_blanks_and_bounded() -> None:
    assert rules.terms(" 王伟　2024 王伟 —— ") == (("王", "伟"), ("2024",))
    assert len(rules.terms(" ".join(f"w{n}" for n in range(50)))) == rules.MOST_TERMS
    assert rules.needles((number(1).casefold(),)) == ()


def test_a_page_without_end_has_a_bounded_number_of_tokens() -> None:
    text = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(200_000))

    assert sum(len(token.encode()) for token in rules.tokens([text])) <= rules.MOST_TOKEN_BYTES
