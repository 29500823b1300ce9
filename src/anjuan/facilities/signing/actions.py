"""Making the authority, signing and stamping with it, changing and revoking its keys (签章、时间戳、换钥、吊销)."""

import datetime as dt
import hashlib
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.signing import queries
from anjuan.facilities.signing.backends import keystore, pades, stamping
from anjuan.facilities.signing.models import KeyGeneration
from anjuan.facilities.signing.queries import keys_folder
from anjuan.facilities.signing.rules import Authority, KeyKind, KeyRow, may_revoke
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger.backends import notekey

KEY_HOLDERS = (Post.SECURITY_OFFICER,)


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
    """Sign a PDF for the archive (电子签章): one invisible signature over the whole file, with a time stamp on it.

    Args:
        pdf: the printed form, not signed yet.
        at: aware time of signing; stands in the signature.
        reason: why, as readers will show it.
        location: where, as readers will show it.
        name: who, as readers will show it.
        folder: where keys lie; default ``ANJUAN_HOME/keys``. One apart from the archive's has one generation.

    Raises: K-001 no authority yet; K-002 the signing certificate does not hold at that time; K-003 keys readable by
        others; K-004 not a PDF that we can sign, or signed already.
    Standard: ETSI EN 319 142-1 baseline B-T; ECDSA P-256 with SHA-256.
    """
    place = folder or keys_folder()
    generation = 1 if folder else queries.generation(KeyKind.SIGNER)
    authority = keystore.read_authority(place, generation)
    _must_hold(authority, at)

    key_pem = keystore.read_signing_key(place, generation)
    stamper = stamping.Stamper(*_stamper(folder, at), at)
    return pades.sign(
        pdf, authority=authority, key_pem=key_pem, at=at, reason=reason, location=location, name=name, stamper=stamper
    )


def stamp(*, occasion: Occasion, octets: bytes) -> bytes:
    """Have the time stamped on some bytes (加盖时间戳): by the authority that the setting names, else by our own.

    Returns:
        The granted answer, as ``.tsr`` files hold it.

    Raises: K-001, K-002, K-003 see `sign_pdf`; K-010 the authority on the network gives none.
    Standard: RFC 3161.
    """
    imprint = hashlib.sha256(octets).digest()
    if settings.ANJUAN_TSA_URL:
        return stamping.answer(stamping.ask(settings.ANJUAN_TSA_URL, imprint, occasion.fresh(8)))
    authority, key_pem = _stamper(None, occasion.at)
    return stamping.answer(stamping.token(imprint, authority=authority, key_pem=key_pem, at=occasion.at))


def rotate(*, occasion: Occasion, kind: KeyKind) -> KeyRow:
    """Begin the next generation of a key, on record (更换密钥).

    The key's file comes first, then one journal line that names it; from then on it signs. Of a log key, the next
    checkpoint bears both signatures, so that the old key vouches for the new one. Nothing old is removed: the trust
    file goes on to name it.

    Raises: A-001 not the archive's security officer; K-001 no authority yet; K-005 somebody else was faster.
    Concurrency: two who begin the same generation meet at its row; the second is refused.
    """
    permit(occasion.actor, archive_path(), *KEY_HOLDERS)
    rows = queries.all_keys(kind)
    number = rows[-1].generation + 1
    name = _new_key(kind, number, occasion.at)
    if kind is KeyKind.LOG:
        ledger.catch_up(at=occasion.at)  # what the old key has signed so far is signed

    try:
        with journal.writing(occasion=occasion, act="signing.rotate", unit=f"key:{kind.value}-{number}") as line:
            if kind is KeyKind.LOG:
                name = ledger.begin_key(line=line).vkey
            else:
                _begun(kind, rows[-1])
                KeyGeneration.objects.create(
                    kind=kind, generation=number, certificate_digest=name, begun_at=occasion.at
                )
            line.say(kind=kind, generation=number, name=name, before=rows[-1].name)
    except IntegrityError:
        raise Refusal("K-005", kind=kind) from None
    if kind is KeyKind.LOG:
        ledger.catch_up(at=occasion.at)
    return queries.all_keys(kind)[-1]


def revoke(*, occasion: Occasion, kind: KeyKind, generation: int, reason: str) -> KeyRow:
    """Revoke a generation of a key from now on, on record (吊销密钥).

    What it signed before stays valid where somebody else's word shows that it was before: a time stamp on the
    signature; of a log key, that the checkpoint is no longer than what was published by then.

    Raises: A-001 not the archive's security officer; K-006, K-007, K-008, K-009 see `rules.may_revoke`.
    Concurrency: the row is changed only while it is not revoked; a lost race is K-008.
    """
    permit(occasion.actor, archive_path(), *KEY_HOLDERS)
    rows = queries.all_keys(kind)
    found = may_revoke(rows, generation, reason)

    with journal.writing(occasion=occasion, act="signing.revoke", unit=f"key:{kind.value}-{generation}") as line:
        if kind is KeyKind.LOG:
            ledger.revoke_key(line=line, generation=generation, reason=reason.strip())
        else:
            _begun(kind, found)
            changed = KeyGeneration.objects.filter(kind=kind, generation=generation, revoked_at=None).update(
                revoked_at=occasion.at, revocation_reason=reason.strip()
            )
            if not changed:
                raise Refusal("K-008", at=f"{occasion.at:%Y-%m-%d}")
        line.say(kind=kind, generation=generation, name=found.name, reason=reason.strip())
    return next(row for row in queries.all_keys(kind) if row.generation == generation)


def _begun(kind: KeyKind, row: KeyRow) -> None:
    """The first generation gets its row when something is said of it."""
    KeyGeneration.objects.get_or_create(
        kind=kind, generation=row.generation, defaults={"certificate_digest": row.name, "begun_at": row.begun_at}
    )


def _new_key(kind: KeyKind, generation: int, at: dt.datetime) -> str:
    """The file of the next key; what is left of an attempt that was cut off is taken as it is."""
    folder = keys_folder()
    if kind is KeyKind.LOG:
        return notekey.load(folder, generation=generation).vkey
    if kind is KeyKind.TIMESTAMP:
        keystore.add_stamper(folder, generation=generation, at=at)
        return keystore.read_stamper(folder, generation).signer_digest
    keystore.add_signer(folder, generation=generation, at=at)
    return keystore.read_authority(folder, generation).signer_digest


def _stamper(folder: Path | None, at: dt.datetime) -> tuple[Authority, bytes]:
    """What stamps the time now, and its key."""
    place = folder or keys_folder()
    generation = 1 if folder else queries.generation(KeyKind.TIMESTAMP)
    keystore.add_stamper(place, generation=generation, at=at)
    authority = keystore.read_stamper(place, generation)
    _must_hold(authority, at)
    return authority, keystore.read_stamping_key(place, generation)


def _must_hold(authority: Authority, at: dt.datetime) -> None:
    if not authority.may_sign(at):
        raise Refusal(
            "K-002", valid_from=f"{authority.valid_from:%Y-%m-%d}", valid_until=f"{authority.valid_until:%Y-%m-%d}"
        )
