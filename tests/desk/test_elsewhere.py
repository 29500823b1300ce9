"""Other archives are asked along: what they say stands side by side, and who has said nothing is named (S1, row 82)."""

import contextlib
import dataclasses
import datetime as dt
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from anjuan.bridges.exchange import actions, backends, queries
from anjuan.bridges.exchange.rules import MOST_ROWS, Column, Reply, ReplyOutcome, Site
from anjuan.config import doctor, lan
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.foundation.journal.models import Entry, PrivateValue
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.desk import archive_double as double
from tests.desk.archive_double import answered
from tests.desk.test_search_words import caught_up

NUMBER = builders.person(1).id_number


@pytest.fixture(autouse=True)
def no_sessions() -> Iterator[None]:
    backends.forget_sessions()
    yield
    backends.forget_sessions()


def ask(cast: Cast, *sites: str, asked: str = "张三", post: Post = Post.READING_DESK) -> actions.Gathered:
    return actions.ask(occasion=cast.occasion(post), asked=asked, purpose="异地核实工龄", sites=sites or ("LX",))


def outcome_of(cast: Cast, home: Path, behaves: double.Behaving, *, seconds: float = 5) -> actions.Gathered:
    with double.archive(behaves) as away:
        double.named(home, ("LX", away), seconds=seconds)
        return ask(cast)


def test_what_several_archives_say_stands_side_by_side(cast: Cast, home: Path) -> None:
    with (
        double.archive(double.answering(double.answer(2))) as one,
        double.archive(double.answering(double.answer(0, is_index_whole=False))) as other,
    ):
        double.named(home, ("LX", one), ("HX", other))
        gathered = ask(cast, "HX", "LX")

    assert [(reply.site.key, reply.outcome) for reply in gathered.replies] == [
        ("LX", ReplyOutcome.ANSWERED),
        ("HX", ReplyOutcome.ANSWERED),
    ]
    first, second = (reply.found for reply in gathered.replies)
    assert first is not None
    assert second is not None
    assert [row[Column.TITLE] for row in first.rows] == ["张三退休核定 0", "张三退休核定 1"]
    assert (second.rows, second.is_index_whole) == ((), False)
    assert (gathered.total, gathered.missing) == (2, ())


def test_it_is_put_down_before_anything_leaves_and_masked(cast: Cast, home: Path) -> None:
    seen: list[list[str]] = []
    with double.archive(double.answering(double.answer())) as away:
        double.named(home, ("LX", away))
        spoken = backends.ask_all

        def watched(*given: Any, **named: Any) -> Any:
            seen.append(list(Entry.objects.order_by("id").values_list("act", flat=True)))
            return spoken(*given, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(backends, "ask_all", watched)
            ask(cast, asked=NUMBER)

    assert seen[0][-1] == "exchange.ask"
    assert list(Entry.objects.order_by("id").values_list("act", flat=True))[-2:] == [
        "exchange.ask",
        "exchange.note_replies",
    ]
    uids = Entry.objects.filter(act__startswith="exchange.").values_list("uid", flat=True)
    said = " ".join(PrivateValue.objects.filter(entry_uid__in=list(uids)).values_list("value", flat=True))
    assert NUMBER not in said
    assert "异地核实工龄" in said
    assert "LX:ANSWERED:1" in said
    (question,) = away.questions
    assert question["asked"] == NUMBER  # the other archive looks it up
    assert question["purpose"] == "异地核实工龄"
    assert cast.actor(Post.READING_DESK).staff_code in question["asker"]


@pytest.mark.parametrize("behaves", [double.silent, double.dripping, double.dripping_heads])
def test_an_archive_that_keeps_us_waiting_is_given_up(cast: Cast, home: Path, behaves: double.Behaving) -> None:
    """It would answer well in the end: whoever waited for that would have its answer."""
    with double.archive(double.answering(double.answer())) as well, double.archive(behaves) as away:
        double.named(home, ("LX", well), ("HX", away), seconds=1)
        gathered = ask(cast, "LX", "HX")

        assert [reply.outcome for reply in gathered.replies] == [ReplyOutcome.ANSWERED, ReplyOutcome.TIMED_OUT]
        assert [reply.site.key for reply in gathered.missing] == ["HX"]
        assert _at_rest()  # while it still talks


def _at_rest() -> bool:
    """Whether no thread is left that still listens to an archive."""
    for _ in range(100):
        if not [thread for thread in threading.enumerate() if "_speak" in thread.name]:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("behaves", "outcome"),
    [
        (double.hanging_up, ReplyOutcome.UNREADABLE),
        (double.saying(b"<html>"), ReplyOutcome.UNREADABLE),
        (double.saying(b"[" * 200_000), ReplyOutcome.UNREADABLE),
        (double.saying(b" " * (2 << 20)), ReplyOutcome.UNREADABLE),
        (double.saying(b"\xff\xfe"), ReplyOutcome.UNREADABLE),
        (double.answering({"rows": "none"}), ReplyOutcome.UNREADABLE),
        (double.answering(double.answer(MOST_ROWS + 1)), ReplyOutcome.UNREADABLE),
        (double.answering({**double.answer(), "rows": [{**double.ROW, "title": 7}]}), ReplyOutcome.UNREADABLE),
        (double.answering({**double.answer(), "rows": [{**double.ROW, "title": "长" * 501}]}), ReplyOutcome.UNREADABLE),
        (double.refusing(500, {}), ReplyOutcome.UNREADABLE),
        (double.refusing(403, {"code": "A-001", "detail": "没有这个岗位。"}), ReplyOutcome.REFUSED),
    ],
)
def test_whatever_an_archive_says_the_question_comes_to_an_end(
    cast: Cast, home: Path, behaves: double.Behaving, outcome: ReplyOutcome
) -> None:
    (reply,) = outcome_of(cast, home, behaves).replies

    assert (reply.outcome, reply.found) == (outcome, None)
    assert (reply.code, reply.said) == (("A-001", "没有这个岗位。") if outcome is ReplyOutcome.REFUSED else ("", ""))


def test_an_archive_that_is_not_there_is_named(cast: Cast, home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    double.named(home, ("LX", f"http://127.0.0.1:{port}"))

    assert [reply.outcome for reply in ask(cast).replies] == [ReplyOutcome.UNREACHABLE]


def test_no_redirection_is_followed(cast: Cast, home: Path) -> None:
    with double.archive(double.answering(double.answer())) as elsewhere:
        (reply,) = outcome_of(cast, home, double.saying(b"", 307, Location=f"{elsewhere.address}/api/v1/x")).replies

        assert reply.outcome is ReplyOutcome.UNREADABLE
        assert elsewhere.came == []


def test_over_tls_an_archive_is_believed_by_its_authority_and_its_name_alone(
    cast: Cast, home: Path, tmp_path: Path
) -> None:
    now = dt.datetime.now(dt.UTC)
    right = lan.prepare(tmp_path / "right", ["127.0.0.1"], now=now)
    other = lan.prepare(tmp_path / "other", ["127.0.0.1"], now=now)
    for name, door in (("right.pem", right), ("other.pem", other)):
        shutil.copy(door.root, home / name)

    def outcome(vouching: str, host: str = "127.0.0.1") -> ReplyOutcome:
        with double.archive(double.answering(double.answer()), door=right, host=host) as away:
            double.named(home, ("LX", away), more=f'certificate = "{vouching}"\n' if vouching else "")
            found = ask(cast).replies[0].outcome
            assert bool(away.came) is (found is ReplyOutcome.ANSWERED)  # no password goes to whom we do not believe
            return found

    assert outcome("right.pem") is ReplyOutcome.ANSWERED
    assert outcome("right.pem", "127.0.0.2") is ReplyOutcome.UNREACHABLE  # its certificate is of another name
    for vouching in ("other.pem", "", "gone.pem"):
        assert outcome(vouching) is ReplyOutcome.UNREACHABLE


def test_a_session_is_kept_and_begun_anew_when_it_has_run_out(cast: Cast, home: Path) -> None:
    answers = iter([False, True, True])

    def once_expired(handler: double.Handler) -> None:
        handler.say(200, double.answer()) if next(answers) else handler.say(401, {"code": "A-007", "detail": ""})

    with double.archive(once_expired) as away:
        double.named(home, ("LX", away))
        first, second = ask(cast), ask(cast)

    assert [reply.outcome for reply in (*first.replies, *second.replies)] == [ReplyOutcome.ANSWERED] * 2
    assert away.log_ins == 2  # at first, and when the token was not taken; not for the second question


def test_a_password_that_is_not_accepted_is_not_tried_again_until_it_is_another(cast: Cast, home: Path) -> None:
    with double.archive(double.answering(double.answer())) as away:
        double.named(home, ("LX", away), password="forgotten")
        assert [ask(cast).replies[0].outcome for _ in range(3)] == [ReplyOutcome.NOT_LET_IN] * 3
        assert away.log_ins == 1  # else it would lock our account

        double.named(home, ("LX", away))
        assert ask(cast).replies[0].outcome is ReplyOutcome.ANSWERED


def test_an_archive_that_hangs_takes_only_so_many_of_our_threads(home: Path) -> None:
    with double.archive(double.silent) as away:
        double.named(home, ("LX", away), seconds=30)
        (site,) = queries.sites()
        found: list[ReplyOutcome] = []

        def one() -> None:
            found.extend(reply.outcome for reply in backends.ask_all([site], {}, folder=home))

        threads = [threading.Thread(target=one) for _ in range(backends.MOST_AT_ONCE)]
        for thread in threads:
            thread.start()
        while len(away.questions) < backends.MOST_AT_ONCE:
            time.sleep(0.01)
        (late,) = backends.ask_all([dataclasses.replace(site, seconds=0.5)], {}, folder=home)
        away.is_let_go.set()
        for thread in threads:
            thread.join()

    assert late.outcome is ReplyOutcome.BUSY
    assert found == [ReplyOutcome.ANSWERED] * backends.MOST_AT_ONCE


def test_so_many_wait_at_once_that_pages_go_on_being_answered(cast: Cast, home: Path) -> None:
    with double.archive(double.answering(double.answer())) as away, contextlib.ExitStack() as others:
        double.named(home, ("LX", away))
        for _ in range(backends.turns.most):
            others.enter_context(backends.turns.one())
        with refused("X-043"):
            ask(cast)
        shown = cast.client(Post.READING_DESK).post("/elsewhere/", {"q": "张三", "purpose": "核实", "site": "LX"})
        assert shown.status_code == 429
        assert 'value="核实"' in shown.content.decode()
        assert away.came == []
        assert not Entry.objects.filter(act="exchange.ask").exists()
        others.close()
        assert ask(cast).replies[0].outcome is ReplyOutcome.ANSWERED


def test_a_bad_question_never_leaves_the_house(cast: Cast, home: Path) -> None:
    with double.archive(double.answering(double.answer())) as away:
        double.named(home, ("LX", away))
        before = Entry.objects.count()
        for asked, code in (
            ("日期:2021..2019", "X-004"),
            ("   ", "R-010"),
            ("退休 OR", "X-003"),
            ("一" * 201, "X-001"),
        ):
            with refused(code):
                ask(cast, asked=asked)
        with refused("R-010"):
            actions.ask(occasion=cast.occasion(Post.READING_DESK), asked="张三", purpose=" ", sites=["LX"])
        for sites in (["XX"], []):
            with refused("X-042"):
                actions.ask(occasion=cast.occasion(Post.READING_DESK), asked="张三", purpose="核实", sites=sites)

        assert away.came == []
        assert Entry.objects.count() == before


def test_whoever_is_killed_while_he_waits_has_asked(cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    double.named(home, ("LX", "http://127.0.0.1:9"))
    monkeypatch.setattr(backends, "ask_all", _killed)
    with pytest.raises(KeyboardInterrupt):
        ask(cast)

    (row,) = queries.register_asked(cast.actor(Post.AUDITOR))
    assert (row.asked, row.sites, row.replies) == ("张三", ("LX",), ())
    assert "不明：中途断了" in cast.client(Post.AUDITOR).get("/elsewhere/register/").content.decode()


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_what_became_of_it_is_put_down_by_itself(cast: Cast) -> None:
    site = Site("LX", "临县", "", "", "")
    with one_line("exchange.note_replies"):
        actions.note_replies(
            occasion=cast.occasion(Post.READING_DESK), question="ab12", replies=[Reply(site, ReplyOutcome.BUSY)]
        )


# Who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("post", [Post.HANDLER, Post.FILER, Post.PROCESSOR, Post.AUDITOR, Post.SYSTEM_ADMIN])
def test_other_posts_ask_nobody_and_are_asked_through_by_nobody(cast: Cast, home: Path, post: Post) -> None:
    double.named(home, ("LX", "http://127.0.0.1:9"))
    with refused("A-001"):
        ask(cast, post=post)
    with refused("A-001"):
        answered(cast, "张三", post)
    client = cast.client(post)
    assert client.get("/elsewhere/").status_code == 403
    assert client.post("/elsewhere/", {"q": "张三", "purpose": "核实", "site": "LX"}).status_code == 403
    assert cast.program(cast.actor(post).staff_code).get("/api/v1/exchange/sites").status_code == 403
    if post in (Post.HANDLER, Post.FILER):
        assert "/elsewhere/" not in client.get("/find/").content.decode()


def test_where_none_is_named_there_is_no_way_to_ask(cast: Cast, home: Path) -> None:
    client = cast.client(Post.READING_DESK)

    assert "/elsewhere/" not in client.get("/find/").content.decode()
    assert client.get("/elsewhere/").status_code == 404
    with refused("X-040"):
        ask(cast)


def test_nobody_asks_without_an_account(client: Client, home: Path, cast: Cast) -> None:
    double.named(home, ("LX", "http://127.0.0.1:9"))

    assert client.get("/elsewhere/").status_code == 302
    assert client.get("/elsewhere/register/").status_code == 302
    assert client.post("/api/v1/exchange/answers", {}, content_type="application/json").status_code == 401


def test_the_register_is_for_those_who_watch_and_ends_at_their_agency(
    cast: Cast, home: Path, outsider: Callable[[Post], Client]
) -> None:
    double.named(home, ("LX", "http://127.0.0.1:9"), seconds=0.5)
    ask(cast, asked=NUMBER, post=Post.SUPERVISOR)
    answered(cast, NUMBER, Post.SUPERVISOR)
    for post in (Post.AUDITOR, Post.SECURITY_OFFICER, Post.SUPERVISOR):
        shown = cast.client(post).get("/elsewhere/register/").content.decode()
        assert "异地核实工龄" in shown
        assert NUMBER not in shown
        assert "LX档案馆" in shown and "连不上" in shown  # in words that a stranger knows
    for post in (Post.READING_DESK, Post.HANDLER, Post.SYSTEM_ADMIN):
        assert cast.client(post).get("/elsewhere/register/").status_code == 403
    elsewhere = outsider(Post.SUPERVISOR).get("/elsewhere/register/").content.decode()
    assert "异地核实工龄" not in elsewhere


def test_what_one_side_tells_the_other_can_read(cast: Cast, home: Path) -> None:
    """The real answer of this program goes over the network and is read again."""
    who = builders.person(1)
    builders.register(cast, "SL-1", persons=(who,))
    caught_up()
    staff = cast.actor(Post.READING_DESK).staff_code
    body = {"asked": who.id_number, "purpose": "核实", "house": "某馆", "asker": "某人", "question": "1"}
    told = cast.program(staff).post("/api/v1/exchange/answers", body, content_type="application/json").json()

    (reply,) = outcome_of(cast, home, double.answering(told)).replies

    assert reply.found is not None
    assert [dict(row) for row in reply.found.rows] == told["rows"]
    assert reply.found.rows[0][Column.REFERENCE] == "SL-1"


# Page, API, list ------------------------------------------------------------------------------------------------------


def test_the_page_names_who_has_not_answered_and_asks_that_one_again(cast: Cast, home: Path) -> None:
    client = cast.client(Post.READING_DESK)
    with double.archive(double.answering(double.answer(2, is_cut=True))) as well:
        double.named(home, ("LX", well), ("HX", "http://127.0.0.1:9"))
        assert "/elsewhere/?q=%E5%BC%A0%E4%B8%89" in client.get("/find/?q=张三").content.decode()
        assert well.came == []  # looking at the form asks nobody
        assert client.get("/elsewhere/?q=张三").status_code == 200
        assert well.came == []
        shown = client.post("/elsewhere/", {"q": "张三", "purpose": "核实", "site": ["LX", "HX"]}).content.decode()
        refusal = client.post("/elsewhere/", {"q": "张三", "purpose": "", "site": ["LX"]})

    assert "2 家中 1 家已答复" in shown
    assert "1 家没有答复：它们的档案不在下面的结果里" in shown
    assert "连不上" in shown
    assert '<input type="hidden" name="site" value="HX">' in shown
    assert "前 2 件；对方还有更多" in shown
    assert "张三退休核定 1" in shown
    assert refusal.status_code == 422
    assert 'value="张三"' in refusal.content.decode()  # nothing that was typed is lost


def test_what_another_archive_says_is_shown_as_text(cast: Cast, home: Path) -> None:
    hostile = {**double.answer(), "rows": [{**double.ROW, "title": "<script>alert(1)</script>\u202e反"}]}
    with double.archive(double.answering(hostile)) as away:
        double.named(home, ("LX", away))
        form = {"q": "张三", "purpose": "核实", "site": "LX"}
        shown = cast.client(Post.READING_DESK).post("/elsewhere/", form).content.decode()

    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown
    assert "\u202e" not in shown


def test_programs_ask_all_where_they_name_none(cast: Cast, home: Path) -> None:
    program = cast.program(cast.actor(Post.READING_DESK).staff_code)
    with double.archive(double.answering(double.answer())) as well:
        double.named(home, ("LX", well), ("HX", "http://127.0.0.1:9"))
        assert [site["key"] for site in program.get("/api/v1/exchange/sites").json()] == ["LX", "HX"]
        told = program.post(
            "/api/v1/exchange/questions", {"asked": "张三", "purpose": "核实"}, content_type="application/json"
        ).json()

    assert told["is_whole"] is False
    assert [(reply["key"], reply["outcome"]) for reply in told["replies"]] == [
        ("LX", "ANSWERED"),
        ("HX", "UNREACHABLE"),
    ]
    assert told["replies"][0]["answer"]["rows"][0]["title"] == "张三退休核定 0"
    assert told["replies"][1]["answer"] is None


def test_a_list_that_others_can_read_or_that_is_wrong_is_not_used(cast: Cast, home: Path, settings: Settings) -> None:
    double.named(home, ("LX", "http://127.0.0.1:9"))
    (home / "archives.toml").chmod(0o644)
    with pytest.raises(Refusal) as found:
        queries.sites()
    assert (found.value.code, found.value.params["why"]) == ("X-041", "chmod 600")
    lines = {line.topic: line for line in doctor.examine()}
    assert not lines["archives"].is_well
    assert cast.client(Post.READING_DESK).get("/find/?q=张三").status_code == 200  # asking here goes on

    (home / "archives.toml").chmod(0o600)
    settings.ANJUAN_ALONG_POSTS = ("SUPERVISOR",)
    with refused("A-001"):
        ask(cast)
    assert ask(cast, post=Post.SUPERVISOR).replies[0].outcome is ReplyOutcome.UNREACHABLE


def test_no_log_and_no_error_says_the_password(home: Path) -> None:
    double.named(home, ("LX", "http://127.0.0.1:9"))

    assert double.PASSWORD not in repr(queries.sites())
