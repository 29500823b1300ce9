"""Whatever is written is valid, and no changed byte passes."""

import datetime as dt
import hashlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from anjuan.core.ocfl import inventory as writer
from anjuan.core.ocfl.validate import validate_object, validate_root
from anjuan.core.refusals import Severity
from tests.memory_tree import MemoryTree, digests_of, object_files

AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ELEMENT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="/"), min_size=1, max_size=20
).filter(lambda text: text not in (".", ".."))
NAMES = st.lists(ELEMENT, min_size=1, max_size=3).map("/".join)
FILES = st.dictionaries(NAMES, st.binary(max_size=30), min_size=1, max_size=5)


def errors(files: dict[str, bytes]) -> set[str]:
    return {finding.code for finding in validate_object(MemoryTree(files)) if finding.severity is Severity.ERROR}


def free_of_conflicts(names: set[str]) -> bool:
    return not any(other.startswith(f"{name}/") for name in names for other in names)


@st.composite
def objects(draw: st.DrawFn) -> dict[str, bytes]:
    """A random history: versions add, rename, drop and restore files."""
    octets: dict[str, bytes] = {}
    documents: dict[str, bytes] = {}
    inventory = writer.Inventory(urn="urn:uuid:0195f7a0-0000-7000-8000-000000000001", contents=(), versions=())
    for number in range(draw(st.integers(1, 4))):
        kept = [content.sha512 for content in inventory.contents]
        renamed = draw(st.dictionaries(NAMES, st.sampled_from(kept), max_size=4)) if kept else {}
        added = draw(FILES)
        names: set[str] = set()
        for name in (*renamed, *added):
            if free_of_conflicts(names | {name}):
                names.add(name)
        new = {name: each for name, each in added.items() if name in names}
        octets |= {hashlib.sha512(each).hexdigest(): each for each in new.values()}
        inventory = writer.next_version(
            inventory,
            state={name: digest for name, digest in renamed.items() if name in names and name not in new},
            new_files={name: digests_of(each) for name, each in new.items()},
            message=draw(st.text(st.characters(codec="utf-8"), max_size=20)),
            user_name="王敏",
            user_address="urn:anjuan:staff:0101",
            at=AT + dt.timedelta(days=number),
        )
        documents |= writer.version_documents(inventory)
    assert writer.parse(writer.serialise(inventory)) == inventory
    return documents | object_files(inventory, octets)


@settings(max_examples=80, deadline=None)
@given(objects())
def test_every_history_we_write_is_valid(files: dict[str, bytes]) -> None:
    assert errors(files) == set()


@settings(max_examples=150, deadline=None)
@given(objects(), st.data())
def test_no_changed_byte_passes(files: dict[str, bytes], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(path for path, each in files.items() if each)))
    at = data.draw(st.integers(0, len(files[path]) - 1))
    value = data.draw(st.integers(0, 255))
    before = files[path][at]
    changed = files | {path: files[path][:at] + bytes([value]) + files[path][at + 1 :]}
    is_same_digest = path.endswith(".sha512") and (
        chr(before).lower() == chr(value).lower() or {before, value} == set(b" \t")
    )

    if value != before and not is_same_digest:  # the format lets a digest be upper-case and be followed by tabs
        assert errors(changed)


@settings(max_examples=60, deadline=None)
@given(objects(), st.data())
def test_no_missing_or_extra_file_passes(files: dict[str, bytes], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(files)))

    assert errors({name: each for name, each in files.items() if name != path})
    assert errors(files | {"v1/content/stray\n": b"stray"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["v1", "sha512", "v1/content/a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just("v1"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(objects(), st.data())
def test_the_verifier_never_stumbles_over_what_it_reads(files: dict[str, bytes], data: st.DataObject) -> None:
    document: dict[str, Any] = json.loads(files["inventory.json"])
    block = document["versions"]["v1"]
    where = data.draw(
        st.sampled_from([document, document["versions"], block, document["manifest"], document["fixity"]])
    )
    key = data.draw(st.sampled_from(sorted(where)) | st.text(max_size=8))
    where[key] = data.draw(JSON)
    text = json.dumps(document).encode()
    changed = files | {"inventory.json": text, "inventory.json.sha512": writer.sidecar(text)}

    validate_object(MemoryTree(changed))
    validate_root(MemoryTree({f"x/{path}": each for path, each in changed.items()}))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "inventory.json",
                "inventory.json.sha512",
                "0=ocfl_object_1.1",
                "v1/inventory.json",
                "v1/content/a",
                "ocfl_layout.json",
                "0=ocfl_1.1",
                "extensions/0004-hashed-n-tuple-storage-layout/config.json",
            ]
        ),
        st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()),
    )
)
def test_the_verifier_never_stumbles_over_rubbish(files: dict[str, bytes]) -> None:
    assert validate_object(MemoryTree(files))
    validate_root(MemoryTree(files))
