"""What lies at hand on the counter: a paired phone, and what may be taken over from earlier records."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, SubjectKind
from anjuan.desks.intake.models import Pairing, Reuse
from anjuan.desks.intake.queries import Collected
from anjuan.records import queries as records
from anjuan.records.models import Component, Involvement

DOOR = dt.timedelta(minutes=30)
MOST_OFFERS = 3  # a material


@dataclass(frozen=True)
class Door:
    """A phone's door that is open: whose it is, and to which item."""

    pk: int
    item_urn: str
    staff_code: str


@dataclass(frozen=True)
class Offer:
    """A file of an earlier record that could be taken over for a material of this one."""

    component_pk: int
    material_code: str
    original_name: str
    page_count: int
    reference: str
    captured_at: dt.datetime
    is_valid: bool


def door(token_digest: str, *, at: dt.datetime) -> Door:
    """The door that a phone's token opens.

    Raises:
        I-091: there is none, it was closed, or half an hour has passed.
    """
    row = Pairing.objects.filter(token_digest=token_digest, ended_at=None).first()
    if row is None or at - row.opened_at > DOOR:
        raise Refusal("I-091")
    return Door(row.pk, row.item_urn, row.staff_code)


def phone_of(actor: Actor, urn: str, *, at: dt.datetime) -> bool:
    """Whether a phone of this person may add pages to the item now."""
    return Pairing.objects.filter(
        item_urn=urn, staff_code=actor.staff_code, ended_at=None, opened_at__gte=at - DOOR
    ).exists()


def offers(actor: Actor, collected: Collected, *, at: dt.datetime) -> list[Offer]:
    """What was captured before of the same persons or employer and would serve here (可复用材料), newest first.

    Only from records that the actor may see, and only for materials of which nothing lies here yet. Three queries.
    """
    # A main form is made anew for each case; what proves who somebody is need not be.
    lacking = [row for row in collected.step.materials if not collected.pages_by_material.get(row.code)]
    wanted = [row.code for row in lacking if not row.is_main]
    subjects = [row.pk for row in collected.subjects]
    if not wanted or not subjects:
        return []
    concerned = Involvement.objects.filter(subject_id__in=subjects).exclude(item__urn=collected.item.urn)
    if SubjectKind.INSURED_PERSON in {
        SubjectKind(row.kind) for row in collected.subjects
    }:  # a person's card is not his employer's
        concerned = concerned.filter(subject__kind=SubjectKind.INSURED_PERSON)
    rows = (
        Component.objects.filter(
            item__in=records.items_visible_to(actor),
            item_id__in=concerned.values("item_id"),
            material_code__in=wanted,
            superseded_at=None,
        )
        .select_related("item")
        .order_by("-captured_at", "-pk")[:60]
    )
    shown: dict[str, int] = {}
    found = []
    for row in rows:
        if shown.get(row.material_code, 0) < MOST_OFFERS:
            shown[row.material_code] = shown.get(row.material_code, 0) + 1
            found.append(
                Offer(
                    component_pk=row.pk,
                    material_code=row.material_code,
                    original_name=row.original_name,
                    page_count=row.page_count,
                    reference=row.item.reference_code or row.item.acceptance_no,
                    captured_at=row.captured_at,
                    is_valid=is_valid(row.captured_at, at),
                )
            )
    return found


def is_valid(captured_at: dt.datetime, at: dt.datetime) -> bool:
    """Whether a file is young enough to be taken over (复用有效期)."""
    return at - captured_at <= dt.timedelta(days=settings.ANJUAN_REUSE_DAYS)


def reused(component_pks: Sequence[int]) -> Mapping[int, str]:
    """From which record these files were taken over, by key; others are missing."""
    rows = Reuse.objects.filter(component_id__in=component_pks).select_related("source__item")
    return {row.component_id: row.source.item.reference_code or row.source.item.acceptance_no for row in rows}
