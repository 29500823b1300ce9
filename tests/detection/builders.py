"""Facts for the detectors' samples: a good volume, of which a sample changes what it is about."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from anjuan.core import arrangement, refcode
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import (
    FileFacts,
    ItemFacts,
    MaterialFacts,
    PageFacts,
    Reading,
    SubjectFacts,
    VolumeFacts,
)
from anjuan.core.detection.measures import VERSION, ColourMode, PageMeasures
from anjuan.core.retention import Term, TermKind
from anjuan.core.signatures import SignatureFacts, SignatureKind
from anjuan.core.terms import Arrangement, Classification

YEARS_50 = Term(TermKind.YEARS, 50)
YEARS_10 = Term(TermKind.YEARS, 10)
GOOD = Reading(is_verified=True, is_readable=True, is_clean=True, format_id="fmt/43", size_bytes=1000)
SIGNATURE = SignatureFacts(1, SignatureKind.PDF, False, signer="河西分中心", signed_at="2026-05-06 02:30:00")
PERSON = SubjectFacts(is_person=True, name="张建国", id_number="110101196501010018", credit_code="")
OTHER = SubjectFacts(is_person=True, name="李秀英", id_number="110101197002020021", credit_code="")
UNIT = SubjectFacts(is_person=False, name="津南机械厂", id_number="", credit_code="91110000600037341L")
MAIN = MaterialFacts("MAIN", "申请表", True, True, ("AGENCY", "HANDLER"), True)
CARD = MaterialFacts("CARD", "身份证复印件", False, True, (), False)
TODAY = dt.date(2026, 10, 1)
_RULE = refcode.template(refcode.DEFAULT_TEMPLATE)


@dataclass(frozen=True)
class Sample:
    """One labelled volume: what it is about, its facts, and what is to be found, with how often.

    Attributes:
        says: what the sample shows.
        volume: its facts.
        found: outcomes that are to be found, in any order; empty for a good volume.
        is_trap: a false alarm is known to be raised on it.
    """

    says: str
    volume: VolumeFacts
    found: tuple[Outcome, ...] = ()
    is_trap: bool = False


FAIL, UNSURE = Outcome.FAIL, Outcome.UNSURE


def page(number: int = 1, **changed: Any) -> PageFacts:
    """An A4 page at 300 dpi."""
    return replace(PageFacts(number, 2480, 3508, 300), **changed)


def measures(**changed: Any) -> PageMeasures:
    """What a good A4 page in colour shows."""
    made = PageMeasures(
        version=VERSION,
        mode=ColourMode.COLOUR,
        width_mm=210.0,
        height_mm=297.0,
        colour=0.006,
        tint=6.0,
        ink=0.04,
        letters=400,
        skew=0.4,
        skew_sure=1.0,
        turn=0,
        turn_sure=1.0,
        sharpness=0.44,
        contrast=160.0,
        paper=240.0,
        light_range=6.0,
        light_fit=0.4,
        hash64="00ff00ff00ff00ff",
        letter_px=24.0,
        ink_box=(0.1, 0.1, 0.8, 0.8),
    )
    return replace(made, **changed)


def seen(*pages: PageMeasures, material: str = "MAIN") -> VolumeFacts:
    """A volume of one item, each of these measured pages a file of its own; each file's digest is its number's."""
    files = tuple(file(number, material, pages=1) for number in range(1, len(pages) + 1))
    measured = tuple(
        replace(one, pages=(replace(one.pages[0], measures=shown),)) for one, shown in zip(files, pages, strict=True)
    )
    return volume(item(1, files=measured, paper_pages=len(pages), declared_pages=len(pages)))


BLANK = PageMeasures(version=VERSION, width_mm=210.0, height_mm=297.0, tint=6.0, paper=245.0)


def file(pk: int, material: str = "MAIN", pages: int = 1, **changed: Any) -> FileFacts:
    """One file with that many pages, read and found whole."""
    made = FileFacts(
        pk=pk,
        ordinal=pk,
        material_code=material,
        original_name=f"扫描{pk}.jpg",
        logical_name=f"capture/{pk:024x}.jpg",
        format_id="fmt/43",
        size_bytes=1000,
        sha512=f"{pk:0128x}",
        pages=tuple(page(number) for number in range(1, pages + 1)),
        reading=GOOD,
    )
    return replace(made, **changed)


def item(number: int = 1, **changed: Any) -> ItemFacts:
    """One good item of two pages."""
    made = ItemFacts(
        urn=f"urn:item:{number}",
        reference_code=f"J001-ZY·SB·03·2024·HX-0001-{number:03d}",
        acceptance_no=f"HX2024-{number:05d}",
        title=f"退休审批（第{number}人）",
        step_code="RETIREMENT",
        category_code="03",
        agency_code="HX",
        insurance_line="PENSION",
        year=2024,
        formed_date=dt.date(2024, 3, 5),
        registered_on=dt.date(2024, 3, 5),
        term=YEARS_50,
        rule_term=YEARS_50,
        item_no=number,
        paper_pages=2,
        is_imaged=True,
        concerns_many=False,
        is_known_step=True,
        materials=(MAIN, CARD),
        missing=(),
        is_main_missing=False,
        files=(file(number * 10 + 1), file(number * 10 + 2, "CARD")),
        subjects=(PERSON,),
        completed_on=dt.date(2024, 3, 6),
        declared_pages=2,
        filing_days=30,
        has_step_history=True,
    )
    return replace(made, **changed)


def volume(*items: ItemFacts, **changed: Any) -> VolumeFacts:
    """A good sealed volume of these items, or of two good ones."""
    held = items or (item(1), item(2, subjects=(OTHER,)))
    made = VolumeFacts(
        urn="urn:volume:1",
        reference_code="J001-ZY·SB·03·2024·HX-0001",
        fonds_code="J001",
        category_code="03",
        category_name="养老待遇",
        agency_code="HX",
        insurance_line="PENSION",
        year=2024,
        term=YEARS_50,
        title="河西分中心2024年退休审批材料",
        item_count=len(held),
        page_count=sum(one.paper_pages for one in held),
        page_limit=200,
        is_imaged=True,
        kind=arrangement.kinds()[Arrangement.BY_VOLUME],
        classification=Classification.YEAR_LINE_STEP,
        rule=_RULE,
        item_rule=_RULE,
        items=held,
        volume_no=1,
        lost_before=(),
        is_doubled=False,
        sealed_on=dt.date(2024, 4, 1),
        filed_by=frozenset({"hx05"}),
        checked_by=frozenset({"hx06"}),
        today=TODAY,
        known_agencies=frozenset({"HX", "BH"}),
        shelf="1-01-01",
    )
    return replace(made, **changed)


def dossier(*items: ItemFacts, **changed: Any) -> VolumeFacts:
    """A person's dossier of these items: years and categories mix in it by right."""
    return volume(*items, kind=arrangement.kinds()[Arrangement.PERSON_DOSSIER], **changed)
