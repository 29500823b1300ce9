"""Keeping what somebody has begun to type (草稿). No record is touched: these are no deeds and have no journal line."""

from collections.abc import Mapping, Sequence

from anjuan.core.terms import Occasion
from anjuan.facilities.drafts.models import Draft

MOST_SIGNS = 60_000  # of one draft: two hundred persons with room to spare


def keep(*, occasion: Occasion, form_code: str, fields: Mapping[str, Sequence[str]]) -> bool:
    """Keep a form as it stands (暂存). An empty one is thrown away, an overlong one not kept; says whether it was kept.

    Concurrency: of two windows of one person the later word stands.
    """
    typed = {name: list(values) for name, values in fields.items() if any(value.strip() for value in values)}
    if not typed:
        discard(occasion=occasion, form_code=form_code)
        return False
    if sum(len(value) for values in typed.values() for value in values) > MOST_SIGNS:
        return False
    Draft.objects.update_or_create(
        staff_code=occasion.actor.staff_code,
        form_code=form_code,
        defaults={"fields": typed, "saved_at": occasion.at},
    )
    return True


def discard(*, occasion: Occasion, form_code: str) -> None:
    """Throw a draft away (丢弃草稿); nothing happens where there is none."""
    Draft.objects.filter(staff_code=occasion.actor.staff_code, form_code=form_code).delete()
