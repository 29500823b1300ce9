"""Certificates of X.509 (数字证书), as much of them as a chain of two or three needs, read strictly."""

import base64
import binascii
import datetime as dt
import functools
import hashlib
import re
from dataclasses import dataclass

from anjuan_verify import curves, der
from anjuan_verify.der import Malformed, Node

RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
RSA_WITH = {
    RSA_SHA256: "sha256",
    bytes.fromhex("300d06092a864886f70d01010c0500"): "sha384",  # time-stamp authorities and their roots use these
    bytes.fromhex("300d06092a864886f70d01010d0500"): "sha512",
}
ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
ED25519 = bytes.fromhex("300506032b6570")
SM2_SM3 = bytes.fromhex("300a06082a811ccf55018375")
SM2_SM3_NULL = bytes.fromhex("300c06082a811ccf550183750500")

_EC_P256 = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
_EC_SM2 = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
_RSA = bytes.fromhex("300d06092a864886f70d0101010500")

BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE = "2.5.29.19", "2.5.29.15", "2.5.29.37"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
COMMON_NAME, ORGANIZATION = "2.5.4.3", "2.5.4.10"
DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_CERT_SIGN = 0, 1, 5
_UNDERSTOOD = {BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE}  # a critical extension that is not here: no judgement


def _two_numbers(octets: bytes) -> tuple[int, int]:
    """Two numbers in a sequence: how curves write signatures and RSA writes keys."""
    parts = der.expect(der.read(octets), der.SEQUENCE).children()
    if len(parts) != 2:
        raise Malformed("what should be two numbers is not")
    return der.integer(parts[0]), der.integer(parts[1])


@dataclass(frozen=True)
class PublicKey:
    """A public key as its certificate spells it (SubjectPublicKeyInfo)."""

    algorithm: bytes
    material: bytes

    def verify(self, algorithm: bytes, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature with this algorithm; an algorithm of another kind of key is a no."""
        if self.algorithm == _EC_P256 and algorithm == ECDSA_SHA256:
            point = curves.P256.point(self.material)
            return point is not None and curves.verify_ecdsa(point, *_two_numbers(signature), message)
        if self.algorithm == _EC_SM2 and algorithm in (SM2_SM3, SM2_SM3_NULL):
            point = curves.SM2.point(self.material)
            return point is not None and curves.verify_sm2(point, *_two_numbers(signature), message)
        if self.algorithm == ED25519 and algorithm == ED25519:
            return curves.verify_ed25519(self.material, signature, message)
        if self.algorithm == _RSA and algorithm in RSA_WITH:
            modulus, exponent = _two_numbers(self.material)
            return curves.verify_rsa(modulus, exponent, signature, message, RSA_WITH[algorithm])
        return False


@dataclass(frozen=True)
class Certificate:
    """One certificate.

    Attributes:
        encoded: the whole certificate.
        signed: the part that the issuer signed.
        issuer: the issuer's name as it is encoded.
        subject: the owner's name as it is encoded.
        is_ca: whether its owner may issue certificates.
        path_length: how many further issuers may stand below it; None for any number.
        key_usage: numbers of the permitted uses; None when it does not say.
        purposes: what alone it is made for (extended key usage); None when it does not say.
    """

    encoded: bytes
    signed: bytes
    serial: int
    issuer: bytes
    subject: bytes
    not_before: dt.datetime
    not_after: dt.datetime
    key: PublicKey
    algorithm: bytes
    signature: bytes
    is_ca: bool
    path_length: int | None
    key_usage: frozenset[int] | None
    purposes: frozenset[str] | None = None

    @property
    def is_self_issued(self) -> bool:
        """Whether issuer and owner are one, as with a root."""
        return self.issuer == self.subject

    def name(self, kind: str = COMMON_NAME) -> str:
        """One part of the owner's name; empty when absent."""
        for group in der.read(self.subject).children():
            for pair in group.children():
                parts = pair.children()
                if len(parts) == 2 and der.oid(parts[0]) == kind:
                    return parts[1].content.decode("utf-8", "replace")
        return ""

    def is_signed_by(self, issuer: "Certificate") -> bool:
        """Whether that certificate's key signed this one and was allowed to."""
        usage = issuer.key_usage
        return (
            self.issuer == issuer.subject
            and issuer.is_ca
            and (usage is None or KEY_CERT_SIGN in usage)
            and issuer.key.verify(self.algorithm, self.signature, self.signed)
        )

    def holds_at(self, moment: dt.datetime) -> bool:
        """Whether it holds at that moment."""
        return self.not_before <= moment <= self.not_after


def sha256(octets: bytes) -> bytes:
    """The digest by which certificates are named."""
    return hashlib.sha256(octets).digest()


def _public_key(node: Node) -> PublicKey:
    algorithm, material = _exactly(der.expect(node, der.SEQUENCE), 2)
    return PublicKey(algorithm.encoded, der.bits(material))


def _exactly(node: Node, count: int) -> list[Node]:
    parts = node.children()
    if len(parts) != count:
        raise Malformed(f"expected {count} elements, found {len(parts)}")
    return parts


def _extensions(node: Node) -> dict[str, tuple[bool, bytes]]:
    found: dict[str, tuple[bool, bytes]] = {}
    for extension in der.expect(_exactly(node, 1)[0], der.SEQUENCE).children():
        name, *rest = der.expect(extension, der.SEQUENCE).children()
        critical = len(rest) == 2 and der.boolean(rest[0])
        if len(rest) not in (1, 2) or der.oid(name) in found:
            raise Malformed("an extension is malformed or stands twice")
        found[der.oid(name)] = critical, der.expect(rest[-1], der.OCTET_STRING).content
    return found


def _authority(extensions: dict[str, tuple[bool, bytes]]) -> tuple[bool, int | None]:
    if BASIC_CONSTRAINTS not in extensions:
        return False, None
    parts = der.expect(der.read(extensions[BASIC_CONSTRAINTS][1]), der.SEQUENCE).children()
    if not parts:
        return False, None
    der.boolean(parts[0])
    if len(parts) > 2:
        raise Malformed("basic constraints are malformed")
    return True, der.integer(parts[1]) if len(parts) == 2 else None


def _purposes(extensions: dict[str, tuple[bool, bytes]]) -> frozenset[str] | None:
    if EXTENDED_KEY_USAGE not in extensions:
        return None
    named = der.expect(der.read(extensions[EXTENDED_KEY_USAGE][1]), der.SEQUENCE).children()
    return frozenset(der.oid(purpose) for purpose in named)


@functools.lru_cache(maxsize=64)
def read_certificate(encoded: bytes) -> Certificate:
    """A certificate, read strictly; Malformed when it is not one that this program can judge."""
    whole = der.expect(der.read(encoded), der.SEQUENCE)
    signed, algorithm, signature = _exactly(whole, 3)
    parts = der.expect(signed, der.SEQUENCE).children()
    if len(parts) < 7:
        raise Malformed("a certificate is cut short")
    version, serial, inner_algorithm, issuer, validity, subject, key, *more = parts
    if version.tag != 0xA0 or der.integer(_exactly(version, 1)[0]) != 2:
        raise Malformed("not a certificate of version 3")
    if inner_algorithm.encoded != algorithm.encoded:
        raise Malformed("a certificate names two signature algorithms")
    if len(more) > 1 or any(part.tag != 0xA3 for part in more):
        raise Malformed("a certificate holds parts that are not known")
    extensions = _extensions(more[0]) if more else {}
    if any(critical and name not in _UNDERSTOOD for name, (critical, _) in extensions.items()):
        raise Malformed("a certificate has a critical extension that is not known")
    is_ca, path_length = _authority(extensions)
    start, end = _exactly(der.expect(validity, der.SEQUENCE), 2)
    return Certificate(
        encoded=encoded,
        signed=signed.encoded,
        serial=der.integer(serial),
        issuer=der.expect(issuer, der.SEQUENCE).encoded,
        subject=der.expect(subject, der.SEQUENCE).encoded,
        not_before=der.time(start),
        not_after=der.time(end),
        key=_public_key(key),
        algorithm=algorithm.encoded,
        signature=der.bits(signature),
        is_ca=is_ca,
        path_length=path_length,
        key_usage=der.named_bits(der.read(extensions[KEY_USAGE][1])) if KEY_USAGE in extensions else None,
        purposes=_purposes(extensions),
    )


_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")


def read_pem(text: str) -> Certificate:
    """One certificate in PEM."""
    match = _PEM.fullmatch(text.strip() + "\n")
    if match is None:
        raise Malformed("not one certificate in PEM")
    try:
        return read_certificate(base64.b64decode("".join(match[1].split()), validate=True))
    except binascii.Error:
        raise Malformed("not base64") from None


LONGEST_CHAIN = 4


def chain_of(sent: tuple[Certificate, ...], believed: tuple[Certificate, ...]) -> list[Certificate]:
    """From the signer, sent first, to the last certificate that is known; every one sent along must have its place.

    Raises:
        Malformed: one has none, or what stands at the end cannot be what it says.
    """
    known = [*sent[1:], *(root for root in believed if root not in sent[1:])]
    chain = [sent[0]]
    while not chain[-1].is_self_issued and len(chain) < LONGEST_CHAIN:
        issuers = [one for one in known if one not in chain and chain[-1].is_signed_by(one)]
        if not issuers:
            break
        chain.append(issuers[0])
    if any(one not in chain for one in sent):
        raise Malformed("a certificate was sent along that has no place in the chain")
    if chain[-1].is_self_issued and not chain[-1].is_signed_by(chain[-1]):
        raise Malformed("the root has not signed itself")
    if len(chain) > 1 and not chain[-1].is_self_issued and chain[-1] not in believed:
        raise Malformed("nobody vouches for the last certificate that was sent along")  # its bytes could be anything
    for below, one in enumerate(chain[1:]):
        if one.path_length is not None and below > one.path_length:
            raise Malformed("the chain is longer than its authority allows")
    return chain
