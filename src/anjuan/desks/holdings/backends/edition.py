"""The folder that finds without any server: pages of ours beside the data, each file with its digest (单机版目录)."""

import importlib.resources
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

PAGES = ("index.html", "find.js", "style.css", "READ-ME.txt")


def pages() -> dict[str, bytes]:
    """The files that are the same in every edition."""
    folder = importlib.resources.files("anjuan.desks.holdings").joinpath("edition")
    return {name: folder.joinpath(name).read_bytes() for name in PAGES}


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files as a new folder: whole, or not at all. Readable by its owner only.

    Raises:
        FileExistsError: something stands there.
    """
    if folder.exists():
        raise FileExistsError(folder)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, octets in files.items():
            path = partial / name
            path.write_bytes(octets)
            path.chmod(0o600)
        partial.rename(folder)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def read(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def packed(files: Mapping[str, bytes], name: str) -> bytes:
    """The same folder as a ZIP."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for file_name, content in sorted(files.items()):
            archive.writestr(f"{name}{os.sep}{file_name}", content)
    return octets.getvalue()
