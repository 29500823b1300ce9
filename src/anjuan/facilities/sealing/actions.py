"""Writing sealed versions (封存): each item's pages under 档号-based names, with ``record.json`` beside them.

What a machine read of the pages so far lies beside them as derived layers (识读层). Sealing never waits for it: what
was not read by then is added by a job, a version of the object and a line of the journal for each item (ADR 21).
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.fixity import Digests
from anjuan.core.packages import readings
from anjuan.core.packages import record as package
from anjuan.core.packages.readings import Layer
from anjuan.core.reading.pages import VERSION
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.reading import actions as reading
from anjuan.facilities.reading import queries as reading_queries
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository import queries as store
from anjuan.facilities.repository.rules import DepositReceipt, Inline
from anjuan.facilities.sealing import queries
from anjuan.facilities.sealing.models import AwaitedLayer, LayerMark, ReadingLayer
from anjuan.foundation.accounts.queries import archive_path
from anjuan.foundation.journal import actions as entries
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow, VolumeRow

LAYER_JOB = "SEAL_READINGS"
_WALKED = 500  # objects of which it is found out at one look whether their layer is awaited
_LOOKED_AT = 200  # items that wait, of which it is found out at one look whether they need wait any longer
_AGAIN_AFTER = dt.timedelta(days=1)  # a job that ended badly is not begun again at once


@dataclass(frozen=True)
class Written:
    """A sealed version: the store's receipt, the digest of its ``record.json``, and the layers it was given.

    Attributes:
        layers: what was read by then; each lies in the version under its own name.
        readable: pages of files that are ever read.
    """

    receipt: DepositReceipt
    digest: str
    layers: tuple[Layer, ...] = ()
    readable: int = 0


def write_sealed(
    *,
    occasion: Occasion,
    volume: VolumeRow,
    volume_code: str,
    items: Sequence[ItemRow],
    item_codes: Mapping[str, str],
    components: Mapping[str, Sequence[ComponentRow]] | None = None,
    subjects: Mapping[str, Sequence[SubjectRow]] | None = None,
) -> list[Written]:
    """Write the sealed version of each item of a volume.

    An item that has no bytes yet, because its paper is scanned last, becomes an object that holds its catalogue alone.
    What was read of the pages by now lies beside them; what earlier ways of reading gave stays where it is.

    Args:
        occasion: who seals.
        volume: the volume.
        volume_code: its 档号.
        items: its items in order.
        item_codes: their 档号 by URN.
        components: their files by URN, as the caller has read and judged them; read here if not given.
        subjects: whom they concern by URN, likewise.

    Raises: B-001, B-003 to B-007, B-009 as `repository.write_version`.
    Standard: DA/T 13-2022; decision 3.
    """
    urns = [item.urn for item in items]
    components = records.components_of(urns) if components is None else components
    subjects = records.subjects_of(urns) if subjects is None else subjects
    head, stories = journal.head(), journal.uids_of(urns)
    reached, places = 0, {}
    for place, item in enumerate(items, 1):
        places[item.urn] = package.Place(place, reached + 1, reached + item.paper_pages)
        reached += item.paper_pages
    documents = {
        item.urn: _document(
            occasion,
            volume,
            volume_code,
            item,
            item_codes[item.urn],
            components[item.urn],
            subjects[item.urn],
            head,
            stories[item.urn],
            places[item.urn],
        )
        for item in items
    }
    staff_code = occasion.actor.staff_code
    held = queries.layers_of(urns)
    layers = {urn: _fresh(made, held[urn]) for urn, made in queries.made_of(components).items()}
    receipts = repository.write_versions(
        objects={
            urn: repository.Wanted(
                state={
                    name: row.sha512
                    for name, row in zip(_names(item_codes[urn], components[urn]), components[urn], strict=True)
                }
                | {
                    layer.name: layer.sha512
                    for layer in held[urn]
                    if layer.version not in [one.version for one in layers[urn]]
                },
                documents=(Inline(repository.RECORD_NAME, document), *_inline(layers[urn])),
                message=f"seal {item_codes[urn]}",
            )
            for urn, document in documents.items()
        },
        user_name=staff_code,
        user_address=f"staff:{staff_code}",
        at=occasion.at,
    )
    return [
        Written(
            receipt,
            hashlib.sha256(documents[receipt.urn]).hexdigest(),
            tuple(layers[receipt.urn]),
            sum(row.page_count for row in components[receipt.urn] if row.mime in reading_queries.READ_MIMES),
        )
        for receipt in receipts
    ]


def record_sealed(*, occasion: Occasion, written: Sequence[Written]) -> None:
    """Write the rows of sealed versions and of their layers (登记封存版本), in the caller's transaction.

    Items some of whose pages were not read by then are put down as waiting for their layer.

    Args:
        occasion: who seals.
        written: from `write_sealed`.

    Raises: B-003 as `repository.record_versions`.
    """
    repository.record_versions([one.receipt for one in written])
    _record_layers([(layer, one.receipt.digests) for one in written for layer in one.layers], occasion.at)
    waiting = [
        one.receipt.urn
        for one in written
        if one.readable and not any(layer.version == VERSION and not layer.waiting for layer in one.layers)
    ]
    AwaitedLayer.objects.bulk_create(
        [AwaitedLayer(item_urn=urn, looked_at=occasion.at) for urn in waiting], ignore_conflicts=True
    )


def add_readings(*, occasion: Occasion, urn: str) -> bool:
    """Add what was read of a sealed item since to its object (补存识读层): a version that brings this one file.

    Pages, ``record.json`` and layers of earlier ways of reading stay as they are, under their names.

    Args:
        occasion: who; the worker itself, as a rule.
        urn: the item.

    Returns:
        Whether a version was written; False where nothing is to be added, or its time has not come.

    Raises: B-001, B-003 to B-006 as `repository.deposit`.
    Concurrency: bytes first, then rows, by compare-and-swap on the head version: whoever seals meanwhile goes first,
        and this one is B-003. What a kill leaves between bytes and rows is a version that no row names; done again, the
        same bytes give its receipt.
    """
    if not queries.ready([urn])[urn]:
        return False
    layer = next(one for one in queries.made_of(records.components_of([urn]))[urn] if one.version == VERSION)
    staff_code = occasion.actor.staff_code
    receipt = repository.deposit(
        urn=urn,
        files=_inline([layer]),
        message=f"add {readings.name_of(VERSION)}",
        user_name=staff_code,
        user_address=f"staff:{staff_code}",
        at=occasion.at,
        expected_head=repository.head(urn),
    )

    with entries.writing(occasion=occasion, act="sealing.add_readings", unit=urn) as line:
        repository.record_deposit(receipt)
        _record_layers([(layer, receipt.digests)], occasion.at)
        if not layer.waiting:
            AwaitedLayer.objects.filter(item_urn=urn).delete()
        line.say(
            version=layer.version,
            models=" ".join(layer.models),
            sha256=receipt.digests[readings.name_of(VERSION)].sha256,
            pages=len(layer.pages),
            waiting=layer.waiting,
        )
    return True


def keep_added(*, occasion: Occasion) -> str:
    """Have layers added to sealed items whose pages were read since (按期补存识读层).

    Args:
        occasion: the worker's own.

    Returns:
        The job's uid; empty while one is under way, has just ended badly, or no item is ready.
    """
    if not reading_queries.is_on():
        return ""
    _walk(occasion.at)
    last = job_queries.latest_of(LAYER_JOB)
    if last is not None and not last.is_finished:
        return ""
    if last is not None and last.reason and occasion.at - (last.finished_at or occasion.at) < _AGAIN_AFTER:
        return ""
    looked = list(AwaitedLayer.objects.order_by("looked_at", "id").values_list("item_urn", flat=True)[:_LOOKED_AT])
    states = queries.ready(looked)
    AwaitedLayer.objects.filter(item_urn__in=[urn for urn, is_ready in states.items() if is_ready is None]).delete()
    if not any(states.values()):
        AwaitedLayer.objects.filter(item_urn__in=looked).update(looked_at=occasion.at)
        return ""
    with entries.writing(occasion=occasion, act="jobs.start", unit="job:new") as line:
        uid = jobs.open_job(line=line, kind=LAYER_JOB, reference="", agency_path=archive_path(), params={})
        line.unit = f"job:{uid or 'new'}"
        line.say(kind=LAYER_JOB)
    return uid


def restore_readings(say: Callable[[str, int, int], None] = lambda what, done, total: None) -> list[str]:
    """Take up again what the layers in the store say, newest way of reading first (取回识读层): after a rebuild.

    Each is read whole, held against the digest that the journal has of it, and taken only where it speaks of this item
    and of files that its object keeps.

    Returns:
        Layers that cannot be believed, as URN and name: their pages are read anew.
    """
    lost: list[str] = []
    total, done, last = ReadingLayer.objects.count(), 0, None
    while batch := _older(last):
        last = batch[-1]
        for row in batch:
            try:
                reading.restore_read(
                    pages=queries.verified_layer(urn=row.item_urn, version=row.version, sha512=row.sha512).pages
                )
            except Refusal:
                lost.append(f"{row.item_urn}/{readings.name_of(row.version)}")
        done += len(batch)
        say("readings", done, total)
    return lost


def _older(last: ReadingLayer | None) -> list[ReadingLayer]:
    rows = ReadingLayer.objects.order_by("-version", "pk")
    if last is not None:
        rows = rows.filter(version=last.version, pk__gt=last.pk) | rows.filter(version__lt=last.version)
    return list(rows[:200])


def _fresh(made: Sequence[Layer], held: Sequence[queries.LayerRow]) -> list[Layer]:
    """The layers that a sealed version is given anew: that of the way now in use, and older ones it has not yet."""
    have = {layer.version for layer in held}
    return [layer for layer in made if layer.version == VERSION or layer.version not in have]


def _inline(layers: Sequence[Layer]) -> list[Inline]:
    return [Inline(readings.name_of(layer.version), readings.document(layer)) for layer in layers]


def _record_layers(layers: Sequence[tuple[Layer, Mapping[str, Digests]]], at: dt.datetime) -> None:
    ReadingLayer.objects.bulk_create(
        [
            ReadingLayer(
                item_urn=layer.urn,
                version=layer.version,
                model=" ".join(layer.models)[:100],
                sha512=digests[readings.name_of(layer.version)].sha512,
                sha256=digests[readings.name_of(layer.version)].sha256,
                pages_read=len(layer.pages),
                pages_waiting=layer.waiting,
                sealed_at=at,
            )
            for layer, digests in layers
        ],
        update_conflicts=True,
        unique_fields=["item_urn", "version"],
        update_fields=["model", "sha512", "sha256", "pages_read", "pages_waiting", "sealed_at"],
        batch_size=100,
    )


def _walk(at: dt.datetime) -> None:
    """Find out of the next sealed objects whether their layer is awaited: those sealed before there were layers, and
    all of them when the way of reading has changed.
    """
    reached = queries.marked()
    objects = store.sealed_after(reached, _WALKED)
    if not objects:
        return
    urns = [urn for _, urn in objects]
    whole = {
        urn
        for urn, layers in queries.layers_of(urns).items()
        if any(layer.version == VERSION and not layer.pages_waiting for layer in layers)
    }
    AwaitedLayer.objects.bulk_create(
        [AwaitedLayer(item_urn=urn, looked_at=at) for urn in urns if urn not in whole], ignore_conflicts=True
    )
    LayerMark.objects.update_or_create(version=VERSION, defaults={"object_pk": objects[-1][0]})


def _names(item_code: str, components: Sequence[ComponentRow]) -> list[str]:
    return package.file_names(item_code, [row.logical_name.rsplit(".", 1)[-1] for row in components])


def _document(
    occasion: Occasion,
    volume: VolumeRow,
    volume_code: str,
    item: ItemRow,
    item_code: str,
    components: Sequence[ComponentRow],
    subjects: Sequence[SubjectRow],
    head: int,
    story: Sequence[str],
    place: package.Place,
) -> bytes:
    """``record.json`` of one item."""
    return package.document(
        package.SealedRecord(
            urn=item.urn,
            reference_code=item_code,
            volume_urn=volume.urn,
            volume_reference_code=volume_code,
            fonds_code=volume.fonds_code,
            agency_code=item.agency_code,
            category_code=item.category_code,
            business_step=item.step_code,
            insurance_line=item.insurance_line,
            year=item.year,
            title=item.title,
            acceptance_no=item.acceptance_no,
            formed_date=item.formed_date,
            paper_pages=item.paper_pages,
            retention_rule=item.rule_code,
            retention_term=str(item.term),
            retention_ends=item.retention_ends_date,
            route=item.route,
            custody=item.custody,
            sealed_at=occasion.at,
            sealed_by=occasion.actor.staff_code,
            journal_head=head,
            journal_entries=tuple(story),
            place=place,
            subjects=tuple(
                package.SealedSubject(row.kind, row.urn, row.name, row.id_number or row.credit_code) for row in subjects
            ),
            files=tuple(
                package.SealedFile(
                    name,
                    row.material_code,
                    row.original_name,
                    row.format_id,
                    row.page_count,
                    row.size_bytes,
                    row.sha512,
                    row.sha256,
                    row.sm3,
                    row.turns,
                )
                for name, row in zip(_names(item_code, components), components, strict=True)
            ),
        )
    )
