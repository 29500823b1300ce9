"""Which four-nature tests are done: those shipped, and those the house added (四性检测方案)."""

import datetime as dt
from dataclasses import dataclass

from anjuan.core import assurance
from anjuan.core.assurance import Nature, Stage, Test
from anjuan.facilities.assurance.models import AddedTest

PREFIX = "X"  # codes of added tests; those shipped begin with other letters


@dataclass(frozen=True)
class AddedRow:
    """A test the house added: what it is, and who wanted it why."""

    test: Test
    reason: str
    set_by: str
    set_at: dt.datetime
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str


def added(*, withdrawn: bool = False) -> list[AddedRow]:
    """Tests the house added, in the order of their making; one query.

    Args:
        withdrawn: whether those that are done no more are told too.
    """
    rows = AddedTest.objects.order_by("id")
    return [_row(row) for row in (rows if withdrawn else rows.filter(withdrawn_at=None))]


def added_tests() -> tuple[Test, ...]:
    """The added tests that are done now; one query."""
    return tuple(row.test for row in added())


def ever() -> dict[str, Test]:
    """Every test that a report may name, by code."""
    return {test.code: test for test in (*assurance.tests(), *(row.test for row in added(withdrawn=True)))}


def _row(row: AddedTest) -> AddedRow:
    stages = frozenset(Stage(stage) for stage in row.stages)
    test = Test(row.code, "", "", Nature(row.nature), row.has_veto, row.zh, row.en, stages, tuple(row.detectors))
    return AddedRow(test, row.reason, row.set_by, row.set_at, row.withdrawn_at, row.withdrawn_reason)
