"""The signing room: keys that appear whole and private, signatures that outsiders' tools accept."""

import concurrent.futures
import datetime as dt
import io
import multiprocessing
import re
import stat
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from anjuan.core.refusals import Refusal
from anjuan.facilities.printing.backends.typeset import typeset
from anjuan.facilities.signing import actions, queries
from anjuan.facilities.signing.backends import keystore
from tests.contract import key_maker
from tests.contract.key_maker import AGENCY, AT


def printed() -> bytes:
    facts = {"reference_code": "J001", "item_count": 1, "page_count": 2, "filed_by": "甲", "filed_date": "2026-08-01"}
    return typeset("note", facts, at=AT, practice=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    actions.ensure_authority(agency_name=AGENCY, at=AT, folder=tmp_path / "keys", practice=True)
    return tmp_path / "keys"


def signed(folder: Path, at: dt.datetime = AT) -> bytes:
    return actions.sign_pdf(pdf=printed(), at=at, reason="出具查档证明", location="演示市", name=AGENCY, folder=folder)


def contents_of(pdf: bytes) -> bytes:
    match = re.search(rb"/Contents\s*<([0-9a-fA-F]+)>", pdf)
    assert match
    return bytes.fromhex(match[1].decode())


def test_a_signed_form_is_valid_whole_and_ours(folder: Path) -> None:
    report = queries.verify_pdf(signed(folder), folder=folder)

    assert report.is_valid, report
    assert report.signed_at == AT
    assert report.signer == "演示 案卷档案签章"


def test_the_printed_bytes_stay_at_the_head_of_the_signed_file(folder: Path) -> None:
    pdf = signed(folder)

    assert pdf.startswith(printed())
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
        assert str(opened.docinfo["/ModDate"]).startswith("D:20260801020005Z")


def test_signing_leaves_the_version_that_pdf_a_asks_for(folder: Path) -> None:
    added = signed(folder)[len(printed()) :]

    assert b"/Version" not in added
    assert b"/BaseVersion /1.7" in added
    assert b"/2.0" not in added


def test_the_signature_is_pades_with_the_signing_certificate_named_and_the_chain_inside(folder: Path) -> None:
    pdf = signed(folder)

    assert b"/ETSI.CAdES.detached" in pdf
    content = cms.ContentInfo.load(contents_of(pdf))["content"]
    (info,) = content["signer_infos"]
    names = {attribute["type"].native for attribute in info["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= names
    assert "signing_time" not in names
    assert info["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    assert len(content["certificates"]) == 2


def test_the_certificates_say_what_they_may_do(folder: Path) -> None:
    authority = queries.authority(folder=folder)
    root = x509.load_pem_x509_certificate(authority.root_pem.encode())
    signer = x509.load_pem_x509_certificate(authority.signer_pem.encode())

    signer.verify_directly_issued_by(root)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and usage.content_commitment and not usage.key_cert_sign
    assert isinstance(signer.public_key(), ec.EllipticCurvePublicKey)
    assert "演示" in root.subject.rfc4514_string()
    assert authority.agency_name == AGENCY


def test_outside_practice_no_certificate_says_practice(tmp_path: Path) -> None:
    authority = actions.ensure_authority(agency_name="秦港市档案馆", at=AT, folder=tmp_path, practice=False)

    for text in (authority.root_pem, authority.signer_pem):
        assert "演示" not in x509.load_pem_x509_certificate(text.encode()).subject.rfc4514_string()


def test_keys_are_readable_by_their_user_only(folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "authority").iterdir()}

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "authority").stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
    assert [path.name for path in folder.iterdir()] == ["authority"]


def test_a_second_run_finds_the_same_authority(folder: Path) -> None:
    before = queries.authority(folder=folder)

    after = actions.ensure_authority(agency_name="别的机构", at=AT + dt.timedelta(days=9), folder=folder, practice=True)

    assert after == before


def test_processes_that_start_at_once_agree_on_one_authority(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(4, mp_context=context) as pool:
        digests = set(pool.map(key_maker.make, [str(tmp_path / "keys")] * 8))

    assert len(digests) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["authority"]


def test_the_loser_of_the_race_throws_its_keys_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_maker.make(str(tmp_path))
    winner = keystore.read_authority(tmp_path)
    exists, answers = Path.exists, [False]
    monkeypatch.setattr(Path, "exists", lambda path: answers.pop() if answers else exists(path))  # looked too early

    keystore.make_authority(tmp_path, agency_name="后来者", at=AT, practice=True)

    assert keystore.read_authority(tmp_path) == winner
    assert [path.name for path in tmp_path.iterdir()] == ["authority"]


def test_nothing_is_signed_without_an_authority(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="K-001"):
        signed(tmp_path)
    with pytest.raises(Refusal, match="K-001"):
        queries.trust_file(None, folder=tmp_path, practice=True)


@pytest.mark.parametrize("days", [-2, 365 * 11])
def test_nothing_is_signed_outside_the_certificates_days(folder: Path, days: int) -> None:
    with pytest.raises(Refusal, match="K-002"):
        signed(folder, AT + dt.timedelta(days=days))


def test_a_key_that_others_may_read_is_not_used(folder: Path) -> None:
    (folder / "authority" / "signer.key.pem").chmod(0o640)

    with pytest.raises(Refusal, match="K-003"):
        signed(folder)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n", printed()[:900]])
def test_what_is_no_pdf_is_not_signed(folder: Path, content: bytes) -> None:
    with pytest.raises(Refusal, match="K-004"):
        actions.sign_pdf(pdf=content, at=AT, reason="r", location="l", name="n", folder=folder)


def test_a_signed_file_is_not_signed_again(folder: Path) -> None:
    with pytest.raises(Refusal, match="K-004"):
        actions.sign_pdf(pdf=signed(folder), at=AT, reason="r", location="l", name="n", folder=folder)


def test_an_altered_file_is_not_intact(folder: Path) -> None:
    pdf = bytearray(signed(folder))
    place = pdf.index(b"/Pages")
    pdf[place + 1] ^= 0x01

    assert not queries.verify_pdf(bytes(pdf), folder=folder).is_valid


def test_a_file_with_something_appended_is_not_whole(folder: Path) -> None:
    with pikepdf.open(io.BytesIO(signed(folder))) as opened:
        rewritten = io.BytesIO()
        opened.save(rewritten)

    for pdf in (signed(folder) + b"\n% more", rewritten.getvalue()):
        report = queries.verify_pdf(pdf, folder=folder)
        assert not report.is_valid


def test_a_signature_of_another_root_is_not_ours(folder: Path, tmp_path: Path) -> None:
    actions.ensure_authority(agency_name=AGENCY, at=AT, folder=tmp_path / "other", practice=True)

    report = queries.verify_pdf(signed(tmp_path / "other"), folder=folder)

    assert report.is_intact
    assert not report.is_ours
    assert not report.is_valid


@pytest.mark.parametrize("content", [b"", b"hello", printed()])
def test_files_without_a_signature_are_reported_not_raised(folder: Path, content: bytes) -> None:
    report = queries.verify_pdf(content, folder=folder)

    assert report.signatures == 0
    assert not report.is_valid


def test_an_archive_without_keys_still_reads_signatures(folder: Path, tmp_path: Path) -> None:
    report = queries.verify_pdf(signed(folder), folder=tmp_path / "none")

    assert report.is_intact
    assert not report.is_ours


def test_the_trust_file_names_root_and_log(folder: Path) -> None:
    trust = queries.trust_file("anjuan.example/log+00000000+AAAA", folder=folder, practice=True)

    assert trust == {
        "format": "anjuan-trust-v1",
        "agency": AGENCY,
        "practice": True,
        "certificate_authorities": [queries.authority(folder=folder).root_pem],
        "logs": ["anjuan.example/log+00000000+AAAA"],
    }
    assert queries.trust_file(None, folder=folder, practice=False)["logs"] == []


def test_a_practice_authority_from_one_seed_signs_the_same_bytes_twice(tmp_path: Path) -> None:
    """Two loads of the practice city give the same journal, signatures and all."""
    seed = b"\x07" * 32
    results = []
    for name in ("one", "two"):
        actions.ensure_authority(agency_name=AGENCY, at=AT, folder=tmp_path / name, practice=True, seed=seed)
        results.append((queries.authority(folder=tmp_path / name).root_digest, signed(tmp_path / name)))

    assert results[0] == results[1]


def test_without_a_seed_no_two_authorities_are_alike(tmp_path: Path) -> None:
    for name in ("one", "two"):
        actions.ensure_authority(agency_name=AGENCY, at=AT, folder=tmp_path / name, practice=True)

    assert queries.authority(folder=tmp_path / "one") != queries.authority(folder=tmp_path / "two")


def test_a_real_archive_takes_no_seed(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        actions.ensure_authority(agency_name=AGENCY, at=AT, folder=tmp_path, practice=False, seed=b"\x07" * 32)

    assert not list(tmp_path.iterdir())
