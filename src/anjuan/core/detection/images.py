"""Walking the measured pages of a volume: what image detectors have in common."""

from collections.abc import Iterator
from dataclasses import dataclass

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import FileFacts, ItemFacts, PageFacts, VolumeFacts
from anjuan.core.detection.frame import Box, Verdict
from anjuan.core.detection.measures import PageMeasures

LETTERS = 12  # with fewer on it, a page says nothing of its writing


@dataclass(frozen=True)
class Seen:
    """A page that was measured, and where it lies."""

    item: ItemFacts
    file: FileFacts
    page: PageFacts
    measures: PageMeasures

    @property
    def is_written(self) -> bool:
        """Whether there is enough writing on it to judge the writing by."""
        return self.measures.letters >= LETTERS

    @property
    def is_shine_through(self) -> bool:
        """Whether all that is on it is the back shining through: pale and soft."""
        return self.measures.ink < 0.0004 and self.measures.faint_sharpness < 0.25

    def says(
        self, outcome: Outcome, zh: str = "", en: str = "", *, score: float = 1.0, boxes: tuple[Box, ...] = ()
    ) -> Verdict:
        """A verdict on this page."""
        return Verdict(outcome, score, self.item.urn, self.file.pk, self.page.page_no, boxes, zh, en)

    def passes(self) -> Verdict:
        """The verdict that nothing is wrong."""
        return self.says(Outcome.PASS, score=0.0)

    @property
    def whole(self) -> tuple[Box, ...]:
        """What is written on the page, as evidence."""
        return (self.measures.ink_box,) if self.measures.ink_box else ()


def unmeasured(volume: VolumeFacts, why: str) -> Iterator[Seen]:
    """Every page that could not be measured for this reason."""
    return (one for one in _all(volume) if one.measures.unmeasured == why)


def seen(volume: VolumeFacts) -> Iterator[Seen]:
    """Every page that was measured; of others nothing is judged yet."""
    return (one for one in _all(volume) if one.measures.is_measured)


def _all(volume: VolumeFacts) -> Iterator[Seen]:
    for item in volume.items:
        for file in item.files:
            for page in file.pages:
                if page.measures is not None:
                    yield Seen(item, file, page, page.measures)
