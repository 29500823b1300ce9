"""Pairing a phone as a document camera (手机配对): a door for one item, open for half an hour."""

from dataclasses import dataclass

from django.db.models import QuerySet

from anjuan.core.terms import Occasion
from anjuan.desks.intake import holding, rules
from anjuan.desks.intake.models import Pairing
from anjuan.foundation.journal import actions as journal

TOKEN_BYTES = 18


@dataclass(frozen=True)
class Paired:
    """The receipt: the token that the phone must show. It is told once and kept nowhere."""

    urn: str
    token: str


def pair_phone(*, occasion: Occasion, urn: str) -> Paired:
    """Open the door for a phone (配对手机). One that was open for this person and item closes.

    Raises:
        A-001, I-010, R-009: as for `capture`: who may not add pages pairs no phone.
    """
    holding.changeable(occasion, urn)
    token = occasion.fresh(TOKEN_BYTES).hex()

    with journal.writing(occasion=occasion, act="intake.pair_phone", unit=urn) as line:
        _open_doors(occasion, urn).update(ended_at=occasion.at)
        Pairing.objects.create(
            token_digest=rules.token_digest(token),
            item_urn=urn,
            staff_code=occasion.actor.staff_code,
            opened_at=occasion.at,
        )
        line.say(door=rules.token_digest(token)[:16])
    return Paired(urn, token)


def unpair_phone(*, occasion: Occasion, urn: str) -> int:
    """Close the door (结束配对). Returns how many phones lost it.

    Raises:
        R-009: no such item.
    """
    with journal.writing(occasion=occasion, act="intake.unpair_phone", unit=urn) as line:
        closed = _open_doors(occasion, urn).update(ended_at=occasion.at)
        line.say(closed=closed)
    return closed


def _open_doors(occasion: Occasion, urn: str) -> QuerySet[Pairing]:
    return Pairing.objects.filter(item_urn=urn, staff_code=occasion.actor.staff_code, ended_at=None)
