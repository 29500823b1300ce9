"""Who is archived (已归档): each fonds's policy, and the verdict, computed from verified copies and stored nowhere."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.copies import rules
from anjuan.facilities.copies.models import CopyPolicy, ObjectCopy
from anjuan.facilities.copies.queries.places import PlaceRow, permit_reader, places
from anjuan.facilities.copies.rules import CopyFacts, Outcome, Policy, Verdict
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.models import StoredObject
from anjuan.records import queries as records
from anjuan.records.models import Fonds, Item

MOST_LISTED = 200


def default_policy() -> Policy:
    """What holds for a fonds without a policy of its own."""
    return rules.DEFAULT


def policy_of(fonds_pk: int) -> Policy:
    """The policy of a fonds."""
    row = CopyPolicy.objects.filter(fonds_id=fonds_pk).first()
    return Policy(row.copies, row.media, row.far) if row else default_policy()


def _facts(row: PlaceRow, copy: ObjectCopy | None) -> CopyFacts:
    return CopyFacts(
        place=row.code,
        medium=row.medium,
        is_far=row.is_far,
        outcome=Outcome(copy.outcome) if copy else Outcome.UNCHECKED,
        version=copy.version if copy else 0,
        verified_at=copy.verified_at if copy else None,
        stale_after=row.stale_after,
    )


@dataclass(frozen=True)
class ItemCopy:
    """One copy of an object as its page shows it; without a line nothing was ever verified there."""

    place: PlaceRow
    outcome: Outcome
    version: int
    verified_at: dt.datetime | None
    next_due: dt.datetime | None
    counts: bool


@dataclass(frozen=True)
class ItemCopies:
    """All copies of an object and whether it is archived.

    Attributes:
        head: version that stands; 0 when nothing is stored.
    """

    urn: str
    reference: str
    head: int
    is_sealed: bool
    policy: Policy
    verdict: Verdict
    copies: tuple[ItemCopy, ...]


def item_copies(actor: Actor, urn: str, at: dt.datetime) -> ItemCopies:
    """The copies of a record the actor may see.

    Raises:
        R-009: there is none, or he may not see it.
    """
    item = records.get_item_for(actor, urn)
    fonds_pk = Item.objects.filter(urn=urn).values_list("fonds_id", flat=True).get()
    state = repository.object_state(urn)
    head = state.head_version if state else 0
    lines = {line.place_id: line for line in ObjectCopy.objects.filter(urn=urn)}
    rows, policy = places(), policy_of(fonds_pk)
    facts = {row.pk: _facts(row, lines.get(row.pk)) for row in rows}
    verdict = rules.judge(policy, facts.values(), head=head, at=at)
    copies = tuple(
        ItemCopy(
            place=row,
            outcome=facts[row.pk].outcome,
            version=facts[row.pk].version,
            verified_at=facts[row.pk].verified_at,
            next_due=_next_due(facts[row.pk].verified_at, row),
            counts=rules.counts(facts[row.pk], head=head, at=at),
        )
        for row in rows
    )
    return ItemCopies(urn, item.reference, head, bool(state and state.is_sealed), policy, verdict, copies)


def _next_due(verified_at: dt.datetime | None, row: PlaceRow) -> dt.datetime | None:
    return verified_at + dt.timedelta(days=row.interval_days) if verified_at else None


@dataclass(frozen=True)
class PolicyRow:
    """The policy of a fonds, and how many of its sealed objects meet it.

    Attributes:
        pending: not met yet, nothing wrong with them, and within the time that copying has.
    """

    fonds_code: str
    fonds_name: str
    policy: Policy
    basis: str
    set_at: dt.datetime | None
    met: int
    lacking: int
    pending: int


def _masked(at: dt.datetime, rows: Sequence[PlaceRow]) -> QuerySet[Any]:
    """Sealed objects, each with its fonds and with a bit for every place whose copy counts.

    There are few different masks, so the rule itself judges each of them once, however many objects there are.
    """
    fresh = Q(pk__in=[])
    for row in rows:
        fresh |= Q(place_id=row.pk, verified_at__gte=at - row.stale_after)
    good = ObjectCopy.objects.filter(
        fresh, urn=OuterRef("urn"), outcome=Outcome.GOOD, version__gte=OuterRef("head_version")
    )
    bits = Case(
        *[When(place_id=row.pk, then=Value(1 << number)) for number, row in enumerate(rows)],
        default=Value(0),
        output_field=IntegerField(),
    )
    mask = good.order_by().values("urn").annotate(mask=Sum(bits)).values("mask")
    fonds = Item.objects.filter(urn=OuterRef("urn")).order_by().values("fonds_id")[:1]
    hurt = ObjectCopy.objects.filter(urn=OuterRef("urn"), outcome__in=(Outcome.DAMAGED, Outcome.UNREACHABLE))
    return StoredObject.objects.filter(is_sealed=True).annotate(
        is_hurt=Exists(hurt),
        mask=Coalesce(Subquery(mask, output_field=IntegerField()), Value(0)),
        fonds=Subquery(fonds, output_field=IntegerField()),
    )


def _is_met(policy: Policy, mask: int, rows: Sequence[PlaceRow], at: dt.datetime) -> Verdict:
    facts = [
        CopyFacts(row.code, row.medium, row.is_far, Outcome.GOOD, 1, at, row.stale_after)
        for number, row in enumerate(rows)
        if mask >> number & 1
    ]
    return rules.judge(policy, facts, head=1, at=at)


def policies(at: dt.datetime) -> list[PolicyRow]:
    """Every fonds with its policy and how many of its objects meet it."""
    rows = places()
    late = at - dt.timedelta(hours=settings.ANJUAN_COPY_WITHIN_HOURS)
    own = {row.fonds_id: row for row in CopyPolicy.objects.all()}
    tallied: dict[int, list[int]] = {}
    counted = (
        _masked(at, rows)
        .order_by()
        .values_list("fonds", "mask")
        .annotate(many=Count("pk"), young=Count("pk", filter=Q(changed_at__gte=late, is_hurt=False)))
    )
    for fonds_pk, mask, many, young in counted:
        tally = tallied.setdefault(fonds_pk, [0, 0, 0])
        if _is_met(policy_of(fonds_pk), mask, rows, at).is_met:
            tally[0] += many
        else:
            tally[1] += many
            tally[2] += young
    found = []
    for fonds in Fonds.objects.order_by("code"):
        row = own.get(fonds.pk)
        met, short, young = tallied.get(fonds.pk, [0, 0, 0])
        found.append(
            PolicyRow(
                fonds_code=fonds.code,
                fonds_name=fonds.name,
                policy=Policy(row.copies, row.media, row.far) if row else default_policy(),
                basis=row.basis if row else "",
                set_at=row.set_at if row else None,
                met=met,
                lacking=short,
                pending=young,
            )
        )
    return found


@dataclass(frozen=True)
class LackRow:
    """A sealed object that is not archived, and what it lacks."""

    urn: str
    reference: str
    changed_at: dt.datetime
    verdict: Verdict


def lacking(actor: Actor, fonds_code: str, at: dt.datetime, *, limit: int = MOST_LISTED) -> list[LackRow]:
    """The objects of a fonds that do not meet its policy, longest waiting first.

    Raises:
        A-001: none of the actor's posts has to do with them.
        R-009: there is no such fonds.
    """
    permit_reader(actor)
    fonds = Fonds.objects.filter(code=fonds_code).first()
    if fonds is None:
        raise Refusal("R-009", what=fonds_code[:8])
    rows, policy = places(), policy_of(fonds.pk)
    of_fonds = _masked(at, rows).filter(fonds=fonds.pk)
    masks = of_fonds.order_by().values_list("mask", flat=True).distinct()
    short = {mask: verdict for mask in masks if not (verdict := _is_met(policy, mask, rows, at)).is_met}
    found = list(
        of_fonds.filter(mask__in=list(short))
        .order_by("changed_at", "pk")
        .values_list("urn", "changed_at", "mask")[:limit]
    )
    names = reference_by_urn(urn for urn, _, _ in found)
    return [LackRow(urn, names.get(urn, urn), changed_at, short[mask]) for urn, changed_at, mask in found]


def reference_by_urn(urns: Iterable[str]) -> Mapping[str, str]:
    """What people call these records."""
    rows = Item.objects.filter(urn__in=list(urns)).values_list("urn", "reference_code", "acceptance_no")
    return {urn: reference or acceptance for urn, reference, acceptance in rows}


def is_overdue(at: dt.datetime) -> bool:
    """Whether an object has gone without what its policy asks for longer than copying may take."""
    return any(row.lacking > row.pending for row in policies(at))
