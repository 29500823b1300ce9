"""``readings/v<n>.jsonl``: what a machine read on the pages of one item, as it lies in the store beside them (识读层).

A layer is derived: it can be made again, nothing rests on it, and it never stands for a page. It is JSON lines, each in
canonical spelling: first what the layer is and which files it speaks of, then a line for each page that was read.
Canonical JSON knows no fractions, so they stand in ten-thousandths (`FINE`). ``docs/reference/reading-layer.md`` tells
it to whoever inherits the store.
"""

import datetime as dt
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anjuan.core import canonical

FORMAT = "anjuan-reading-v1"
FOLDER = "readings"
FINE = 10_000  # a fraction of 1 is told in so many parts
NOTE = (
    "本层由机器识读页面影像得到，是派生数据，不是原件；以所列摘要的影像文件为准。"
    "Derived: read by machine from the page images whose digests are named; the images alone are the record."
)
_NAME = re.compile(rf"{FOLDER}/v([1-9][0-9]{{0,8}})\.jsonl")
_DIGEST = re.compile(r"[0-9a-f]{128}")
_MOST_PAGES = 100_000


class MalformedLayer(ValueError):
    """The bytes are not a layer as it must be; the words say where."""


@dataclass(frozen=True)
class LayerFile:
    """A file of the item that is read: the SHA-512 of the master, and how many pages it has."""

    sha512: str
    pages: int


@dataclass(frozen=True)
class LayerPage:
    """What was read on one page.

    Attributes:
        sha512: of the master that it was read from.
        page_no: from 1 in that file.
        model: that read the words; empty where nothing was read.
        read_at: aware time.
        lines: as the rows keep them: text, box, sureness, middles of letters in thousandths.
        said: what detectors need, as the rows keep it.
    """

    sha512: str
    page_no: int
    model: str
    read_at: dt.datetime
    lines: Sequence[Sequence[Any]]
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """What was read on the pages of an item in one way of reading.

    Attributes:
        urn: of the item.
        version: of the way of reading.
        files: its files that are read, in order, each once.
        pages: pages that were read, in order.
    """

    urn: str
    version: int
    files: tuple[LayerFile, ...]
    pages: tuple[LayerPage, ...]

    @property
    def waiting(self) -> int:
        """How many pages were not read yet when the layer was made."""
        return sum(file.pages for file in self.files) - len(self.pages)

    @property
    def models(self) -> list[str]:
        """The models that read its words."""
        return sorted({page.model for page in self.pages} - {""})


def name_of(version: int) -> str:
    """The layer's logical name in the object."""
    return f"{FOLDER}/v{version}.jsonl"


def version_of(name: str) -> int | None:
    """The version that a logical name tells; none where it is no layer's."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def document(layer: Layer) -> bytes:
    """The bytes of a layer: the same readings always give the same."""
    read: dict[str, set[int]] = {}
    for page in layer.pages:
        read.setdefault(page.sha512, set()).add(page.page_no)
    head = {
        "format": FORMAT,
        "kind": "derived",
        "note": NOTE,
        "urn": layer.urn,
        "version": layer.version,
        "models": layer.models,
        "files": [
            {
                "sha512": file.sha512,
                "pages": file.pages,
                "waiting": sorted(set(range(1, file.pages + 1)) - read.get(file.sha512, set())),
            }
            for file in layer.files
        ],
    }
    pages = (
        {
            "sha512": page.sha512,
            "page": page.page_no,
            "model": page.model,
            "read_at": page.read_at.astimezone(dt.UTC).isoformat(),
            "lines": [
                {"text": text, "box": [_fine(part) for part in box], "sure": _fine(sure), "spots": list(spots)}
                for text, box, sure, spots in page.lines
            ],
            "said": _fine(page.said),
        }
        for page in layer.pages
    )
    return b"".join(canonical.spell(one) + b"\n" for one in (head, *pages))


def parse(octets: bytes) -> Layer:
    """A layer read strictly.

    Raises:
        MalformedLayer: it is not written as `document` writes it, or does not agree with itself.
    """
    try:
        rows = [json.loads(line) for line in octets.decode("utf-8").split("\n")[:-1]]
        head = rows[0]
        if head["format"] != FORMAT or head["kind"] != "derived":
            raise MalformedLayer(f"the format is not {FORMAT}")
        layer = Layer(
            urn=str(head["urn"]),
            version=int(head["version"]),
            files=tuple(LayerFile(str(file["sha512"]), int(file["pages"])) for file in head["files"]),
            pages=tuple(
                LayerPage(
                    sha512=str(row["sha512"]),
                    page_no=int(row["page"]),
                    model=str(row["model"]),
                    read_at=dt.datetime.fromisoformat(row["read_at"]),
                    lines=[
                        [
                            str(line["text"]),
                            [part / FINE for part in line["box"]],
                            line["sure"] / FINE,
                            list(line["spots"]),
                        ]
                        for line in row["lines"]
                    ],
                    said=_coarse(row["said"]),
                )
                for row in rows[1:]
            ),
        )
        if sum(file.pages for file in layer.files) <= _MOST_PAGES and document(layer) == octets:
            _agree(layer)
            return layer
    except MalformedLayer:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise MalformedLayer("not a reading layer") from error
    raise MalformedLayer("not in canonical spelling")


def _agree(layer: Layer) -> None:
    sizes = {file.sha512: file.pages for file in layer.files}
    places = [(page.sha512, page.page_no) for page in layer.pages]
    if len(sizes) != len(layer.files) or not all(_DIGEST.fullmatch(sha512) for sha512 in sizes):
        raise MalformedLayer("a file is named twice, or not by its SHA-512")
    if len(set(places)) != len(places) or any(not 1 <= page <= sizes.get(sha512, 0) for sha512, page in places):
        raise MalformedLayer("a page stands twice, or is none of the files named")
    if any(page.read_at.tzinfo is None or page.said.get("version") != layer.version for page in layer.pages):
        raise MalformedLayer("a page was read in another way, or at a time without a zone")


def fault(layer: Layer, *, urn: str, name: str, masters: Collection[str]) -> str:
    """Why a layer does not belong where it lies; empty when it does (识读层核对).

    Args:
        layer: as it was read from the store.
        urn: of the object that holds it.
        name: its logical name there.
        masters: SHA-512 of every byte stream that the object keeps.
    """
    if layer.urn != urn:
        return "it speaks of another item"
    if version_of(name) != layer.version:
        return "its name tells another version"
    if not {file.sha512 for file in layer.files} <= set(masters):
        return "it was read from a file that the object does not keep"
    return ""


def _fine(value: Any) -> Any:
    """Every number in ten-thousandths."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return round(value * FINE)
    if isinstance(value, list | tuple):
        return [_fine(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _fine(one) for name, one in value.items()}
    return value


def _coarse(value: Any) -> Any:
    """The same back: whole numbers stay whole."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value // FINE if value % FINE == 0 else value / FINE
    if isinstance(value, list):
        return [_coarse(one) for one in value]
    if isinstance(value, dict):
        return {name: _coarse(one) for name, one in value.items()}
    return value
