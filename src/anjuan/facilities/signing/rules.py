"""What a signature is taken to say (签章判断): frozen facts about authorities and signatures."""

import datetime as dt
from dataclasses import dataclass


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
    """

    agency_name: str
    root_pem: str
    signer_pem: str
    root_digest: str
    valid_from: dt.datetime
    valid_until: dt.datetime

    def may_sign(self, at: dt.datetime) -> bool:
        """Whether the signing certificate holds at that moment (证书有效期)."""
        return self.valid_from <= at <= self.valid_until


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
