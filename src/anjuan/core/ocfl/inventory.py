"""The inventory of an object (对象清单): what each version holds, and where each byte stream lies.

A byte stream is kept once in an object: a later version that names it again stores nothing (forward delta). Content
paths are never moved; a version that only renames writes no content at all.

Standard: OCFL 1.1, 3.5 and 3.6.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core.fixity import CONTENT_ALGORITHM, FIXITY_ALGORITHMS, Digests
from anjuan.core.ocfl.layout import SPECIFICATION

TYPE = f"https://ocfl.io/{SPECIFICATION}/spec/#inventory"
INVENTORY_NAME = "inventory.json"
SIDECAR_NAME = f"{INVENTORY_NAME}.{CONTENT_ALGORITHM}"
CONTENT_FOLDER = "content"
MAXIMUM_ELEMENT_BYTES = 255

_VERSION = re.compile(r"v[1-9][0-9]*")
_SHA512 = re.compile(r"[0-9a-f]{128}")


class MalformedInventory(ValueError):
    """The text is not an inventory as we write them, or a version asked for cannot be written."""


@dataclass(frozen=True)
class Content:
    """One byte stream that the object keeps.

    Attributes:
        path: where it lies, relative to the object's folder.
        sha512: lower-case hex.
        fixity: digests of the other families, by algorithm.
    """

    path: str
    sha512: str
    fixity: Mapping[str, str]


@dataclass(frozen=True)
class Version:
    """One version of the object (版本).

    Attributes:
        created_at: aware time, whole seconds are kept as given.
        message: why the version was made.
        user_name: who made it.
        user_address: a URI that names who made it.
        state: digest by logical name.
    """

    created_at: dt.datetime
    message: str
    user_name: str
    user_address: str
    state: Mapping[str, str]


@dataclass(frozen=True)
class Inventory:
    """All versions and all content of one object (对象清单)."""

    urn: str
    contents: tuple[Content, ...]
    versions: tuple[Version, ...]

    @property
    def head(self) -> int:
        """Number of the newest version, from 1."""
        return len(self.versions)

    @property
    def state(self) -> Mapping[str, str]:
        """What the newest version holds: digest by logical name."""
        return self.versions[-1].state

    def content(self, sha512: str) -> Content:
        """Where a byte stream lies; LookupError when the object has none of this digest."""
        for content in self.contents:
            if content.sha512 == sha512:
                return content
        raise LookupError(sha512)

    def added(self) -> tuple[Content, ...]:
        """What the newest version added to the object's content."""
        prefix = f"v{self.head}/"
        return tuple(content for content in self.contents if content.path.startswith(prefix))


def check_logical_names(names: Mapping[str, str] | Mapping[str, Digests]) -> None:
    """Whether these names can stand in one version, and as files on any disk.

    Raises:
        MalformedInventory: a name is empty, absolute, holds ``.`` or ``..`` or a control character, has an element
            above 255 bytes, or is also the folder of another name.
    """
    for name in names:
        elements = name.split("/")
        try:
            too_long = any(len(element.encode()) > MAXIMUM_ELEMENT_BYTES for element in elements)
        except UnicodeEncodeError as error:
            raise MalformedInventory("a logical name is not valid Unicode") from error
        if too_long or any(element in ("", ".", "..") for element in elements):
            raise MalformedInventory(f"not a logical name: {name!r}")
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in name):
            raise MalformedInventory(f"a control character stands in the logical name {name!r}")
        for depth in range(1, len(elements)):
            if "/".join(elements[:depth]) in names:
                raise MalformedInventory(f"{name!r} lies inside another file")


def new_inventory(
    *,
    urn: str,
    files: Mapping[str, Digests],
    message: str,
    user_name: str,
    user_address: str,
    at: dt.datetime,
) -> Inventory:
    """The inventory of an object's first version.

    Args:
        urn: identifier of the object.
        files: digests by logical name.
        message: why.
        user_name: who.
        user_address: a URI that names who.
        at: aware time.
    """
    empty = Inventory(urn=urn, contents=(), versions=())
    return next_version(
        empty, state={}, new_files=files, message=message, user_name=user_name, user_address=user_address, at=at
    )


def next_version(
    inventory: Inventory,
    *,
    state: Mapping[str, str],
    new_files: Mapping[str, Digests],
    message: str,
    user_name: str,
    user_address: str,
    at: dt.datetime,
) -> Inventory:
    """The inventory with one more version (下一版本).

    Args:
        inventory: the object as it is.
        state: what the version holds of the content already kept: digest by logical name. What is not named here
            leaves the state, though its bytes stay.
        new_files: what comes in: digests by logical name. Bytes that the object already keeps are only named.
        message: why.
        user_name: who.
        user_address: a URI that names who.
        at: aware time.

    Raises:
        MalformedInventory: a name cannot stand, stands twice, or a digest is not kept by the object.
    """
    if at.tzinfo is None:
        raise MalformedInventory("the time of a version has a zone")
    if twice := state.keys() & new_files.keys():
        raise MalformedInventory(f"named twice: {sorted(twice)[0]!r}")
    kept = {content.sha512 for content in inventory.contents}
    for name, sha512 in state.items():
        if sha512 not in kept:
            raise MalformedInventory(f"the object does not keep what {name!r} should be")
    whole = dict(state) | {name: digests.sha512 for name, digests in new_files.items()}
    check_logical_names(whole)
    number = inventory.head + 1
    added: dict[str, Content] = {}
    for name, digests in sorted(new_files.items()):
        if digests.sha512 in kept or digests.sha512 in added:
            continue
        added[digests.sha512] = Content(
            path=f"v{number}/{CONTENT_FOLDER}/{name}",
            sha512=digests.sha512,
            fixity={algorithm: digests.by_algorithm()[algorithm] for algorithm in FIXITY_ALGORITHMS},
        )
    version = Version(
        created_at=at,
        message=message,
        user_name=user_name,
        user_address=user_address,
        state=dict(sorted(whole.items())),
    )
    return Inventory(
        urn=inventory.urn,
        contents=(*inventory.contents, *added.values()),
        versions=(*inventory.versions, version),
    )


def _created(at: dt.datetime) -> str:
    return (
        at.astimezone(dt.UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds").replace("+00:00", "Z")
    )


def serialise(inventory: Inventory) -> bytes:
    """The inventory as the bytes of ``inventory.json``: one inventory, one spelling."""
    fixity: dict[str, dict[str, list[str]]] = {}
    for content in inventory.contents:
        for algorithm, value in content.fixity.items():
            fixity.setdefault(algorithm, {}).setdefault(value, []).append(content.path)
    versions: dict[str, object] = {}
    for number, version in enumerate(inventory.versions, start=1):
        state: dict[str, list[str]] = {}
        for name, sha512 in sorted(version.state.items()):
            state.setdefault(sha512, []).append(name)
        versions[f"v{number}"] = {
            "created": _created(version.created_at),
            "message": version.message,
            "user": {"name": version.user_name, "address": version.user_address},
            "state": state,
        }
    document = {
        "id": inventory.urn,
        "type": TYPE,
        "digestAlgorithm": CONTENT_ALGORITHM,
        "head": f"v{inventory.head}",
        "contentDirectory": CONTENT_FOLDER,
        "manifest": {content.sha512: [content.path] for content in inventory.contents},
        "versions": versions,
        "fixity": fixity,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def sidecar(text: bytes) -> bytes:
    """The bytes of ``inventory.json.sha512`` for these bytes of ``inventory.json``.

    Standard: OCFL 1.1, 3.6.
    """
    return f"{hashlib.sha512(text).hexdigest()}  {INVENTORY_NAME}\n".encode("ascii")


def version_documents(inventory: Inventory) -> Mapping[str, bytes]:
    """What the newest version's folder holds beside its content, by path.

    Nothing, when the version brings content: copies of the inventory cost two inodes each (decision 24). A version that
    only renames would leave its folder empty, which the specification forbids, so there the copy stands.
    """
    if inventory.added():
        return {}
    text = serialise(inventory)
    folder = f"v{inventory.head}"
    return {f"{folder}/{INVENTORY_NAME}": text, f"{folder}/{SIDECAR_NAME}": sidecar(text)}


def _content(path: str, sha512: str, fixity: Mapping[str, str]) -> Content:
    version, folder, *elements = path.split("/")
    if not _VERSION.fullmatch(version) or folder != CONTENT_FOLDER or not elements:
        raise MalformedInventory(f"not a content path of ours: {path!r}")
    check_logical_names({"/".join(elements): sha512})  # a path read from disk must not lead out of the object
    if not _SHA512.fullmatch(sha512):
        raise MalformedInventory("not a lower-case SHA-512 digest")
    return Content(path=path, sha512=sha512, fixity=fixity)


def parse(text: bytes) -> Inventory:
    """An inventory that we wrote, read back; inventories of other makers are not our affair.

    The bytes need not be spelt as ``serialise`` spells them today: an archive outlives its programs.

    Raises:
        MalformedInventory: when it does not have the shape that we write.
    """
    try:
        document = json.loads(text)
        if document["type"] != TYPE or document["digestAlgorithm"] != CONTENT_ALGORITHM:
            raise MalformedInventory("not an inventory of ours")
        by_path: dict[str, dict[str, str]] = {}
        for algorithm, block in document["fixity"].items():
            for value, paths in block.items():
                for path in paths:
                    by_path.setdefault(path, {})[algorithm] = value
        contents = tuple(
            _content(path, sha512, by_path[path]) for sha512, paths in document["manifest"].items() for path in paths
        )
        kept = {content.sha512 for content in contents}
        versions: list[Version] = []
        for number in range(1, len(document["versions"]) + 1):
            block = document["versions"][f"v{number}"]
            state = {name: sha512 for sha512, names in block["state"].items() for name in names}
            if not kept.issuperset(state.values()):
                raise MalformedInventory("a version names what the object does not keep")
            versions.append(
                Version(
                    created_at=dt.datetime.fromisoformat(block["created"]),
                    message=block["message"],
                    user_name=block["user"]["name"],
                    user_address=block["user"]["address"],
                    state=dict(sorted(state.items())),
                )
            )
        inventory = Inventory(urn=document["id"], contents=contents, versions=tuple(versions))
        if document["head"] != f"v{inventory.head}" or not versions:
            raise MalformedInventory("the head is not the newest version")
    except MalformedInventory:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedInventory("not an inventory of ours") from error
    return inventory
