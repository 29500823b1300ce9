"""How a version is made: planned from what the rows know, written by the store, told as a receipt."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl.inventory import Inventory, MalformedInventory
from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.queries import head, store, stored_contents
from anjuan.facilities.repository.rules import DepositReceipt, Inline, Source, is_sealed_state


def _write_files(receipts: Sequence[DepositReceipt]) -> None:
    pks = dict(StoredObject.objects.filter(urn__in=[receipt.urn for receipt in receipts]).values_list("urn", "pk"))
    StoredFile.objects.bulk_create(
        [
            StoredFile(
                stored_object_id=pks[receipt.urn],
                sha512=content.digests.sha512,
                sha256=content.digests.sha256,
                sm3=content.digests.sm3,
                size_bytes=content.digests.size_bytes,
                content_path=content.content_path,
                first_version=content.first_version,
            )
            for receipt in receipts
            for content in receipt.contents
        ],
        ignore_conflicts=True,  # reconciling meets rows that are there already
    )


def _receipt(inventory: Inventory, digests: Mapping[str, Digests], *, base_version: int | None) -> DepositReceipt:
    return DepositReceipt(
        urn=inventory.urn,
        version=inventory.head,
        base_version=base_version,
        digests=digests,
        contents=stored_contents(inventory, after_version=base_version or 0, known=digests.values()),
        state=inventory.state,
        at=inventory.versions[-1].created_at,
        is_sealed=is_sealed_state(inventory.state),
    )


def _next(inventory: Inventory, state: Mapping[str, str], new_files: Mapping[str, Digests], **said: Any) -> Inventory:
    try:
        return inventories.next_version(inventory, state=state, new_files=new_files, **said)
    except MalformedInventory as error:
        raise Refusal("B-009", reason=str(error)) from error


_Keeps = Callable[[Mapping[str, str], Inventory, Mapping[str, str]], dict[str, str]]


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
    known_head: Callable[[str], int | None] = head,
) -> DepositReceipt:
    def plan(before: Inventory | None, digests: Mapping[str, Digests]) -> Inventory | None:
        # The rows decide which version stands; the disk may be ahead by versions that were never recorded. They are
        # read here, while the object is locked, so that two writers cannot both find the same head and overtake.
        known = known_head(urn)
        if known is not None and expected_head is None:
            raise Refusal("B-002", urn=urn)
        if known is None and expected_head is not None:
            raise Refusal("B-005", urn=urn)
        if known != expected_head:
            raise Refusal("B-003", urn=urn, head=known, expected=expected_head)
        inventory = before or Inventory(urn=urn, contents=(), versions=())
        if inventory.head < (known or 0):
            raise Refusal("B-006", urn=urn)
        base = inventory.versions[known - 1].state if known else {}
        coming = {name: taken.sha512 for name, taken in digests.items()}
        kept = keeps(base, inventory, coming)
        if inventory.head > (known or 0) and inventory.state == kept | coming:
            return None
        return _next(inventory, kept, digests, message=message, user_name=user_name, user_address=user_address, at=at)

    inventory, digests = store().write(urn, files=files, plan=plan)
    return _receipt(inventory, digests, base_version=expected_head)
