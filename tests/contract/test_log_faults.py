"""The log on a disk that forgets, stops, fills: what was acknowledged stands, and the next writer goes on."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.merkle import tree
from anjuan.foundation.ledger.backends import notekey
from anjuan.foundation.ledger.backends.folder import STAGING, FolderStore, Steps
from anjuan.foundation.ledger.backends.growth import Log
from anjuan_verify.log import FolderFiles, verify_log
from anjuan_verify.report import Verdict
from anjuan_verify.trust import Trust
from tests.forgetful import ForgetfulSteps, PowerCut

LEAVES = [f"leaf {number}".encode() for number in range(600)]
# The first makes every folder; the second fills a bundle and a tile; the third begins the next ones.
BATCHES = (LEAVES[:250], LEAVES[250:256], LEAVES[256:300], LEAVES[300:530])


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> notekey.NoteKey:
    return notekey.load(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def trust(key: notekey.NoteKey) -> Trust:
    return Trust("", True, (), (note_format.decode_vkey(key.vkey),))


def publish(log: Log, key: notekey.NoteKey) -> None:
    signed = note_format.Checkpoint(key.name, log.size, log.root(log.size))
    log.publish(log.size, note_format.sign_note(signed.body(), key.name, key.public, key.sign))


def grow(log: Log, key: notekey.NoteKey, said: Callable[[int, bool], None] = lambda size, signed: None) -> None:
    """What the follower does from wherever the log stands; ``said`` hears what was acknowledged."""
    for batch_end in (250, 256, 300, 530):
        with log.lock():
            size = log.size
            if size < batch_end:
                said(log.append(LEAVES[size:batch_end]), False)
        with log.lock():
            if log.size == batch_end:
                publish(log, key)
                said(batch_end, True)


def steps_of_a_whole_walk(tmp_path: Path, key: notekey.NoteKey) -> int:
    (tmp_path / "counted").mkdir()
    steps = ForgetfulSteps(tmp_path / "counted", tmp_path / "counted-graves")
    grow(Log(FolderStore(tmp_path / "counted/home/log", steps)), key)
    return steps.taken


def check_after(home: Path, key: notekey.NoteKey, trust: Trust, size: int, signed: int) -> None:
    """Nothing acknowledged is missing; a new writer finishes; strangers find the whole of it in order."""
    log = Log(FolderStore(home / "log"))
    assert log.size >= size
    if signed:
        told = verify_log(FolderFiles(home / "log"), trust)
        assert told.verdict is Verdict.VALID, told.lines("en")
    grow(log, key)
    told = verify_log(FolderFiles(home / "log"), trust)
    assert told.verdict is Verdict.VALID, told.lines("en")
    assert log.root(530) == tree.root([tree.leaf_hash(leaf) for leaf in LEAVES[:530]])
    assert not list((home / "log" / STAGING).iterdir())


@pytest.mark.acceptance("S4-C5")
def test_the_power_is_cut_before_a_step_and_nothing_acknowledged_is_lost(
    tmp_path: Path, key: notekey.NoteKey, trust: Trust
) -> None:
    assert cut_the_power(tmp_path, key, trust, every=7) > 20


def cut_the_power(tmp_path: Path, key: notekey.NoteKey, trust: Trust, *, every: int) -> int:
    """Cut it before every n-th step of the walk; how often it was cut. ``make torture`` cuts before each."""
    total = steps_of_a_whole_walk(tmp_path, key)
    assert total > 150

    stops = range(1, total + 1, every)
    for stop_at in stops:
        place = tmp_path / "walk"
        place.mkdir()
        steps = ForgetfulSteps(place, tmp_path / "graves", stop_at=stop_at)
        heard = {False: 0, True: 0}
        with pytest.raises(PowerCut):
            grow(
                Log(FolderStore(place / "home/log", steps)),
                key,
                lambda size, signed, heard=heard: heard.__setitem__(signed, size),  # type: ignore[misc]
            )
        steps.after_the_cut(tmp_path / "after")

        # The machine comes up again; or it was only the program that was killed, and the disk has everything.
        for left in (tmp_path / "after", place):
            check_after(left / "home", key, trust, max(heard.values()), heard[True])
        for gone in (place, tmp_path / "after", tmp_path / "graves"):
            shutil.rmtree(gone)
    return len(stops)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_step_that_fails_leaves_the_log_as_it_was_and_the_next_try_goes_on(
    tmp_path: Path, key: notekey.NoteKey, trust: Trust, error: int
) -> None:
    total = steps_of_a_whole_walk(tmp_path, key)

    for fail_at in range(1, total + 1, 13):
        place = tmp_path / "walk"
        place.mkdir()
        steps = ForgetfulSteps(place, tmp_path / "graves", fail_at=fail_at, error=error)
        log = Log(FolderStore(place / "home/log", steps))
        heard: list[int] = []
        try:
            grow(log, key, lambda size, signed, heard=heard: heard.append(size))  # type: ignore[misc]
        except OSError as fault:
            assert fault.errno == error
        before = log.size
        assert before >= max(heard, default=0)

        check_after(place / "home", key, trust, before, 0)
        for gone in (place, tmp_path / "graves"):
            shutil.rmtree(gone)


def test_a_folder_made_by_a_writer_that_was_killed_is_forced_by_the_next(tmp_path: Path, key: notekey.NoteKey) -> None:
    place = tmp_path / "walk"
    place.mkdir()
    (place / "home/log/tile/entries").mkdir(parents=True)  # made, its name never forced
    steps = ForgetfulSteps(place, tmp_path / "graves")
    log = Log(FolderStore(place / "home/log", steps))
    with log.lock():
        log.append(LEAVES[:10])
    steps.after_the_cut(tmp_path / "after")

    assert Log(FolderStore(tmp_path / "after/home/log")).leaf(9) == LEAVES[9]


@pytest.mark.parametrize("forgets", ["file", "folder", "parent"])
def test_the_test_itself_notices_a_writer_that_forces_too_little(
    tmp_path: Path, key: notekey.NoteKey, forgets: str
) -> None:
    """A store that skips one kind of forcing loses what it acknowledged: so the disk above does forget."""
    place = tmp_path / "walk"
    place.mkdir()

    class Careless(ForgetfulSteps):
        def sync(self, path: Path) -> None:
            kind = "file" if path.is_file() else "parent" if path.name in ("home", "log", "tile") else "folder"
            if kind != forgets:
                super().sync(path)

    steps = Careless(place, tmp_path / "graves")
    log = Log(FolderStore(place / "home/log", steps))
    with log.lock():
        log.append(LEAVES[:10])
    steps.after_the_cut(tmp_path / "after")

    left = Log(FolderStore(tmp_path / "after/home/log"))
    with pytest.raises((OSError, AssertionError)):
        assert left.size == 10
        assert left.leaf(9) == LEAVES[9]


def test_a_folder_above_the_home_that_may_not_be_read_stops_nothing(tmp_path: Path) -> None:
    class Guarded(Steps):
        def sync(self, path: Path) -> None:
            if not path.is_relative_to(tmp_path / "home/log"):
                raise PermissionError(errno.EACCES, "not ours")
            super().sync(path)

    log = Log(FolderStore(tmp_path / "home/log", Guarded()))
    with log.lock():
        assert log.append(LEAVES[:3]) == 3


def test_a_log_shorter_than_its_checkpoint_is_not_grown(tmp_path: Path, key: notekey.NoteKey) -> None:
    log = Log(FolderStore(tmp_path / "log"))
    with log.lock():
        log.append(LEAVES[:300])
        publish(log, key)
    (tmp_path / "log/state").write_text("256")

    with log.lock(), pytest.raises(OSError, match="before its own checkpoint"):
        log.append(LEAVES[256:400])


def test_a_published_size_never_shrinks(tmp_path: Path, key: notekey.NoteKey) -> None:
    log = Log(FolderStore(tmp_path / "log"))
    with log.lock():
        log.append(LEAVES[:300])
        publish(log, key)
        older = note_format.Checkpoint(key.name, 256, log.root(256))
        note = note_format.sign_note(older.body(), key.name, key.public, key.sign)
        kept = log.store.read("checkpoint")
        for size in (256, 301):
            with pytest.raises(OSError, match="does not follow"):
                log.publish(size, note)

    assert log.store.read("checkpoint") == kept


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_a_log_whose_last_tiles_were_changed_is_not_grown(tmp_path: Path, path: str) -> None:
    log = Log(FolderStore(tmp_path / "log"))
    with log.lock():
        log.append(LEAVES[:300])
    place = tmp_path / "log" / path
    octets = bytearray(place.read_bytes())
    octets[1] ^= 1
    place.write_bytes(octets)

    with log.lock(), pytest.raises(OSError, match="damaged"):
        log.append(LEAVES[300:310])


@pytest.mark.parametrize("octets", [b"", b"many\n", b"12", b"300 " + b"0" * 64 + b"\n", b"\xff"])
def test_a_state_that_was_changed_is_noticed_before_the_log_grows(
    tmp_path: Path, key: notekey.NoteKey, octets: bytes
) -> None:
    log = Log(FolderStore(tmp_path / "log"))
    with log.lock():
        log.append(LEAVES[:300])
        publish(log, key)
    (tmp_path / "log/state").write_bytes(octets)

    with log.lock(), pytest.raises(OSError, match="damaged"):
        log.append(LEAVES[300:310])


def test_partial_tiles_go_when_the_full_one_stands(tmp_path: Path) -> None:
    log = Log(FolderStore(tmp_path / "log"))
    for leaf in LEAVES[:258]:
        with log.lock():
            log.append([leaf])

    left = sorted(str(path.relative_to(tmp_path / "log")) for path in (tmp_path / "log/tile").rglob("*.p/*"))
    assert left == [
        "tile/0/001.p/1", "tile/0/001.p/2", "tile/1/000.p/1", "tile/entries/001.p/1", "tile/entries/001.p/2",
    ]  # fmt: skip
    assert [log.leaf(at) for at in range(258)] == LEAVES[:258]
    assert log.root(100) == tree.root([tree.leaf_hash(leaf) for leaf in LEAVES[:100]])
