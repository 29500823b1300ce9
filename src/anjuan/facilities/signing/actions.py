"""Making the authority and signing with it (签章)."""

import datetime as dt
from pathlib import Path

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.signing.backends import keystore, pades
from anjuan.facilities.signing.queries import keys_folder
from anjuan.facilities.signing.rules import Authority


def ensure_authority(
    *,
    agency_name: str,
    at: dt.datetime,
    folder: Path | None = None,
    practice: bool | None = None,
    seed: bytes | None = None,
) -> Authority:
    """Make the archive's own root and signing certificate on first run (首次运行自建签章机构); later runs find them.

    Args:
        agency_name: whose signatures these are; used only when they are made.
        at: aware time from which the certificates hold; a practice city passes the first day of its story.
        folder: where keys lie; default ``ANJUAN_HOME/keys``.
        practice: whether the certificates say 演示; default the setting.
        seed: what a practice city derives its keys from; refused for a real archive.

    Concurrency: safe when several processes start at once; all get the same authority.
    """
    place = folder or keys_folder()
    keystore.make_authority(
        place,
        agency_name=agency_name,
        at=at,
        practice=bool(settings.PRACTICE) if practice is None else practice,
        seed=seed,
    )
    return keystore.read_authority(place)


def sign_pdf(
    *, pdf: bytes, at: dt.datetime, reason: str, location: str, name: str, folder: Path | None = None
) -> bytes:
    """Sign a PDF for the archive (电子签章): one invisible signature over the whole file.

    Args:
        pdf: the printed form, not signed yet.
        at: aware time of signing; stands in the signature.
        reason: why, as readers will show it.
        location: where, as readers will show it.
        name: who, as readers will show it.
        folder: where keys lie; default ``ANJUAN_HOME/keys``.

    Raises: K-001 no authority yet; K-002 the signing certificate does not hold at that time; K-003 keys readable by
        others; K-004 not a PDF that we can sign, or signed already.
    Standard: ETSI EN 319 142-1 baseline B-B; ECDSA P-256 with SHA-256.
    """
    place = folder or keys_folder()
    authority = keystore.read_authority(place)

    if not authority.may_sign(at):
        raise Refusal(
            "K-002", valid_from=f"{authority.valid_from:%Y-%m-%d}", valid_until=f"{authority.valid_until:%Y-%m-%d}"
        )

    key_pem = keystore.read_signing_key(place)
    return pades.sign(pdf, authority=authority, key_pem=key_pem, at=at, reason=reason, location=location, name=name)
