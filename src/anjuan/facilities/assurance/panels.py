"""What the room hangs on the shared pages, and detectors as their page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy

from anjuan.core.detection import Scope
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.assurance.queries.findings import DetectorRow
from anjuan.foundation.web.panels import RailEntry
from anjuan.foundation.web.shapes import Words

_GROUPS = {
    "V": gettext_lazy("Volume and paper"),
    "S": gettext_lazy("Seals, signatures, dates"),
    "D": gettext_lazy("Catalogue"),
    "I": gettext_lazy("Images"),
    "L": gettext_lazy("Links and files"),
}
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
    unit: str
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
                setting.unit,
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


RAIL = (
    RailEntry(
        title=gettext_lazy("Detectors"),
        url_name="assurance:detectors",
        icon="adjustments",
        posts=frozenset(findings.READERS),
        group="USE",
        order=56,
    ),
)
QUEUES = ()
