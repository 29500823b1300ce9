"""What others need to trust our signatures, and what signatures say (信任文件、验签)."""

from pathlib import Path

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.signing.backends import keystore, pades
from anjuan.facilities.signing.rules import Authority, SignatureReport

TRUST_FORMAT = "anjuan-trust-v1"


def keys_folder() -> Path:
    """Where this archive's keys lie."""
    return Path(settings.ANJUAN_HOME) / "keys"


def authority(*, folder: Path | None = None) -> Authority:
    """The archive's signing authority, without keys (签章机构).

    Raises: K-001 no authority yet.
    """
    return keystore.read_authority(folder or keys_folder())


def trust_file(
    log_vkey: str | None, *, folder: Path | None = None, practice: bool | None = None
) -> dict[str, str | bool | list[str]]:
    """What a stranger gives to ``anjuan-verify --trust`` (信任文件): whom to believe, for signatures and for the log.

    Args:
        log_vkey: verifier key of the evidence log (存证日志), C2SP signed-note form; None while there is no log.
        folder: where keys lie; default ``ANJUAN_HOME/keys``.
        practice: whether this is a practice archive; default the setting.

    Raises: K-001 no authority yet.
    """
    ours = authority(folder=folder)
    return {
        "format": TRUST_FORMAT,
        "agency": ours.agency_name,
        "practice": bool(settings.PRACTICE) if practice is None else practice,
        "certificate_authorities": [ours.root_pem],
        "logs": [log_vkey] if log_vkey else [],
    }


def verify_pdf(pdf: bytes, *, folder: Path | None = None) -> SignatureReport:
    """What the signature of a PDF is worth (验签), judged against our own root at the time that it states.

    A bad file gives a report, never an error. Revocation is a fact of the certificates desk and is not seen here.
    """
    try:
        ours = authority(folder=folder)
    except Refusal:
        ours = None
    return pades.examine(pdf, authority=ours)
