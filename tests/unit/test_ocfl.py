"""The writer's half of the store format: inventories and the layout."""

import datetime as dt
import json
from collections.abc import Mapping

import pytest

from anjuan.core.ocfl import inventory as writer
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.validate import validate_object, validate_root
from anjuan.core.refusals import Severity
from tests.memory_tree import MemoryTree, digests_of, object_files

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
URN = "urn:uuid:0195f7a0-0000-7000-8000-000000000001"
ONE, TWO, RECORD = b"page one", b"page two", b'{"record": 1}'


def first(files: Mapping[str, bytes]) -> writer.Inventory:
    return writer.new_inventory(
        urn=URN,
        files={name: digests_of(octets) for name, octets in files.items()},
        message="收集",
        user_name="王敏",
        user_address="urn:anjuan:staff:0101",
        at=AT,
    )


def then(inventory: writer.Inventory, state: Mapping[str, str], files: Mapping[str, bytes]) -> writer.Inventory:
    return writer.next_version(
        inventory,
        state=state,
        new_files={name: digests_of(octets) for name, octets in files.items()},
        message="立卷",
        user_name="李强",
        user_address="urn:anjuan:staff:0102",
        at=AT + dt.timedelta(days=1),
    )


def test_a_first_version_keeps_its_files_under_their_names() -> None:
    inventory = first({"1.jpg": ONE, "2.jpg": TWO})

    assert inventory.head == 1
    assert inventory.state == {"1.jpg": digests_of(ONE).sha512, "2.jpg": digests_of(TWO).sha512}
    assert [content.path for content in inventory.added()] == ["v1/content/1.jpg", "v1/content/2.jpg"]


def test_the_same_bytes_are_kept_once() -> None:
    inventory = first({"1.jpg": ONE, "again.jpg": ONE})

    assert [content.path for content in inventory.contents] == ["v1/content/1.jpg"]
    assert set(inventory.state) == {"1.jpg", "again.jpg"}


def test_a_version_that_renames_stores_no_old_bytes_again() -> None:
    before = first({"1.jpg": ONE, "2.jpg": TWO})

    after = then(
        before,
        {"D-0001-001.jpg": digests_of(ONE).sha512, "D-0001-002.jpg": digests_of(TWO).sha512},
        {"record.json": RECORD},
    )

    assert [content.path for content in after.added()] == ["v2/content/record.json"]
    assert after.content(digests_of(ONE).sha512).path == "v1/content/1.jpg"
    assert after.versions[0] == before.versions[0]


def test_only_a_version_without_content_carries_a_copy_of_the_inventory() -> None:
    before = first({"1.jpg": ONE})
    renamed = then(before, {"a.jpg": digests_of(ONE).sha512}, {})

    assert writer.version_documents(before) == {}
    assert writer.version_documents(renamed)["v2/inventory.json"] == writer.serialise(renamed)
    files = object_files(renamed, {digests_of(ONE).sha512: ONE})
    found = validate_object(MemoryTree(dict(writer.version_documents(renamed)) | files))
    assert [finding for finding in found if finding.severity is Severity.ERROR] == []


def test_the_inventory_reads_back_as_it_was_written() -> None:
    inventory = then(first({"目录/一.jpg": ONE}), {}, {"𠮷.pdf": TWO})

    text = writer.serialise(inventory)

    assert writer.parse(text) == inventory
    assert writer.serialise(writer.parse(text)) == text
    assert json.loads(text)["versions"]["v1"]["created"] == "2026-03-01T08:30:00Z"


def test_what_we_write_the_independent_verifier_accepts() -> None:
    inventory = then(first({"1.jpg": ONE}), {"a.jpg": digests_of(ONE).sha512}, {"record.json": RECORD})
    octets = {digests_of(each).sha512: each for each in (ONE, RECORD)}
    folder = layout.object_path(URN)
    store = dict(layout.root_documents()) | {
        f"{folder}/{path}": each for path, each in object_files(inventory, octets).items()
    }

    assert [f for f in validate_object(MemoryTree(store), folder) if f.severity is Severity.ERROR] == []
    findings = validate_root(MemoryTree(store | {"READ-ME-FIRST.txt": b"read me"}))
    assert {(finding.code, finding.severity) for finding in findings} == {("W010", Severity.WARNING)}


@pytest.mark.parametrize("name", ["", "/a", "a/", "a//b", ".", "a/../b", "a\nb", "a\x7f", "页" * 86, "\ud800", "a/./b"])
def test_a_name_that_no_disk_could_bear_is_refused(name: str) -> None:
    with pytest.raises(writer.MalformedInventory):
        first({name: ONE})


def test_a_name_of_255_bytes_with_rare_characters_stands() -> None:
    name = "𠮷" * 63 + "abc"

    assert len(name.encode()) == 255
    assert first({name: ONE}).contents[0].path == f"v1/content/{name}"


def test_a_file_cannot_also_be_a_folder() -> None:
    with pytest.raises(writer.MalformedInventory, match="inside another"):
        first({"a": ONE, "a/b": TWO})


def test_a_version_names_only_what_the_object_keeps_and_each_name_once() -> None:
    inventory = first({"1.jpg": ONE})

    with pytest.raises(writer.MalformedInventory, match="does not keep"):
        then(inventory, {"2.jpg": digests_of(TWO).sha512}, {})
    with pytest.raises(writer.MalformedInventory, match="twice"):
        then(inventory, {"1.jpg": digests_of(ONE).sha512}, {"1.jpg": TWO})
    with pytest.raises(LookupError):
        inventory.content(digests_of(TWO).sha512)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(writer.MalformedInventory, match="zone"):
        writer.new_inventory(urn=URN, files={}, message="", user_name="", user_address="", at=AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v1/content/1.jpg"', b'"v1/content/../../x"'),
        (b'"v1/content/1.jpg"', b'"/etc/passwd"'),
        (b'"v1/content/1.jpg"', b'"v1/1.jpg"'),
        (b'"head": "v1"', b'"head": "v2"'),
        (b'"id"', b'"di"'),
        (b'"sha512"', b'"sha256"'),
        (b'"versions": {', b'"versions": [{'),
        (b"spec/#inventory", b"spec/#other"),
        (b'"user"', b'"usher"'),
        (b"2026-03-01T", b"2026-13-01T"),
    ],
)
def test_an_inventory_that_is_not_of_our_shape_is_not_read(old: bytes, new: bytes) -> None:
    text = writer.serialise(first({"1.jpg": ONE}))
    assert old in text

    with pytest.raises(writer.MalformedInventory):
        writer.parse(text.replace(old, new))


def test_a_state_that_names_what_is_not_kept_is_not_read() -> None:
    document = json.loads(writer.serialise(first({"1.jpg": ONE})))
    document["versions"]["v1"]["state"] = {"0" * 128: ["1.jpg"]}

    with pytest.raises(writer.MalformedInventory, match="does not keep"):
        writer.parse(json.dumps(document).encode())


def test_objects_lie_where_extension_0004_puts_them() -> None:
    # The identifiers and digests are the extension's own examples; it shows them with three tuples, we use two.
    digest = "3c0ff4240c1e116dba14c7627f2319b58aa3d77606d0d90dfc6161608ac987d4"
    rare = "487326d8c2a3c0b885e23da1469b4d6671fd4e76978924b4443e9e3c316cda6d"

    assert layout.object_path("object-01") == f"3c0/ff4/{digest}"
    assert layout.object_path("..hor/rib:le-$id") == f"487/326/{rare}"


def test_the_root_says_how_it_is_laid_out() -> None:
    documents = layout.root_documents()

    assert documents["0=ocfl_1.1"] == b"ocfl_1.1\n"
    assert json.loads(documents["ocfl_layout.json"])["extension"] == "0004-hashed-n-tuple-storage-layout"
    config = json.loads(documents["extensions/0004-hashed-n-tuple-storage-layout/config.json"])
    assert (config["tupleSize"], config["numberOfTuples"], config["digestAlgorithm"]) == (3, 2, "sha256")
    assert list(documents)[-1] == "0=ocfl_1.1"  # written last: a half-made store does not call itself one
