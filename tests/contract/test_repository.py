"""The store, folder or bucket: what is put in comes out, what is damaged is refused, no kill leaves half a version."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.refusals import Finding, Refusal, Severity
from anjuan.facilities.repository import actions, queries
from anjuan.facilities.repository.backends import disk as disks
from anjuan.facilities.repository.models import StoredObject
from anjuan.facilities.repository.rules import DepositReceipt, Inline, Source

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
URN = "urn:uuid:0195f7a0-0000-7000-8000-000000000001"
OTHER = "urn:uuid:0195f7a0-0000-7000-8000-000000000002"
ONE, TWO, RECORD = b"page one" * 1000, b"page two" * 1000, b'{"record": 1}\n'

Committing = Callable[..., AbstractContextManager[Any]]


def sha512(octets: bytes) -> str:
    return hashlib.sha512(octets).hexdigest()


def errors(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.place) for finding in findings if finding.severity is Severity.ERROR]


def folder_of(urn: str) -> Path:
    return Path(queries.place()) / layout.object_path(urn)


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


@pytest.fixture(params=["folder", "bucket"])
def anywhere(request: pytest.FixtureRequest, home: Path, settings: Settings) -> Path:
    """A store of either kind, and a folder for what is uploaded."""
    if request.param == "bucket":
        settings.ANJUAN_STORE = str(request.getfixturevalue("bucket_address"))
    return home


@pytest.mark.django_db
def test_what_is_deposited_from_a_file_comes_out_again(anywhere: Path) -> None:
    upload = anywhere / "upload"
    upload.write_bytes(ONE)

    receipt = actions.deposit(
        urn=URN,
        files=[Source("1.jpg", upload, digests=disks.digest_stream(ONE)), Inline("2.jpg", TWO)],
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
def test_a_sealed_item_is_corrected_by_further_versions(anywhere: Path) -> None:
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
def test_a_rescan_is_a_new_version_and_the_old_page_stays(anywhere: Path) -> None:
    actions.record_deposit(deposit(a=ONE, b=ONE))
    receipt = deposit(a=TWO, expected_head=1)
    actions.record_deposit(receipt)

    assert receipt.state == {"a.jpg": sha512(TWO), "b.jpg": sha512(ONE)}
    assert queries.read_verified(URN, sha512(ONE)) == ONE
    assert errors(queries.findings_of(URN)) == []


@pytest.mark.django_db
def test_a_version_that_only_renames_is_valid(anywhere: Path) -> None:
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


@pytest.mark.acceptance("S2-C3")
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
def test_an_object_is_made_once(anywhere: Path) -> None:
    actions.record_deposit(deposit(a=ONE))

    for octets in (ONE, TWO):
        with pytest.raises(Refusal, match="B-002"):
            deposit(a=octets)
    assert queries.inventory_of(URN).head == 1


@pytest.mark.django_db
def test_who_starts_from_an_old_version_is_refused(anywhere: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    actions.record_deposit(deposit(b=TWO, expected_head=1))

    with pytest.raises(Refusal, match="B-003"):
        deposit(b=RECORD, expected_head=1)
    assert queries.inventory_of(URN).head == queries.head(URN) == 2


@pytest.mark.django_db
def test_the_same_bytes_again_give_the_receipt_of_a_version_that_was_not_recorded(anywhere: Path) -> None:
    first = deposit(a=ONE)
    assert deposit(a=ONE) == first
    actions.record_deposit(first)
    second = deposit(b=TWO, expected_head=1)

    assert deposit(b=TWO, expected_head=1) == second
    actions.record_deposit(second)

    assert queries.head(URN) == 2


@pytest.mark.django_db
def test_a_deed_refused_after_its_bytes_does_not_stand_in_the_way_of_the_next(anywhere: Path) -> None:
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
def test_of_two_that_overlap_the_later_record_is_refused(anywhere: Path) -> None:
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
def test_a_new_object_is_recorded_once(anywhere: Path) -> None:
    receipt = deposit(a=ONE)
    actions.record_deposit(receipt)

    with pytest.raises(Refusal, match="B-003"):
        actions.record_deposit(receipt)


@pytest.mark.django_db
def test_a_store_that_has_lost_a_version_is_not_written_to(anywhere: Path) -> None:
    actions.record_deposit(deposit(a=ONE))
    StoredObject.objects.update(head_version=5)

    with pytest.raises(Refusal, match="B-006"):
        deposit(b=TWO, expected_head=5)


@pytest.mark.django_db
def test_an_absent_object_is_refused(anywhere: Path) -> None:
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
def test_a_digest_that_the_object_does_not_keep_is_refused(anywhere: Path) -> None:
    actions.record_deposit(deposit(a=ONE))

    with pytest.raises(Refusal, match="B-007"):
        queries.open_verified(URN, sha512(TWO))
    with pytest.raises(Refusal, match="B-007"):
        seal({"D-001.jpg": sha512(TWO)})
    assert queries.inventory_of(URN).head == 1


def rewrite(path: Path, octets: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(octets)


@pytest.mark.acceptance("S2-C1")
@pytest.mark.django_db
def test_a_damaged_page_is_not_served(home: Path) -> None:
    deposit(a=ONE)
    page = folder_of(URN) / "v1/content/a.jpg"
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
    path = folder_of(URN) / name
    rewrite(path, path.read_bytes().replace(b"a", b"b", 1))

    for ask in (lambda: queries.inventory_of(URN), lambda: deposit(b=TWO, expected_head=1)):
        with pytest.raises(Refusal, match="B-006"):
            ask()


@pytest.mark.django_db
def test_an_inventory_of_another_object_or_of_another_maker_is_not_believed(home: Path) -> None:
    deposit(a=ONE)
    folder = folder_of(URN)
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
def test_the_same_name_twice_is_refused(anywhere: Path) -> None:
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
def test_a_file_that_is_not_what_the_caller_saw_is_refused(anywhere: Path) -> None:
    upload = anywhere / "upload"
    upload.write_bytes(TWO)

    with pytest.raises(Refusal, match="B-004"):
        actions.deposit(
            urn=URN,
            files=[Source("a.jpg", upload, digests=disks.digest_stream(ONE))],
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


# --- rows and bytes after a crash ---


@pytest.mark.django_db
def test_a_version_whose_rows_were_never_written_is_found_and_can_be_recorded(
    home: Path, django_capture_on_commit_callbacks: Committing
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.record_deposit(deposit(a=ONE))
    assert actions.recover().unrecorded == ()
    seal({"D-001.jpg": sha512(ONE)})

    assert actions.recover().unrecorded == (URN,)
    with django_capture_on_commit_callbacks(execute=True):
        actions.reconcile(urn=URN)

    state = queries.object_state(URN)
    assert state is not None
    assert (state.head_version, state.is_sealed, len(state.contents)) == (2, True, 2)
    assert actions.recover().unrecorded == ()


@pytest.mark.django_db
def test_rows_that_are_rolled_back_leave_the_mark(home: Path, django_capture_on_commit_callbacks: Committing) -> None:
    receipt = deposit(a=ONE)
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.record_deposit(receipt)
        raise RuntimeError

    assert actions.recover().unrecorded == (URN,)
    with django_capture_on_commit_callbacks(execute=True):
        actions.record_deposit(receipt)
    assert list((home / "staging" / "unrecorded").iterdir()) == []


@pytest.mark.django_db
def test_the_mark_of_what_never_reached_the_store_is_dropped_and_that_of_a_damaged_object_stays(home: Path) -> None:
    deposit(a=ONE)
    path = folder_of(URN) / "inventory.json"
    rewrite(path, b"{}")
    marks = home / "staging" / "unrecorded"
    (marks / f"{folder_of(OTHER).name}.1").touch()

    assert actions.recover().unrecorded == ()

    assert [mark.name for mark in marks.iterdir()] == [f"{folder_of(URN).name}.1"]


@pytest.mark.django_db
def test_rows_can_be_made_anew_from_the_store(anywhere: Path) -> None:
    actions.record_deposit(deposit(a=ONE, b=TWO))
    seal({"D-001.jpg": sha512(ONE), "D-002.jpg": sha512(TWO)})

    actions.reconcile(urn=URN)
    actions.reconcile(urn=URN)

    state = queries.object_state(URN)
    assert state is not None
    assert (state.head_version, state.is_sealed) == (2, True)
    assert {content.digests.size_bytes for content in state.contents} == {len(ONE), len(RECORD)}
