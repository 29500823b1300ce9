"""Electronic signatures and seals in files (电子签名、电子签章): what one is, and what is wrong with it, in words."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anjuan.core.assurance import Outcome

_TIME = "%Y-%m-%d %H:%M:%S"
_CHINA = dt.timezone(dt.timedelta(hours=8))
_MOST_DETAIL = 120  # characters of what a flaw names


class SignatureKind(enum.StrEnum):
    """What a signature is by its form."""

    SEAL = "SEAL"  # 电子签章 of an OFD: SES_Signature
    CMS = "CMS"  # 数字签名 of an OFD: SignedData
    PDF = "PDF"  # PDF 签名
    TIMESTAMP = "TIMESTAMP"  # PDF 文档时间戳
    PICTURE = "PICTURE"  # a seal that nothing signs
    UNKNOWN = "UNKNOWN"  # listed, and of no form known here


class FlawCode(enum.StrEnum):
    """What can be wrong with a signature, or unknown of it."""

    CHANGED = "CHANGED"
    EDITED = "EDITED"
    MISSING = "MISSING"
    PAGES_UNCOVERED = "PAGES_UNCOVERED"
    BROKEN = "BROKEN"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    NOT_SEALER = "NOT_SEALER"
    SEAL_FORGED = "SEAL_FORGED"
    SEAL_EXPIRED = "SEAL_EXPIRED"
    STAMP_BROKEN = "STAMP_BROKEN"
    UNKNOWN_SIGNER = "UNKNOWN_SIGNER"
    UNKNOWN_MAKER = "UNKNOWN_MAKER"
    UNKNOWN_FORM = "UNKNOWN_FORM"
    PICTURE_ONLY = "PICTURE_ONLY"
    PARTS_UNCOVERED = "PARTS_UNCOVERED"
    SEAL_DIFFERS = "SEAL_DIFFERS"
    REVOKED_LATER = "REVOKED_LATER"
    WEAK_DIGEST = "WEAK_DIGEST"
    WRONG_USE = "WRONG_USE"
    NO_TIME = "NO_TIME"
    TOO_MUCH = "TOO_MUCH"


# Whatever makes a signature invalid; the rest a person must judge.
_INVALID = frozenset(
    {
        FlawCode.CHANGED,
        FlawCode.EDITED,
        FlawCode.MISSING,
        FlawCode.PAGES_UNCOVERED,
        FlawCode.BROKEN,
        FlawCode.EXPIRED,
        FlawCode.REVOKED,
        FlawCode.NOT_SEALER,
        FlawCode.SEAL_FORGED,
        FlawCode.SEAL_EXPIRED,
        FlawCode.STAMP_BROKEN,
    }
)
_FLAWS: Mapping[FlawCode, tuple[str, str]] = {
    FlawCode.CHANGED: ("签后内容被改动", "what was signed has changed"),
    FlawCode.EDITED: ("签后文件又被编辑", "the file was edited after signing"),
    FlawCode.MISSING: ("签名所列的部分已不在文件中", "parts that the signature lists are gone"),
    FlawCode.PAGES_UNCOVERED: ("有页面不在签名范围内", "pages lie outside what is signed"),
    FlawCode.BROKEN: ("签名值与证书不符", "the signature value does not fit the certificate"),
    FlawCode.EXPIRED: ("签名时证书不在有效期内", "the certificate did not hold when it was signed"),
    FlawCode.REVOKED: ("签名时证书已吊销", "the certificate was revoked when it was signed"),
    FlawCode.NOT_SEALER: ("签章人不在印章的授权名单中", "the signer is not among those whom the seal names"),
    FlawCode.SEAL_FORGED: ("印章不是其制章人所制", "the seal was not made by the maker it names"),
    FlawCode.SEAL_EXPIRED: ("签章时印章不在有效期内", "the seal did not hold when it was used"),
    FlawCode.STAMP_BROKEN: ("签名所带的时间戳不成立", "the time stamp on the signature does not hold"),
    FlawCode.UNKNOWN_SIGNER: ("签名人不在可信名单中", "nobody trusted here vouches for the signer"),
    FlawCode.UNKNOWN_MAKER: ("制章人不在可信名单中", "nobody trusted here vouches for the seal's maker"),
    FlawCode.UNKNOWN_FORM: ("签名的格式或算法不能识别", "the form or the algorithm is not known here"),
    FlawCode.PICTURE_ONLY: ("只有印章图片，没有签名", "it is only a picture of a seal: nothing is signed"),
    FlawCode.PARTS_UNCOVERED: ("有部分内容不在签名范围内", "some parts lie outside what is signed"),
    FlawCode.SEAL_DIFFERS: ("文件中另附的印章与签名中的不同", "the seal beside the signature is another than in it"),
    FlawCode.REVOKED_LATER: ("签名之后证书被吊销", "the certificate was revoked after signing"),
    FlawCode.WEAK_DIGEST: ("使用已不安全的杂凑算法", "it rests on a digest that is no longer safe"),
    FlawCode.WRONG_USE: ("证书的用途不是签名", "the certificate is not made for signing"),
    FlawCode.NO_TIME: ("没有可读的签名时间", "it states no time that can be read"),
    FlawCode.TOO_MUCH: ("签名过多或过大，没有全部验证", "there is more than is verified here"),
}
_KINDS: Mapping[SignatureKind, tuple[str, str]] = {
    SignatureKind.SEAL: ("电子签章", "electronic seal"),
    SignatureKind.CMS: ("数字签名", "digital signature"),
    SignatureKind.PDF: ("PDF 签名", "PDF signature"),
    SignatureKind.TIMESTAMP: ("文档时间戳", "document time stamp"),
    SignatureKind.PICTURE: ("印章图片", "picture of a seal"),
    SignatureKind.UNKNOWN: ("电子签名", "electronic signature"),
}
# GM/T 0031-2014 writes versions below 4 into the seal; GB/T 38540-2020 and GM/T 0099 write 4.
_CURRENT_SEAL = 4


@dataclass(frozen=True)
class Flaw:
    """One thing wrong or unknown, and what it names."""

    code: FlawCode
    detail: str = ""

    @property
    def is_invalid(self) -> bool:
        """Whether it makes the signature invalid; otherwise a person must judge."""
        return self.code in _INVALID

    def words(self, *, chinese: bool) -> str:
        """A clause of a sentence."""
        said = _FLAWS[self.code][0 if chinese else 1]
        named = self.detail[:_MOST_DETAIL]
        if not named:
            return said
        return f"{said}（{named}）" if chinese else f"{said} ({named})"


@dataclass(frozen=True)
class SignatureFacts:
    """One signature or seal of a file, verified (验签结果).

    Attributes:
        number: from 1 in the file.
        kind: what it is by its form.
        is_seal: a seal is shown on a page; otherwise it is a signature of the file that nobody sees.
        version: of the seal's structure as it says; 0 for other kinds.
        signer: common name on the certificate; empty when it cannot be read.
        seal: the seal's own name; empty where it has none.
        signed_at: the time that it states, as ``YYYY-MM-DD HH:MM:SS`` in UTC; empty when it states none.
        flaws: what is wrong or unknown, the worst first; empty when it holds and its signer is trusted.
    """

    number: int
    kind: SignatureKind
    is_seal: bool
    version: int = 0
    signer: str = ""
    seal: str = ""
    signed_at: str = ""
    flaws: tuple[Flaw, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """FAIL when it is invalid, UNSURE when a person must judge, PASS when it holds and is trusted."""
        if any(flaw.is_invalid for flaw in self.flaws):
            return Outcome.FAIL
        return Outcome.UNSURE if self.flaws else Outcome.PASS

    def form(self, *, chinese: bool) -> str:
        """What it is, with the standard of a seal's version: old ones are named."""
        name = _KINDS[self.kind][0 if chinese else 1]
        if self.kind is not SignatureKind.SEAL or not self.version:
            return name
        if self.version < _CURRENT_SEAL:
            return f"{name}（GM/T 0031-2014 旧版）" if chinese else f"{name} (GM/T 0031-2014, old)"
        standard = "GB/T 38540-2020" if self.version == _CURRENT_SEAL else f"V{self.version}"
        return f"{name}（{standard}）" if chinese else f"{name} ({standard})"

    def wrong(self, *, chinese: bool) -> str:
        """What is wrong or unknown; empty when nothing is."""
        return ("；" if chinese else "; ").join(flaw.words(chinese=chinese) for flaw in self.flaws)

    def said(self, *, chinese: bool) -> str:
        """One sentence: which, by whom, when, with which seal, and what is wrong."""
        seal = (f"“{self.seal}”" if chinese else f'"{self.seal}"') if self.seal else ""
        named = [part for part in (self.form(chinese=chinese), seal, self.signer, _in_china(self.signed_at)) if part]
        head = ("，" if chinese else ", ").join(named)
        return f"{head}：{self.wrong(chinese=True)}" if chinese else f"{head}: {self.wrong(chinese=False)}"


def _in_china(signed_at: str) -> str:
    """A time as the clock shows it where the seal was used; empty for none."""
    if not signed_at:
        return ""
    at = dt.datetime.strptime(signed_at, _TIME).replace(tzinfo=dt.UTC).astimezone(_CHINA)
    return f"{at:%Y-%m-%d %H:%M} +08:00"


def ordered(flaws: Sequence[Flaw]) -> tuple[Flaw, ...]:
    """Flaws as a signature carries them: each once, what makes it invalid first."""
    return tuple(sorted(dict.fromkeys(flaws), key=lambda flaw: (not flaw.is_invalid, list(FlawCode).index(flaw.code))))


def is_valid(found: Sequence[SignatureFacts]) -> bool | None:
    """Whether all signatures of a file hold; none when a person must judge, or when there is no signature."""
    if any(one.outcome is Outcome.FAIL for one in found):
        return False
    return True if found and all(one.outcome is Outcome.PASS for one in found) else None


def as_kept(found: Sequence[SignatureFacts]) -> list[dict[str, Any]]:
    """Results as they are kept with a file."""
    return [
        {
            "number": one.number,
            "kind": one.kind.value,
            "is_seal": one.is_seal,
            "version": one.version,
            "signer": one.signer,
            "seal": one.seal,
            "signed_at": one.signed_at,
            "flaws": [[flaw.code.value, flaw.detail] for flaw in one.flaws],
        }
        for one in found
    ]


def from_kept(rows: Sequence[Mapping[str, Any]]) -> tuple[SignatureFacts, ...]:
    """Results as they were kept."""
    return tuple(
        SignatureFacts(
            **{
                **row,
                "kind": SignatureKind(row["kind"]),
                "flaws": tuple(Flaw(FlawCode(code), detail) for code, detail in row["flaws"]),
            }
        )
        for row in rows
    )


@dataclass(frozen=True)
class RawSignature:
    """One signature as a file holds it, before any cryptography (待验签名).

    Attributes:
        number: from 1 in the file.
        is_seal: the file says that it is a seal, or it is shown on a page.
        stated_at: time as the file states it beside the signature, unparsed; it may be missing.
        described: the bytes that the value is over: ``Signature.xml`` of an OFD, the covered bytes of a PDF.
        value: the signature value; empty when there is none.
        seal: the seal that lies beside it; empty when there is none.
        changed: parts whose digest is another than was signed.
        missing: parts that were signed and are not there.
        uncovered_pages: the document's structure and pages that it does not cover.
        uncovered: other parts that it does not cover.
        is_weak: the digests are MD5 or SHA-1.
        revocations: revocation lists that the file keeps beside its signatures.
        problem: why its parts cannot be judged; empty when they can.
    """

    number: int
    is_seal: bool
    stated_at: str = ""
    described: bytes = b""
    value: bytes = b""
    seal: bytes = b""
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    uncovered_pages: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    is_weak: bool = False
    revocations: tuple[bytes, ...] = ()
    problem: str = ""
