"""What every store must do, asked of a folder and of a real bucket alike."""

import datetime as dt
import hashlib
import json
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from anjuan.config import ocfl
from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.inventory import Inventory
from anjuan.core.ocfl.validate import validate_root
from anjuan.core.refusals import Refusal, Severity
from anjuan.facilities.repository import rules
from anjuan.facilities.repository.backends.bucket import BucketStore
from anjuan.facilities.repository.backends.disk import digest_stream
from anjuan.facilities.repository.backends.posix import PosixStore
from anjuan.facilities.repository.backends.store import Doomed, Store
from anjuan.facilities.repository.rules import Inline, Source
from anjuan.foundation.buckets.backends.s3 import Bucket
from tests.contract.s3_server import Server

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
URN = "urn:uuid:0195f7a0-0000-7000-8000-000000000001"
OTHER = "urn:uuid:0195f7a0-0000-7000-8000-000000000002"
ONE, TWO, RECORD = b"page one" * 1000, b"page two" * 1000, b'{"record": 1}\n'


@pytest.fixture(params=["folder", "bucket", "bucket with lock"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return PosixStore(tmp_path / "store", tmp_path / "staging")
    server: Server = request.getfixturevalue("s3_server")
    address = server.bucket(has_lock=request.param == "bucket with lock")
    return BucketStore(Bucket(address).under("some/where"), tmp_path / "locks")


def write(store: Store, files: Mapping[str, bytes], *, urn: str = URN, keep: bool = True) -> Inventory:
    def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory:
        state = {} if before is None or not keep else {n: d for n, d in before.state.items() if n not in digests}
        return inventories.next_version(
            before or Inventory(urn=urn, contents=(), versions=()),
            state=state,
            new_files=digests,
            message="收集",
            user_name="王敏",
            user_address="urn:anjuan:staff:0101",
            at=AT,
        )

    return store.write(urn, files=[Inline(name, octets) for name, octets in files.items()], plan=plan)[0]


def errors(store: Store) -> list[tuple[str, str]]:
    return [(found.code, found.place) for found in validate_root(store.tree()) if found.severity is Severity.ERROR]


def read(store: Store, inventory: Inventory, name: str) -> bytes:
    with store.open(inventory.urn, inventory.content(inventory.state[name]).path) as stream:
        return stream.read()


@pytest.mark.acceptance("S4-F3")
def test_what_goes_in_comes_out_and_the_versions_say_who_and_why(store: Store) -> None:
    assert not store.exists()

    write(store, {"a.jpg": ONE, "deep/b.jpg": TWO})
    second = write(store, {"a.jpg": TWO, "record.json": RECORD})

    assert store.exists()
    assert store.holds(URN)
    assert store.inventory(URN) == second
    assert second.head == 2
    assert read(store, second, "a.jpg") == read(store, second, "deep/b.jpg") == TWO
    assert store.size_bytes(URN, "v1/content/a.jpg") == len(ONE)
    for version in second.versions:
        assert (version.user_name, version.user_address, version.message) == ("王敏", "urn:anjuan:staff:0101", "收集")
    assert errors(store) == []


def test_a_version_that_only_renames_keeps_the_bytes(store: Store) -> None:
    write(store, {"a.jpg": ONE})

    def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory:
        assert before is not None
        return inventories.next_version(
            before,
            state={"D-001.jpg": before.state["a.jpg"]},
            new_files=digests,
            message="封存",
            user_name="李强",
            user_address="urn:anjuan:staff:0102",
            at=AT,
        )

    after, _ = store.write(URN, files=[], plan=plan)

    assert read(store, after, "D-001.jpg") == ONE
    assert errors(store) == []


def test_a_file_from_disk_is_held_to_the_digests_that_its_caller_saw(store: Store, tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(ONE)

    def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory:
        said = {"message": "", "user_name": "王敏", "user_address": "urn:x"}
        return inventories.new_inventory(urn=URN, files=digests, at=AT, **said)

    with pytest.raises(Refusal, match="B-004"):
        store.write(URN, files=[Source("a", page, digests=digest_stream(TWO))], plan=plan)
    assert not store.holds(URN)
    after, _ = store.write(URN, files=[Source("a", page, digests=digest_stream(ONE))], plan=plan)

    assert read(store, after, "a") == ONE
    assert errors(store) == []


def test_a_plan_that_refuses_or_wants_nothing_leaves_nothing(store: Store) -> None:
    def refuse(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory:
        raise Refusal("B-002", urn=URN)

    with pytest.raises(Refusal, match="B-002"):
        store.write(URN, files=[Inline("a", ONE)], plan=refuse)
    assert not store.holds(URN)
    standing = write(store, {"a": ONE})

    assert store.write(URN, files=[Inline("a", ONE)], plan=lambda before, digests: None)[0] == standing
    assert store.inventory(URN).head == 1
    assert errors(store) == []


def test_what_is_not_there_is_told(store: Store) -> None:
    write(store, {"a": ONE}, urn=OTHER)

    assert not store.holds(URN)
    assert store.tombstone(URN) is None
    assert store.urn_at(hashlib.sha256(URN.encode()).hexdigest()) is None
    assert store.urn_at(hashlib.sha256(OTHER.encode()).hexdigest()) == OTHER
    with pytest.raises(Refusal, match="B-005"):
        store.inventory(URN)
    for ask in (lambda: store.open(OTHER, "v1/content/b"), lambda: store.size_bytes(OTHER, "v1/content/b")):
        with pytest.raises(FileNotFoundError):
            ask()


def test_names_of_every_script_and_length_come_back(store: Store) -> None:
    length = 240 if store.can_lock() else 255  # the server of the tests adds to a name where it keeps versions
    names = ["养老待遇核定表 第１页.jpg", "𠮷野家𪚥.pdf", "x" * length, "汉" * (length // 3), "\u202ecod.exe"]
    names += ["a b+%2F?#&.txt", "e\u0301"]

    after = write(store, {name: f"{number}".encode() for number, name in enumerate(names)})

    assert [read(store, store.inventory(URN), name) for name in names] == [str(n).encode() for n in range(len(names))]
    assert set(after.state) == set(names)
    assert errors(store) == []


def test_a_version_is_marked_until_the_rows_know_it(store: Store) -> None:
    write(store, {"a": ONE})
    write(store, {"b": TWO})
    digest = hashlib.sha256(URN.encode()).hexdigest()

    assert store.recover()[1] == [digest]
    store.recorded(URN, 2)

    assert store.recover() == ({}, [])


def test_writers_of_one_object_at_once_lose_nothing(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(3):
                write(store, {f"{number}-{turn}": f"{number} {turn}".encode()})
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(store.inventory(URN).state) == store.inventory(URN).head == 12
    assert errors(store) == []


# --- leaving ---


def doomed(store: Store, urn: str = URN, *, stone: bool) -> Doomed:
    inventory = store.inventory(urn)
    words = rules.tombstone(inventory, at=AT, by="urn:anjuan:staff:0101", authority="销毁〔2026〕3号")
    return Doomed(urn, inventory.head, words if stone else None)


def test_a_purged_capture_is_gone_and_can_come_again(store: Store) -> None:
    write(store, {"a": ONE})
    write(store, {"a": ONE}, urn=OTHER)
    leaving = doomed(store, stone=False)
    store.doom(leaving)
    assert store.doomed() == [leaving]

    store.purge(leaving)
    store.purge(leaving)

    assert not store.holds(URN)
    assert store.holds(OTHER)
    assert store.doomed() == []
    assert errors(store) == []
    assert write(store, {"b": TWO}).head == 1


def test_an_object_that_went_on_is_not_purged(store: Store) -> None:
    write(store, {"a": ONE})
    leaving = doomed(store, stone=False)
    store.doom(leaving)
    write(store, {"b": TWO})

    store.purge(leaving)

    assert store.inventory(URN).head == 2
    assert store.doomed() == []


@pytest.mark.acceptance("S4-C5", "S0-C5")
def test_a_destroyed_object_leaves_a_tombstone_and_never_comes_back(store: Store) -> None:
    write(store, {"张三的表.jpg": ONE})
    write(store, {"record.json": RECORD})
    write(store, {"a": ONE}, urn=OTHER)
    leaving = doomed(store, stone=True)

    store.destroy(leaving)
    store.destroy(leaving)

    assert not store.holds(URN)
    assert errors(store) == []
    octets = store.tombstone(URN)
    assert octets == leaving.tombstone
    assert octets is not None
    words = json.loads(octets)
    assert (words["urn"], words["authority"], len(words["versions"])) == (URN, "销毁〔2026〕3号", 2)
    assert {content["sha512"] for content in words["contents"]} == {
        hashlib.sha512(ONE).hexdigest(),
        hashlib.sha512(RECORD).hexdigest(),
    }
    assert "张三" not in octets.decode()
    assert "王敏" not in octets.decode()
    assert layout.object_path(URN).partition("/")[0] not in {entry.name for entry in store.tree().entries("")}
    with pytest.raises(Refusal, match="B-010"):
        write(store, {"a": ONE})
    assert store.recover() == ({}, [hashlib.sha256(OTHER.encode()).hexdigest()])


def test_a_destruction_needs_a_tombstone(store: Store) -> None:
    write(store, {"a": ONE})

    with pytest.raises(ValueError, match="tombstone"):
        store.destroy(doomed(store, stone=False))
    assert store.holds(URN)


def test_who_is_spared_stays(store: Store) -> None:
    write(store, {"a": ONE})
    store.doom(doomed(store, stone=False))

    store.spare(URN)

    assert store.doomed() == []
    assert store.holds(URN)


# --- locks ---


def test_locks_and_holds_stand_where_the_store_has_them(store: Store) -> None:
    write(store, {"a": ONE})
    leaving = doomed(store, stone=True)
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).replace(microsecond=0)

    can = store.can_lock()

    assert store.lock_until(URN, until) is can
    assert store.lock_until(URN, until - dt.timedelta(days=1)) is can  # never shortened
    if not can:
        assert store.hold(URN, is_on=True) is False
        return
    with pytest.raises(Refusal, match="B-011"):
        store.destroy(leaving)
    assert store.tombstone(URN) is None
    assert store.inventory(URN).head == 1
    write(store, {"b": TWO})  # a correction is written all the same
    assert store.hold(URN, is_on=True)
    with pytest.raises(Refusal, match="B-011"):
        store.purge(doomed(store, stone=False))
    assert errors(store) == []


def test_a_legal_hold_that_is_lifted_lets_the_object_go(store: Store) -> None:
    write(store, {"a": ONE})
    if not store.hold(URN, is_on=True):
        assert not store.can_lock()
        return

    with pytest.raises(Refusal, match="B-011"):
        store.destroy(doomed(store, stone=True))
    store.hold(URN, is_on=False)
    store.destroy(doomed(store, stone=True))

    assert not store.holds(URN)


# --- beside the program ---


def test_the_validator_of_the_command_line_reads_a_bucket(s3_server: Server, tmp_path: Path) -> None:
    address = s3_server.bucket()
    store = BucketStore(Bucket(address), tmp_path)
    write(store, {"a": ONE})
    root = str(address.under("store"))

    assert [found for found in ocfl.validate(root) if found.severity is Severity.ERROR] == []
    store.root.put("c02/stray", b"")

    assert "E072" in {found.code for found in ocfl.validate(root)}


# --- two hosts on one bucket ---


def test_a_second_installation_that_overtakes_is_noticed(s3_server: Server, tmp_path: Path) -> None:
    address = s3_server.bucket()
    here, there = (BucketStore(Bucket(address), tmp_path / name) for name in ("here", "there"))
    write(here, {"a": ONE})

    def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory:
        assert before is not None
        write(there, {"theirs": uuid.uuid4().bytes})
        return inventories.next_version(
            before,
            state=before.state,
            new_files=digests,
            message="",
            user_name="",
            user_address="urn:x",
            at=AT,
        )

    with pytest.raises(Refusal, match="B-003"):
        here.write(URN, files=[Inline("ours", b"ours")], plan=plan)
    assert set(here.inventory(URN).state) == {"a", "theirs"}
