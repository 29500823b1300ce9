"""The four-nature tests on real records at every stage, and their report: printed, signed, for those who may see it."""

import io

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core.assurance import Outcome, Stage
from anjuan.core.terms import Post, State
from anjuan.facilities.assurance import queries
from anjuan.facilities.signing import queries as signing
from anjuan.records import queries as records
from anjuan.records.models import Item
from tests import builders
from tests.cast import Cast
from tests.contract.test_jobs_shipped import damage


def text_of(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in opened)


def said(cast: Cast, urn: str, stage: Stage) -> dict[str, Outcome]:
    (item,) = records.get_items_for(cast.actor(Post.ARCHIVIST), [urn])
    (found,) = queries.examine([item], stage)
    return {result.code: result.outcome for result in found.results}


def address(urn: str, stage: str = "transfer") -> str:
    return reverse("assurance:report", kwargs={"urn": urn, "stage": stage})


@pytest.mark.acceptance("STD-6")
def test_a_record_passes_at_filing_at_transfer_and_in_storage(cast: Cast) -> None:
    walk = builders.single_set(cast, State.PRE_ACCEPTED)
    (urn,) = walk.item_urns

    filing = queries.latest_of([urn], Stage.FILING)[urn]
    transfer = queries.latest_of([urn], Stage.TRANSFER)[urn]
    stored = said(cast, urn, Stage.STORAGE)

    assert filing.is_passed and transfer.is_passed
    assert Outcome.FAIL not in stored.values()
    assert stored["A13"] is stored["C10"] is stored["C11"] is stored["A9"] is Outcome.PASS
    # Before it is sealed there is no code, and no package of its own yet.
    before = {result.code: result.outcome for result in filing.results}
    assert before["A9"] is Outcome.NOT_APPLICABLE and before["A13"] is Outcome.PASS


@pytest.mark.acceptance("STD-6")
def test_a_byte_that_changed_in_storage_fails_the_digest_and_nothing_else_is_blamed(cast: Cast) -> None:
    walk = builders.single_set(cast, State.PRE_ACCEPTED)
    (urn,) = walk.item_urns
    assert said(cast, urn, Stage.STORAGE)["A1"] is Outcome.PASS
    component = builders.components_of(urn)[0]
    damage(urn, component.sha512)

    found = said(cast, urn, Stage.STORAGE)

    assert found["A1"] is found["U5"] is Outcome.FAIL
    assert found["A11"] is not Outcome.FAIL and found["A6"] is Outcome.PASS


def test_what_detectors_say_of_the_catalogue_stands_in_the_report(cast: Cast) -> None:
    walk = builders.single_set(cast, State.PRE_ACCEPTED)
    Item.objects.update(title="退休 \u200b审批")

    assert said(cast, walk.item_urns[0], Stage.STORAGE)["A8"] is Outcome.FAIL


@pytest.mark.acceptance("STD-6")
def test_the_report_is_printed_signed_and_says_what_was_kept(cast: Cast) -> None:
    walk = builders.single_set(cast, State.PRE_ACCEPTED)

    answer = cast.client(Post.ACCEPTOR).get(address(walk.volume_urn))

    assert answer.status_code == 200, answer["Content-Type"]
    assert signing.verify_pdf(answer.content).is_valid
    text = text_of(answer.content)
    assert "四性检测报告" in text and walk.reference in text and "移交与接收" in text
    assert "1-11" in text and "元数据与内容一一关联" in text and "待核实" in text and "一票否决" in text


def test_a_record_that_was_not_tested_has_no_report_and_stages_are_three(cast: Cast) -> None:
    walk = builders.sealed(cast)
    client = cast.client(Post.ACCEPTOR)

    assert client.get(address(walk.volume_urn)).status_code == 404
    assert client.get(address(walk.volume_urn, "weather")).status_code == 404


def test_who_may_have_the_report(cast: Cast) -> None:
    walk = builders.single_set(cast, State.PRE_ACCEPTED)
    where = address(walk.item_urns[0], "filing")

    assert cast.client(Post.HANDLER).get(where).status_code == 200
    assert cast.client(Post.SYSTEM_ADMIN).get(where).status_code == 404
    assert Client().get(where).status_code == 302
    assert cast.client(Post.HANDLER).post(where).status_code == 405
