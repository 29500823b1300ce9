"""The reviewer's queue by risk and age, the feedback slip, and returns counted by who handled the case."""

import datetime as dt
import io
import re

import pypdfium2
import pytest

from anjuan.core.terms import Post
from anjuan.desks.review import queries, rules
from anjuan.facilities.workload import queries as workload
from anjuan.facilities.workload import rules as work_rules
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule.models import BusinessStep
from anjuan.foundation.schedule.rules import RiskGrade
from tests import builders
from tests.builders import refused
from tests.cast import Cast
from tests.desk import counter_stage as stage

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def graded(high: str, low: str) -> None:
    BusinessStep.objects.filter(code=high).update(risk=RiskGrade.HIGH)
    BusinessStep.objects.filter(code=low).update(risk=RiskGrade.LOW)


@pytest.mark.acceptance("STD-24", "S3-R2")
def test_what_may_cost_much_comes_first_and_nothing_waits_for_ever(cast: Cast) -> None:
    graded("UNEMPLOYMENT_BENEFIT", "PERSON_REGISTRATION")
    low = builders.submitted(cast, "SL-LOW")
    cast.clock.at += dt.timedelta(hours=1)
    high = builders.submitted(cast, "SL-HIGH", step="UNEMPLOYMENT_BENEFIT")

    first, second = queries.waiting(cast.actor(Post.REVIEWER))
    assert [first.item.urn, second.item.urn] == [high, low]
    assert first.due - first.item.state_since == dt.timedelta(days=rules.WITHIN_DAYS[RiskGrade.HIGH])
    assert queries.next_waiting(cast.actor(Post.REVIEWER)) == high

    cast.clock.at += dt.timedelta(days=rules.WITHIN_DAYS[RiskGrade.LOW])
    later = builders.submitted(cast, "SL-HIGH-2", step="UNEMPLOYMENT_BENEFIT")
    order = [one.item.urn for one in queries.waiting(cast.actor(Post.REVIEWER))]
    assert order.index(low) < order.index(later)  # a grade hastens a case; it does not bury the others


def test_the_page_says_the_grade_and_filters_by_it(cast: Cast) -> None:
    graded("UNEMPLOYMENT_BENEFIT", "PERSON_REGISTRATION")
    low = builders.submitted(cast, "SL-LOW")
    urgent = builders.submitted(cast, "SL-HIGH", step="UNEMPLOYMENT_BENEFIT")
    client = cast.client(Post.REVIEWER)

    whole = client.get("/review/").content.decode()
    high = client.get("/review/?risk=HIGH").content.decode()

    assert whole.index(urgent) < whole.index(low) and "高风险" in whole
    assert urgent in high and low not in high
    assert queries.counts_by_risk(cast.actor(Post.REVIEWER)) == {
        RiskGrade.HIGH: 1,
        RiskGrade.MEDIUM: 0,
        RiskGrade.LOW: 1,
    }
    program = cast.program(cast.actor(Post.REVIEWER).staff_code)
    assert [one["acceptance_no"] for one in program.get("/api/v1/review/items").json()] == ["SL-HIGH", "SL-LOW"]


@pytest.mark.acceptance("S3-F12", "STD-4")
def test_the_feedback_slip_names_fault_page_note_and_people(cast: Cast) -> None:
    urn = stage.returned(cast)
    answer = cast.client(Post.HANDLER).get(f"/review/{urn}/feedback.pdf")
    said = re.sub(r"\s", "", text_of(answer.content))
    assert answer["Content-Type"] == "application/pdf"
    for words in ("审核反馈单", "SL-1", "S01", "第1页", "请补盖经办专用章", "V12", "整件", "林晓", "陈静"):
        assert words in said, words
    page = cast.client(Post.HANDLER).get(f"/intake/{urn}/").content.decode()
    assert f"/review/{urn}/feedback.pdf" in page


def test_where_nothing_was_found_there_is_no_slip_and_strangers_get_none(cast: Cast) -> None:
    urn = builders.submitted(cast)
    with refused("V-002"):
        queries.feedback(cast.actor(Post.REVIEWER), urn)
    cast.found_elsewhere()
    cast.hire("hx-1", Post.HANDLER, "HX")
    assert cast.client_of("hx-1").get(f"/review/{urn}/feedback.pdf").status_code == 404


@pytest.mark.acceptance("S3-P4", "S0-P10")
def test_faults_count_for_who_handled_the_case(cast: Cast) -> None:
    stage.returned(cast)
    first, until = work_rules.month("", occasions.today())
    lines = {line.staff_code: line for line in workload.ledger(cast.actor(Post.SUPERVISOR), first, until).lines}
    assert lines[cast.actor(Post.HANDLER).staff_code].faults == 2
    assert lines[cast.actor(Post.REVIEWER).staff_code].faults == 0
