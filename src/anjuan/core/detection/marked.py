"""Papers of several pages as their page marks tell them (第x页共y页)."""

from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core.detection.facts import ItemFacts
from anjuan.core.detection.told import Told, told_of
from anjuan.core.reading.numbers import PageMark


@dataclass(frozen=True)
class Paper:
    """Pages that belong together by their marks, in the order in which they lie.

    Attributes:
        of: how many pages there are to be.
        pages: each with its mark.
        unread: how many pages that lie in the same file or next to it were not read, or bear no mark that was read.
    """

    of: int
    pages: Sequence[tuple[Told, PageMark]]
    unread: int

    @property
    def numbers(self) -> list[int]:
        """The numbers of its pages, as they lie."""
        return [mark.number for _, mark in self.pages]

    @property
    def missing(self) -> list[int]:
        """Numbers that none of its pages bears."""
        return sorted(set(range(1, self.of + 1)) - set(self.numbers))


def papers(item: ItemFacts) -> list[Paper]:
    """The papers of an item by their marks.

    Another total or a number that is there already begins another paper; so does another material, unless its number
    goes on: pages may be counted over the whole item (件内页号).
    """
    runs: list[list[tuple[Told, PageMark]]] = []
    for page in told_of(item):
        mark = page.said.mark
        if mark is None:
            continue
        run = runs[-1] if runs else []
        is_same = (
            bool(run)
            and run[-1][1].of == mark.of
            and (run[-1][0].file.material_code == page.file.material_code or mark.number == run[-1][1].number + 1)
            and mark.number not in [other.number for _, other in run]
        )
        if is_same:
            run.append((page, mark))
        else:
            runs.append([(page, mark)])
    read = {(page.file.pk, page.page.page_no) for page in told_of(item)}
    marked = {(page.file.pk, page.page.page_no) for run in runs for page, _ in run}
    found = []
    for run in runs:
        material = run[0][0].file.material_code
        around = [
            (file.pk, page.page_no) for file in item.files if file.material_code == material for page in file.pages
        ]
        # A blank back was read and says nothing: it is no page of the paper.
        unread = sum(place not in read for place in around if not _is_blank(item, place))
        unmarked = sum(place in read and place not in marked for place in around)
        found.append(Paper(run[0][1].of, run, unread + unmarked))
    return found


def _is_blank(item: ItemFacts, place: tuple[int, int]) -> bool:
    page = next(page for file in item.files if file.pk == place[0] for page in file.pages if page.page_no == place[1])
    return page.said is not None and page.said.unread == "BLANK"
