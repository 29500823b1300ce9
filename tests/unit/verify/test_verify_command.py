"""``anjuan-verify`` as a command, as one packed file, and over a published log."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anjuan.core.merkle.tile import WIDTH, encode_bundle, entries_path, grow
from anjuan.core.merkle.tree import leaf_hash
from anjuan_verify import __main__ as command
from anjuan_verify.build import build
from anjuan_verify.log import verify_log
from anjuan_verify.report import Verdict
from anjuan_verify.trust import Trust, read_trust
from tests.unit.verify.builders import (
    AGENCY,
    EMPTY_TRUST,
    FACTS,
    FILE,
    LEAVES,
    RECORD,
    TILES,
    note,
)  # fmt: skip

# -- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path, certificate: bytes, trust_text: str) -> Path:
    (tmp_path / "certificate.pdf").write_bytes(certificate)
    (tmp_path / "changed.pdf").write_bytes(certificate.replace(b"/Type /Sig", b"/Type /sig"))
    (tmp_path / "trust.json").write_text(trust_text, encoding="utf-8")
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["certificate.pdf", "--trust", "trust.json"], 0),
        (["certificate.pdf"], 2),
        (["changed.pdf", "--trust", "trust.json"], 1),
        (["changed.pdf"], 1),
        (["absent.pdf"], 1),
        (["trust.json"], 1),
        (["."], 1),
        ([], 64),
        (["certificate.pdf", "--log", "."], 64),
        (["certificate.pdf", "--trust", "absent.json"], 64),
        (["certificate.pdf", "--trust", "bad.json"], 64),
        (["certificate.pdf", "--trust", "certificate.pdf"], 64),
        (["certificate.pdf", "--lang", "fr"], 64),
        (["--colour"], 64),
        (["--help"], 0),
    ],
)
def test_the_exit_status_says_it_all(
    desk: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int
) -> None:
    monkeypatch.chdir(desk)

    assert command.main(arguments) == status


def test_the_answer_is_in_chinese_and_english_and_speaks_of_revocation(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(desk)

    command.main(["certificate.pdf", "--trust", "trust.json"])
    both = capsys.readouterr().out
    command.main(["certificate.pdf", "--lang", "zh"])
    chinese = capsys.readouterr().out
    command.main(["changed.pdf", "--lang", "en"])
    english = capsys.readouterr().out

    assert "核验通过" in both and "Valid: intact" in both and AGENCY in both and "PRACTICE" in both and "演示" in both
    assert "撤销" in both and "revoked" in both
    assert "person_name = 王秀英" in both
    assert "完好，签发者未知" in chinese and "Intact" not in chinese
    assert "Not valid" in english and "核验" not in english and "王秀英" not in english


def test_the_answer_for_programs_is_json(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(desk)

    command.main(["certificate.pdf", "--trust", "trust.json", "--json"])
    answer = json.loads(capsys.readouterr().out)

    assert (answer["verdict"], answer["exit"]) == ("VALID", 0)
    assert answer["facts"] == FACTS
    assert answer["files"] == [FILE, RECORD]
    assert all(check["passed"] for check in answer["checks"])


def test_the_packed_program_runs_by_itself_and_is_the_same_each_time(desk: Path) -> None:
    build(desk / "one.pyz")
    build(desk / "two.pyz")
    build(desk / "ours.pyz", trust=desk / "trust.json")

    assert (desk / "one.pyz").read_bytes() == (desk / "two.pyz").read_bytes()
    statuses = {
        name: subprocess.run(
            [sys.executable, "-I", "-S", name, "certificate.pdf"],
            cwd=desk,
            capture_output=True,
            timeout=60,
            check=False,
        ).returncode
        for name in ("one.pyz", "ours.pyz")
    }
    assert statuses == {"one.pyz": 2, "ours.pyz": 0}
    with pytest.raises(ValueError, match="format"):
        build(desk / "bad.pyz", trust=desk / "bad.json")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", '{"format":"anjuan-trust-v1"}',
        json.dumps(EMPTY_TRUST | {"certificate_authorities": ["x"]}),
        json.dumps(EMPTY_TRUST | {"certificate_authorities": 1}),
        json.dumps(EMPTY_TRUST | {"logs": ["x"]}),
    ],
)  # fmt: skip
def test_what_is_no_trust_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_trust(text)


# -- the log -----------------------------------------------------------------------------------------------------


class Published:
    """Published files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.read = files.get
        self.files = files

    def names(self, folder: str) -> list[str]:
        parts = [path.rpartition("/") for path in self.files]
        return sorted(name for place, _, name in parts if place == folder)


def published() -> dict[str, bytes]:
    files = dict(TILES) | {"checkpoint": note().encode()}
    for start in range(0, len(LEAVES), WIDTH):
        bundle = LEAVES[start : start + WIDTH]
        files[entries_path(start // WIDTH, len(bundle))] = encode_bundle(bundle)
    return files


def test_a_published_log_that_agrees_with_itself_is_valid(trust: Trust) -> None:
    report = verify_log(Published(published()), trust)

    assert report.verdict is Verdict.VALID
    assert {check.code for check in report.checks} == {"CHECKPOINT", "LOG", "ENTRIES", "ROOT", "TILES"}
    assert verify_log(Published(published()), None).verdict is Verdict.SIGNER_UNKNOWN


@pytest.mark.parametrize("path", sorted(published()))
def test_a_log_with_a_changed_or_missing_file_is_not_valid(trust: Trust, path: str) -> None:
    files = published()
    for place in {0, len(files[path]) // 2, len(files[path]) - 1}:
        changed = bytearray(files[path])
        changed[place] ^= 1
        assert verify_log(Published(files | {path: bytes(changed)}), trust).verdict is Verdict.INVALID
    del files[path]
    assert verify_log(Published(files), trust).verdict is Verdict.INVALID


def test_wider_files_may_have_replaced_partial_ones(trust: Trust) -> None:
    files = published()
    more = [*LEAVES, *(b"later" for _ in range(512 - len(LEAVES)))]
    tiles = grow(0, [leaf_hash(each) for each in more], lambda _: None)
    kept = {path: content for path, content in files.items() if ".p/" not in path}
    kept |= {entries_path(1): encode_bundle(more[256:]), "tile/0/001": tiles["tile/0/001"]}
    kept["tile/1/000.p/1"] = files["tile/1/000.p/1"]

    assert verify_log(Published(kept), trust).verdict is Verdict.VALID


def test_the_command_verifies_a_log_folder(tmp_path: Path, trust_text: str) -> None:
    for path, content in published().items():
        (tmp_path / "log" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "log" / path).write_bytes(content)
    (tmp_path / "trust.json").write_text(trust_text, encoding="utf-8")

    assert command.main(["--log", str(tmp_path / "log"), "--trust", str(tmp_path / "trust.json")]) == 0
    assert command.main(["--log", str(tmp_path), "--trust", str(tmp_path / "trust.json")]) == 1
