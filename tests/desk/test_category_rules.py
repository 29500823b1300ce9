"""The rules of each category drive its records at every stage, from the counter to the shelf."""

import datetime as dt
import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core import arrangement
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Post, State
from anjuan.desks.intake import actions as intake
from anjuan.desks.rulebook.queries import categories
from anjuan.facilities.progress import rules as deadlines
from anjuan.facilities.progress.queries.deadlines import due_of
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks import queries as stack_queries
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import StepRow
from anjuan.records import queries as records
from anjuan.records.models import Category
from tests import builders
from tests.cast import Cast

# One step of every category, from registration to supervision.
STEPS = {
    "01": "PERSON_REGISTRATION",
    "02": "FLEXIBLE_CONTRIBUTION",
    "03": "PENSION_RETIREMENT",
    "04": "OUTPATIENT_MEDICAL",
    "05": "UNEMPLOYMENT_BENEFIT",
    "06": "WORK_INJURY_RECOGNITION",
    "07": "MATERNITY_BENEFIT",
    "08": "ANNUAL_STATISTICS",
    "09": "AUDIT_CASE",
}
PAGE = reverse("rulebook:categories")


def required(step: StepRow) -> list[str]:
    return [material.code for material in step.materials if material.is_required or material.is_main]


def rules_of(cast: Cast, code: str) -> categories.CategoryRules:
    found = categories.categories(on=cast.today(), at=cast.clock.at)
    return next(one for one in found if one.code == code)


@pytest.mark.acceptance("S2-W1")
@pytest.mark.parametrize(("category", "step_code"), STEPS.items())
def test_a_record_of_each_category_goes_from_the_counter_to_the_shelf_by_its_rules(
    cast: Cast, category: str, step_code: str
) -> None:
    step = schedule.step(step_code)
    shown = rules_of(cast, category)
    collected = next(row for row in shown.collecting if row.step.code == step_code)
    formed = cast.today()

    # Collect: what the step asks for must be there, and the days to file it run.
    urn = builders.captured(cast, materials=["MAIN_FORM"], step=step_code, formed=formed)
    lacking = [code for code in required(step) if code != "MAIN_FORM"]
    item = records.get_item_for(cast.actor(Post.HANDLER), urn)
    assert (item.category_code, item.rule_code, item.term) == (category, collected.rule.code, collected.rule.term)  # type: ignore[union-attr]
    assert due_of(item) == (deadlines.Deadline.FILING, formed + dt.timedelta(days=step.filing_days))
    if lacking:
        with pytest.raises(Refusal):
            intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)

    # Arrange: in the kind of the category, numbered as the page foretold.
    walk = builders.at_state(cast, State.FILED, "SL-900", step=step_code, formed=formed, materials=required(step))
    volume = records.volumes_by_urn([walk.volume_urn])[walk.volume_urn]
    (arranged,) = shown.arranging
    assert arranged.kind.code is volume.arrangement
    assert walk.reference.split("·")[0] == arranged.next_code.split("·")[0]
    assert volume.category_code == category and str(volume.term) == str(collected.rule.term)  # type: ignore[union-attr]

    # Keep and hand over: with its day, then witnessed, counted in and re-checked.
    deadline, due = due_of(volume) or (None, None)
    assert deadline is deadlines.Deadline.TRANSFER
    assert due == deadlines.transfer_due(volume.year, shown.transfer_due)
    for state in builders.WAY[1:]:
        builders.step_to(cast, state, walk)

    # Store: in a cell of the archive's room, under its term.
    stacks.shelve(occasion=cast.occasion(Post.KEEPER), volume_urn=walk.volume_urn, cell_code="K1-01A-01-1")
    assert stack_queries.places_of([walk.volume_urn])[walk.volume_urn].cell_code == "K1-01A-01-1"
    held = records.volumes_by_urn([walk.volume_urn])[walk.volume_urn]
    assert (held.state, str(held.term)) == (State.HELD, str(collected.rule.term))  # type: ignore[union-attr]


@pytest.mark.acceptance("S2-W1")
def test_the_page_shows_every_category_at_every_stage_and_what_is_not_confirmed(cast: Cast) -> None:
    text = html.unescape(cast.client(Post.ARCHIVIST).get(PAGE).content.decode())

    names = schedule.category_names()
    assert set(STEPS) == set(names) and len(names) == 9
    for code, name in names.items():
        assert f"{code} {name}" in text
    assert text.count("待核实") >= 9
    for step_code in STEPS.values():
        assert schedule.step(step_code).name in text


def test_the_page_follows_the_rules_it_shows(cast: Cast, settings: Any) -> None:
    settings.ANJUAN_AGENCY_DAYS = 123
    Category.objects.filter(code="03").update(arrangement=Arrangement.PERSON_DOSSIER)

    shown = rules_of(cast, "03")

    assert shown.agency_days == 123
    assert shown.arranging[0].kind is arrangement.kinds()[Arrangement.PERSON_DOSSIER]


@pytest.mark.parametrize("post", [Post.HANDLER, Post.FILER, Post.SYSTEM_ADMIN])
def test_others_do_not_see_the_rules_by_category(cast: Cast, post: Post) -> None:
    assert cast.client(post).get(PAGE).status_code == 403
    assert cast.client(Post.SUPERVISOR).get(PAGE).status_code == 200
    assert Client().get(PAGE).status_code == 302


def test_programs_read_the_same(cast: Cast) -> None:
    found = cast.program("bh05").get("/api/v1/rulebook/categories").json()

    assert [one["code"] for one in found] == sorted(STEPS)
    assert found[0]["collect"][0]["required"] and found[0]["arrange"][0]["next_code"] and found[0]["store"]
    assert cast.program("bh01").get("/api/v1/rulebook/categories").status_code == 403
