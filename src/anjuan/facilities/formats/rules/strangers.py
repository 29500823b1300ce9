"""What is no page format (陌生格式): what we can name of it, and what is never taken in."""

import re
from collections.abc import Collection
from dataclasses import dataclass

MACRO = "vbaProject.bin"
MACRO_STORE = "_VBA_PROJECT".encode("utf-16-le")  # where an old Office file keeps its macros
_MARK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Kind:
    """A format by its name.

    Attributes:
        name: for people.
        format_id: PRONOM where we are sure, ``anjuan/…`` where not.
        extension: usual ending.
    """

    name: str
    format_id: str
    extension: str


UNKNOWN = Kind("未知 unknown", "anjuan/unknown", "bin")
ZIP = Kind("ZIP", "x-fmt/263", "zip")
OFFICE = Kind("Microsoft Office 97-2003", "fmt/111", "ole")
SVG = Kind("SVG", "anjuan/svg", "svg")
_STRONG: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE),
    (b"GIF87a", Kind("GIF", "fmt/3", "gif")),
    (b"GIF89a", Kind("GIF", "fmt/4", "gif")),
    (b"RIFF", Kind("RIFF", "anjuan/riff", "riff")),
    (b"Rar!\x1a\x07", Kind("RAR", "anjuan/rar", "rar")),
    (b"7z\xbc\xaf\x27\x1c", Kind("7-Zip", "fmt/484", "7z")),
    (b"\x1f\x8b", Kind("gzip", "x-fmt/266", "gz")),
    (b"{\\rtf", Kind("RTF", "anjuan/rtf", "rtf")),
)
# Two letters may also begin a text, so these are asked only of what is no text.
_WEAK: tuple[tuple[bytes, Kind], ...] = ((b"BM", Kind("BMP", "anjuan/bmp", "bmp")),)
_PARTS = (
    ("word/document.xml", Kind("DOCX", "fmt/412", "docx")),
    ("xl/workbook.xml", Kind("XLSX", "fmt/214", "xlsx")),
    ("ppt/presentation.xml", Kind("PPTX", "fmt/215", "pptx")),
)
_PROGRAMS: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "Linux program"),
    (b"\xca\xfe\xba\xbe", "Java or macOS program"),
    (b"\xfe\xed\xfa", "macOS program"),
    (b"\xce\xfa\xed\xfe", "macOS program"),
    (b"\xcf\xfa\xed\xfe", "macOS program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "Windows shortcut"),
    (b"#!", "script"),
)
# Names of what a click would run.
_RUNNABLE = re.compile(
    r"\.(exe|dll|com|scr|msi|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|jar|class|sh|apk)$", re.IGNORECASE
)
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe|\?php)\b", re.IGNORECASE)
_BATCH = re.compile(rb"\s*@echo\s+off", re.IGNORECASE)
_SVG = re.compile(rb"<(?:\w+:)?svg\b", re.IGNORECASE)
_SVG_ACTIVE = re.compile(
    rb"<(?:\w+:)?(?:script|foreignobject|handler)\b|\son\w+\s*=|javascript:|<!entity", re.IGNORECASE
)
_MISPLACED_PDF = 1024  # readers open a PDF whose header stands that late


def named(head: bytes) -> Kind | None:
    """The format that a signature of its own proves, or None."""
    return next((kind for signature, kind in _STRONG if head.startswith(signature)), None)


def guessed(head: bytes) -> Kind:
    """What bytes that are no text look like."""
    return next((kind for signature, kind in _WEAK if head.startswith(signature)), UNKNOWN)


def inside(names: Collection[str]) -> Kind:
    """What a ZIP container is, by the names it holds."""
    return next((kind for part, kind in _PARTS if part in names), ZIP)


def refused(head: bytes) -> str:
    """What is never taken in, because it could act where it is opened (可执行内容); empty when it may come in."""
    plain = head.replace(b"\x00", b"") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    plain = plain[:_MARK_BYTES]
    for signature, name in _PROGRAMS:
        if head.startswith(signature):
            return name
    if head[:4] in (b"II+\x00", b"MM\x00+"):
        return "BigTIFF"
    if _MARKUP.search(plain):
        return "HTML"
    if plain.startswith(b"#!") or _BATCH.match(plain.removeprefix(b"\xef\xbb\xbf")):
        return "script"
    return "PDF that does not begin with its header" if b"%PDF-" in head[:_MISPLACED_PDF] else ""


def is_windows_program(head: bytes) -> bool:
    """Whether bytes that are no text begin as a program of Windows or DOS."""
    return head.startswith((b"MZ", b"ZM"))


def is_svg(head: bytes) -> bool:
    """Whether a text is a drawing; in UTF-16 as well."""
    return _SVG.search(head[:_MARK_BYTES].replace(b"\x00", b"")) is not None


def is_active(drawing: bytes) -> bool:
    """Whether a drawing could act: scripts, events, addresses that run, entities. In UTF-16 nobody looks, so yes."""
    return b"\x00" in drawing[:_MARK_BYTES] or _SVG_ACTIVE.search(drawing) is not None


def program_in(names: Collection[str]) -> str:
    """Why a container is not taken in, by the names it holds; empty when none is a program."""
    for name in names:
        if name.rsplit("/", 1)[-1] == MACRO:
            return "Office with macros"
        if _RUNNABLE.search(name):
            return "ZIP with a program"
    return ""
