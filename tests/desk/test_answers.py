"""Sentences answered with passages: off by default, rights first, each with its code and page."""

import argparse
import contextlib
import datetime as dt
import io
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import Settings

from anjuan.config import searching
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, Secrecy
from anjuan.facilities.answers import queries
from anjuan.facilities.answers.queries import Answered
from anjuan.facilities.search.queries import passages
from anjuan.facilities.secrecy import actions as secrecy
from anjuan.foundation.journal.models import Entry
from tests import answer_stage, builders
from tests.answer_stage import LI, WANG, recorded
from tests.builders import refused
from tests.cast import Cast
from tests.desk.test_search_words import caught_up

TODAY = dt.date(2026, 11, 23)
WHY = "王伟2019年退休时核定的待遇是什么依据？"


@pytest.fixture
def on(settings: Settings) -> None:
    settings.ANJUAN_ANSWERS = "passages"


def look_up(cast: Cast, sentence: str, post: Post = Post.HANDLER) -> Answered:
    return queries.look_up(cast.actor(post), sentence, today=TODAY)


def cited(answered: Answered) -> list[tuple[str, int]]:
    """Acceptance number and page of every passage, in order."""
    return [(passage.item.acceptance_no, passage.page) for passage in answered.passages]


def api(cast: Cast, post: Post = Post.HANDLER) -> Client:
    return cast.program(cast.actor(post).staff_code)


def ask_api(client: Client, sentence: str, **more: object) -> tuple[int, dict[str, object]]:
    answer = client.post("/api/v1/answers", {"sentence": sentence, **more}, content_type="application/json")
    return answer.status_code, answer.json()


def test_by_default_there_is_no_page_no_api_and_no_door(cast: Cast) -> None:
    client = cast.client(Post.HANDLER)

    assert client.get("/ask/", {"q": "王伟"}).status_code == 404
    assert client.post("/ask/", {"q": "王伟", "purpose": "x"}).status_code == 404
    assert Client().get("/ask/").status_code == 404, "nor does it ask to log in"
    assert ask_api(api(cast), "王伟")[0] == 404
    assert ask_api(api(cast), "王伟", composes=True, purpose="核对")[0] == 404
    assert "/ask/" not in client.get("/find/").content.decode()


def test_where_it_is_on_a_door_leads_to_it_for_those_who_work_with_records(cast: Cast, on: None) -> None:
    assert 'href="/ask/"' in cast.client(Post.HANDLER).get("/find/").content.decode()
    taken_along = cast.client(Post.HANDLER).get("/find/?q=王伟").content.decode()
    assert 'href="/ask/?q=%E7%8E%8B%E4%BC%9F"' in taken_along
    assert 'href="/ask/"' not in cast.client(Post.SYSTEM_ADMIN).get("/").content.decode()
    assert Client().get("/ask/").status_code == 302, "who is not logged in is asked to"


def test_a_sentence_is_answered_with_code_page_and_marked_words(cast: Cast, on: None) -> None:
    urns = recorded(cast)

    found = look_up(cast, WHY)

    assert found.asked == "姓名:王伟 年度:2019 (退休 OR 离休) (核定 OR 审核 OR 核准) 待遇"
    assert found.given_up == ()
    assert cited(found) == [("TX-1", 2), ("TX-1", 1)]
    first = found.passages[0]
    assert first.item.urn == urns["TX-1"] and "视同缴费年限十年" in first.text
    assert {"核定", "退休", "待遇"} <= set(first.marks)
    assert first.covered >= found.passages[1].covered
    assert found.counted == 4, "a time stands in no text"


def test_the_page_shows_how_it_was_asked_and_links_to_the_page_with_the_words_marked(cast: Cast, on: None) -> None:
    urns = recorded(cast)
    client = cast.client(Post.HANDLER)
    lines = Entry.objects.count()

    page = client.get("/ask/", {"q": WHY}).content.decode()

    assert f"/find/?q={quote('姓名:王伟 年度:2019', safe='')}".replace("%20", "+") in page
    assert f"/view/{quote(urns['TX-1'], safe=':')}/?page=2&amp;mark=" in page.replace("%3A", ":")
    assert "<mark>核定</mark>" in page and "第 2 页" in page and "TX-1" in page
    assert "依据" in page and "离休" in page, "what was left out, and what was added, is said"
    assert Entry.objects.count() == lines, "like a search"
    assert "请服务拟答" not in page, "no service is set up"
    english = client.get("/ask/", {"q": WHY}, headers={"Accept-Language": "en"}).content.decode()
    assert "Asked as" in english and "page 2" in english


def test_an_empty_page_asks_for_a_sentence_and_one_of_question_words_says_what_is_missing(cast: Cast, on: None) -> None:
    client = cast.client(Post.HANDLER)

    assert client.get("/ask/").status_code == 200
    answer = client.get("/ask/", {"q": "请问有哪些？"})
    assert answer.status_code == 422 and "X-105" in answer.content.decode()
    with refused("X-105"):
        look_up(cast, "请问有哪些？")
    with refused("X-001"):
        look_up(cast, "长" * 121)
    assert look_up(cast, "  ").asked == ""


def test_parts_are_given_up_softly_and_said_but_never_the_name(cast: Cast, on: None) -> None:
    recorded(cast)

    found = look_up(cast, "王伟2019年退休时在某某部门的奇怪经历")

    assert cited(found)[0][0] == "TX-1"
    assert [part.said for part in found.given_up] == ["奇怪经历", "部门"]
    assert "姓名:王伟" in found.asked and "年度:2019" in found.asked
    nobody = look_up(cast, f"{builders.number(77)}的退休")
    assert nobody.passages == () and nobody.asked.startswith("身份证:")
    page = cast.client(Post.HANDLER).get("/ask/", {"q": "王伟2019年退休时的奇怪经历"}).content.decode()
    assert "<strong>奇怪经历</strong>" in page


def test_what_was_given_up_still_says_which_page_comes_first(cast: Cast, on: None) -> None:
    recorded(cast)

    found = look_up(cast, "王伟的飞碟和基本养老金以及视同缴费年限")

    assert "飞碟" in [part.said for part in found.given_up]
    assert cited(found)[0] == ("TX-1", 2)
    assert "视同缴费年限" in found.passages[0].marks and found.passages[0].covered < found.counted


def test_what_the_catalogue_alone_tells_is_cited_as_that(cast: Cast, on: None) -> None:
    urn = builders.captured(cast, "SL-9", persons=(builders.person(9, "赵敏"),))
    caught_up()

    found = look_up(cast, "赵敏的参保人员登记")

    assert cited(found) == [("SL-9", 0)]
    assert "赵敏" in found.passages[0].marks
    page = cast.client(Post.HANDLER).get("/ask/", {"q": "赵敏的参保人员登记"}).content.decode()
    assert "著录" in page and f'href="/item/{urn}/"' in page


def test_numbers_of_persons_are_found_and_not_shown(cast: Cast, on: None) -> None:
    recorded(cast)

    found = look_up(cast, f"身份证{WANG.id_number}的退休审批表")

    assert ("TX-1", 1) in cited(found)
    said = "".join(passage.text for passage in found.passages)
    assert WANG.id_number not in said and WANG.id_number[-6:] not in said and "●●●" in said


def test_a_record_that_somebody_may_not_see_answers_him_nothing(
    cast: Cast, on: None, outsider: Callable[[Post], Client]
) -> None:
    recorded(cast)
    stranger = outsider(Post.HANDLER)

    page = stranger.get("/ask/", {"q": WHY}).content.decode()

    assert "TX-1" not in page and "视同" not in page
    assert "在档姓名" not in page, "nor that somebody of this name is on record"
    assert "没有查到您有权看的档案" in page
    status, told = ask_api(cast.program("hx-handler"), WHY)
    assert status == 200 and told["passages"] == [] and told["total"] == 0


def test_a_workshop_operator_asks_nothing(cast: Cast, on: None) -> None:
    operator = cast.actor(Post.PROCESSOR)

    with refused("A-001"):
        queries.look_up(operator, "王伟的退休", today=TODAY)
    assert cast.client(Post.PROCESSOR).get("/ask/", {"q": "王伟的退休"}).status_code == 403
    assert ask_api(api(cast, Post.PROCESSOR), "王伟的退休")[0] == 403


def test_pages_of_a_restricted_record_are_no_passages(cast: Cast, on: None) -> None:
    urns = recorded(cast, "TX-1", "TX-2")
    officer = cast.occasion(Post.SECURITY_OFFICER)
    secrecy.mark(occasion=officer, item_urn=urns["TX-1"], secrecy=Secrecy.SENSITIVE, reason="工伤病历")

    found = look_up(cast, WHY, Post.READING_DESK)

    assert cited(found) == [("TX-1", 0)]
    assert not any("视同" in passage.text for passage in found.passages)


def test_a_former_name_leads_to_the_record_as_in_search(cast: Cast, on: None) -> None:
    from anjuan.facilities.lives import actions as lives
    from anjuan.facilities.lives.rules import name_kind_of

    recorded(cast, "TX-1")
    lives.add_name(
        occasion=cast.occasion(Post.ARCHIVIST),
        subject=builders.subject_urn(WANG.id_number),
        name="王小伟",
        kind=name_kind_of("FORMER"),
        changed=None,
        reason="户口簿",
        evidence="TX-1",
    )
    caught_up()

    found = look_up(cast, "王小伟的退休")

    assert "姓名:王小伟" in found.asked and cited(found)[0][0] == "TX-1"


def test_many_namesakes_of_one_do_not_push_another_name_out(
    cast: Cast, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anjuan.records.queries import subjects

    for serial in range(1, 4):
        builders.register(cast, f"SL-{serial}", persons=(builders.person(serial, "李强"),))
    builders.register(cast, "SL-9", persons=(builders.person(9, "王伟"),))
    caught_up()
    monkeypatch.setattr(subjects, "MOST_NAMESAKES", 2)
    defaults = subjects.seen_subjects.__kwdefaults__ or {}
    monkeypatch.setattr(subjects.seen_subjects, "__kwdefaults__", {**defaults, "limit": 2})

    assert look_up(cast, "李强和王伟的登记").asked.startswith("(姓名:李强 OR 姓名:王伟)")


def test_the_api_tells_the_same_and_the_command_as_well(
    cast: Cast, on: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(cast)
    own = cast.hire("bh77", Post.HANDLER, "BH")
    parser = argparse.ArgumentParser()
    searching.add_to(parser.add_subparsers(), lambda: None, contextlib.nullcontext)

    def command(*more: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO("long-enough\n"))
        options = parser.parse_args(["search", "ask", "--staff", own, *more])
        return int(options.run(options))

    status, told = ask_api(cast.program(own), WHY)

    assert status == 200 and told["composed"] is None
    assert command("--json", WHY) == 0
    assert json.loads(capsys.readouterr().out) == told
    assert command(WHY) == 0
    assert "[1] TX-1  第 2 页" in (said := capsys.readouterr().out) and "姓名:王伟" in said
    assert command(f"{LI.name}的飞船") == 0
    assert "放弃 given up  飞船" in capsys.readouterr().out
    assert command("不存在的飞碟") == 1
    with pytest.raises(Refusal) as caught:
        command("--purpose", "核对", WHY)
    assert caught.value.code == "X-101"


def test_the_command_says_that_it_is_off(cast: Cast) -> None:
    parser = argparse.ArgumentParser()
    searching.add_to(parser.add_subparsers(), lambda: None, contextlib.nullcontext)
    options = parser.parse_args(["search", "ask", "--staff", "nobody", "王伟"])

    with refused("X-107"):
        options.run(options)


def test_while_the_index_is_lost_nothing_breaks(cast: Cast, on: None, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(cast, "TX-1")
    monkeypatch.setattr(passages, "index", _damaged)

    assert look_up(cast, WHY).passages == ()


def _damaged() -> object:
    from anjuan.facilities.search.backends import Damaged

    raise Damaged("search.db")


# What a sentence is expected to be answered with first, over the records of the stage.
PAIRS = [
    (WHY, ("TX-1", 2)),
    ("2020年以后有哪些工伤认定决定书", ("GS-1", 1)),
    ("王伟的工伤认定结果", ("GS-2", 1)),
    ("李强每月养老金多少", ("TX-2", 2)),
    ("李强领了几个月失业金", ("SY-1", 1)),
    ("买买提·艾力的养老关系什么时候转移过来的", ("ZY-1", 1)),
    ("江滨市第一纺织厂2021年以后退休的人", ("TX-2", 1)),
    ("王偉的工齡有幾年", ("TX-1", 1)),
    ("视同缴费年限是多少", ("TX-1", 2)),
    ("谁在2022年办了转移接续", ("ZY-1", 1)),
    ("SY-1核定了多长期限", ("SY-1", 2)),
]
# Said so that neither page nor bank has the words: what this cannot do, kept in sight.
MISSED = [
    ("2016年5月的失业登记", ("SY-1", 1)),  # the page says 失业保险金申领登记表, and nothing parts 失业 from 登记
    ("王伟什么时候开始上班的", ("TX-1", 1)),  # the page says 参加工作
    ("李强失业后领了一年的钱吗", ("SY-1", 2)),  # the page says 十二个月
]


def test_pairs_of_sentence_and_citation(cast: Cast, on: None) -> None:
    recorded(cast)

    first = {sentence: cited(look_up(cast, sentence))[:1] for sentence, _ in PAIRS}

    assert first == {sentence: [expected] for sentence, expected in PAIRS}


def test_sentences_in_other_words_than_the_page_are_missed(cast: Cast, on: None) -> None:
    recorded(cast)

    for sentence, wanted in MISSED:
        found = look_up(cast, sentence)
        assert found.given_up or wanted not in cited(found)[:1], sentence


def test_the_stage_has_every_kind_of_record() -> None:
    assert len(answer_stage.RECORDS) == 7
