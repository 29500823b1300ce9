"""What a signature is taken to say (签章判断): frozen facts about authorities and signatures."""

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.core.refusals import Refusal


class KeyKind(enum.StrEnum):
    """What a key is for (密钥用途)."""

    SIGNER = "SIGNER"  # 签章: certificates of record
    TIMESTAMP = "TIMESTAMP"  # 时间戳
    LOG = "LOG"  # 存证日志检查点


@dataclass(frozen=True)
class KeyRow:
    """One generation of a key as pages and trust files tell of it (密钥世代).

    Attributes:
        kind: what it is for.
        generation: from 1.
        name: SHA-256 of its certificate, lower-case hex; of a log key, its verifier key.
        begun_at: when it was begun; None for the first of a log key.
        revoked_at: when it was revoked, if it was.
        reason: why.
        is_current: whether it signs now.
    """

    kind: KeyKind
    generation: int
    name: str
    begun_at: dt.datetime | None
    revoked_at: dt.datetime | None
    reason: str
    is_current: bool


def may_revoke(rows: Sequence[KeyRow], generation: int, reason: str) -> KeyRow:
    """The generation that is to be revoked (可否吊销).

    Args:
        rows: all generations of one kind.
        generation: which.
        reason: why.

    Raises: K-006 there is no such generation; K-007 it signs now; K-008 it is revoked; K-009 no reason is given.
    """
    found = next((row for row in rows if row.generation == generation), None)
    if found is None:
        raise Refusal("K-006", generation=generation)
    if found.revoked_at is not None:
        raise Refusal("K-008", at=f"{found.revoked_at:%Y-%m-%d}")
    if found.is_current:
        raise Refusal("K-007")
    if not reason.strip():
        raise Refusal("K-009")
    return found


@dataclass(frozen=True)
class Authority:
    """The archive's own signing authority as anyone may know it (签章机构): no secrets here.

    Attributes:
        agency_name: whose signatures these are.
        root_pem: certificate of the root, PEM.
        signer_pem: certificate that signs certificates of ours, PEM.
        root_digest: SHA-256 of the root certificate, lower-case hex.
        valid_from: aware UTC time from which the signing certificate holds.
        valid_until: aware UTC time until which the signing certificate holds.
        signer_digest: SHA-256 of the signing certificate, lower-case hex.
    """

    agency_name: str
    root_pem: str
    signer_pem: str
    root_digest: str
    valid_from: dt.datetime
    valid_until: dt.datetime
    signer_digest: str = ""

    def may_sign(self, at: dt.datetime) -> bool:
        """Whether the signing certificate holds at that moment (证书有效期)."""
        return self.valid_from <= at <= self.valid_until


@dataclass(frozen=True)
class Stamp:
    """What a time stamp says (时间戳).

    Attributes:
        at: aware UTC time.
        authority: common name of whoever says so.
        imprint: digest of what was stamped, lower-case hex.
    """

    at: dt.datetime
    authority: str
    imprint: str


@dataclass(frozen=True)
class SignatureReport:
    """What the signatures of one PDF say (验签结果).

    Attributes:
        signatures: how many signatures the file carries; ours carry exactly one.
        is_intact: the signed bytes are unchanged and the signature over them is right.
        is_whole: the signature covers the whole file; nothing was appended after it.
        is_ours: the chain ends in our own root.
        signer: common name of the signing certificate; empty when unreadable.
        signed_at: aware time that the signature states; None when unreadable.
        problem: why the file could not be judged, in English, for the log; empty otherwise.
    """

    signatures: int
    is_intact: bool = False
    is_whole: bool = False
    is_ours: bool = False
    signer: str = ""
    signed_at: dt.datetime | None = None
    problem: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether one signature of ours holds over the whole file (签名有效)."""
        return self.signatures == 1 and self.is_intact and self.is_whole and self.is_ours
