"""Every step of a write fails once, by a kill or by an error: the verifier must find a whole version, old or new."""

import datetime as dt
import errno
import hashlib
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.validate import validate_root
from anjuan.core.refusals import Finding, Refusal, Severity
from anjuan.facilities.repository.backends import disk as disks
from anjuan.facilities.repository.backends.posix import PosixStore
from anjuan.facilities.repository.rules import Inline

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
URN = "urn:uuid:0195f7a0-0000-7000-8000-000000000001"
OTHER = "urn:uuid:0195f7a0-0000-7000-8000-000000000002"
ONE, TWO, RECORD = b"page one" * 1000, b"page two" * 1000, b'{"record": 1}\n'


def sha512(octets: bytes) -> str:
    return hashlib.sha512(octets).hexdigest()


def errors(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.place) for finding in findings if finding.severity is Severity.ERROR]


def rewrite(path: Path, octets: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(octets)


class Killed(BaseException):
    """The power is gone: nothing after this happens."""


class FailingDisk(disks.Disk):
    """Fails the n-th step, by a kill (nothing works any more) or by an error of the system (the program goes on)."""

    def __init__(self, fail_at: int, error: int | None = None) -> None:
        self.left = fail_at
        self.error = error
        self.is_dead = False

    def step(self) -> None:
        if self.is_dead:
            raise Killed
        self.left -= 1
        if self.left == 0:
            if self.error is None:
                self.is_dead = True
                raise Killed
            raise OSError(self.error, "failed by the test")

    def write_chunk(self, stream: BinaryIO, chunk: bytes) -> None:
        try:
            self.step()
        except BaseException:
            if not self.is_dead or self.left == 0:
                stream.write(chunk[: len(chunk) // 2])  # torn
                stream.flush()
            raise
        stream.write(chunk)

    def write(self, path: Path, chunks: object) -> None:
        self.step()
        super().write(path, chunks)  # type: ignore[arg-type]

    def sync(self, descriptor: int) -> None:
        self.step()

    def make_folder(self, folder: Path) -> None:
        self.step()
        super().make_folder(folder)

    def rename(self, source: Path, target: Path) -> None:
        self.step()
        super().rename(source, target)

    def remove(self, path: Path) -> None:
        self.step()
        super().remove(path)


def write(store: PosixStore, urn: str, files: Mapping[str, bytes]) -> None:
    def plan(before: inventories.Inventory | None, digests: Mapping[str, Digests]) -> inventories.Inventory:
        return inventories.next_version(
            before or inventories.Inventory(urn=urn, contents=(), versions=()),
            state={},
            new_files=digests,
            message="",
            user_name="王敏",
            user_address="urn:anjuan:staff:0101",
            at=AT,
        )

    store.write(urn, files=[Inline(name, octets) for name, octets in files.items()], plan=plan)


def at(home: Path, disk: disks.Disk | None = None) -> PosixStore:
    return PosixStore(home / "store", home / "staging", disk or FailingDisk(0))


def head(home: Path, urn: str) -> int:
    return at(home).inventory(urn).head if at(home).holds(urn) else 0


OLD = {"a.jpg": ONE, "folder/b.jpg": TWO}
NEW = {"a.jpg": TWO, "record.json": RECORD}


def prepare(home: Path, start: int) -> None:
    """A store where the next write of URN is version ``start + 1``; 0 with a neighbour, −1 with no store at all."""
    if start >= 0:
        write(at(home), OTHER, OLD)
    if start > 0:
        write(at(home), URN, OLD)


def is_sound(home: Path, start: int) -> bool:
    """The verifier is silent and the version is whole, old or new; true when it is the new one."""
    if not (home / "store").is_dir():
        return False
    assert errors(validate_root(at(home).tree())) == []
    found = head(home, URN)
    assert found in (max(start, 0), max(start, 0) + 1)
    if found > max(start, 0):
        assert at(home).inventory(URN).state == {name: sha512(octets) for name, octets in NEW.items()}
    return found > max(start, 0)


def steps(tmp_path: Path, start: int) -> int:
    disk = FailingDisk(10**9)
    prepare(tmp_path, start)
    write(at(tmp_path, disk), URN, NEW)
    return 10**9 - disk.left


@pytest.mark.parametrize("start", [-1, 0, 1])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_version_whole(tmp_path: Path, start: int) -> None:
    count = steps(tmp_path / "counted", start)
    outcomes = set()
    for number in range(1, count + 1):
        home = tmp_path / str(number)
        prepare(home, start)
        with pytest.raises(Killed):
            write(at(home, FailingDisk(number)), URN, NEW)

        at(home).recover()

        outcomes.add(is_sound(home, start))
        work = home / "staging" / "ocfl"
        assert not work.exists() or [path for path in work.iterdir() if path.is_dir()] == []
        before = head(home, URN)
        write(at(home), URN, {"later.jpg": b"later"})  # and work goes on
        assert head(home, URN) == before + 1
        assert errors(validate_root(at(home).tree())) == []
    assert count > 20
    assert outcomes == {False, True}


@pytest.mark.parametrize("start", [0, 1])
def test_a_kill_in_the_middle_of_recovery_is_recovered_too(tmp_path: Path, start: int) -> None:
    count = steps(tmp_path / "counted", start)
    killed_in_recovery = 0
    for number in range(1, count + 1):
        for again in range(1, 100):
            home = tmp_path / f"{number}-{again}"
            prepare(home, start)
            with pytest.raises(Killed):
                write(at(home, FailingDisk(number)), URN, NEW)
            try:
                at(home, FailingDisk(again)).recover()
            except Killed:
                killed_in_recovery += 1
                at(home).recover()
                is_sound(home, start)
            else:
                break
    assert killed_in_recovery > 50


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("start", [-1, 0, 1])
def test_an_error_at_any_step_is_told_and_leaves_nothing_half_done(tmp_path: Path, start: int, code: int) -> None:
    count = steps(tmp_path / "counted", start)
    for number in range(1, count + 1):
        home = tmp_path / str(number)
        prepare(home, start)
        try:
            write(at(home, FailingDisk(number, code)), URN, NEW)
        except Refusal as refusal:
            assert refusal.code == "B-001"
            assert code == errno.ENOSPC
        except OSError as error:
            assert error.errno == errno.EIO == code
        else:
            assert is_sound(home, start)  # only clearing up failed, after the version stood
            continue
        if (home / "store" / "0=ocfl_1.1").exists():
            is_sound(home, start)  # without any recovery
        at(home).recover()
        is_sound(home, start)


def test_a_power_loss_that_kept_the_later_rename_only_is_completed(tmp_path: Path) -> None:
    prepare(tmp_path, 1)
    store = at(tmp_path)
    folder = store.folder(URN)
    old = (folder / "inventory.json").read_bytes()
    write(store, URN, NEW)
    new = (folder / "inventory.json").read_bytes()
    staged = store.work / folder.name
    staged.mkdir()
    (staged / "inventory.json").write_bytes(new)
    rewrite(folder / "inventory.json", old)  # the digest file reached the medium, the inventory did not

    settled, _ = store.recover()

    assert settled[folder.name].is_completed
    assert is_sound(tmp_path, 1)


def test_damage_that_no_kill_explains_is_left_as_it_is(tmp_path: Path) -> None:
    prepare(tmp_path, 1)
    store = at(tmp_path)
    folder = store.folder(URN)
    rewrite(folder / "inventory.json", b"{}")
    staged = store.work / folder.name
    staged.mkdir()
    (staged / "inventory.json").write_bytes(b"something")

    store.recover()

    assert (staged / "inventory.json").read_bytes() == b"something"
    assert (folder / "inventory.json").read_bytes() == b"{}"


# --- several at once ---


def test_recovery_leaves_alone_what_is_being_written(tmp_path: Path) -> None:
    prepare(tmp_path, 0)
    store = at(tmp_path)
    digest = store.folder(URN).name
    (store.work / digest).mkdir()

    with at(tmp_path)._lock(digest):  # another writer: the lock is of the open file, not of the process
        settled, _ = store.recover()
    assert digest not in settled
    assert (store.work / digest).is_dir()

    settled, _ = store.recover()
    assert settled[digest].is_rolled_back


def test_writers_of_one_object_queue_and_none_is_lost(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                write(at(tmp_path, disks.Disk()), URN, {f"{number}-{turn}.jpg": f"{number} {turn}".encode()})
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert head(tmp_path, URN) == 20
    assert errors(validate_root(at(tmp_path).tree())) == []


class FailingAtOnce(FailingDisk):
    """The same, for steps of several threads."""

    def __init__(self, fail_at: int, error: int | None = None) -> None:
        super().__init__(fail_at, error)
        self.turn = threading.Lock()

    def step(self) -> None:
        with self.turn:
            super().step()


SEVERAL = [f"urn:uuid:0195f7a0-0000-7000-8000-0000000001{number:02}" for number in range(4)]


def write_several(home: Path, disk: disks.Disk) -> list[BaseException | None]:
    def one(urn: str) -> BaseException | None:
        try:
            write(at(home, disk), urn, NEW)
        except (Killed, OSError, Refusal) as error:
            return error
        return None

    with ThreadPoolExecutor(len(SEVERAL)) as writers:
        return list(writers.map(one, SEVERAL))


@pytest.mark.parametrize("code", [None, errno.EIO])
def test_a_failure_while_several_objects_are_written_at_once_leaves_each_whole_or_absent(
    tmp_path: Path, code: int | None
) -> None:
    counted = FailingAtOnce(10**9)
    prepare(tmp_path / "counted", 0)
    assert write_several(tmp_path / "counted", counted) == [None] * 4
    outcomes = set()
    for number in range(1, 10**9 - counted.left, 2):
        home = tmp_path / str(number)
        prepare(home, 0)
        told = write_several(home, FailingAtOnce(number, code))

        at(home).recover()

        assert errors(validate_root(at(home).tree())) == []
        for urn, error in zip(SEVERAL, told, strict=True):
            if error is None or at(home).holds(urn):  # who was told that it stands finds it
                assert at(home).inventory(urn).state == {name: sha512(octets) for name, octets in NEW.items()}
        outcomes.add(sum(at(home).holds(urn) for urn in SEVERAL))
        write_several(home, FailingAtOnce(10**9))  # and work goes on
        assert errors(validate_root(at(home).tree())) == []
    assert max(outcomes) >= 3
    assert code is not None or 0 in outcomes


# --- what a disk may do ---


def test_a_disk_that_writes_other_bytes_is_noticed(tmp_path: Path) -> None:
    class Lying(disks.Disk):
        def write_chunk(self, stream: BinaryIO, chunk: bytes) -> None:
            stream.write(chunk.replace(b"page", b"gape"))

    with pytest.raises(Refusal, match="B-004"):
        write(PosixStore(tmp_path / "store", tmp_path / "staging", Lying()), URN, {"a.jpg": ONE})
    assert not (tmp_path / "store" / layout.object_path(URN)).exists()


def test_links_and_devices_in_the_store_are_noticed(tmp_path: Path) -> None:
    prepare(tmp_path, 1)
    folder = at(tmp_path).folder(URN)
    (folder / "v1/content/a.jpg").rename(tmp_path / "elsewhere")
    (folder / "v1/content/a.jpg").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "store" / layout.object_path(OTHER) / "v1/content/hard.jpg").hardlink_to(tmp_path / "elsewhere")

    assert [code for code, _ in errors(validate_root(at(tmp_path).tree()))].count("E090") == 2


def test_the_inventory_says_when_by_whom_and_why(tmp_path: Path) -> None:
    prepare(tmp_path, 1)

    document = json.loads((at(tmp_path).folder(URN) / "inventory.json").read_bytes())

    assert document["versions"]["v1"]["user"] == {"name": "王敏", "address": "urn:anjuan:staff:0101"}
    assert set(document["fixity"]) == {"sha256", "sm3"}
