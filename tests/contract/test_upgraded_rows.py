"""Rows that were written under an older version of the program, when the follower comes under a newer one."""

from anjuan.foundation.journal import followers, kept, rules
from anjuan.foundation.journal.models import RowShape
from tests import builders
from tests.cast import Cast


def test_a_row_written_before_an_upgrade_reaches_the_disk_in_the_shape_it_had(cast: Cast) -> None:
    """The deed was done under the old version, the follower comes under the new one, which has a column more."""
    urn = builders.captured(cast)
    component = builders.components_of(urn)[0].pk
    table = kept.tables()["records_component"]
    row = kept.newest(table.name, [component])[component]
    columns = [column for column in table.columns if column != "turns"]
    text = rules.image({column: kept.images(table, [component])[component][column] for column in columns})
    number = rules.shape_no(table.name, columns)
    RowShape.objects.create(pk=number, table_name=table.name, columns=columns)
    row.shape_no, row.digest = number, rules.commitment(bytes.fromhex(row.salt), text)

    assert followers._images([row], kept.shapes()) == {row.pk: text}
