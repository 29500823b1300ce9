"""档号: compose, parse, order and validate reference codes from one grammar.

A template is data of the fonds. Its grammar: tokens in braces, literals between them, ``-`` between levels and ``·``
(U+00B7) between codes of one level::

    {fonds}-ZY·SB·{category}·{year}·{agency}-{volume:4}-{item:3}

Tokens: fonds, category, year, agency, term (not in the default: a term may change at appraisal, a 档号 may not),
line, volume:w, item:w, page:w with a fixed width w. A template that two readings could fit is refused when it is set.

Standard: DA/T 13-2022, 5 (structure) and 4 (unique, stable); older forms (DA/T 13-1994) are kept beside, as old codes.
"""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.refusals import Refusal

DEFAULT_TEMPLATE = "{fonds}-ZY·SB·{category}·{year}·{agency}-{volume:4}-{item:3}"

_TOKEN = re.compile(r"\{([a-z]+)(?::([1-9]))?\}")
_SEPARATORS = "-·"
_NUMBERS = ("volume", "item", "page")
# What each token may hold. None may hold a separator, which is what makes a separated template unambiguous.
_SHAPES: Mapping[str, str] = {
    "fonds": r"[A-Z]\d{3}",
    "category": r"\d{2}",
    "year": r"(?:19|20|21)\d{2}",
    "agency": r"[0-9A-Z\u4e00-\u9fff]{1,12}",
    "line": r"[A-Z]{1,6}",
    "term": r"Y|D[1-9]\d{0,2}",
}
_FIXED_WIDTH = {"fonds": 4, "category": 2, "year": 4}
_DOTS = str.maketrans(dict.fromkeys("••∙⋅・‧．.。", "·"))
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))


@dataclass(frozen=True)
class Token:
    """A slot of a template; ``width`` only for numbers."""

    name: str
    width: int | None


@dataclass(frozen=True)
class RefCode:
    """A parsed 档号: the values of its tokens, numbers as integers."""

    values: Mapping[str, str | int]
    text: str

    def order(self) -> tuple[tuple[int, str], ...]:
        """A key that sorts codes as an archivist shelves them: numbers by size, the rest by code point."""
        return tuple((value, "") if isinstance(value, int) else (-1, value) for value in self.values.values())


@dataclass(frozen=True)
class Template:
    """A numbering template (档号规则), proved unambiguous when made by `template`."""

    text: str
    parts: tuple[Token | str, ...]

    def tokens(self) -> tuple[Token, ...]:
        """The slots in order."""
        return tuple(part for part in self.parts if isinstance(part, Token))

    def upto(self, level: str) -> tuple[Token | str, ...]:
        """The parts up to and including the token of a level (``volume``, ``item`` or ``page``)."""
        taken: list[Token | str] = []
        for part in self.parts:
            taken.append(part)
            if isinstance(part, Token) and part.name == level:
                return tuple(taken)
        raise Refusal("F-003", level=level, template=self.text)


def template(text: str) -> Template:
    """Read a numbering template and prove that no code can be read in two ways.

    Raises:
        F-001: a token is unknown, doubled, missing, or a number has no width.
        F-002: two readings would be possible.
    """
    parts: list[Token | str] = []
    position = 0
    for match in _TOKEN.finditer(text):
        if match.start() > position:
            parts.append(text[position : match.start()])
        parts.append(Token(match.group(1), int(match.group(2)) if match.group(2) else None))
        position = match.end()
    if position < len(text):
        parts.append(text[position:])
    names = [part.name for part in parts if isinstance(part, Token)]
    for part in parts:
        if isinstance(part, str):
            if "{" in part or "}" in part or part != normalise(part):
                raise Refusal("F-001", template=text, reason=part)
        elif part.name in _NUMBERS:
            if part.width is None:
                raise Refusal("F-001", template=text, reason=part.name)
        elif part.name not in _SHAPES or part.width is not None:
            raise Refusal("F-001", template=text, reason=part.name)
    if len(set(names)) != len(names):
        raise Refusal("F-001", template=text, reason="x2")
    for needed in ("fonds", "year", "category"):
        if needed not in names:
            raise Refusal("F-001", template=text, reason=needed)
    numbered = [name for name in names if name in _NUMBERS]
    if (
        not numbered
        or numbered != [name for name in _NUMBERS if name in numbered]
        or names[-len(numbered) :] != numbered
    ):
        raise Refusal("F-001", template=text, reason="volume, item, page")
    for here, following in itertools.pairwise(parts):
        # A slot of open length must be closed by a separator, which no slot may contain.
        is_open = isinstance(here, Token) and here.name not in _FIXED_WIDTH and here.width is None
        if is_open and not (isinstance(following, str) and following[0] in _SEPARATORS):
            raise Refusal("F-002", template=text, token=str(here))
        # Two numbers side by side could be cut in two places once either grows; the standard asks a separator.
        if isinstance(here, Token) and isinstance(following, Token) and following.name in _NUMBERS:
            raise Refusal("F-002", template=text, token=following.name)
    return Template(text, tuple(parts))


def compose(rule: Template, level: str, values: Mapping[str, str | int]) -> str:
    """Write the 档号 of a volume, item or page.

    Args:
        rule: the fonds's template.
        level: ``volume``, ``item`` or ``page``.
        values: one value a token; numbers as integers from 1.

    Raises:
        F-003: the template has no such level, or a value is missing.
        F-004: a value does not fit its slot, or a number has outgrown its width.
    """
    written: list[str] = []
    for part in rule.upto(level):
        if isinstance(part, str):
            written.append(part)
            continue
        if part.name not in values:
            raise Refusal("F-003", level=part.name, template=rule.text)
        value = values[part.name]
        if part.width is not None:
            if not isinstance(value, int) or not 1 <= value < 10**part.width:
                raise Refusal("F-004", token=part.name, value=str(value), template=rule.text)
            written.append(str(value).zfill(part.width))
        else:
            text = normalise(str(value))
            if not re.fullmatch(_SHAPES[part.name], text):
                raise Refusal("F-004", token=part.name, value=str(value), template=rule.text)
            written.append(text)
    return "".join(written)


def parse(rule: Template, text: str) -> RefCode:
    """Read a 档号 at whatever level it stands; dots, hyphens, case and width are folded first.

    Raises:
        F-005: it does not follow the template.
    """
    folded = normalise(text)
    for level in [token.name for token in rule.tokens() if token.name in _NUMBERS]:
        parts = rule.upto(level)
        pattern = "".join(re.escape(part) if isinstance(part, str) else f"({_shape(part)})" for part in parts)
        match = re.fullmatch(pattern, folded)
        if match:
            names = [part for part in parts if isinstance(part, Token)]
            found = zip(names, match.groups(), strict=True)
            return RefCode({token.name: int(v) if token.width else v for token, v in found}, folded)
    raise Refusal("F-005", code=text[:80], template=rule.text)


def normalise(text: str) -> str:
    """Fold what typing varies: width, case, dots and hyphens (DA/T 13 writes ``·`` U+00B7 and ``-``)."""
    folded = _fold_once(text)
    # Dropping a blank may join a letter to a mark that stood after it, and composing may change case again.
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def _fold_once(text: str) -> str:
    plain = text.translate(_DOTS).translate(_HYPHENS)
    folded = unicodedata.normalize("NFKC", plain).translate(_DOTS).translate(_HYPHENS)
    return "".join(folded.split()).upper()


def successor(code: str, number: int) -> str:
    """The 档号 with another last number of the same width (同卷下一件): for what comes into a numbered volume later.

    Raises:
        F-004: the number has outgrown its width.
    """
    head, level = code.rstrip("0123456789"), "item"
    width = len(code) - len(head)
    if not width or not 1 <= number < 10**width:
        raise Refusal("F-004", token=level, value=str(number), template=code)
    return head + str(number).zfill(width)


def gaps(numbers: list[int]) -> tuple[list[int], list[int]]:
    """What is missing and what stands twice in a run that should go 1, 2, 3 … (断号、重号)."""
    present = set(numbers)
    missing = [number for number in range(1, max(present, default=0) + 1) if number not in present]
    doubled = sorted(number for number, times in Counter(numbers).items() if times > 1)
    return missing, doubled


def _shape(token: Token) -> str:
    return rf"(?!0+(?!\d))\d{{{token.width}}}" if token.width else _SHAPES[token.name]
