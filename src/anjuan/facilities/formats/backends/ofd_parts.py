"""The parts of an OFD's container, and their XML read without entities and within bounds (OFD 部件)."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree import ElementTree as ET
from xml.parsers import expat

from ofdkit.package import Package

from anjuan.facilities.formats.rules import Damaged

XML_BYTES = 8 << 20
ELEMENTS = 200_000  # of one part
_ELEMENTS_IN_ALL = 1_000_000  # some seconds of reading
_DEPTH = 100


class Parts:
    """The parts of the container, found by the library's own reader: what is examined here is what it reads later."""

    def __init__(self, stream: BinaryIO) -> None:
        self._package = Package(stream)
        self._left = _ELEMENTS_IN_ALL

    @property
    def names(self) -> list[str]:
        """Names of all parts."""
        return list(self._package.names)

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return self._package.find(name) is not None

    def find(self, base: str, location: str | None) -> str:
        """The name of the part that another one names; Damaged when there is none."""
        found = self._package.resolve(base, location)
        if found is None:
            raise Damaged(f"the part {location or ''!r} is missing"[:120])
        return str(found)

    def octets(self, name: str) -> bytes:
        """The bytes of a part."""
        return bytes(self._package.read(name))

    def read(self, name: str) -> ET.Element:
        """The tree of a part; Damaged when it is out of bounds."""
        element, count = parsed(self._package.read(name), min(self._left, ELEMENTS))
        self._left -= count
        return element


def parsed(octets: bytes, most: int) -> tuple[ET.Element, int]:
    """One XML part and its number of elements, bounded before a tree is built of it.

    It may declare no document type: so there are no entities, and nothing is fetched.

    Raises: Damaged.
    """
    if len(octets) > XML_BYTES:
        raise Damaged(f"an XML part has more than {XML_BYTES} bytes")
    depth = count = 0

    def begin(*_: object) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > _DEPTH or count > most:
            raise Damaged("an XML part has too many elements")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def declare(*_: object) -> None:
        raise Damaged("an XML part declares a document type")

    def encoded(_version: str, encoding: str | None, _standalone: int) -> None:
        # In another encoding the library that reads the text could see other elements than were counted here.
        if (encoding or "utf-8").lower() not in ("utf-8", "utf-16"):
            raise Damaged("an XML part is not encoded in UTF-8")

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.EndElementHandler = begin, end
    reader.StartDoctypeDeclHandler, reader.XmlDeclHandler = declare, encoded
    try:
        reader.Parse(octets, True)
        return ET.fromstring(octets), count  # noqa: S314 - document types, so entities, were refused above
    except (expat.ExpatError, ET.ParseError, LookupError, ValueError) as error:
        raise error if isinstance(error, Damaged) else Damaged(f"XML: {error}") from error


def children(element: ET.Element | None, name: str) -> Iterator[ET.Element]:
    """Elements of that name right below one, in any namespace."""
    yield from element.findall(f"{{*}}{name}") if element is not None else ()


def child(element: ET.Element | None, name: str) -> ET.Element | None:
    """The first of them."""
    return next(children(element, name), None)


def words(element: ET.Element, name: str) -> str:
    """What stands in the first of them; empty when there is none."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""
