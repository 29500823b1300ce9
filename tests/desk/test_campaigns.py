"""Campaigns and same-fault sweeps: what is frozen, who takes what, what a verdict does, how far it has come."""

import datetime as dt
from typing import Any

import pytest

from anjuan.core.terms import Custody, Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import rules
from anjuan.desks.inspection.models import Campaign, CampaignUnit
from anjuan.desks.inspection.queries import campaigns, scope
from anjuan.desks.inspection.queries.campaigns import Verdict
from anjuan.desks.inspection.rules import Selection
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.corrections.models import Correction
from anjuan.records.models import Participation, Subject, Volume
from tests import builders
from tests.builders import fault, look_through, one_line, person, refused, sealed
from tests.campaign_stage import found_nothing, judged, many, opened, raised, took, urns, volumes
from tests.cast import Cast
from tests.desk.test_deeds_at_once import between

# --- the sweep of one fault


@pytest.mark.acceptance("S0-P4")
def test_a_sweep_goes_over_the_same_persons_work_of_the_same_week(cast: Cast) -> None:
    first, second = volumes(cast, 2)
    cast.clock.at += dt.timedelta(days=8)
    (late,) = volumes(cast, 1, first=3)
    pk = raised(cast, first)

    with one_line("inspection.open_sweep"):
        row = inspection.open_sweep(occasion=cast.occasion(Post.CHECKER), fault_pk=pk)

    assert urns(row) == [second.volume_urn]
    assert CampaignUnit.objects.get().items == [second.item_urn]
    assert (row.fault_code, row.origin_fault, row.kind) == ("S01", pk, "SWEEP")
    assert builders.states(second.volume_urn, late.volume_urn) == {State.FILED}, "nothing goes back by itself"


def test_a_fault_of_the_volume_is_swept_over_what_its_filer_filed(cast: Cast) -> None:
    mine, by_another = volumes(cast, 2)
    cast.hire("bh33", Post.FILER, "BH")
    (own,) = volumes(cast, 1, first=3)
    Participation.objects.filter(unit=by_another.volume_urn, duty="FILED").update(staff_code="bh33")

    kin = scope.kin_of(cast.actor(Post.CHECKER), raised(cast, mine, "V12"))

    assert [one.urn for one in kin.chosen] == [own.volume_urn]
    assert kin.chosen[0].items == () and kin.duty == "FILED"


def test_the_surest_by_the_machine_comes_first(cast: Cast) -> None:
    first, clean, wrong = volumes(cast, 3)
    Subject.objects.filter(name=person(3).name).update(name="张?国")

    kin = scope.kin_of(cast.actor(Post.CHECKER), raised(cast, first, "D03"))

    assert [one.urn for one in kin.chosen] == [wrong.volume_urn, clean.volume_urn]
    assert kin.chosen[0].score is not None and kin.chosen[1].score is None


def test_of_a_fault_nobody_answers_for_there_is_no_sweep(cast: Cast) -> None:
    first, _ = volumes(cast, 2)
    pk = raised(cast, first)
    Correction.objects.update(responsible=[])

    with refused("Q-034"):
        inspection.open_sweep(occasion=cast.occasion(Post.CHECKER), fault_pk=pk)
    assert scope.count_kin(cast.actor(Post.CHECKER), pk) == 0


def test_a_fault_has_one_sweep_and_none_where_there_is_no_other_volume(cast: Cast) -> None:
    first, second = volumes(cast, 2)
    pk = raised(cast, first)
    inspection.open_sweep(occasion=cast.occasion(Post.CHECKER), fault_pk=pk)
    with refused("L-001"):
        inspection.open_sweep(occasion=cast.occasion(Post.ACCEPTOR), fault_pk=pk)

    again = raised(cast, second)
    with refused("Q-031"):  # the one other volume is being mended as well
        inspection.open_sweep(occasion=cast.occasion(Post.CHECKER), fault_pk=again)


@pytest.mark.parametrize(("post", "code"), [(Post.FILER, "A-001"), (Post.SUPERVISOR, "A-001"), (Post.AUDITOR, "R-009")])
def test_only_checking_posts_sweep(cast: Cast, post: Post, code: str) -> None:
    first, _ = volumes(cast, 2)
    pk = raised(cast, first)

    with refused(code):
        inspection.open_sweep(occasion=cast.occasion(post), fault_pk=pk)


def test_a_checker_of_another_centre_sees_neither_the_fault_nor_the_sweep(cast: Cast) -> None:
    first, _ = volumes(cast, 2)
    pk = raised(cast, first)
    row = inspection.open_sweep(occasion=cast.occasion(Post.CHECKER), fault_pk=pk)
    stranger = cast.hire("hx04", Post.CHECKER, cast.found_elsewhere())

    with refused("R-009"):
        inspection.open_sweep(occasion=cast.occasion_of(stranger), fault_pk=pk)
    with refused("R-009"):
        inspection.take_unit(occasion=cast.occasion_of(stranger), campaign_no=row.campaign_no)
    assert campaigns.campaigns(cast.occasion_of(stranger).actor) == []


# --- what a campaign goes over


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Selection(), 2),
        (Selection(agency_code="BH"), 2),
        (Selection(agency_code="HX"), 0),
        (Selection(state="FILED"), 1),
        (Selection(state="SELF_CHECKED"), 1),
        (Selection(year=1999), 0),
        (Selection(category_code="none"), 0),
        (Selection(fault_code="D03"), 1),
        (Selection(fault_code="I06"), 0),
        (Selection(agency_code="SJ", state="FILED", fault_code="D03"), 1),
        (Selection(state="SELF_CHECKED", fault_code="D03"), 0),
        (Selection(filed_from=dt.date(2020, 1, 1), filed_to=dt.date(2020, 12, 31)), 0),
        (Selection(filed_from=dt.date(2020, 1, 1)), 2),
    ],
)
def test_a_selection_combines_what_it_asks_for(cast: Cast, asked: Selection, found: int) -> None:
    cast.found_elsewhere()
    volumes(cast, 1, State.SELF_CHECKED)
    volumes(cast, 1, first=2)
    Subject.objects.filter(name=person(2).name).update(name="张?国")

    assert len(scope.selected(cast.actor(Post.ACCEPTOR), asked)) == found


def test_a_fault_that_a_person_raised_once_selects_the_volume_too(cast: Cast) -> None:
    walk, _ = volumes(cast, 2)
    raised(cast, walk, "S01")
    Volume.objects.filter(urn=walk.volume_urn).update(state=State.HELD)

    (one,) = scope.selected(cast.actor(Post.ACCEPTOR), Selection(fault_code="S01"))

    assert (one.urn, one.items, one.score) == (walk.volume_urn, (walk.item_urn,), None)


def test_what_is_open_being_mended_or_sent_on_is_not_gone_over(cast: Cast) -> None:
    returned, sent, stays = volumes(cast, 3)
    builders.at_state(cast, State.FILING, "SL-009", persons=(person(9),))
    raised(cast, returned)
    Volume.objects.filter(urn=sent.volume_urn).update(custody=Custody.FORWARDED)

    found = scope.selected(cast.actor(Post.ACCEPTOR), Selection())

    assert [one.urn for one in found] == [stays.volume_urn]


@pytest.mark.acceptance("S0-P4")
def test_a_campaign_freezes_what_was_counted_and_nothing_that_comes_later(cast: Cast) -> None:
    walks = volumes(cast, 2)
    with one_line("inspection.open_campaign"):
        row = opened(cast, 2)

    volumes(cast, 1, first=3)

    assert sorted(urns(row)) == sorted(walk.volume_urn for walk in walks)
    assert (row.unit_count, row.agency_path, row.is_open) == (2, "/SJ/BH/", True)


def test_what_was_not_counted_so_is_not_opened(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with refused("Q-031"):
        opened(cast, 0)
    volumes(cast, 2)
    with refused("Q-033"):
        opened(cast, 1)
    with refused("Q-030"):
        opened(cast, 2, Selection(year=3))
    with refused("R-010"):
        inspection.open_campaign(
            occasion=cast.occasion(Post.ACCEPTOR), name=" ", reason="x", selection=Selection(), expected=2
        )
    monkeypatch.setattr(rules, "MOST_JUDGED", 1)
    with refused("Q-032"):
        opened(cast, 2, Selection(fault_code="S01"))
    monkeypatch.setattr(rules, "MOST_UNITS", 1)
    with refused("Q-032"):
        opened(cast, 2)


@pytest.mark.parametrize(("post", "code"), [(Post.CHECKER, "A-001"), (Post.FILER, "A-001"), (Post.AUDITOR, "R-009")])
def test_a_campaign_is_opened_by_who_supervises_or_accepts(cast: Cast, post: Post, code: str) -> None:
    volumes(cast, 1)

    with refused(code):
        opened(cast, 1, post=post)
    assert opened(cast, 1, post=Post.SUPERVISOR).opened_by == cast.actor(Post.SUPERVISOR).staff_code


# --- who takes what


def test_two_people_never_have_the_same_volume_in_hand(cast: Cast) -> None:
    volumes(cast, 2)
    row = opened(cast, 2)

    with one_line("inspection.take_unit"):
        first = took(cast, row)
    second = took(cast, row, Post.ACCEPTOR)

    assert {first.taken_by, second.taken_by} == {"bh04", "sj01"} and first.pk != second.pk
    with refused("Q-037"):
        took(cast, row, Post.RECHECKER)
    with refused("L-001"):
        inspection.take_unit(occasion=cast.occasion(Post.RECHECKER), campaign_no=row.campaign_no, unit_pk=first.pk)


def test_a_colleague_who_comes_between_gets_another_volume(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    volumes(cast, 2)
    row = opened(cast, 2)
    theirs: list[int] = []
    between(monkeypatch, campaigns, "campaign_for", lambda: theirs.append(took(cast, row, Post.ACCEPTOR).pk))

    mine = took(cast, row)

    assert theirs and mine.pk not in theirs


def test_a_colleague_who_takes_the_very_volume_between_wins_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    pk = CampaignUnit.objects.get().pk
    between(monkeypatch, campaigns, "unit_for", lambda: took(cast, row, Post.ACCEPTOR))

    with pytest.raises(Exception, match="L-001"):
        inspection.take_unit(occasion=cast.occasion(Post.CHECKER), campaign_no=row.campaign_no, unit_pk=pk)

    assert CampaignUnit.objects.get().taken_by == "sj01"


def test_what_somebody_took_and_left_is_free_again_after_a_day(cast: Cast) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row)
    assert campaigns.in_hand(cast.actor(Post.CHECKER), row) == unit.pk, "work is taken up again"

    cast.clock.at += rules.HELD_FOR

    assert took(cast, row, Post.ACCEPTOR).pk == unit.pk
    with refused("Q-039"):
        judged(cast, row, unit, Verdict.PUT_OFF, note="来不及")


@pytest.mark.acceptance("S0-P4")
def test_who_handled_or_filed_a_volume_does_not_recheck_it(cast: Cast) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    pk = CampaignUnit.objects.get().pk
    for who in ("bh01", "bh03"):  # the handler of its item, its filer
        cast.promote(who, Post.CHECKER, "BH")
        with refused("Q-037"):
            inspection.take_unit(occasion=cast.occasion_of(who), campaign_no=row.campaign_no)
        with refused("Q-036"):
            inspection.take_unit(occasion=cast.occasion_of(who), campaign_no=row.campaign_no, unit_pk=pk)


def test_who_only_supervises_looks_and_takes_nothing(cast: Cast) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)

    assert campaigns.campaign_for(cast.actor(Post.SUPERVISOR), row.campaign_no).pk == row.pk
    with refused("A-001"):
        took(cast, row, Post.SUPERVISOR)
    with refused("A-001"):
        took(cast, row, Post.FILER)


# --- what a verdict does


def test_nothing_is_found_only_after_every_page_was_opened(cast: Cast) -> None:
    (walk,) = volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row)
    with refused("Q-035"):
        judged(cast, row, unit, Verdict.NOTHING)
    look_through(cast, Post.CHECKER, walk.item_urn)

    with one_line("inspection.judge_unit"):
        said = judged(cast, row, unit, Verdict.NOTHING)

    assert (said.verdict, said.judged_by, said.is_decided) == ("NOTHING", "bh04", True)
    assert builders.states(walk.volume_urn) == {State.FILED}
    with refused("Q-039"):
        judged(cast, row, unit, Verdict.NOTHING)


def test_in_a_sweep_the_items_it_is_about_are_looked_at(cast: Cast) -> None:
    (first,) = volumes(cast, 1)
    second = sealed(cast, "SL-002", "SL-003", persons=(person(2),))
    row = inspection.open_sweep(occasion=cast.occasion(Post.CHECKER), fault_pk=raised(cast, first))
    CampaignUnit.objects.update(items=[second.item_urns[1]])
    unit = took(cast, row)
    look_through(cast, Post.CHECKER, second.item_urns[1])

    assert judged(cast, row, unit, Verdict.NOTHING).verdict == "NOTHING"


def test_at_ones_own_gate_a_fault_goes_back_as_a_correction(cast: Cast) -> None:
    (walk,) = volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row)

    with one_line("inspection.return_volume"):
        said = judged(cast, row, unit, Verdict.FAULT, faults=[fault(walk.item_urn, "S01", note="缺章")])

    assert (said.verdict, said.is_returned, said.faults, said.note) == ("FAULT", True, ("S01",), "缺章")
    assert builders.states(walk.volume_urn) == {State.RETURNED}
    assert [row.fault.code for row in corrections.of_units([walk.volume_urn])] == ["S01"]


def test_elsewhere_a_fault_is_kept_as_a_note_and_moves_nothing(cast: Cast) -> None:
    (walk,) = volumes(cast, 1, State.HELD)
    row = opened(cast, 1)
    unit = took(cast, row, Post.ACCEPTOR)
    with refused("W-004"):
        judged(cast, row, unit, Verdict.FAULT, Post.ACCEPTOR)
    with refused("W-001"):
        judged(cast, row, unit, Verdict.FAULT, Post.ACCEPTOR, faults=[fault(walk.item_urn, "X99")])

    with one_line("inspection.judge_unit"):
        said = judged(
            cast, row, unit, Verdict.FAULT, Post.ACCEPTOR, faults=[fault(walk.item_urn, "I06", note="第一页模糊")]
        )

    assert (said.verdict, said.is_returned, said.faults, said.note) == ("FAULT", False, ("I06",), "第一页模糊")
    assert builders.states(walk.volume_urn) == {State.HELD}
    assert corrections.of_units([walk.volume_urn, walk.item_urn]) == []


def test_what_is_put_off_needs_a_reason_and_is_offered_to_somebody_else(cast: Cast) -> None:
    (walk,) = volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row)
    with refused("R-010"):
        judged(cast, row, unit, Verdict.PUT_OFF)

    said = judged(cast, row, unit, Verdict.PUT_OFF, note="等纸质档案")

    assert (said.verdict, said.taken_by, said.is_decided) == ("PUT_OFF", "", False)
    with refused("Q-037"):
        took(cast, row)
    assert found_nothing(cast, row, [walk], Post.ACCEPTOR).verdict == "NOTHING"


def test_a_return_at_its_gate_is_said_in_the_campaigns_the_volume_waits_in(cast: Cast) -> None:
    walk, other = volumes(cast, 2)
    row = opened(cast, 2)

    raised(cast, walk, "S01")

    said = {one.volume_urn: one for one in campaigns.units(cast.actor(Post.ACCEPTOR), row)}
    assert (said[walk.volume_urn].verdict, said[walk.volume_urn].judged_by) == ("FAULT", "bh04")
    assert said[other.volume_urn].verdict == ""


def test_a_volume_that_is_not_in_hand_is_not_judged(cast: Cast) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row)

    with refused("Q-039"):
        judged(cast, row, unit, Verdict.PUT_OFF, Post.ACCEPTOR, note="x")
    with refused("A-001"):
        judged(cast, row, unit, Verdict.PUT_OFF, Post.SUPERVISOR, note="x")


# --- how far it has come


@pytest.mark.acceptance("S0-P4")
def test_progress_says_what_was_done_by_whom_and_what_is_left(cast: Cast) -> None:
    walks = volumes(cast, 4)
    row = opened(cast, 4)
    found_nothing(cast, row, walks)
    unit = took(cast, row)
    walk = next(walk for walk in walks if walk.volume_urn == unit.volume_urn)
    judged(cast, row, unit, Verdict.FAULT, faults=[fault(walk.item_urn, "S01")])
    judged(cast, row, took(cast, row, Post.ACCEPTOR), Verdict.PUT_OFF, Post.ACCEPTOR, note="等纸质档案")
    took(cast, row, Post.ACCEPTOR)
    actor = cast.actor(Post.SUPERVISOR)

    found = campaigns.progress(actor, row, cast.clock.at)
    counted = campaigns.report(actor, row)

    assert (found.total, found.nothing, found.found, found.returned, found.put_off) == (4, 1, 1, 1, 1)
    assert (found.in_hand, found.done, found.left) == (1, 2, 2)
    assert found.people == (("bh04", 1, 1, 0), ("sj01", 0, 0, 1))
    assert counted.agencies == (("BH", 4, 2, 1),) and counted.faults == (("S01", 1),)
    assert [line[1:] for line in counted.categories] == [(4, 2, 1)]


def test_each_sees_and_takes_what_his_posts_cover(cast: Cast) -> None:
    volumes(cast, 2)
    row = opened(cast, 2)
    cast.found_elsewhere()
    CampaignUnit.objects.filter(place=2).update(agency_code="HX", agency_path="/SJ/HX/")

    here, whole = cast.actor(Post.CHECKER), cast.actor(Post.ACCEPTOR)

    assert campaigns.progress(here, row, cast.clock.at).total == 1
    assert campaigns.progress(whole, row, cast.clock.at).total == 2
    assert [one.place for one in campaigns.every_unit(here, row)] == [1]
    with refused("R-009"):
        inspection.take_unit(
            occasion=cast.occasion(Post.CHECKER),
            campaign_no=row.campaign_no,
            unit_pk=CampaignUnit.objects.get(place=2).pk,
        )


def test_statements_do_not_grow_with_the_volumes(cast: Cast, django_assert_num_queries: Any) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    actor = cast.actor(Post.CHECKER)

    for more in (0, 120):
        many(row, more)
        with django_assert_num_queries(3):
            campaigns.progress(actor, row, cast.clock.at)
        with django_assert_num_queries(3):
            campaigns.report(actor, row)
        with django_assert_num_queries(2):
            campaigns.units(actor, row)
        with django_assert_num_queries(1):
            campaigns.free_for(actor, row, cast.clock.at).first()


def test_a_closed_campaign_keeps_its_report_and_takes_nothing_more(cast: Cast) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row)
    with refused("A-001"):
        inspection.close_campaign(occasion=cast.occasion(Post.CHECKER), campaign_no=row.campaign_no, note="完成")
    with refused("R-010"):
        inspection.close_campaign(occasion=cast.occasion(Post.ACCEPTOR), campaign_no=row.campaign_no, note="")

    with one_line("inspection.close_campaign"):
        closed = inspection.close_campaign(
            occasion=cast.occasion(Post.ACCEPTOR), campaign_no=row.campaign_no, note="一卷未看完"
        )

    assert not closed.is_open and closed.closing_note == "一卷未看完"
    assert campaigns.progress(cast.actor(Post.ACCEPTOR), row, cast.clock.at).left == 1
    with refused("Q-038"):
        judged(cast, row, unit, Verdict.PUT_OFF, note="x")
    with refused("Q-038"):
        took(cast, row, Post.ACCEPTOR)
    with refused("Q-038"):
        inspection.close_campaign(occasion=cast.occasion(Post.ACCEPTOR), campaign_no=row.campaign_no, note="再结束")
    assert Campaign.objects.count() == 1
