"""After the seal (封卷之后): what a returned volume takes in, what is noted, and what supplements a received one."""

from collections.abc import Sequence

from anjuan.core import arrangement, canonical, refcode
from anjuan.core.arrangement import Facet
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, InsuranceLine, Occasion, Post, State, Verb
from anjuan.desks.filing import queries, rules
from anjuan.desks.filing.models import Supplement, VolumeNote
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.actions import volumes

NOTING_POSTS = (Post.FILER, Post.ARCHIVIST, Post.KEEPER)


def insert_item(*, occasion: Occasion, volume_urn: str, item_urn: str, correction_pk: int) -> str:
    """Put a missing item into a returned volume, at its end (补件). Returns its 档号.

    The 档号 of the others stay; page numbers run on over it; contents list and note are issued anew when the volume is
    sealed again, and the earlier issues are kept.

    Args:
        occasion: the filing clerk.
        volume_urn: a volume that was returned for correction.
        item_urn: a reviewed item.
        correction_pk: the open fault that says it is missing.

    Raises:
        F-004: the volume's item numbers are used up.
        F-006: the item is no kin of the volume.
        F-080: one is a tied bundle, not arranged yet.
        F-017: the volume is not being corrected at its agency; after the receipt nothing is inserted.
        F-018: the fault does not say that something is missing, or is answered.
        F-022: items are numbered through the year there; it goes into the box that is open.
        L-001 to L-006: the item is not reviewed, or the actor is no filing clerk there.
        R-009: no such volume, item or fault.

    Standard: GB/T 31599-2015 6.3; ADR 16.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    volume = sheet.volume
    permit(occasion.actor, volume.agency_path, Post.FILER)
    item = record_queries.get_item_for(occasion.actor, item_urn)
    row = corrections.get_for(occasion.actor, correction_pk)
    is_ours = row.unit == volume_urn or row.item_urn in {one.urn for one in sheet.items}
    rules.check_insertion(
        volume.state, row.fault.code if is_ours else "", is_open=row.is_open, reference=volume.reference
    )
    if arrangement.kinds()[volume.arrangement].runs_through_the_year:
        raise Refusal("F-022", reference=volume.reference)
    rules.must_be_kin(queries.kinship_of(volume), queries.candidates([item])[0])

    with journal.writing(occasion=occasion, act="filing.insert_item", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.RETURNED,))
        held = record_queries.items_of(volume_urn)
        place = max((one.item_no or 0 for one in held), default=0) + 1
        code = refcode.successor(held[-1].reference_code, place)
        records.advance(line=line, urn=item_urn, verb=Verb.INSERT, evidence=frozenset())
        volumes.place_item(item_urn=item_urn, volume_urn=volume_urn, item_no=place)
        volumes.number_item(volume_urn=volume_urn, item_urn=item_urn, reference_code=code)
        volumes.count_volume(volume_urn=volume_urn)
        records.take_part(line=line, urn=volume_urn, duty=Duty.MENDED)
        _note(line, volume_urn, VolumeNote.Kind.ADDED, f"补入 {code} {item.title}（{row.fault.code} {row.fault.zh}）")
        line.include([(item_urn, canonical.digest([code]))])
        line.say(item=item_urn, reference_code=code, fault=row.fault.code, correction=correction_pk)
    return code


def annotate(*, occasion: Occasion, volume_urn: str, kind: str, text: str) -> None:
    """Add a line to the reference note of a sealed volume (备考表加注); also after its receipt.

    Raises:
        A-001: the actor neither files, keeps nor looks after that agency's records.
        L-001: the volume is open still: its note is written at the seal.
        R-009: no such volume.
        R-010: the line is empty, too long, or of no kind.
    """
    volume = record_queries.get_volume_for(occasion.actor, volume_urn)
    permit(occasion.actor, volume.agency_path, *NOTING_POSTS)
    said = record_rules.text("备考说明 note", text, limit=300)
    if kind not in VolumeNote.Kind.values:
        raise Refusal("R-010", field="种类 kind", reason=kind[:20] or "—")
    if not volume.reference_code:
        raise Refusal("L-001", reference=volume.reference)

    with journal.writing(occasion=occasion, act="filing.annotate", unit=volume_urn) as line:
        _note(line, volume_urn, VolumeNote.Kind(kind), said)
        line.say(kind=kind, text=said)


def open_supplement(*, occasion: Occasion, of_urn: str, item_urns: Sequence[str], title: str = "") -> str:
    """Open a supplementary volume for one that takes nothing more (补充卷). Returns its URN.

    It is a volume like any other, of the same kin, with a number of its own; both reference notes name the other.

    Args:
        occasion: the filing clerk.
        of_urn: a volume that the archive has received.
        item_urns: reviewed items.
        title: its title; that of the other with 「补充卷」 where none is given.

    Raises:
        F-006: an item is no kin of that volume.
        F-080: one is a tied bundle, not arranged yet.
        F-007: no item is named.
        F-019: that volume has not been received yet.
        L-001 to L-006: an item is not reviewed.
        R-009: no such volume or item.
    """
    if not item_urns:
        raise Refusal("F-007")
    first = record_queries.get_volume_for(occasion.actor, of_urn)
    permit(occasion.actor, first.agency_path, Post.FILER)
    rules.check_supplement(first.state, first.reference)
    coming = record_queries.get_items_for(occasion.actor, list(dict.fromkeys(item_urns)))
    kinship = queries.kinship_of(first)
    for candidate in queries.candidates(coming):
        rules.must_be_kin(kinship, candidate)
    said = record_rules.text("题名 title", title or f"{first.title[:190]}（补充卷）", limit=200)
    urn, mixed = occasion.urn(), Facet.LINE not in kinship.scheme.shared

    with journal.writing(occasion=occasion, act="filing.open_supplement", unit=urn) as line:
        volumes.open_volume(
            line=line,
            urn=urn,
            like=coming[0],
            title=said,
            kind=first.arrangement,
            insurance_line=InsuranceLine.ALL if mixed else coming[0].insurance_line,
            subject_pk=first.subject_pk,
        )
        records.advance_items(line=line, urns=[item.urn for item in coming], verb=Verb.ARRANGE, evidence=frozenset())
        volumes.place_items(item_urns=[item.urn for item in coming], volume_urn=urn)
        volumes.count_volume(volume_urn=urn)
        Supplement.objects.create(volume_urn=urn, of_urn=of_urn)
        _note(line, of_urn, VolumeNote.Kind.REMARK, f"另立补充卷「{said}」"[:300])
        _note(line, urn, VolumeNote.Kind.REMARK, f"本卷为 {first.reference} 的补充卷"[:300])
        line.include([(item.urn, canonical.digest([urn])) for item in coming])
        line.say(of=of_urn, title=said, items=len(coming))
    return urn


def _note(line: Line, volume_urn: str, kind: VolumeNote.Kind, text: str) -> None:
    VolumeNote.objects.create(
        volume_urn=volume_urn,
        kind=kind,
        text=text[:300],
        noted_by=line.occasion.actor.staff_code,
        noted_at=line.occasion.at,
    )
