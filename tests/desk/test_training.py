"""Training (培训): sessions proposed from where faults came from, planned, held, called off; who came; the record."""

import datetime as dt
import html
import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.training import actions, queries, rules
from anjuan.desks.training.models import Attendance, TrainingSession
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.corrections.models import Correction
from anjuan.facilities.corrections.queries import quality
from anjuan.facilities.corrections.rules import Cause
from tests import builders
from tests.builders import at_state, fault, one_line, refused
from tests.cast import Cast

BOARD = "/training/"


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def mended(cast: Cast, cause: Cause | None, *codes: str, n: int = 1) -> None:
    """A volume that went back with these faults; whoever mended them said where they came from."""
    walk = at_state(cast, State.FILED, f"SL-{n:03}", persons=(builders.person(n),))
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER),
        volume_urn=walk.volume_urn,
        faults=[fault(walk.item_urn, code) for code in codes],
    )
    for row in correction_queries.of_units([walk.volume_urn]):
        corrections.answer_fault(occasion=cast.occasion(Post.FILER), pk=row.pk, answer="已补", cause=cause)


def plan(cast: Cast, who: Post = Post.SUPERVISOR, **more: Any) -> queries.SessionRow:
    said: dict[str, Any] = {
        "agency_code": "BH",
        "cause": "HANDLING",
        "topic": "经办环节不漏章",
        "on_date": cast.today(),
        "place": "二楼会议室",
        "trainer": "周复核",
    }
    return actions.plan_session(occasion=cast.occasion(who), **{**said, **more})


def hold(cast: Cast, session_no: str, *people: str, who: Post = Post.SUPERVISOR, **more: Any) -> None:
    said: dict[str, Any] = {"held_date": cast.today(), "attended": people}
    actions.hold_session(occasion=cast.occasion(who), session_no=session_no, **{**said, **more})


def called(cast: Cast) -> list[tuple[str, str, int]]:
    found = queries.proposals(cast.actor(Post.SUPERVISOR), now=cast.clock.at)
    return [(root.agency_code, root.cause, root.count) for root in found]


# --- what calls for a session


def test_a_cause_with_three_faults_calls_for_a_session_unless_one_is_planned() -> None:
    needs = [
        rules.Need("BH", "HANDLING", 3, is_planned=False),
        rules.Need("BH", "SCANNING", 9, is_planned=False),
        rules.Need("HX", "SCANNING", 9, is_planned=True),
        rules.Need("HX", "RULES", 2, is_planned=False),
    ]

    assert [(need.agency_code, need.cause) for need in rules.calls_for(needs)] == [
        ("BH", "SCANNING"),
        ("BH", "HANDLING"),
    ]


@pytest.mark.acceptance("S3-R11", "S3-P7")
def test_sessions_are_proposed_from_the_root_causes_of_confirmed_faults(cast: Cast) -> None:
    mended(cast, Cause.HANDLING, "S01", "S01", "D05")
    mended(cast, Cause.SCANNING, "I06", "I06", n=2)
    mended(cast, None, "S01", "S01", "S01", n=3)

    (root,) = queries.proposals(cast.actor(Post.SUPERVISOR), now=cast.clock.at)

    handler = cast.actor(Post.HANDLER).staff_code
    assert (root.agency_code, root.cause, root.count) == ("BH", Cause.HANDLING, 3)
    assert [(one.code, count) for one, count in root.faults] == [("S01", 2), ("D05", 1)]
    assert root.people == ((handler, 3),)
    Correction.objects.update(raised_at=cast.clock.at - dt.timedelta(days=91))
    assert called(cast) == []


def test_faults_from_before_a_session_do_not_call_for_another(cast: Cast) -> None:
    mended(cast, Cause.HANDLING, "S01", "S01", "S01")
    assert called(cast) == [("BH", "HANDLING", 3)]

    session = plan(cast)
    while_planned = called(cast)
    cast.clock.at += dt.timedelta(minutes=5)
    hold(cast, session.session_no, cast.actor(Post.HANDLER).staff_code)
    cast.clock.at += dt.timedelta(minutes=5)
    mended(cast, Cause.HANDLING, "S01", "S01", n=2)
    after_two = called(cast)
    mended(cast, Cause.HANDLING, "S01", n=3)

    assert while_planned == after_two == []
    assert called(cast) == [("BH", "HANDLING", 3)]


def test_a_session_that_was_called_off_settles_nothing(cast: Cast) -> None:
    mended(cast, Cause.HANDLING, "S01", "S01", "S01")
    session = plan(cast)

    actions.cancel_session(occasion=cast.occasion(Post.SUPERVISOR), session_no=session.session_no, reason="改期")

    assert called(cast) == [("BH", "HANDLING", 3)]


# --- the sessions


@pytest.mark.acceptance("S3-R11", "S3-F14", "S0-F10")
def test_a_session_is_planned_for_its_faults_held_and_attended(cast: Cast) -> None:
    mended(cast, Cause.HANDLING, "S01", "S01", "S01")
    handler, filer = cast.actor(Post.HANDLER).staff_code, cast.actor(Post.FILER).staff_code

    with one_line("training.plan_session"):
        session = plan(cast)
    with one_line("training.hold_session"):
        hold(cast, session.session_no, handler, filer, handler, note="讲了盖章")
    found = queries.session(cast.actor(Post.SUPERVISOR), session.session_no)

    assert session.session_no == f"PX-{cast.today():%Y}-001" and session.is_open
    assert session.reason.startswith("近 90 天 3 个问题：S01 ")
    assert found.attended == tuple(sorted({handler, filer})) and found.held_date == cast.today()
    assert not found.is_open and Attendance.objects.count() == 2
    with refused("L-001"):
        hold(cast, session.session_no, handler)
    with refused("L-001"):
        actions.cancel_session(occasion=cast.occasion(Post.SUPERVISOR), session_no=session.session_no, reason="x")


def test_what_cannot_be_planned_or_recorded_is_refused(cast: Cast) -> None:
    day = dt.timedelta(days=1)
    wrong: dict[str, dict[str, Any]] = {
        "W-020": {"on_date": cast.today() - day},
        "W-023": {"cause": "WEATHER"},
        "R-009": {"agency_code": "none"},
        "R-010": {"topic": " "},
    }
    for code, more in wrong.items():
        with refused(code):
            plan(cast, **more)
    session = plan(cast, cause="")
    handler = cast.actor(Post.HANDLER).staff_code
    assert session.reason == ""
    with refused("W-020"):
        hold(cast, session.session_no, handler, held_date=cast.today() + day)
    with refused("W-021"):
        hold(cast, session.session_no)
    with refused("W-022"):
        hold(cast, session.session_no, "sj01")
    with refused("W-024"):
        queries.record_facts(session)
    with refused("R-009"):
        hold(cast, "PX-none", handler)
    with refused("R-010"):
        actions.cancel_session(occasion=cast.occasion(Post.SUPERVISOR), session_no=session.session_no, reason="")
    with one_line("training.cancel_session"):
        actions.cancel_session(occasion=cast.occasion(Post.SUPERVISOR), session_no=session.session_no, reason="改期")
    assert TrainingSession.objects.get().cancel_reason == "改期" and Attendance.objects.count() == 0


def test_who_left_is_not_on_the_list(cast: Cast) -> None:
    names = queries.people_of(cast.actor(Post.HANDLER).agency_path)

    assert names[cast.actor(Post.HANDLER).staff_code] == cast.actor(Post.HANDLER).name
    assert cast.actor(Post.ACCEPTOR).staff_code not in names


# --- pages, paper, API


def test_the_pages_plan_record_and_print(cast: Cast) -> None:
    mended(cast, Cause.HANDLING, "S01", "S01", "S01")
    leader = cast.client(Post.SUPERVISOR)
    handler = cast.actor(Post.HANDLER)
    form = {"agency": "BH", "cause": "HANDLING", "topic": "不漏章", "place": "会议室", "trainer": "周复核"}

    called_for = text_of(leader.get(BOARD))
    assert "经办漏做" in called_for or "S01" in called_for
    filled = text_of(leader.get(BOARD + "?agency=BH&cause=HANDLING"))
    assert '<option value="HANDLING" selected>' in filled
    for wrong in ("2026-02-30", "", "2001-01-01"):
        no = leader.post(BOARD + "plan/", {**form, "date": wrong})
        assert no.status_code == 422 and "W-020" in text_of(no) and 'value="不漏章"' in text_of(no)
    planned = leader.post(BOARD + "plan/", {**form, "date": cast.today().isoformat()})
    address = planned["Location"].split("?")[0]
    shown = text_of(leader.get(planned["Location"]))
    assert handler.name in shown and "S01" in shown and "已列入计划" in shown
    assert leader.get(address.rstrip("/") + ".pdf").status_code == 409
    nobody = leader.post(address + "hold/", {"date": cast.today().isoformat(), "note": "说明"})
    assert nobody.status_code == 422 and "W-021" in text_of(nobody) and "说明" in text_of(nobody)
    came = leader.post(address + "hold/", {"date": cast.today().isoformat(), "came": handler.staff_code})
    pdf = leader.get(address.rstrip("/") + ".pdf").content
    said = "".join(
        "".join(one.get_textpage().get_text_bounded().split()) for one in pypdfium2.PdfDocument(io.BytesIO(pdf))
    )
    assert came.status_code == 302 and handler.name in said and "不漏章" in said and "培训记录" in said
    assert leader.post(address + "cancel/", {"reason": "x"}).status_code == 409


def test_the_desk_is_shown_to_its_posts_only(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    session = plan(cast)
    page = reverse("training:session", kwargs={"session_no": session.session_no})
    hold(cast, session.session_no, cast.actor(Post.HANDLER).staff_code)
    pdf = reverse("training:record", kwargs={"session_no": session.session_no})
    posts = (Post.SUPERVISOR, Post.RECHECKER, Post.ARCHIVIST, Post.KEEPER, Post.SYSTEM_ADMIN)

    for address in (BOARD, page, pdf):
        assert [cast.client(post).get(address).status_code for post in posts] == [200, 200, 200, 403, 404]
        assert Client().get(address).status_code == 302
    form = {
        "agency": "BH",
        "topic": "x",
        "date": "2099-01-01",
        "place": "x",
        "trainer": "x",
        "came": "x",
        "reason": "x",
    }
    for address in (BOARD + "plan/", page + "hold/", page + "cancel/"):
        assert [cast.client(post).post(address, form).status_code for post in posts[2:]] == [403, 403, 404]
        assert Client().post(address, form).status_code == 302
    assert BOARD + "plan/" not in text_of(cast.client(Post.ARCHIVIST).get(BOARD))
    stranger = outsider(Post.SUPERVISOR)
    assert stranger.get(page).status_code == 404 and session.session_no not in text_of(stranger.get(BOARD))
    assert stranger.post(BOARD + "plan/", form).status_code == 403
    assert stranger.post(page + "hold/", form).status_code == stranger.post(page + "cancel/", form).status_code == 404


def test_the_board_is_read_in_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for topic in "甲乙丙丁":
        session = plan(cast, topic=topic)
        hold(cast, session.session_no, cast.actor(Post.HANDLER).staff_code)
    leader = cast.client(Post.SUPERVISOR)

    with django_assert_max_num_queries(34):
        answer = leader.get(BOARD)

    assert text_of(answer).count("PX-") >= 4


def test_the_api_proposes_plans_and_records(cast: Cast) -> None:
    mended(cast, Cause.HANDLING, "S01", "S01", "S01")
    program = cast.program(cast.actor(Post.SUPERVISOR).staff_code)
    handler = cast.actor(Post.HANDLER).staff_code
    base = "/api/v1/training/sessions"
    day = cast.today().isoformat()
    body = {"agency_code": "BH", "cause": "HANDLING", "topic": "x", "on_date": day, "place": "x", "trainer": "x"}

    proposed = program.get("/api/v1/training/proposals").json()
    numbers = [program.post(base, body, content_type="application/json").json()["session_no"] for _ in range(2)]
    held = {"held_date": day, "attended": [handler]}
    came = program.post(f"{base}/{numbers[0]}/hold", held, content_type="application/json")
    away = program.post(f"{base}/{numbers[1]}/cancel", {"reason": "改期"}, content_type="application/json")
    listed = {row["session_no"]: row for row in program.get(base).json()}

    assert proposed == [
        {"agency_code": "BH", "cause": "HANDLING", "count": 3, "faults": {"S01": 3}, "people": {handler: 3}}
    ]
    assert came.status_code == away.status_code == 204
    assert listed[numbers[0]]["attended"] == [handler] and listed[numbers[1]]["cancel_reason"] == "改期"
    assert quality.roots(cast.actor(Post.SUPERVISOR), cast.clock.at, {}) == []
