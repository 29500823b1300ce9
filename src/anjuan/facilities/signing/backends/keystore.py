"""Where the archive's signing keys lie (密钥库): folders that appear whole, readable by their user only.

``authority`` holds the root and the first signer; ``authority-2`` and so on hold later signers under the same root;
``timestamping``, ``timestamping-2`` hold what stamps the time. A generation is never changed or removed: old signatures
are judged by it.
"""

import contextlib
import datetime as dt
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from anjuan.core.refusals import Refusal
from anjuan.facilities.signing.rules import Authority

ROOT_YEARS = 30
SIGNER_YEARS = 10
_LEEWAY = dt.timedelta(days=1)  # clocks of two offices differ; a certificate must not be younger than its first use

_AUTHORITY = "authority"
_TIMESTAMPING = "timestamping"
_ROOT_KEY, _ROOT, _SIGNER_KEY, _SIGNER = "root.key.pem", "root.pem", "signer.key.pem", "signer.pem"


def make_authority(
    folder: Path, *, agency_name: str, at: dt.datetime, practice: bool, seed: bytes | None = None
) -> bool:
    """Make root and signing certificate unless they stand already (建立签章机构); whether this call made them.

    Args:
        folder: the ``keys`` folder of ANJUAN_HOME; made with mode 0700 when absent.
        agency_name: whose signatures these will be; 1 to 64 characters.
        at: aware time from which the certificates hold.
        practice: whether their names say 演示.
        seed: what the keys of a practice city are derived from, so that each loading has the same; never a real one's.

    Concurrency: all four files are written aside and appear by one rename; of two processes that start at once one
    wins, the other throws its keys away and both use the winner's.
    """
    return _appear(folder / _AUTHORITY, lambda: _new_files(agency_name, at, practice, seed))


def add_signer(folder: Path, *, generation: int, at: dt.datetime) -> None:
    """Make a later signer under the same root, unless it stands already (换发签章证书).

    Raises: K-001 the authority has not been made.
    """
    _appear(folder / _place(_AUTHORITY, generation), lambda: _another(folder, generation, at, stamps=False))


def add_stamper(folder: Path, *, generation: int, at: dt.datetime) -> None:
    """Make what stamps the time under the same root, unless it stands already (建立时间戳机构).

    Raises: K-001 the authority has not been made.
    """
    _appear(folder / _place(_TIMESTAMPING, generation), lambda: _another(folder, generation, at, stamps=True))


def _place(name: str, generation: int) -> str:
    return name if generation == 1 else f"{name}-{generation}"


def _appear(place: Path, new_files: Callable[[], dict[str, bytes]]) -> bool:
    """Let a folder of keys appear whole, unless it is there; whether this call made it."""
    if place.exists():
        return False

    folder = place.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=folder))  # mkdtemp makes it 0700
    try:
        for name, content in new_files().items():
            _write_private(draft / name, content)
        _sync(draft)
        with contextlib.suppress(OSError):  # the folder is there by now: another process was first
            draft.rename(place)
            _sync(folder)
            return True
        if not place.exists():
            raise OSError(f"the keys could not be put in their place: {place}")
        return False
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def read_authority(folder: Path, generation: int = 1) -> Authority:
    """The authority's certificates, without any key (读取签章机构).

    Raises: K-001 the authority has not been made.
    """
    return _authority(folder, _place(_AUTHORITY, generation))


def read_stamper(folder: Path, generation: int = 1) -> Authority:
    """The certificates of what stamps the time, without any key (读取时间戳机构).

    Raises: K-001 it has not been made.
    """
    return _authority(folder, _place(_TIMESTAMPING, generation))


def _authority(folder: Path, place: str) -> Authority:
    root_pem, signer_pem = _read(folder, _AUTHORITY, _ROOT), _read(folder, place, _SIGNER)
    root, signer = x509.load_pem_x509_certificate(root_pem), x509.load_pem_x509_certificate(signer_pem)
    return Authority(
        agency_name=str(root.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value),
        root_pem=root_pem.decode("ascii"),
        signer_pem=signer_pem.decode("ascii"),
        root_digest=hashlib.sha256(root.public_bytes(serialization.Encoding.DER)).hexdigest(),
        valid_from=signer.not_valid_before_utc,
        valid_until=signer.not_valid_after_utc,
        signer_digest=hashlib.sha256(signer.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )


def read_signing_key(folder: Path, generation: int = 1) -> bytes:
    """The private key that signs, PEM (读取签名私钥).

    Raises: K-001 the authority has not been made; K-003 others than its user may read the key.
    """
    return _key_of(folder, _place(_AUTHORITY, generation))


def read_stamping_key(folder: Path, generation: int = 1) -> bytes:
    """The private key that stamps the time, PEM (读取时间戳私钥).

    Raises: as `read_signing_key`.
    """
    return _key_of(folder, _place(_TIMESTAMPING, generation))


def _key_of(folder: Path, place: str) -> bytes:
    content = _read(folder, place, _SIGNER_KEY)
    for path in (folder / place, folder / place / _SIGNER_KEY):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Refusal("K-003", mode=f"{mode:04o}")
    return content


def _read(folder: Path, place: str, name: str) -> bytes:
    try:
        return (folder / place / name).read_bytes()
    except FileNotFoundError:
        raise Refusal("K-001") from None


def _new_files(agency_name: str, at: dt.datetime, practice: bool, seed: bytes | None) -> dict[str, bytes]:
    """Fresh keys and certificates of P-256: a root, and what it vouches for."""
    if seed is not None and not practice:
        raise ValueError("only a practice archive has keys that others can derive")
    mark = "演示 " if practice else ""
    start = at.astimezone(dt.UTC).replace(microsecond=0) - _LEEWAY
    root_key, signer_key = _key(seed, "root"), _key(seed, "signer")
    root_name = _name(agency_name, f"{mark}案卷签章根证书")
    signer_name = _name(agency_name, f"{mark}案卷档案签章")

    root = (
        _certificate(root_name, root_name, root_key.public_key(), start, ROOT_YEARS, seed)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    signer = (
        _certificate(signer_name, root_name, signer_key.public_key(), start, SIGNER_YEARS, seed)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signer_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return {
        _ROOT_KEY: _private_pem(root_key),
        _ROOT: root.public_bytes(serialization.Encoding.PEM),
        _SIGNER_KEY: _private_pem(signer_key),
        _SIGNER: signer.public_bytes(serialization.Encoding.PEM),
    }


def _another(folder: Path, generation: int, at: dt.datetime, *, stamps: bool) -> dict[str, bytes]:
    """A fresh key, and a certificate of the archive's root for it."""
    root = x509.load_pem_x509_certificate(_read(folder, _AUTHORITY, _ROOT))
    root_key = serialization.load_pem_private_key(_read(folder, _AUTHORITY, _ROOT_KEY), password=None)
    if not isinstance(root_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{_ROOT_KEY} does not hold a key of P-256")
    agency = str(root.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)
    mark = "演示 " if "演示" in str(root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) else ""
    # A practice archive can be loaded twice and gives the same bytes: whatever it makes comes from its own root key.
    number = root_key.private_numbers().private_value
    seed = hashlib.sha256(number.to_bytes(32, "big") + f"{generation}".encode()).digest() if mark else None
    key = _key(seed, "stamper" if stamps else "signer")
    title = "案卷时间戳（内部）" if stamps else f"案卷档案签章 {generation}"
    start = at.astimezone(dt.UTC).replace(microsecond=0) - _LEEWAY
    if stamps and generation == 1:
        start = root.not_valid_before_utc  # it is made when it is first needed; whoever signs may stamp from the start
    subject = _name(agency, f"{mark}{title}")
    certificate = (
        _certificate(subject, root.subject, key.public_key(), start, SIGNER_YEARS, seed)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    )
    if stamps:  # RFC 3161, 2.3: for time stamps alone, and critical
        certificate = certificate.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
    return {
        _SIGNER_KEY: _private_pem(key),
        _SIGNER: certificate.sign(root_key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(
            serialization.Encoding.PEM
        ),
    }


def _name(agency_name: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, agency_name),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key(seed: bytes | None, purpose: str) -> ec.EllipticCurvePrivateKey:
    if seed is None:
        return ec.generate_private_key(ec.SECP256R1())
    # Below the order of the curve with all but certainty, and never zero.
    number = int.from_bytes(hashlib.sha256(seed + purpose.encode()).digest()[:31], "big") + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    start: dt.datetime,
    years: int,
    seed: bytes | None,
) -> x509.CertificateBuilder:
    serial = x509.random_serial_number()
    if seed is not None:
        serial = int.from_bytes(hashlib.sha256(seed + subject.public_bytes()).digest()[:19], "big") + 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=years * 365))
    )


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
