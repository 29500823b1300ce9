"""A stranger audits a log: a long one, an old promise, a rewritten past, and each byte changed."""

from pathlib import Path

import pytest

from anjuan.core.merkle import proof, tree
from anjuan.foundation.ledger.backends import notekey
from anjuan_verify import __main__ as command
from anjuan_verify.log import FolderFiles, verify_log
from anjuan_verify.report import Verdict
from tests.contract.log_walk import copied, in_folder, leaf, stamped, told, trusting, unsaid

LONG = 66_000  # three levels of tiles: 256 × 256 is 65,536


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def key(keys: Path) -> notekey.NoteKey:
    return notekey.load(keys)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, key: notekey.NoteKey) -> Path:
    folder = tmp_path_factory.mktemp("short") / "log"
    in_folder(folder, key, (3, 255, 256, 300, 522))
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory, key: notekey.NoteKey) -> Path:
    folder = tmp_path_factory.mktemp("long") / "log"
    in_folder(folder, key, (40_000, 65_535, 65_536, LONG))
    return folder


@pytest.mark.acceptance("S4-C5", "S2-C1")
def test_a_log_of_three_levels_of_tiles_is_audited_whole(long: Path, key: notekey.NoteKey) -> None:
    report = told(long, trusting(key))

    assert report.verdict is Verdict.VALID, report.lines("en")
    assert (long / "tile/2/000.p/1").is_file()
    assert {check.code for check in report.checks} == {
        "CHECKPOINT", "LOG", "ENTRIES", "ROOT", "TILES", "HISTORY", "STATE",
    }  # fmt: skip


def test_proofs_over_three_levels_hold(long: Path, key: notekey.NoteKey) -> None:
    log = in_folder(long, key, ())
    hashes = [tree.leaf_hash(leaf(number)) for number in range(LONG)]
    root = tree.root(hashes)

    assert log.root(LONG) == root
    for index in (0, 255, 256, 39_999, 65_535, 65_536, LONG - 1):
        path = log.inclusion_path(index, LONG)
        assert proof.verify_inclusion(leaf=hashes[index], index=index, size=LONG, path=path, root=root)
    for old in (1, 40_000, 65_535, 65_536, 65_537):
        assert proof.verify_consistency(
            old_size=old,
            new_size=LONG,
            old_root=tree.root(hashes[:old]),
            new_root=root,
            path=log.consistency_path(old, LONG),
        )


@pytest.mark.parametrize("path", ["tile/2/000.p/1", "tile/1/000", "tile/0/255", "tile/entries/000", "tile/0/257.p/208"])
def test_in_a_long_log_a_changed_byte_is_named_by_its_file(long: Path, key: notekey.NoteKey, path: str) -> None:
    place = long / path
    octets = place.read_bytes()
    place.write_bytes(octets[:-3] + bytes([octets[-3] ^ 1]) + octets[-2:])
    try:
        report = told(long, trusting(key))
    finally:
        place.write_bytes(octets)

    wrong = {check.code: check.detail for check in report.checks if check.passed is False}
    assert wrong.keys() == ({"ENTRIES"} if "entries" in path else {"TILES"})
    assert path in " ".join(wrong.values())
    if "entries" in path:
        assert "entry 255" in wrong["ENTRIES"]


@pytest.mark.acceptance("S4-C5")
def test_any_byte_of_the_log_that_is_changed_is_found_and_said_where(short: Path, keys: Path, tmp_path: Path) -> None:
    folder = copied(short, tmp_path / "log")
    trust = stamped(folder, keys)

    assert unsaid(folder, trust, every=211) == []


def test_each_file_of_the_log_is_missed_when_it_is_gone(short: Path, key: notekey.NoteKey, tmp_path: Path) -> None:
    folder = copied(short, tmp_path / "log")
    needed = ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/10", "tile/0/000", "tile/0/002.p/10"]
    for name in (*needed, "tile/1/000.p/2", "checkpoint"):
        octets = (folder / name).read_bytes()
        (folder / name).unlink()
        report = told(folder, trusting(key))
        (folder / name).write_bytes(octets)

        assert report.verdict is Verdict.INVALID, name


def test_a_rewritten_past_is_found_by_the_checkpoints_that_were_kept(
    short: Path, key: notekey.NoteKey, tmp_path: Path
) -> None:
    """The forger holds the key: he rebuilds everything after entry 260, but the older checkpoint was kept."""
    folder = copied(short, tmp_path / "log")
    kept = (folder / "checkpoints/000000000300").read_bytes()
    other = tmp_path / "other/log"
    log = in_folder(other, key, (3, 255, 256, 260))
    with log.lock():
        log.append([b"forged", *(leaf(number) for number in range(261, 522))])
    in_folder(other, key, (523,))
    assert told(other, trusting(key)).verdict is Verdict.VALID  # taken by itself it is a log like any other

    (other / "checkpoints/000000000300").write_bytes(kept)
    report = told(other, trusting(key))

    wrong = {check.code: check.detail for check in report.checks if check.passed is False}
    assert wrong == {"HISTORY": "checkpoints/000000000300: the root at 300 is another"}


def test_a_checkpoint_that_the_reader_kept_must_be_contained(short: Path, key: notekey.NoteKey, tmp_path: Path) -> None:
    trust = trusting(key)
    kept = (short / "checkpoints/000000000255").read_text()
    in_folder(tmp_path / "other", key, (10,))
    other = (tmp_path / "other/checkpoint").read_text()
    with_forged = in_folder(tmp_path / "forged", key, ())
    with with_forged.lock():
        with_forged.append([b"another first entry"] * 400)
    in_folder(tmp_path / "forged", key, (401,))

    assert verify_log(FolderFiles(short), trust, since=kept).verdict is Verdict.VALID
    assert verify_log(FolderFiles(short), trust, since=other).verdict is Verdict.VALID  # the same ten entries
    for folder, since in (
        (short, kept.replace("\n255\n", "\n254\n")),
        (short, "nothing"),
        (tmp_path / "other", kept),
        (tmp_path / "forged", kept),
    ):
        report = verify_log(FolderFiles(folder), trust, since=since)
        assert [check.code for check in report.checks if check.passed is False] == ["SINCE"]


def test_a_checkpoint_of_an_unknown_key_among_the_kept_is_found(
    short: Path, key: notekey.NoteKey, tmp_path: Path
) -> None:
    folder = copied(short, tmp_path / "log")
    stranger = notekey.load(tmp_path / "stranger")
    in_folder(tmp_path / "theirs", notekey.NoteKey(stranger.private, stranger.public, key.name), (256,))
    (folder / "checkpoints/000000000256").write_bytes((tmp_path / "theirs/checkpoint").read_bytes())

    report = told(folder, trusting(key))

    assert [check.code for check in report.checks if check.passed is False] == ["HISTORY"]
    assert verify_log(FolderFiles(folder), None).verdict is Verdict.SIGNER_UNKNOWN


def test_the_command_takes_the_kept_checkpoint_and_says_how_far_it_is(
    short: Path,
    key: notekey.NoteKey,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "SAY_SECONDS", -1.0)
    since = str(short / "checkpoints/000000000256")

    status = command.main(["--log", str(short), "--since", since, "--lang", "zh"])
    said = capsys.readouterr()

    assert status == 2  # nobody to believe
    assert "日志完整包含您此前留存的检查点" in said.out
    assert "522 / 522" in said.err
    assert command.main(["--store", str(short), "--since", since]) == 64
    assert command.main(["--log", str(short), "--since", str(tmp_path / "absent")]) == 64
