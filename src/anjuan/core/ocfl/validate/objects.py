"""Judging one object: its folder, its inventories side by side, and every byte of its content."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from anjuan.core.ocfl.validate.documents import CONTENT_ALGORITHMS, VERSION_NAME, Facts, Judge
from anjuan.core.ocfl.validate.tree import (
    Entry,
    Kind,
    Notes,
    Tree,
    digester,
    digests,
    join,
    listing,
    read_document,
    walk,
)
from anjuan.core.refusals import Finding

RELEASES = ("1.0", "1.1")
REGISTERED_EXTENSIONS = {
    "0001-digest-algorithms",
    "0002-flat-direct-storage-layout",
    "0003-hash-and-id-n-tuple-storage-layout",
    "0004-hashed-n-tuple-storage-layout",
    "0005-mutable-head",
    "0006-flat-omit-prefix-storage-layout",
    "0007-n-tuple-omit-prefix-storage-layout",
    "0008-schema-registry",
    "0009-digest-algorithms",
    "0010-differential-n-tuple-omit-prefix-storage-layout",
    "0011-direct-clean-path-layout",
    "0012-hash-and-no-prefix-id-n-tuple-storage-layout",
    "initial",
}
_NAMASTE = re.compile(r"([0-9]+)=(.*)", re.DOTALL)
_DECLARED = re.compile(r"ocfl_object_([0-9]+\.[0-9]+)")
_SIDECAR = re.compile(rb"([0-9a-fA-F]+)[ \t]+inventory\.json\n?")


def validate_object(tree: Tree, path: str = "", *, content: bool = True) -> list[Finding]:
    """Judge one object of the store (校验对象).

    Args:
        tree: what is read.
        path: folder of the object, relative to the tree's top.
        content: whether every content file is read and hashed; else only its presence is judged.

    Returns:
        Findings with the specification's codes; none of severity ERROR when the object is valid.

    Standard: OCFL 1.0 and 1.1, 3.
    """
    notes = Notes()
    _ObjectJudge(tree, path, notes, content=content).judge()
    return notes.findings


def object_identifier(tree: Tree, path: str) -> str | None:
    """The identifier that an object's root inventory states, if it can be read."""
    text = read_document(tree, join(path, "inventory.json"))
    return Judge(Notes(), path, RELEASES[-1]).judge(text).identifier if text is not None else None


def declarations(entries: Iterable[Entry]) -> list[str]:
    """Names of the object declarations among these entries."""
    return [entry.name for entry in entries if entry.kind is Kind.FILE and "=ocfl_object_" in entry.name]


def judge_extensions(tree: Tree, folder: str, notes: Notes, *, file_code: str, unknown_code: str) -> None:
    """Examine an extensions folder: only folders, named as registered."""
    for entry in listing(tree, folder, notes):
        if entry.kind is Kind.FILE:
            notes.error(file_code, join(folder, entry.name), "A file stands in the extensions folder.")
        elif entry.name not in REGISTERED_EXTENSIONS:
            notes.warning(unknown_code, join(folder, entry.name), "The extension is not a registered one.")


@dataclass
class _Inventory:
    """An inventory found in the object."""

    folder: str  # relative to the object
    text: bytes
    facts: Facts
    files: dict[str, str] = field(default_factory=dict)


class _ObjectJudge:
    def __init__(self, tree: Tree, path: str, notes: Notes, *, content: bool) -> None:
        self.tree = tree
        self.top = path
        self.notes = notes
        self.read_content = content
        self.release = RELEASES[-1]
        self.declared = False

    def at(self, *parts: str) -> str:
        """A path for reading, from parts relative to the object."""
        return join(self.top, *parts)

    def place(self, *parts: str) -> str:
        """The same for a finding."""
        return self.at(*parts) or "."

    def judge(self) -> None:
        """Examine everything."""
        entries = listing(self.tree, self.top, self.notes)
        declared = declarations(entries)
        self._declaration(declared)
        files = {entry.name for entry in entries if entry.kind is Kind.FILE}
        if "inventory.json" not in files:
            self.notes.error("E063", self.place(), "The object has no inventory.")
            if not declared:
                return  # nothing here claims to be an object, so nothing else can be held against it
        root = self._inventory("", files) if "inventory.json" in files else None
        stated = set(root.facts.versions) if root else set()
        folders: list[str] = []
        for entry in entries:
            if entry.kind is Kind.FOLDER:
                if VERSION_NAME.fullmatch(entry.name):
                    folders.append(entry.name)
                elif entry.name == "extensions":
                    judge_extensions(self.tree, self.at(entry.name), self.notes, file_code="E067", unknown_code="W013")
                elif entry.name != "logs":
                    self.notes.error("E001", self.place(entry.name), "The folder has no place in an object.")
                    if entry.name in stated:
                        folders.append(entry.name)  # judged on, so that one wrong name is one error
            elif entry.name not in declared and not self._is_inventory_file(entry.name, root):
                self.notes.error("E001", self.place(entry.name), "The file has no place in an object.")
        if root is None:
            return
        self._numbering(root, folders)
        self._content_and_versions(root, folders)

    def _declaration(self, declared: list[str]) -> None:
        if not declared:
            self.notes.error("E003", self.place(), "The object has no version declaration.")
            return
        if len(declared) > 1:
            self.notes.error("E003", self.place(), "The object has more than one version declaration.")
        for name in declared:
            found = _NAMASTE.fullmatch(name)
            value = _DECLARED.fullmatch(found[2]) if found else None
            if found is None or value is None or value[1] not in RELEASES:
                self.notes.error("E004", self.place(name), "The declaration does not name OCFL 1.0 or 1.1.")
                self.notes.error("E006", self.place(name), "Its value is not ocfl_object_1.0 or ocfl_object_1.1.")
                continue
            if found[1] != "0":
                self.notes.error("E005", self.place(name), "The declaration does not begin with 0=.")
            self.release, self.declared = value[1], True
            if read_document(self.tree, self.at(name)) != f"{found[2]}\n".encode():
                self.notes.error("E007", self.place(name), "The declaration's text is not its name and a newline.")

    @staticmethod
    def _is_inventory_file(name: str, inventory: _Inventory | None) -> bool:
        algorithms = {*CONTENT_ALGORITHMS, inventory.facts.algorithm if inventory else None}
        return name == "inventory.json" or (
            name.startswith("inventory.json.") and name.removeprefix("inventory.json.") in algorithms
        )

    def _inventory(self, folder: str, files: set[str]) -> _Inventory | None:
        path = self.place(folder, "inventory.json")
        text = read_document(self.tree, self.at(folder, "inventory.json"))
        if text is None:
            self.notes.error("E033", path, "The inventory cannot be read.")
            return None
        judge = Judge(self.notes, path, self.release)
        facts = judge.judge(text)
        if not folder and self.declared and facts.release != self.release:
            self.notes.error("E038", path, f"The type is not that of OCFL {self.release}, which the object declares.")
        self._sidecar(folder, files, text, facts.algorithm)
        return _Inventory(folder, text, facts)

    def _sidecar(self, folder: str, files: set[str], text: bytes, algorithm: str | None) -> None:
        found = sorted(name for name in files if name.startswith("inventory.json."))
        if algorithm is None:  # the inventory does not say; whatever sidecar there is shall speak
            algorithm = found[0].removeprefix("inventory.json.") if found else "sha512"
        name = f"inventory.json.{algorithm}"
        if name not in files:
            self.notes.error("E058", self.place(folder, name), "The inventory has no digest file.")
            return
        for other in found:
            if other != name and other.removeprefix("inventory.json.") in CONTENT_ALGORITHMS:
                self.notes.error("E059", self.place(folder, other), f"The inventory's algorithm is {algorithm}.")
        stated = _SIDECAR.fullmatch(read_document(self.tree, self.at(folder, name)) or b"")
        if stated is None:
            self.notes.error(
                "E061", self.place(folder, name), "The digest file is not of the form 'DIGEST inventory.json'."
            )
            return
        taker = digester(algorithm)
        if taker is None:
            return  # E025 stands already
        taker.update(text)
        if taker.hexdigest() != stated[1].decode().lower():
            self.notes.error(
                "E060", self.place(folder, "inventory.json"), "The digest of the inventory does not agree."
            )

    def _numbering(self, root: _Inventory, folders: list[str]) -> None:
        """The names of versions: continuous from 1, spelt alike, in the inventory and on disk."""
        place = self.place("inventory.json")
        names = list(root.facts.versions)
        good = sorted((name for name in names if VERSION_NAME.fullmatch(name)), key=lambda name: int(name[1:]))
        for name in names:
            if name not in good and name not in folders:
                self.notes.error("E046", place, f"The version name {name!r} is not of the form v1.")
                self.notes.error("E104", place, f"The version name {name!r} is not v and a number.")
            if name not in folders:
                code = "E010" if name in good else "E046"
                self.notes.error(code, place, f"The folder of version {name} is missing.")
        for name in folders:
            if name not in root.facts.versions:
                self.notes.error("E046", self.place(name), f"The inventory has no version {name}.")
        numbers = [int(name[1:]) for name in good]
        if numbers and numbers[0] != 1:
            self.notes.error("E009", place, "The versions do not begin with 1.")
        if 0 in numbers:
            self.notes.error("E105", place, "A version has the number 0.")
        if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            self.notes.error("E010", place, "The versions are not continuous.")
        self._spelling(good, place)
        head = root.facts.head
        newest = good[-1] if good else None
        if head is not None and names and head != newest and (newest is not None or head not in names):
            self.notes.error("E040", place, f"The head {head!r} is not the newest version, {newest}.")

    def _spelling(self, good: list[str], place: str) -> None:
        if not good:
            return
        first = good[0]
        padded = first.startswith("v0")
        if padded:
            self.notes.warning("W001", place, "The version names are padded with zeros.")
        for name in good[1:]:
            if padded and not name.startswith("v0"):
                self.notes.error("E011", place, f"The padded version name {name} does not begin with v0.")
                self.notes.error("E013", place, f"The version name {name} is not spelt as {first} is.")
            elif (padded and len(name) != len(first)) or (not padded and name.startswith("v0")):
                self.notes.error("E012", place, f"The version name {name} is not spelt as {first} is.")

    def _content_and_versions(self, root: _Inventory, folders: list[str]) -> None:
        ordered = sorted(folders, key=lambda name: (int(name[1:]) if VERSION_NAME.fullmatch(name) else 0, name))
        inventories = [root]
        files: dict[str, str] = {}  # version folder by path of the file, relative to the object
        for folder in ordered:
            inventory = self._version_folder(folder, root, files)
            if inventory is not None:
                inventories.append(inventory)
        for inventory in inventories[1:]:
            self._compare(root, inventory, is_newest=inventory.folder == ordered[-1] == root.facts.head)
        self._releases(inventories[1:], root)
        self._against_disk(inventories, ordered, files)

    def _version_folder(self, folder: str, root: _Inventory, files: dict[str, str]) -> _Inventory | None:
        entries = listing(self.tree, self.at(folder), self.notes)
        names = {entry.name for entry in entries if entry.kind is Kind.FILE}
        inventory = None
        if not entries:
            self.notes.error("E073", self.place(folder), "The version's folder is empty.")
        if "inventory.json" in names:
            inventory = self._inventory(folder, names)
            if inventory is None:
                return None
        else:
            self.notes.warning("W010", self.place(folder), "The version has no inventory of its own.")
        content_folder = root.facts.content_folder
        if inventory and inventory.facts.content_folder != content_folder:
            place = self.place(folder, "inventory.json")
            self.notes.error("E019", place, "The contentDirectory is not that of the object.")
            self.notes.error("E020", place, "The contentDirectory has changed between versions.")
            content_folder = inventory.facts.content_folder
        for entry in entries:
            path = join(folder, entry.name)
            if entry.kind is Kind.FILE:
                if inventory is None or not self._is_inventory_file(entry.name, inventory):  # a lone digest file, too
                    self.notes.error("E015", self.place(path), "The file has no place in a version's folder.")
                    files[path] = ""  # known to exist, so that it is one error and not two
            elif entry.name != content_folder:
                if entry.name not in {path.split("/")[1] for path in root.facts.manifest if path.count("/") > 1}:
                    self.notes.warning("W002", self.place(path), "The folder is not the content folder.")
            else:
                self._content_folder(path, folder, files)
        return inventory

    def _content_folder(self, path: str, folder: str, files: dict[str, str]) -> None:
        empty: list[str] = []
        for found in walk(self.tree, self.at(path), self.notes, empty.append):
            files[found[len(self.top) + 1 :] if self.top else found] = folder
        for where in empty:
            if where == self.at(path):
                self.notes.warning("W003", where, "The version has a content folder and no content.")
            else:
                self.notes.error("E024", where, "An empty folder stands in the content.")

    def _compare(self, root: _Inventory, other: _Inventory, *, is_newest: bool) -> None:
        """A version's own inventory beside the root inventory."""
        place = self.place(other.folder, "inventory.json")
        if is_newest and other.text != root.text:
            self.notes.error("E064", place, "The newest version's inventory is not that of the object.")
        if other.facts.identifier != root.facts.identifier and other.facts.identifier is not None:
            self.notes.error("E037", place, "The id is not that of the object.")
            self.notes.error(other.facts.later("E110", "E037"), place, "The id has changed between versions.")
        if other.facts.head is not None and other.facts.head != other.folder:
            self.notes.error("E040", place, f"The head is {other.facts.head!r} in the folder of {other.folder}.")
        for name, theirs in other.facts.versions.items():
            ours = root.facts.versions.get(name)
            if ours is None:
                if name not in self._beyond(other, root):
                    self.notes.error("E066", place, f"Version {name} is not in the object's inventory.")
                continue
            if not _same_state(root.facts, ours.state, other.facts, theirs.state):
                self.notes.error("E066", place, f"Version {name} is not what the object's inventory says.")
            if ours.metadata != theirs.metadata:
                self.notes.warning("W011", place, f"Time, message or user of version {name} differ.")

    @staticmethod
    def _beyond(other: _Inventory, root: _Inventory) -> set[str]:
        """Versions newer than the root's head: that the root is behind is E046 already."""
        return set(other.facts.versions) if other.folder not in root.facts.versions else set()

    def _releases(self, inventories: list[_Inventory], root: _Inventory) -> None:
        newest = RELEASES[0]
        for inventory in [*inventories, root]:
            release = inventory.facts.release or self.release
            if release < newest:
                self.notes.error(
                    "E103", self.place(inventory.folder, "inventory.json"), "An earlier version has a later type."
                )
            newest = max(newest, release)

    def _against_disk(self, inventories: list[_Inventory], ordered: list[str], files: dict[str, str]) -> None:
        """Every file in every manifest that should name it, and every digest against the bytes."""
        for inventory in inventories:
            place = self.place(inventory.folder, "inventory.json")
            seen = set(ordered)
            if inventory.folder:
                seen = set(ordered[: ordered.index(inventory.folder) + 1])
            for path, folder in files.items():
                if folder in seen and path not in inventory.facts.manifest:
                    self.notes.error("E023", place, f"The manifest does not name {path!r}.")
            for path in inventory.facts.manifest:
                if path.split("/")[0] not in ordered:
                    self.notes.error("E042", place, f"The content path {path!r} is in no version's folder.")
                elif path not in files:
                    self.notes.error("E092", place, f"The content file {path!r} does not exist.")
            for algorithm, block in inventory.facts.fixity.items():
                for path in block.keys() - files.keys():
                    self.notes.error("E093", place, f"The file {path!r} of the {algorithm} block does not exist.")
        if self.read_content:
            for path in sorted(files):
                self._digests(path, inventories)

    def _digests(self, path: str, inventories: list[_Inventory]) -> None:
        wanted: dict[str, None] = {}
        for inventory in inventories:
            if inventory.facts.algorithm and path in inventory.facts.manifest:
                wanted[inventory.facts.algorithm] = None
            wanted |= dict.fromkeys(name for name, block in inventory.facts.fixity.items() if path in block)
        if not wanted:
            return
        found = digests(self.tree, self.at(path), wanted)
        if found is None:
            self.notes.error("E092", self.place(path), "The content file cannot be read to its end.")
            return
        for inventory in inventories:
            facts = inventory.facts
            if facts.algorithm in found and facts.manifest.get(path, found[facts.algorithm]) != found[facts.algorithm]:
                self.notes.error("E092", self.place(path), f"Not the {facts.algorithm} digest of the manifest.")
            for algorithm, block in facts.fixity.items():
                if algorithm in found and block.get(path, found[algorithm]) != found[algorithm]:
                    self.notes.error("E093", self.place(path), f"Not the {algorithm} digest of the fixity block.")


def _same_state(ours: Facts, our_state: dict[str, str], theirs: Facts, their_state: dict[str, str]) -> bool:
    """Whether two descriptions of one version name the same files.

    Two inventories may use different digests; then files are the same when they are the same content paths.
    """
    if our_state.keys() != their_state.keys():
        return False
    if ours.algorithm == theirs.algorithm:
        return our_state == their_state
    return all(
        _paths(ours, our_state[name]) & _paths(theirs, their_state[name]) or not _paths(theirs, their_state[name])
        for name in our_state
    )


def _paths(facts: Facts, digest: str) -> set[str]:
    return {path for path, value in facts.manifest.items() if value == digest}


def layout_digest(identifier: str, algorithm: str) -> str | None:
    """The digest of an identifier as layouts use it, or None when the algorithm is unknown."""
    taker = digester(algorithm) if algorithm != "size" else None
    if taker is None:
        return None
    taker.update(identifier.encode("utf-8", "surrogatepass"))
    return taker.hexdigest()
