"""Putting bytes into the store and rows beside them: bytes first, then rows (decision 6).

``deposit`` and ``write_version`` only write bytes and may take long; they are called before the caller's transaction.
``record_deposit`` only writes rows and is called inside it. No journal entry is made here: the deed that calls has its
own.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from django.db import IntegrityError, transaction

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl.inventory import Inventory, MalformedInventory
from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.queries import object_state, store, stored_contents
from anjuan.facilities.repository.rules import DepositReceipt, Inline, RecoveryReport, Source

RECORD_NAME = "record.json"

_Keeps = Callable[[Inventory, Mapping[str, Digests]], dict[str, str]]


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
    """Put captured files into the store (存入): a new object, or a further version of one that is not sealed.

    Files of an existing object that are not named stay as they are; a name given again takes the new bytes.

    Args:
        urn: identifier of the object.
        files: what comes in.
        message: why.
        user_name: who.
        user_address: a URI that names who.
        at: aware time.
        expected_head: version that the caller started from; None for a new object.

    Returns:
        The receipt, to be given to ``record_deposit`` in the caller's transaction.

    Raises: B-001 disk full; B-002 the object exists with other content; B-003 somebody else wrote first; B-004 bytes
        differ after writing; B-005 no such object; B-006 damaged inventory; B-009 sealed; B-010 not a name.
    Concurrency: writers of one object wait for one another; the later one is B-003. A repeated call, after a crash
        between bytes and rows, gives the receipt of the version that already stands.
    """
    if expected_head is not None:
        state = object_state(urn)
        if state is not None and state.is_sealed:
            raise Refusal("B-009", urn=urn)

    def state_after(before: Inventory, digests: Mapping[str, Digests]) -> dict[str, str]:
        return {name: sha512 for name, sha512 in before.state.items() if name not in digests}

    return _write(
        urn=urn,
        files=files,
        keeps=state_after,
        message=message,
        user_name=user_name,
        user_address=user_address,
        at=at,
        expected_head=expected_head,
        seals=False,
    )


def write_version(
    *,
    urn: str,
    state: Mapping[str, str],
    new_files: Sequence[Source | Inline],
    message: str,
    user_name: str,
    user_address: str,
    at: dt.datetime,
    expected_head: int,
    seals: bool = False,
) -> DepositReceipt:
    """Write a version whose whole state is given (写入版本): the sealing of an item, or a correction after it.

    Bytes that the object keeps are only named anew; nothing is copied.

    Args:
        urn: identifier of the object.
        state: SHA-512 by logical name, of bytes that the object keeps.
        new_files: what comes in beside them, such as ``record.json``.
        message: why.
        user_name: who.
        user_address: a URI that names who.
        at: aware time.
        expected_head: version that the caller started from.
        seals: whether the object is sealed from now on.

    Raises: B-001, B-003, B-004, B-005, B-006, B-010 as ``deposit``; B-007 the object keeps no such bytes.
    Concurrency: as ``deposit``.
    """

    def kept(before: Inventory, digests: Mapping[str, Digests]) -> dict[str, str]:
        have = {content.sha512 for content in before.contents}
        for sha512 in state.values():
            if sha512 not in have:
                raise Refusal("B-007", urn=urn, sha512=sha512[:16])
        return dict(state)

    return _write(
        urn=urn,
        files=new_files,
        keeps=kept,
        message=message,
        user_name=user_name,
        user_address=user_address,
        at=at,
        expected_head=expected_head,
        seals=seals,
    )


def record_deposit(receipt: DepositReceipt) -> None:
    """Write the rows of what was stored (登记存入), in the caller's transaction.

    Args:
        receipt: from ``deposit`` or ``write_version``.

    Raises: B-003 the rows have moved on.
    Concurrency: compare-and-swap on the head version.
    """
    if receipt.version == 1:
        try:
            with transaction.atomic():
                StoredObject.objects.create(
                    urn=receipt.urn,
                    head_version=1,
                    is_sealed=receipt.seals,
                    deposited_at=receipt.at,
                    changed_at=receipt.at,
                )
        except IntegrityError as error:
            raise Refusal("B-003", urn=receipt.urn, head=1, expected=0) from error
    else:
        rows = StoredObject.objects.filter(urn=receipt.urn, head_version=receipt.version - 1)
        changed = rows.update(
            head_version=receipt.version, changed_at=receipt.at, **({"is_sealed": True} if receipt.seals else {})
        )
        if changed != 1:
            state = object_state(receipt.urn)
            head = state.head_version if state else 0
            raise Refusal("B-003", urn=receipt.urn, head=head, expected=receipt.version - 1)
    _write_files(receipt)
    transaction.on_commit(lambda: store().recorded(receipt.urn, receipt.version))


def recover() -> RecoveryReport:
    """Finish or roll back what a kill or a power loss has cut off (崩溃恢复); to be run before the first write.

    Returns:
        What was done, and which objects have a newest version that the rows do not know; ``reconcile`` writes those
        rows once somebody has decided that the version stands.
    """
    here = store()
    settled, marked = here.recover()
    unrecorded: list[str] = []
    for digest in marked:
        urn = here.urn_at(digest)
        if urn is None:  # damaged: a matter for the fixity sweep, and the mark stays for it
            continue
        state = object_state(urn)
        if state is not None and state.head_version >= here.inventory(urn).head:
            here.recorded(urn, state.head_version)
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
    is_sealed = any(RECORD_NAME in version.state for version in inventory.versions)
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
        _write_files(_receipt(inventory, {}, after_version=0, seals=is_sealed))
        transaction.on_commit(lambda: store().recorded(urn, inventory.head))


def settle_head(*, urn: str) -> int | None:
    """The version a further one must follow, with the rows made to agree first (对齐版本); None for a new object.

    A deed that was refused after its bytes were written leaves a version that no row knows. It stays, as all versions
    do; the rows learn of it here, so that the next deed can write after it.

    Args:
        urn: identifier of the object.

    Raises: B-006 damaged inventory.
    """
    try:
        inventory = store().inventory(urn)
    except Refusal as refusal:
        if refusal.code == "B-005":
            return None
        raise
    state = object_state(urn)
    if state is None or state.head_version < inventory.head:
        reconcile(urn=urn)
    return inventory.head


def _write_files(receipt: DepositReceipt) -> None:
    stored = StoredObject.objects.get(urn=receipt.urn)
    StoredFile.objects.bulk_create(
        [
            StoredFile(
                stored_object=stored,
                sha512=content.digests.sha512,
                sha256=content.digests.sha256,
                sm3=content.digests.sm3,
                size_bytes=content.digests.size_bytes,
                content_path=content.content_path,
                first_version=content.first_version,
            )
            for content in receipt.contents
        ],
        ignore_conflicts=True,  # reconciling meets rows that are there already
    )


def _receipt(
    inventory: Inventory, digests: Mapping[str, Digests], *, after_version: int, seals: bool
) -> DepositReceipt:
    return DepositReceipt(
        urn=inventory.urn,
        version=inventory.head,
        digests=digests,
        contents=stored_contents(inventory, after_version=after_version),
        state=inventory.state,
        at=inventory.versions[-1].created_at,
        seals=seals,
    )


def _write(
    *,
    urn: str,
    files: Sequence[Source | Inline],
    keeps: _Keeps,
    message: str,
    user_name: str,
    user_address: str,
    at: dt.datetime,
    expected_head: int | None,
    seals: bool,
) -> DepositReceipt:
    def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory | None:
        coming = {name: taken.sha512 for name, taken in digests.items()}
        if expected_head is None:
            if before is not None:
                if before.head == 1 and before.state == coming:
                    return None
                raise Refusal("B-002", urn=urn)
            base, kept = Inventory(urn=urn, contents=(), versions=()), {}
        else:
            if before is None:
                raise Refusal("B-005", urn=urn)
            if before.head == expected_head + 1 and before.state == keeps(before, digests) | coming:
                return None
            if before.head != expected_head:
                raise Refusal("B-003", urn=urn, head=before.head, expected=expected_head)
            base, kept = before, keeps(before, digests)
        try:
            return inventories.next_version(
                base,
                state=kept,
                new_files=digests,
                message=message,
                user_name=user_name,
                user_address=user_address,
                at=at,
            )
        except MalformedInventory as error:
            raise Refusal("B-010", reason=str(error)) from error

    inventory, digests = store().write(urn, files=files, plan=plan)
    return _receipt(inventory, digests, after_version=inventory.head - 1, seals=seals)
