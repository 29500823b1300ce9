"""Pages that look like one another: noticed when they are captured, answered by who has the paper (疑似同一页).

Nothing is refused or dropped because of it. That it is the same sheet is answered by taking one of the two down.
"""

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import holding
from anjuan.desks.intake.models import Likeness
from anjuan.desks.intake.queries import likeness as queries
from anjuan.foundation.journal import actions as journal


def tell_apart(*, occasion: Occasion, likeness_pk: int) -> str:
    """Say that two pages that look alike are not the same sheet (确认不是同一页): both stay, it is not asked again.

    Returns:
        The URN of the item that was asked about.

    Raises:
        A-001, I-010: as for `capture`.
        L-001: somebody answered it already.
        R-009: there is no such thing, or the actor may not see the item.

    Standard: S3-P2 automatic checks when scanning; users' ask 13.
    Concurrency: of two answers at once the second is refused.
    """
    asked = queries.noticed(likeness_pk)
    collected = holding.changeable(occasion, asked.item.urn)

    with journal.writing(occasion=occasion, act="intake.tell_apart", unit=asked.item.urn) as line:
        holding.hold(line, collected)
        still = Likeness.objects.filter(pk=likeness_pk, parted_at=None)
        if still.update(parted_at=occasion.at, parted_by=occasion.actor.staff_code) != 1:
            raise Refusal("L-001", reference=collected.item.reference)
        line.say(
            page=f"{asked.sha512[:24]} p{asked.page_no}",
            other=f"{asked.other_item.urn} {asked.other_sha512[:24]} p{asked.other_page_no}",
        )
    return asked.item.urn
