"""The grammar of a question: what is meant, what is refused, what is mended."""

import base64
import hmac
import random

import pytest

from anjuan.core.asking import folding, grammar, numbers
from anjuan.core.asking.pinyin import readings, spelled
from anjuan.core.asking.questions import (
    Every,
    Keyed,
    Labelled,
    Masked,
    Number,
    Question,
    Some,
    Span,
    Without,
    Words,
    leaves,
)
from anjuan.core.refusals import Refusal
from anjuan.facilities.search import rules
from tests.builders import number


def told(question: Question) -> str:
    """A question in brackets: what binds to what."""
    match question:
        case Every(parts):
            return f"({' & '.join(told(part) for part in parts)})"
        case Some(parts):
            return f"({' / '.join(told(part) for part in parts)})"
        case Without(part):
            return f"!{told(part)}"
        case Keyed(_, key, value, is_start):
            return f"{key.value}={value}{'*' * is_start}"
        case Number(_, digits):
            return f"#{digits}"
        case Masked(_, head, tail):
            return f"#{head}..{tail}"
        case Span(_, column, low, high):
            return f"{column.value}:{low}..{high}"
        case Labelled(_, column, value):
            return f"{column.value}={value}"
        case Words(asked, _, place):
            return asked if place == "ANYWHERE" else f"{place.value}:{asked}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("王伟 退休", "(王伟 & 退休)"),
        ("王伟 AND 退休 OR 工伤", "((王伟 & 退休) / 工伤)"),
        ("王伟 OR 退休 工伤", "(王伟 / (退休 & 工伤))"),
        ("王伟 NOT 退休 OR 工伤", "((王伟 & !退休) / 工伤)"),
        ("NOT 王伟 退休", "(!王伟 & 退休)"),
        ("-王伟|退休", "(!王伟 / 退休)"),
        ("王伟 （退休 | 工伤） -医疗", "(王伟 & (退休 / 工伤) & !医疗)"),
        ("ＮＯＴ 王伟", "!王伟"),
        ("NOT NOT 王伟", "!!王伟"),
        ("not 王伟", "(not & 王伟)"),
        ('"OR"', "OR"),
        ("姓名：王伟", "NAME=王伟"),
        ("name: 王伟", "NAME=王伟"),
        ("name:买买提·艾力", "NAME=买买提艾力"),
        ("单位:红星*", "NAME=红星*"),
        ("title:退休 正文:工伤", "(TITLE:退休 & PAGES:工伤)"),
        ("題名：退休", "TITLE:退休"),
        ("date:2019..2021", "FORMED:2019-01-01..2021-12-31"),
        ("date:2024-02", "FORMED:2024-02-01..2024-02-29"),
        ("date:..2021-06-30", "FORMED:..2021-06-30"),
        ("year:2019..", "YEAR:2019.."),
        ("环节:退休 class:01", "(STEP=退休 & CATEGORY=01)"),
        ("档号:j001-zy•sb.01", "CODE=J001-ZY·SB·01"),
        ("py:王", None),
        ("pinyin:Wáng", "(PINYIN=wang / INITIALS=wang)"),
        ("1101**********1234", "#1101..1234"),
        ("id:1101051949*", "#1101051949.."),
        ("id:**123x", "#..123X"),
        ("110105194912310021", "#110105194912310021"),
        ("１１０１０５１９４９１２３１００２ｘ", "#11010519491231002X"),
        ("1101051949*", "(1101051949 / #1101051949..)"),
        ("foo:bar", "foo:bar"),
    ],
)
def test_a_question_means_what_the_grammar_says(typed: str, meant: str | None) -> None:
    question = grammar.read(typed).question

    assert told(question) == (typed if meant is None else meant)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("王" * 201, "X-001"),
        ("——，。", "X-002"),
        ("()", "X-002"),
        ("王伟 AND", "X-003"),
        ("OR 王伟", "X-003"),
        ("王伟 OR AND 退休", "X-003"),
        ("NOT", "X-003"),
        ("(NOT)", "X-003"),
        ("姓名：", "X-003"),
        ("name:(王伟)", "X-003"),
        ("date:2021..2019", "X-004"),
        ("year:2021..2019", "X-004"),
        ("date:2019-02-30", "X-005"),
        ("date:..", "X-005"),
        ("year:2019-03", "X-005"),
        ("年度:去年", "X-005"),
        ("王*伟", "X-006"),
        ("name:王*伟", "X-006"),
        ("110***12", "X-007"),
        ("id:王伟", "X-007"),
        ("id:12*", "X-007"),
        (" ".join(f"w{place}" for place in range(33)), "X-008"),
        ("(" * 40 + "王伟", "X-008"),
        ("- - " + "NOT " * 40 + "王", "X-008"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused_with_its_reason(typed: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        grammar.read(typed)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("typed", "meant", "notes"),
    [
        ("“退休 王伟", "退休 王伟", ["CLOSED_QUOTE"]),
        ("(王伟 OR 退休", "(王伟 / 退休)", ["CLOSED_BRACKET"]),
        ("王伟) 退休", "(王伟 & 退休)", ["STRAY_BRACKET"]),
        ("王伟 —— 退休", "(王伟 & 退休)", ["LEFT_OUT"]),
        ("王伟 or 退休", "(王伟 & or & 退休)", ["LOWER_CASE"]),
        ("王伟 退休", "(王伟 & 退休)", []),
    ],
)
def test_what_can_be_mended_is_mended_and_said(typed: str, meant: str, notes: list[str]) -> None:
    asked = grammar.read(typed)

    assert (told(asked.question), [note.code for note in asked.notes]) == (meant, notes)


def test_leaves_under_a_not_are_not_what_is_wanted() -> None:
    question = grammar.read("王伟 -退休 NOT (工伤 NOT 医疗)").question

    assert [leaf.asked for leaf in leaves(question)] == ["王伟", "医疗"]


@pytest.mark.parametrize(
    ("text", "asked", "holds"),
    [
        ("养老保险待遇核定表", "待遇核定", True),
        ("养老保险待遇，核定表", "待遇核定", False),
        ("养老保险待遇，核定表", "待遇、核定", True),
        ("养老保险待\n遇 核定表", "待遇核定", True),
        ("养老保险待遇核定表", "核定待遇", False),
        ("工龄12年", "12", True),
        ("工龄123年", "12", False),
        ("工龄12年", "工龄12年", True),
        ("ＦＯＲＭ　Ａ", "form a", True),
        ("關係轉移", "关系转移", True),
        ("关系转移", "關係轉移", True),
        ("养\u200b老", "养老", True),
        ("买买提·艾力", "买买提艾力", True),
        ("买买提艾力", "买买提．艾力", True),
        ("1.姓名", "1姓名", False),
        ("表", "表", True),
        ("欧阳𬭎", "阳𬭎", True),
        ("\ue123\ue124某", "\ue124某", True),
        ("\U000323b0生", "\U000323b0生", True),
    ],
)
def test_a_text_holds_what_stands_in_it_in_a_row(text: str, asked: str, holds: bool) -> None:
    looked_for = folding.phrase(asked)
    assert looked_for is not None

    assert folding.holds(folding.encoded(text), looked_for) is holds
    assert bool(folding.spans(text, looked_for)) is holds
    if holds:
        tokens = folding.tokens(folding.encoded(text))
        for needle in looked_for.needles:
            assert any(each.startswith(needle.token) if needle.is_start else each == needle.token for each in tokens)


def test_what_is_marked_is_what_was_asked_in_the_text_as_it_stands() -> None:
    text = "單位：江滨市ＦＯＲＭ表，form 表"
    looked_for = folding.phrase("form表")
    assert looked_for is not None

    assert [text[start:end] for start, end in folding.spans(text, looked_for)] == ["ＦＯＲＭ表", "form 表"]


@pytest.mark.parametrize("spelled_so", ["{0}", "{0[0]}", "{1}", "{2}", "{3}", "{4}", "身份证{0}号", "ID{0}X"])
def test_numbers_of_persons_leave_no_token_and_are_read_however_they_are_written(spelled_so: str) -> None:
    whole = number(7)
    grouped = f"{whole[:6]} {whole[6:14]} {whole[14:]}"
    four = f"{whole[:6]}-{whole[6:10]}-{whole[10:14]}-{whole[14:]}"
    text = spelled_so.format(whole, grouped, " ".join(whole), four, f"{whole[:9]}\n{whole[9:]}")
    found = folding.tokens(folding.encoded(text))

    assert not any(token in whole.casefold() and len(token) > 1 and token.isdigit() for token in found)
    if spelled_so != "{0[0]}":
        assert [each.number for each in numbers.found_in(folding.plain(text))] == [whole]


def test_amounts_codes_and_credit_codes_keep_their_tokens() -> None:
    found = folding.tokens(folding.encoded("1200 1300 1400 1500 1600，X043-JGYL-2024-001-0001，91110105MA01ABCD2X"))

    assert {"1200", "1600", "x043", "jgyl", "2024", "0001", "91110105ma01abcd2x"} <= set(found)


def test_fifteen_digits_are_of_the_last_century_and_both_forms_are_one_number() -> None:
    old = "110105491231002"
    long = numbers.widened(old)

    assert long.startswith("11010519491231002") and len(long) == 18
    assert numbers.whole(old) in numbers.kept_of(long)
    assert numbers.whole(long) in numbers.kept_of(old)
    assert numbers.whole("110105200001010018") in numbers.kept_of("110105200001010018")
    assert len(numbers.kept_of("6228480000000000019")) == 1


@pytest.mark.parametrize(
    ("name", "whole", "initials"),
    [
        ("单晓龙", "shanxiaolong", "sxl"),
        ("仇和", "qiuhe", "qh"),
        ("曾國藩", "zengguofan", "zgf"),
        ("吕绿", "lvlv", "ll"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("买买提·艾力", "maimaitiaili", "mmtal"),
    ],
)
def test_names_are_spelled_as_names_are_read(name: str, whole: str, initials: str) -> None:
    assert (whole, initials) in readings(name)


def test_what_is_typed_as_pinyin_may_have_blanks_tones_and_either_u() -> None:
    assert [spelled(each) for each in ("Wang Wei", "lǚ", "lü", "Xi'an", "王", "a4")] == [
        "wangwei", "lv", "lv", "xian", "", "",
    ]  # fmt: skip


def test_a_page_without_end_has_a_bounded_number_of_tokens() -> None:
    text = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(200_000))

    assert sum(len(token.encode()) for token in folding.tokens(text)) <= folding.MOST_TOKEN_BYTES


def test_a_text_encoded_in_runs_is_the_one_its_atoms_give() -> None:
    drawn = random.Random(5)
    signs = "王李退休待遇核定表 \n\t,，。.·•‧－-1234567890１２abcXYZxÀéﬁ㎡½ぁㄅ體個①Ⅳ𠀀𰻞́\u200b（）/:\x1f\x1e\x00ー々〇"
    for _ in range(3_000):
        parts = [
            "".join(drawn.choices(signs, k=4))
            if drawn.random() < 0.7
            else drawn.choice((number(3), number(3)[:15], "1 2"))
            for _ in range(drawn.randrange(1, 12))
        ]
        text = "".join(parts)
        kept = folding.encoded(text)
        assert kept == folding._encoded(folding.atoms(text)), text
        assert folding._tokens_in_runs(kept) == set(folding._tokens(kept)), text


@pytest.mark.parametrize("key", [b"k", b"a key of the house" * 3, b"longer than a block " * 9])
def test_the_digest_of_a_number_is_the_standards_own(key: bytes) -> None:
    digest = rules.keyed(key)
    for part in ("5", "330102", "330102194903", "330102194903082170", "33010219490308217X"):
        octets = hmac.digest(key, part.encode(), "sha256")
        assert digest(part) == digest(part) == base64.b64encode(octets).decode()[: rules.DIGEST_CHARACTERS]
