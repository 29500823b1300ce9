"""A sentence becomes a question of the published grammar: what is known by its form, by the records and by the bank."""

import datetime as dt

import pytest

from anjuan.core.asking import grammar, sentences
from anjuan.core.asking.folding import encoded
from anjuan.core.asking.sentences import Kind, Known, Part
from anjuan.core.asking.times import times

TODAY = dt.date(2026, 11, 23)
KNOWN = Known(
    names=frozenset({"王伟", "李强", "江滨市第一纺织厂", "河西(演示)", "买买提·艾力"}),
    terms=frozenset({"退休待遇核定", "工伤认定"}),
)
NUMBER = "110105194912310021"
CODE = "j001-zy·sb·03·2024·bh-0001-001"


def asked(sentence: str) -> str:
    return sentences.understood(sentence, KNOWN, today=TODAY).question


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("王伟2019年退休时核定的待遇是什么依据？", "姓名:王伟 年度:2019 (退休 OR 离休) (核定 OR 审核 OR 核准) 待遇"),
        ("2020年以后有哪些工伤认定决定书", "年度:2020.. (工伤认定 OR 因工负伤认定) 决定书"),
        (
            "请问王伟和李强2018年到2020年的退休金",
            "(姓名:王伟 OR 姓名:李强) 年度:2018..2020 (退休金 OR 养老金 OR 养老待遇)",
        ),
        (f"身份证{NUMBER}的失业金", f"身份证:{NUMBER} (失业金 OR 失业保险金)"),
        ("身份证在哪里", "身份证"),
        (f"档号{CODE.upper()}的第几页有工龄", f'(档号:{CODE} OR "{CODE}") (工龄 OR 工作年限)'),
        ("1101**********1234的退休证", "身份证:1101**********1234 退休证"),
        ("尾号1234的退休证", "身份证:**1234 退休证"),
        ("91110105MA01ABCD2X补缴", "信用代码:91110105ma01abcd2x (补缴 OR 补费)"),
        ("江滨市第一纺织厂什么时候欠费的", "姓名:江滨市第一纺织厂 (欠费 OR 欠缴)"),
        ("河西（演示）的名册", '姓名:"河西(演示)" 名册'),
        ("买买提·艾力的“待遇 核定表”", '姓名:买买提·艾力 "待遇 核定表"'),
        ("退休和工伤认定有哪些", "(退休 OR 离休 OR 工伤认定 OR 因工负伤认定)"),
        ("退休待遇核定", "退休待遇核定"),
        ("紅星電子廠的養老金", "红星电子厂 (养老金 OR 退休金 OR 养老待遇)"),
        ("你好吗？", ""),
        ("and or not", ""),
        ("……（）“”", ""),
    ],
)
def test_a_sentence_is_asked_as(sentence: str, question: str) -> None:
    assert asked(sentence) == question
    if question:
        grammar.read(question)


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("2019年", "年度:2019"),
        ("2019年度", "年度:2019"),
        ("2019年3月", "日期:2019-03"),
        ("2019年3月5日", "日期:2019-03-05"),
        ("二〇一九年三月十五日", "日期:2019-03-15"),
        ("二零一九年十二月", "日期:2019-12"),
        ("2019-03-15", "日期:2019-03-15"),
        ("2019.3.5", "日期:2019-03-05"),
        ("2020年以后", "年度:2020.."),
        ("2020年以来", "年度:2020.."),
        ("2020以后", "年度:2020.."),
        ("自2018年起", "年度:2018.."),
        ("2020年3月之前", "日期:..2020-03"),
        ("截至2020年", "年度:..2020"),
        ("2018年到2020年", "年度:2018..2020"),
        ("2018-2020年", "年度:2018..2020"),
        ("2018年至2020年3月", "日期:2018..2020-03"),
        ("2019年上半年", "日期:2019-01..2019-06"),
        ("去年", "年度:2025"),
        ("今年", "年度:2026"),
        ("2018年和2019年", "(年度:2018 OR 年度:2019)"),
        ("2018年以后2020年以前", "年度:2018.. 年度:..2020"),
    ],
)
def test_times_are_ranges_of_the_grammar(sentence: str, question: str) -> None:
    assert asked(sentence) == question
    grammar.read(question)


@pytest.mark.parametrize("sentence", ["2019年13月", "2019年2月30日", "2020年到2018年", "12019年", "2019-13-01"])
def test_what_is_no_time_is_not_taken_for_one(sentence: str) -> None:
    assert not [time.asked for time in times(sentence, today=TODAY) if "13" in time.asked or "30" in time.asked]
    assert "2020..2018" not in asked(sentence)
    assert "年度:1201" not in asked(sentence)


def test_what_is_left_out_and_what_the_bank_added_is_said() -> None:
    read = sentences.understood("请问王伟的退休金有多少？", KNOWN, today=TODAY)

    assert read.left_out == ("请问", "的", "有", "多少")
    assert [(part.kind, part.said, part.added) for part in read.parts] == [
        (Kind.NAME, "王伟", ()),
        (Kind.TERM, "退休金", ("养老金", "养老待遇")),
    ]


def test_every_word_that_is_not_asked_for_is_said() -> None:
    sentence = "我想知道买买提同志的档案第三页写了什么内容呢"
    read = sentences.understood(sentence, KNOWN, today=TODAY)

    told = "".join([*read.left_out, *(part.said for part in read.parts)])
    assert set(sentence) <= set(told)


def test_a_name_is_known_only_where_it_is_given_in() -> None:
    assert sentences.understood("王伟", Known(), today=TODAY).parts[0].kind is Kind.WORD
    assert sentences.understood("王伟", KNOWN, today=TODAY).parts[0].kind is Kind.NAME
    assert {"王伟", "伟的", "王伟的退休"} <= sentences.candidates("王伟的退休？")
    assert max(map(len, sentences.candidates("甲" * 100))) == sentences.LONGEST_NAME


def test_questions_grow_softer_one_part_at_a_time_and_never_lose_a_name_a_number_or_a_code() -> None:
    read = sentences.understood(f"王伟{NUMBER}SL2024-0001在2019年退休核定的某某函和某乙函", KNOWN, today=TODAY)
    steps = [(sentences.question_of(kept), [part.said for part in gone]) for kept, gone in sentences.softer(read.parts)]

    assert steps[0] == (read.question, [])
    assert [gone for _, gone in steps] == sorted((gone for _, gone in steps), key=len)
    assert all(("姓名:王伟" in q and NUMBER in q and "sl2024-0001" in q) for q, _ in steps)
    order = [said for said in steps[-1][1]]
    kinds = [next(part.kind for part in read.parts if part.said == said) for said in order]
    assert kinds == sorted(kinds, key=lambda kind: -list(Kind).index(kind))
    assert "年度" not in steps[-1][0]
    assert 1 < len(steps) <= sentences.MOST_ASKED


def test_where_nothing_is_hard_one_part_stays() -> None:
    parts = [
        Part(Kind.TIME, "2019年", ("年度:2019",)),
        Part(Kind.TERM, "退休", ("退休",)),
        Part(Kind.WORD, "函", ("函",)),
    ]

    assert [kept for kept, _ in sentences.softer(parts)][-1] == (parts[0],)


def test_many_parts_take_a_handful_of_questions_and_the_last_gives_up_all_it_may() -> None:
    parts = [Part(Kind.NAME, "王伟", ("姓名:王伟",)), *(Part(Kind.WORD, f"词{n}", (f"词{n}",)) for n in range(20))]
    steps = [kept for kept, _ in sentences.softer(parts)]

    assert len(steps) == sentences.MOST_ASKED
    assert steps[-1] == (parts[0],)


def test_a_question_is_no_longer_than_a_question_may_be_and_says_what_did_not_fit() -> None:
    sentence = "王伟" + "、".join(f"甲{sign}乙厂" for sign in "东南西北春夏秋冬梅兰竹菊松柏")
    long = sentences.understood(sentence + "退休金养老金失业金死亡转移断保补缴退费", KNOWN, today=TODAY)

    assert len(long.question) <= grammar.MOST_TYPED
    assert "姓名:王伟" in long.question
    grammar.read(long.question)


def test_numbers_of_persons_are_hidden_before_a_sentence_is_told_to_others() -> None:
    sentence = f"王伟{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}和1101**********1234、尾号4321的退休"

    told = sentences.hidden(sentence)

    assert told.startswith("王伟 ●●●") and told.endswith("的退休")
    assert not any(row in told for row in ("1101", "0021", "4321", "1949"))


def test_no_word_of_the_bank_is_written_in_two_ways_that_fold_to_nothing() -> None:
    bank = sentences.bank()

    assert all(encoded(word) for word in (*bank.groups, *bank.left_out, *bank.joining))
    assert not bank.joining & bank.left_out
    assert not set(bank.groups) & bank.left_out, "a word is asked for or left out, not both"
    for word, others in bank.groups.items():
        assert word not in others
        assert all(word in bank.groups[other] for other in others)
