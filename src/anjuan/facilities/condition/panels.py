"""What the state of the paper hangs on the shared pages, and how its own pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.terms import Actor
from anjuan.facilities.condition import queries
from anjuan.facilities.condition.queries import DamageRow
from anjuan.facilities.condition.rules import NOTING_POSTS, Kind
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import Panel, RailEntry, address
from anjuan.foundation.web.shapes import QueueRow


@dataclass(frozen=True)
class DamageLine:
    """One entry as drawn, with the names of those who noted and repaired it."""

    row: DamageRow
    kind: str
    where: str
    noted_by: str
    repaired_by: str
    may_repair: bool


def kind_name(kind: Kind) -> str:
    """The kind in the reader's language."""
    return kind.zh if (get_language() or "zh").startswith("zh") else kind.en


def kind_choices() -> list[tuple[str, str]]:
    """The kinds as a form offers them."""
    return [(kind.code, kind_name(kind)) for kind in queries.kinds().values()]


def list_page(actor: Actor) -> dict[str, Any]:
    """What needs repair, agency by agency."""
    found = queries.needing_repair(actor)
    return {
        "agencies": [(one.agency_name, [_queue_row(row) for row in one.rows]) for one in found],
        "count": sum(len(one.rows) for one in found),
    }


def record_page(actor: Actor, urn: str) -> dict[str, Any]:
    """How the paper of one record is and was, and what the actor may say of it."""
    record = queries.record_for(actor, urn)
    rows = queries.of_units([urn])
    may_repair = queries.may_repair(actor, record.agency_path)
    return {
        "record": record,
        "record_url": address("search:volume" if record.is_volume else "search:item", urn=urn),
        "lines": _lines(rows, record, may_repair=may_repair),
        "open_count": sum(row.is_open for row in rows),
        "may_note": queries.may_note(actor, record.agency_path),
        "kinds": kind_choices(),
        "files": [(row.pk, row.original_name, row.page_count) for row in record.components],
    }


def _lines(rows: Sequence[DamageRow], record: queries.Record, *, may_repair: bool) -> list[DamageLine]:
    names = accounts.staff_names({row.noted_by for row in rows} | {row.repaired_by for row in rows} - {""})
    files = {row.pk: row.original_name for row in record.components}
    return [
        DamageLine(
            row,
            kind_name(row.kind),
            _("%(file)s, page %(page)s") % {"file": files.get(row.place.component_pk, "—"), "page": row.place.page_no}
            if row.place.page_no
            else _("the whole record"),
            names.get(row.noted_by, row.noted_by),
            names.get(row.repaired_by, row.repaired_by),
            may_repair and row.is_open,
        )
        for row in rows
    ]


def _queue_row(row: DamageRow) -> QueueRow:
    return QueueRow(
        code=row.reference,
        title=kind_name(row.kind),
        url=reverse("condition:record", kwargs={"urn": row.unit}),
        stuck=row.note,
        since=row.noted_at,
        words=row.kind.fault,
        tone="bad" if row.kind.grade == max(kind.grade for kind in queries.kinds().values()) else "wait",
    )


RAIL = (
    RailEntry(
        gettext_lazy("Paper to repair"),
        "condition:damages",
        "tool",
        frozenset(NOTING_POSTS),
        group="USE",
        order=58,
    ),
)
PANELS = (
    Panel(slot="record.standing", title=gettext_lazy("State of the paper"), url_name="condition:record", order=60),
)
