"""``anjuan-verify --store``: a store laid out by hand, then everything that can be wrong with its bytes."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from anjuan_verify import __main__ as command
from anjuan_verify import sm3 as plain
from anjuan_verify.build import build
from anjuan_verify.report import Verdict
from anjuan_verify.store import verify_store

FILES = {"v1/content/001.jpg": b"page one" * 40, "v1/content/record.json": b'{"record": 1}\n'}


def sm3(octets: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(octets)
    return digest.finalize().hex()


def lay_object(folder: Path, urn: str) -> None:
    """One object of one version, with a fixity block, as the specification writes it."""
    manifest = {hashlib.sha512(octets).hexdigest(): [path] for path, octets in FILES.items()}
    inventory = {
        "id": urn,
        "type": "https://ocfl.io/1.1/spec/#inventory",
        "digestAlgorithm": "sha512",
        "head": "v1",
        "manifest": manifest,
        "fixity": {"sm3": {sm3(octets): [path] for path, octets in FILES.items()}},
        "versions": {
            "v1": {
                "created": "2026-08-01T02:00:00Z",
                "state": {digest: [paths[0].removeprefix("v1/content/")] for digest, paths in manifest.items()},
                "message": "captured",
                "user": {"name": "王敏", "address": "urn:anjuan:staff:0101"},
            }
        },
    }
    text = json.dumps(inventory).encode()
    side = f"{hashlib.sha512(text).hexdigest()} inventory.json\n"
    for path, octets in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(octets)
    (folder / "0=ocfl_object_1.1").write_text("ocfl_object_1.1\n")
    for place in (folder, folder / "v1"):
        (place / "inventory.json").write_bytes(text)
        (place / "inventory.json.sha512").write_text(side)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    root = tmp_path / "store"
    for number in (1, 2):
        lay_object(root / f"00{number}" / "one", f"urn:uuid:0195f7a0-0000-7000-8000-00000000000{number}")
    (root / "0=ocfl_1.1").write_text("ocfl_1.1\n")
    return root


@pytest.mark.acceptance("S2-C1")
def test_a_store_in_order_is_valid_whole_and_by_the_object(store: Path) -> None:
    for place in (store, store / "001/one"):
        report = verify_store(place)

        assert report.verdict is Verdict.VALID, report.lines("en")
        assert [check.code for check in report.checks] == ["STRUCTURE", "BYTES"]


@pytest.mark.acceptance("S2-C1")
def test_any_byte_of_the_store_that_is_changed_is_found_and_its_file_named(store: Path) -> None:
    paths = [path for path in sorted(store.rglob("*")) if path.is_file()]
    assert len(paths) == 15
    for path in paths:
        octets = path.read_bytes()
        for at in {0, len(octets) // 2, len(octets) - 1}:
            path.write_bytes(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :])
            report = verify_store(store)
            place = str(path.relative_to(store)).removesuffix(".sha512")
            said = " ".join(f"{finding.place} {finding.words}" for finding in report.findings)
            assert report.verdict is Verdict.INVALID, (path, at)
            assert place in said or str(path.parent.relative_to(store)) in said, (path, at, said)
        path.write_bytes(octets)


def test_a_missing_file_is_named_in_both_languages(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (store / "002/one/v1/content/001.jpg").unlink()

    status = command.main(["--store", str(store)])
    said = capsys.readouterr().out

    assert status == 1
    assert "存储库有损坏或缺失" in said and "damaged or missing" in said
    assert said.count("E092") >= 2 and "001.jpg" in said and "002/one" in said
    assert "001/one" not in said


def test_a_python_without_sm3_reckons_it_itself(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(name: str, usedforsecurity: bool = True) -> object:
        if name == "sm3":
            raise ValueError("unsupported hash type sm3")
        return getattr(hashlib, name)()

    monkeypatch.setattr(hashlib, "new", lacks)
    path = store / "001/one/inventory.json"

    assert verify_store(store).verdict is Verdict.VALID
    text = path.read_text().replace(sm3(FILES["v1/content/001.jpg"]), "0" * 64)
    for place in (store / "001/one", store / "001/one/v1"):
        (place / "inventory.json").write_text(text)
        digest = hashlib.sha512(text.encode()).hexdigest()
        (place / "inventory.json.sha512").write_text(f"{digest} inventory.json\n")
    report = verify_store(store)

    assert [finding.code for finding in report.findings] == ["E093"]


@pytest.mark.parametrize("pieces", [[b""], [b"abc"], [b"a" * 64], [b"a" * 55, b"b"], [b"x" * 63, b"y" * 66, b"z"]])
def test_the_digest_by_pieces_is_that_of_the_whole(pieces: list[bytes]) -> None:
    digest = plain.Sm3()
    for piece in pieces:
        digest.update(piece)

    assert digest.hexdigest() == sm3(b"".join(pieces)) == plain.sm3(b"".join(pieces)).hex()


def test_what_is_no_folder_or_empty_is_not_valid(tmp_path: Path) -> None:
    assert command.main(["--store", str(tmp_path / "absent")]) == 1
    assert command.main(["--store", str(tmp_path)]) == 1


def test_the_packed_program_judges_a_store_and_a_log_by_itself(store: Path, tmp_path: Path) -> None:
    build(tmp_path / "verify.pyz")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command_line = [sys.executable, "-I", "-S", "verify.pyz", *arguments]
        return subprocess.run(command_line, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert run("--store", "store").returncode == 0
    (store / "001/one/v1/content/record.json").write_bytes(b"{}")
    done = run("--store", "store", "--json")
    assert done.returncode == 1
    assert {finding["code"] for finding in json.loads(done.stdout)["findings"]} >= {"E092"}
