"""A corpus of records for search: rare signs, both scripts, dots in names, numbers old and new, shared and mistyped.

Nothing here comes from the program.
"""

import random
from dataclasses import dataclass, field

ZERO_WIDTH = "\u200b\u200c\ufeff"
DOTS = "·•‧・.．"
# Traditional signs the corpus is written in, by hand.
TRADITIONAL = dict(
    zip(
        "证险缴费员职工龙国关系转续龄单认领档医疗业乡镇县",
        "證險繳費員職工龍國關係轉續齡單認領檔醫療業鄉鎮縣",
        strict=True,
    )
)
SIMPLE = {there: here for here, there in TRADITIONAL.items()}
# Names of people and how they are spelled, by hand: every whole spelling and every row of initials.
PEOPLE: dict[str, tuple[set[str], set[str]]] = {
    "王伟": ({"wangwei"}, {"ww"}),
    "王玮": ({"wangwei"}, {"ww"}),
    "单晓龙": ({"shanxiaolong", "danxiaolong"}, {"sxl", "dxl"}),
    "仇国梁": ({"qiuguoliang", "chouguoliang"}, {"qgl", "cgl"}),
    "曾丽": ({"zengli", "cengli"}, {"zl", "cl"}),
    "吕绿": ({"lvlv"}, {"ll"}),
    "欧阳𬭎": ({"ouyanghong"}, {"oyh"}),
    "买买提·艾力": ({"maimaitiaili"}, {"mmtal"}),
    "龙翔": ({"longxiang"}, {"lx"}),
    "㛃㛃": (set(), set()),
}
UNITS = ("红星电子厂", "江滨市第一纺织厂", "龙国医疗有限公司")
WORDS = (
    "养老保险", "退休", "工伤认定", "失业", "医疗", "缴费", "关系转移接续", "待遇核定表", "个人账户", "职工档案",
    "证明", "视同缴费年限", "特殊工种", "一次性领取", "龙头镇", "乡镇企业", "㛃", "𬭎", "䶮", "\ue123", "二〇一九年",
    "Form", "A4", "SB2019", "2019", "0731", "sl", "GB", "12", "工龄", "单位", "Ⅲ", "㎡",
)  # fmt: skip
SIGNS = ("，", "。", "：", "（", "）", " ", "\n", "、", " ", "", "", "", "", "", "·")
STEPS = {"PENSION_RETIREMENT": "养老保险退休核定", "WORK_INJURY": "工伤认定申请", "TRANSFER": "关系转移接续"}
PATHS = {"/SJ/BH/": "BH", "/SJ/BH/Z1/": "Z1", "/SJ/HX/": "HX"}


@dataclass(frozen=True)
class Num:
    """A number on a page: how it is written there, and what it is."""

    written: str
    number: str


Piece = str | Num


@dataclass
class Doc:
    """One record."""

    item: int
    path: str
    category: str
    step: str
    line: str
    state: str
    year: int
    formed: str
    title: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    numbers: tuple[str, ...]
    credit_codes: tuple[str, ...]
    pages: list[list[Piece]] = field(default_factory=list)

    @property
    def agency(self) -> str:
        return PATHS[self.path]

    def page(self, number: int) -> str:
        """A page as it is written."""
        return "".join(piece if isinstance(piece, str) else piece.written for piece in self.pages[number])

    def bare_pages(self) -> list[str]:
        """Pages with something that is no letter where a number stands."""
        return ["".join(piece if isinstance(piece, str) else "\ufffc" for piece in page) for page in self.pages]

    def all_numbers(self) -> list[str]:
        found = [*self.numbers, *self.credit_codes]
        return found + [piece.number for page in self.pages for piece in page if isinstance(piece, Num)]


def check_digit(first: str) -> str:
    """GB 11643, by the sum itself."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(first))
    return "10X98765432"[total % 11]


def widened(number: str) -> str:
    if len(number) == 15:
        first = number[:6] + "19" + number[6:]
        return first + check_digit(first)
    return number


class Corpus:
    """Records made from a seed."""

    def __init__(self, seed: int, size: int) -> None:
        self.dice = random.Random(seed)
        self.people = [self._number() for _ in range(40)]
        self.docs = [self._doc(item) for item in range(1, size + 1)]

    def _number(self) -> str:
        year = self.dice.choice((1949, 1964, 1978, 1999, 2003))
        place = self.dice.choice(("110105", "120106", "430102"))
        first = f"{place}{year}{self.dice.randint(1, 12):02}{self.dice.randint(1, 28):02}{self.dice.randint(0, 29):03}"
        check = check_digit(first)
        if self.dice.random() < 0.15:  # written down with a wrong check digit, long ago
            check = "1" if check != "1" else "2"
        if year < 2000 and self.dice.random() < 0.2:
            return first[:6] + first[8:]
        return first + check

    def _spelled(self, number: str) -> Num:
        way = self.dice.randint(0, 5)
        if way == 1 and len(number) == 18:
            return Num(f"{number[:6]} {number[6:14]} {number[14:]}", number)
        if way == 2:
            return Num(" ".join(number), number)
        if way == 3:
            at = self.dice.randint(3, len(number) - 3)
            return Num(f"{number[:at]}\n{number[at:]}", number)
        if way == 4:
            return Num("".join(chr(ord(sign) + 0xFEE0) for sign in number), number)
        if way == 5:
            return Num(number.lower(), number)
        return Num(number, number)

    def dressed(self, text: str) -> str:
        """The same to whoever reads it: traditional script, full width, capitals, signs without width."""
        found = ""
        for sign in text:
            turn = self.dice.random()
            if turn < 0.12 and sign in TRADITIONAL:
                sign = TRADITIONAL[sign]
            elif turn < 0.16 and "!" < sign < "~" and sign not in '()"|-*:':
                sign = chr(ord(sign) + 0xFEE0)
            elif turn < 0.2 and sign.isascii():
                sign = sign.swapcase()
            found += sign
            if self.dice.random() < 0.02:
                found += self.dice.choice(ZERO_WIDTH)
        return found

    def text(self, length: int) -> str:
        pieces: list[str] = []
        for _ in range(length):
            word = self.dice.choice((*WORDS, *PEOPLE, *UNITS)) if self.dice.random() < 0.9 else self.dice.choice(WORDS)
            if pieces and pieces[-1][-1:].isascii() and pieces[-1][-1:].isalnum() and word[0].isascii():
                pieces.append(" ")
            pieces.append(word)
            pieces.append(self.dice.choice(SIGNS))
            if self.dice.random() < 0.1:  # a line ends within a word
                at = self.dice.randint(1, max(len(pieces[-2]) - 1, 1))
                if not pieces[-2].isascii():
                    pieces[-2] = pieces[-2][:at] + "\n" + pieces[-2][at:]
        return self.dressed("".join(pieces))

    def _page(self) -> list[Piece]:
        page: list[Piece] = [self.text(self.dice.randint(2, 14))]
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            number = self.dice.choice(self.people)
            if self.dice.random() < 0.15:
                number = f"62284800{self.dice.randint(0, 20):011}"  # an account
                page += ["账号：", Num(number, number), "。"]
            else:
                page += ["身份证号：", self._spelled(number), "。"]
            page.append(self.text(self.dice.randint(1, 6)))
        return page

    def _doc(self, item: int) -> Doc:
        year = self.dice.randint(2015, 2024)
        names = tuple(self.dice.sample([*PEOPLE, *UNITS], self.dice.choice((1, 1, 2, 4))))
        path = self.dice.choice(list(PATHS))
        category = self.dice.choice(("01", "02", "03"))
        made = Doc(
            item=item,
            path=path,
            category=category,
            step=self.dice.choice(list(STEPS)),
            line=self.dice.choice(("PENSION", "MEDICAL")),
            state=self.dice.choice(("COLLECTING", "FILING", "HELD")),
            year=year,
            formed=f"{year}-{self.dice.randint(1, 12):02}-{self.dice.randint(1, 28):02}",
            title=self.text(self.dice.randint(1, 4)),
            names=tuple(self.dressed(name) for name in names),
            codes=(f"J001-ZY·SB·{category}·{year}·{PATHS[path]}-0001-{item:03}", f"SL{year}-{item:04}"),
            numbers=tuple(self.dice.sample(self.people, self.dice.choice((0, 1, 1, 2)))),
            credit_codes=(self.dice.choice(("91110105MA01ABCD2X", "911101050000373417")),)
            if self.dice.random() < 0.2
            else (),
        )
        made.pages = [self._page() for _ in range(self.dice.choice((0, 1, 2, 3)))]
        return made
