"""Time stamps of RFC 3161 (时间戳): that some bytes existed at a moment, on the word of an authority."""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

from anjuan_verify import der, x509
from anjuan_verify.cms import TIME_STAMP, SignedData, digest_name, read_signed_data
from anjuan_verify.der import Malformed, Node
from anjuan_verify.sm3 import sm3
from anjuan_verify.trust import Trust

__all__ = ["Malformed", "Stamp", "believed", "digests", "read_stamp", "read_token"]

_GRANTED = bytes.fromhex("3003020100")
_TIME = re.compile(r"([0-9]{14})(?:\.([0-9]*[1-9]))?Z")


@dataclass(frozen=True)
class Stamp:
    """One time stamp.

    Attributes:
        imprint: name of the digest algorithm and the digest of what was stamped.
        at: when, as the authority says.
        signed: its signature.
    """

    imprint: tuple[str, bytes]
    at: dt.datetime
    signed: SignedData

    @property
    def authority(self) -> str:
        """Who says so."""
        return self.signed.signer.name()


def digests(octets: bytes) -> set[tuple[str, bytes]]:
    """What a stamp over these bytes may name."""
    found = {(name, hashlib.new(name, octets).digest()) for name in ("sha256", "sha384", "sha512")}
    return found | ({("sm3", sm3(octets))} if len(octets) < 1 << 16 else set())


def read_stamp(encoded: bytes) -> Stamp:
    """A whole answer of an authority (``.tsr``), which must have granted the stamp; Malformed when it is not one."""
    parts = der.expect(der.read(encoded), der.SEQUENCE).children()
    if len(parts) != 2 or parts[0].encoded != _GRANTED:
        raise Malformed("not a granted time stamp")
    return read_token(parts[1].encoded)


def read_token(encoded: bytes) -> Stamp:
    """A token, its signature verified against the certificate that it names; Malformed when it is not one.

    Standard: RFC 3161, 2.4.2.
    """
    signed = read_signed_data(encoded, TIME_STAMP)
    if signed.digest(signed.content) != signed.message_digest or not signed.fits_its_certificate():
        raise Malformed("the time stamp's signature does not fit")
    if signed.signer.purposes != frozenset({x509.TIME_STAMPING}):
        raise Malformed("its certificate is not made for time stamps alone")
    parts = der.expect(der.read(signed.content), der.SEQUENCE).children()
    if len(parts) < 5 or der.integer(parts[0]) != 1:
        raise Malformed("not the content of a time stamp")
    der.oid(parts[1])
    imprint = der.expect(parts[2], der.SEQUENCE).children()
    if len(imprint) != 2:
        raise Malformed("not the content of a time stamp")
    der.integer(parts[3])
    digest = der.expect(imprint[1], der.OCTET_STRING).content
    return Stamp((digest_name(imprint[0]), digest), _moment(parts[4]), signed)


def believed(stamp: Stamp, trust: Trust | None) -> x509.Certificate | None:
    """The root that the reader believes and that vouches for the stamp; None when he knows none.

    Raises:
        Malformed: the chain is broken, or a certificate did not hold at that moment, or was revoked by then.
    """
    roots = (*trust.authorities, *trust.stampers) if trust else ()
    chain = x509.chain_of(stamp.signed.certificates, roots)
    if not all(one.holds_at(stamp.at) for one in chain):
        raise Malformed("a certificate of the authority did not hold at that moment")
    for one in chain:
        revoked = trust.revoked.get(x509.sha256(one.encoded).hex()) if trust else None
        if revoked is not None:
            if stamp.at >= revoked.at:
                raise Malformed("the authority's certificate was revoked by then")
            return None  # the hour it states is its own word, and its key is in others' hands
    return chain[-1] if chain[-1].encoded in {root.encoded for root in roots} else None


def _moment(node: Node) -> dt.datetime:
    """A generalized time, to the second or finer."""
    found = _TIME.fullmatch(node.content.decode("ascii", "replace"))
    if node.tag != der.GENERALIZED_TIME or found is None:
        raise Malformed("a time not spelt as DER spells it")
    try:
        whole = dt.datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError:
        raise Malformed("a time that does not exist") from None
    return whole + dt.timedelta(seconds=float(f"0.{found[2] or 0}"))
