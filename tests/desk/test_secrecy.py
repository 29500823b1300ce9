"""Restricted records: who may know, who may read, for how long; and that no way round is open (STD-18)."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from anjuan.core.terms import AgencyKind, AgencyProfile, Occasion, Post, Secrecy, State
from anjuan.desks.filing.queries import volumes as filing
from anjuan.desks.holdings import queries as holdings
from anjuan.desks.intake import actions as intake
from anjuan.facilities.search import actions as searching
from anjuan.facilities.search import queries as finding
from anjuan.facilities.secrecy import actions, queries
from anjuan.facilities.viewer import queries as viewing
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.accounts.actions import authorise, end_authorisation
from anjuan.foundation.accounts.models import Authorisation
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.actions import writing
from anjuan.records import queries as records
from anjuan.records.actions.secrecy import set_secrecy
from anjuan.records.queries import restricted
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.desk.test_search_words import caught_up

READER = Post.READING_DESK
WHY = "工伤职工病历，鉴定材料"


def officer(cast: Cast) -> Occasion:
    return cast.occasion(Post.SECURITY_OFFICER)


@pytest.fixture
def held(cast: Cast) -> str:
    """An item in the holdings: no post has a next move there."""
    walk = builders.at_state(cast, State.HELD, "SL-1")
    return walk.item_urns[0]


def shut(cast: Cast, urn: str, grade: Secrecy = Secrecy.SENSITIVE) -> None:
    actions.mark(occasion=officer(cast), item_urn=urn, secrecy=grade, reason=WHY)


def record(urn: str) -> str:
    return reverse("search:item", args=[urn])


def component(urn: str) -> int:
    return records.components_of([urn])[urn][0].pk


def doors(urn: str) -> list[str]:
    """Every address that hands out something of an item's pages."""
    pk = component(urn)
    return [
        f"/pages/{pk}/1/view.jpg",
        f"/pages/{pk}/1/thumb.jpg",
        f"/view/{urn}/",
        f"/view/{urn}/pages.json",
        f"/iiif/presentation/3/{urn}/manifest",
        f"/iiif/3/{pk}-1-0/full/max/0/default.jpg",
        f"/iiif/3/{pk}-1-0/info.json",
        f"/view/marks/{pk}/1/?word=a",
    ]


def given(cast: Cast, urn: str, *, days: int = 3, post: Post = READER) -> str:
    uid = actions.ask_leave(occasion=cast.occasion(post), item_urn=urn, reason="复核待遇", days=days)
    actions.give_leave(occasion=officer(cast), uid=uid, days=days)
    return next(row.uid for row in queries.leaves(cast.actor(post)) if row.unit == urn and row.is_running)


@pytest.mark.acceptance("STD-18")
def test_pages_of_a_sensitive_record_open_by_leave_alone_and_close_when_it_is_ended(cast: Cast, held: str) -> None:
    client = cast.client(READER)
    open_before = [address for address in doors(held) if client.get(address).status_code == 200]
    assert len(open_before) >= 6, "the addresses must be real ones"
    with one_line("secrecy.mark"):
        shut(cast, held)

    assert {client.get(address).status_code for address in open_before} == {403}
    assert client.get(record(held)).status_code == 200, "that it exists is no secret"
    with refused("R-081"):
        records.get_component_for(cast.actor(READER), component(held))

    uid = given(cast, held)
    assert {client.get(address).status_code for address in open_before} == {200}
    other = cast.client(Post.ARCHIVIST)
    assert {other.get(address).status_code for address in open_before} == {403}, "the leave is one person's"

    with one_line("secrecy.end_leave"):
        actions.end_leave(occasion=officer(cast), uid=uid, reason="已办完")
    assert {client.get(address).status_code for address in open_before} == {403}
    with refused("L-001"):
        actions.end_leave(occasion=officer(cast), uid=uid, reason="再收一次")


@pytest.mark.acceptance("STD-18")
def test_a_leave_runs_out_by_itself(cast: Cast, held: str) -> None:
    shut(cast, held)
    actor = cast.actor(READER)
    given(cast, held)
    assert queries.reads(actor, held)
    assert queries.standing_of(actor, held).leave is not None
    # Four days go by: nobody does anything.
    Authorisation.objects.update(since=F("since") - dt.timedelta(days=4), until=F("until") - dt.timedelta(days=4))
    with refused("R-081"):
        records.get_component_for(actor, component(held))
    assert not queries.reads(actor, held)
    assert [row.is_running for row in queries.leaves(actor)] == [False]
    assert queries.standing_of(actor, held).leave is None
    given(cast, held)
    assert queries.reads(actor, held), "who needs it longer asks again"


@pytest.mark.acceptance("STD-18")
def test_a_secret_record_is_known_to_nobody_without_leave(cast: Cast, held: str) -> None:
    caught_up()
    actor, client = cast.actor(READER), cast.client(READER)
    item = records.get_item_for(actor, held)
    volume = records.volume_urn_of(item)
    before = finding.find(actor, item.title).total
    assert before >= 1
    shut(cast, held, Secrecy.SECRET)

    assert {client.get(address).status_code for address in (record(held), *doors(held))} == {404}
    for asked in (item.reference_code, item.acceptance_no):
        assert held not in finding.find(actor, asked).listed
    assert record(held) not in client.get(reverse("search:volume", args=[volume])).content.decode()
    assert held not in [row.urn for row in viewing.viewed(actor, volume).parts]
    caught_up()
    assert finding.find(actor, item.title).total == before - 1
    assert not searching.tend(seconds=5, begin_anew=True)
    assert finding.find(actor, item.title).total == before - 1, "an index made anew does not know it either"
    with refused("R-009"):
        actions.ask_leave(occasion=cast.occasion(READER), item_urn=held, reason="想看", days=1)

    with one_line("secrecy.grant_leave"):
        actions.grant_leave(occasion=officer(cast), item_urn=held, staff_code=actor.staff_code, reason="专案", days=1)
    assert finding.find(actor, item.reference_code).listed == {held}
    assert client.get(record(held)).status_code == 200
    shut(cast, held, Secrecy.OPEN)
    caught_up()
    assert finding.find(cast.actor(Post.ARCHIVIST), item.title).total == before


@pytest.mark.acceptance("STD-18")
def test_words_on_closed_pages_find_nothing(cast: Cast) -> None:
    urn = builders.captured(cast, "SL-7")
    caught_up()
    actor = cast.actor(Post.HANDLER)
    index = finding.index()
    keys = [records.get_item_for(actor, urn).pk]
    assert index.known(keys)[keys[0]].components
    shut(cast, urn)
    caught_up()
    assert not index.known(keys)[keys[0]].components
    shut(cast, urn, Secrecy.OPEN)
    caught_up()
    assert index.known(keys)[keys[0]].components


@pytest.mark.acceptance("STD-18")
def test_who_must_judge_a_record_reads_it_where_it_lies(cast: Cast) -> None:
    urn = builders.captured(cast, "SL-2")
    with one_line("secrecy.mark"):
        actions.mark(occasion=cast.occasion(Post.HANDLER), item_urn=urn, secrecy=Secrecy.SENSITIVE, reason=WHY)
    handler, reviewer = cast.actor(Post.HANDLER), cast.actor(Post.REVIEWER)
    assert not restricted.closed_to(handler, [urn])
    assert restricted.closed_to(reviewer, [urn]) == {urn}
    intake.submit(occasion=builders.look_through(cast, Post.HANDLER, urn), urn=urn)
    assert not restricted.closed_to(reviewer, [urn])
    assert restricted.closed_to(handler, [urn]) == {urn}


@pytest.mark.acceptance("STD-18")
def test_only_the_officer_opens_what_was_closed_and_nobody_decides_for_himself(cast: Cast, held: str) -> None:
    with refused("R-087"):
        actions.mark(occasion=cast.occasion(READER), item_urn=held, secrecy=Secrecy.SECRET, reason=WHY)
    with refused("A-001"):  # the auditor knows every grade, and alters none
        actions.mark(occasion=cast.occasion(Post.AUDITOR), item_urn=held, secrecy=Secrecy.SENSITIVE, reason=WHY)
    page = f"/restricted/{held}/"
    assert "/restricted/mark/" not in cast.client(Post.AUDITOR).get(page).content.decode()
    assert "/restricted/mark/" in cast.client(READER).get(page).content.decode()
    actions.mark(occasion=cast.occasion(READER), item_urn=held, secrecy=Secrecy.SENSITIVE, reason=WHY)
    for wanted, code in ((Secrecy.OPEN, "R-087"), (Secrecy.SENSITIVE, "R-084"), (Secrecy.SECRET, "R-087")):
        with refused(code):
            actions.mark(occasion=cast.occasion(READER), item_urn=held, secrecy=wanted, reason=WHY)
    with refused("R-082"):
        actions.mark(occasion=officer(cast), item_urn=held, secrecy=Secrecy.OPEN, reason="  ")
    with refused("R-009"):
        actions.mark(occasion=cast.occasion(Post.SYSTEM_ADMIN), item_urn=held, secrecy=Secrecy.OPEN, reason=WHY)

    uid = actions.ask_leave(occasion=cast.occasion(READER), item_urn=held, reason="复核", days=3)
    with refused("R-085"):
        actions.ask_leave(occasion=cast.occasion(READER), item_urn=held, reason="复核", days=3)
    for post in (READER, Post.SYSTEM_ADMIN, Post.AUDITOR):
        with refused("R-009"):
            actions.give_leave(occasion=cast.occasion(post), uid=uid, days=3)
    for days in (0, 31):
        with refused("R-083"):
            actions.give_leave(occasion=officer(cast), uid=uid, days=days)
    with one_line("secrecy.decline_leave"):
        actions.decline_leave(occasion=officer(cast), uid=uid, answer="事由不足")
    with refused("L-001"):
        actions.give_leave(occasion=officer(cast), uid=uid, days=3)
    with refused("R-086"):
        me = officer(cast)
        actions.grant_leave(occasion=me, item_urn=held, staff_code=me.actor.staff_code, reason="自己", days=1)
    with refused("R-088"):
        actions.grant_leave(
            occasion=officer(cast),
            item_urn=held,
            staff_code=cast.actor(Post.SYSTEM_ADMIN).staff_code,
            reason="无岗",
            days=1,
        )
    with refused("A-001"):
        actions.grant_leave(
            occasion=cast.occasion(READER),
            item_urn=held,
            staff_code=cast.actor(Post.ARCHIVIST).staff_code,
            reason="代批",
            days=1,
        )


def test_a_request_of_a_readable_or_foreign_record_is_refused(cast: Cast, held: str) -> None:
    with refused("R-089"):
        actions.ask_leave(occasion=cast.occasion(READER), item_urn=held, reason="复核", days=1)
    with refused("R-089"):
        actions.grant_leave(
            occasion=officer(cast), item_urn=held, staff_code=cast.actor(READER).staff_code, reason="未受控", days=1
        )
    shut(cast, held)
    elsewhere = cast.found_elsewhere()
    stranger = cast.hire("hx-read", READER, elsewhere)
    with refused("R-009"):
        actions.ask_leave(occasion=cast.occasion_of(stranger), item_urn=held, reason="复核", days=1)
    with refused("R-088"):
        actions.grant_leave(occasion=officer(cast), item_urn=held, staff_code=stranger, reason="外单位", days=1)


@pytest.mark.acceptance("STD-18")
def test_every_deed_stands_in_the_journal_with_its_reason(cast: Cast, held: str) -> None:
    shut(cast, held)
    uid = given(cast, held)
    actions.end_leave(occasion=cast.occasion(READER), uid=uid, reason="看完了")
    told = [line.act for line in journal.story_of(held) if line.act.startswith("secrecy.")]
    assert sorted(told) == ["secrecy.ask_leave", "secrecy.end_leave", "secrecy.give_leave", "secrecy.mark"]


@pytest.mark.acceptance("STD-18")
def test_pages_and_programs_ask_decide_and_look(cast: Cast, held: str, outsider: Callable[[Post], Client]) -> None:
    reader, boss, auditor = cast.client(READER), cast.client(Post.SECURITY_OFFICER), cast.client(Post.AUDITOR)
    name = records.get_item_for(cast.actor(READER), held).reference_code
    assert boss.post("/restricted/mark/", {"name": name, "secrecy": "SENSITIVE", "reason": WHY}).status_code == 302
    assert boss.post("/restricted/mark/", {"name": "没有", "secrecy": "SENSITIVE", "reason": WHY}).status_code == 404
    assert reader.get(f"/restricted/{held}/").status_code == 200
    assert reader.post(f"/restricted/{held}/ask/", {"reason": "", "days": "2"}).status_code == 422
    assert reader.post(f"/restricted/{held}/ask/", {"reason": "复核", "days": "2"}).status_code == 302
    page = boss.get("/restricted/").content.decode()
    assert "复核" in page
    assert queries.count_waiting(cast.actor(Post.SECURITY_OFFICER)) == 1
    (asked,) = queries.waiting(cast.actor(Post.SECURITY_OFFICER))
    assert auditor.post(f"/restricted/requests/{asked.uid}/give/", {"days": "2"}).status_code == 404
    assert boss.post(f"/restricted/requests/{asked.uid}/give/", {"days": "2"}).status_code == 302
    assert "复核" in auditor.get("/restricted/").content.decode()
    assert "复核" not in outsider(READER).get("/restricted/").content.decode()
    assert cast.client(Post.SYSTEM_ADMIN).get("/restricted/").status_code == 403
    assert Client().get("/restricted/").status_code == 302

    program = cast.program(cast.actor(READER).staff_code)
    standing = program.get(f"/api/v1/items/{held}/secrecy").json()
    assert (standing["secrecy"], standing["reads"]) == ("SENSITIVE", True)
    (leave,) = program.get("/api/v1/restricted/leaves").json()
    ended = program.post(
        f"/api/v1/restricted/leaves/{leave['uid']}/end", {"reason": "看完了"}, content_type="application/json"
    )
    assert ended.status_code == 204
    again = program.post(
        f"/api/v1/items/{held}/leave-requests", {"reason": "再看", "days": 1}, content_type="application/json"
    )
    assert again.status_code == 201
    rule = cast.program(cast.actor(Post.SECURITY_OFFICER).staff_code)
    (waiting,) = rule.get("/api/v1/restricted/requests?waiting=true").json()
    said = rule.post(
        f"/api/v1/restricted/requests/{waiting['uid']}/decline", {"reason": "不必"}, content_type="application/json"
    )
    assert said.status_code == 204
    (mine, _older) = program.get("/api/v1/restricted/requests").json()
    assert (mine["is_given"], mine["answer"]) == (False, "不必")
    assert [row["urn"] for row in rule.get("/api/v1/restricted").json()] == [held]
    opened = rule.post(
        f"/api/v1/items/{held}/secrecy", {"secrecy": "OPEN", "reason": "解除"}, content_type="application/json"
    )
    assert opened.status_code == 204
    assert program.get("/api/v1/restricted").json() == []


@pytest.mark.acceptance("S1-W5")
def test_a_town_asks_on_line_for_its_own_records_and_for_nothing_confidential(cast: Cast) -> None:
    """County–town network: uploaded and asked on line, limited to the town, and to what is not confidential."""
    accounts.found_agency(
        occasion=cast.clock.occasion(accounts.FOUNDER),
        code="ZH",
        name="镇海镇（演示）",
        kind=AgencyKind.TOWN,
        profile=AgencyProfile.SMALL,
        parent_code="BH",
    )
    clerk = cast.hire("zh01", Post.HANDLER, "ZH")
    someone = builders.person(1, "王伟")
    own, shut_away = (
        intake.register(
            occasion=cast.occasion_of(clerk),
            agency_code="ZH",
            registration=builders.registration(serial, persons=(someone,)),
        ).urn
        for serial in ("ZH-1", "ZH-2")
    )
    intake.capture(occasion=cast.occasion_of(clerk), urn=own, uploads=[builders.upload()])
    parents = builders.register(cast, "SL-1", persons=(someone,))
    shut(cast, shut_away, Secrecy.SECRET)
    caught_up()
    program = cast.program(clerk)

    told = program.get("/api/v1/find", {"q": someone.id_number}).json()
    assert [row["urn"] for row in told["persons"][0]["items"]] == [shut_away, own]  # he is still at work on both
    assert program.get("/api/v1/find", {"q": "SL-1"}).json()["total"] == 0
    assert parents not in str(told)
    colleague = cast.hire("zh02", Post.READING_DESK, "ZH")
    told = cast.program(colleague).get("/api/v1/find", {"q": someone.id_number}).json()
    assert [row["urn"] for row in told["persons"][0]["items"]] == [own]
    assert told["total"] == 1
    other = cast.client_of(colleague)
    assert other.get(f"/pages/{component(own)}/1/view.jpg").status_code == 200
    assert other.get(record(shut_away)).status_code == 404


@pytest.mark.acceptance("S1-P2", "S4-R6")
def test_whoever_asks_from_afar_finds_the_record_and_reads_it_with_approval(cast: Cast, held: str) -> None:
    """Paper, searched by hand, nothing from afar: now index and image from any desk, and approval where it is due."""
    caught_up()
    shut(cast, held)
    desk = cast.client(READER)
    code = records.get_item_for(cast.actor(READER), held).reference_code
    hits = desk.get("/find/", {"q": code}).content.decode()
    assert record(held) in hits and "敏感" in hits
    assert cast.program(cast.actor(READER).staff_code).get(f"/api/v1/items/{held}").json()["secrecy"] == "SENSITIVE"
    assert desk.get(f"/view/{held}/").status_code == 403
    assert desk.post(f"/restricted/{held}/ask/", {"reason": "异地查询", "days": "1"}).status_code == 302
    (asked,) = queries.waiting(cast.actor(Post.SECURITY_OFFICER))
    boss = cast.client(Post.SECURITY_OFFICER)
    assert boss.post(f"/restricted/requests/{asked.uid}/give/", {"days": "1"}).status_code == 302
    assert desk.get(f"/view/{held}/").status_code == 200
    shown = desk.get(f"/iiif/3/{component(held)}-1-0/full/max/0/default.jpg")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert boss.get(f"/view/{held}/").status_code == 404, "who approves reads nothing"


@pytest.mark.acceptance("STD-18")
def test_a_secret_record_stands_in_no_list_that_leaves_the_house_and_on_no_desk_when_it_is_held(
    cast: Cast, held: str
) -> None:
    item = records.get_item_for(cast.actor(Post.ARCHIVIST), held)
    volume = records.volume_urn_of(item)
    path = item.agency_path
    assert held in [urn for urn, _entry in holdings.entries_of(path)]
    assert held in [row.urn for row in filing.sheet(cast.actor(Post.FILER), volume).items]
    shut(cast, held, Secrecy.SECRET)
    assert held not in [urn for urn, _entry in holdings.entries_of(path)]
    assert held not in [row.urn for row in filing.sheet(cast.actor(Post.FILER), volume).items]


def test_a_new_leave_takes_the_place_of_the_old_one_and_a_grade_is_swapped_not_trusted(cast: Cast, held: str) -> None:
    shut(cast, held)
    reader = cast.actor(READER)

    def leave(uid: str) -> None:
        me = officer(cast)
        with writing(occasion=me, act="secrecy.grant_leave", unit=held) as line:
            until = me.at + dt.timedelta(days=1)
            authorise(line=line, uid=uid, staff_code=reader.staff_code, unit=held, reason="专案", until=until)

    leave("first")
    leave("second")
    assert [(row.uid, row.is_running) for row in queries.leaves(reader)] == [("second", True), ("first", False)]
    with refused("L-001"), writing(occasion=officer(cast), act="secrecy.end_leave", unit=held) as line:
        end_authorisation(line=line, uid="first")
    with refused("L-001"), writing(occasion=officer(cast), act="secrecy.mark", unit=held):
        set_secrecy(urn=held, before=Secrecy.OPEN, after=Secrecy.SECRET)
    assert queries.standing_of(reader, held).item.secrecy is Secrecy.SENSITIVE


def test_words_that_find_closed_records_alone_find_them(cast: Cast, held: str) -> None:
    shut(cast, held)
    caught_up()
    title = records.get_item_for(cast.actor(READER), held).title

    found = finding.find(cast.actor(READER), title[:2])

    assert [item.urn for item in found.items] == [held]
    assert found.is_index_whole
