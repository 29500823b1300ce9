"""The verifier against the public OCFL fixtures, and against a table of small wrong objects made here.

The public suite (github.com/OCFL/fixtures) is not kept in this repository: name a copy in ANJUAN_OCFL_FIXTURES.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from anjuan.core.ocfl.validate import Entry, Kind, validate_object, validate_root
from anjuan.core.refusals import Finding, Severity
from tests.memory_tree import MemoryTree

FIXTURES = os.environ.get("ANJUAN_OCFL_FIXTURES", "")


class Folder:
    """A folder on disk as the verifier reads it."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def entries(self, folder: str) -> Iterator[Entry]:
        for path in (self.top / folder).iterdir():
            kind = Kind.OTHER if path.is_symlink() else Kind.FOLDER if path.is_dir() else Kind.FILE
            yield Entry(path.name, kind)

    def chunks(self, path: str) -> Iterator[bytes]:
        yield (self.top / path).read_bytes()


def codes(findings: list[Finding], severity: Severity) -> set[str]:
    return {finding.code for finding in findings if finding.severity is severity}


def suite(kind: str) -> list[Any]:
    found = sorted(Path(FIXTURES).glob(f"1.[01]/{kind}-objects/*")) if FIXTURES else []
    return [pytest.param(path, id=f"{path.parent.parent.name}-{path.name}") for path in found]


@pytest.mark.skipif(not FIXTURES, reason="ANJUAN_OCFL_FIXTURES names no copy of the public suite")
@pytest.mark.parametrize("path", suite("good"))
def test_every_good_object_of_the_public_suite_passes(path: Path) -> None:
    assert codes(validate_object(Folder(path)), Severity.ERROR) == set()


@pytest.mark.skipif(not FIXTURES, reason="ANJUAN_OCFL_FIXTURES names no copy of the public suite")
@pytest.mark.parametrize("path", suite("bad"))
def test_every_bad_object_of_the_public_suite_gets_its_codes(path: Path) -> None:
    expected = {part for part in path.name.split("_") if part[0] == "E" and part[1:].isdigit()}

    assert expected
    assert codes(validate_object(Folder(path)), Severity.ERROR) >= expected


@pytest.mark.skipif(not FIXTURES, reason="ANJUAN_OCFL_FIXTURES names no copy of the public suite")
@pytest.mark.parametrize("path", suite("warn"))
def test_every_warn_object_of_the_public_suite_gets_its_warnings_and_no_error(path: Path) -> None:
    expected = {part for part in path.name.split("_") if part[0] == "W" and part[1:].isdigit()}
    findings = validate_object(Folder(path))

    assert codes(findings, Severity.ERROR) == set()
    assert codes(findings, Severity.WARNING) >= expected


# --- the table ---

A, B = b"first page", b"second page"


def sha512(octets: bytes) -> str:
    return hashlib.sha512(octets).hexdigest()


def version(**state: bytes) -> dict[str, Any]:
    return {
        "created": "2026-01-02T03:04:05Z",
        "message": "why",
        "user": {"name": "Wang Min", "address": "mailto:wang@example.org"},
        "state": {sha512(octets): [name] for name, octets in state.items()},
    }


def inventory(release: str) -> dict[str, Any]:
    return {
        "id": "urn:uuid:0195f7a0-0000-7000-8000-000000000001",
        "type": f"https://ocfl.io/{release}/spec/#inventory",
        "digestAlgorithm": "sha512",
        "head": "v2",
        "manifest": {sha512(A): ["v1/content/a"], sha512(B): ["v2/content/b"]},
        "versions": {"v1": version(a=A), "v2": version(a=A, b=B)},
        "fixity": {"md5": {hashlib.md5(A).hexdigest(): ["v1/content/a"]}},
    }


class Case:
    """A valid object of two versions, to be spoilt in one place."""

    def __init__(self, release: str = "1.1") -> None:
        self.root = inventory(release)
        self.old = inventory(release) | {
            "head": "v1",
            "manifest": {sha512(A): ["v1/content/a"]},
            "versions": {"v1": version(a=A)},
        }
        self.files = {
            f"0=ocfl_object_{release}": f"ocfl_object_{release}\n".encode(),
            "v1/content/a": A,
            "v2/content/b": B,
        }
        self.later: dict[str, bytes | None] = {}
        self.tree = MemoryTree({})

    def built(self) -> MemoryTree:
        for folder, document in (("", self.root), ("v2/", self.root), ("v1/", self.old)):
            text = json.dumps(document).encode()
            algorithm = document.get("digestAlgorithm", "sha512")
            taker = hashlib.new(algorithm if algorithm in ("sha256", "md5") else "sha512", text)
            self.files[f"{folder}inventory.json"] = text
            self.files[f"{folder}inventory.json.{algorithm}"] = f"{taker.hexdigest()} inventory.json\n".encode()
        for path, octets in self.later.items():
            if octets is None:
                del self.files[path]
            else:
                self.files[path] = octets
        self.tree.files = self.files
        return self.tree


def spoilt(change: Callable[[Case], object], release: str = "1.1") -> list[Finding]:
    case = Case(release)
    change(case)
    return validate_object(case.built())


def both(key: str, value: Any) -> Callable[[Case], object]:
    def change(case: Case) -> None:
        case.root[key] = value
        case.old[key] = value

    return change


def without(key: str) -> Callable[[Case], object]:
    return lambda case: (case.root.pop(key), case.old.pop(key))


def block(**values: Any) -> Callable[[Case], object]:
    def change(case: Case) -> None:
        for document in (case.root, case.old):
            document["versions"]["v1"] = document["versions"]["v1"] | values

    return change


def file(path: str, octets: bytes | None) -> Callable[[Case], object]:
    return lambda case: case.later.__setitem__(path, octets)


def fixity(**blocks: Any) -> Callable[[Case], object]:
    return lambda case: case.root.__setitem__("fixity", blocks)


def manifest(**changes: Any) -> Callable[[Case], object]:
    return lambda case: case.root["manifest"].update(changes)


def rename_version(old: str, new: str) -> Callable[[Case], object]:
    def change(case: Case) -> None:
        case.root["versions"][new] = case.root["versions"].pop(old)

    return change


WRONG: list[tuple[str, Callable[[Case], object]]] = [
    ("E001", file("stray.txt", b"")),
    ("E001", file("stray/file", b"")),
    ("E001", file("v3", b"a file that is named as a version")),
    ("E003", file("0=ocfl_object_1.1", None)),
    ("E003", file("0=ocfl_object_1.0", b"ocfl_object_1.0\n")),
    ("E004", file("0=ocfl_object_9.9", b"ocfl_object_9.9\n")),
    ("E005", file("1=ocfl_object_1.1", b"ocfl_object_1.1\n")),
    ("E007", file("0=ocfl_object_1.1", b"ocfl_object_1.1")),
    ("E008", lambda case: case.root.update(versions={}, manifest={})),
    ("E009", rename_version("v1", "v0")),
    ("E010", rename_version("v2", "v3")),
    ("E012", rename_version("v2", "v02")),
    ("E015", file("v1/stray.txt", b"")),
    ("E015", lambda case: case.later.update({"v1/inventory.json": None})),
    ("E017", both("contentDirectory", "a/b")),
    ("E018", both("contentDirectory", "..")),
    ("E019", lambda case: case.root.update(contentDirectory="other")),
    ("E023", file("v1/content/stray", b"")),
    ("E024", lambda case: case.tree.empty_folders.add("v1/content/empty")),
    ("E025", both("digestAlgorithm", "md5")),
    ("E033", file("inventory.json", b"{")),
    ("E033", file("inventory.json", b"[]")),
    ("E033", file("inventory.json", b'{"id": 1, "id": 2}')),
    ("E033", file("inventory.json", b"\xff\xfe{}")),
    ("E033", file("inventory.json", b'{"id": NaN}')),
    ("E033", file("inventory.json", b"[" * 200_000)),
    ("E036", without("id")),
    ("E036", without("type")),
    ("E036", without("head")),
    ("E036", without("digestAlgorithm")),
    ("E037", both("id", 7)),
    ("E037", lambda case: case.old.update(id="urn:other")),
    ("E038", both("type", "https://ocfl.io/9.9/spec/#inventory")),
    ("E038", both("type", ["a", "list"])),
    ("E040", lambda case: case.root.update(head="v1")),
    ("E040", lambda case: case.root.update(head={})),
    ("E040", lambda case: case.old.update(head="v2")),
    ("E041", without("manifest")),
    ("E042", manifest(**{"0" * 128: ["logs/a"]})),
    ("E043", without("versions")),
    ("E044", both("versions", [])),
    ("E046", lambda case: case.later.update({"v3/content/c": b"c"})),
    ("E046", rename_version("v2", "second")),
    ("E047", lambda case: case.root["versions"].update(v1=7)),
    ("E048", lambda case: (case.root["versions"]["v1"].pop("created"), case.old["versions"]["v1"].pop("created"))),
    ("E049", block(created="2026-01-02")),
    ("E049", block(created="2026-02-30T00:00:00Z")),
    ("E049", block(created="2026-01-02T03:04:05")),
    ("E050", block(state="text")),
    ("E050", block(state={"0" * 128: ["a"]})),
    ("E051", block(state={sha512(A): "a"})),
    ("E052", block(state={sha512(A): ["a/../b"]})),
    ("E053", block(state={sha512(A): ["/a"]})),
    ("E054", block(user={"address": "mailto:a@example.org"})),
    ("E057", fixity(md5=[])),
    ("E057", fixity(md5={hashlib.md5(A).hexdigest(): "v1/content/a"})),
    ("E058", file("inventory.json.sha512", None)),
    ("E059", file("inventory.json.sha256", b"0 inventory.json\n")),
    ("E060", file("inventory.json.sha512", b"0" * 128 + b" inventory.json\n")),
    ("E061", file("inventory.json.sha512", b"not a digest\n")),
    ("E063", file("inventory.json", None)),
    ("E064", lambda case: case.later.update({"v2/inventory.json": b"{}", "v2/inventory.json.sha512": b""})),
    ("E066", lambda case: case.old["versions"]["v1"].update(state={sha512(A): ["other"]})),
    ("E066", lambda case: case.old["versions"].update(v9=version(a=A))),
    ("E067", file("extensions/stray.txt", b"")),
    ("E073", lambda case: case.tree.empty_folders.add("v3")),
    ("E090", lambda case: case.tree.links.add("v1/content/link")),
    ("E092", file("v1/content/a", b"other page")),
    ("E092", file("v1/content/a", None)),
    ("E092", manifest(**{sha512(A): "v1/content/a"})),
    ("E092", lambda case: case.tree.unreadable.add("v1/content/a")),
    ("E093", fixity(md5={"0" * 32: ["v1/content/a"]})),
    ("E093", fixity(sm3={"0" * 64: ["v1/content/a"]})),
    ("E093", fixity(size={"9": ["v1/content/a"]})),
    ("E093", fixity(md5={hashlib.md5(A).hexdigest(): ["v1/content/absent"]})),
    ("E094", block(message=["text"])),
    ("E095", block(state={sha512(A): ["a", "a"]})),
    ("E095", block(state={sha512(A): ["a", "a/b"]})),
    ("E096", manifest(**{sha512(A).upper(): ["v1/content/a"]})),
    ("E097", fixity(md5={hashlib.md5(A).hexdigest(): ["v1/content/a"], hashlib.md5(A).hexdigest().upper(): []})),
    ("E099", manifest(**{sha512(A): ["v1/content/../content/a"]})),
    ("E100", manifest(**{sha512(A): ["/v1/content/a"]})),
    ("E101", manifest(**{sha512(A): ["v1/content/a", "v1/content/a"]})),
    ("E101", manifest(**{sha512(A): ["v1/content/a", "v1/content/a/b"]})),
    ("E102", both("extra", 1)),
    ("E102", block(extra=1)),
    ("E102", block(user={"name": "a", "address": "mailto:a@example.org", "extra": 1})),
    ("E103", lambda case: to_release(case, "1.0")),
    ("E106", both("manifest", [])),
    ("E107", manifest(**{"0" * 128: []})),
    ("E108", both("contentDirectory", 7)),
    ("E111", both("fixity", [])),
    ("A001", lambda case: case.tree.unreadable.add("v1/content")),
    ("E006", file("0=ocfl_object_9.9", b"ocfl_object_9.9\n")),
    ("E016", manifest(**{"0" * 128: ["v1/elsewhere/a"]})),
    ("E020", lambda case: case.old.update(contentDirectory="other")),
    ("E029", fixity(sha1={"not hex": ["v1/content/a"]})),
    ("E030", fixity(sha256={"not hex": ["v1/content/a"]})),
    ("E031", fixity(sha512={"not hex": ["v1/content/a"]})),
    ("E031", manifest(**{"not hex": ["v1/content/a"]})),
    ("E032", fixity(**{"blake2b-512": {"not hex": ["v1/content/a"]}})),
    ("E034", file("inventory.json", b"[]")),
    ("E039", manifest(**{hashlib.sha256(A).hexdigest(): ["v1/content/a"]})),
    ("E045", both("versions", [])),
    ("E057", fixity(sha256={"0" * 63: ["v1/content/a"]})),
    ("E104", rename_version("v2", "second")),
    ("E105", rename_version("v1", "v0")),
    ("E110", lambda case: case.old.update(id="urn:other")),
]


def to_release(case: Case, release: str) -> None:
    """Make the object, but not its first version's inventory, one of this release."""
    case.files = {path: octets for path, octets in case.files.items() if not path.startswith("0=")}
    case.files[f"0=ocfl_object_{release}"] = f"ocfl_object_{release}\n".encode()
    case.root["type"] = f"https://ocfl.io/{release}/spec/#inventory"


@pytest.mark.parametrize("release", ["1.0", "1.1"])
def test_the_object_that_the_table_spoils_is_valid(release: str) -> None:
    assert spoilt(lambda case: None, release) == []


@pytest.mark.parametrize(("code", "change"), [pytest.param(*row, id=f"{row[0]}-{at}") for at, row in enumerate(WRONG)])
def test_a_spoilt_object_gets_its_code(code: str, change: Callable[[Case], object]) -> None:
    assert code in codes(spoilt(change), Severity.ERROR)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("E041", both("manifest", [])),
        ("E057", both("fixity", [])),
        ("E017", both("contentDirectory", 7)),
        ("E038", both("type", "https://ocfl.io/1.1/spec/#inventory")),
    ],
)
def test_release_1_0_has_its_own_codes(code: str, change: Callable[[Case], object]) -> None:
    assert code in codes(spoilt(change, "1.0"), Severity.ERROR)


def test_release_1_0_allows_what_only_1_1_forbids() -> None:
    assert codes(spoilt(manifest(**{"0" * 128: []}), "1.0"), Severity.ERROR) == set()


def test_padded_names_are_unwise() -> None:
    def padded(case: Case) -> None:
        case.files = {path.replace("v1/", "v01/").replace("v2/", "v02/"): each for path, each in case.files.items()}
        case.root |= {"head": "v02", "versions": {"v01": version(a=A), "v02": version(a=A, b=B)}, "fixity": {}}
        case.root["manifest"] = {sha512(A): ["v01/content/a"], sha512(B): ["v02/content/b"]}

    case = Case()
    padded(case)
    text = json.dumps(case.root).encode()
    case.files |= {"inventory.json": text, "inventory.json.sha512": f"{sha512(text)} inventory.json\n".encode()}
    findings = validate_object(MemoryTree(case.files))

    assert codes(findings, Severity.ERROR) == set()
    assert codes(findings, Severity.WARNING) == {"W001", "W010"}


def test_what_a_client_does_not_know_is_ignored_and_said() -> None:
    findings = spoilt(fixity(whirlpool={"not even hex": ["v1/content/a"]}))  # E028

    assert codes(findings, Severity.ERROR) == set()
    assert validate_root(store({"notes.txt": b"", "0=other_thing": b""})) == []  # E087


def test_padded_names_of_another_length_are_wrong() -> None:
    def padded(case: Case) -> None:
        case.files = {path.replace("v1/", "v01/").replace("v2/", "v10/"): each for path, each in case.files.items()}
        case.root["versions"] = {"v01": version(a=A), "v10": version(a=A, b=B)}

    assert codes(spoilt(padded), Severity.ERROR) >= {"E011", "E013"}


def drop(case: Case, key: str) -> None:
    for document in (case.root, case.old):
        del document["versions"]["v1"][key]


WARNED: list[tuple[str, Callable[[Case], object]]] = [
    ("W002", file("v1/other/file", b"")),
    ("W003", lambda case: only_rename(case)),
    ("W005", both("id", "not a uri")),
    ("W007", lambda case: drop(case, "message")),
    ("W007", lambda case: drop(case, "user")),
    ("W008", block(user={"name": "Wang Min"})),
    ("W009", block(user={"name": "Wang Min", "address": "counter 3"})),
    ("W010", lambda case: case.later.update({"v1/inventory.json": None, "v1/inventory.json.sha512": None})),
    ("W011", lambda case: case.old["versions"]["v1"].update(message="another reason")),
    ("W013", file("extensions/our-own/file", b"")),
    ("A002", fixity(whirlpool={"0" * 128: ["v1/content/a"]})),
]


def only_rename(case: Case) -> None:
    del case.files["v2/content/b"]
    case.root["manifest"] = {sha512(A): ["v1/content/a"]}
    case.root["versions"]["v2"] = version(b=A)
    case.tree.empty_folders.add("v2/content")


@pytest.mark.parametrize(("code", "change"), [pytest.param(*row, id=f"{row[0]}-{at}") for at, row in enumerate(WARNED)])
def test_what_is_only_unwise_gets_a_warning_and_no_error(code: str, change: Callable[[Case], object]) -> None:
    findings = spoilt(change)

    assert codes(findings, Severity.ERROR) == set()
    assert code in codes(findings, Severity.WARNING)


def test_versions_may_use_different_digest_algorithms() -> None:
    def change(case: Case) -> None:
        digest = hashlib.sha256(A).hexdigest()
        case.old |= {"digestAlgorithm": "sha256", "manifest": {digest: ["v1/content/a"]}}
        case.old["versions"]["v1"]["state"] = {digest: ["a"]}

    findings = spoilt(change)

    assert codes(findings, Severity.ERROR) == set()
    assert codes(findings, Severity.WARNING) == {"W004"}


def test_without_reading_content_a_changed_page_is_not_seen_but_a_lost_one_is() -> None:
    changed, lost = Case(), Case()
    changed.later["v1/content/a"] = b"other page"
    lost.later["v1/content/a"] = None

    assert codes(validate_object(changed.built(), content=False), Severity.ERROR) == set()
    assert codes(validate_object(lost.built(), content=False), Severity.ERROR) == {"E092", "E093"}


# --- storage roots ---

URN = inventory("1.1")["id"]
DIGEST = hashlib.sha256(URN.encode()).hexdigest()
PLACE = f"{DIGEST[:3]}/{DIGEST[3:6]}/{DIGEST}"
LAYOUT = {"extension": "0004-hashed-n-tuple-storage-layout", "description": "hashed"}
CONFIG = {"extensionName": LAYOUT["extension"], "numberOfTuples": 2}


def store(other: Mapping[str, bytes] | None = None, *, place: str = PLACE, release: str = "1.1") -> MemoryTree:
    files = {
        f"0=ocfl_{release}": f"ocfl_{release}\n".encode(),
        "ocfl_layout.json": json.dumps(LAYOUT).encode(),
        f"extensions/{LAYOUT['extension']}/config.json": json.dumps(CONFIG).encode(),
        "READ-ME-FIRST.txt": b"any file may stand here",
    }
    files |= {f"{place}/{path}": octets for path, octets in Case().built().files.items()}
    return MemoryTree(files | dict(other or {}))


def test_a_good_store_passes_and_its_root_may_hold_other_files() -> None:
    assert validate_root(store()) == []


def other_direct() -> dict[str, bytes]:
    case = Case()
    both("id", "urn:other")(case)
    return {f"direct/{path}": octets for path, octets in case.built().files.items()}


def moved(tree: MemoryTree, place: str) -> dict[str, bytes]:
    return {place + path.removeprefix(PLACE): octets for path, octets in tree.files.items() if path.startswith(PLACE)}


def spoil(tree: MemoryTree, change: Callable[[MemoryTree], object]) -> MemoryTree:
    change(tree)
    return tree


@pytest.mark.parametrize(
    ("code", "tree"),
    [
        ("E069", spoil(store(), lambda tree: tree.files.pop("0=ocfl_1.1"))),
        ("E076", store({"0=ocfl_1.0": b"ocfl_1.0\n"})),
        ("E078", spoil(store({"1=ocfl_1.1": b"ocfl_1.1\n"}), lambda tree: tree.files.pop("0=ocfl_1.1"))),
        ("E079", store({"0=ocfl_7": b"ocfl_7\n"})),
        ("E075", store({"T=ocfl_1.1": b"ocfl_1.1\n"})),
        ("E077", store({"T=ocfl_1.1": b"ocfl_1.1\n"})),
        ("E080", store({"0=ocfl_1.1": b"ocfl_1.1"})),
        ("E084", store({f"{DIGEST[:3]}/stray": b""})),
        ("E088", store({"notes/deep/stray": b""})),
        ("E070", store({"ocfl_layout.json": b"{"})),
        ("E070", store({"ocfl_layout.json": b'{"extension": "0004-hashed-n-tuple-storage-layout"}'})),
        ("E071", store({"ocfl_layout.json": b'{"extension": "x", "description": "y"}'})),
        ("E072", store({f"{DIGEST[:3]}/stray": b""})),
        ("E073", spoil(store(), lambda tree: tree.empty_folders.add("abc/def"))),
        ("E081", store(release="1.0")),
        ("E083", store(place="abc/def/elsewhere")),
        ("E085", store({"abc/def/stray": b""})),
        ("E086", store({"extensions/stray": b""}, release="1.0")),
        ("E112", store({"extensions/stray": b""})),
        ("E037", spoil(store(), lambda tree: tree.files.update(moved(tree, "abc/def/copy")))),
        ("E092", store({f"{PLACE}/v1/content/a": b"other page"})),
    ],
)
def test_a_spoilt_store_gets_its_code(code: str, tree: MemoryTree) -> None:
    assert code in codes(validate_root(tree), Severity.ERROR)


@pytest.mark.parametrize(
    ("code", "tree"),
    [
        ("W016", store({"extensions/our-own/file": b""})),
        ("W014", MemoryTree({p: o for p, o in store().files.items() if p != "ocfl_layout.json"} | other_direct())),
        ("W015", MemoryTree({p: o for p, o in store().files.items() if p != "ocfl_layout.json"} | other_direct())),
    ],
)
def test_an_unwise_store_gets_a_warning_and_no_error(code: str, tree: MemoryTree) -> None:
    findings = validate_root(tree)

    assert codes(findings, Severity.ERROR) == set()
    assert code in codes(findings, Severity.WARNING)
