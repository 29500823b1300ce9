"""The archive as evidence against the business: image, catalogue and business data held together (反证业务). S3-P10."""

import datetime as dt
from typing import Any

import pytest

from anjuan.core.reading.pages import VERSION
from anjuan.core.reading.said import as_kept
from anjuan.core.terms import Post
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.business import actions as business
from anjuan.facilities.business import queries as stated
from anjuan.facilities.business.rules import StatedCase, StatedFact
from anjuan.facilities.reading.models import PageReading
from anjuan.records import queries as records
from anjuan.records.queries import judged
from tests import builders
from tests.cast import Cast
from tests.detection.reading import field, said

HOLDER = builders.number(1)


def read(urn: str, amount: str) -> None:
    """Pages of an item as the reader would have kept them: its main form says a monthly pension."""
    for row in records.components_of([urn])[urn]:
        page = said(version=VERSION, citizens=(), fields=(field("AMOUNT", amount, label="月基本养老金"),), text=HOLDER)
        PageReading.objects.create(
            sha512=row.sha512,
            page_no=1,
            version=VERSION,
            model="none",
            said=as_kept(page),
            read_at=dt.datetime.now(dt.UTC),
        )


def paid(cast: Cast, fen: int, *, serial: str = "F-1", line: str = "PENSION", months: int = 0) -> None:
    occasion = cast.occasion(Post.INTERFACE)
    formed = dt.date(2024, 3, 15)
    period = f"{formed.year}-{formed.month + months:02d}"
    fact = StatedFact(serial, "BENEFIT", HOLDER, line, period, fen, occasion.at)
    business.take_facts(occasion=occasion, source="HALL", stated=[fact])


def found(urn: str) -> list[tuple[str, str]]:
    (item,) = judged.items_by_urn([urn]).values()
    return [(one.outcome.value, one.zh) for one in findings.found_at_counter(item) if one.code == "D11"]


@pytest.mark.acceptance("S3-P10")
def test_an_amount_of_the_form_is_held_against_what_the_business_system_pays(cast: Cast) -> None:
    urn = builders.captured(cast)
    read(urn, "3,421.50元")
    assert found(urn) == []  # the system has stated nothing yet

    paid(cast, 352150)
    ((outcome, words),) = found(urn)
    assert outcome == "FAIL" and "3,421.50" in words and "3,521.50" in words

    paid(cast, 342150)  # it corrects itself: the newest statement of a serial counts
    assert found(urn) == []


@pytest.mark.acceptance("S3-P10")
def test_another_line_or_a_month_long_after_says_nothing(cast: Cast) -> None:
    urn = builders.captured(cast, step="PENSION_RETIREMENT")
    read(urn, "3,421.50元")
    paid(cast, 352150, serial="F-2", line="UNEMPLOYMENT")
    paid(cast, 352150, serial="F-3", months=8)

    assert found(urn) == []


@pytest.mark.acceptance("S3-P10")
def test_the_review_is_a_control_that_sees_where_business_and_archive_differ(cast: Cast) -> None:
    urn = builders.submitted(cast)
    occasion = cast.occasion(Post.INTERFACE)
    case = StatedCase("BH", "SL-001", "PERSON_REGISTRATION", {"person_name": "李代红"}, occasion.at)
    path = f"/review/{urn}/"
    assert "业务系统为" not in cast.client(Post.REVIEWER).get(path).content.decode()

    business.take_cases(occasion=occasion, source="HALL", stated=[case])

    page = cast.client(Post.REVIEWER).get(path).content.decode()
    assert "机器看到的" in page and "业务系统为" in page and "李代红" in page
    assert "李代红" not in cast.client(Post.FILER).get(path).content.decode()


@pytest.mark.acceptance("S3-P10")
def test_a_volume_with_a_difference_does_not_pass_before_somebody_judged_it(cast: Cast) -> None:
    walk = builders.sealed(cast)
    occasion = cast.occasion(Post.INTERFACE)
    item = records.get_item_for(cast.actor(Post.ACCEPTOR), walk.item_urn)
    case = StatedCase(
        item.agency_code, item.acceptance_no, item.step_code, {"person_id": builders.number(7)}, occasion.at
    )
    business.take_cases(occasion=occasion, source="HALL", stated=[case])

    rows = findings.found_in([walk.volume_urn])[walk.volume_urn]

    (row,) = [one for one in rows if one.fault.code == "D11"]
    assert row.must_be_answered and builders.number(7) not in row.finding.zh  # numbers stay masked


def test_many_holders_and_cases_are_asked_in_a_few_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    paid(cast, 100)
    with django_assert_num_queries(1):
        assert list(stated.facts_of_many([HOLDER, builders.number(2)], ["BENEFIT"])) == [HOLDER]
    with django_assert_num_queries(1):
        assert stated.descriptions_of("BH", ["SL-001", "SL-002"]) == {}
