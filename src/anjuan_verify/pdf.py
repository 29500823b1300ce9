"""What the verifier needs of a PDF (读取PDF): the one signature, what it covers, and the embedded evidence."""

import datetime as dt
import re
import zlib
from dataclasses import dataclass

from anjuan_verify import der

MAXIMUM_FILE_BYTES = 256 * 1024 * 1024
MAXIMUM_EVIDENCE_BYTES = 64 * 1024 * 1024

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*([0-9]{1,12})\s+([0-9]{1,12})\s+([0-9]{1,12})\s+([0-9]{1,12})\s*\]")
_TIME = re.compile(rb"/M\s*\(((?:[^()\\]|\\[0-7]{3}){14,40})\)")
_OCTAL = re.compile(rb"\\([0-7]{3})")
_DATE = re.compile(r"D:([0-9]{14})(?:Z(?:00'?00'?)?|([+-])([0-9]{2})'([0-9]{2})'?)")
_EMBEDDED = re.compile(rb"[0-9]+\s+[0-9]+\s+obj\s*<<((?:(?!endobj|stream).){0,2000}?)>>\s*stream\r?\n", re.DOTALL)
_EMBEDDED_TYPE = re.compile(rb"/Type\s*/EmbeddedFile\b")
_LENGTH = re.compile(rb"/Length\s+([0-9]{1,12})(?!\s+[0-9]+\s+R)\b")
_FILTER = re.compile(rb"/Filter\s*(?:\[\s*)?/(\w+)")


class Unreadable(ValueError):
    """The file is not what it should be; the words say why.

    Args:
        check: code of the check that this fails.
        reason: one English sentence.
    """

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(reason)
        self.check = check


@dataclass(frozen=True)
class Signature:
    """The one signature of a file.

    Attributes:
        cms: the signature as it is encoded, its padding taken away.
        signed_bytes: every byte of the file but the signature itself.
        signed_at: the time that the signature states.
    """

    cms: bytes
    signed_bytes: bytes
    signed_at: dt.datetime


def read_signature(pdf: bytes) -> Signature:
    """The one signature, which must cover every byte but itself."""
    if not pdf.startswith(b"%PDF-") or len(pdf) > MAXIMUM_FILE_BYTES:
        raise Unreadable("FILE", "This is not a PDF file.")
    ranges = list(_BYTE_RANGE.finditer(pdf))
    if len(ranges) != 1:
        raise Unreadable("SIGNATURE_COUNT", f"There must be exactly one signature; there are {len(ranges)}.")
    start, before, after, length = (int(number) for number in ranges[0].groups())
    if start != 0 or not 0 < before < after or after + length != len(pdf):
        raise Unreadable("COVERAGE", "The signature does not cover the whole file.")
    if pdf[before : before + 1] != b"<" or pdf[after - 1 : after] != b">":
        raise Unreadable("COVERAGE", "What the signature leaves out is not the signature alone.")
    opening, closing = pdf.rfind(b" obj", 0, before), pdf.find(b"endobj", after)
    dictionary = pdf[opening:before] + pdf[after:closing]
    if not pdf[:before].rstrip().endswith(b"/Contents") or not opening < ranges[0].start() < closing:
        raise Unreadable("COVERAGE", "What the signature leaves out is not the signature alone.")
    if not re.search(rb"/SubFilter\s*/ETSI\.CAdES\.detached\b", dictionary):
        raise Unreadable("CMS", "The signature is not of the kind PAdES.")
    return Signature(
        cms=_unpadded(pdf[before + 1 : after - 1]),
        signed_bytes=pdf[:before] + pdf[after:],
        signed_at=_stated_time(dictionary),
    )


def _unpadded(digits: bytes) -> bytes:
    """The signature out of its hexadecimal digits, which have one spelling here: one case, zeros behind."""
    if len(digits) % 2 or (digits.strip(b"0123456789ABCDEF") and digits.strip(b"0123456789abcdef")):
        raise Unreadable("CONTENTS", "The signature is not written in plain hexadecimal digits.")
    try:
        octets = bytes.fromhex(digits.decode("ascii"))
        node, padding = der.read_prefix(octets)
    except (der.Malformed, ValueError):
        raise Unreadable("CONTENTS", "The signature is not encoded as it must be.") from None
    if padding.strip(b"\x00"):
        raise Unreadable("CONTENTS", "Something is hidden behind the signature.")
    return node.encoded


def _stated_time(dictionary: bytes) -> dt.datetime:
    found = _TIME.findall(dictionary)
    text = _OCTAL.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), found[0]) if len(found) == 1 else b""
    match = _DATE.fullmatch(text.decode("latin-1"))
    if match is None:
        raise Unreadable("VALIDITY", "The signature does not state its time.")
    try:
        moment = dt.datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError:
        raise Unreadable("VALIDITY", "The signature states a time that does not exist.") from None
    offset = dt.timedelta(hours=int(match[3] or 0), minutes=int(match[4] or 0))
    return moment + offset if match[2] == "-" else moment - offset


def read_evidence(pdf: bytes) -> bytes:
    """The one embedded file, unpacked."""
    found = [match for match in _EMBEDDED.finditer(pdf) if _EMBEDDED_TYPE.search(match[1])]
    if len(found) != 1:
        raise Unreadable("EVIDENCE", f"There must be exactly one embedded file with evidence; there are {len(found)}.")
    if not re.search(rb"/UF?\s*\(evidence(?:\.|\\056)json\)", pdf):
        raise Unreadable("EVIDENCE", "The embedded file is not called evidence.json.")
    dictionary, start = found[0][1], found[0].end()
    length, filters = _LENGTH.search(dictionary), _FILTER.findall(dictionary)
    if length is None or not pdf[start + int(length[1]) :].lstrip(b"\r\n").startswith(b"endstream"):
        raise Unreadable("EVIDENCE", "The embedded file has no right length.")
    content = pdf[start : start + int(length[1])]
    if not filters:
        return content
    if filters != [b"FlateDecode"]:
        raise Unreadable("EVIDENCE", "The embedded file is packed in a way that is not accepted.")
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(content, MAXIMUM_EVIDENCE_BYTES)
    except zlib.error:
        raise Unreadable("EVIDENCE", "The embedded file cannot be unpacked.") from None
    if not unpacker.eof or unpacker.unused_data.strip(b"\r\n"):
        raise Unreadable("EVIDENCE", "The embedded file cannot be unpacked whole.")
    return unpacked
