"""The counter's deeds: register, capture, mend, submit."""

import dataclasses
import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from anjuan.core.refusals import Refusal, Severity
from anjuan.core.terms import Post, State, SubjectKind
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import queries
from anjuan.desks.intake.rules import Registration
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.search import queries as search
from anjuan.records import queries as records
from anjuan.records.models import Item
from anjuan.records.rules import Employer, Person
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast


def registering(cast: Cast, registration: Registration, agency: str = "BH") -> intake.Registered:
    return intake.register(occasion=cast.occasion(Post.HANDLER), agency_code=agency, registration=registration)


@pytest.mark.acceptance("S0-W1", "S3-W11")
def test_a_case_is_registered_with_its_person_its_employer_and_its_rule(cast: Cast) -> None:
    typed = builders.registration(
        " SL-2024-001 ",
        persons=(builders.person(1, "林晓"),),
        employer=Employer("甲厂", builders.credit_code(1)),
        step="UNEMPLOYMENT_BENEFIT",
    )

    with one_line("intake.register"):
        receipt = registering(cast, typed)

    item = records.get_item_for(cast.actor(Post.HANDLER), receipt.urn)
    subjects = records.subjects_of([receipt.urn])[receipt.urn]
    assert (receipt.acceptance_no, receipt.term, receipt.is_confirmed) == ("SL-2024-001", "Y10", True)
    assert (item.state, item.title, item.year) == (State.COLLECTING, "失业待遇核定", 2024)
    assert [(row.kind, row.name) for row in subjects] == [
        (SubjectKind.INSURED_PERSON, "林晓"),
        (SubjectKind.EMPLOYER, "甲厂"),
    ]


def test_an_unconfirmed_rule_is_shown_for_what_it_is(cast: Cast) -> None:
    receipt = registering(cast, builders.registration("SL-1", persons=(builders.person(1),), step="PENSION_RETIREMENT"))

    assert (receipt.term, receipt.is_confirmed) == ("UNCONFIRMED", False)


@pytest.mark.parametrize(
    ("id_number", "code"),
    [
        ("99900119640229", "R-001"),
        ("999001196402290OO", "R-001"),
        ("999001196302290016", "R-002"),
        (builders.number(1)[:17] + ("0" if builders.number(1)[17] != "0" else "1"), "R-003"),
    ],
)
def test_a_wrong_id_number_is_refused_and_nothing_is_registered(cast: Cast, id_number: str, code: str) -> None:
    with refused(code):
        registering(cast, builders.registration("SL-1", persons=(Person("林晓", id_number),)))


@pytest.mark.parametrize(("credit_code", "code"), [("91350100M000100Y4", "R-004"), ("91350100M000100Y44", "R-005")])
def test_a_wrong_credit_code_is_refused(cast: Cast, credit_code: str, code: str) -> None:
    with refused(code):
        registering(cast, builders.registration("SL-1", employer=Employer("甲厂", credit_code)))


def test_the_same_number_twice_on_one_form_is_refused(cast: Cast) -> None:
    with refused("R-007"):
        registering(
            cast,
            builders.registration(
                "SL-1",
                persons=(builders.person(1, "林晓"), builders.person(1, "林晓")),
                step="CONTRIBUTION_DECLARATION",
            ),
        )


def test_an_acceptance_number_is_taken_once_but_each_agency_counts_for_itself(cast: Cast) -> None:
    builders.register(cast, "SL-1")
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())

    with refused("I-001"):
        builders.register(cast, "SL-1", persons=(builders.person(2),))
    intake.register(
        occasion=cast.occasion_of(elsewhere),
        agency_code="HX",
        registration=builders.registration("SL-1", persons=(builders.person(3),)),
    )


def test_what_does_not_make_sense_is_not_registered(cast: Cast) -> None:
    someone = (builders.person(1),)
    tomorrow = cast.today() + dt.timedelta(days=1)
    for code, typed in {
        "I-002": builders.registration("SL-1", persons=someone, formed=tomorrow),
        "I-005": builders.registration("SL-1", persons=someone, paper_pages=0),
        "I-006": builders.registration("SL-1"),
        "I-007": builders.registration("SL-1", persons=(*someone, builders.person(2))),
        "H-004": builders.registration("SL-1", persons=someone, step="NOTHING"),
        "H-007": builders.registration("SL-1", persons=someone, formed=dt.date(2009, 8, 31)),
        "R-010": builders.registration("  ", persons=someone),
    }.items():
        with refused(code):
            registering(cast, typed)


def test_today_is_reckoned_in_the_agencys_zone(cast: Cast) -> None:
    cast.clock.at = dt.datetime(2030, 6, 30, 16, 30, tzinfo=dt.UTC)  # half past midnight of 1 July in Shanghai

    registering(cast, builders.registration("SL-1", persons=(builders.person(1),), formed=dt.date(2030, 7, 1)))

    with refused("I-002"):
        registering(cast, builders.registration("SL-2", persons=(builders.person(1),), formed=dt.date(2030, 7, 2)))


@pytest.mark.parametrize("post", sorted(set(Post) - {Post.HANDLER}))
def test_nobody_but_a_handler_of_that_agency_registers(cast: Cast, post: Post) -> None:
    typed = builders.registration("SL-1", persons=(builders.person(1),))
    with refused("A-001"):
        intake.register(occasion=cast.occasion(post), agency_code="BH", registration=typed)
    if post is Post.REVIEWER:
        cast.found_elsewhere()
        with refused("A-001"):
            registering(cast, typed, agency="HX")


@pytest.mark.acceptance("S0-W6", "S3-W11", "S4-W1")
def test_pages_are_captured_into_the_store_with_their_digests(cast: Cast) -> None:
    urn = builders.register(cast)
    pages = [builders.jpeg(1), builders.jpeg(2)]

    with one_line("intake.capture"):
        receipt = intake.capture(
            occasion=cast.occasion(Post.HANDLER),
            urn=urn,
            uploads=[builders.upload(name, octets=page) for name, page in zip(builders.MATERIALS, pages, strict=True)],
        )

    rows = builders.components_of(urn)
    assert (receipt.version, receipt.files, receipt.pages) == (1, 2, 2)
    assert [repository.read_verified(urn, row.sha512) for row in rows] == pages
    assert [row.pages for row in rows] == [((413, 585, 200),)] * 2
    assert not [found for found in repository.findings_of(urn) if found.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "M-001"),
        (b"MZ\x90\x00 this is a program", "M-002"),
        (b"<html><script>alert(1)</script>", "M-002"),
        (builders.jpeg(1)[:-400], "M-003"),
        (builders.jpeg(1) + b"PK\x03\x04" + b"\0" * 60, "M-008"),
        (b"%PDF-1.7\n1 0 obj", "M-003"),
    ],
    ids=["empty", "program", "web page", "truncated image", "image with an archive behind", "truncated pdf"],
)
def test_what_is_not_a_whole_page_is_not_captured_and_takes_its_neighbours_along(
    cast: Cast, octets: bytes, code: str
) -> None:
    urn = builders.register(cast)

    with refused(code):
        intake.capture(
            occasion=cast.occasion(Post.HANDLER),
            urn=urn,
            uploads=[builders.upload(), builders.upload("ID_CARD", octets=octets, name="坏.jpg")],
        )

    assert repository.head(urn) is None


def test_nothing_a_strange_material_and_the_same_page_twice_are_not_captured(cast: Cast) -> None:
    urn = builders.captured(cast)
    page = builders.jpeg(77)

    for code, uploads in {
        "I-011": [],
        "H-005": [builders.upload("DISMISSAL")],
        "I-012": [builders.upload(octets=page), builders.upload("OTHER", octets=page)],
    }.items():
        with refused(code):
            intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=uploads)
    again = repository.read_verified(urn, builders.components_of(urn)[0].sha512)
    with refused("I-012"):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload(octets=again)])

    assert repository.head(urn) == 1


def test_two_equal_sheets_are_both_kept_once_the_clerk_says_so(cast: Cast) -> None:
    urn = builders.captured(cast)
    blank = builders.jpeg(77)
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload(octets=blank)])
    before = len(builders.components_of(urn))

    with one_line("intake.capture"):
        twice = [builders.upload(octets=blank, name="背2.jpg"), builders.upload(octets=blank, name="背3.jpg")]
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=twice, repeats=True)

    rows = builders.components_of(urn)[before - 1 :]
    assert len(rows) == 3 and len({row.sha512 for row in rows}) == 1
    assert repository.read_verified(urn, rows[0].sha512) == blank
    program = cast.program(cast.actor(Post.HANDLER).staff_code)
    again = {"file": SimpleUploadedFile("背4.jpg", blank), "material": "MAIN_FORM"}
    assert program.post(f"/api/v1/intake/items/{urn}/files", again).status_code == 409
    again["file"] = SimpleUploadedFile("背4.jpg", blank)
    assert program.post(f"/api/v1/intake/items/{urn}/files", {**again, "repeats": "true"}).status_code == 201


def test_a_better_scan_takes_the_place_of_a_page_and_the_earlier_bytes_stay(cast: Cast) -> None:
    urn = builders.captured(cast)
    old = builders.components_of(urn)[0]

    with one_line("intake.replace_page"):
        intake.replace_page(occasion=cast.occasion(Post.HANDLER), component_pk=old.pk, upload=builders.upload())

    fresh = builders.components_of(urn)[0]
    assert (fresh.ordinal, fresh.material_code) == (old.ordinal, old.material_code)
    assert fresh.sha512 != old.sha512
    assert repository.read_verified(urn, old.sha512)
    with refused("R-009"):
        intake.replace_page(occasion=cast.occasion(Post.HANDLER), component_pk=0, upload=builders.upload())


def test_a_page_is_replaced_or_taken_out_once(cast: Cast) -> None:
    urn = builders.captured(cast)
    row = builders.components_of(urn)[0]

    with one_line("intake.withdraw_page"):
        intake.withdraw_page(occasion=cast.occasion(Post.HANDLER), component_pk=row.pk)

    with refused("L-001"):
        intake.withdraw_page(occasion=cast.occasion(Post.HANDLER), component_pk=row.pk)
    with refused("L-001"):
        intake.replace_page(occasion=cast.occasion(Post.HANDLER), component_pk=row.pk, upload=builders.upload())
    assert repository.read_verified(urn, row.sha512)


@pytest.mark.acceptance("S3-C1", "S3-C2", "S3-C10", "S4-C1", "S4-P5", "S0-P3")
def test_an_item_is_not_submitted_before_it_is_complete(cast: Cast) -> None:
    urn = builders.register(cast, paper_pages=3)

    def stands_in_the_way() -> list[str]:
        return [obstacle.code for obstacle in queries.collected(cast.actor(Post.HANDLER), urn).obstacles]

    def submit() -> None:
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)

    assert stands_in_the_way() == ["I-004", "I-003", "I-008"]
    with refused("L-004"):
        submit()
    intake.capture(
        occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload(name) for name in builders.MATERIALS]
    )
    assert stands_in_the_way() == ["I-008"]
    with refused("L-004"):
        submit()
    with one_line("intake.correct_page_count"):
        intake.correct_page_count(occasion=cast.occasion(Post.HANDLER), urn=urn, paper_pages=2)
    assert stands_in_the_way() == []
    with one_line("intake.submit"):
        submit()

    assert builders.states(urn) == {State.IN_REVIEW}


def test_a_count_of_pages_out_of_bounds_is_refused(cast: Cast) -> None:
    urn = builders.register(cast)

    for pages in (0, 2001):
        with refused("I-005"):
            intake.correct_page_count(occasion=cast.occasion(Post.HANDLER), urn=urn, paper_pages=pages)


def test_submitting_twice_is_l_001_and_the_counter_is_closed_behind_it(cast: Cast) -> None:
    urn = builders.submitted(cast)
    row = builders.components_of(urn)[0]
    handler = cast.occasion(Post.HANDLER)

    with refused("L-001"):
        intake.submit(occasion=handler, urn=urn)
    # The counter's post no longer reaches an item that has left it; whoever mends returned volumes is told the stage.
    with refused("I-010"):
        intake.capture(occasion=handler, urn=urn, uploads=[builders.upload("OTHER")])
    with refused("I-010"):
        intake.replace_page(occasion=handler, component_pk=row.pk, upload=builders.upload())
    with refused("I-010"):
        intake.withdraw_page(occasion=handler, component_pk=row.pk)
    with refused("I-010"):
        intake.correct_page_count(occasion=handler, urn=urn, paper_pages=5)


def test_another_centre_does_not_find_the_item_at_all(cast: Cast) -> None:
    urn = builders.captured(cast)
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())

    with refused("R-009"):
        intake.submit(occasion=cast.occasion_of(elsewhere), urn=urn)
    with refused("R-009"):
        intake.capture(occasion=cast.occasion_of(elsewhere), urn=urn, uploads=[builders.upload("OTHER")])


@pytest.mark.acceptance("STD-16")
def test_each_person_on_one_form_finds_it_and_nobody_else_does(cast: Cast) -> None:
    people = tuple(builders.person(place, f"职工{place}") for place in range(1, 6))
    urn = builders.register(cast, "SL-1", step="CONTRIBUTION_DECLARATION", persons=people)

    for someone in people:
        for asked in (someone.id_number, someone.name):
            (hit,) = search.find(cast.actor(Post.READING_DESK), asked).persons
            assert hit.subject.id_number == someone.id_number
            assert [item.urn for item in hit.items] == [urn]
    assert search.find(cast.actor(Post.READING_DESK), builders.number(6)).total == 0


@pytest.mark.acceptance("S0-W8", "S2-P2")
def test_one_search_brings_a_persons_records_of_every_category(cast: Cast) -> None:
    someone = builders.person(1, "林晓")
    steps = ("PERSON_REGISTRATION", "PENSION_RETIREMENT", "UNEMPLOYMENT_BENEFIT", "OUTPATIENT_MEDICAL")
    for place, step in enumerate(steps):
        builders.register(cast, f"SL-{place}", step=step, persons=(someone,))

    (hit,) = search.find(cast.actor(Post.READING_DESK), someone.id_number).persons

    assert {item.category_code for item in hit.items} == {"01", "03", "04", "05"}


def test_a_question_too_long_is_x_001(cast: Cast) -> None:
    with pytest.raises(Refusal) as caught:
        search.find(cast.actor(Post.READING_DESK), "林" * 201)

    assert caught.value.code == "X-001"


def test_an_id_number_nobody_has_is_still_read_as_one_and_a_wrong_digit_is_said(cast: Cast) -> None:
    actor, right = cast.actor(Post.READING_DESK), builders.number(1, birth="19640301")
    slipped = right[:17] + next(digit for digit in "0123456789" if digit != right[17])

    found, advised = search.find(actor, right), search.find(actor, slipped)

    assert (found.recognised, found.advice) == ("ID_CARD", None)
    assert advised.recognised == "ID_CARD"
    assert advised.advice is not None and advised.advice.code == "R-003"


def test_a_masked_number_is_shown_for_a_reason_that_stays_in_the_journal(cast: Cast) -> None:
    builders.register(cast, persons=(builders.person(1),))
    subject = builders.subject_urn(builders.number(1))

    with refused("R-010"):
        search_reveal(cast, Post.READING_DESK, subject, "  ")
    with refused("R-009"):
        search_reveal(cast, Post.AUDITOR, subject, "好奇")
    with one_line("search.reveal"):
        assert search_reveal(cast, Post.READING_DESK, subject, "核对身份") == builders.number(1)


def search_reveal(cast: Cast, post: Post, subject: str, reason: str) -> str:
    from anjuan.facilities.search import actions

    return actions.reveal(occasion=cast.occasion(post), subject_urn=subject, reason=reason)


def test_of_two_counters_with_one_acceptance_number_the_second_is_told(cast: Cast) -> None:
    theirs, ours = cast.occasion(Post.HANDLER), cast.occasion(Post.HANDLER)
    drawn: list[int] = []

    def overtaken(count: int) -> bytes:
        if not drawn:  # our number was looked up and is free: now the other counter registers it
            drawn.append(count)
            registered = builders.registration("SL-9", persons=(builders.person(8),))
            intake.register(occasion=theirs, agency_code="BH", registration=registered)
        return ours.fresh(count)

    with pytest.raises(Refusal) as caught:
        intake.register(
            occasion=dataclasses.replace(ours, fresh=overtaken),
            agency_code="BH",
            registration=builders.registration("SL-9", persons=(builders.person(9),)),
        )

    assert caught.value.code == "I-001"
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert Item.objects.filter(acceptance_no="SL-9").count() == 1
