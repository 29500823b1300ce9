"""A bucket on a real S3 server: conditions, listings, locks, and what goes wrong told apart."""

import datetime as dt
import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from anjuan.foundation.buckets.backends.s3 import Bucket, BucketFault, Missing, NoLock, Overtaken, Taken
from anjuan.foundation.buckets.rules import Address, parse_address
from tests.contract.s3_server import Server

SOON = dt.timedelta(days=2)


def test_a_new_object_is_put_once(bucket_address: Address) -> None:
    bucket = Bucket(bucket_address)

    etag = bucket.put_new("a/b", b"first")

    with pytest.raises(Taken) as taken:
        bucket.put_new("a/b", b"second")
    assert taken.value.errno == errno.EEXIST
    assert bucket.get_with_etag("a/b") == (b"first", etag)


def test_a_replacement_is_for_whoever_read_the_present_one(bucket_address: Address) -> None:
    bucket = Bucket(bucket_address)
    first = bucket.put("a", b"1")

    second = bucket.put("a", b"2", if_match=first)

    assert second != first
    with pytest.raises(Overtaken):
        bucket.put("a", b"3", if_match=first)
    with pytest.raises(Overtaken):
        bucket.put("absent", b"3", if_match=first)
    assert bucket.get("a") == b"2"


def test_bytes_that_are_not_what_was_said_are_refused_by_the_server(bucket_address: Address, tmp_path: Path) -> None:
    bucket = Bucket(bucket_address)
    (tmp_path / "page").write_bytes(b"x" * 3_000_000)
    sha256 = hashlib.sha256(b"x" * 3_000_000).hexdigest()

    bucket.put_new("good", tmp_path / "page", sha256=sha256)
    with pytest.raises(BucketFault, match="BadDigest"):
        bucket.put_new("bad", tmp_path / "page", sha256=hashlib.sha256(b"y").hexdigest())

    assert not bucket.exists("bad")
    assert bucket.stat("good").sha256 == sha256
    assert bucket.stat("good").size_bytes == 3_000_000
    assert b"".join(bucket.open("good")) == b"x" * 3_000_000


def test_chunks_of_unknown_length_arrive_whole(bucket_address: Address) -> None:
    bucket = Bucket(bucket_address)

    bucket.put_new("many", (bytes([n]) * 1_000_000 for n in range(10)))

    assert (
        hashlib.sha256(bucket.get("many")).digest()
        == hashlib.sha256(b"".join(bytes([n]) * 1_000_000 for n in range(10))).digest()
    )


def test_a_listing_goes_on_over_its_pages_and_folds_folders(bucket_address: Address, monkeypatch: Any) -> None:
    bucket = Bucket(bucket_address).under("part")
    for number in range(7):
        bucket.put(f"n/{number}", b"")
    bucket.put("n/deep/one", b"")
    Bucket(bucket_address).put("elsewhere", b"")
    whole = bucket.call
    monkeypatch.setattr(bucket, "call", lambda verb, **asked: whole(verb, **asked, MaxKeys=3))

    every = [line.key for line in bucket.list("n/")]
    one_folder = [(line.key, line.is_folder) for line in bucket.list("n/", delimiter="/")]

    assert every == [*(f"n/{number}" for number in range(7)), "n/deep/one"]
    assert one_folder[-1] == ("n/deep/", True)
    assert len(one_folder) == 8
    assert [line.key for line in bucket.list("n/", after="n/5")] == ["n/6", "n/deep/one"]


def test_a_copy_has_the_bytes_and_what_is_removed_is_gone(bucket_address: Address) -> None:
    bucket = Bucket(bucket_address)
    bucket.put("a", b"bytes")

    bucket.copy("a", "b")
    bucket.remove("a")
    bucket.remove("a")

    assert bucket.get("b") == b"bytes"
    for ask in (bucket.get, bucket.stat, bucket.open):
        with pytest.raises(Missing):
            ask("a")


def test_names_of_all_kinds_come_back_as_they_were(bucket_address: Address) -> None:
    bucket = Bucket(bucket_address)
    names = {"汉" * 80 + "/𠮷野家\u202etxt.pdf", "a b+c%20d?e#f&g", "x" * 255, "\u00e9", "e\u0301"}

    for name in names:
        bucket.put_new(name, name.encode())

    assert {line.key for line in bucket.list()} == names
    assert all(bucket.get(name) == name.encode() for name in names)


def test_a_locked_object_stays_until_its_time_or_a_bypass(locked_address: Address) -> None:
    bucket = Bucket(locked_address)
    bucket.put_new("kept", b"bytes")
    until = dt.datetime.now(dt.UTC).replace(microsecond=0) + SOON

    bucket.retain_until("kept", until)

    assert bucket.stat("kept").retain_until == until
    with pytest.raises(BucketFault) as denied:
        bucket.erase("kept")
    assert denied.value.errno == errno.EACCES
    with pytest.raises(BucketFault):
        bucket.retain_until("kept", until - dt.timedelta(days=1))
    assert bucket.get("kept") == b"bytes"
    bucket.erase("kept", bypass=True)
    assert not list(bucket.versions())


def test_a_legal_hold_stands_against_a_bypass(locked_address: Address) -> None:
    bucket = Bucket(locked_address)
    bucket.put_new("held", b"bytes")
    bucket.hold("held", is_on=True)

    with pytest.raises(BucketFault) as denied:
        bucket.erase("held", bypass=True)
    assert denied.value.errno == errno.EACCES
    assert bucket.stat("held").is_held

    bucket.hold("held", is_on=False)
    bucket.erase("held")
    assert not bucket.exists("held")


def test_what_is_removed_from_a_bucket_with_versions_is_kept_until_it_is_erased(locked_address: Address) -> None:
    bucket = Bucket(locked_address)
    bucket.put("a", b"1")
    bucket.put("a", b"2")
    bucket.put("ab", b"another")
    bucket.remove("a")

    assert [version.is_deletion for version in bucket.versions("a") if version.key == "a"].count(False) == 2
    bucket.erase("a")

    assert {version.key for version in bucket.versions()} == {"ab"}


def test_a_bucket_without_lock_says_so(bucket_address: Address) -> None:
    bucket = Bucket(bucket_address)
    bucket.put("a", b"")

    assert not bucket.has_lock()
    with pytest.raises(NoLock):
        bucket.retain_until("a", dt.datetime.now(dt.UTC) + SOON)
    with pytest.raises(NoLock):
        bucket.hold("a", is_on=True)


def test_denied_and_unreachable_are_told_apart(
    bucket_address: Address, s3_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreachable = Bucket(Address(bucket_address.bucket, "", "http://127.0.0.1:9", "us-east-1"))
    with pytest.raises(BucketFault) as gone:
        unreachable.get("a")
    assert gone.value.errno == errno.EIO

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    with pytest.raises(BucketFault) as denied:
        Bucket(bucket_address).put("a", b"")
    assert denied.value.errno == errno.EACCES


def test_a_conditional_write_is_never_sent_twice_and_a_plain_one_is(
    bucket_address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(bucket_address)
    whole, calls = bucket.call, []

    def lossy(verb: str, **asked: Any) -> dict[str, Any]:
        calls.append(verb)
        answer = whole(verb, **asked)
        if len(calls) == 1:  # it took effect, and the answer is lost
            raise EndpointConnectionError(endpoint_url="lost")
        return answer

    monkeypatch.setattr(bucket, "call", lossy)

    with pytest.raises(BucketFault) as lost:
        bucket.put_new("a", b"1")
    assert lost.value.errno == errno.EIO
    assert calls == ["put_object"]

    calls.clear()
    bucket.put("a", b"2")
    assert calls == ["put_object", "put_object"]
    assert bucket.get("a") == b"2"


def test_an_address_is_read_and_holds_no_credentials() -> None:
    text = "s3://archive/one/two?endpoint=http://127.0.0.1:8333&region=cn-north-1"
    address = parse_address(text)

    assert address == Address("archive", "one/two/", "http://127.0.0.1:8333", "cn-north-1")
    assert parse_address(str(address)) == address
    for wrong in ("s3://key:secret@archive/", "http://archive", "s3://", "s3://archive?secret=x", "/a/folder"):
        with pytest.raises(ValueError, match=r"address"):
            parse_address(wrong)
