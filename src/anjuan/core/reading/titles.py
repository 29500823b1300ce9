"""What a page is called, and which paper of a step it is (题名识别)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anjuan.core.reading.pages import Line
from anjuan.core.reading.words import bare, holds, likeness

_TOP = 0.4  # of the page: lower down nothing is a title
_CENTRED = 0.2
_LARGER = 1.15  # than the median line
_MOST = 4
_LONGEST = 32  # letters: what is longer is a sentence
_SENTENCE = re.compile(r"[，。；,;]")
_SHORT = 4  # letters: shorter names stand in many sentences
_KINDS = (
    "申请表",
    "申报表",
    "审批表",
    "登记表",
    "核定表",
    "汇总表",
    "明细表",
    "变更表",
    "计算表",
    "备案表",
    "通知书",
    "决定书",
    "证明",
    "凭证",
    "回执",
    "花名册",
    "名册",
    "清单",
    "承诺书",
    "委托书",
    "协议",
    "合同",
    "表",
    "单",
    "书",
    "册",
)
_COPY = ("复印件", "原件")


@dataclass(frozen=True)
class Title:
    """A line that may be the title of its page; ``size`` is its height as a part of the page's."""

    text: str
    size: float


def titles(lines: Sequence[Line]) -> tuple[Title, ...]:
    """Lines that may be the page's title, the most likely first."""
    heights = sorted(line.box[3] for line in lines)
    if not heights:
        return ()
    usual = heights[len(heights) // 2]
    found = [
        line
        for line in lines
        if line.middle < _TOP
        and 2 <= len(bare(line.text)) <= _LONGEST
        and not _SENTENCE.search(line.text)
        and any("\u4e00" <= sign <= "\u9fff" for sign in line.text)
        and abs(line.box[0] + line.box[2] / 2 - 0.5) < _CENTRED
        and (line.box[3] > _LARGER * usual or bare(line.text).endswith(_KINDS))
    ]
    found.sort(key=lambda line: (-round(line.box[3] / usual, 1), line.box[1]))
    return tuple(Title(bare(line.text), round(line.box[3], 4)) for line in found[:_MOST])


def called(known: Iterable[Title], name: str) -> float:
    """How well one of these titles goes with the name of a paper, 0 to 1.

    A title that says more (参保人员基本养老保险待遇核定表) goes with the shorter name (待遇核定表) when all letters of
    that stand in it together.
    """
    wanted = _named(name)
    return max((_goes(_named(title.text), wanted) for title in known), default=0.0)


def _named(text: str) -> str:
    """Letters of a name, whether the paper is a copy or not."""
    name = bare(text)
    for ending in _COPY:
        name = name.removesuffix(ending)
    return name


def _goes(title: str, wanted: str) -> float:
    if len(wanted) < _SHORT:
        return 1.0 if title.endswith(wanted) else likeness(title, wanted)
    return max(holds(title, wanted), likeness(title, wanted))


def is_form(known: Iterable[Title]) -> bool:
    """Whether the page calls itself a form, list or certificate at all."""
    return any(title.text.endswith(_KINDS) for title in known)
