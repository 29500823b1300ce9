"""Finding: rights first, then order, then the cut, and a cut is said."""

import pytest

from anjuan.core.terms import Post
from anjuan.desks.certificates import queries as certificates
from anjuan.desks.intake import actions as intake
from anjuan.facilities.search import queries
from anjuan.facilities.search.queries import finding
from anjuan.records.models import Involvement, Item, Subject
from anjuan.records.queries import subjects as record_subjects
from tests import builders
from tests.cast import Cast

NAME = "王伟"


def namesakes(cast: Cast, count: int) -> None:
    """So many people of one name, all known to another centre alone, all known longer than ours."""
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())
    urn = intake.register(
        occasion=cast.occasion_of(elsewhere),
        agency_code="HX",
        registration=builders.registration("HX-1", persons=(builders.person(900),)),
    ).urn
    item = Item.objects.get(urn=urn)
    people = Subject.objects.bulk_create(
        Subject(urn=f"urn:uuid:namesake-{place}", kind="INSURED_PERSON", name=NAME, id_number=f"HX{place:016}")
        for place in range(count)
    )
    Involvement.objects.bulk_create(
        Involvement(item=item, subject=person, ordinal=place) for place, person in enumerate(people, 2)
    )


def test_namesakes_of_other_agencies_do_not_push_ones_own_out(cast: Cast) -> None:
    namesakes(cast, record_subjects.MOST_SUBJECTS + 1)
    urn = builders.register(cast, persons=(builders.person(1, NAME),))

    found = queries.find(cast.actor(Post.HANDLER), NAME)

    assert [item.urn for hit in found.persons for item in hit.items] == [urn]
    assert not found.cut


def test_a_list_that_was_cut_says_so_on_the_page_and_in_the_api(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    builders.register(cast, "SL-1", persons=(builders.person(1, NAME),))
    builders.register(cast, "SL-2", persons=(builders.person(2, NAME),))
    client = cast.client(Post.HANDLER)
    assert "没有列全" not in client.get("/find/", {"q": NAME}).content.decode()

    monkeypatch.setattr(record_subjects, "MOST_SUBJECTS", 1)
    found = queries.find(cast.actor(Post.HANDLER), NAME)

    assert found.cut and len(found.persons) == 1
    assert "没有列全" in client.get("/find/", {"q": NAME}).content.decode()


def test_a_person_with_more_records_than_a_page_holds_is_cut_and_said(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("SL-1", "SL-2", "SL-3"):
        builders.register(cast, number, persons=(builders.person(1, NAME),))
    monkeypatch.setattr(finding, "MOST_ITEMS", 2)

    found = queries.find(cast.actor(Post.HANDLER), builders.number(1))

    assert (found.total, found.cut, found.persons[0].is_cut) == (2, True, True)


def test_whoever_attests_has_every_record_of_a_person(cast: Cast) -> None:
    urn = builders.register(cast, persons=(builders.person(1, NAME),))
    first = Item.objects.get(urn=urn)
    subject = Subject.objects.get(id_number=builders.number(1))
    kept = {field.attname: getattr(first, field.attname) for field in Item._meta.fields if field.name != "id"}
    more = Item.objects.bulk_create(
        Item(**{**kept, "urn": f"urn:uuid:many-{place}", "acceptance_no": f"M-{place}"}) for place in range(500)
    )
    Involvement.objects.bulk_create(Involvement(item=item, subject=subject, ordinal=1) for item in more)

    found = certificates.attestable(cast.actor(Post.READING_DESK), subject.urn)

    assert len(found.items) == 501


def test_a_stage_with_more_records_than_its_page_holds_says_how_many_there_are(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("SL-1", "SL-2", "SL-3"):
        builders.register(cast, number)
    client = cast.client(Post.HANDLER)
    address = {"state": "COLLECTING"}
    assert "等候最久的" not in client.get("/records/", address).content.decode()

    monkeypatch.setattr(queries, "MOST_LISTED", 2)

    assert "共 3 条，这里是其中等候最久的 2 条" in client.get("/records/", address).content.decode()
