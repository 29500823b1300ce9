"""Seals as agencies' programs put them on OFD files, made with somebody else's SM2, good ones and bad ones."""

import base64
import datetime as dt
import functools
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import gmalg

from anjuan.core.sm3 import sm3
from tests.unit.format_builders import SPACE, ofd

SM2_SM3 = "1.2.156.10197.1.501"
_CURVE = "1.2.156.10197.1.301"
SIGNED = dt.datetime(2026, 5, 6, 2, 30, tzinfo=dt.UTC)
FROM, UNTIL = dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC)


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def seq(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def number(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    octets = bytearray([40 * first + second])
    for arc in rest:
        chunk = [arc & 0x7F]
        while arc := arc >> 7:
            chunk.append(arc & 0x7F | 0x80)
        octets += bytes(reversed(chunk))
    return tlv(0x06, bytes(octets))


def bits(octets: bytes) -> bytes:
    return tlv(0x03, b"\x00", octets)


def octet(octets: bytes) -> bytes:
    return tlv(0x04, octets)


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def ia5(text: str) -> bytes:
    return tlv(0x16, text.encode())


def utc(at: dt.datetime) -> bytes:
    return tlv(0x17, f"{at:%y%m%d%H%M%SZ}".encode())


def generalized(at: dt.datetime) -> bytes:
    return tlv(0x18, f"{at:%Y%m%d%H%M%SZ}".encode())


@dataclass(frozen=True)
class Party:
    """Somebody with an SM2 key and a certificate."""

    name: str
    secret: bytes
    certificate: bytes

    def sign(self, message: bytes) -> bytes:
        r, s = gmalg.SM2(self.secret, b"1234567812345678", _public(self.secret)).sign(message)
        return seq(number(int.from_bytes(r, "big")), number(int.from_bytes(s, "big")))

    @property
    def pem(self) -> str:
        text = base64.encodebytes(self.certificate).decode()
        return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"


@functools.cache
def _public(secret: bytes) -> bytes:
    return bytes(gmalg.SM2(secret).generate_pk(secret))


def _name(text: str) -> bytes:
    return seq(tlv(0x31, seq(oid("2.5.4.3"), utf8(text))))


@functools.cache
def party(
    name: str,
    issuer: Party | None = None,
    *,
    is_ca: bool = False,
    start: dt.datetime = FROM,
    end: dt.datetime = UNTIL,
    usage: int = 0xC0,
) -> Party:
    """A party whose certificate the issuer signed, or who signed it himself."""
    secret = hashlib.sha256(f"secret of {name}".encode()).digest()
    extensions = [
        seq(
            oid("2.5.29.15"), tlv(0x01, b"\xff"), octet(tlv(0x03, bytes([1 if is_ca else 6, 0x06 if is_ca else usage])))
        )
    ]
    if is_ca:
        extensions.append(seq(oid("2.5.29.19"), tlv(0x01, b"\xff"), octet(seq(tlv(0x01, b"\xff")))))
    algorithm = seq(oid(SM2_SM3))
    tbs = seq(
        tlv(0xA0, number(2)),
        number(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1 | 1),
        algorithm,
        _name(issuer.name if issuer else name),
        seq(utc(start), utc(end)),
        _name(name),
        seq(seq(oid("1.2.840.10045.2.1"), oid(_CURVE)), bits(b"\x04" + _public(secret)[-64:])),
        tlv(0xA3, seq(*extensions)),
    )
    self = Party(name, secret, b"")
    return Party(name, secret, seq(tbs, algorithm, bits((issuer or self).sign(tbs))))


def root() -> Party:
    return party("测试根", is_ca=True)


def clerk() -> Party:
    return party("市社保中心", root())


def maker() -> Party:
    return party("制章机构", root())


def seal(
    version: int = 4,
    *,
    owner: Party | None = None,
    by: Party | None = None,
    name: str = "市社会保险中心业务专用章",
    start: dt.datetime = FROM,
    end: dt.datetime = UNTIL,
    by_digest: bool = False,
    alone: bool = False,
    forged: bool = False,
) -> bytes:
    """A SESeal; ``alone``: the maker signed the description only, as some programs do."""
    owner, by = owner or clerk(), by or maker()
    time = generalized if version >= 4 else utc
    listed = seq(seq(tlv(0x13, b"SM3"), octet(sm3(owner.certificate)))) if by_digest else seq(octet(owner.certificate))
    kinds = [number(2 if by_digest else 1)] if version >= 4 else []
    details = seq(number(1), utf8(name), *kinds, listed, time(start), time(start), time(end))
    picture = seq(ia5("png"), octet(b"\x89PNG picture"), number(42), number(42))
    described = seq(seq(ia5("ES"), number(version), ia5("TEST")), ia5("50011500000001"), details, picture)
    maker_node, method = octet(by.certificate), oid(SM2_SM3)
    message = described if alone else seq(described, maker_node, method)
    value = bits(by.sign(message + b"x" if forged else message))
    return seq(described, maker_node, method, value) if version >= 4 else seq(described, seq(maker_node, method, value))


def sealed_value(
    described: bytes,
    version: int = 4,
    *,
    signer: Party | None = None,
    stamp: bytes | None = None,
    at: dt.datetime = SIGNED,
    raw: bool = False,
) -> bytes:
    """A SES_Signature over ``Signature.xml``; ``raw``: the signature as 64 bytes."""
    signer = signer or clerk()
    held = stamp if stamp is not None else seal(version, owner=signer)
    data, place = bits(sm3(described)), ia5("/Doc_0/Signs/Sign_0/Signature.xml")
    certificate, method = octet(signer.certificate), oid(SM2_SM3)

    def value(message: bytes) -> bytes:
        if raw:
            r, s = gmalg.SM2(signer.secret, b"1234567812345678", _public(signer.secret)).sign(message)
            return bits(r + s)
        return bits(signer.sign(message))

    if version >= 4:
        signed = seq(number(version), held, generalized(at), data, place)
        return seq(signed, certificate, method, value(signed))
    signed = seq(number(version), held, bits(utc(at)), data, place, certificate, method)
    return seq(signed, value(signed))


def signed_data(
    message: bytes, *, signer: Party | None = None, crl: bytes = b"", attributes: bool = True, at: dt.datetime = SIGNED
) -> bytes:
    """A GB/T 35275 SignedData: with attributes detached, without them over the digest, which travels inside."""
    signer = signer or clerk()
    issuer = root()
    digest = seq(oid("1.2.156.10197.1.401"))
    data = oid("1.2.156.10197.6.1.4.2.1")
    held = sm3(message)
    content = seq(data) if attributes else seq(data, tlv(0xA0, octet(held)))
    listed = b"".join(
        sorted(
            (
                seq(oid("1.2.840.113549.1.9.3"), tlv(0x31, data)),
                seq(oid("1.2.840.113549.1.9.4"), tlv(0x31, octet(held))),
                seq(oid("1.2.840.113549.1.9.5"), tlv(0x31, utc(at))),
            )
        )
    )
    signed = tlv(0x31, listed) if attributes else held
    serial = number(int.from_bytes(hashlib.sha256(signer.name.encode()).digest()[:8], "big") >> 1 | 1)
    info = seq(
        number(1),
        seq(_name(issuer.name), serial),
        digest,
        *((tlv(0xA0, listed),) if attributes else ()),
        seq(oid("1.2.156.10197.1.301.1")),
        octet(signer.sign(signed)),
    )
    return seq(
        oid("1.2.156.10197.6.1.4.2.2"),
        tlv(
            0xA0,
            seq(
                number(1),
                tlv(0x31, digest),
                content,
                tlv(0xA0, signer.certificate, issuer.certificate),
                *((tlv(0xA1, crl),) if crl else ()),
                tlv(0x31, info),
            ),
        ),
    )


def revocation_list(of: Party, since: dt.datetime, *, by: Party | None = None) -> bytes:
    issuer = by or root()
    serial = number(int.from_bytes(hashlib.sha256(of.name.encode()).digest()[:8], "big") >> 1 | 1)
    algorithm = seq(oid(SM2_SM3))
    tbs = seq(number(1), algorithm, _name(root().name), utc(FROM), utc(UNTIL), seq(seq(serial, utc(since))))
    return seq(tbs, algorithm, bits(issuer.sign(tbs)))


_CHECKS: Mapping[str, Callable[[bytes], bytes]] = {
    "1.2.156.10197.1.401": sm3,
    "SHA256": lambda octets: hashlib.sha256(octets).digest(),
    "SHA1": lambda octets: hashlib.sha1(octets).digest(),
    "MD5": lambda octets: hashlib.md5(octets).digest(),
}
SIGNS = "Doc_0/Signs/Signatures.xml"
DESCRIBED = "Doc_0/Signs/Sign_0/Signature.xml"
VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"


def parts_of(octets: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in parts.items():
            archive.writestr(name, octets)
    return stream.getvalue()


def describing(parts: Mapping[str, bytes], *, method: str = "1.2.156.10197.1.401", stamped: bool = True) -> bytes:
    """A ``Signature.xml`` over these parts."""
    rows = "".join(
        f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>{base64.b64encode(_CHECKS[method](octets)).decode()}'
        "</ofd:CheckValue></ofd:Reference>"
        for name, octets in parts.items()
    )
    stamp = '<ofd:StampAnnot ID="1" PageRef="0" Boundary="50 50 40 40"/>' if stamped else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:Signature xmlns:ofd="{SPACE}"><ofd:SignedInfo>'
        '<ofd:Provider ProviderName="test"/><ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>'
        f"<ofd:SignatureDateTime>20260506103000</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="{method}">{rows}</ofd:References>{stamp}</ofd:SignedInfo>'
        f"<ofd:SignedValue>/{VALUE}</ofd:SignedValue></ofd:Signature>"
    ).encode()


def sealed_ofd(
    version: int = 4,
    *,
    pages: int = 1,
    kind: str = "Seal",
    method: str = "1.2.156.10197.1.401",
    leave_out: tuple[str, ...] = (),
    value: Callable[[bytes], bytes] | None = None,
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """An OFD with one seal over all its parts.

    Args:
        version: of the seal.
        pages: how many.
        kind: ``Seal`` or ``Sign``.
        method: CheckMethod of the references.
        leave_out: parts that are not signed.
        value: makes the value of ``Signature.xml``; the good seal by default.
        more: further parts, signed like the others.
    """
    listed = (
        f'<ofd:Signatures xmlns:ofd="{SPACE}"><ofd:MaxSignId>1</ofd:MaxSignId>'
        f'<ofd:Signature ID="1" Type="{kind}" BaseLoc="/{DESCRIBED}"/></ofd:Signatures>'
    ).encode()
    parts = parts_of(ofd(pages, more=f"<ofd:Signatures>{SIGNS}</ofd:Signatures>")) | dict(more or {})
    described = describing(
        {name: octets for name, octets in parts.items() if name not in leave_out}, method=method, stamped=kind == "Seal"
    )
    made = (value or (lambda octets: sealed_value(octets, version)))(described)
    return packed(parts | {SIGNS: listed, DESCRIBED: described, VALUE: made})
