"""What the verifier answers (核验结论), in Chinese and in English."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from anjuan_verify.evidence import AttestedFile

MOST_FINDINGS = 50


class Verdict(enum.Enum):
    """The answer; the value is the exit status of the command."""

    VALID = 0
    INVALID = 1
    SIGNER_UNKNOWN = 2


VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.VALID: (
        "核验通过：内容完好，由信任文件所列机构签发。",
        "Valid: intact, and issued by the agency of the trust file.",
    ),
    Verdict.INVALID: ("核验不通过：不能采信。", "Not valid: do not rely on it."),
    Verdict.SIGNER_UNKNOWN: (
        "完好，签发者未知：内容未被改动，但没有信任文件可确认签发机构。",
        "Intact, signer unknown: nothing was changed, but no trust file says whose signature this is.",
    ),
}

# A store has no signer: it is in order or it is not.
STORE_VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    **VERDICTS,
    Verdict.VALID: (
        "核验通过：存储库结构合规，每个文件的字节与登记的摘要一致。",
        "Valid: the store conforms, and the bytes of every file fit their recorded digests.",
    ),
    Verdict.INVALID: (
        "核验不通过：存储库有损坏或缺失，位置如下。",
        "Not valid: something in the store is damaged or missing, as named below.",
    ),
}

CHECKS: Mapping[str, tuple[str, str]] = {
    "FILE": ("是可读取的PDF文件", "a readable PDF file"),
    "SIGNATURE_COUNT": ("有且只有一个电子签名", "exactly one signature"),
    "COVERAGE": ("签名覆盖整个文件", "the signature covers the whole file"),
    "CONTENTS": ("签名数据书写规范，无夹带", "the signature is plainly written, nothing hidden behind it"),
    "CMS": ("签名结构合规（PAdES）", "the signature is well formed (PAdES)"),
    "DIGEST": ("文件自签名后未被改动", "the file is unchanged since it was signed"),
    "SIGNATURE": ("签名与签章证书相符", "the signature fits the signing certificate"),
    "CHAIN": ("证书链完整", "the certificate chain is whole"),
    "VALIDITY": ("签名时证书在有效期内", "the certificates held when it was signed"),
    "STAMP": ("签名上有时间戳，时间戳机构在信任文件中", "the signature bears a time stamp of a believed authority"),
    "REVOKED": (
        "签章证书后来被吊销；时间戳证明签名在吊销之前",
        "the certificate was revoked later; a time stamp shows that the signature is older",
    ),
    "AUTHORITY": ("签发机构在信任文件中", "the issuing agency is in the trust file"),
    "EVIDENCE": ("内嵌证据齐全、格式正确", "the embedded evidence is complete and well formed"),
    "CHECKPOINT": ("存证日志检查点格式正确", "the checkpoint of the evidence log is well formed"),
    "INCLUSION": ("所列业务日志条目确在存证日志中", "the journal entries stand in the evidence log"),
    "LOG": ("检查点由信任文件所列日志签名", "the checkpoint is signed by a log of the trust file"),
    "MEMBERS": ("封存记录与批量业务的成员证明相符", "sealed records and members of batch acts are proven"),
    "DISCLOSED": ("披露的内容与日志中的承诺值一致", "what is disclosed fits the commitments in the log"),
    "FACTS": ("证明事项与披露的内容一致", "the certificate's facts equal what is disclosed"),
    "ENTRIES": ("日志条目齐全、未被改动", "the entries of the log are all there and unchanged"),
    "HISTORY": (
        "历次检查点均有签名，且与条目重建的树根一致",
        "every kept checkpoint is signed and has the root of the tree at its size",
    ),
    "STATE": ("日志所记进度与条目一致", "how far the log says it has grown fits its entries"),
    "SINCE": (
        "日志完整包含您此前留存的检查点",
        "the log contains, unchanged, the checkpoint that you kept",
    ),
    "TIMESTAMPS": (
        "每日根的时间戳有效，机构在信任文件中",
        "the time stamps of the days' roots hold and are of a believed authority",
    ),
    "STRUCTURE": ("存储库结构符合OCFL规范", "the structure of the store conforms to OCFL"),
    "BYTES": ("每个文件的字节与登记的摘要一致", "the bytes of every file fit their recorded digests"),
    "LAYERS": (
        "识读层（派生数据）各自对应所在的件和其影像",
        "reading layers (derived) speak of the item they lie in and of its own images",
    ),
    "TILES": ("日志瓦片与条目一致", "the tiles of the log fit its entries"),
    "ROOT": ("由条目重建的树根与检查点一致", "the root rebuilt from the entries is that of the checkpoint"),
}

REVOCATION = (
    "说明：离线核验看不到证明是否已被撤销；如需确认，请扫描证明上的二维码或登录核验网址查询。签名时间由签发机构自行标注。",
    "Note: off-line, this program cannot see whether the certificate was revoked; scan its QR code or open its address"
    " to find out. The time of signing is what the issuer states.",
)
LOG_NOTE = (
    "说明：本次核对的是日志自身的一致性；是否曾对他人出示不同的日志，需与见证方的检查点比对。",
    "Note: this shows that the log agrees with itself; whether others were shown another log is for witnesses to say.",
)

STORE_NOTE = (
    "说明：本次核对的是存储库自身的字节、摘要和结构；目录是否曾被整体替换，需与存证日志和证明比对。",
    "Note: this compares the store's bytes with its own digests; whether all of it was replaced is for the evidence log"
    " and the certificates to say.",
)


@dataclass(frozen=True)
class Finding:
    """One thing wrong in a store: the specification's code, the object, the file in it, and what is wrong."""

    code: str
    place: str
    words: str


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``passed`` is None when it could not be judged."""

    code: str
    passed: bool | None
    detail: str = ""


@dataclass
class Report:
    """All that was found."""

    checks: list[Check] = field(default_factory=list)
    certificate_no: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[AttestedFile, ...] = ()
    signer: str = ""
    agency: str = ""
    signed_at: dt.datetime | None = None
    checkpoint: str = ""
    practice: bool = False
    note: tuple[str, str] = REVOCATION
    verdicts: Mapping[Verdict, tuple[str, str]] = field(default_factory=lambda: VERDICTS)
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, passed: bool | None, detail: str = "") -> bool:
        """Write one check down; gives whether it was passed."""
        self.checks.append(Check(code, passed, detail))
        return passed is True

    @property
    def verdict(self) -> Verdict:
        """Any check failed: not valid. Any not judged: signer unknown. Else valid."""
        if not self.checks or any(check.passed is False for check in self.checks):
            return Verdict.INVALID
        if any(check.passed is None for check in self.checks):
            return Verdict.SIGNER_UNKNOWN
        return Verdict.VALID

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "format": "anjuan-verdict-v1",
            "verdict": self.verdict.name,
            "exit": self.verdict.value,
            "certificate_no": self.certificate_no,
            "practice": self.practice,
            "agency": self.agency,
            "signer": self.signer,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
            "checkpoint": self.checkpoint,
            "facts": dict(self.facts),
            "files": [vars(file) for file in self.files],
            **({"findings": [vars(finding) for finding in self.findings]} if self.findings else {}),
            "checks": [
                {
                    "code": check.code,
                    "passed": check.passed,
                    "zh": CHECKS[check.code][0],
                    "en": CHECKS[check.code][1],
                    "detail": check.detail,
                }
                for check in self.checks
            ],
        }

    def lines(self, language: str) -> list[str]:
        """For people: ``zh`` or ``en``."""
        english = language == "en"
        marks = {True: "PASS", False: "FAIL", None: "----"} if english else {True: "通过", False: "不符", None: "未判"}
        said = [self.verdicts[self.verdict][english]]
        if self.practice:
            said.append("PRACTICE: this is not a real archive." if english else "演示：签发者是演示系统，不具效力。")
        labels = (
            ("Certificate no.", "证明编号", self.certificate_no),
            ("Issued by", "签发机构", f"{self.agency} ({self.signer})" if self.agency else self.signer),
            ("Signed at", "签名时间", self._beijing()),
            ("Log", "存证日志", self.checkpoint),
        )
        said += [f"{label_en if english else label_zh}: {value}" for label_en, label_zh, value in labels if value]
        for check in self.checks:
            detail = f" [{check.detail}]" if check.detail else ""
            said.append(f"  {marks[check.passed]}  {CHECKS[check.code][english]}{detail}")
        said += [f"  {finding.code}  {finding.place}: {finding.words}" for finding in self.findings[:MOST_FINDINGS]]
        if len(self.findings) > MOST_FINDINGS:
            said.append(f"  … {len(self.findings)}")
        if self.verdict is not Verdict.INVALID:
            said += [f"  {name} = {value}" for name, value in self.facts.items()]
            said += [f"  {file.reference_code} {file.name} ({file.pages}) SHA-256 {file.sha256}" for file in self.files]
        return [*said, self.note[english]]

    def _beijing(self) -> str:
        if self.signed_at is None:
            return ""
        there = self.signed_at.astimezone(dt.timezone(dt.timedelta(hours=8)))
        return f"{there:%Y-%m-%d %H:%M:%S} UTC+8"
