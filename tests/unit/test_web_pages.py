"""The pages of the web kit without a database: shell, refusals and faults, my desk, the judge view."""

import datetime as dt
import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import timezone, translation

from anjuan.core.refusals import Obstacle, Refusal, catalogue
from anjuan.core.terms import Actor, Appointment, Post, State
from anjuan.foundation.web import panels, shapes, views
from anjuan.foundation.web.context import shell

CODE = sorted(catalogue())[0]

ARCHIVIST = Actor("S1", "周敏", "BH", "/SB/BH/", (Appointment(Post.ARCHIVIST, "BH", "/SB/BH/"),))
SEATED: list[Actor | None] = [ARCHIVIST]


# A small site round the kit ---------------------------------------------------------------------------------------


class _User:
    is_authenticated = True


class _Stranger:
    is_authenticated = False


class Seat:
    """Seats whoever the test says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SEATED[0]  # type: ignore[attr-defined]
        request.agency_name = "滨海分中心"  # type: ignore[attr-defined]
        request.user = _User() if SEATED[0] else _Stranger()  # type: ignore[assignment]
        return self.get_response(request)


def _refuse(request: HttpRequest) -> HttpResponse:
    raise Refusal(CODE)


def _unknown(request: HttpRequest) -> HttpResponse:
    raise Refusal("NO-SUCH-CODE")


def _fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("张三 110101199003071234")


def _page(request: HttpRequest) -> HttpResponse:
    return render(request, "web/base.html")


def _fragment(request: HttpRequest) -> HttpResponse:
    return render(request, "web/_error.html", {"title": "x"})


_desk_urls = [path("boxes/", _page, name="boxes"), path("", _page, name="home")]
urlpatterns = [
    path("", include("anjuan.foundation.web.urls")),
    path("transfer/", include((_desk_urls, "transfer"))),
    path("find/", _page, name="find"),
    path("in/", _page, name="in"),
    path("refuse/", _refuse),
    path("api/refuse/", _refuse),
    path("unknown/", _unknown),
    path("fail/", _fail),
    path("fragment/", _fragment),
]
handler404 = views.not_found
handler500 = views.server_error


@pytest.fixture
def site(settings: Any) -> Iterator[Client]:
    settings.ROOT_URLCONF = __name__
    settings.LOGIN_URL = "/in/"
    settings.PRACTICE = True
    settings.CSRF_FAILURE_VIEW = "anjuan.foundation.web.views.csrf_failure"
    settings.MIDDLEWARE = [
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        f"{__name__}.Seat",
        "anjuan.foundation.web.middleware.RefusalMiddleware",
    ]
    SEATED[0] = ARCHIVIST
    with panels.clean_board():
        panels.set_doors(search="find", log_in="in", log_out="")
        yield Client(raise_request_exception=False, headers={"accept-language": "zh-CN"})
    SEATED[0] = ARCHIVIST


def draw(source: str, **context: Any) -> str:
    with translation.override("zh-hans"):
        return Template(source).render(Context(context))


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup.replace("<wbr>", ""))))


# The shell --------------------------------------------------------------------------------------------------------


def _rail(title: str, name: str, *posts: Post, **more: Any) -> None:
    panels.register_rail(panels.RailEntry(title, name, "box", frozenset(posts), **more))


def test_the_rail_shows_only_the_doors_of_my_posts(site: Client) -> None:
    _rail("移交", "transfer:home", Post.ARCHIVIST, count=lambda actor: 7, hot=lambda actor: 1)
    _rail("审核", "transfer:boxes", Post.REVIEWER)
    _rail("检索", "find", group="USE")
    _rail("未建", "no:where")
    drawn = site.get("/find/").content.decode()

    assert ">移交<" in drawn and ">检索<" in drawn and ">审核<" not in drawn and ">未建<" not in drawn
    assert '<span class="n hot">7' in drawn
    assert "我的岗位" in drawn and "查用" in drawn
    assert panels.dead_ends() == ["no:where"]


def test_the_longest_address_is_where_we_are(site: Client) -> None:
    _rail("移交", "transfer:home", Post.ARCHIVIST)
    _rail("装盒", "transfer:boxes", Post.ARCHIVIST)
    drawn = site.get("/transfer/boxes/").content.decode()

    assert re.findall(r'href="([^"]+)" class="on" aria-current="page"', drawn) == ["/transfer/boxes/"]


def test_a_door_cannot_be_hung_twice(site: Client) -> None:
    _rail("移交", "transfer:home")
    with pytest.raises(ValueError, match="transfer:home"):
        _rail("又一个", "transfer:home")


def test_a_fragment_does_not_pay_for_the_rail(site: Client) -> None:
    asked: list[str] = []
    _rail("移交", "transfer:home", count=lambda actor: len(asked.append("counted") or asked))  # type: ignore[func-returns-value]

    site.get("/fragment/")
    assert asked == []
    site.get("/find/")
    assert asked == ["counted"]


def test_the_shell_names_the_person_the_practice_city_and_the_language(site: Client) -> None:
    chinese = site.get("/find/?q=张三").content.decode()
    english = site.get("/find/", headers={"accept-language": "en"}).content.decode()

    assert '<html lang="zh-Hans">' in chinese and "周敏 · 专职档案管理员" in chinese and "滨海分中心" in chinese
    assert "演示城市" in chinese and 'value="张三"' in chinese and 'class="skip"' in chinese
    assert '<html lang="en">' in english and "Practice city" in english


def test_the_practice_mark_is_gone_in_earnest(site: Client, settings: Any) -> None:
    settings.PRACTICE = False

    assert "演示城市" not in site.get("/find/").content.decode()


def test_the_shell_stands_without_the_accounts_middleware(site: Client) -> None:
    built = shell(RequestFactory().get("/nowhere/"))["shell"]

    assert built.who is None and list(built.groups) == [] and built.search_url == ""


# Refusals and faults ----------------------------------------------------------------------------------------------


def test_a_refused_page_says_code_sentence_clause_remedy_and_reference(site: Client) -> None:
    response = site.get("/refuse/", headers={"referer": "http://testserver/transfer/"})
    said = text(response.content.decode())

    entry = catalogue()[CODE]
    assert response.status_code == entry.status
    assert Refusal(CODE).message("zh") in said and Refusal(CODE).remedy("zh") in said and entry.clause in said
    assert CODE in said and re.search(r"R\d{8}-[0-9A-F]{8}", said)
    assert (
        'href="/transfer/"' in response.content.decode() or "http://testserver/transfer/" in response.content.decode()
    )


def test_the_way_back_never_leads_to_another_site(site: Client) -> None:
    drawn = site.get("/refuse/", headers={"referer": "http://testserver.evil.example/"}).content.decode()

    assert "evil" not in drawn


def test_a_refused_fragment_is_a_fragment(site: Client) -> None:
    response = site.get("/refuse/", headers={"hx-request": "true"})

    assert b"<html" not in response.content and b'class="refusal"' in response.content
    assert response["X-Refusal"] == CODE


@pytest.mark.parametrize(("address", "accept"), [("/api/refuse/", "*/*"), ("/refuse/", "application/json")])
def test_a_program_is_given_problem_details(site: Client, address: str, accept: str) -> None:
    response = site.get(address, headers={"accept": accept, "accept-language": "en"})
    problem = json.loads(response.content)

    assert response["Content-Type"] == "application/problem+json"
    assert problem["status"] == response.status_code == catalogue()[CODE].status
    assert problem["code"] == CODE and problem["detail"] == Refusal(CODE).message("en")
    assert problem["remedy"] == Refusal(CODE).remedy("en") and problem["instance"] == address
    assert {"type", "title", "clause"} <= set(problem)
    assert CODE in site.get(problem["type"]).content.decode()


def test_a_browser_that_also_takes_anything_gets_a_page(site: Client) -> None:
    response = site.get("/refuse/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("address", ["/fail/", "/unknown/"])
def test_a_fault_is_logged_with_the_number_that_the_page_shows(
    site: Client, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    response = site.get(address)
    number = re.search(r"F\d{8}-[0-9A-F]{8}", response.content.decode())

    assert response.status_code == 500 and number is not None
    assert any(number[0] in record.getMessage() and record.exc_info for record in caplog.records)
    assert "110101199003071234" not in response.content.decode()


def test_the_fault_page_does_not_ask_the_rail(site: Client) -> None:
    def broken(actor: Actor) -> int:
        raise RuntimeError("the database is away")

    _rail("移交", "transfer:home", count=broken)

    response = site.get("/find/")
    assert response.status_code == 500 and re.search(rb"F\d{8}-[0-9A-F]{8}", response.content)


def test_what_is_not_there_is_said_in_page_and_problem(site: Client) -> None:
    page = site.get("/nowhere/")
    problem = site.get("/api/nowhere/")

    assert page.status_code == problem.status_code == 404
    assert "这里没有内容" in page.content.decode()
    assert json.loads(problem.content)["status"] == 404


def test_an_expired_form_is_explained(site: Client) -> None:
    response = Client(enforce_csrf_checks=True, headers={"accept-language": "zh-CN"}).post("/find/")

    assert response.status_code == 403 and "表单已失效" in response.content.decode()


def test_an_unknown_refusal_code_has_no_page(site: Client) -> None:
    assert site.get("/refusals/NO-SUCH/").status_code == 404


# My desk ----------------------------------------------------------------------------------------------------------


def _row(code: str, **more: Any) -> shapes.QueueRow:
    return shapes.QueueRow(code, "企业职工退休待遇核定", f"/find/?c={code}", **more)


def _queue(title: str, name: str, rows: list[shapes.QueueRow], count: int | None = None, **more: Any) -> None:
    panels.register_queue(
        panels.DeskQueue(
            title,
            name,
            frozenset({Post.ARCHIVIST}),
            lambda actor: rows,
            lambda actor: len(rows) if count is None else count,
            **more,
        )
    )


def test_a_stranger_is_sent_to_log_in(site: Client) -> None:
    SEATED[0] = None
    response = site.get("/")

    assert response.status_code == 302 and response["Location"].startswith("/in/")


def test_a_person_without_posts_is_told_so(site: Client) -> None:
    SEATED[0] = Actor("S2", "李", "BH", "/SB/BH/")

    assert "您还没有岗位" in site.get("/").content.decode()


def test_my_desk_lists_my_queues_with_age_due_and_reason(site: Client) -> None:
    now = timezone.now()
    late = timezone.localdate() - dt.timedelta(days=1)
    _queue(
        "整改",
        "transfer:home",
        [_row("J001-1", state=State.RETURNED, stuck="缺章", since=now - dt.timedelta(days=3, minutes=1), due=late)],
        5,
    )
    _queue("移交", "transfer:boxes", [])
    panels.register_queue(
        panels.DeskQueue("别人的", "find", frozenset({Post.AUDITOR}), lambda a: [_row("X")], lambda a: 1)
    )
    said = text(site.get("/").content.decode())

    assert "整改 5 最早已等 3 天" in said and "1 件超期" in said and "全部 5" in said
    assert "J001-1" in said and "缺章" in said and "整改中" in said
    assert "没有待办： 移交" in said
    assert "别人的" not in said


def test_the_three_first_things_come_by_urgency_and_at_most_three(site: Client) -> None:
    today = timezone.localdate()
    _queue("甲", "transfer:home", [_row("1")])
    _queue("乙", "transfer:boxes", [_row("2", due=today)])
    _queue("丙", "find", [_row("3", state=State.RETURNED)])
    panels.register_first(lambda actor: [shapes.First("立卷 · 建议", "可组 18 卷", "", "/propose/", "查看", rank=3)])
    cards = re.findall(r'<p class="small muted">([^<]+)</p><h2>', site.get("/").content.decode())

    assert cards == ["乙 · 今天到期", "丙 · 有退回", "甲 · 待办"]


def test_a_room_that_names_its_own_first_thing_is_not_doubled(site: Client) -> None:
    _queue("甲", "transfer:home", [_row("1")])
    panels.register_first(lambda actor: [shapes.First("甲", "先做这个", "", "/transfer/", "去做", rank=0)])
    cards = re.findall(r'<p class="small muted">([^<]+)</p><h2>', site.get("/").content.decode())

    assert cards == ["甲"]


def test_rows_are_not_asked_for_where_nothing_waits(site: Client) -> None:
    def rows(actor: Actor) -> list[shapes.QueueRow]:
        raise AssertionError("asked")

    panels.register_queue(panels.DeskQueue("空", "find", frozenset({Post.ARCHIVIST}), rows, lambda actor: 0))

    assert "没有待办" in site.get("/").content.decode()


def test_the_flow_and_the_numbers_open_their_lists(site: Client) -> None:
    panels.register_flow(lambda actor: [(State.HELD, 1860), (State.COLLECTING, 12)], "find")
    panels.register_number(
        panels.DeskNumber("今日立卷", "transfer:home", frozenset({Post.ARCHIVIST}), lambda actor, day: 14)
    )
    drawn = site.get("/").content.decode()

    assert drawn.index("/find/?state=COLLECTING") < drawn.index("/find/?state=HELD")
    assert "1,860" in drawn and 'width="100"' in drawn and 'width="2"' in drawn
    assert "今日立卷" in drawn and 'href="/transfer/"' in drawn


def test_panels_are_loaded_by_address_and_only_for_their_posts(site: Client) -> None:
    panels.register_panel(panels.Panel("record.aside", "借阅", "transfer:home", frozenset({Post.ARCHIVIST})))
    panels.register_panel(panels.Panel("record.aside", "密", "find", frozenset({Post.AUDITOR})))
    request = RequestFactory().get("/")
    request.actor = ARCHIVIST  # type: ignore[attr-defined]
    drawn = draw('{% panels "record.aside" %}', request=request)

    assert 'hx-get="/transfer/"' in drawn and "密" not in drawn


# The judge view ---------------------------------------------------------------------------------------------------


def _judging(**more: Any) -> shapes.Judging:
    box = shapes.Box(0.1, 0.25, 0.5, 0.05, 1, missing=True, words='应有"章"<b>')
    given: dict[str, Any] = {
        "pages": [
            shapes.PageImage("006", "/judge/?page=006", "/img/6.jpg"),
            shapes.PageImage(
                "007", "/judge/?page=007", "/img/7.jpg", tiles_url="/img/7.dzi", boxes=[box], tone="bad", component="c7"
            ),
        ],
        "current": 1,
        "doubts": [
            shapes.Doubt(
                1,
                "未见专用章",
                "S01",
                "",
                "007",
                [shapes.Choice("m", "确实缺章"), shapes.Choice("o", "在别处")],
                "/answer/1/",
            )
        ],
        "accept_url": "/accept/",
        "return_url": "/return/",
        "faults": [shapes.Fault("S01", "缺章")],
        "blocked": [shapes.Missing(Obstacle(CODE), "#doubt-1")],
    }
    return shapes.Judging(**{**given, **more})


def _judge(judging: shapes.Judging) -> str:
    with translation.override("zh-hans"):
        request = RequestFactory().get("/")
        return render(request, "web/judge.html", {"judging": judging}).content.decode()


def test_the_judge_view_works_as_plain_forms_and_an_image(site: Client) -> None:
    drawn = _judge(_judging())

    assert '<img src="/img/7.jpg" alt="第 007 页">' in drawn and 'href="/judge/?page=006"' in drawn
    assert 'style="left:10.000%;top:25.000%;width:50.000%;height:5.000%"' in drawn and "evidence bad missing" in drawn
    assert 'action="/accept/" method="post"' in drawn and 'action="/return/" method="post"' in drawn
    assert 'name="choice" value="m"' in drawn and '<option value="S01">' in drawn
    for name in ("fault", "page", "component", "note", "box_x", "box_y", "box_w", "box_h"):
        assert f'name="{name}"' in drawn
    assert re.search(r"<button[^>]*disabled", drawn) and 'href="#doubt-1"' in drawn


def test_the_boxes_reach_the_script_whole(site: Client) -> None:
    sent = re.findall(r'data-boxes="([^"]*)"', _judge(_judging()))

    assert json.loads(html.unescape(sent[0])) == []
    assert json.loads(html.unescape(sent[1])) == [
        {"x": 0.1, "y": 0.25, "w": 0.5, "h": 0.05, "number": 1, "tone": "bad", "missing": True, "words": '应有"章"<b>'}
    ]


def test_who_may_only_look_gets_no_verdicts(site: Client) -> None:
    drawn = _judge(_judging(accept_url="", return_url="", blocked=[]))

    assert 'action="/accept/"' not in drawn and 'id="return"' not in drawn and 'data-do="draw"' not in drawn


def test_a_record_without_pages_still_opens(site: Client) -> None:
    assert "还没有页面影像" in _judge(_judging(pages=[], current=0))


def test_an_answer_brings_the_doubt_and_the_verdict(site: Client) -> None:
    with translation.override("zh-hans"):
        doubt = shapes.Doubt(1, "未见专用章", choices=[shapes.Choice("m", "确实缺章")], answer_url="/a/", answered="m")
        context = {"judging": _judging(doubts=[doubt], blocked=[]), "doubt": doubt}
        drawn = render(RequestFactory().get("/"), "web/parts/judge_answer.html", context).content.decode()

    assert "answered" in drawn and 'aria-pressed="true"' in drawn and drawn.count("hx-swap-oob") == 3
    assert "disabled" not in drawn and "存疑已全部回答" in drawn
