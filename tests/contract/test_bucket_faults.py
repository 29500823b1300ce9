"""Every call to a bucket fails or is the last: before it took effect, after it, from then on. No version is half there.

``python -m tests.contract.test_bucket_faults`` runs the whole matrix; the suite takes samples.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.backends.bucket import BucketStore
from anjuan.foundation.buckets.backends import s3
from anjuan.foundation.buckets.rules import Address
from tests.contract.forgetful import Killed
from tests.contract.s3_server import Server, running, session
from tests.contract.test_power_loss import DEEDS, OTHER, URN, judge

WRITING = {"put_object", "delete_object"}


class Failing:
    """What becomes of the n-th call.

    ``fails``: before it took effect; ``answer lost``: after; ``line down``: from then on; ``stops``: the program dies
    before it; ``stops after``: and after it.
    """

    def __init__(self, at: int, how: str) -> None:
        self.at, self.how = at, how
        self.calls = 0

    def __call__(self, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        self.calls += 1
        if self.how.startswith("stops") and self.calls > self.at:
            raise Killed
        if self.calls == self.at or (self.how == "line down" and self.calls > self.at):
            if self.how in ("answer lost", "stops after"):
                do()
            if self.how.startswith("stops"):
                raise Killed
            raise EndpointConnectionError(endpoint_url="failed by the test")
        return do()


class FailingBucket(s3.Bucket):
    """A bucket whose calls pass through a ``Failing``."""

    def __init__(self, address: Address, failing: Failing) -> None:
        super().__init__(address)
        self.failing = failing
        self._versions = self._lock = address.bucket == "locked"

    def call(self, verb: str, **asked: Any) -> dict[str, Any]:
        return self.failing(lambda: super(FailingBucket, self).call(verb, **asked))


WAYS = ["fails", "answer lost", "line down", "stops", "stops after"]


def prepare(address: Address, locks: Path, deed: str) -> None:
    store = BucketStore(s3.Bucket(address), locks)
    before = DEEDS[deed][0]
    if before is not None:
        before(store)
        for urn in (URN, OTHER):
            if store.holds(urn):
                store.recorded(urn, store.inventory(urn).head)


def attempt(address: Address, locks: Path, deed: str, failing: Failing) -> bool:
    try:
        DEEDS[deed][1](BucketStore(FailingBucket(address, failing), locks))
    except (Killed, OSError, Refusal):
        return False
    return True


def matrix(server: Server, locks: Path, deed: str, *, has_lock: bool, first: int, every: int) -> tuple[int, set[int]]:
    """Each ``every``-th call in every way; how many outcomes were looked at, and which versions stood."""
    counted = server.bucket(has_lock=has_lock)
    prepare(counted, locks, deed)
    counting = Failing(0, "")
    assert attempt(counted, locks, deed, counting)
    looked, stood = 0, set()
    cases = [(at, how) for at in range(1, counting.calls + 1) for how in WAYS]
    for at, how in cases[first::every]:
        address = server.bucket(has_lock=has_lock)
        prepare(address, locks, deed)
        is_told = attempt(address, locks, deed, Failing(at, how))
        stood.add(judge(BucketStore(s3.Bucket(address), locks), deed, is_told=is_told))
        looked += 1
    return looked, stood


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PAUSE_SECONDS", 0.0)


@pytest.mark.acceptance("S4-C5")
@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_becomes_of_a_call_the_version_is_whole_or_not_there(
    s3_server: Server, tmp_path: Path, deed: str
) -> None:
    looked, stood = matrix(s3_server, tmp_path, deed, has_lock=False, first=3, every=11)

    assert looked >= 4
    assert stood <= DEEDS[deed][2]


def test_a_purge_and_a_version_in_a_bucket_that_keeps_versions(s3_server: Server, tmp_path: Path) -> None:
    for deed in ("a purge", "a new version"):
        looked, stood = matrix(s3_server, tmp_path, deed, has_lock=True, first=7, every=19)

        assert looked >= 3
        assert stood <= DEEDS[deed][2]


def test_a_commit_whose_answer_was_lost_is_known_for_ones_own(s3_server: Server, tmp_path: Path) -> None:
    address = s3_server.bucket()
    is_root_inventory = [False]

    class Losing(s3.Bucket):
        def call(self, verb: str, **asked: Any) -> dict[str, Any]:
            answer = super().call(verb, **asked)
            if verb == "put_object" and asked["Key"].endswith("/inventory.json") and "/v1/" not in asked["Key"]:
                is_root_inventory[0] = True
                raise EndpointConnectionError(endpoint_url="lost")
            return answer

    with pytest.raises(s3.BucketFault):
        DEEDS["the first deposit of all"][1](BucketStore(Losing(address), tmp_path))

    assert is_root_inventory[0]
    store = BucketStore(s3.Bucket(address), tmp_path)
    assert store.inventory(URN).head == 1  # it stands, marked: nobody was told
    assert judge(store, "the first deposit of all", is_told=False) == 1


def main() -> int:
    """The whole matrix."""
    s3.PAUSE_SECONDS = 0.0
    with contextlib.ExitStack() as closing:
        folder = closing.enter_context(tempfile.TemporaryDirectory(prefix="anjuan-s3-", ignore_cleanup_errors=True))
        closing.enter_context(session())
        server = closing.enter_context(running(Path(folder)))
        for has_lock in (False, True):
            for deed in DEEDS:
                looked, stood = matrix(server, Path(folder), deed, has_lock=has_lock, first=0, every=1)
                kind = "with versions" if has_lock else "plain"
                print(f"{deed}, bucket {kind}: {looked} failures, versions that stood: {sorted(stood)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
