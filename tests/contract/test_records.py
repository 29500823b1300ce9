"""The spine: the only writer of state, and what a record keeps as it was given."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from anjuan.core import lifecycle, refcode
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term, TermKind
from anjuan.core.terms import Custody, Duty, Post, RestraintKind, State, SubjectKind, Verb
from anjuan.desks.intake import actions as intake
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import actions, queries, rules
from anjuan.records.actions import volumes
from anjuan.records.models import Component, Involvement, Item, Participation, Restraint, Subject, Volume
from anjuan.records.rows import CapturedFile
from tests import builders
from tests.builders import refused
from tests.cast import Cast

ALL = frozenset(Evidence)


def within(cast: Cast, post: Post, deed: Callable[[Line], object]) -> object:
    """Do something inside an open line, as a desk does."""
    with journal.writing(occasion=cast.occasion(post), act="intake.submit", unit="urn:uuid:test") as line:
        return deed(line)


def test_advancing_moves_state_time_and_part_together(cast: Cast) -> None:
    urn = builders.captured(cast)

    moved = within(cast, Post.HANDLER, lambda line: actions.advance(line=line, urn=urn, verb=Verb.SUBMIT, evidence=ALL))

    item = Item.objects.get(urn=urn)
    assert moved == actions.Moved(urn, "SL-001", Verb.SUBMIT, State.COLLECTING, State.IN_REVIEW)
    assert (item.state, item.state_since) == (State.IN_REVIEW, cast.clock.at)
    assert queries.duties_of(urn) == {Duty.HANDLED: {"bh01"}}


def test_a_lost_race_is_l_001_and_changes_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    urn = builders.captured(cast)
    judge = lifecycle.judge

    def judge_then_lose(standing: lifecycle.Standing, verb: Verb) -> lifecycle.Move:
        move = judge(standing, verb)
        Item.objects.filter(urn=urn).update(state=State.IN_REVIEW)  # somebody else, between judging and writing
        return move

    monkeypatch.setattr(lifecycle, "judge", judge_then_lose)
    with refused("L-001"):
        within(cast, Post.HANDLER, lambda line: actions.advance(line=line, urn=urn, verb=Verb.SUBMIT, evidence=ALL))


def test_moving_what_is_not_there_is_r_009(cast: Cast) -> None:
    with refused("R-009"):
        within(
            cast,
            Post.HANDLER,
            lambda line: actions.advance(line=line, urn="urn:uuid:none", verb=Verb.SUBMIT, evidence=ALL),
        )


def test_the_items_of_a_volume_move_with_it_in_state_time_and_custody(cast: Cast) -> None:
    walk = builders.at_state(cast, State.IN_TRANSIT, "SL-001", "SL-002")

    found = Item.objects.filter(urn__in=walk.item_urns).values_list("state", "custody", "state_since")

    volume = Volume.objects.get(urn=walk.volume_urn)
    assert set(found) == {(State.IN_TRANSIT, Custody.IN_TRANSIT, volume.state_since)}


def test_a_post_at_another_agency_moves_nothing(cast: Cast) -> None:
    urn = builders.captured(cast)
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())

    with refused("R-009"):
        intake.submit(occasion=cast.occasion_of(elsewhere), urn=urn)
    occasion = cast.occasion_of(elsewhere)
    with refused("L-003"), journal.writing(occasion=occasion, act="intake.submit", unit=urn) as line:
        actions.advance(line=line, urn=urn, verb=Verb.SUBMIT, evidence=ALL)
    assert queries.posts_over(cast.occasion_of(elsewhere).actor, "/SJ/BH/") == frozenset()


def test_a_restraint_stops_a_move_until_it_is_lifted(cast: Cast) -> None:
    urn = builders.captured(cast)
    within(
        cast,
        Post.HANDLER,
        lambda line: actions.post_restraint(line=line, urn=urn, kind=RestraintKind.HOLD, reference="法院函 1 号"),
    )

    with refused("L-006"):
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    within(cast, Post.HANDLER, lambda line: actions.lift_restraint(line=line, urn=urn, kind=RestraintKind.HOLD))
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)

    assert builders.states(urn) == {State.IN_REVIEW}
    assert Restraint.objects.get(unit=urn).lifted_at is not None


def test_a_part_taken_twice_is_one_part(cast: Cast) -> None:
    urn = builders.register(cast)

    within(cast, Post.HANDLER, lambda line: actions.take_part(line=line, urn=urn, duty=Duty.HANDLED))

    assert Participation.objects.filter(unit=urn).count() == 1


def test_an_item_begins_at_the_counter_under_the_rule_of_its_step(cast: Cast) -> None:
    step = schedule.step("UNEMPLOYMENT_BENEFIT")

    within(
        cast,
        Post.HANDLER,
        lambda line: actions.create_item(
            line=line,
            urn="urn:uuid:new",
            agency_code="BH",
            step=step,
            rule=schedule.rule_for(step, builders.FORMED),
            acceptance_no="SL-1",
            title="失业待遇",
            formed_date=builders.FORMED,
            paper_pages=3,
            persons=[builders.person(1)],
            employer=None,
        ),
    )

    row = queries.get_item_for(cast.actor(Post.HANDLER), "urn:uuid:new")
    assert (row.state, row.custody, row.year) == (State.COLLECTING, Custody.AGENCY, 2024)
    assert (row.category_code, row.term) == ("05", Term(TermKind.YEARS, 10))
    assert queries.duties_of("urn:uuid:new") == {Duty.HANDLED: {"bh01"}}


def test_the_same_person_on_two_forms_is_one_subject_however_the_number_was_typed(cast: Cast) -> None:
    someone = builders.person(7, "买买提·艾力")
    builders.register(cast, "SL-001", persons=(someone,))
    builders.register(cast, "SL-002", persons=(rules.Person("买买提•艾力", f" {someone.id_number.lower()} "),))

    (subject,) = Subject.objects.filter(kind=SubjectKind.INSURED_PERSON)
    assert (subject.name, subject.id_number) == ("买买提·艾力", someone.id_number)
    assert Involvement.objects.filter(subject=subject).count() == 2
    assert someone.id_number not in subject.urn


def test_the_same_number_under_another_name_is_r_008(cast: Cast) -> None:
    builders.register(cast, "SL-001", persons=(builders.person(7, "林晓"),))

    with refused("R-008"):
        builders.register(cast, "SL-002", persons=(builders.person(7, "林笑"),))


@pytest.mark.parametrize("name", ["𠮷野", "𰻝𰻝", "㐱龦", "买买提·艾力·吐尔逊"])
def test_rare_names_come_back_as_they_were_given(cast: Cast, name: str) -> None:
    urn = builders.register(cast, persons=(builders.person(3, name),))

    assert [row.name for row in queries.subjects_of([urn])[urn]] == [name]


def test_an_employer_is_found_again_by_code_or_by_name_where_it_has_none(cast: Cast) -> None:
    with_code = rules.Employer("甲厂", builders.credit_code(1))
    for no, employer in enumerate((with_code, with_code, rules.Employer("乙社"), rules.Employer("乙社"))):
        builders.register(cast, f"SL-{no}", step="EMPLOYER_REGISTRATION", persons=(), employer=employer)

    assert sorted(Subject.objects.values_list("name", flat=True)) == ["乙社", "甲厂"]


def test_a_file_name_of_255_bytes_or_characters_is_kept_as_it_was(cast: Cast) -> None:
    urn = builders.register(cast)
    in_bytes, in_characters = "档" * 83 + "ab.jpg", "案" * 251 + ".jpg"
    assert len(in_bytes.encode()) == 255

    for name in (in_bytes, in_characters):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload(name=name)])

    assert [row.original_name for row in builders.components_of(urn)] == [in_bytes, in_characters]


def test_a_name_that_looks_like_a_path_is_only_a_name(cast: Cast) -> None:
    urn = builders.register(cast)

    intake.capture(
        occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload(name="../../etc/passwd\n.jpg")]
    )

    (row,) = builders.components_of(urn)
    assert row.original_name == "../../etc/passwd\n.jpg"
    assert row.logical_name.startswith("capture/") and ".." not in row.logical_name


def test_an_unknown_state_does_not_enter_the_table(cast: Cast) -> None:
    urn = builders.register(cast)

    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(urn=urn).update(state="SOMEWHERE")


def test_no_two_volumes_share_a_number_and_no_two_items_a_place(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-001", "SL-002")
    volume = Volume.objects.get(urn=walk.volume_urn)

    with pytest.raises(IntegrityError), transaction.atomic():
        Volume.objects.create(
            **{
                field.attname: getattr(volume, field.attname)
                for field in Volume._meta.concrete_fields
                if field.attname not in ("id", "urn", "reference_code")
            },
            urn="urn:uuid:other",
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(volume=volume).update(item_no=1)
    assert volumes.next_volume_no(volume_urn=walk.volume_urn, rule=refcode.template(refcode.DEFAULT_TEMPLATE)) == 2


def test_a_number_once_written_is_never_written_again(cast: Cast) -> None:
    walk = builders.sealed(cast)

    with refused("L-001"):
        volumes.number_volume(volume_urn=walk.volume_urn, volume_no=9, reference_code="X", items={})
    open_volume = builders.filed(cast, builders.reviewed(cast, "SL-009"))
    with refused("L-001"), transaction.atomic():
        volumes.number_volume(volume_urn=open_volume, volume_no=9, reference_code="X", items={walk.item_urn: "X-1"})


def test_items_change_places_and_the_totals_follow(cast: Cast) -> None:
    urns = [builders.reviewed(cast, f"SL-{place}") for place in range(3)]
    volume = builders.filed(cast, *urns)

    volumes.order_items(volume_urn=volume, item_urns=urns[::-1])
    volumes.place_item(item_urn=urns[0], volume_urn=None, item_no=None)
    actions.set_paper_pages(urn=urns[1], paper_pages=9)

    assert [item.urn for item in queries.items_of(volume)] == [urns[2], urns[1]]
    assert volumes.count_volume(volume_urn=volume) == (2, 11)
    assert Volume.objects.get(urn=volume).page_count == 11


def test_a_replaced_component_stays_marked_and_is_replaced_once(cast: Cast) -> None:
    urn = builders.captured(cast)
    first, second = builders.components_of(urn)

    actions.supersede_component(pk=first.pk, at=cast.clock.at)
    with refused("L-001"):
        actions.supersede_component(pk=first.pk, at=cast.clock.at)

    assert [row.pk for row in builders.components_of(urn)] == [second.pk]
    assert Component.objects.get(pk=first.pk).superseded_at == cast.clock.at


def test_components_stand_after_those_that_are_there(cast: Cast) -> None:
    urn = builders.captured(cast)
    shape = builders.components_of(urn)[0]
    file = CapturedFile(
        "OTHER", "x.jpg", "capture/x.jpg", "JPEG", "image/jpeg", shape.pages, 9, "a" * 128, "b" * 64, "c" * 64
    )

    actions.add_components(item_urn=urn, files=[file, file], at=cast.clock.at)

    assert [row.ordinal for row in builders.components_of(urn)] == [1, 2, 3, 4]


def test_a_look_is_noted_once_a_page_and_person_and_leaves_no_line(cast: Cast) -> None:
    urn = builders.captured(cast)
    before = builders.everything()["journal.Entry"]

    first = builders.look_through(cast, Post.REVIEWER, urn)
    builders.look_through(cast, Post.REVIEWER, urn)

    assert queries.looked_at(first.actor, builders.pages_of(urn)) == set(builders.pages_of(urn))
    assert queries.looked_at(cast.actor(Post.FILER), builders.pages_of(urn)) == frozenset()
    assert builders.everything()["journal.Entry"] == before


@pytest.mark.acceptance("STD-1")
def test_a_term_is_lengthened_by_hand_and_never_shortened_or_settled(cast: Cast) -> None:
    urn = builders.register(cast, step="UNEMPLOYMENT_BENEFIT")  # 10 years, confirmed
    pension = builders.register(cast, "SL-002", step="PENSION_RETIREMENT")  # 待核实
    wanted = Term(TermKind.YEARS, 30)

    within(cast, Post.ARCHIVIST, lambda line: actions.set_term(line=line, urn=urn, proposed=wanted))
    with refused("H-002"):
        within(
            cast,
            Post.ARCHIVIST,
            lambda line: actions.set_term(line=line, urn=urn, proposed=Term(TermKind.YEARS, 29)),
        )
    with refused("H-003"):
        within(cast, Post.ARCHIVIST, lambda line: actions.set_term(line=line, urn=pension, proposed=wanted))

    row = queries.get_item_for(cast.actor(Post.HANDLER), urn)
    assert (row.term, row.retention_ends_date) == (wanted, dt.date(2055, 1, 1))
    assert queries.get_item_for(cast.actor(Post.HANDLER), pension).retention_ends_date is None


def test_who_covers_nothing_sees_nothing(cast: Cast) -> None:
    walk = builders.sealed(cast)
    elsewhere = cast.occasion_of(cast.hire("hx01", Post.FILER, cast.found_elsewhere())).actor

    for blind in (cast.actor(Post.SYSTEM_ADMIN), cast.actor(Post.AUDITOR), elsewhere):
        assert not queries.items_visible_to(blind).exists()
        for look in (queries.get_item_for, queries.get_volume_for):
            with pytest.raises(Refusal) as caught:
                look(blind, walk.item_urn)
            assert caught.value.code == "R-009"
    assert queries.items_visible_to(cast.actor(Post.KEEPER)).count() == 1


def test_a_fonds_is_opened_by_an_archivist_with_a_sound_rule(cast: Cast) -> None:
    def open_fonds(post: Post, template: str) -> str:
        return actions.open_fonds(
            occasion=cast.occasion(post),
            code="J002",
            name="新全宗",
            agency_code="BH",
            categories={"01": "管理"},
            template=template,
        )

    sound = "{fonds}·{category}·{year}-{volume:4}-{item:3}"
    with refused("A-001"):
        open_fonds(Post.HANDLER, sound)
    with refused("F-002"):
        open_fonds(Post.ARCHIVIST, "{fonds}·{category}·{year}·{agency}{volume:4}")
    with builders.one_line("records.open_fonds"):
        open_fonds(Post.ARCHIVIST, sound)

    assert queries.fonds_for("/SJ/BH/").code == "J002"
    assert queries.fonds_for("/SJ/").code == "J001"
    with pytest.raises(Refusal) as caught:
        queries.category_of(queries.fonds_for("/SJ/BH/"), "09")
    assert caught.value.code == "R-009"


@pytest.mark.parametrize("known_as", ["王秀英", "李四"])
def test_a_person_registered_at_another_counter_a_moment_ago_is_taken_as_he_is(cast: Cast, known_as: str) -> None:
    someone, ours = builders.person(7, "王秀英"), cast.occasion(Post.HANDLER)

    def overtaken(count: int) -> bytes:
        Subject.objects.create(
            urn="urn:uuid:theirs", kind=SubjectKind.INSURED_PERSON, name=known_as, id_number=someone.id_number
        )
        return ours.fresh(count)

    occasion = dataclasses.replace(ours, fresh=overtaken)
    if known_as == someone.name:
        assert actions._person(occasion, someone).urn == "urn:uuid:theirs"
    else:
        with pytest.raises(Refusal, match="R-008"):
            actions._person(occasion, someone)
    assert Subject.objects.filter(id_number=someone.id_number).count() == 1


def test_an_employer_registered_at_another_counter_a_moment_ago_is_the_same(cast: Cast) -> None:
    unit, ours = rules.Employer("演示单位", builders.credit_code(1)), cast.occasion(Post.HANDLER)

    def overtaken(count: int) -> bytes:
        Subject.objects.create(
            urn="urn:uuid:theirs", kind=SubjectKind.EMPLOYER, name=unit.name, credit_code=unit.credit_code
        )
        return ours.fresh(count)

    assert actions._employer(dataclasses.replace(ours, fresh=overtaken), unit).urn == "urn:uuid:theirs"


@pytest.mark.parametrize("column", ["id_number", "credit_code"])
def test_subjects_are_found_by_their_number_through_an_index(office: None, column: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # else a table this small is simply read

    plan = queries.subjects_numbered(column, ["1", "2"]).explain()

    assert "SCAN records_subject" not in plan
    assert "Seq Scan" not in plan
