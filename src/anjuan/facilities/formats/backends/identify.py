"""Which format a file is of, by as much of its content as that takes (格式识别)."""

import mmap
from dataclasses import dataclass
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import rules
from anjuan.facilities.formats.backends import ofd, plain
from anjuan.facilities.formats.backends.container import open_container
from anjuan.facilities.formats.rules import Limits, strangers
from anjuan.facilities.formats.rules.strangers import Kind

_HEAD_BYTES = 256 * 1024


@dataclass(frozen=True)
class Identity:
    """What a file is.

    Attributes:
        family: one of the families of ``rules``.
        kind: of a stranger, what can be named of it.
        encoding: of a text.
        pages: of a text.
    """

    family: str
    kind: Kind = strangers.UNKNOWN
    encoding: str = ""
    pages: int = 1


def identify(path: Path, name: str, limits: Limits, *, most_pages: int | None = None) -> Identity:
    """Which format a file is of.

    Args:
        path: the file.
        name: what people call it, for the refusal.
        limits: of containers.
        most_pages: counting the pages of a text stops one above it.

    Raises: M-002 a program, a script or active content; M-003, M-007, M-008, M-010 a container that is not sound.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if family := rules.sniff(head):
        return Identity(family)
    kind = strangers.named(head)
    if kind is None:
        return _unnamed(path, name, head, most_pages)
    if kind is strangers.ZIP:
        return _container(path, name, limits)
    if kind is strangers.OFFICE and _has_macros(path):
        raise Refusal("M-002", name=name, found="Office with macros")
    return Identity(rules.STRANGE, kind)


def _unnamed(path: Path, name: str, head: bytes, most_pages: int | None) -> Identity:
    """What no signature proves: active content, a text, or nothing that we know."""
    if found := strangers.refused(head):
        raise Refusal("M-002", name=name, found=found)
    if read := plain.encoding_of(path, most_pages):
        if strangers.is_svg(head):
            if strangers.is_active(path.read_bytes()):
                raise Refusal("M-002", name=name, found="SVG with a script")
            return Identity(rules.STRANGE, strangers.SVG)
        return Identity(rules.TEXT, encoding=read[0], pages=read[1])
    if strangers.is_windows_program(head):
        raise Refusal("M-002", name=name, found="Windows program")
    return Identity(rules.STRANGE, strangers.guessed(head))


def _container(path: Path, name: str, limits: Limits) -> Identity:
    with path.open("rb") as stream, open_container(stream, name, limits) as container:
        names = container.namelist()
        if ofd.is_ofd(container, name):
            return Identity(rules.OFD)
    if found := strangers.program_in(names):
        raise Refusal("M-002", name=name, found=found)
    return Identity(rules.STRANGE, strangers.inside(names))


def _has_macros(path: Path) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        return octets.find(strangers.MACRO_STORE) >= 0
