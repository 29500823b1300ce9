"""The log before the auditor's eyes: who may, the day's root on paper, proofs of entries, the public layout."""

import base64
import datetime as dt
import hashlib
import json
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from pytest_django import Settings

from anjuan.config import worker
from anjuan.core.merkle import proof, tree
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.evidence import actions, queries, rules
from anjuan.facilities.evidence.models import DayRoot
from anjuan.facilities.signing import actions as signing
from anjuan.facilities.signing import queries as signatures
from anjuan.facilities.signing.rules import KeyKind
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.actions import sequence
from anjuan.foundation.journal.backends import guards
from anjuan.foundation.journal.models import Entry
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as log
from anjuan.foundation.ledger.models import Checkpoint
from anjuan_verify import __main__ as command
from anjuan_verify.log import FolderFiles, verify_log
from anjuan_verify.report import Verdict
from anjuan_verify.trust import read_trust
from tests import builders
from tests.cast import Cast

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
PAGES = ("/evidence/", "/evidence/proof.json?entry=0")
CALLS = ("standing", "checkpoints", "inclusion?entry=0", "consistency?old=1&new=1", "days")


def deed(cast: Cast) -> None:
    accounts.log_in(occasion=cast.occasion(Post.HANDLER), terminal="counter")


def grown(cast: Cast, deeds: int = 3) -> int:
    for _ in range(deeds):
        deed(cast)
    return ledger.catch_up(at=cast.clock.at).size


def later(cast: Cast, **passed: float) -> Occasion:
    cast.clock.at += dt.timedelta(**passed)
    return cast.clock.occasion(worker.WORKER_ACTOR)


def program(cast: Cast, client: Client) -> Client:
    """A program that acts for whoever this browser belongs to."""
    return cast.program(get_user_model()._default_manager.get(pk=client.session["_auth_user_id"]).get_username())


def get(client: Client, path: str) -> Any:
    return client.get(f"/api/v1/log/{path}")


# --- who may ---


@pytest.mark.acceptance("S4-C3")
def test_the_log_is_for_the_auditor_and_the_security_officer(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    size = grown(cast)
    actions.take_root(occasion=cast.occasion(Post.AUDITOR))
    day = cast.clock.at.astimezone(ZONE).date()
    files = [f"/evidence/{day}/1/{name}" for name in ("sheet.pdf", "checkpoint.txt", "stamp.tsr")]
    raw = ["/log/checkpoint", "/log/tile/entries/000.p/" + str(log.log().size)]

    for path in (*PAGES, *files):
        assert client.get(path).status_code == 302, path
    assert client.post("/evidence/take-root/").status_code == 302
    for path in raw:
        assert client.get(path, headers={"accept": "application/json"}).status_code in (302, 401)
    for call in CALLS:
        assert get(client, call).status_code == 401

    for post in (Post.AUDITOR, Post.SECURITY_OFFICER):
        for path in (*PAGES, *files, *raw):
            assert cast.client(post).get(path).status_code == 200, path
        for call in ("standing", "checkpoints", "inclusion?entry=0", f"consistency?old={size}&new={size}", "days"):
            assert get(program(cast, cast.client(post)), call).status_code == 200, call

    strangers = [cast.client(post) for post in (Post.HANDLER, Post.SUPERVISOR, Post.SYSTEM_ADMIN, Post.READING_DESK)]
    strangers += [outsider(Post.AUDITOR)]  # of another house: the log is the archive's
    for stranger in strangers:
        for path in (*PAGES, *files, *raw):
            assert stranger.get(path).status_code == 403, path
        assert stranger.post("/evidence/take-root/").status_code == 403
        theirs = program(cast, stranger)
        for call in CALLS:
            assert get(theirs, call).status_code == 403
        assert theirs.post("/api/v1/log/days").status_code == 403
    assert "/evidence/" not in strangers[0].get("/").content.decode()
    assert "/evidence/" in cast.client(Post.AUDITOR).get("/").content.decode()


def test_the_setting_opens_the_public_layout_to_everyone_and_nothing_else(
    client: Client, cast: Cast, settings: Settings
) -> None:
    grown(cast)
    settings.ANJUAN_LOG_READERS = "everyone"

    answer = client.get("/log/checkpoint")

    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("public")
    assert answer.content.decode() == (log.latest_checkpoint() or pytest.fail()).note
    for path in (
        "state",
        "lock",
        "checkpoints/000000000001",
        "timestamps/x.tsr",
        "../keys/ledger.pem",
        "tile/0/000.p/0",
    ):
        assert client.get(f"/log/{path}").status_code == 404, path
    assert client.get("/evidence/").status_code == 302
    assert "G-105" in cast.client(Post.AUDITOR).get("/log/tile/9/000").content.decode()


@pytest.mark.acceptance("S4-C5")
def test_a_program_audits_the_log_over_the_network(client: Client, cast: Cast, settings: Settings) -> None:
    grown(cast, 300)
    settings.ANJUAN_LOG_READERS = "everyone"

    class Network:
        def read(self, path: str) -> bytes | None:
            answer = client.get(f"/log/{path}")
            return answer.content if answer.status_code == 200 else None

        def names(self, folder: str) -> list[str]:
            return []

    report = verify_log(Network(), read_trust(json.dumps(signatures.trust_file(log.vkey()))))

    assert report.verdict is Verdict.VALID, report.lines("en")
    assert report.checkpoint.endswith(f"@ {log.log().size}")


# --- the day's root ---


@pytest.mark.acceptance("S4-C5")
def test_the_roots_of_days_that_are_over_are_written_down_once_in_one_line(cast: Cast, home: Path) -> None:
    cast.clock.at = dt.datetime(2026, 11, 20, 9, 0, tzinfo=ZONE).astimezone(dt.UTC)
    first = grown(cast)
    assert actions.close_days(occasion=later(cast, hours=8)) == []  # the day is not over
    cast.clock.at = dt.datetime(2026, 11, 22, 10, 0, tzinfo=ZONE).astimezone(dt.UTC)
    second = grown(cast)

    with builders.one_line("evidence.close_days"):
        rows = actions.close_days(occasion=later(cast, days=1))
    again = actions.close_days(occasion=later(cast, hours=1))

    assert [(row.day.day, row.no, row.size) for row in rows] == [(20, 0, first), (21, 0, first), (22, 0, second)]
    assert again == []
    assert rows[0].root == rows[1].root == log.checkpoint_of(first).root
    assert all(row.is_own_stamp and "内部" in row.stamp_authority for row in rows)
    report = verify_log(FolderFiles(home / "log"), read_trust(json.dumps(signatures.trust_file(log.vkey()))))
    assert report.verdict is Verdict.VALID, report.lines("en")
    assert "TIMESTAMPS" in {check.code for check in report.checks}
    assert sorted(path.name for path in (home / "log/timestamps").iterdir()) == [
        f"2026-11-{n}.tsr" for n in (20, 21, 22)
    ]


def test_a_changed_or_misplaced_time_stamp_is_found_and_named(cast: Cast, home: Path) -> None:
    grown(cast)
    actions.take_root(occasion=cast.occasion(Post.AUDITOR))
    (place,) = (home / "log/timestamps").iterdir()
    octets = place.read_bytes()
    trust = read_trust(json.dumps(signatures.trust_file(log.vkey())))

    for changed in (
        octets[:200] + bytes([octets[200] ^ 1]) + octets[201:],
        octets[:-1],
        signing.stamp(occasion=cast.occasion(Post.AUDITOR), octets=b"something else"),
    ):
        place.write_bytes(changed)
        report = verify_log(FolderFiles(home / "log"), trust)
        (wrong,) = [check for check in report.checks if check.passed is False]
        assert wrong.code == "TIMESTAMPS" and place.name in wrong.detail
        with pytest.raises(Refusal, match="G-103"):
            queries.day_stamp(cast.actor(Post.AUDITOR), cast.clock.at.astimezone(ZONE).date(), 1)


def test_without_a_time_stamp_nothing_is_written_down_and_the_worker_goes_on(
    cast: Cast, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    grown(cast)
    Checkpoint.objects.update(published_at=cast.clock.at - dt.timedelta(days=2))
    settings.ANJUAN_TSA_URL = "http://127.0.0.1:9/none"

    worker.close_days()

    assert not DayRoot.objects.exists()
    assert "K-010" in caplog.text
    settings.ANJUAN_TSA_URL = ""
    worker.close_days()
    worker.close_days()
    assert DayRoot.objects.count() == 2


def test_a_stamp_left_by_an_attempt_that_was_cut_off_is_taken(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(cast)
    Checkpoint.objects.update(published_at=cast.clock.at - dt.timedelta(days=1))

    class Cut(BaseException):
        pass

    def cut(*args: object, **kwargs: object) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(DayRoot.objects, "bulk_create", cut)
        with pytest.raises(Cut):
            actions.close_days(occasion=later(cast, seconds=1))
    stamped_at = cast.clock.at
    # In the last hour before midnight (北京时间) the day itself ends meanwhile, and is written down behind the other.
    row = actions.close_days(occasion=later(cast, hours=1))[0]

    assert row.stamped_at == stamped_at


def test_of_two_workers_one_writes_the_day_down(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(cast)
    Checkpoint.objects.update(published_at=cast.clock.at - dt.timedelta(days=1))
    assert len(actions.close_days(occasion=later(cast, seconds=1))) == 1
    before = journal.head() + journal.waiting()
    monkeypatch.setattr(queries, "last_closed_day", lambda: None)  # what the other had read

    assert actions.close_days(occasion=later(cast, seconds=1)) == []
    assert DayRoot.objects.count() == 1
    assert journal.head() + journal.waiting() == before


def test_the_root_of_now_covers_all_that_was_done(cast: Cast) -> None:
    grown(cast)
    deed(cast)

    with builders.one_line("evidence.take_root"):
        one = actions.take_root(occasion=cast.occasion(Post.SECURITY_OFFICER))
    two = actions.take_root(occasion=cast.occasion(Post.AUDITOR))

    assert (one.no, two.no) == (1, 2)
    assert one.size < two.size  # taking it is an act, too
    with pytest.raises(Refusal, match="A-001"):
        actions.take_root(occasion=cast.occasion(Post.SYSTEM_ADMIN))


@pytest.mark.parametrize(
    ("first", "closed", "expected"),
    [
        (None, None, []),
        ("2026-11-22", None, []),
        ("2026-11-20", None, ["2026-11-20", "2026-11-21"]),
        ("2026-11-10", "2026-11-20", ["2026-11-21"]),
        ("2026-11-10", "2026-11-21", []),
    ],
)
def test_the_days_that_want_a_root(first: str | None, closed: str | None, expected: list[str]) -> None:
    def day(text: str | None) -> dt.date | None:
        return dt.date.fromisoformat(text) if text else None

    found = rules.days_missing(first=day(first), closed=day(closed), today=dt.date(2026, 11, 22))

    assert [each.isoformat() for each in found] == expected
    many = rules.days_missing(first=dt.date(2025, 1, 1), closed=None, today=dt.date(2026, 11, 22))
    assert len(many) == rules.MOST_DAYS_AT_ONCE


@pytest.mark.acceptance("S2-C1")
def test_the_sheet_says_the_root_for_two_people_who_read_it_to_each_other(cast: Cast) -> None:
    grown(cast)
    row = actions.take_root(occasion=cast.occasion(Post.AUDITOR))
    client = cast.client(Post.AUDITOR)

    answer = client.get(f"/evidence/{row.day}/1/sheet.pdf")
    text = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()

    assert answer["Content-Type"] == "application/pdf"
    for line in rules.hex_lines(row.root):
        assert line in text.replace("\r\n", "\n")
    assert "演示" in text and "内部" in text and "怎样比对" in text and f"{row.size:,}" in text
    assert len(pypdfium2.PdfDocument(answer.content)) == 1
    assert client.get("/evidence/2020-01-01/0/sheet.pdf").status_code == 404  # G-101


@pytest.mark.acceptance("S4-C5")
def test_what_the_auditor_kept_is_compared_by_the_stand_alone_program(cast: Cast, home: Path, tmp_path: Path) -> None:
    grown(cast)
    row = actions.take_root(occasion=cast.occasion(Post.AUDITOR))
    client = cast.client(Post.AUDITOR)
    (tmp_path / "kept.txt").write_bytes(client.get(f"/evidence/{row.day}/1/checkpoint.txt").content)
    (tmp_path / "trust.json").write_text(json.dumps(signatures.trust_file(log.vkey())))
    grown(cast, 5)
    stamp = client.get(f"/evidence/{row.day}/1/stamp.tsr").content

    arguments = [
        "--log",
        str(home / "log"),
        "--trust",
        str(tmp_path / "trust.json"),
        "--since",
        str(tmp_path / "kept.txt"),
    ]
    assert command.main(arguments) == 0
    assert hashlib.sha256(stamp).hexdigest() == row.stamp_digest


# --- proofs ---


@pytest.mark.acceptance("S4-F3")
def test_an_entry_is_proven_on_the_page_by_position_and_by_uid(cast: Cast) -> None:
    grown(cast)
    entry = journal.entries_from(2, 1)[0]
    client = cast.client(Post.AUDITOR)

    by_position = client.get("/evidence/?entry=2").content.decode()
    by_uid = client.get(f"/evidence/?entry={entry.uid}").content.decode()

    for page in (by_position, by_uid):
        assert "已证明" in page and entry.act in page and entry.staff_code in page
    for wrong in ("999999", "0" * 32, "nothing", "-1", "２"):
        answer = client.get("/evidence/", {"entry": wrong})
        assert answer.status_code == 404 and "G-102" in answer.content.decode(), wrong


def test_the_proof_that_is_handed_out_holds_by_itself(cast: Cast) -> None:
    size = grown(cast, 9)
    found = json.loads(cast.client(Post.AUDITOR).get("/evidence/proof.json?entry=4").content)

    assert found["size"] == size
    assert proof.verify_inclusion(
        leaf=tree.leaf_hash(found["leaf"].encode()),
        index=4,
        size=found["size"],
        path=[base64.b64decode(step) for step in found["path"]],
        root=bytes.fromhex(found["root"]),
    )
    assert log.note_is_genuine(found["checkpoint"])
    api = get(program(cast, cast.client(Post.AUDITOR)), f"inclusion?entry=4&size={size}").json()
    assert api["leaf"] == found["leaf"] and api["path"] == found["path"]


def test_two_checkpoints_are_compared_on_the_page_and_by_the_api(cast: Cast) -> None:
    old, new = grown(cast), grown(cast, 20)
    client = cast.client(Post.SECURITY_OFFICER)

    page = client.get(f"/evidence/?old={old}&new={new}").content.decode()
    client = program(cast, client)
    found = get(client, f"consistency?old={old}&new={new}").json()

    assert "未改动" in page
    assert proof.verify_consistency(
        old_size=old,
        new_size=new,
        old_root=bytes.fromhex(found["old_root"]),
        new_root=bytes.fromhex(found["new_root"]),
        path=[base64.b64decode(step) for step in found["path"]],
    )
    assert get(client, f"consistency?old={new}&new={old}").json()["code"] == "G-104"
    assert get(client, f"consistency?old={old - 1}&new={new}").json()["code"] == "G-006"
    assert get(client, f"inclusion?entry=0&size={old - 1}").json()["code"] == "G-006"
    assert get(client, f"inclusion?entry={new - 1}&size={old}").json()["code"] == "G-001"
    assert [row["size"] for row in get(client, f"checkpoints?before={new}").json()] == [old]


def test_the_page_shows_keys_days_and_growth_in_every_state(cast: Cast) -> None:
    empty = cast.client(Post.AUDITOR).get("/evidence/").content.decode()
    assert "还没有结束的一天" in empty and '<svg class="growth"' not in empty
    grown(cast)
    signing.rotate(occasion=cast.occasion(Post.SECURITY_OFFICER), kind=KeyKind.LOG)
    signing.revoke(occasion=cast.occasion(Post.SECURITY_OFFICER), kind=KeyKind.LOG, generation=1, reason="密钥外泄")
    client = cast.client(Post.AUDITOR)
    assert client.post("/evidence/take-root/").status_code == 302

    page = client.get("/evidence/").content.decode()

    assert '<svg class="growth"' in page and "密钥外泄" in page and "已吊销" in page
    assert "第 1 次取根" in page and "内部" in page


def test_a_proof_that_does_not_hold_says_so(cast: Cast, home: Path) -> None:
    grown(cast, 5)
    (place,) = (home / "log/tile/entries").rglob(f"000.p/{log.log().size}")
    place.write_bytes(place.read_bytes().replace(b"accounts.", b"accountz.", 1))

    page = cast.client(Post.AUDITOR).get("/evidence/?entry=0").content.decode()

    assert "未能证明" in page and "日志被改动过" in page


def test_how_far_the_log_is_behind_is_known(cast: Cast) -> None:
    grown(cast)
    deed(cast)
    sequence()

    assert queries.lag() == 1
    assert queries.standing(cast.actor(Post.AUDITOR)).behind == 1


# --- a record's own story ---


@pytest.mark.acceptance("S4-F3", "S4-C3")
def test_whoever_may_see_a_record_sees_its_story_proven_line_by_line(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn = builders.captured(cast, "A-1")
    early = cast.client(Post.HANDLER).get(f"/evidence/of/{urn}/").content.decode()
    ledger.catch_up(at=cast.clock.at)
    lines = [line for line in journal.story_of(urn) if line.position is not None]
    mine = cast.client(Post.HANDLER)

    page = mine.get(f"/evidence/of/{urn}/").content.decode()
    proofs = [json.loads(mine.get(f"/evidence/of/{urn}/{line.position}.json").content) for line in lines]

    assert "还没有进入检查点" in early
    assert len(lines) >= 2 and "已证明" in page and f"经过的 {len(lines)} 行全部" in page
    assert [one["index"] for one in proofs] == [line.position for line in lines]
    assert f"/evidence/of/{urn}/" in mine.get(f"/item/{urn}/").content.decode()
    for path in (f"/evidence/of/{urn}/", f"/evidence/of/{urn}/{lines[0].position}.json"):
        assert client.get(path).status_code == 302
        assert outsider_of(cast, outsider).get(path).status_code == 404
        assert cast.client(Post.AUDITOR).get(path).status_code == 404  # he sees the log, not the records
    foreign = next(at for at in range(journal.head()) if at not in {line.position for line in lines})
    assert "G-102" in mine.get(f"/evidence/of/{urn}/{foreign}.json").content.decode()


def outsider_of(cast: Cast, outsider: Callable[[Post], Client]) -> Client:
    """A handler of another centre, hired once."""
    known = get_user_model()._default_manager.filter(staff_code="hx-handler").exists()
    return cast.client_of("hx-handler") if known else outsider(Post.HANDLER)


def test_a_line_that_was_changed_in_the_database_is_not_proven(cast: Cast) -> None:
    urn = builders.captured(cast, "A-1")
    ledger.catch_up(at=cast.clock.at)
    (line, *_) = journal.story_of(urn)
    guards.remove(connection, "journal_entry")
    Entry.objects.filter(uid=line.uid).update(staff_code="nobody")

    found = queries.record_proof(cast.actor(Post.HANDLER), urn)
    page = cast.client(Post.HANDLER).get(f"/evidence/of/{urn}/").content.decode()

    assert [one.uid for one in found.lines if not one.holds] == [line.uid]
    assert "与存证日志不符" in page and "未能证明" in page
