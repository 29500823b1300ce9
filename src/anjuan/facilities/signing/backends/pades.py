"""PDF signatures (PAdES 签名), written and read with pyHanko: baseline B-T, ECDSA P-256 with SHA-256."""

import datetime as dt
import hashlib
import io

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.extensions import DeveloperExtension
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import KeyUsageConstraints, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from anjuan.core.refusals import Refusal
from anjuan.facilities.signing.rules import Authority, SignatureReport

FIELD_NAME = "ArchiveSignature"


class _Writer(IncrementalPdfFileWriter):  # type: ignore[misc]
    """Adds the signature only.

    The times that the form was printed with stay as they are, in both metadata places, and the file stays PDF 1.7:
    PDF/A-2 and PDF/A-3 know nothing of PDF 2.0, which pyHanko would declare for elliptic curves.
    """

    def __init__(self, pdf: bytes) -> None:
        super().__init__(io.BytesIO(pdf))
        self._document_id: generic.ArrayObject
        # The changing half of the file's identifier is made from its content, so that a signing can be repeated.
        made = generic.ByteStringObject(hashlib.sha256(pdf).digest()[:16])
        first = self._document_id[0] if "/ID" in self.prev.trailer else made
        self._document_id = generic.ArrayObject([first, made])

    def _update_meta(self) -> None:
        pass

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        super().ensure_output_version(min(version, (1, 7)))

    def register_extension(self, ext: DeveloperExtension) -> None:
        if ext == ESIC_EXTENSION_1:
            super().register_extension(ext)


class _Key(signers.SimpleSigner):  # type: ignore[misc]
    """Signs without drawing random numbers (RFC 6979): a weak random source cannot give the key away.

    An RSA key needs none; it signs as the library has it.
    """

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        key = serialization.load_der_private_key(self.signing_key.dump(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and digest_algorithm == "sha256":
            return key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        signature: bytes = super().sign_raw(data, digest_algorithm)
        return signature


class _Signer(signers.PdfSigner):  # type: ignore[misc]
    """Signs at the time of the act, not at the clock's."""

    signing_time: dt.datetime

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.signing_time
        return session


def _certificate(text: str) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(text.encode("ascii"))[2])


def sign(
    pdf: bytes,
    *,
    authority: Authority,
    key_pem: bytes,
    at: dt.datetime,
    reason: str,
    location: str,
    name: str,
    stamper: TimeStamper | None = None,
) -> bytes:
    """Add one invisible signature as an incremental update (加签): the printed bytes stay as they are.

    Raises: K-004 not a PDF that we can sign, or signed already.
    Standard: ETSI EN 319 142-1, PAdES baseline B-B; B-T where something stamps the time.
    """
    store = SimpleCertificateStore()
    store.register(_certificate(authority.root_pem))
    private = serialization.load_pem_private_key(key_pem, password=None)
    signer = _Key(
        signing_cert=_certificate(authority.signer_pem),
        signing_key=keys.PrivateKeyInfo.load(
            private.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        ),
        cert_registry=store,
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD_NAME,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
        name=name,
    )
    pdf_signer = _Signer(metadata, signer=signer, timestamper=stamper, new_field_spec=SigFieldSpec(FIELD_NAME))
    pdf_signer.signing_time = at.replace(microsecond=0)

    try:
        writer = _Writer(pdf)
        if writer.prev.embedded_signatures:
            raise Refusal("K-004")
        signed: bytes = pdf_signer.sign_pdf(writer).getvalue()
    except (PdfError, SigningError):
        raise Refusal("K-004") from None
    return signed


def examine(pdf: bytes, *, authority: Authority | None) -> SignatureReport:
    """Say what the signatures of a PDF are worth (验签); never raises on a bad file."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = reader.embedded_signatures
        if len(signatures) != 1:
            return SignatureReport(signatures=len(signatures))
        signature = signatures[0]
        signed_at = signature.self_reported_timestamp
        status = validate_pdf_signature(
            signature,
            signer_validation_context=ValidationContext(
                trust_roots=[_certificate(authority.root_pem)] if authority else [],
                allow_fetching=False,
                revocation_mode="soft-fail",
                moment=signed_at,
                best_signature_time=signed_at,
            ),
            key_usage_settings=KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}),
        )
    except (PdfError, SignatureValidationError, ValueError, TypeError, KeyError, IndexError) as fault:
        return SignatureReport(signatures=0, problem=f"{type(fault).__name__}: {fault}")
    return SignatureReport(
        signatures=1,
        is_intact=bool(status.intact and status.valid),
        is_whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        is_ours=bool(status.trusted),
        signer=str(status.signing_cert.subject.native.get("common_name", "")),
        signed_at=signed_at,
        problem=str(status.trust_problem_indic or ""),
    )
