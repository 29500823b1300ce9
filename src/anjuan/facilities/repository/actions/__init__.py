"""Putting bytes into the store and rows beside them: bytes first, then rows (decision 6).

``deposit`` and ``write_version`` only write bytes and may take long; they are called before the caller's transaction.
``record_deposit`` only writes rows and is called inside it. No journal entry is made here: the deed that calls has its
own.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import IntegrityError, transaction

from anjuan.core.fixity import Digests
from anjuan.core.ocfl.inventory import Inventory
from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.actions.leaving import destroy, purge
from anjuan.facilities.repository.actions.locks import hold, lock_sealed, renew_locks
from anjuan.facilities.repository.actions.writing import _next, _receipt, _write, _write_files
from anjuan.facilities.repository.models import StoredObject
from anjuan.facilities.repository.queries import (
    digest_file,
    head,
    store,
)
from anjuan.facilities.repository.rules import (
    RECORD_NAME,
    DepositReceipt,
    Inline,
    RecoveryReport,
    Source,
    Wanted,
    is_sealed_state,
)

WRITERS = 4  # threads of one call; more gain nothing once the medium is busy

__all__ = [
    "RECORD_NAME",
    "DepositReceipt",
    "Inline",
    "RecoveryReport",
    "Source",
    "Wanted",
    "deposit",
    "deposit_new",
    "destroy",
    "digest_file",
    "head",
    "hold",
    "purge",
    "reconcile",
    "record_deposit",
    "record_deposits",
    "record_versions",
    "recover",
    "renew_locks",
    "settle_head",
    "write_version",
    "write_versions",
]


def deposit(
    *,
    urn: str,
    files: Sequence[Source | Inline],
    message: str,
    user_name: str,
    user_address: str,
    at: dt.datetime,
    expected_head: int | None,
) -> DepositReceipt:
    """Put captured files into the store (存入): a new object, or a further version of one.

    Files that the object has under other names stay as they are; a name given again takes the new bytes.

    Args:
        urn: identifier of the object.
        files: what comes in.
        message: why.
        user_name: who.
        user_address: a URI that names who.
        at: aware time.
        expected_head: version that the caller started from, as the rows had it; None for a new object.

    Returns:
        The receipt, to be given to ``record_deposit`` in the caller's transaction.

    Raises: B-001 disk full; B-002 the object exists already; B-003 somebody else wrote first; B-004 bytes differ after
        writing; B-005 no such object; B-006 damaged inventory; B-009 not a name.
    Concurrency: writers of one object wait for one another; the later one is B-003, here or at ``record_deposit``. A
        version whose rows were never written, since the process died or the deed was refused, does not stand in the
        way: the same bytes again give its receipt, others make a version after it that starts from what the rows know.
    """

    def kept(base: Mapping[str, str], inventory: Inventory, coming: Mapping[str, str]) -> dict[str, str]:
        return {name: sha512 for name, sha512 in base.items() if name not in coming}

    return _write(
        urn=urn,
        files=files,
        keeps=kept,
        message=message,
        user_name=user_name,
        user_address=user_address,
        at=at,
        expected_head=expected_head,
    )


def deposit_new(
    *,
    objects: Mapping[str, Sequence[Source | Inline]],
    message: str,
    user_name: str,
    user_address: str,
    at: dt.datetime,
) -> Mapping[str, DepositReceipt | Refusal]:
    """Put many new objects into the store, several at once (批量存入).

    Each is written and synced as ``deposit`` writes it, step for step; only the waiting for the disk overlaps. One that
    is refused does not keep the others away.

    Args:
        objects: what comes in, by the identifier of its object.
        message, user_name, user_address, at: as ``deposit``.

    Returns:
        By identifier, the receipt for ``record_deposits``, or why there is none: B-001, B-002, B-004, B-009.
    Concurrency: the threads touch the disk alone. That no row knows these objects is asked before they start; since
        nobody else knows their identifiers, it stays so.
    """
    known = set(StoredObject.objects.filter(urn__in=list(objects)).values_list("urn", flat=True))
    here = store()

    def put(urn: str) -> DepositReceipt | Refusal:
        def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory | None:
            if before is not None:
                raise Refusal("B-002", urn=urn)
            return _next(
                Inventory(urn=urn, contents=(), versions=()),
                {},
                digests,
                message=message,
                user_name=user_name,
                user_address=user_address,
                at=at,
            )

        if urn in known:
            return Refusal("B-002", urn=urn)
        try:
            inventory, digests = here.write(urn, files=objects[urn], plan=plan)
        except Refusal as refusal:
            return refusal
        return _receipt(inventory, digests, base_version=None)

    with ThreadPoolExecutor(WRITERS) as writers:
        return dict(zip(objects, writers.map(put, objects), strict=True))


def write_version(
    *,
    urn: str,
    state: Mapping[str, str],
    new_files: Sequence[Source | Inline] = (),
    new_documents: Mapping[str, bytes] | None = None,
    message: str,
    user_name: str,
    user_address: str,
    at: dt.datetime,
    expected_head: int | None,
    seals: bool = False,
) -> DepositReceipt:
    """Write a version whose whole state is given (写入版本): the sealing of an item, or a correction after it.

    Bytes that the object keeps are only named anew; nothing is copied. A version that holds a ``record.json`` is that
    of a sealed item.

    Args:
        urn: identifier of the object.
        state: SHA-512 by logical name, of bytes that the object keeps.
        new_files: what comes in beside them.
        new_documents: small documents that come in, by logical name, such as ``record.json``.
        message: why.
        user_name: who.
        user_address: a URI that names who.
        at: aware time.
        expected_head: version that the caller started from, as the rows had it.
        seals: whether the item is sealed by it, whatever its names.

    Raises: B-001, B-003, B-004, B-005, B-006, B-009 as ``deposit``; B-007 the object keeps no such bytes.
    Concurrency: as ``deposit``.
    """
    if expected_head is None:
        raise Refusal("B-005", urn=urn)

    def kept(base: Mapping[str, str], inventory: Inventory, coming: Mapping[str, str]) -> dict[str, str]:
        have = {content.sha512 for content in inventory.contents}
        for sha512 in state.values():
            if sha512 not in have:
                raise Refusal("B-007", urn=urn, sha512=sha512[:16])
        return dict(state)

    documents = [Inline(name, octets) for name, octets in (new_documents or {}).items()]
    receipt = _write(
        urn=urn,
        files=[*new_files, *documents],
        keeps=kept,
        message=message,
        user_name=user_name,
        user_address=user_address,
        at=at,
        expected_head=expected_head,
    )
    return dataclasses.replace(receipt, is_sealed=True) if seals else receipt


def write_versions(
    *,
    objects: Mapping[str, Wanted],
    user_name: str,
    user_address: str,
    at: dt.datetime,
) -> list[DepositReceipt]:
    """Write the sealed versions of many items, several at once (批量写入封存版本).

    Each is written and synced as ``write_version`` writes it, or ``deposit`` where the item has no bytes yet; only the
    waiting for the disk overlaps.

    Args:
        objects: what each is to hold, by its identifier.
        user_name, user_address, at: as ``deposit``.

    Returns:
        The receipts for ``record_versions``, in the order given.

    Raises: B-001, B-003 to B-007, B-009 as ``write_version``, of the first that is refused; what the others wrote
        stands on disk, named by no row.
    Concurrency: the threads touch the disk alone, so the heads are read before they start. Whoever overtakes one of
        these objects meanwhile is found when the rows are written (B-003).
    """
    heads = dict(StoredObject.objects.filter(urn__in=list(objects)).values_list("urn", "head_version"))

    def put(urn: str) -> DepositReceipt:
        wanted = objects[urn]

        def kept(base: Mapping[str, str], inventory: Inventory, coming: Mapping[str, str]) -> dict[str, str]:
            have = {content.sha512 for content in inventory.contents}
            for sha512 in wanted.state.values():
                if sha512 not in have:
                    raise Refusal("B-007", urn=urn, sha512=sha512[:16])
            return dict(wanted.state)

        return _write(
            urn=urn,
            files=wanted.documents,
            keeps=kept,
            message=wanted.message,
            user_name=user_name,
            user_address=user_address,
            at=at,
            expected_head=heads.get(urn),
            known_head=heads.get,
        )

    with ThreadPoolExecutor(WRITERS) as writers:
        receipts = list(writers.map(put, objects))
    return [
        dataclasses.replace(receipt, is_sealed=True) if receipt.base_version is not None else receipt
        for receipt in receipts
    ]


def record_deposit(receipt: DepositReceipt) -> None:
    """Write the rows of what was stored (登记存入), in the caller's transaction.

    Args:
        receipt: from ``deposit`` or ``write_version``.

    Raises: B-003 the rows have moved on.
    Concurrency: compare-and-swap on the head version.
    """
    if receipt.base_version is None:
        try:
            with transaction.atomic():
                StoredObject.objects.create(
                    urn=receipt.urn,
                    head_version=receipt.version,
                    is_sealed=receipt.is_sealed,
                    deposited_at=receipt.at,
                    changed_at=receipt.at,
                )
        except IntegrityError as error:
            raise Refusal("B-003", urn=receipt.urn, head=head(receipt.urn), expected=0) from error
    else:
        changed = StoredObject.objects.filter(urn=receipt.urn, head_version=receipt.base_version).update(
            head_version=receipt.version, changed_at=receipt.at, is_sealed=receipt.is_sealed
        )
        if changed != 1:
            raise Refusal("B-003", urn=receipt.urn, head=head(receipt.urn), expected=receipt.base_version)
    _write_files([receipt])
    transaction.on_commit(lambda: store().recorded(receipt.urn, receipt.version), robust=True)
    if receipt.is_sealed:
        transaction.on_commit(lambda: lock_sealed(receipt.urn, receipt.state, receipt.at), robust=True)


def record_deposits(receipts: Sequence[DepositReceipt]) -> None:
    """Write the rows of new objects that came in together (批量登记存入), in the caller's transaction.

    Args:
        receipts: from ``deposit_new``.

    Raises: B-003 one of them is known already.
    """
    if not receipts:
        return
    if any(receipt.base_version is not None for receipt in receipts):
        raise ValueError("not a new object")
    try:
        with transaction.atomic():
            StoredObject.objects.bulk_create(
                StoredObject(
                    urn=receipt.urn,
                    head_version=receipt.version,
                    is_sealed=receipt.is_sealed,
                    deposited_at=receipt.at,
                    changed_at=receipt.at,
                )
                for receipt in receipts
            )
    except IntegrityError as error:
        raise Refusal("B-003", urn=receipts[0].urn, head=head(receipts[0].urn), expected=0) from error
    _write_files(receipts)
    here = store()

    def recorded() -> None:
        for receipt in receipts:
            here.recorded(receipt.urn, receipt.version)
            if receipt.is_sealed:  # a sealed item whose paper is scanned last
                lock_sealed(receipt.urn, receipt.state, receipt.at)

    transaction.on_commit(recorded, robust=True)


def record_versions(receipts: Sequence[DepositReceipt]) -> None:
    """Write the rows of versions that were sealed together (批量登记版本), in the caller's transaction.

    The number of statements does not grow with their number, up to 500 a batch.

    Args:
        receipts: from ``deposit`` or ``write_version``; new objects and further versions may come mixed.

    Raises: B-003 the rows of one have moved on.
    Concurrency: compared with the head version under the row's lock, as ``record_deposit`` swaps it.
    """
    record_deposits([receipt for receipt in receipts if receipt.base_version is None])
    further = {receipt.urn: receipt for receipt in receipts if receipt.base_version is not None}
    rows = list(StoredObject.objects.select_for_update().filter(urn__in=list(further)).order_by("id"))
    heads = {row.urn: row.head_version for row in rows}
    for receipt in further.values():
        if heads.get(receipt.urn) != receipt.base_version:
            raise Refusal("B-003", urn=receipt.urn, head=heads.get(receipt.urn), expected=receipt.base_version)
    alike: dict[tuple[int, dt.datetime, bool], list[str]] = {}
    for receipt in further.values():
        alike.setdefault((receipt.version, receipt.at, receipt.is_sealed), []).append(receipt.urn)
    for (version, at, is_sealed), urns in alike.items():
        StoredObject.objects.filter(urn__in=urns).update(head_version=version, changed_at=at, is_sealed=is_sealed)
    _write_files(list(further.values()))
    here = store()

    def recorded() -> None:
        for receipt in further.values():
            here.recorded(receipt.urn, receipt.version)
            if receipt.is_sealed:
                lock_sealed(receipt.urn, receipt.state, receipt.at)

    transaction.on_commit(recorded, robust=True)


def recover() -> RecoveryReport:
    """Finish or roll back what a kill or a power loss has cut off (崩溃恢复); to be run before the first write.

    Returns:
        What was done, and which objects have a newest version that the rows do not know; ``reconcile`` would write
        those rows, if somebody decides that the version stands.
    """
    here = store()
    for doomed in here.doomed():
        if head(doomed.urn) is not None:
            here.spare(doomed.urn)  # the deed that wanted it was rolled back
        elif doomed.tombstone is None:
            here.purge(doomed)
        else:
            here.destroy(doomed)
    settled, marked = here.recover()
    unrecorded: list[str] = []
    for digest in marked:
        urn = here.urn_at(digest)
        if urn is None:  # damaged: a matter for the fixity sweep, and the mark stays for it
            continue
        known = head(urn)
        if known is not None and known >= here.inventory(urn).head:
            here.recorded(urn, known)
        else:
            unrecorded.append(urn)
    return RecoveryReport(
        rolled_back=tuple(digest for digest, outcome in settled.items() if outcome.is_rolled_back),
        completed=tuple(digest for digest, outcome in settled.items() if outcome.is_completed),
        unrecorded=tuple(unrecorded),
    )


def reconcile(*, urn: str) -> None:
    """Make the rows of an object say what its inventory says (以库为准补登): after a crash, or in a rebuild.

    Args:
        urn: identifier of the object.

    Raises: B-005 no such object; B-006 damaged inventory.
    """
    inventory = store().inventory(urn)
    newest = inventory.versions[-1].created_at
    is_sealed = is_sealed_state(inventory.state)
    with transaction.atomic():
        StoredObject.objects.update_or_create(
            urn=urn,
            defaults={"head_version": inventory.head, "is_sealed": is_sealed, "changed_at": newest},
            create_defaults={
                "head_version": inventory.head,
                "is_sealed": is_sealed,
                "changed_at": newest,
                "deposited_at": inventory.versions[0].created_at,
            },
        )
        _write_files([_receipt(inventory, {}, base_version=None)])
        transaction.on_commit(lambda: store().recorded(urn, inventory.head), robust=True)


def settle_head(*, urn: str) -> int | None:
    """The version that a further one must start from (起始版本); None for a new object.

    It is what the rows know. A deed that was refused after its bytes were written leaves a version that no row knows;
    it stays on disk, as all versions do, and the next one is written after it, from the state that the rows know.

    Args:
        urn: identifier of the object.
    """
    return head(urn)
