"""What the catalogue on a disk says of a volume, and whether such a folder is as it was made."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = "anjuan-catalogue-v1"
MANIFEST = "SHA256SUMS"
STAMP = "SHA256SUMS.tsr"
CATALOGUE = "catalogue.json"
DATA = "data.js"


@dataclass(frozen=True)
class Entry:
    """One volume or item as the catalogue on a disk knows it.

    ``people`` are names with masked numbers; ``place`` is where the paper lies, its cell first, empty where it is on no
    shelf; ``paper`` is false for a single set, which has none.
    """

    reference: str
    title: str
    kind: str
    year: int
    category: str
    term: str
    pages: int
    people: tuple[str, ...]
    place: tuple[str, ...]
    paper: bool
    within: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the catalogue spells it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}


def spelled(heading: Mapping[str, object], entries: Sequence[Entry]) -> bytes:
    """The catalogue as JSON: its heading, then every volume and item in order."""
    return json.dumps(
        {"format": FORMAT, **heading, "entries": [entry.as_json() for entry in entries]},
        ensure_ascii=False,
        sort_keys=True,
        indent=1,
    ).encode("utf-8")


def as_script(catalogue: bytes) -> bytes:
    """The same as a script: a page opened from a disk may not read a file beside it, but may run one.

    No ``<`` stays as it is, so that a title cannot end a script; the two line separators are written out.
    """
    text = catalogue.decode("utf-8").replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return b"window.CATALOGUE = " + text.encode("utf-8") + b";\n"


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The digests of all files, as ``sha256sum`` writes and checks them."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def differing(files: Mapping[str, bytes], listed: bytes) -> list[str]:
    """Names of files that are not as the manifest says: changed, gone, or there and not named."""
    told = {}
    for line in listed.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        told[name] = digest
    found = {name: hashlib.sha256(octets).hexdigest() for name, octets in files.items()}
    return sorted(name for name in {*told, *found} if told.get(name) != found.get(name))
