"""Judging one inventory document by itself: its JSON, its keys, its paths."""

import datetime as dt
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from anjuan.core.ocfl.validate.tree import Notes, digester

TYPES = {f"https://ocfl.io/{release}/spec/#inventory": release for release in ("1.0", "1.1")}
CONTENT_ALGORITHMS = ("sha512", "sha256")
VERSION_NAME = re.compile(r"v[0-9]{1,18}")
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_HEX = re.compile(r"[0-9a-fA-F]+")
_DIGESTS = {  # the code under which the encoding is required, and the length
    "sha1": ("E029", 40),
    "sha256": ("E030", 64),
    "sha512": ("E031", 128),
    "blake2b-512": ("E032", 128),
}
_TOP_KEYS = {"id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity"}
_VERSION_KEYS = {"created", "state", "message", "user"}


@dataclass
class VersionFacts:
    """What one version block says, as far as it can be understood."""

    state: dict[str, str] = field(default_factory=dict)  # digest, lower-case, by logical path
    metadata: tuple[Any, Any, Any] = (None, None, None)


@dataclass
class Facts:
    """What an inventory says, as far as it can be understood."""

    release: str | None = None
    identifier: str | None = None
    algorithm: str | None = None
    head: str | None = None
    content_folder: str = "content"
    manifest: dict[str, str] = field(default_factory=dict)  # digest, lower-case, by content path
    fixity: dict[str, dict[str, str]] = field(default_factory=dict)  # digest by content path, by algorithm
    versions: dict[str, VersionFacts] = field(default_factory=dict)

    def later(self, code: str, earlier: str) -> str:
        """A code that 1.1 introduced, or the one under which 1.0 forbids the same; by the inventory's own release."""
        return earlier if self.release == "1.0" else code


class _Duplicate(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Duplicate("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def load_json(text: bytes) -> tuple[Any, str]:
    """The document, or None and why it is not JSON in UTF-8."""
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_no_constant), ""
    except (ValueError, RecursionError) as error:
        return None, str(error) or type(error).__name__


def is_uri(text: str) -> bool:
    """Whether a text has the form of a URI."""
    return bool(_URI.fullmatch(text))


def _conflicts(paths: Iterable[str]) -> list[str]:
    """Paths that are also the folder of another path."""
    known = set(paths)
    folders: set[str] = set()
    for path in known:
        at = path.find("/")
        while at >= 0:
            folders.add(path[:at])
            at = path.find("/", at + 1)
    return sorted(known & folders)


class Judge:
    """One inventory under examination.

    Args:
        notes: where findings go.
        place: path of the inventory.
        release: specification version that the object declares; the inventory's own type is believed for its rules.
    """

    def __init__(self, notes: Notes, place: str, release: str) -> None:
        self.notes = notes
        self.place = place
        self.release = release
        self.facts = Facts()
        self.is_state_lost = False  # a state could not be understood, so nothing can be called unused

    def error(self, code: str, message: str) -> None:
        """Note an error at this inventory."""
        self.notes.error(code, self.place, message)

    def warning(self, code: str, message: str) -> None:
        """Note a warning at this inventory."""
        self.notes.warning(code, self.place, message)

    def judge(self, text: bytes) -> Facts:
        """Examine the bytes of the inventory."""
        document, why = load_json(text)
        if why:
            self.error("E033", f"The inventory is not JSON in UTF-8: {why}.")
            return self.facts
        if not isinstance(document, dict):
            self.error("E033", "The inventory is not a JSON object.")
            self.error("E034", "The inventory is not of the structure of the specification.")
            return self.facts
        self._head_keys(document)
        self._manifest(document)
        used = self._versions(document)
        if self.facts.release != "1.0" and isinstance(document.get("manifest"), dict) and not self.is_state_lost:
            for digest in document["manifest"]:
                if digest.lower() not in used:
                    self.error("E107", f"The manifest's digest {digest} is in no version's state.")
        self._fixity(document)
        return self.facts

    def _head_keys(self, document: dict[str, Any]) -> None:
        for key in ("id", "type", "digestAlgorithm", "head"):
            if key not in document:
                self.error("E036", f"The key {key} is missing.")
        for key in document.keys() - _TOP_KEYS:
            self.error("E102", f"The key {key!r} is not described by the specification.")
        facts = self.facts
        if "type" in document:
            facts.release = TYPES.get(document["type"]) if isinstance(document["type"], str) else None
            if facts.release is None:
                self.error("E038", "The type is not that of an inventory of OCFL 1.0 or 1.1.")
        facts.release = facts.release or self.release
        if "id" in document:
            identifier = document["id"]
            if not isinstance(identifier, str) or not identifier:
                self.error("E037", "The id is not a text.")
            else:
                facts.identifier = identifier
                if not is_uri(identifier):
                    self.warning("W005", f"The id {identifier!r} is not a URI.")
        if "digestAlgorithm" in document:
            algorithm = document["digestAlgorithm"]
            if algorithm not in CONTENT_ALGORITHMS:
                self.error("E025", f"The digest algorithm is {algorithm!r}, not sha512 or sha256.")
            elif algorithm != "sha512":
                self.warning("W004", "The digest algorithm should be sha512.")
            facts.algorithm = algorithm if isinstance(algorithm, str) else None
        if "head" in document:
            if not isinstance(document["head"], str):
                self.error("E040", "The head is not a text.")
            else:
                facts.head = document["head"]
        if "contentDirectory" in document:
            folder = document["contentDirectory"]
            if not isinstance(folder, str) or not folder:
                self.error(self.facts.later("E108", "E017"), "The contentDirectory is not a text.")
            elif "/" in folder:
                self.error("E017", "The contentDirectory contains a slash.")
            elif folder in (".", ".."):
                self.error("E018", "The contentDirectory is a dot or two.")
            else:
                facts.content_folder = folder

    def _content_paths(self, paths: Any, code: str, digest: str) -> list[str]:
        """The content paths under one digest, those that are safe to follow."""
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            self.error(code, f"The value under {digest} is not an array of paths.")
            return []
        good: list[str] = []
        for path in paths:
            if path.startswith("/") or path.endswith("/"):
                self.error("E100", f"The content path {path!r} begins or ends with a slash.")
            elif any(element in ("", ".", "..") for element in path.split("/")):
                self.error("E099", f"The content path {path!r} has an empty, . or .. element.")
            else:
                good.append(path)
        return good

    def _digest(self, algorithm: str | None, digest: str, length_code: str) -> None:
        """Whether a digest has the form of its algorithm; whether it is that of the bytes is judged elsewhere."""
        encoding, length = _DIGESTS.get(algorithm or "", ("", 0))
        if length and not _HEX.fullmatch(digest):
            self.error(encoding, f"The {algorithm} digest {digest[:40]!r} is not in hex digits.")
        elif length and len(digest) != length:
            self.error(length_code, f"The digest {digest[:40]!r} is not one of {algorithm}.")

    def _manifest(self, document: dict[str, Any]) -> None:
        if "manifest" not in document:
            self.error("E041", "The manifest is missing.")
            return
        manifest = document["manifest"]
        if not isinstance(manifest, dict):
            self.error(self.facts.later("E106", "E041"), "The manifest is not a JSON object.")
            return
        seen: set[str] = set()
        paths_seen: list[str] = []
        for digest, paths in manifest.items():
            if digest.lower() in seen:
                self.error("E096", f"The digest {digest} stands twice in the manifest.")
            seen.add(digest.lower())
            self._digest(self.facts.algorithm, digest, "E039")
            for path in self._content_paths(paths, "E092", digest):
                elements = path.split("/")
                if VERSION_NAME.fullmatch(elements[0]) and elements[1:2] != [self.facts.content_folder]:
                    self.error("E016", f"The content path {path!r} is not in the version's content folder.")
                paths_seen.append(path)
                self.facts.manifest[path] = digest.lower()
        if len(paths_seen) != len(set(paths_seen)):
            self.error("E101", "A content path stands twice in the manifest.")
        for path in _conflicts(paths_seen):
            self.error("E101", f"The content path {path!r} is also a folder of another.")

    def _versions(self, document: dict[str, Any]) -> set[str]:
        """Examine all version blocks; the digests that states use, in lower case."""
        used: set[str] = set()
        if "versions" not in document:
            self.error("E043", "The versions are missing.")
            return used
        versions = document["versions"]
        if not isinstance(versions, dict):
            self.error("E044", "The versions are not a JSON object.")
            self.error("E045", "The value under versions is not a JSON object.")
            return used
        if not versions:
            self.error("E008", "There is no version.")
        manifest = document.get("manifest")
        known = set(manifest) if isinstance(manifest, dict) else set()
        for name, block in versions.items():
            if not isinstance(block, dict):
                self.error("E047", f"The block of version {name} is not a JSON object.")
                self.facts.versions[name] = VersionFacts()
                continue
            self.facts.versions[name] = self._version(name, block, known, used)
        return used

    def _version(self, name: str, block: dict[str, Any], known: set[str], used: set[str]) -> VersionFacts:
        for key in block.keys() - _VERSION_KEYS:
            self.error("E102", f"The key {key!r} of version {name} is not described by the specification.")
        for key in ("created", "state"):
            if key not in block:
                self.error("E048", f"Version {name} lacks {key}.")
        if "created" in block and not self._is_time(block["created"]):
            self.error("E049", f"The time of version {name} is not of the form of RFC 3339.")
        if "message" not in block or "user" not in block:
            self.warning("W007", f"Version {name} lacks a message or a user.")
        if "message" in block and not isinstance(block["message"], str):
            self.error("E094", f"The message of version {name} is not a text.")
        if "user" in block:
            self._user(name, block["user"])
        facts = VersionFacts(metadata=(block.get("created"), block.get("message"), block.get("user")))
        if "state" in block:
            self._state(name, block["state"], known, used, facts)
        return facts

    def _user(self, name: str, user: Any) -> None:
        if not isinstance(user, dict) or not isinstance(user.get("name"), str) or not user["name"]:
            self.error("E054", f"The user of version {name} has no name.")
            return
        for key in user.keys() - {"name", "address"}:
            self.error("E102", f"The key {key!r} of the user of version {name} is not described by the specification.")
        if "address" not in user:
            self.warning("W008", f"The user of version {name} has no address.")
        elif not isinstance(user["address"], str) or not is_uri(user["address"]):
            self.warning("W009", f"The address of the user of version {name} is not a URI.")

    def _state(self, name: str, state: Any, known: set[str], used: set[str], facts: VersionFacts) -> None:
        if not isinstance(state, dict):
            self.error("E050", f"The state of version {name} is not a JSON object.")
            self.is_state_lost = True
            return
        logical: list[str] = []
        for digest, paths in state.items():
            used.add(digest.lower())
            if digest not in known:
                self.error("E050", f"The digest {digest} of version {name} is not in the manifest.")
            if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
                self.error("E051", f"Under {digest} version {name} has no array of logical paths.")
                continue
            for path in paths:
                logical.append(path)
                facts.state[path] = digest.lower()
                if path.startswith("/") or path.endswith("/"):
                    self.error("E053", f"The logical path {path!r} begins or ends with a slash.")
                if any(element in ("", ".", "..") for element in path.strip("/").split("/")) or "//" in path:
                    self.error("E052", f"The logical path {path!r} has an empty, . or .. element.")
        if len(logical) != len(set(logical)):
            self.error("E095", f"A logical path stands twice in version {name}.")
        for path in _conflicts(logical):
            self.error("E095", f"The logical path {path!r} of version {name} is also a folder of another.")

    def _is_time(self, value: Any) -> bool:
        found = _RFC3339.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return False
        try:
            dt.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return False
        return True

    def _fixity(self, document: dict[str, Any]) -> None:
        if "fixity" not in document:
            return
        if not isinstance(document["fixity"], dict):
            self.error(self.facts.later("E111", "E057"), "The fixity is not a JSON object.")
            return
        for algorithm, block in document["fixity"].items():
            if not isinstance(block, dict):
                self.error("E057", f"The fixity block of {algorithm} is not a JSON object.")
                continue
            if digester(algorithm) is None:
                # E028: what a client does not support it must ignore; we say that we did.
                self.warning("A002", f"The fixity algorithm {algorithm!r} is not known here and was not checked.")
            seen: set[str] = set()
            paths_seen: list[str] = []
            for digest, paths in block.items():
                if digest.lower() in seen:
                    self.error("E097", f"The digest {digest} stands twice in the fixity block of {algorithm}.")
                seen.add(digest.lower())
                self._digest(algorithm, digest, "E057")
                for path in self._content_paths(paths, "E057", digest):
                    paths_seen.append(path)
                    self.facts.fixity.setdefault(algorithm, {})[path] = digest.lower()
            if len(paths_seen) != len(set(paths_seen)):
                self.error("E101", f"A content path stands twice in the fixity block of {algorithm}.")
