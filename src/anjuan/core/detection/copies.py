"""Facts of copies that belong to no record, so that detectors judge them as they judge records (测评用事实)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core import arrangement, refcode
from anjuan.core.detection.facts import FileFacts, ItemFacts, MaterialFacts, PageFacts, VolumeFacts
from anjuan.core.detection.measures import PageMeasures
from anjuan.core.retention import Term, TermKind
from anjuan.core.terms import Arrangement, Classification, InsuranceLine

_TERM = Term(TermKind.PERMANENT)


@dataclass(frozen=True)
class CopiedPage:
    """One copy: its material, its size, what was measured on it, and the digest by which its twins name it."""

    material: str
    is_main: bool
    width_px: int
    height_px: int
    dpi: int
    sha512: str
    measures: PageMeasures


def facts_of_copies(pages: Sequence[CopiedPage], *, paper_pages: int, today: dt.date) -> VolumeFacts:
    """A volume of one item with these pages, each a file of its own numbered from 1; all else is without fault.

    Args:
        pages: the copies in order.
        paper_pages: pages by the catalogue.
        today: the day it is judged on.
    """
    kind = arrangement.kinds()[Arrangement.BY_VOLUME]
    rule, item_rule = arrangement.templates(kind, refcode.DEFAULT_TEMPLATE)
    files = tuple(
        FileFacts(
            pk=number,
            ordinal=number,
            material_code=one.material,
            original_name="",
            logical_name="",
            format_id="",
            size_bytes=0,
            sha512=one.sha512,
            pages=(PageFacts(1, one.width_px, one.height_px, one.dpi, one.measures),),
        )
        for number, one in enumerate(pages, 1)
    )
    listed = {one.material: one.is_main for one in sorted(pages, key=lambda page: not page.is_main)}
    item = ItemFacts(
        urn="copy",
        reference_code="",
        acceptance_no="",
        title="",
        step_code="",
        category_code="",
        agency_code="",
        insurance_line=InsuranceLine.ALL,
        year=today.year,
        formed_date=today,
        registered_on=today,
        term=_TERM,
        rule_term=_TERM,
        item_no=None,
        paper_pages=paper_pages,
        is_imaged=True,
        concerns_many=False,
        is_known_step=True,
        materials=tuple(MaterialFacts(code, code, is_main, True, (), False) for code, is_main in listed.items()),
        missing=(),
        is_main_missing=False,
        files=files,
        subjects=(),
        completed_on=None,
        declared_pages=None,
        filing_days=0,
        has_step_history=True,
    )
    return VolumeFacts(
        urn="copies",
        reference_code="",
        fonds_code="",
        category_code="",
        category_name="",
        agency_code="",
        insurance_line=InsuranceLine.ALL,
        year=today.year,
        term=_TERM,
        title="",
        item_count=1,
        page_count=paper_pages,
        page_limit=paper_pages,
        is_imaged=True,
        kind=kind,
        classification=Classification.YEAR_LINE_STEP,
        rule=rule,
        item_rule=item_rule,
        items=(item,),
        volume_no=None,
        lost_before=(),
        is_doubled=False,
        sealed_on=None,
        filed_by=frozenset(),
        checked_by=frozenset(),
        today=today,
    )
