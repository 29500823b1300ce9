"""Time stamps (RFC 3161): made by our own authority beneath our root, or asked for from one on the network.

Our own draws no random numbers and reads no clock: the same bytes stamped at the same moment give the same token, whose
serial number is derived from both. It proves no more than that the archive says so; a foreign one proves more.
"""

import datetime as dt
import hashlib
import urllib.error
import urllib.request

from asn1crypto import algos, cms, core, pem, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign.timestamps import TimeStamper

from anjuan.core.refusals import Refusal
from anjuan.facilities.signing.rules import Authority, Stamp

POLICY = "2.25.260186342291466341923748126093754198212"  # ours alone: an arc that any UUID owns (X.667)
TIMEOUT_SECONDS = 20
MOST_BYTES = 1 << 20
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_GRANTED = {"granted", "granted_with_mods"}


def token(imprint: bytes, *, authority: Authority, key_pem: bytes, at: dt.datetime) -> bytes:
    """A time-stamp token over a SHA-256 digest (出具时间戳).

    Args:
        imprint: 32 bytes.
        authority: what stamps, with its root.
        key_pem: its private key.
        at: aware time; kept to the second.

    Standard: RFC 3161, 2.4.2; RFC 5816 (signing-certificate-v2).
    """
    moment = at.astimezone(dt.UTC).replace(microsecond=0)
    serial = int.from_bytes(hashlib.sha256(imprint + moment.isoformat().encode()).digest()[:16], "big")
    content = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint},
            "serial_number": serial,
            "gen_time": moment,
        }
    ).dump()
    certificate, root = _certificate(authority.signer_pem), _certificate(authority.root_pem)
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute(
                {
                    "type": "signing_certificate_v2",
                    "values": [{"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}],
                }
            ),
        ]
    )
    signed = cms.CMSAttributes.load(_in_order(attributes))
    key = serialization.load_pem_private_key(key_pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the time-stamping key is not one of P-256")
    signature = key.sign(signed.dump(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                    )
                }
            ),
            "digest_algorithm": algorithm,
            "signed_attrs": signed,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signature,
        }
    )
    whole = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algorithm],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [certificate, root],
            "signer_infos": [info],
        }
    )
    encoded: bytes = cms.ContentInfo({"content_type": "signed_data", "content": whole}).dump()
    return encoded


def answer(encoded: bytes) -> bytes:
    """A token as the granted answer that ``.tsr`` files hold."""
    response = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(encoded)})
    encoded_response: bytes = response.dump()
    return encoded_response


def token_of(encoded: bytes) -> bytes:
    """The token of a granted answer."""
    found: bytes = tsp.TimeStampResp.load(encoded)["time_stamp_token"].dump()
    return found


def ask(url: str, imprint: bytes, nonce: bytes) -> bytes:
    """Ask an authority on the network for a token (申请时间戳).

    Args:
        url: its address, http or https.
        imprint: SHA-256 of what is stamped; nothing else leaves the house.
        nonce: fresh bytes, so that no old answer can be played again.

    Raises: K-010 it cannot be reached, does not grant, or answers something else.
    """
    number = int.from_bytes(nonce, "big") >> 1
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint},
            "nonce": number,
            "cert_req": True,
        }
    )
    if not url.startswith(("http://", "https://")):
        raise Refusal("K-010", why="ANJUAN_TSA_URL")
    request = urllib.request.Request(url, asked.dump(), {"Content-Type": _QUERY, "Accept": _REPLY})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310
            octets = reply.read(MOST_BYTES)
        response = tsp.TimeStampResp.load(octets, strict=True)
        status = str(response["status"]["status"].native)
        if status not in _GRANTED:
            raise Refusal("K-010", why=status)
        encoded: bytes = response["time_stamp_token"].dump()
        said = tsp.TSTInfo.load(_content(encoded))
        if said["nonce"].native != number or said["message_imprint"]["hashed_message"].native != imprint:
            raise Refusal("K-010", why="another nonce or imprint")
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise Refusal("K-010", why=type(fault).__name__) from fault
    return encoded


def read(encoded: bytes) -> Stamp:
    """What a token says; whether it is to be believed is for ``anjuan-verify`` to judge."""
    signed = cms.ContentInfo.load(encoded)["content"]
    said = tsp.TSTInfo.load(_content(encoded))
    sid = signed["signer_infos"][0]["sid"].chosen
    names = [
        str(each.chosen.subject.native.get("common_name") or each.chosen.subject.human_friendly)
        for each in signed["certificates"]
        if each.chosen.serial_number == sid["serial_number"].native and each.chosen.issuer == sid["issuer"]
    ]
    return Stamp(
        at=said["gen_time"].native,
        authority=names[0] if names else "",
        imprint=said["message_imprint"]["hashed_message"].native.hex(),
    )


class Stamper(TimeStamper):  # type: ignore[misc]
    """Stamps signatures of PDFs for pyHanko with our own authority, at the time of the act."""

    def __init__(self, authority: Authority, key_pem: bytes, at: dt.datetime) -> None:
        super().__init__()
        self._authority, self._key_pem, self._at = authority, key_pem, at

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token over the digest of a signature."""
        if md_algorithm != "sha256":
            raise ValueError("our authority stamps SHA-256 only")
        return cms.ContentInfo.load(
            token(message_digest, authority=self._authority, key_pem=self._key_pem, at=self._at)
        )


def _content(encoded: bytes) -> bytes:
    content: bytes = cms.ContentInfo.load(encoded)["content"]["encap_content_info"]["content"].contents
    return content


def _certificate(text: str) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(text.encode("ascii"))[2])


def _in_order(attributes: cms.CMSAttributes) -> bytes:
    """Attributes in the order that DER asks for."""
    parts = sorted(each.dump() for each in attributes)
    encoded: bytes = cms.CMSAttributes([cms.CMSAttribute.load(part) for part in parts]).dump()
    return encoded
