"""Images that are named by the 档号 of their record (按档号挂接): reading the name, and what speaks against each."""

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import refcode

MOST_IMAGES = 2000
_PAGE = re.compile(r"^(?P<code>.+?)[-_/](?P<page>[0-9]{1,4})$")


class Fate(enum.StrEnum):
    """What would become of an image."""

    HIT = "HIT"
    NO_CODE = "NO_CODE"  # the name does not say a 档号 and a page
    UNKNOWN = "UNKNOWN"  # no record has this 档号
    CLOSED = "CLOSED"  # the record takes no images now
    REPEAT = "REPEAT"  # this page is there already, or came twice
    TWIN = "TWIN"  # the same bytes as another page: sent twice by mistake, or two equal sheets; somebody must say
    CONFLICT = "CONFLICT"  # the page is there already, with other bytes


@dataclass(frozen=True)
class Image:
    """An image as it came: its name with the folders it lay in, and its digest."""

    place: int
    name: str
    sha256: str


@dataclass(frozen=True)
class Target:
    """A record by its 档号: what it holds, and whether it takes images."""

    urn: str
    title: str
    paper_pages: int
    image_pages: int
    takes_images: bool
    material: str
    held: frozenset[tuple[str, str]]  # name and digest of each page

    @property
    def names(self) -> frozenset[str]:
        """What the pages are called that it holds."""
        return frozenset(name for name, _ in self.held)

    @property
    def digests(self) -> frozenset[str]:
        """Of the pages that it holds."""
        return frozenset(digest for _, digest in self.held)


@dataclass(frozen=True)
class Judged:
    """What would become of one image."""

    image: Image
    code: str
    page: int
    fate: Fate


@dataclass(frozen=True)
class Report:
    """What attaching would do (挂接试运行)."""

    judged: tuple[Judged, ...]
    counts: Mapping[Fate, int]
    short: tuple[tuple[str, int, int], ...]  # 档号, paper pages, images there would be: where the two differ

    def of(self, code: str) -> tuple[Judged, ...]:
        """The images that would go to one record, by page."""
        hits = [one for one in self.judged if one.code == code and one.fate is Fate.HIT]
        return tuple(sorted(hits, key=lambda one: (one.page, one.image.place)))

    @property
    def codes(self) -> tuple[str, ...]:
        """The records that would get images."""
        return tuple(sorted({one.code for one in self.judged if one.fate is Fate.HIT}))


def read(name: str) -> tuple[str, int]:
    """The 档号 and the page that a name says: ``CODE-002.jpg`` or ``CODE/002.jpg``; empty and 0 when it says none."""
    stem = name.replace("\\", "/").strip("/")
    stem = stem.rpartition(".")[0] or stem
    folder, _, last = stem.rpartition("/")
    wanted = f"{folder.rsplit('/', 1)[-1]}/{last}" if last.isascii() and last.isdigit() else last
    found = _PAGE.match(wanted)
    return (refcode.normalise(found["code"]), int(found["page"])) if found else ("", 0)


def judge(images: Sequence[Image], targets: Mapping[str, Target], *, takes_twins: bool = False) -> Report:
    """What attaching would do, image by image; a miss keeps none of the others away.

    Args:
        images: the set.
        targets: records by their 档号.
        takes_twins: somebody has said that pages with equal bytes are sheets of their own (blank backs).
    """
    judged = []
    added: dict[str, int] = {}
    seen: dict[tuple[str, int], str] = {}
    coming: set[tuple[str, str]] = set()
    for image in images:
        code, page = read(image.name)
        called = image.name.rsplit("/", 1)[-1]
        target = targets.get(code)
        if not code:
            fate = Fate.NO_CODE
        elif target is None:
            fate = Fate.UNKNOWN
        elif (called, image.sha256) in target.held or seen.get((code, page)) == image.sha256:
            fate = Fate.REPEAT
        elif called in target.names or (code, page) in seen:
            fate = Fate.CONFLICT
        elif not target.takes_images:
            fate = Fate.CLOSED
        elif not takes_twins and (image.sha256 in target.digests or (code, image.sha256) in coming):
            fate = Fate.TWIN
        else:
            fate = Fate.HIT
            added[code] = added.get(code, 0) + 1
            coming.add((code, image.sha256))
        seen.setdefault((code, page), image.sha256)
        judged.append(Judged(image, code, page, fate))
    short = tuple(
        (code, targets[code].paper_pages, targets[code].image_pages + count)
        for code, count in sorted(added.items())
        if targets[code].image_pages + count != targets[code].paper_pages
    )
    counts = {fate: sum(one.fate is fate for one in judged) for fate in Fate}
    return Report(tuple(judged), counts, short)
