"""Judging one certificate (核验证明): the signature first, then what it carries."""

from anjuan.core.merkle.checkpoint import Checkpoint, MalformedNote
from anjuan_verify import evidence, pdf, x509
from anjuan_verify.cms import SignedData, read_signed_data
from anjuan_verify.der import Malformed
from anjuan_verify.report import Report
from anjuan_verify.trust import Trust
from anjuan_verify.x509 import Certificate

LONGEST_CHAIN = 4


def verify_certificate(content: bytes, trust: Trust | None) -> Report:
    """Judge a certificate (核验查档证明).

    Once the file is known to have been changed nothing more is read from it: what it says would be worth nothing.

    Args:
        content: the PDF as it was received.
        trust: whom the reader believes; None to learn only whether it is intact.
    """
    report = Report(agency=trust.agency if trust else "", practice=bool(trust and trust.practice))
    if _signature_holds(content, trust, report):
        _judge_evidence(content, trust, report)
    if any(check.code == "AUTHORITY" and not check.passed for check in report.checks):
        report.agency = ""  # the reader's agency did not issue this
    return report


def _signature_holds(content: bytes, trust: Trust | None, report: Report) -> bool:
    try:
        signature = pdf.read_signature(content)
    except pdf.Unreadable as unreadable:
        return report.add(unreadable.check, False, str(unreadable))
    for code in ("FILE", "SIGNATURE_COUNT", "COVERAGE", "CONTENTS"):
        report.add(code, True)
    try:
        signed = read_signed_data(signature.cms)
        report.signer, report.signed_at = signed.signer.name(), signature.signed_at
    except Malformed as malformed:
        return report.add("CMS", False, str(malformed))
    report.add("CMS", True)

    if not report.add("DIGEST", signed.digest(signature.signed_bytes) == signed.message_digest):
        return False
    try:
        if not report.add("SIGNATURE", _fits_certificate(signed)):
            return False
        chain = _chain(signed, trust)
    except Malformed as malformed:
        return report.add("CHAIN", False, str(malformed))
    report.add("CHAIN", True)
    if not report.add("VALIDITY", all(one.holds_at(signature.signed_at) for one in chain)):
        return False
    if trust is None:
        report.add("AUTHORITY", None)
        return True
    return report.add("AUTHORITY", chain[-1].encoded in {root.encoded for root in trust.authorities})


def _fits_certificate(signed: SignedData) -> bool:
    """Whether the signer's certificate is the one it names, may sign, and made this signature."""
    usage = signed.signer.key_usage
    return (
        x509.sha256(signed.signer.encoded) == signed.certificate_digest
        and usage is not None
        and bool(usage & {x509.DIGITAL_SIGNATURE, x509.NON_REPUDIATION})
        and signed.signer.key.verify(signed.algorithm, signed.signature, signed.signed_attributes)
    )


def _chain(signed: SignedData, trust: Trust | None) -> list[Certificate]:
    """From the signer to the last certificate that is known; every certificate sent along must have its place."""
    known = list(signed.certificates[1:])
    believed = trust.authorities if trust else ()
    known += [root for root in believed if root not in known]
    chain = [signed.signer]
    while not chain[-1].is_self_issued and len(chain) < LONGEST_CHAIN:
        issuers = [one for one in known if one not in chain and chain[-1].is_signed_by(one)]
        if not issuers:
            break
        chain.append(issuers[0])
    if any(one not in chain for one in signed.certificates):
        raise Malformed("a certificate was sent along that has no place in the chain")
    if chain[-1].is_self_issued and not chain[-1].is_signed_by(chain[-1]):
        raise Malformed("the root has not signed itself")
    if len(chain) > 1 and not chain[-1].is_self_issued and chain[-1] not in believed:
        raise Malformed("nobody vouches for the last certificate that was sent along")  # its bytes could be anything
    for below, one in enumerate(chain[1:]):
        if one.path_length is not None and below > one.path_length:
            raise Malformed("the chain is longer than its authority allows")
    return chain


def _judge_evidence(content: bytes, trust: Trust | None, report: Report) -> None:
    try:
        found = evidence.read_evidence(pdf.read_evidence(content))
    except pdf.Unreadable as unreadable:
        report.add(unreadable.check, False, str(unreadable))
        return
    except evidence.MalformedEvidence as malformed:
        report.add("EVIDENCE", False, str(malformed))
        return
    report.add("EVIDENCE", True)
    report.certificate_no, report.facts, report.files = found.certificate_no, found.facts, found.files

    checkpoint = _checkpoint(found.checkpoint_note, report)
    if checkpoint is not None:
        _none_wrong(report, "INCLUSION", evidence.inclusion_faults(found, checkpoint))
        judge_log_signature(found.checkpoint_note, trust, report)
    _none_wrong(report, "MEMBERS", evidence.member_faults(found))
    _none_wrong(report, "DISCLOSED", evidence.disclosure_faults(found))
    _none_wrong(report, "FACTS", evidence.fact_faults(found))


def _checkpoint(note: str, report: Report) -> Checkpoint | None:
    try:
        checkpoint = evidence.read_checkpoint(note)
    except MalformedNote as malformed:
        report.add("CHECKPOINT", False, str(malformed))
        return None
    report.add("CHECKPOINT", True)
    report.checkpoint = f"{checkpoint.origin} @ {checkpoint.size}"
    return checkpoint


def judge_log_signature(note: str, trust: Trust | None, report: Report) -> None:
    """Whether a log that the reader believes signed the checkpoint; not judged when the reader names no log."""
    if trust is None or not trust.logs:
        report.add("LOG", None)
        return
    fault = evidence.checkpoint_fault(note, trust)
    report.add("LOG", not fault, fault)


def _none_wrong(report: Report, code: str, faults: list[str]) -> None:
    report.add(code, not faults, ", ".join(faults[:5]))
