"""What is known of a volume when it is judged (事实). Gathered elsewhere; nothing here reads a table or a file."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from anjuan.core.arrangement import Kind
from anjuan.core.detection.measures import PageMeasures
from anjuan.core.reading.said import PageSaid
from anjuan.core.refcode import Template
from anjuan.core.retention import Term
from anjuan.core.signatures import SignatureFacts
from anjuan.core.terms import Classification, Route


@dataclass(frozen=True)
class PageFacts:
    """One page image.

    Attributes:
        page_no: from 1 in its file.
        width_px: as stored, before any turning.
        height_px: as stored.
        dpi: as the file says; 0 where it says nothing.
        turn: degrees clockwise by which a person has it shown turned.
        measures: what was measured on the image; none while it was not measured.
    """

    page_no: int
    width_px: int
    height_px: int
    dpi: int
    measures: PageMeasures | None = None
    turn: int = 0
    said: PageSaid | None = None


@dataclass(frozen=True)
class Reading:
    """What reading every byte of a file showed.

    Attributes:
        is_verified: the bytes agree with the digests taken at capture.
        is_readable: it was decoded whole.
        is_clean: neither encrypted nor carrying anything else.
        format_id: what it is by its content; empty when it could not be read.
        size_bytes: how many bytes there are.
        signatures: what each of its signatures is worth; none for formats that carry none.
    """

    is_verified: bool
    is_readable: bool
    is_clean: bool
    format_id: str
    size_bytes: int
    signatures: tuple[SignatureFacts, ...] | None = None


@dataclass(frozen=True)
class OwnText:
    """The text that a page of a PDF carries itself, seen or unseen (文字层).

    Attributes:
        page_no: from 1.
        lines: each with its box, as a part of the page as it is shown.
    """

    page_no: int
    lines: tuple[tuple[str, tuple[float, float, float, float]], ...]


@dataclass(frozen=True)
class FormFacts:
    """How a PDF or OFD is built, as far as it matters for keeping it (版式文件查验).

    Attributes:
        pages: how many pages were drawn, or tried.
        undrawn: pages that could not be drawn.
        loose_fonts: fonts that the file names and does not carry.
        has_loose_text: such a font stands on a page without a picture: what is written there may be lost.
        reaches: what it fetches or does outside itself, by the format's own names.
        links: hyperlinks to other places.
        is_cut: there are more pages than were drawn.
        texts: what pages carry as text; pages without any are left out, and those far back.
        is_scan: each of its pages is a picture that fills it, with no more on it than words nobody sees.
    """

    pages: int
    undrawn: tuple[int, ...] = ()
    loose_fonts: tuple[str, ...] = ()
    has_loose_text: bool = False
    reaches: tuple[str, ...] = ()
    links: int = 0
    is_cut: bool = False
    texts: tuple[OwnText, ...] = ()
    is_scan: bool = False


@dataclass(frozen=True)
class FileFacts:
    """One file of an item.

    Attributes:
        reading: what reading its bytes showed; none while they were not read for this judgement.
        is_scan: it is an image of paper, also in a PDF; others of these may have been made on a computer.
        kept_signatures: what its signatures were worth when they were last verified; none for other formats.
        form: how it is built; none for other formats, and while nobody looked.
    """

    pk: int
    ordinal: int
    material_code: str
    original_name: str
    logical_name: str
    format_id: str
    size_bytes: int
    sha512: str
    pages: tuple[PageFacts, ...]
    reading: Reading | None = None
    is_scan: bool = True
    kept_signatures: tuple[SignatureFacts, ...] | None = None
    form: FormFacts | None = None

    @property
    def signatures(self) -> tuple[SignatureFacts, ...]:
        """What its signatures are worth: as just read, else as they were last verified."""
        return (self.reading.signatures if self.reading else self.kept_signatures) or ()


@dataclass(frozen=True)
class MaterialFacts:
    """One line of the step's material list, as far as it matters here."""

    code: str
    name: str
    is_main: bool
    must_scan: bool
    required_seals: tuple[str, ...]
    original_required: bool


@dataclass(frozen=True)
class SubjectFacts:
    """Whom an item concerns."""

    is_person: bool
    name: str
    id_number: str
    credit_code: str


@dataclass(frozen=True)
class StatedValue:
    """One value of one month as the business system states it (业务数据).

    Attributes:
        holder: citizen number or credit code.
        kind: CONTRIBUTION, BENEFIT or PAYMENT.
        month: its first day.
        fen: the amount.
    """

    holder: str
    kind: str
    month: dt.date
    fen: int


@dataclass(frozen=True)
class StatedFacts:
    """What the business system states of an item's case, and of those whom it concerns.

    Attributes:
        described: of the case, by our names of the fields; what it left empty is missing.
        values: of the holders, of the item's insurance line, the newest statement of each serial.
    """

    described: Mapping[str, str] = field(default_factory=dict)
    values: tuple[StatedValue, ...] = ()


@dataclass(frozen=True)
class ItemFacts:
    """One item.

    Attributes:
        rule_term: the term of the schedule of its year; none when there is no row for it.
        materials: the list of its step, in order, in the edition that held then.
        missing: names of required material that is not there, without the main form.
        is_main_missing: the main form is not there.
        is_known_step: the step stands in the rule book and belongs to the item's category.
        completed_on: when the business ended, as the business system says; none where it says nothing.
        declared_pages: pages that system declared.
        filing_days: days the step gives for filing.
        other_forms: names of the main forms of other steps.
        stated: what the business system states; empty where it was not asked or states nothing.
        has_step_history: who took the item in, and who reviewed it, stand on record.
    """

    urn: str
    reference_code: str
    acceptance_no: str
    title: str
    step_code: str
    category_code: str
    agency_code: str
    insurance_line: str
    year: int
    formed_date: dt.date
    registered_on: dt.date
    term: Term
    rule_term: Term | None
    item_no: int | None
    paper_pages: int
    is_imaged: bool
    concerns_many: bool
    is_known_step: bool
    materials: tuple[MaterialFacts, ...]
    missing: tuple[str, ...]
    is_main_missing: bool
    files: tuple[FileFacts, ...]
    subjects: tuple[SubjectFacts, ...]
    completed_on: dt.date | None
    declared_pages: int | None
    filing_days: int
    has_step_history: bool
    route: Route = Route.TARGET
    other_forms: tuple[str, ...] = ()
    stated: StatedFacts = field(default_factory=StatedFacts)

    @property
    def reference(self) -> str:
        """How people call it."""
        return self.reference_code or self.acceptance_no

    @property
    def image_pages(self) -> int:
        """How many pages its files have."""
        return sum(len(file.pages) for file in self.files)

    @property
    def main_codes(self) -> frozenset[str]:
        """Codes of the step's main form."""
        return frozenset(material.code for material in self.materials if material.is_main)


@dataclass(frozen=True)
class VolumeFacts:
    """One volume with its items.

    Attributes:
        kind: its arrangement kind: what its items share.
        rule: the template of its 档号; of its items' where the kind has another.
        lost_before: numbers of its run right before its own that nobody can account for.
        is_doubled: another volume of its run bears its number.
        sealed_on: the day it was sealed; none before.
        filed_by: who filed it.
        checked_by: who checked it.
        counted: pages counted on paper by item URN; none while nobody counted.
        today: the day it is judged on.
        held_since: since when its paper is in the store; none where it is not, and for what has no paper.
    """

    urn: str
    reference_code: str
    fonds_code: str
    category_code: str
    category_name: str
    agency_code: str
    insurance_line: str
    year: int
    term: Term
    title: str
    item_count: int
    page_count: int
    page_limit: int
    is_imaged: bool
    kind: Kind
    classification: Classification
    rule: Template
    item_rule: Template
    items: tuple[ItemFacts, ...]
    volume_no: int | None
    lost_before: tuple[int, ...]
    is_doubled: bool
    sealed_on: dt.date | None
    filed_by: frozenset[str]
    checked_by: frozenset[str]
    today: dt.date
    counted: Mapping[str, int] | None = None
    known_agencies: frozenset[str] = field(default=frozenset())
    shelf: str | None = None
    held_since: dt.date | None = None

    @property
    def reference(self) -> str:
        """How people call it."""
        return self.reference_code or self.title
