"""Keeping four-nature reports (四性检测报告), inside the deed that rests on them."""

from collections.abc import Sequence

from anjuan.core.refusals import Refusal
from anjuan.facilities.assurance.models import Report
from anjuan.facilities.assurance.queries import Examined
from anjuan.foundation.journal.actions import Line


def must_pass(found: Sequence[Examined], *, reference: str) -> None:
    """Whether every record passed its tests.

    Raises:
        Z-001: one did not; the tests and what they name are said.
    """
    for one in found:
        if not one.passes:
            raise Refusal("Z-001", reference=reference, tests=one.failing)


def keep(*, line: Line, found: Sequence[Examined]) -> None:
    """Keep the reports of these tests with the deed under way."""
    Report.objects.bulk_create(
        Report(
            unit=one.unit,
            stage=one.stage,
            results=[[result.code, result.outcome.value, result.detail] for result in one.results],
            is_passed=one.passes,
            tested_by=line.occasion.actor.staff_code,
            tested_at=line.occasion.at,
        )
        for one in found
    )
