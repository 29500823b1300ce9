"""What a detector is, what it says, and where."""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts

Box = tuple[float, float, float, float]  # x, y, width, height as parts of the page, 0 to 1
Settings = Mapping[str, float]


class Scope(enum.StrEnum):
    """What one verdict of a detector is about."""

    PAGE = "PAGE"  # 页
    ITEM = "ITEM"  # 件
    VOLUME = "VOLUME"  # 卷


@dataclass(frozen=True)
class Setting:
    """A threshold of a detector, which an office may change.

    Attributes:
        name: its name in the detector.
        zh: what it says.
        en: the same in English.
        unit: what it is counted in (mm, °, %, dpi, days, characters); empty for a share of one.
        default: its value where nobody set another.
        least: the least value that makes sense.
        most: the greatest.
    """

    name: str
    zh: str
    en: str
    unit: str
    default: float
    least: float
    most: float


@dataclass(frozen=True)
class Verdict:
    """What a detector says of one place.

    Attributes:
        outcome: PASS, FAIL or UNSURE; a place that the fault does not concern gets no verdict at all.
        score: how surely it is a fault, 0 to 1.
        item_urn: the item; empty for a fault of the whole volume.
        component_pk: the file; none for a fault of the whole item.
        page_no: the page in that file, from 1.
        boxes: where on the page.
        zh: what was found, in Chinese, without the fault's name.
        en: the same in English.
    """

    outcome: Outcome
    score: float = 1.0
    item_urn: str = ""
    component_pk: int | None = None
    page_no: int | None = None
    boxes: tuple[Box, ...] = ()
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Detector:
    """One detector: the id of its fault, what it looks at, its settings, and how it judges.

    Attributes:
        code: id of the fault catalogue.
        scope: what its verdicts are about.
        judge: facts of a volume and settings in, verdicts out; it may be a generator.
        settings: its thresholds.
        version: raised when the same facts may get another verdict.
    """

    code: str
    scope: Scope
    judge: Callable[[VolumeFacts, Settings], Iterable[Verdict]]
    settings: tuple[Setting, ...] = field(default=())
    version: int = 1


@dataclass(frozen=True)
class FaultFinding:
    """A verdict that names a fault, or leaves it to a person, with the record's own names (检测发现)."""

    code: str
    version: int
    outcome: Outcome
    score: float
    volume_urn: str
    item_urn: str
    reference: str
    component_pk: int | None
    page_no: int | None
    boxes: tuple[Box, ...]
    zh: str
    en: str

    @property
    def place(self) -> tuple[str, str, int, int]:
        """What it is about, as a key: detector, item, file, page."""
        return self.code, self.item_urn, self.component_pk or 0, self.page_no or 0
