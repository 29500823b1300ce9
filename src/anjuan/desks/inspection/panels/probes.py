"""Samples in the judge view, and results of people and detectors, as frozen shapes."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from anjuan.core import detection
from anjuan.core.detection import injection
from anjuan.core.terms import Actor
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.queries import history, probe_results, probes
from anjuan.desks.inspection.queries.probe_results import DetectorResult, Miss, PersonResult, Rate
from anjuan.desks.inspection.queries.probes import ProbeRow, SetRow
from anjuan.facilities.corrections.panels import CAUSES, cause_of, fault_name, remedy_of
from anjuan.facilities.corrections.rules import Cause
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.shapes import Fact, PageImage, Words
from anjuan.records.queries import work

_LOOKS_READ = 2000  # of one person, the newest: some weeks of work


def strip(probe: ProbeRow, seen: AbstractSet[int]) -> list[PageImage]:
    """The pages of a sample as those of a volume: looked at, or not yet."""
    base = reverse("inspection:probe", kwargs={"set_no": probe.set_no, "place": probe.place})
    pages = []
    for page in range(1, len(probe.copies) + 1):
        looked = page in seen
        pages.append(
            PageImage(
                number=f"{page:03d}",
                url=f"{base}?page={page:03d}",
                image_url=image_url(probe.set_no, probe.place, page),
                thumb_url=image_url(probe.set_no, probe.place, page, "inspection:probe_thumb"),
                tone="good" if looked else "wait",
                words=_("looked at") if looked else _("not looked at yet"),
                component=str(probe.place),
            )
        )
    return pages


def image_url(set_no: str, place: int, page: int, name: str = "inspection:probe_page") -> str:
    """Where a page of a sample is had."""
    return reverse(name, kwargs={"set_no": set_no, "place": place, "page": page})


def facts_of(probe: ProbeRow) -> list[Fact]:
    """What the catalogue of the copied record says: pages in all, and each material in its order."""
    chinese = _is_chinese()
    lines = [Fact(_("Pages by the catalogue"), str(len(probe.source)))]
    for place, (zh, en, count) in enumerate(probe.catalogue, 1):
        said = ngettext("%(n)s page", "%(n)s pages", count) % {"n": count}
        lines.append(Fact(_("Material %(place)s") % {"place": place}, f"{zh if chinese else en} · {said}"))
    return lines


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


# Results -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RateWords:
    """A share as it is read: how many of how many, in per cent, and between what."""

    of: str
    percent: str
    between: str


def rate_words(rate: Rate) -> RateWords:
    """The words of a share; where nothing was tried, that nothing is known."""
    if not rate.tries:
        return RateWords("0 / 0", "—", "—")
    low, high = rate.between
    return RateWords(
        f"{rate.hits} / {rate.tries}", f"{100 * rate.hits / rate.tries:.0f} %", f"{100 * low:.0f}–{100 * high:.0f} %"
    )


@dataclass(frozen=True)
class PersonLine:
    """One person with what exercises and real work say."""

    name: str
    row: PersonResult
    recall: RateWords
    precision: RateWords
    seconds: str
    real_seconds: str
    error_rate: str


@dataclass(frozen=True)
class DetectorLine:
    """One detector with what the samples say."""

    code: str
    name: str
    row: DetectorResult
    recall: RateWords
    precision: RateWords


@dataclass(frozen=True)
class CodeLine:
    """One kind of fault: how many of them people found."""

    code: str
    name: str
    rate: RateWords
    missed: int


@dataclass(frozen=True)
class MissLine:
    """One fault that was not found, with its picture and what to do about such a page."""

    name: str
    code: str
    fault: str
    remedy: str
    where: str
    is_misnamed: bool
    image_url: str
    thumb_url: str


@dataclass(frozen=True)
class SetLine:
    """A set in the list: who prepared it, where its next sample is, and what may be done with it."""

    row: SetRow
    made_by: str
    is_ready: bool
    waits: bool
    is_revealed: bool


def set_lines(actor: Actor, rows: Sequence[SetRow]) -> list[SetLine]:
    """The sets as their list shows them."""
    names = accounts.staff_names({row.made_by for row in rows})
    return [
        SetLine(
            row,
            names.get(row.made_by, row.made_by),
            row.ready == row.probes,
            not row.is_closed and row.answered < row.mine,
            probes.is_revealed(actor, row),
        )
        for row in rows
    ]


def person_lines(actor: Actor, found: Sequence[PersonResult]) -> list[PersonLine]:
    """The people as their table shows them; what the re-check found is added where the actor may know it."""
    codes = {row.staff_code for row in found}
    names = accounts.staff_names(codes)
    moments = work.looking_moments(codes, _LOOKS_READ)
    rates = {}
    if actor.holds(*history.RATE_POSTS):
        rates = {row.staff_code: row for row in history.acceptor_rates(actor)}
    lines = []
    for row in found:
        real = rules.paces([moment.timestamp() for moment in moments.get(row.staff_code, ())])
        known = rates.get(row.staff_code)
        lines.append(
            PersonLine(
                names.get(row.staff_code, row.staff_code),
                row,
                rate_words(row.recall),
                rate_words(row.precision),
                _seconds(row.seconds),
                _seconds(statistics.median(real) if real else None),
                rate_words(Rate(known.found, known.inspected)).percent if known else "—",
            )
        )
    return lines


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}"


def detector_lines(set_pks: Sequence[int]) -> list[DetectorLine]:
    """The detectors of the faults that are put in, those without a detector among them."""
    catalogue = detection.faults()
    return [
        DetectorLine(row.code, fault_name(catalogue[row.code]), row, rate_words(row.recall), rate_words(row.precision))
        for row in probe_results.detector_results(set_pks, detection.detectors())
    ]


def code_lines(found: Sequence[PersonResult]) -> list[CodeLine]:
    """By kind of fault, the one missed most often first."""
    tried: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    for row in found:
        for code, rate in row.by_code.items():
            tried[code] += rate.tries
            hit[code] += rate.hits
    catalogue = detection.faults()
    lines = [
        CodeLine(code, fault_name(catalogue[code]), rate_words(Rate(hit[code], count)), count - hit[code])
        for code, count in tried.items()
    ]
    return sorted(lines, key=lambda line: (-line.missed, line.code))


def miss_lines(found: Sequence[PersonResult], most: int = 60) -> list[MissLine]:
    """What was not found, by kind of fault, each with its picture."""
    names = accounts.staff_names({row.staff_code for row in found})
    misses = sorted(
        (miss for row in found for miss in row.misses), key=lambda miss: (miss.code, miss.set_no, miss.place)
    )
    return [_miss(miss, names) for miss in misses[:most]]


def _miss(miss: Miss, names: Mapping[str, str]) -> MissLine:
    fault = detection.faults()[miss.code]
    page = miss.page or 1
    return MissLine(
        name=names.get(miss.staff_code, miss.staff_code),
        code=miss.code,
        fault=fault_name(fault),
        remedy=remedy_of(fault),
        where=_("sample %(place)s, page %(page)s") % {"place": miss.place, "page": miss.page}
        if miss.page != injection.WHOLE
        else _("sample %(place)s, the whole record") % {"place": miss.place},
        is_misnamed=miss.is_misnamed,
        image_url=image_url(miss.set_no, miss.place, page) + "?ahead=1",
        thumb_url=image_url(miss.set_no, miss.place, page, "inspection:probe_thumb"),
    )


def results(actor: Actor, rows: Sequence[SetRow]) -> dict[str, object]:
    """What the page of results shows of these sets: everybody's to those who prepare them, else the actor's own."""
    sees_all = probes.is_preparer(actor)
    pks = [row.pk for row in rows]
    found = probe_results.people_results(pks, "" if sees_all else actor.staff_code)
    return {
        "people": person_lines(actor, found),
        "codes": code_lines(found),
        "misses": miss_lines(found),
        "detectors": detector_lines(pks) if sees_all and pks else [],
        "sees_all": sees_all,
    }


# The fault catalogue with its pictures -------------------------------------------------------------------------------


@dataclass(frozen=True)
class FaultLine:
    """One fault of the catalogue as people learn it."""

    code: str
    grade: str
    name: str
    remedy: str
    clause: str
    is_detected: bool
    image_url: str
    cause: str
    often: int
    causes: tuple[tuple[Words, int], ...]


def fault_lines(often: Mapping[str, Mapping[str, int]]) -> list[FaultLine]:
    """Every fault a person can raise, those first that the reader's own agencies have most often.

    Args:
        often: how often each was raised there, by what those who mended it said was the cause.
    """
    lines = [
        FaultLine(
            fault.code,
            fault.grade.value,
            fault_name(fault),
            remedy_of(fault),
            fault.clause,
            fault.code in detection.detectors(),
            reverse("inspection:fault_picture", kwargs={"code": fault.code})
            if fault.code in injection.INJECTED
            else "",
            cause_of(fault),
            sum(often.get(fault.code, {}).values()),
            _told(often.get(fault.code, {})),
        )
        for fault in detection.faults().values()
        if fault.by_person
    ]
    return sorted(lines, key=lambda line: (-line.often, not line.image_url))


def _told(counted: Mapping[str, int]) -> tuple[tuple[Words, int], ...]:
    told = [(CAUSES[Cause(cause)], count) for cause, count in counted.items() if cause]
    return tuple(sorted(told, key=lambda one: -one[1]))
