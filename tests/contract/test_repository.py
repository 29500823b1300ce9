"""The store on a disk: what is put in comes out, what is damaged is refused, and no kill leaves half a version."""

import datetime as dt
import errno
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import pytest
from django.db import transaction
from pytest_django import Settings

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.validate import validate_root
from anjuan.core.refusals import Finding, Refusal, Severity
from anjuan.facilities.repository import actions, queries
from anjuan.facilities.repository.backends import disk as disks
from anjuan.facilities.repository.backends.posix import PosixStore
from anjuan.facilities.repository.models import StoredObject
from anjuan.facilities.repository.rules import DepositReceipt, Inline, Source

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
URN = "urn:uuid:0195f7a0-0000-7000-8000-000000000001"
OTHER = "urn:uuid:0195f7a0-0000-7000-8000-000000000002"
ONE, TWO, RECORD = b"page one" * 1000, b"page two" * 1000, b'{"record": 1}\n'


def sha512(octets: bytes) -> str:
    return hashlib.sha512(octets).hexdigest()


def errors(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.place) for finding in findings if finding.severity is Severity.ERROR]


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    return tmp_path


def deposit(urn: str = URN, *, expected_head: int | None = None, **files: bytes) -> DepositReceipt:
    return actions.deposit(
        urn=urn,
        files=[Inline(f"{name}.jpg", octets) for name, octets in files.items()],
        message="收集",
        user_name="王敏",
        user_address="urn:anjuan:staff:0101",
        at=AT,
        expected_head=expected_head,
    )


def seal(state: Mapping[str, str], expected_head: int = 1) -> DepositReceipt:
    return actions.write_version(
        urn=URN,
        state=state,
        new_documents={"record.json": RECORD},
        message="立卷封存",
        user_name="李强",
        user_address="urn:anjuan:staff:0102",
        at=AT + dt.timedelta(days=1),
        expected_head=expected_head,
    )


@pytest.mark.django_db
def test_what_is_deposited_from_a_file_comes_out_again(home: Path) -> None:
    upload = home / "upload"
    upload.write_bytes(ONE)

    receipt = actions.deposit(
        urn=URN,
        files=[Source("1.jpg", upload, sha512=sha512(ONE)), Inline("2.jpg", TWO)],
        message="收集",
        user_name="王敏",
        user_address="urn:anjuan:staff:0101",
        at=AT,
        expected_head=None,
    )
    actions.record_deposit(receipt)

    assert receipt.version == 1
    assert receipt.digests == {"1.jpg": queries.digest_stream(upload), "2.jpg": queries.digest_stream(TWO)}
    with queries.open_verified(URN, sha512(ONE)) as stream:
        assert stream.read() == ONE
    assert queries.read_verified(URN, sha512(TWO)) == TWO
    state = queries.object_state(URN)
    assert state is not None
    assert (state.head_version, state.is_sealed) == (1, False)
    assert {content.digests for content in state.contents} == set(receipt.digests.values())
    assert errors(queries.store_findings()) == []


@pytest.mark.django_db
def test_sealing_renames_without_copying_and_adds_the_record(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE, b=TWO))

    receipt = seal({"D-001.jpg": sha512(ONE), "D-002.jpg": sha512(TWO)})
    actions.record_deposit(receipt)

    assert [content.content_path for content in receipt.contents] == ["v2/content/record.json"]
    place = queries.where(URN)
    assert [(file.logical_name, file.content_path) for file in place.files] == [
        ("D-001.jpg", "v1/content/a.jpg"),
        ("D-002.jpg", "v1/content/b.jpg"),
        ("record.json", "v2/content/record.json"),
    ]
    assert not (home / "store" / place.folder / "v2/content/D-001.jpg").exists()
    assert queries.inventory_of(URN).versions[0].state.keys() == {"a.jpg", "b.jpg"}
    state = queries.object_state(URN)
    assert state is not None
    assert (state.head_version, state.is_sealed) == (2, True)
    assert errors(queries.store_findings()) == []


@pytest.mark.django_db
def test_a_sealed_item_is_corrected_by_further_versions(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    actions.record_deposit(seal({"D-001.jpg": sha512(ONE)}))

    rescanned = deposit(rescan=TWO, expected_head=2)
    actions.record_deposit(rescanned)
    corrected = seal({"D-001.jpg": sha512(TWO)}, expected_head=3)
    actions.record_deposit(corrected)

    assert rescanned.state.keys() == {"D-001.jpg", "rescan.jpg", "record.json"}
    assert corrected.contents == ()  # the record is the same and kept already
    state = queries.object_state(URN)
    assert state is not None
    assert (state.head_version, state.is_sealed) == (4, True)


@pytest.mark.django_db
def test_a_rescan_is_a_new_version_and_the_old_page_stays(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE, b=ONE))
    receipt = deposit(a=TWO, expected_head=1)
    actions.record_deposit(receipt)

    assert receipt.state == {"a.jpg": sha512(TWO), "b.jpg": sha512(ONE)}
    assert queries.read_verified(URN, sha512(ONE)) == ONE
    assert errors(queries.findings_of(URN)) == []


@pytest.mark.django_db
def test_a_version_that_only_renames_is_valid(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    receipt = actions.write_version(
        urn=URN,
        state={"renamed.jpg": sha512(ONE)},
        new_files=[],
        message="改名",
        user_name="李强",
        user_address="urn:anjuan:staff:0102",
        at=AT,
        expected_head=1,
    )
    actions.record_deposit(receipt)
    deposit(b=TWO, expected_head=2)

    assert errors(queries.store_findings()) == []
    assert queries.inventory_of(URN).state.keys() == {"renamed.jpg", "b.jpg"}


@pytest.mark.django_db
def test_the_store_explains_itself_and_is_valid_when_new(home: Path) -> None:
    deposit(a=ONE)

    words = (home / "store" / "READ-ME-FIRST.txt").read_text(encoding="utf-8")
    assert "请先读我" in words
    assert "Read me first" in words
    assert (home / "store" / "0=ocfl_1.1").read_bytes() == b"ocfl_1.1\n"
    assert {finding.code for finding in queries.store_findings()} == {"W010"}
    assert list((home / "staging" / "ocfl").iterdir()) == []


# --- refusals ---


@pytest.mark.django_db
def test_an_object_is_made_once(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))

    for octets in (ONE, TWO):
        with pytest.raises(Refusal, match="B-002"):
            deposit(a=octets)
    assert queries.inventory_of(URN).head == 1


@pytest.mark.django_db
def test_who_starts_from_an_old_version_is_refused(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    actions.record_deposit(deposit(b=TWO, expected_head=1))

    with pytest.raises(Refusal, match="B-003"):
        deposit(b=RECORD, expected_head=1)
    assert queries.inventory_of(URN).head == queries.head(URN) == 2


@pytest.mark.django_db
def test_the_same_bytes_again_give_the_receipt_of_a_version_that_was_not_recorded(home: Path) -> None:
    first = deposit(a=ONE)
    assert deposit(a=ONE) == first
    actions.record_deposit(first)
    second = deposit(b=TWO, expected_head=1)

    assert deposit(b=TWO, expected_head=1) == second
    actions.record_deposit(second)

    assert queries.head(URN) == 2


@pytest.mark.django_db
def test_a_deed_refused_after_its_bytes_does_not_stand_in_the_way_of_the_next(home: Path) -> None:
    deposit(a=TWO)  # never recorded
    first = deposit(a=ONE)
    actions.record_deposit(first)
    seal({"refused.jpg": sha512(TWO)}, expected_head=2)  # never recorded
    assert [file.logical_name for file in queries.where(URN).files] == ["a.jpg"]
    with pytest.raises(Refusal, match="B-007"):
        queries.read_document(URN, "record.json")

    sealed = seal({"D-001.jpg": sha512(ONE)}, expected_head=2)
    actions.record_deposit(sealed)

    assert (first.version, first.base_version, sealed.version, sealed.base_version) == (2, None, 4, 2)
    assert sealed.state.keys() == {"D-001.jpg", "record.json"}
    assert queries.read_document(URN, "record.json") == RECORD
    assert queries.head(URN) == actions.settle_head(urn=URN) == 4
    assert errors(queries.store_findings()) == []
    assert actions.recover().unrecorded == ()


@pytest.mark.django_db
def test_of_two_that_overlap_the_later_record_is_refused(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    earlier = deposit(b=TWO, expected_head=1)
    later = deposit(c=RECORD, expected_head=1)

    actions.record_deposit(earlier)
    with pytest.raises(Refusal, match="B-003"):
        actions.record_deposit(later)
    again = deposit(c=RECORD, expected_head=2)
    actions.record_deposit(again)

    assert again.state.keys() == {"a.jpg", "b.jpg", "c.jpg"}


@pytest.mark.django_db
def test_a_new_object_is_recorded_once(home: Path) -> None:
    receipt = deposit(a=ONE)
    actions.record_deposit(receipt)

    with pytest.raises(Refusal, match="B-003"):
        actions.record_deposit(receipt)


@pytest.mark.django_db
def test_a_store_that_has_lost_a_version_is_not_written_to(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    StoredObject.objects.update(head_version=5)

    with pytest.raises(Refusal, match="B-006"):
        deposit(b=TWO, expected_head=5)


@pytest.mark.django_db
def test_an_absent_object_is_refused(home: Path) -> None:
    deposit(OTHER, a=ONE)

    for ask in (
        lambda: queries.inventory_of(URN),
        lambda: queries.where(URN),
        lambda: queries.findings_of(URN),
        lambda: deposit(a=ONE, expected_head=1),
        lambda: actions.write_version(
            urn=URN, state={}, message="", user_name="", user_address="", at=AT, expected_head=queries.head(URN)
        ),
        lambda: actions.reconcile(urn=URN),
    ):
        with pytest.raises(Refusal, match="B-005"):
            ask()
    assert queries.object_state(URN) is None


@pytest.mark.django_db
def test_a_digest_that_the_object_does_not_keep_is_refused(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))

    with pytest.raises(Refusal, match="B-007"):
        queries.open_verified(URN, sha512(TWO))
    with pytest.raises(Refusal, match="B-007"):
        seal({"D-001.jpg": sha512(TWO)})
    assert queries.inventory_of(URN).head == 1


def rewrite(path: Path, octets: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(octets)


@pytest.mark.django_db
def test_a_damaged_page_is_not_served(home: Path) -> None:
    deposit(a=ONE)
    page = queries.store().folder(URN) / "v1/content/a.jpg"
    rewrite(page, ONE[:-1] + b"X")

    with pytest.raises(Refusal, match="B-008"):
        queries.open_verified(URN, sha512(ONE))
    assert errors(queries.findings_of(URN))[0][0] == "E092"
    page.unlink()
    with pytest.raises(Refusal, match="B-008"):
        queries.read_verified(URN, sha512(ONE))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["inventory.json", "inventory.json.sha512"])
def test_a_damaged_inventory_is_not_believed(home: Path, name: str) -> None:
    actions.record_deposit(deposit(a=ONE))
    path = queries.store().folder(URN) / name
    rewrite(path, path.read_bytes().replace(b"a", b"b", 1))

    for ask in (lambda: queries.inventory_of(URN), lambda: deposit(b=TWO, expected_head=1)):
        with pytest.raises(Refusal, match="B-006"):
            ask()


@pytest.mark.django_db
def test_an_inventory_of_another_object_or_of_another_maker_is_not_believed(home: Path) -> None:
    deposit(a=ONE)
    folder = queries.store().folder(URN)
    text = (folder / "inventory.json").read_bytes()

    for changed in (text.replace(URN.encode(), OTHER.encode()), b'{"id": "x"}'):
        rewrite(folder / "inventory.json", changed)
        rewrite(folder / "inventory.json.sha512", inventories.sidecar(changed))
        with pytest.raises(Refusal, match="B-006"):
            queries.inventory_of(URN)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "../x", "a\x00b", "x" * 256])
def test_a_name_that_cannot_be_stored_is_refused_and_nothing_is_left(home: Path, name: str) -> None:
    with pytest.raises(Refusal, match="B-009"):
        actions.deposit(
            urn=URN,
            files=[Inline(name, ONE)],
            message="",
            user_name="",
            user_address="",
            at=AT,
            expected_head=None,
        )

    assert not queries.store().holds(URN)
    assert list((home / "staging" / "ocfl").iterdir()) == []


@pytest.mark.django_db
def test_the_same_name_twice_is_refused(home: Path) -> None:
    with pytest.raises(Refusal, match="B-009"):
        actions.deposit(
            urn=URN,
            files=[Inline("a", ONE), Inline("a", TWO)],
            message="",
            user_name="",
            user_address="",
            at=AT,
            expected_head=None,
        )


@pytest.mark.django_db
def test_a_file_that_is_not_what_the_caller_saw_is_refused(home: Path) -> None:
    upload = home / "upload"
    upload.write_bytes(TWO)

    with pytest.raises(Refusal, match="B-004"):
        actions.deposit(
            urn=URN,
            files=[Source("a.jpg", upload, sha512=sha512(ONE))],
            message="",
            user_name="",
            user_address="",
            at=AT,
            expected_head=None,
        )
    assert not queries.store().holds(URN)


@pytest.mark.django_db
def test_a_disk_without_room_for_the_reserve_is_full(home: Path, settings: Settings) -> None:
    settings.ANJUAN_STORE_RESERVE_BYTES = 1 << 60

    with pytest.raises(Refusal, match="B-001"):
        deposit(a=ONE)
    assert not (home / "store" / "0=ocfl_1.1").exists()


def test_a_disk_that_writes_other_bytes_is_noticed(tmp_path: Path) -> None:
    class Lying(disks.Disk):
        def write_chunk(self, stream: BinaryIO, chunk: bytes) -> None:
            stream.write(chunk.replace(b"page", b"gape"))

    with pytest.raises(Refusal, match="B-004"):
        write(PosixStore(tmp_path / "store", tmp_path / "staging", Lying()), URN, {"a.jpg": ONE})
    assert not (tmp_path / "store" / layout.object_path(URN)).exists()


# --- rows and bytes after a crash ---


@pytest.mark.django_db(transaction=True)
def test_a_version_whose_rows_were_never_written_is_found_and_can_be_recorded(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    assert actions.recover().unrecorded == ()
    seal({"D-001.jpg": sha512(ONE)})

    assert actions.recover().unrecorded == (URN,)
    actions.reconcile(urn=URN)

    state = queries.object_state(URN)
    assert state is not None
    assert (state.head_version, state.is_sealed, len(state.contents)) == (2, True, 2)
    assert actions.recover().unrecorded == ()


@pytest.mark.django_db(transaction=True)
def test_rows_that_are_rolled_back_leave_the_mark(home: Path) -> None:
    receipt = deposit(a=ONE)
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.record_deposit(receipt)
        raise RuntimeError

    assert actions.recover().unrecorded == (URN,)
    actions.record_deposit(receipt)
    assert list((home / "staging" / "unrecorded").iterdir()) == []


@pytest.mark.django_db
def test_the_mark_of_what_never_reached_the_store_is_dropped_and_that_of_a_damaged_object_stays(home: Path) -> None:
    deposit(a=ONE)
    path = queries.store().folder(URN) / "inventory.json"
    rewrite(path, b"{}")
    marks = home / "staging" / "unrecorded"
    (marks / f"{queries.store().folder(OTHER).name}.1").touch()

    assert actions.recover().unrecorded == ()

    assert [mark.name for mark in marks.iterdir()] == [f"{queries.store().folder(URN).name}.1"]


@pytest.mark.django_db
def test_rows_can_be_made_anew_from_the_store(home: Path) -> None:
    actions.record_deposit(deposit(a=ONE, b=TWO))
    seal({"D-001.jpg": sha512(ONE), "D-002.jpg": sha512(TWO)})

    actions.reconcile(urn=URN)
    actions.reconcile(urn=URN)

    state = queries.object_state(URN)
    assert state is not None
    assert (state.head_version, state.is_sealed) == (2, True)
    assert {content.digests.size_bytes for content in state.contents} == {len(ONE), len(RECORD)}


# --- every step fails once ---


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
        assert [path for path in work.iterdir() if path.is_dir()] == []
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


# --- digests ---


@pytest.mark.parametrize("octets", [b"", b"abc", b"x" * (disks.CHUNK_BYTES + 1)])
def test_three_digests_are_taken_in_one_read(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(octets)
    with path.open("rb") as stream:
        from_stream = queries.digest_stream(stream)

    found = queries.digest_file(path)

    assert found == from_stream == queries.digest_stream(octets)
    assert found.sha512 == sha512(octets)
    assert found.sha256 == hashlib.sha256(octets).hexdigest()
    assert found.size_bytes == len(octets)


def test_sm3_is_that_of_the_standard_with_and_without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    # GB/T 32905-2016, example 1.
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    with_hashlib = queries.digest_stream(b"abc")

    def refuse(name: str, *rest: object) -> Iterator[None]:
        raise ValueError(name)

    monkeypatch.setattr(disks.hashlib, "new", refuse)  # type: ignore[attr-defined]
    without_hashlib = queries.digest_stream(b"abc")

    assert with_hashlib.sm3 == without_hashlib.sm3 == expected


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
