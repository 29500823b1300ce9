"""Seeing one's own drafts; nobody sees another's."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.terms import Actor
from anjuan.facilities.drafts.models import Draft


@dataclass(frozen=True)
class DraftRow:
    """A form that was left unfinished."""

    form_code: str
    fields: Mapping[str, Sequence[str]]
    saved_at: dt.datetime


def drafts_of(actor: Actor, prefix: str) -> list[DraftRow]:
    """What this person has begun to type into forms whose code begins so, newest first."""
    rows = Draft.objects.filter(staff_code=actor.staff_code, form_code__startswith=prefix).order_by("-saved_at", "pk")
    return [DraftRow(row.form_code, row.fields, row.saved_at) for row in rows]


def draft_of(actor: Actor, form_code: str) -> DraftRow | None:
    """What this person has begun to type into a form."""
    row = Draft.objects.filter(staff_code=actor.staff_code, form_code=form_code).first()
    return DraftRow(row.form_code, row.fields, row.saved_at) if row else None
