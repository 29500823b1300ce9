"""Signatures as PDFs and time stamps carry them (CMS SignedData), read strictly: one signer, nothing superfluous.

The one thing that may stand outside what is signed is a time stamp over the signature itself.
"""

import hashlib
from dataclasses import dataclass

from anjuan_verify import der
from anjuan_verify.der import Malformed, Node
from anjuan_verify.sm3 import sm3
from anjuan_verify.x509 import DIGITAL_SIGNATURE, NON_REPUDIATION, RSA_WITH, Certificate, read_certificate, sha256

DATA, _SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
TIME_STAMP = "1.2.840.113549.1.9.16.1.4"
_SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_SHA256 = (bytes.fromhex("300d06096086480165030402010500"), bytes.fromhex("300b0609608648016503040201"))
_LONGER = {
    bytes.fromhex("300d06096086480165030402020500"): "sha384",
    bytes.fromhex("300b0609608648016503040202"): "sha384",
    bytes.fromhex("300d06096086480165030402030500"): "sha512",
    bytes.fromhex("300b0609608648016503040203"): "sha512",
}
_RSA = bytes.fromhex("300d06092a864886f70d0101010500")
_SM3 = (bytes.fromhex("300a06082a811ccf55018311"), bytes.fromhex("300c06082a811ccf550183110500"))


@dataclass(frozen=True)
class SignedData:
    """What the signature says.

    Attributes:
        digest_algorithm: ``sha256``, ``sm3``, or a longer one of the same family.
        message_digest: the digest of the signed bytes.
        certificate_digest: SHA-256 of the signer's certificate, as the signer named it; SHA-1 in older time stamps.
        signed_attributes: what the signature is over.
        certificates: those that travel with the signature, the signer's first.
        algorithm: signature algorithm, encoded.
        signature: the signature value.
        content: what is signed, if it travels inside.
        time_stamp: the token over the signature; empty when there is none.
    """

    digest_algorithm: str
    message_digest: bytes
    certificate_digest: bytes
    signed_attributes: bytes
    certificates: tuple[Certificate, ...]
    algorithm: bytes
    signature: bytes
    content: bytes = b""
    time_stamp: bytes = b""

    @property
    def signer(self) -> Certificate:
        """The signer's certificate."""
        return self.certificates[0]

    def digest(self, content: bytes) -> bytes:
        """The digest of some bytes with this signature's algorithm."""
        if self.digest_algorithm == "sm3":
            return sm3(content)
        return hashlib.new(self.digest_algorithm, content).digest()

    def _short_digest(self) -> bytes:
        """How a time stamp of the older kind names its certificate; the chain vouches for every byte of it anyway."""
        return hashlib.sha1(self.signer.encoded, usedforsecurity=False).digest() if self.content else b""

    def fits_its_certificate(self) -> bool:
        """Whether the signer's certificate is the one it names, may sign, and made this signature."""
        usage = self.signer.key_usage
        return (
            self.certificate_digest in (sha256(self.signer.encoded), self._short_digest())
            and usage is not None
            and bool(usage & {DIGITAL_SIGNATURE, NON_REPUDIATION})
            and self.signer.key.verify(self.algorithm, self.signature, self.signed_attributes)
        )


def digest_name(node: Node) -> str:
    """The digest algorithm that an element names; Malformed when it is not accepted."""
    if node.encoded in _SHA256:
        return "sha256"
    if node.encoded in _SM3:
        return "sm3"
    if node.encoded in _LONGER:
        return _LONGER[node.encoded]
    raise Malformed("a digest algorithm that is not accepted")


def _attributes(node: Node) -> dict[str, Node]:
    """Signed attributes by kind, each with its one value; in the order that DER asks for."""
    encoded = [child.encoded for child in node.children()]
    if encoded != sorted(encoded):
        raise Malformed("the signed attributes are not in order")
    found: dict[str, Node] = {}
    for child in node.children():
        name, values = _two(child)
        (value,) = _exactly(der.expect(values, der.SET), 1)
        if der.oid(name) in found:
            raise Malformed("a signed attribute stands twice")
        found[der.oid(name)] = value
    return found


def _exactly(node: Node, count: int) -> list[Node]:
    parts = node.children()
    if len(parts) != count:
        raise Malformed(f"expected {count} elements, found {len(parts)}")
    return parts


def _two(node: Node) -> tuple[Node, Node]:
    one, two = _exactly(der.expect(node, der.SEQUENCE), 2)
    return one, two


def _certificate_digest(value: Node) -> bytes:
    """The first certificate that signing-certificate-v2 names (RFC 5035): the signer's."""
    lists = der.expect(value, der.SEQUENCE).children()
    if not lists:
        raise Malformed("signing-certificate-v2 is empty")
    named = der.expect(lists[0], der.SEQUENCE).children()
    parts = der.expect(named[0], der.SEQUENCE).children() if named else []
    if parts and parts[0].tag == der.SEQUENCE and digest_name(parts.pop(0)) != "sha256":
        raise Malformed("signing-certificate-v2 uses a digest that is not accepted")
    if not parts:
        raise Malformed("signing-certificate-v2 is empty")
    return der.expect(parts[0], der.OCTET_STRING).content


def read_signed_data(encoded: bytes, kind: str = DATA) -> SignedData:
    """A signature, read strictly; Malformed when anything is missing, doubled or superfluous.

    Args:
        encoded: the whole structure.
        kind: DATA, a detached signature of a PDF (PAdES); or TIME_STAMP, a token that holds what it signs.
    """
    content_type, wrapped = _two(der.read(encoded))
    if der.oid(content_type) != _SIGNED_DATA or wrapped.tag != 0xA0:
        raise Malformed("not signed data")
    version, digests, content, certificates, signers = _exactly(der.expect(_exactly(wrapped, 1)[0], der.SEQUENCE), 5)
    (digest,) = _exactly(der.expect(digests, der.SET), 1)
    (signer,) = _exactly(der.expect(signers, der.SET), 1)
    if der.integer(version) != (1 if kind == DATA else 3) or certificates.tag != 0xA0:
        raise Malformed("not a signature of the version that it must have, with its certificates")

    parts = der.expect(signer, der.SEQUENCE).children()
    if len(parts) not in (6, 7) or (len(parts) == 7 and kind != DATA):
        raise Malformed("the signer's part has not the elements that it must have")
    signer_version, identity, signer_digest, attributes, algorithm, value = parts[:6]
    if der.integer(signer_version) != 1 or signer_digest.encoded != digest.encoded or attributes.tag != 0xA0:
        raise Malformed("the signer's part does not fit the whole")
    found = _attributes(attributes)
    naming = _SIGNING_CERTIFICATE_V2
    if kind == TIME_STAMP and naming not in found:
        naming = _SIGNING_CERTIFICATE  # many authorities name it as RFC 3161 did before RFC 5816
    for name in (_CONTENT_TYPE, _MESSAGE_DIGEST, naming):
        if name not in found:
            raise Malformed(f"the signed attribute {name} is missing")
    if der.oid(found[_CONTENT_TYPE]) != kind:
        raise Malformed("the signed content type is another")

    issuer, serial = _two(identity)
    every = [read_certificate(child.encoded) for child in certificates.children()]
    of_signer = [one for one in every if one.issuer == issuer.encoded and one.serial == der.integer(serial)]
    if len(of_signer) != 1 or len({one.encoded for one in every}) != len(every):
        raise Malformed("the signer's certificate is not there exactly once")
    name = digest_name(digest)
    return SignedData(
        digest_algorithm=name,
        message_digest=der.expect(found[_MESSAGE_DIGEST], der.OCTET_STRING).content,
        certificate_digest=_certificate_digest(found[naming]),
        signed_attributes=b"\x31" + attributes.encoded[1:],  # signed as a SET, sent as [0] (RFC 5652, 5.4)
        certificates=(of_signer[0], *(one for one in every if one is not of_signer[0])),
        algorithm=_named_whole(algorithm.encoded, name),
        signature=der.expect(value, der.OCTET_STRING).content,
        content=_content(content, kind),
        time_stamp=_time_stamp(parts[6]) if len(parts) == 7 else b"",
    )


def _content(node: Node, kind: str) -> bytes:
    """What travels inside; a PDF's signature holds nothing."""
    parts = der.expect(node, der.SEQUENCE).children()
    if not parts or der.oid(parts[0]) != kind or len(parts) != (1 if kind == DATA else 2):
        raise Malformed("what is signed does not travel as it must")
    if kind == DATA:
        return b""
    if parts[1].tag != 0xA0:
        raise Malformed("what is signed does not travel as it must")
    return der.expect(_exactly(parts[1], 1)[0], der.OCTET_STRING).content


def _time_stamp(node: Node) -> bytes:
    """The token among what is not signed: nothing else may stand there."""
    if node.tag != 0xA1:
        raise Malformed("the signer's part does not fit the whole")
    name, values = _two(_exactly(node, 1)[0])
    if der.oid(name) != _SIGNATURE_TIME_STAMP:
        raise Malformed("something unsigned that is no time stamp")
    return _exactly(der.expect(values, der.SET), 1)[0].encoded


def _named_whole(algorithm: bytes, digest: str) -> bytes:
    """The signature algorithm with its digest: CMS lets RSA be named alone, the digest being named beside."""
    if algorithm != _RSA:
        return algorithm
    return next((whole for whole, name in RSA_WITH.items() if name == digest), algorithm)
