"""``anjuan ocfl validate``: the independent validator over a folder, whatever wrote it."""

from pathlib import Path

from anjuan.core.ocfl.validate import validate_object, validate_root
from anjuan.core.refusals import Finding, Severity
from anjuan.facilities.repository.backends.disk import FolderTree


def validate(path: Path) -> list[Finding]:
    """Judge an OCFL object, or else a storage root with all its objects.

    Args:
        path: a folder. One that declares itself an object is judged as such; anything else as a storage root.
    """
    if not path.is_dir():
        return [Finding("E003", Severity.ERROR, str(path), "there is no such folder")]
    tree = FolderTree(path)
    if any(path.glob("0=ocfl_object_*")) or (not any(path.glob("0=*")) and (path / "inventory.json").exists()):
        return validate_object(tree, "")
    return validate_root(tree)
