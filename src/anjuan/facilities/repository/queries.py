"""What can be seen of the store: where an object lies, what it holds, and its bytes, proven before they are given."""

import functools
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from anjuan.core.fixity import Digests
from anjuan.core.ocfl.inventory import Inventory
from anjuan.core.ocfl.layout import object_path
from anjuan.core.ocfl.validate import validate_object, validate_root
from anjuan.core.refusals import Finding, Refusal
from anjuan.facilities.repository.backends.bucket import BucketStore
from anjuan.facilities.repository.backends.disk import digest_stream
from anjuan.facilities.repository.backends.posix import PosixStore
from anjuan.facilities.repository.backends.store import Store
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.rules import FilePlace, ObjectState, StoredContent, Whereabouts
from anjuan.foundation.buckets.backends.s3 import Bucket, BucketFault, Missing
from anjuan.foundation.buckets.rules import is_address, parse_address

__all__ = [
    "check_file",
    "count_files",
    "count_objects",
    "digest_file",
    "digest_stream",
    "files_after",
    "findings_of",
    "head",
    "inventory_of",
    "keeps",
    "object_of_file",
    "object_state",
    "open_verified",
    "place",
    "read_document",
    "read_verified",
    "sealed_after",
    "sealed_urns",
    "store",
    "store_findings",
    "stored_contents",
    "tombstone_of",
    "where",
]


def store() -> Store:
    """The store of this installation (本机存储库): a folder, or a bucket where ANJUAN_STORE names one."""
    wanted: str = getattr(settings, "ANJUAN_STORE", "")
    if is_address(wanted):
        return BucketStore(_bucket(wanted), settings.ANJUAN_HOME / "staging" / "locks")
    root = Path(wanted) if wanted else settings.ANJUAN_HOME / "store"
    return PosixStore(
        root,
        root.parent / "staging",
        reserve_bytes=getattr(settings, "ANJUAN_STORE_RESERVE_BYTES", 64 * 1024 * 1024),
    )


@functools.lru_cache(maxsize=4)
def _bucket(address: str) -> Bucket:
    """One for all threads: what it has asked of the server once need not be asked again."""
    return Bucket(parse_address(address))


def place() -> str:
    """Where the store is, for whoever looks for it: a folder, or the address of a bucket."""
    wanted: str = getattr(settings, "ANJUAN_STORE", "")
    return wanted or str(settings.ANJUAN_HOME / "store")


def digest_file(path: Path) -> Digests:
    """All three digests of a file on disk in one read (计算文件摘要)."""
    return digest_stream(path)


def head(urn: str) -> int | None:
    """Number of the newest version that the rows know (登记的最新版本); None for an object they do not know."""
    return StoredObject.objects.filter(urn=urn).values_list("head_version", flat=True).first()


def _standing(urn: str) -> tuple[Inventory, int]:
    """The inventory, and the version that stands: that of the rows, or the newest where there are no rows.

    The disk may be ahead by versions whose deeds were refused.
    """
    inventory = inventory_of(urn)
    known = head(urn)
    return inventory, min(known, inventory.head) if known else inventory.head


def inventory_of(urn: str) -> Inventory:
    """The inventory of an object, proven by its digest (对象清单).

    Raises: B-005 no such object; B-006 the inventory does not agree with its digest.
    """
    return store().inventory(urn)


def where(urn: str) -> Whereabouts:
    """Where an object and the files of the version that stands lie (存放位置).

    Raises: B-005 no such object; B-006 the inventory does not agree with its digest.
    """
    inventory, version = _standing(urn)
    state = inventory.versions[version - 1].state
    return Whereabouts(
        urn=urn,
        folder=object_path(urn),
        head_version=version,
        files=tuple(FilePlace(name, sha512, inventory.content(sha512).path) for name, sha512 in sorted(state.items())),
    )


def open_verified(urn: str, sha512: str) -> BinaryIO:
    """A file of an object, opened for reading after all its bytes have been hashed (核验后打开).

    Args:
        urn: identifier of the object.
        sha512: digest of the file, lower-case hex.

    Returns:
        An open binary file at its beginning; the caller closes it.

    Raises: B-005 no such object; B-006 damaged inventory; B-007 no such file; B-008 the bytes do not agree with their
        digest.
    Concurrency: contents are never changed once written; what is read comes from the file that was hashed.
    """
    store_here = store()
    inventory = store_here.inventory(urn)
    try:
        content = inventory.content(sha512)
    except LookupError as error:
        raise Refusal("B-007", urn=urn, sha512=sha512[:16]) from error
    try:
        stream = store_here.open(urn, content.path)
    except OSError as error:
        if _is_unreachable(error):
            raise
        raise Refusal("B-008", urn=urn) from error
    found = digest_stream(stream)
    if found.sha512 != content.sha512 or any(
        found.by_algorithm().get(algorithm, value) != value for algorithm, value in content.fixity.items()
    ):
        stream.close()
        raise Refusal("B-008", urn=urn)
    stream.seek(0)
    return stream


def _is_unreachable(error: OSError) -> bool:
    """Whether a bucket did not answer: that says nothing of the bytes in it, and is no damage."""
    return isinstance(error, BucketFault) and not isinstance(error, Missing)


def read_verified(urn: str, sha512: str) -> bytes:
    """A small file of an object whole, hashed as it was read (核验后读取).

    Raises: B-005, B-006, B-007, B-008 as ``open_verified``.
    """
    with open_verified(urn, sha512) as stream:
        octets = stream.read()
    if digest_stream(octets).sha512 != sha512:
        raise Refusal("B-008", urn=urn)
    return octets


def read_document(urn: str, logical_name: str) -> bytes:
    """A file of an object's standing version by its name there, hashed as it was read (按名读取).

    Raises: B-005, B-006, B-008 as ``open_verified``; B-007 no file of that name.
    """
    inventory, version = _standing(urn)
    sha512 = inventory.versions[version - 1].state.get(logical_name)
    if sha512 is None:
        raise Refusal("B-007", urn=urn, sha512=logical_name)
    return read_verified(urn, sha512)


def stored_contents(
    inventory: Inventory, *, after_version: int = 0, known: Iterable[Digests] = ()
) -> tuple[StoredContent, ...]:
    """The byte streams that versions after ``after_version`` brought to an object, with their sizes.

    Args:
        inventory: of the object.
        after_version: which are left out.
        known: digests of those whose size need not be asked of the store.
    """
    here, sizes = store(), {digests.sha512: digests.size_bytes for digests in known}
    found: list[StoredContent] = []
    for content in inventory.contents:
        version = int(content.path.partition("/")[0].removeprefix("v"))
        if version > after_version:
            size_bytes = sizes.get(content.sha512)
            if size_bytes is None:
                size_bytes = here.size_bytes(inventory.urn, content.path)
            digests = Digests(sha512=content.sha512, size_bytes=size_bytes, **dict(content.fixity))
            found.append(StoredContent(digests=digests, content_path=content.path, first_version=version))
    return tuple(found)


def object_state(urn: str) -> ObjectState | None:
    """What the rows say of an object (对象状态); None when they do not know it."""
    stored = StoredObject.objects.filter(urn=urn).first()
    if stored is None:
        return None
    contents = tuple(
        StoredContent(
            digests=Digests(sha512=file.sha512, sha256=file.sha256, sm3=file.sm3, size_bytes=file.size_bytes),
            content_path=file.content_path,
            first_version=file.first_version,
        )
        for file in StoredFile.objects.filter(stored_object=stored).order_by("first_version", "content_path", "pk")
    )
    return ObjectState(urn=urn, head_version=stored.head_version, is_sealed=stored.is_sealed, contents=contents)


def findings_of(urn: str, *, content: bool = True) -> list[Finding]:
    """What the independent verifier says of one object (对象校验).

    Args:
        urn: identifier of the object.
        content: whether every byte is read.

    Raises: B-005 no such object.
    """
    if not store().holds(urn):
        raise Refusal("B-005", urn=urn)
    return validate_object(store().tree(), object_path(urn), content=content)


def store_findings(*, content: bool = True) -> list[Finding]:
    """What the independent verifier says of the whole store (全库校验)."""
    return validate_root(store().tree(), content=content)


def has_store() -> bool:
    """Whether anything has ever been stored here."""
    return store().exists()


def tombstone_of(urn: str) -> Mapping[str, Any] | None:
    """What stays of a destroyed object (销毁凭据); None for one that was not destroyed."""
    octets = store().tombstone(urn)
    return None if octets is None else dict(json.loads(octets))


def sealed_urns() -> list[str]:
    """Every sealed object that the rows know, in order: whose locks are renewed."""
    return list(StoredObject.objects.filter(is_sealed=True).order_by("urn").values_list("urn", flat=True))


def sealed_after(pk: int, limit: int) -> list[tuple[int, str]]:
    """The next sealed objects after one, in the order in which they were begun: key and URN."""
    rows = StoredObject.objects.filter(pk__gt=pk, is_sealed=True).order_by("pk")
    return list(rows.values_list("pk", "urn")[:limit])


def keeps(urns: Collection[str]) -> set[tuple[str, str]]:
    """Which bytes objects keep, as the rows have it: URN and SHA-512."""
    rows = StoredFile.objects.filter(stored_object__urn__in=sorted(urns))
    return set(rows.values_list("stored_object__urn", "sha512"))


def count_objects() -> int:
    """How many objects the rows know (登记的件数)."""
    return StoredObject.objects.count()


def count_files() -> int:
    """How many byte streams the rows know (登记的文件数)."""
    return StoredFile.objects.count()


def files_after(pk: int, limit: int) -> list[int]:
    """The next byte streams after one, in the order they were recorded: how a sweep walks the store."""
    return list(StoredFile.objects.filter(pk__gt=pk).order_by("pk").values_list("pk", flat=True)[:limit])


def object_of_file(pk: int) -> str:
    """URN of the object that keeps a byte stream; empty if the rows know it no more."""
    return StoredFile.objects.filter(pk=pk).values_list("stored_object__urn", flat=True).first() or ""


def check_file(pk: int) -> None:
    """Read a byte stream whole and compare it with its digests (固定性检查); one the rows know no more is no failure.

    Raises: B-005 its object is gone; B-006 damaged inventory; B-007 the inventory does not name it; B-008 the bytes do
        not agree with their digest.
    """
    row = StoredFile.objects.filter(pk=pk).values_list("stored_object__urn", "sha512").first()
    if row is None:
        return
    try:
        open_verified(*row).close()
    except OSError as error:  # a disk that cannot read the file is what a sweep is for
        if _is_unreachable(error):
            raise
        raise Refusal("B-008", urn=row[0]) from error
