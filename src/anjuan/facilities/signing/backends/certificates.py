"""Certificates of those who sign (数字证书): their keys, their time, and who vouches for them. RSA, ECDSA and SM2."""

import datetime as dt
from collections.abc import Mapping, Sequence

from asn1crypto import crl, pem, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from anjuan.core.signatures import Flaw, FlawCode
from anjuan_verify import curves, der

MOST_BYTES = 64 << 10  # of one certificate
MOST_SENT = 16  # certificates that travel with a signature
_LONGEST = 6
_SM2_CURVE = "1.2.156.10197.1.301"
SM2_METHODS = frozenset({"1.2.156.10197.1.501", "1.2.156.10197.1.301", "1.2.156.10197.1.301.1"})
_RSA: Mapping[str, type[hashes.HashAlgorithm]] = {
    "1.2.840.113549.1.1.5": hashes.SHA1,
    "1.2.840.113549.1.1.11": hashes.SHA256,
    "1.2.840.113549.1.1.12": hashes.SHA384,
    "1.2.840.113549.1.1.13": hashes.SHA512,
}
_ECDSA: Mapping[str, type[hashes.HashAlgorithm]] = {
    "1.2.840.10045.4.3.2": hashes.SHA256,
    "1.2.840.10045.4.3.3": hashes.SHA384,
    "1.2.840.10045.4.3.4": hashes.SHA512,
}
WEAK_METHODS = frozenset({"1.2.840.113549.1.1.5"})
# What a certificate that cannot be read raises; the library reads lazily, so at any touch.
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, UnsupportedAlgorithm)


class Unknown(ValueError):
    """A form or an algorithm that is not known here; the text names it."""


def read(octets: bytes) -> x509.Certificate:
    """A certificate in DER.

    Raises: Unknown.
    """
    if len(octets) > MOST_BYTES:
        raise Unknown("certificate too large")
    try:
        found = x509.Certificate.load(octets, strict=True)
        found.not_valid_before, found.not_valid_after, found.subject.dump(), found.issuer.dump()
    except UNREADABLE as error:
        raise Unknown(f"certificate: {error}"[:120]) from error
    return found


def read_roots(texts: Sequence[str]) -> list[x509.Certificate]:
    """Certificates in PEM."""
    return [x509.Certificate.load(pem.unarmor(text.encode("ascii"))[2]) for text in texts]


def name_of(certificate: x509.Certificate) -> str:
    """The owner's common name, else the organisation's; empty when neither can be read."""
    try:
        native = certificate.subject.native
        found = native.get("common_name") or native.get("organization_name") or ""
        return " ".join((found if isinstance(found, list) else [str(found)])[0].split())[:120] if found else ""
    except UNREADABLE:
        return ""


def verify(certificate: x509.Certificate, method: str, signature: bytes, message: bytes) -> bool:
    """Whether the certificate's key made the signature over a message.

    Args:
        certificate: the signer's.
        method: object identifier of the signature algorithm.
        signature: its value; SM2 as a sequence of two numbers, or as 64 bytes.
        message: what was signed, not its digest.

    Raises: Unknown the algorithm is not known here.
    """
    try:
        spki = certificate.public_key
        if _is_sm2(spki):
            return _verify_sm2(bytes(spki["public_key"]), method, signature, message)
        key = serialization.load_der_public_key(spki.dump())
    except UNREADABLE as error:
        raise Unknown(f"public key: {error}"[:120]) from error
    try:
        if isinstance(key, rsa.RSAPublicKey) and method in _RSA:
            key.verify(signature, message, padding.PKCS1v15(), _RSA[method]())
        elif isinstance(key, ec.EllipticCurvePublicKey) and method in _ECDSA:
            key.verify(signature, message, ec.ECDSA(_ECDSA[method]()))
        else:
            raise Unknown(f"signature algorithm {method[:60]}")
    except InvalidSignature:
        return False
    return True


def _is_sm2(spki: x509.PublicKeyInfo) -> bool:
    if spki.algorithm != "ec":
        return False
    named = spki["algorithm"]["parameters"]
    return bool(named.name == "named" and named.chosen.dotted == _SM2_CURVE)


def _verify_sm2(material: bytes, method: str, signature: bytes, message: bytes) -> bool:
    if method not in SM2_METHODS:
        raise Unknown(f"signature algorithm {method[:60]}")
    point = curves.SM2.point(material)
    if point is None:
        return False
    if len(signature) == 64:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    else:
        try:
            one, two = der.expect(der.read(signature), der.SEQUENCE).children()
            r, s = der.integer(one), der.integer(two)
        except ValueError:
            return False
    return curves.verify_sm2(point, r, s, message)


def may_sign(certificate: x509.Certificate) -> bool:
    """Whether it is made for signing documents, or does not say what it is made for."""
    usage = certificate.key_usage_value
    return usage is None or bool({"digital_signature", "non_repudiation"} & usage.native)


def holds_at(certificate: x509.Certificate, at: dt.datetime) -> bool:
    """Whether the certificate holds at a moment."""
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        if certificate.issuer.dump() != issuer.subject.dump():
            return False
        method = certificate["signature_algorithm"]["algorithm"].dotted
        return verify(issuer, method, bytes(certificate["signature_value"]), certificate["tbs_certificate"].dump())
    except (Unknown, *UNREADABLE):
        return False


def is_vouched_for(
    certificate: x509.Certificate,
    sent: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: dt.datetime,
) -> bool:
    """Whether a chain of authorities that held at that moment leads to one that the house trusts.

    Args:
        certificate: the signer's.
        sent: certificates that travel with the signature.
        roots: those that the house trusts.
        at: when it was signed.
    """
    trusted = {root.dump() for root in roots}
    chain, current = {certificate.dump()}, certificate
    for _ in range(_LONGEST):
        if current.dump() in trusted:
            return True
        following = next(
            (
                one
                for one in (*roots, *sent[:MOST_SENT])
                if one.dump() not in chain
                and (one.ca or one.dump() in trusted)
                and holds_at(one, at)
                and _issued(current, one)
            ),
            None,
        )
        if following is None:
            return False
        chain.add(following.dump())
        current = following
    return False


def revoked(
    certificate: x509.Certificate,
    sent: Sequence[x509.Certificate],
    lists: Sequence[bytes],
    at: dt.datetime,
) -> Flaw | None:
    """What revocation lists sent along say of a certificate; a list that nobody sent along signed is none."""
    for octets in lists[:MOST_SENT]:
        try:
            found = crl.CertificateList.load(octets)
            if found.issuer.dump() != certificate.issuer.dump():
                continue
            method = found["signature_algorithm"]["algorithm"].dotted
            whole, value = found["tbs_cert_list"].dump(), bytes(found["signature"])
            if not any(verify(one, method, value, whole) for one in sent if one.subject.dump() == found.issuer.dump()):
                continue
            for row in found["tbs_cert_list"]["revoked_certificates"] or ():
                if row["user_certificate"].native == certificate.serial_number:
                    since: dt.datetime = row["revocation_date"].native
                    code = FlawCode.REVOKED if since <= at else FlawCode.REVOKED_LATER
                    return Flaw(code, f"{since:%Y-%m-%d}")
        except (Unknown, *UNREADABLE):
            continue
    return None
