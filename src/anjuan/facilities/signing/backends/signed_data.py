"""Signatures as SignedData (数字签名): RFC 5652, and GB/T 35275 which spells the same with SM2 and SM3."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asn1crypto import x509

from anjuan.core.signatures import Flaw, FlawCode
from anjuan.core.sm3 import sm3
from anjuan.facilities.signing.backends import certificates
from anjuan.facilities.signing.backends.certificates import Unknown
from anjuan_verify import der
from anjuan_verify.der import Node

MOST_BYTES = 4 << 20
_SIGNED_DATA = frozenset({"1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2"})
_STAMP = "1.2.840.113549.1.9.16.2.14"
_MESSAGE_DIGEST, _SIGNING_TIME = "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
_SM3, _SHA1 = "1.2.156.10197.1.401", "1.3.14.3.2.26"
_DIGESTS: Mapping[str, str] = {
    _SHA1: "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_RSA_ALONE = "1.2.840.113549.1.1.1"
_RSA_WITH: Mapping[str, str] = {
    _SHA1: "1.2.840.113549.1.1.5",
    "2.16.840.1.101.3.4.2.1": "1.2.840.113549.1.1.11",
    "2.16.840.1.101.3.4.2.2": "1.2.840.113549.1.1.12",
    "2.16.840.1.101.3.4.2.3": "1.2.840.113549.1.1.13",
}


@dataclass(frozen=True)
class Verified:
    """What a SignedData says of a message: who signed, when, and what is wrong."""

    signer: str
    signed_at: dt.datetime | None
    flaws: tuple[Flaw, ...]


def digest(algorithm: str, octets: bytes) -> bytes:
    """The digest that an object identifier names.

    Raises: Unknown.
    """
    if algorithm == _SM3:
        return sm3(octets)
    if algorithm not in _DIGESTS:
        raise Unknown(f"digest {algorithm[:60]}")
    return hashlib.new(_DIGESTS[algorithm], octets, usedforsecurity=False).digest()


def verify(
    value: bytes,
    message: bytes,
    *,
    roots: Sequence[x509.Certificate],
    stated_at: dt.datetime | None = None,
    lists: Sequence[bytes] = (),
) -> Verified:
    """Hold a signature against the message that it should be over.

    The message may travel inside, or its digest may, as GB/T 35275 has it for OFD; it is compared either way.

    Args:
        value: the SignedData, in DER; what a PDF pads it with may follow.
        message: what should have been signed.
        roots: certificates that the house trusts.
        stated_at: when it was signed, where the signature itself does not say.
        lists: revocation lists that lie beside it.

    Raises: Unknown its form or an algorithm is not known here.
    """
    if len(value) > MOST_BYTES:
        raise Unknown("signature too large")
    try:
        return _verify(value, message, roots, stated_at, lists)
    except certificates.UNREADABLE as error:
        raise error if isinstance(error, Unknown) else Unknown(str(error)[:120]) from error


def _verify(
    value: bytes,
    message: bytes,
    roots: Sequence[x509.Certificate],
    stated_at: dt.datetime | None,
    lists: Sequence[bytes] = (),
) -> Verified:
    whole, _padding = der.read_prefix(value)
    kind, wrapped = der.expect(whole, der.SEQUENCE).children()
    if der.oid(kind) not in _SIGNED_DATA:
        raise Unknown(f"content {der.oid(kind)[:60]}")
    (signed,) = wrapped.children()
    _version, _digests, content, *rest = der.expect(signed, der.SEQUENCE).children()
    sent = [
        certificates.read(one.encoded)
        for part in rest
        if part.tag == 0xA0
        for one in part.children()[: certificates.MOST_SENT]
        if one.tag == der.SEQUENCE
    ]
    sent_lists = [one.encoded for part in rest if part.tag == 0xA1 for one in part.children()]
    signers = der.expect(rest[-1], der.SET).children()
    if len(signers) != 1:
        raise Unknown(f"{len(signers)} signers")
    return _signer(signers[0], _inside(content), message, sent, [*sent_lists, *lists], roots, stated_at)


def _inside(content: Node) -> bytes | None:
    """What travels inside; none for a detached signature."""
    parts = der.expect(content, der.SEQUENCE).children()
    if len(parts) < 2:
        return None
    (held,) = parts[1].children()
    return der.expect(held, der.OCTET_STRING).content


def _signer(
    signer: Node,
    inside: bytes | None,
    message: bytes,
    sent: Sequence[x509.Certificate],
    lists: Sequence[bytes],
    roots: Sequence[x509.Certificate],
    stated_at: dt.datetime | None,
) -> Verified:
    _version, identity, algorithm, *rest = der.expect(signer, der.SEQUENCE).children()
    issuer, serial = der.expect(identity, der.SEQUENCE).children()
    certificate = next(
        (one for one in sent if one.issuer.dump() == issuer.encoded and one.serial_number == der.integer(serial)), None
    )
    if certificate is None:
        raise Unknown("no certificate of the signer")
    attributes = rest.pop(0) if rest[0].tag == 0xA0 else None
    name = der.oid(algorithm.children()[0])
    method = der.oid(der.expect(rest[0], der.SEQUENCE).children()[0])
    if method == _RSA_ALONE:
        method = _RSA_WITH.get(name, method)
    flaws: list[Flaw] = []
    if inside is not None and inside not in (message, digest(name, message)):
        flaws.append(Flaw(FlawCode.CHANGED))
    held = message if inside is None else inside
    signed, signed_at = held, stated_at
    if attributes is not None:
        values = _attributes(attributes)
        if values.get(_MESSAGE_DIGEST) != digest(name, held):
            flaws.append(Flaw(FlawCode.CHANGED))
        signed_at = _time(values.get(_SIGNING_TIME, b"")) or stated_at
        signed = b"\x31" + attributes.encoded[1:]  # signed as a SET, sent as [0] (RFC 5652, 5.4)
    value = der.expect(rest[1], der.OCTET_STRING).content
    if not certificates.verify(certificate, method, value, signed):
        flaws.append(Flaw(FlawCode.BROKEN))
    for token in _stamps(rest[2:]):
        stamp = stamped(token, value, roots=roots)
        flaws += [Flaw(FlawCode.STAMP_BROKEN) for flaw in stamp.flaws if flaw.is_invalid]
        if not stamp.flaws:  # a trusted stamp says when; otherwise the signer does
            signed_at = stamp.signed_at
    if name == _SHA1:
        flaws.append(Flaw(FlawCode.WEAK_DIGEST, "SHA-1"))
    flaws += of_certificate(certificate, sent, lists, roots, signed_at)
    return Verified(certificates.name_of(certificate), signed_at, tuple(flaws))


def of_certificate(
    certificate: x509.Certificate,
    sent: Sequence[x509.Certificate],
    lists: Sequence[bytes],
    roots: Sequence[x509.Certificate],
    at: dt.datetime | None,
) -> list[Flaw]:
    """What is wrong with who signed: the time, the revocation, the chain."""
    if at is None:
        return [Flaw(FlawCode.NO_TIME)]
    flaws = [] if certificates.may_sign(certificate) else [Flaw(FlawCode.WRONG_USE)]
    if not certificates.holds_at(certificate, at):
        until = f"{certificate.not_valid_before:%Y-%m-%d} – {certificate.not_valid_after:%Y-%m-%d}"
        flaws.append(Flaw(FlawCode.EXPIRED, until))
    if found := certificates.revoked(certificate, [*sent, *roots], lists, at):
        flaws.append(found)
    if not certificates.is_vouched_for(certificate, sent, roots, at):
        flaws.append(Flaw(FlawCode.UNKNOWN_SIGNER))
    return flaws


def stamped(token: bytes, message: bytes, *, roots: Sequence[x509.Certificate]) -> Verified:
    """What a time stamp says of some bytes (时间戳): its authority, its time, and what is wrong with it.

    Raises: Unknown its form or an algorithm is not known here.
    Standard: RFC 3161.
    """
    try:
        whole, _padding = der.read_prefix(token)
        (signed,) = whole.children()[1].children()
        inside = _inside(signed.children()[2]) or b""
        _version, _policy, imprint, _serial, time, *_more = der.read(inside).children()
        algorithm, stated = imprint.children()
        at = der.time(time)
        said = _verify(token, inside, roots, at)
        fits = stated.content == digest(der.oid(algorithm.children()[0]), message)
    except certificates.UNREADABLE as error:
        raise error if isinstance(error, Unknown) else Unknown(str(error)[:120]) from error
    return Verified(said.signer, at, said.flaws if fits else (Flaw(FlawCode.CHANGED), *said.flaws))


def _stamps(unsigned: Sequence[Node]) -> list[bytes]:
    """Tokens among what is not signed."""
    found = []
    for part in unsigned:
        for one in part.children():
            kind, values = one.children()
            if der.oid(kind) == _STAMP:
                found += [value.encoded for value in values.children()]
    return found[:1]  # one says when; whoever hangs on more only costs time


def _attributes(node: Node) -> dict[str, bytes]:
    """Signed attributes by kind: the content of the one value of each, times with their tag."""
    found: dict[str, bytes] = {}
    for one in node.children():
        kind, values = one.children()
        (value,) = der.expect(values, der.SET).children()
        if der.oid(kind) in found:
            raise Unknown("a signed attribute stands twice")
        found[der.oid(kind)] = value.encoded if der.oid(kind) == _SIGNING_TIME else value.content
    return found


def _time(octets: bytes) -> dt.datetime | None:
    try:
        return der.time(der.read(octets)) if octets else None
    except ValueError:
        return None
