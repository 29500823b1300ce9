"""The signature inside a PDF (CMS SignedData), read strictly: one signer, nothing unsigned, nothing superfluous."""

import hashlib
from dataclasses import dataclass

from anjuan_verify import der
from anjuan_verify.der import Malformed, Node
from anjuan_verify.sm3 import sm3
from anjuan_verify.x509 import Certificate, read_certificate

_DATA, _SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_SHA256 = (bytes.fromhex("300d06096086480165030402010500"), bytes.fromhex("300b0609608648016503040201"))
_SM3 = (bytes.fromhex("300a06082a811ccf55018311"), bytes.fromhex("300c06082a811ccf550183110500"))


@dataclass(frozen=True)
class SignedData:
    """What the signature says.

    Attributes:
        digest_algorithm: ``sha256`` or ``sm3``.
        message_digest: the digest of the signed bytes of the file.
        certificate_digest: SHA-256 of the signer's certificate, as the signer named it.
        signed_attributes: what the signature is over.
        certificates: those that travel with the signature, the signer's first.
        algorithm: signature algorithm, encoded.
        signature: the signature value.
    """

    digest_algorithm: str
    message_digest: bytes
    certificate_digest: bytes
    signed_attributes: bytes
    certificates: tuple[Certificate, ...]
    algorithm: bytes
    signature: bytes

    @property
    def signer(self) -> Certificate:
        """The signer's certificate."""
        return self.certificates[0]

    def digest(self, content: bytes) -> bytes:
        """The digest of some bytes with this signature's algorithm."""
        return hashlib.sha256(content).digest() if self.digest_algorithm == "sha256" else sm3(content)


def _digest_name(node: Node) -> str:
    if node.encoded in _SHA256:
        return "sha256"
    if node.encoded in _SM3:
        return "sm3"
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
    if parts and parts[0].tag == der.SEQUENCE and _digest_name(parts.pop(0)) != "sha256":
        raise Malformed("signing-certificate-v2 uses a digest that is not accepted")
    if not parts:
        raise Malformed("signing-certificate-v2 is empty")
    return der.expect(parts[0], der.OCTET_STRING).content


def read_signed_data(encoded: bytes) -> SignedData:
    """A PAdES signature, read strictly; Malformed when anything is missing, doubled or superfluous."""
    kind, wrapped = _two(der.read(encoded))
    if der.oid(kind) != _SIGNED_DATA or wrapped.tag != 0xA0:
        raise Malformed("not signed data")
    version, digests, content, certificates, signers = _exactly(der.expect(_exactly(wrapped, 1)[0], der.SEQUENCE), 5)
    (digest,) = _exactly(der.expect(digests, der.SET), 1)
    (content_kind,) = _exactly(der.expect(content, der.SEQUENCE), 1)
    (signer,) = _exactly(der.expect(signers, der.SET), 1)
    if der.integer(version) != 1 or der.oid(content_kind) != _DATA or certificates.tag != 0xA0:
        raise Malformed("not a detached signature of version 1 with its certificates")

    parts = _exactly(der.expect(signer, der.SEQUENCE), 6)
    signer_version, identity, signer_digest, attributes, algorithm, value = parts
    if der.integer(signer_version) != 1 or signer_digest.encoded != digest.encoded or attributes.tag != 0xA0:
        raise Malformed("the signer's part does not fit the whole")
    found = _attributes(attributes)
    for name in (_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_CERTIFICATE_V2):
        if name not in found:
            raise Malformed(f"the signed attribute {name} is missing")
    if der.oid(found[_CONTENT_TYPE]) != _DATA:
        raise Malformed("the signed content type is not plain data")

    issuer, serial = _two(identity)
    every = [read_certificate(child.encoded) for child in certificates.children()]
    of_signer = [one for one in every if one.issuer == issuer.encoded and one.serial == der.integer(serial)]
    if len(of_signer) != 1 or len({one.encoded for one in every}) != len(every):
        raise Malformed("the signer's certificate is not there exactly once")
    return SignedData(
        digest_algorithm=_digest_name(digest),
        message_digest=der.expect(found[_MESSAGE_DIGEST], der.OCTET_STRING).content,
        certificate_digest=_certificate_digest(found[_SIGNING_CERTIFICATE_V2]),
        signed_attributes=b"\x31" + attributes.encoded[1:],  # signed as a SET, sent as [0] (RFC 5652, 5.4)
        certificates=(of_signer[0], *(one for one in every if one is not of_signer[0])),
        algorithm=algorithm.encoded,
        signature=der.expect(value, der.OCTET_STRING).content,
    )
