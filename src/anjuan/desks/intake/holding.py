"""The item under one's hands: whether it may be changed now, who takes part by changing it, where its bytes go."""

from collections.abc import Sequence
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING, Duty, Occasion, State
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake import queries, rules
from anjuan.facilities.corrections.rules import ANSWERING_POSTS
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository.rules import DepositReceipt, Source
from anjuan.facilities.screening import actions as screening
from anjuan.facilities.screening.rules import AWAY, Door
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal.actions import Line
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records.rows import CapturedFile


def changeable(occasion: Occasion, urn: str) -> queries.Collected:
    """The item, if the actor may add to it or change its pages now.

    Raises:
        A-001: the actor is not a handler of that agency.
        I-010: pages are no longer changed at this stage.
        R-009: no such item.
    """
    collected = queries.collected(occasion.actor, urn)
    posts = rules.CHANGING_POSTS.get(collected.item.state, ANSWERING_POSTS)
    accounts.permit(occasion.actor, collected.item.agency_path, *posts)
    if not collected.may_change:
        raise Refusal("I-010", reference=collected.item.reference, state=collected.item.state)
    return collected


def hold(line: Line, collected: queries.Collected) -> None:
    """Hold the item at its stage, and note who made or mended it: neither may later judge it."""
    item = collected.item
    records.hold_at(urn=item.urn, states=(item.state,))
    if item.state is State.IN_WORKSHOP:
        records.take_part(line=line, urn=record_queries.volume_urn_of(item), duty=Duty.PROCESSED)
        return
    records.take_part(line=line, urn=item.urn, duty=Duty.HANDLED)
    if item.state in CORRECTING:
        records.take_part(line=line, urn=record_queries.volume_urn_of(item), duty=Duty.MENDED)


def take_up(line: Line, collected: queries.Collected, receipt: DepositReceipt, files: Sequence[CapturedFile]) -> None:
    """The rows of captured files whose bytes lie in the store; the line says what they are."""
    hold(line, collected)
    repository.record_deposit(receipt)
    records.add_components(item_urn=collected.item.urn, files=files, at=line.occasion.at)
    flag(line, collected, files)
    line.say(version=receipt.version, files=files_of.named(files))


def flag(line: Line, collected: queries.Collected, files: Sequence[CapturedFile]) -> None:
    """Keep what files of the item were flagged for."""
    item = collected.item
    files_of.flag(line, files_of.Taken(item.urn, item.reference, item.agency_path, files))


def measure(
    occasion: Occasion,
    collected: queries.Collected,
    path: Path,
    *,
    original_name: str,
    material_code: str,
    holds: bool = True,
) -> CapturedFile:
    """Look at one file before it is kept, against the item's own material list.

    One that is malicious or broken goes into quarantine; one that cannot be scanned now is held, where ``holds`` says
    that it may go on by itself later.

    Raises:
        H-005, M-…: see `files.measure`.
        Z-020: see `files.refuse_invalid`.
    """
    try:
        found = files_of.measure(collected.step, path, original_name=original_name, material_code=material_code)
    except Refusal as refusal:
        if holds or refusal.code != AWAY:
            screening.keep_aside(
                occasion=occasion,
                path=path,
                name=original_name,
                refusal=refusal,
                door=Door.COUNTER,
                agency_code=collected.item.agency_code,
                unit=collected.item.urn,
                material=material_code,
            )
        raise
    files_of.refuse_invalid(collected.step, found, collected.item.route)
    return found


def deposit(
    occasion: Occasion,
    collected: queries.Collected,
    paths: Sequence[Path],
    files: Sequence[CapturedFile],
    *,
    repeats: bool = False,
) -> DepositReceipt:
    """Put files into the item's object, before any row says so.

    Args:
        occasion: who, and when.
        collected: the item.
        paths: where the files lie.
        files: what they are.
        repeats: somebody has said that a page with the same bytes is a sheet of its own; the object keeps them once.

    Raises:
        I-012: the same bytes lie there already, and nobody has said so.
    """
    if not repeats:
        files_of.refuse_doubles(files, {component.sha512: component.ordinal for component in collected.components})
    urn, staff_code = collected.item.urn, occasion.actor.staff_code
    head = repository.settle_head(urn=urn)
    return repository.deposit(
        urn=urn,
        files=[
            Source(logical_name=name, path=path, digests=file.digests)
            for name, (path, file) in {
                file.logical_name: (path, file) for path, file in zip(paths, files, strict=True)
            }.items()
        ],
        message=f"capture {len(files)}",
        user_name=staff_code,
        user_address=f"staff:{staff_code}",
        at=occasion.at,
        expected_head=head,
    )
