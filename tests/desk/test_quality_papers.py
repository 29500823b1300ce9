"""The analysis of quality and inspection's papers: whose faults, why, how it went on; what stands on paper."""

import datetime as dt
import io

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection.queries import papers
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.corrections.queries import quality
from anjuan.facilities.corrections.rules import Cause
from tests import builders
from tests.builders import at_state, fault, sealed
from tests.cast import Cast


def text_of(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in opened)


def returned(cast: Cast, *codes: str, no: str = "SL-001") -> builders.Walked:
    """A volume that went back from the self-check with faults of these kinds."""
    walk = at_state(cast, State.FILED, no, persons=(builders.person(int(no[-1])),))
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER),
        volume_urn=walk.volume_urn,
        faults=[fault(walk.item_urn, code) for code in codes],
    )
    return walk


def answered(cast: Cast, walk: builders.Walked, cause: Cause | None) -> None:
    for row in correction_queries.of_units([walk.volume_urn]):
        corrections.answer_fault(occasion=cast.occasion(Post.FILER), pk=row.pk, answer="已补盖后重扫", cause=cause)


def analysis(cast: Cast, post: Post = Post.SUPERVISOR) -> quality.AgencyQuality:
    day = dt.timedelta(days=1)
    (found,) = quality.quality(cast.actor(post), since=cast.clock.at - 40 * day, now=cast.clock.at)
    return found


# --- whose work, and why


def test_a_fault_names_the_person_whose_work_it_was(cast: Cast) -> None:
    walk = returned(cast, "S01", "V12")

    by_code = {row.fault.code: row.responsible for row in correction_queries.of_units([walk.volume_urn])}

    assert by_code == {
        "S01": (cast.actor(Post.HANDLER).staff_code,),
        "V12": (cast.actor(Post.FILER).staff_code,),
    }


@pytest.mark.acceptance("S3-F7", "S3-W7", "S3-R7")
def test_the_analysis_counts_by_cause_category_person_and_month(cast: Cast) -> None:
    answered(cast, returned(cast, "S01", "S01", "S01", no="SL-001"), Cause.HANDLING)
    returned(cast, "I06", no="SL-002")

    found = analysis(cast)

    handler = cast.actor(Post.HANDLER)
    assert (found.total, found.open_count, found.overdue_count) == (4, 1, 0)
    assert dict(found.causes) == {Cause.HANDLING: 3, None: 1}
    assert [(code, count) for code, _, count in found.categories] == [("01", 4)]
    assert [(code, count) for code, _, count in found.people] == [(handler.staff_code, 4)]
    assert [(one.staff_code, one.fault.code, one.count) for one in found.repeated] == [(handler.staff_code, "S01", 3)]
    (month,) = [counts for name, counts in found.months if name == f"{cast.clock.at:%Y-%m}"]
    assert {grade.value: count for grade, count in month.items()} == {"A": 3, "B": 1, "C": 0}


def test_what_is_past_its_day_counts_as_overdue(cast: Cast) -> None:
    returned(cast, "S01")
    cast.clock.at += dt.timedelta(days=9)

    assert analysis(cast).overdue_count == 1


def test_the_cause_is_said_with_the_answer_on_the_page_and_over_the_api(cast: Cast) -> None:
    walk = returned(cast, "S01", "S02")
    first, second = correction_queries.of_units([walk.volume_urn])
    page = cast.client(Post.FILER)
    api = cast.program(cast.actor(Post.FILER).staff_code)

    assert "扫描漏做" in page.get(f"/corrections/{first.pk}/").content.decode()
    page.post(f"/corrections/{first.pk}/answer/", {"answer": "已补盖", "cause": "SCANNING"})
    address = f"/api/v1/corrections/{second.pk}/answer"
    assert api.post(address, {"answer": "x", "cause": "?"}, content_type="application/json").status_code == 422
    api.post(address, {"answer": "已补签", "cause": "HISTORY"}, content_type="application/json")

    kept = {row.pk: row.cause for row in correction_queries.of_units([walk.volume_urn])}
    assert kept == {first.pk: Cause.SCANNING, second.pk: Cause.HISTORY}


def test_the_page_draws_the_months_and_offers_the_papers(cast: Cast) -> None:
    answered(cast, returned(cast, "S01"), Cause.DEVICE)

    shown = cast.client(Post.ACCEPTOR).get("/corrections/quality/?days=90").content.decode()

    assert "<svg" in shown and "设备 1" in shown and "整改意见书" in shown and "opinion.pdf?days=90" in shown


# --- papers


def paper_of(client: Client, paper: str, agency: str = "BH") -> str:
    answer = client.get(reverse("inspection:agency_paper", kwargs={"agency": agency, "paper": paper}))
    assert answer.status_code == 200, answer.content[:300]
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "private, no-store"
    return text_of(answer.content)


@pytest.mark.acceptance("S3-F5", "S3-F6")
def test_the_opinion_names_what_to_mend_by_whom_and_by_when_and_the_list_has_all(cast: Cast) -> None:
    walk = returned(cast, "S01", "I06")
    (row, _) = correction_queries.of_units([walk.volume_urn])
    acceptor = cast.client(Post.ACCEPTOR)

    opinion, listed = paper_of(acceptor, "opinion"), paper_of(acceptor, "problems")

    for text in (opinion, listed):
        assert "缺分中心经办专用章" in text and "影像模糊" in text and row.due_date.isoformat() in text
        assert cast.actor(Post.HANDLER).name in text and "补盖经办专用章后重扫该页" in text
    assert "下列2个问题尚未销号" in opinion and "共2个问题" in listed


@pytest.mark.acceptance("S3-F8", "S3-W8")
def test_what_was_mended_is_confirmed_once_somebody_looked_again(cast: Cast) -> None:
    walk = returned(cast, "S01")
    acceptor = cast.client(Post.ACCEPTOR)
    assert "共0个问题已销号" in paper_of(acceptor, "mended")
    answered(cast, walk, Cause.HANDLING)
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)
    builders.step_to(cast, State.SELF_CHECKED, walk)
    builders.step_to(cast, State.APPLIED, walk)
    builders.step_to(cast, State.PRE_ACCEPTED, walk)

    text = paper_of(acceptor, "mended")

    assert "共1个问题已销号" in text and "已补盖后重扫" in text and "经办漏做" in text
    assert cast.actor(Post.FILER).name in text and cast.actor(Post.ACCEPTOR).name in text
    assert "下列0个问题" in paper_of(acceptor, "opinion")


@pytest.mark.acceptance("S3-F7")
def test_the_printed_analysis_says_what_the_page_says(cast: Cast) -> None:
    answered(cast, returned(cast, "S01", "S01", "S01"), Cause.HANDLING)

    text = paper_of(cast.client(Post.SUPERVISOR), "analysis")

    assert "期间共提出问题3个" in text and "经办漏做" in text and "缺分中心经办专用章3次" in text
    assert f"{cast.clock.at:%Y-%m}" in text


def test_an_agency_without_a_fault_has_an_empty_report(cast: Cast) -> None:
    assert "期间共提出问题0个" in paper_of(cast.client(Post.SUPERVISOR), "analysis")


@pytest.mark.acceptance("S3-F3")
def test_the_acceptance_record_lists_items_pages_and_faults(cast: Cast) -> None:
    walk = at_state(cast, State.PRE_ACCEPTED)
    address = reverse("inspection:acceptance_record", kwargs={"urn": walk.volume_urn})

    text = text_of(cast.client(Post.ACCEPTOR).get(address).content)

    assert "案卷验收记录" in text and walk.reference in text and "纸质2页，影像2页，目录2页" in text
    assert cast.actor(Post.ACCEPTOR).name in text and "合格" in text


@pytest.mark.acceptance("S3-F4")
def test_the_recheck_record_is_there_once_somebody_rechecked(cast: Cast) -> None:
    early = at_state(cast, State.RECEIVED, "SL-001")
    address = reverse("inspection:recheck_record", kwargs={"urn": early.volume_urn})
    assert cast.client(Post.RECHECKER).get(address).status_code == 404
    builders.step_to(cast, State.HELD, early)

    text = text_of(cast.client(Post.RECHECKER).get(address).content)

    assert "案卷复核记录" in text and cast.actor(Post.RECHECKER).name in text


@pytest.mark.parametrize(
    ("post", "status"), [(Post.ACCEPTOR, 200), (Post.HANDLER, 403), (Post.AUDITOR, 403), (Post.SYSTEM_ADMIN, 403)]
)
def test_who_may_print_papers_of_an_agency(cast: Cast, post: Post, status: int) -> None:
    address = reverse("inspection:agency_paper", kwargs={"agency": "BH", "paper": "opinion"})
    assert cast.client(post).get(address).status_code == status
    assert Client().get(address).status_code == 302
    assert cast.client(Post.ACCEPTOR).post(address).status_code == 405


def test_papers_and_agencies_that_are_not_there(cast: Cast) -> None:
    day = dt.timedelta(days=1)
    for agency, paper in (("XX", "opinion"), ("BH", "poem")):
        with pytest.raises(Refusal) as caught:
            papers.agency_facts(cast.actor(Post.ACCEPTOR), agency, paper, since=cast.clock.at - day, now=cast.clock.at)
        assert caught.value.code == "R-009"


@pytest.mark.acceptance("S3-F3", "S3-F4")
@pytest.mark.parametrize("paper", ["acceptance_record", "recheck_record"])
def test_who_may_print_the_record_of_a_volume(cast: Cast, paper: str) -> None:
    walk = at_state(cast, State.HELD)
    address = reverse(f"inspection:{paper}", kwargs={"urn": walk.volume_urn})

    assert cast.client(Post.ARCHIVIST).get(address).status_code == 200
    assert cast.client(Post.SYSTEM_ADMIN).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert cast.client(Post.ARCHIVIST).post(address).status_code == 405


@pytest.mark.acceptance("S3-F3", "S3-F4")
def test_the_page_of_a_volume_leads_to_its_papers(cast: Cast) -> None:
    walk = at_state(cast, State.HELD)
    where = reverse("inspection:papers", kwargs={"urn": walk.volume_urn})
    client = cast.client(Post.ARCHIVIST)

    assert where in client.get(reverse("search:volume", kwargs={"urn": walk.volume_urn})).content.decode()
    piece = client.get(where, headers={"HX-Request": "true"}).content.decode()
    links = [
        reverse(f"inspection:{name}", kwargs={"urn": walk.volume_urn})
        for name in ("acceptance_record", "recheck_record")
    ]
    assert "<html" not in piece and all(link in piece for link in links)
    assert all(client.get(link).status_code == 200 for link in links)
    assert "返回案卷" in client.get(where).content.decode()
    assert cast.client(Post.SYSTEM_ADMIN).get(where).status_code == 404
    assert Client().get(where).status_code == 302
    assert (
        "尚无人签署"
        in client.get(reverse("inspection:papers", kwargs={"urn": sealed(cast, "SL-7").volume_urn})).content.decode()
    )
