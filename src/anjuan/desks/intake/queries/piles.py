"""Piles as their owner and his colleagues see them (分叠)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Actor, Post, Route, State
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import Leaf, Pile
from anjuan.desks.intake.rules import piles as rules
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.models import Item

SPOOL = "piles"
MOST_SHOWN = 100


@dataclass(frozen=True)
class PileRow:
    """A pile in a list."""

    uid: str
    agency_code: str
    agency_path: str
    owner_code: str
    name: str
    paper_pages: int
    cases_said: int
    status: rules.PileStatus
    laid_at: dt.datetime
    may_undo: bool
    takes_twins: bool


@dataclass(frozen=True)
class LeafRow:
    """A file of a pile as its page shows it."""

    ordinal: int
    original_name: str
    sha512: str
    path: Path
    is_read: bool
    page_count: int
    kind: rules.LeafKind
    number: str
    material: str
    codes: tuple[str, ...]
    refusal: Refusal | None
    taken_urn: str

    @property
    def strange_codes(self) -> tuple[str, ...]:
        """Codes that are none of ours and name no registered case."""
        return tuple(code for code in self.codes if rules.read(code) is None and code != self.number)


@dataclass(frozen=True)
class Proposal:
    """A pile with its split as proposed (分叠方案)."""

    pile: PileRow
    leaves: tuple[LeafRow, ...]
    segments: tuple[rules.Segment, ...]
    obstacles: tuple[Obstacle, ...]
    unread: int

    @property
    def counted(self) -> tuple[int, int, int]:
        """Pages, blank sides set aside, separator sheets."""
        return rules.counted([leaf for segment in self.segments for leaf in segment.leaves])

    @property
    def twins(self) -> int:
        """Files that are asked about: they have the bytes of another in their case."""
        return 0 if self.pile.takes_twins else sum(one.twins for one in self.segments if one.known)

    @property
    def ready(self) -> tuple[rules.Segment, ...]:
        """Segments that confirming would capture."""
        return tuple(one for one in self.segments if one.problem is None and one.placed and not one.is_taken)


def piles_for(actor: Actor) -> list[PileRow]:
    """Piles of the agencies where the actor is a handler, those at work first, newest first."""
    held = [held.agency_path for held in actor.appointments if held.post is Post.HANDLER]
    at_work = Pile.objects.filter(status__in=(rules.PileStatus.READING, rules.PileStatus.OPEN)).order_by("-id")
    ended = Pile.objects.exclude(status__in=(rules.PileStatus.READING, rules.PileStatus.OPEN)).order_by("-id")
    rows = [*at_work[:MOST_SHOWN], *ended[:MOST_SHOWN]]
    return [_pile(row) for row in rows if any(row.agency_path.startswith(path) for path in held)]


def get_pile_for(actor: Actor, uid: str) -> PileRow:
    """One pile.

    Raises:
        R-009: there is none, or it is not of an agency where the actor is a handler.
    """
    row = Pile.objects.filter(uid=uid).first()
    if row is None or not actor.covers(row.agency_path, Post.HANDLER):
        raise Refusal("R-009", what=uid[:20])
    return _pile(row)


def proposal(pile: PileRow) -> Proposal:
    """The split of a pile as its marks stand now; five queries however large it is."""
    rows = [_leaf(row, pile.uid) for row in Leaf.objects.filter(pile__uid=pile.uid).order_by("ordinal")]
    leaves = [
        rules.Leaf(
            row.ordinal,
            row.page_count,
            row.kind,
            row.number,
            row.material,
            bool(row.taken_urn),
            row.refusal is not None,
            row.sha512,
        )
        for row in rows
    ]
    segments = rules.split(
        leaves,
        known_cases(pile.agency_code, [leaf.number for leaf in leaves if leaf.number]),
        takes_twins=pile.takes_twins,
    )
    unread = sum(not row.is_read for row in rows)
    obstacles = rules.against(
        segments=segments, paper_pages=pile.paper_pages, cases_said=pile.cases_said, unread=unread
    )
    return Proposal(pile, tuple(rows), segments, obstacles, unread)


def known_cases(agency_code: str, numbers: Iterable[str]) -> Mapping[str, rules.Known]:
    """Registered cases of an agency by acceptance number, with what they hold and may take; rights not judged."""
    items = list(
        Item.objects.filter(agency__code=agency_code, acceptance_no__in=set(numbers))
        .order_by("id")
        .values("urn", "acceptance_no", "title", "paper_pages", "state", "route", "step_code")
    )
    parts = records.components_of([item["urn"] for item in items])
    materials = {
        step.code: tuple(one.code for one in sorted(step.materials, key=lambda one: not one.is_main))
        for step in schedule.steps()
    }
    return {
        item["acceptance_no"]: rules.Known(
            urn=item["urn"],
            title=item["title"],
            paper_pages=item["paper_pages"],
            image_pages=sum(part.page_count for part in parts[item["urn"]]),
            may_capture=item["state"] == State.COLLECTING and item["route"] != Route.LEGACY,
            materials=materials.get(item["step_code"], ()),
            step_code=item["step_code"],
            digests=frozenset(part.sha512 for part in parts[item["urn"]]),
        )
        for item in items
    }


def waiting_leaves(uid: str) -> list[int]:
    """Ordinals of the files whose codes have not been read."""
    return list(Leaf.objects.filter(pile__uid=uid, is_read=False).order_by("ordinal").values_list("ordinal", flat=True))


def read_leaves(uid: str, ordinals: Sequence[int]) -> list[LeafRow]:
    """These files of a pile, in order; rights not judged."""
    return [_leaf(row, uid) for row in Leaf.objects.filter(pile__uid=uid, ordinal__in=ordinals).order_by("ordinal")]


def are_known(owner_code: str, digests: Sequence[str]) -> bool:
    """Whether all these bytes lie in piles of one person that were not discarded."""
    rows = Leaf.objects.filter(sha512__in=set(digests), pile__owner_code=owner_code)
    known = rows.exclude(pile__status=rules.PileStatus.DISCARDED).values("sha512").distinct().count()
    return bool(digests) and known == len(set(digests))


def unread_piles(limit: int = 5, *, after: str = "") -> list[tuple[str, list[int]]]:
    """Piles whose codes are not all read, each with those files: oldest first, behind one of them, then from the front.

    Args:
        limit: how many at most.
        after: the last one that was tried.
    """
    waiting = Pile.objects.filter(status=rules.PileStatus.READING).order_by("id").values_list("uid", flat=True)
    tried = Pile.objects.filter(uid=after).values_list("pk", flat=True).first() or 0
    uids = list(waiting.filter(pk__gt=tried)[:limit])
    uids += waiting.filter(pk__lte=tried)[: limit - len(uids)]
    return [(uid, waiting_leaves(uid)) for uid in uids]


def owner_of(uid: str) -> tuple[str, str]:
    """Who laid a pile, and what it is called.

    Raises:
        R-009: there is none.
    """
    row = Pile.objects.filter(uid=uid).values_list("owner_code", "name").first()
    if row is None:
        raise Refusal("R-009", what=uid[:20])
    return row


def agency_path(actor: Actor, agency_code: str) -> str:
    """The path of an agency where the actor may lay piles.

    Raises:
        A-001: he is no handler there.
        R-009: there is no such agency.
    """
    path = accounts.agency(agency_code).path
    accounts.permit(actor, path, Post.HANDLER)
    return path


def _pile(row: Pile) -> PileRow:
    return PileRow(
        uid=row.uid,
        agency_code=row.agency_code,
        agency_path=row.agency_path,
        owner_code=row.owner_code,
        name=row.name,
        paper_pages=row.paper_pages,
        cases_said=row.cases_said,
        status=rules.PileStatus(row.status),
        laid_at=row.laid_at,
        may_undo=bool(row.steps_back),
        takes_twins=row.takes_twins,
    )


def _leaf(row: Leaf, uid: str) -> LeafRow:
    return LeafRow(
        ordinal=row.ordinal,
        original_name=row.original_name,
        sha512=row.sha512,
        path=spool.folder(SPOOL, uid) / row.spool_name,
        is_read=row.is_read,
        page_count=row.page_count,
        kind=rules.LeafKind(row.kind),
        number=row.number,
        material=row.material,
        codes=tuple(row.codes),
        refusal=Refusal(row.refused_code, **row.refused_params) if row.refused_code else None,
        taken_urn=row.taken_urn,
    )
