"""Questions from the page, the API and the command: one path, rights first, and why each record was found."""

import argparse
import contextlib
import datetime as dt
import io
import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anjuan.config import followers, searching
from anjuan.core import identifiers
from anjuan.core.reading.pages import VERSION
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.desks.intake import actions as intake
from anjuan.facilities.reading.models import PageReading
from anjuan.facilities.search import actions, queries
from anjuan.facilities.search.queries import finding
from anjuan.facilities.search.rules import Order
from anjuan.records.rules import Employer
from tests import builders
from tests.builders import refused
from tests.cast import Cast
from tests.desk.test_search_words import caught_up, written


def found(cast: Cast, text: str, post: Post = Post.HANDLER) -> set[str]:
    """Everything found, listed under persons or not."""
    result = queries.find(cast.actor(post), text)
    return {item.urn for item in result.items} | set(result.listed)


def read_by_machine(urn: str, *lines: str) -> None:
    """What a reader would have kept of every page of an item."""
    for component in builders.components_of(urn):
        PageReading.objects.update_or_create(
            sha512=component.sha512,
            page_no=1,
            defaults={
                "version": VERSION,
                "model": "a test's",
                "lines": [[line, [0, 0, 1, 0.1], 1.0, []] for line in lines],
                "read_at": dt.datetime.now(dt.UTC),
            },
        )


def test_operators_phrases_and_fields_are_judged_over_the_whole_item(cast: Cast) -> None:
    first = written(cast, "SL-1", "纺织一厂，工龄十二年。", serial=1)
    second = written(cast, "SL-2", "纺织二厂，工龄九年。", serial=2)
    third = written(cast, "SL-3", "机床厂工龄证明", serial=3)
    caught_up()

    assert found(cast, "纺织 参保人〇〇一") == {first}  # one on a page, one in the catalogue
    assert found(cast, "工龄 NOT 纺织") == {third}
    assert found(cast, "纺织一厂 OR 机床厂") == {first, third}
    assert found(cast, "工龄 (纺织一厂 | 机床厂) -证明") == {first}
    assert found(cast, "厂工龄") == {third}  # a sign breaks
    assert found(cast, "“厂、工龄”") == {first, second, third}
    assert found(cast, "正文:工龄 year:2024") == {first, second, third}
    assert found(cast, "工龄 date:2025..") == set()
    assert found(cast, "题名:工龄") == set()
    assert found(cast, "no:SL-* NOT 機床") == {first, second}


def test_an_id_number_is_found_whole_in_part_masked_and_in_its_old_form(cast: Cast) -> None:
    someone = builders.person(1)
    own = builders.captured(cast, "SL-1", persons=(someone,))
    named = written(cast, "SL-2", f"经办人身份证 {someone.id_number[:9]}\n{someone.id_number[9:]} 附后", serial=2)
    caught_up()
    number = someone.id_number
    old = number[:6] + number[8:17]

    for typed in (number, number.lower(), f"{number[:6]} {number[6:14]} {number[14:]}", old, f"身份证：{number}"):
        assert found(cast, typed) == {own, named}, typed
    masked = f"{number[:4]}**********{number[-4:]}"
    assert {own, named} <= found(cast, masked)
    assert {own, named} <= found(cast, number[:11] + "*")
    result = queries.find(cast.actor(Post.HANDLER), masked)
    assert result.recognised == "PART_OF_NUMBER"
    page = cast.client(Post.HANDLER).get("/find/", {"q": number[:14]}).content.decode()
    assert number not in page and "按数字检索" in page


@pytest.mark.acceptance("S2-L1", "S2-L2", "S2-L3", "S2-L4", "S2-L5", "S2-L6", "S2-P2", "S0-W8")
def test_one_question_brings_a_persons_records_of_every_kind_and_institution(cast: Cast) -> None:
    """Card and basic form, contributions, account, adjustments, transfer and retirement, kept by two agencies."""
    someone = builders.person(1, "林晓")
    here = ("PERSON_REGISTRATION", "CARD_ISSUE", "FLEXIBLE_CONTRIBUTION", "ACCOUNT_CORRECTION")
    there = ("BASE_ADJUSTMENT", "PENSION_TRANSFER_IN", "PENSION_RETIREMENT", "PENSION_ADJUSTMENT")
    own = {builders.register(cast, f"SL-{step}", step=step, persons=(someone,)) for step in here}
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())
    theirs = {
        intake.register(
            occasion=cast.occasion_of(elsewhere),
            agency_code="HX",
            registration=builders.registration(f"HX-{step}", step=step, persons=(someone,)),
        ).urn
        for step in there
    }
    caught_up()
    number = someone.id_number

    for typed in (
        number,
        number[:6] + number[8:17],
        "林晓",
        "姓名:林曉",
        f"{number[:6]}********{number[-4:]}",
        "linxiao",
    ):
        assert found(cast, typed, Post.READING_DESK) == own | theirs, typed
        assert found(cast, typed, Post.HANDLER) == own, typed
        other = queries.find(cast.occasion_of(elsewhere).actor, typed)
        assert {item.urn for item in other.items} | other.listed == theirs, typed
    assert found(cast, f"{number} 环节:退休待遇核定", Post.READING_DESK) < theirs
    (hit,) = queries.find(cast.actor(Post.READING_DESK), number).persons
    assert {item.agency_code for item in hit.items} == {"BH", "HX"}


def test_a_number_with_a_slip_in_it_is_advised_and_one_stored_so_is_found(cast: Cast) -> None:
    right = builders.number(5)
    wrong = right[:17] + next(digit for digit in "0123456789" if digit != right[17])
    urn = written(cast, "SL-1", f"身份证号{wrong}")
    caught_up()

    result = queries.find(cast.actor(Post.HANDLER), wrong)

    assert [item.urn for item in result.items] == [urn]
    assert result.advice is not None and result.advice.code == "R-003"


def test_words_read_on_images_are_found_once_they_are_read_and_follow_a_new_reading(cast: Cast) -> None:
    urn = builders.captured(cast, "SL-1", materials=("MAIN_FORM",))
    caught_up()
    actor = cast.actor(Post.HANDLER)
    before = queries.find(actor, "纺织一厂")
    read_by_machine(urn, "江滨市第一纺", "织厂")

    assert (before.total, before.waiting) == (0, 1)
    assert actions.notice_readings() == 1
    caught_up()
    assert actions.notice_readings() == 0
    after = queries.find(actor, "第一纺织厂")
    (reason,) = after.hits[urn].reasons
    assert ([item.urn for item in after.items], after.waiting) == ([urn], 0)
    assert (reason.kind, reason.page, reason.pieces[-1]) == ("PAGE", 1, ("第一纺织厂", True))


def test_names_are_found_by_pinyin_initials_and_whole(cast: Cast) -> None:
    first = builders.captured(cast, "SL-1", persons=(builders.person(1, "单晓龙"),))
    other = builders.captured(cast, "SL-2", persons=(builders.person(2, "单小"),))
    caught_up()

    assert found(cast, "shan xiao long") == found(cast, "SXL") == {first}
    assert found(cast, "shanxiao*") == {first, other}
    assert found(cast, "姓名:單曉龍") == found(cast, "单晓龙") == {first}
    assert found(cast, "姓名:单") == set()
    assert queries.find(cast.actor(Post.HANDLER), "sxl").recognised == "PINYIN"


def test_nothing_found_says_what_each_term_finds_and_who_sounds_alike(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.captured(cast, "SL-1", persons=(builders.person(1, "王玮"),))
    written(cast, "SL-2", "纺织一厂", serial=2)
    caught_up()
    actor = cast.actor(Post.HANDLER)

    assert queries.find(actor, "王伟").alike == ("王玮",)
    alone = queries.find(actor, "王玮 纺织一厂").alone
    assert [(one.asked, one.total) for one in alone] == [("王玮", 1), ("纺织一厂", 1)]
    page = cast.client(Post.HANDLER).get("/find/", {"q": "王玮 纺织一厂"}).content.decode()
    assert "纺织一厂 (1)" in page
    monkeypatch.setattr(finding, "MOST_COUNTED", 1)  # a common word is not counted to its end
    assert all(one.is_more for one in queries.find(actor, "王玮 纺织一厂").alone)
    assert "纺织一厂 (1+)" in cast.client(Post.HANDLER).get("/find/", {"q": "王玮 纺织一厂"}).content.decode()


def test_totals_kinds_and_help_stay_within_the_rights_of_whoever_asks(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    written(cast, "SL-1", "纺织一厂")
    builders.captured(cast, "SL-2", persons=(builders.person(2, "王玮"),))
    caught_up()
    outsider(Post.HANDLER)
    stranger = cast.program("hx-handler")

    for typed in ("纺织一厂", "王伟", "NOT 医疗", "wangwei", builders.number(2), builders.number(2)[:10] + "*"):
        told = stranger.get("/api/v1/find", {"q": typed}).json()
        assert (told["total"], told["items"], told["persons"], told["alike"]) == (0, [], [], []), typed
        assert not any(told["facets"].values())
    assert cast.program(cast.actor(Post.HANDLER).staff_code).get("/api/v1/find", {"q": "纺织一厂"}).json()["total"] == 1


def test_a_page_of_hits_says_why_counts_kinds_and_leads_to_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    urns = [builders.register(cast, f"SL-{place}", persons=(builders.person(place),)) for place in range(1, 6)]
    builders.register(cast, "SL-9", persons=(builders.person(9),), formed=dt.date(2023, 5, 1))
    caught_up()
    monkeypatch.setattr(finding, "PAGE_ITEMS", 2)
    client = cast.program(cast.actor(Post.HANDLER).staff_code)

    first = client.get("/api/v1/find", {"q": "参保人〇〇 year:2024"}).json()
    walked = [item["urn"] for item in first["items"]]
    following = first["following"]
    while following:
        told = client.get("/api/v1/find", {"q": "参保人〇〇 year:2024", "after": following}).json()
        walked += [item["urn"] for item in told["items"]]
        following = told["following"]

    assert walked == urns[::-1] and first["total"] == 5
    assert {"text": "参保人〇〇", "is_marked": True} in first["why"][walked[0]][0]["pieces"]
    page = cast.client(Post.HANDLER).get("/find/", {"q": "参保人〇〇"}).content.decode()
    assert "<mark>参保人〇〇</mark>" in page
    assert "2024 (5)" in page and "下一页" in page
    order = queries.find(cast.actor(Post.HANDLER), "参保人〇〇", order=Order.FORMED_FIRST)
    assert order.items[0].formed_date == dt.date(2023, 5, 1)


def test_a_record_that_moves_is_counted_at_its_new_stage(cast: Cast) -> None:
    walk = builders.at_state(cast, State.FILED, "SL-1", persons=(builders.person(1),))
    caught_up()

    assert found(cast, "状态:FILED 参保人") == set(walk.item_urns)
    assert found(cast, "state:COLLECTING 参保人") == set()


def test_what_is_refused_is_said_on_the_page_and_in_the_api(cast: Cast) -> None:
    client = cast.client(Post.HANDLER)

    page = client.get("/find/", {"q": "date:2021..2019"})
    told = cast.program(cast.actor(Post.HANDLER).staff_code).get("/api/v1/find", {"q": "王伟 AND"})

    assert page.status_code == 422 and "X-004" in page.content.decode()
    assert (told.status_code, told.json()["code"]) == (422, "X-003")
    with refused("X-009"):
        queries.find(cast.actor(Post.HANDLER), "王伟", after="nowhere")


def test_a_workshop_operator_asks_nothing(cast: Cast) -> None:
    with pytest.raises(Refusal) as caught:
        queries.find(cast.actor(Post.PROCESSOR), "王伟 OR 退休")

    assert caught.value.code == "A-001"


def test_an_index_of_another_key_is_made_again(cast: Cast) -> None:
    builders.captured(cast, "SL-1")
    caught_up()
    index = queries.index()
    position = index.standing().position  # type: ignore[union-attr]
    index.begin(position=position, key="another")
    index.rebuilt()

    caught_up()

    assert index.standing().key != "another"  # type: ignore[union-attr]
    assert found(cast, "id:" + builders.number(1)[:10] + "*")
    assert followers.run_once() == 0


def test_the_command_asks_the_same_as_whoever_types_his_password(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    urn = written(cast, "SL-1", "纺织一厂")
    caught_up()
    own = cast.hire("bh77", Post.HANDLER, "BH")
    other = cast.hire("hx77", Post.HANDLER, cast.found_elsewhere())
    parser = argparse.ArgumentParser()
    searching.add_to(parser.add_subparsers(), lambda: None, contextlib.nullcontext)

    def asked(staff: str, *more: str, password: str = "long-enough") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        options = parser.parse_args(["search", "find", "--staff", staff, *more, "纺织一厂"])
        return int(options.run(options))

    assert asked(own, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [item["urn"] for item in told["items"]] == [urn]
    assert asked(own) == 0
    assert "正文" not in (said := capsys.readouterr().out) and "[纺织一厂]" in said
    assert asked(other) == 1
    assert "SL-1" not in capsys.readouterr().out
    with pytest.raises(Refusal) as caught:
        asked(own, password="wrong")
    assert caught.value.code == "A-008"


def test_eighteen_digits_that_may_be_either_are_looked_for_as_both(cast: Cast) -> None:
    serial = next(place for place in range(1, 400) if _is_credit_code(builders.number(place)))
    number = builders.number(serial)
    person = builders.register(cast, "SL-1", persons=(builders.person(serial),))
    unit = builders.register(
        cast, "SL-2", step="EMPLOYER_REGISTRATION", persons=(), employer=Employer(name="红星电子厂", credit_code=number)
    )

    result = queries.find(cast.actor(Post.HANDLER), number)

    assert [item.urn for hit in result.persons for item in hit.items] == [person, unit]
    assert (result.recognised, result.advice, result.total) == ("ID_CARD", None, 2)


def _is_credit_code(number: str) -> bool:
    try:
        return bool(identifiers.credit_code(number))
    except Refusal:
        return False


def test_an_acceptance_number_as_long_as_a_persons_is_found_when_no_person_has_it(cast: Cast) -> None:
    urn = builders.register(cast, "202400000000000017")
    caught_up()

    result = queries.find(cast.actor(Post.HANDLER), "202400000000000017")

    assert [item.urn for item in result.items] == [urn]


def test_a_page_of_hits_costs_the_same_queries_however_many_there_are(cast: Cast) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert cast.client(Post.HANDLER).get("/find/", {"q": "参保人〇〇 OR 没有"}).status_code == 200
        return len(captured)

    for place in range(1, 4):
        builders.captured(cast, f"SL-{place}", persons=(builders.person(place),))
    caught_up()
    asked()
    few = asked()
    for place in range(4, 12):
        builders.captured(cast, f"SL-{place}", persons=(builders.person(place),))
    caught_up()

    assert asked() == few
