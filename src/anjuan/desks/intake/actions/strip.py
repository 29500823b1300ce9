"""Putting the page strip in order (页序、旋转): which file comes first, which page stands on its head."""

from collections.abc import Sequence

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import holding
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as record_queries
from anjuan.records.actions import components

QUARTERS = (90, 180, 270)


def order_pages(*, occasion: Occasion, urn: str, component_pks: Sequence[int]) -> None:
    """Put the files of an item in another order (调整页序).

    Args:
        occasion: a handler of the agency, or who mends the record.
        urn: the item.
        component_pks: all its present files, in the order wanted.

    Raises:
        A-001, I-010, R-009: as for `capture`.
        L-001: these are not exactly the files that lie there.
    """
    collected = holding.changeable(occasion, urn)
    if list(component_pks) == [row.pk for row in collected.components]:
        return

    with journal.writing(occasion=occasion, act="intake.order_pages", unit=urn) as line:
        holding.hold(line, collected)
        components.order_components(item_urn=urn, component_pks=component_pks)
        line.say(order=",".join(row.sha256[:16] for row in record_queries.components_of([urn])[urn]))


def turn_page(*, occasion: Occasion, component_pk: int, page_no: int, degrees: int) -> int:
    """Turn a page clockwise on the screen (旋转): the captured bytes stay as the scanner gave them.

    Args:
        occasion: a handler of the agency, or who mends the record.
        component_pk: the file.
        page_no: its page, from 1.
        degrees: 90, 180 or 270, from how it is shown now.

    Returns:
        The key of the file's new row: whoever saw the page lying must look at it again.

    Raises:
        A-001, I-010, R-009: as for `capture`.
        I-090: it cannot be turned by that angle.
        L-001: somebody changed it meanwhile.
        M-009: there is no such page.
    """
    row = record_queries.get_component_for(occasion.actor, component_pk)
    collected = holding.changeable(occasion, row.item_urn)
    if degrees not in QUARTERS:
        raise Refusal("I-090", degrees=degrees)
    if not 1 <= page_no <= row.page_count:
        raise Refusal("M-009", page=page_no)
    angle = (row.turns.get(page_no, 0) + degrees) % 360

    with journal.writing(occasion=occasion, act="intake.turn_page", unit=row.item_urn) as line:
        holding.hold(line, collected)
        turned = components.turn_page(pk=component_pk, page_no=page_no, degrees=angle, at=occasion.at)
        line.say(file=row.sha256, page=page_no, shown_turned_by=angle)
    return turned
