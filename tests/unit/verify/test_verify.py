"""The verifier end to end: a certificate made by the archive's own rooms, then everything that can be wrong with it."""

import dataclasses
import datetime as dt
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from anjuan.facilities.signing.backends import pades
from anjuan.facilities.signing.rules import Authority
from anjuan_verify.report import CHECKS, Report, Verdict
from anjuan_verify.trust import Trust, read_trust
from anjuan_verify.verify import verify_certificate
from tests.unit.verify.builders import (
    AGENCY,
    AT,
    FACTS,
    FILE,
    LOG_VKEY,
    Change,
    Evidence,
    evidence,
    leaf,
    note,
    printed,
    sign,
    spelled,
)  # fmt: skip

OF_LOGS_AND_STORES = {
    "TILES", "ROOT", "ENTRIES", "HISTORY", "STATE", "SINCE", "TIMESTAMPS", "STRUCTURE", "BYTES", "LAYERS",
}  # fmt: skip


def failed(report: Report) -> list[str]:
    return [check.code for check in report.checks if check.passed is False]


# -- the good ones -----------------------------------------------------------------------------------------------


def test_a_certificate_of_a_trusted_agency_is_valid(certificate: bytes, trust: Trust) -> None:
    report = verify_certificate(certificate, trust)

    assert failed(report) == []
    assert report.verdict is Verdict.VALID
    assert report.signed_at == AT
    assert report.facts == FACTS
    assert report.files[0].sha256 == FILE["sha256"]
    assert {check.code for check in report.checks} == set(CHECKS) - OF_LOGS_AND_STORES - {"REVOKED"}


def test_without_a_trust_file_it_is_intact_but_the_signer_unknown(certificate: bytes) -> None:
    report = verify_certificate(certificate, None)

    assert report.verdict is Verdict.SIGNER_UNKNOWN
    assert [check.code for check in report.checks if check.passed is None] == ["STAMP", "AUTHORITY", "LOG"]


def test_a_trust_file_without_logs_leaves_the_log_unknown(certificate: bytes, trust: Trust) -> None:
    assert verify_certificate(certificate, dataclasses.replace(trust, logs=())).verdict is Verdict.SIGNER_UNKNOWN


def test_evidence_of_any_length_is_found_packed_or_not(folder: Path, trust: Trust) -> None:
    found = evidence()
    found["files"] = [{**FILE, "name": f"{number:03d}.jpg"} for number in range(400)]

    assert verify_certificate(sign(printed(spelled(found)), folder), trust).verdict is Verdict.VALID


def test_an_rsa_authority_is_verified_as_well(trust: Trust) -> None:
    pdf, ca = signed_by(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    assert verify_certificate(pdf, with_root(trust, ca)).verdict is Verdict.VALID
    assert verify_certificate(pdf, trust).verdict is Verdict.INVALID


# -- any byte ----------------------------------------------------------------------------------------------------


def survivors(content: bytes, places: range, trust: Trust | None) -> list[tuple[int, int]]:
    changed, found = bytearray(content), []
    for place in places:
        bit = 1 << place % 8
        changed[place] ^= bit
        if verify_certificate(bytes(changed), trust).verdict is not Verdict.INVALID:
            found.append((place, bit))
        changed[place] ^= bit
    return found


def signature_place(content: bytes) -> tuple[int, int]:
    before = content.index(b"/Contents <") + len("/Contents ")
    return before, content.index(b">", before)


def test_any_changed_byte_of_the_signature_and_its_surroundings_is_noticed(certificate: bytes, trust: Trust) -> None:
    before, after = signature_place(certificate)

    assert survivors(certificate, range(before - 700, after + 1), trust) == []
    assert survivors(certificate, range(after, len(certificate)), trust) == []


def test_any_changed_byte_of_the_signature_is_noticed_without_a_trust_file_too(certificate: bytes) -> None:
    before, after = signature_place(certificate)
    padding = len(certificate[before + 1 : after].rstrip(b"0"))

    assert survivors(certificate, range(before, before + padding + 40), None) == []


def test_changed_bytes_throughout_the_file_are_noticed(certificate: bytes, trust: Trust) -> None:
    assert survivors(certificate, range(0, len(certificate), 41), trust) == []
    assert survivors(certificate, range(0, 400), trust) == []


def test_every_bit_and_every_digit_of_the_signature_value_matters(certificate: bytes, trust: Trust) -> None:
    before, after = signature_place(certificate)
    end = before + 1 + len(certificate[before + 1 : after].rstrip(b"0"))

    for place in range(end - 150, end + 4):
        for digit in b"0123456789ABCDEFabcdef":
            if digit != certificate[place]:
                changed = certificate[:place] + bytes([digit]) + certificate[place + 1 :]
                assert verify_certificate(changed, trust).verdict is Verdict.INVALID, (place, digit)


@pytest.mark.parametrize(
    "alter",
    [
        lambda pdf: pdf + b"\n",
        lambda pdf: pdf[:-1],
        lambda pdf: b" " + pdf,
        lambda pdf: pdf + b"\n1 0 obj<</ByteRange [0 1 2 3]>>endobj",
        lambda pdf: pdf[: len(pdf) // 2],
        lambda pdf: pdf.replace(b"/ByteRange [0 ", b"/ByteRange [1 "),
        lambda pdf: pdf.replace(b"/ByteRange", b"/ByteRangf"),
        lambda pdf: b"",
        lambda pdf: b"hello",
        lambda pdf: b"%PDF-1.7 /ByteRange [0 10 5 99]",
    ],
    ids=lambda alter: "case",
)
def test_cut_padded_and_foreign_files_are_not_valid(
    certificate: bytes, trust: Trust, alter: Callable[[bytes], bytes]
) -> None:
    assert verify_certificate(alter(certificate), trust).verdict is Verdict.INVALID


def test_the_signature_in_lower_case_digits_is_the_same_signature_but_mixed_case_is_not(
    certificate: bytes, trust: Trust
) -> None:
    before, after = signature_place(certificate)
    lower = certificate[:before] + certificate[before:after].lower() + certificate[after:]
    mixed = certificate[:before] + certificate[before : before + 200].lower() + certificate[before + 200 :]

    assert verify_certificate(lower, trust).verdict is Verdict.VALID
    assert failed(verify_certificate(mixed, trust)) == ["CONTENTS"]


def test_something_hidden_behind_the_signature_is_noticed(certificate: bytes, trust: Trust) -> None:
    _, after = signature_place(certificate)
    hidden = certificate[: after - 4] + b"BEEF" + certificate[after:]

    assert failed(verify_certificate(hidden, trust)) == ["CONTENTS"]


# -- wrong signers -----------------------------------------------------------------------------------------------

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def issue(
    key: Key,
    issuer_key: Key,
    subject: str,
    issuer: str,
    *,
    ca: bool = False,
    signing: bool = True,
    days: int = 300,
    start: dt.datetime = AT - dt.timedelta(days=30),
) -> str:
    usage = x509.KeyUsage(signing and not ca, signing and not ca, False, False, False, ca, ca, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )


def signed_by(ca_key: Key, **more: Any) -> tuple[bytes, str]:
    key = ec.generate_private_key(ec.SECP256R1()) if isinstance(ca_key, ec.EllipticCurvePrivateKey) else ca_key
    ca = issue(ca_key, ca_key, "根", "根", ca=more.pop("root_is_ca", True))
    signer = issue(key, more.pop("issuer_key", ca_key), "签章", "根", **more)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    authority = Authority(AGENCY, ca, signer, "", AT, AT)
    pdf = pades.sign(
        printed(spelled(evidence())), authority=authority, key_pem=pem, at=AT, reason="r", location="l", name="n"
    )
    return pdf, ca


def with_root(trust: Trust, ca: str) -> Trust:
    text = json.dumps(
        {
            "format": "anjuan-trust-v1",
            "agency": AGENCY,
            "practice": True,
            "certificate_authorities": [ca],
            "logs": [LOG_VKEY],
        }
    )
    return read_trust(text)


def test_a_signer_of_another_root_is_not_valid(trust: Trust) -> None:
    pdf, ca = signed_by(ec.generate_private_key(ec.SECP256R1()))

    assert verify_certificate(pdf, with_root(trust, ca)).verdict is Verdict.VALID
    assert failed(verify_certificate(pdf, trust)) == ["AUTHORITY"]
    assert verify_certificate(pdf, trust).agency == ""
    assert verify_certificate(pdf, None).verdict is Verdict.SIGNER_UNKNOWN


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"days": 20}, "VALIDITY"),
        ({"start": AT + dt.timedelta(days=1)}, "VALIDITY"),
        ({"signing": False}, "SIGNATURE"),
        ({"root_is_ca": False}, "CHAIN"),
        ({"issuer_key": ec.generate_private_key(ec.SECP256R1())}, "CHAIN"),
    ],
    ids=["expired", "not yet", "may not sign", "root may not issue", "signed by a stranger"],
)
def test_certificates_that_do_not_hold_are_not_accepted(trust: Trust, more: dict[str, Any], code: str) -> None:
    pdf, ca = signed_by(ec.generate_private_key(ec.SECP256R1()), **more)

    assert failed(verify_certificate(pdf, with_root(trust, ca))) == [code]
    assert verify_certificate(pdf, None).verdict is Verdict.INVALID


# -- wrong evidence ----------------------------------------------------------------------------------------------


def change_leaf(found: Evidence) -> None:
    found["entries"][0]["leaf"] = found["entries"][0]["leaf"].replace("filing.seal", "filing.sea1")


def forge_commitment(found: Evidence) -> None:
    found["entries"][0]["leaf"] = leaf(41, {"record_digest": "ee" * 32}).decode()
    found["entries"][0]["disclosed"]["record_digest"]["value"] = "ee" * 32
    found["facts"]["record_digest"] = "ee" * 32


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (change_leaf, ["INCLUSION", "MEMBERS"]),
        (forge_commitment, ["INCLUSION"]),
        (lambda e: e["entries"][0].update(index=42), ["INCLUSION"]),
        (lambda e: e["entries"][0].update(members=[]), ["MEMBERS"]),
        (lambda e: e["entries"][0]["members"][0].update(digest="ee" * 32), ["MEMBERS"]),
        (lambda e: e["entries"][0]["members"][0].update(ordinal=2), ["MEMBERS"]),
        (lambda e: e["files"][1].update(sha256="ee" * 32), ["MEMBERS"]),
        (lambda e: e["entries"][2].update(disclosed={}), ["FACTS"]),
        (lambda e: e["facts"].update(subject="赵建国 999001197003120020"), ["FACTS"]),
        (lambda e: e["entries"][1]["path"].pop(), ["INCLUSION"]),
        (lambda e: e["entries"][0]["path"].reverse(), ["INCLUSION"]),
        (lambda e: e.update(checkpoint=note(top=b"\x01" * 32)), ["INCLUSION"]),
        (lambda e: e.update(checkpoint=note(key=ed25519.Ed25519PrivateKey.generate())), ["LOG"]),
        (lambda e: e.update(checkpoint=e["checkpoint"].replace("\n300\n", "\n301\n")), ["INCLUSION", "LOG"]),
        (lambda e: e.update(checkpoint="no note"), ["CHECKPOINT"]),
        (lambda e: e.update(checkpoint=e["checkpoint"] + "\n"), ["CHECKPOINT"]),
        (lambda e: e["entries"][0]["disclosed"]["record_digest"].update(value="x"), ["DISCLOSED", "FACTS"]),
        (lambda e: e["entries"][0]["disclosed"]["record_digest"].update(salt="00" * 16), ["DISCLOSED"]),
        (lambda e: e["entries"][0]["disclosed"].update(extra={"salt": "00" * 16, "value": "x"}), ["DISCLOSED"]),
        (lambda e: e["facts"].update(person_name="赵建国"), ["FACTS"]),
        (lambda e: e.update(certificate_no="CZ-2026-000124"), ["FACTS"]),
        (lambda e: e.update(format="anjuan-evidence-v2"), ["EVIDENCE"]),
        (lambda e: e.update(more=1), ["EVIDENCE"]),
        (lambda e: e.pop("files"), ["EVIDENCE"]),
        (lambda e: e.update(entries=[]), ["EVIDENCE"]),
        (lambda e: e.update(entries={}), ["EVIDENCE"]),
        (lambda e: e["facts"].update(pages=3), ["EVIDENCE"]),
        (lambda e: e["entries"][0].update(index=True), ["EVIDENCE"]),
        (lambda e: e["entries"][0].update(index=-1), ["EVIDENCE"]),
        (lambda e: e["entries"][0].update(leaf="[]"), ["EVIDENCE"]),
        (lambda e: e["entries"][0].update(leaf='{"fields":{"a":"b","a":"b"}}'), ["EVIDENCE"]),
        (lambda e: e["entries"][0].update(path=["????"]), ["EVIDENCE"]),
        (lambda e: e["entries"][0].update(path=["AAAA"]), ["EVIDENCE"]),
        (lambda e: e["entries"][0].update(disclosed=[]), ["EVIDENCE"]),
        (lambda e: e["entries"][0]["disclosed"]["record_digest"].update(salt="00"), ["EVIDENCE"]),
        (lambda e: e["files"][0].update(sha256="xyz"), ["EVIDENCE"]),
    ],
)
def test_evidence_that_does_not_prove_is_not_valid_though_well_signed(
    folder: Path, trust: Trust, change: Change, codes: list[str]
) -> None:
    found = evidence()
    change(found)

    report = verify_certificate(sign(printed(spelled(found)), folder), trust)

    assert failed(report) == codes
    assert report.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "content",
    [
        b"{}", b"[]", b"\xff\xfe", b"", b'{"format":"anjuan-evidence-v1","format":"anjuan-evidence-v1"}', b"[" * 9000,
        b"1" * 5000, spelled(evidence()).replace("王秀英".encode(), b"\\ud800"),
    ],
)  # fmt: skip
def test_what_is_not_evidence_is_said_to_be_none(folder: Path, trust: Trust, content: bytes) -> None:
    assert failed(verify_certificate(sign(printed(content), folder), trust)) == ["EVIDENCE"]


def test_a_signed_file_without_evidence_is_no_certificate(folder: Path, trust: Trust) -> None:
    assert failed(verify_certificate(sign(printed(None), folder), trust)) == ["EVIDENCE"]


def test_evidence_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from anjuan_verify import pdf

    monkeypatch.setattr(pdf, "MAXIMUM_EVIDENCE_BYTES", 1000)
    packed = zlib.compress(b"0" * 100_000)
    head = b"/UF(evidence.json) 1 0 obj\n<</Type/EmbeddedFile/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)

    with pytest.raises(pdf.Unreadable, match="whole"):
        pdf.read_evidence(head + packed + b"\nendstream\nendobj")
