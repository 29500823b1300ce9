"""The grammar of a question (检索式语法). The page for people is ``docs/reference/search.md``.

::

    question = either
    either   = both { ("OR" | "|") both }
    both     = one { ["AND"] one }
    one      = ("NOT" | "-") one | "(" either ")" | [field ":"] (term | phrase | range)

NOT binds closest, then AND, then OR. Operators are upper-case words; in lower case they are words like any other.
"""

import re
import unicodedata
from dataclasses import dataclass

from anjuan.core.asking.fields import FIELDS, in_field
from anjuan.core.asking.folding import plain
from anjuan.core.asking.questions import Question, Without, every, some
from anjuan.core.asking.terms import term
from anjuan.core.refusals import Refusal

MOST_TYPED = 200  # characters
MOST_TERMS = 32
_QUOTES = str.maketrans(dict.fromkeys("“”„‟「」『』〝〞", '"'))
_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<bar>\|)|(?P<quote>\"(?P<inside>[^\"]*)(?P<ends>\"?)\*?)"
    r"|(?P<minus>-(?=\S))|(?P<field>[^\s()|\":]{1,16}):|(?P<word>[^\s()|\"]+))"
)
_WORD = re.compile(r"[^\s()|\"]+")


@dataclass(frozen=True)
class Note:
    """Something that was mended or left out, said to whoever asked (说明).

    Attributes:
        code: CLOSED_QUOTE, CLOSED_BRACKET, STRAY_BRACKET, LEFT_OUT, LOWER_CASE.
        about: the part it is about.
    """

    code: str
    about: str = ""


@dataclass(frozen=True)
class Asked:
    """A question that was read.

    Attributes:
        typed: as it was typed, blanks trimmed.
        question: what it means.
        notes: what was mended or left out.
        is_plain: whether it is words alone: no operator, field, bracket or quote.
    """

    typed: str
    question: Question
    notes: tuple[Note, ...]
    is_plain: bool


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    field: str = ""


def read(typed: str) -> Asked:
    """Read a question (读检索式).

    Raises:
        X-001: it is too long.
        X-002: nothing in it can be looked for.
        X-003: an operator or a field has nothing beside it.
        X-004: a range goes backwards.
        X-005: a date or a year cannot be read.
        X-006: a star stands inside a word.
        X-007: too few digits of a number are known, or others than the first and the last four.
        X-008: it has too many terms, or brackets within brackets.
    """
    trimmed = " ".join(typed.split())
    if len(trimmed) > MOST_TYPED:
        raise Refusal("X-001", length=len(trimmed), most=MOST_TYPED)
    reader = _Reader(trimmed)
    question = reader.either()
    while reader.left:  # a bracket that was closed and never opened
        reader.take()
        reader.notes.append(Note("STRAY_BRACKET"))
        if reader.left:
            more = reader.either()
            question = every([part for part in (question, more) if part is not None]) if more or question else None
    if question is None:
        raise Refusal("X-002", typed=trimmed[:40])
    return Asked(trimmed, question, tuple(dict.fromkeys(reader.notes)), reader.is_plain)


class _Reader:
    """Reads from left to right; what has nothing that could be looked for is None and noted."""

    def __init__(self, typed: str) -> None:
        self.notes: list[Note] = []
        self.depth = 0
        self.left = self._cut(typed)
        self.is_plain = all(token.kind == "word" and not token.field for token in self.left)
        if sum(token.kind in ("word", "phrase") for token in self.left) > MOST_TERMS:
            raise Refusal("X-008", most=MOST_TERMS)

    def take(self) -> _Token:
        return self.left.pop(0)

    def sees(self, *kinds: str) -> bool:
        return bool(self.left) and self.left[0].kind in kinds

    def either(self) -> Question | None:
        parts = [self.both()]
        while self.sees("OR"):
            operator = self.take()
            if not self.left or self.sees("OR", "AND", "close"):
                raise Refusal("X-003", what=operator.text)
            parts.append(self.both())
        found = [part for part in parts if part is not None]
        return some(found) if found else None

    def both(self) -> Question | None:
        if self.sees("OR", "AND"):
            raise Refusal("X-003", what=self.left[0].text)
        parts: list[Question | None] = []
        while self.left and not self.sees("OR", "close"):
            if self.sees("AND"):
                operator = self.take()
                if not self.left or self.sees("OR", "AND", "close"):
                    raise Refusal("X-003", what=operator.text)
            parts.append(self.one())
        found = [part for part in parts if part is not None]
        return every(found) if found else None

    def one(self) -> Question | None:
        token = self.take()
        if token.kind == "NOT":
            if not self.left or self.sees("OR", "AND", "close"):
                raise Refusal("X-003", what=token.text)
            self.depth += 1
            if self.depth > MOST_TERMS:
                raise Refusal("X-008", most=MOST_TERMS)
            part = self.one()
            self.depth -= 1
            return None if part is None else Without(part)
        if token.kind == "open":
            self.depth += 1
            if self.depth > MOST_TERMS:
                raise Refusal("X-008", most=MOST_TERMS)
            inside = self.either()
            self.depth -= 1
            if self.left:
                self.take()
            else:
                self.notes.append(Note("CLOSED_BRACKET"))
            return inside
        found = self._leaf(token)
        if found is None:
            self.notes.append(Note("LEFT_OUT", token.text))
        return found

    def _leaf(self, token: _Token) -> Question | None:
        is_quoted = token.kind == "phrase"
        if token.field:
            return in_field(FIELDS[token.field], token.text, is_quoted=is_quoted)
        return term(token.text, is_quoted=is_quoted)

    def _cut(self, typed: str) -> list[_Token]:
        text = unicodedata.normalize("NFKC", typed).translate(_QUOTES)
        text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
        found: list[_Token] = []
        field = ""
        at = 0
        while match := _TOKEN.match(text, at):
            at = match.end()
            kind = match.lastgroup if match.lastgroup not in ("inside", "ends") else "quote"
            said = match.group().strip()
            if kind == "field":
                name = plain(match["field"])
                if name in FIELDS and not field:
                    field = name
                    continue
                # No field of ours: what stands before the colon is text like any other, up to the next blank.
                if (rest := _WORD.match(text, at)) is not None:
                    at, said = rest.end(), said + rest.group()
                kind = "word"
            if kind == "quote":
                if not match["ends"]:
                    self.notes.append(Note("CLOSED_QUOTE"))
                found.append(_Token("phrase", match["inside"], field))
            elif kind == "word":
                found.append(self._word(said, field))
            elif field:
                raise Refusal("X-003", what=field)
            else:
                found.append(_Token({"minus": "NOT", "bar": "OR"}.get(str(kind), str(kind)), said))
            field = ""
        if field:
            raise Refusal("X-003", what=field)
        return found

    def _word(self, said: str, field: str) -> _Token:
        if field:
            return _Token("word", said, field)
        if said in ("AND", "OR", "NOT"):
            return _Token(said, said)
        if said in ("and", "or", "not"):
            self.notes.append(Note("LOWER_CASE", said))
        return _Token("word", said)
