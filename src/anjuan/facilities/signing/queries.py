"""What others need to trust our signatures, and what signatures say (信任文件、验签、密钥世代)."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.signatures import RawSignature, SignatureFacts
from anjuan.facilities.signing.backends import certificates, keystore, pades, pdf_signatures, seals, stamping
from anjuan.facilities.signing.models import KeyGeneration
from anjuan.facilities.signing.rules import Authority, KeyKind, KeyRow, SignatureReport, Stamp
from anjuan.foundation.ledger import queries as ledger

TRUST_FORMAT = "anjuan-trust-v1"


def keys_folder() -> Path:
    """Where this archive's keys lie."""
    return Path(settings.ANJUAN_HOME) / "keys"


def authority(*, folder: Path | None = None) -> Authority:
    """The archive's signing authority, without keys (签章机构).

    Raises: K-001 no authority yet.
    """
    return keystore.read_authority(folder or keys_folder(), 1 if folder else generation(KeyKind.SIGNER))


def generation(kind: KeyKind) -> int:
    """Which generation of a key signs now."""
    if kind is KeyKind.LOG:
        return ledger.generation()
    newest = KeyGeneration.objects.filter(kind=kind).order_by("-generation").values_list("generation", flat=True)
    return newest.first() or 1


def all_keys(kind: KeyKind | None = None) -> list[KeyRow]:
    """All generations of a kind of key, or of every kind, oldest first (密钥世代).

    Raises: K-001 no authority yet.
    """
    if kind is None:
        return [row for each in KeyKind for row in all_keys(each)]
    if kind is KeyKind.LOG:
        return [
            KeyRow(kind, row.generation, row.vkey, row.begun_at, row.revoked_at, row.reason, row.is_current)
            for row in ledger.all_keys()
        ]
    rows = {row.generation: row for row in KeyGeneration.objects.filter(kind=kind).order_by("generation")}
    current = max(rows, default=1)
    found = []
    for number in range(1, current + 1):
        made = _certificate_of(kind, number)
        row = rows.get(number)
        found.append(
            KeyRow(
                kind=kind,
                generation=number,
                name=made.signer_digest,
                begun_at=row.begun_at if row else made.valid_from,
                revoked_at=row.revoked_at if row else None,
                reason=row.revocation_reason if row else "",
                is_current=number == current,
            )
        )
    return found


def _certificate_of(kind: KeyKind, number: int) -> Authority:
    if kind is KeyKind.SIGNER:
        return keystore.read_authority(keys_folder(), number)
    # What stamps the time is made when it is first needed; to speak of it is to need it.
    keystore.add_stamper(keys_folder(), generation=number, at=keystore.read_authority(keys_folder()).valid_from)
    return keystore.read_stamper(keys_folder(), number)


def trust_file(log_vkey: str | None, *, folder: Path | None = None, practice: bool | None = None) -> dict[str, Any]:
    """What a stranger gives to ``anjuan-verify --trust`` (信任文件): whom to believe, for signatures and for the log.

    What was changed or revoked stands in further parts, which older verifiers pass over.

    Args:
        log_vkey: verifier key of the evidence log (存证日志), C2SP signed-note form; None while there is no log.
        folder: where keys lie; default ``ANJUAN_HOME/keys``, with all that was said of their generations.
        practice: whether this is a practice archive; default the setting.

    Raises: K-001 no authority yet.
    """
    ours = authority(folder=folder)
    trust: dict[str, Any] = {
        "format": TRUST_FORMAT,
        "agency": ours.agency_name,
        "practice": bool(settings.PRACTICE) if practice is None else practice,
        "certificate_authorities": [ours.root_pem],
        "logs": [log_vkey] if log_vkey else [],
    }
    if folder is not None:
        return trust
    generations = ledger.all_keys() if log_vkey else []
    if len(generations) > 1:
        trust["logs"] = [each.vkey for each in generations]
        trust["log_keys"] = [
            {"vkey": each.vkey, "from_size": each.from_size, "until_size": each.until_size} for each in generations
        ]
    revoked = KeyGeneration.objects.exclude(revoked_at=None).order_by("revoked_at", "id")
    if lines := [
        {"sha256": row.certificate_digest, "at": row.revoked_at.isoformat(), "reason": row.revocation_reason}
        for row in revoked
        if row.revoked_at
    ]:
        trust["revoked_certificates"] = lines
    if roots := _foreign_roots():
        trust["timestamp_authorities"] = roots
    return trust


def _foreign_roots() -> Sequence[str]:
    """Roots of the time-stamp authority on the network, as the setting names them."""
    return _certificates_in(settings.ANJUAN_TSA_ROOTS)


def _certificates_in(place: str) -> Sequence[str]:
    """The certificates of a PEM file; none when no file is named."""
    if not place:
        return []
    end = "-----END CERTIFICATE-----"
    parts = Path(place).read_text(encoding="utf-8").split(end)
    return [
        part[part.index("-----BEGIN CERTIFICATE") :].strip() + f"\n{end}\n"
        for part in parts
        if "BEGIN CERTIFICATE" in part
    ]


def read_stamp(answer: bytes) -> Stamp:
    """What a time stamp (``.tsr``) says."""
    return stamping.read(stamping.token_of(answer))


def verify_pdf(pdf: bytes, *, folder: Path | None = None) -> SignatureReport:
    """What the signature of a PDF is worth (验签), judged against our own root at the time that it states.

    A bad file gives a report, never an error. Revocation is a fact of the certificates desk and is not seen here.
    """
    try:
        ours = authority(folder=folder)
    except Refusal:
        ours = None
    return pades.examine(pdf, authority=ours)


def trusted_roots() -> tuple[str, ...]:
    """Certificates whose owners the house trusts to vouch for signers (可信根), PEM.

    Our own root, the roots of the time-stamp authority, and those that the house named for seals.
    """
    try:
        ours = [keystore.read_authority(keys_folder(), 1).root_pem]  # the same for every generation; asks no table
    except Refusal:
        ours = []
    return (*ours, *_foreign_roots(), *_certificates_in(settings.ANJUAN_SEAL_ROOTS))


def trust_digest() -> str:
    """A short name for whom the house trusts now: results that rest on another trust are found anew."""
    return hashlib.sha256("".join(sorted(trusted_roots())).encode()).hexdigest()[:16]


def examine_pdf(path: Path) -> tuple[SignatureFacts, ...]:
    """What every signature of a PDF is worth (验签), in the order of its fields; a bad file gives flaws, no error.

    Unlike `verify_pdf`, which asks for one signature of our own, it judges whatever others signed.
    """
    return pdf_signatures.examine(path, roots=certificates.read_roots(trusted_roots()))


def examine_raw(found: Sequence[RawSignature]) -> tuple[SignatureFacts, ...]:
    """What signatures are worth whose parts another room has read (验章)."""
    roots = certificates.read_roots(trusted_roots()) if found else []
    return tuple(seals.examine(one, roots=roots) for one in found)
