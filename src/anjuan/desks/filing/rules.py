"""What may lie in one volume, and in what order (立卷)."""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from anjuan.core import arrangement
from anjuan.core.arrangement import Facet
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Arrangement, Classification, Closing, Custody, Post, State

MOST_AT_ONCE = 500  # items in one act of opening volumes: what one transaction may write (decision 22)


# Who puts items into volumes and orders them; a helper of the archive helps with that and seals nothing (S3-R6).
ARRANGING_POSTS = (Post.FILER, Post.ASSISTANT)
SEALING_POSTS = (Post.FILER,)


@dataclass(frozen=True)
class Scheme:
    """How one category of a fonds is arranged: the kind, and the fonds's order of classification."""

    kind: Arrangement
    classification: Classification

    @property
    def shared(self) -> AbstractSet[Facet]:
        """What the items of one volume must share."""
        return arrangement.shared(arrangement.kinds()[self.kind], self.classification)


@dataclass(frozen=True)
class Candidate:
    """An item as filing weighs it.

    Attributes:
        facets: what it is in every respect that may decide where it lies. PERSON and EMPLOYER are there only where
            exactly one is concerned.
        formed: ISO date.
        rank: its place before the date counts: the class within a dossier, agency paper before unit paper, conclusion
            before evidence.
        is_bundle: it came in tied and has no items of its own yet.
    """

    urn: str
    reference: str
    scheme: Scheme
    facets: Mapping[Facet, str]
    formed: str
    pages: int
    rank: tuple[int, ...] = ()
    is_bundle: bool = False

    @property
    def kinship(self) -> "Kinship":
        """What a volume that holds it shares."""
        return Kinship(self.scheme, tuple((facet, self.facets[facet]) for facet in sorted(self.scheme.shared)))


@dataclass(frozen=True)
class Kinship:
    """What all items of a volume share: they never mix in these (V08)."""

    scheme: Scheme
    shared: tuple[tuple[Facet, str], ...]

    def value(self, facet: Facet) -> str:
        """The shared value; empty where items may mix."""
        return dict(self.shared).get(facet, "")


@dataclass(frozen=True)
class Proposal:
    """A volume the machine proposes: items of one kinship, in order, within the page limit."""

    kinship: Kinship
    urns: tuple[str, ...]
    pages: int


def scheme_of(wanted: Scheme, facets: Mapping[Facet, str]) -> Scheme:
    """How this item is arranged: a form of many persons fits nobody's dossier and goes by volume (一表多人)."""
    if wanted.shared <= set(facets):
        return wanted
    return Scheme(Arrangement.BY_VOLUME, wanted.classification)


def must_be_kin(volume: Kinship, item: Candidate) -> None:
    """Whether an item may lie in a volume.

    Raises:
        F-006: it differs in what the volume's items share, or is arranged in another way.
        F-080: it is a tied bundle still.
    """
    if item.is_bundle:
        raise Refusal("F-080", reference=item.reference)
    if item.scheme.kind is not volume.scheme.kind:
        raise Refusal(
            "F-006",
            reference=item.reference,
            what="整理方式 arrangement",
            expected=volume.scheme.kind,
            actual=item.scheme.kind,
        )
    for facet, expected in volume.shared:
        actual = item.facets.get(facet, "—")
        if expected != actual:
            raise Refusal("F-006", reference=item.reference, what=facet, expected=expected, actual=actual)


def rank(*, class_place: int, has_agency_seal: bool, has_conclusion: bool) -> tuple[int, ...]:
    """The place of an item before its date counts (排列): as far as the material list can tell.

    Args:
        class_place: of its class within a dossier; 0 elsewhere.
        has_agency_seal: the step's main form bears the agency's seal: agency paper comes before unit paper.
        has_conclusion: its main form is there: conclusion before evidence.

    Standard: GB/T 31599-2015 6.3 (order within a volume), wording unconfirmed.
    """
    return class_place, int(not has_agency_seal), int(not has_conclusion)


def pages_that_fit(page_limit: int, *, thickness_mm: int, sheet_tenths: int) -> int:
    """How many pages go into one volume: by number and by thickness, a page a sheet (卷厚).

    Args:
        page_limit: the fonds's limit of pages.
        thickness_mm: how thick a volume may be.
        sheet_tenths: how thick a sheet is, in tenths of a millimetre.
    """
    return max(1, min(page_limit, thickness_mm * 10 // max(1, sheet_tenths)))


def propose(
    pool: Sequence[Candidate],
    page_limit: int,
    *,
    limits: Mapping[str, int] | None = None,
    moves: Mapping[str, str] | None = None,
) -> tuple[Proposal, ...]:
    """Propose volumes for a pool of reviewed items (自动组卷): kin together, in order, never over the limit.

    An item alone over the limit gets a volume of its own, since an item is never torn apart. A dossier has no limit
    here: it grows, and is bound in several covers under one number.

    Args:
        pool: what waits; tied bundles are passed over until they are arranged.
        page_limit: pages a volume.
        limits: pages a volume of other agencies, by code.
        moves: what a clerk moved: an item beside another; or beside itself, so that a volume begins with it.
    """

    def kin(candidate: Candidate) -> tuple[str, ...]:
        return (candidate.scheme.kind, *(value for _, value in candidate.kinship.shared))

    def place(candidate: Candidate) -> tuple[object, ...]:
        return (kin(candidate), candidate.rank, candidate.formed, candidate.reference, candidate.urn)

    bundles: list[list[Candidate]] = []
    for _, group in itertools.groupby(sorted((one for one in pool if not one.is_bundle), key=place), key=kin):
        held: list[Candidate] = []
        pages = 0
        for candidate in group:
            grows = arrangement.kinds()[candidate.scheme.kind].closes
            limit = (limits or {}).get(candidate.facets.get(Facet.AGENCY, ""), page_limit)
            if held and not grows and pages + candidate.pages > limit:
                bundles.append(held)
                held, pages = [], 0
            held.append(candidate)
            pages += candidate.pages
        bundles.append(held)
    return tuple(_proposal(held) for held in _moved(bundles, moves or {}) if held)


def _moved(bundles: list[list[Candidate]], moves: Mapping[str, str]) -> list[list[Candidate]]:
    """The bundles after a clerk's moves, in the order they were made; what has gone, or is no kin, moves nothing."""
    home = {candidate.urn: bundle for bundle in bundles for candidate in bundle}
    for urn, beside in moves.items():
        bundle, target = home.get(urn), home.get(beside)
        if bundle is None or target is None:
            continue
        here = next(place for place, candidate in enumerate(bundle) if candidate.urn == urn)
        if urn == beside:
            begun = [bundle.pop(here)]
            bundles.insert(next(place for place, one in enumerate(bundles) if one is bundle) + 1, begun)
            home[urn] = begun
        elif bundle is not target and bundle[here].kinship == target[0].kinship:
            target.append(bundle.pop(here))
            home[urn] = target
    return bundles


def must_fit(pages: int, more: int, limit: int) -> None:
    """Whether an item still fits into a proposed volume.

    Raises:
        F-008: it would be too thick.
    """
    if pages + more > limit:
        raise Refusal("F-008", pages=pages + more, limit=limit)


# What a fault must say is missing, so that something may be inserted for it.
INSERTING = frozenset({"V01", "V03", "V04", "V05", "L02"})
# Stages at which the archive answers for a volume: nothing is inserted any more.
RECEIVED = frozenset({State.RECEIVED, State.MENDING, State.ACCEPTED, State.RECHECKED, State.IN_WORKSHOP, State.HELD})
# Stages at which the agency still answers for a sealed volume and nobody has taken its numbers over.
RENUMBERED_AT = frozenset({State.FILED, State.SELF_CHECKED, State.RETURNED})


def check_insertion(state: State, fault_code: str, *, is_open: bool, reference: str) -> None:
    """Whether something may be inserted into a sealed volume (补件): only in correction, only for what is missing.

    Raises:
        F-017: the volume is not being corrected at its agency; after the receipt nothing is inserted.
        F-018: the fault does not say that something is missing, or is answered.
    """
    if state is not State.RETURNED:
        raise Refusal("F-017", reference=reference, state=state)
    if fault_code not in INSERTING or not is_open:
        raise Refusal("F-018", reference=reference, fault=fault_code or "—")


def check_supplement(state: State, reference: str) -> None:
    """Whether a supplementary volume is the way (补充卷): only after the receipt.

    Raises:
        F-019: the volume has not been received yet: insert, or put it into the open volume.
    """
    if state not in RECEIVED:
        raise Refusal("F-019", reference=reference, state=state)


def check_renumbering(state: State, reference: str) -> None:
    """Whether a volume may still be numbered anew (改编档号): while the agency answers for it.

    Raises:
        F-016: it is open, or has been applied for.
    """
    if state not in RENUMBERED_AT:
        raise Refusal("F-016", reference=reference, state=state)


def check_forwarding(kind: Arrangement, state: State, custody: Custody, *, reference: str) -> None:
    """Whether a volume may be sent on to another office (转递): a dossier that is closed and here.

    Raises:
        F-023: it is no dossier, it still grows, it is on its way, or it lies elsewhere.
    """
    is_dossier = kind in (Arrangement.PERSON_DOSSIER, Arrangement.EMPLOYER_DOSSIER)
    is_here = custody in (Custody.AGENCY, Custody.ARCHIVE)
    if not is_dossier or not is_here or state not in (State.FILED, State.SELF_CHECKED, State.HELD):
        raise Refusal("F-023", reference=reference)


def check_receipt(day: dt.date, *, sent: dt.date, today: dt.date) -> None:
    """Whether a receipt can bear this date (回执日期).

    Raises:
        F-025: it lies before the sending, or after today.
    """
    if not sent <= day <= today:
        raise Refusal("F-025", date=day.isoformat(), sent=sent.isoformat())


def check_cancelling(stage: str, *, reference: str) -> None:
    """Whether a forwarding can be called back (撤回转递): until its receipt is entered.

    Raises:
        F-070: the receipt is entered: the other office answers for the dossier.
        L-001: it was called back already.
    """
    if stage == "RECEIPTED":
        raise Refusal("F-070", reference=reference)
    if stage == "CANCELLED":
        raise Refusal("L-001", reference=reference)


def custody_back(state: State) -> Custody:
    """Who answers again for a dossier that was called back: the archive where it was held, else the agency."""
    return Custody.ARCHIVE if state is State.HELD else Custody.AGENCY


def notice_run(agency_code: str, year: int) -> str:
    """The run that notices of an agency are numbered in (通知单号段): every year from 1."""
    return f"ZD/{agency_code}/{year}"


def notice_no(agency_code: str, year: int, serial: int) -> str:
    """The number of a forwarding notice (通知单号); its form is ours, unconfirmed."""
    return f"ZD-{agency_code}-{year}-{serial:04}"


def notice_place(number: str) -> tuple[str, int]:
    """The run of a notice's number, and its place there."""
    agency_code, year, serial = number.removeprefix("ZD-").rsplit("-", 2)
    return notice_run(agency_code, int(year)), int(serial)


def check_order_undone(before: Sequence[str], held: Sequence[str], reference: str) -> None:
    """Whether a change of the order can be undone: only while the volume holds the same items.

    Raises:
        F-020: nothing is left to undo, or items came or went since.
    """
    if not before or sorted(before) != sorted(held):
        raise Refusal("F-020", reference=reference)


def check_closing(kind: Arrangement, closing: Closing | None, reference: str) -> None:
    """Whether a volume may be sealed: a person's dossier only when his affairs have ended (停止归集).

    Raises:
        F-012: no reason and day of closing are given.
        F-013: a kind that does not grow is not closed.
    """
    closes = arrangement.kinds()[kind].closes
    if closes and closing is None:
        raise Refusal("F-012", reference=reference)
    if closing is not None and not closes:
        raise Refusal("F-013", reference=reference, kind=kind)


@dataclass(frozen=True)
class Content:
    """What one item of a volume holds, for the last look before its seal. No images: its paper is scanned last."""

    reference: str
    paper_pages: int
    image_pages: int | None
    missing: tuple[Obstacle, ...]


def obstacles(
    *,
    contents: Sequence[Content],
    pages: int,
    page_limit: int | None,
    open_faults: int,
    bundles: Sequence[str] = (),
) -> tuple[Obstacle, ...]:
    """What stands between a volume and its seal: also after mending each item must be whole (V02, V03)."""
    items = len(contents)
    found = []
    for content in contents:
        if content.image_pages is not None and content.paper_pages != content.image_pages:
            found.append(
                Obstacle(
                    "F-011",
                    {"reference": content.reference, "paper": content.paper_pages, "images": content.image_pages},
                )
            )
        found += content.missing
    if not items:
        found.append(Obstacle("F-007"))
    if items > 1 and page_limit is not None and pages > page_limit:
        found.append(Obstacle("F-008", {"pages": pages, "limit": page_limit}))
    found += [Obstacle("F-080", {"reference": reference}) for reference in bundles]
    if open_faults:
        found.append(Obstacle("I-009", {"faults": open_faults}))
    return tuple(found)


def _proposal(held: Sequence[Candidate]) -> Proposal:
    return Proposal(held[0].kinship, tuple(c.urn for c in held), sum(c.pages for c in held))


def in_acts(sizes: Sequence[int]) -> list[list[int]]:
    """Proposals in acts of at most `MOST_AT_ONCE` items (分批): places in order; a larger one goes alone."""
    acts: list[list[int]] = []
    held = 0
    for place, size in enumerate(sizes):
        if not acts or held + size > MOST_AT_ONCE:
            acts.append([])
            held = 0
        acts[-1].append(place)
        held += size
    return acts
