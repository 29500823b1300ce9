"""Bytes in the spool that nobody needs any more: what they were brought for lies in the store, or in rows (清理)."""

import datetime as dt
import enum
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Exists, F, Model, OuterRef, Q

from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import CatalogueSheet, Declaration, ImageSet, Pile, RowFault
from anjuan.desks.intake.queries import attaching, declarations, piles
from anjuan.desks.intake.rules import attaching as attaching_rules
from anjuan.desks.intake.rules.catalogue import Purpose, SheetStatus
from anjuan.desks.intake.rules.piles import PileStatus
from anjuan.records import queries as records
from anjuan.records.models import Item

AT_ONCE = 50


class Kind(enum.StrEnum):
    """What is delivered to the spool and stays there for a while; the value is the name of its folder."""

    PILE = piles.SPOOL
    IMAGES = attaching.SPOOL
    SHEET = "catalogues"
    DECLARATION = declarations.SPOOL


TABLES: dict[Kind, type[Model]] = {
    Kind.PILE: Pile,
    Kind.IMAGES: ImageSet,
    Kind.SHEET: CatalogueSheet,
    Kind.DECLARATION: Declaration,
}


@dataclass(frozen=True)
class Spent:
    """A delivery that is through: its bytes may go.

    Attributes:
        since: of a declaration, when it last moved: one that moves meanwhile stays.
    """

    kind: Kind
    uid: str
    unit: str
    files: int
    since: dt.datetime | None = None


def spent(before: dt.datetime) -> list[Spent]:
    """Deliveries laid down before a moment whose bytes no row needs; so many at once, oldest first.

    A pile that was taken or put aside; a set of images all of which lie in the store; a sheet whose rows are all
    taken in, with no faulty one that could still be asked for; a declaration that nobody has moved since, accepted or
    not. Anything else stays.
    """
    old = Q(laid_at__lt=before, cleared_at=None)
    taken = Pile.objects.filter(old, status__in=(PileStatus.TAKEN, PileStatus.DISCARDED)).order_by("id")
    sheets = (
        CatalogueSheet.objects.filter(old, status__in=(SheetStatus.TAKEN, SheetStatus.UNDONE))
        .exclude(Exists(RowFault.objects.filter(sheet=OuterRef("pk"))))
        .filter(Q(purpose=Purpose.EDIT) | Q(taken=F("row_count")))
        .order_by("id")
    )
    begun = ImageSet.objects.filter(old, is_started=True).order_by("id")
    found = [Spent(Kind.PILE, row.uid, f"pile:{row.uid}", _files(Kind.PILE, row.uid)) for row in taken[:AT_ONCE]]
    found += [Spent(Kind.SHEET, row.uid, f"sheet:{row.uid}", _files(Kind.SHEET, row.uid)) for row in sheets[:AT_ONCE]]
    found += [
        Spent(Kind.IMAGES, row.uid, f"images:{row.uid}", _files(Kind.IMAGES, row.uid))
        for row in begun.iterator(chunk_size=AT_ONCE)
        if _is_attached(row)
    ]
    still = Declaration.objects.filter(moved_at__lt=before, cleared_at=None).order_by("id")[:AT_ONCE]
    return found[: 2 * AT_ONCE] + [
        Spent(Kind.DECLARATION, row.uid, f"declaration:{row.uid}", len(row.files), since=row.moved_at) for row in still
    ]


def leftovers(before: dt.datetime) -> list[Path]:
    """Folders whose row says that they are cleared, or that no row names: what a killed process left behind.

    Args:
        before: a folder without a row is only an old one; a younger one may be waiting for its row.
    """
    found: list[Path] = []
    for kind, table in TABLES.items():
        folders = {path.name: path for path in spool.folders(kind)}
        rows = dict(table._default_manager.filter(uid__in=folders).values_list("uid", "cleared_at"))
        for uid, path in sorted(folders.items()):
            is_old = path.stat().st_mtime < before.timestamp()
            if (uid not in rows and is_old) or rows.get(uid) is not None:
                found.append(path)
    return found


def _is_attached(row: ImageSet) -> bool:
    """Whether each image lies in the record that its name says, under its name."""
    named = [(attaching_rules.read(name)[0], name.rsplit("/", 1)[-1], sha256) for name, sha256 in row.images]
    items = Item.objects.filter(reference_code__in={code for code, _, _ in named} - {""})
    urns = dict(items.values_list("reference_code", "urn"))
    parts = records.components_of(sorted(urns.values()))
    held = {
        (code, part.original_name, part.sha256) for code, urn in urns.items() for part in parts[urn]
    }  # under another name it is a page that nobody has judged
    return set(named) <= held


def _files(kind: Kind, uid: str) -> int:
    folder = spool.folder(kind, uid)
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0
