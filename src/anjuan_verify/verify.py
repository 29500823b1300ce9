"""Judging one certificate (核验证明): the signature first, then what it carries."""

import datetime as dt

from anjuan.core.merkle.checkpoint import Checkpoint, MalformedNote
from anjuan_verify import evidence, pdf, timestamp, x509
from anjuan_verify.cms import SignedData, read_signed_data
from anjuan_verify.der import Malformed
from anjuan_verify.log import judge_signature
from anjuan_verify.report import Report
from anjuan_verify.trust import Trust
from anjuan_verify.x509 import Certificate


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
        if not report.add("SIGNATURE", signed.fits_its_certificate() and signed.signer.purposes is None):
            return False
        chain = x509.chain_of(signed.certificates, trust.authorities if trust else ())
    except Malformed as malformed:
        return report.add("CHAIN", False, str(malformed))
    report.add("CHAIN", True)
    try:
        stamped = _stamped_at(signed, trust, report)
    except Malformed as malformed:
        return report.add("STAMP", False, str(malformed))
    if not report.add("VALIDITY", all(one.holds_at(stamped or signature.signed_at) for one in chain)):
        return False
    if not _not_revoked(chain, trust, stamped, report):
        return False
    if trust is None:
        report.add("AUTHORITY", None)
        return True
    return report.add("AUTHORITY", chain[-1].encoded in {root.encoded for root in trust.authorities})


def _stamped_at(signed: SignedData, trust: Trust | None, report: Report) -> dt.datetime | None:
    """When a believed authority saw the signature; None when there is no stamp, or nobody to believe.

    Raises:
        Malformed: there is a stamp and it is not over this signature, or does not hold.
    """
    if not signed.time_stamp:
        return None
    stamp = timestamp.read_token(signed.time_stamp)
    if stamp.imprint not in timestamp.digests(signed.signature):
        raise Malformed("the time stamp is over another signature")
    authority = timestamp.believed(stamp, trust)
    report.add("STAMP", True if authority else None, f"{stamp.at:%Y-%m-%d %H:%M:%S} UTC, {stamp.authority}")
    return stamp.at if authority else None


def _not_revoked(chain: list[Certificate], trust: Trust | None, stamped: dt.datetime | None, report: Report) -> bool:
    """Whether no certificate of the chain was revoked when it signed.

    What the signature states of its own time is worth nothing then: whoever has the key can state any. Only a time
    stamp of somebody else shows that it is older than the revocation.
    """
    revoked = [
        trust.revoked[digest] for one in chain if trust and (digest := x509.sha256(one.encoded).hex()) in trust.revoked
    ]
    if not revoked:
        return True
    first = min(revoked, key=lambda one: one.at)
    when = f"{first.at:%Y-%m-%d %H:%M:%S} UTC, {first.reason}"
    return report.add("REVOKED", stamped is not None and stamped < first.at, when)


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
        judge_signature(found.checkpoint_note, trust, report)
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


def _none_wrong(report: Report, code: str, faults: list[str]) -> None:
    report.add(code, not faults, ", ".join(faults[:5]))
