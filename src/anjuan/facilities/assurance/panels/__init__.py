"""What the room hangs on the shared pages, and detectors as their page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from anjuan.core import assurance
from anjuan.core.assurance import Nature, Stage, Test
from anjuan.core.detection import Scope
from anjuan.core.terms import Actor
from anjuan.facilities.assurance.queries import findings, reports, storage
from anjuan.facilities.assurance.queries import signatures as register
from anjuan.facilities.assurance.queries.findings import DetectorRow
from anjuan.facilities.assurance.queries.schemes import AddedRow
from anjuan.facilities.assurance.queries.storage import Standing
from anjuan.foundation.web.panels import Panel, RailEntry, address
from anjuan.foundation.web.shapes import Words

_GROUPS = {
    "V": gettext_lazy("Volume and paper"),
    "S": gettext_lazy("Seals, signatures, dates"),
    "D": gettext_lazy("Catalogue"),
    "I": gettext_lazy("Images"),
    "L": gettext_lazy("Links and files"),
}
_UNITS = {"characters": pgettext_lazy("unit", "characters"), "days": pgettext_lazy("unit", "days")}
_SCOPES = {
    Scope.PAGE: gettext_lazy("each page"),
    Scope.ITEM: gettext_lazy("each item"),
    Scope.VOLUME: gettext_lazy("the volume"),
}


@dataclass(frozen=True)
class ThresholdLine:
    """One threshold as drawn: its value, its range, and whether the house changed it."""

    name: str
    words: str
    unit: Words
    value: str
    shipped: str
    least: str
    most: str
    is_changed: bool
    reason: str


@dataclass(frozen=True)
class DetectorLine:
    """One detector as drawn."""

    code: str
    grade: str
    title: str
    scope: Words
    clause: str
    version: int
    judged: int
    percent: int | None
    unsure: int
    thresholds: Sequence[ThresholdLine]


def detector_groups(rows: Sequence[DetectorRow], typed: Mapping[str, str]) -> list[tuple[Words, list[DetectorLine]]]:
    """The detectors under the headings of the catalogue.

    Args:
        rows: all detectors.
        typed: a threshold whose change was refused, as it was typed: ``code name value reason``.
    """
    groups: dict[str, list[DetectorLine]] = {}
    for row in rows:
        groups.setdefault(row.fault.code[0], []).append(_line(row, typed))
    return [(_GROUPS[letter], lines) for letter, lines in groups.items()]


def _line(row: DetectorRow, typed: Mapping[str, str]) -> DetectorLine:
    chinese = (get_language() or "zh").startswith("zh")
    thresholds = []
    for setting in row.detector.settings:
        mine = (typed.get("code"), typed.get("name")) == (row.fault.code, setting.name)
        thresholds.append(
            ThresholdLine(
                setting.name,
                setting.zh if chinese else setting.en,
                _UNITS.get(setting.unit, setting.unit),
                typed["value"] if mine else f"{row.values[setting.name]:g}",
                f"{setting.default:g}",
                f"{setting.least:g}",
                f"{setting.most:g}",
                setting.name in row.changed,
                typed["reason"] if mine else "",
            )
        )
    return DetectorLine(
        row.fault.code,
        row.fault.grade,
        row.fault.zh if chinese else row.fault.en,
        _SCOPES[row.detector.scope],
        row.fault.clause,
        row.detector.version,
        row.confirmed + row.dismissed,
        None if row.precision is None else round(100 * row.precision),
        row.unsure,
        thresholds,
    )


_NATURES = {
    Nature.AUTHENTIC: gettext_lazy("Authentic"),
    Nature.COMPLETE: gettext_lazy("Complete"),
    Nature.USABLE: gettext_lazy("Usable"),
    Nature.SAFE: gettext_lazy("Safe"),
}
_STAGES = {
    Stage.FILING: pgettext_lazy("stage of testing", "Filing"),
    Stage.TRANSFER: pgettext_lazy("stage of testing", "Handover"),
    Stage.STORAGE: pgettext_lazy("stage of testing", "Long-term storage"),
}


@dataclass(frozen=True)
class TestLine:
    """One test of the scheme as drawn; ``added`` is none for those shipped."""

    test: Test
    name: str
    stages: str
    added: AddedRow | None = None


def storage_part(found: Standing) -> dict[str, Any]:
    """How the storage stands: how much was tested, and what did not pass."""
    return {
        "found": found,
        "percent": round(100 * found.tested / found.held) if found.held else 100,
        "failing": [(row, address("assurance:record", urn=row.volume_urn)) for row in found.failing],
        "every_days": storage.EVERY.days,
    }


def scheme_page(added: Sequence[AddedRow]) -> dict[str, Any]:
    """Which tests there are, under the four natures."""
    groups: dict[Nature, list[TestLine]] = {nature: [] for nature in Nature}
    for test in assurance.tests():
        groups[test.nature].append(_test_line(test))
    return {
        "groups": [(_NATURES[nature], lines) for nature, lines in groups.items()],
        "added": [_test_line(row.test, row) for row in added],
        "natures": [(nature.value, words) for nature, words in _NATURES.items()],
        "stages": [(stage.value, words) for stage, words in _STAGES.items()],
    }


def record_page(actor: Actor, urn: str) -> dict[str, Any]:
    """How one record fared in the tests, and whether the actor may have it tested now."""
    found = reports.reported(actor, urn)
    return {
        "record": found,
        "record_url": address("search:volume", urn=urn) or address("search:item", urn=urn),
        "rows": [
            (_STAGES[row.stage], row, address("assurance:report", urn=urn, stage=row.stage.lower()))
            for row in found.rows
        ],
    }


def _test_line(test: Test, added: AddedRow | None = None) -> TestLine:
    chinese = (get_language() or "zh").startswith("zh")
    stages = " · ".join(str(_STAGES[stage]) for stage in Stage if stage in test.stages)
    return TestLine(test, test.zh if chinese else test.en, stages, added)


RAIL = (
    RailEntry(
        title=gettext_lazy("Detectors"),
        url_name="assurance:detectors",
        icon="adjustments",
        posts=frozenset(findings.READERS),
        group="USE",
        order=56,
    ),
    RailEntry(
        title=gettext_lazy("Four-nature tests"),
        url_name="assurance:scheme",
        icon="shield-check",
        posts=frozenset(findings.READERS),
        group="USE",
        order=57,
    ),
    RailEntry(
        title=gettext_lazy("Invalid signatures"),
        url_name="assurance:signatures",
        icon="signature",
        posts=frozenset(register.READERS),
        group="USE",
        order=58,
    ),
)
PANELS = (
    Panel(
        slot="record.standing",
        title=gettext_lazy("Electronic signatures"),
        url_name="assurance:signatures_of",
        order=66,
    ),
    Panel(slot="record.standing", title=gettext_lazy("Four-nature tests"), url_name="assurance:record", order=65),
)
QUEUES = ()
