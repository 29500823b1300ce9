"""Seals verified (电子签章验证): SES_Signature of GM/T 0031-2014 and GB/T 38540-2020, read from strict DER.

Nothing here recurses: however deep a hostile structure nests, only the levels that the standards name are opened.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import x509

from anjuan.core.signatures import Flaw, FlawCode, RawSignature, SignatureFacts, SignatureKind, ordered
from anjuan.core.sm3 import sm3
from anjuan.facilities.signing.backends import certificates, signed_data
from anjuan.facilities.signing.backends.certificates import Unknown
from anjuan_verify import der
from anjuan_verify.der import Node

_MOST_BYTES = 16 << 20  # the picture of the seal is inside
_DIGEST_OF_METHOD = {"1.2.840.113549.1.1.5": "sha1", "1.2.840.113549.1.1.11": "sha256", "1.2.840.10045.4.3.2": "sha256"}


@dataclass(frozen=True)
class _Seal:
    """The seal in a signature: who may use it, when, and who made it."""

    encoded: bytes
    version: int
    name: str
    owners: tuple[bytes, ...]  # certificates, or digests of them
    holds_from: dt.datetime
    holds_until: dt.datetime
    described: Node
    maker: bytes
    method: str
    signature: bytes
    method_node: Node
    maker_node: Node


@dataclass(frozen=True)
class _Sealed:
    """One SES_Signature, whichever version it is."""

    seal: _Seal
    signed: bytes  # what the signature is over
    signed_at: dt.datetime | None
    data_digest: bytes
    certificate: bytes
    method: str
    signature: bytes


def examine(found: RawSignature, *, roots: Sequence[x509.Certificate]) -> SignatureFacts:
    """Say what one signature of an OFD or a PDF is worth (验章); a bad one gives flaws, never an error.

    Args:
        found: as the file holds it.
        roots: certificates that the house trusts.

    Standard: GM/T 0031-2014, 7; GB/T 38540-2020, 7; GB/T 35275-2017; SM2 with the identity 1234567812345678.
    """
    flaws = _of_parts(found)
    if not found.value:
        if found.is_seal and not found.problem:
            flaws.append(Flaw(FlawCode.PICTURE_ONLY))
            return SignatureFacts(found.number, SignatureKind.PICTURE, True, flaws=ordered(flaws))
        flaws.append(Flaw(FlawCode.UNKNOWN_FORM, found.problem))
        return SignatureFacts(found.number, SignatureKind.UNKNOWN, found.is_seal, flaws=ordered(flaws))
    try:
        sealed = _read(found.value)
    except Unknown as error:
        return _as_signed_data(found, flaws, roots, str(error))
    return _as_seal(found, sealed, flaws, roots)


def _of_parts(found: RawSignature) -> list[Flaw]:
    flaws = []
    for code, names in (
        (FlawCode.CHANGED, found.changed),
        (FlawCode.MISSING, found.missing),
        (FlawCode.PAGES_UNCOVERED, found.uncovered_pages),
        (FlawCode.PARTS_UNCOVERED, found.uncovered),
    ):
        if names:
            flaws.append(Flaw(code, "、".join(names)))
    if found.is_weak:
        flaws.append(Flaw(FlawCode.WEAK_DIGEST, "MD5 / SHA-1"))
    return flaws


def _as_seal(
    found: RawSignature, sealed: _Sealed, flaws: list[Flaw], roots: Sequence[x509.Certificate]
) -> SignatureFacts:
    signer, at = "", sealed.signed_at or _stated(found.stated_at)
    try:
        if sealed.data_digest != _digest(sealed.method, found.described):
            flaws.append(Flaw(FlawCode.CHANGED))
        certificate = certificates.read(sealed.certificate)
        signer = certificates.name_of(certificate)
        if not certificates.verify(certificate, sealed.method, sealed.signature, sealed.signed):
            flaws.append(Flaw(FlawCode.BROKEN))
        if sealed.method in certificates.WEAK_METHODS:
            flaws.append(Flaw(FlawCode.WEAK_DIGEST, "SHA-1"))
        flaws += _of_seal(sealed.seal, sealed.certificate, at, roots)
        flaws += signed_data.of_certificate(certificate, [], found.revocations, roots, at)
    except Unknown as error:
        flaws.append(Flaw(FlawCode.UNKNOWN_FORM, str(error)))
    if found.seal and found.seal != sealed.seal.encoded:
        flaws.append(Flaw(FlawCode.SEAL_DIFFERS))
    return SignatureFacts(
        number=found.number,
        kind=SignatureKind.SEAL,
        is_seal=True,
        version=sealed.seal.version,
        signer=signer,
        seal=sealed.seal.name,
        signed_at=_spelled(at),
        flaws=ordered(flaws),
    )


def _of_seal(seal: _Seal, certificate: bytes, at: dt.datetime | None, roots: Sequence[x509.Certificate]) -> list[Flaw]:
    flaws = []
    digests = (sm3(certificate), hashlib.sha256(certificate).digest())
    if not any(owner == certificate or owner in digests for owner in seal.owners):
        flaws.append(Flaw(FlawCode.NOT_SEALER))
    maker = certificates.read(seal.maker)
    # Programs differ: some sign the description alone, some with the maker's certificate and the algorithm.
    whole = seal.described.encoded + seal.maker_node.encoded + seal.method_node.encoded
    messages = (_sequence(whole), seal.described.encoded)
    if not any(certificates.verify(maker, seal.method, seal.signature, message) for message in messages):
        flaws.append(Flaw(FlawCode.SEAL_FORGED))
    if at is not None:
        if not seal.holds_from <= at <= seal.holds_until:
            flaws.append(Flaw(FlawCode.SEAL_EXPIRED, f"{seal.holds_from:%Y-%m-%d} – {seal.holds_until:%Y-%m-%d}"))
        if not certificates.is_vouched_for(maker, [], roots, at):
            flaws.append(Flaw(FlawCode.UNKNOWN_MAKER, certificates.name_of(maker)))
    return flaws


def _as_signed_data(
    found: RawSignature, flaws: list[Flaw], roots: Sequence[x509.Certificate], reason: str
) -> SignatureFacts:
    at = _stated(found.stated_at)
    try:
        said = signed_data.verify(found.value, found.described, roots=roots, stated_at=at, lists=found.revocations)
    except Unknown as error:
        problem = str(error) if not found.is_seal else reason
        flaws.append(Flaw(FlawCode.UNKNOWN_FORM, problem))
        return SignatureFacts(
            found.number, SignatureKind.UNKNOWN, found.is_seal, signed_at=_spelled(at), flaws=ordered(flaws)
        )
    return SignatureFacts(
        number=found.number,
        kind=SignatureKind.CMS,
        is_seal=found.is_seal,
        signer=said.signer,
        signed_at=_spelled(said.signed_at),
        flaws=ordered([*flaws, *said.flaws]),
    )


def _digest(method: str, octets: bytes) -> bytes:
    if method in certificates.SM2_METHODS:
        return sm3(octets)
    if method in _DIGEST_OF_METHOD:
        return hashlib.new(_DIGEST_OF_METHOD[method], octets, usedforsecurity=False).digest()
    raise Unknown(f"signature algorithm {method[:60]}")


def _read(value: bytes) -> _Sealed:
    """One SES_Signature.

    Raises: Unknown it is none, or is not spelt in DER.
    """
    if len(value) > _MOST_BYTES:
        raise Unknown("signature too large")
    try:
        whole, padding = der.read_prefix(value)  # a PDF leaves room behind it
        if padding.strip(b"\x00"):
            raise Unknown("something follows the signature")
        parts = der.expect(whole, der.SEQUENCE).children()
        if len(parts) == 2 and parts[0].tag == der.SEQUENCE:
            return _old(parts)
        if len(parts) in (4, 5):
            return _current(parts)
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise Unknown(str(error)[:120]) from error
    raise Unknown("not a seal")


def _old(parts: Sequence[Node]) -> _Sealed:
    """GM/T 0031-2014: the certificate and the algorithm stand inside what is signed."""
    signed, signature = parts
    _version, seal, time, data, _property, certificate, method, *_more = signed.children()
    described, made = seal.children()
    maker, made_method, made_signature = made.children()
    return _Sealed(
        seal=_seal(seal, described, maker, made_method, made_signature),
        signed=signed.encoded,
        signed_at=_time(time),
        data_digest=der.bits(data),
        certificate=der.expect(certificate, der.OCTET_STRING).content,
        method=der.oid(method),
        signature=der.bits(signature),
    )


def _current(parts: Sequence[Node]) -> _Sealed:
    """GB/T 38540-2020: the certificate and the algorithm stand beside what is signed."""
    signed, certificate, method, signature = parts[:4]
    _version, seal, time, data, *_more = signed.children()
    described, maker, made_method, made_signature = seal.children()
    return _Sealed(
        seal=_seal(seal, described, maker, made_method, made_signature),
        signed=signed.encoded,
        signed_at=_time(time),
        data_digest=der.bits(data),
        certificate=der.expect(certificate, der.OCTET_STRING).content,
        method=der.oid(method),
        signature=der.bits(signature),
    )


def _seal(seal: Node, described: Node, maker: Node, method: Node, signature: Node) -> _Seal:
    header, _id, details, *_picture = described.children()
    _kind, name, *rest = details.children()
    if rest[0].tag == der.INTEGER:  # from version 4 on it says whether certificates or their digests are listed
        rest = rest[1:]
    listed, _made, start, end, *_more = rest
    owners = []
    for one in listed.children():
        if one.tag == der.SEQUENCE:  # a digest, with the name of its algorithm
            owners.append(one.children()[1].content)
        else:
            owners.append(der.expect(one, der.OCTET_STRING).content)
    holds_from, holds_until = _time(start), _time(end)
    if holds_from is None or holds_until is None:
        raise Unknown("the seal does not say when it holds")
    return _Seal(
        encoded=seal.encoded,
        version=der.integer(header.children()[1]),
        name=" ".join(name.content.decode("utf-8", "replace").split())[:120],
        owners=tuple(owners),
        holds_from=holds_from,
        holds_until=holds_until,
        described=described,
        maker=der.expect(maker, der.OCTET_STRING).content,
        method=der.oid(method),
        signature=der.bits(signature),
        method_node=method,
        maker_node=maker,
    )


def _time(node: Node) -> dt.datetime | None:
    """A time, or a bit string that holds one; none when it is a time stamp's token or nothing that can be read."""
    try:
        if node.tag == der.BIT_STRING:
            octets = der.bits(node)
            return _stated(octets.decode("ascii")) if octets[:1].isdigit() else der.time(der.read(octets))
        return der.time(node)
    except ValueError:  # some programs write local time, or parts of a second
        is_time = node.tag in (der.UTC_TIME, der.GENERALIZED_TIME)
        return _stated(node.content.decode("ascii", "replace")) if is_time else None


def _stated(text: str) -> dt.datetime | None:
    """A time as programs write it into ``Signature.xml``: in UTC with a Z, else as the clock in China shows it."""
    digits = re.sub(r"[^0-9]", "", text.split(".")[0])
    try:
        if len(digits) == 12 and text.rstrip().endswith("Z"):
            digits = "20" + digits
        found = dt.datetime.strptime(digits[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 - its zone is given below
    except ValueError:
        return None
    zone = dt.UTC if text.rstrip().endswith("Z") else dt.timezone(dt.timedelta(hours=8))
    return found.replace(tzinfo=zone).astimezone(dt.UTC)


def _spelled(at: dt.datetime | None) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}" if at else ""


def _sequence(content: bytes) -> bytes:
    """A sequence in DER around what is encoded already."""
    size = len(content)
    length = bytes([size]) if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return b"\x30" + (length if size < 0x80 else bytes([0x80 | len(length)]) + length) + content
