"""Helpers of the archive at an agency: what they may do, what is no work of theirs, and who is told."""

import pytest
from django.test import Client

from anjuan.config import followers
from anjuan.core.terms import Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing.actions import sealing
from anjuan.desks.intake import actions as intake
from anjuan.desks.review import actions as review
from anjuan.facilities.notices import queries as notices
from anjuan.facilities.notices.queries import Shown
from anjuan.facilities.workload import actions, queries, rules, tasks
from anjuan.facilities.workload.models import Diversion
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


@pytest.fixture
def helper(cast: Cast) -> str:
    return cast.hire("bh88", Post.ASSISTANT, "BH")


def diverted(cast: Cast, helper: str) -> Diversion:
    """A helper whom the office made a reviewer as well, and who reviews."""
    cast.promote(helper, Post.REVIEWER, "BH")
    urn = builders.submitted(cast, "SL-900")
    review.pass_item(occasion=builders.look_through(cast, helper, urn), urn=urn)
    assert tasks.scan() == 1
    return Diversion.objects.get()


@pytest.mark.acceptance("S3-R6")
def test_a_helper_scans_for_the_handler_and_takes_in_nothing(cast: Cast, helper: str) -> None:
    urn = builders.register(cast)
    client = cast.client_of(helper)

    intake.capture(occasion=cast.occasion_of(helper), urn=urn, uploads=[builders.upload("MAIN_FORM")])
    page = client.get(f"/intake/{urn}/").content.decode()

    assert len(builders.components_of(urn)) == 1
    assert "提交审核" not in page and client.get("/intake/").status_code == 200
    assert client.get("/intake/register/PERSON_REGISTRATION/").status_code == 403
    with refused("A-001"):
        intake.register(
            occasion=cast.occasion_of(helper),
            agency_code="BH",
            registration=builders.registration("SL-2", persons=(builders.person(2),)),
        )
    intake.capture(occasion=cast.occasion_of(helper), urn=urn, uploads=[builders.upload("ID_CARD")])
    with refused("L-003"):
        intake.submit(occasion=cast.occasion_of(helper), urn=urn)


def test_who_scanned_does_not_review(cast: Cast, helper: str) -> None:
    urn = builders.register(cast)
    intake.capture(
        occasion=cast.occasion_of(helper),
        urn=urn,
        uploads=[builders.upload("MAIN_FORM"), builders.upload("ID_CARD")],
    )
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    cast.promote(helper, Post.REVIEWER, "BH")
    with refused("L-005"):
        review.pass_item(occasion=builders.look_through(cast, helper, urn), urn=urn)
    assert builders.states(urn) == {State.IN_REVIEW}


@pytest.mark.acceptance("S3-P6", "S3-F16")
def test_other_work_is_noted_once_and_the_supervisor_is_told(cast: Cast, helper: str) -> None:
    row = diverted(cast, helper)

    assert (row.staff_code, row.agency_code, row.acts) == (helper, "BH", 1)
    assert tasks.scan() == 0
    supervisor = cast.client(Post.SUPERVISOR)
    page = supervisor.get("/workload/").content.decode()
    assert "档案辅助人员做了其他工作" in supervisor.get("/notices/").content.decode()
    assert "演员bh88" in page and "越岗" in page
    assert queries.open_diversions(cast.actor(Post.SUPERVISOR)) == 1


@pytest.mark.acceptance("S3-P6")
def test_the_supervisor_explains_and_the_notice_ends(cast: Cast, helper: str) -> None:
    row = diverted(cast, helper)
    supervisor = cast.client(Post.SUPERVISOR)

    assert supervisor.post(f"/workload/helpers/{row.pk}/explain/", {"explanation": " "}).status_code == 422
    with one_line("workload.explain"):
        supervisor.post(f"/workload/helpers/{row.pk}/explain/", {"explanation": "临时替班一天，已纠正"})

    row.refresh_from_db()
    assert row.explanation == "临时替班一天，已纠正"
    assert queries.open_diversions(cast.actor(Post.SUPERVISOR)) == 0
    with refused("L-001"):
        actions.explain(occasion=cast.occasion(Post.SUPERVISOR), pk=row.pk, explanation="再说一次")
    followers.run_once()
    assert not notices.list_for(cast.actor(Post.SUPERVISOR), Shown.OPEN, today=occasions.today())


def test_a_day_is_not_noted_twice(cast: Cast, helper: str) -> None:
    row = diverted(cast, helper)
    with refused("O-102"):
        actions.note_diversion(
            occasion=occasions.now(tasks.WORKER), staff_code=helper, agency_code="BH", date=row.date, acts=1
        )


def test_nobody_else_explains_or_sees_it(cast: Cast, helper: str) -> None:
    row = diverted(cast, helper)
    with refused("A-001"):
        actions.explain(occasion=cast.occasion(Post.ARCHIVIST), pk=row.pk, explanation="说明")
    cast.found_elsewhere()
    cast.hire("hx-lead", Post.SUPERVISOR, "HX")
    with refused("R-009"):
        queries.get_for(cast.occasion_of("hx-lead").actor, row.pk)
    assert "演员bh88" not in cast.client_of("hx-lead").get("/workload/").content.decode()
    assert Client().get("/workload/").status_code == 302


def test_a_clerk_sees_his_own_line_only(cast: Cast) -> None:
    builders.submitted(cast)
    first = occasions.today().replace(day=1)
    _, until = rules.month("", occasions.today())
    mine = queries.ledger(cast.actor(Post.HANDLER), first, until)
    assert [line.staff_code for line in mine.lines] == [cast.actor(Post.HANDLER).staff_code]


@pytest.mark.acceptance("S3-F16")
def test_pages_and_days_stand_in_the_ledger_and_in_the_table(cast: Cast) -> None:
    builders.captured(cast, "SL-1")
    builders.captured(cast, "SL-2")
    code = cast.actor(Post.HANDLER).staff_code
    first, until = rules.month("", occasions.today())
    found = queries.ledger(cast.actor(Post.SUPERVISOR), first, until)
    (line,) = [one for one in found.lines if one.staff_code == code]
    assert (line.pages, line.days, line.elsewhere) == (4, 1, 0)
    sheet = cast.client(Post.SUPERVISOR).get("/workload/ledger.csv").content.decode("utf-8-sig")
    assert f"{code}," in sheet and sheet.splitlines()[0].startswith("工号,姓名")
    program = cast.program(cast.actor(Post.SUPERVISOR).staff_code)
    told = {one["staff_code"]: one for one in program.get(f"/api/v1/workload/{first:%Y-%m}").json()}
    assert told[code]["pages"] == 4 and told[code]["rooms"]["intake"] == line.acts


def test_the_ledger_asks_few_questions(cast: Cast, django_assert_max_num_queries: object) -> None:
    for place in range(6):
        builders.submitted(cast, f"SL-{place}")
    first, until = rules.month("", occasions.today())
    actor = cast.actor(Post.SUPERVISOR)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        queries.ledger(actor, first, until)
    assert accounts.stations_of(None, Post.ASSISTANT, first, until) == {"bh08": "BH"}


@pytest.mark.acceptance("S3-R6")
def test_a_helper_arranges_a_volume_and_seals_nothing(cast: Cast, helper: str) -> None:
    first, second = builders.reviewed(cast, "SL-1"), builders.reviewed(cast, "SL-2")
    client = cast.client_of(helper)
    assert client.get("/filing/").status_code == 200

    opened = filing.open_volume(occasion=cast.occasion_of(helper), item_urns=[first, second])
    filing.arrange(occasion=cast.occasion_of(helper), volume_urn=opened.urn, item_urns=[second, first])
    filing.release(occasion=cast.occasion_of(helper), item_urn=first)
    filing.add_item(occasion=cast.occasion_of(helper), volume_urn=opened.urn, item_urn=first)

    assert "/seal/" not in client.get(f"/filing/{opened.urn}/").content.decode()
    assert client.post(f"/filing/{opened.urn}/seal/").status_code == 403
    with refused("A-001"):
        sealing.seal(occasion=cast.occasion_of(helper), volume_urn=opened.urn)
    assert "/seal/" in cast.client(Post.FILER).get(f"/filing/{opened.urn}/").content.decode()
