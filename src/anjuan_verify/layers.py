"""Judging reading layers in a store (核验识读层): what a machine read of pages, lying beside them as derived data.

Bytes and digests of a layer are judged as those of every other file. Here it is asked whether a layer says of itself
that it is derived, and speaks of the item it lies in and of images that the same object keeps: ``readings/v<n>.jsonl``,
as ``docs/reference/reading-layer.md`` tells it. This program's own reading of it; it shares nothing with its maker.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "anjuan-reading-v1"
_NAME = re.compile(r"readings/v([1-9][0-9]*)\.jsonl")


@dataclass
class LayerFaults:
    """How many layers there are, and what is wrong with which: its place, and words."""

    count: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)


def layer_faults(folder: Path) -> LayerFaults:
    """Judge every layer of every version of every object below a folder.

    Args:
        folder: an OCFL storage root, or one object; what is damaged in it is told by others.
    """
    found = LayerFaults()
    for at in _objects(folder):
        try:
            inventory = json.loads((at / "inventory.json").read_bytes())
            layers = sorted(set(_layers(inventory)))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue  # the structure is judged elsewhere
        for name, digest in layers:
            found.count += 1
            if why := _fault(at, inventory, name, digest):
                found.faults.append((f"{at.relative_to(folder).as_posix()}/{name}".removeprefix("./"), why))
    return found


def _objects(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        if "inventory.json" in files:
            folders.clear()  # versions may have copies of it
            yield Path(place)


def _layers(inventory: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for version in inventory["versions"].values():
        for digest, names in version["state"].items():
            for name in names:
                if _NAME.fullmatch(name):
                    yield name, digest


def _fault(at: Path, inventory: Mapping[str, Any], name: str, digest: str) -> str:
    try:
        octets = (at / inventory["manifest"][digest][0]).read_bytes()
        head, *pages = [json.loads(line) for line in octets.splitlines()]
        sizes = {file["sha512"]: file["pages"] for file in head["files"]}
        if head["format"] != FORMAT or head["kind"] != "derived":
            return "it does not say that it is derived"
        if head["urn"] != inventory["id"]:
            return "it speaks of another item"
        if name != f"readings/v{head['version']}.jsonl":
            return "its name tells another version"
        if not sizes.keys() <= inventory["manifest"].keys():
            return "it was read from a file that the object does not keep"
        places = [(page["sha512"], page["page"]) for page in pages]
        if len(set(places)) != len(places) or any(not 1 <= page <= sizes[sha512] for sha512, page in places):
            return "it tells of pages that the files do not have, or twice of one"
        waiting = {(file["sha512"], page) for file in head["files"] for page in file["waiting"]}
        if len(waiting) + len(places) != sum(sizes.values()) or waiting & set(places):
            return "pages neither read nor waiting, or both"
    except OSError:
        return ""  # missing or unreadable: told with the bytes
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return "it is not written as a layer must be"
    return ""
