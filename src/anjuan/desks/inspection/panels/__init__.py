"""What the checking posts hang on the shared pages, and the judge view of a volume as frozen shapes."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from anjuan.core import sampling
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle
from anjuan.core.terms import Actor, InsuranceLine, Post, SubjectKind, Verb
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.panels.campaigns import desk_rows
from anjuan.desks.inspection.panels.plans import ratio_words
from anjuan.desks.inspection.panels.rail import RAIL
from anjuan.desks.inspection.queries import campaigns as under_way
from anjuan.desks.inspection.queries import history
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web import labels
from anjuan.foundation.web.panels import DeskQueue, Panel, address
from anjuan.foundation.web.shapes import (
    Box,
    Count,
    Fact,
    Missing,
    PageImage,
    QueueRow,
)
from anjuan.records.rows import ComponentRow, VolumeRow

ROWS_SHOWN = 120  # more would make the page too heavy for an office line


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


# The judge view --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """One page of a volume: its number in the strip, its item, its component and page there."""

    number: str
    place: int
    item: queries.ItemSheet
    component: ComponentRow
    page: rules.Page


def leaves(sheet: queries.VolumeSheet) -> tuple[Leaf, ...]:
    """All pages of a volume in order, numbered through: 001, 002, …"""
    found: list[Leaf] = []
    for place, item in enumerate(sheet.items, 1):
        for component in item.components:
            for page_no in range(1, component.page_count + 1):
                found.append(Leaf(f"{len(found) + 1:03d}", place, item, component, (component.pk, page_no)))
    return tuple(found)


def open_leaf(found: Sequence[Leaf], number: str) -> int:
    """The place of a page by its number; the first where there is no such page."""
    return next((place for place, leaf in enumerate(found) if leaf.number == number), 0)


def strip(
    found: Sequence[Leaf],
    seen: AbstractSet[rules.Page],
    base: str,
    keep: str = "",
    boxes: Mapping[rules.Page, tuple[Box, ...]] | None = None,
) -> list[PageImage]:
    """The pages of the strip: those looked at are ticked, those not are marked; boxes show what is doubted where."""
    pages = []
    for leaf in found:
        component, page_no = leaf.page
        looked = leaf.page in seen
        pages.append(
            PageImage(
                number=leaf.number,
                url=f"{base}?{keep}page={leaf.number}",
                image_url=address("formats:view", component=component, page=page_no),
                thumb_url=address("formats:thumb", component=component, page=page_no),
                tiles_url=address("formats:tiles", component=component, page=page_no),
                tone="good" if looked else "wait",
                words=_("looked at") if looked else _("not looked at yet"),
                boxes=(boxes or {}).get(leaf.page, ()),
                component=str(component),
            )
        )
    return pages


def facts_of(leaf: Leaf | None, volume: queries.VolumeSheet) -> list[Fact]:
    """The catalogue of the item that the open page belongs to, in full: the person who judges compares it."""
    if leaf is None:
        return []
    item, chinese = leaf.item.item, _chinese()
    step = schedule.step(item.step_code, item.registered_at)
    material = next((row for row in step.materials if row.code == leaf.component.material_code), None)
    lines = [
        Fact(_("Reference code"), item.reference_code, code=True)
        if item.reference_code
        else Fact(_("Acceptance no."), item.acceptance_no, code=True),
        Fact(_("Title"), item.title),
    ]
    for subject in leaf.item.subjects:
        if subject.kind == SubjectKind.INSURED_PERSON:
            lines += [Fact(_("Name"), subject.name), Fact(_("ID number"), subject.id_number, code=True)]
        else:
            lines += [Fact(_("Employer"), subject.name), Fact(_("Credit code"), subject.credit_code, code=True)]
    if step:
        lines.append(Fact(_("Business step"), step.name if chinese else step.name_en))
    if material:
        lines.append(Fact(_("Material"), material.name if chinese else material.name_en))
    images = sum(row.page_count for row in leaf.item.components)
    lines += [
        Fact(_("Formed on"), item.formed_date.isoformat()),
        Fact(_("Insurance line"), labels.label(InsuranceLine(item.insurance_line))),
        Fact(
            _("Term"),
            labels.term_words(item.term),
            tone="" if item.term == volume.volume.term else "bad",
            note="" if item.term.is_settled else _("counts as permanent until it is confirmed"),
        ),
        Fact(
            _("Pages of the item"),
            _("paper %(paper)s · images %(images)s") % {"paper": item.paper_pages, "images": images},
            tone="good" if images == item.paper_pages else "bad",
        ),
    ]
    if item.reference_code:
        lines.append(Fact(_("Acceptance no."), item.acceptance_no, code=True))
    return lines


def ledger(sheet: queries.VolumeSheet) -> list[Count]:
    """Paper = images = catalogue."""
    return [
        Count(_("paper"), sheet.ledger.paper),
        Count(_("images"), sheet.ledger.images),
        Count(_("catalogue"), sheet.ledger.catalogue),
    ]


@dataclass(frozen=True)
class KeptFault:
    """A fault on the list, not raised yet: words for people, and the hidden field that carries it."""

    code: str
    name: str
    number: str
    note: str
    folded: str


def unseen_obstacles(
    *,
    reference_: str,
    verb: Verb,
    pages: Sequence[PageImage],
    open_faults: int,
    needs: Evidence = Evidence.PAGES_SEEN,
    must_look: bool = True,
) -> list[Missing]:
    """What stands against accepting: pages not looked at (a link to the first), faults not answered."""
    missing: list[Missing] = []
    first = next((page for page in pages if page.tone != "good"), None)
    if must_look and (first or not pages):
        obstacle = Obstacle("L-004", {"reference": reference_, "verb": verb, "missing": frozenset({needs})})
        missing.append(Missing(obstacle, first.url if first else ""))
    if open_faults:
        missing.append(Missing(Obstacle("I-009", {"faults": open_faults}), "#earlier"))
    return missing


# The checklist ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckLine:
    """One line of the self-check as drawn."""

    code: str
    words: str
    clause: str
    auto: bool
    answer: str


def checklist(sheet: queries.VolumeSheet, answers: Mapping[str, str]) -> list[CheckLine]:
    """The lines of the self-check; the machine's answers stand, the others as ticked so far."""
    machine = rules.prefill(queries.counts_of(sheet))
    chinese = _chinese()
    return [
        CheckLine(
            check.code,
            check.zh if chinese else check.en,
            check.clause,
            check.auto,
            machine[check.code] if check.auto else answers.get(check.code, ""),
        )
        for check in queries.checklist_of(sheet.volume)
    ]


def checklist_obstacles(sheet: queries.VolumeSheet, lines: Sequence[CheckLine]) -> list[Missing]:
    """What the machine itself holds against signing."""
    missing = [
        Missing(Obstacle("Q-002", {"line": line.words}), "#return")
        for line in lines
        if line.auto and line.answer == "FAIL"
    ]
    if sheet.open_faults:
        missing.append(Missing(Obstacle("I-009", {"faults": sheet.open_faults}), "#earlier"))
    return missing


# The re-check ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LotCard:
    """A lot that waits for its draw, and what a draw of it would be."""

    lot: queries.Lot
    key: str
    agency_name: str
    acceptor_name: str
    pages: int
    percent: str
    size: int
    asked: int
    reason: str
    refusal: Mapping[str, object] | None


def lot_key(agency_code: str, acceptor_code: str, category_code: str, *, on_paper: bool) -> str:
    """What a lot is known by on the page of draws."""
    return f"{agency_code} {acceptor_code} {category_code}{' paper' if on_paper else ''}"


def lot_cards(
    lots: Sequence[queries.Lot], *, key: str = "", percent: str = "", refusal: Mapping[str, object] | None = None
) -> list[LotCard]:
    """The lots as cards; the one whose draw was refused keeps what was typed."""
    agencies = accounts.agency_names()
    people = accounts.staff_names({lot.acceptor_code for lot in lots})
    rates = {on_paper: history.rates(on_paper=on_paper) for on_paper in {lot.on_paper for lot in lots}}
    cards = []
    for lot in lots[:ROWS_SHOWN]:
        mine = lot_key(lot.agency_code, lot.acceptor_code, lot.category_code, on_paper=lot.on_paper)
        ratio = rates[lot.on_paper].ratio(lot.agency_code, lot.category_code)
        typed = percent if mine == key else str(ratio.asked)
        share = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else ratio.asked
        cards.append(
            LotCard(
                lot=lot,
                key=mine,
                agency_name=agencies.get(lot.agency_code, lot.agency_code),
                acceptor_name=people.get(lot.acceptor_code, lot.acceptor_code) or "—",
                pages=sum(volume.page_count for volume in lot.volumes),
                percent=typed,
                size=sampling.sample_size(len(lot.volumes), share, sampling.RECHECK_AT_LEAST),
                asked=ratio.asked,
                reason=ratio_words(ratio),
                refusal=refusal if mine == key else None,
            )
        )
    return cards


@dataclass(frozen=True)
class DrawnVolume:
    """A drawn volume in the list beside the page."""

    urn: str
    reference: str
    url: str
    pages: int
    seen: int
    here: bool

    @property
    def is_done(self) -> bool:
        """Whether every page of it was looked at."""
        return self.seen == self.pages


def drawn_volumes(
    row: queries.DrawRow,
    pages: Mapping[str, Sequence[rules.Page]],
    seen: AbstractSet[rules.Page],
    here: str,
    base: str,
) -> list[DrawnVolume]:
    """The drawn volumes in the order of the draw, each with how much of it was looked at."""
    references = queries.references_of(row.drawn)
    return [
        DrawnVolume(
            urn=urn,
            reference=references.get(urn, urn),
            url=f"{base}?volume={urn}",
            pages=len(pages[urn]),
            seen=len(seen & set(pages[urn])),
            here=urn == here,
        )
        for urn in row.drawn
    ]


# My desk ---------------------------------------------------------------------------------------------------------


def volume_rows(volumes: Sequence[VolumeRow], name: str) -> list[QueueRow]:
    """Volumes as queue rows that lead to their judge view."""
    return [
        QueueRow(
            code=volume.reference,
            title=volume.title,
            url=reverse(name, kwargs={"urn": volume.urn}),
            state=volume.state,
            since=volume.state_since,
        )
        for volume in volumes[:ROWS_SHOWN]
    ]


def _rows(query: Callable[[Actor], list[VolumeRow]], name: str) -> Callable[[Actor], list[QueueRow]]:
    return lambda actor: volume_rows(query(actor)[:10], name)


def _drawn_rows(actor: Actor, kind: queries.DrawKind, page: str, lots_page: str) -> list[QueueRow]:
    under_way = [
        QueueRow(
            code=row.draw_no,
            title=ngettext("%(n)s volume drawn", "%(n)s volumes drawn", len(row.drawn)) % {"n": len(row.drawn)},
            url=reverse(page, kwargs={"draw_no": row.draw_no}),
            words=_("drawn"),
            tone="wait",
            since=row.drawn_at,
        )
        for row in queries.draws(actor, kind)[:10]
    ]
    lots = queries.lots(actor, kind)[:10]
    agencies, people = accounts.agency_names(), accounts.staff_names({lot.acceptor_code for lot in lots})
    waiting = [
        QueueRow(
            code=lot.agency_code,
            title=" · ".join(
                filter(None, (agencies.get(lot.agency_code, lot.agency_code), people.get(lot.acceptor_code, "")))
            ),
            url=reverse(lots_page),
            words=ngettext("%(n)s volume", "%(n)s volumes", len(lot.volumes)) % {"n": len(lot.volumes)},
            since=min(volume.state_since for volume in lot.volumes),
        )
        for lot in lots
    ]
    return under_way + waiting


def _recheck_rows(actor: Actor) -> list[QueueRow]:
    return _drawn_rows(actor, queries.DrawKind.RECHECK, "inspection:recheck", "inspection:rechecks")


def _spot_rows(actor: Actor) -> list[QueueRow]:
    return _drawn_rows(actor, queries.DrawKind.SPOT, "inspection:spot", "inspection:spots")


__all__ = ["RAIL"]  # hung with what stands here
PANELS = (Panel(slot="volume.aside", title=gettext_lazy("Papers of inspection"), url_name="inspection:papers"),)


QUEUES = (
    DeskQueue(
        title=gettext_lazy("To be self-checked"),
        url_name="inspection:self_checks",
        posts=frozenset({Post.CHECKER}),
        rows=_rows(queries.to_self_check, "inspection:self_check"),
        count=queries.count_to_self_check,
        icon="clipboard-check",
        order=40,
        verb=gettext_lazy("Check"),
    ),
    DeskQueue(
        title=gettext_lazy("To be pre-accepted"),
        url_name="inspection:pre_acceptances",
        posts=frozenset({Post.ACCEPTOR}),
        rows=_rows(queries.to_pre_accept, "inspection:pre_acceptance"),
        count=queries.count_to_pre_accept,
        icon="eye-check",
        order=41,
        verb=gettext_lazy("Look through"),
    ),
    DeskQueue(
        title=gettext_lazy("To be spot-checked"),
        url_name="inspection:spots",
        posts=frozenset({Post.ACCEPTOR}),
        rows=_spot_rows,
        count=queries.count_to_spot_check,
        icon="files",
        order=43,
        verb=gettext_lazy("Draw and count"),
    ),
    DeskQueue(
        title=gettext_lazy("Paper to be accepted"),
        url_name="inspection:acceptances",
        posts=frozenset({Post.ACCEPTOR}),
        rows=_rows(queries.to_accept, "inspection:paper"),
        count=queries.count_to_accept,
        icon="clipboard-check",
        order=44,
        verb=gettext_lazy("Count and accept"),
    ),
    DeskQueue(
        title=gettext_lazy("To be re-checked"),
        url_name="inspection:rechecks",
        posts=frozenset({Post.RECHECKER}),
        rows=_recheck_rows,
        count=queries.count_to_recheck,
        icon="repeat",
        order=42,
        verb=gettext_lazy("Draw and re-check"),
    ),
    DeskQueue(
        title=gettext_lazy("Re-inspections under way"),
        url_name="inspection:campaigns",
        posts=frozenset(queries.INSPECTING_POSTS),
        rows=desk_rows,
        count=under_way.count_open,
        icon="history",
        order=46,
        verb=gettext_lazy("Look once more"),
    ),
)


def done_words(done: str) -> str:
    """One line on what was just done."""
    said = {
        "signed": _("The self-check is signed; the volume can be applied for."),
        "returned": _("The volume went back with its faults."),
        "accepted": _("The volume is accepted by its images."),
        "drawn": _("The sample is drawn. It cannot be drawn again."),
        "frozen": _("The lot is frozen with its plan. Now draw."),
        "ordered": _("The order holds from the next lot on."),
        "counted": _("The paper is as the catalogue says."),
        "spot_passed": _("The spot check has passed; the paper can be fetched."),
        "accepted_paper": _("The paper is accepted; the re-check draws from it."),
        "passed": _("The lot has passed; its volumes are held."),
    }
    return said.get(done, "")
