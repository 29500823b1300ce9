"""``anjuan ocfl validate``: the independent validator over a folder or a bucket, whatever wrote it."""

from pathlib import Path

from anjuan.core.ocfl.validate import validate_object, validate_root
from anjuan.core.refusals import Finding, Severity
from anjuan.facilities.repository.backends.bucket import BucketTree
from anjuan.facilities.repository.backends.disk import FolderTree
from anjuan.foundation.buckets.backends.s3 import Bucket
from anjuan.foundation.buckets.rules import is_address, parse_address


def validate(place: Path | str) -> list[Finding]:
    """Judge an OCFL object, or a storage root with all its objects.

    Args:
        place: a folder, or the address of a root in a bucket (``s3://bucket/prefix/store?…``). What declares itself a
            root, has a root's layout, or holds objects below it is judged as a root; anything else, an empty folder
            too, as an object.
    """
    if is_address(str(place)):
        return validate_root(BucketTree(Bucket(parse_address(str(place)))))
    path = Path(place)
    if not path.is_dir():
        return [Finding("E003", Severity.ERROR, str(path), "there is no such folder")]
    tree = FolderTree(path)
    return validate_root(tree) if _is_root(path) else validate_object(tree, "")


def _is_root(path: Path) -> bool:
    if any(path.glob("0=ocfl_object_*")) or (path / "inventory.json").exists():
        return False
    if any(path.glob("0=*")) or (path / "ocfl_layout.json").exists():
        return True
    return next(path.rglob("0=ocfl_object_*"), None) is not None
