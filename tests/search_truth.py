"""Questions about a corpus, and what they should find, told by reading every text through (naively).

Nothing here comes from the program: folding, cutting, numbers, pinyin and the grammar are done a second time, in
another way (regular expressions over plain texts), so that a slip in the one is not repeated in the other.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.search_corpus import DOTS, PEOPLE, SIMPLE, STEPS, UNITS, ZERO_WIDTH, Corpus, Doc, widened


def normal(text: str) -> str:
    """Width, case and script alike; nothing without width; marks on letters fall away."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(SIMPLE.get(sign, sign) for sign in plain if sign not in ZERO_WIDTH)


def is_latin(sign: str) -> bool:
    return sign.isalnum() and ord(sign) < 0x2E80


def is_sign(sign: str) -> bool:
    """A sign that breaks: no letter, no blank. Letters of the private area and of the newest planes are letters."""
    return not (sign.isalnum() or sign.isspace() or 0xE000 <= ord(sign) <= 0xF8FF or ord(sign) >= 0x20000)


def holds(text: str, asked: str, *, is_start: bool = False) -> bool:
    """Whether a text has what was asked, its parts next to one another."""
    text, asked = normal(text), normal(asked)
    parts = re.findall(r"[0-9a-z]+|[^\s0-9a-z]", asked)
    letters = [part for part in parts if not is_sign(part[0])]
    spoken = [part for place, part in enumerate(parts) if is_sign(part[0]) and not _is_inner_dot(parts, place)]
    if spoken:  # a sign in the question: all signs of the text count as blanks
        text = "".join(" " if is_sign(sign) else sign for sign in text)
    pattern = ""
    for place, part in enumerate(letters):
        if place:
            is_between_ideographs = not is_latin(letters[place - 1][0]) and not is_latin(part[0])
            pattern += rf"[\s{re.escape(DOTS)}]*" if is_between_ideographs else r"\s*"
        if is_latin(part[0]):
            end = "" if is_start and place == len(letters) - 1 else r"(?![0-9a-z])"
            pattern += rf"(?<![0-9a-z]){part}{end}"
        else:
            pattern += re.escape(part)
    return bool(letters) and re.search(pattern, text) is not None


def _is_inner_dot(parts: Sequence[str], place: int) -> bool:
    if parts[place] not in DOTS or not 0 < place < len(parts) - 1:
        return False
    return not is_latin(parts[place - 1][0]) and not is_latin(parts[place + 1][0])


def same_name(name: str, asked: str) -> str:
    """Both names without dots and blanks, as a pair to be compared."""
    strip = rf"[\s{re.escape(DOTS)}]"
    return re.sub(strip, "", normal(name)) + "\0" + re.sub(strip, "", normal(asked))


def is_same_name(name: str, asked: str) -> bool:
    one, other = same_name(name, asked).split("\0")
    return one == other


def same_number(kept: str, asked: str) -> bool:
    if len(asked) == 15 and widened(asked)[10:12] <= "12":
        return kept == asked or (len(kept) == 18 and kept[6:8] == "19" and kept[:6] + kept[8:17] == asked)
    return kept == asked or (len(kept) == 15 and widened(kept) == asked)


def part_of_number(kept: str, head: str, tail: str) -> bool:
    long = widened(kept)
    return len(long) == 18 and long[:17].isdigit() and long.startswith(head) and long.endswith(tail)


Judge = Callable[[Doc], bool]


@dataclass(frozen=True)
class Asked:
    """A question as it is typed, what it means, and how tightly its outermost operator binds (3 a leaf, 0 OR)."""

    typed: str
    judge: Judge
    binds: int = 3


def fields(doc: Doc) -> list[str]:
    return [doc.title, STEPS[doc.step], *doc.names, *doc.codes, *doc.credit_codes]


def spoken(asked: str, *, is_start: bool = False) -> Judge:
    return lambda doc: any(holds(text, asked, is_start=is_start) for text in (*fields(doc), *doc.bare_pages()))


class Questions:
    """Questions about a corpus, from a seed: every one is typed in one of the ways people type it."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self.corpus = corpus
        self.dice = random.Random(seed)

    def one(self, depth: int = 2) -> Asked:
        turn = self.dice.random()
        if depth == 0 or turn < 0.4:
            return self.leaf()
        if turn < 0.65:
            return self._joined([self.one(depth - 1) for _ in range(self.dice.choice((2, 2, 3)))], 1)
        if turn < 0.85:
            return self._joined([self.one(depth - 1) for _ in range(self.dice.choice((2, 2, 3)))], 0)
        return self._without(self.one(depth - 1))

    def _joined(self, parts: list[Asked], binds: int) -> Asked:
        words = (" ", " AND ", "  ") if binds else (" OR ", " | ", "|")
        typed = self._inside(parts[0], binds)
        for part in parts[1:]:
            typed += self.dice.choice(words) + self._inside(part, binds)
        judges = [part.judge for part in parts]
        return Asked(typed, lambda doc: (all if binds else any)(judge(doc) for judge in judges), binds)

    def _without(self, part: Asked) -> Asked:
        judge = part.judge
        return Asked(self.dice.choice(("NOT ", "-")) + self._inside(part, 2), lambda doc: not judge(doc), 2)

    def _inside(self, part: Asked, binds: int) -> str:
        if part.binds < binds or self.dice.random() < 0.1:
            return self.dice.choice(("({})", "（{}）", "( {} )")).format(part.typed)
        return part.typed

    def leaf(self) -> Asked:
        kinds = (
            self.words, self.words, self.words, self.words, self.phrase, self.start, self.name, self.name_start,
            self.title, self.page, self.number, self.number, self.number_part, self.masked, self.span, self.year,
            self.label, self.code, self.pinyin, self.account,
        )  # fmt: skip
        return self.dice.choice(kinds)()

    def _doc(self) -> Doc:
        return self.dice.choice(self.corpus.docs)

    def _text(self) -> str:
        doc = self._doc()
        return self.dice.choice([*fields(doc), *(part for page in doc.bare_pages() for part in page.split("\ufffc"))])

    def _piece(self, most: int) -> str:
        """Some letters as they stand in a row somewhere, cut nowhere within a Latin word."""
        for _ in range(50):
            parts = re.findall(r"[0-9a-z]+|[^0-9a-z]", normal(self._text()))
            at = self.dice.randint(0, max(len(parts) - 1, 0))
            found = "".join(parts[at : at + self.dice.randint(1, most)]).strip()
            # What would be an operator, a field or a number of a person is asked in its own way.
            if any(sign.isalnum() for sign in found) and not re.search(r"[\"()|:*\ufffc]|[0-9]{6}|^-|\s-", found):
                return found
        return "养老保险"

    def words(self) -> Asked:
        asked = self._piece(4)
        if re.search(r"\s", asked):
            return Asked(f'"{asked}"', spoken(asked))
        if self.dice.random() < 0.1:
            asked = "".join(self.dice.sample(asked, len(asked))) if not re.search(r"[0-9a-z]", asked) else asked
            if asked.startswith("-") or not any(sign.isalnum() for sign in asked):
                asked = "养老"
        return Asked(self._undressed(asked), spoken(asked))

    def _undressed(self, asked: str) -> str:
        typed = self.corpus.dressed(asked)
        return asked if typed.upper() == typed and typed.casefold() in ("and", "or", "not") else typed

    def phrase(self) -> Asked:
        asked = self._piece(9)
        quotes = self.dice.choice(('"{}"', "“{}”", "「{}」"))
        return Asked(quotes.format(asked), spoken(asked))

    def start(self) -> Asked:
        word = self.dice.choice(("form", "a4", "sb2019", "2019", "0731", "sl2019", "sl2020", "gb"))
        asked = word[: self.dice.randint(1, min(len(word), 5))]
        return Asked(f"{asked}*", spoken(asked, is_start=True))

    def name(self) -> Asked:
        asked = self.dice.choice((*PEOPLE, *UNITS, "王", "艾力"))
        typed = asked.replace("·", self.dice.choice(("·", "", "•", "．")))

        def judge(doc: Doc) -> bool:
            return any(is_same_name(name, asked) for name in doc.names)

        return Asked(self.dice.choice(("name:", "姓名：", "Name:")) + self.corpus.dressed(typed), judge)

    def name_start(self) -> Asked:
        asked = self.dice.choice(("王", "红星", "买买", "龙", "单"))

        def judge(doc: Doc) -> bool:
            pairs = (same_name(name, asked).split("\0") for name in doc.names)
            return any(name.startswith(start) for name, start in pairs)

        return Asked(f"name:{asked}*", judge)

    def title(self) -> Asked:
        asked = self._piece(3)
        return Asked(f'title:"{asked}"', lambda doc: holds(doc.title, asked))

    def page(self) -> Asked:
        asked = self._piece(3)
        return Asked(f'正文:"{asked}"', lambda doc: any(holds(text, asked) for text in doc.bare_pages()))

    def number(self) -> Asked:
        asked = self.dice.choice(self.corpus.people)
        if self.dice.random() < 0.3:
            asked = widened(asked) if len(asked) == 15 else asked[:6] + asked[8:17]
        typed = self.dice.choice((asked, asked.lower(), f"id:{asked}", f"身份证：{asked}"))
        return Asked(typed, lambda doc: any(same_number(kept, asked) for kept in doc.all_numbers()))

    def number_part(self) -> Asked:
        head = widened(self.dice.choice(self.corpus.people))[: self.dice.randint(6, 17)]
        if len(head) == 15:
            head = head[:14]

        def has_number(doc: Doc) -> bool:
            return any(part_of_number(kept, head, "") for kept in doc.all_numbers())

        if self.dice.random() < 0.3:
            return Asked(f"id:{head}*", has_number)
        is_start = self.dice.random() < 0.7
        as_word = spoken(head, is_start=is_start)
        return Asked(head + "*" * is_start, lambda doc: has_number(doc) or as_word(doc))

    def masked(self) -> Asked:
        number = widened(self.dice.choice(self.corpus.people))
        head = number[: self.dice.choice((4, 6, 10, 14))]
        tail = self.dice.choice((number[-4:], number[-4:], "")) or number[-4:]
        stars = "*" * (18 - len(head) - 4)
        typed = self.dice.choice((f"{head}{stars}{tail}", f"id:**{tail}", f"{head}****{tail}"))
        known = "" if typed.startswith("id") else head
        return Asked(typed, lambda doc: any(part_of_number(kept, known, tail) for kept in doc.all_numbers()))

    def account(self) -> Asked:
        asked = f"62284800{self.dice.randint(0, 20):011}"
        return Asked(asked, lambda doc: asked in doc.all_numbers())

    def span(self) -> Asked:
        first, last = sorted(self.dice.sample(range(2015, 2025), 2))
        low, high = f"{first}-01-01", f"{last}-12-31"
        if self.dice.random() < 0.4:
            return Asked(
                f"date:{first}-03..{last}-06-15", lambda doc: f"{first}-03-01" <= doc.formed <= f"{last}-06-15"
            )
        typed = self.dice.choice((f"date:{first}..{last}", f"日期：{first}..{last}", f"date:{first}-01..{last}-12"))
        return Asked(typed, lambda doc: low <= doc.formed <= high)

    def year(self) -> Asked:
        year = self.dice.randint(2014, 2025)
        way = self.dice.randint(0, 2)
        if way == 0:
            return Asked(f"year:{year}", lambda doc: doc.year == year)
        if way == 1:
            return Asked(f"年度:{year}..", lambda doc: doc.year >= year)
        return Asked(f"year:..{year}", lambda doc: doc.year <= year)

    def label(self) -> Asked:
        doc = self._doc()
        return self.dice.choice(
            [
                Asked(f"step:{doc.step}", lambda other: other.step == doc.step),
                Asked(f"环节:{STEPS[doc.step]}", lambda other: other.step == doc.step),
                Asked(f"class:{doc.category}", lambda other: other.category == doc.category),
                Asked(f"agency:{doc.agency}", lambda other: other.agency == doc.agency),
                Asked(f"state:{doc.state}", lambda other: other.state == doc.state),
            ]
        )

    def code(self) -> Asked:
        doc = self._doc()
        if self.dice.random() < 0.5:
            code = doc.codes[0]
            typed = code.replace("·", self.dice.choice("·•.")).lower()
            return Asked(f"档号:{typed}", lambda other: code in other.codes)
        head = doc.codes[1][:6]
        return Asked(f"no:{head}*", lambda other: any(code.startswith(head) for code in other.codes))

    def pinyin(self) -> Asked:
        name = self.dice.choice([name for name, (whole, _) in PEOPLE.items() if whole])
        place = self.dice.randint(0, 1)
        asked = sorted(PEOPLE[name][place])[0]
        is_start = self.dice.random() < 0.3
        if is_start:
            asked = asked[: max(len(asked) // 2, 1)]

        def agrees(kept: str) -> bool:
            return kept.startswith(asked) if is_start else kept == asked

        def judge(doc: Doc) -> bool:
            people = [person for person in PEOPLE for name in doc.names if is_same_name(person, name)]
            spelled = [way for person in people for group in PEOPLE[person] for way in group]
            units = [way for n in doc.names for way in _UNITS_SPELLED.get(normal(n), ())]
            return any(agrees(way) for way in (*spelled, *units))

        typed = asked.upper() if self.dice.random() < 0.2 else asked
        return Asked(f"pinyin:{typed}{'*' * is_start}", judge)


_UNITS_SPELLED = {
    "红星电子厂": ("hongxingdianzichang", "hxdzc"),
    "江滨市第一纺织厂": ("jiangbinshidiyifangzhichang", "jbsdyfzc"),
    "龙国医疗有限公司": ("longguoyiliaoyouxiangongsi", "lgylyxgs"),
}
