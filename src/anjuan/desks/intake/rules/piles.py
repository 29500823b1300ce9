"""How a pile of pages becomes cases (分叠): what a code says, where a case begins, and whether the counts agree."""

import enum
import unicodedata
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Obstacle

MOST_FILES = 500  # files of one pile
MOST_SEPARATORS = 100  # sheets of one print
READ_AT_ONCE = 10  # files whose codes are read in one act
MOST_STEPS_BACK = 200
_MARK = "ANJUAN1"


class LeafKind(enum.StrEnum):
    """What a file of a pile is: pages of a case, a separator sheet, or a blank side that is set aside."""

    PAGE = "PAGE"
    SEPARATOR = "SEPARATOR"
    BLANK = "BLANK"


class PileStatus(enum.StrEnum):
    """How a pile stands."""

    READING = "READING"
    OPEN = "OPEN"
    TAKEN = "TAKEN"
    DISCARDED = "DISCARDED"


@dataclass(frozen=True)
class Heading:
    """What a separator sheet says (分隔页): the case, its business step, the material that follows.

    An empty number keeps the case and begins another material.
    """

    number: str
    step: str = ""
    material: str = ""


@dataclass(frozen=True)
class Leaf:
    """A file of a pile as the split sees it."""

    ordinal: int
    pages: int
    kind: LeafKind
    number: str = ""
    material: str = ""
    is_taken: bool = False
    is_refused: bool = False
    sha512: str = ""


@dataclass(frozen=True)
class Known:
    """A case that is registered: where its pages would go."""

    urn: str
    title: str
    paper_pages: int
    image_pages: int
    may_capture: bool
    materials: tuple[str, ...]  # the main one first
    step_code: str = ""
    digests: frozenset[str] = frozenset()  # SHA-512 of the files that it has


@dataclass(frozen=True)
class Segment:
    """A stretch of a pile that belongs to one case (一段), or to none yet.

    Attributes:
        first: ordinal of its first file, by which it is known.
        number: acceptance number; empty when no code stood before it.
        known: the registered case of that number.
        leaves: its files in order, separators and blanks among them.
        placed: ordinal and material of each file that would be captured.
        problem: why it cannot be captured yet.
        is_taken: it has been captured.
        twins: how many of its files have the bytes of another in the case or before it in this stretch.
    """

    first: int
    number: str
    known: Known | None
    leaves: tuple[Leaf, ...]
    placed: tuple[tuple[int, str], ...]
    problem: Obstacle | None
    is_taken: bool
    twins: int = 0

    @property
    def pages(self) -> int:
        """Pages that would be captured."""
        return sum(leaf.pages for leaf in self.leaves if leaf.kind is LeafKind.PAGE)

    @property
    def lacks(self) -> int:
        """Pages of paper that the case still lacks when these are in; below nought when there are too many."""
        return self.known.paper_pages - self.known.image_pages - self.pages if self.known else 0


def spell(heading: Heading) -> str:
    """A heading as the symbol of a separator sheet says it (分隔页编码)."""
    parts = {"no": heading.number, "step": heading.step, "material": heading.material}
    return f"{_MARK}?{urllib.parse.urlencode({key: value for key, value in parts.items() if value})}"


def legible(text: str) -> str:
    """What a symbol says without control characters: no database keeps them all, and nobody can type them."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cs"))


def read(code: str) -> Heading | None:
    """What a symbol says, if it is one of our separator sheets; None for every other code."""
    mark, _, query = code.partition("?")
    if mark != _MARK:
        return None
    try:
        said = dict(urllib.parse.parse_qsl(query, strict_parsing=True, max_num_fields=5))
    except ValueError:
        return None
    heading = Heading(*(legible(said.get(key, ""))[:40] for key in ("no", "step", "material")))
    return heading if heading.number or heading.material else None


def begin(codes: Sequence[str], *, is_blank: bool, numbers: Mapping[str, str]) -> tuple[LeafKind, str, str]:
    """What a file is at first sight: kind, the number that begins with it, the material.

    Args:
        codes: texts of the symbols on it.
        is_blank: nothing is written on it.
        numbers: acceptance numbers that are registered, by what a form's own barcode may say.
    """
    for code in codes:
        if (heading := read(code)) is not None:
            return LeafKind.SEPARATOR, heading.number, heading.material
    for code in codes:
        if code.strip() in numbers:
            return LeafKind.PAGE, numbers[code.strip()], ""
    return (LeafKind.BLANK if is_blank else LeafKind.PAGE), "", ""


def split(leaves: Sequence[Leaf], known: Mapping[str, Known], *, takes_twins: bool = False) -> tuple[Segment, ...]:
    """The proposal (分叠方案): a case begins where a number stands, a material where one is named.

    Args:
        leaves: the files in order.
        known: registered cases by acceptance number.
        takes_twins: somebody has said that files with equal bytes are sheets of their own.
    """
    groups: list[list[Leaf]] = []
    for leaf in leaves:
        if leaf.number or not groups:
            groups.append([])
        groups[-1].append(leaf)
    return tuple(_segment(group, known, takes_twins) for group in groups)


def _segment(group: Sequence[Leaf], known: Mapping[str, Known], takes_twins: bool) -> Segment:
    number = group[0].number
    case = known.get(number) if number else None
    material = case.materials[0] if case and case.materials else ""
    placed: list[tuple[int, str]] = []
    strange = ""
    here, twins = set(case.digests if case else ()), 0
    for leaf in group:
        material = leaf.material or material
        if leaf.kind is not LeafKind.PAGE or leaf.is_refused:
            continue
        if case and material not in case.materials:
            strange = material
        placed.append((leaf.ordinal, material))
        twins += leaf.sha512 in here
        here |= {leaf.sha512} - {""}
    taken = bool(placed) and all(leaf.is_taken for leaf in group if leaf.kind is LeafKind.PAGE and not leaf.is_refused)
    problem: Obstacle | None = None
    if not number:
        problem = Obstacle("I-044") if placed else None
    elif case is None:
        problem = Obstacle("I-045", {"number": number})
    elif taken:
        problem = None
    elif not case.may_capture:
        problem = Obstacle("I-046", {"number": number})
    elif strange:
        problem = Obstacle("I-047", {"number": number, "material": strange})
    elif not placed:
        problem = Obstacle("I-048", {"number": number})
    elif twins and not takes_twins:
        problem = Obstacle("I-084", {"number": number, "pages": twins})
    return Segment(group[0].ordinal, number, case, tuple(group), tuple(placed), problem, taken, 0 if taken else twins)


def counted(leaves: Sequence[Leaf]) -> tuple[int, int, int]:
    """Pages of paper in a pile, blank sides set aside, separator sheets."""
    pages = sum(leaf.pages for leaf in leaves if leaf.kind is LeafKind.PAGE)
    blanks = sum(leaf.pages for leaf in leaves if leaf.kind is LeafKind.BLANK)
    return pages, blanks, sum(leaf.kind is LeafKind.SEPARATOR for leaf in leaves)


def against(*, segments: Sequence[Segment], paper_pages: int, cases_said: int, unread: int) -> tuple[Obstacle, ...]:
    """What speaks against confirming a split (为什么不能确认): page counts and case counts must be as typed.

    Args:
        segments: the proposal.
        paper_pages: pages of paper as typed for the whole pile.
        cases_said: how many cases the clerk said lie in it; 0 when he did not say.
        unread: files whose codes have not been read yet.
    """
    found: list[Obstacle] = []
    if unread:
        found.append(Obstacle("I-040", {"files": unread}))
    leaves = [leaf for segment in segments for leaf in segment.leaves]
    pages, blanks, _ = counted(leaves)
    if pages != paper_pages:
        found.append(Obstacle("I-041", {"paper": paper_pages, "images": pages, "blanks": blanks}))
    numbered = sum(bool(segment.number) for segment in segments)
    if cases_said and numbered != cases_said:
        found.append(Obstacle("I-042", {"said": cases_said, "found": numbered}))
    if not any(segment.problem is None and not segment.is_taken and segment.placed for segment in segments):
        found.append(Obstacle("I-043"))
    return tuple(found)
