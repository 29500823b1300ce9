"""Which layers of reading items have in the store, and which wait for one. Rights are judged by who asks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.packages import readings
from anjuan.core.packages.readings import Layer, LayerFile, MalformedLayer
from anjuan.core.reading.pages import VERSION
from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING
from anjuan.facilities.reading import queries as reading
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.sealing.models import AwaitedLayer, LayerMark, ReadingLayer
from anjuan.records import queries as records
from anjuan.records.queries import judged
from anjuan.records.rows import ComponentRow

_AT_ONCE = 200


@dataclass(frozen=True)
class LayerRow:
    """A layer of an item as it lies in the store."""

    item_urn: str
    version: int
    model: str
    sha512: str
    pages_read: int
    pages_waiting: int

    @property
    def name(self) -> str:
        """Its logical name in the object."""
        return readings.name_of(self.version)


def layers_of(urns: Collection[str]) -> dict[str, list[LayerRow]]:
    """The layers of items, the oldest way of reading first, by item; one query."""
    found: dict[str, list[LayerRow]] = {urn: [] for urn in urns}
    for row in ReadingLayer.objects.filter(item_urn__in=sorted(urns)).order_by("item_urn", "version"):
        found[row.item_urn].append(
            LayerRow(row.item_urn, row.version, row.model, row.sha512, row.pages_read, row.pages_waiting)
        )
    return found


def made_of(components: Mapping[str, Sequence[ComponentRow]]) -> dict[str, list[Layer]]:
    """The layers that what was read so far gives, by item: of each way of reading in which a page of it was read.

    Args:
        components: all files of each item, in order.
    """
    files = {
        urn: list({row.sha512: LayerFile(row.sha512, row.page_count) for row in rows if _is_read(row)}.values())
        for urn, rows in components.items()
    }
    pages = reading.layer_pages([file.sha512 for each in files.values() for file in each])
    found: dict[str, list[Layer]] = {}
    for urn, each in files.items():
        read = [
            pages[file.sha512, page]
            for file in each
            for page in range(1, file.pages + 1)
            if (file.sha512, page) in pages
        ]
        found[urn] = [
            Layer(urn, version, tuple(each), tuple(page for page in read if page.said["version"] == version))
            for version in sorted({page.said["version"] for page in read})
        ]
    return found


def _is_read(row: ComponentRow) -> bool:
    return row.mime in reading.READ_MIMES


def ready(urns: Sequence[str]) -> dict[str, bool | None]:
    """Whether items can have a layer added now, by URN; None where none is awaited any more.

    Ready is an item all of whose pages that the house has read are read, more of them than its newest layer holds, and
    that nobody is mending. A page whose bytes are damaged is waited for.
    """
    components = records.components_of(urns)
    wanted = reading.still_wanted(components)
    items, layers = judged.items_by_urn(urns), layers_of(urns)
    done = reading.read_pages([row.sha512 for rows in components.values() for row in rows if _is_read(row)])
    found: dict[str, bool | None] = {}
    for urn in urns:
        sizes = {row.sha512: row.page_count for row in components[urn] if _is_read(row)}
        held = next((layer.pages_read for layer in layers[urn] if layer.version == VERSION), 0)
        read = sum(len(done.get(sha512, ())) for sha512 in sizes)
        if urn not in items or not sizes or held >= sum(sizes.values()):
            found[urn] = None
        else:
            found[urn] = not wanted[urn] and read > held and items[urn].state not in CORRECTING
    return found


def ready_after(urn: str) -> Iterator[str]:
    """Items behind one, by URN, whose layer can be added now; eight queries for some hundreds of those that wait."""
    while batch := list(
        AwaitedLayer.objects.filter(item_urn__gt=urn).order_by("item_urn").values_list("item_urn", flat=True)[:_AT_ONCE]
    ):
        urn = batch[-1]
        yield from (one for one, is_ready in ready(batch).items() if is_ready)


def awaited() -> int:
    """How many sealed items wait for their layer."""
    return AwaitedLayer.objects.count()


def marked() -> int:
    """Up to which object it is known whether its layer is awaited."""
    return LayerMark.objects.filter(version=VERSION).values_list("object_pk", flat=True).first() or 0


def verified_layer(*, urn: str, version: int, sha512: str) -> Layer:
    """A layer from the store (核验后取识读层): its bytes hashed, and found to belong where they lie.

    Args:
        urn: of the item.
        version: of the way of reading.
        sha512: of the layer, as the rows have it.

    Raises: B-005 to B-008 as `repository.read_verified`; B-012 it is not this item's, or not read from its files.
    """
    name = readings.name_of(version)
    octets = repository.read_verified(urn, sha512)
    masters = {content.sha512 for content in repository.inventory_of(urn).contents}
    try:
        layer = readings.parse(octets)
        why = readings.fault(layer, urn=urn, name=name, masters=masters)
    except MalformedLayer as malformed:
        why = str(malformed)
    if why:
        raise Refusal("B-012", urn=urn, name=name, reason=why)
    return layer


def differing() -> Iterator[tuple[str, str]]:
    """Layers that the rows name and the rows of the store do not know: URN and name (识读层核对)."""
    last = 0
    while batch := list(ReadingLayer.objects.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        last = batch[-1].pk
        kept = repository.keeps({row.item_urn for row in batch})
        for row in batch:
            if (row.item_urn, row.sha512) not in kept and ReadingLayer.objects.filter(
                pk=row.pk, sha512=row.sha512
            ).exists():
                yield row.item_urn, readings.name_of(row.version)
