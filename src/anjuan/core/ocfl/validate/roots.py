"""Judging a storage root: its declaration, its layout, its folders, and every object in it."""

import re
from typing import Any

from anjuan.core.ocfl.validate.documents import load_json
from anjuan.core.ocfl.validate.objects import (
    REGISTERED_EXTENSIONS,
    RELEASES,
    declarations,
    judge_extensions,
    layout_digest,
    object_identifier,
    validate_object,
)
from anjuan.core.ocfl.validate.tree import Kind, Notes, Tree, join, listing, read_document
from anjuan.core.refusals import Finding

_NAMASTE = re.compile(r"([0-9]+)=(.*)", re.DOTALL)
_DECLARED = re.compile(r"ocfl_([0-9]+\.[0-9]+)")
_OBJECT_RELEASE = re.compile(r"0=ocfl_object_([0-9]+\.[0-9]+)")
_HASHED_N_TUPLE = "0004-hashed-n-tuple-storage-layout"


def validate_root(tree: Tree, path: str = "", *, content: bool = True) -> list[Finding]:
    """Judge a whole store and every object in it (校验存储库).

    Args:
        tree: what is read.
        path: folder of the store, relative to the tree's top.
        content: whether every content file is read and hashed.

    Returns:
        Findings with the specification's codes; none of severity ERROR when the store is valid.

    Standard: OCFL 1.0 and 1.1, 4.
    """
    return _RootJudge(tree, path, content=content).judge()


class _RootJudge:
    def __init__(self, tree: Tree, path: str, *, content: bool) -> None:
        self.tree = tree
        self.top = path
        self.content = content
        self.notes = Notes()
        self.release = RELEASES[-1]
        self.layout: dict[str, Any] | None = None
        self.depths: list[int] = []  # of the objects found
        self.places: dict[str, str] = {}  # where an identifier was first found

    def judge(self) -> list[Finding]:
        """Examine everything."""
        entries = listing(self.tree, self.top, self.notes)
        files = [entry.name for entry in entries if entry.kind is Kind.FILE]
        self._declaration(files)
        if "ocfl_layout.json" in files:
            self._layout()
        direct = nested = False
        for entry in entries:
            if entry.kind is not Kind.FOLDER:
                continue  # E087: files that a validator does not understand it must ignore
            folder = join(self.top, entry.name)
            if entry.name == "extensions":
                codes = ("E112", "W016") if self.release != "1.0" else ("E086", "W013")
                judge_extensions(self.tree, folder, self.notes, file_code=codes[0], unknown_code=codes[1])
            elif declarations(listing(self.tree, folder, self.notes)):
                direct = True
                self._object(folder)
            else:
                nested = True
                count = len(self.depths)
                self._hierarchy(folder)
                if len(self.depths) == count:
                    self.notes.error("E088", folder, "The folder is neither for objects nor for extensions.")
        if direct and nested:
            self.notes.warning("W015", self.top or ".", "Objects stand both directly in the root and in folders.")
        if self.layout is None and len(set(self.depths)) > 1:
            self.notes.warning("W014", self.top or ".", "Objects stand at different depths: more than one layout.")
        return self.notes.findings

    def _declaration(self, files: list[str]) -> None:
        place = self.top or "."
        declared = [name for name in files if "=ocfl" in name or (_NAMASTE.fullmatch(name) and "ocfl" in name)]
        if not declared:
            self.notes.error("E069", place, "The storage root has no version declaration.")
            return
        if len(declared) > 1:
            self.notes.error("E076", place, "The storage root has more than one version declaration.")
        for name in declared:
            found = _NAMASTE.fullmatch(name)
            value = _DECLARED.fullmatch(found[2]) if found else None
            if found is None:
                self.notes.error("E075", join(self.top, name), "The declaration is not formatted as NAMASTE says.")
                self.notes.error("E077", join(self.top, name), "The declaration's name is not of the form T=dvalue.")
            if found is None or value is None or value[1] not in RELEASES:
                self.notes.error("E079", join(self.top, name), "The declaration does not name OCFL 1.0 or 1.1.")
                continue
            if found[1] != "0":
                self.notes.error("E078", join(self.top, name), "The declaration does not begin with 0=.")
            self.release = value[1]
            if read_document(self.tree, join(self.top, name)) != f"{found[2]}\n".encode():
                self.notes.error("E080", join(self.top, name), "The declaration's text is not its name and a newline.")

    def _layout(self) -> None:
        place = join(self.top, "ocfl_layout.json")
        document, why = load_json(read_document(self.tree, place) or b"")
        if why or not isinstance(document, dict):
            self.notes.error("E070", place, "The layout is not a JSON object in UTF-8.")
            return
        for key in ("extension", "description"):
            if not isinstance(document.get(key), str):
                self.notes.error("E070", place, f"The layout does not state its {key}.")
        extension = document.get("extension")
        if not isinstance(extension, str):
            return
        if extension not in REGISTERED_EXTENSIONS:
            self.notes.error("E071", place, f"The layout's extension {extension!r} is not a registered one.")
        if extension == _HASHED_N_TUPLE:
            self._n_tuple_layout()

    def _n_tuple_layout(self) -> None:
        place = join(self.top, "extensions", _HASHED_N_TUPLE, "config.json")
        text = read_document(self.tree, place)
        document = load_json(text)[0] if text is not None else {}
        if not isinstance(document, dict):
            return
        layout = {"digestAlgorithm": "sha256", "tupleSize": 3, "numberOfTuples": 3, "shortObjectRoot": False} | document
        sizes = (layout["tupleSize"], layout["numberOfTuples"])
        if isinstance(layout["digestAlgorithm"], str) and all(type(size) is int and 0 <= size <= 32 for size in sizes):
            self.layout = layout

    def _expected(self, identifier: str) -> str | None:
        """Where the declared layout puts an object, if this layout is known here."""
        if self.layout is None:
            return None
        digest = layout_digest(identifier, self.layout["digestAlgorithm"])
        size, count = self.layout["tupleSize"], self.layout["numberOfTuples"]
        if digest is None or size * count > len(digest):
            return None
        tuples = [digest[at * size : (at + 1) * size] for at in range(count)]
        return join(self.top, *tuples, digest[size * count :] if self.layout["shortObjectRoot"] else digest)

    def _hierarchy(self, top: str) -> None:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            entries = listing(self.tree, folder, self.notes)
            if not entries:
                self.notes.error("E073", folder, "An empty folder stands in the storage hierarchy.")
                continue
            if declarations(entries):
                self._object(folder)
                continue
            if all(entry.kind is Kind.FILE for entry in entries):
                self.notes.error("E085", folder, "The storage hierarchy ends in a folder that is not an object.")
            for entry in reversed(entries):
                if entry.kind is Kind.FOLDER:
                    waiting.append(join(folder, entry.name))
                else:
                    place = join(folder, entry.name)
                    self.notes.error("E072", place, "A file stands in the storage hierarchy outside any object.")
                    self.notes.error("E084", place, "A file stands in an intermediate folder.")

    def _object(self, folder: str) -> None:
        self.depths.append(folder.count("/"))
        for name in declarations(listing(self.tree, folder, self.notes)):
            found = _OBJECT_RELEASE.fullmatch(name)
            if found and found[1] in RELEASES and found[1] > self.release:
                self.notes.error("E081", folder, f"The object is of OCFL {found[1]}, the root of {self.release}.")
        for finding in validate_object(self.tree, folder, content=self.content):
            self.notes.findings.append(finding)
        identifier = object_identifier(self.tree, folder)
        if identifier is None:
            return
        if identifier in self.places:
            self.notes.error("E037", folder, f"The id is also that of {self.places[identifier]}.")
        self.places.setdefault(identifier, folder)
        expected = self._expected(identifier)
        if expected is not None and expected != folder:
            self.notes.error("E083", folder, f"The layout puts this object at {expected}.")
