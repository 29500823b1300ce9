"""What the filing desk hangs on the shared pages, and the frozen rows its own pages draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from anjuan.core import arrangement
from anjuan.core.terms import CORRECTING, Actor, Closing, Post, State
from anjuan.desks.filing import queries, rules
from anjuan.desks.filing.panels.papers import (
    forwarding_lines,
    may_forward,
    may_renumber,
    note_kinds,
    note_lines,
    papers,
    previews,
    print_forms,
    print_lines,
    reference_of,
    run_card,
)
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import DeskQueue, RailEntry, address
from anjuan.foundation.web.shapes import Missing, QueueRow, Words
from anjuan.records.rows import ItemRow, VolumeRow

__all__ = [
    "QUEUES",
    "RAIL",
    "forwarding_lines",
    "may_forward",
    "may_renumber",
    "note_kinds",
    "note_lines",
    "papers",
    "previews",
    "print_forms",
    "print_lines",
    "reference_of",
    "run_card",
]

FILERS = frozenset(rules.ARRANGING_POSTS)
ITEMS_SHOWN = 200  # of the pool, whatever its size; the next come as these are filed
VOLUMES_SHOWN = 30
KIN_SHOWN = 50
BUNDLES_SHOWN = 100  # proposals in the list of all
TARGETS_SHOWN = 20


@dataclass(frozen=True)
class ProposalCard:
    """A proposed volume as the page shows it, with what was typed into it."""

    key: str
    title: str
    category_name: str
    kind_words: str
    year: int
    line_words: str
    term_words: str
    items: Sequence[tuple[ItemRow, bool]]
    pages: int
    limit: int | None
    dossier_url: str
    dossier_urn: str
    targets: Sequence[tuple[str, str]]  # other proposals of its kin: first item, and how they are called


@dataclass(frozen=True)
class Bundle:
    """One proposed volume in the list of all."""

    key: str
    title: str
    items: int
    pages: int
    limit: int | None
    goes_into: str  # the dossier that is open; empty for a new volume


def bundles(rows: Sequence[queries.ProposalRow]) -> list[Bundle]:
    """All proposed volumes in a line each, as many as a page holds."""
    return [
        Bundle(
            row.items[0].urn,
            row.title,
            len(row.items),
            row.proposal.pages,
            row.limit,
            row.dossier.title if row.dossier else "",
        )
        for row in rows[:BUNDLES_SHOWN]
    ]


def _targets(rows: Sequence[queries.ProposalRow]) -> Mapping[str, list[tuple[str, str]]]:
    """By the first item of a proposal, where its items may go instead: other proposals of its kin."""
    kin: dict[object, list[tuple[str, str]]] = {}
    for number, row in enumerate(rows, 1):
        words = f"{number} · {row.title[:24]}"
        kin.setdefault(row.proposal.kinship, []).append((row.items[0].urn, words))
    return {
        row.items[0].urn: [one for one in kin[row.proposal.kinship] if one[0] != row.items[0].urn][:TARGETS_SHOWN]
        for row in rows
    }


def cards(
    rows: Sequence[queries.ProposalRow], *, key: str = "", title: str = "", ticked: Sequence[str] = ()
) -> tuple[list[ProposalCard], int]:
    """The proposals that fit on one page, and how many items are left for the next.

    Args:
        rows: what the machine proposes.
        key: the proposal that was worked on and refused: it keeps the title typed and the items ticked.
        title: the title typed there.
        ticked: the items ticked there.
    """
    shown: list[ProposalCard] = []
    room = ITEMS_SHOWN
    targets = _targets(rows)
    for row in rows:
        if shown and len(row.items) > room:
            break
        room -= len(row.items)
        mine = bool(key) and row.items[0].urn == key
        shown.append(
            ProposalCard(
                key=row.items[0].urn,
                title=title if mine else row.title,
                category_name=row.category_name,
                kind_words=labels.label(row.kind),
                year=row.items[0].year,
                line_words=labels.label(row.insurance_line),
                term_words=labels.term_words(row.term),
                items=[(item, not mine or item.urn in ticked) for item in row.items],
                pages=row.proposal.pages,
                limit=row.limit,
                dossier_url=reverse("filing:volume", kwargs={"urn": row.dossier.urn}) + "#pool" if row.dossier else "",
                dossier_urn=row.dossier.urn if row.dossier else "",
                targets=targets[row.items[0].urn],
            )
        )
    left = sum(len(row.items) for row in rows[len(shown) :])
    return shown, left


@dataclass(frozen=True)
class Place:
    """An item at its place in the volume."""

    number: int
    item: ItemRow
    first: int
    last: int
    images: int
    url: str


def places(sheet: queries.VolumeSheet) -> list[Place]:
    """The items in order, each with its pages in the volume."""
    return [
        Place(number, item, first, last, sheet.image_pages[item.urn], address("search:item", urn=item.urn))
        for number, (item, first, last) in enumerate(sheet.first_pages, 1)
    ]


@dataclass(frozen=True)
class FaultLine:
    """A fault of a returned volume: what, where, by when, and how to mend it."""

    row: CorrectionRow
    name: str
    remedy: str
    item: ItemRow | None
    page: int | None
    url: str
    takes: bool  # an item may be inserted for it


def fault_lines(sheet: queries.VolumeSheet) -> list[FaultLine]:
    """The faults of a returned volume, those that wait for an answer first."""
    chinese = (get_language() or "zh").startswith("zh")
    items = {item.urn: item for item in sheet.items}
    starts = queries.first_pages_of(sheet) if sheet.corrections else {}
    lines = []
    for row in sorted(sheet.corrections, key=lambda row: (not row.is_open, row.due_date, row.pk)):
        start = starts.get(row.component_pk or 0)
        lines.append(
            FaultLine(
                row=row,
                name=row.fault.zh if chinese else row.fault.en,
                remedy=row.fault.remedy_zh if chinese else row.fault.remedy_en,
                item=items.get(row.item_urn),
                page=start + (row.page_no or 1) - 1 if start else None,
                url=address("intake:item", urn=row.item_urn),
                takes=sheet.volume.state is State.RETURNED and row.is_open and row.fault.code in rules.INSERTING,
            )
        )
    return lines


def closings(chosen: str) -> list[tuple[Closing, str, bool]]:
    """Why a dossier may stop growing, the one chosen before a refusal ticked."""
    return [(closing, labels.label(closing), closing == chosen) for closing in Closing]


def missing(sheet: queries.VolumeSheet) -> list[Missing]:
    """What stands between the volume and its next step, each with the place where it is mended."""
    places_to_mend = {"F-007": "#pool", "F-008": "#items", "I-009": "#faults"}
    return [Missing(obstacle, places_to_mend.get(obstacle.code, "")) for obstacle in sheet.obstacles]


def _volume_row(volume: VolumeRow) -> QueueRow:
    return QueueRow(
        code=volume.reference,
        title=volume.title if volume.reference_code else _pages_words(volume),
        url=reverse("filing:volume", kwargs={"urn": volume.urn}),
        state=volume.state,
        since=volume.state_since,
        tone="bad" if volume.state in CORRECTING else "",
    )


def _pages_words(volume: VolumeRow) -> str:
    items = ngettext("%(n)s item", "%(n)s items", volume.item_count) % {"n": volume.item_count}
    pages = ngettext("%(n)s page", "%(n)s pages", volume.page_count) % {"n": volume.page_count}
    return f"{items} · {pages}"


def volume_rows(volumes: Sequence[VolumeRow]) -> list[QueueRow]:
    """Volumes as queue rows."""
    return [_volume_row(volume) for volume in volumes[:VOLUMES_SHOWN]]


def sealable(volumes: Sequence[VolumeRow]) -> list[VolumeRow]:
    """Open volumes that can be sealed together: those with items, and no dossier that grows."""
    return [volume for volume in volumes if volume.item_count and not arrangement.kinds()[volume.arrangement].closes]


def _pool_rows(actor: Actor) -> list[QueueRow]:
    return [
        QueueRow(
            code=f"{card.year} · {card.category_name}",
            title=card.title,
            url=reverse("filing:pool"),
            words=ngettext("%(n)s item", "%(n)s items", len(card.items)) % {"n": len(card.items)},
            since=min(item.state_since for item, _ticked in card.items),
        )
        for card in cards(queries.proposals(actor))[0][:10]
    ]


def _returned_rows(actor: Actor) -> list[QueueRow]:
    return volume_rows(queries.returned_volumes(actor)[:10])


def _open_rows(actor: Actor) -> list[QueueRow]:
    return volume_rows(queries.open_volumes(actor)[:10])


def _waiting(actor: Actor) -> int:
    return queries.count_pool(actor) + queries.count_returned(actor)


def _overdue(actor: Actor) -> int:
    return queries.count_overdue(actor, timezone.localdate())


def _pressing(actor: Actor) -> int:
    """What came back, and for who sends dossiers on the receipts that are overdue: the filer's door leads to both."""
    return queries.count_returned(actor) + (_overdue(actor) if actor.holds(Post.FILER) else 0)


# Who files has one door in the rail; numbers and forwarding lie behind it as tabs. Others have doors of their own.
_TABS: tuple[tuple[str, str, Words, frozenset[Post]], ...] = (
    ("filing:pool", "books", gettext_lazy("Filing"), FILERS),
    ("filing:numbers", "hash", gettext_lazy("Numbers and papers"), frozenset(queries.NUMBERING_POSTS)),
    ("filing:forwardings", "send", gettext_lazy("Forwarding"), frozenset(queries.SEEING_POSTS)),
)


def tabs(actor: Actor, current: str) -> list[tuple[str, str, Words, bool]]:
    """What of filing the actor's posts open: address, icon, words, whether it is this page. One alone needs no tab."""
    found = [(reverse(name), icon, words, name == current) for name, icon, words, posts in _TABS if actor.holds(*posts)]
    return found if len(found) > 1 else []


RAIL = (
    RailEntry(
        title=gettext_lazy("Filing"),
        url_name="filing:pool",
        icon="books",
        posts=FILERS,
        order=30,
        count=_waiting,
        hot=_pressing,
    ),
    RailEntry(
        title=gettext_lazy("Numbers and papers"),
        url_name="filing:numbers",
        icon="hash",
        posts=frozenset(queries.NUMBERING_POSTS) - FILERS,
        order=31,
    ),
    RailEntry(
        title=gettext_lazy("Forwarding"),
        url_name="filing:forwardings",
        icon="send",
        posts=frozenset({Post.ARCHIVIST, Post.KEEPER}),
        order=32,
        count=_overdue,
        hot=_overdue,
    ),
)

QUEUES = (
    DeskQueue(
        title=gettext_lazy("Volumes to mend"),
        url_name="filing:pool",
        posts=FILERS,
        rows=_returned_rows,
        count=queries.count_returned,
        icon="tool",
        order=29,
        verb=gettext_lazy("Mend"),
    ),
    DeskQueue(
        title=gettext_lazy("To be filed"),
        url_name="filing:pool",
        posts=FILERS,
        rows=_pool_rows,
        count=queries.count_pool,
        icon="books",
        order=30,
        verb=gettext_lazy("File"),
    ),
    DeskQueue(
        title=gettext_lazy("Open volumes"),
        url_name="filing:pool",
        posts=FILERS,
        rows=_open_rows,
        count=queries.count_open_volumes,
        icon="folder",
        order=31,
        verb=gettext_lazy("Seal"),
    ),
)


def done_words(done: str) -> str:
    """One line on what was just done."""
    said = {
        "opened": _("The volume is open. Set the order, then seal it."),
        "added": _("The item lies in the volume, at its end."),
        "released": _("The item is back in the pool."),
        "arranged": _("The order is kept."),
        "sealed": _("The volume is sealed. Its number and those of its items are final."),
        "resubmitted": _("The volume was sealed anew and goes to the self-check."),
        "resubmitted_in_archive": _("The volume was sealed anew and is checked again in the archive house."),
        "answered": _("The answer is kept."),
        "accepted": _("The volumes are open. Look them over, then seal them."),
        "moved": _("The items lie where you put them."),
        "taken_in": _("The loose material lies in the dossier, each paper in its class."),
        "undone": _("The last change of the order is undone."),
        "inserted": _(
            "The item lies at the end of the volume; contents list and note are issued anew with the next seal."
        ),
        "noted": _("The line stands in the reference note."),
        "voided": _("The number is voided and stays in the list."),
        "printing": _("The papers are being printed. The file stays here."),
        "prepared": _("The notice is drawn up. Print it, and send the dossier on."),
        "sent": _("The dossier is on its way. The receipt is awaited."),
        "cancelled": _("The forwarding is called back. Its number is voided and stays in the list."),
        "receipted": _("The receipt is entered: the other office answers for the dossier now."),
    }
    return said.get(done, "")
