"""The life line: one person over agencies and rooms, doubts decided by people, everything undone by another row."""

import datetime as dt
from typing import Any

import pytest

from anjuan.core import identifiers
from anjuan.core.lives.matching import Likeness
from anjuan.core.terms import Post
from anjuan.demo import office
from anjuan.facilities.lives import actions, rules
from anjuan.facilities.lives.models import Bond, Withdrawal
from anjuan.facilities.lives.queries.doubts import doubts
from anjuan.facilities.lives.queries.life import Life, life_of
from anjuan.facilities.lives.rules import NameKind, SuccessionKind
from anjuan.facilities.search import queries as search
from anjuan.records.models import Subject
from anjuan.records.rules import Person
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.desk.lives_stage import (
    old_number,
    paid,
    registered_elsewhere,
    twins_of_the_register,
    unit_registered,
    urn_of,
)
from tests.desk.test_search_words import caught_up

KEEPER = office.RULE_KEEPER


def keeper_life(cast: Cast, urn: str) -> Life:
    return life_of(cast.rule_keeper().actor, urn)


@pytest.mark.acceptance("S2-L1", "S2-L2", "S2-L3", "S2-L4", "S2-L5", "S2-L6", "S2-L7", "S2-P2")
def test_one_line_shows_every_phase_of_a_person_over_agencies_with_its_gap(cast: Cast) -> None:
    someone = builders.person(1, "林晓")
    here = {
        "PERSON_REGISTRATION": dt.date(2010, 7, 1),
        "FLEXIBLE_CONTRIBUTION": dt.date(2011, 3, 1),
        "ACCOUNT_CORRECTION": dt.date(2011, 5, 9),
        "BASE_ADJUSTMENT": dt.date(2012, 1, 5),
    }
    there = {
        "PENSION_TRANSFER_IN": dt.date(2012, 8, 2),
        "PENSION_RETIREMENT": dt.date(2024, 3, 1),
        "BENEFIT_QUALIFICATION": dt.date(2024, 9, 1),
    }
    for step, day in here.items():
        builders.register(cast, f"SL-{step}", step=step, persons=(someone,), formed=day)
    for step, day in there.items():
        registered_elsewhere(cast, f"HX-{step}", someone, step, day)
    paid(cast, someone.id_number, "1998-07", "2004-02")
    paid(cast, someone.id_number, "2005-04", "2024-02")
    paid(cast, someone.id_number, "2024-03", "2024-09", kind="BENEFIT")

    life = keeper_life(cast, urn_of(someone.id_number))

    filled = {code: len(items) for code, items in life.phases.items() if items}
    assert filled == {
        "ENROLMENT": 1, "CONTRIBUTIONS": 1, "ACCOUNT": 1, "ADJUSTMENTS": 1, "TRANSFERS": 1, "RETIREMENT": 1,
        "COMMUNITY": 1,
    }  # fmt: skip
    assert {item.agency_code for item in life.items} == {"BH", "HX"}
    (pension,) = life.months
    assert [(gap.first, gap.last, gap.count) for gap in pension.gaps] == [("2004-03", "2005-03", 13)]
    assert pension.paid_count == 68 + 227
    assert life.stated_from == "1998-07"
    page = cast.client_of(KEEPER).get(f"/lives/{life.urn}/").content.decode()
    assert "2004-03 – 2005-03（13个月）" in page.replace(" 个月", "个月")
    assert "1998-07" in page and someone.id_number not in page
    assert all(page.count(f"/item/{item.urn}/") >= 1 for item in life.items)
    assert page.count('class="life-line') == 2 and "无记录" in page


def test_what_lies_beyond_ones_rights_is_neither_shown_nor_counted(cast: Cast) -> None:
    someone = builders.person(1, "林晓")
    builders.register(cast, "SL-1", persons=(someone,))
    registered_elsewhere(cast, "HX-1", someone, "PENSION_RETIREMENT", dt.date(2024, 3, 1))
    only_there = builders.person(2, "白云")
    registered_elsewhere(cast, "HX-2", only_there, "PENSION_RETIREMENT", dt.date(2024, 3, 1))
    urn = urn_of(someone.id_number)

    life = life_of(cast.actor(Post.HANDLER), urn)

    assert [item.agency_code for item in life.items] == ["BH"]
    assert not life.phases["RETIREMENT"]
    client = cast.client(Post.HANDLER)
    assert "HX-1" not in client.get(f"/lives/{urn}/").content.decode()
    assert client.get(f"/lives/{urn_of(only_there.id_number)}/").status_code == 404
    assert client.get("/lives/urn:uuid:00000000-0000-7000-8000-000000000000/").status_code == 404


def test_a_doubt_is_shown_decided_and_the_decision_withdrawn_as_if_it_had_not_been(cast: Cast) -> None:
    right, slip = twins_of_the_register(cast)
    one, other = urn_of(right.id_number), urn_of(slip.id_number)
    actor = cast.actor(Post.ARCHIVIST)
    before = life_of(actor, one)
    assert [doubt.subject.urn for doubt in before.doubts] == [other]
    assert [doubt.judgement.likeness for doubt in before.doubts] == [Likeness.DOUBTFUL]
    assert len(doubts(actor).rows) == 1

    with one_line("lives.join"):
        uid = actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=one, other=other, reason="同一人，号码录错")
    joined = life_of(actor, other)
    assert {item.acceptance_no for item in joined.items} == {"SL-1", "SL-2"}
    assert not joined.doubts and not doubts(actor).rows
    with one_line("lives.withdraw"):
        actions.withdraw(occasion=cast.occasion(Post.ARCHIVIST), uid=uid, reason="判错了")

    after = life_of(actor, one)
    assert (after.items, after.subjects, after.doubts, after.names) == (
        before.items, before.subjects, before.doubts, before.names,
    )  # fmt: skip
    (kept,) = after.decisions
    assert (kept.stands, kept.withdrawn_reason) == (False, "判错了")
    assert Subject.objects.get(urn=other).name == "林晓"
    again = actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=other, other=one, reason="确系一人")
    assert Bond.objects.get(uid=again).turn == 1


def test_two_who_decide_the_same_doubt_the_second_is_refused(cast: Cast) -> None:
    right, slip = twins_of_the_register(cast)
    one, other = urn_of(right.id_number), urn_of(slip.id_number)

    uid = actions.keep_apart(occasion=cast.occasion(Post.ARCHIVIST), one=one, other=other, reason="父子同名")
    with refused("L-102"):
        actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=other, other=one, reason="同一人")
    with refused("L-102"):
        actions.keep_apart(occasion=cast.rule_keeper(), one=other, other=one, reason="父子同名")
    assert not life_of(cast.actor(Post.ARCHIVIST), one).doubts
    actions.withdraw(occasion=cast.rule_keeper(), uid=uid, reason="重新核对")
    with refused("L-112"):
        actions.withdraw(occasion=cast.occasion(Post.ARCHIVIST), uid=uid, reason="重新核对")
    assert Withdrawal.objects.count() == 1


def test_who_decides_while_another_is_deciding_is_refused_by_the_database(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The colleague's row comes after everything was judged: only the constraint stands between."""
    right, slip = twins_of_the_register(cast)
    one, other = sorted((urn_of(right.id_number), urn_of(slip.id_number)))

    def overtaken(*given: Any, **named: Any) -> None:
        Bond.objects.create(
            uid="urn:uuid:colleague", kind="APART", one_urn=one, other_urn=other, reason="两人", agency_code="BH",
            decided_by="x", decided_at=cast.clock.at,
        )  # fmt: skip

    monkeypatch.setattr(rules, "check_tie", overtaken)
    with refused("L-102"):
        actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=one, other=other, reason="同一人")


def test_a_parting_of_unseen_records_is_not_hinted_at(cast: Cast) -> None:
    someone = builders.person(41, "林晓")
    for place in range(2):
        builders.register(cast, f"SL-{place}", persons=(someone,))
    theirs = registered_elsewhere(cast, "HX-1", someone, "PENSION_RETIREMENT", dt.date(2024, 3, 1))
    urn = urn_of(someone.id_number)
    uid = actions.part(occasion=cast.rule_keeper(), subject=urn, items=[theirs], name="林晓（河西）", reason="重号")

    assert "林晓（河西）" in cast.client_of(KEEPER).get(f"/lives/{urn}/").content.decode()
    assert "林晓（河西）" not in cast.client(Post.ARCHIVIST).get(f"/lives/{urn}/").content.decode()
    assert cast.client(Post.ARCHIVIST).get(f"/lives/{uid}/").status_code == 404


def test_what_contradicts_itself_or_rests_on_nothing_is_refused(cast: Cast) -> None:
    numbers = [builders.number(serial) for serial in (11, 12, 13)]
    for place, number in enumerate(numbers):
        builders.register(cast, f"SL-{place}", persons=(Person("林晓", number),))
    builders.register(cast, "SL-9", persons=(builders.person(500, "白云"),))
    unit = unit_registered(cast, "SL-U", "甲厂", formed=dt.date(2020, 1, 1))
    one, two, three = (urn_of(number) for number in numbers)
    cloud = urn_of(builders.number(500))
    decide: dict[str, Any] = {"occasion": cast.occasion(Post.ARCHIVIST), "reason": "核对"}

    with refused("L-101"):
        actions.join(one=one, other=one, **decide)
    with refused("L-101"):
        actions.join(one=one, other=unit, **decide)
    with refused("L-104"):
        actions.join(one=one, other=cloud, **decide)
    with refused("R-009"):
        actions.join(one=one, other=cloud, evidence="SL-404", **decide)
    with refused("R-010"):
        actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=one, other=two, reason=" ")
    actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=one, other=two, reason="核对")
    actions.keep_apart(occasion=cast.occasion(Post.ARCHIVIST), one=two, other=three, reason="两人")
    with refused("L-103"):
        actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=one, other=three, reason="核对")
    actions.join(occasion=cast.occasion(Post.ARCHIVIST), one=one, other=cloud, evidence="SL-9", reason="改名换号")
    with refused("L-103"):
        actions.keep_apart(occasion=cast.occasion(Post.ARCHIVIST), one=two, other=cloud, reason="两人")
    assert len(life_of(cast.actor(Post.ARCHIVIST), cloud).subjects) == 3


def test_an_old_number_of_fifteen_digits_is_the_same_person_by_itself(cast: Cast) -> None:
    old = old_number(77)
    builders.register(cast, "SL-1", persons=(Person("林晓", old),), formed=dt.date(2010, 5, 1))
    builders.register(cast, "SL-2", persons=(Person("林晓", identifiers.full(old)),), step="PENSION_RETIREMENT")

    life = life_of(cast.actor(Post.HANDLER), urn_of(identifiers.full(old)))

    assert [item.acceptance_no for item in life.items] == ["SL-1", "SL-2"]
    assert len(life.subjects) == 1 and not life.doubts


def test_after_a_confirmed_change_of_name_records_come_in_under_it_and_are_found_by_both(cast: Cast) -> None:
    number = builders.number(21)
    builders.register(cast, "SL-1", persons=(Person("林晓", number),))
    with refused("R-008"):
        builders.register(cast, "SL-2", persons=(Person("林笑笑", number),))
    urn = urn_of(number)

    with one_line("lives.add_name"):
        uid = actions.add_name(
            occasion=cast.occasion(Post.ARCHIVIST), subject=urn, name="林笑笑", kind=NameKind.PRESENT,
            changed=dt.date(2020, 6, 1), reason="公安变更证明", evidence="SL-1",
        )  # fmt: skip
    builders.register(cast, "SL-2", persons=(Person("林笑笑", number),))
    caught_up()

    life = life_of(cast.actor(Post.HANDLER), urn)
    assert (life.name, [row.name for row in life.names]) == ("林笑笑", ["林晓"])
    for typed in ("林晓", "林笑笑", "姓名:林笑笑", "linxiaoxiao"):
        found = search.find(cast.actor(Post.READING_DESK), typed)
        listed = {item.acceptance_no for hit in found.persons for item in hit.items} | {
            item.acceptance_no for item in found.items
        }
        assert listed == {"SL-1", "SL-2"}, typed
    with refused("L-105"):
        actions.add_name(
            occasion=cast.occasion(Post.ARCHIVIST), subject=urn, name="林晓", kind=NameKind.FORMER, reason="又一次"
        )
    with refused("L-106"):
        actions.add_name(
            occasion=cast.occasion(Post.ARCHIVIST), subject=urn, name="林小小", kind=NameKind.FORMER,
            changed=cast.today() + dt.timedelta(days=2), reason="还没到",
        )  # fmt: skip
    actions.withdraw(occasion=cast.occasion(Post.ARCHIVIST), uid=uid, reason="证明有误")
    caught_up()
    assert search.find(cast.actor(Post.READING_DESK), "林笑笑").total == 0
    with refused("R-008"):
        builders.register(cast, "SL-3", persons=(Person("林笑笑", number),))


def test_records_of_another_under_one_number_are_parted_off_and_come_back(cast: Cast) -> None:
    number = builders.number(31)
    for place in range(3):
        builders.register(cast, f"SL-{place}", persons=(Person("林晓", number),))
    paid(cast, number, "2020-01", "2020-05")
    urn = urn_of(number)
    actor = cast.actor(Post.ARCHIVIST)
    before = life_of(actor, urn)
    wanted = [before.items[0].urn]

    for chosen, code in (([], "L-108"), ([item.urn for item in before.items], "L-108"), (["urn:uuid:x"], "L-109")):
        with refused(code):
            actions.part(
                occasion=cast.occasion(Post.ARCHIVIST), subject=urn, items=chosen, name="林晓（北街）", reason="重号"
            )
    with one_line("lives.part"):
        uid = actions.part(
            occasion=cast.occasion(Post.ARCHIVIST), subject=urn, items=wanted, name="林晓（北街）", reason="重号"
        )
    with refused("L-102"):
        actions.part(occasion=cast.occasion(Post.ARCHIVIST), subject=urn, items=wanted, name="林晓", reason="重号")

    parted = life_of(actor, uid)
    assert [item.urn for item in parted.items] == wanted and parted.name == "林晓（北街）"
    assert not parted.months  # the number is not his
    assert wanted[0] not in {item.urn for item in life_of(actor, urn).items}
    assert cast.client(Post.ARCHIVIST).get(f"/lives/{uid}/").status_code == 200
    actions.withdraw(occasion=cast.occasion(Post.ARCHIVIST), uid=uid, reason="同一人")
    assert life_of(actor, urn).items == before.items
    assert cast.client(Post.ARCHIVIST).get(f"/lives/{uid}/").status_code == 404


@pytest.mark.acceptance("S2-P2")
def test_a_unit_is_found_by_its_forerunners_name_and_leads_to_its_successor(cast: Cast) -> None:
    old = unit_registered(cast, "SL-1", "演示棉纺厂", formed=dt.date(2010, 1, 1))
    middle = unit_registered(cast, "SL-2", "演示纺织集团", builders.credit_code(1), formed=dt.date(2011, 1, 1))
    dyers = unit_registered(cast, "SL-3", "演示印染厂", formed=dt.date(2010, 2, 1))
    heir = unit_registered(cast, "SL-4", "演示轻纺股份公司", builders.credit_code(2), formed=dt.date(2012, 1, 1))
    decide: dict[str, Any] = {"reason": "工商变更", "day": dt.date(2000, 5, 1)}
    with one_line("lives.record_succession"):
        uid = actions.record_succession(
            occasion=cast.occasion(Post.ARCHIVIST),
            predecessor=old,
            successor=middle,
            kind=SuccessionKind.RENAMED,
            **decide,
        )
    for before in (middle, dyers):
        actions.record_succession(
            occasion=cast.occasion(Post.ARCHIVIST),
            predecessor=before,
            successor=heir,
            kind=SuccessionKind.MERGED,
            **decide,
        )
    caught_up()

    found = search.find(cast.actor(Post.READING_DESK), "演示棉纺厂")
    page = cast.client(Post.READING_DESK).get("/find/", {"q": "演示棉纺厂"}).content.decode()

    assert [item.acceptance_no for hit in found.persons for item in hit.items] == ["SL-1"]
    assert f'href="/lives/{middle}/"' in page and "后继单位" in page
    life = life_of(cast.actor(Post.HANDLER), old)
    assert {(edge.predecessor, edge.successor) for edge in life.graph} == {(old, middle), (middle, heir), (dyers, heir)}
    drawn = cast.client(Post.HANDLER).get(f"/lives/{heir}/").content.decode()
    assert drawn.count('class="family') == 2 and "演示印染厂" in drawn
    with refused("L-111"):
        actions.record_succession(
            occasion=cast.occasion(Post.ARCHIVIST),
            predecessor=heir,
            successor=old,
            kind=SuccessionKind.RENAMED,
            **decide,
        )
    with refused("L-110"):
        actions.record_succession(
            occasion=cast.occasion(Post.ARCHIVIST),
            predecessor=heir,
            successor=old,
            kind=SuccessionKind.ABOLISHED,
            **decide,
        )
    with refused("L-102"):
        actions.record_succession(
            occasion=cast.occasion(Post.ARCHIVIST),
            predecessor=old,
            successor=middle,
            kind=SuccessionKind.RENAMED,
            **decide,
        )
    actions.withdraw(occasion=cast.occasion(Post.ARCHIVIST), uid=uid, reason="录错")
    assert not life_of(cast.actor(Post.HANDLER), old).graph
    builders.register(cast, "SL-9", persons=(builders.person(9),))
    with refused("L-107"):
        actions.record_succession(
            occasion=cast.occasion(Post.ARCHIVIST), predecessor=urn_of(builders.number(9)),
            kind=SuccessionKind.ABOLISHED, **decide,
        )  # fmt: skip


def test_a_units_former_name_finds_its_own_records(cast: Cast) -> None:
    unit = unit_registered(cast, "SL-1", "演示轻纺公司", builders.credit_code(3), formed=dt.date(2012, 1, 1))
    actions.add_name(
        occasion=cast.occasion(Post.ARCHIVIST), subject=unit, name="演示第一棉纺厂", kind=NameKind.FORMER,
        changed=dt.date(2003, 4, 1), reason="工商变更登记",
    )  # fmt: skip
    caught_up()

    for typed in ("演示第一棉纺厂", "姓名:演示第一棉纺厂"):
        found = search.find(cast.actor(Post.READING_DESK), typed)
        assert {item.acceptance_no for hit in found.persons for item in hit.items} | {
            item.acceptance_no for item in found.items
        } == {"SL-1"}
    page = cast.client(Post.READING_DESK).get("/find/", {"q": "演示第一棉纺厂"}).content.decode()
    assert "演示轻纺公司" in page and f"/lives/{unit}/" in page


def test_a_program_is_told_former_names_forerunners_and_successors(cast: Cast) -> None:
    old = unit_registered(cast, "SL-1", "演示第一棉纺厂", builders.credit_code(3), formed=dt.date(2012, 1, 1))
    new = unit_registered(cast, "SL-2", "演示轻纺公司", builders.credit_code(4), formed=dt.date(2012, 1, 1))
    decided: dict[str, Any] = {"occasion": cast.occasion(Post.ARCHIVIST), "reason": "工商变更登记"}
    actions.add_name(subject=old, name="演示纱厂", kind=NameKind.FORMER, changed=dt.date(1990, 4, 1), **decided)
    actions.record_succession(
        predecessor=old, successor=new, kind=SuccessionKind.MERGED, day=dt.date(2003, 4, 1), **decided
    )

    def told(name: str) -> dict[str, Any]:
        (hit,) = cast.program("bh01").get("/api/v1/find", {"q": name}).json()["persons"]
        return dict(hit)

    before, after = told("演示第一棉纺厂"), told("演示轻纺公司")
    assert before["names"] == [{"kind": "FORMER", "name": "演示纱厂", "changed_date": "1990-04-01"}]
    assert [unit["urn"] for unit in before["succeeded_by"]] == [new]
    assert [unit["urn"] for unit in after["came_from"]] == [old]
    assert (before["came_from"], after["names"], after["succeeded_by"]) == ([], [], [])
