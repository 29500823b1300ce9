"""What is known of a labelled form (标注真值): every value, seal, hand, day and number, and where it stands."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.form_paint import Array, Box, turned_box


@dataclass(frozen=True)
class SealTruth:
    """One seal that stands on a page, or should.

    Attributes:
        party: whose: EMPLOYER, HANDLER, REVIEWER, AGENCY; RECEIVED is a dated stamp that nobody asks for.
        expected: the place that the form gives it.
        box: where it stands; none where it is missing.
        is_required: the form asks for it.
        kept: the share of the face that touched the paper.
        strength: of the ink, 0 to 1.
    """

    party: str
    shape: str
    words: str
    expected: Box
    box: Box | None
    is_red: bool
    is_required: bool = True
    kept: float = 1.0
    strength: float = 1.0


@dataclass(frozen=True)
class InkTruth:
    """A place for a signature; ``box`` is where one stands, none where the place is empty."""

    party: str
    expected: Box
    box: Box | None
    words: str = ""


@dataclass
class FormTruth:
    """All that is known of one page. Boxes are parts of the page as it lies in the image.

    Attributes:
        fields: by name: what is printed, and where.
        catalogue: by name: what the catalogue says (dates ISO, money in fen). It is the same but for D01 and D10.
        dates: by party: the day printed beside the signature, empty where it is missing, and the place for it.
        page_mark: the 第x页共y页 that is printed.
        stamped_no: the number stamped in the corner; ``expected_no`` is what should stand there.
        lines: all printed text; what is written by hand or stamped is not among it.
    """

    step: str
    title: str
    layout: str
    fault: str = ""
    trap: str = ""
    fields: dict[str, tuple[str, Box]] = field(default_factory=dict)
    catalogue: dict[str, str] = field(default_factory=dict)
    seals: list[SealTruth] = field(default_factory=list)
    signatures: list[InkTruth] = field(default_factory=list)
    dates: dict[str, tuple[str, Box]] = field(default_factory=dict)
    page_mark: tuple[int, int] | None = None
    stamped_no: int | None = None
    expected_no: int | None = None
    lines: list[tuple[str, Box]] = field(default_factory=list)


def moved(truth: FormTruth, matrix: Array, size: Sequence[int]) -> FormTruth:
    """The same truth on the sheet as it was turned; ``size`` is width, height in pixels."""

    def at(box: Box) -> Box:
        return turned_box(box, matrix, size)

    truth.fields = {name: (words, at(box)) for name, (words, box) in truth.fields.items()}
    truth.lines = [(words, at(box)) for words, box in truth.lines]
    truth.dates = {party: (words, at(box)) for party, (words, box) in truth.dates.items()}
    truth.seals = [
        dataclasses.replace(one, expected=at(one.expected), box=at(one.box) if one.box else None) for one in truth.seals
    ]
    truth.signatures = [
        dataclasses.replace(one, expected=at(one.expected), box=at(one.box) if one.box else None)
        for one in truth.signatures
    ]
    return truth
