"""Touch a byte (动一个字节): damage done on purpose to the practice store, behind the program's back.

Nothing is entered anywhere: the next sweep must find it by itself. A real archive refuses.
"""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anjuan.core.ocfl.inventory import INVENTORY_NAME
from anjuan.core.refusals import Refusal
from anjuan.facilities.copies import queries as copies
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.models import StoredObject


@dataclass(frozen=True)
class Tampered:
    """What was altered."""

    urn: str
    reference: str
    path: str


def tamper(*, kind: str = "byte") -> Tampered:
    """Alter a sealed object of the practice store.

    Args:
        kind: ``byte`` turns one byte of a page round, ``missing`` takes the page away, ``inventory`` turns a byte of
            the object's inventory round.

    Raises:
        E-004: this is no practice archive.
        E-008: nothing is sealed yet, or the store is no folder.
    """
    if not settings.PRACTICE:
        raise Refusal("E-004")
    store = Path(settings.ANJUAN_HOME) / "store"
    urns = StoredObject.objects.filter(is_sealed=True).order_by("pk").values_list("urn", flat=True)
    for urn in urns[:50]:
        if not copies.reference_by_urn([urn]) or not store.is_dir():
            continue
        lies = repository.where(urn)
        pages = [file for file in lies.files if not file.logical_name.endswith(".json")]
        if not pages:
            continue
        within = INVENTORY_NAME if kind == "inventory" else pages[0].content_path
        path = store / lies.folder / within
        if kind == "missing":
            path.unlink()
        else:
            _turn(path)
        return Tampered(urn, copies.reference_by_urn([urn])[urn], within)
    raise Refusal("E-008")


def _turn(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(bytes(octets))
    path.chmod(0o444)
