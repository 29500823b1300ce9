"""Walking the pages of a volume that were read: what detectors of words, seals and hands have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import FileFacts, ItemFacts, PageFacts, VolumeFacts
from anjuan.core.detection.frame import Verdict
from anjuan.core.reading.marks import Presence, SealMark, SealSize, placed, presence
from anjuan.core.reading.pages import Box, turned
from anjuan.core.reading.said import PageSaid

LEGIBLE = 0.9  # of sureness: below it, words that are not found may stand there all the same
WORDS = 20  # letters: with fewer on it a page says nothing that can be held against it
Words = tuple[str, str]  # in Chinese and English
_PLACED: dict[str, SealSize] = {"UNIT": SealSize.OFFICE, "AGENCY": SealSize.OFFICE}
_A4 = (210.0, 297.0)
_EDGE = 0.004  # of the page's width
_NAME_REACH_MM = 12.0  # so far beside its place a name seal may stand


@dataclass(frozen=True)
class Told:
    """A page that was read, and where it lies."""

    item: ItemFacts
    file: FileFacts
    page: PageFacts
    said: PageSaid

    @property
    def is_legible(self) -> bool:
        """Whether what is not found on it is not there, as far as can be told."""
        return self.said.sure >= LEGIBLE and self.said.letters >= WORDS

    @property
    def name(self) -> str:
        """How people call it: the file and the page."""
        return f"{self.file.ordinal}-{self.page.page_no}"

    def says(
        self, outcome: Outcome, words: Words = ("", ""), *, score: float = 1.0, boxes: Sequence[Box] = ()
    ) -> Verdict:
        """A verdict on this page; boxes are of the upright page, and told on the page as it is stored."""
        stored = tuple(turned(box, -self.said.turn) for box in boxes)
        return Verdict(outcome, score, self.item.urn, self.file.pk, self.page.page_no, stored, *words)

    def passes(self) -> Verdict:
        """The verdict that nothing is wrong."""
        return self.says(Outcome.PASS, score=0.0)

    def size_mm(self) -> tuple[float, float]:
        """Width and height of the upright page; A4 where nothing was measured."""
        known = self.page.measures
        if known is None or not known.width_mm:
            return _A4
        return (known.height_mm, known.width_mm) if self.said.turn % 180 else (known.width_mm, known.height_mm)


def told(volume: VolumeFacts) -> Iterator[Told]:
    """Every page that was read; of others nothing is judged yet."""
    for item in volume.items:
        yield from told_of(item)


def told_of(item: ItemFacts) -> list[Told]:
    """The pages of an item that were read and bear words or seals, in order."""
    return [
        Told(item, file, page, page.said)
        for file in item.files
        for page in file.pages
        if page.said is not None and page.said.is_read
    ]


def main_form(item: ItemFacts) -> list[Told]:
    """The pages of the item's main form, if all of them were read; else none, for what is missing may stand there."""
    pages = [(file, page) for file in item.files if file.material_code in item.main_codes for page in file.pages]
    read = [Told(item, file, page, page.said) for file, page in pages if page.said is not None and page.said.is_read]
    return read if len(read) == len(pages) else []


def scanned_form(item: ItemFacts) -> list[Told]:
    """The same, where the form is a scan of paper: what was made on a computer bears no ink, but signatures (S12)."""
    pages = main_form(item)
    return pages if all(page.file.is_scan for page in pages) else []


def required_seals(item: ItemFacts) -> frozenset[str]:
    """Whose seals the main form must bear: AGENCY, EMPLOYER, HANDLER."""
    return frozenset(party for material in item.materials if material.is_main for party in material.required_seals)


def seals_by_party(page: Told) -> dict[str, SealMark]:
    """Which office's seal stands in whose place on a page, UNIT and AGENCY; each in one place only."""
    places = {role: (place.box, _PLACED[role]) for role in _PLACED for place in page.said.parties if place.role == role}
    width, height = page.size_mm()
    return placed(page.said.seals, places, width_mm=width, height_mm=height)


def office_seals(page: Told) -> list[SealMark]:
    """Seals of offices on a page, wherever they stand, but those over its edge, which hold pages together (骑缝章)."""
    return [
        mark
        for mark in page.said.seals
        if mark.size is SealSize.OFFICE and mark.box[0] > _EDGE and mark.box[0] + mark.box[2] < 1 - _EDGE
    ]


def signed(page: Told, roles: Sequence[str]) -> list[tuple[Box, Presence, str]]:
    """For each place where one of these roles is to sign: where, whether somebody did, and the label.

    A name that was read there, ink by hand, or a person's seal fills it.
    """
    found = []
    width, height = page.size_mm()
    # All places take part, so that the reviewer's name seal never stands for the handler's hand.
    places = {str(number): (one.place.box, SealSize.PERSON) for number, one in enumerate(page.said.signs)}
    sealed = placed(page.said.seals, places, width_mm=width, height_mm=height, reach_mm=_NAME_REACH_MM)
    for number, one in enumerate(page.said.signs):
        if one.place.role not in roles:
            continue
        states = {presence(sealed.get(str(number))), one.ink.presence if one.ink else Presence.ABSENT}
        if one.is_filled or Presence.PRESENT in states:
            state = Presence.PRESENT
        else:
            state = Presence.UNSURE if Presence.UNSURE in states else Presence.ABSENT
        found.append((one.place.box, state, one.place.label))
    return found
