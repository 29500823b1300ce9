"""Arranging items into volumes (整理·立卷): opened, filled, ordered; sealing and what follows stand beside."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError

from anjuan.core import arrangement
from anjuan.core.arrangement import Facet
from anjuan.core.refusals import Refusal
from anjuan.core.terms import InsuranceLine, Occasion, State, Verb
from anjuan.desks.filing import queries, rules
from anjuan.desks.filing.actions.forwarding import cancel_forwarding, prepare_forwarding, send_forwarding, take_receipt
from anjuan.desks.filing.actions.mending import annotate, insert_item, open_supplement
from anjuan.desks.filing.actions.numbers import void_number
from anjuan.desks.filing.actions.papers import PRINTING, start_printing
from anjuan.desks.filing.actions.sealing import SEALING, Sealed, renumber, resubmit, seal, start_sealing
from anjuan.desks.filing.models import ProposalMove, Rearrangement
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.actions import volumes

__all__ = [
    "PRINTING",
    "SEALING",
    "Chosen",
    "Opened",
    "Sealed",
    "add_item",
    "add_items",
    "annotate",
    "arrange",
    "cancel_forwarding",
    "insert_item",
    "move_proposed",
    "open_supplement",
    "open_volume",
    "open_volumes",
    "prepare_forwarding",
    "release",
    "renumber",
    "resubmit",
    "seal",
    "send_forwarding",
    "start_printing",
    "start_sealing",
    "take_receipt",
    "undo",
    "void_number",
]


@dataclass(frozen=True)
class Opened:
    """The receipt of an opened volume."""

    urn: str
    title: str
    items: int


def open_volume(*, occasion: Occasion, item_urns: Sequence[str], title: str = "") -> Opened:
    """Open a volume and put reviewed items into it, in the order given (立卷).

    Raises:
        F-006: the items are not kin.
        F-080: one is a tied bundle, not arranged yet.
        F-007: no item is named.
        F-014: this person or employer has an open dossier already.
        L-001 to L-006: an item cannot be put into a volume.
        R-009: an item is not to be seen.

    Standard: GB/T 31599-2015 6.2, 6.3; S3-W13.
    """
    if not item_urns:
        raise Refusal("F-007")
    items = record_queries.get_items_for(occasion.actor, list(dict.fromkeys(item_urns)))
    permit(occasion.actor, items[0].agency_path, *rules.ARRANGING_POSTS)
    found = queries.candidates(items)
    kinship, kind = found[0].kinship, found[0].scheme.kind
    for candidate in found:
        rules.must_be_kin(kinship, candidate)
    proposed = title or queries.volume_title(items, record_queries.step_names(), kinship)
    wanted = record_rules.text("题名 title", proposed, limit=200)
    holder = queries.holder_pk(items[0], kind)
    mixed = Facet.LINE not in found[0].scheme.shared
    urn = occasion.urn()

    try:
        with journal.writing(occasion=occasion, act="filing.open_volume", unit=urn) as line:
            volumes.open_volume(
                line=line,
                urn=urn,
                like=items[0],
                title=wanted,
                kind=kind,
                insurance_line=InsuranceLine.ALL if mixed else items[0].insurance_line,
                subject_pk=holder,
            )
            for place, item in enumerate(items, 1):
                records.advance(line=line, urn=item.urn, verb=Verb.ARRANGE, evidence=frozenset())
                volumes.place_item(item_urn=item.urn, volume_urn=urn, item_no=place)
            volumes.count_volume(volume_urn=urn)
            line.include(
                [(item.urn, hashlib.sha256(str(place).encode()).hexdigest()) for place, item in enumerate(items)]
            )
            line.say(title=wanted, items=len(items), kind=kind)
    except IntegrityError as taken:
        if holder is None:
            raise
        raise Refusal("F-014", title=wanted) from taken
    return Opened(urn, wanted, len(items))


@dataclass(frozen=True)
class Chosen:
    """A proposed volume that a clerk accepts: its title, and its items in order."""

    title: str
    item_urns: tuple[str, ...]


def open_volumes(*, occasion: Occasion, chosen: Sequence[Chosen]) -> tuple[Opened, ...]:
    """Open several proposed volumes in one act (批量立卷): all of them, or none.

    Raises:
        F-006: the items of a volume are not kin.
        F-080: one is a tied bundle, not arranged yet.
        F-007: nothing is chosen, or a volume has no items.
        F-014: one of them is the dossier of somebody who has an open one; put the items into that.
        F-021: too many items for one act; the rest goes into the next.
        L-001 to L-006: an item cannot be put into a volume.
        R-009: an item is not to be seen.

    Standard: GB/T 31599-2015 6.2, 6.3; S3-W13.
    """
    if not chosen or not all(one.item_urns for one in chosen):
        raise Refusal("F-007")
    urns = [urn for one in chosen for urn in one.item_urns]
    if len(chosen) > 1 and len(urns) > rules.MOST_AT_ONCE:
        raise Refusal("F-021", items=len(urns), most=rules.MOST_AT_ONCE)
    items = {item.urn: item for item in record_queries.get_items_for(occasion.actor, urns)}
    for path in {item.agency_path for item in items.values()}:
        permit(occasion.actor, path, *rules.ARRANGING_POSTS)
    weighed = {one.urn: one for one in queries.candidates(list(items.values()))}
    names = record_queries.step_names()
    plans = []
    for one in chosen:
        first, kinship = items[one.item_urns[0]], weighed[one.item_urns[0]].kinship
        for urn in one.item_urns:
            rules.must_be_kin(kinship, weighed[urn])
        proposed = one.title or queries.volume_title([items[urn] for urn in one.item_urns], names, kinship)
        title = record_rules.text("题名 title", proposed, limit=200)
        plans.append((occasion.urn(), one, first, weighed[first.urn].scheme, title))

    try:
        with journal.writing(occasion=occasion, act="filing.open_volumes", unit=plans[0][0]) as line:
            records.advance_items(line=line, urns=urns, verb=Verb.ARRANGE, evidence=frozenset())
            for urn, one, first, scheme, title in plans:
                volumes.open_volume(
                    line=line,
                    urn=urn,
                    like=first,
                    title=title,
                    kind=scheme.kind,
                    insurance_line=InsuranceLine.ALL if Facet.LINE not in scheme.shared else first.insurance_line,
                    subject_pk=queries.holder_pk(first, scheme.kind),
                )
                volumes.place_items(item_urns=one.item_urns, volume_urn=urn)
                volumes.count_volume(volume_urn=urn)
                line.include([(urn, hashlib.sha256(title.encode()).hexdigest())])
                line.include(
                    [
                        (item, hashlib.sha256(f"{urn} {place}".encode()).hexdigest())
                        for place, item in enumerate(one.item_urns, 1)
                    ]
                )
            ProposalMove.objects.filter(item_urn__in=urns).delete()
            line.say(volumes=len(plans), items=len(urns))
    except IntegrityError as taken:
        raise Refusal("F-014", title=plans[0][4]) from taken
    return tuple(Opened(urn, title, len(one.item_urns)) for urn, one, _first, _scheme, title in plans)


def move_proposed(*, occasion: Occasion, item_urns: Sequence[str], beside_urn: str = "") -> None:
    """Move items to another proposed volume, or into one of their own (改派): before anything is accepted.

    Args:
        occasion: the filing clerk; the move is his own until he accepts.
        item_urns: what moves.
        beside_urn: an item of the proposal they shall lie in; none, and they make a volume of their own.

    Raises:
        A-001: the actor is no filing clerk there.
        F-006: one is no kin of what lies there.
        F-080: one is a tied bundle, not arranged yet.
        F-007: none is named.
        F-008: it would be too thick.
        R-009: an item is not to be seen, or waits no more.
    """
    if not item_urns:
        raise Refusal("F-007")
    items = record_queries.get_items_for(occasion.actor, list(dict.fromkeys(item_urns)))
    for path in {item.agency_path for item in items}:
        permit(occasion.actor, path, *rules.ARRANGING_POSTS)
    found = {urn: row for row in queries.proposals(occasion.actor) for urn in row.proposal.urns}
    anchor = beside_urn or items[0].urn
    for urn in (*(item.urn for item in items), anchor):
        if urn not in found:
            raise Refusal("R-009", what=urn)
    target = found[anchor]
    for candidate in queries.candidates(items):
        rules.must_be_kin(target.proposal.kinship, candidate)
    if target.limit is not None:
        lying = target.proposal.pages if beside_urn else 0
        coming = [item for item in items if not beside_urn or item.urn not in target.proposal.urns]
        if len(coming) > (0 if beside_urn else 1):
            rules.must_fit(lying, sum(item.paper_pages for item in coming), target.limit)

    with journal.writing(occasion=occasion, act="filing.move_proposed", unit=items[0].urn) as line:
        mine = ProposalMove.objects.filter(staff_code=occasion.actor.staff_code)
        mine.filter(item_urn__in=[item.urn for item in items]).delete()
        ProposalMove.objects.bulk_create(
            ProposalMove(staff_code=occasion.actor.staff_code, item_urn=item.urn, beside_urn=anchor) for item in items
        )
        line.say(beside=beside_urn, items=",".join(item.urn for item in items))


def arrange(*, occasion: Occasion, volume_urn: str, item_urns: Sequence[str]) -> None:
    """Set the order of the items of an open volume (排序).

    Raises:
        F-009: the list is not exactly the items of the volume.
        L-001: the volume is sealed already.
    """
    sheet = _open_sheet(occasion, volume_urn)
    if sorted(item_urns) != sorted(item.urn for item in sheet.items):
        raise Refusal("F-009", given=len(item_urns), held=len(sheet.items))

    with journal.writing(occasion=occasion, act="filing.arrange", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        held = [item.urn for item in record_queries.items_of(volume_urn)]
        if sorted(item_urns) != sorted(held):
            raise Refusal("F-009", given=len(item_urns), held=len(held))
        volumes.order_items(volume_urn=volume_urn, item_urns=item_urns)
        if list(item_urns) != held:
            Rearrangement.objects.create(
                volume_urn=volume_urn,
                before=held,
                after=list(item_urns),
                made_by=occasion.actor.staff_code,
                made_at=occasion.at,
            )
        line.say(order=",".join(item_urns))


def undo(*, occasion: Occasion, volume_urn: str) -> None:
    """Take back the last change of the order (撤销调整件序), one by one, until the seal; both stay on record.

    Raises:
        F-020: nothing is left to undo, or items came or went since.
        L-001: the volume is sealed already.
    """
    sheet = _open_sheet(occasion, volume_urn)

    with journal.writing(occasion=occasion, act="filing.undo", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        held = [item.urn for item in record_queries.items_of(volume_urn)]
        last = Rearrangement.objects.filter(volume_urn=volume_urn, undone_at=None).order_by("-id").first()
        rules.check_order_undone(last.before if last else (), held, sheet.volume.reference)
        if last is not None:
            volumes.order_items(volume_urn=volume_urn, item_urns=last.before)
            last.undone_by, last.undone_at = occasion.actor.staff_code, occasion.at
            last.save(update_fields=["undone_by", "undone_at"])
            line.say(order=",".join(last.before))


def add_item(*, occasion: Occasion, volume_urn: str, item_urn: str) -> None:
    """Put one more reviewed item at the end of an open volume (放入案卷).

    Raises:
        F-006: it is not kin to the others.
        F-080: one is a tied bundle, not arranged yet.
        L-001 to L-006, R-009: as for `open_volume`.
    """
    sheet = _open_sheet(occasion, volume_urn)
    item = record_queries.get_item_for(occasion.actor, item_urn)
    rules.must_be_kin(queries.kinship_of(sheet.volume), queries.candidates([item])[0])

    with journal.writing(occasion=occasion, act="filing.add_item", unit=item_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        place = len(record_queries.items_of(volume_urn)) + 1
        records.advance(line=line, urn=item_urn, verb=Verb.ARRANGE, evidence=frozenset())
        volumes.place_item(item_urn=item_urn, volume_urn=volume_urn, item_no=place)
        volumes.count_volume(volume_urn=volume_urn)
        line.say(volume=volume_urn, place=place)


def add_items(*, occasion: Occasion, volume_urn: str, item_urns: Sequence[str]) -> int:
    """Put loose material into an open volume, each at the end of its class (散材料归档). Returns how many.

    A dossier takes it for years, until it is closed.

    Raises:
        F-006: an item is not kin to the others.
        F-080: one is a tied bundle, not arranged yet.
        F-007: no item is named.
        L-001 to L-006, R-009: as for `open_volume`.
    """
    if not item_urns:
        raise Refusal("F-007")
    sheet = _open_sheet(occasion, volume_urn)
    coming = record_queries.get_items_for(occasion.actor, list(dict.fromkeys(item_urns)))
    kinship = queries.kinship_of(sheet.volume)
    for candidate in queries.candidates(coming):
        rules.must_be_kin(kinship, candidate)
    kind = arrangement.kinds()[sheet.volume.arrangement]

    with journal.writing(occasion=occasion, act="filing.add_items", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        held = record_queries.items_of(volume_urn)
        records.advance_items(line=line, urns=[item.urn for item in coming], verb=Verb.ARRANGE, evidence=frozenset())
        volumes.place_items(item_urns=[item.urn for item in coming], volume_urn=volume_urn, first_no=len(held) + 1)
        if kind.classes:  # a stable sort: within a class what came first stays first
            ordered = sorted([*held, *coming], key=lambda item: kind.class_of(item.category_code)[0])
            volumes.order_items(volume_urn=volume_urn, item_urns=[item.urn for item in ordered])
        volumes.count_volume(volume_urn=volume_urn)
        ProposalMove.objects.filter(item_urn__in=[item.urn for item in coming]).delete()
        line.include([(item.urn, hashlib.sha256(volume_urn.encode()).hexdigest()) for item in coming])
        line.say(items=len(coming))
    return len(coming)


def release(*, occasion: Occasion, item_urn: str) -> None:
    """Take an item out of an open volume again (移出案卷): undo until sealed.

    Raises:
        L-001 to L-006: the volume is sealed, or the actor is no filing clerk there.
        R-009: no such item.
    """
    item = record_queries.get_item_for(occasion.actor, item_urn)
    volume_urn = record_queries.volume_urn_of(item)

    with journal.writing(occasion=occasion, act="filing.release", unit=item_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        records.advance(line=line, urn=item_urn, verb=Verb.RELEASE, evidence=frozenset())
        volumes.place_item(item_urn=item_urn, volume_urn=None, item_no=None)
        left = [row.urn for row in record_queries.items_of(volume_urn)]
        volumes.order_items(volume_urn=volume_urn, item_urns=left)
        volumes.count_volume(volume_urn=volume_urn)
        line.say(volume=volume_urn)


def _open_sheet(occasion: Occasion, volume_urn: str) -> queries.VolumeSheet:
    sheet = queries.sheet(occasion.actor, volume_urn)
    permit(occasion.actor, sheet.volume.agency_path, *rules.ARRANGING_POSTS)
    if sheet.volume.state is not State.FILING:
        raise Refusal("L-001", reference=sheet.volume.reference)
    return sheet
