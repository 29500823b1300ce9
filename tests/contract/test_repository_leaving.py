"""Rows and bytes together on a folder and in a bucket with locks: sealing, correction, purge, destruction, recovery."""

import datetime as dt
import errno
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from anjuan.core.refusals import Finding, Refusal, Severity
from anjuan.facilities.repository import actions, queries
from anjuan.facilities.repository.actions import locks
from anjuan.facilities.repository.backends.store import Doomed
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.rules import CustodyFacts, DepositReceipt, Inline, lock_ends, may_destroy, may_purge
from anjuan.foundation.buckets.backends.s3 import BucketFault
from tests.contract.s3_server import Server

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
URN = "urn:uuid:0195f7a0-0000-7000-8000-000000000001"
OTHER = "urn:uuid:0195f7a0-0000-7000-8000-000000000002"
BY = "urn:anjuan:staff:0102"
CAPTURED = CustodyFacts(is_sealed=False)
EXPIRED = CustodyFacts(is_sealed=True, is_accepted=True, retention_ends_date=dt.date(2026, 2, 28))
TODAY = dt.date(2026, 3, 1)

pytestmark = pytest.mark.django_db
Committing = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(params=["folder", "bucket with lock"])
def home(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Path:
    settings.ANJUAN_HOME = tmp_path
    if request.param != "folder":
        server: Server = request.getfixturevalue("s3_server")
        settings.ANJUAN_STORE = str(server.bucket(has_lock=True))
    return tmp_path


def errors(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.place) for finding in findings if finding.severity is Severity.ERROR]


def record(ends: str | None) -> bytes:
    return json.dumps({"retention": {"ends": ends}}).encode()


def deposit(urn: str = URN) -> DepositReceipt:
    return actions.deposit(
        urn=urn,
        files=[Inline("a.jpg", b"page" * 999)],
        message="收集",
        user_name="王敏",
        user_address=BY,
        at=AT,
        expected_head=None,
    )


def write_record(octets: bytes, expected_head: int) -> DepositReceipt:
    state = queries.inventory_of(URN).versions[0].state
    return actions.write_version(
        urn=URN,
        state={"D-001.jpg": state["a.jpg"]},
        new_documents={"record.json": octets},
        message="封存",
        user_name="李强",
        user_address=BY,
        at=AT,
        expected_head=expected_head,
    )


@pytest.mark.acceptance("S4-C3")
def test_a_correction_after_sealing_is_a_version_with_the_new_record(home: Path, in_commit: Committing) -> None:
    with in_commit():
        actions.record_deposit(deposit())
    with in_commit():
        actions.record_deposit(write_record(record("2036-12-31"), 1))
    with in_commit():
        actions.record_deposit(write_record(record("2041-12-31"), 2))

    assert queries.read_document(URN, "record.json") == record("2041-12-31")
    inventory = queries.inventory_of(URN)
    assert [version.message for version in inventory.versions] == ["收集", "封存", "封存"]
    before = inventory.versions[1].state["record.json"]
    assert queries.read_verified(URN, before) == record("2036-12-31")
    assert queries.read_verified(URN, inventory.state["D-001.jpg"]) == b"page" * 999
    assert errors(queries.store_findings()) == []
    assert actions.recover().unrecorded == ()


@pytest.fixture
def in_commit(django_capture_on_commit_callbacks: Committing) -> Committing:
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.mark.acceptance("S1-C6")
def test_sealed_files_are_locked_until_their_retention_ends_where_the_store_can(
    home: Path, in_commit: Committing
) -> None:
    with in_commit():
        actions.record_deposit(deposit())
    here = queries.store()
    with in_commit():
        actions.record_deposit(write_record(record("2032-06-30"), 1))

    report = actions.renew_locks(at=AT)

    assert report.can_lock == here.can_lock()
    assert report.locked == (1 if here.can_lock() else 0)
    assert locks.lock_sealed(URN, queries.inventory_of(URN).state, AT) == here.can_lock()
    assert actions.hold(urn=URN, is_on=False) == here.can_lock()
    if not here.can_lock():
        return
    files = list(here.root.list(""))  # type: ignore[attr-defined]
    kept = [here.root.stat(line.key).retain_until for line in files if "/v" in line.key]  # type: ignore[attr-defined]
    assert kept == [dt.datetime(2032, 6, 30, tzinfo=dt.UTC)] * len(kept)
    assert len(kept) == 6
    with pytest.raises(Refusal, match="B-011"):
        here.destroy(Doomed(URN, 2, b"{}"))


def test_a_capture_is_purged_with_its_rows(home: Path, in_commit: Committing) -> None:
    with in_commit():
        actions.record_deposit(deposit())
        actions.record_deposit(deposit(OTHER))

    with in_commit():
        actions.purge(urn=URN, facts=CAPTURED)

    assert not queries.store().holds(URN)
    assert queries.object_state(URN) is None
    assert queries.object_state(OTHER) is not None
    assert StoredFile.objects.count() == 1
    assert errors(queries.store_findings()) == []
    assert actions.recover().unrecorded == ()
    with in_commit():
        actions.record_deposit(deposit())  # and can come in again
    assert queries.head(URN) == 1


def test_a_cut_between_rows_and_bytes_is_finished_and_a_rollback_is_taken_back(
    home: Path, in_commit: Committing
) -> None:
    with in_commit():
        actions.record_deposit(deposit())
        actions.record_deposit(deposit(OTHER))
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.purge(urn=OTHER, facts=CAPTURED)
        raise RuntimeError
    actions.purge(urn=URN, facts=CAPTURED)  # the callbacks after the commit never ran
    assert queries.store().holds(URN)

    actions.recover()

    assert not queries.store().holds(URN)
    assert queries.store().holds(OTHER)
    assert queries.head(OTHER) == 1
    assert queries.store().doomed() == []
    assert errors(queries.store_findings()) == []


@pytest.mark.acceptance("S4-C5")
def test_a_destroyed_record_leaves_its_tombstone_and_no_rows(home: Path, in_commit: Committing) -> None:
    with in_commit():
        actions.record_deposit(deposit())
        actions.record_deposit(write_record(record("2020-01-01"), 1))

    with in_commit():
        said = actions.destroy(urn=URN, facts=EXPIRED, at=AT, today=TODAY, by=BY, authority="销毁〔2026〕3号")

    assert queries.tombstone_of(URN) == said
    assert said["authority"] == "销毁〔2026〕3号"
    assert [version["version"] for version in said["versions"]] == ["v1", "v2"]
    assert not StoredObject.objects.exists()
    with pytest.raises(Refusal, match="B-005"):
        queries.inventory_of(URN)
    with pytest.raises(Refusal, match="B-010"):
        deposit()
    assert errors(queries.store_findings()) == []


def test_a_destruction_that_was_cut_off_after_its_rows_is_finished(home: Path) -> None:
    actions.record_deposit(deposit())
    actions.record_deposit(write_record(record("2020-01-01"), 1))
    actions.destroy(urn=URN, facts=EXPIRED, at=AT, today=TODAY, by=BY, authority="x")  # the callbacks never ran

    actions.recover()

    assert queries.tombstone_of(URN) is not None
    assert not queries.store().holds(URN)


def test_a_bucket_that_does_not_answer_is_not_taken_for_damage(
    settings: Settings, tmp_path: Path, s3_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ANJUAN_HOME = tmp_path
    settings.ANJUAN_STORE = str(s3_server.bucket())
    actions.record_deposit(deposit())
    sha512 = queries.inventory_of(URN).state["a.jpg"]
    here = queries.store()

    class Deaf:
        def __getattr__(self, name: str) -> object:
            return getattr(here, name)

        def open(self, urn: str, path: str) -> object:
            raise BucketFault(errno.EIO, path, "EndpointConnectionError")

    monkeypatch.setattr(queries, "store", Deaf)

    with pytest.raises(BucketFault):
        queries.open_verified(URN, sha512)
    with pytest.raises(BucketFault):
        queries.check_file(StoredFile.objects.get().pk)
    monkeypatch.undo()
    here.root.erase(f"{queries.where(URN).folder}/v1/content/a.jpg")  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match="B-008"):
        queries.open_verified(URN, sha512)


# --- judgement ---

HELD = CustodyFacts(is_sealed=True, retention_ends_date=dt.date(2000, 1, 1), is_held=True)


@pytest.mark.parametrize(
    "facts",
    [
        HELD,
        CustodyFacts(is_sealed=False, retention_ends_date=dt.date(2000, 1, 1)),
        CustodyFacts(is_sealed=True),
        CustodyFacts(is_sealed=True, is_permanent=True, retention_ends_date=dt.date(2000, 1, 1)),
        CustodyFacts(is_sealed=True, retention_ends_date=TODAY),
        CustodyFacts(is_sealed=True, retention_ends_date=dt.date(2056, 1, 1)),
    ],
)
def test_nothing_is_destroyed_before_its_time(facts: CustodyFacts) -> None:
    with pytest.raises(Refusal, match="B-011"):
        may_destroy(URN, facts, today=TODAY)


def test_what_has_expired_may_be_destroyed_the_day_after() -> None:
    may_destroy(URN, CustodyFacts(is_sealed=True, retention_ends_date=TODAY - dt.timedelta(days=1)), today=TODAY)


@pytest.mark.parametrize("facts", [HELD, CustodyFacts(is_sealed=True), CustodyFacts(is_sealed=False, is_accepted=True)])
def test_what_was_accepted_is_never_purged(facts: CustodyFacts) -> None:
    with pytest.raises(Refusal, match="B-011"):
        may_purge(URN, facts)


TEN = dt.timedelta(days=3650)


@pytest.mark.parametrize(
    ("octets", "ends"),
    [
        (record("2030-12-31"), dt.datetime(2030, 12, 31, tzinfo=dt.UTC)),
        (record("2126-12-31"), AT + TEN),
        (record(None), AT + TEN),
        (record("2020-12-31"), None),
        (b"{", None),
        (b"{}", None),
    ],
)
def test_a_lock_ends_with_the_retention_at_the_latest(octets: bytes, ends: dt.datetime | None) -> None:
    assert lock_ends(octets, at=AT, longest=TEN) == ends
