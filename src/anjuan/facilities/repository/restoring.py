"""Rows about files, from the store itself (以库为准): what a rebuild writes, and what an audit compares.

Which objects there are, and which version of each stands, the journal keeps; which files they hold, the store says.
"""

from collections.abc import Callable, Iterable, Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef

from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.queries import store, stored_contents
from anjuan.facilities.repository.rules import StoredContent

AT_ONCE = 200


def restore_files(say: Callable[[str, int, int], None] = lambda what, done, total: None) -> list[str]:
    """Write the rows of the files of every object that the rows know, as the store has them.

    Returns:
        URNs of objects that the store lacks, or whose inventory is damaged: their files are not written.
    """
    lost: list[str] = []
    total, done = StoredObject.objects.count(), 0
    for chunk in _objects():
        rows: list[StoredFile] = []
        for stored in chunk:
            contents = _contents(stored)
            if contents is None:
                lost.append(stored.urn)
                continue
            rows += [
                StoredFile(
                    stored_object=stored,
                    sha512=content.digests.sha512,
                    sha256=content.digests.sha256,
                    sm3=content.digests.sm3,
                    size_bytes=content.digests.size_bytes,
                    content_path=content.content_path,
                    first_version=content.first_version,
                )
                for content in contents
            ]
        with transaction.atomic():
            StoredFile.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        done += len(chunk)
        say("store", done, total)
    return lost


def differing(say: Callable[[str, int, int], None] = lambda what, done, total: None) -> Iterator[tuple[str, str]]:
    """Objects whose rows do not say what the store says: URN, and which part differs."""
    total, done = StoredObject.objects.count(), 0
    for chunk in _objects():
        files: dict[int, list[StoredFile]] = {}
        for file in StoredFile.objects.filter(stored_object__in=[stored.pk for stored in chunk]):
            files.setdefault(file.stored_object_id, []).append(file)
        for stored in chunk:
            contents = _contents(stored)
            if contents is None:
                yield from _looked_at_again(stored.pk)
                continue
            if _said(files.get(stored.pk, [])) != _held(contents):
                yield from _looked_at_again(stored.pk)
        done += len(chunk)
        say("store", done, total)


def _looked_at_again(pk: int) -> Iterator[tuple[str, str]]:
    """An object that differs, read anew: a deed may have gone on meanwhile, or taken it away."""
    stored = StoredObject.objects.filter(pk=pk).first()
    if stored is None:
        return
    contents = _contents(stored)
    if contents is None:
        if StoredObject.objects.filter(pk=pk).exists():
            yield stored.urn, "inventory.json"
        return
    said, held = _said(StoredFile.objects.filter(stored_object=stored)), _held(contents)
    for path in sorted({each[4] for each in said ^ held}):
        yield stored.urn, path


_Told = tuple[str, str, str, int, str, int]


def _said(rows: Iterable[StoredFile]) -> set[_Told]:
    return {(row.sha512, row.sha256, row.sm3, row.size_bytes, row.content_path, row.first_version) for row in rows}


def _held(contents: Iterable[StoredContent]) -> set[_Told]:
    return {
        (
            content.digests.sha512,
            content.digests.sha256,
            content.digests.sm3,
            content.digests.size_bytes,
            content.content_path,
            content.first_version,
        )
        for content in contents
    }


def is_incomplete() -> bool:
    """Whether objects stand without the rows of their files: a rebuild was cut off in the store."""
    files = StoredFile.objects.filter(stored_object=OuterRef("pk"))
    return StoredObject.objects.filter(~Exists(files)).exists()


def _objects() -> Iterator[list[StoredObject]]:
    last = 0
    while chunk := list(StoredObject.objects.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield chunk
        last = chunk[-1].pk


def _contents(stored: StoredObject) -> list[StoredContent] | None:
    """What the store holds of the versions that the rows know; none if it cannot say."""
    try:
        inventory = store().inventory(stored.urn)
        found = stored_contents(inventory)
    except (Refusal, OSError):
        return None
    if inventory.head < stored.head_version:
        return None
    return [content for content in found if content.first_version <= stored.head_version]
