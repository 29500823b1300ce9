"""The state of the paper: noted with its place, listed for repair, repaired on record; a bundle is arranged first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from anjuan.core.terms import Post, Route, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries as filing_queries
from anjuan.desks.intake import actions as intake
from anjuan.desks.review import actions as review
from anjuan.facilities.condition import actions, queries
from anjuan.facilities.condition.models import Damage
from anjuan.facilities.condition.rules import Place
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.journal import actions as journal
from tests import builders
from tests.builders import at_state, one_line, refused
from tests.cast import Cast
from tests.people import person

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


def noted(cast: Cast, unit: str, kind: str = "MOULD", *, post: Post = Post.KEEPER, note: str = "右下角霉斑") -> int:
    return actions.note_damage(occasion=cast.occasion(post), unit=unit, kind=kind, note=note)


@pytest.mark.acceptance("S1-C2")
def test_what_is_bad_is_noted_with_its_page_and_repaired_on_record(cast: Cast) -> None:
    walk = at_state(cast, State.HELD)
    component = builders.components_of(walk.item_urn)[0]

    with one_line("condition.note_damage"):
        pk = actions.note_damage(
            occasion=cast.occasion(Post.KEEPER),
            unit=walk.item_urn,
            kind="INSECTS",
            note=" 第一页\r\n虫蛀三处 ",
            place=Place(component.pk, 1),
        )
    (row,) = queries.of_units([walk.item_urn])
    assert (row.kind.fault, row.note, row.place.page_no, row.is_open) == ("V17", "第一页 虫蛀三处", 1, True)
    with one_line("condition.repair"):
        actions.repair(occasion=cast.occasion(Post.KEEPER), pk=pk, done="已杀虫、托裱")
    (kept,) = queries.of_units([walk.item_urn])
    assert (kept.repair, kept.repaired_by) == ("已杀虫、托裱", cast.actor(Post.KEEPER).staff_code)
    with refused("D-083"):
        actions.repair(occasion=cast.occasion(Post.KEEPER), pk=pk, done="又修一次")
    noted(cast, walk.item_urn, "INSECTS", note="又见虫蛀")  # mended and bad again are two entries
    assert len(queries.of_units([walk.item_urn])) == 2


def test_what_cannot_be_said_of_the_paper_is_refused(cast: Cast) -> None:
    urn = builders.captured(cast)
    component = builders.components_of(urn)[0].pk

    with refused("D-080"):
        noted(cast, urn, "WET", post=Post.HANDLER)
    for place in (Place(component, 2), Place(0, 1), Place(component + 999, 1), Place(component, 0), Place(-1, -1)):
        with refused("D-081"):
            actions.note_damage(occasion=cast.occasion(Post.HANDLER), unit=urn, kind="MOULD", note="霉斑", place=place)
    with refused("R-010"):
        noted(cast, urn, post=Post.HANDLER, note="  ")
    noted(cast, urn, post=Post.HANDLER)
    with refused("D-082"):
        noted(cast, urn, post=Post.HANDLER)
    assert Damage.objects.count() == 1


def test_of_two_who_note_the_same_at_once_the_second_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    urn = builders.captured(cast)
    noted(cast, urn, post=Post.HANDLER)
    monkeypatch.setattr(queries, "of_units", lambda urns, **more: [])

    with refused("D-082"):
        noted(cast, urn, post=Post.HANDLER)


@pytest.mark.acceptance("S1-C2")
def test_a_bundle_is_registered_as_what_it_is_and_filed_once_it_is_arranged(cast: Cast) -> None:
    registration = builders.registration("KZ-1", persons=(person(1),), route=Route.LEGACY)
    client = cast.client(Post.HANDLER)
    typed = {
        "agency": "BH", "acceptance_no": "KZ-1", "formed_date": registration.formed_date.isoformat(),
        "paper_pages": "2", "route": "LEGACY", "person_name": person(1).name, "person_id": person(1).id_number,
        "paper_state": "BUNDLE", "paper_note": "",
    }  # fmt: skip
    silent = client.post("/intake/register/PERSON_REGISTRATION/", typed)
    assert silent.status_code == 422 and 'data-code="R-010"' in silent.content.decode()
    urn = client.post("/intake/register/PERSON_REGISTRATION/", typed | {"paper_note": "绳捆一捆"})["Location"].split(
        "/"
    )[2]
    (row,) = queries.of_units([urn])
    assert (row.kind.code, row.note, row.reference) == ("BUNDLE", "绳捆一捆", "KZ-1")
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    review.pass_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, counted_pages=2)

    filer = cast.actor(Post.FILER)
    assert filing_queries.proposals(filer) == []
    with refused("F-080"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[urn])
    actions.repair(occasion=cast.occasion(Post.FILER), pk=row.pk, done="已拆捆分件，编页两页")
    assert len(filing_queries.proposals(filer)) == 1
    volume = filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[urn]).urn
    again = noted(cast, volume, "BUNDLE", post=Post.FILER, note="卷内又夹散材料一捆")
    with refused("F-080"):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)
    actions.repair(occasion=cast.occasion(Post.FILER), pk=again, done="已归入各件")
    filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)


@pytest.mark.acceptance("S1-C2")
def test_the_reference_note_says_how_the_paper_is_and_was(cast: Cast) -> None:
    walk = at_state(cast, State.HELD)
    pk = noted(cast, walk.item_urn, "DAMAGED", note="左上角缺损")
    noted(cast, walk.volume_urn, "MISSING", note="缺第三页")
    actions.repair(occasion=cast.occasion(Post.KEEPER), pk=pk, done="已补纸")

    facts = filing_queries.printed_facts(cast.actor(Post.KEEPER), walk.volume_urn, FormName.NOTE)

    assert "缺损、破损：左上角缺损" in str(facts["remark"]) and "已修复：已补纸" in str(facts["remark"])
    assert "缺页：缺第三页" in str(facts["missing"])


@pytest.mark.acceptance("S1-C2")
def test_what_needs_repair_is_listed_by_agency_the_worst_first(cast: Cast) -> None:
    first, second = builders.captured(cast, "SL-1"), builders.captured(cast, "SL-2")
    noted(cast, first, "LOOSE", post=Post.HANDLER, note="线断")
    worst = noted(cast, second, "FADED", post=Post.HANDLER, note="圆珠笔洇化")

    (found,) = queries.needing_repair(cast.actor(Post.KEEPER))
    assert [row.kind.code for row in found.rows] == ["FADED", "LOOSE"]
    page = cast.client(Post.KEEPER).get("/condition/").content.decode()
    assert "2 条待修复" in page and page.index("圆珠笔洇化") < page.index("线断")
    actions.repair(occasion=cast.occasion(Post.HANDLER), pk=worst, done="已固色")
    page = cast.client(Post.KEEPER).get("/condition/").content.decode()
    assert "圆珠笔洇化" not in page and "线断" in page


def test_an_entry_on_a_long_list_costs_no_statement_more(cast: Cast, django_assert_max_num_queries: Any) -> None:
    urn = builders.captured(cast)
    Damage.objects.bulk_create(
        Damage(
            unit=urn, agency_path=queries.record_for(cast.actor(Post.HANDLER), urn).agency_path, reference="SL-001",
            kind="MOULD", component_pk=1, page_no=number, note="霉斑", noted_at_state="COLLECTING",
            noted_by="x", noted_at=timezone.now(),
        )
        for number in range(1, 60)
    )  # fmt: skip
    client = cast.client(Post.KEEPER)
    with django_assert_max_num_queries(20):
        client.get("/condition/")
    with django_assert_max_num_queries(24):
        client.get(f"/condition/records/{urn}/")


def test_who_may_note_repair_see_and_who_may_not(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn = builders.captured(cast)
    pk = noted(cast, urn, post=Post.HANDLER)
    body = {"kind": "STUCK", "note": "两页粘连"}
    for address in ("/condition/", f"/condition/records/{urn}/"):
        assert client.get(address).status_code == 302
    assert client.post(f"/condition/records/{urn}/note/", body).status_code == 302
    assert client.post(f"/condition/{pk}/repair/", {"repair": "好"}).status_code == 302

    reader = cast.client(Post.REVIEWER)  # sees the record, has no paper in his hands
    assert reader.get("/condition/").status_code == 403
    seen = reader.get(f"/condition/records/{urn}/")
    assert seen.status_code == 200 and "/note/" not in seen.content.decode() and "/repair/" not in seen.content.decode()
    assert reader.post(f"/condition/records/{urn}/note/", body).status_code == 403
    assert reader.post(f"/condition/{pk}/repair/", {"repair": "好"}).status_code == 403
    acceptor = cast.client(Post.ACCEPTOR)  # may say it, does not mend it
    assert "/repair/" not in acceptor.get(f"/condition/records/{urn}/").content.decode()

    for stranger in (outsider(Post.HANDLER), cast.client(Post.PROCESSOR), cast.client(Post.SYSTEM_ADMIN)):
        assert stranger.get(f"/condition/records/{urn}/").status_code == 404
        assert stranger.post(f"/condition/records/{urn}/note/", body).status_code == 404
        assert stranger.post(f"/condition/{pk}/repair/", {"repair": "好"}).status_code == 404
    assert "右下角霉斑" not in outsider(Post.FILER).get("/condition/").content.decode()
    assert [row.is_open for row in queries.of_units([urn])] == [True]


@pytest.mark.acceptance("S1-C2")
def test_the_page_takes_an_entry_and_its_repair_and_keeps_what_was_refused(cast: Cast) -> None:
    walk = builders.on_paper(cast, State.IN_WORKSHOP)
    client = cast.client(Post.PROCESSOR)
    bad = client.post(
        f"/condition/records/{walk.item_urn}/note/", {"kind": "STUCK", "note": "粘连", "component": "x", "page": "1"}
    )
    page = bad.content.decode()
    assert bad.status_code == 422 and 'data-code="D-081"' in page and "粘连</textarea>" in page
    answer = client.post(f"/condition/records/{walk.item_urn}/note/", {"kind": "STUCK", "note": "两页粘连"})
    assert answer["Location"] == f"/condition/records/{walk.item_urn}/?done=noted"
    assert (
        "两页粘连" in client.get("/condition/").content.decode()
    )  # what lies in the workshop is the workshop's to see
    (row,) = queries.of_units([walk.item_urn])
    long = client.post(f"/condition/{row.pk}/repair/", {"repair": "揭" * 301})
    assert long.status_code == 422 and "揭" * 301 in long.content.decode()
    assert client.post(f"/condition/{row.pk}/repair/", {"repair": "已揭开"}).status_code == 302
    assert "已揭开" in client.get(f"/condition/records/{walk.item_urn}/").content.decode()
    assert client.post(f"/condition/{row.pk}/repair/", {"repair": "再揭"}).status_code == 409
    fragment = client.get(f"/condition/records/{walk.item_urn}/", headers={"HX-Request": "true"}).content.decode()
    assert "已揭开" in fragment and "<html" not in fragment


def test_a_program_notes_and_repairs_too(cast: Cast) -> None:
    urn = builders.captured(cast)
    program = cast.program(cast.actor(Post.HANDLER).staff_code)
    noted_row = program.post(
        f"/api/v1/condition/records/{urn}", {"kind": "MOULD", "note": "霉斑"}, content_type="application/json"
    ).json()
    assert noted_row["fault"] == "V17"
    assert [row["pk"] for row in program.get("/api/v1/condition/damages").json()] == [noted_row["pk"]]
    closed = program.post(
        f"/api/v1/condition/damages/{noted_row['pk']}/repair", {"repair": "已除霉"}, content_type="application/json"
    ).json()
    assert closed["repair"] == "已除霉"
    assert program.get("/api/v1/condition/damages").json() == []
    assert [row["repair"] for row in program.get(f"/api/v1/condition/records/{urn}").json()] == ["已除霉"]


def test_paper_that_came_in_bad_is_noted_with_a_kind_or_nothing_is_registered(cast: Cast) -> None:
    before = Damage.objects.count()
    by = cast.occasion(Post.HANDLER)
    with refused("D-080"), journal.writing(occasion=by, act="intake.register", unit="urn:x") as line:
        actions.note_at_registration(
            line=line, unit="urn:x", reference="KZ-9", agency_path="/", kind="", note="说了情形没选类别"
        )
    assert Damage.objects.count() == before


def test_item_volume_and_counter_pages_lead_to_the_state_of_the_paper(cast: Cast) -> None:
    urn = builders.captured(cast)
    assert f"/condition/records/{urn}/" in cast.client(Post.HANDLER).get(f"/intake/{urn}/").content.decode()
    assert f"/condition/records/{urn}/" in cast.client(Post.HANDLER).get(f"/item/{urn}/").content.decode()
