"""Gathering what detectors judge volumes by: many volumes in a few queries, whatever their number."""

import bisect
import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from anjuan.core import arrangement, refcode
from anjuan.core.detection.facts import (
    FileFacts,
    FormFacts,
    ItemFacts,
    MaterialFacts,
    PageFacts,
    Reading,
    StatedFacts,
    SubjectFacts,
    VolumeFacts,
)
from anjuan.core.detection.measures import PageMeasures
from anjuan.core.reading.laying import lay_over
from anjuan.core.reading.said import PageSaid
from anjuan.core.reading.templates import Laid
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term
from anjuan.core.signatures import SignatureFacts
from anjuan.core.terms import Arrangement, Classification, Duty, Route, State, SubjectKind
from anjuan.facilities.assurance.queries import signatures, stated
from anjuan.facilities.business import queries as business
from anjuan.facilities.business.queries import CompletionRow
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.numbering import rules as runs
from anjuan.facilities.reading import queries as reading
from anjuan.facilities.reading.queries import templates
from anjuan.facilities.reading.queries.templates import Formbook
from anjuan.facilities.stacks import queries as stacks
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import Rulebook, Stepbook
from anjuan.foundation.schedule.rules import StepRow, lacking_names, missing_materials
from anjuan.records import queries as records
from anjuan.records.queries import judged
from anjuan.records.queries.judged import JudgedVolume
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow

_TELLING_NAME = 6  # letters: shorter names stand in many others
_SOME = 400  # volumes gathered at once: what SQLite takes as parameters, and what a worker holds in memory


@dataclass(frozen=True)
class _Gathered:
    """Everything read for some volumes, before it is put together."""

    steps: Stepbook
    rulebook: Rulebook
    components: Mapping[str, list[ComponentRow]]
    subjects: Mapping[str, list[SubjectRow]]
    answers: Mapping[str, Mapping[str, bool]]
    completions: Mapping[tuple[str, str], CompletionRow]
    duties: Mapping[str, Mapping[Duty, frozenset[str]]]
    sealed_at: Mapping[str, dt.datetime]
    numbers: "_Numbers"
    places: Mapping[str, str]
    agencies: frozenset[str]
    readings: Mapping[int, Reading]
    measures: Mapping[tuple[str, int], PageMeasures]
    said: Mapping[tuple[str, int], PageSaid]
    formbook: Formbook
    laid: Mapping[tuple[str, int], Mapping[int, Laid]]  # templates that fit, by page and edition
    tried: "Trial | None"
    main_forms: Mapping[str, frozenset[str]]  # names of main forms, by step
    signatures: Mapping[str, tuple[SignatureFacts, ...]]
    forms: Mapping[str, FormFacts]
    stated: Mapping[str, StatedFacts]
    counted: Mapping[str, Mapping[str, int]]
    zone: zoneinfo.ZoneInfo
    today: dt.date


@dataclass(frozen=True)
class Trial:
    """A template that is tried and not in use: how it lies on some pages of one material (试套).

    Attributes:
        step_code: of which step.
        material_code: of which of its materials.
        laid: by digest and page; None where it does not fit, and the page is judged as without it.
    """

    step_code: str
    material_code: str
    laid: Mapping[tuple[str, int], Laid | None]


@dataclass(frozen=True)
class _Numbers:
    """Runs of volume numbers: what was given how often, and what is accounted for."""

    given: Mapping[str, Counter[int]]
    known: Mapping[str, Sequence[int]]  # given, voided or held; sorted
    keys: Mapping[str, str]  # run by volume

    def lost_before(self, urn: str, number: int | None) -> tuple[int, ...]:
        """Numbers right before this one that nobody can account for."""
        key = self.keys.get(urn)
        if key is None or number is None:
            return ()
        known = self.known[key]
        place = bisect.bisect_left(known, number)
        before = known[place - 1] if place else 0
        return tuple(range(before + 1, number))

    def is_doubled(self, urn: str, number: int | None) -> bool:
        """Whether another volume of the run bears the number."""
        key = self.keys.get(urn)
        return key is not None and number is not None and self.given[key][number] > 1


def facts_of(
    volume_urns: Collection[str],
    *,
    counted: Mapping[str, Mapping[str, int]] | None = None,
    readings: Mapping[int, Reading] | None = None,
) -> Iterable[VolumeFacts]:
    """What is known of volumes, to be judged by detectors (检测事实); rights are judged by who asks.

    Args:
        volume_urns: which volumes.
        counted: pages counted on paper, by volume and item, where somebody counted.
        readings: what reading the bytes showed, by component, where they were read.

    Yields:
        Their facts, some hundreds gathered at a time: eighteen queries a time, one more for each 5,000 images and for
        each 5,000 files that have a form template, two for each 5,000 PDF and OFD files; of what the business system
        states two an agency, and one for each 400 persons whose pages say an amount.
    """
    wanted = list(dict.fromkeys(volume_urns))
    for first in range(0, len(wanted), _SOME):
        yield from _some(wanted[first : first + _SOME], counted or {}, readings or {})


def facts_of_loose(
    items: Sequence[ItemRow], *, readings: Mapping[int, Reading], tried: Trial | None = None
) -> list[VolumeFacts]:
    """What is known of items that lie in no volume yet, each as if it were alone in an open one.

    Args:
        items: such items; rights are judged by who asks.
        readings: what reading the bytes showed, by component.
        tried: a template to go by in place of those in use for its material.
    """
    if not items:
        return []
    gathered = _gathered([], items, {}, readings, tried)
    return [_alone(item, gathered) for item in items]


def _some(
    urns: Sequence[str], counted: Mapping[str, Mapping[str, int]], readings: Mapping[int, Reading]
) -> list[VolumeFacts]:
    volumes = judged.judged_volumes(urns)
    items = judged.items_of_each(urns)
    gathered = _gathered(volumes, [item for rows in items.values() for item in rows], counted, readings)
    return [_volume(one, items[one.volume.urn], gathered) for one in volumes]


def _gathered(
    volumes: Sequence[JudgedVolume],
    every: Sequence[ItemRow],
    counted: Mapping[str, Mapping[str, int]],
    readings: Mapping[int, Reading],
    tried: Trial | None = None,
) -> _Gathered:
    urns = [one.volume.urn for one in volumes]
    item_urns = [item.urn for item in every]
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    components = records.components_of(item_urns)
    steps = schedule.stepbook()
    read = {row.sha512 for rows in components.values() for row in rows if row.mime in reading.READ_MIMES}
    images = {row.sha512 for rows in components.values() for row in rows if row.mime in formats.MEASURED_MIMES}
    subjects = records.subjects_of(item_urns)
    said = reading.said_of(read)
    paged = {row.sha512 for rows in components.values() for row in rows if row.mime in signatures.SIGNED_MIMES}
    formbook = templates.formbook()
    step_of = {item.urn: item.step_code for item in every}
    drawn = {
        row.sha512 for urn, rows in components.items() for row in rows if formbook.of(step_of[urn], row.material_code)
    }
    return _Gathered(
        steps=steps,
        rulebook=schedule.rulebook(),
        components=components,
        subjects=subjects,
        answers=schedule.circumstances_of(item_urns),
        completions=_completions(every),
        duties=records.duties_of_each([*urns, *item_urns]),
        sealed_at=judged.filed_at(urns),
        numbers=_numbers(volumes),
        places={urn: row.cell_code for urn, row in stacks.places_of(urns).items()},
        agencies=frozenset(accounts.agency_names()),
        readings=readings,
        measures=formats.measures_of(images),
        said=said,
        formbook=formbook,
        laid=formbook.laid_of(drawn) if drawn else {},
        tried=tried,
        main_forms=_main_forms(steps),
        signatures=signatures.kept_of(paged),
        forms=formats.forms_of(paged),
        stated=stated.stated_of(every, subjects, components, said, drawn),
        counted=counted,
        zone=zone,
        today=timezone.now().astimezone(zone).date(),
    )


def _completions(items: Iterable[ItemRow]) -> Mapping[tuple[str, str], CompletionRow]:
    by_agency: dict[str, list[str]] = {}
    for item in items:
        by_agency.setdefault(item.agency_code, []).append(item.acceptance_no)
    return {
        (agency, serial): row
        for agency, serials in by_agency.items()
        for serial, row in business.completions_of(agency, serials).items()
    }


def _numbers(volumes: Sequence[JudgedVolume]) -> _Numbers:
    wanted = {one.volume.year for one in volumes if one.volume.volume_no}
    fonds = {one.volume.fonds_code for one in volumes}
    given: dict[str, Counter[int]] = {}
    keys: dict[str, str] = {}
    tokens: dict[tuple[str, str], set[str]] = {}
    for year in sorted(wanted):
        for row in numbering.numbered_in(fonds, year):
            shape = (row.template, row.arrangement.value)
            if shape not in tokens:
                rule, _ = arrangement.templates(arrangement.kinds()[row.arrangement], row.template)
                tokens[shape] = {token.name for token in rule.tokens()}
            key = runs.run_key(
                fonds_code=row.fonds_code,
                year=row.year,
                category_code=row.category_code,
                arrangement=row.arrangement,
                agency_code=row.agency_code,
                insurance_line=row.insurance_line,
                tokens=tokens[shape],
            )
            keys[row.urn] = key
            given.setdefault(key, Counter())[row.volume_no] += 1
    voided, held = numbering.voided_in(given), numbering.reserved_in(given)
    known = {
        key: sorted({*numbers, *(row.number for row in voided[key]), *held[key]}) for key, numbers in given.items()
    }
    return _Numbers(given, known, keys)


def _volume(one: JudgedVolume, items: Sequence[ItemRow], gathered: _Gathered) -> VolumeFacts:
    volume = one.volume
    kind = arrangement.kinds()[volume.arrangement]
    rule, item_rule = arrangement.templates(kind, one.numbering_template)
    duties = gathered.duties.get(volume.urn, {})
    sealed_at = gathered.sealed_at.get(volume.urn) if volume.volume_no else None
    return VolumeFacts(
        urn=volume.urn,
        reference_code=volume.reference_code,
        fonds_code=volume.fonds_code,
        category_code=volume.category_code,
        category_name=volume.category_name,
        agency_code=volume.agency_code,
        insurance_line=volume.insurance_line,
        year=volume.year,
        term=volume.term,
        title=volume.title,
        item_count=volume.item_count,
        page_count=volume.page_count,
        page_limit=one.page_limit,
        is_imaged=volume.is_imaged,
        kind=kind,
        classification=one.classification,
        rule=rule,
        item_rule=item_rule,
        items=tuple(_item(item, gathered) for item in items),
        volume_no=volume.volume_no,
        lost_before=gathered.numbers.lost_before(volume.urn, volume.volume_no),
        is_doubled=gathered.numbers.is_doubled(volume.urn, volume.volume_no),
        sealed_on=sealed_at.astimezone(gathered.zone).date() if sealed_at else None,
        filed_by=duties.get(Duty.FILED, frozenset()),
        checked_by=duties.get(Duty.CHECKED, frozenset()),
        today=gathered.today,
        counted=gathered.counted.get(volume.urn),
        known_agencies=gathered.agencies,
        shelf=gathered.places.get(volume.urn),
        held_since=volume.state_since.astimezone(gathered.zone).date()
        if volume.state is State.HELD and volume.route is not Route.SINGLE_SET
        else None,
    )


def _alone(item: ItemRow, gathered: _Gathered) -> VolumeFacts:
    kind = arrangement.kinds()[Arrangement.BY_VOLUME]
    rule, item_rule = arrangement.templates(kind, refcode.DEFAULT_TEMPLATE)
    return VolumeFacts(
        urn="",
        reference_code="",
        fonds_code="",
        category_code=item.category_code,
        category_name="",
        agency_code=item.agency_code,
        insurance_line=item.insurance_line,
        year=item.year,
        term=item.term,
        title=item.title,
        item_count=1,
        page_count=item.paper_pages,
        page_limit=item.paper_pages,
        is_imaged=item.is_imaged,
        kind=kind,
        classification=Classification.YEAR_LINE_STEP,
        rule=rule,
        item_rule=item_rule,
        items=(_item(item, gathered),),
        volume_no=None,
        lost_before=(),
        is_doubled=False,
        sealed_on=None,
        filed_by=frozenset(),
        checked_by=frozenset(),
        today=gathered.today,
        known_agencies=gathered.agencies,
    )


def _item(item: ItemRow, gathered: _Gathered) -> ItemFacts:
    components = gathered.components[item.urn]
    pages: dict[str, int] = {}
    for row in components:
        pages[row.material_code] = pages.get(row.material_code, 0) + row.page_count
    step = _step(item, gathered)
    materials = step.materials if step else ()
    lacking = missing_materials(materials, pages, gathered.answers[item.urn])
    completion = gathered.completions.get((item.agency_code, item.acceptance_no))
    duties = gathered.duties.get(item.urn, {})
    return ItemFacts(
        urn=item.urn,
        reference_code=item.reference_code,
        acceptance_no=item.acceptance_no,
        title=item.title,
        step_code=item.step_code,
        category_code=item.category_code,
        agency_code=item.agency_code,
        insurance_line=item.insurance_line,
        year=item.year,
        formed_date=item.formed_date,
        registered_on=item.registered_at.astimezone(gathered.zone).date(),
        term=item.term,
        rule_term=_rule_term(item, step, gathered.rulebook),
        item_no=item.item_no,
        paper_pages=item.paper_pages,
        is_imaged=item.is_imaged,
        concerns_many=bool(step and step.concerns_many),
        is_known_step=step is not None and step.category_code == item.category_code,
        materials=tuple(
            MaterialFacts(
                row.code, row.name, row.is_main, row.must_scan, tuple(row.required_seals), row.original_required
            )
            for row in materials
        ),
        missing=lacking_names([one for one in lacking if one.code != "I-004"]),
        is_main_missing=any(one.code == "I-004" for one in lacking),
        files=tuple(_file(row, item, gathered) for row in components),
        subjects=tuple(
            SubjectFacts(row.kind == SubjectKind.INSURED_PERSON, row.name, row.id_number, row.credit_code)
            for row in gathered.subjects[item.urn]
        ),
        completed_on=completion.completed_at.astimezone(gathered.zone).date() if completion else None,
        declared_pages=completion.declared_pages if completion else None,
        filing_days=step.filing_days if step else 0,
        has_step_history=bool(duties.get(Duty.HANDLED) and duties.get(Duty.REVIEWED))
        or bool(completion and completion.handled_by and completion.reviewed_by),
        route=item.route,
        other_forms=tuple(sorted(_forms_of_others(item.step_code, gathered.main_forms))),
        stated=gathered.stated.get(item.urn, StatedFacts()),
    )


def _main_forms(steps: Stepbook) -> Mapping[str, frozenset[str]]:
    """What the main form of each step is called, in its newest edition."""
    return {
        code: frozenset(row.name for row in editions[0].materials if row.is_main and len(row.name) >= _TELLING_NAME)
        for code, editions in steps.editions.items()
    }


def _forms_of_others(step_code: str, forms: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Names of other steps' main forms that the step's own does not bear."""
    others = (names for code, names in forms.items() if code != step_code)
    return frozenset[str]().union(*others) - forms.get(step_code, frozenset())


def _step(item: ItemRow, gathered: _Gathered) -> StepRow | None:
    try:
        return gathered.steps.of(item.step_code, item.registered_at)
    except Refusal:  # H-004: nobody knows the step; D07 says so
        return None


def _rule_term(item: ItemRow, step: StepRow | None, rulebook: Rulebook) -> Term | None:
    if step is None:
        return None
    try:
        return rulebook.rule_for(step, item.formed_date).term
    except Refusal:  # H-007: the schedule of that year has no row; V10 leaves it to a person
        return None


def _said(row: ComponentRow, page: int, item: ItemRow, gathered: _Gathered) -> PageSaid | None:
    """What a page says; by the template that is its own, where one fits."""
    place = row.sha512, page
    said = gathered.said.get(place)
    if said is None or not said.is_read:
        return said
    form = item.step_code, row.material_code
    tried = gathered.tried
    if tried is not None and form == (tried.step_code, tried.material_code):
        laid = tried.laid.get(place)
    else:
        laid = gathered.formbook.best_of(form, item.formed_date, gathered.laid.get(place, {}))
    return said if laid is None else lay_over(said, laid)


def _is_scan(row: ComponentRow, form: FormFacts | None) -> bool:
    return row.mime.startswith("image/") or (form is not None and form.is_scan)


def _file(row: ComponentRow, item: ItemRow, gathered: _Gathered) -> FileFacts:
    return FileFacts(
        pk=row.pk,
        ordinal=row.ordinal,
        material_code=row.material_code,
        original_name=row.original_name,
        logical_name=row.logical_name,
        format_id=row.format_id,
        size_bytes=row.size_bytes,
        sha512=row.sha512,
        pages=tuple(
            PageFacts(
                number,
                width,
                height,
                dpi,
                gathered.measures.get((row.sha512, number)),
                row.turns.get(number, 0),
                _said(row, number, item, gathered),
            )
            for number, (width, height, dpi) in enumerate(row.pages, start=1)
        ),
        reading=gathered.readings.get(row.pk),
        is_scan=_is_scan(row, gathered.forms.get(row.sha512)),
        kept_signatures=gathered.signatures.get(row.sha512),
        form=gathered.forms.get(row.sha512),
    )
