"""What an OFD's signatures say that they cover, held against its parts (OFD 签名范围). No cryptography but digests."""

import base64
import binascii
import hashlib
import hmac
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import ofdkit

from anjuan.core.signatures import RawSignature
from anjuan.core.sm3 import sm3
from anjuan.facilities.formats.backends.container import open_container
from anjuan.facilities.formats.backends.ofd import ENTRY, UNREADABLE
from anjuan.facilities.formats.backends.ofd_parts import Parts, child, children, words
from anjuan.facilities.formats.rules import Damaged, Limits

_MOST = 32  # signatures of one file
_MOST_REFERENCES = 20_000  # in all: as many as a container may have entries
_MOST_NAMED = 5

_Digest = Callable[[bytes], bytes]


def _of(name: str) -> _Digest:
    return lambda octets: hashlib.new(name, octets, usedforsecurity=False).digest()


# As programs spell them; MD5 is what GB/T 33190 takes where nothing is said.
_METHODS: Mapping[str, tuple[str, _Digest]] = {
    "": ("MD5", _of("md5")),
    "MD5": ("MD5", _of("md5")),
    "1.2.840.113549.2.5": ("MD5", _of("md5")),
    "SHA1": ("SHA1", _of("sha1")),
    "SHA-1": ("SHA1", _of("sha1")),
    "1.3.14.3.2.26": ("SHA1", _of("sha1")),
    "SHA256": ("SHA256", _of("sha256")),
    "SHA-256": ("SHA256", _of("sha256")),
    "2.16.840.1.101.3.4.2.1": ("SHA256", _of("sha256")),
    "SM3": ("SM3", sm3),
    "1.2.156.10197.1.401": ("SM3", sm3),
}
_WEAK = ("MD5", "SHA1")


@dataclass
class _File:
    """What the signatures of one file have in common."""

    parts: Parts
    pages: frozenset[str]
    names: frozenset[str]
    left: int = _MOST_REFERENCES
    own: set[str] = field(default_factory=set)  # parts that signatures themselves are made of
    digests: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def digest(self, name: str, method: str) -> bytes:
        kind, take = _METHODS[method]
        if (name, kind) not in self.digests:
            self.digests[name, kind] = take(self.parts.octets(name))
        return self.digests[name, kind]


def signatures_of(path: Path, name: str, limits: Limits) -> tuple[RawSignature, ...]:
    """Every signature that an OFD lists, and every stamp on its pages that is none (OFD 签名列表).

    Args:
        path: an OFD that has been characterised.
        name: what people call it, for the refusal.
        limits: of containers.

    Raises: M-003, M-007, M-008, M-010 the container is not sound.
    Standard: GB/T 33190-2016, 18.
    """
    with path.open("rb") as stream, open_container(stream, name, limits):
        parts = Parts(stream)
        root = parts.read(ENTRY)
        found: list[RawSignature] = []
        for body in children(root, "DocBody"):
            found += _of_body(parts, body, len(found))
        return tuple(found)


def _of_body(parts: Parts, body: ET.Element, before: int) -> Iterator[RawSignature]:
    at = parts.find(ENTRY, words(body, "DocRoot"))
    document = parts.read(at)
    location = words(body, "Signatures")
    stamped = _stamped(parts, at, document)
    if not location:
        if stamped:
            yield RawSignature(before + 1, is_seal=True)
        return
    where = parts.find(ENTRY, location)
    listed = list(children(parts.read(where), "Signature"))
    if not listed and stamped:
        yield RawSignature(before + 1, is_seal=True)
    file = _File(parts, _pages(parts, at, document), frozenset(parts.names))
    file.own |= {where}
    for one in listed[:_MOST]:
        file.own |= set(_own(parts, where, one))
    for number, one in enumerate(listed[:_MOST], before + 1):
        yield _signature(file, where, one, number)
    if len(listed) > _MOST:
        yield RawSignature(before + _MOST + 1, is_seal=True, problem=f"{len(listed)} > {_MOST}")


def _pages(parts: Parts, at: str, document: ET.Element) -> frozenset[str]:
    """The parts that make up the document's pages."""
    common = child(document, "CommonData")
    places = [page.get("BaseLoc") for page in children(child(document, "Pages"), "Page")]
    places += [page.get("BaseLoc") for page in children(common, "TemplatePage")]
    places += [found.text for kind in ("PublicRes", "DocumentRes") for found in children(common, kind)]
    return frozenset({at, *(parts.find(at, place) for place in places)})


def _stamped(parts: Parts, at: str, document: ET.Element) -> int:
    """How many annotations are is_stamped: pictures that look like a seal."""
    location = words(document, "Annotations")
    if not location:
        return 0
    count = 0
    try:
        where = parts.find(at, location)
        for page in children(parts.read(where), "Page"):
            notes = parts.read(parts.find(where, words(page, "FileLoc")))
            count += sum(one.get("Type") == "Stamp" for one in children(notes, "Annot"))
    except (Damaged, ofdkit.OFDError):  # annotations that cannot be read are no seals; L09 speaks of them
        return count
    return count


def _own(parts: Parts, where: str, listed: ET.Element) -> Iterator[str]:
    """The parts that a signature itself is made of: it cannot cover them."""
    try:
        place = parts.find(where, listed.get("BaseLoc"))
        yield place
        described = parts.read(place)
        seal = child(child(described, "SignedInfo"), "Seal")
        for location in (words(described, "SignedValue"), words(seal, "BaseLoc") if seal is not None else ""):
            if location:
                yield parts.find(place, location)
    except (Damaged, ofdkit.OFDError):
        return  # said when the signature itself is looked at


def _signature(file: _File, where: str, listed: ET.Element, number: int) -> RawSignature:
    is_seal = listed.get("Type", "Seal") == "Seal"
    try:
        place = file.parts.find(where, listed.get("BaseLoc"))
        described = file.parts.octets(place)
        tree = file.parts.read(place)
    except (Damaged, ofdkit.OFDError, *UNREADABLE) as error:
        return RawSignature(number, is_seal, problem=str(error)[:200] or "unreadable")
    signed = child(tree, "SignedInfo")
    if signed is None:
        return RawSignature(number, is_seal, described=described, problem="no SignedInfo")
    is_stamped = child(signed, "StampAnnot") is not None
    seal = child(signed, "Seal")
    try:
        changed, missing, covered, is_weak = _covered(file, place, child(signed, "References"))
    except (Damaged, ofdkit.OFDError, *UNREADABLE) as error:
        return RawSignature(
            number, is_seal or is_stamped, described=described, problem=str(error)[:200] or "unreadable"
        )
    # The root part may stay outside: whatever pages it leads to must be covered anyway.
    left_out = file.names - covered - {ENTRY}
    return RawSignature(
        number=number,
        is_seal=is_seal or is_stamped,
        stated_at=words(signed, "SignatureDateTime"),
        described=described,
        value=_beside(file.parts, place, words(tree, "SignedValue")),
        seal=_beside(file.parts, place, words(seal, "BaseLoc") if seal is not None else ""),
        changed=tuple(changed[:_MOST_NAMED]),
        missing=tuple(missing[:_MOST_NAMED]),
        uncovered_pages=tuple(sorted(left_out & file.pages)[:_MOST_NAMED]),
        uncovered=tuple(sorted(left_out - file.pages - file.own)[:_MOST_NAMED]),
        is_weak=is_weak,
    )


def _covered(
    file: _File, place: str, references: ET.Element | None
) -> tuple[list[str], list[str], frozenset[str], bool]:
    """Which parts changed, which are gone, and which are as they were signed."""
    listed = list(children(references, "Reference"))
    method = (references.get("CheckMethod") or "").strip().upper() if references is not None else ""
    file.left -= len(listed)
    if file.left < 0:
        raise Damaged(f"more than {_MOST_REFERENCES} references")
    if method not in _METHODS:
        raise Damaged(f"CheckMethod {method[:40]}")
    changed: list[str] = []
    missing: list[str] = []
    covered: set[str] = set()
    for one in listed:
        location = (one.get("FileRef") or "").strip()
        try:
            found = file.parts.find(place, location)
        except Damaged:
            missing.append(posixpath.normpath(location)[:80])
            continue
        covered.add(found)
        if not hmac.compare_digest(_stated(words(one, "CheckValue")), file.digest(found, method)):
            changed.append(found)
    return changed, missing, frozenset(covered), _METHODS[method][0] in _WEAK


def _stated(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""  # equal to no digest


def _beside(parts: Parts, place: str, location: str) -> bytes:
    """The bytes of a part of the signature; empty when it is not there."""
    try:
        return parts.octets(parts.find(place, location)) if location else b""
    except (Damaged, ofdkit.OFDError):
        return b""
