"""One suite for every place a log may lie in: a folder, a bucket on a real S3 server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from anjuan.core.merkle import tree
from anjuan.core.terms import Post
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.buckets.backends.s3 import Bucket
from anjuan.foundation.buckets.rules import Address
from anjuan.foundation.ledger import actions, queries
from anjuan.foundation.ledger.backends import LogStore, OvertakenError, notekey
from anjuan.foundation.ledger.backends.bucket import BucketStore
from anjuan.foundation.ledger.backends.folder import FolderStore
from anjuan.foundation.ledger.backends.growth import Log
from anjuan_verify.log import verify_log
from anjuan_verify.report import Verdict
from tests.cast import Cast
from tests.contract.log_walk import grown, leaf, publish, trusting
from tests.contract.s3_server import Server


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LogStore]:
    if request.param == "folder":
        yield FolderStore(tmp_path / "log")
    else:
        address: Address = request.getfixturevalue("bucket_address")
        yield BucketStore(Bucket(address.under("log")))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> notekey.NoteKey:
    return notekey.load(tmp_path_factory.mktemp("keys"))


def test_what_is_put_is_read_and_listed(store: LogStore) -> None:
    assert store.read("tile/0/000") is None
    assert store.names("tile/0") == []

    store.put({"tile/0/001": b"one", "tile/0/000.p/3": b"three", "tile/0/000": b"", "tile/entries/000": b"e"})
    store.put({"tile/0/001": b"one again"})

    assert store.read("tile/0/001") == b"one again"
    assert store.read("tile/0/000") == b""
    assert list(store.names("tile/0")) == ["000", "001"]
    assert list(store.names("tile/0/000.p")) == ["3"]


def test_a_swap_is_for_whoever_read_what_is_there(store: LogStore) -> None:
    store.swap("state", None, b"1")
    store.swap("state", b"1", b"2")

    for expected in (None, b"1", b"3"):
        with store.lock(), pytest.raises(OvertakenError):
            store.swap("state", expected, b"4")
    with store.lock(), pytest.raises(OvertakenError):
        store.swap("absent", b"1", b"4")
    assert store.read("state") == b"2"


def test_what_is_dropped_is_gone_and_dropping_nothing_is_no_fault(store: LogStore) -> None:
    store.put({"tile/0/000.p/3": b"three", "tile/0/000.p/4": b"four", "tile/0/000": b"full"})

    store.drop("tile/0/000.p")
    store.drop("tile/0/000.p")

    assert store.names("tile/0/000.p") == []
    assert store.read("tile/0/000") == b"full"


@pytest.mark.acceptance("S4-C5")
def test_a_log_grows_is_proven_and_audited_wherever_it_lies(store: LogStore, key: notekey.NoteKey) -> None:
    log = grown(Log(store), key, (3, 255, 256, 300, 522))

    assert log.size == 522
    assert log.root(522) == tree.root([tree.leaf_hash(leaf(number)) for number in range(522)])
    assert log.leaves(250, 260) == [leaf(number) for number in range(250, 260)]
    assert list(store.names("tile/0/000.p")) == []
    assert list(store.names("checkpoints")) == [f"{size:012d}" for size in (3, 255, 256, 300, 522)]
    report = verify_log(store, trusting(key))
    assert report.verdict is Verdict.VALID, report.lines("en")


def test_of_two_writers_who_read_the_same_size_one_has_grown_the_log(store: LogStore, key: notekey.NoteKey) -> None:
    log = grown(Log(store), key, (10,))

    class Late(Log):
        """Reads the state, then another writer is faster."""

        def _bundles(self, old: int, leaves: Any) -> dict[str, bytes]:
            log.append([leaf(number) for number in range(10, 300)])
            return super()._bundles(old, leaves)

    with pytest.raises(OvertakenError):
        Late(store).append([leaf(10), leaf(11)])
    publish(log, key)

    assert log.size == 300
    assert verify_log(store, trusting(key)).verdict is Verdict.VALID


def test_a_published_size_never_shrinks_anywhere(store: LogStore, key: notekey.NoteKey) -> None:
    log = grown(Log(store), key, (5, 10))
    note = store.read("checkpoints/000000000005")
    assert note is not None

    with pytest.raises(OSError, match="does not follow"):
        log.publish(5, note.decode())


def test_the_setting_says_where_the_log_lies(
    cast: Cast,
    settings: Settings,
    s3_server: Server,
    bucket_address: Address,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place in (str(bucket_address.under("log")), str(tmp_path / "elsewhere")):
        settings.ANJUAN_LOG = place
        accounts.log_in(occasion=cast.occasion(Post.HANDLER), terminal="counter")
        checkpoint = actions.catch_up(at=cast.clock.at) if place.startswith("s3") else None

        if checkpoint:
            assert Bucket(bucket_address).exists("log/checkpoint")
            assert queries.log().root(checkpoint.size).hex() == checkpoint.root
        else:
            assert isinstance(queries.log().store, FolderStore)


def test_a_writer_who_was_overtaken_tries_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.log_in(occasion=cast.occasion(Post.HANDLER), terminal="counter")
    swap, faster = FolderStore.swap, [True, True]

    def overtaken(self: FolderStore, path: str, expected: bytes | None, fresh: bytes) -> None:
        if faster and faster.pop():
            raise OvertakenError(path)
        swap(self, path, expected, fresh)

    monkeypatch.setattr(FolderStore, "swap", overtaken)

    assert actions.catch_up(at=cast.clock.at).size > 0
    faster.extend([True] * actions.TRIES)
    accounts.log_in(occasion=cast.occasion(Post.HANDLER), terminal="counter")
    with pytest.raises(OvertakenError):
        actions.catch_up(at=cast.clock.at)
