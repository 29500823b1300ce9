"""What the counter page offers besides pages and list: drafts, materials to take over, the phone, the keys."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from anjuan.desks.intake.panels import name_of
from anjuan.desks.intake.queries import Collected
from anjuan.desks.intake.queries.counter import Offer
from anjuan.facilities.drafts.queries import DraftRow
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web.panels import address
from anjuan.foundation.web.shapes import Key, KeyGroup

KEYS = KeyGroup(
    gettext_lazy("Capture"),
    (
        Key(("Space",), gettext_lazy("take a picture with the camera, or choose files")),
        Key(("R",), gettext_lazy("scan this page again")),
        Key(("Enter",), gettext_lazy("next material")),
        Key(("J", "K"), gettext_lazy("next page, previous page")),
        Key(("T",), gettext_lazy("turn this page")),
        Key(("Alt ←", "Alt →"), gettext_lazy("move this file earlier, later")),
        Key(("C",), gettext_lazy("camera on, camera off")),
    ),
)


@dataclass(frozen=True)
class OfferLine:
    """A file of an earlier record that may be taken over."""

    row: Offer
    material: str
    thumb_url: str
    url: str


@dataclass(frozen=True)
class DraftLine:
    """A form left unfinished."""

    name: str
    url: str
    discard_url: str
    saved_at: dt.datetime


def draft_lines(drafts: Sequence[DraftRow]) -> list[DraftLine]:
    """Unfinished forms by the names of their steps; those of steps that are gone are left out."""
    steps = {step.code: step for step in schedule.steps()} if drafts else {}
    return [
        DraftLine(
            name_of(steps[row.form_code.removeprefix("intake:")]),
            reverse("intake:register", kwargs={"step": row.form_code.removeprefix("intake:")}),
            reverse("intake:draft", kwargs={"step": row.form_code.removeprefix("intake:")}),
            row.saved_at,
        )
        for row in drafts
        if row.form_code.removeprefix("intake:") in steps
    ]


def at_hand(
    collected: Collected, *, offers: Sequence[Offer], reused: Mapping[int, str], phone_is_open: bool
) -> dict[str, Any]:
    """What the counter page offers besides: materials to take over, the phone, the keys."""
    names = {row.code: name_of(row) for row in collected.step.materials}
    urn = collected.item.urn
    return {
        "offers": [
            OfferLine(
                row,
                names[row.material_code],
                address("formats:thumb", component=row.component_pk, page=1),
                reverse("intake:reuse", kwargs={"urn": urn, "component": row.component_pk}),
            )
            for row in offers
        ],
        "reused": reused,
        "phone_is_open": phone_is_open,
        "page_keys": KEYS if collected.may_capture else None,
    }
